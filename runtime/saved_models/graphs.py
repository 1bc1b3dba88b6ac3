"""The functions of a saved model: graphs, each a text, and traces, which say what arguments and results are of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from inspect import Parameter
from typing import Any

import numpy as np
import optree
from xdsl.dialects import func
from xdsl.dialects.arith import ConstantOp
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FunctionType, ModuleOp

from ...compiler.frontend.ops.random.draws import unpredictable
from ...compiler.frontend.tables.entries import Entries
from ...compiler.frontend.tables.table import Table
from ...compiler.frontend.tracing.signature import (
    ObjectKey,
    Parameters,
    TensorSpec,
    ValueKey,
    VariableKey,
    leaf_names,
)
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import TraceVariable, Variable
from ...compiler.interchange.mlir.parser import Budget
from ...compiler.interchange.mlir.text import print_module
from ...dialects.diagnostics import FailedAssertionError, UnsupportedError
from ...dialects.dtypes import dtype_of
from ...dialects.hl.strings import StringConstantOp
from ...dialects.strings import as_bytes
from ..functions.concrete import ConcreteFunction
from ..functions.function import Function
from .asset import Asset
from .objects import Objects
from .specs import encode_spec
from .structures import encode_structure
from .tables import saved_calls
from .tensors import TensorWriter
from .values import Json, NotSaved, encode_value

FOLDER = "functions"
SPLAT_BYTES = 2**26
"""How many bytes constants may have in all that are written as one element, as `load` makes all elements of them."""

_LARGE = 4096
"""Smaller constants do not count."""


@dataclass
class Graphs:
    """The graphs that are saved, each once, however many traces and signatures use it.

    Attributes:
        objects: what is saved.
        tensors: where tensors are written that graphs use.
        records: what the saved model says of each graph.
        texts: their texts, by the name of the file.
    """

    objects: Objects
    tensors: TensorWriter
    records: list[dict[str, Json]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    _numbers: dict[tuple[int, ...], int] = field(default_factory=dict)
    _splats: Budget = field(default_factory=lambda: Budget(SPLAT_BYTES))
    _kept: list[object] = field(default_factory=list)
    _tensors: dict[int, str] = field(default_factory=dict)

    def number(self, concrete: ConcreteFunction) -> int:
        """The number of a concrete function's graph."""
        captures = concrete.captures
        key = (id(concrete.module), *map(id, captures))
        if key not in self._numbers:
            self._kept.append((concrete, captures))
            tables = saved_calls(concrete.module, self._table, concrete.name)
            self._count_splats(concrete)
            module, assets = _with_assets(concrete.module, self._assets())
            records = [self._capture(concrete, thing) for thing in captures]
            records += [{"asset": self.objects.number(asset)} for asset in assets]
            file = f"{FOLDER}/{len(self.records):03}_{_file_part(concrete.name)}.mlir"
            self.texts[file] = print_module(module, locations=True)
            self._numbers[key] = len(self.records)
            self.records.append({"file": file, "captures": records, "foreign": list(concrete.foreign)})
            if tables:
                self.records[-1]["tables"] = tables
        return self._numbers[key]

    def _table(self, entries: Entries) -> int | None:
        """The number of the table that has these entries; None for one that is not saved."""
        return next((number for number, table in self.objects.of_type(Table) if table.entries is entries), None)

    def _count_splats(self, concrete: ConcreteFunction) -> None:
        """Refuse what `load` refuses."""
        for op in concrete.module.walk():
            value = op.value if isinstance(op, ConstantOp) else None
            if not isinstance(value, DenseIntOrFPElementsAttr) or len(value.data.data) < _LARGE:
                continue
            size = len(value.data.data)
            if value.is_splat() and not self._splats.take(size):
                raise UnsupportedError(f"saved_model.save: a constant of {size} bytes", location=op.location)

    def _assets(self) -> dict[bytes, Asset]:
        """The assets by their paths."""
        return {as_bytes(asset._path): asset for _, asset in self.objects.of_type(Asset)}

    def _capture(self, concrete: ConcreteFunction, thing: Tensor | Variable) -> Json:
        """What a parameter of a graph is that is no argument."""
        if isinstance(thing, TraceVariable):
            return {"state": None if thing._begin is unpredictable else self._tensor(thing._begin(), "state", thing)}
        for position, stand_in in enumerate(concrete._stand_ins):
            if stand_in is thing:
                return {"argument": position}
        if isinstance(thing, Variable):
            number = self.objects.number(thing)
            if number is None:
                raise FailedAssertionError(
                    f"saved_model.save: {concrete.name} uses the Variable {thing.name!r}, which is not part of what is "
                    "saved",
                    location=concrete.function.location,
                    remedy="make it an attribute of a module that is saved",
                )
            return {"variable": number}
        for number, asset in self.objects.of_type(Asset):
            if asset.asset_path is thing:
                return {"asset": number}
        return {"tensor": self._tensor(thing._array, "constant", thing)}

    def _tensor(self, array: np.ndarray, name: str, owner: object) -> Json:
        """A tensor that is written once for each owner."""
        if id(owner) not in self._tensors:
            self._tensors[id(owner)] = self.tensors.add(f"{name}.{len(self._tensors)}", array)
        return tensor_record(array, self._tensors[id(owner)])

    def trace(self, concrete: ConcreteFunction) -> Json:
        """What the saved model says of a trace. Raises NotSaved where an argument or result has no form in it."""
        names = leaf_names(concrete.key.structure)
        leaves = [self._leaf(leaf, name) for leaf, name in zip(concrete.key.leaves, names, strict=True)]
        plan = concrete.output_plan
        results = [_result(slot, constant) for slot, constant in zip(plan.slots, plan.constants, strict=True)]
        return {
            "arguments": encode_structure(concrete.key.structure, leaves),
            "results": encode_structure(plan.structure, results),
            "graph": self.number(concrete),
        }

    def _leaf(self, leaf: object, name: str) -> Json:
        match leaf:
            case TensorSpec():
                return {"tensor": encode_spec(leaf)}
            case ValueKey():
                try:
                    return {"value": encode_value(leaf.value)}
                except NotSaved as error:
                    raise NotSaved(f"argument {name} is {error}") from None
            case VariableKey():
                shape, dtype = list(leaf.shape), leaf.dtype.name
                return {"variable": {"shape": shape, "dtype": dtype, "trainable": leaf.trainable, "first": leaf.first}}
            case ObjectKey():
                number = next((n for n, thing in enumerate(self.objects.things) if id(thing) == leaf.id), None)
                if number is not None:
                    return {"object": number}
        raise NotSaved(f"argument {name} is {leaf!r}, which is not part of what is saved")

    def function(self, function: Function[..., Any]) -> dict[str, Json]:
        """What the saved model says of a function: its parameters and its traces."""
        traces, lost = [], []
        for concrete in function._traces.concretes():
            try:
                traces.append(self.trace(concrete))
            except NotSaved as error:
                lost.append(str(error))
        signature = function._signature
        return {
            "name": function.name,
            "engine": function.engine,
            "parameters": encode_parameters(function._parameters),
            "input_signature": None if signature is None else [_encode_specs(spec) for spec in signature.args],
            "traces": traces,
            "lost": lost + list(getattr(function, "lost", ())),
        }

    def concrete(self, concrete: ConcreteFunction) -> dict[str, Json]:
        """What the saved model says of a single trace."""
        parameters = concrete.parameters
        try:
            trace = self.trace(concrete)
        except NotSaved as error:
            raise UnsupportedError(f"saved_model.save: {concrete.name}: {error}") from None
        return {
            "name": concrete.name,
            "engine": concrete.engine,
            "parameters": None if parameters is None else encode_parameters(parameters),
            "trace": trace,
        }


