"""Products of matrices and convolutions that take their offsets and transposes with them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .graph import Node
from .rewriting import Rule, Site

_SWAP = [1, 0]


def _made_by(site: Site, value: str, op: str) -> Node | None:
    """The node that makes `value`, if it is one of `op` and nothing else needs the value."""
    node = site.model.producers.get(value)
    return node if node is not None and node.op == op and site.model.uses[value] == 1 else None


class ToGemm(Rule):
    """A product of two matrices and a row that is added to it."""

    OPS: ClassVar[tuple[str, ...]] = ("Add",)

    def rewrite(self, site: Site) -> str | None:
        """`Gemm`, of floats."""
        model = site.model
        for product, offset in (site.inputs, site.inputs[::-1]):
            node = _made_by(site, product, "MatMul")
            shape, added = model.type(product).shape, model.type(offset).shape
            if node is None or shape is None or added is None or len(shape) != 2 or len(added) != 1:
                continue
            if site.dtype is None or not site.dtype.is_floating or any(model.rank(x) != 2 for x in node.inputs):
                continue
            if added[0] == shape[1] is not None:
                return site.emit("Gemm", [*node.inputs, offset])
        return None


class TransposeInGemm(Rule):
    """A transpose before a `Gemm` is a flag of it."""

    OPS: ClassVar[tuple[str, ...]] = ("Gemm",)

    def rewrite(self, site: Site) -> str | None:
        """The product of what is transposed."""
        for index, flag in enumerate(("transA", "transB")):
            node = site.model.producers.get(site.inputs[index])
            if node is not None and node.op == "Transpose" and node.attributes.get("perm", _SWAP) == _SWAP:
                inputs = [node.inputs[0] if i == index else name for i, name in enumerate(site.inputs)]
                turned = 1 - site.node.attributes.get(flag, 0)
                return site.emit("Gemm", inputs, **{**site.node.attributes, flag: turned})
        return None


class BiasInConv(Rule):
    """What is added to each channel of a convolution's result is its bias."""

    OPS: ClassVar[tuple[str, ...]] = ("Add",)

    def rewrite(self, site: Site) -> str | None:
        """The convolution with a bias, channels first or, before a transpose, last."""
        for value, bias in (site.inputs, site.inputs[::-1]):
            moved = _made_by(site, value, "Transpose")
            inner = moved.inputs[0] if moved else value
            conv = _made_by(site, inner, "Conv") or _made_by(site, inner, "ConvTranspose")
            rank = site.model.rank(value)
            if conv is None or len(conv.inputs) > 2 or rank is None:
                continue
            channels = moved.attributes["perm"].index(1) if moved else 1
            vector = _vector(site, bias, channels, rank, _channels(site, conv))
            if vector is None:
                continue
            type_ = site.model.type(conv.outputs[0])
            result = site.emit(conv.op, [*conv.inputs, vector], type_, **conv.attributes)
            return site.emit("Transpose", [result], perm=moved.attributes["perm"]) if moved else result
        return None


def _channels(site: Site, conv: Node) -> int | None:
    """How many channels a convolution's result has, if that is known."""
    filters = site.model.type(conv.inputs[1]).shape
    if filters is None:
        return None
    size = filters[0] if conv.op == "Conv" else filters[1]
    groups = conv.attributes.get("group", 1) if conv.op == "ConvTranspose" else 1
    return size * groups if isinstance(size, int) else None


def _vector(site: Site, bias: str, channels: int, rank: int, count: int | None) -> str | None:
    """`bias` as a vector with an element for each channel, if it is one along the axis `channels`."""
    shape, array = site.model.type(bias).shape, site.model.array(bias)
    if shape is None or count is None or len(shape) > rank:
        return None
    whole = [1] * (rank - len(shape)) + list(shape)
    if whole.pop(channels) != count or any(size != 1 for size in whole):
        return None
    if len(shape) == 1:
        return bias
    if array is not None:
        return site.constant(np.reshape(array, -1))
    return site.emit("Reshape", [bias, site.constant([count], np.int64)], site.model.type(bias))


RULES: tuple[Rule, ...] = (ToGemm(), TransposeInGemm(), BiasInConv())
