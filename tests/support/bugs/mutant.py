"""One wrong rewrite: planted in a process of its own, by changing the source of a module as it is imported.

Either `validate` has to notice it, as it draws programs by itself, or the tests that are named.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import stepwell

from .bug import DIED, Answer, Bug

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Mutant(Bug):
    """A wrong rewrite.

    Attributes:
        name: what is wrong, in words.
        module: the module it is planted in, below `stepwell`, such as `"compiler.passes.dce"`.
        before, after: what is replaced in the source, which is there once, and by what.
        passes: the pipeline that is validated.
        tests: the tests that have to fail instead, where the mistake is in no pass.
        only: what the names of those tests have in them that are run, if not all are.
    """

    name: str
    module: str
    before: str
    after: str
    passes: str = ""
    tests: tuple[str, ...] = ()
    only: str = ""

    @property
    def tool(self) -> str:
        """Tests, where the mistake is in no pass."""
        return "tests" if self.tests else "validate"

    @property
    def unit(self) -> str:
        """What the tool counts."""
        return "tests" if self.tests else "programs"

    @property
    def where(self) -> str:
        """The module."""
        return self.module

    def task(self, examples: int) -> tuple[Callable[..., Answer], tuple[Any, ...]]:
        """Look for it."""
        return _planted, (self, examples)

    def judged(self, answer: Answer) -> Answer:
        """What `validate` finds has to be well without the mistake; tests have noticed one that ended their process."""
        if self.tests:
            return replace(answer, noticed=answer.noticed or answer.how == DIED)
        if answer.file is not None and _fails_without(answer.file):
            return replace(answer, noticed=False, how=f"a false alarm: {answer.how}")
        return answer

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
            raise ValueError(f"mutant '{self.name}': its place is {count} times in {self.module}, expected once")
        return source.replace(self.before, self.after)


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


def _planted(mutant: Mutant, examples: int) -> Answer:
    """In a process that has not imported the compiler yet: plant it, look for it."""
    name = f"stepwell.{mutant.module}"
    if name in sys.modules:
        raise RuntimeError(f"mutant '{mutant.name}': {name} has been imported already, expected a new process")
    sys.meta_path.insert(0, _Plant(mutant))
    if mutant.tests:
        return _run_tests(mutant.tests, mutant.only)
    from stepwell.compiler.pipeline.pipelines import parse  # after it is planted

    return validated(parse(mutant.passes), examples)


def validated(passes: Any, examples: int) -> Answer:
    """Whether `validate` notices that passes are wrong."""
    from stepwell.testing.validation import ValidationError, validate  # after a mutant is planted

    try:
        report = validate(passes, max_examples=examples, shrink=False, allow_unchanged=True)
    except ValidationError as error:
        return Answer(True, error.programs, " ".join(error.problem.split())[:160], error.replay_file)
    return Answer(False, report.programs, "not noticed")


def _run_tests(tests: Sequence[str], only: str) -> Answer:
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
        code = pytest.main(
            ["-x", "-q", "-p", "no:cacheprovider", f"--rootdir={root}", "-k", only, *paths], plugins=[Watch()]
        )
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return Answer(False, ran, f"broken: pytest ends with {code!r}")
    return Answer(bool(failed), ran, failed[0] if failed else "not noticed")


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
