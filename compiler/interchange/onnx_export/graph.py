"""An ONNX graph under construction: names, nodes with the user's line, constants, nested graphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from xdsl.dialects.builtin import LocationAttr, TensorType, UnknownLoc, i64
from xdsl.ir import Attribute

from ....dialects.diagnostics import location_text
from ....dialects.dtypes import INT64, DType, dtype_of
from ....dialects.types import DYNAMIC, shape_of
from .dtypes import Adapted, result_dtypes

OPSET = 21
"""The version of ONNX's operators that models have."""

SOURCE_KEY = "stepwell.source"
"""The key of the node metadata that holds the user's `file:line:column`."""

INT64 = INT64

TOKEN = TensorType(i64, [1])
"""The type of a token of checks."""

CHECK_KEY = "stepwell.check"
"""The key of the metadata of a node that fails when a run-time check does; it holds the check's message."""

CHECK_KIND_KEY = "stepwell.check_kind"
"""The key of the metadata of such a node that holds the kind of the check, as `debug.assert` has it."""


def value_info(name: str, type_: Attribute, sizes: Sequence[int | str | None] | None = None) -> onnx.ValueInfoProto:
    """The declaration of a value; `sizes` overrides the type's, with names for dynamic ones."""
    if sizes is None and isinstance(type_, TensorType):
        sizes = [None if size == DYNAMIC else size for size in shape_of(type_)]
    element = dtype_of(type_)
    return helper.make_tensor_value_info(name, element.onnx, sizes if sizes is not None else [])


def annotate(proto: onnx.NodeProto, key: str, value: str) -> None:
    """Add an entry to the metadata of a node."""
    entry = proto.metadata_props.add()
    entry.key, entry.value = key, value


