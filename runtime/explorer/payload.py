"""What the page is told: plain lists and numbers, each text and each summary once."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...compiler.pipeline.documentation import summary
from ...compiler.pipeline.recording import OpRecord, Snapshot
from ...compiler.pipeline.registry import pass_class
from ...dialects.diagnostics import PipelineError, UnknownPassError
from ...dialects.levels import STAGES, Level
from ...dialects.locations import Place
from .sample import OpSample, Sample
from .sources import SourceFile, read_sources

FORMAT = 1
"""Counted up when the page's script must be told otherwise."""

_CHANGES = {"same": 0, "added": 1, "changed": 2}
_NEVER_TOLD = object()


@dataclass
class _Pool:
    """Gives equal things one number, in the order in which they first come."""

    items: list[object] = field(default_factory=list)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, key: Hashable, item: object = _NEVER_TOLD) -> int:
        """The number of `key`; what is kept for it is `item`, or else itself."""
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.items)
            self.items.append(key if item is _NEVER_TOLD else item)
        return found


def make_payload(
    title: str,
    signature: str,
    snapshots: Sequence[Snapshot],
    samples: Mapping[int, Sample],
    failure: str | None = None,
) -> dict[str, object]:
    """All that the page shows.

    Args:
        title: the name of the program.
        signature: its arguments and results, for people.
        snapshots: the module after each pass.
        samples: for each snapshot, by its number, its sample run; those that did nothing share that of the one before.
        failure: what stopped the pipeline, if anything did.
    """
    return _Writer().payload(title, signature, snapshots, samples, failure)


class _Writer:
    def __init__(self) -> None:
        self.texts, self.samples, self.places = _Pool(), _Pool(), _Pool()

    def payload(
        self,
        title: str,
        signature: str,
        snapshots: Sequence[Snapshot],
        samples: Mapping[int, Sample],
        failure: str | None,
    ) -> dict[str, object]:
        files = read_sources(op.place for snapshot in snapshots for op in snapshot.ops if op.place and op.first >= 0)
        numbers = {file.file: number for number, file in enumerate(files)}
        written, content = [], 0
        for snapshot in snapshots:
            content = snapshot.number if snapshot.changed else content
            body = (
                self._body(snapshot, samples.get(snapshot.number), numbers) if snapshot.changed else {"like": content}
            )
            written.append({**_head(snapshot), **body})
        return {
            "format": FORMAT,
            "title": title,
            "signature": signature,
            "failure": failure,
            "levels": [{"name": level.name, "doc": level.doc} for level in _stages(snapshots)],
            "files": [_file(file) for file in files],
            "snapshots": written,
            "places": self.places.items,
            "samples": self.samples.items,
            "texts": self.texts.items,
        }

    def _body(self, snapshot: Snapshot, sample: Sample | None, files: Mapping[str, int]) -> dict[str, object]:
        """The lines and ops of a snapshot; ops that have no text of their own are left out."""
        shown = [(position, op) for position, op in enumerate(snapshot.ops) if op.first >= 0]
        index = {op.number: number for number, (_, op) in enumerate(shown)}
        return {
            "lines": [self.texts.number(line.text) for line in snapshot.lines],
            "owners": [index[line.op] for line in snapshot.lines],
            "ids": [op.number for _, op in shown],
            "names": [self.texts.number(op.name) for _, op in shown],
            "heads": [op.first for _, op in shown],
            "places": [self._place(op.place, files) for _, op in shown],
            "changes": [_CHANGES[op.change] for _, op in shown],
            "arguments": {number: list(op.arguments) for number, (_, op) in enumerate(shown) if op.arguments},
            "run": self._run(sample, shown) if sample is not None else None,
        }

    def _place(self, place: Place | None, files: Mapping[str, int]) -> int:
        if place is None:
            return -1
        return self.places.number(place, [files[place.file], place.line, place.column])

    def _run(self, sample: Sample, shown: Sequence[tuple[int, OpRecord]]) -> dict[str, object]:
        values = {}
        for number, (position, _) in enumerate(shown):
            if position in sample.ops:
                values[number] = self._sample(sample.ops[position])
        return {
            "outcome": sample.outcome,
            "complete": sample.complete,
            "seconds": round(sample.seconds, 6),
            "printed": sample.printed,
            "values": values,
        }

    def _sample(self, sample: OpSample) -> int:
        return self.samples.number(sample, _plain(sample))


def _plain(thing: object) -> object:
    """A dataclass as a dictionary, without the fields that have their default value."""
    if isinstance(thing, tuple):
        return [_plain(item) for item in thing]
    if not dataclasses.is_dataclass(thing):
        return thing
    fields = ((one, getattr(thing, one.name)) for one in dataclasses.fields(thing))
    return {one.name: _plain(value) for one, value in fields if value != one.default}


def _head(snapshot: Snapshot) -> dict[str, object]:
    changes = [op.change for op in snapshot.ops]
    return {
        "pass": snapshot.pass_name,
        "doc": _doc(snapshot.pass_name),
        "level": snapshot.level,
        "seconds": round(snapshot.seconds, 7),
        "count": len(snapshot.ops),
        "added": changes.count("added"),
        "changed": changes.count("changed"),
        "removed": len(snapshot.removed),
    }


def _stages(snapshots: Sequence[Snapshot]) -> Iterator[Level]:
    """The levels at which the program is, in the order in which it comes to them."""
    return (STAGES[name] for name in dict.fromkeys(snapshot.level for snapshot in snapshots) if name is not None)


def _doc(pass_name: str) -> str:
    """What a pass does, in a line; nothing for a pass that is not in the registry."""
    if not pass_name:
        return "The program as it came, before any pass."
    try:
        return summary(pass_class(pass_name.split("{", 1)[0]))
    except (UnknownPassError, PipelineError):
        return ""


def _file(file: SourceFile) -> dict[str, object]:
    lines = [[line.number, line.text, [list(span) for span in line.spans]] for line in file.lines]
    return {"name": file.name, "path": file.file, "kind": file.kind, "lines": lines}


def to_json(payload: dict[str, object]) -> str:
    """JSON that may stand in a script element: no character of it can end the element or start another."""
    text = json.dumps(payload, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
