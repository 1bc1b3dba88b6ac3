"""`gradients` and `hessians`: derivatives of what a function has computed so far, without a tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....dialects.public import public
from ..ops import namespace
from ..tracing.tracer import Tracer, current_tracer
from ..values import nest
from ..values.dispatch import as_tensor
from ..values.recording import record, record_on, stop_recording, tape_key
from ..values.tensor import Tensor
from .observe import observe
from .tape import GradientTape, UnconnectedGradients


@public("compat.v1", top=True)
def gradients(
    ys: object,
    xs: object,
    grad_ys: object = None,
    name: str | None = None,
    gate_gradients: bool = False,
    aggregation_method: object = None,
    stop_gradients: object = None,
    unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
) -> list[Any]:
    """The gradients of the sum of `ys` with respect to each of `xs`, inside of a `function`.

    Args:
        ys: a tensor, or a list of them.
        xs: a tensor or a Variable, or a list of them.
        grad_ys: what to start from instead of ones, for each of `ys`.
        name, gate_gradients, aggregation_method: accepted as in TensorFlow; unused.
        stop_gradients: tensors that are constants for this.
        unconnected_gradients: for one of `xs` that `ys` do not depend on, `"none"` returns None, `"zero"` zeros.

    Raises RuntimeError outside of a `function`, where a `GradientTape` is needed.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def f(x):
        ...     return sw.gradients(x * x, x)
        >>> f(sw.constant(3.0))[0].numpy().item()
        6.0
    """
    del name, gate_gradients, aggregation_method
    tracer = current_tracer()
    if tracer is None:
        raise RuntimeError("gradients: there is nothing to look back at outside of a function; use sw.GradientTape")
    sources, stopped = _listed(xs), _listed(stop_gradients)
    targets = [as_tensor(y, name="gradients: ys") for y in _listed(ys)]
    tape = GradientTape()
    tape.watch(sources)
    _look_back(tracer, [tape], stopped)
    starts = None if grad_ys is None else _listed(grad_ys)
    if starts is not None:
        ones = namespace().ones_like
        starts = [ones(target) if start is None else start for start, target in zip(starts, targets, strict=True)]
    return tape.gradient(targets, sources, starts, unconnected_gradients)


@public("compat.v1", top=True)
def hessians(
    ys: object,
    xs: object,
    gate_gradients: bool = False,
    aggregation_method: object = None,
    name: str = "hessians",
) -> list[Tensor]:
    """The second derivatives of the sum of `ys` with respect to each of `xs`, inside of a `function`.

    Args:
        ys: a tensor, or a list of them.
        xs: a tensor or a Variable, or a list of them.
        gate_gradients, aggregation_method, name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def f(x):
        ...     return sw.hessians(sw.reduce_sum(x * x * x), x)[0]
        >>> f(sw.constant([1.0, 2.0])).numpy().tolist()
        [[6.0, 0.0], [0.0, 12.0]]
    """
    del gate_gradients, aggregation_method, name
    tracer = current_tracer()
    if tracer is None:
        raise RuntimeError("hessians: there is nothing to look back at outside of a function; use sw.GradientTape")
    found = []
    targets = [as_tensor(y, name="hessians: ys") for y in _listed(ys)]
    for source in _listed(xs):
        outer, inner = GradientTape(), GradientTape()
        outer.watch(source)
        inner.watch(source)
        _look_back(tracer, [inner, outer], [])
        with outer:
            first = inner.gradient(targets, source, unconnected_gradients="zero")
        found.append(outer.jacobian(first, source, "zero"))
    return found


def _listed(values: object) -> list[Any]:
    return [] if values is None else nest.flatten(values)


def _look_back(tracer: Tracer, tapes: Sequence[GradientTape], stopped: Sequence[Any]) -> None:
    """Let tapes know what was computed so far from what they watch, but for `stopped`."""
    constants = {tape_key(thing) for thing in stopped}
    with stop_recording():
        record_on(list(tapes))
        # 1. What was computed at once, from tensors of the outside.
        for inputs, outputs, backward, name in tracer.lineage:
            if not any(tape_key(output) in constants for output in outputs):
                record(inputs, outputs, backward, name)
        # 2. The ops of the trace.
        for block in tracer.open_blocks:
            ops = list(block.ops)
            observe(tracer, [op for op in ops if not any(id(result) in constants for result in op.results)])
