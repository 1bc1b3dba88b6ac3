"""Transposes move towards the results, past what works as well on the axes in another order, until they cancel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from .graph import Node, ValueType
from .rewriting import Rule, Site

UNARY = (
    *("Relu", "Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Neg", "Erf", "Sign", "Floor", "Ceil", "Round", "Cast"),
    *("Clip", "LeakyRelu", "Elu", "Selu", "Softplus", "Softsign", "Gelu", "HardSigmoid", "HardSwish", "Reciprocal"),
    *("Not", "IsNaN", "Sin", "Cos"),
)
BROADCASTING = (
    *("Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Where", "And", "Or", "Equal", "Less", "LessOrEqual"),
    *("Greater", "GreaterOrEqual"),
)
REDUCING = ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd")


def _transpose(site: Site, value: str) -> Node | None:
    """The transpose that makes `value`."""
    node = site.model.producers.get(value)
    return node if node is not None and node.op == "Transpose" and "perm" in node.attributes else None


def _before(site: Site, perm: Sequence[int]) -> ValueType:
    """The type of a value of which the node's is a transpose."""
    type_ = site.model.type(site.output)
    if type_.shape is None:
        return type_
    return ValueType(type_.dtype, tuple(type_.shape[perm.index(axis)] for axis in range(len(perm))))


class ComposeTransposes(Rule):
    """Two transposes are one; one that moves no axis is none."""

    OPS: ClassVar[tuple[str, ...]] = ("Transpose",)

    def rewrite(self, site: Site) -> str | None:
        """One transpose, or what it is of."""
        perm, inner = site.node.attributes.get("perm"), _transpose(site, site.inputs[0])
        if perm is None:
            return None
        if list(perm) == sorted(perm):
            return site.inputs[0]
        if inner is None:
            return None
        return site.emit("Transpose", inner.inputs, perm=[inner.attributes["perm"][axis] for axis in perm])


class SinkThroughUnary(Rule):
    """`f(transpose(x))` is `transpose(f(x))`."""

    OPS: ClassVar[tuple[str, ...]] = UNARY

    def rewrite(self, site: Site) -> str | None:
        """The transpose behind the operator."""
        node = _transpose(site, site.inputs[0])
        if node is None:
            return None
        perm = node.attributes["perm"]
        inner = site.emit(site.node.op, [*node.inputs, *site.inputs[1:]], _before(site, perm), **site.node.attributes)
        return site.emit("Transpose", [inner], perm=perm)


class SinkThroughBroadcasting(Rule):
    """`f(transpose(x), transpose(y))` is `transpose(f(x, y))`; constants are transposed the other way."""

    OPS: ClassVar[tuple[str, ...]] = BROADCASTING

    def rewrite(self, site: Site) -> str | None:
        """The transpose behind the operator, if operands are transposes, constants, scalars, or transposed anyway."""
        nodes = [_transpose(site, name) for name in site.inputs]
        perms = {tuple(node.attributes["perm"]) for node in nodes if node is not None}
        if len(perms) != 1:
            return None
        (perm,) = perms
        if site.model.rank(site.output) != len(perm):
            return None
        inputs = [node.inputs[0] if node else _moved(site, x, perm) for node, x in zip(nodes, site.inputs, strict=True)]
        if None in inputs:
            return None
        inner = site.emit(site.node.op, [x for x in inputs if x], _before(site, perm), **site.node.attributes)
        return site.emit("Transpose", [inner], perm=list(perm))


def _moved(site: Site, value: str, perm: Sequence[int]) -> str | None:
    """What broadcasts with a value as `value` does with its transpose by `perm`."""
    array, shape = site.model.array(value), site.model.type(value).shape
    if shape is None or len(shape) > len(perm):
        return None
    if all(size == 1 for size in shape):
        return value
    whole = [1] * (len(perm) - len(shape)) + list(shape)
    order = [perm.index(axis) for axis in range(len(perm))]
    known = site.model.transposed.get((value, tuple(order)))
    if known is not None:
        return known
    if array is not None:
        moved = np.transpose(np.reshape(array, [*[1] * (len(perm) - array.ndim), *array.shape]), order)
        return site.constant(_trimmed(moved))
    sizes = [whole[axis] for axis in order]
    if sum(size != 1 for size in sizes) == 1 and all(isinstance(size, int) for size in sizes):
        type_ = ValueType(site.model.type(value).dtype, tuple(sizes))
        return site.emit("Reshape", [value, site.constant(sizes, np.int64)], type_)
    return None


