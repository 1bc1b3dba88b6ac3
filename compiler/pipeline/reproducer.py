"""A file that shows a failure of a pass again: the IR before it, and what was run, in one text.

The first line of the file is the command that replays it, the second what is replayed, as data; then comes the IR.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...dialects.diagnostics import ParseError, PassError, StepwellError
from ...dialects.files import replacing
from ...dialects.public import public
from ..interchange.mlir.text import print_module
from .pipelines import pipeline_text

VARIABLE = "STEPWELL_CRASH_REPRODUCER"
"""The environment variable that says where reproducers are written."""

_HEADER = "// reproducer: "
_configured: list[str] = []


@public("config")
def set_crash_reproducer(path: str | os.PathLike[str] | None) -> None:
    """Write a file that shows the failure again whenever a pass fails from now on; `None` writes none.

    Without it the environment variable STEPWELL_CRASH_REPRODUCER says where. The file is replayed with
    `stepwell opt --run-reproducer FILE`.
    """
    _configured[:] = [] if path is None else [os.fspath(path)]


def configured_path() -> str | None:
    """Where reproducers are written; `None`: nowhere."""
    return _configured[0] if _configured else os.environ.get(VARIABLE) or None


@dataclass(frozen=True)
class Reproducer:
    """What to replay.

    Attributes:
        pipeline: the passes, as text.
        verify_each: whether the module is verified after each.
        ir: the module before, with locations.
        message: what went wrong.
        checks: what else is to be checked so that it shows: the `replay` of the `PassError`.
    """

    pipeline: str
    verify_each: bool
    ir: str
    message: str
    checks: Mapping[str, Any] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """The text of the file that is called `path`."""
        data = {"pipeline": self.pipeline, "verify-each": self.verify_each, "message": self.message, **self.checks}
        return f"// stepwell opt --run-reproducer {path}\n{_HEADER}{json.dumps(data)}\n{self.ir}"


def parse_reproducer(text: str, name: str) -> Reproducer:
    """What the text of a reproducer says; its IR is the whole text, so that places in errors are those in the file."""
    for line in text.split("\n", 3)[:2]:
        if line.startswith(_HEADER):
            try:
                data = json.loads(line.removeprefix(_HEADER))
                pipeline, verify_each, message = (data.pop(key) for key in ("pipeline", "verify-each", "message"))
                return Reproducer(pipeline, bool(verify_each), text, message, data)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise ParseError(f"{name}: the line '{_HEADER.strip()} …' cannot be read") from None
    raise ParseError(f"{name}: this is no reproducer: no line starts with '{_HEADER.strip()}'")


@contextlib.contextmanager
def reproducer_of_failure(
    path: str | None, module: ModuleOp, passes: Sequence[ModulePass], verify_each: bool
) -> Iterator[None]:
    """Write a reproducer to `path` when the `with` block fails; nothing is done without a path.

    The error then says how to replay it.
    """
    if path is None:
        yield
        return
    before = module.clone()
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        _write(path, before, passes, verify_each, error)
        if isinstance(error, StepwellError):
            told = f"`stepwell opt --run-reproducer {path}` shows it again"
            error.remedy = f"{error.remedy}; {told}" if error.remedy else told
        raise


def _write(path: str, module: ModuleOp, passes: Sequence[ModulePass], verify_each: bool, error: BaseException) -> None:
    pipeline = pipeline_text(passes, include_default=True)
    message = " ".join(str(error).split()) or type(error).__name__
    checks = error.replay if isinstance(error, PassError) else {}
    text = Reproducer(pipeline, verify_each, print_module(module, locations=True), message, checks).text(path)
    with replacing(Path(path)) as temporary:
        temporary.write_text(text, encoding="utf-8")
