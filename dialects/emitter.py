"""The one way compiler code creates ops: at a point, with a location."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    LocationAttr,
    ShapedType,
    Signedness,
    TensorType,
    UnknownLoc,
    VectorType,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint

from .public import public
from .walk import ops_in

OpT = TypeVar("OpT", bound=Operation)

UNKNOWN = UnknownLoc()


def locate(op: Operation, location: LocationAttr) -> None:
    """Give `op`, and every op nested in it, `location` where it has none yet."""
    for inner in ops_in(op) if op.regions else (op,):
        if isinstance(inner.location, UnknownLoc):
            inner.location = location


@public("plugins")
class Emitter:
    """Inserts ops one after the other at an insertion point, each with the same location.

    A compiler pass that does not go through a rewrite pattern creates its ops with an emitter, so that no op is
    ever without the user's line.

    Example:
        >>> from xdsl.dialects.builtin import FileLineColLoc, StringAttr, IntAttr
        >>> block = Block()
        >>> e = Emitter(InsertPoint.at_end(block), FileLineColLoc(StringAttr("a.py"), IntAttr(3), IntAttr(0)))
        >>> two = e.index(2)
        >>> block.first_op.location.line.data
        3
    """

    def __init__(self, point: InsertPoint, location: LocationAttr):
        self.point = point
        self.location = location

    @staticmethod
    def before(op: Operation) -> Emitter:
        """An emitter that inserts before `op`, with its location."""
        return Emitter(InsertPoint.before(op), op.location)

    @staticmethod
    def after(op: Operation) -> Emitter:
        """An emitter that inserts after `op`, with its location."""
        return Emitter(InsertPoint.after(op), op.location)

    def at_end(self, block: Block) -> Emitter:
        """An emitter with the same location at the end of `block`."""
        return Emitter(InsertPoint.at_end(block), self.location)

    def add(self, op: OpT) -> OpT:
        """Insert `op`, give it (and what is nested in it) the location, and return it."""
        locate(op, self.location)
        before = self.point.insert_before
        if before is None:
            self.point.block.add_op(op)
        else:
            self.point.block.insert_op_before(op, before)
        return op

    def value(self, op: Operation) -> SSAValue:
        """Insert `op` and return its only result."""
        return self.add(op).results[0]

    @contextmanager
    def located(self, location: LocationAttr) -> Iterator[None]:
        """Use another location inside the `with` block."""
        saved, self.location = self.location, location
        try:
            yield
        finally:
            self.location = saved

    def index(self, value: int) -> SSAValue:
        """An `arith.constant` of type `index`."""
        return self._constant(_index_attr(value))

    def constant(self, value: float | int | bool, type_: Attribute) -> SSAValue:
        """An `arith.constant` of a scalar type, or a splat of a tensor or vector type."""
        return self._constant(constant_attr(value, type_))

    def _constant(self, attr: IntegerAttr | FloatAttr | DenseIntOrFPElementsAttr) -> SSAValue:
        """Built without the checks of a constructor: programs have thousands of constants."""
        return self.value(arith.ConstantOp.create(result_types=[attr.type], properties={"value": attr}))


@lru_cache(maxsize=4096)
def _index_attr(value: int) -> IntegerAttr:
    """An index; it is kept, as it is checked again whenever it is made."""
    return IntegerAttr(value, IndexType())


def constant_attr(value: float | int | bool, type_: Attribute) -> IntegerAttr | FloatAttr | DenseIntOrFPElementsAttr:
    """The attribute that holds the scalar `value` as `type_` (a splat, when `type_` is a tensor or vector)."""
    if isinstance(type_, TensorType | VectorType):
        assert isinstance(type_, ShapedType)
        element = constant_attr(value, type_.get_element_type())
        assert isinstance(element, IntegerAttr | FloatAttr)
        return DenseIntOrFPElementsAttr.from_list(type_, [element.value.data])
    if isinstance(type_, AnyFloat):
        return FloatAttr(float(value), type_)
    assert isinstance(type_, IntegerType | IndexType), type_
    if isinstance(type_, IntegerType) and type_.width.data == 1:
        return IntegerAttr(int(bool(value)), type_, truncate_bits=True)
    if isinstance(type_, IntegerType) and type_.signedness.data == Signedness.UNSIGNED:
        return IntegerAttr(int(value), type_, truncate_bits=True)
    import numpy as np  # not where texts are only read: `stepwell opt` starts without it

    return IntegerAttr(int(np.int64(value)), type_)
