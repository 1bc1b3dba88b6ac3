"""Modules below `hl` as people write them, where what matters is not a result: what is printed, what is refused."""

import numpy as np
import pytest

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import steps_between
from stepwell.dialects.context import make_context
from stepwell.runtime.engines.native.executable import compile_module
from stepwell.runtime.outcomes import Tolerance, difference, observe, observe_run

PRINTING_FUNCTIONS = """
func.func @main(%x: i32) {
  debug.print "main {0}" (%x) : (i32)
  func.call @first(%x) : (i32) -> ()
  func.call @second(%x) : (i32) -> ()
  func.return
}
func.func private @first(%x: i32) {
  debug.print "first {0}" (%x) : (i32)
  func.return
}
func.func private @second(%x: i32) {
  %ok = arith.constant true
  debug.assert %ok, "never" () : i1, ()
  debug.print "second {0}" (%x) : (i32)
  func.call @first(%x) : (i32) -> ()
  func.return
}
"""


def _lowered(text, level):
    module = parse_module(text, "module.mlir")
    PassManager(make_context(), verify_each=True).run(module, steps_between(level, "llvm"))
    return module


def test_called_functions_print_natively_what_they_say():
    module, inputs = _lowered(PRINTING_FUNCTIONS, "cfg"), [np.array(7, np.int32)]
    expected = "main 7\nfirst 7\nsecond 7\nfirst 7\n"
    assert observe(module, inputs).printed == expected
    executable = compile_module(module)
    assert observe_run(lambda arrays: executable.run(*arrays), inputs).printed == expected


def _applied(text, *passes):
    """What passes make of a module, one after the other."""
    module = parse_module(text, "module.mlir")
    for pass_ in passes:
        PassManager(make_context(), verify_each=True).run(module, pass_)
    return print_module(module)


UNUSED_IN_A_BODY = """
func.func @main(%x: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tensor.empty() : tensor<2xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%x : tensor<2xf32>) outs(%0 : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = math.exp %a : f32
    linalg.yield %c : f32
  } -> tensor<2xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>,
      affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%1, %y : tensor<2xf32>, tensor<2xf32>) outs(%0 : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.addf %a, %b : f32
    linalg.yield %b : f32
  } -> tensor<2xf32>
  func.return %2 : tensor<2xf32>
}
"""


def test_what_a_body_does_not_need_is_not_read_after_fusion():
    once = _applied(UNUSED_IN_A_BODY, "fuse-elementwise")
    assert "math.exp" not in once and "addf" not in once
    assert _applied(UNUSED_IN_A_BODY, "fuse-elementwise", "fuse-elementwise") == once


def _after(text, pass_, *inputs):
    """The results of a program after a pass, which are those before it."""
    module = parse_module(text, "module.mlir")
    before = observe(module, inputs)
    PassManager(make_context(), verify_each=True).run(module, pass_)
    after = observe(module, inputs)
    assert difference(after, before, Tolerance()) is None
    return [result.tolist() for result in after.results]


ONE_OF_MANY = """
func.func @main(%x: tensor<3xi32>, %y: tensor<i32>) -> (tensor<i32>, tensor<i32>) {
  %0 = tensor.empty() : tensor<i32>
  %1, %2 = linalg.generic {indexing_maps = [affine_map<() -> (2)>, affine_map<() -> ()>, affine_map<() -> ()>],
      iterator_types = []} ins(%x : tensor<3xi32>) outs(%y, %0 : tensor<i32>, tensor<i32>) {
  ^bb0(%a: i32, %b: i32, %c: i32):
    %d = arith.addi %a, %b : i32
    linalg.yield %d, %a : i32, i32
  } -> (tensor<i32>, tensor<i32>)
  func.return %1, %2 : tensor<i32>, tensor<i32>
}
"""


def test_a_computation_without_loops_may_read_one_element_of_a_larger_tensor():
    x, y = np.array([1, 2, 7], np.int32), np.array(10, np.int32)
    assert _after(ONE_OF_MANY, "detensorize", x, y) == [17, 7]