def tensor_record(array: np.ndarray, name: str) -> dict[str, Json]:
    """What the saved model says of a tensor."""
    return {"name": name, "dtype": dtype_of(array).name, "shape": list(array.shape)}


def _encode_specs(specs: Any) -> Json:
    leaves, structure = optree.tree_flatten(specs, none_is_leaf=True)
    return encode_structure(structure, [encode_spec(leaf) for leaf in leaves])


def encode_parameters(parameters: Parameters) -> Json:
    """The parameters of a function; a default that has no form in the saved model is left out."""
    found = []
    for parameter in parameters.signature.parameters.values():
        record: dict[str, Json] = {"name": parameter.name, "kind": parameter.kind.name}
        if parameter.default is not Parameter.empty:
            try:
                record["default"] = encode_value(parameter.default)
            except NotSaved:
                record["lost_default"] = type(parameter.default).__name__
        found.append(record)
    return found


def _result(slot: int | None, constant: object) -> Json:
    if slot is not None:
        return {"result": slot}
    try:
        return {"value": encode_value(constant)}
    except NotSaved as error:
        raise NotSaved(f"it returns {error}") from None


def _file_part(name: str) -> str:
    """What of a function's name can be part of the name of a file."""
    return re.sub(r"\W+", "_", name, flags=re.ASCII)[:60].strip("_") or "function"


def _with_assets(module: ModuleOp, assets: dict[bytes, Asset]) -> tuple[ModuleOp, Sequence[Asset]]:
    """The module with a parameter for each asset whose path is a constant in it, and these assets, in order."""
    if not assets:
        return module, []
    module, found = module.clone(), {}
    function = module.body.block.first_op
    assert isinstance(function, func.FuncOp)
    block = function.body.block
    for op in list(module.walk()):
        if not isinstance(op, StringConstantOp):
            continue
        [array] = op.evaluate((), op.attrs())
        path = array.item() if array.shape == () else None
        if path in assets:
            if path not in found:
                found[path] = block.insert_arg(op.result.type, len(block.args))
            op.result.replace_all_uses_with(found[path])
            op.detach()
            op.erase()
    outputs = function.function_type.outputs.data
    function.function_type = FunctionType.from_lists([argument.type for argument in block.args], outputs)
    return module, [assets[path] for path in found]
