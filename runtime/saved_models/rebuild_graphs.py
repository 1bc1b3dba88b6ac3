"""Functions of a saved model: concrete functions from the text of their graphs and what the index says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import optree
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp, TensorType

from ...compiler.frontend.ops.random.draws import unpredictable
from ...compiler.frontend.tracing.signature import (
    CallKey,
    LeafKey,
    ObjectKey,
    Parameters,
    TensorSpec,
    ValueKey,
    VariableKey,
)
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import TraceVariable, Variable, traced_sizes
from ...compiler.interchange.mlir.parser import Budget
from ...compiler.interchange.mlir.text import parse_module
from ...dialects.diagnostics import ParseError
from ...dialects.errors import DataLossError
from ...dialects.levels import HL
from ...dialects.state import VariableType
from ...dialects.types import tensor_type, zeros
from ..engines import ENGINES
from ..functions.concrete import ConcreteFunction, OutputPlan
from ..functions.function_gradient import FunctionGradient
from .asset import Asset
from .checked import Fields, damaged, index
from .graphs import SPLAT_BYTES
from .loaded_function import LoadedFunction
from .signatures import is_parameter_name, signature_parts
from .specs import read_dtype, read_spec
from .structures import decode_structure
from .tables import bind_calls
from .values import decode_value

if TYPE_CHECKING:
    from .rebuild import Rebuilt


@dataclass(frozen=True)
class _Argument:
    """A captured Variable that is the one at `position` among the Variables of the arguments."""

    position: int


class _Graph:
    """A graph that was read: its module, and what its parameters are after the arguments.

    Attributes:
        arguments: how many parameters are arguments.
        captures: for each further parameter the Variable or tensor, or where it is among the arguments.
        shared: the first concrete function of the graph, whose compiled form others share.
    """

    def __init__(self, record: Fields, module: ModuleOp, captures: Sequence[Any]):
        self.record, self.module, self.captures = record, module, captures
        function = module.body.block.first_op
        assert isinstance(function, func.FuncOp)
        self.function = function
        self.types = list(function.function_type.inputs.data)
        self.results = list(function.function_type.outputs.data)
        self.count = len(self.types) - len(captures)
        self.shared: dict[tuple[str, tuple[int, ...]], ConcreteFunction] = {}
        if self.count < 0:
            raise damaged(record.at("captures"), f"at most {len(self.types)} captures", len(captures))
        for type_, thing in zip(self.types[self.count :], captures):
            if not isinstance(thing, _Argument) and not _is_type_of(type_, thing):
                raise damaged(record.at("captures"), f"a capture of type {type_}", thing)
        self.foreign = [str(text) for text in record.items("foreign")]

    def concrete(
        self, key: CallKey, plan: OutputPlan, engine: str, stand_ins: Sequence[Variable], where: str
    ) -> ConcreteFunction:
        """The concrete function of the graph for these arguments and results."""
        specs = [leaf for leaf in key.leaves if isinstance(leaf, TensorSpec)]
        if len(specs) != self.count or not all(map(_is_spec_of, self.types, specs)):
            raise damaged(where, f"arguments of types {', '.join(map(str, self.types[: self.count]))}", specs)
        slots = [slot for slot in plan.slots if slot is not None]
        if any(slot >= len(self.results) for slot in slots):
            raise damaged(where, f"indices of {len(self.results)} results", slots)
        captures = self._bound(stand_ins, where)
        shared = self.shared.get((engine, tuple(map(id, captures))))
        if shared is not None:
            return shared.restructured(key, plan)
        found = ConcreteFunction(self.module, key, captures, plan, engine, FunctionGradient, foreign=self.foreign)
        found._stand_ins = tuple(stand_ins)
        self.shared[engine, tuple(map(id, captures))] = found
        return found

    def _bound(self, stand_ins: Sequence[Variable], where: str) -> list[Any]:
        """The captures, with what represents the Variables among the arguments."""
        found = []
        for type_, thing in zip(self.types[self.count :], self.captures, strict=True):
            if isinstance(thing, _Argument):
                if thing.position >= len(stand_ins) or not _is_type_of(type_, stand_ins[thing.position]):
                    raise damaged(where, f"a Variable of type {type_} among the arguments", thing.position)
                found.append(stand_ins[thing.position])
            else:
                found.append(thing)
        return found


def _is_type_of(type_: Any, thing: Any) -> bool:
    """Whether a parameter's type is that of a captured Variable or tensor."""
    if isinstance(thing, Variable):
        return type_ == VariableType(tensor_type(traced_sizes(thing), thing.dtype))
    return type_ == tensor_type(thing.shape, thing.dtype)


def _is_spec_of(type_: Any, spec: TensorSpec) -> bool:
    return spec.sizes is not None and type_ == tensor_type(spec.sizes, spec.dtype)


