"""What is known of the memory of a function while it is rewritten: the program as it was, and where tensors live."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import bufferization, func, memref, tensor
from xdsl.dialects.builtin import MemRefType, TensorType
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects.debug import MaskInterruptsOp
from ....dialects.emitter import Emitter
from .order import ProgramOrder
from .storage import Buffer, subview_type


class FunctionMemory:
    """The memory of a function.

    Attributes:
        order: the program as it was.
        buffers: where each tensor lives, and each memref parameter.
        targets: for a terminator, where each of its operands is wanted (`None`: anywhere).
        placed: insertions whose part is written ahead, with the memory of the whole and of the part.
        masked: assignments whose value is computed in the Variable's memory.
        may_overlap: whether two parameters may be the same variable.
    """

    def __init__(self, function: func.FuncOp):
        self.function = function
        self.order = ProgramOrder(function)
        self.buffers: dict[SSAValue, Buffer] = {}
        self.targets: dict[Operation, Sequence[Buffer | None]] = {}
        self.placed: dict[Operation, tuple[Buffer, SSAValue]] = {}
        self.masked: set[Operation] = set()
        self._writes: dict[SSAValue, list[Operation]] = {}
        self.may_overlap = _may_overlap(function)

    def place(self, value: SSAValue, buffer: Buffer) -> None:
        """Say where a tensor lives."""
        self.buffers[value] = buffer
        buffer.storage.values.append(value)
        if buffer.memref.name_hint is None:
            buffer.memref.name_hint = value.name_hint

    def part(
        self,
        e: Emitter,
        whole: Buffer,
        op: tensor.ExtractSliceOp | tensor.InsertSliceOp,
        type_: Attribute,
    ) -> Buffer:
        """The part of `whole` that a slicing op is about, as a view of type `type_`."""
        assert isinstance(type_, TensorType)
        static = (op.static_offsets, op.static_sizes, op.static_strides)
        numbers = [list(attr.get_values()) for attr in static]
        result = subview_type(whole.type, *numbers, type_.get_shape())  # pyright: ignore
        dynamic = (list(op.offsets), list(op.sizes), list(op.strides))
        view = e.value(memref.SubviewOp(whole.memref, *dynamic, *static, result))  # pyright: ignore
        return Buffer(view, whole.storage)

    def writes_of(self, variable: SSAValue) -> list[Operation]:
        """The ops that may write a variable, under whatever name."""
        if variable not in self._writes:
            names = self.order.uses if self.may_overlap else (variable,)
            self._writes[variable] = [
                use.op
                for name in names
                if isinstance(name.type, MemRefType)
                for use in self.order.uses_of(name)
                if isinstance(use.op, bufferization.MaterializeInDestinationOp | func.CallOp)
            ]
        return self._writes[variable]

    def mask_until(self, assign: Operation, op: Operation) -> None:
        """Let nothing interrupt the program from `op`, which computes in a Variable's memory, to the assignment."""
        if assign not in self.masked:
            self.masked.add(assign)
            Emitter.before(op).add(MaskInterruptsOp.create())


def _may_overlap(function: func.FuncOp) -> bool:
    """Whether the callers of a function may give it one variable twice; those of a public one do not."""
    public = function.sym_visibility is None or function.sym_visibility.data != "private"
    variables = [type_ for type_ in function.function_type.inputs if isinstance(type_, MemRefType)]
    return not public and len(variables) > 1
