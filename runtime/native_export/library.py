"""Functions of programs as a library to export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, ModuleOp

from ...compiler.frontend.values.variable import Variable
from ...compiler.lowering.llvm import abi
from ...compiler.targets import Target
from ...dialects.debug import PrintOp
from ...dialects.diagnostics import UnsupportedError, location_text
from ...dialects.dtypes import dtype_of
from ...dialects.host import PYTHON_CALL, PYTHON_RESULTS
from ..engines.complex import ComplexArrays
from ..engines.lower import lowered
from ..engines.native.executable import KernelText
from ..engines.string_table import is_string
from ..exported import captured_arrays, output_names
from ..functions.concrete import ConcreteFunction
from .interface import MOST_AXES, Entry, Held, Item, Library, unique


@dataclass(frozen=True)
class Program:
    """A function to export.

    Attributes:
        name: its name in C.
        module: its `hl` module.
        inputs, results: the names of what is given and returned.
        captures: what it takes from around it, the last arguments of the module's function: what each is, its name
            and its elements.
        size_names: for each input the names of its sizes; nothing where there are none.
    """

    name: str
    module: ModuleOp
    inputs: tuple[str, ...]
    results: tuple[str, ...]
    captures: tuple[tuple[object, str, np.ndarray], ...] = ()
    size_names: tuple[tuple[str | None, ...], ...] = ()

    @staticmethod
    def of(name: str, concrete: ConcreteFunction) -> Program:
        """The function of a trace."""
        named = zip(concrete.specs, concrete._tensor_names(), strict=True)
        values = zip(concrete.captures, captured_arrays(concrete), strict=True)
        return Program(
            name,
            concrete.module,
            tuple(spec.name or own for spec, own in named),
            tuple(output_names(concrete)),
            tuple((thing, _value_name(thing), array) for thing, array in values),
            tuple(spec.size_names for spec in concrete.specs),
        )


def _value_name(thing: object) -> str:
    return thing.name.rpartition(":")[0] or thing.name if isinstance(thing, Variable) else "constant"


def make_library(name: str, programs: Sequence[Program], target: Target, drop_prints: bool = False) -> Library:
    """Take functions down to machine code's text, and name what they share.

    Raises UnsupportedError for what needs Python at run time.
    """
    things: dict[int, tuple[str, np.ndarray]] = {}
    for program in programs:
        things |= {id(thing): (named, array) for thing, named, array in program.captures}
    index = {key: number for number, key in enumerate(things)}
    entries = [
        _entry(program, [index[id(thing)] for thing, _, _ in program.captures], target, drop_prints)
        for program in programs
    ]
    written = {index for entry in entries for index in entry.written}
    return Library(name, target, tuple(entries), tuple(_held(things.values(), written)))


def _held(things: Iterable[tuple[str, np.ndarray]], written: set[int]) -> list[Held]:
    names, arrays = zip(*things, strict=True) if things else ((), ())
    items = [Item(name, dtype_of(array), array.shape) for name, array in zip(unique(names), arrays, strict=True)]
    return [
        Held(item, np.array(array, order="C"), index in written)
        for index, (item, array) in enumerate(zip(items, arrays, strict=True))
    ]


def _entry(program: Program, held: Sequence[int], target: Target, drop_prints: bool) -> Entry:
    where = f"native.export: {program.name}"
    module = program.module
    if drop_prints:
        module = module.clone()
        for op in [op for op in module.walk() if isinstance(op, PrintOp)]:
            op.detach()
            op.erase()
    text = KernelText.of(lowered(module, "llvm", target=target.name))
    _refuse_host(where, text.info)
    count = len(program.inputs)
    is_complex = ComplexArrays.of(module)
    named = unique([*program.inputs, *program.results])
    inputs = _items(where, named[:count], text.info.arguments[:count], is_complex.arguments[:count])
    if program.size_names:
        inputs = tuple(replace(item, size_names=own) for item, own in zip(inputs, program.size_names, strict=True))
    results = _items(where, named[count:], text.info.results, is_complex.results)
    written = frozenset(held[number - count] for number in text.info.written)
    return Entry(program.name, text, inputs, results, tuple(held), written, _line(module))


def _line(module: ModuleOp) -> str:
    """The file and line of the function, without folders."""
    function = next(op for op in module.ops if isinstance(op, func.FuncOp))
    return location_text(function.location).rpartition("/")[2]


def _items(
    where: str, names: Sequence[str], types: Sequence[MemRefType], is_complex: Sequence[bool]
) -> tuple[Item, ...]:
    return tuple(_item(where, *each) for each in zip(names, types, is_complex, strict=True))


def _item(where: str, name: str, type_: MemRefType, is_complex: bool) -> Item:
    shape = tuple(None if size == DYNAMIC_INDEX else size for size in type_.get_shape())
    item = Item(name, dtype_of(type_), shape)
    if is_complex:
        item = replace(item, dtype=item.dtype.complex_dtype, shape=shape[:-1])
    if len(item.shape) > MOST_AXES:
        raise UnsupportedError(
            f"{where}: {name} has {len(item.shape)} dimensions; an exported function takes {MOST_AXES}"
        )
    return item


def _refuse_host(where: str, info: abi.KernelInfo) -> None:
    """Raise UnsupportedError for the first thing that only Python can do."""
    for site in info.sites:
        what = {"print": "sw.print", "break": "a breakpoint"}.get(site.kind, f"'{site.text}'")
        if site.text in (PYTHON_CALL, PYTHON_RESULTS):
            what = "a function that stays Python"
        remedy = "drop_prints=True leaves prints out" if site.kind == "print" else None
        message = f"{where} needs Python for {what}, which an exported function does not have"
        raise UnsupportedError(message, location=site.location, remedy=remedy)
    if any(is_string(type_) for type_ in (*info.arguments, *info.results)):
        raise UnsupportedError(f"{where} has strings, which an exported function does not take or return")
