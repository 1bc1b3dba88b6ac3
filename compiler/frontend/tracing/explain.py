"""Why was this function traced? A record per trace, and its rendering for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ....dialects.locations import Place
from ....dialects.public import public
from .signature import CallKey, ObjectKey, TensorSpec, VariableKey, leaf_names


@dataclass(frozen=True)
class Change:
    """An argument that differs from what the nearest earlier trace was made for."""

    argument: str
    old: str
    new: str
    remedy: str


@dataclass(frozen=True)
class TraceEvent:
    """One trace of a function.

    Attributes:
        reason: one line for people.
        changes: what differs from the nearest earlier trace.
        key: what the trace serves.
        call_site: the user's line that called, where known.
    """

    reason: str
    changes: tuple[Change, ...]
    key: CallKey
    call_site: Place | None


@public("types")
@dataclass(frozen=True)
class Explanation:
    """All traces of a function and why each was made; `print` it."""

    function: str
    events: tuple[TraceEvent, ...]

    def __str__(self) -> str:
        if not self.events:
            return f"{self.function}: not traced yet"
        lines = [f"{self.function}: traced {len(self.events)} time{'s' if len(self.events) > 1 else ''}"]
        for number, event in enumerate(self.events, 1):
            site = f", called at {event.call_site}" if event.call_site else ""
            lines.append(f"  {number}. {event.reason}{site}")
            lines += [
                f"     {change.argument}: was {change.old}, now {change.new}; {change.remedy}"
                for change in event.changes
            ]
            shown = zip(leaf_names(event.key.structure), event.key.leaves)
            lines.append("     serves " + (", ".join(f"{name}: {leaf!r}" for name, leaf in shown) or "no arguments"))
        return "\n".join(lines)


def too_many_traces(function: str, event: TraceEvent, count: int) -> str:
    """The warning for a function that was traced `count` times, the last time as `event` says."""
    site = f" by the call at {event.call_site}" if event.call_site else ""
    whys = [f"{change.argument}: was {change.old}, now {change.new}; {change.remedy}" for change in event.changes]
    return (
        f"{function} was traced {count} times, which is expensive, the last time{site}: "
        f"{'; '.join(whys) or event.reason}. Its method explain() tells of all traces."
    )


def changes_between(old: CallKey, new: CallKey) -> tuple[Change, ...]:
    """What differs, argument by argument, and what would have avoided it."""
    if old.structure != new.structure:
        return (Change("the arguments' structure", str(old.structure), str(new.structure), "pass one structure"),)
    changes = []
    for name, before, after in zip(leaf_names(new.structure), old.leaves, new.leaves):
        if before != after:
            changes.append(Change(name, repr(before), repr(after), _remedy(before, after)))
    return tuple(changes)


def _remedy(before: object, after: object) -> str:
    if isinstance(before, TensorSpec) and isinstance(after, TensorSpec):
        if before.dtype != after.dtype:
            return f"cast it to one dtype, or give it as input_signature {after!r} in a function of its own"
        if before.sizes is not None and after.sizes is not None and len(before.sizes) == len(after.sizes):
            shape = [a if a == b else None for a, b in zip(before.sizes, after.sizes)]
            return f"input_signature with {TensorSpec(shape, before.dtype)!r} avoids it"
        return "reshape it to one rank"
    if isinstance(before, VariableKey) and isinstance(after, VariableKey):
        if before.first != after.first:
            return "which arguments are one Variable is part of the trace"
        return "Variables of one shape and dtype share a trace"
    if isinstance(after, ObjectKey) and isinstance(before, VariableKey | ObjectKey):
        if after.kind == "Variable":
            return "the function also uses this Variable from around it: pass it or capture it, not both"
        return "each object has a trace of its own: pass tensors, or make one object and call with that"
    return "pass a tensor instead of a Python value to use one trace for all values"


def nearest(events: Sequence[TraceEvent], key: CallKey) -> TraceEvent | None:
    """The event whose key differs least from `key`; the latest of equals."""
    if not events:
        return None
    return min(reversed(events), key=lambda event: len(changes_between(event.key, key)))
