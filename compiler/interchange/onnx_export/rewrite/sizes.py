"""Sizes: read one by one, kept in int64, put together as few nodes as can be."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from onnx import TensorProto

from .....dialects.dtypes import INT32, INT64, dtype_of
from .graph import Model, Node
from .matching import Found, Op, matches
from .rewriting import Rule, Site

_PASSES_ON = ("Gather", "Squeeze", "Unsqueeze", "Concat", "Reshape", "Slice", "Identity")
_COMPUTES = ("Add", "Sub", "Mul", "Div", "Max", "Min")


def is_size(model: Model, value: str) -> bool:
    """Whether a value in int64 is computed from sizes, numbers of rounds of loops, and constants."""
    if value in model.iterations or model.array(value) is not None:
        return True
    node = model.producers.get(value)
    if node is None:
        return False
    if node.op in ("Shape", "Size"):
        return True
    inputs = node.inputs[:1] if node.op in ("Gather", "Squeeze", "Unsqueeze", "Reshape", "Slice") else node.inputs
    return node.op in (*_PASSES_ON, *_COMPUTES) and all(is_size(model, name) for name in inputs)


def is_not_negative(model: Model, value: str) -> bool:
    """Whether a value computed from sizes cannot be less than 0."""
    array = model.array(value)
    if array is not None:
        return bool(np.all(array >= 0))
    node = model.producers.get(value)
    if value in model.iterations or (node is not None and node.op in ("Shape", "Size")):
        return True
    if node is None or node.op not in (*_PASSES_ON, "Add", "Mul", "Max", "Min", "Div"):
        return False
    inputs = node.inputs[:1] if node.op in ("Gather", "Squeeze", "Unsqueeze", "Reshape", "Slice") else node.inputs
    known = [is_not_negative(model, name) for name in inputs]
    return any(known) if node.op == "Max" else all(known)


def _cast_to(node: Node | None, dtype: int) -> bool:
    return node is not None and node.op == "Cast" and node.attributes["to"] == dtype


def widened(site: Site, value: str) -> str | None:
    """An int32 value that is computed from sizes, in int64: without the casts to int32."""
    model, node = site.model, site.model.producers.get(value)
    array = model.array(value)
    if array is not None:
        return site.constant(array, np.int64) if array.dtype == np.int32 else None
    if node is None or model.type(value).dtype not in (None, INT32):
        return None
    if _cast_to(node, TensorProto.INT32):
        return node.inputs[0] if is_size(model, node.inputs[0]) and _is_int64(model, node.inputs[0]) else None
    if node.op in _COMPUTES or node.op in ("Squeeze", "Unsqueeze", "Concat"):
        operands = node.inputs if node.op in (*_COMPUTES, "Concat") else node.inputs[:1]
        wide = [widened(site, name) for name in operands]
        if None not in wide:
            inputs = [name for name in wide if name] + node.inputs[len(operands) :]
            return site.emit(node.op, inputs, **node.attributes)
    return None


def _is_int64(model: Model, value: str) -> bool:
    return model.type(value).dtype in (None, INT64)


class KeepSizesWide(Rule):
    """Sizes that are computed in int32 and used in int64 are computed in int64.

    The two differ only for sizes of 2**31 or more, which int32 cannot hold.
    """

    OPS: ClassVar[tuple[str, ...]] = ("Cast",)

    def rewrite(self, site: Site) -> str | None:
        """The value in int64."""
        if not _cast_to(site.node, TensorProto.INT64):
            return None
        return widened(site, site.inputs[0])


class IndexByWide(Rule):
    """Indices, and comparisons, that are computed from sizes stay in int64."""

    OPS: ClassVar[tuple[str, ...]] = ("Gather", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal")

    def rewrite(self, site: Site) -> str | None:
        """The node on int64."""
        kept = site.inputs[:1] if site.node.op == "Gather" else []
        narrow = site.inputs[len(kept) :]
        if all(site.model.array(name) is not None for name in narrow):
            return None
        wide = [widened(site, name) for name in narrow]
        if None in wide:
            return None
        return site.emit(site.node.op, [*kept, *(name for name in wide if name)], **site.node.attributes)


class OneSize(Rule):
    """One size of a shape is read as such."""

    OPS: ClassVar[tuple[str, ...]] = ("Gather",)

    def rewrite(self, site: Site) -> str | None:
        """`Shape` from one axis to the next."""
        node, place = site.model.producers.get(site.inputs[0]), site.model.array(site.inputs[1])
        if node is None or node.op != "Shape" or place is None or place.size != 1 or node.attributes.get("end"):
            return None
        rank = site.model.rank(node.inputs[0])
        axis = int(place.reshape(-1)[0]) + node.attributes.get("start", 0)
        if rank is None or not 0 <= axis < rank:
            return None
        size = site.emit("Shape", node.inputs, start=axis, end=axis + 1)
        return size if place.ndim else site.emit("Squeeze", [size, site.constant([0], np.int64)])


class UndoSqueeze(Rule):
    """`Unsqueeze` undoes `Squeeze`, and the other way round."""

    OPS: ClassVar[tuple[str, ...]] = ("Unsqueeze", "Squeeze")

    def rewrite(self, site: Site) -> str | None:
        """What was there before both."""
        node = site.model.producers.get(site.inputs[0])
        undone = "Squeeze" if site.node.op == "Unsqueeze" else "Unsqueeze"
        if node is None or node.op != undone or len(node.inputs) != 2 or len(site.inputs) != 2:
            return None
        axes = [site.model.array(inputs[1]) for inputs in (node.inputs, site.inputs)]
        if any(known is None for known in axes):
            return None
        return node.inputs[0] if np.array_equal(axes[0], axes[1]) else None  # pyright: ignore


class NotNegative(Rule):
    """A size is 0 or more."""

    OPS: ClassVar[tuple[str, ...]] = ("GreaterOrEqual", "Less", "Max")

    def rewrite(self, site: Site) -> str | None:
        """What is known, of one size; or the size that is no less than 0."""
        x, bound = site.inputs if len(site.inputs) == 2 else ("", "")
        array = site.model.array(bound) if bound else None
        if array is None or array.ndim or array != 0 or site.model.rank(x) not in (0, None):
            return None
        if not dtype_of(array).is_integer or not is_not_negative(site.model, x) or site.model.rank(x) is None:
            return None
        return x if site.node.op == "Max" else site.constant(site.node.op == "GreaterOrEqual", np.bool_)


class IndexFromEnd(Rule):
    """`Gather` counts negative indices from the end by itself."""

    OPS: ClassVar[tuple[str, ...]] = ("Gather",)
    _PATTERN = Op("Where", Op("Less", "index", 0.0), Op("Add", "index", "size"), "index")

    def rewrite(self, site: Site) -> str | None:
        """The `Gather` by the index as it was given."""
        x, place = site.inputs
        axis = site.node.attributes.get("axis", 0)
        for found in matches(site.model, self._PATTERN, place):
            if _is_size_of(site, found, x, axis):
                return site.emit("Gather", [x, found["index"]], axis=axis)
        return None


def _is_size_of(site: Site, found: Found, x: str, axis: int) -> bool:
    model, value = site.model, found["size"]
    array, shape = model.array(value), model.type(x).shape
    if array is not None and shape is not None:
        return array.size == 1 and int(array.reshape(-1)[0]) == shape[axis]
    while (node := model.producers.get(value)) is not None and node.op in ("Cast", "Squeeze"):
        value = node.inputs[0]
    return (
        node is not None
        and node.op == "Shape"
        and node.inputs == [x]
        and (node.attributes.get("start"), node.attributes.get("end")) == (axis, axis + 1)
    )


class ReshapeToSizes(Rule):
    """A shape that is put together from sizes of the input and numbers is a constant: a 0 takes a size over."""

    OPS: ClassVar[tuple[str, ...]] = ("Reshape",)

    def rewrite(self, site: Site) -> str | None:
        """The reshape to a constant, or the input, if its shape stays."""
        x, shape = site.inputs
        node = site.model.producers.get(shape)
        if node is None or node.op not in ("Concat", "Shape"):
            return None
        if node.op == "Shape":
            whole = not node.attributes.get("start") and node.attributes.get("end") is None
            return x if whole and node.inputs == [x] else None
        sizes = []
        for axis, part in enumerate(node.inputs):
            array, made = site.model.array(part), site.model.producers.get(part)
            if array is not None:
                if axis != len(sizes) or array.size != 1 or array.item() == 0 or array.item() < -1:
                    return None
                sizes.append(int(array.reshape(-1)[0]))
            elif axis == len(sizes) and made is not None and _is_axis(site.model, made, x, axis):
                sizes.append(0)
            else:
                return None
        return site.emit("Reshape", [x, site.constant(sizes, np.int64)])


def _is_axis(model: Model, node: Node, x: str, axis: int) -> bool:
    """Whether a node reads the size of `x` along an axis, or one that has the same name."""
    start = node.attributes.get("start", 0)
    if node.op != "Shape" or node.attributes.get("end") != start + 1:
        return False
    if node.inputs == [x]:
        return start == axis
    shapes = [model.type(name).shape or () for name in (node.inputs[0], x)]
    names = [shape[at] if at < len(shape) else None for shape, at in zip(shapes, (start, axis), strict=True)]
    return isinstance(names[0], str) and names[0] == names[1]


class EqualSizes(Rule):
    """Sizes of one name are equal."""

    OPS: ClassVar[tuple[str, ...]] = ("Equal",)

    def rewrite(self, site: Site) -> str | None:
        """Whether they are equal, where that is known."""
        names = [_size_name(site.model, value) for value in site.inputs]
        rank = site.model.rank(site.output)
        if names[0] is None or names[0] != names[1] or rank not in (0, 1):
            return None
        return site.constant([True] if rank else True, np.bool_)


def _size_name(model: Model, value: str) -> str | None:
    """The name of the one size that a value is."""
    node = model.producers.get(value)
    if node is not None and node.op == "Squeeze":
        node = model.producers.get(node.inputs[0])
    if node is None or node.op != "Shape":
        return None
    start, shape = node.attributes.get("start", 0), model.type(node.inputs[0]).shape
    if shape is None or node.attributes.get("end") != start + 1:
        return None
    size = shape[start]
    return size if isinstance(size, str) else None


class TokensThatHold(Rule):
    """Tokens of checks that are known to hold are left out of the sum of tokens."""

    OPS: ClassVar[tuple[str, ...]] = ("ReduceSum",)

    def rewrite(self, site: Site) -> str | None:
        """The sum of the others."""
        node = site.model.producers.get(site.inputs[0])
        if node is None or node.op != "Concat" or len(site.inputs) > 1 or site.dtype != INT64:
            return None
        kept = [name for name in node.inputs if not _is_zero(site.model, name)]
        if len(kept) == len(node.inputs):
            return None
        if not kept:
            return site.constant([0], np.int64)
        together = kept[0] if len(kept) == 1 else site.emit("Concat", kept, axis=0)
        return site.emit("ReduceSum", [together], keepdims=1)


def _is_zero(model: Model, value: str) -> bool:
    array = model.array(value)
    return array is not None and array.shape == (1,) and array[0] == 0


RULES: tuple[Rule, ...] = (
    *(KeepSizesWide(), IndexFromEnd(), IndexByWide(), OneSize(), UndoSqueeze(), NotNegative(), ReshapeToSizes()),
    *(EqualSizes(), TokensThatHold()),
)
