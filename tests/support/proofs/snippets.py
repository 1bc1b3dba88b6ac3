"""Small programs that a pattern matches, written as Python, at any dtype; and what the pattern makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern
from xdsl.rewriter import InsertPoint

from stepwell.compiler.rewriting import apply_patterns
from stepwell.dialects.dtypes import BOOL, DType, as_dtype, dtype_of
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.types import dense, tensor_type

LOCATION = FileLineColLoc(StringAttr("snippet"), IntAttr(1), IntAttr(0))


class Snippet:
    """Builds `hl` ops on tensors of rank 0: `s.add(s.x, s.c(1))`.

    `s.x`, `s.y`, `s.z` are parameters of the snippet's dtype, `s.p`, `s.q` boolean ones; `s.c(n)` is a constant of
    the snippet's dtype, `s.truth(b)` a boolean one; any other name is an op of `hl`.

    Args:
        dtype: the dtype.
    """

    def __init__(self, dtype: DType):
        self.dtype = as_dtype(dtype)
        self.block = Block()
        self._emitter = Emitter(InsertPoint.at_end(self.block), LOCATION)
        self._parameters: dict[str, SSAValue] = {}

    def parameter(self, name: str, dtype: DType) -> SSAValue:
        """The parameter of a name; made where it is first asked for."""
        if name not in self._parameters:
            argument = self.block.insert_arg(tensor_type((), dtype), len(self.block.args))
            argument.name_hint = name
            self._parameters[name] = argument
        return self._parameters[name]

    def c(self, value: int) -> SSAValue:
        """A constant of the snippet's dtype."""
        return self._emitter.value(arith.ConstantOp(dense(np.array(value, self.dtype))))

    def truth(self, value: bool) -> SSAValue:
        """A boolean constant."""
        return self._emitter.value(arith.ConstantOp(dense(np.array(value, BOOL))))

    def op(self, op_class: type[HLOp], *operands: SSAValue, **attrs: Any) -> SSAValue:
        """The only result of an op; raises `InferenceError` where it has no such dtype."""
        return self._emitter.value(op_class.build(operands, attrs))

    def __getattr__(self, name: str) -> Any:
        if name in ("x", "y", "z"):
            return self.parameter(name, dtype_of(self))
        if name in ("p", "q"):
            return self.parameter(name, BOOL)
        if f"hl.{name}" not in OPS:
            raise AttributeError(name)
        return lambda *operands, **attrs: self.op(OPS[f"hl.{name}"], *operands, **attrs)

    def finish(self, result: SSAValue) -> ModuleOp:
        """The module with one function that returns `result`."""
        self._emitter.add(func.ReturnOp(result))
        function = func.FuncOp(
            "main", ([argument.type for argument in self.block.args], [result.type]), Region(self.block)
        )
        module = ModuleOp([function])
        function.location = LOCATION
        module.verify()
        return module


Make = Callable[[Snippet], SSAValue]
"""Builds a snippet and gives its result, whose op is the one that the pattern is to replace."""


@dataclass(eq=False)
class _OnOps(RewritePattern):
    """A pattern, tried on the ops that it says it looks at."""

    inner: RewritePattern
    ops: tuple[type[HLOp], ...]

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if isinstance(op, self.ops):
            self.inner.match_and_rewrite(op, rewriter)


def before_and_after(make: Make, pattern: type[RewritePattern], dtype: DType) -> tuple[ModuleOp, ModuleOp, str]:
    """A snippet, what the pattern makes of it, and the name of the op that is to be replaced.

    Both are the same where the pattern does not apply.
    """
    snippet = Snippet(dtype)
    result = make(snippet)
    root = result.owner
    assert isinstance(root, HLOp)
    module = snippet.finish(result)
    after = module.clone()
    apply_patterns(after, [_OnOps(pattern(), getattr(pattern, "OPS", (HLOp,)))])
    after.verify()
    return module, after, root.name
