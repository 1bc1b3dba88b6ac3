"""`profile`: how long each part of a compiled function takes, and which lines of the user it is."""

from __future__ import annotations

import io
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, StringAttr

from ...compiler.passes.insert_timers import TIMERS, InsertTimersPass
from ...compiler.pipeline.manager import PassManager
from ...compiler.pipeline.pipelines import steps_between
from ...dialects.context import make_context
from ...dialects.diagnostics import UnsupportedError, location_text
from ...dialects.hl.rules.base import HLOp
from ...dialects.locations import Place
from ...dialects.public import public
from ..engines.lower import lowered

if TYPE_CHECKING:
    from ...compiler.frontend.values.tensor import Tensor
    from ..functions.concrete import ConcreteFunction

__all__ = ["Profile", "ProfileRow", "profile"]

_LONG_ENOUGH = 0.05
"""Seconds that the calls take together, where the user does not say how many they are."""
_WARM_UP = 2
_ROUNDS = 25
"""The fastest of them counts: in the others the computer did something else as well."""
_LAP_SECONDS = 25e-9
"""The most that reading the clock and adding it up may take: what is more is noise."""


@public("types")
@dataclass(frozen=True)
class ProfileRow:
    """A part of a function.

    Attributes:
        what: what it is: a loop, a branch, a copy, a call, memory; `"call"` is entering and leaving the function, and
            `"everything else"` what comes after the last of the parts.
        ops: the tensor operations that became this part; several where they were fused.
        places: the user's lines.
        seconds: the time it takes in one call of the function.
        calls: how often it runs in one call of the function.
    """

    what: str
    ops: tuple[str, ...]
    places: tuple[Place, ...]
    seconds: float
    calls: float


@public("types")
@dataclass(frozen=True)
class Profile:
    """Where a function spends its time; printed as a table.

    Attributes:
        name: the function's name.
        rows: its parts, the slowest first.
        seconds: how long a call takes: the sum of the rows. What the timers take is taken off.
        plain_seconds: how long a call of the function takes that has no timers: to compare.
        repeat: how many calls were measured, in rounds; what is given is the mean of the fastest round.
    """

    name: str
    rows: tuple[ProfileRow, ...]
    seconds: float
    plain_seconds: float
    repeat: int

    def __str__(self) -> str:
        """A line about the whole, and the table, as text."""
        from rich.console import Console

        console = Console(file=io.StringIO(), width=120)
        console.print(self)
        return console.file.getvalue().rstrip()  # pyright: ignore[reportAttributeAccessIssue]

    def __rich__(self) -> object:
        """A line about the whole, and the table, for rich."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        title = f"{self.name}: {_time(self.seconds)} a call, measured without timers {_time(self.plain_seconds)}"
        table = Table()
        table.add_column("what", overflow="fold")
        table.add_column("lines", overflow="fold")
        for head in ("time", "%", "calls"):
            table.add_column(head, justify="right", no_wrap=True)
        for row in self.rows:
            share = 100 * row.seconds / self.seconds
            what = Text(f"{', '.join(row.ops)} ({row.what})" if row.ops else row.what)
            table.add_row(what, Text(_lines(row.places)), _time(row.seconds), f"{share:.1f}", f"{row.calls:g}")
        return Group(Text(f"{title}; {self.repeat} calls"), table)


def _time(seconds: float) -> str:
    """A time in the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.0f} ns"


def _lines(places: Sequence[Place]) -> str:
    """`file.py:3, 4, 9` for each file."""
    files: dict[str, list[int]] = {}
    for place in places:
        lines = files.setdefault(place.file, [])
        if place.line not in lines:
            lines.append(place.line)
    return "\n".join(f"{_short(file)}:{', '.join(map(str, lines))}" for file, lines in files.items())


def _short(file: str) -> str:
    """A file in or below the current folder as from there."""
    short = os.path.relpath(file)
    return file if short.startswith("..") else short


