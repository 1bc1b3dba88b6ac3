"""A sample run: a module interpreted on given inputs, and what each op's values were."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue

from ...dialects.dtypes import dtype_of
from ..engines.interpreter import InterpreterError, run_module
from ..outcomes import packed_for
from .summary import Summary, is_memory, summarise, text_of

HISTORY = 8
"""Of how many executions the values of a scalar are kept."""

_UNSET = frozenset(
    {
        "bufferization.alloc_tensor",
        "llvm.insertelement",
        "llvm.mlir.poison",
        "llvm.mlir.undef",
        "memref.alloc",
        "memref.alloca",
        "tensor.empty",
        "vector.insert",
    }
)
"""Ops whose results may hold elements that nobody has set: what is in them means nothing."""


@dataclass(frozen=True)
class ValueSample:
    """What one value was in a run.

    Attributes:
        runs: how often it was computed.
        first: the value when it was first computed; for memory, what it holds at the end.
        last: the value when it was computed last; None where it was computed once.
        history: a scalar's first values, as text.
        nan_runs: how often it held a NaN.
        is_memory: whether it is memory, told as it is at the end of the run.
    """

    runs: int
    first: Summary | None
    last: Summary | None = None
    history: tuple[str, ...] = ()
    nan_runs: int = 0
    is_memory: bool = False


@dataclass(frozen=True)
class OpSample:
    """What happened to an op in a run.

    Attributes:
        runs: how often it ran.
        results: its results.
        arguments: the arguments of its blocks; None for those of blocks that were not entered.
    """

    runs: int
    results: tuple[ValueSample, ...]
    arguments: tuple[ValueSample | None, ...]


@dataclass(frozen=True)
class Sample:
    """A run of a module.

    Attributes:
        outcome: `"ran"`, or why it did not, or not to its end.
        seconds: how long it took in the interpreter, the look at values included.
        printed: what the program printed.
        ops: for each op, by its position in `module.walk()`, what happened to it; ops that did not run are not in it.
        out_of_time: whether it was stopped because it took too long.
    """

    outcome: str
    seconds: float = 0.0
    printed: str = ""
    ops: dict[int, OpSample] = field(default_factory=dict)
    out_of_time: bool = False

    @property
    def complete(self) -> bool:
        """Whether the program ran to its end."""
        return self.outcome == "ran"


class _OutOfTimeError(Exception):
    pass


class _Track:
    """One value while the program runs."""

    def __init__(self, value: SSAValue):
        self.type = value.type
        self.is_memory = is_memory(value.type)
        owner = value.owner
        self.may_be_unset = isinstance(owner, Block) or owner.name in _UNSET
        self.runs = self.nan_runs = 0
        self.first: Summary | None = None
        self.history: list[str] = []
        self.last: object = None

    def see(self, given: object) -> None:
        """The value was computed once more."""
        self.runs += 1
        self.last = given
        if self.is_memory:
            return
        if self.runs == 1:
            self.first = summarise(given, self.type)
        if (
            self.runs <= HISTORY
            and isinstance(given, np.generic | np.ndarray)
            and not given.ndim
            and self.type.name != "llvm.ptr"
        ):
            self.history.append(text_of(given))
        if not self.may_be_unset and _has_nan(given):
            self.nan_runs += 1

    def sample(self) -> ValueSample:
        """What the value was."""
        last = summarise(self.last, self.type) if self.is_memory or self.runs > 1 else None
        if self.is_memory:
            return ValueSample(self.runs, last, is_memory=True)
        history = tuple(self.history) if self.runs > 1 else ()
        return ValueSample(self.runs, self.first, last, history, self.nan_runs)


def _has_nan(value: object) -> bool:
    if not isinstance(value, np.ndarray | np.generic) or not dtype_of(value).is_floating or not value.size:
        return False
    return bool(np.isnan(value).any())


class _Watcher:
    """The interpreter's observer."""

    def __init__(self, seconds: float):
        self._deadline = time.perf_counter() + seconds
        self._runs: dict[Operation | Block, int] = {}
        self._tracks: dict[Operation | Block, list[_Track]] = {}

    def __call__(self, where: Operation | Block, values: Sequence[object]) -> None:
        if time.perf_counter() > self._deadline:
            raise _OutOfTimeError
        self._runs[where] = self._runs.get(where, 0) + 1
        tracks = self._tracks.get(where)
        if tracks is None:
            watched = where.args if isinstance(where, Block) else where.results
            tracks = self._tracks[where] = [_Track(value) for value in watched]
        for track, value in zip(tracks, values):
            track.see(value)

    def samples(self, module: ModuleOp) -> dict[int, OpSample]:
        """For each op that ran, by its position, what happened to it."""
        found = {}
        for number, op in enumerate(module.walk()):
            arguments = tuple(self._arguments(op))
            if op in self._runs or any(arguments):
                results = tuple(track.sample() for track in self._tracks.get(op, ()))
                found[number] = OpSample(self._runs.get(op, 0), results, arguments)
        return found

    def _arguments(self, op: Operation) -> Iterator[ValueSample | None]:
        for region in op.regions:
            for block in region.blocks:
                tracks = self._tracks.get(block)
                yield from (track.sample() for track in tracks) if tracks else [None] * len(block.args)


def run_sample(module: ModuleOp, inputs: Sequence[object], seconds: float, function: str | None = None) -> Sample:
    """Interpret `module` and look at every value on the way; whatever goes wrong is told as the outcome.

    Args:
        module: a program at any level, or between levels.
        inputs: an array for each argument; they are not changed.
        seconds: the run is stopped after this time.
        function: which function; see `run_module`.
    """
    watcher, printed, started, out_of_time = _Watcher(seconds), io.StringIO(), time.perf_counter(), False
    copies = packed_for(module, [np.array(array) for array in inputs], function)
    try:
        with np.errstate(all="ignore"):
            run_module(module, copies, function=function, stdout=printed, observer=watcher)
        outcome = "ran"
    except _OutOfTimeError:
        outcome, out_of_time = f"stopped after {seconds:.1f} s; values are those up to there", True
    except InterpreterError as error:
        outcome = f"failed: {error}"
    except Exception as error:  # the page is for looking into what goes wrong; this is one more such thing
        outcome = f"failed: {type(error).__name__}: {error}"
    return Sample(outcome, time.perf_counter() - started, printed.getvalue(), watcher.samples(module), out_of_time)
