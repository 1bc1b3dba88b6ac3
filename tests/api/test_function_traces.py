"""When a `function` is traced, what happens then, and what it keeps alive."""

from __future__ import annotations

import gc
import re
import sys
import weakref

import numpy as np
import pytest

import stepwell as sw


def line_here(offset=0):
    import inspect

    return f"{__file__}:{inspect.currentframe().f_back.f_lineno + offset}"


def test_python_effects_happen_when_it_is_traced(engine):
    seen = []

    @sw.function(engine=engine)
    def f(x):
        seen.append(x.shape)
        if x[0] > 0:
            seen.append("if")
        else:
            seen.append("else")
        return x

    for v in ([1.0], [-1.0], [1.0]):
        f(sw.constant(v))
    assert seen == [(1,), "if", "else"]


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_print_happens_each_time_that_it_runs(engine, capfd):
    @sw.function(engine=engine)
    def f(n):
        print("traced", file=sys.stderr)
        for i in sw.range(n):
            sw.print("i", i)

    for n in (1, 2):
        f(sw.constant(n))
    assert capfd.readouterr().err.split("\n") == ["traced", "i 0", "i 0", "i 1", ""]


def test_a_program_that_needs_its_sizes_is_traced_for_each(engine):
    @sw.function(engine=engine)
    def f(x):
        total = x[0] * 0.0
        for i in range(x.shape[0]):
            total = total + x[i] / x.shape[0]
        return total

    for n in (1, 2, 3, 2):
        assert float(f(sw.constant(np.ones(n, np.float32)))) == pytest.approx(1.0)
    events = f.explain().events
    assert len(events) == 3
    assert "does not work for any size: TypeError" in events[1].reason


def test_a_size_that_changes_on_one_axis():
    @sw.function
    def f(x, y):
        return sw.matmul(x, y)

    y = sw.constant(np.ones((3, 2), np.float32))
    for n in (4, 5, 6, 0):
        assert f(sw.constant(np.ones((n, 3), np.float32)), y).shape == (n, 2)
    assert [e.key.leaves[0].shape for e in f.explain().events] == [(4, 3), (None, 3)]
    assert f.explain().events[1].key.leaves[1].shape == (3, 2)


def test_explanations_name_argument_values_line_and_remedy():
    @sw.function
    def f(x, mode="fast"):
        return x + 1 if mode == "fast" else x

    assert str(f.explain()) == "f: not traced yet"
    f(sw.constant([1, 2]))
    first = line_here(-1)
    f(sw.constant([1, 2]), mode="slow")
    second = line_here(-1)
    f(sw.constant([1.0]), mode="slow")
    text = str(f.explain())
    assert "f: traced 3 times" in text
    assert f"1. first call, called at {first}" in text
    assert f"2. no earlier trace fits, called at {second}" in text
    assert "mode: was 'fast' (a Python str), now 'slow' (a Python str); pass a tensor instead" in text
    was, now = sw.TensorSpec([2], sw.int32), sw.TensorSpec([1], sw.float32)
    assert f"x: was {was}, now {now}" in text
    assert "input_signature" in text


def test_functions_inside_of_functions_see_the_tensors_around_them(engine):
    @sw.function(engine=engine)
    def outer(x, n):
        @sw.function
        def inner(y):
            if y > x:
                return y - x
            return x - y

        total = inner(x * 2)
        for i in sw.range(n):
            total = total + inner(i)
        return total

    for x, n in ((3, 5), (1, 4)):
        assert int(outer(sw.constant(x), sw.constant(n))) == x + sum(abs(i - x) for i in range(n))


def test_a_function_keeps_no_tensor_of_a_trace_around_it():
    box = []

    @sw.function
    def inner(y):
        return y + box[0]

    @sw.function
    def outer(x):
        box[:] = [x * 2]
        return inner(x)

    assert int(outer(sw.constant(1))) == 3
    assert float(outer(sw.constant(1.5))) == 4.5
    with pytest.raises(Exception, match="belongs to another function's trace"):
        inner(sw.constant(1.0))
    box[:] = [10.0]
    assert float(inner(sw.constant(1.0))) == 11.0


def test_recursion_that_python_ends(engine):
    @sw.function(engine=engine)
    def power(x, n):
        return x if n == 1 else x * power(x, n - 1)

    assert int(power(sw.constant(2), 5)) == 32


def test_recursion_between_functions_is_refused():
    @sw.function
    def even(n):
        return odd(n - 1)

    @sw.function
    def odd(n):
        return even(n - 1)

    with pytest.raises(RecursionError, match=r"even calls itself while it is traced, at .*test_function_traces\.py"):
        even(sw.constant(3))
    assert int(sw.function(lambda n: n)(sw.constant(3))) == 3


# --- Variables


