"""What watches passes: printed, timed, counted, verified, and why matches were refused."""

import re
from dataclasses import dataclass

import pytest
from xdsl.dialects.builtin import TensorType, f64
from xdsl.pattern_rewriter import RewritePattern

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.instruments import PrintIR, Refusals, Statistics, TimeTree, VerifyPatterns
from stepwell.compiler.pipeline.instruments.selection import Selection
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.compiler.pipeline.nested import NestedPass
from stepwell.compiler.pipeline.pipelines import parse, steps_between
from stepwell.compiler.pipeline.reproducer import parse_reproducer
from stepwell.compiler.rewriting import apply_one, apply_patterns, refuse
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import PassError, UnknownPassError, UnsupportedError
from stepwell.dialects.hl.arithmetic import AddOp, MulOp

TEXT = """func.func @f(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = hl.transpose %0 {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  %2 = hl.add %1, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = hl.mul %2, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %3 : tensor<2x3xf32>
}
"""


def run(pipeline, *instruments, text=TEXT, **options):
    """The module after a pipeline that instruments watched."""
    module = parse_module(text, "t.mlir")
    passes = parse(pipeline) if isinstance(pipeline, str) else pipeline
    PassManager(make_context(), instruments=instruments, **options).run(module, passes)
    return module


# printing


def printed(pipeline, before=(), after=(), **options):
    """What is printed, as pairs of when and text."""
    parts = []
    run(pipeline, PrintIR(parts.append, Selection.of(before), Selection.of(after), **options))
    return re.findall(r"// -----// IR Dump (.*) //----- //\n((?:.*\n)*?.*\n)\n", "".join(parts))


def test_ir_is_printed_before_and_after_passes():
    start, end = (print_module(run(pipeline)) for pipeline in ("", "canonicalize"))
    assert start != end
    assert printed("canonicalize,cse", before=[""], after=[""]) == [
        ("Before canonicalize", start),
        ("After canonicalize", end),
        ("Before cse", end),
        ("After cse", end),
    ]
    assert printed("canonicalize,cse", after=["cse"]) == [("After cse", end)]
    assert printed("canonicalize,cse", before=["dce, cse"]) == [("Before cse", end)]
    assert printed("canonicalize,cse") == []


def test_ir_is_printed_where_a_pass_changed_it():
    assert [when for when, _ in printed("cse,canonicalize,dce", after=[""], changed_only=True)] == [
        "After canonicalize"
    ]
    assert printed("cse,canonicalize,dce", after=["cse"], changed_only=True) == []
    assert printed("canonicalize", before=["canonicalize"], changed_only=True) != []


def test_printed_passes_have_their_options_and_are_found_where_they_are_nested():
    pipeline = "func.func(fold-constants{max-elements=2})"
    ((when, _),) = printed(pipeline, after=["fold-constants"])
    assert when == "After func.func(fold-constants{max_elements=2})"
    ((_, text),) = printed(pipeline, before=["fold-constants"], locations=True)
    assert 'loc("t.mlir":2:3)' in text


def test_passes_that_do_not_exist_cannot_be_chosen():
    with pytest.raises(UnknownPassError, match="there is no pass 'canonicalise'; did you mean 'canonicalize'"):
        Selection.of(["cse,canonicalise"])


# patterns


class _SwapsAdd(RewritePattern):
    """Refuses once it has swapped the operands."""

    def match_and_rewrite(self, op, rewriter, /):
        if not isinstance(op, AddOp):
            return
        if op.operands[0].name_hint == "y":
            refuse(self, op, "they are swapped")
            return
        rewriter.replace(op, AddOp.create(operands=op.operands[::-1], result_types=[op.results[0].type]))


class _MulToAdd(RewritePattern):
    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, MulOp):
            rewriter.replace(op, AddOp.create(operands=op.operands, result_types=[op.results[0].type]))


class _Chooses(RewritePattern):
    def match_and_rewrite(self, op, rewriter, /):
        for pattern in (_SwapsAdd(), _MulToAdd()):
            apply_one(pattern, op, rewriter)
            if rewriter.has_done_action:
                return


@dataclass(frozen=True)
class ChoosesPass(Pass):
    """Works with a pattern that chooses among others."""

    name = "chooses"
    nestable = True

    def apply(self, ctx, op):
        apply_patterns(op, [_Chooses()])