class LoadedGraphs:
    """The graphs of a saved model, and the functions that are made of them."""

    def __init__(self, graphs: Sequence[_Graph], rebuilt: Rebuilt):
        self._graphs, self._rebuilt = graphs, rebuilt

    def graph(self, record: Fields) -> _Graph:
        """The graph that a record refers to."""
        return self._graphs[record.number("graph", len(self._graphs))]

    def function(self, record: Fields) -> LoadedFunction:
        """A function with its traces."""
        name, engine = record.text("name"), read_engine(record)
        parameters = _parameters(name, record)
        traces = [self._trace(trace, engine, parameters) for trace in record.objects("traces")]
        specs = None if record.get("input_signature") is None else record.items("input_signature")
        where = record.at("input_signature")
        signature = None if specs is None else tuple(_specs(spec, where) for spec in specs)
        lost = [str(reason) for reason in record.items("lost")]
        try:
            found = LoadedFunction(name, engine, parameters, signature, traces, lost)
            assert found._signature is None or found._signature.args is not None
        except (TypeError, ValueError) as error:
            raise damaged(record.where, "a function", str(error)) from None
        return found

    def concrete(self, record: Fields) -> ConcreteFunction:
        """A single trace."""
        parameters = None if record.get("parameters") is None else _parameters(record.text("name"), record)
        found = self._trace(record.object("trace"), read_engine(record), parameters)
        found.parameters = parameters
        found.keep_captures()
        return found

    def _trace(self, record: Fields, engine: str, parameters: Parameters | None) -> ConcreteFunction:
        where = record.at("arguments")
        structure, leaves = decode_structure(record.get("arguments"), where, lambda leaf: self._leaf(leaf, where))
        self._check_structure(structure, parameters, where)
        results = record.at("results")
        plan_structure, found = decode_structure(record.get("results"), results, lambda leaf: _result(leaf, results))
        plan = OutputPlan(plan_structure, tuple(slot for slot, _ in found), tuple(value for _, value in found))
        stand_ins = _stand_ins(leaves, where)
        return self.graph(record).concrete(CallKey(structure, tuple(leaves)), plan, engine, stand_ins, where)

    def _check_structure(self, structure: optree.PyTreeSpec, parameters: Parameters | None, where: str) -> None:
        """The arguments are those of the parameters, by name."""
        names = list(structure.entries()) if structure.type is not None else None
        expected = names if parameters is None else list(parameters.signature.parameters)
        if names is None or names != expected:
            raise damaged(where, f"arguments {expected}", names)

    def _leaf(self, encoded: Any, where: str) -> LeafKey:
        leaf = Fields(encoded, where)
        if "tensor" in leaf:
            return read_spec(leaf.object("tensor"))
        if "value" in leaf:
            value = decode_value(leaf.get("value"), where)
            return ValueKey(type(value), value)
        if "object" in leaf:
            thing = self._rebuilt.get(leaf.number("object", len(self._rebuilt)))
            return ObjectKey(id(thing), type(thing).__name__)
        variable = leaf.object("variable")
        first = variable.number("first", 2**31)
        return VariableKey(tuple(variable.sizes("shape")), read_dtype(variable), variable.flag("trainable"), first)


def _stand_ins(leaves: Sequence[LeafKey], where: str) -> list[Variable]:
    """A Variable for each Variable among the arguments: the same one for the same argument."""
    made: dict[int, Variable] = {}
    found = []
    for position, leaf in enumerate(leaves):
        if isinstance(leaf, VariableKey):
            if leaf.first == position:
                made[position] = _stand_in(leaf, where)
            if leaf.first not in made:
                raise damaged(where, "the position of a Variable", leaf.first)
            found.append(made[leaf.first])
    return found


def _stand_in(leaf: VariableKey, where: str) -> Variable:
    like = Variable(zeros((), leaf.dtype), trainable=leaf.trainable)
    try:
        like._memory = np.broadcast_to(like._memory, [size or 0 for size in leaf.shape])
    except ValueError:
        raise damaged(where, "a shape that arrays have", leaf.shape) from None
    return Variable.stand_in(like)


def _result(encoded: Any, where: str) -> tuple[int | None, Any]:
    leaf = Fields(encoded, where)
    if "result" in leaf:
        return leaf.number("result", 2**31), None
    return None, decode_value(leaf.get("value"), where)


def read_engine(record: Fields) -> str:
    """The engine of a function."""
    engine = record.text("engine")
    if engine not in ENGINES:
        raise damaged(record.at("engine"), f"one of {', '.join(ENGINES)}", engine)
    return engine


def _specs(encoded: Any, where: str) -> Any:
    structure, leaves = decode_structure(encoded, where, lambda leaf: read_spec(Fields(leaf, where)))
    return optree.tree_unflatten(structure, leaves)


