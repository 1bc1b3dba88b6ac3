"""`stepwell reduce`: the smallest IR for which a command still succeeds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from ..compiler.reducer import Reduction


def reduce(
    file: Annotated[str, typer.Argument(metavar="FILE", help="IR of any level; - is standard input")],
    test: Annotated[
        str,
        typer.Option(
            "--test",
            "-t",
            metavar="COMMAND",
            help="exits with 0 while the IR in the file {} (or the last argument) still has the property",
        ),
    ],
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="write to a file")] = None,
    locations: Annotated[bool, typer.Option("--locations", help="keep source locations in the IR")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="time limit of the command; a longer run fails")
    ] = 60.0,
    max_calls: Annotated[
        int | None, typer.Option("--max-calls", metavar="N", help="stop after N runs of the command")
    ] = None,
) -> None:
    """Minimize IR while a command succeeds on it. The command is only run on valid IR.

    With --output the smallest IR so far is in the file at all times.

    Example: stepwell reduce crash.mlir --test "stepwell opt {} -p my-pass 2>&1 | grep -q IndexError" -o small.mlir
    """
    from ..compiler.interchange.mlir.text import parse_module
    from .files import STANDARD, read_text, write_text

    module = parse_module(read_text(file), "<stdin>" if file == STANDARD else file)
    found = _reduced(module, file, _Command(test, timeout, locations), output, max_calls)
    write_text(output, _text(found.module, locations))
    typer.echo(str(found), err=True)


def _reduced(module: ModuleOp, file: str, command: _Command, output: str | None, max_calls: int | None) -> Reduction:
    """The reduction; every smaller module is written at once."""
    from ..compiler.reducer import reduce as reduce_module
    from .errors import CommandError
    from .files import STANDARD, write_text

    def keep(found: ModuleOp, calls: int) -> None:
        if output not in (None, STANDARD):
            write_text(output, _text(found, command.locations))

    first = command.run(module.clone())
    if not first:
        raise CommandError(f"the command does not succeed on {file} itself: {first.told(command)}")
    return reduce_module(module, command, max_calls=max_calls, on_progress=keep)


def _text(module: ModuleOp, locations: bool) -> str:
    from ..compiler.interchange.mlir.text import print_module

    return print_module(module, locations=locations)


_LAST = 400
"""How many bytes of what a command says last are told."""
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
"""Exit codes of the shell."""


@dataclass(frozen=True)
class _Run:
    """One run of the command: its exit code (None: it took too long), its time, and what it said last."""

    code: int | None
    seconds: float
    stderr: str

    def __bool__(self) -> bool:
        return self.code == 0

    def told(self, command: _Command) -> str:
        """Why the command failed."""
        if self.code is None:
            why = f"it was ended after {command.timeout:g} s (--timeout)"
        elif self.code == _NOT_FOUND:
            why = "the shell does not find it, or something that it runs (exit code 127)"
        elif self.code == _NOT_EXECUTABLE:
            why = "it cannot be executed: is it a script without `chmod +x`? (exit code 126)"
        elif self.code < 0:
            why = f"it was ended by signal {-self.code} after {self.seconds:.1f} s"
        else:
            why = f"exit code {self.code} after {self.seconds:.1f} s"
        words = " ".join(self.stderr.split())
        return f"{command.template}: {why}{f'; it said: {words}' if words else ''}"


@dataclass(frozen=True)
class _Command:
    """The test of the user's, run on the text of a module.

    Attributes:
        template: what the shell runs; `{}` represents the file.
        timeout: how many seconds it may take.
        locations: whether the text has locations.
    """

    template: str
    timeout: float
    locations: bool

    def __call__(self, module: ModuleOp) -> bool:
        """Whether the command succeeds."""
        return bool(self.run(module))

    def run(self, module: ModuleOp) -> _Run:
        """What comes of the command."""
        import os
        import shlex
        import tempfile

        with tempfile.TemporaryDirectory(prefix="stepwell-reduce-") as folder:
            path = os.path.join(folder, "candidate.mlir")
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(_text(module, self.locations))
            name = shlex.quote(path)
            line = self.template.replace("{}", name) if "{}" in self.template else f"{self.template} {name}"
            with open(os.path.join(folder, "stderr"), "w+b") as stderr:
                start = time.monotonic()
                code = self._run(line, stderr)
                seconds = time.monotonic() - start
                stderr.seek(max(0, stderr.tell() - _LAST))
                return _Run(code, seconds, stderr.read().decode(errors="replace"))

    def _run(self, line: str, stderr: IO[bytes]) -> int | None:
        """The exit code of a line for the shell; None where it took too long. Nothing of it is left running."""
        import os
        import signal
        import subprocess

        nothing = subprocess.DEVNULL
        process = subprocess.Popen(
            line, shell=True, stdin=nothing, stdout=nothing, stderr=stderr, start_new_session=True
        )
        try:
            code = process.wait(self.timeout)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            code = None
        stderr.seek(0, os.SEEK_END)
        return code