def profile(concrete: ConcreteFunction, tensors: Sequence[Tensor], repeat: int | None) -> Profile:
    """Measure a trace on arguments: `repeat` calls, or as many as take a twentieth of a second."""
    if repeat is not None and repeat < 1:
        raise ValueError(f"profile: repeat: expected 1 or more, got {repeat}")
    if concrete.engine != "native" or platform.machine().lower() not in ("x86_64", "amd64"):
        where = f"the {concrete.engine} engine on {platform.machine()}"
        raise UnsupportedError(f"profile: there are no timers on {where}", remedy="use the native engine on x86-64")
    from ..engines.native import compile_module  # loads LLVM

    arrays = [np.array(array) for array in (*(t._array for t in tensors), *concrete._captured_arrays())]
    module = lowered(concrete.module, "loops")
    manager = PassManager(make_context())
    manager.run(module, [InsertTimersPass()])
    slots = _slots(module)
    manager.run(module, steps_between("loops", "llvm"))
    timed, plain = compile_module(module).entry, concrete.executable.entry
    assert plain is not None
    measured = _measure(plain, timed, arrays, len(slots), repeat)
    seconds, laps = measured.without_timers()
    operations = _operations(concrete.module)
    rows = [
        ProfileRow(what, _ops(places, operations), tuple(map(_place, places)), float(time_), float(count))
        for (what, places), time_, count in zip(slots, seconds, laps, strict=True)
    ]
    rows.sort(key=lambda row: -row.seconds)
    return Profile(concrete.name, tuple(rows), float(seconds.sum()), measured.plain, measured.repeat)


@dataclass(frozen=True)
class _Measured:
    """What the clock said, for one call.

    Attributes:
        plain: the seconds of a call without timers.
        slots: the seconds of each slot, which add up to a call with timers.
        laps: the number of laps of each slot.
        repeat: how many calls there were.
    """

    plain: float
    slots: np.ndarray
    laps: np.ndarray
    repeat: int

    def without_timers(self) -> tuple[np.ndarray, np.ndarray]:
        """The seconds of each slot without what the timers themselves take, as much for each lap; and the laps."""
        cost = np.clip((self.slots.sum() - self.plain) / self.laps.sum(), 0, _LAP_SECONDS)
        return np.maximum(self.slots - cost * self.laps, 0), self.laps


def _measure(
    plain: Callable[..., object],
    timed: Callable[..., object],
    arrays: Sequence[np.ndarray],
    slots: int,
    repeat: int | None,
) -> _Measured:
    """Call both functions by turns, so that what else the computer does falls on both."""
    times = np.zeros(1 + 2 * slots, np.int64)
    once = min(_wall(plain, arrays, 1) for _ in range(_WARM_UP))
    repeat = repeat or int(np.clip(_LONG_ENOUGH / once, 3, 100_000))
    rounds: list[tuple[float, float, np.ndarray]] = []
    for round_ in np.array_split(np.arange(repeat), min(_ROUNDS, repeat)):
        calls = len(round_)
        plain_seconds = _wall(plain, arrays, calls) / calls
        _wall(timed, [*arrays, times], _WARM_UP)
        times[1:] = 0
        rounds.append((plain_seconds, _wall(timed, [*arrays, times], calls) / calls, times[1:] / calls))
    seconds, counted = min(((seconds, counted) for _, seconds, counted in rounds), key=lambda found: found[0])
    ticks, laps = counted.reshape(-1, 2).T
    return _Measured(min(found for found, _, _ in rounds), ticks * (seconds / ticks.sum()), laps, repeat)


def _wall(call: Callable[..., object], arrays: Sequence[np.ndarray], repeat: int) -> float:
    """The seconds that many calls take."""
    started = time.perf_counter()
    for _ in range(repeat):
        call(*arrays)
    return time.perf_counter() - started


def _slots(module: ModuleOp) -> list[tuple[str, list[str]]]:
    """What each slot is spent on, and the places that say so."""
    function = next(op for op in module.ops if isinstance(op, func.FuncOp) and TIMERS in op.attributes)
    slots = function.attributes[TIMERS]
    assert isinstance(slots, ArrayAttr)
    found = []
    for slot in slots:
        assert isinstance(slot, DictionaryAttr)
        what, places = slot.data["what"], slot.data["places"]
        assert isinstance(what, StringAttr) and isinstance(places, ArrayAttr)
        found.append((what.data, [place.data for place in places if isinstance(place, StringAttr)]))
    return found


def _operations(module: ModuleOp) -> dict[str, list[str]]:
    """The names of the tensor operations of a traced module, by their places."""
    found: dict[str, list[str]] = {}
    for op in module.walk():
        if isinstance(op, HLOp):
            found.setdefault(location_text(op.location), []).append(op.name.removeprefix("hl."))
    return found


def _ops(places: Sequence[str], operations: dict[str, list[str]]) -> tuple[str, ...]:
    """The operations at some places, each once, in the program's order."""
    return tuple(dict.fromkeys(name for place in places for name in operations.get(place, ())))


def _place(text: str) -> Place:
    file, line, column = text.rsplit(":", 2)
    return Place(file, int(line), int(column))
