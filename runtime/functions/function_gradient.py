"""The gradient of a compiled function: a forward graph that keeps what a backward graph needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

import optree
from xdsl.ir import BlockArgument, SSAValue

from ...compiler.frontend.control_flow.recorded import ControlFlowGradientError
from ...compiler.frontend.gradients.replay import replay
from ...compiler.frontend.gradients.tape import GradientTape
from ...compiler.frontend.ops import namespace
from ...compiler.frontend.tracing.signature import CallKey, TensorSpec
from ...compiler.frontend.tracing.tracer import Tracer, tracing
from ...compiler.frontend.values import recording
from ...compiler.frontend.values.dispatch import to_ssa
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import TraceVariable, Variable
from ...dialects.dtypes import DType
from ...dialects.types import tensor_type
from .concrete import ConcreteFunction, OutputPlan

Thing: TypeAlias = Tensor | Variable


def _flat(count: int) -> optree.PyTreeSpec:
    return optree.tree_structure([0] * count)  # pyright: ignore[reportArgumentType]


def _is_float(thing: Thing) -> bool:
    return thing.dtype.is_inexact


def _graph(
    tracer: Tracer, arguments: Sequence[Tensor], results: Sequence[SSAValue], captures: Sequence[Thing], engine: str
) -> ConcreteFunction:
    """The concrete function of a trace that ends here, with flat arguments and results."""
    with tracing(tracer):
        module = tracer.finish(results)
    key = CallKey(_flat(len(arguments)), tuple(TensorSpec(t.shape, t.dtype) for t in arguments))
    plan = OutputPlan(_flat(len(results)), tuple(range(len(results))), (None,) * len(results))
    return ConcreteFunction(module, key, captures, plan, engine, FunctionGradient)


def _move_last(tracer: Tracer, arguments: Sequence[BlockArgument]) -> None:
    """Make `arguments` the last parameters of the function, in this order."""
    block = tracer.entry
    for argument in arguments:
        new = block.insert_arg(argument.type, len(block.args))
        new.name_hint = argument.name_hint
        argument.replace_all_uses_with(new)
        block.erase_arg(argument)


def _argument(tracer: Tracer, shape: Sequence[int | None], dtype: DType, name: str) -> Tensor:
    return Tensor.symbolic(tracer.argument(tensor_type(shape, dtype), name), tracer)


class _Backward:
    """A backward graph: the gradients of what a function uses, given those of outputs of its forward graph.

    Attributes:
        outputs: the indices of the outputs whose gradients it is given.
        connected: the indices of the sources whose gradients it returns.
        graph: the graph; after the gradients its arguments are residuals.
    """

    def __init__(
        self, name: str, recorder: GradientTape, outputs: Sequence[Tensor], sources: Sequence[Thing], engine: str
    ):
        tracer = Tracer(name, captures_symbols=True)
        self.outputs = [i for i, output in enumerate(outputs) if _is_float(output)]
        targets = [outputs[i] for i in self.outputs]
        starts = [_argument(tracer, target.shape, target.dtype, "dy") for target in targets]
        with tracing(tracer), recording.stop_recording():
            grads = recorder.gradient(targets, sources, starts)
            values = [to_ssa(grad) for grad in grads if grad is not None]
        self.connected = [i for i, grad in enumerate(grads) if grad is not None]
        captures = list(tracer.captures.values())
        # Captures became parameters in the order in which they were met; what is no residual has to come last.
        own = [(thing, argument) for thing, argument in captures if _is_residual(thing)]
        others = [(thing, argument) for thing, argument in captures if not _is_residual(thing)]
        self.residuals: Sequence[Tensor] = [thing for thing, _ in own]
        self._kinds: Sequence[Callable[[_Values], Tensor]] = ()
        _move_last(tracer, [argument for _, argument in others])
        arguments = [*starts, *(Tensor.symbolic(argument, tracer) for _, argument in own)]
        self.graph = _graph(tracer, arguments, values, [thing for thing, _ in others], engine)

    def close(self, known: Mapping[SSAValue, Callable[[_Values], Tensor]]) -> None:
        """Know where to find the residuals in a call; the forward trace and what it uses may be forgotten then."""
        self._kinds = [known[residual._ssa] for residual in self.residuals if residual._ssa is not None]
        self.residuals = ()

    def call(self, starts: Sequence[Tensor], values: _Values) -> list[Tensor]:
        """The gradients, in a call with these values."""
        return self.graph.call([*starts, *(find(values) for find in self._kinds)])


def _is_residual(thing: object) -> bool:
    return isinstance(thing, Tensor) and thing.is_symbolic


@dataclass(frozen=True)
class _Values:
    """The values of a call: of arguments, of captures, and what the forward graph returned."""

    arguments: Sequence[Tensor]
    captures: Sequence[Thing]
    outputs: Sequence[Tensor]


def _found_in(kind: str, index: int) -> Callable[[_Values], Tensor]:
    return lambda values: getattr(values, kind)[index]


def _constant(thing: Tensor, _: _Values) -> Tensor:
    """A tensor of the outside that is a constant of the forward graph."""
    return thing


class _Graphs:
    """The forward graph of a function, and its backward graphs.

    Attributes:
        forward: the forward graph: it returns the function's results, then values that backward graphs need.
        results: how many results the function has.
        first: the backward graph for gradients of the results; None where it has none, which `refusal` explains.
        full: the backward graph for gradients of all outputs, where that is needed: second derivatives have those.
        refusal, full_refusal: the errors of those who ask for gradients that there are not.
    """

    def __init__(self, concrete: ConcreteFunction, captures: Sequence[Thing], closed: bool):
        forward = Tracer(f"{concrete.name}_forward")
        arguments = [_argument(forward, spec.shape, spec.dtype, "x") for spec in concrete.specs]
        recorder = GradientTape(persistent=True)
        with tracing(forward), recording.stop_recording(), recorder:
            recorder.watch([argument for argument in arguments if _is_float(argument)])
            recorder.watch([thing for thing in captures if _is_float(thing)])
            outputs = replay(concrete.function, [*arguments, *captures])
        self.sources, self.results = len(arguments) + len(captures), len(outputs)
        self.first: _Backward | None = None
        self.full: _Backward | None = None
        self.refusal: Exception | None = None
        self.full_refusal: Exception | None = None

        def backward(suffix: str) -> _Backward:
            name = f"{concrete.name}_{suffix}"
            return _Backward(name, recorder, outputs, [*arguments, *captures], concrete.engine)

        self._build(forward, arguments, outputs, backward, closed)
        with tracing(forward):
            values = [to_ssa(output) for output in outputs]
        things = [thing for thing, _ in forward.captures.values()]
        known = {value: _found_in("outputs", i) for i, value in enumerate(values)}
        known |= {argument: _found_in("captures", i) for i, (_, argument) in enumerate(forward.captures.values())}
        known |= {value: partial(_constant, thing) for thing, value in forward.inlined.values()}
        known |= {own._ssa: _found_in("arguments", i) for i, own in enumerate(arguments) if own._ssa is not None}
        for graph in (self.first, self.full):
            if graph is not None:
                graph.close(known)
        self.forward = _graph(forward, arguments, values, things, concrete.engine)

    def _build(
        self,
        forward: Tracer,
        arguments: Sequence[Tensor],
        outputs: list[Tensor],
        backward: Callable[[str], _Backward],
        closed: bool,
    ) -> None:
        """Trace the backward graphs, and add to the outputs what they need."""

        def add(residuals: Sequence[Tensor]) -> bool:
            known = {output._ssa for output in [*outputs, *arguments]}
            new = [r for r in residuals if r._ssa not in known and not _is_captured(forward, r)]
            outputs.extend(new)
            return bool(new)

        try:
            self.first = backward("backward")
        except ControlFlowGradientError as error:
            self.refusal = error.with_traceback(None)
            return
        add(self.first.residuals)
        try:
            while closed and self.full is None:
                full = backward("full_backward")
                if not add(full.residuals):
                    self.full = full
        except Exception as error:  # those who ask for second derivatives are told, and nobody else
            self.full_refusal = error.with_traceback(None)


def _is_captured(tracer: Tracer, residual: Tensor) -> bool:
    return residual._ssa is not None and isinstance(tracer.outside(residual._ssa), Tensor)


class _Call(recording.Whole):
    """How to go back through one call."""

    def __init__(self, graphs: _Graphs, tensors: Sequence[Tensor], outputs: Sequence[Tensor]):
        self._graphs, self._values = graphs, _Values(tensors, graphs.forward.captures, outputs)

    def gradients(self, grads: Sequence[Tensor | None]) -> Sequence[Tensor | None]:
        """The gradients of the arguments, and of what the function uses from around it."""
        graphs, m = self._graphs, namespace()
        beyond = any(grad is not None for grad in grads[graphs.results :])
        backward, refusal = (graphs.full, graphs.full_refusal) if beyond else (graphs.first, graphs.refusal)
        if refusal is not None:
            raise refusal
        assert backward is not None
        pairs = [(grads[i], self._values.outputs[i]) for i in backward.outputs]
        starts = [m.zeros_like(output) if grad is None else grad for grad, output in pairs]
        answer: list[Tensor | None] = [None] * graphs.sources
        for position, grad in zip(backward.connected, backward.call(starts, self._values), strict=True):
            answer[position] = grad
        return answer


class FunctionGradient:
    """The forward and backward graphs of one concrete function.

    The forward graph returns the function's results and then the residuals: what a backward graph needs besides the
    gradients of the results. Where several tapes record, as for second derivatives, they know the residuals as results
    of the same call, with a backward graph that takes their gradients too: nothing is computed again.
    """

    def __init__(self, concrete: ConcreteFunction):
        self.concrete = concrete
        self._own = [thing if isinstance(thing, TraceVariable) else None for thing in concrete.own_captures()]

    @property
    def _captures(self) -> list[Thing]:
        """What the forward graph takes from around it: states of its own, and the rest as the function."""
        return [thing if own is None else own for own, thing in zip(self._own, self.concrete.captures, strict=True)]

    @cached_property
    def _once(self) -> _Graphs:
        return _Graphs(self.concrete, self._captures, closed=False)

    @cached_property
    def _closed(self) -> _Graphs:
        return _Graphs(self.concrete, self._captures, closed=True)

    def call(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Run forward, and tell the recording tapes how to go back."""
        captures = self._captures
        recording.follow_accessed([thing for thing in captures if isinstance(thing, Variable)])
        sources = [*tensors, *captures]
        is_closed = recording.followers(sources) > 1
        graphs = self._closed if is_closed else self._once
        outputs = graphs.forward.run(tensors)
        recorded = outputs if is_closed else outputs[: graphs.results]
        recording.record(sources, recorded, _Call(graphs, tensors, outputs), self.concrete.name)
        return outputs[: graphs.results]
