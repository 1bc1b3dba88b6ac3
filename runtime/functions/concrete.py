"""A traced function: one graph for one kind of arguments, run by an engine, differentiated when a tape asks."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import optree
from xdsl.dialects import func
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.ir import SSAValue

from ...compiler.frontend.gradients.replay import replay
from ...compiler.frontend.tracing.signature import CallKey, Parameters, TensorSpec, leaf_names
from ...compiler.frontend.tracing.tracebacks import trim
from ...compiler.frontend.tracing.tracer import Tracer, current_tracer
from ...compiler.frontend.values import recording
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import TraceVariable, Variable
from ...compiler.frontend.values.writers import Writer, memory_of
from ...dialects import state
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.public import public
from ..engines import Executable, compile_for
from .executed import EXECUTED
from .function_graph import FunctionGraph
from .function_type import flat_tensors, parameter_texts, signature_text, structured_signature, type_text
from .input_signature import check_spec, refuse_specs


@dataclass(frozen=True)
class OutputPlan:
    """How the flat results of a graph become what the Python function returned.

    Attributes:
        structure: the structure of the returned value.
        slots: for each leaf the index of the result that is its value, or None where `constants` has it.
        constants: leaves that are not tensors, as they were returned.
    """

    structure: optree.PyTreeSpec
    slots: tuple[int | None, ...]
    constants: tuple[object, ...]

    @cached_property
    def is_one_tensor(self) -> bool:
        """Whether what is returned is the only result itself."""
        return self.slots == (0,) and self.structure.is_leaf()

    @cached_property
    def is_tuple(self) -> bool:
        """Whether what is returned is the tuple of all results, which are not one."""
        count = len(self.slots)
        return count != 1 and self.slots == tuple(range(count)) and self.structure == _tuple_structure(count)

    def build(self, results: Sequence[Tensor]) -> Any:
        """The value to return."""
        if self.is_one_tensor:
            return results[0]
        if self.is_tuple:
            return tuple(results)
        leaves = [
            constant if slot is None else results[slot]
            for slot, constant in zip(self.slots, self.constants, strict=True)
        ]
        return optree.tree_unflatten(self.structure, leaves)


def _has_structure(args: Sequence[object]) -> bool:
    """Whether an argument is a structure, and no tensor."""
    return any(isinstance(arg, dict) or (isinstance(arg, tuple | list) and _holds_tensors(arg)) for arg in args)


def _holds_tensors(items: Sequence[object]) -> bool:
    return any(isinstance(item, Tensor | Variable | np.ndarray | dict) for item in items)


def _finished(name: str) -> Tracer:
    """The tracer of a trace that has ended."""
    return Tracer(name)


def _capture_text(thing: Tensor | Variable) -> str:
    if isinstance(thing, Variable):
        return "TensorSpec(shape=(), dtype=tf.resource, name=None)"
    return repr(TensorSpec(thing.shape, thing.dtype))


def _tuple_structure(count: int) -> optree.PyTreeSpec:
    return optree.tree_structure((0,) * count, none_is_leaf=True)  # pyright: ignore[reportArgumentType]


def _is_outer(thing: Tensor | Variable) -> bool:
    """Whether it is a Variable that belongs to the program, not to a trace."""
    return isinstance(thing, Variable) and not isinstance(thing, TraceVariable)


class RecordedCall(Protocol):
    """The gradient of a function."""

    def call(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The function's results, recorded by the tapes with their gradient function."""
        ...


Differentiator = Callable[["ConcreteFunction"], RecordedCall]
"""Makes the gradient of a function, when a tape first asks for it."""


