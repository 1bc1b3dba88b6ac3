"""What summaries do in compiled functions: Python code that runs in the order of the program's other effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...compiler.frontend.gradients.host_calls import HostFunction, staged_call
from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.recording import stop_recording
from ...compiler.frontend.values.tensor import Tensor


def run_in_order(label: str, action: Callable[[], object]) -> None:
    """Run `action` now, or each time that the function runs which is being traced."""
    call_in_order(label, lambda _: action(), [])


def call_in_order(label: str, action: Callable[[Sequence[Tensor]], object], tensors: Sequence[Tensor]) -> None:
    """Call `action` with tensors now, or each time that the function runs which is being traced.

    Tensors that are known are no operands of the program: so they may be of any dtype, and are not copied.
    """
    tracer = current_tracer()
    if tracer is None:
        with stop_recording():
            action(tensors)
        return
    symbolic = [tensor for tensor in tensors if tensor.is_symbolic]

    def call(values: Sequence[Tensor]) -> list[Tensor]:
        rest = iter(values)
        action([next(rest) if tensor.is_symbolic else tensor for tensor in tensors])
        return []

    staged_call(tracer, HostFunction(label, call, observes=True), symbolic, [])
