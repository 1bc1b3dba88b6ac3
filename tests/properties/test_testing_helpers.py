"""The public helpers of `stepwell.testing`: each passes on what is right, and says what is wrong on what is not."""

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from support.effort import some
from xdsl.dialects import arith
from xdsl.irdl import irdl_op_definition

import stepwell as sw
from stepwell.compiler.frontend.tracing.tracer import current_tracer
from stepwell.compiler.passes.cse import CsePass
from stepwell.dialects.dtypes import ALL, FLOATS
from stepwell.dialects.hl.arithmetic import MulOp
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import not_exportable
from stepwell.dialects.hl.rules.elementwise import BinaryOp, UnaryOp
from stepwell.testing import (
    assert_same_on_all_engines,
    cfg_modules,
    check_gradients,
    hl_modules,
    linalg_modules,
    opcheck,
    tensors,
    validate,
)
from stepwell.testing.everywhere import assert_array_like
from stepwell.testing.modules import modules_at
from stepwell.testing.provider import register
from stepwell.testing.python_programs import python_programs

FAST = settings(max_examples=60, deadline=None, database=None)


def test_a_function_is_the_same_on_all_engines():
    def f(x, n):
        total = x * 0.0
        for _ in range(n):
            total += sw.exp(x)
        return {"total": total, "empty": total[:0], "n": n}

    assert_same_on_all_engines(f, np.array([1.0, np.nan, -np.inf], np.float32), 3)


def test_variables_are_compared_and_put_back():
    state = sw.Variable([1.0, 2.0])

    @sw.function
    def step(x):
        state.assign_add(x)
        return state * 2.0

    assert_same_on_all_engines(step, sw.constant([3.0, 4.0]))
    np.testing.assert_array_equal(state, [1.0, 2.0])


def test_a_wrong_lowering_is_named_with_the_largest_difference(monkeypatch):
    monkeypatch.setattr(MulOp, "scalar", classmethod(lambda cls, e, x, y: e.value(arith.AddfOp(x, y))))

    def product(x):
        return x, x * sw.constant([2.0, 5.0])

    assert_same_on_all_engines(product, sw.constant([2.0, 3.0]), ways=["interpreter at hl", "onnx"])
    message = r"product: 'interpreter at linalg', result\[1\]: largest difference 7 at \[1\]: got 8.0, expected 15.0"
    with pytest.raises(AssertionError, match=message):
        assert_same_on_all_engines(product, sw.constant([2.0, 3.0]))


def test_a_wrong_variable_is_named(monkeypatch):
    state = sw.Variable([1.0], name="total")
    monkeypatch.setattr(MulOp, "scalar", classmethod(lambda cls, e, x, y: e.value(arith.AddfOp(x, y))))

    def step(x):
        state.assign(state * x)

    with pytest.raises(AssertionError, match=r"'native', Variable 'total.*' afterwards: largest difference 1"):
        assert_same_on_all_engines(step, sw.constant([5.0]), ways=["native"])


def test_a_failing_engine_is_named(monkeypatch):
    monkeypatch.setattr(MulOp, "onnx", classmethod(lambda cls, g, call: [g.node("NoSuchOperator", call.inputs)]))
    with pytest.raises(AssertionError, match="'onnx' fails, eager Python does not"):
        assert_same_on_all_engines(lambda x: x * x, sw.constant([5.0]), ways=["onnx"])


def test_what_depends_on_being_traced_is_noticed():
    def f(x):
        return x if current_tracer() is None else x + 1.0

    with pytest.raises(AssertionError, match="largest difference 1"):
        assert_same_on_all_engines(f, sw.constant(5.0), ways=["native"])


@pytest.mark.parametrize(
    "got, expected, message",
    [
        (np.zeros(2, np.float32), np.zeros(2), r"got float32\[2\], expected float64\[2\]"),
        (np.zeros(2), np.zeros(3), r"got float64\[2\], expected float64\[3\]"),
        (np.array(np.nan), np.array(1.0), "largest difference inf: got nan, expected 1.0"),
        (np.array([1, 2]), np.array([1, 5]), r"largest difference 3 at \[1\]: got 2, expected 5"),
    ],
)
def test_arrays_that_differ(got, expected, message):
    with pytest.raises(AssertionError, match=message):
        assert_array_like(got, expected, "f")


def test_gradients_of_both_orders_are_checked():
    check_gradients(lambda x, y, n: sw.tanh(x) * sw.exp(y) + n, [0.5, -1.0], np.array(0.3), 2)


