"""A tape never gives None for something that has an influence."""

import collections
import functools
import re

import numpy as np
import pytest

import stepwell as sw

LARGE = 100
"""More elements than a constant of a trace has."""

compiled = functools.partial(sw.function, engine="interpreter")
"""The traces are the same on all engines."""

Pair = collections.namedtuple("Pair", "first second")


def _product(w, n):
    return w * w


def _loop(w, n):
    h = sw.ones_like(w)
    for _ in sw.range(n):
        h = h * w
    return h


def _while(w, n):
    h, i = sw.ones_like(w), n
    while i > 0:
        h, i = h * w, i - 1
    return h


def _while_loop(w, n):
    _, h = sw.while_loop(lambda i, h: i < n, lambda i, h: [i + 1, h * w], [0, sw.ones_like(w)])
    return h


def _loop_in_branch(w, n):
    h = sw.ones_like(w)
    if n > 1:
        for _ in sw.range(n):
            h = h * w
    return h


def _branch_in_loop(w, n):
    h = sw.ones_like(w)
    for i in sw.range(n):
        if i >= 0:
            h = h * w
    return h


def _branch(w, n):
    if n > 1:
        return w * w
    return w


def _cond(w, n):
    return sw.cond(n > 1, lambda: w * w, lambda: w)


def _case(w, n):
    return sw.switch_case(n - 1, [lambda: w, lambda: w * w])


def _expression(w, n):
    return (w if n > 1 else 2.0 * w) * w


def _carried_only(w, n):
    h = w * 1.0
    for _ in sw.range(n):
        h = h * 1.0
    return h * w


def _array(w, n):
    parts = sw.TensorArray(sw.float32, 2)
    parts = parts.write(0, w * 1.0).write(1, w * 1.0)
    return parts.read(0) * parts.read(1)


def _array_in_loop(w, n):
    parts = sw.TensorArray(sw.float32, n)
    for i in sw.range(n):
        parts = parts.write(i, w * 1.0)
    return sw.math.reduce_prod(parts.stack(), axis=0)


def _call(w, n):
    return compiled(_product)(w, n)


def _call_with_loop(w, n):
    return compiled(_loop)(w, n)


def _captured_by_call(w, n):
    return compiled(lambda: w * w)()


def _captured_by_call_with_loop(w, n):
    return compiled(lambda m: _loop(w, m))(n)


def _call_in_loop(w, n):
    h, times = sw.ones_like(w), compiled(lambda h: h * w)
    for _ in sw.range(n):
        h = times(h)
    return h


def _containers(w, n):
    both = compiled(lambda d: Pair([d["w"] * 1.0], {"w": d["w"] * 1.0}))({"w": w})
    return both.first[0] * both.second["w"]


def _list_of_tensors(w, n):
    return sw.math.reduce_prod([w * 1.0, w * 1.0], axis=0)


def _moved(w, n):
    return sw.squeeze(sw.transpose(sw.stack([w, w])[:1]) * sw.transpose(sw.expand_dims(w, 0)))


def _sums(w, n):
    return sw.add_n([w * w, sw.zeros_like(w)])


PROGRAMS = [value for name, value in sorted(globals().items()) if re.match("_[a-z]", name)]
"""Functions of `w` and of 2 that are `w * w`."""


def _sources():
    return {
        "a Variable": sw.Variable(3.0),
        "a Variable that is not trainable": sw.Variable(3.0, trainable=False),
        "a tensor": sw.constant(3.0),
        "a large tensor": sw.constant(3.0, shape=[LARGE]),
    }


def _asked(function, source):
    """The gradient from a tape around a call."""
    with sw.GradientTape() as tape:
        tape.watch(source)
        y = function()
    return tape.gradient(y, source)


def _accessed(function, source):
    """The same from a tape that is not told of the source, where that is a trainable Variable."""
    with sw.GradientTape() as tape:
        if not getattr(source, "trainable", False):
            tape.watch(source)
        y = function()
    return tape.gradient(y, source)


def _ways(program, w, n, ask):
    """Ways to ask: `w` is an argument or captured, the tape is inside or outside of what is compiled."""
    called = compiled(program)
    captures = compiled(lambda n: program(w, n))
    return {
        "eager": lambda: ask(lambda: program(w, n), w),
        "compiled": lambda: ask(lambda: called(w, n), w),
        "captured": lambda: ask(lambda: captures(n), w),
        "tape inside": lambda: compiled(lambda n: ask(lambda: program(w, n), w))(n),
        "call inside": lambda: compiled(lambda n: ask(lambda: called(w, n), w))(n),
        "capturing call inside": lambda: compiled(lambda n: ask(lambda: captures(n), w))(n),
        "tape in a branch": lambda: compiled(
            lambda n: sw.cond(n > 0, lambda: ask(lambda: captures(n), w), lambda: sw.zeros_like(w))
        )(n),
    }