def test_statistics_count_rewrites_once_and_under_the_name_of_the_pattern_that_was_chosen():
    statistics = Statistics()
    run([*parse("dce"), ChoosesPass(), *parse("canonicalize")], statistics)
    nothing, chooses, canonicalize = statistics.passes
    assert (nothing.name, nothing.before, nothing.after, nothing.rewrote) == ("dce", 6, 6, {})
    assert chooses.rewrote == {"_SwapsAdd": 2, "_MulToAdd": 1}
    assert chooses.refused == {"_SwapsAdd": 2}
    assert (canonicalize.before, canonicalize.after) == (6, 4)
    assert set(canonicalize.rewrote) == {"ComposeTransposes", "RemoveDead"}
    assert statistics.table().splitlines()[0] == "dce: 6 -> 6 ops"
    assert "  _MulToAdd: rewrote 1" in statistics.table().splitlines()
    assert "  _SwapsAdd: rewrote 2, refused 2" in statistics.table().splitlines()


def test_statistics_of_a_pass_that_fails():
    statistics = Statistics()
    with pytest.raises(PassError):
        run([FailsPass()], statistics)
    assert statistics.table() == "fails: 6 -> ? ops\n"


@dataclass(frozen=True)
class FailsPass(Pass):
    """Fails."""

    name = "fails"

    def apply(self, ctx, op):
        raise KeyError("what")


def test_times_are_a_tree_of_passes_and_patterns():
    tree = TimeTree()
    with tree.phase("parse"):
        parse_module(TEXT, "t.mlir")
    run([*parse("canonicalize"), NestedPass("func.func", ChoosesPass()), *parse("canonicalize")], tree)
    names = [node.name for node in tree.root.children.values()]
    assert names == ["parse", "canonicalize", "func.func(chooses)", "canonicalize"]
    (chooser,) = tree.root.children["func.func(chooses)", 0].children.values()
    assert chooser.name == "_Chooses" and chooser.rewrote == 3 and chooser.tried > 6
    inner = {node.name: node for node in chooser.children.values()}
    assert list(inner) == ["_SwapsAdd", "_MulToAdd"]
    assert (inner["_SwapsAdd"].tried, inner["_SwapsAdd"].rewrote) == (chooser.tried, 2)
    assert (inner["_MulToAdd"].tried, inner["_MulToAdd"].rewrote) == (chooser.tried - 2, 1)
    for node in (*tree.root.children.values(), chooser):
        assert node.seconds > 0
        assert sum(child.seconds for child in node.children.values()) <= node.seconds


def test_the_table_of_times():
    tree = TimeTree()
    for _ in range(2):
        tree.start_module()
        run("canonicalize,cse,canonicalize", tree)
    head, *rows = tree.table().splitlines()
    assert head.split() == ["ms", "%", "name"]
    cells = [re.fullmatch(r" *([\d.]+) +([\d.]+)%  ( *)(.*)", row) for row in rows]
    assert [cell[4].split("  ")[0] for cell in cells if not cell[3]] == ["canonicalize", "cse", "canonicalize", "total"]
    total = float(cells[-1][1])
    assert float(cells[-1][2]) == 100.0
    assert sum(float(cell[1]) for cell in cells[:-1] if not cell[3]) == pytest.approx(total, abs=0.1)
    inner = next(cell for cell in cells if "RemoveDead" in cell[4])
    assert re.fullmatch(r"RemoveDead  tried \d+, rewrote 2", inner[4]) and len(inner[3]) == 4


# refusals


def remarks(pipeline, selection, text=TEXT):
    refusals = Refusals(Selection.of([selection]))
    run(pipeline, refusals, text=text)
    return refusals


def test_refusals_say_what_where_and_why_once():
    found = remarks([ChoosesPass()], "")
    assert found.runs == 1
    assert list(map(str, found.remarks)) == [
        "t.mlir:4:3: remark: chooses leaves 'hl.add': they are swapped [_SwapsAdd]",
        "t.mlir:5:3: remark: chooses leaves 'hl.add': they are swapped [_SwapsAdd]",
    ]


def test_only_the_chosen_pass_is_listened_to():
    pipeline = [ChoosesPass(), *parse("cse")]
    found = remarks(pipeline, "cse")
    assert (found.runs, found.remarks) == (1, [])
    assert remarks(pipeline, "dce").runs == 0


