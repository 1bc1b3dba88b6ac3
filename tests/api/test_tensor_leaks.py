"""Tensors that outlive their branch, loop or trace: errors name what holds them and the line that put them there."""

from __future__ import annotations

import linecache
from types import SimpleNamespace

import pytest

import stepwell as sw
from stepwell.errors import ScopeError, SymbolicTensorError

box = SimpleNamespace()
table: dict[str, object] = {}
items: list[object] = []
kept = None


class Registry:
    last = None


def line_of(text):
    numbers = [n for n, line in enumerate(linecache.getlines(__file__), 1) if line.rstrip().endswith("# " + text)]
    assert len(numbers) == 1, text
    return f"{__file__}:{numbers[0]}"


def attribute(x):
    box.inner = SimpleNamespace()
    box.inner.value = x * 2.0  # attribute


def element(x):
    table["k"] = x * 2.0  # element


def appended(x):
    items.append(x * 2.0)  # appended


def extended(x):
    items.extend([x, x * 2.0])  # extended


def module_variable(x):
    global kept
    kept = x * 2.0  # module-variable


def class_attribute(x):
    Registry.last = x * 2.0  # class-attribute


def set_by_name(x):
    box.named = x * 2.0  # set-by-name


def one_of_a_tuple(x):
    y, box.second = x, x * 2.0  # one-of-a-tuple
    return y


def unpacked(x):
    box.first, *box.others = (x * 2.0, x, x)  # unpacked


def augmented(x):
    box.total = 1.0
    box.total += x  # augmented


def structure(x):
    box.pair = {"a": (x, x * 2.0)}  # structure


def array(x):
    box.array = sw.TensorArray(sw.float32, size=1).write(0, x)  # array


def by_method(x):
    SimpleNamespace(values=table).values.update({"k": x * 2.0})  # by-method


LEAKS = [
    (attribute, "box.inner.value", lambda: box.inner.value),
    (element, "table['k']", lambda: table["k"]),
    (appended, "items", lambda: items[-1]),
    (extended, "items", lambda: items[-1]),
    (module_variable, "kept", lambda: kept),
    (class_attribute, "Registry.last", lambda: Registry.last),
    (set_by_name, "box.named", lambda: box.named),
    (one_of_a_tuple, "box.second", lambda: box.second),
    (unpacked, "box.first", lambda: box.first),
    (augmented, "box.total", lambda: box.total),
    (structure, "box.pair", lambda: box.pair["a"][1]),
    (array, "box.array", lambda: box.array.stack()[0]),
    (by_method, "SimpleNamespace(values=table).values", lambda: table["k"]),
]
leaks = pytest.mark.parametrize(("store", "name", "load"), LEAKS, ids=lambda value: getattr(value, "__name__", ""))


def marker(store):
    return line_of(store.__name__.replace("_", "-"))


def says(error, store, name):
    return f"'{name}" in str(error) and marker(store) in str(error)


@leaks
@pytest.mark.parametrize("way", ["if", "else", "for", "while", "cond"])
def test_used_after_the_branch_or_loop(store, name, load, way):
    def function(x):
        if way == "if":
            if x > 0.0:
                store(x)
        elif way == "else":
            if x > 0.0:
                x = x + 0.0
            else:
                store(x)
        elif way == "for":
            for _ in sw.range(3):
                store(x)
        elif way == "while":
            while x < 9.0:
                x = x + 1.0
                store(x)
        else:
            sw.cond(x > 0.0, lambda: (store(x), 1)[1], lambda: 2)
        return load() + 1.0

    with pytest.raises(ScopeError) as caught:
        sw.function(function)(sw.constant(1.0))
    assert says(caught.value, store, name)
    assert str(caught.value).startswith(marker(store))


@leaks
def test_used_after_the_trace(store, name, load):
    sw.function(store)(sw.constant(1.0))
    again = sw.function(lambda: load() * 2.0)
    for use in (lambda t: t + 1.0, lambda t: t.numpy(), float, sw.Variable, lambda t: again()):
        with pytest.raises((SymbolicTensorError, ScopeError)) as caught:
            use(load())
        assert says(caught.value, store, name), use


@leaks
def test_used_where_it_exists(store, name, load):
    def function(x):
        y = x
        if x > 0.0:
            store(x)
            y = load() + 1.0
        return y

    for engine in ("interpreter", "native"):
        assert sw.function(function, engine=engine)(sw.constant(-1.0)).numpy() == -1.0
        assert sw.function(function, engine=engine)(sw.constant(1.0)).numpy() in (2.0, 3.0)


def test_variables_of_functions_around():
    count = None

    def store(x):
        nonlocal count
        count = x * 2.0  # nonlocal

    def function(x):
        for _ in sw.range(2):
            store(x)
        return count + 1.0

    with pytest.raises(ScopeError, match="'count' holds a symbolic tensor") as caught:
        sw.function(function)(sw.constant(1.0))
    assert line_of("nonlocal") in str(caught.value)


def test_what_a_branch_merges_is_named_too():
    class Model:
        def __init__(self):
            self.state = sw.constant(0.0)

        @sw.function
        def step(self, x):
            if x > 0.0:
                self.state = self.state + x  # merged
            return x

    model = Model()
    model.step(sw.constant(1.0))
    with pytest.raises(SymbolicTensorError, match=r"'self\.state' holds a symbolic tensor") as caught:
        model.state.numpy()
    assert line_of("merged") in str(caught.value)


def test_values_and_constants_may_be_kept():
    @sw.function
    def function(x):
        box.constant = sw.constant(3.0)
        box.number = 4
        table["k"] = "text"
        if x > 0.0:
            box.number = 4
        return x

    function(sw.constant(1.0))
    assert (box.number, table["k"]) == (4, "text")
