"""What a pass was doing when it failed: the op, found on the traceback, so that passes need not keep track of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import TypeGuard

from xdsl.dialects.builtin import LocationAttr, ModuleOp, StringAttr, UnknownLoc
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import GreedyRewritePatternApplier, RewritePattern
from xdsl.utils.exceptions import DiagnosticException

from ...dialects.diagnostics import PassError


@dataclass(frozen=True)
class Fault:
    """The op that was being transformed.

    Attributes:
        op: its name, with its symbol for a function: `func.func @f`.
        location: its location, or that of the closest op around it that has one.
        pattern: the pattern that was at it; None where there was none.
    """

    op: str
    location: LocationAttr | None
    pattern: str | None


def pass_error(pass_: ModulePass, error: BaseException) -> PassError:
    """The error that says which pass failed, at which op and line of the user's, and why."""
    cause = root_cause(error)
    what = " ".join(str(cause).split())
    if isinstance(cause, RecursionError):
        what = "the program is nested too deeply for it"
    elif isinstance(cause, MemoryError):
        what = f"not enough memory: {what}" if what else "not enough memory"
    elif not isinstance(cause, DiagnosticException):
        what = f"failed with {type(cause).__name__}: {what}" if what else f"failed with {type(cause).__name__}"
    fault = find_fault(error)
    if fault is None:
        return PassError(pass_.name, what)
    by = f", by pattern {fault.pattern}" if fault.pattern else ""
    what = f"{what} (while rewriting '{fault.op}'{by})"
    return PassError(pass_.name, what, location=fault.location, op=fault.op, pattern=fault.pattern)


def root_cause(error: BaseException) -> BaseException:
    """What was raised first; xDSL's rewriter wraps it in an error that shows the whole module."""
    while isinstance(error, DiagnosticException) and error.__cause__ is not None:
        error = error.__cause__
    return error


def find_fault(error: BaseException) -> Fault | None:
    """The op that the code that raised `error` was given.

    It is the op that the outermost call was given, or one inside of it that a later call was given: what a rewrite
    makes for the op is not the op.
    """
    frames = list(_frames(error))
    found: Operation | None = None
    for frame in frames:
        for op in _given(frame):
            if found is None or (op is not found and found.is_ancestor(op)):
                found = op
    if found is None:
        found = _at_hand(frames)
    if found is None:
        return None
    return Fault(_name(found), _location(found), _pattern(frames))


def _frames(error: BaseException) -> Iterator[FrameType]:
    """The frames between the pass and what failed, outermost first."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next
    if isinstance(error, DiagnosticException) and error.__cause__ is not None:
        yield from _frames(error.__cause__)


def _given(frame: FrameType) -> list[Operation]:
    """The ops among the arguments of the call."""
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return [value for name in names if _is_op(value := frame.f_locals.get(name))]


def _at_hand(frames: list[FrameType]) -> Operation | None:
    """The op that the innermost call that has any took up last."""
    for frame in reversed(frames):
        ops = [value for value in frame.f_locals.values() if _is_op(value)]
        if ops:
            return ops[-1]
    return None


def _is_op(value: object) -> TypeGuard[Operation]:
    return isinstance(value, Operation) and not isinstance(value, ModuleOp)


def _name(op: Operation) -> str:
    symbol = getattr(op, "sym_name", None)
    return f"{op.name} @{symbol.data}" if isinstance(symbol, StringAttr) else op.name


def _location(op: Operation | None) -> LocationAttr | None:
    while op is not None and isinstance(op.location, UnknownLoc):
        op = op.parent_op()
    return op.location if op is not None else None


def _pattern(frames: list[FrameType]) -> str | None:
    """The innermost pattern that was running."""
    for frame in reversed(frames):
        pattern = frame.f_locals.get("self")
        if isinstance(pattern, RewritePattern) and frame.f_code.co_name == "match_and_rewrite":
            return None if isinstance(pattern, GreedyRewritePatternApplier) else type(pattern).__name__
    return None
