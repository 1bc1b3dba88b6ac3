"""The meaning of `linalg`: a body of scalar ops at every point of an iteration space.

The body runs once for each point of the reduction space, in the order of its loops, and each time on whole arrays over
the parallel space. Operands are read through their index maps, on tensors results are new, memrefs are written in
place. Where a memref that is written overlaps with memory that is read elsewhere, the body runs once for each point of
the whole space, in the order of its loops: what it reads may have been written by an earlier point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from xdsl.dialects.builtin import MemRefType, ShapedType, TensorType
from xdsl.dialects.linalg import Linalg
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.interpreter import InterpreterFunctions, PythonValues, ReturnedValues, TerminatorValue, register_impls
from xdsl.ir.affine import AffineDimExpr, AffineMap

from ....dialects.strings import as_array
from .errors import InterpreterError
from .machine import Machine, impl, impl_terminator
from .memref import readable, writable
from .values import Value


@dataclass(frozen=True)
class Space:
    """The iteration space of an op: how far each loop runs, and which loops are reductions."""

    sizes: tuple[int, ...]
    reductions: tuple[bool, ...]

    def points(self, one_by_one: bool = False) -> Iterator[list[Value]]:
        """The loop counters: arrays for the parallel loops, and each combination of the reduction loops in turn.

        With `one_by_one`, each combination of all loops in turn.
        """
        if one_by_one:
            yield from ([np.int64(i) for i in point] for point in product(*map(range, self.sizes)))
            return
        parallel = [axis for axis, reduction in enumerate(self.reductions) if not reduction]
        grid: list[Value] = [None] * len(self.sizes)
        for number, axis in enumerate(parallel):
            shape = [1] * len(parallel)
            shape[number] = -1
            grid[axis] = np.arange(self.sizes[axis]).reshape(shape)
        inner = [axis for axis, reduction in enumerate(self.reductions) if reduction]
        for point in product(*(range(self.sizes[axis]) for axis in inner)):
            for axis, value in zip(inner, point, strict=True):
                grid[axis] = np.int64(value)
            yield list(grid)


def loop_sizes(maps: Sequence[AffineMap], shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """How far each loop runs: the size of an axis that it alone indexes."""
    sizes: list[int | None] = [None] * maps[0].num_dims
    for map_, shape in zip(maps, shapes, strict=True):
        for expr, size in zip(map_.results, shape, strict=True):
            if not isinstance(expr, AffineDimExpr):
                continue
            known = sizes[expr.position]
            if known is not None and known != size:
                raise InterpreterError(
                    f"loop {expr.position} runs to {known} for one operand and to {size} for another"
                )
            sizes[expr.position] = size
    for position, size in enumerate(sizes):
        if size is None:
            raise InterpreterError(f"no operand says how far loop {position} runs")
    return tuple(size for size in sizes if size is not None)


def check_in_range(maps: Sequence[AffineMap], shapes: Sequence[tuple[int, ...]], sizes: Sequence[int]) -> None:
    """Check the axes that are indexed by more than a single loop at the corners of the iteration space."""
    if 0 in sizes:
        return
    open_grid: list[Value] = [
        np.arange(size).reshape([-1 if i == axis else 1 for i in range(len(sizes))]) for axis, size in enumerate(sizes)
    ]
    for number, (map_, shape) in enumerate(zip(maps, shapes, strict=True)):
        for axis, (expr, size) in enumerate(zip(map_.results, shape, strict=True)):
            if isinstance(expr, AffineDimExpr):
                continue
            index = np.asarray(expr.eval(open_grid, []))
            for reached in (int(index.min()), int(index.max())):
                if not 0 <= reached < size:
                    raise InterpreterError(
                        f"index {reached} is out of range for axis {axis} of operand {number}, of shape {list(shape)}"
                    )


def read(operand: Value, map_: AffineMap, point: Sequence[Value]) -> Value:
    """The elements of an operand (a scalar is itself) at a point of the space."""
    if not map_.results:
        return operand[()] if isinstance(operand, np.ndarray) else operand
    return operand[tuple(expr.eval(point, []) for expr in map_.results)]


def write(out: np.ndarray, map_: AffineMap, point: Sequence[Value], value: Value) -> None:
    """Store the elements of a result at a point of the space."""
    out[tuple(expr.eval(point, []) for expr in map_.results)] = value


def run_structured(
    functions: object, machine: Machine, op: LinalgStructuredOperation, args: PythonValues
) -> PythonValues:
    """Any op of `linalg`: its body over its iteration space."""
    count = len(op.inputs)
    on_tensors = isinstance(op.outputs[0].type, TensorType)
    outs = [array.copy() if on_tensors else writable(machine, array) for array in args[count:]]
    operands = [*(readable(machine, as_array(arg)) for arg in args[:count]), *outs]
    maps = [attr.data for attr in op.get_indexing_maps()]
    shapes = [
        operand.shape if isinstance(value.type, ShapedType) else ()
        for operand, value in zip(operands, op.operands, strict=True)
    ]
    sizes = loop_sizes(maps, shapes)
    check_in_range(maps, shapes, sizes)
    if 0 not in sizes:
        space = Space(sizes, tuple(kind.data == IteratorType.REDUCTION for kind in op.get_iterator_types()))
        _run_body(machine, op, space, operands, maps)
    return tuple(outs) if on_tensors else ()


def _run_body(
    machine: Machine, op: LinalgStructuredOperation, space: Space, operands: list[np.ndarray], maps: list[AffineMap]
) -> None:
    first_out = len(op.inputs)
    saved, active = machine.point, machine.active
    machine.active = None
    for point in space.points(one_by_one=_reads_what_it_writes(machine, op, operands, maps)):
        machine.point = point
        scalars = tuple(read(operand, map_, point) for operand, map_ in zip(operands, maps, strict=True))
        results = machine.run_ssacfg_region(op.body, scalars)
        for out, map_, value in zip(operands[first_out:], maps[first_out:], results, strict=True):
            write(out, map_, point, value)
    machine.point, machine.active = saved, active


def _reads_what_it_writes(
    machine: Machine, op: LinalgStructuredOperation, operands: Sequence[np.ndarray], maps: Sequence[AffineMap]
) -> bool:
    """Whether a point may read memory that another point writes."""
    if isinstance(op.outputs[0].type, TensorType):
        return False
    body = (value for inner in op.body.walk() for value in inner.operands if isinstance(value.type, MemRefType))
    loaded = [machine.frame[value] for value in body]
    for number, out in enumerate(operands[len(op.inputs) :], len(op.inputs)):
        if any(np.may_share_memory(out, memory) for memory in loaded):
            return True
        for other, operand in enumerate(operands):
            if other == number or not isinstance(operand, np.ndarray) or not np.may_share_memory(out, operand):
                continue
            if not (_same_memory(out, operand) and maps[other] == maps[number]):
                return True
    return False


def _same_memory(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays have the same element at each place."""
    return a.ctypes.data == b.ctypes.data and (a.shape, a.strides, a.dtype) == (b.shape, b.strides, b.dtype)


@register_impls
class LinalgFunctions(InterpreterFunctions):
    """The ops of the bodies."""

    @impl_terminator(linalg.YieldOp)
    def run_yield(
        self, machine: Machine, op: linalg.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Leaves the body with the results' elements."""
        return ReturnedValues(args), ()

    @impl(linalg.IndexOp)
    def run_index(self, machine: Machine, op: linalg.IndexOp, args: PythonValues) -> PythonValues:
        """The counter of a loop."""
        return (machine.point[op.dim.value.data],)


_Structured = register_impls(
    type(
        "_Structured",
        (InterpreterFunctions,),
        {
            op.__name__: impl(op)(run_structured)
            for op in Linalg.operations
            if issubclass(op, LinalgStructuredOperation)
        },
    )
)

FUNCTIONS = (_Structured(), LinalgFunctions())
