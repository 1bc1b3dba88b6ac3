"""What the runtime adds to staged control flow: operations that tapes see, and records of branches and loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xdsl.ir import Operation

from ....dialects.hl.base import HLOp
from ..tracing.tracer import current_tracer
from ..values.model import model


def _emit(op: type[HLOp], *operands: Any, **attrs: Any) -> Any:
    tracer = current_tracer()
    assert tracer is not None
    result = tracer.emit(op, [model().to_ssa(operand, None) for operand in operands], attrs)
    return model().from_ssa(result.results[0])


def _ignore(op: Operation, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    del op, inputs, outputs


@dataclass
class Hooks:
    """How the runtime takes part.

    Attributes:
        apply: an operation on tensors, as one that the user calls.
        staged: told of each branch and loop: the op, the tensors it depends on, those it gives.
    """

    apply: Callable[..., Any] = _emit
    staged: Callable[[Operation, Sequence[Any], Sequence[Any]], None] = _ignore


hooks = Hooks()
"""The hooks in force; the runtime sets its own."""
