"""Does a pass leave what this program computes as it was? An instrument that asks after every pass of a pipeline.

`stepwell.testing.validate` asks the same of a pass on generated programs; here a program is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import LocationAttr, ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from stepwell.compiler.interchange.mlir.entries import Entry, argument_types, entries, find_entry
from stepwell.compiler.interchange.mlir.text import print_module
from stepwell.dialects.diagnostics import PassError
from stepwell.dialects.hl.registry import OPS
from stepwell.runtime.outcomes import Difference, Outcome, difference, observe, tolerance_after

from .inputs import UnsupportedTypeError, generate_inputs, packed_arrays, unpacked_arrays
from .signatures import Signature, expected_after, observe_after

RUNS = 6
"""How many sets of inputs are generated for a function."""
MAX_OPS = 50_000
"""A run of the program as it was given is left out if it takes more ops than this."""
MAX_OPS_AFTER = 20_000_000
"""A run after a pass that takes more ops than this does not end."""

OPTION = "validate"
"""What a reproducer calls the inputs that show the failure."""

Given = Callable[[Entry], Sequence[np.ndarray]]
"""The inputs for a function."""


@dataclass
class _Watched:
    """A function that is run after each pass.

    Attributes:
        inputs: sets of inputs.
        outcomes: what they came to before the pass.
        signature: how it was called before the pass.
        places: the locations of what it returns.
    """

    inputs: list[tuple[np.ndarray, ...]]
    outcomes: list[Outcome]
    signature: Signature = field(default_factory=lambda: Signature((), ()))
    places: Sequence[LocationAttr] = ()


@dataclass
class TranslationValidation:
    """An instrument that runs the program before and after each pass, on the interpreter, and compares.

    Results, Variables and prints must be the same, bit for bit, unless the pass declares itself inexact. Where the
    program fails before the pass, at an operation whose result is unused, it need not fail afterwards.

    Attributes:
        given: returns the inputs; by default they are generated, for every public function.
        function: the function to run on the given inputs; by default `main`, or the first public one.
        runs: how many sets of inputs are generated for a function.
        passes: how many passes have been validated.
        changed: whether one of them changed the program.
        notes: for functions that are not run, or fail whatever the inputs: why.
    """

    given: Given | None = None
    function: str | None = None
    runs: int = RUNS
    passes: int = 0
    changed: bool = False
    notes: list[str] = field(default_factory=list)
    _watched: dict[str, _Watched] | None = None
    _text: str = ""

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Run the program as it comes, the first time; note what is lost when the pass has run."""
        if self._watched is None:
            self._watched = self._start(module)
        for name, watched in self._watched.items():
            entry = find_entry(module, "the module", name)
            watched.signature, watched.places = Signature.of(entry), _places(entry)
        if not self.changed:
            self._text = print_module(module)

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Run it again; PassError, with all that is needed to see it, if the outcome is another one."""
        self.changed = self.changed or print_module(module) != self._text
        tolerance = tolerance_after([pass_])
        for name, watched in (self._watched or {}).items():
            if name not in {entry.sym_name.data for entry in entries(module)}:
                raise PassError(pass_.name, f"removes @{name}, which is public")
            signature = Signature.of(find_entry(module, "the module", name))
            for number, inputs in enumerate(watched.inputs):
                expected = expected_after(watched.outcomes[number], watched.signature, signature, inputs)
                got = observe_after(module, name, inputs, MAX_OPS_AFTER)
                found = difference(got, expected, tolerance)
                if found is not None and not _was_unused(expected, got):
                    raise _error(pass_, name, watched, inputs, found, expected, got)
                watched.outcomes[number] = got
        self.passes += 1

    def summary(self) -> str:
        """What was validated, for people."""
        watched = self._watched or {}
        runs = sum(len(found.inputs) for found in watched.values())
        names = ", ".join(f"@{name}" for name in watched) or "no function"
        passes, sets = _counted(self.passes, "pass", "es"), _counted(runs, "set")
        return "\n".join([f"validated {passes}: {names} on {sets} of inputs", *self.notes]) + "\n"

    def _start(self, module: ModuleOp) -> dict[str, _Watched]:
        found: dict[str, _Watched] = {}
        if self.given is not None:
            chosen = [find_entry(module, "the module", self.function)]
        else:
            chosen = [entry for entry in entries(module) if _is_public(entry)]
        for entry in chosen:
            name = entry.sym_name.data
            try:
                sets = self._inputs(entry)
            except UnsupportedTypeError as error:
                self.notes.append(f"note: @{name} is not run: {error}")
                continue
            found[name] = self._watch(module, name, sets)
        return found

    def _inputs(self, entry: Entry) -> list[tuple[np.ndarray, ...]]:
        if self.given is not None:
            return [tuple(self.given(entry))]
        types = argument_types(entry)
        count = self.runs if types else 1
        return [generate_inputs(types, number) for number in range(count)]

    def _watch(self, module: ModuleOp, name: str, sets: Sequence[tuple[np.ndarray, ...]]) -> _Watched:
        """Run a function on sets of inputs, of which those are left out that take too long."""
        limit = MAX_OPS if self.given is None else MAX_OPS_AFTER
        runs = [(inputs, observe(module, inputs, name, limit)) for inputs in sets]
        ended = [(inputs, outcome) for inputs, outcome in runs if not outcome.unfinished]
        if not ended:
            self.notes.append(f"note: @{name} does not end on any input; give some on which it does")
        elif all(outcome.failure for _, outcome in ended):
            self.notes.append(f"note: @{name} fails on every input; the first failure: {ended[0][1].failure}")
        return _Watched([inputs for inputs, _ in ended], [outcome for _, outcome in ended])


def _counted(number: int, what: str, plural: str = "s") -> str:
    return f"{number} {what}{'' if number == 1 else plural}"


def _is_public(entry: Entry) -> bool:
    visibility = entry.sym_visibility
    return visibility is None or visibility.data == "public"


def _places(entry: Entry) -> list[LocationAttr]:
    """The locations of the ops whose results a function returns; of its return, for what is returned as it came."""
    if not isinstance(entry, func.FuncOp) or len(entry.body.blocks) != 1:
        return []
    last = entry.body.block.last_op
    assert last is not None
    owners = (operand.owner for operand in last.operands)
    return [owner.location if isinstance(owner, Operation) else last.location for owner in owners]


def _was_unused(expected: Outcome, got: Outcome) -> bool:
    """Whether the run failed at a tensor operation before and does not now: then nothing needed its result.

    Such an op may be removed; that a check is lost which stands in the program for its own sake is a difference.
    """
    return expected.failed_op in OPS and got.failure is None


def _error(
    pass_: ModulePass,
    name: str,
    watched: _Watched,
    inputs: Sequence[np.ndarray],
    found: Difference,
    expected: Outcome,
    got: Outcome,
) -> PassError:
    """The error that shows the difference, and says what to replay."""
    lines = [f"changes the result of @{name}: {found}"]
    lines += [f"input {n}: {a.dtype.name}{list(a.shape)} {a.tolist()}" for n, a in enumerate(inputs)]
    lines += ["expected:", str(expected), "got:", str(got)]
    place = watched.places[found.result] if found.result is not None and found.result < len(watched.places) else None
    return PassError(pass_.name, "\n".join(lines), location=place, replay={OPTION: packed(name, inputs)})


def packed(function: str, inputs: Sequence[np.ndarray]) -> dict[str, Any]:
    """Inputs of a function as JSON can hold them, bit for bit."""
    return {"function": function, "inputs": packed_arrays(inputs)}


def unpacked(data: Mapping[str, Any]) -> TranslationValidation:
    """The validation on packed inputs."""
    arrays = unpacked_arrays(data["inputs"])
    return TranslationValidation(lambda entry: arrays, data["function"])