@pytest.mark.parametrize("ask", [_asked, _accessed], ids=["watched", "accessed"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__.strip("_"))
def test_what_has_an_influence_has_a_gradient(program, ask):
    for what, w in _sources().items():
        if ask is _accessed and what != "a Variable":
            continue
        if program is _moved and w.shape == ():
            continue
        for way, gradient in _ways(program, w, sw.constant(2), ask).items():
            found = gradient()
            assert found is not None, (what, way)
            np.testing.assert_allclose(np.asarray(found), np.full(w.shape, 6.0), err_msg=f"{what}, {way}")


class _Foreign:
    """A tensor of another library."""

    def __init__(self, *values, dtype=np.float32):
        self.values = np.array(values, dtype)

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype or self.values.dtype)


UNKNOWN = [_Foreign(1.0), np.ones(2, np.float32), 2.0, "w", None, sw.Module(), object(), sw.TensorArray(sw.float32, 1)]


@pytest.mark.parametrize("thing", UNKNOWN, ids=lambda thing: type(thing).__name__)
def test_what_a_tape_cannot_follow_is_an_error_that_names_its_class(thing):
    x = sw.constant(2.0)
    name = type(thing).__name__
    with sw.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
    with pytest.raises(TypeError, match=f"sources: expected tensors and Variables, got .*{name}"):
        tape.gradient(y, thing)
    with pytest.raises(TypeError, match=f"sources: expected tensors and Variables, got .*{name}"):
        tape.gradient(y, {"x": x, "more": [thing]})
    with pytest.raises(TypeError, match=f"target: expected tensors and Variables, got .*{name}"):
        tape.gradient(thing, x)
    assert float(tape.gradient(y, x)) == 4.0
    with pytest.raises(TypeError, match=f"watch: expected a tensor or Variable, got .*{name}"):
        tape.watch(thing)


USES = {
    "matmul": lambda x, other: sw.matmul(x, other),
    "an operator": lambda x, other: x * other,
    "a list": lambda x, other: sw.stack([x, [other, other]]),
    "convert_to_tensor": lambda x, other: x * sw.convert_to_tensor(other),
    "constant": lambda x, other: x * sw.constant(other),
}


@pytest.mark.parametrize("use", USES)
def test_a_tensor_of_another_library_is_refused_where_a_tape_records(use):
    x, function = sw.Variable([[1.0, 2.0], [3.0, 4.0]]), USES[use]
    other = _Foreign([5.0, 6.0], [7.0, 8.0]) if use != "a list" else _Foreign(5.0, 6.0)
    with sw.GradientTape(), pytest.raises(TypeError, match=r"_Foreign .*is an object of another library.*convert it"):
        function(x, other)
    np.testing.assert_allclose(function(x, other), function(x, other.values))
    call = compiled(lambda: function(x, other))
    np.testing.assert_allclose(call(), function(x, other.values))
    with sw.GradientTape(), pytest.raises(TypeError, match=r"_Foreign .*is an object of another library.*convert it"):
        call()
    with sw.GradientTape(), pytest.raises(TypeError, match="_Foreign"):
        compiled(lambda: function(x, other))()

    @compiled
    def step():
        with sw.GradientTape() as tape:
            y = call()
        return tape.gradient(y, x)

    with pytest.raises(TypeError, match="_Foreign"):
        step()


def test_integers_numbers_and_arrays_of_numpy_are_constants():
    x = sw.constant([1.0, 2.0])
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = x * np.float32(2.0) + np.ones(2, np.float32) + 1.0 + [1.0, 2.0]
        y = sw.gather(y, _Foreign(1, 0, dtype=np.int32))
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 2.0]


def test_a_loop_that_the_gradient_does_not_need_may_run_under_a_tape():
    @compiled
    def norm(x, n):
        for _ in sw.range(n):
            x = x / 2.0
        return x

    w = sw.Variable(2.0)
    with sw.GradientTape() as tape:
        halved = norm(w.read_value(), sw.constant(3))
        loss = w * w
    assert float(halved) == 0.25
    assert float(tape.gradient(loss, w)) == 4.0


def test_what_was_computed_from_a_captured_tensor_while_tracing_is_followed_once():
    w = sw.constant(3.0)

    @compiled
    def f(x):
        return x * (w * w)

    for _ in range(2):
        with sw.GradientTape() as tape:
            tape.watch(w)
            y = f(sw.constant(1.0)) + f(sw.constant(2.0))
        assert float(tape.gradient(y, w)) == 18.0
    with sw.GradientTape() as outer:
        outer.watch(w)
        with sw.GradientTape() as tape:
            tape.watch(w)
            y = f(sw.constant(1.0))
        first = tape.gradient(y, w)
    assert float(outer.gradient(first, w)) == 2.0
