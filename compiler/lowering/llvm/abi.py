"""What compiled code and the engine that runs it agree on: the kernel's signature, the frame of a call, the functions
of the runtime, and the attributes that make the text of the llvm level enough to run it.

A kernel is `llvm.func @name(frame, arena, arguments…) -> i32`. `frame` is the record of one call, in words of 64 bits
(`FRAME_…`); `arena` is scratch memory of `stepwell.arena` bytes, aligned to `ALIGNMENT`; each memref argument is a
pointer to its first element followed by one i64 for every dynamic size; a scalar argument is a pointer to its only
element. The result is a status (`OK`, `FAILED`, …). Returned memrefs are asked for at
`stepwell_result_<n>(frame, dynamic sizes…)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FileLineColLoc,
    IntegerAttr,
    LocationAttr,
    MemRefType,
    StringAttr,
    i64,
)
from xdsl.ir import Attribute

from ....dialects.printing import PrintOptions
from ...targets import target

OK, FAILED, RAISED = 0, 1, 2
"""What a kernel returns: done; an assertion failed, or memory ran out; a Python exception is set."""

WORD = 8
FRAME_HEAP = 0
"""Word: the list of heap memory the call has allocated and not freed."""
FRAME_ASSERTION = 1
"""Word: the number of the assertion that failed."""
FRAME_VALUES = 2
"""First of `MAX_VALUES` words: the values of that assertion."""
MAX_VALUES = 8
FRAME_OWNER = FRAME_VALUES + MAX_VALUES
"""Word: the Python object that raises errors and serves host calls."""
FRAME_BUDGET = FRAME_OWNER + 1
"""Word: between functions, and after a `POLL`, the work that may still be done before the next `POLL`."""
FRAME_MASKED = FRAME_BUDGET + 1
"""Word: how many Variables are half written, so that the call must not be stopped."""
FRAME_THREAD = FRAME_MASKED + 1
"""Word: the state of the Python thread while other Python threads may run, else null."""
FRAME_CLOCK = FRAME_THREAD + 1
"""Word: when the call last looked up, in nanoseconds; 0 before it has."""
FRAME_RESULTS = FRAME_CLOCK + 1
"""First of as many words as there are results: the arrays."""

ALLOCATE = "stepwell_allocate"
"""`(frame, bytes) -> pointer`: heap memory that the end of the call frees; null when there is none."""
FREE = "stepwell_free"
"""`(frame, pointer)`: frees what `ALLOCATE` gave."""
HOST = "stepwell_host"
"""`(frame, site, table) -> status`: runs host site number `site` on a table of operands."""
POLL = "stepwell_poll"
"""`(frame, left) -> status`: lets other Python threads run, and asks whether the program is to stop.

