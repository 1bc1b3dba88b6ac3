"""`stepwell reduce`: the smallest IR for which a command still succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from ..compiler.reduction import Reduction


def reduce(
    file: Annotated[str, typer.Argument(metavar="FILE", help="IR of any level; - is standard input")],
    test: Annotated[
        str,
        typer.Option(
            "--test",
            "-t",
            metavar="COMMAND",
            help="exits with 0 while the IR in the file {} (or the last argument) still shows what is looked for",
        ),
    ],
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="write to a file")] = None,
    locations: Annotated[bool, typer.Option("--locations", help="give the command, and write, locations")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="a command that runs longer has failed")
    ] = 60.0,
    max_calls: Annotated[
        int | None, typer.Option("--max-calls", metavar="N", help="stop after so many runs of the command")
    ] = None,
) -> None:
    """Make IR small: while a command succeeds on it. It is valid whenever the command is run.

    With --output the smallest IR so far is in the file at all times.

    Example: stepwell reduce crash.mlir --test "stepwell opt {} -p my-pass 2>&1 | grep -q IndexError" -o small.mlir
    """
    from ..compiler.interchange.mlir_text import parse_module
    from .files import STANDARD, read_text, write_text

    module = parse_module(read_text(file), "<stdin>" if file == STANDARD else file)
    found = _reduced(module, file, _Command(test, timeout, locations), output, max_calls)
    write_text(output, _text(found.module, locations))
    typer.echo(str(found), err=True)


def _reduced(module: ModuleOp, file: str, command: _Command, output: str | None, max_calls: int | None) -> Reduction:
    """The reduction; every smaller module is written at once."""
    from ..compiler.reduction import reduce as reduce_module
    from .errors import CommandError
    from .files import STANDARD, write_text

    def keep(found: ModuleOp, calls: int) -> None:
        if output not in (None, STANDARD):
            write_text(output, _text(found, command.locations))

    if not command(module.clone()):
        raise CommandError(f"the command does not succeed on {file} itself: {command.template}")
    return reduce_module(module, command, max_calls=max_calls, on_progress=keep)


def _text(module: ModuleOp, locations: bool) -> str:
    from ..compiler.interchange.mlir_text import print_module

    return print_module(module, locations=locations)


@dataclass(frozen=True)
class _Command:
    """The test of the user's, run on the text of a module.

    Attributes:
        template: what the shell runs; `{}` stands for the file.
        timeout: how many seconds it may take.
        locations: whether the text has locations.
    """

    template: str
    timeout: float
    locations: bool

    def __call__(self, module: ModuleOp) -> bool:
        import os
        import shlex
        import tempfile

        with tempfile.TemporaryDirectory(prefix="stepwell-reduce-") as folder:
            path = os.path.join(folder, "candidate.mlir")
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(_text(module, self.locations))
            name = shlex.quote(path)
            line = self.template.replace("{}", name) if "{}" in self.template else f"{self.template} {name}"
            return self._run(line) == 0

    def _run(self, line: str) -> int | None:
        """The exit code of a line for the shell; None where it took too long. Nothing of it is left running."""
        import os
        import signal
        import subprocess

        nothing = subprocess.DEVNULL
        process = subprocess.Popen(
            line, shell=True, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        try:
            return process.wait(self.timeout)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return None
            raise