def _with_gradient_of(value, other):
    """`value`, with the gradients of `other`."""
    return sw.stop_gradient(value - other) + other


def _wrong_square(x):
    """`x * x`, whose gradient is said to be `3 * x`."""
    return _with_gradient_of(x * x, 1.5 * x * x)


def _wrong_second(x):
    """`x * x`, whose gradient is right, and whose second one is said to be 5."""
    return _with_gradient_of(x * x, x * sw.stop_gradient(-3.0 * x) + 2.5 * x * x)


def test_a_wrong_gradient_is_refused():
    with pytest.raises(AssertionError, match=r"eagerly, gradient 1 with respect to float argument 0: largest diff"):
        check_gradients(_wrong_square, [0.5, 2.0])


def test_a_wrong_second_gradient_is_refused():
    check_gradients(_wrong_second, [0.5, 2.0], order=1)
    with pytest.raises(AssertionError, match=r"eagerly, gradient 2 with respect to float argument 0"):
        check_gradients(_wrong_second, [0.5, 2.0])


def test_gradients_inside_compiled_functions_are_checked():
    def f(x):
        return x * x if current_tracer() is None else _wrong_square(x)

    with pytest.raises(AssertionError, match=r"compiled.*, gradient 1"):
        check_gradients(f, [0.5, 2.0], order=1)


def test_gradients_need_floats():
    with pytest.raises(ValueError, match="expected a float among the arguments"):
        check_gradients(lambda x: x, 3)
    with pytest.raises(ValueError, match="expected a float among its results"):
        check_gradients(lambda x: x > 1.0, [0.5])


def _identity(x):
    return x


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: check_gradients(3, 1.0), "check_gradients: f: expected a function, got 3"),
        (lambda: check_gradients(_identity, 1.0, order=0), "check_gradients: order: expected 1 or more, got 0"),
        (
            lambda: check_gradients(_identity, 1.0, order=1.5),
            "check_gradients: order: expected a whole number, got 1.5",
        ),
        (lambda: assert_same_on_all_engines("f", 1.0), "assert_same_on_all_engines: f: expected a function, got 'f'"),
        (
            lambda: assert_same_on_all_engines(_identity, 1.0, ways=["natively"]),
            "assert_same_on_all_engines: ways: expected some of 'interpreter at hl', ",
        ),
        (lambda: opcheck("hl.mul"), "opcheck: op: expected a subclass of HLOp, got 'hl.mul'"),
        (lambda: opcheck(OPS["hl.mul"], max_examples=0), "opcheck: max_examples: expected 1 or more, got 0"),
        (lambda: validate("cse", max_examples=-1), "validate: max_examples: expected 1 or more, got -1"),
        (lambda: validate("cse", hl_modules), "validate: strategy: expected a strategy of hypothesis, got <function"),
        (lambda: validate("cse", rtol=-0.5), "validate: rtol: expected 0 or more, got -0.5"),
        (lambda: validate(3), "validate: passes: expected a pipeline's text, a ModulePass or several, got 3"),
        (lambda: validate(CsePass), "expected an instance: CsePass()"),
    ],
)
def test_bad_arguments_are_named(wrong, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        wrong()
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["hl.mul", "hl.matmul", "hl.reshape", "hl.argmax"])
def test_ops_of_ours_pass(name):
    report = opcheck(OPS[name], max_examples=2)
    assert report.checked["infer"] == 2 and report.checked["lower (native)"] == 2
    assert ("gradient" in report.checked) != ("gradient" in report.refused)


def _plug_in(**changes):
    """An op that is not registered: `x * x + y`, with some rules replaced."""

    class SquareAddOp(BinaryOp):
        """`x * x + y`."""

        name = "hl.square_add"
        DTYPES: ClassVar = FLOATS
        WILD: ClassVar = False
        onnx = not_exportable("nobody has asked for it")

        @classmethod
        def compute(cls, x, y):
            return x * x + y

        @classmethod
        def scalar(cls, e, x, y):
            return e.value(arith.AddfOp(e.value(arith.MulfOp(x, x)), y))

        @classmethod
        def gradient(cls, m, call, dz):
            x, y = call.inputs
            return [m.sum_to_shape_of(2.0 * dz * x, x), m.sum_to_shape_of(dz, y)]

    for rule, replacement in changes.items():
        setattr(SquareAddOp, rule, replacement)
    return irdl_op_definition(SquareAddOp)


def test_an_op_of_a_plug_in_passes():
    report = opcheck(_plug_in(), max_examples=5)
    assert report.refused == {"onnx": "nobody has asked for it"}
    assert report.checked["gradient"] == report.checked["lower (native)"] == report.checked["text"] == 5


