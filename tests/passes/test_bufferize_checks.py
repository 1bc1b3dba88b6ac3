"""bufferize: what is computed in a part of a larger tensor is checked before it is, not after."""

import numpy as np
import pytest
from xdsl.dialects import func, memref

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.dialects.debug import AssertOp
from stepwell.runtime.outcomes import observe
from stepwell.testing.engines import WAYS, Descent

T = "tensor<?xf32>"
MAPS = "affine_map<(d0) -> (d0)>"
HEADER = f"""
func.func @main(%x: {T}, %y: {T}, %at: index, %n: index, %is_right: i1) -> {T} {{
  %zero = arith.constant 0 : index
  %size = tensor.dim %y, %zero : {T}
  %empty = tensor.empty(%size) : {T}
  %whole = linalg.generic {{indexing_maps = [{MAPS}, {MAPS}], iterator_types = ["parallel"]}} ins(%x : {T})
      outs(%x : {T}) {{
  ^bb0(%c: f32, %d: f32):
    linalg.yield %c : f32
  }} -> {T}
  %part = linalg.generic {{indexing_maps = [{MAPS}, {MAPS}], iterator_types = ["parallel"]}} ins(%y : {T})
      outs(%empty : {T}) {{
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  }} -> {T}
"""
INSERT = f"""
  %done = tensor.insert_slice %part into %whole[%at] [%n] [1] : {T} into {T}
  func.return %done : {T}
}}
"""
CHECKS = {
    "of its sizes": '%ok = arith.cmpi eq, %size, %n : index debug.assert %ok, "sizes {0}"(%n) : i1, (index)',
    "of what is given": 'debug.assert %is_right, "no"() : i1, ()',
    "behind a print": 'debug.print "p"() : () debug.assert %is_right, "no"() : i1, ()',
    "of elements": '%e = tensor.extract %part[%zero] : tensor<?xf32> debug.assert %is_right, "no {0}"(%e) : i1, (f32)',
}


def bufferized(check):
    module = parse_module(HEADER + check + INSERT, "text")
    PassManager(make_context(), verify_each=True).run(module, "bufferize")
    return module


def order_of(module):
    """Where the first check is, and where memory of the whole is written first."""
    [function] = (op for op in module.ops if isinstance(op, func.FuncOp))
    ops = list(function.body.block.ops)
    views = [number for number, op in enumerate(ops) if isinstance(op, memref.SubviewOp)]
    return min(n for n, op in enumerate(ops) if isinstance(op, AssertOp)), min(views)


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_comes_before_the_part_is_written(name):
    check, view = order_of(bufferized(CHECKS[name]))
    assert check < view


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("is_right", [True, False])
def test_the_program_means_the_same(name, is_right):
    x, y = np.arange(5, dtype=np.float32), np.ones(2, np.float32)
    n = np.array(2 if is_right else 1)
    inputs = [x, y, np.array(1), n if name == "of its sizes" else np.array(2), np.array(is_right)]
    expected = observe(parse_module(HEADER + CHECKS[name] + INSERT, "text"), inputs)
    got = observe(bufferized(CHECKS[name]), inputs)
    assert (got.failure is None) == (expected.failure is None) == is_right, (got, expected)
    assert got.printed == expected.printed and not got.undefined
    if is_right:
        np.testing.assert_array_equal(got.results[0], [0, 2, 2, 3, 4])


UPDATED = f"""
func.func @main(%x: {T}, %y: {T}) -> {T} {{
  %0 = hl.neg %y : ({T}) -> {T}
  %1 = hl.update_slice %x, %0 {{begin = array<i64: 0>, end = array<i64: 2>, strides = array<i64: 1>}}
      : ({T}, {T}) -> {T}
  %2 = hl.add %1, %1 : ({T}, {T}) -> {T}
  func.return %2 : {T}
}}
"""


@pytest.mark.parametrize("way", WAYS)
def test_no_memory_is_written_by_an_update_that_is_too_long(way):
    descent, x = Descent(parse_module(UPDATED, "text")), np.zeros(4, np.float32)
    np.testing.assert_array_equal(descent.observe(way, [x, np.ones(2, np.float32)]).results[0], [-2, -2, 0, 0])
    found = descent.observe(way, [x, np.ones(64, np.float32)])
    assert found.failure is not None and not found.undefined, found
    assert "update" in found.failure and "expected" in found.failure
