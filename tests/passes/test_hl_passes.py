"""Passes on tensor operations: all together keep the meaning of programs; what each must do and must not touch."""

import numpy as np
import pytest

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.compiler.rewriting import collect_refusals
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import UnsupportedError
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing import validate

V = "!state.variable<tensor<f32>>"


def test_all_of_them_together_keep_the_meaning():
    assert validate(STEPS["hl"], max_examples=20).changed >= 10


def after(text, pipeline):
    """A module, and a copy of it after some passes."""
    module = parse_module(text, "program.mlir")
    changed = module.clone()
    PassManager(make_context(), verify_each=True).run(changed, pipeline)
    return module, changed


LESS_KNOWN = {
    "reshape": """
        %0 = hl.reshape %x {shape = array<i64: 3, 2>} : (tensor<2x3xf32>) -> tensor<3x?xf32>
        %1 = hl.reshape %0 {shape = array<i64: -1, 1>} : (tensor<3x?xf32>) -> tensor<?x1xf32>""",
    "transpose": """
        %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
        %1 = hl.transpose %0 {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<?x?xf32>""",
    "no transpose": """
        %1 = hl.transpose %x {perm = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<?x?xf32>""",
    "matmul": """
        %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x?xf32>
        %1 = hl.matmul %x, %0 {transpose_a = false, transpose_b = false}
          : (tensor<2x3xf32>, tensor<3x?xf32>) -> tensor<2x?xf32>""",
    "reverse": """
        %0 = hl.reverse %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
        %1 = hl.reverse %0 {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<?x?xf32>""",
    "no reverse": """
        %1 = hl.reverse %x {axes = array<i64>} : (tensor<2x3xf32>) -> tensor<?x3xf32>""",
    "concat": """
        %1 = hl.concat %x {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<?x3xf32>""",
}
"""Ops that know less of their results than their operands' types say: `%1` is returned."""


@pytest.mark.parametrize("name", LESS_KNOWN)
def test_results_keep_the_types_that_their_users_expect(name):
    body = LESS_KNOWN[name]
    result = body.rpartition("-> ")[2]
    text = f"func.func @f(%x: tensor<2x3xf32>) -> {result} {{{body}\n  func.return %1 : {result}\n}}\n"
    module, changed = after(text, "canonicalize")
    inputs = [np.arange(6, dtype=np.float32).reshape(2, 3)]
    assert difference(observe(changed, inputs), observe(module, inputs), Tolerance()) is None


def names(module, prefix):
    """The names of the ops of a dialect, in order."""
    return [op.name for op in module.walk() if op.name.startswith(prefix)]


def assert_same(module, changed, *inputs):
    """Both modules do the same."""
    assert difference(observe(changed, inputs), observe(module, inputs), Tolerance()) is None


def cell(value=1.0):
    """A Variable's memory."""
    return np.full((), value, np.float32)


BETWEEN = {
    "an assignment": f"state.assign %v, %x : {V}, tensor<f32>",
    "an assignment to another name": f"state.assign_add %u, %x : {V}, tensor<f32>",
    "a branch that assigns": f"scf.if %c {{\n state.assign %v, %x : {V}, tensor<f32>\n scf.yield\n}}",
    "a loop that assigns": f"scf.for %i = %n to %m step %m {{\nstate.assign %v, %x : {V}, tensor<f32>\nscf.yield\n}}",
    "a call": f"func.call @g(%v, %x) : ({V}, tensor<f32>) -> ()",
}
WITH_CALLEE = f"""
func.func private @g(%v: {V}, %x: tensor<f32>) {{
  state.assign %v, %x : {V}, tensor<f32>
  func.return
}}
func.func @main(%v: {V}, %u: {V}, %x: tensor<f32>, %c: i1) -> (tensor<f32>, tensor<f32>) {{
  %n = arith.constant 0 : index
  %m = arith.constant 1 : index
  %a = state.read %v : {V} -> tensor<f32>
  BETWEEN
  %b = state.read %v : {V} -> tensor<f32>
  func.return %a, %b : tensor<f32>, tensor<f32>
}}
"""


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
def test_cse_reads_again_after_a_write(between):
    module, changed = after(WITH_CALLEE.replace("BETWEEN", between), "cse")
    assert names(changed, "state.read") == ["state.read"] * 2
    for flag in (True, False):
        assert_same(module, changed, cell(), cell(5), np.float32(3), np.bool_(flag))


def test_cse_reads_once_where_nothing_is_written():
    _, changed = after(WITH_CALLEE.replace("BETWEEN", "%z = hl.exp %x : (tensor<f32>) -> tensor<f32>"), "cse")
    assert names(changed, "state.read") == ["state.read"]


def test_cse_does_not_take_a_read_from_before_a_loop_into_it():
    text = f"""
    func.func @main(%v: {V}, %x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {{
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %three = arith.constant 3 : index
      %a = state.read %v : {V} -> tensor<f32>
      %r = scf.for %i = %zero to %three step %one iter_args(%y = %x) -> (tensor<f32>) {{
        %b = state.read %v : {V} -> tensor<f32>
        %s = hl.add %b, %y : (tensor<f32>, tensor<f32>) -> tensor<f32>
        state.assign %v, %s : {V}, tensor<f32>
        scf.yield %s : tensor<f32>
      }}
      func.return %a, %r : tensor<f32>, tensor<f32>
    }}
    """
    module, changed = after(text, "cse")
    assert names(changed, "state.read") == ["state.read"] * 2
    assert_same(module, changed, cell(), np.float32(2))


