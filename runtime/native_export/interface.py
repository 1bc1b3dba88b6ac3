"""What an exported library has: its functions, the values they take from around them, and how C names all that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...compiler.targets import Target
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.dtypes import DType
from ..engines.native.executable import KernelText
from ..exported import identifier

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
        size_names: the names of sizes that have one, which are equal where they have the same.
    """

    name: str
    dtype: DType
    shape: tuple[int | None, ...]
    size_names: tuple[str | None, ...] = ()

    @property
    def named_shape(self) -> list[int | str | None]:
        """The sizes, and the names of those that are not known."""
        names = self.size_names or (None,) * len(self.shape)
        return [name if size is None else size for size, name in zip(self.shape, names, strict=True)]


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


def unique(names: Sequence[str]) -> list[str]:
    """Names of parameters and fields in C, each once: `class_` for `class`."""
    found: dict[str, None] = {}
    for name in map(c_name, names):
        name = f"{name}_" if name in _KEYWORDS else name
        new, count = name, 1
        while new in found:
            count += 1
            new = f"{name}_{count}"
        found[new] = None
    return list(found)


def c_name(name: str) -> str:
    """Letters, digits and _ that are like `name`: `x_1st` for `1st`."""
    found = identifier(name).encode("ascii", "replace").decode().replace("?", "_")
    found = re.sub("_+", "_", found).strip("_") or "x"
    return f"x_{found}" if found[0].isdigit() else found


def check_name(name: str) -> str:
    """`name` itself, which has to be an identifier of C."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or "__" in name:
        raise InvalidArgumentError(f"native.export: name: expected letters, digits and single _, got {name!r}")
    return name
