"""sink-assignments: how far an assignment moves, what stops it, and what that is good for."""

import numpy as np
import pytest
from support.effort import examples

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import SIMPLIFY, STEPS
from stepwell.dialects.context import make_context
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing import validate

T, M = "tensor<2xf32>", "memref<2xf32>"
ASSIGN = "bufferization.materialize_in_destination"


def assign(variable, value="%x"):
    return f"{ASSIGN} {value} in writable {variable} : ({T}, {M}) -> ()\n"


def read(name, variable):
    return f"{name} = bufferization.to_tensor {variable} restrict : {M} to {T}\n"


def add(name, one="%x", other="%x"):
    return f"{name} = linalg.add ins({one}, {other} : {T}, {T}) outs(%empty : {T}) -> {T}\n"


def program(body, result="%x", visibility=""):
    return f"""
    {"func.func private @other()" if visibility else ""}
    func.func {visibility} @main(%v: {M}, %u: {M}, %x: {T}, %c: i1, %n: index) -> {T} {{
      %empty = tensor.empty() : {T}
      %zero = arith.constant 0 : index
      {body}
      func.return {result} : {T}
    }}
    """


def after(text, pipeline="sink-assignments"):
    module = parse_module(text, "program.mlir")
    changed = module.clone()
    PassManager(make_context(), verify_each=True).run(changed, pipeline)
    return module, changed


def order(module):
    """The names of the ops of the function, in their order, with the Variable that is assigned."""
    function = next(op for op in module.ops if op.sym_name.data == "main")
    names = {function.body.block.args[0]: "v", function.body.block.args[1]: "u"}
    found = []
    for op in function.body.block.ops:
        if op.name == ASSIGN:
            found.append(f"{names[op.dest]} =")
        elif op.name not in ("tensor.empty", "arith.constant", "func.return"):
            found.append(op.name.partition(".")[2])
    return found


MOVES = {
    "behind computations": (assign("%v") + add("%a") + add("%b"), ["add", "add", "v ="]),
    "behind a read of another one": (assign("%v") + read("%a", "%u") + add("%b"), ["to_tensor", "add", "v ="]),
    "behind other assignments": (
        assign("%v") + assign("%u") + add("%a") + assign("%u", "%a"),
        ["add", "v =", "u ="],
    ),
    "not at all without a computation": (assign("%v") + assign("%u"), ["v =", "u ="]),
    "one that another overwrites goes": (assign("%v") + add("%a") + assign("%v", "%a"), ["add", "v ="]),
    "past a read of it, which is the value": (
        assign("%v") + add("%a") + read("%b", "%v") + add("%d", "%b") + assign("%u", "%d"),
        ["add", "add", "v =", "u ="],
    ),
    "before what may fail": (
        assign("%v") + add("%a") + 'debug.assert %c, "no"() : i1, ()\n' + add("%b"),
        ["add", "v =", "assert", "add"],
    ),
    "before an element that may not be there": (
        assign("%v") + add("%a") + f"%e = tensor.extract %a[%n] : {T}\n" + add("%b"),
        ["add", "v =", "extract", "add"],
    ),
    "before what is printed": (
        assign("%v") + add("%a") + f'debug.print "{{0}}" (%a) : ({T})\n' + add("%b"),
        ["add", "v =", "print", "add"],
    ),
    "before a branch": (
        assign("%v") + add("%a") + "scf.if %c {\nscf.yield\n}\n" + add("%b"),
        ["add", "v =", "if", "add"],
    ),
    "of several in their order": (
        assign("%u") + assign("%v") + add("%a") + "scf.if %c {\nscf.yield\n}\n",
        ["add", "u =", "v =", "if"],
    ),
}
"""Programs, and the order of their ops after the pass."""


@pytest.mark.parametrize("body, expected", MOVES.values(), ids=MOVES)
def test_an_assignment_moves(body, expected):
    module, changed = after(program(body))
    assert order(changed) == expected
    for flag in (True, False):
        for index in (1, 7):
            inputs = [*np.float32([[1, 2], [3, 4], [5, 6]]), np.bool_(flag), np.int64(index)]
            assert difference(observe(changed, inputs), observe(module, inputs), Tolerance()) is None


def test_variables_that_may_be_one_are_not_passed():
    body = assign("%v") + add("%a") + read("%b", "%u") + add("%d") + assign("%u", "%a") + add("%e")
    _, changed = after(program(body, visibility="private"))
    assert order(changed) == ["add", "v =", "to_tensor", "add", "add", "u ="]  # of u as it was assigned through v
    _, changed = after(program(body))
    assert order(changed) == ["add", "to_tensor", "add", "add", "v =", "u ="]


def test_assignments_in_loops_and_branches_move_too():
    body = "scf.if %c {\n" + assign("%v") + add("%a") + assign("%v", "%a") + "scf.yield\n}\n"
    _, changed = after(program(body))
    (branch,) = (op for op in changed.walk() if op.name == "scf.if")
    assert [op.name for op in branch.true_region.block.ops] == ["linalg.add", ASSIGN, "scf.yield"]


ADAM = """
func.func @step(%g: tensor<9xf32>, %m: !state.variable<tensor<9xf32>>, %v: !state.variable<tensor<9xf32>>, %w: !state.variable<tensor<9xf32>>) {
  %m0 = state.read %m : !state.variable<tensor<9xf32>> -> tensor<9xf32>
  %m1 = hl.add %m0, %g : (tensor<9xf32>, tensor<9xf32>) -> tensor<9xf32>
  state.assign %m, %m1 : !state.variable<tensor<9xf32>>, tensor<9xf32>
  %g2 = hl.mul %g, %g : (tensor<9xf32>, tensor<9xf32>) -> tensor<9xf32>
  state.assign_add %v, %g2 : !state.variable<tensor<9xf32>>, tensor<9xf32>
  %v1 = state.read %v : !state.variable<tensor<9xf32>> -> tensor<9xf32>
  %r = hl.sqrt %v1 : (tensor<9xf32>) -> tensor<9xf32>
  %m2 = state.read %m : !state.variable<tensor<9xf32>> -> tensor<9xf32>
  %d = hl.div %m2, %r : (tensor<9xf32>, tensor<9xf32>) -> tensor<9xf32>
  state.assign_sub %w, %d : !state.variable<tensor<9xf32>>, tensor<9xf32>
  func.return
}
"""  # noqa: E501


def test_an_optimizer_is_one_loop_without_copies():
    _, changed = after(ADAM, f"{SIMPLIFY},{STEPS['linalg']},bufferize")
    names = [op.name for op in changed.walk()]
    assert names.count("linalg.generic") == 1 and "memref.alloc" not in names and "memref.copy" not in names


def test_programs_keep_their_meaning():
    assert validate("sink-assignments", max_examples=examples(40)).changed >= examples(40) // 10
    validate("sink-assignments,fuse-elementwise,dce,bufferize", max_examples=examples(20))