def test_cse_merges_branches_only_where_they_have_the_same_effects_and_values():
    branch = f"""scf.if %c -> (tensor<f32>) {{
        %r = state.read %v : {V} -> tensor<f32>
        scf.yield %r : tensor<f32>
      }} else {{
        scf.yield %x : tensor<f32>
      }}"""
    text = f"""
    func.func @main(%v: {V}, %x: tensor<f32>, %c: i1) -> (tensor<f32>, tensor<f32>) {{
      %a = {branch}
      WRITE
      %b = {branch}
      func.return %a, %b : tensor<f32>, tensor<f32>
    }}
    """
    module, changed = after(text.replace("WRITE", f"state.assign %v, %x : {V}, tensor<f32>"), "cse")
    assert names(changed, "scf.if") == ["scf.if"] * 2
    for flag in (True, False):
        assert_same(module, changed, cell(), np.float32(2), np.bool_(flag))


def test_effects_are_kept_twice_where_they_stand_twice():
    text = """
    func.func @main(%x: tensor<f32>, %ok: i1) -> tensor<f32> {
      debug.print "x {0}" (%x) : (tensor<f32>)
      debug.print "x {0}" (%x) : (tensor<f32>)
      debug.assert %ok, "not ok" () : i1, ()
      debug.assert %ok, "not ok" () : i1, ()
      %unused = hl.exp %x : (tensor<f32>) -> tensor<f32>
      func.return %x : tensor<f32>
    }
    """
    module, changed = after(text, f"{STEPS['hl']},{STEPS['hl']}")
    assert names(changed, "debug.") == names(module, "debug.")
    assert not names(changed, "hl.")
    assert observe(changed, [np.float32(1), np.bool_(True)]).printed == "x 1\nx 1\n"
    assert "not ok" in str(observe(changed, [np.float32(1), np.bool_(False)]).failure)


def test_cse_tells_zero_from_minus_zero():
    text = """
    func.func @main(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
      %p = arith.constant dense<0.0> : tensor<f32>
      %m = arith.constant dense<-0.0> : tensor<f32>
      %a = hl.add %x, %p : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %b = hl.add %x, %m : (tensor<f32>, tensor<f32>) -> tensor<f32>
      func.return %a, %b : tensor<f32>, tensor<f32>
    }
    """
    module, changed = after(text, "cse")
    assert_same(module, changed, np.float32(-0.0))


IN_A_BRANCH = """
func.func @main(%c: i1, %y: tensor<f32>) -> tensor<f32> {
  %x = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<5> : tensor<i32>
  %r = scf.if %c -> (tensor<f32>) {
    %g = hl.gather %x, %i {axis = 0 : i64, batch_dims = 0 : i64} : (tensor<2xf32>, tensor<i32>) -> tensor<f32>
    scf.yield %g : tensor<f32>
  } else {
    scf.yield %y : tensor<f32>
  }
  func.return %r : tensor<f32>
}
"""


def test_fold_constants_leaves_what_fails_to_the_run():
    with collect_refusals() as log:
        module, changed = after(IN_A_BRANCH, "fold-constants")
    assert any("it fails, if it is ever run" in refusal.reason for refusal in log.refusals)
    assert_same(module, changed, np.bool_(False), np.float32(7))
    assert "out of range" in str(observe(changed, [np.bool_(True), np.float32(7)]).failure)


def test_canonicalize_folds_to_infinity_where_floats_overflow():
    text = """
    func.func @main() -> (f32, f32) {
      %a = arith.constant 3.0e38 : f32
      %b = arith.constant 16777216.0 : f32
      %c = arith.constant 1.0 : f32
      %d = arith.mulf %a, %b : f32
      %e = arith.addf %b, %c : f32
      %f = arith.addf %e, %c : f32
      func.return %d, %f : f32, f32
    }
    """
    module, changed = after(text, "canonicalize")
    assert not names(changed, "arith.mulf") and not names(changed, "arith.addf")
    assert_same(module, changed)


def test_inline_says_where_recursion_is():
    text = """
    func.func private @f(%x: tensor<f32>) -> tensor<f32> {
      %y = func.call @g(%x) : (tensor<f32>) -> tensor<f32>
      func.return %y : tensor<f32>
    }
    func.func private @g(%x: tensor<f32>) -> tensor<f32> {
      %y = func.call @f(%x) : (tensor<f32>) -> tensor<f32>
      func.return %y : tensor<f32>
    }
    """
    with pytest.raises(UnsupportedError, match="f → g → f"):
        after(text, "inline")


FACTORIAL = """
func.func @main(%n: i32) -> i32 {
  %0 = func.call @times(%n) : (i32) -> i32
  func.return %0 : i32
}
func.func private @times(%n: i32) -> i32 {
  %one = arith.constant 1 : i32
  %ends = arith.cmpi sle, %n, %one : i32
  cf.cond_br %ends, ^end, ^more
^end:
  func.return %one : i32
^more:
  %fewer = func.call @less(%n) : (i32) -> i32
  %rest = func.call @times(%fewer) : (i32) -> i32
  %all = arith.muli %n, %rest : i32
  func.return %all : i32
}
func.func private @less(%n: i32) -> i32 {
  %one = arith.constant 1 : i32
  %0 = arith.subi %n, %one : i32
  func.return %0 : i32
}
"""


def test_calls_of_functions_of_several_blocks_stay_recursive_or_not():
    module, changed = after(FACTORIAL, "inline")
    text = str(changed)
    assert text.count("func.call @times") == 2 and "@less" not in text
    for each in (module, changed):
        assert observe(each, [np.array(6, np.int32)]).results[0] == 720