def test_refusals_of_passes_without_patterns():
    text = """
func.func @f(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %0 = hl.exp %x : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = hl.reverse %0 {axes = array<i64: 0>} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %2 = hl.transpose %0 {perm = array<i64: 1, 0>} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  func.return %1, %2 : tensor<8x8xf32>, tensor<8x8xf32>
}
"""
    found = remarks(STEPS["linalg"], "fuse-elementwise", text)
    assert found.runs == 1 and found.remarks
    assert all(remark.pattern == remark.pass_name == "fuse-elementwise" for remark in found.remarks)
    assert str(found.remarks[0]).startswith("t.mlir:5:3: remark: fuse-elementwise leaves 'linalg.generic': ")
    assert "[" not in str(found.remarks[0])


# verification


class _BreaksType(RewritePattern):
    """Leaves an op whose type is not what its operands say."""

    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, MulOp):
            wrong = AddOp.create(operands=op.operands, result_types=[TensorType(f64, [2, 3])])
            rewriter.replace(op, wrong)


class _Repairs(RewritePattern):
    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, AddOp) and op.results[0].type != op.operands[0].type:
            rewriter.replace(op, AddOp.create(operands=op.operands, result_types=[op.operands[0].type]))


@dataclass(frozen=True)
class BreaksAndRepairsPass(Pass):
    """Is not valid on the way."""

    name = "breaks-and-repairs"
    nestable = True

    def apply(self, ctx, op):
        apply_patterns(op, [_BreaksType(), _Repairs()])


@pytest.mark.parametrize("pass_", [BreaksAndRepairsPass(), NestedPass("func.func", BreaksAndRepairsPass())])
def test_the_pattern_is_named_that_leaves_a_module_that_is_not_valid(pass_, tmp_path):
    run([pass_], verify_each=True)
    path = tmp_path / "crash.mlir"
    with pytest.raises(PassError) as caught:
        run([pass_], VerifyPatterns(), crash_reproducer=str(path))
    message = str(caught.value)
    by = "pattern _BreaksType, which rewrote 'hl.mul' at t.mlir:5:3"
    assert message.startswith(f"t.mlir:6:3: pass '{pass_.name}': {by}, leaves a 'func.return' that is not valid: ")
    assert (caught.value.op, caught.value.pattern) == ("func.return", "_BreaksType")
    assert not hasattr(caught.value, "__notes__")
    assert parse_reproducer(path.read_text(), "crash.mlir").checks == {"verify-each-pattern": True}


@pytest.mark.parametrize("level", ["hl", "linalg", "loops", "cfg", "llvm"])
def test_our_own_patterns_leave_valid_modules(level):
    pipeline = ",".join(filter(None, (STEPS["hl"], steps_between("hl", level))))
    text = """
func.func @f(%x: tensor<?x4xf32>, %n: tensor<i32>) -> tensor<?x4xf32> {
  %c = arith.constant dense<0> : tensor<i32>
  %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<?x4xf32>) -> tensor<4x?xf32>
  %1 = hl.transpose %0 {perm = array<i64: 1, 0>} : (tensor<4x?xf32>) -> tensor<?x4xf32>
  %b = hl.less %c, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
  %s = tensor.extract %b[] : tensor<i1>
  %2 = scf.if %s -> (tensor<?x4xf32>) {
    %3 = hl.exp %1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %3 : tensor<?x4xf32>
  } else {
    scf.yield %x : tensor<?x4xf32>
  }
  func.return %2 : tensor<?x4xf32>
}
"""
    watched = run(pipeline, VerifyPatterns(), text=text)
    assert print_module(watched) == print_module(run(pipeline, text=text))


class _HasALineOfItsOwn(RewritePattern):
    def match_and_rewrite(self, op, rewriter, /):
        if isinstance(op, MulOp):
            raise UnsupportedError("products are not liked", location=op.location, remedy="add")


@dataclass(frozen=True)
class DislikesPass(Pass):
    """Raises an error of stepwell's in a pattern."""

    name = "dislikes"

    def apply(self, ctx, op):
        apply_patterns(op, [_HasALineOfItsOwn()])


def test_errors_for_users_that_patterns_raise_stay_what_they_are():
    with pytest.raises(UnsupportedError, match=r"^t.mlir:5:3: products are not liked; add$"):
        run([DislikesPass()])
