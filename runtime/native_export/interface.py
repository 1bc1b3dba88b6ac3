"""What an exported library has: its functions, the values they take from around them, and how C names all that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, ModuleOp

from ...compiler.frontend.values.variable import Variable
from ...compiler.lowering.llvm import abi
from ...compiler.targets import Target
from ...dialects.debug import PrintOp
from ...dialects.diagnostics import InvalidArgumentError, UnsupportedError, location_text
from ...dialects.dtypes import DType, dtype_of
from ...dialects.host import PYTHON_CALL, PYTHON_RESULT
from ..engines.complex import ComplexArrays
from ..engines.lower import lowered
from ..engines.native.executable import KernelText
from ..engines.string_table import is_string
from ..exported import captured_arrays, identifier, output_names
from ..functions.concrete import ConcreteFunction

MOST_AXES = 8
"""The largest rank of a tensor in the interface."""

_KEYWORDS = frozenset(
    [
        "alignas",
        "alignof",
        "and",
        "and_eq",
        "asm",
        "auto",
        "bitand",
        "bitor",
        "bool",
        "break",
        "case",
        "catch",
        "char",
        "class",
        "compl",
        "const",
        "constexpr",
        "continue",
        "decltype",
        "default",
        "delete",
        "do",
        "double",
        "else",
        "enum",
        "explicit",
        "export",
        "extern",
        "false",
        "float",
        "for",
        "friend",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "mutable",
        "namespace",
        "new",
        "noexcept",
        "not",
        "not_eq",
        "nullptr",
        "operator",
        "or",
        "or_eq",
        "private",
        "protected",
        "public",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "template",
        "this",
        "throw",
        "true",
        "try",
        "typedef",
        "typeid",
        "typename",
        "typeof",
        "union",
        "unsigned",
        "using",
        "virtual",
        "void",
        "volatile",
        "while",
        "xor",
        "xor_eq",
        "state",
        "error",
    ]
)
"""Words of C and C++, and the names of two parameters, that no other parameter can have."""


@dataclass(frozen=True)
class Item:
    """A tensor that crosses the interface.

    Attributes:
        name: its name in C.
        dtype: its dtype.
        shape: its sizes, None where any size will do.
    """

    name: str
    dtype: DType
    shape: tuple[int | None, ...]


@dataclass(frozen=True)
class Held:
    """The value of a Variable or tensor that functions take from around them.

    Attributes:
        item: its name and type.
        array: its elements.
        in_state: whether a function assigns it.
    """

    item: Item
    array: np.ndarray
    in_state: bool


@dataclass(frozen=True)
class Entry:
    """A function of a library.

    Attributes:
        name: its name in C, without that of the library.
        text: its kernel.
        inputs, results: what C gives and gets.
        held: for each value that it takes from around it the index in the library's.
        written: which of those it assigns.
        location: `file:line` of the program.
    """

    name: str
    text: KernelText
    inputs: tuple[Item, ...]
    results: tuple[Item, ...]
    held: tuple[int, ...]
    written: frozenset[int]
    location: str


@dataclass(frozen=True)
class Library:
    """All that is exported together."""

    name: str
    target: Target
    entries: tuple[Entry, ...]
    held: tuple[Held, ...]

    @property
    def state(self) -> list[Held]:
        """The values that are not constant."""
        return [held for held in self.held if held.in_state]

    def takes_state(self, entry: Entry) -> bool:
        """Whether a function reads or assigns a value that is not constant."""
        return any(self.held[index].in_state for index in entry.held)


def make_library(name: str, functions: Mapping[str, ConcreteFunction], target: Target, drop_prints: bool) -> Library:
    """Take functions down to machine code's text, and name what they share.

    Raises UnsupportedError for what needs Python at run time.
    """
    things: dict[int, tuple[object, np.ndarray]] = {}
    entries: list[Entry] = []
    for own_name, concrete in functions.items():
        arrays = captured_arrays(concrete)
        for thing, array in zip(concrete.captures, arrays, strict=True):
            things.setdefault(id(thing), (thing, array))
        index = {key: number for number, key in enumerate(things)}
        held = tuple(index[id(thing)] for thing in concrete.captures)
        entries.append(_entry(own_name, concrete, held, target, drop_prints))
    written = {index for entry in entries for index in entry.written}
    return Library(name, target, tuple(entries), tuple(_held(things.values(), written)))


def _held(things: Iterable[tuple[object, np.ndarray]], written: set[int]) -> list[Held]:
    named = [_value_name(thing) for thing, _ in things]
    return [
        Held(
            Item(name, dtype_of(array), array.shape), np.ascontiguousarray(array).reshape(array.shape), index in written
        )
        for index, (name, (_, array)) in enumerate(zip(unique(named), things, strict=True))
    ]


def _value_name(thing: object) -> str:
    return thing.name.rpartition(":")[0] or thing.name if isinstance(thing, Variable) else "constant"


def _entry(name: str, concrete: ConcreteFunction, held: tuple[int, ...], target: Target, drop_prints: bool) -> Entry:
    where = f"native.export: {concrete.name}"
    module = concrete.module
    if drop_prints:
        module = module.clone()
        for op in [op for op in module.walk() if isinstance(op, PrintOp)]:
            op.detach()
            op.erase()
    text = KernelText.of(lowered(module, "llvm", target=target.name))
    _refuse_host(where, text.info)
    count = len(concrete.specs)
    is_complex = ComplexArrays.of(concrete.module)
    given = [spec.name or own for spec, own in zip(concrete.specs, concrete._tensor_names(), strict=True)]
    named = unique([*given, *output_names(concrete)])
    inputs = _items(where, named, text.info.arguments[:count], is_complex.arguments)
    results = _items(where, named[count:], text.info.results, is_complex.results)
    written = frozenset(held[number - count] for number in text.info.written)
    return Entry(name, text, inputs, results, held, written, _line(concrete.module))


def _line(module: ModuleOp) -> str:
    function = next(op for op in module.ops if isinstance(op, func.FuncOp))
    return location_text(function.location).rpartition("/")[2]


def _items(
    where: str, names: Sequence[str], types: Sequence[MemRefType], is_complex: Sequence[bool]
) -> tuple[Item, ...]:
    return tuple(_item(where, *each) for each in zip(names, types, is_complex, strict=False))


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
        if site.text in (PYTHON_CALL, PYTHON_RESULT):
            what = "a function that stays Python"
        remedy = "drop_prints=True leaves prints out" if site.kind == "print" else None
        message = f"{where} needs Python for {what}, which an exported function does not have"
        raise UnsupportedError(message, location=site.location, remedy=remedy)
    if any(is_string(type_) for type_ in (*info.arguments, *info.results)):
        raise UnsupportedError(f"{where} has strings, which an exported function does not take or return")


def unique(names: Sequence[str]) -> list[str]:
    """Names for C, each once."""
    found: dict[str, None] = {}
    for name in map(c_name, names):
        new, count = name, 1
        while new in found:
            count += 1
            new = f"{name}_{count}"
        found[new] = None
    return list(found)


def c_name(name: str) -> str:
    """An identifier of C that is like `name`: `class_` for `class`, `_1st` for `1st`."""
    found = identifier(name).encode("ascii", "replace").decode().replace("?", "_")
    if found[0].isdigit():
        found = f"_{found}"
    return f"{found}_" if found in _KEYWORDS else found


def check_name(name: str) -> str:
    """`name` itself, which has to be an identifier of C."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in _KEYWORDS or "__" in name:
        raise InvalidArgumentError(
            f"native.export: name: expected letters, digits and single _, and no word of C, got {name!r}"
        )
    return name
