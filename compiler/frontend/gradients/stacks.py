"""What a loop keeps of each of its steps: values of one shape as the rows of a tensor, others one behind the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue

from ....dialects.dtypes import INT64, DType, dtype_of
from ....dialects.hl.movement import BroadcastToOp
from ....dialects.hl.shape import DimOp
from ....dialects.types import DYNAMIC, shape_of, zeros
from ..control_flow.values import LeafType
from ..ops import namespace
from ..ops.arguments import Size, int64_of, product, split_sizes
from ..ops.control_flow import while_loop
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import apply
from ..values.tensor import Tensor

_FIRST_ROWS = 16
"""The rows that a stack begins with, if the number of steps is not known before the loop."""


class Carrier(Protocol):
    """A loop that can be given more values to carry."""

    @property
    def tracer(self) -> Tracer:
        """The trace that it is in."""
        ...

    @property
    def count(self) -> Size | None:
        """How many steps there will be, if that is known before the loop."""
        ...

    @property
    def position(self) -> Tensor:
        """How many steps there were, inside of the loop: an int64 scalar."""
        ...

    def at_end(self) -> AbstractContextManager[None]:
        """Ops go to the end of the loop's body, unseen by tapes."""
        ...

    def carry(self, start: Callable[[], Tensor], type_: LeafType, step: Callable[[Tensor], Tensor]) -> Tensor:
        """Carry another value: it begins as `start()`, and each step ends with `step` of it. Returns its last one."""
        ...


class Stack(ABC):
    """The values that one value of a loop's body has had.

    Attributes:
        value: the value of the body.
        rows: the tensor that holds them, a result of the loop.
    """

    value: SSAValue
    rows: Tensor

    @abstractmethod
    def read(self, rows: Tensor, position: Tensor) -> Tensor:
        """The value of a step, or a part of the gradient of `rows`, which is like them."""


def stack(loop: Carrier, value: SSAValue) -> Stack:
    """Let a loop keep the values of one value of its body."""
    assert isinstance(value.type, TensorType)
    if DYNAMIC in shape_of(value.type):
        return RaggedStack(value, *_ragged(loop, value))
    return RowStack(value, _row_stack(loop, value))


@dataclass(frozen=True)
class RowStack(Stack):
    """Values of one shape: the rows of a tensor."""

    value: SSAValue
    rows: Tensor

    def read(self, rows: Tensor, position: Tensor) -> Tensor:
        """A row."""
        return _row(rows, position)


@dataclass(frozen=True)
class RaggedStack(Stack):
    """Values whose shapes differ: their elements one behind the other, with where they begin, and their sizes."""

    value: SSAValue
    rows: Tensor
    starts: Tensor
    sizes: Sequence[Tensor | int]

    def read(self, rows: Tensor, position: Tensor) -> Tensor:
        """The elements of a step, in their shape."""
        m = namespace()
        sizes = [size if isinstance(size, int) else _row(size, position) for size in self.sizes]
        part = m.dynamic_slice(rows, [_row(self.starts, position)], [product(sizes)])
        return m.reshape(part, sizes)


def _row(rows: Tensor, position: Tensor) -> Tensor:
    m = namespace()
    rest = [size for size in rows.shape[1:] if size is not None]
    return m.squeeze(m.dynamic_slice(rows, [position, *[0] * len(rest)], [1, *rest]), [0])


def _row_stack(loop: Carrier, value: SSAValue | None) -> Tensor:
    """Carry a stack of rows."""
    assert value is not None and isinstance(value.type, TensorType)
    m, shape, dtype = namespace(), shape_of(value.type), dtype_of(value.type)
    count = loop.count

    def start() -> Tensor:
        return fresh_zeros([_FIRST_ROWS if count is None else count, *shape], dtype)

    def step(rows: Tensor) -> Tensor:
        if count is None:
            rows = _grown(rows, m.add(loop.position, int64_of(1)))
        row = m.expand_dims(Tensor.symbolic(value, loop.tracer), 0)
        return m.dynamic_update_slice(rows, row, [loop.position, *[0] * len(shape)])

    return loop.carry(start, LeafType(dtype, (count if isinstance(count, int) else None, *shape)), step)


def _ragged(loop: Carrier, value: SSAValue) -> tuple[Tensor, Tensor, list[Tensor | int]]:
    """Carry a stack of elements, one of where they begin, and one for each size that may differ."""
    assert isinstance(value.type, TensorType)
    m, shape, dtype, tracer = namespace(), shape_of(value.type), dtype_of(value.type), loop.tracer
    own = Tensor.symbolic(value, tracer)
    with loop.at_end():
        sizes = [
            apply(DimOp, own, axis=axis, dtype=INT64) if size == DYNAMIC else size for axis, size in enumerate(shape)
        ]
        total = int64_of(product(sizes))
    kept = [size if isinstance(size, int) else _row_stack(loop, size._ssa) for size in sizes]
    begins: list[Tensor] = []

    def move(begin: Tensor) -> Tensor:
        begins.append(begin)
        return m.add(begin, total)

    loop.carry(lambda: int64_of(0), LeafType(INT64, ()), move)
    (begin,) = begins
    starts = _row_stack(loop, begin._ssa)

    def step(rows: Tensor) -> Tensor:
        rows = _grown(rows, m.add(begin, total))
        return m.dynamic_update_slice(rows, m.reshape(own, [-1]), [begin])

    rows = loop.carry(lambda: fresh_zeros([_FIRST_ROWS], dtype), LeafType(dtype, (None,)), step)
    return rows, starts, kept


def _grown(rows: Tensor, needed: Tensor) -> Tensor:
    """`rows` with zeros behind until there are as many as are needed: twice as many each time.

    That is a loop and not a branch, because a loop hands on the memory of what it carries.
    """
    m = namespace()
    rest = list(rows.shape[1:])

    def longer(rows: Tensor) -> list[Tensor]:
        return [m.concat([rows, fresh_zeros([_count(rows), *rest], rows.dtype)], 0)]

    return while_loop(lambda rows: m.less(_count(rows), needed), longer, [rows])[0]


def _count(rows: Tensor) -> Tensor:
    return apply(DimOp, rows, axis=0, dtype=INT64)


def fresh_zeros(sizes: Sequence[Size], dtype: DType) -> Tensor:
    """Zeros that the compiled function makes when it runs: a large one must not become a constant of the trace."""
    tracer = current_tracer()
    assert tracer is not None
    scalar = Tensor.symbolic(tracer.constant(zeros((), dtype)), tracer)
    static, dynamic = split_sizes(sizes)
    return apply(BroadcastToOp, scalar, *dynamic, shape=static)