def test_a_variable_that_each_trace_creates_is_refused():
    @sw.function
    def f(x):
        v = sw.Variable(1.0, name="scratch")
        return v + x

    with pytest.raises(
        ValueError, match=r"f: the Variable 'scratch' is created at .*test_function_traces\.py:\d+ each"
    ):
        f(sw.constant(1.0))


def test_a_variable_is_created_in_the_first_trace_only():
    class Lazy:
        v = w = None

        @sw.function
        def f(self, x, more=False):
            if self.v is None:
                self.v = sw.Variable(lambda: sw.zeros([2]))
            if more and self.w is None:
                self.w = sw.Variable(1.0)
            self.v.assign_add(x)
            return self.v.read_value()

    lazy = Lazy()
    x = sw.constant([1.0, 2.0])
    assert lazy.f(x).numpy().tolist() == [1.0, 2.0]
    assert lazy.f(x).numpy().tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="is created at"):
        lazy.f(x, more=True)
    assert lazy.f(x).numpy().tolist() == [3.0, 6.0]


def test_a_variable_of_a_value_of_the_trace_is_refused():
    @sw.function
    def f(x):
        return sw.Variable(x * 2)

    with pytest.raises(ValueError, match=r"initial_value is a symbolic tensor.*Variable\(lambda"):
        f.get_concrete_function(sw.TensorSpec([]))
    with pytest.raises(ValueError, match="is created at"):
        f(sw.constant(1.0))


def test_variables_in_branches_and_loops(engine):
    v = sw.Variable(0)

    @sw.function(engine=engine)
    def f(n):
        for i in sw.range(n):
            if i % 2 == 0:
                v.assign_add(i)
            else:
                v.assign(v * 2)
        return v + 0

    def python(n, value=0):
        for i in range(n):
            value = value + i if i % 2 == 0 else value * 2
        return value

    assert int(f(sw.constant(6))) == int(v) == python(6)
    assert int(f(sw.constant(3))) == int(v) == python(3, python(6))


# --- what is kept alive


def test_a_function_keeps_no_variable_alive():
    v = sw.Variable(1.0)
    gone = weakref.ref(v)

    @sw.function
    def f(x, box):
        return box[0] * x

    assert float(f(sw.constant(2.0), [v])) == 2.0
    with sw.GradientTape() as tape:
        y = f(sw.constant(2.0), [v])
    assert float(tape.gradient(y, v)) == 2.0
    del v, tape, y
    gc.collect()
    assert gone() is None


def test_a_captured_variable_that_is_gone_is_an_error_that_says_so():
    box = [sw.Variable(1.0)]

    @sw.function
    def f(x):
        return box[0] * x

    f(sw.constant(2.0))
    box.clear()
    gc.collect()
    with pytest.raises(ReferenceError, match="f: a Variable that the function uses has been garbage-collected"):
        f(sw.constant(2.0))


def test_what_a_function_captures_goes_with_it(engine):
    def make():
        captured = sw.constant(np.ones(1000, np.float32))

        @sw.function(engine=engine)
        def f(x):
            if x > 0:
                return captured * x
            return captured

        f(sw.constant(2.0))
        with sw.GradientTape() as tape:
            x = sw.Variable(2.0)
            y = f(x.read_value())
        tape.gradient(y, x)
        return f, weakref.ref(captured)

    f, captured = make()
    gone = [captured, weakref.ref(f)]
    gc.collect()
    assert gone[0]() is not None
    del f
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_traces_go_with_the_object_that_they_are_for():
    class Model:
        pass

    @sw.function
    def f(model, x):
        return x * 2

    models = [Model() for _ in range(3)]
    for model in models:
        f(model, sw.constant(1))
    assert len(f._traces._concretes) == 3
    del models, model
    gc.collect()
    assert len(f._traces._concretes) == 0


def test_a_function_that_is_traced_again_and_again_warns_once(caplog):
    scaled = sw.function(lambda x, factor: x * factor)
    for factor in range(5):
        scaled(sw.constant(1.0), float(factor))
    assert not caplog.records
    for factor in range(5, 20):
        scaled(sw.constant(1.0), float(factor))
    (record,) = caplog.records
    assert record.levelname == "WARNING" and record.name == "stepwell"
    assert re.search(
        r"<lambda> was traced 6 times, .*test_function_traces.py:\d+: factor: was 4.0 \(a Python float\), now 5.0 "
        r"\(a Python float\); pass a tensor instead of a Python value.*explain\(\)",
        record.getMessage(),
    )


def test_calls_that_share_a_trace_do_not_warn(caplog):
    total = sw.function(lambda x, v: sw.reduce_sum(x) + v)
    for size in range(1, 20):
        total(sw.ones([size]), sw.Variable(1.0))
    assert not caplog.records
