"""The pass manager: levels, verification, failures, instruments."""

import gc
from contextlib import nullcontext
from dataclasses import dataclass
from typing import ClassVar

import pytest
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import IntegerAttr, i32
from xdsl.utils.arg_spec import ArgSpec

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.manager import PassManager, Timing, level_of, require_level
from stepwell.compiler.pipeline.options import make_pass
from stepwell.compiler.pipeline.pipelines import parse, steps_between
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import PassError, PipelineError
from stepwell.dialects.emitter import Emitter

TEXT = """func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
  %y = hl.exp %x : (tensor<2xf32>) -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}
"""


@dataclass(frozen=True)
class DoesNothingPass(Pass):
    """Does nothing."""

    name = "does-nothing"

    def apply(self, ctx, op):
        pass


@dataclass(frozen=True)
class PromisesLoopsPass(DoesNothingPass):
    """Says that it leads to loops, and does not."""

    name = "promises-loops"
    ensures: ClassVar[str | None] = "loops"


@dataclass(frozen=True)
class BreaksTypesPass(Pass):
    """Leaves a function whose result is not what it says."""

    name = "breaks-types"

    def apply(self, ctx, op):
        end = op.body.block.first_op.body.block.last_op
        e = Emitter.before(end)
        end.operands[0] = e.value(arith.ConstantOp(IntegerAttr(1, i32)))


@dataclass(frozen=True)
class BreaksOrderPass(Pass):
    """Moves the return before what it returns."""

    name = "breaks-order"

    def apply(self, ctx, op):
        block = op.body.block.first_op.body.block
        first = block.first_op
        first.detach()
        block.add_op(first)
        end = next(inner for inner in block.ops if isinstance(inner, func.ReturnOp))
        end.detach()
        block.add_op(end)
        first.operands[0] = first.results[0]


@dataclass(frozen=True)
class FailsPass(Pass):
    """Fails."""

    name = "fails"

    def apply(self, ctx, op):
        raise KeyError("what")


def run(*passes, verify_each=False, instruments=()):
    module = parse_module(TEXT, "t.mlir")
    PassManager(make_context(), verify_each, instruments).run(module, passes)
    return module


def test_a_pass_that_needs_another_level_is_refused_with_the_op_and_its_line():
    with pytest.raises(PipelineError) as caught:
        run(*parse("bufferize"))
    assert str(caught.value) == (
        "t.mlir:2:3: pass 'bufferize' needs a module at level linalg, which 'hl.exp' is not of"
    )


def test_a_pass_that_does_not_keep_its_promise_is_caught_with_the_op_and_its_line():
    with pytest.raises(PassError) as caught:
        run(PromisesLoopsPass())
    assert "'hl.exp'" in str(caught.value) and "level loops" in str(caught.value)
    assert str(caught.value).startswith("t.mlir:2:3: pass 'promises-loops': ")
    assert caught.value.pass_name == "promises-loops"


def test_a_pass_that_silently_leaves_its_level_is_caught_when_each_is_verified():
    @dataclass(frozen=True)
    class StaysPass(Pass):
        name = "stays"

        def apply(self, ctx, op):
            PassManager(make_context()).run(op, "convert-hl-to-linalg")

    run(*parse("infer-shapes"), StaysPass())
    with pytest.raises(PassError, match=r"pass 'stays'.*level hl"):
        run(*parse("infer-shapes"), StaysPass(), verify_each=True)


@pytest.mark.parametrize(
    ("pass_", "message"),
    [(BreaksTypesPass(), "function output types"), (BreaksOrderPass(), "%y is used where it is not defined")],
)
def test_a_module_that_is_not_valid_is_caught_when_each_is_verified(pass_, message):
    run(pass_, DoesNothingPass())
    with pytest.raises(PassError) as caught:
        run(pass_, DoesNothingPass(), verify_each=True)
    assert str(caught.value).startswith("t.mlir:")
    assert f"pass '{pass_.name}'" in str(caught.value) and message in str(caught.value)


def test_a_pass_that_fails_is_named_and_keeps_its_cause():
    with pytest.raises(PassError, match=r"pass 'fails'.*KeyError: 'what'") as caught:
        run(FailsPass())
    assert isinstance(caught.value.__cause__, KeyError)


