"""What is known before the model runs: nodes on constants, nodes that change nothing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

from .....dialects.dtypes import dtype_of
from .graph import Graph, Model
from .matching import splat
from .rewriting import Rule, Site

_LARGEST = 1024
"""How many elements a folded constant may have that is larger than what it is folded from."""

_OPSET = 21


class DropIdentity(Rule):
    """A value under another name is that value."""

    OPS: ClassVar[tuple[str, ...]] = ("Identity",)

    def rewrite(self, site: Site) -> str | None:
        """The input, unless the other name is a result's."""
        results = {value.name for graph in site.model.graph.walk() for value in graph.outputs}
        return None if site.output in results else site.inputs[0]


class FoldConstants(Rule):
    """A node on constants is a constant, unless that is much larger than they are."""

    OPS: ClassVar[tuple[str, ...]] = (
        *("Add", "Sub", "Mul", "Div", "Neg", "Max", "Min", "Equal", "Not", "And", "Or", "Less", "Greater", "Where"),
        *("LessOrEqual", "GreaterOrEqual", "Cast", "Sqrt", "Reciprocal", "Transpose", "Reshape", "Squeeze"),
        *("Unsqueeze", "Concat", "Gather", "Slice", "ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin", "Range"),
    )

    def rewrite(self, site: Site) -> str | None:
        """The constant."""
        arrays = {name: site.model.array(name) for name in site.inputs if name}
        known = {name: array for name, array in arrays.items() if array is not None}
        if not known or len(known) < len(arrays) or site.node.nested or not _is_defined(site, list(arrays.values())):
            return None
        value = _evaluated(site, known)
        if value is None or value.size > max(_LARGEST, *(array.size for array in known.values())):
            return None
        return site.model.constant(value)


def _is_defined(site: Site, operands: list[np.ndarray | None]) -> bool:
    """Whether all runtimes agree on a value: not on quotients of negative integers, nor on floats as integers."""
    if site.node.op == "Cast":
        return (
            operands[0] is None or not dtype_of(operands[0]).is_floating or site.dtype is None or site.dtype.is_floating
        )
    if site.node.op != "Div" or operands[0] is None or dtype_of(operands[0]).is_floating:
        return True
    dividend, divisor = operands[0], operands[-1]
    return divisor is not None and bool(np.all(dividend >= 0) and np.all(divisor > 0))


def _evaluated(site: Site, known: dict[str, np.ndarray]) -> np.ndarray | None:
    node = site.node
    inputs = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), None) for n, a in known.items()
    ]
    outputs = [onnx.ValueInfoProto(name=site.output)]
    proto = helper.make_node(node.op, node.inputs, [site.output], **node.attributes)
    graph = helper.make_graph([proto], "constant", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    try:
        with np.errstate(all="ignore"):
            (value,) = ReferenceEvaluator(model).run(None, known)
    except Exception:  # a node that fails, such as a check that does not hold, has to fail when the model runs
        return None
    return np.asarray(value, site.dtype) if isinstance(value, np.ndarray | np.generic) else None


class KnownShape(Rule):
    """The sizes of a value, where they are known, are a constant."""

    OPS: ClassVar[tuple[str, ...]] = ("Shape", "Size")

    def rewrite(self, site: Site) -> str | None:
        """The constant."""
        shape = site.model.type(site.inputs[0]).shape
        if shape is None:
            return None
        sizes = shape[site.node.attributes.get("start", 0) : site.node.attributes.get("end")]
        known = [size for size in sizes if isinstance(size, int)]
        if len(known) < len(sizes):
            return None
        return site.constant(np.prod(known) if site.node.op == "Size" else known, np.int64)


class DropNeutral(Rule):
    """Adding 0 to integers, multiplying them by 1, casts to the dtype that there is."""

    OPS: ClassVar[tuple[str, ...]] = ("Add", "Sub", "Mul", "Div", "Cast")

    def rewrite(self, site: Site) -> str | None:
        """The operand that stays."""
        model, inputs = site.model, site.inputs
        dtype = model.type(inputs[0]).dtype
        if site.node.op == "Cast":
            same = dtype is not None and helper.np_dtype_to_tensor_dtype(dtype) == site.node.attributes["to"]
            return inputs[0] if same else None
        neutral = 0 if site.node.op in ("Add", "Sub") else 1
        for kept, other in (inputs, inputs[::-1]):
            array = model.array(other)
            whole = array is not None and dtype_of(array).is_integer and splat(model, other) == neutral
            rank = model.rank(kept)
            if array is not None and whole and array.size == 1 and rank is not None and rank >= array.ndim:
                return kept
            if site.node.op in ("Sub", "Div"):
                break
        return None


class KnownChoice(Rule):
    """A choice that is known."""

    OPS: ClassVar[tuple[str, ...]] = ("Where",)

    def rewrite(self, site: Site) -> str | None:
        """What is chosen, where the other has the same shape."""
        condition, x, y = site.inputs
        array = site.model.array(condition)
        if array is None or not array.size or not np.all(array == array.reshape(-1)[0]):
            return None
        shapes = [site.model.type(name).shape for name in (x, y)]
        if shapes[0] is None or shapes[0] != shapes[1] or None in shapes[0] or array.ndim > len(shapes[0]):
            return None
        return (x if array.reshape(-1)[0] else y) if array.size == 1 else None


RULES: tuple[Rule, ...] = (DropIdentity(), KnownShape(), DropNeutral(), KnownChoice(), FoldConstants())


def hoist_constants(model: Model) -> None:
    """Move small constants of nested graphs to the outermost one, where equal ones are one."""
    names: dict[str, str] = {}
    for graph in model.graph.walk():
        for name in [n for n in graph.initializers if graph is not model.graph or _is_small(graph, n)]:
            array = model.array(name)
            if array is not None:
                same = model.constant(array)
                if same != name:
                    names[name] = same
    model.rename(names)


def _is_small(graph: Graph, name: str) -> bool:
    return int(np.prod(graph.initializers[name].dims)) <= _LARGEST and name.startswith("constant")
