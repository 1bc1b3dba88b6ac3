"""Bisection: planted bugs are found with pass, pattern, op and the user's line."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.bugs import misled
from xdsl.context import Context
from xdsl.dialects import memref, scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

import stepwell as sw
from stepwell.compiler.passes import canonicalize
from stepwell.compiler.pipeline import Pass
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.dialects import state
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl.arithmetic import MaximumOp, MinimumOp
from stepwell.dialects.hl.special import TanhOp
from stepwell.dialects.hl.transcendental import ExpOp
from stepwell.runtime.engines.lower import lowered

bisect = sw.debugging.bisect


def line_of(function: Any, text: str) -> int:
    """The number of the line of a function that contains a text."""
    lines, first = inspect.getsourcelines(function.python_function)
    return first + next(number for number, line in enumerate(lines) if text in line)


def place(function: Any, text: str) -> str:
    return f"{__file__}:{line_of(function, text)}:"


@sw.function
def model(x, y):
    total = sw.reduce_sum(sw.tanh(x * y), axis=0)
    while sw.reduce_max(total) < 2.0:
        total = total * 1.5
    total = total - sw.negative(total * 0.5)
    if sw.reduce_max(total) > 0.0:
        total = sw.maximum(total, y[0] * 3.0) + 1.0
    return sw.exp(-total), sw.minimum(x, y)


def arguments() -> tuple[Any, Any]:
    values = np.linspace(0.1, 1.1, 6, dtype=np.float32).reshape(3, 2)
    return sw.constant(values), sw.constant(values[::-1].copy())


@pytest.mark.parametrize("engine", ["native", "onnx"])
def test_nothing_differs_where_nothing_is_wrong(engine: str):
    found = bisect(model, *arguments(), engine=engine)
    assert not found
    assert str(found).startswith(f"nothing differs ({found.steps} passes, ")
    assert found.rewrite is found.op is found.line is None


# A wrong pattern in canonicalize.


@pytest.fixture
def wrong_pattern():
    with misled.wrong_pattern():
        yield


@pytest.mark.parametrize("engine", ["native", "onnx"])
def test_a_wrong_pattern_is_found(wrong_pattern, engine: str):
    found = bisect(model, *arguments(), engine=engine)
    assert (found.stage, found.name, found.failure) == ("pass", "canonicalize", None)
    assert found.rewrite is not None and found.rewrite.rewrite.pattern == "SubtractNegated"
    assert found.rewrite.first == found.rewrite.number <= found.rewrite.of
    assert found.op == "hl.sub"
    assert found.line is not None and found.line.startswith(place(model, "total - sw.negative"))
    assert found.exact and found.difference is not None and found.difference.what == "result 0"
    text = str(found)
    assert f"pass 'canonicalize' ({found.step} of {found.steps}) changes what the program computes" in text
    assert "SubtractNegated on hl.sub, number" in text
    assert "total = total - sw.negative(total * 0.5)" in text
    assert "it has to be the same bit for bit" in text


def test_the_largest_error_is_where_it_says(wrong_pattern):
    x = sw.constant(np.array([[1.0, -3.0, 2.0]], np.float32))
    found = bisect(sw.function(lambda x: (x, x - sw.negative(x))), x, pipeline="canonicalize")
    difference = found.difference
    assert difference is not None
    assert (difference.result, difference.index, difference.got, difference.expected) == (1, (0, 1), "0.0", "-6.0")
    assert (difference.error, difference.relative) == (6.0, 1.0)
    assert str(difference) == "result 1[0, 1] is 0.0, expected -6.0 (off by 6)"


# A wrong pass that does not work by patterns, inserted into a pipeline.


@dataclass(frozen=True)
class SwapMinimumPass(Pass):
    """Takes the maximum for the minimum."""

    name = "swap-minimum"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for each in list(op.walk()):
            if isinstance(each, MinimumOp):
                value = Emitter.before(each).value(MaximumOp.build(list(each.operands)))
                each.result.replace_all_uses_with(value)


def test_a_wrong_pass_in_a_pipeline_is_found():
    found = bisect(model, *arguments(), pipeline=[*parse("canonicalize,cse"), SwapMinimumPass(), *parse("dce")])
    assert (found.stage, found.name, found.step, found.steps) == ("pass", "swap-minimum", 3, 4)
    assert found.rewrite is None
    assert found.notes == ("the pass does not work by patterns: it is to blame as a whole",)
    assert found.op == "hl.minimum"
    assert found.line is not None and found.line.startswith(place(model, "sw.minimum(x, y)"))
    assert found.difference is not None and found.difference.result == 1


def test_an_op_in_a_loop_is_found():
    found = bisect(model, *arguments(), pipeline=misled.AddInLoopsPass())
    assert found.op == "hl.mul"
    assert found.line is not None and found.line.startswith(place(model, "total * 1.5"))


def test_an_op_in_a_branch_is_found():
    @dataclass(frozen=True)
    class BreakInBranchesPass(Pass):
        """Takes a maximum in a branch for a minimum."""

        name = "break-in-branches"

        def apply(self, ctx: Context, op: ModuleOp) -> None:
            for each in list(op.walk()):
                if isinstance(each, MaximumOp) and isinstance(each.parent_op(), scf.IfOp):
                    each.result.replace_all_uses_with(Emitter.before(each).value(MinimumOp.build(list(each.operands))))

    found = bisect(model, *arguments(), pipeline=BreakInBranchesPass())
    assert found.op == "hl.maximum"
    assert found.line is not None and found.line.startswith(place(model, "sw.maximum"))


def test_a_pass_that_looks_at_the_whole_program_is_found_by_the_values_of_ops():
    @dataclass(frozen=True)
    class NeedsBothPass(Pass):
        """Takes tanh for exp, but only in programs that have both."""

        name = "needs-both"

        def apply(self, ctx: Context, op: ModuleOp) -> None:
            tanhs = [each for each in op.walk() if isinstance(each, TanhOp)]
            if tanhs and any(isinstance(each, ExpOp) for each in op.walk()):
                for each in tanhs:
                    each.result.replace_all_uses_with(Emitter.before(each).value(ExpOp.build(list(each.operands))))

    @sw.function
    def apart(x):
        a = sw.tanh(x)
        b = sw.exp(x)
        return a, b

    found = bisect(apart, sw.constant([0.5, 1.0]), pipeline=[*parse("cse"), NeedsBothPass()])
    assert (found.name, found.op) == ("needs-both", "hl.tanh")
    assert found.line is not None and found.line.startswith(place(apart, "sw.tanh"))


# A wrong lowering of one op.


def test_a_wrong_lowering_is_found(monkeypatch):
    monkeypatch.setattr(MinimumOp, "lower", classmethod(lambda cls, e, op: MaximumOp.lower(e, op)))
    found = bisect(model, *arguments())
    assert (found.stage, found.name) == ("pass", "convert-hl-to-linalg")
    assert found.op == "hl.minimum"
    assert found.line is not None and found.line.startswith(place(model, "sw.minimum(x, y)"))


def test_a_wrong_export_is_found(monkeypatch):
    monkeypatch.setattr(MinimumOp, "onnx", classmethod(lambda cls, g, call: MaximumOp.onnx(g, call)))
    found = bisect(model, *arguments(), engine="onnx")
    assert (found.stage, found.name, found.exact) == ("engine", "onnx", False)
    assert found.op == "hl.minimum"
    assert found.line is not None and found.line.startswith(place(model, "sw.minimum(x, y)"))
    assert "engine 'onnx' changes what the program computes" in str(found)


def test_an_exported_file_is_an_oracle(monkeypatch, tmp_path: Path):
    path = tmp_path / "model.onnx"
    args = arguments()
    sw.onnx.export(model, path, *args)
    assert not bisect(model, *args, oracle=path)

    @sw.function
    def changed(x, y):
        return model(x * 2.0, y)

    found = bisect(changed, *args, oracle=path)
    assert (found.stage, found.name) == ("trace", str(path))
    assert found.difference is not None
    assert str(found).startswith(f"the traced program differs, compared with {path}")

    monkeypatch.setattr(TanhOp, "evaluate", classmethod(lambda cls, operands, attrs: (np.sin(operands[0]),)))
    wrong = bisect(model, *args, oracle=path)
    assert wrong.op == "hl.tanh"
    assert wrong.line is not None and wrong.line.startswith(place(model, "sw.tanh"))


def test_a_function_is_an_oracle():
    def double(x):
        return {"y": np.asarray(x) * 2}

    x = sw.constant([1.0, 2.0])
    assert not bisect(sw.function(lambda x: x + x), x, oracle=double)
    found = bisect(sw.function(lambda x: x * x), x, oracle=double)
    assert (found.stage, found.name) == ("trace", "double")
    assert found.notes == ("the oracle has no source lines: the op that differs is unknown",)


@pytest.mark.parametrize(("engine", "oracle"), [("native", "onnx"), ("onnx", "native")])
def test_engines_are_oracles(engine: str, oracle: str):
    assert not bisect(model, *arguments(), engine=engine, oracle=oracle)


# Passes that fail.


@dataclass(frozen=True)
class CrashingPass(Pass):
    """Fails on a maximum."""

    name = "crashing"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for each in op.walk():
            if isinstance(each, MaximumOp):
                self._rewrite(each)

    def _rewrite(self, op: Operation) -> None:
        raise IndexError("out of range")


def test_a_pass_that_crashes_is_named():
    found = bisect(model, *arguments(), pipeline=[*parse("cse"), CrashingPass()])
    assert (found.stage, found.name, found.step, found.op) == ("pass", "crashing", 2, "hl.maximum")
    assert found.failure is not None and "IndexError: out of range" in found.failure
    assert found.line is not None and found.line.startswith(place(model, "sw.maximum"))
    assert "pass 'crashing' (2 of 2) fails" in str(found)


class MovesTooEarly(RewritePattern):
    """Moves a maximum to the start of its block."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        block = op.parent
        if isinstance(op, MaximumOp) and block is not None and block.first_op is not op:
            op.detach()
            assert block.first_op is not None
            block.insert_op_before(op, block.first_op)
            rewriter.has_done_action = True