@pytest.mark.parametrize("strategy", [hl_modules(control_flow=4), cfg_modules(), linalg_modules()])
def test_every_op_of_a_drawn_program_has_a_line_of_it(strategy):
    @settings(
        FAST, max_examples=30, phases=[Phase.generate], backend=register(), suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def check(case):
        names = {op.location.filename.data for op in case.module.walk()}
        assert names <= {"program.py", "program.mlir"}

    check()


WRONG_RULES = [
    ("scalar", classmethod(lambda cls, e, x, y: e.value(arith.MulfOp(x, x))), r"lower \(interpreter at linalg\)"),
    ("gradient", classmethod(lambda cls, m, call, dz: [dz * call.inputs[0], None]), "gradient: AssertionError"),
    ("infer", classmethod(lambda cls, types, attrs: [types[0]]), "infer"),
    ("onnx", classmethod(lambda cls, g, call: [g.node("Add", call.inputs)]), r"onnx \(onnx\)"),
    ("print", lambda self, printer: printer.print_string(" wrong"), "text"),
]


@pytest.mark.parametrize("rule, wrong, message", some(WRONG_RULES, 5))
def test_a_wrong_rule_of_an_op_is_named(rule, wrong, message):
    with pytest.raises(AssertionError, match=rf"(?s)hl.square_add, {message}.*operands: float"):
        opcheck(_plug_in(**{rule: wrong}), max_examples=5)


def test_silence_about_a_rule_is_noticed():
    @irdl_op_definition
    class SilentOp(UnaryOp):
        """`x`, but nothing is said of its gradient."""

        name = "hl.silent"
        ONNX: ClassVar = "Identity"

        @classmethod
        def compute(cls, x):
            return x

    with pytest.raises(AssertionError, match=r"hl\.silent, gradient: there is no such rule"):
        opcheck(SilentOp)


WANTED = {
    "0-d": lambda x: x.shape == (),
    "empty": lambda x: 0 in x.shape,
    "NaN": lambda x: x.dtype.kind == "f" and np.isnan(x).any(),
    "infinite": lambda x: x.dtype.kind == "f" and np.isinf(x).any(),
    "-0": lambda x: x.dtype.kind == "f" and (np.signbit(x) & (x == 0)).any(),
    "denormal": lambda x: x.dtype == np.float32 and ((x != 0) & (np.abs(x) < np.finfo(np.float32).tiny)).any(),
    "largest": lambda x: x.dtype == np.float64 and (x == np.finfo(np.float64).max).any(),
    "least integer": lambda x: x.dtype == np.int64 and (x == np.iinfo(np.int64).min).any(),
    **{dtype.name: lambda x, dtype=dtype: x.dtype == dtype for dtype in ALL},
}


@pytest.mark.parametrize("what", WANTED)
def test_tensors_of_all_kinds_are_drawn_and_shrink(what):
    found = np.asarray(
        find(tensors(), lambda x: WANTED[what](np.asarray(x)), settings=settings(max_examples=3000, database=None))
    )
    assert found.size <= 1, f"{found!r} is no smallest example"


@FAST
@given(tensors(broadcasting=3, shape=[2, 3]))
def test_shapes_broadcast(group):
    arrays = [np.asarray(x) for x in group]
    assert np.broadcast_shapes(*(x.shape for x in arrays)) == (2, 3)
    assert len({x.dtype for x in arrays}) == 1


@FAST
@given(tensors(sw.float32, [2], special=False))
def test_tensors_of_a_kind(x):
    assert (x.dtype, tuple(x.shape)) == (sw.float32, (2,))
    assert np.all(np.abs(np.asarray(x)) <= 9)


def test_an_unknown_dtype_is_refused():
    with pytest.raises(ValueError, match="expected one of bool, int8, int16, int32"):
        find(tensors("complex64"), lambda x: True)
    with pytest.raises(TypeError, match="expected a dtype of bool, int8"):
        find(tensors("quint8"), lambda x: True)


@pytest.mark.parametrize("strategy", [hl_modules(), modules_at("loops"), python_programs(3)])
def test_falsifying_examples_show_the_text_of_programs(strategy):
    @settings(max_examples=5, database=None, deadline=None, phases=[Phase.generate], derandomize=True)
    @given(strategy)
    def fails(program):
        raise ValueError("seen")

    with pytest.raises(ValueError, match="seen") as caught:
        fails()
    told = "\n".join(caught.value.__notes__)
    assert "func.func @" in told or "def program" in told, told
    assert "object at 0x" not in told
