"""Calls of functions at the llvm level: a kernel by what `llvm_abi` says about it, any other function as C would.

This is the interpreter's side of what the native engine does in machine code: the frame, the arena, memory for results
and the heap, failed assertions, prints and host calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from xdsl.dialects import llvm
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Attribute

from .....compiler.lowering.llvm import abi
from .....dialects.printing import print_values
from ...string_table import StringTable, is_string, stored_dtype
from ..debug import formatted, stop
from ..errors import InterpreterError, refusal
from ..host import evaluate
from ..inputs import Argument
from ..machine import Machine
from ..values import Value, shape_with
from .access import call_function
from .memory import POINTER

_WORD = np.dtype(np.int64)
_NUMPY_ALIGNMENT = 16
"""How numpy aligns the memory of new arrays."""


def is_kernel(function: llvm.FuncOp) -> bool:
    """Whether a function carries what the engine has to know to call it with arrays."""
    return abi.ARGUMENTS in function.attributes


def run_kernel(machine: Machine, function: llvm.FuncOp, inputs: Sequence[object]) -> list[np.ndarray]:
    """The results of a kernel for arrays; those that it writes to are updated."""
    info = abi.KernelInfo.from_attributes(function.attributes)
    call = KernelCall(machine, info)
    arguments = [Argument.of(number, given, type_) for number, (given, type_) in enumerate(zip(inputs, info.arguments))]
    values = [call.stored(argument.value, type_) for argument, type_ in zip(arguments, info.arguments)]
    addresses, operands = call.place(values)
    try:
        (status,) = call_function(machine, function, (call.frame, call.arena, *operands))
    finally:
        for number in info.written:
            after = _contents(machine, addresses[number], values[number])
            arguments[number].give_back(call.loaded(after, info.arguments[number]))
    if status != abi.OK:
        raise call.failure(int(status))
    return call.results()


def _contents(machine: Machine, address: Value, like: np.ndarray) -> np.ndarray:
    """What memory holds now, as an array like the one that was put there."""
    return machine.memory.read(address, like.nbytes).view(like.dtype).reshape(like.shape)


class KernelCall:
    """One call: its frame, and what the kernel asks for while it runs.

    Attributes:
        frame: the address of the record of the call.
        arena: the address of scratch memory.
    """

    def __init__(self, machine: Machine, info: abi.KernelInfo):
        self.machine, self.memory, self.info = machine, machine.memory, info
        words = abi.FRAME_RESULTS + len(info.results)
        self.frame = self.memory.allocate(words * abi.WORD, "the frame of the call", abi.WORD)
        self.arena = self.memory.allocate(info.arena, "the arena", abi.ALIGNMENT)
        self._results: dict[int, tuple[np.int64, tuple[int, ...]]] = {}
        self._strings = StringTable()
        self._poll(self.frame, np.int64(0))
        self.memory.write(self.frame + abi.FRAME_MASKED * abi.WORD, np.zeros(1, _WORD))
        machine.externals = {
            abi.ALLOCATE: self._allocate,
            abi.FREE: self._free,
            abi.HOST: self._host,
            abi.POLL: self._poll,
        }
        for number in range(len(info.results)):
            machine.externals[f"{abi.RESULT}{number}"] = self._result_maker(number)

    def stored(self, array: np.ndarray, type_: Attribute) -> np.ndarray:
        """An array as it is in memory."""
        return self._strings.indices(array) if is_string(type_) else array

    def loaded(self, value: Value, type_: Attribute) -> Value:
        """What memory has as the program has it: strings for their indices."""
        if not is_string(type_):
            return value
        return self._strings.strings(value) if isinstance(type_, MemRefType) else self._strings.string(int(value))

    def place(self, arrays: Sequence[np.ndarray]) -> tuple[list[np.int64], list[Value]]:
        """The addresses of the arguments' memory, and the operands for them: each address, then its dynamic sizes."""
        addresses: list[np.int64] = []
        operands: list[Value] = []
        for number, (array, type_) in enumerate(zip(arrays, self.info.arguments, strict=True)):
            address = self.memory.allocate(
                array.nbytes, f"argument {number}", array.itemsize, array, writable=number in self.info.written
            )
            addresses.append(address)
            sizes = [np.int64(size) for size, known in zip(array.shape, type_.get_shape(), strict=True) if known < 0]
            operands += [address, *sizes]
        return addresses, operands

    def results(self) -> list[np.ndarray]:
        """The arrays the kernel has made and filled."""
        found = []
        for number, type_ in enumerate(self.info.results):
            if number not in self._results:
                raise InterpreterError(f"the kernel has not made result {number}")
            address, shape = self._results[number]
            dtype = stored_dtype(type_).dtype
            size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            found.append(self.loaded(self.memory.read(address, size).view(dtype).reshape(shape), type_))
        return found

    def failure(self, status: int) -> InterpreterError:
        """The error a status other than OK represents."""
        if status != abi.FAILED:
            return InterpreterError(f"the kernel ended with status {status}")
        words = self._words(int(self.frame) + abi.WORD * abi.FRAME_ASSERTION)
        site = self.info.assertions[int(words.scalar(_WORD))]
        error = refusal(
            site.error, formatted(site.text, _assertion_values(site.types, words, self.loaded)), site.location
        )
        error.op_name = "debug.assert"
        return error

    def _words(self, address: int) -> _Words:
        return _Words(self.machine, address)

    def _allocate(self, frame: Value, size: Value) -> np.int64:
        return self.memory.allocate(int(size), "heap memory", abi.ALIGNMENT)

    def _free(self, frame: Value, address: Value) -> None:
        self.memory.free(address)

    def _poll(self, frame: Value, left: Value) -> np.int32:
        """Go on: the interpreter can be interrupted anywhere."""
        self.memory.write(frame + abi.FRAME_BUDGET * abi.WORD, np.full(1, abi.BUDGET, _WORD))
        return np.int32(abi.OK)

    def _result_maker(self, number: int) -> Callable[..., np.int64]:
        """The function that makes memory for a result; what it made before is given back."""

        def make(frame: Value, *sizes: Value) -> np.int64:
            type_ = self.info.results[number]
            shape = shape_with(type_, sizes)
            if any(size < 0 for size in shape):
                raise InterpreterError(f"result {number} with a negative size in its shape {list(shape)}")
            if number in self._results:
                self.memory.free(self._results[number][0])
            size = int(np.prod(shape, dtype=np.int64)) * stored_dtype(type_).size
            address = self.memory.allocate(size, f"the memory of result {number}", _NUMPY_ALIGNMENT)
            self._results[number] = address, shape
            return address

        return make

    def _host(self, frame: Value, site_number: Value, table: Value) -> np.int32:
        """Print, stop at a breakpoint, or call the numpy meaning of an op and store what it gives."""
        site = self.info.sites[int(site_number)]
        try:
            self._run_site(site, self._words(int(table)))
        except InterpreterError as error:
            error.location, error.op_name = site.location, f"host {site.kind}"
            raise
        return np.int32(abi.OK)

    def _run_site(self, site: abi.Site, words: _Words) -> None:
        places = [
            words.array(type_) if isinstance(type_, MemRefType) else words.scalar(stored_dtype(type_).dtype)
            for type_ in site.types
        ]
        values = [self.loaded(value, type_) for value, type_ in zip(places, site.types)]
        if site.kind == "print":
            print_values(site.text, values, site.print_options, self.machine.file)
            return
        if site.kind == "break":
            stop(site.text, values, site.location)
            return
        results = evaluate(site.text, site.attrs, values[: site.inputs])
        outs = zip(places[site.inputs :], site.types[site.inputs :], results, strict=True)
        for out, type_, result in outs:
            if not out.flags.writeable:
                raise InterpreterError(f"{site.text} writes to memory that must not change")
            out[...] = self.stored(result, type_)