`left` is what is left of the budget, less than nothing: how much work is done at once after this.
"""
RESULT = "stepwell_result_"
"""`RESULT<n>(frame, dynamic sizes…) -> pointer`: memory for result `n`; null when there is none."""

ARGUMENTS = "stepwell.arguments"
"""On the kernel: the memref types of its arguments."""
RESULTS = "stepwell.results"
"""On the kernel: the memref types of its results."""
WRITTEN = "stepwell.written"
"""On the kernel: the numbers of arguments it writes to."""
ARENA = "stepwell.arena"
"""On the kernel: bytes of scratch memory it needs."""
ASSERTIONS = "stepwell.assertions"
"""On the kernel: message, place and types of values of each assertion."""
SITES = "stepwell.sites"
"""On the kernel: what each host site does, and on which types."""

ALIGNMENT = target.ALIGNMENT
"""Of arenas and heap memory, in bytes."""

BUDGET = 1 << 16
"""How much work is done between two polls, in simple instructions: some 20 to 60 microseconds of it."""


@dataclass(frozen=True)
class Site:
    """An assertion, a print, a breakpoint or a host call: what the engine has to know when the kernel reaches it.

    Attributes:
        kind: `"assert"`, `"print"`, `"break"` or `"call"`.
        text: the message, the format, the name or the callee.
        types: the types of the operands, scalars or memrefs.
        location: the user's line.
        inputs: how many operands of a call are inputs.
        attrs: the attributes of a call, or how a line is printed.
        error: the kind of an assertion: the code of its error.
    """

    kind: str
    text: str
    types: tuple[Attribute, ...]
    location: LocationAttr
    inputs: int = 0
    attrs: DictionaryAttr | None = None
    error: str = ""

    @property
    def print_options(self) -> PrintOptions:
        """How a print prints."""
        return PrintOptions.of(self.attrs.data if self.attrs is not None else {})

    def to_attribute(self) -> DictionaryAttr:
        """As an attribute."""
        entries: dict[str, Attribute] = {
            "kind": StringAttr(self.kind),
            "text": StringAttr(self.text),
            "types": ArrayAttr(self.types),
            "inputs": IntegerAttr(self.inputs, i64),
        }
        if isinstance(self.location, FileLineColLoc):
            entries["file"] = self.location.filename
            entries["line"] = IntegerAttr(self.location.line.data, i64)
            entries["column"] = IntegerAttr(self.location.column.data, i64)
        if self.attrs is not None:
            entries["attrs"] = self.attrs
        if self.error:
            entries["error"] = StringAttr(self.error)
        return DictionaryAttr(entries)

    @staticmethod
    def from_attribute(attribute: Attribute) -> Site:
        """From the attribute `to_attribute` gave."""
        assert isinstance(attribute, DictionaryAttr)
        data = attribute.data
        return Site(
            _text(data["kind"]),
            _text(data["text"]),
            tuple(_items(data["types"])),
            _location(data),
            _number(data["inputs"]),
            attrs if isinstance(attrs := data.get("attrs"), DictionaryAttr) else None,
            _text(data["error"]) if "error" in data else "",
        )


def _text(attribute: Attribute) -> str:
    assert isinstance(attribute, StringAttr)
    return attribute.data


def _number(attribute: Attribute) -> int:
    assert isinstance(attribute, IntegerAttr)
    return attribute.value.data


def _items(attribute: Attribute) -> tuple[Attribute, ...]:
    assert isinstance(attribute, ArrayAttr)
    return attribute.data


def _location(data: Mapping[str, Attribute]) -> LocationAttr:
    from xdsl.dialects.builtin import IntAttr, UnknownLoc

    if "file" not in data:
        return UnknownLoc()
    place = IntAttr(_number(data["line"])), IntAttr(_number(data["column"]))
    return FileLineColLoc(StringAttr(_text(data["file"])), *place)


@dataclass(frozen=True)
class KernelInfo:
    """What the engine has to know about a kernel, kept in its attributes."""

    arguments: tuple[MemRefType, ...]
    results: tuple[MemRefType, ...]
    written: tuple[int, ...] = ()
    arena: int = 0
    assertions: tuple[Site, ...] = ()
    sites: tuple[Site, ...] = ()

    def to_attributes(self) -> dict[str, Attribute]:
        """As attributes of the kernel."""
        return {
            ARGUMENTS: ArrayAttr(self.arguments),
            RESULTS: ArrayAttr(self.results),
            WRITTEN: ArrayAttr([IntegerAttr(n, i64) for n in self.written]),
            ARENA: IntegerAttr(self.arena, i64),
            ASSERTIONS: ArrayAttr([site.to_attribute() for site in self.assertions]),
            SITES: ArrayAttr([site.to_attribute() for site in self.sites]),
        }

    @staticmethod
    def from_attributes(attributes: dict[str, Attribute]) -> KernelInfo:
        """From the attributes of a kernel."""
        return KernelInfo(
            tuple(_memref(item) for item in _items(attributes[ARGUMENTS])),
            tuple(_memref(item) for item in _items(attributes[RESULTS])),
            tuple(_number(item) for item in _items(attributes[WRITTEN])),
            _number(attributes[ARENA]),
            tuple(Site.from_attribute(item) for item in _items(attributes[ASSERTIONS])),
            tuple(Site.from_attribute(item) for item in _items(attributes[SITES])),
        )


def _memref(attribute: Attribute) -> MemRefType:
    assert isinstance(attribute, MemRefType)
    return attribute
