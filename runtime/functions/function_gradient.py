"""The gradient of a compiled function: a forward graph that keeps what a backward graph needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
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
        residuals: the values of the forward graph that it is given after these.
        graph: the graph.
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
        own = [(thing, argument) for thing, argument in captures if isinstance(thing, Tensor) and thing.is_symbolic]
        others = [argument for thing, argument in captures if not (isinstance(thing, Tensor) and thing.is_symbolic)]
        self.residuals: list[Tensor] = [thing for thing, _ in own]
        _move_last(tracer, others)
        arguments = [*starts, *(Tensor.symbolic(argument, tracer) for _, argument in own)]
        things = [thing for thing, _ in captures if not (isinstance(thing, Tensor) and thing.is_symbolic)]
        self.graph = _graph(tracer, arguments, values, things, engine)


class _Graphs:
    """The forward graph of a function, and its backward graphs.

    Attributes:
        outputs: what the forward graph returns: the function's results, then values that backward graphs need.
        arguments: the forward graph's parameters.
        forward: the forward graph.
        first: the backward graph for gradients of the results; None where it has none, which `refusal` explains.
        full: the backward graph for gradients of all outputs, where that is needed: second derivatives have those.
        refusal, full_refusal: the errors of those who ask for gradients that there are not.
    """

    def __init__(self, concrete: ConcreteFunction, captures: Sequence[Thing], closed: bool):
        forward = Tracer(f"{concrete.name}_forward")
        self._forward = forward
        self.arguments = [_argument(forward, spec.shape, spec.dtype, "x") for spec in concrete.specs]
        recorder = GradientTape(persistent=True)
        with tracing(forward), recording.stop_recording(), recorder:
            recorder.watch([argument for argument in self.arguments if _is_float(argument)])
            recorder.watch([thing for thing in captures if _is_float(thing)])
            self.outputs = replay(concrete.function, [*self.arguments, *captures])
        self.sources = [*self.arguments, *captures]
        self.results = len(self.outputs)
        self.first: _Backward | None = None
        self.full: _Backward | None = None
        self.refusal: Exception | None = None
        self.full_refusal: Exception | None = None
        self._build(recorder, concrete, closed)
        with tracing(forward):
            values = [to_ssa(output) for output in self.outputs]
        things = [thing for thing, _ in forward.captures.values()]
        self.forward = _graph(forward, self.arguments, values, things, concrete.engine)

    def _build(self, recorder: GradientTape, concrete: ConcreteFunction, closed: bool) -> None:
        def backward(suffix: str) -> _Backward:
            name = f"{concrete.name}_{suffix}"
            return _Backward(name, recorder, self.outputs, self.sources, concrete.engine)

        try:
            self.first = backward("backward")
        except ControlFlowGradientError as error:
            self.refusal = error
            return
        self._return(self.first.residuals)
        try:
            while closed and self.full is None:
                full = backward("full_backward")
                if not self._return(full.residuals):
                    self.full = full
        except Exception as error:  # those who ask for second derivatives are told, and nobody else
            self.full_refusal = error

    def _return(self, residuals: Sequence[Tensor]) -> bool:
        """Let the forward graph return values; whether it did not before."""
        known = {id(output._ssa) for output in [*self.outputs, *self.arguments]}
        new = [each for each in residuals if id(each._ssa) not in known and not self._is_captured(each)]
        self.outputs += new
        return bool(new)

    def _is_captured(self, residual: Tensor) -> bool:
        return residual._ssa is not None and isinstance(self._forward.outside(residual._ssa), Tensor)

    def values(self, residuals: Sequence[Tensor], tensors: Sequence[Tensor], outputs: Sequence[Tensor]) -> list[Tensor]:
        """The residuals in a call with arguments `tensors`, of which the forward graph returned `outputs`."""
        known = {id(own._ssa): value for own, value in zip(self.outputs, outputs, strict=True)}
        known |= {id(own._ssa): value for own, value in zip(self.arguments, tensors, strict=True)}
        found = []
        for residual in residuals:
            assert residual._ssa is not None
            captured = self._forward.outside(residual._ssa)
            found.append(captured if isinstance(captured, Tensor) else known[id(residual._ssa)])
        return found


class _Call(recording.Whole):
    """How to go back through one call."""

    def __init__(self, graphs: _Graphs, tensors: Sequence[Tensor], outputs: Sequence[Tensor]):
        self._graphs, self._tensors, self._outputs = graphs, tensors, outputs

    def gradients(self, grads: Sequence[Tensor | None]) -> Sequence[Tensor | None]:
        """The gradients of the arguments, and of what the function uses from around it."""
        graphs, m = self._graphs, namespace()
        beyond = any(grad is not None for grad in grads[graphs.results :])
        backward, refusal = (graphs.full, graphs.full_refusal) if beyond else (graphs.first, graphs.refusal)
        if refusal is not None:
            raise refusal
        assert backward is not None
        pairs = [(grads[i], self._outputs[i]) for i in backward.outputs]
        starts = [m.zeros_like(output) if grad is None else grad for grad, output in pairs]
        residuals = graphs.values(backward.residuals, self._tensors, self._outputs)
        answer: list[Tensor | None] = [None] * len(graphs.sources)
        for position, grad in zip(backward.connected, backward.graph.call([*starts, *residuals]), strict=True):
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