class _Words:
    """Reads 64-bit words of memory, one after the other."""

    def __init__(self, machine: Machine, address: int):
        self._memory, self._address = machine.memory, address

    def scalar(self, dtype: np.dtype) -> Value:
        """A scalar in the low bytes of a word."""
        word = self._memory.read(np.int64(self._address), abi.WORD, abi.WORD)
        self._address += abi.WORD
        return word[: dtype.itemsize].view(dtype)[0]

    def array(self, type_: MemRefType) -> np.ndarray:
        """A view of the memory that a pointer, sizes and strides describe."""
        address, rank = self.scalar(_WORD), type_.get_num_dims()
        shape = [int(self.scalar(_WORD)) for _ in range(rank)]
        strides = [int(self.scalar(_WORD)) for _ in range(rank)]
        return self._memory.array(address, shape, strides, stored_dtype(type_).dtype)


def _assertion_values(
    types: Sequence[Attribute], words: _Words, loaded: Callable[[Value, Attribute], Value]
) -> Iterator[Value]:
    """The values in the frame, of which there are at most `MAX_VALUES` words; `…` for what has no place there."""
    left = abi.MAX_VALUES
    for type_ in types:
        shape = type_.get_shape() if isinstance(type_, MemRefType) else ()
        count = int(np.prod(shape, dtype=np.int64)) if min(shape, default=0) >= 0 else None
        if count is None or count > left:
            yield "…"
            continue
        left -= count
        dtype = stored_dtype(type_).dtype
        items = [words.scalar(dtype) for _ in range(count)]
        yield loaded(np.array(items, dtype).reshape(shape) if isinstance(type_, MemRefType) else items[0], type_)


def run_plain(machine: Machine, function: llvm.FuncOp, inputs: Sequence[object]) -> list[np.ndarray]:
    """The result of a function that is no kernel: numbers for scalars, arrays for pointers, updated in place."""
    operands: list[Value] = []
    arrays: list[tuple[Argument, np.int64]] = []
    for number, (given, type_) in enumerate(zip(inputs, function.function_type.inputs.data, strict=True)):
        argument = Argument.of(number, given, None if type_ == POINTER else type_)
        if type_ == POINTER:
            array = argument.value
            arrays.append(
                (argument, machine.memory.allocate(array.nbytes, f"argument {number}", array.itemsize, array))
            )
        operands.append(arrays[-1][1] if type_ == POINTER else argument.value)
    try:
        results = call_function(machine, function, tuple(operands))
    finally:
        for argument, address in arrays:
            argument.give_back(_contents(machine, address, argument.value))
    return [np.asarray(result) for result in results]
