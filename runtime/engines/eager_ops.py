"""Ops that run compiled in eager calls: one function for each op, its attributes and the ranks of its operands."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Attribute, Block, Region
from xdsl.rewriter import InsertPoint

from ...dialects.emitter import UNKNOWN, Emitter
from ...dialects.hl.rules.base import HLOp
from ...dialects.hl.rules.facets import Attrs
from ...dialects.types import tensor_type
from . import Executable, compile_for

_compiled: dict[Hashable, Executable] = {}
_lock = threading.Lock()


def run_compiled(op: type[HLOp], operands: Sequence[np.ndarray], attrs: Attrs) -> Sequence[np.ndarray]:
    """The results of an op, by the native engine."""
    kinds = [(operand.dtype, *[size == 1 for size in operand.shape]) for operand in operands]
    key = (op, tuple(kinds), tuple(sorted(attrs.items())))
    found = _compiled.get(key)
    if found is None:
        with _lock:
            types = [_general(operand) for operand in operands]
            found = _compiled.get(key) or compile_for("native", _module(op, types, attrs))
            _compiled[key] = found
    return found.run(*operands)


def _general(operand: np.ndarray) -> TensorType[Attribute]:
    """The type of an operand, for all sizes; a size of 1 may be stretched, and stays."""
    return tensor_type([1 if size == 1 else None for size in operand.shape], operand.dtype)


def _module(op: type[HLOp], types: Sequence[TensorType[Attribute]], attrs: Attrs) -> ModuleOp:
    """A function that is the op."""
    block = Block(arg_types=types)
    emitter = Emitter(InsertPoint.at_end(block), UNKNOWN)
    results = emitter.add(op.build(block.args, attrs)).results
    emitter.add(func.ReturnOp(*results))
    name = op.name.replace(".", "_")
    return ModuleOp([func.FuncOp(name, (types, [result.type for result in results]), Region(block))])
