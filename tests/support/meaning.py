"""What `hl` programs of few ops mean, by NumPy and Python's own loops alone: an oracle beside the interpreter.

Each op's meaning is written here once more, not taken from its block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from xdsl.dialects import arith, builtin, func, scf, tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue

from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.types import array_of

MEANINGS: dict[str, Callable[..., Any]] = {
    "hl.add": np.add,
    "hl.sub": np.subtract,
    "hl.mul": np.multiply,
    "hl.maximum": np.maximum,
    "hl.minimum": np.minimum,
    "hl.less": np.less,
    "hl.equal": np.equal,
    "hl.not_equal": np.not_equal,
    "hl.greater_equal": np.greater_equal,
    "hl.neg": np.negative,
    "hl.abs": np.abs,
    "hl.logical_not": np.logical_not,
    "hl.logical_and": np.logical_and,
    "hl.bitwise_xor": np.bitwise_xor,
    "hl.floor": np.floor,
    "hl.select": np.where,
    "hl.max": lambda x, axes, keepdims: x.max(axes, keepdims=keepdims, initial=_limits(x.dtype)[0]),
    "hl.min": lambda x, axes, keepdims: x.min(axes, keepdims=keepdims, initial=_limits(x.dtype)[1]),
    "hl.sum": lambda x, axes, keepdims: x.sum(axes, keepdims=keepdims, dtype=x.dtype),
    "hl.all": lambda x, axes, keepdims: x.all(axes, keepdims=keepdims),
    "hl.transpose": lambda x, perm: x.transpose(perm),
    "hl.reverse": lambda x, axes: np.flip(x, axes),
}
"""The ops that programs may have, and what they compute of their operands and attributes."""


def _limits(dtype: np.dtype) -> tuple[float, float]:
    """The least and the greatest number of a dtype."""
    return (np.iinfo(dtype).min, np.iinfo(dtype).max) if np.issubdtype(dtype, np.integer) else (-np.inf, np.inf)


_Values = dict[SSAValue, Any]


def meaning(module: ModuleOp, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What the function `main` of a program returns."""
    functions = {op.sym_name.data: op for op in module.ops if isinstance(op, func.FuncOp)}
    with np.errstate(all="ignore"):
        return [np.asarray(result) for result in _called(functions, "main", inputs)]


def _called(functions: Mapping[str, func.FuncOp], name: str, given: Sequence[Any]) -> list[Any]:
    return _run(functions, functions[name].body.block, given, {})


def _run(functions: Mapping[str, func.FuncOp], block: Block, given: Sequence[Any], outer: _Values) -> list[Any]:
    """What the last op of a block hands on; of what is outside it sees `outer`."""
    values = {**outer, **dict(zip(block.args, given, strict=True))}
    for op in block.ops:
        operands = [values[operand] for operand in op.operands]
        if op is block.last_op:
            return operands
        results = _results(functions, op, operands, values)
        values.update(zip(op.results, results, strict=True))
    return []


def _results(functions: Mapping[str, func.FuncOp], op: Operation, operands: list[Any], values: _Values) -> list[Any]:
    def run(region: int, given: Sequence[Any] = ()) -> list[Any]:
        return _run(functions, op.regions[region].block, given, values)

    match op:
        case HLOp():
            return [MEANINGS[op.name](*operands, **op.attrs())]
        case arith.ConstantOp(value=builtin.IntegerAttr() as number):
            return [number.value.data]
        case arith.ConstantOp(value=builtin.DenseIntOrFPElementsAttr() as elements):
            return [array_of(elements)]
        case tensor.ExtractOp() | arith.IndexCastOp() | tensor.CastOp():
            return operands[:1]
        case tensor.FromElementsOp():
            return [np.array(operands[0], np.int32)]
        case func.CallOp():
            return _called(functions, op.callee.root_reference.data, operands)
        case scf.IfOp():
            return run(0 if operands[0] else 1)
        case scf.ForOp():
            low, high, step, *carried = operands
            for number in range(low, high, step):
                carried = run(0, [number, *carried])
            return carried
        case scf.WhileOp():
            while (tested := run(0, operands))[0]:
                operands = run(1, tested[1:])
            return tested[1:]
    raise AssertionError(f"no meaning of {op.name}")
