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
    rf"{_POINTER}, {_MASK}, <\d+ x \w+> (?P<others>.*?)\)(?: #\d+)?(?P<metadata>, !.*)?$",
    re.MULTILINE,
)


def without_single_lanes(text: str) -> str:
    """The text of an LLVM module, in which masks of one lane are gone."""
    names = itertools.count()
    text = _STORE.sub(lambda match: _store(match, names), text)
    return _LOAD.sub(lambda match: _load(match, names), text)


def _lane(match: re.Match[str]) -> int | None:
    """The only lane of a mask."""
    lanes = [number for number, lane in enumerate(match["mask"].split(", ")) if lane == "i1 true"]
    return lanes[0] if len(lanes) == 1 else None


def _place(match: re.Match[str], lane: int, name: str) -> tuple[str, str]:
    """The pointer to a lane as an instruction, and the alignment that is known of it."""
    found = re.search(r"align (\d+)", match["attributes"])
    alignment = found[1] if found and lane == 0 else "1"
    return f"  {name}.at = getelementptr {match['element']}, ptr {match['pointer']}, i64 {lane}", f"align {alignment}"


def _store(match: re.Match[str], names: Iterator[int]) -> str:
    lane = _lane(match)
    if lane is None:
        return match[0]
    name, element = f"%lane{next(names)}", match["element"]
    place, alignment = _place(match, lane, name)
    return "\n".join(
        [
            place,
            f"  {name} = extractelement {match['type']} {match['value']}, i64 {lane}",
            f"  store {element} {name}, ptr {name}.at, {alignment}",
        ]
    )


def _load(match: re.Match[str], names: Iterator[int]) -> str:
    lane = _lane(match)
    if lane is None:
        return match[0]
    name, element = f"%lane{next(names)}", match["element"]
    place, alignment = _place(match, lane, name)
    return "\n".join(
        [
            place,
            f"  {name} = load {element}, ptr {name}.at, {alignment}",
            f"  {match['result']} = insertelement {match['type']} {match['others']}, {element} {name}, i64 {lane}",
        ]
    )