def test_a_rewrite_that_leaves_what_is_not_valid_is_named(monkeypatch):
    monkeypatch.setattr(MaximumOp, "CANONICALIZATIONS", (MovesTooEarly,))
    canonicalize._patterns.cache_clear()
    try:
        found = bisect(model, *arguments())
    finally:
        canonicalize._patterns.cache_clear()
    assert (found.name, found.op) == ("canonicalize", "hl.maximum")
    assert found.rewrite is not None and found.rewrite.rewrite.pattern == "MovesTooEarly"
    assert found.failure is not None and "is used where it is not defined" in found.failure


# Variables, prints, failures of the program itself.


def test_variables_are_compared_and_left_alone():
    v = sw.Variable([1.0, 2.0])

    @sw.function
    def update(x):
        v.assign(sw.minimum(v, x))
        return x

    found = bisect(update, sw.constant([0.0, 3.0]), pipeline=SwapMinimumPass())
    assert found.difference is not None and found.difference.what == "parameter 1"
    assert found.op == "hl.minimum"
    assert v.numpy().tolist() == [1.0, 2.0]


def test_a_wrong_write_is_found():
    @dataclass(frozen=True)
    class AddForSubPass(Pass):
        """Takes a subtraction from a Variable for an addition."""

        name = "add-for-sub"

        def apply(self, ctx: Context, op: ModuleOp) -> None:
            for each in list(op.walk()):
                if isinstance(each, state.AssignSubOp):
                    Emitter.before(each).add(state.AssignAddOp(each.variable, each.value))
                    each.detach()
                    each.erase()

    v, w = sw.Variable([1.0, 2.0]), sw.Variable(0.0)

    @sw.function
    def step(x):
        w.assign_add(1.0)
        v.assign_sub(x * 0.5)
        return v * x

    found = bisect(step, sw.constant([0.0, 3.0]), pipeline=AddForSubPass())
    assert found.op == "state.assign_sub"
    assert found.line is not None and found.line.startswith(place(step, "v.assign_sub"))


