"""What is known of sizes: more of it, or less."""

from __future__ import annotations

from xdsl.dialects import tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation

from ....emitter import Emitter
from ....types import DYNAMIC, shape_of, tensor_of
from ..base import compatible


def refined(old: Attribute, new: Attribute) -> Attribute:
    """`old` with the sizes that `new` knows."""
    if not (isinstance(old, TensorType) and isinstance(new, TensorType)) or not compatible(old, new):
        return old
    known = shape_of(old)
    if DYNAMIC not in known:
        return old
    return tensor_of(old.element_type, tuple([b if a == DYNAMIC else a for a, b in zip(known, shape_of(new))]))


def forget_sizes(op: Operation) -> None:
    """The sizes do not fit: that is an error when the op runs, which it may never do."""
    e = Emitter.before(op)
    for number, operand in enumerate(list(op.operands)):
        assert isinstance(operand.type, TensorType)
        unknown = TensorType(operand.type.element_type, [DYNAMIC] * operand.type.get_num_dims())
        if operand.type != unknown:
            op.operands[number] = e.value(tensor.CastOp(operand, unknown))
