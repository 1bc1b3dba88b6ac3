"""One wrong rewrite: planted in a process of its own, by changing the source of a module as it is imported.

Either `validate` has to notice it, as it draws programs by itself, or the tests that are named.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import multiprocessing
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import stepwell

if TYPE_CHECKING:
    from xdsl.passes import ModulePass

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
        tests: the tests that have to fail instead, where the mistake is in no pass.
    """

    name: str
    module: str
    before: str
    after: str
    passes: str = ""
    tests: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        """The source file."""
        root = Path(stepwell.__file__).parent
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


_DIED = "broken: the process died"

Answer = tuple[Path | None, int, str]
"""A file to replay where the mistake was noticed, how many programs or tests that took, and what was said."""

_NOTICED_BY_TESTS = Path("the tests")
"""In the place of a file to replay."""


def _in_process(mutant: Mutant, examples: int, connection: Any) -> None:
    """In a process that has not imported the compiler yet: plant, look for it, tell."""
    try:
        sys.meta_path.insert(0, _Plant(mutant))
        connection.send(_run_tests(mutant.tests) if mutant.tests else _validate(_passes(mutant), examples))
    except BaseException:
        connection.send((None, 0, "broken: " + traceback.format_exc()))


def _passes(mutant: Mutant) -> Sequence[Any]:
    from stepwell.compiler.pipeline.pipelines import parse

    return parse(mutant.passes)


def _validate(passes: Any, examples: int) -> Answer:
    from stepwell.testing.validation import ValidationError, validate

    try:
        report = validate(passes, max_examples=examples, shrink=False, allow_unchanged=True)
    except ValidationError as error:
        return error.replay_file, error.programs, " ".join(error.problem.split())[:160]
    return None, report.programs, "not noticed"


def _run_tests(tests: Sequence[str]) -> Answer:
    """Run tests up to the first that fails."""
    import pytest

    failed: list[str] = []
    ran = 0

    class Watch:
        def pytest_runtest_logreport(self, report: Any) -> None:
            nonlocal ran
            ran += report.when == "call"
            if report.failed:
                failed.append(report.nodeid)

    root = Path(__file__).parents[3]
    paths = [str(root / test) for test in tests]
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", f"--rootdir={root}", *paths], plugins=[Watch()])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return None, ran, f"broken: pytest ends with {code!r}"
    return (_NOTICED_BY_TESTS, ran, failed[0]) if failed else (None, ran, "not noticed")


def _validate_wrong_pass(name: str, examples: int, connection: Any) -> None:
    """Validate one of the wrong passes of users, and tell."""
    from .of_users import WRONG_PASSES

    (wrong,) = (each for each in WRONG_PASSES if each.name == name)
    found = _validate(wrong, examples)
    connection.send((_NOTICED_BY_TESTS if found[0] is not None else None, *found[1:]))


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


def _answer_of(target: Any, what: Any, examples: int, timeout: float) -> Answer:
    """What a function tells that runs in a new process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(what, examples, theirs))
    process.start()
    theirs.close()
    try:
        answer: Answer = ours.recv() if ours.poll(timeout) else (None, 0, "it did not come to an end")
    except EOFError:
        answer = None, 0, _DIED
    process.terminate()
    process.join()
    return answer


def run_mutant(mutant: Mutant, examples: int = EXAMPLES, timeout: float = 900.0) -> Outcome:
    """Plant a mutant in a new process and look for it there; what `validate` finds has to be well without it."""
    file, programs, problem = _answer_of(_in_process, mutant, examples, timeout)
    if mutant.tests and problem == _DIED:
        file = _NOTICED_BY_TESTS
    if file is not None and not mutant.tests and _fails_without(file):
        return Outcome(mutant, False, programs, f"a false alarm: {problem}")
    return Outcome(mutant, file is not None, programs, problem)


def run_wrong_pass(wrong: ModulePass, examples: int = EXAMPLES, timeout: float = 900.0) -> Outcome:
    """Validate a wrong pass of a user in a new process."""
    file, programs, problem = _answer_of(_validate_wrong_pass, wrong.name, examples, timeout)
    what = Mutant(wrong.name, "a pass of a user", "", "", wrong.name)
    return Outcome(what, file is not None, programs, problem)


def run_all(mutants: Sequence[Mutant | ModulePass], workers: int, examples: int = EXAMPLES) -> Iterator[Outcome]:
    """The outcomes of mutants and of wrong passes of users, in order, each as soon as it is known."""
    from concurrent.futures import ThreadPoolExecutor

    def run(each: Mutant | ModulePass) -> Outcome:
        return run_mutant(each, examples) if isinstance(each, Mutant) else run_wrong_pass(each, examples)

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(run, mutants)
