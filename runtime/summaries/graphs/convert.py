"""A function's `hl` program as a `GraphDef`: a node for each operation, a box for each loop, branch and function."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import IndexType, TensorType
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from ....dialects import state
from ....dialects.dtypes import dtype_of
from ....dialects.hl.rules.base import HLOp
from ....dialects.host import PythonOp
from ....dialects.locations import place_of
from ....dialects.types import shape_of
from ..protos import AttrValue, GraphDef, NodeDef, TensorShapeProto
from .scopes import function_around

_ALIASES = (tensor.ExtractOp, tensor.CastOp, arith.IndexCastOp)
"""Operations that only say of what type a value is."""
_REGIONS: dict[type[Operation], tuple[str, ...]] = {
    scf.ForOp: ("body",),
    scf.WhileOp: ("condition", "body"),
    scf.IfOp: ("then", "else"),
}
_LONGEST = 200
"""Bytes of the text of a constant or another attribute."""
_PRODUCER = 24
"""The version of the format, of which TensorBoard wants to know that it is not of 2015."""


def graph_def(function: func.FuncOp) -> Any:
    """The graph of a function."""
    return _Converter(function).graph


class _Converter:
    """What has been converted so far.

    Attributes:
        graph: the graph.
    """

    def __init__(self, function: func.FuncOp):
        self.graph = GraphDef()
        self.graph.versions.producer = _PRODUCER
        self._names: dict[str, int] = {}
        self._values: dict[SSAValue, str] = {}
        self._scope = ""
        self._own = function_around(place_of(function.location))
        self._last = self._own
        self._box = ""
        for argument in function.body.block.args:
            kind = "Variable" if isinstance(argument.type, state.VariableType) else "Placeholder"
            self._node(argument.name_hint or "argument", kind, [], [argument])
        self._block(function.body.block, "output")

    def _block(self, block: Block, result: str) -> list[str]:
        """Convert a block; the nodes that have its results, called `result`."""
        for op in block.ops:
            if op is block.last_op and isinstance(op, func.ReturnOp | scf.YieldOp | scf.ConditionOp):
                return [self._node(result, "Result", [operand], []) for operand in op.operands]
            self._op(op)
        return []

    def _op(self, op: Operation) -> None:
        if isinstance(op, _ALIASES) or (isinstance(op, tensor.FromElementsOp) and len(op.operands) == 1):
            self._values[op.results[0]] = self._values[op.operands[0]]
        elif isinstance(op, state.ReadOp):
            self._values[op.value] = self._values[op.variable]
        elif op.regions:
            with self._function_box(op):
                self._structured(op)
        else:
            with self._function_box(op):
                self._plain(op)

    def _plain(self, op: Operation) -> None:
        is_constant = isinstance(op, arith.ConstantOp) or op.name == "hl.string_constant"
        name, kind = _called(op)
        name = self._node(name, "Const" if is_constant else kind, op.operands, op.results, op)
        if isinstance(op, state.UpdateOp):  # what is read afterwards comes from here
            self._values[op.operands[0]] = name

    def _structured(self, op: Operation) -> None:
        """Convert an operation with regions: a box with one for each region, and a node for each result."""
        kind = op.name.rpartition(".")[2]
        given = [self._values[operand] for operand in op.operands]
        variables = {value: node for value, node in self._values.items() if isinstance(value.type, state.VariableType)}
        with self._inside(kind):
            yielded = [
                (self._region(region, name, op, given), self._updates(variables))
                for region, name in zip(op.regions, _REGIONS.get(type(op), ("region",) * len(op.regions)))
                if region.blocks
            ]
            for index, result in enumerate(op.results):
                inputs = [
                    nodes[index] for nodes, _ in yielded[-2 if isinstance(op, scf.IfOp) else -1 :] if index < len(nodes)
                ]
                first = given[:1] if isinstance(op, scf.IfOp) else []
                self._add("result", kind, [*first, *(inputs or given)], [result], op)
            for _, updates in yielded:
                self._values.update(updates)

    def _updates(self, before: dict[SSAValue, str]) -> dict[SSAValue, str]:
        """The variables that a region has assigned; they are as before for the next one."""
        found = {value: self._values[value] for value, node in before.items() if self._values[value] != node}
        self._values.update(before)
        return found

    def _region(self, region: Region, name: str, op: Operation, given: Sequence[str]) -> list[str]:
        block = region.block
        carried = given[-len(block.args) :] if block.args else []
        with self._inside(name):
            for index, argument in enumerate(block.args):
                is_index = isinstance(op, scf.ForOp) and index == 0
                source = given[:3] if is_index else carried[index : index + 1]
                self._add("index" if is_index else "carried", "Argument", source, [argument], op)
            results = self._block(block, "next")
        if isinstance(op, scf.WhileOp) and name == "condition":
            return results[1:]
        return results

    @contextmanager
    def _function_box(self, op: Operation) -> Iterator[None]:
        """The box of the Python function that an operation is from; one for each run of operations."""
        name = function_around(place_of(op.location))
        if name != self._last:
            self._last = name
            self._box = "" if name in ("", self._own) else self._unique(self._scope + _legal(name)) + "/"
        before = self._scope
        self._scope = self._box if self._box.startswith(before) else before
        try:
            yield
        finally:
            self._scope = before

    @contextmanager
    def _inside(self, name: str) -> Iterator[None]:
        """A box of its own, in which functions have theirs."""
        before = self._scope, self._last, self._box
        self._scope = self._unique(self._scope + name) + "/"
        self._box = self._scope
        try:
            yield
        finally:
            self._scope, self._last, self._box = before

    def _unique(self, name: str) -> str:
        count = self._names.get(name, 0)
        self._names[name] = count + 1
        return self._unique(f"{name}_{count}") if count else name

    def _node(
        self,
        name: str,
        kind: str,
        operands: Sequence[SSAValue],
        results: Sequence[SSAValue],
        op: Operation | None = None,
    ) -> str:
        return self._add(name, kind, [self._values[operand] for operand in operands], results, op)

    def _add(
        self, name: str, kind: str, inputs: Sequence[str], results: Sequence[SSAValue], op: Operation | None
    ) -> str:
        """A node, whose results the values are; its name."""
        unique = self._unique(self._scope + _legal(name))
        node = NodeDef(name=unique, op=kind, input=[each for each in dict.fromkeys(inputs) if each != unique])
        for key, value in _attributes(op, results).items():
            node.attr[key].CopyFrom(value)
        self.graph.node.append(node)
        for index, result in enumerate(results):
            self._values[result] = f"{unique}:{index}" if index else unique
        return unique


def _called(op: Operation) -> tuple[str, str]:
    """The name and the kind of the node of an operation; those of kind `…Summary` have a picture of their own."""
    kind = op.name.rpartition(".")[2]
    if not isinstance(op, PythonOp):
        return kind, kind
    label = op.callee.data.label
    return label, f"{label.rpartition('.')[2]}Summary" if op.callee.data.observes else "python_function"


def _legal(name: str) -> str:
    """A name that a node can have."""
    return re.sub(r"[^A-Za-z0-9_.\\-]", "_", name).lstrip("_-\\") or "node"


def _attributes(op: Operation | None, results: Sequence[SSAValue]) -> dict[str, Any]:
    """The dtype and the shapes of the results, the user's line, and what else the operation has."""
    found: dict[str, Any] = {}
    if isinstance(op, HLOp):
        found = {key: AttrValue(s=str(value).encode()) for key, value in op.attrs().items()}
    elif op is not None:
        found = {key: AttrValue(s=str(value).encode()[:_LONGEST]) for key, value in op.properties.items()}
    place = None if op is None else place_of(op.location)
    if place is not None:
        found["line"] = AttrValue(s=str(place).encode())
    types = [_tensor_type(result.type) for result in results]
    shapes = [_shape(type_) for type_ in types if type_ is not None]
    if shapes:
        found["_output_shapes"] = AttrValue(list=AttrValue.ListValue(shape=shapes))
    if types and types[0] is not None and not isinstance(types[0].element_type, IndexType):
        found["dtype"] = AttrValue(type=dtype_of(types[0].element_type).as_datatype_enum)
    return found


def _tensor_type(type_: Attribute) -> TensorType[Attribute] | None:
    type_ = type_.value_type if isinstance(type_, state.VariableType) else type_
    return type_ if isinstance(type_, TensorType) else None


def _shape(type_: TensorType[Attribute]) -> Any:
    dim = TensorShapeProto.Dim
    return TensorShapeProto(dim=[dim(size=-1 if size is None or size < 0 else size) for size in shape_of(type_)])