def _trimmed(array: np.ndarray) -> np.ndarray:
    """Without leading axes of size 1."""
    lead = next((axis for axis, size in enumerate(array.shape) if size != 1), array.ndim)
    return array.reshape(array.shape[lead:])


class SinkThroughReduction(Rule):
    """A reduction of a transpose is one along other axes; then the axes that stay are transposed."""

    OPS: ClassVar[tuple[str, ...]] = REDUCING

    def rewrite(self, site: Site) -> str | None:
        """The reduction, and a transpose of its result."""
        node, axes = _transpose(site, site.inputs[0]), site.model.array(site.inputs[1]) if site.inputs[1:] else None
        if node is None or axes is None:
            return None
        perm = node.attributes["perm"]
        own = [perm[axis] for axis in axes.tolist()]
        keepdims = site.node.attributes.get("keepdims", 1)
        left = perm if keepdims else [axis for axis in perm if axis not in own]
        order = [sorted(left).index(axis) for axis in left]
        inputs = [node.inputs[0], site.constant(sorted(own), np.int64)]
        inner = site.emit(site.node.op, inputs, _before(site, order), **site.node.attributes)
        return inner if order == sorted(order) else site.emit("Transpose", [inner], perm=order)


class SinkThroughAxis(Rule):
    """A softmax or a concatenation of transposes is one along another axis."""

    OPS: ClassVar[tuple[str, ...]] = ("Softmax", "LogSoftmax", "Concat")

    def rewrite(self, site: Site) -> str | None:
        """The operator along that axis, and a transpose."""
        nodes = [_transpose(site, name) for name in site.inputs]
        perms = {tuple(node.attributes["perm"]) if node else None for node in nodes}
        if len(perms) != 1 or None in perms:
            return None
        perm = list(nodes[0].attributes["perm"])  # pyright: ignore[reportOptionalMemberAccess]
        axis = perm[site.node.attributes.get("axis", -1)]
        inputs = [node.inputs[0] for node in nodes if node is not None]
        inner = site.emit(site.node.op, inputs, _before(site, perm), axis=axis)
        return site.emit("Transpose", [inner], perm=perm)


class SinkThroughPad(Rule):
    """A border around a transpose is one with its amounts in another order."""

    OPS: ClassVar[tuple[str, ...]] = ("Pad",)

    def rewrite(self, site: Site) -> str | None:
        """The border, and a transpose."""
        node, pads = _transpose(site, site.inputs[0]), site.model.array(site.inputs[1])
        if node is None or pads is None or len(site.inputs) > 3:
            return None
        perm = list(node.attributes["perm"])
        order = [perm.index(axis) for axis in range(len(perm))]
        moved = pads.reshape(2, -1)[:, order].reshape(-1)
        inputs = [node.inputs[0], site.constant(moved, np.int64), *site.inputs[2:]]
        inner = site.emit("Pad", inputs, _before(site, perm), **site.node.attributes)
        return site.emit("Transpose", [inner], perm=perm)


class ShapeOfTranspose(Rule):
    """A size of a transpose is a size of what it is of."""

    OPS: ClassVar[tuple[str, ...]] = ("Shape",)

    def rewrite(self, site: Site) -> str | None:
        """The size along the axis that was moved."""
        node, start = _transpose(site, site.inputs[0]), site.node.attributes.get("start")
        if node is None or start is None or site.node.attributes.get("end") != start + 1:
            return None
        axis = node.attributes["perm"][start]
        return site.emit("Shape", node.inputs, start=axis, end=axis + 1)


class ReshapeOfTranspose(Rule):
    """A transpose that only moves axes of size 1 changes the order of no elements before a `Reshape`."""

    OPS: ClassVar[tuple[str, ...]] = ("Reshape",)

    def rewrite(self, site: Site) -> str | None:
        """The reshape without it, where no size is taken over from the input."""
        node, shape = _transpose(site, site.inputs[0]), site.model.array(site.inputs[1])
        if node is None or shape is None or (0 in shape and not site.node.attributes.get("allowzero")):
            return None
        sizes = site.model.type(node.inputs[0]).shape
        if sizes is None:
            return None
        moved = [axis for axis in node.attributes["perm"] if sizes[axis] != 1]
        if moved != sorted(moved):
            return None
        return site.emit("Reshape", [node.inputs[0], site.inputs[1]], **site.node.attributes)


RULES: tuple[Rule, ...] = (
    *(ComposeTransposes(), SinkThroughUnary(), SinkThroughBroadcasting(), SinkThroughReduction(), SinkThroughAxis()),
    *(SinkThroughPad(), ShapeOfTranspose(), ReshapeOfTranspose()),
)
