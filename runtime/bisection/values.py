"""Values of ops in two runs, put side by side: by the user's line that they are from, and by their dtype and shape."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from xdsl.dialects.builtin import LocationAttr, MemRefType, ModuleOp, UnknownLoc
from xdsl.ir import Block, Operation

from ..outcomes import Difference, Tolerance, array_difference
from .runs import Interpreted

_UNSET = ("tensor.empty", "bufferization.alloc_tensor", "vector.insert", "llvm.mlir.undef", "llvm.insertelement")
"""Ops whose results may hold elements that nobody has set."""

_GIVEN = ("arith.constant", "llvm.mlir.constant", "tensor.dim", "memref.dim")
"""Ops whose values need not be those of any op on the other side: what they say may be known there otherwise."""

_MAX_BYTES = 1 << 28


@dataclass(frozen=True)
class Record:
    """A value that an op gave in a run.

    Attributes:
        op: the op's name.
        location: where it is from.
        value: the value.
    """

    op: str
    location: LocationAttr
    value: np.ndarray


@dataclass
class Recording:
    """An observer that keeps the values of all ops that know where they are from; memory is not kept."""

    records: list[Record] = field(default_factory=list)
    bytes: int = 0

    def __call__(self, op: Operation | Block, values: Sequence[object]) -> None:
        """Keep the results of an op."""
        if isinstance(op, Block) or isinstance(op.location, UnknownLoc) or op.name in _UNSET:
            return
        for result, value in zip(op.results, values):
            if isinstance(result.type, MemRefType) or not isinstance(value, np.ndarray | np.generic):
                continue
            self.bytes += value.nbytes + 64
            if self.bytes <= _MAX_BYTES:
                self.records.append(Record(op.name, op.location, np.array(value)))


def recorded(module: ModuleOp, arrays: Sequence[np.ndarray], timeout: float | None) -> list[Record]:
    """The values of a module's ops on the interpreter, in the order in which they ran."""
    recording = Recording()
    Interpreted(timeout, recording)(module, arrays)
    return recording.records


@dataclass(frozen=True)
class Mismatch:
    """The first value that has no equal among those that are to be its equals.

    Attributes:
        expected: the record of the run that is right.
        got: that of the other one.
        difference: how they differ.
    """

    expected: Record
    got: Record
    difference: Difference


def first_mismatch(expected: Sequence[Record], got: Sequence[Record], tolerance: Tolerance) -> Mismatch | None:
    """The first expected value which differs from all values of its location, dtype and shape in the other run.

    A value without a counterpart was optimised away and says nothing.
    """
    places: dict[object, list[Record]] = defaultdict(list)
    for record in got:
        places[_place(record)].append(record)
    seen: set[object] = set()
    for record in expected:
        others = places.get(_place(record), [])
        key = (_place(record), record.value.tobytes())
        if not others or key in seen or record.op in _GIVEN:
            continue
        seen.add(key)
        differences = [array_difference(record.op, other.value, record.value, tolerance) for other in others]
        if None not in differences:
            pairs = [(each, other) for each, other in zip(differences, others) if each is not None]
            least, other = min(pairs, key=lambda pair: pair[0].error)
            return Mismatch(record, other, least)
    return None


def _place(record: Record) -> object:
    return record.location, record.value.dtype, record.value.shape
