"""`gradients` and `hessians`: derivatives of what a function has computed so far, without a tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Operation, SSAValue

from ....dialects.public import public
from ....dialects.state import VariableType
from ..ops import namespace
from ..tracing.tracer import Tracer, current_tracer
from ..values import nest
from ..values.dispatch import as_tensor, from_ssa, to_ssa
from ..values.tensor import Tensor
from ..values.variable import Variable
from .replay import replay_op
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
    with GradientTape() as tape:
        tape.watch(sources)
        targets, sources = _again(tracer, [tape], _listed(ys), sources, stopped)
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
    for source in _listed(xs):
        with GradientTape() as outer:
            outer.watch(source)
            with GradientTape() as inner:
                inner.watch(source)
                targets, (own,) = _again(tracer, [inner, outer], _listed(ys), [source], [])
            first = inner.gradient(targets, own, unconnected_gradients="zero")
        found.append(outer.jacobian(first, own, "zero"))
    return found


def _listed(values: object) -> list[Any]:
    return [] if values is None else nest.flatten(values)


def _again(
    tracer: Tracer, tapes: Sequence[GradientTape], ys: Sequence[Any], xs: Sequence[Any], stopped: Sequence[Any]
) -> tuple[list[Tensor], list[Any]]:
    """`ys` and `xs`, computed once more as far as they depend on `xs`, so that tapes see it: ops are there twice."""
    targets = [as_tensor(y, name="gradients: ys") for y in ys]
    values: dict[SSAValue, Any] = {}
    for thing in [*xs, *stopped]:
        if isinstance(thing, Variable):
            values[thing._captured(tracer)] = thing
        elif thing.is_symbolic:
            values[to_ssa(thing)] = thing
    fixed = {to_ssa(thing): thing for thing in stopped if thing.is_symbolic}
    # 1. What was computed at once, from tensors of the outside.
    for record in tracer.lineage:
        if not any(output is thing for output in record[1] for thing in stopped):
            for tape in tapes:
                tape.record(*record)
    for thing, value in [*tracer.captures.values(), *tracer.inlined.values()]:
        if isinstance(thing, Tensor) and any(tape.follows(thing) for tape in tapes):
            values.setdefault(value, thing)
    # 2. The ops of the trace.
    for op in _between(tracer, [to_ssa(target) for target in targets if target.is_symbolic], set(values)):
        for operand in {operand for inner in op.walk() for operand in inner.operands}:
            if operand not in values and tracer.visible(operand):
                _add(tracer, values, operand)
        replay_op(tracer, op, values)
        values.update((value, thing) for value, thing in fixed.items() if value in op.results)

    def now(thing: object) -> Any:
        return values.get(to_ssa(thing), thing) if isinstance(thing, Tensor) and thing.is_symbolic else thing

    return [now(target) for target in targets], [now(x) for x in xs]


def _add(tracer: Tracer, values: dict[SSAValue, Any], value: SSAValue) -> None:
    """Know what a value of the trace is to Python; scalars stay what they are."""
    if isinstance(value.type, TensorType):
        values[value] = from_ssa(value)
    elif isinstance(value.type, VariableType):
        values[value] = tracer.outside(value)


def _between(tracer: Tracer, targets: Sequence[SSAValue], sources: set[SSAValue]) -> list[Operation]:
    """The ops of the open blocks on the paths from `sources` to `targets`, in order."""
    ops = [op for block in tracer.open_blocks for op in block.ops]
    reached = set(sources)
    forward: list[Operation] = []
    for op in ops:
        if any(operand in reached for inner in op.walk() for operand in inner.operands):
            reached |= set(op.results)
            forward.append(op)
    needed, chosen = set(targets), list[Operation]()
    for op in reversed(forward):
        if any(result in needed for result in op.results):
            needed |= {operand for inner in op.walk() for operand in inner.operands}
            chosen.append(op)
    return chosen[::-1]
