"""The meaning of `bufferization`: where tensors, which are values, meet memory."""

from __future__ import annotations

import numpy as np
from xdsl.dialects import bufferization
from xdsl.dialects.builtin import TensorType
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls

from .errors import InterpreterError
from .machine import Machine, impl
from .memref import readable, writable
from .values import dtype_of, shape_with, uninitialised


@register_impls
class BufferizationFunctions(InterpreterFunctions):
    """Implementations of the ops of `bufferization`."""

    @impl(bufferization.AllocTensorOp)
    def alloc_tensor(self, machine: Machine, op: bufferization.AllocTensorOp, args: PythonValues) -> PythonValues:
        """An uninitialized tensor, or a copy of one."""
        if op.copy is not None:
            return (np.array(machine.frame[op.copy]),)
        assert isinstance(op.tensor.type, TensorType)
        sizes = machine.get_values(op.dynamic_sizes)
        return (uninitialised(shape_with(op.tensor.type, sizes), dtype_of(op.tensor.type)),)

    @impl(bufferization.ToTensorOp)
    def to_tensor(self, machine: Machine, op: bufferization.ToTensorOp, args: PythonValues) -> PythonValues:
        """What the memory holds now; the tensor does not follow later changes."""
        return (readable(machine, args[0]).copy(),)

    @impl(bufferization.ToBufferOp)
    def to_buffer(self, machine: Machine, op: bufferization.ToBufferOp, args: PythonValues) -> PythonValues:
        """Memory that holds the tensor; what is written to it does not change the tensor."""
        memory = np.array(args[0])
        memory.flags.writeable = op.read_only is None
        return (memory,)

    @impl(bufferization.CloneOp)
    def clone(self, machine: Machine, op: bufferization.CloneOp, args: PythonValues) -> PythonValues:
        """Memory of its own that holds the same."""
        memory = np.array(readable(machine, args[0]))
        machine.allocations[id(memory)] = memory
        return (memory,)

    @impl(bufferization.MaterializeInDestinationOp)
    def materialize(
        self, machine: Machine, op: bufferization.MaterializeInDestinationOp, args: PythonValues
    ) -> PythonValues:
        """Stores the tensor in memory; on tensors the result is the tensor."""
        source, dest = args
        if source.shape != dest.shape:
            raise InterpreterError(f"a tensor of shape {list(source.shape)} is stored in {list(dest.shape)}")
        if op.result is not None:
            return (source.copy(),)
        writable(machine, dest)[...] = source
        return ()


FUNCTIONS = (BufferizationFunctions(),)
