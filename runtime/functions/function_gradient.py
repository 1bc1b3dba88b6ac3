"""The gradient of a compiled function: a forward graph that keeps what a backward graph needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import optree
from xdsl.ir import BlockArgument, SSAValue

from ...compiler.frontend.control_flow.recorded import ControlFlowGradientError, LocalState
from ...compiler.frontend.gradients.replay import replay
from ...compiler.frontend.gradients.tape import GradientTape
from ...compiler.frontend.tracing.signature import CallKey, TensorSpec
from ...compiler.frontend.tracing.tracer import Tracer, tracing
from ...compiler.frontend.values import recording
from ...compiler.frontend.values.dispatch import to_ssa
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import TraceVariable, Variable
from ...dialects.dtypes import DType
from ...dialects.types import tensor_type
from .concrete import ConcreteFunction, OutputPlan


def _flat(count: int) -> optree.PyTreeSpec:
    return optree.tree_structure([0] * count)  # pyright: ignore[reportArgumentType]


def _is_float(thing: Tensor | Variable) -> bool:
    return thing.dtype.is_inexact


def _is_of(tracer: Tracer, thing: object) -> bool:
    """Whether `thing` is a value of that trace."""
    return isinstance(thing, Tensor) and thing._tracer is tracer


def _graph(tracer: Tracer, arguments: Sequence[Tensor], results: Sequence[Tensor], engine: str) -> ConcreteFunction:
    """The concrete function of a finished trace with flat arguments and results."""
    with tracing(tracer):
        module = tracer.finish([to_ssa(result) for result in results])
    key = CallKey(_flat(len(arguments)), tuple(TensorSpec(t.shape, t.dtype) for t in arguments))
    plan = OutputPlan(_flat(len(results)), tuple(range(len(results))), (None,) * len(results))
    return ConcreteFunction(
        module, key, [thing for thing, _ in tracer.captures.values()], plan, engine, FunctionGradient
    )


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


class FunctionGradient:
    """The forward and backward graphs of one concrete function.

    `forward` returns the function's results and then the residuals: what `backward` needs besides the gradients of the
    results. A second derivative is taken through `vjp`, which computes the forward part again.
    """

    def __init__(self, concrete: ConcreteFunction):
        self.concrete = concrete
        self._own = [thing if isinstance(thing, TraceVariable) else None for thing in concrete.own_captures()]
        self._build()

    @property
    def _captures(self) -> list[Tensor | Variable]:
        """What the forward graph takes from around it: states of its own, and the rest as the function."""
        return [thing if own is None else own for own, thing in zip(self._own, self.concrete.captures, strict=True)]

    def _build(self) -> None:
        concrete, captures = self.concrete, self._captures
        forward = Tracer(f"{concrete.name}_forward")
        arguments = [_argument(forward, spec.shape, spec.dtype, "x") for spec in concrete.specs]
        recorder = GradientTape(persistent=True)
        with tracing(forward), recording.stop_recording(), recorder:
            recorder.watch([argument for argument in arguments if _is_float(argument)])
            recorder.watch([thing for thing in captures if _is_float(thing)])
            results = replay(concrete.function, [*arguments, *captures])
        backward = Tracer(f"{concrete.name}_backward", captures_symbols=True)
        self._floats = [i for i, result in enumerate(results) if _is_float(result)]
        starts = [_argument(backward, results[i].shape, results[i].dtype, "dy") for i in self._floats]
        sources = [*arguments, *captures]
        self.refusal: str | None = None
        grads: Sequence[Tensor | None] = []
        with tracing(backward), recording.stop_recording():
            try:
                grads = recorder.gradient([results[i] for i in self._floats], sources, starts)
            except ControlFlowGradientError as error:
                self.refusal = str(error)
            values = [to_ssa(grad) for grad in grads if grad is not None]
        self._connected = [i for i, grad in enumerate(grads) if grad is not None]
        needed = backward.captures.values() if self.refusal is None else ()
        residuals = [thing for thing, _ in needed if _is_of(forward, thing)]
        self.forward = _graph(forward, arguments, [*results, *residuals], concrete.engine)
        self._results = len(results)
        if self.refusal is None:
            self.backward = self._backward_graph(forward, backward, starts, values)

    def _backward_graph(
        self, forward: Tracer, tracer: Tracer, starts: Sequence[Tensor], values: Sequence[SSAValue]
    ) -> ConcreteFunction:
        """The backward graph with its traced residuals as arguments after the gradients of the results.

        Captures became parameters in the order they were met; what is no residual has to come last.
        """
        captures = list(tracer.captures.values())
        residuals = [argument for thing, argument in captures if _is_of(forward, thing)]
        others = [(thing, argument) for thing, argument in captures if not _is_of(forward, thing)]
        _move_last(tracer, [argument for _, argument in others])
        with tracing(tracer):
            module = tracer.finish(values)
        arguments = [*starts, *(Tensor.symbolic(argument, tracer) for argument in residuals)]
        key = CallKey(_flat(len(arguments)), tuple(TensorSpec(t.shape, t.dtype) for t in arguments))
        plan = OutputPlan(_flat(len(values)), tuple(range(len(values))), (None,) * len(values))
        return ConcreteFunction(
            module, key, [thing for thing, _ in others], plan, self.concrete.engine, FunctionGradient
        )

    def call(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Run forward, and tell the recording tapes how to go back."""
        captures = self._captures
        before = [thing.read_value() if isinstance(thing, Variable) else thing for thing in captures]
        everything = self.forward.run(tensors)
        results, residuals = everything[: self._results], everything[self._results :]
        sources = [*tensors, *captures]

        def go_back(_: object, *grads: Tensor) -> Sequence[Tensor | None]:
            if self.refusal is not None:
                raise ControlFlowGradientError(self.refusal)
            starts = [grads[i] for i in self._floats]
            if recording.is_recording():
                found = self.vjp.call([*starts, *tensors, *before])
            else:
                found = self.backward.call([*starts, *residuals])
            answer: list[Tensor | None] = [None] * len(sources)
            for position, grad in zip(self._connected, found, strict=True):
                answer[position] = grad
            return answer

        recording.record(sources, results, go_back, self.concrete.name)
        return results

    @cached_property
    def vjp(self) -> ConcreteFunction:
        """Gradients from the results' gradients, the arguments and the captured values: itself differentiable."""
        concrete = self.concrete
        tracer = Tracer(f"{concrete.name}_vjp")
        results = [concrete.function.function_type.outputs.data[i] for i in self._floats]
        starts = [Tensor.symbolic(tracer.argument(type_, "dy"), tracer) for type_ in results]
        arguments = [_argument(tracer, spec.shape, spec.dtype, "x") for spec in concrete.specs]
        values = [_argument(tracer, thing.shape, thing.dtype, "captured") for thing in concrete.captures]
        stand_ins = [
            LocalState(value) if isinstance(thing, Variable) else value
            for thing, value in zip(concrete.captures, values, strict=True)
        ]
        sources = [*arguments, *values]
        with tracing(tracer), recording.stop_recording():
            with GradientTape() as recorder:
                recorder.watch([source for source in sources if _is_float(source)])
                outputs = replay(concrete.function, [*arguments, *stand_ins])
            grads = recorder.gradient([outputs[i] for i in self._floats], sources, starts)
        return _graph(tracer, [*starts, *sources], [grads[i] for i in self._connected], concrete.engine)