def test_long_sums_may_be_rounded_otherwise_by_a_lowering():
    random = np.random.default_rng(0)
    x, w = (sw.constant(random.normal(size=shape).astype(np.float32)) for shape in ((5, 200), (200, 7)))
    assert not bisect(sw.function(lambda x, w: sw.nn.softmax(sw.matmul(x, w))), x, w)


def test_a_program_that_fails_everywhere_does_not_differ():
    @sw.function
    def checked(x):
        sw.debugging.assert_positive(x)
        return x

    for engine in ("native", "onnx"):
        found = bisect(checked, sw.constant([-1.0]), engine=engine)
        assert not found
        assert "the program fails, on the interpreter too" in str(found)


def test_a_pass_after_which_a_run_fails_is_found_by_where_it_fails():
    @dataclass(frozen=True)
    class ReadTooFarPass(Pass):
        """Lets the first element read be one far outside."""

        name = "read-too-far"

        def apply(self, ctx: Context, op: ModuleOp) -> None:
            load = next(each for each in op.walk() if isinstance(each, memref.LoadOp) and each.indices)
            load.operands[1] = Emitter.before(load).index(100)

    @sw.function
    def first(x):
        return sw.gather(x, sw.cast(x[0], sw.int32))

    x = sw.constant([1.0, 2.0, 3.0])
    module = lowered(first.get_concrete_function(x).module, "loops")
    found = bisect(module, x, pipeline=[*parse("cse"), ReadTooFarPass()])
    assert (found.name, found.step, found.op) == ("read-too-far", 2, "memref.load")
    assert found.failure is not None and "index 100 is out of range" in found.failure
    assert found.line is not None and found.line.startswith(place(first, "sw.gather"))


