"""Masked reads and writes of one lane, without masks: LLVM's X86 back end widens some of them.

LLVM 22 makes of `masked.store(trunc(x))`, where one lane of a constant mask is set, a store of an element of `x`: of
8 bytes where 1 was to be written. What is here does to the optimised text what LLVM means to do itself.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

_POINTER = r"ptr (?P<attributes>(?:[a-z]+(?:\([^)]*\))? |align \d+ )*)(?P<pointer>[%@][^,\s]+)"
_MASK = r"<\d+ x i1> <(?P<mask>i1 (?:true|false)(?:, i1 (?:true|false))*)>"
_STORE = re.compile(
    rf"^  (?:tail )?call void @llvm\.masked\.store\.[^(]*\((?P<type><\d+ x (?P<element>\w+)>) (?P<value>.*), "
    rf"{_POINTER}, {_MASK}\).*$",
    re.MULTILINE,
)
_LOAD = re.compile(
    rf"^  (?P<result>%\S+) = (?:tail )?call (?P<type><\d+ x (?P<element>\w+)>) @llvm\.masked\.load\.[^(]*\("
    rf"{_POINTER}, {_MASK}, <\d+ x \w+> (?P<others>.*?)\)(?: #\d+)?(?:, !.*)?$",
    re.MULTILINE,
)

_PLACE = "  {name}.at = getelementptr {element}, ptr {pointer}, i64 {lane}\n"
_STORED = (
    _PLACE + "  {name} = extractelement {type} {value}, i64 {lane}\n"
    "  store {element} {name}, ptr {name}.at, align {alignment}"
)
_LOADED = (
    _PLACE + "  {name} = load {element}, ptr {name}.at, align {alignment}\n"
    "  {result} = insertelement {type} {others}, {element} {name}, i64 {lane}"
)


def without_single_lanes(text: str) -> str:
    """The text of an LLVM module, in which masks of one lane are gone."""
    names = itertools.count()
    for pattern, instructions in ((_STORE, _STORED), (_LOAD, _LOADED)):
        text = pattern.sub(lambda match, found=instructions: _without_mask(match, found, names), text)
    return text


def _without_mask(match: re.Match[str], instructions: str, names: Iterator[int]) -> str:
    """A masked access as an access to the only lane of its mask; as it was where there are more lanes or none."""
    lanes = [number for number, lane in enumerate(match["mask"].split(", ")) if lane == "i1 true"]
    if len(lanes) != 1:
        return match[0]
    known = re.search(r"align (\d+)", match["attributes"])
    alignment = known[1] if known and lanes == [0] else "1"
    return instructions.format(**match.groupdict(), name=f"%lane{next(names)}", lane=lanes[0], alignment=alignment)
