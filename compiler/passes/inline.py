"""`inline`: calls become the bodies of what they call."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...dialects.diagnostics import UnsupportedError
from ..pipeline.base import Pass

Functions = dict[str, func.FuncOp]


@dataclass(frozen=True)
class InlinePass(Pass):
    """Replace every call of a function of the module by its body, and remove private functions without callers.

    Before:

        func.func private @g(%x: tensor<f32>) -> tensor<f32> {
          %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
          func.return %0 : tensor<f32>
        }
        func.func @f(%x: tensor<f32>) -> tensor<f32> {
          %0 = func.call @g(%x) : (tensor<f32>) -> tensor<f32>
          func.return %0 : tensor<f32>
        }

    After:

        func.func @f(%x: tensor<f32>) -> tensor<f32> {
          %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
          func.return %0 : tensor<f32>
        }

    Later passes can then optimize across calls. The ops keep the source lines of the called function. Recursion is an
    error. Calls of functions with several blocks are not inlined.
    """

    name = "inline"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Callees first, so that what is copied has no calls left."""
        functions = {f.sym_name.data: f for f in op.ops if isinstance(f, func.FuncOp)}
        done: set[str] = set()
        for name in functions:
            _inline_into(name, functions, done, ())
        for function in functions.values():
            private = function.sym_visibility is not None and function.sym_visibility.data == "private"
            if private and function.body.blocks and not _is_called(op, function):
                function.detach()
                function.erase()


def _is_called(module: ModuleOp, function: func.FuncOp) -> bool:
    name = function.sym_name.data
    return any(isinstance(o, func.CallOp) and o.callee.string_value() == name for o in module.walk())


def _inline_into(name: str, functions: Functions, done: set[str], callers: tuple[str, ...]) -> None:
    if name in done:
        return
    for op in list(functions[name].walk()):
        if not isinstance(op, func.CallOp):
            continue
        callee = op.callee.string_value()
        if callee not in functions or len(functions[callee].body.blocks) != 1:
            continue
        if callee in (*callers, name):
            chain = " → ".join((*callers, name, callee))
            raise UnsupportedError(f"recursion cannot be compiled: {chain}", location=op.location)
        _inline_into(callee, functions, done, (*callers, name))
        _replace_call(op, functions[callee])
    done.add(name)


def _replace_call(call: func.CallOp, callee: func.FuncOp) -> None:
    block = callee.body.block
    mapping: dict[SSAValue, SSAValue] = dict(zip(block.args, call.operands, strict=True))
    point = InsertPoint.before(call)
    results: list[SSAValue] = []
    for op in block.ops:
        if isinstance(op, func.ReturnOp):
            results = [mapping[operand] for operand in op.operands]
        else:
            Rewriter.insert_op(op.clone(mapping), point)
    for old, new in zip(call.results, results, strict=True):
        old.replace_all_uses_with(new)
    call.detach()
    call.erase()