def _parameters(name: str, record: Fields) -> Parameters:
    """The parameters of a function."""
    found = []
    for each in record.objects("parameters"):
        kind = each.text("kind")
        if kind not in _KINDS or not is_parameter_name(each.text("name")):
            raise damaged(each.where, "a parameter", kind)
        default = decode_value(each.get("default"), each.at("default")) if "default" in each else Parameter.empty
        found.append((each.text("name"), _KINDS[kind], default))
    try:
        signature = Signature([Parameter(name, kind, default=default) for name, kind, default in found])
    except ValueError as error:
        raise damaged(record.at("parameters"), "parameters of a function", str(error)) from None
    return Parameters.of_signature(signature, name)


_KINDS: Mapping[str, Any] = {
    kind.name: kind
    for kind in (
        Parameter.POSITIONAL_ONLY,
        Parameter.POSITIONAL_OR_KEYWORD,
        Parameter.VAR_POSITIONAL,
        Parameter.KEYWORD_ONLY,
        Parameter.VAR_KEYWORD,
    )
}


def read_graphs(index_: Fields, path: Callable[[str, str], Path], rebuilt: Rebuilt) -> LoadedGraphs:
    """The graphs of a saved model."""
    tensors: dict[str, Any] = {}
    budget = Budget(SPLAT_BYTES)
    graphs = []
    for record in index_.objects("graphs"):
        captures = [_capture(capture, rebuilt, tensors) for capture in record.objects("captures")]
        module = _module(path(record.text("file"), record.where), budget)
        bind_calls(module, record, rebuilt.made, len(rebuilt))
        graphs.append(_Graph(record, module, captures))
    return LoadedGraphs(graphs, rebuilt)


def _capture(record: Fields, rebuilt: Rebuilt, tensors: dict[str, Any]) -> Any:
    """A captured Variable or tensor, or where it is among the arguments."""
    if "argument" in record:
        return _Argument(record.number("argument", 2**31))
    for name, kind in (("variable", Variable), ("asset", Asset)):
        if name in record:
            thing = rebuilt.made(record.number(name, len(rebuilt)))
            if not isinstance(thing, kind):
                raise damaged(record.at(name), f"an object that is a {name}", thing)
            return thing.asset_path if isinstance(thing, Asset) else thing
    name = "state" if "state" in record else "tensor"
    if name == "state" and record.get("state") is None:
        return TraceVariable(unpredictable, "random_state")
    stored = record.object(name)
    key = f"{name} {stored.text('name')}"
    if key not in tensors:
        array = rebuilt.tensor(stored)
        tensors[key] = TraceVariable(array.copy, "state") if name == "state" else Tensor(array)
    return tensors[key]


def _module(path: Path, budget: Budget) -> ModuleOp:
    """The module of a text, which has one function of the level `hl`."""
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        module = parse_module(text, path.name, budget)
    except ParseError as error:
        raise DataLossError(f"saved_model.load: {path}: {error}") from None
    wrong = next((op for op in HL.illegal_ops(module)), None)
    functions = list(module.ops)
    if wrong is not None or len(functions) != 1 or not isinstance(functions[0], func.FuncOp):
        raise damaged(str(path), "one function of the level hl", wrong.name if wrong is not None else len(functions))
    function = functions[0]
    types = [*function.function_type.inputs.data, *function.function_type.outputs.data]
    if not function.body.blocks or not all(isinstance(each, TensorType | VariableType) for each in types):
        raise damaged(str(path), "a function of tensors", str(function.function_type))
    return module


def read_signatures(index_: Fields, graphs: LoadedGraphs) -> dict[str, ConcreteFunction]:
    """The signatures of a saved model."""
    found = {}
    signatures = index_.object("signatures")
    for name, _ in signatures.pairs():
        record = signatures.object(name)
        specs = [read_spec(each) for each in record.objects("inputs")]
        names = [spec.name or "" for spec in specs]
        if not all(map(is_parameter_name, names)) or len(set(names)) < len(names):
            raise damaged(record.at("inputs"), "names of inputs", names)
        outputs = {}
        for i, pair in enumerate(record.items("outputs")):
            where = f"{record.at('outputs')}[{i}]"
            if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
                raise damaged(where, "a name and an index", pair)
            outputs[pair[0]] = index(pair[1], 2**31, where)
        found[name] = _signature(record, graphs, dict(zip(names, specs, strict=True)), outputs)
    return found


def _signature(
    record: Fields, graphs: LoadedGraphs, specs: Mapping[str, TensorSpec], outputs: Mapping[str, int]
) -> ConcreteFunction:
    graph = graphs.graph(record)
    key, plan, parameters = signature_parts(graph.function.sym_name.data, specs, outputs)
    found = graph.concrete(key, plan, read_engine(record), (), record.where)
    found.parameters = parameters
    found.keep_captures()
    return found
