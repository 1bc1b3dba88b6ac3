"""Tests in `.mlir` files: commands whose output is checked, and functions whose results are known.

```mlir
// RUN: stepwell opt %s -p canonicalize | filecheck %s
// RUN: stepwell opt %s -p O2 | golden %s.O2.golden
// RUN-EXPECT: @twice([1.0, 2.0]) == [2.0, 4.0]

// CHECK-LABEL: func.func @twice
// CHECK:         hl.add
```

`RUN` lines are as in LLVM's lit: stages with `|` between them, and `\\` at the end of a line that goes on. They run in
the file's folder, in this process. A stage is `stepwell …`, after `not` if it must fail, with `2>&1` if its messages
are part of its output; then `filecheck …`, or `golden FILE`: the output is exactly what is in the file. `%s` is the
file, `%t` a name for a temporary one.

`RUN-EXPECT` lines are run on every engine, and on the interpreter at every level from the text's down; what they change
of their arguments comes after what they return. `// UNSUPPORTED: onnx (why)` names ways that must refuse the text.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

_RUN = re.compile(r"^\s*//\s*RUN:\s*(.*?)\s*$")
_EXPECT = re.compile(r"^\s*//\s*RUN-EXPECT:\s*(.*?)\s*$")
_UNSUPPORTED = re.compile(r"^\s*//\s*UNSUPPORTED:\s*([\w ]+?)\s*\(.+\)\s*$")
_ANY = re.compile(r"//\s*(RUN|RUN-EXPECT|UNSUPPORTED)\b")


class MlirTestError(AssertionError):
    """A test in an `.mlir` file that failed, or that cannot be read; it says what and where."""


@dataclass(frozen=True)
class Run:
    """A `RUN` line.

    Attributes:
        command: the stages.
        line: the line, from 1.
    """

    command: str
    line: int


@dataclass(frozen=True)
class Expect:
    """A `RUN-EXPECT` line.

    Attributes:
        text: the call and its expected results.
        line: the line, from 1.
    """

    text: str
    line: int


@dataclass(frozen=True)
class MlirFile:
    """A file, and the tests in it.

    Attributes:
        path: where it is.
        text: what is in it.
        runs: its commands.
        expects: its functions whose results are known.
        unsupported: ways of running that must refuse it.
    """

    path: Path
    text: str
    runs: tuple[Run, ...]
    expects: tuple[Expect, ...]
    unsupported: frozenset[str]

    @staticmethod
    def read(path: Path) -> MlirFile:
        """Read a file; MlirTestError where a line cannot be read, or there is no test in it."""
        text = path.read_text(encoding="utf-8")
        runs, expects, unsupported = [], [], set()
        for number, line in _lines(text):
            if match := _RUN.match(line):
                runs.append(Run(match[1], number))
            elif match := _EXPECT.match(line):
                expects.append(Expect(match[1], number))
            elif match := _UNSUPPORTED.match(line):
                unsupported.add(match[1])
            elif _ANY.search(line):
                raise MlirTestError(f"{path}:{number}: this line cannot be read: {line.strip()}")
        if not runs and not expects:
            raise MlirTestError(f"{path}: there is no line '// RUN: …' or '// RUN-EXPECT: …'")
        return MlirFile(path, text, tuple(runs), tuple(expects), frozenset(unsupported))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; a `RUN` line that ends with a backslash goes on in the next one."""
    going_on: tuple[int, str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if going_on is not None:
            number, line = going_on[0], f"{going_on[1]} {line.split(':', 1)[-1].strip()}"
        stripped = line.rstrip()
        going_on = (number, stripped[:-1]) if stripped.endswith("\\") and _RUN.match(line) else None
        if going_on is None:
            yield number, line


def run_command(file: MlirFile, run: Run, update: bool = False) -> None:
    """Run the stages of a `RUN` line.

    Args:
        file: the file it is in.
        run: the line.
        update: whether files of `golden` are rewritten instead of compared.

    Raises:
        MlirTestError: where a stage fails, or does not fail that must.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(file.path.parent):
        words = shlex.split(run.command, posix=True)
        named = [word.replace("%s", file.path.name).replace("%t", f"{folder}/t") for word in words]
        stages = _stages(named)
        output = ""
        for number, stage in enumerate(stages):
            try:
                output = _run_stage(stage, output, number == 0, update)
            except MlirTestError as error:
                raise MlirTestError(f"{file.path}:{run.line}: {' '.join(stage)}\n{error}") from None


def _stages(words: Sequence[str]) -> list[list[str]]:
    stages: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            stages.append([])
        else:
            stages[-1].append(word)
    return stages


def _run_stage(words: list[str], given: str, first: bool, update: bool) -> str:
    """What a stage writes."""
    name = words[0] if words else ""
    if name in ("stepwell", "not"):
        return _run_stepwell(words, None if first else given)
    if name in ("filecheck", "FileCheck"):
        _run_filecheck(words[1:], given)
    elif name == "golden" and len(words) == 2:
        _compare(Path(words[1]), given, update)
    else:
        raise MlirTestError("a stage is 'stepwell …', 'not stepwell …', 'filecheck …' or 'golden FILE'")
    return ""


@cache
def _command() -> Callable[[list[str], str | None], Any]:
    """Runs the `stepwell` command as it is installed, in this process: one of its own takes a second to start."""
    (script,) = entry_points(group="console_scripts", name="stepwell")
    app = script.load()
    return lambda arguments, given: CliRunner().invoke(app, arguments, input=given)


def _run_stepwell(words: list[str], given: str | None) -> str:
    must_fail, merged = words[0] == "not", "2>&1" in words
    arguments = [word for word in words[1 + must_fail :] if word != "2>&1"]
    if must_fail and words[1:2] != ["stepwell"]:
        raise MlirTestError("'not' must precede 'stepwell'")
    done = _command()(arguments, given)
    if "internal error" in done.stderr:
        raise MlirTestError(done.stderr)
    if bool(done.exit_code) != must_fail:
        raise MlirTestError(f"exit code {done.exit_code}\n{done.stderr}")
    return done.output if merged else done.stdout


def _run_filecheck(arguments: list[str], given: str) -> None:
    from filecheck.finput import FInput
    from filecheck.matcher import Matcher
    from filecheck.options import parse_argv_options
    from filecheck.parser import Parser

    options = parse_argv_options(["filecheck", *arguments])
    matcher = Matcher(options, FInput("<stdin>", given), Parser.from_opts(options))
    matcher.stderr = io.StringIO()
    if matcher.run():
        raise MlirTestError(f"{matcher.stderr.getvalue()}\nthe output:\n{given}")


def _compare(path: Path, given: str, update: bool) -> None:
    """Compare an output with what is in a file, or put it there."""
    import difflib

    if update:
        path.write_text(given, encoding="utf-8")
        return
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    if given != expected:
        lines = difflib.unified_diff(expected.splitlines(), given.splitlines(), str(path), "the output", lineterm="")
        raise MlirTestError("\n".join(["the output differs; pytest --update-golden accepts it", *lines]))