class Names:
    """Fresh names for one model."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._counts: dict[str, int] = {}

    def fresh(self, base: str) -> str:
        """`base`, with a number when it is taken."""
        name = base
        while name in self._used:
            self._counts[base] = self._counts.get(base, 0) + 1
            name = f"{base}_{self._counts[base]}"
        self._used.add(name)
        return name


class GraphBuilder:
    """Collects the nodes of one (possibly nested) graph; the `OnnxGraph` that ops' ONNX rules are given.

    ONNX has no effects, so a check is a value: a *token*, `[0]` when the check holds; computing it fails when it does
    not. The tokens of a nested graph leave it as one more result, and the function's results are computed from them.

    Attributes:
        names: the names of the whole model.
        protos, initializers: what the graph has so far.
        location: the user's line of the nodes that are added next.
        tokens: names of the tokens of the checks so far.
        collected: what is appended to results of the loop whose body the graph is: names, types, and the messages for
            values of different shapes.
        dtypes: the dtypes of values by name, as far as they are known.
        casts: what was cast to make a value, by the value's name.
        last_collected: names of what the last loop has collected.
        exact: whether ops keep NaN, the sign of zero and their checks, which ONNX's standard operators do not.
    """

    def __init__(self, names: Names, location: LocationAttr | None = None, exact: bool = True):
        self.names = names
        self.exact = exact
        self.protos: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.location: LocationAttr = location or UnknownLoc()
        self.tokens: list[str] = []
        self.collected: list[tuple[str, Attribute, str]] = []
        self.last_collected: list[str] = []
        self.dtypes: dict[str, DType] = {}
        self.casts: dict[str, str] = {}
        self._total: tuple[int, str] | None = None
        self._declared: list[onnx.ValueInfoProto] = []
        self._default = self.location
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def child(self) -> GraphBuilder:
        """A builder for a graph nested in this one."""
        inner = GraphBuilder(self.names, self.location, self.exact)
        inner.dtypes, inner.casts = self.dtypes, self.casts
        return inner

    def node(self, op_type: str, inputs: Sequence[str], /, **attributes: object) -> str:
        """Add a node with one output; return the output's name."""
        return self.nodes(op_type, inputs, 1, **attributes)[0]

    def nodes(self, op_type: str, inputs: Sequence[str], outputs: int, /, **attributes: object) -> list[str]:
        """Add a node with several outputs; return their names."""
        results = [self.names.fresh(op_type.lower()) for _ in range(outputs)]
        given: dict[str, Any] = {name: value for name, value in attributes.items() if value is not None}
        known = [self.dtypes.get(x) for x in inputs]
        adapted = Adapted(self, op_type, inputs, known, OPSET)
        made = helper.make_node(op_type, adapted.inputs, results, name=self.names.fresh(f"{op_type}_node"), **given)
        self.add(made)
        results = [adapted.result(x, position) for position, x in enumerate(results)]
        for x, dtype in zip(results, result_dtypes(op_type, known, given, outputs), strict=True):
            if dtype is not None:
                self.dtypes[x] = dtype
        return results

    def add(self, proto: onnx.NodeProto) -> None:
        """Add a node that was made elsewhere, with the user's line."""
        place = location_text(self.location) or location_text(self._default)
        if place:
            annotate(proto, SOURCE_KEY, place)
        self.protos.append(proto)

    def declare(self, name: str, type_: Attribute) -> None:
        """Say what is known of the type of a value, where ONNX's shape inference knows less."""
        self._declared.append(value_info(name, type_))
        self.note(name, type_)

    def note(self, name: str, type_: Attribute) -> None:
        """Remember the dtype of a value."""
        self.dtypes[name] = dtype_of(type_)

    def alias(self, value: str, name: str) -> str:
        """Make `value` known under another name, which must be free; return that name."""
        self.add(helper.make_node("Identity", [value], [name], name=self.names.fresh("Identity_node")))
        if value in self.dtypes:
            self.dtypes[name] = self.dtypes[value]
        return name

    def check(self, ok: str, message: str, kind: str = "") -> None:
        """Let the program fail with `message` unless `ok`, one boolean, holds.

        The token is one element reshaped to one element, or else to two, which no implementation can do. The node is
        named by the message and the user's line, which are then in the error of any runtime.
        """
        text = re.sub(r"\{\{|\}\}|\{\d*\}", lambda found: {"{{": "{", "}}": "}"}.get(found[0], "?"), message)
        count = self.node("Where", [ok, self.constant(np.array([1])), self.constant(np.array([2]))])
        place = location_text(self.location) or location_text(self._default)
        token = self.names.fresh("token")
        name = self.names.fresh(f"check: {text} ({place})" if place else f"check: {text}")
        proto = helper.make_node("Reshape", [self.constant(np.array([0])), count], [token], name=name)
        annotate(proto, CHECK_KEY, text)
        if kind:
            annotate(proto, CHECK_KIND_KEY, kind)
        self.add(proto)
        self.tokens.append(token)

    def token(self) -> str:
        """One token for all checks so far.

        The tokens are added up by `ReduceSum`, since a check that is known to fail has a shape that `Add` refuses when
        the model is loaded; it may be in a branch that is never taken.
        """
        if not self.tokens:
            return self.constant(np.array([0]))
        if self._total is None or self._total[0] != len(self.tokens):
            together = self.node("Concat", self.tokens, axis=0) if len(self.tokens) > 1 else self.tokens[0]
            self._total = len(self.tokens), self.node("ReduceSum", [together], keepdims=1)
        return self._total[1]

    def after_checks(self, value: str) -> str:
        """`value`, computed only if all checks so far hold: its shape has their token, which is zero, added to it."""
        if not self.tokens:
            return value
        shape = self.node("Add", [self.node("Shape", [value]), self.token()])
        return self.node("Reshape", [value, shape], allowzero=1)

    def constant(self, value: np.ndarray) -> str:
        """Add a constant, once for equal ones; return its name."""
        array = np.ascontiguousarray(value).reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        name = self._constants.get(key)
        if name is None:
            name = self._constants[key] = self.names.fresh("constant")
            self.initializers.append(numpy_helper.from_array(array, name))
            self.dtypes[name] = dtype_of(array)
        return name

    def cast(self, name: str, dtype: DType) -> str:
        """Add a `Cast`."""
        found = self.node("Cast", [name], to=dtype.onnx)
        self.casts[found] = name
        return found

    def dtype_of(self, name: str) -> DType | None:
        """The dtype of a value, if it is known."""
        return self.dtypes.get(name)

    def before_cast(self, name: str) -> str:
        """What was cast to make a value; the value itself, if it is no cast."""
        return self.casts.get(name, name)

    def choose(
        self,
        condition: str,
        then: Callable[[GraphBuilder], str],
        otherwise: Callable[[GraphBuilder], str],
        type_: Attribute,
    ) -> str:
        """Add an `If` on one boolean, whose branches are what two functions add to a graph of their own."""
        sides = []
        for add in (then, otherwise):
            inner = self.child()
            sides.append((inner, [add(inner)]))
        return self.branch(condition, sides, [type_])[0]

    def branch(
        self, condition: str, sides: Sequence[tuple[GraphBuilder, Sequence[str]]], types: Sequence[Attribute]
    ) -> list[str]:
        """Add an `If` of two nested graphs and their results; return the names of the results."""
        checked = any(inner.tokens for inner, _ in sides)
        types = [*types, *([TOKEN] if checked else [])]
        if not types:
            return []
        graphs = [
            inner.nested(label, [], [*results, *([inner.token()] if checked else [])], types)
            for (inner, results), label in zip(sides, ("then", "else"), strict=True)
        ]
        found = self.nodes("If", [condition], len(types), then_branch=graphs[0], else_branch=graphs[1])
        return self.results(found, types, checked)

    def nested(
        self, label: str, inputs: Sequence[onnx.ValueInfoProto], results: Sequence[str], types: Sequence[Attribute]
    ) -> onnx.GraphProto:
        """This builder's graph, nested, with results under names of its own: they may be values around it."""
        renamed = [self.alias(result, self.names.fresh("result")) for result in results]
        outputs = [value_info(name, type_) for name, type_ in zip(renamed, types, strict=True)]
        return self.graph(self.names.fresh(label), inputs, outputs)

    def results(self, found: list[str], types: Sequence[Attribute], checked: bool) -> list[str]:
        """The results of a node with nested graphs, the last of which is their checks' token, if they have some."""
        for name, type_ in zip(found, types, strict=True):
            self.declare(name, type_)
        if checked:
            self.tokens.append(found.pop())
        return found

    def graph(
        self, name: str, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.GraphProto:
        """The finished graph."""
        return helper.make_graph(
            self.protos, name, list(inputs), list(outputs), initializer=self.initializers, value_info=self._declared
        )