def test_a_check_that_is_lost_before_an_access_is_a_failure_of_another_kind():
    @dataclass(frozen=True)
    class LoseChecksPass(Pass):
        """Removes assertions."""

        name = "lose-checks"

        def apply(self, ctx: Context, op: ModuleOp) -> None:
            for each in [each for each in op.walk() if each.name == "debug.assert"]:
                each.detach()
                each.erase()

    @sw.function
    def pick(x, i):
        return sw.gather(x, i)

    x, i = sw.constant([1.0, 2.0, 3.0]), sw.constant(7)
    module = lowered(pick.get_concrete_function(x, i).module, "loops")
    found = bisect(module, x, i, pipeline=[*parse("cse"), LoseChecksPass()])
    assert (found.name, found.op) == ("lose-checks", "memref.load")
    assert "pass 'lose-checks' (2 of 2) fails" in str(found)
    assert found.failure is not None and "index 7 is out of range" in found.failure


def test_the_same_culprit_each_time(wrong_pattern):
    first, second = (bisect(model, *arguments()) for _ in range(2))
    assert first == second


def test_a_run_that_does_not_end_is_a_failure():
    @dataclass(frozen=True)
    class ForeverPass(Pass):
        """Lets loops run on."""

        name = "forever"

        def apply(self, ctx: Context, op: ModuleOp) -> None:
            for each in op.walk():
                if isinstance(each, scf.ConditionOp):
                    from xdsl.dialects import arith
                    from xdsl.dialects.builtin import IntegerAttr, i1

                    true = IntegerAttr(1, i1, truncate_bits=True)
                    each.operands[0] = Emitter.before(each).value(arith.ConstantOp(true))

    found = bisect(model, *arguments(), pipeline=ForeverPass(), timeout=0.5)
    assert found.name == "forever" and found.failure is not None
    assert "did not end within 0.5 s" in found.failure


def test_modules_are_bisected_too():
    module = model.get_concrete_function(*arguments()).module
    x, y = arguments()
    assert not bisect(module, x, y.numpy(), pipeline="O2")
    assert bisect(module, x, y, pipeline=SwapMinimumPass()).op == "hl.minimum"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"engine": "gpu"}, ValueError, "engine: expected one of interpreter, native, onnx, got 'gpu'"),
        ({"oracle": "numpy"}, ValueError, r"oracle: expected one of .*, got 'numpy'"),
        ({"oracle": 3}, TypeError, "oracle: expected a name, a path or a function, got int"),
        ({"pipeline": "no-such-pass"}, Exception, "there is no pass 'no-such-pass'"),
    ],
)
def test_errors_say_what_was_expected(options: dict[str, Any], error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        bisect(model, *arguments(), **options)


def test_what_is_no_function_is_an_error():
    with pytest.raises(TypeError, match="f: expected a function or a module, got int"):
        bisect(3)


@pytest.mark.parametrize("name", ["a wrong lowering", "a wrong export"])
def test_the_bugs_of_the_table_are_named(name):
    answer = misled.bisected(name)
    assert answer.noticed, answer.how