def test_instruments_see_each_pass_before_and_after():
    class Watches:
        def __init__(self):
            self.seen = []

        def before(self, pass_, module):
            self.seen.append(("before", pass_.name, level_of(module)))

        def after(self, pass_, module):
            self.seen.append(("after", pass_.name, level_of(module)))

    watches, timing = Watches(), Timing()
    run(*parse("dce,convert-hl-to-linalg,dce"), instruments=[watches, timing])
    assert watches.seen == [
        ("before", "dce", "hl"),
        ("after", "dce", "hl"),
        ("before", "convert-hl-to-linalg", "hl"),
        ("after", "convert-hl-to-linalg", "linalg"),
        ("before", "dce", "linalg"),
        ("after", "dce", "linalg"),
    ]
    assert list(timing.seconds) == ["dce", "convert-hl-to-linalg"]
    assert all(seconds >= 0 for seconds in timing.seconds.values())


class CollectsPass(Pass):
    """Notes whether garbage is collected while it runs, and fails if told to."""

    name = "collects"
    seen: ClassVar[list[bool]] = []
    fails: ClassVar[bool] = False

    def apply(self, ctx, op):
        self.seen.append(gc.isenabled())
        if self.fails:
            raise KeyError("what")


@pytest.mark.parametrize("collecting", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_no_garbage_is_collected_on_the_time_of_a_pass(monkeypatch, collecting, fails):
    monkeypatch.setattr(CollectsPass, "seen", [])
    monkeypatch.setattr(CollectsPass, "fails", fails)
    try:
        (gc.enable if collecting else gc.disable)()
        with pytest.raises(PassError) if fails else nullcontext():
            run(CollectsPass())
        assert gc.isenabled() is collecting
    finally:
        gc.enable()
    assert CollectsPass.seen == [False]


def test_levels_are_detected_and_checked():
    module = parse_module(TEXT, "t.mlir")
    assert require_level(module) == require_level(module, "hl") == "hl"
    with pytest.raises(PipelineError, match=r"^t.mlir:2:3: 'hl.exp' is not of level cfg$"):
        require_level(module, "cfg")


def test_steps_go_down_only():
    assert steps_between("cfg", "cfg") == ""
    names = [pass_.name for pass_ in parse(steps_between("loops", "llvm"))]
    assert names == [
        "convert-scf-to-cf",
        "convert-cfg-to-llvm",
    ]
    with pytest.raises(PipelineError, match="cannot be raised"):
        steps_between("llvm", "hl")


@dataclass(frozen=True)
class OptionsPass(DoesNothingPass):
    """Has options of all kinds."""

    name = "options"
    count: int
    factor: float = 1.0
    fast_math: bool = False
    sizes: tuple[int, ...] = ()
    label: str | None = None

    def __post_init__(self):
        if self.count < 0:
            raise ValueError("count must not be negative")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"count": (1,)}, OptionsPass(1)),
        ({"count": (1,), "factor": (2,)}, OptionsPass(1, factor=2.0)),
        ({"count": (1,), "factor": (0.5,)}, OptionsPass(1, factor=0.5)),
        ({"count": (1,), "fast-math": ()}, OptionsPass(1, fast_math=True)),
        ({"count": (1,), "fast_math": (False,)}, OptionsPass(1)),
        ({"count": (1,), "sizes": (4, 8)}, OptionsPass(1, sizes=(4, 8))),
        ({"count": (1,), "sizes": (4,)}, OptionsPass(1, sizes=(4,))),
        ({"count": (1,), "label": ("x",)}, OptionsPass(1, label="x")),
        ({"count": (1,), "label": ()}, OptionsPass(1)),
    ],
)
def test_options_become_fields(given, expected):
    assert make_pass(OptionsPass, ArgSpec("options", given)) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "pass 'options': option 'count' (int) is missing"),
        ({"count": ("a",)}, "pass 'options': option 'count': expected int, got a"),
        ({"count": (1.5,)}, "pass 'options': option 'count': expected int, got 1.5"),
        ({"count": (1, 2)}, "pass 'options': option 'count': expected int, got 1,2"),
        ({"count": (-1,)}, "pass 'options': count must not be negative"),
        ({"count": (1,), "fast-math": (3,)}, "pass 'options': option 'fast-math': expected bool, got 3"),
        ({"count": (1,), "sizes": ("x",)}, "pass 'options': option 'sizes': expected tuple[int, ...], got x"),
        ({"cont": (1,)}, "pass 'options' has no option 'cont'; did you mean 'count'?"),
        ({"zzz": ()}, "pass 'options' has no option 'zzz'; its options are count, factor, fast-math, sizes, label"),
    ],
)
def test_options_that_do_not_fit_are_named(given, message):
    with pytest.raises(PipelineError) as caught:
        make_pass(OptionsPass, ArgSpec("options", given))
    assert str(caught.value) == message
