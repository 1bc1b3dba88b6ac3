"""One wrong rewrite: planted in a process of its own, by changing the source of a module as it is imported."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import multiprocessing
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

EXAMPLES = 200
"""How many programs the validator may look at."""

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Mutant:
    """A wrong rewrite.

    Attributes:
        name: what is wrong, in words.
        module: the module it is planted in, below `stepwell`, such as `"compiler.passes.dce"`.
        before, after: what is replaced in the source, which stands there once, and by what.
        passes: the pipeline that is validated.
        ops: the ops to draw programs from, where the mistake is in the rules of these; all of them by default.
        options: further options of the programs' strategy.
    """

    name: str
    module: str
    before: str
    after: str
    passes: str
    ops: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The source file."""
        root = Path(__file__).parents[2]
        return root.joinpath(*self.module.split(".")).with_suffix(".py")

    def planted(self) -> str:
        """The source with the mistake in it. Raises ValueError where its place is not found once."""
        source = self.file.read_text()
        count = source.count(self.before)
        if count != 1:
            raise ValueError(f"mutant '{self.name}': its place stands {count} times in {self.module}, expected once")
        return source.replace(self.before, self.after)


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    Attributes:
        mutant: which one.
        caught: whether the validator noticed.
        programs: how many programs that took, or how many it looked at in vain.
        problem: what it said, in one line.
    """

    mutant: Mutant
    caught: bool
    programs: int
    problem: str


class _Plant(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed source, and leaves all others alone."""

    def __init__(self, mutant: Mutant):
        self._name = f"stepwell.{mutant.module}"
        self._source, self._file = mutant.planted(), str(mutant.file)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._file, loader=self)  # pyright: ignore

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._source, self._file, "exec"), module.__dict__)


def _validate_planted(mutant: Mutant, examples: int, connection: Any) -> None:
    """In a process that has not imported the compiler yet: plant, validate, tell."""
    try:
        sys.meta_path.insert(0, _Plant(mutant))
        from stepwell.compiler.pipeline.pipelines import parse
        from stepwell.testing.modules import modules_before
        from stepwell.testing.validation import ValidationError, validate

        passes = parse(mutant.passes)
        strategy = modules_before(passes[0].name, ops=list(mutant.ops) or None, **mutant.options)
        try:
            report = validate(passes, strategy, max_examples=examples, shrink=False)
            connection.send((None, report.programs, "not noticed"))
        except ValidationError as error:
            connection.send((error.replay_file, error.programs, " ".join(error.problem.split())[:160]))
    except BaseException:
        connection.send((None, 0, "broken: " + traceback.format_exc()))


def _fails_without(file: Path) -> bool:
    """Whether the program on which a mistake was noticed is not valid without the mistake either: a false alarm."""
    from stepwell.testing.validation import ValidationError, replay

    try:
        with _ONE_AT_A_TIME:
            replay(file)
    except ValidationError:
        return True
    finally:
        file.unlink()
    return False


def run_mutant(mutant: Mutant, examples: int = EXAMPLES, timeout: float = 120.0) -> Outcome:
    """Plant a mutant in a new process and let the validator look for it; what it finds has to be well without it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_validate_planted, args=(mutant, examples, theirs))
    process.start()
    theirs.close()
    answer: tuple[Path | None, int, str]
    try:
        answer = ours.recv() if ours.poll(timeout) else (None, 0, "the validation did not come to an end")
    except EOFError:
        answer = (None, 0, "broken: the process died")
    process.terminate()
    process.join()
    file, programs, problem = answer
    if file is not None and _fails_without(file):
        return Outcome(mutant, False, programs, f"a false alarm: {problem}")
    return Outcome(mutant, file is not None, programs, problem)


def run_all(mutants: Sequence[Mutant], workers: int, examples: int = EXAMPLES) -> Iterator[Outcome]:
    """The outcomes of `mutants`, in order, each as soon as it is known."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda mutant: run_mutant(mutant, examples), mutants)
