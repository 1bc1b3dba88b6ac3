"""Pages whose examples are run: files that a page shows are written, and its commands print what it says.

A fenced block with a name behind its language (```` ```mlir scale.mlir ````) is a file. In ```` ```console ```` blocks,
lines that start with `$ ` are commands, and the lines below them what they print, on standard output and error. A line
`...` stands for any lines, and `...` in a line for anything. Times that `--timing` and pytest print are not compared.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_BLOCK = re.compile(r"^```(?P<head>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A command of a page.

    Attributes:
        text: what is typed.
        shown: what the page says that it prints.
        line: the number of its line.
    """

    text: str
    shown: str
    line: int

    def matches(self, printed: str) -> bool:
        """Whether that is what the command printed."""
        lines = [line.rstrip() for line in self._timeless(self.shown).splitlines()]
        pattern = "".join(".*?" if line == "..." else _line_pattern(line) for line in lines)
        clean = "".join(f"{line.rstrip()}\n" for line in self._timeless(printed).splitlines())
        return re.fullmatch(pattern, clean, re.DOTALL) is not None

    def _timeless(self, text: str) -> str:
        measures = "--timing" in self.text or self.text.startswith("pytest")
        # pytest says of more than a minute what that is in minutes: `in 61.20s (0:01:01)`
        return (
            re.sub(r" *\d+\.\d+(s \(\d+:\d\d:\d\d\))?", lambda m: " 0.0s" if m[1] else " 0.0", text)
            if measures
            else text
        )


def _line_pattern(line: str) -> str:
    return r"[^\n]*".join(map(re.escape, line.split("..."))) + "\n"


@dataclass(frozen=True)
class File:
    """A file that a page shows.

    Attributes:
        name: its name, in the folder in which the commands run.
        text: what is in it.
    """

    name: str
    text: str


def missing_tools(text: str) -> list[str]:
    """The programs or packages that a page names in a first line `<!-- needs … -->` and that are not installed."""
    found = re.match(r"<!-- needs ([\w -]+) -->", text)
    names = found[1].split() if found else []
    return [name for name in names if shutil.which(name) is None and find_spec(name) is None]


def read_page(text: str) -> list[Command | File]:
    """The files and commands of a page, in order."""
    return list(_blocks(text))


def _blocks(text: str) -> Iterator[Command | File]:
    for match in _BLOCK.finditer(text):
        language, _, name = match["head"].strip().partition(" ")
        if name:
            yield File(name, match["body"])
        elif language == "console":
            yield from _commands(match["body"], text.count("\n", 0, match.start("body")) + 1)


def _commands(body: str, first: int) -> Iterator[Command]:
    lines = body.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        shown = "".join(f"{line}\n" for line in lines[start + 1 : end])
        yield Command(lines[start].removeprefix("$ "), shown, first + start)


class Shell:
    """Runs the commands of a page in a folder; packages that they install are installed in the folder.

    Commands of stepwell run in this process, as long as nothing has been installed that would change it.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._site = folder / ".site"

    def run(self, item: Command | File) -> str:
        """Write a file, or run a command; what the command prints."""
        if isinstance(item, File):
            path = self.folder / item.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(item.text, encoding="utf-8")
            return ""
        words = shlex.split(item.text)
        if words[0] == "stepwell" and not set(words) & {"|", ">", "2>&1"} and not self._site.exists():
            return self._run_here(words[1:])
        return self._run_apart(item.text)

    def _run_here(self, words: list[str]) -> str:
        from .command import stepwell

        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return stepwell(*words).output
        finally:
            os.chdir(before)

    def _run_apart(self, text: str) -> str:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(self._site),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
            "PIP_TARGET": str(self._site),
            "PIP_NO_DEPS": "1",
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "false",  # pip reads it the other way round
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        return done.stdout