@public("types")
class ConcreteFunction:
    """One trace of a function.

    Attributes:
        name: the function's name in the IR.
        module: the `hl` module as traced.
        key: the kind of arguments it serves.
        captures: Variables and tensors of the outside that it uses; extra parameters of the graph, in order.
        output_plan: how results become the return value.
        engine: which engine runs it.
        lineage: what was computed from outer tensors while it was traced, as tapes record it.
        foreign: objects of other libraries that are constants of it, for people.
    """

    def __init__(
        self,
        module: ModuleOp,
        key: CallKey,
        captures: Sequence[Tensor | Variable],
        output_plan: OutputPlan,
        engine: str,
        gradient: Differentiator,
        inlined: Sequence[tuple[Tensor, SSAValue]] = (),
        lineage: Sequence[recording.Record] = (),
        foreign: Sequence[str] = (),
    ):
        self.module = module
        self.key = key
        self.output_plan = output_plan
        self.parameters: Parameters | None = None
        self.engine = engine
        self._differentiator = gradient
        self._writer = Writer(in_place=True)
        self.foreign = tuple(foreign)
        self.lineage = tuple(lineage)
        self._inlined = [(weakref.ref(tensor), constant) for tensor, constant in inlined]
        self._opened: tuple[tuple[int, ...], ConcreteFunction] | None = None
        self._base: ConcreteFunction | None = None
        self._stand_ins: tuple[Variable, ...] = ()
        self._owned: Sequence[Tensor | Variable] = ()
        self._bound: dict[tuple[int, ...], ConcreteFunction] = {}
        self._captures = [weakref.ref(c) if _is_outer(c) else (lambda c=c: c) for c in captures]

    @property
    def function(self) -> func.FuncOp:
        """The graph's function."""
        first = self.module.body.block.first_op
        assert isinstance(first, func.FuncOp)
        return first

    @property
    def name(self) -> str:
        """The function's name in the IR."""
        return self.function.sym_name.data

    @property
    def captures(self) -> list[Tensor | Variable]:
        """The captured Variables and tensors."""
        things = [thing for capture in self._captures if (thing := capture()) is not None]
        if len(things) < len(self._captures):
            raise ReferenceError(f"{self.name}: a Variable that the function uses has been garbage-collected")
        return things

    def own_captures(self) -> list[Tensor | Variable]:
        """The captures for a graph that this one becomes part of, which has states of its own."""
        return [thing.copy() if isinstance(thing, TraceVariable) else thing for thing in self.captures]

    def keep_captures(self) -> None:
        """Keep the Variables that it uses alive, as a function does that is all that is left of a program."""
        self._owned = self.captures

    def takes(self, variable: Variable) -> bool:
        """Whether the function takes `variable` from around it."""
        return any(capture() is variable for capture in self._captures)

    def bound(self, variables: Sequence[Variable]) -> ConcreteFunction:
        """The same graph for other Variables among the arguments: it is compiled once for all of them."""
        key = tuple(map(id, variables))
        found = self._bound.get(key)
        if found is not None and all(capture() is not None for capture in found._captures):
            return found
        for known, other in list(self._bound.items()):
            if any(capture() is None for capture in other._captures):
                del self._bound[known]
        given = dict(zip(map(id, self._stand_ins), variables, strict=True))
        found = self._bound[key] = self.with_captures([given.get(id(thing), thing) for thing in self.captures])
        return found

    def with_captures(self, captures: Sequence[Tensor | Variable]) -> ConcreteFunction:
        """The same graph for other Variables and tensors of the outside, in their order."""
        return self._variant(self.key, captures, self.output_plan)

    def restructured(self, key: CallKey, output_plan: OutputPlan) -> ConcreteFunction:
        """The same graph, compiled once, for arguments and results of other structures."""
        return self._variant(key, self.captures, output_plan)

    def _variant(
        self, key: CallKey, captures: Sequence[Tensor | Variable], output_plan: OutputPlan
    ) -> ConcreteFunction:
        found = ConcreteFunction(self.module, key, captures, output_plan, self.engine, self._differentiator)
        found._base, found._inlined, found.lineage, found.foreign = self, self._inlined, self.lineage, self.foreign
        return found

    @cached_property
    def is_closed(self) -> bool:
        """Whether it can run by itself: it uses no tensor of a function around it that is being traced."""
        return not any(isinstance(thing, Tensor) and thing.is_symbolic for thing in self.captures)

    @cached_property
    def specs(self) -> list[TensorSpec]:
        """The specs of the tensor arguments, in order."""
        return [leaf for leaf in self.key.leaves if isinstance(leaf, TensorSpec)]

    @cached_property
    def writes(self) -> frozenset[int]:
        """Which parameters of the graph are Variables that it assigns."""
        written = set()
        for op in self.module.walk():
            if isinstance(op, state.UpdateOp):
                written.add(op.variable)
        return frozenset(i for i, argument in enumerate(self.function.body.block.args) if argument in written)

    @cached_property
    def executable(self) -> Executable:
        """The graph, compiled by the function's engine."""
        if self._base is not None:
            return self._base.executable
        return compile_for(self.engine, self.module)

    @cached_property
    def _guarded(self) -> dict[tuple[bool, bool], Executable]:
        return {}

    def _executable_now(self) -> Executable:
        """What to run: the graph, or a variant of it that a guard in force asks for."""
        guard = recording.state.guard
        if guard is None:
            return self.executable
        key = guard.nan, guard.inf
        if key not in self._guarded:
            self._guarded[key] = compile_for(self.engine, guard.checked(self.module))
        return self._guarded[key]

    @cached_property
    def _gradient(self) -> RecordedCall:
        return self._differentiator(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call with the tensor arguments of the trace, in order; what is convertible is converted and checked.

        The arguments may also be those of the Python function, with the values for what is no tensor that it was
        traced for.
        """
        try:
            specs, names = self.specs, self._tensor_names()
            if self.parameters is not None and (kwargs or len(args) != len(specs) or _has_structure(args)):
                args, kwargs = tuple(flat_tensors(self.key, self.parameters, args, kwargs)), {}
            if kwargs:
                raise TypeError(f"{self.name}: expected {len(specs)} tensors in order, got arguments by name")
            if len(args) != len(specs):
                raise InvalidTypeError(f"{self.name}: expected {len(specs)} tensors, got {len(args)} arguments")
            refuse_specs(self.name, names, args)
            tensors = [check_spec(self.name, name, spec, value) for name, spec, value in zip(names, specs, args)]
            return self.output_plan.build(self.call(tensors))
        except Exception as error:
            trim(error)
            raise

    @property
    def structured_input_signature(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The positional arguments, and those by name; specs represent tensors."""
        return structured_signature(self.key, self.parameters, leaf_names(self.key.structure))

    @property
    def inputs(self) -> list[Tensor]:
        """The tensor arguments, as values of the trace, which have names, shapes and dtypes."""
        values = self.function.body.block.args[: len(self.specs)]
        return [Tensor.symbolic(value, _finished(self.name)) for value in values]

    @property
    def outputs(self) -> list[Tensor]:
        """The results, as values of the trace, which have names, shapes and dtypes."""
        last = self.function.body.block.last_op
        assert last is not None
        return [Tensor.symbolic(value, _finished(self.name)) for value in last.operands]

    @property
    def structured_outputs(self) -> Any:
        """What the function returns; values of the trace represent tensors."""
        return self.output_plan.build(self.outputs)

    @property
    def output_shapes(self) -> Any:
        """The shapes of what the function returns."""
        return self._of_outputs(lambda tensor: tensor.shape)

    @property
    def output_dtypes(self) -> Any:
        """The dtypes of what the function returns."""
        return self._of_outputs(lambda tensor: tensor.dtype)

    def _of_outputs(self, ask: Callable[[Tensor], Any]) -> Any:
        return optree.tree_map(lambda leaf: ask(leaf) if isinstance(leaf, Tensor) else leaf, self.structured_outputs)

    @property
    def graph(self) -> FunctionGraph:
        """The graph, which `sw.summary.graph` writes for TensorBoard."""
        return FunctionGraph(self)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The Variables that the function uses."""
        return tuple(thing for thing in self.captures if isinstance(thing, Variable))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are trainable."""
        return tuple(variable for variable in self.variables if variable.trainable)

    @property
    def captured_inputs(self) -> list[Tensor | Variable]:
        """The Variables and tensors of the outside that the function uses."""
        return self.captures

    def pretty_printed_signature(self) -> str:
        """The types of the parameters, of what is returned, and of what is captured, as text."""
        captures = [(id(thing), _capture_text(thing)) for thing in self.captures]
        rows = parameter_texts(self.key, self.parameters)
        return signature_text(rows, self._output_text(), captures)

    def _output_text(self) -> str:
        return type_text(self._of_outputs(lambda tensor: TensorSpec(tensor.shape, tensor.dtype)))

    def __str__(self) -> str:
        return f"ConcreteFunction {self.pretty_printed_signature()}"

    def __repr__(self) -> str:
        parts: list[str] = []
        for name, kind, text in parameter_texts(self.key, self.parameters):
            if kind == "KEYWORD_ONLY" and "*" not in parts:
                parts.append("*")
            parts.append(f"{name}: {text}")
        return f"<ConcreteFunction ({', '.join(parts)}) -> {self._output_text()} at 0x{id(self):X}>"

    def _tensor_names(self) -> list[str]:
        names = leaf_names(self.key.structure)
        return [name for name, leaf in zip(names, self.key.leaves) if isinstance(leaf, TensorSpec)]

    def call(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The flat results for flat arguments that fit: run, inlined into a trace, or recorded on tapes."""
        if current_tracer() is not None:
            return self._inline(tensors)
        if recording.is_recording():
            recorded = self._as_recorded()
            if any(recording.is_watched(thing) for thing in (*tensors, *recorded.captures)):
                return recorded._gradient.call(tensors)
        return self.run(tensors)

    @cached_property
    def _written(self) -> tuple[bool | None, ...]:
        """For each captured thing whether it is a Variable that the function assigns; None for a tensor."""
        offset, writes = len(self.specs), self.writes
        return tuple(
            offset + position in writes if isinstance(thing, Variable) else None
            for position, thing in enumerate(self.captures)
        )

    def _as_recorded(self) -> ConcreteFunction:
        """The graph to differentiate: tensors that a recording tape follows are captures in it, not constants."""
        self._refuse_foreign()
        recording.record_again(self.lineage)
        pairs = [(tensor, constant) for reference, constant in self._inlined if (tensor := reference()) is not None]
        followed = [(tensor, constant) for tensor, constant in pairs if recording.is_watched(tensor)]
        if not followed:
            return self
        key = tuple(id(tensor) for tensor, _ in followed)
        if self._opened is None or self._opened[0] != key:
            self._opened = key, self._with_captured(followed)
        return self._opened[1]

    def _with_captured(self, inlined: Sequence[tuple[Tensor, SSAValue]]) -> ConcreteFunction:
        """The same graph, in which some constants are the tensors for which they stand."""
        copies: dict[SSAValue, SSAValue] = {}
        module = self.module.clone(copies)
        function = module.body.block.first_op
        assert isinstance(function, func.FuncOp)
        block = function.body.block
        for _, constant in inlined:
            argument = block.insert_arg(constant.type, len(block.args))
            copies[constant].replace_all_uses_with(argument)
        outputs = function.function_type.outputs.data
        function.function_type = FunctionType.from_lists([argument.type for argument in block.args], outputs)
        captures = [*self.captures, *(tensor for tensor, _ in inlined)]
        return ConcreteFunction(module, self.key, captures, self.output_plan, self.engine, self._differentiator)

    def _refuse_foreign(self) -> None:
        if self.foreign:
            raise recording.foreign_error(f"{self.name}: {self.foreign[0]}")

    def run(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The flat results for concrete arguments, unseen by tapes."""
        if EXECUTED.traces is not None:
            EXECUTED.traces.setdefault(id(self), self)
        executable = self._executable_now()
        results = self._run(executable.entry, [tensor._array for tensor in tensors])
        if results is NotImplemented:
            results = self._run(lambda *arrays: list(executable.run(*arrays)), [tensor._array for tensor in tensors])
        return [Tensor(np.asarray(array)) for array in (results if isinstance(results, tuple | list) else (results,))]

    @property
    def direct(self) -> Callable[..., object] | None:
        """What a plain call returns for arguments that are just the tensors of this trace; NotImplemented for others.

        The compiled entry point itself checks that they fit, so that nothing is looked up before it. None where there
        is no such entry point.
        """
        entry = self.executable.tensor_entry
        if entry is None:
            return None
        if self._captures:
            return self._run_with_captures
        if self.output_plan.is_one_tensor or self.output_plan.is_tuple:
            return entry
        return lambda *tensors: self._built(entry(*tensors))

    def _built(self, results: Any) -> object:
        if results is NotImplemented:
            return results
        return self.output_plan.build(results if isinstance(results, tuple) else (results,))

    def _run_with_captures(self, *tensors: Tensor) -> object:
        try:
            arrays = [tensor._array for tensor in tensors]
        except AttributeError:
            return NotImplemented
        results = self._run(self.executable.entry, arrays)
        if results is NotImplemented:
            return results
        if self.output_plan.is_one_tensor:
            return Tensor(results)
        return self._built(tuple(Tensor(array) for array in (results if isinstance(results, tuple) else (results,))))

    def _run(self, run: Callable[..., object] | None, arrays: list[np.ndarray]) -> Any:
        """Call `run` with the arguments' memory and that of what the function takes from around it.

        Other calls neither write what this one reads or writes, nor see it half written.
        """
        if run is None:
            return NotImplemented
        things, written = self.captures, self._written
        if True not in written:
            return run(*arrays, *memory_of(things, written))
        writer = self._writer
        nested = writer.is_held_here()
        while True:
            with writer.lock:
                busy, captured = writer.claim(things, written, nested)
                if busy is None:
                    return run(*arrays, *captured)
            del captured
            busy.wait()

    def _captured_arrays(self) -> list[np.ndarray]:
        """The memory of what the function takes from around it."""
        return memory_of(self.captures, self._written)

    def _inline(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Replay the graph inside the current trace."""
        tracer = current_tracer()
        assert tracer is not None
        if recording.is_recording():
            self._refuse_foreign()
            recording.record_again(self.lineage)
        tracer.foreign += self.foreign
        tracer.lineage += self.lineage
        constants = {constant: tensor for reference, constant in self._inlined if (tensor := reference()) is not None}
        return replay(self.function, [*tensors, *self.own_captures()], constants)
