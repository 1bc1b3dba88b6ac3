"""The meaning of `llvm`, continued: memory, globals and calls."""

from __future__ import annotations

import numpy as np
from xdsl.dialects import llvm
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IntegerAttr, StringAttr
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls
from xdsl.ir import Attribute, Operation

from ..errors import InterpreterError
from ..func_cf import MAX_DEPTH
from ..machine import Machine, impl
from ..values import Value, constant
from . import intrinsics as llvm_intrinsics
from .memory import element_offset, natural_alignment, size_of


def _number(attribute: Attribute | None) -> int | None:
    return attribute.value.data if isinstance(attribute, IntegerAttr) else None


@register_impls
class MemoryFunctions(InterpreterFunctions):
    """Addresses, and what lies there."""

    @impl(llvm.GEPOp)
    def gep(self, machine: Machine, op: llvm.GEPOp, args: PythonValues) -> PythonValues:
        """The address of an element; it may lie anywhere as long as it is not used."""
        pointer, *dynamic = args
        rest = iter(dynamic)
        indices = [
            int(next(rest)) if index == llvm.GEP_USE_SSA_VAL else index for index in op.rawConstantIndices.iter_values()
        ]
        return (np.int64(int(pointer) + element_offset(op.elem_type, indices)),)

    @impl(llvm.AllocaOp)
    def alloca(self, machine: Machine, op: llvm.AllocaOp, args: PythonValues) -> PythonValues:
        """Memory until the function returns."""
        alignment = _number(op.alignment) or natural_alignment(op.elem_type)
        address = machine.memory.allocate(int(args[0]) * size_of(op.elem_type), "stack memory", alignment)
        machine.stack.append(address)
        return (address,)

    @impl(llvm.LoadOp)
    def load(self, machine: Machine, op: llvm.LoadOp, args: PythonValues) -> PythonValues:
        """What lies there."""
        return (machine.memory.load(args[0], op.dereferenced_value.type, _number(op.alignment)),)

    @impl(llvm.StoreOp)
    def store(self, machine: Machine, op: llvm.StoreOp, args: PythonValues) -> PythonValues:
        """Writes there."""
        machine.memory.store(args[0], args[1], op.value.type, _number(op.alignment))
        return ()

    @impl(llvm.AddressOfOp)
    def addressof(self, machine: Machine, op: llvm.AddressOfOp, args: PythonValues) -> PythonValues:
        """The address of a global, which is the same each time."""
        name = op.global_name.string_value()
        if name not in machine.globals:
            machine.globals[name] = _allocate_global(machine, name)
        return (machine.globals[name],)

    @impl(llvm.GlobalOp)
    def define_global(self, machine: Machine, op: llvm.GlobalOp, args: PythonValues) -> PythonValues:
        """A definition does nothing by itself."""
        return ()


def _symbol(machine: Machine, name: str) -> object:
    for op in machine.module.body.block.ops:
        if isinstance(op, llvm.GlobalOp | llvm.FuncOp) and op.sym_name.data == name:
            return op
    return None


def _allocate_global(machine: Machine, name: str) -> Value:
    op = _symbol(machine, name)
    if not isinstance(op, llvm.GlobalOp):
        raise InterpreterError(f"there is no global @{name}")
    size, value = size_of(op.global_type), op.value
    data = None
    if isinstance(value, DenseIntOrFPElementsAttr):
        items = np.asarray(constant(value)).ravel()
        data = np.broadcast_to(items, (size // items.itemsize,)) if items.size == 1 else items
    elif isinstance(value, StringAttr):
        data = np.frombuffer(value.data.encode(), np.uint8)
    elif value is not None or op.body.blocks:
        raise InterpreterError(f"global @{name} has a kind of initial value that cannot be interpreted")
    alignment = _number(op.alignment) or natural_alignment(op.global_type)
    return machine.memory.allocate(size, f"global @{name}", alignment, data, writable=op.constant is None)


def call_function(machine: Machine, op: llvm.FuncOp, args: PythonValues) -> PythonValues:
    """The body of a function, run in a new frame; memory on the stack is gone at its end."""
    machine.depth += 1
    if machine.depth > MAX_DEPTH:
        raise InterpreterError(f"calls nest deeper than {MAX_DEPTH}")
    saved, machine.stack = machine.stack, []
    with machine.new_frame():
        results = machine.run_ssacfg_region(op.body, args)
    for address in machine.stack:
        machine.memory.free(address)
    machine.stack = saved
    machine.depth -= 1
    return results


@register_impls
class CallFunctions(InterpreterFunctions):
    """Functions of the module, of the run-time system, of the C library, and LLVM's intrinsics."""

    @impl(llvm.CallOp)
    def call(self, machine: Machine, op: llvm.CallOp, args: PythonValues) -> PythonValues:
        """The result of the called function."""
        if op.callee is None:
            raise InterpreterError("a call through a pointer cannot be interpreted")
        name = op.callee.string_value()
        function = _symbol(machine, name)
        if isinstance(function, llvm.FuncOp) and function.body.blocks:
            return call_function(machine, function, args)
        outside = machine.externals.get(name) or llvm_intrinsics.LIBRARY.get(name)
        if outside is None:
            raise InterpreterError(f"there is no function @{name}")
        result = outside(*args)
        return () if op.returned is None else (result,)

    @impl(llvm.FuncOp)
    def run_func(self, machine: Machine, op: llvm.FuncOp, args: PythonValues) -> PythonValues:
        """A definition does nothing by itself."""
        return ()

    @impl(llvm.CallIntrinsicOp)
    def intrinsic(self, machine: Machine, op: llvm.CallIntrinsicOp, args: PythonValues) -> PythonValues:
        """One of LLVM's own functions."""
        type_ = op.ress.type if op.ress is not None else None
        result = llvm_intrinsics.call(machine, op.intrin.data, args, [arg.type for arg in op.args], type_)
        return () if op.ress is None else (result,)


def run_named(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """An intrinsic that has an op of its own."""
    types = [operand.type for operand in op.operands]
    type_ = op.results[0].type if op.results else None
    result = llvm_intrinsics.call(machine, llvm_intrinsics.NAMED[type(op)], args, types, type_)
    return (result,) if op.results else ()


_Named = register_impls(
    type("_Named", (InterpreterFunctions,), {op.__name__: impl(op)(run_named) for op in llvm_intrinsics.NAMED})
)

FUNCTIONS = (MemoryFunctions(), CallFunctions(), _Named())
