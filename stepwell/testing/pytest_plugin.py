"""A plugin for pytest that collects `.mlir` files with `RUN` lines; `stepwell.testing.mlir_files` says what they are.

A project uses it with `pytest_plugins = ["stepwell.testing.pytest_plugin"]` in its `conftest.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .mlir_files import MlirFile, MlirTestError, run_command


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that accepts what commands print now."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files of .mlir tests")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect `.mlir` files that have a comment with `RUN`; others are data."""
    if file_path.suffix == ".mlir" and "RUN" in file_path.read_text(encoding="utf-8"):
        return MlirTests.from_parent(parent, path=file_path)
    return None


class MlirTests(pytest.File):
    """The tests of a file: one for each `RUN` line, and for each `RUN-EXPECT` line one for each way to run it."""

    def collect(self) -> Iterator[pytest.Item]:
        """The tests."""
        try:
            file = MlirFile.read(self.path)
        except MlirTestError as error:
            raise self.CollectError(str(error)) from None
        update = bool(self.config.getoption("--update-golden"))
        for number, run in enumerate(file.runs, 1):
            yield self._item(f"run {number}", run.line, lambda run=run: run_command(file, run, update))
        yield from self._expectations(file)

    def _expectations(self, file: MlirFile) -> Iterator[pytest.Item]:
        if not file.expects:
            return
        from .mlir_results import Program, run_expectation, ways_of  # loads the engines

        programs: dict[str, Program] = {}
        for expect in file.expects:
            try:
                ways = ways_of(file, expect, programs)
            except MlirTestError as error:
                raise self.CollectError(str(error)) from None
            for way in ways:

                def check(expect: Any = expect, way: str = way) -> None:
                    run_expectation(file, expect, way, programs)

                yield self._item(f"{expect.text} [{way}]", expect.line, check)

    def _item(self, name: str, line: int, check: Callable[[], None]) -> pytest.Item:
        return MlirTest.from_parent(self, name=name, line=line, check=check)


class MlirTest(pytest.Item):
    """One test."""

    def __init__(self, *, line: int, check: Callable[[], None], **options: Any):
        super().__init__(**options)
        self._line, self._check = line, check

    def runtest(self) -> None:
        """Run it."""
        self._check()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What failed, without Python's traceback where the file's line says it all."""
        if isinstance(excinfo.value, MlirTestError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test is."""
        return self.path, self._line - 1, self.name