WRITTEN_OVER = """
func.func @main(%x: tensor<2xi32>, %y: tensor<2xi32>) -> tensor<2xi32> {
  %0 = tensor.empty() : tensor<2xi32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%x : tensor<2xi32>) outs(%0 : tensor<2xi32>) {
  ^bb0(%a: i32, %b: i32):
    %c = OP %a, %a : i32
    linalg.yield %c : i32
  } -> tensor<2xi32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (1 - d0)>, affine_map<(d0) -> (d0)>,
      affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%1, %y : tensor<2xi32>, tensor<2xi32>) outs(%1 : tensor<2xi32>) {
  ^bb0(%a: i32, %b: i32, %c: i32):
    %d = arith.muli %a, %c : i32
    %e = arith.addi %d, %b : i32
    linalg.yield %e : i32
  } -> tensor<2xi32>
  func.return %2 : tensor<2xi32>
}
"""


@pytest.mark.parametrize("op", ["arith.addi", "arith.maxsi", "arith.divsi"])
def test_what_is_written_over_is_still_computed_after_fusion(op):
    text = WRITTEN_OVER.replace("OP", op)
    x, y = np.array([2, 5], np.int32), np.array([100, 200], np.int32)
    twice = {"arith.addi": [140, 240], "arith.maxsi": [110, 210], "arith.divsi": [101, 201]}[op]
    assert _after(text, "fuse-elementwise", x, y) == [twice]


SIBLINGS = """
func.func @main(%x: tensor<2xi32>) -> (tensor<2xi32>, tensor<2xi32>) {
  %0 = tensor.empty() : tensor<2xi32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%x : tensor<2xi32>) outs(%0 : tensor<2xi32>) {
  ^bb0(%a: i32, %b: i32):
    %c = arith.addi %a, %a : i32
    linalg.yield %c : i32
  } -> tensor<2xi32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%x : tensor<2xi32>) outs(%1 : tensor<2xi32>) {
  ^bb0(%a: i32, %b: i32):
    %c = arith.muli %a, %b : i32
    linalg.yield %c : i32
  } -> tensor<2xi32>
  func.return %2, %1 : tensor<2xi32>, tensor<2xi32>
}
"""


def test_what_is_written_over_is_not_computed_together_with_what_writes():
    assert _after(SIBLINGS, "fuse-elementwise", np.array([2, 5], np.int32)) == [[8, 50], [4, 10]]


UNUSED_USER = """
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tensor.empty() : tensor<2xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%x : tensor<2xf32>) outs(%0 : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.negf %a : f32
    linalg.yield %c : f32
  } -> tensor<2xf32>
  %unused = tensor.concat dim(0) %1, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} ins(%1 : tensor<2xf32>) outs(%0 : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %a : f32
    linalg.yield %c : f32
  } -> tensor<2xf32>
  func.return %2 : tensor<2xf32>
}
"""


def test_an_op_that_nobody_needs_does_not_keep_others_from_being_fused():
    assert _applied(UNUSED_USER, "fuse-elementwise").count("linalg.generic") == 1


LOOKED_UP = """
func.func @main(%x: tensor<i32>, %c: i1) -> tensor<i32> {
  %0 = tensor.empty() : tensor<i32>
  %1 = linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []} outs(%0 : tensor<i32>) {
  ^bb0(%a: i32):
    %b = tensor.extract %x[] : tensor<i32>
    linalg.yield %b : i32
  } -> tensor<i32>
  %2 = scf.if %c -> (tensor<i32>) {
    scf.yield %1 : tensor<i32>
  } else {
    scf.yield %x : tensor<i32>
  }
  func.return %2 : tensor<i32>
}
"""


def test_a_computation_without_loops_may_look_up_what_it_gives():
    assert _after(LOOKED_UP, "detensorize", np.array(7, np.int32), np.array(True)) == [7]
