"""`LayerNormalization`, from means and variances along the last axes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .matching import Found, Number, Op, matches, splat
from .rewriting import Rule, Site

_MEAN = Op("ReduceMean", "x", "axes", keepdims=1, name="mean")
_LESS = Op("Sub", "x", _MEAN, name="less")
_VARIANCE = Op("ReduceMean", Op("Mul", "less", "less"), "axes", keepdims=1)
_DEVIATION = Op("Sqrt", Op("Add", _VARIANCE, Number("epsilon")))
_FACTORS = (Op("Div", 1.0, _DEVIATION), Op("Reciprocal", _DEVIATION))


class ToLayerNormalization(Rule):
    """`(x - mean) / sqrt(variance + epsilon)`, along the last axes."""

    OPS: ClassVar[tuple[str, ...]] = ("Mul", "Div")
    _PATTERNS = (
        Op("Div", _LESS, _DEVIATION),
        *(Op("Mul", _LESS, factor) for factor in _FACTORS),
        *(Op("Mul", _LESS, Op("Mul", factor, "scale")) for factor in _FACTORS),
    )

    def rewrite(self, site: Site) -> str | None:
        """The operator; ONNX Runtime's needs two elements or more to take a mean of."""
        for pattern in self._PATTERNS:
            for found in matches(site.model, pattern, site.output):
                value = self._replaced(site, found)
                if value is not None:
                    return value
        return None

    def _replaced(self, site: Site, found: Found) -> str | None:
        model, axes = site.model, site.model.array(found["axes"])
        shape, dtype = model.type(found["x"]).shape, model.type(found["x"]).dtype
        if axes is None or shape is None or dtype is None or not dtype.is_floating:
            return None
        lead = len(shape) - axes.size
        last = [size for size in shape[lead:] if isinstance(size, int)]
        if sorted(axes.tolist()) != list(range(lead, len(shape))) or len(last) < axes.size or np.prod(last) < 2:
            return None
        scale = found.get("scale") or site.constant(np.ones(last, dtype))
        if model.type(scale).shape != tuple(last):
            return None
        return site.emit("LayerNormalization", [found["x"], scale], axis=lead - len(shape), epsilon=found["epsilon"])


class AbsorbScale(Rule):
    """What a normalization is multiplied by is its scale, what is added to it its offset."""

    OPS: ClassVar[tuple[str, ...]] = ("Mul", "Add")

    def rewrite(self, site: Site) -> str | None:
        """The normalization with both."""
        model = site.model
        for normal, other in (site.inputs, site.inputs[::-1]):
            node = model.producers.get(normal)
            if node is None or node.op != "LayerNormalization" or len(node.inputs) > 2 or model.uses[normal] > 1:
                continue
            x, scale = node.inputs
            if model.type(other).shape != model.type(scale).shape:
                continue
            if site.node.op == "Add":
                return site.emit("LayerNormalization", [x, scale, other], **node.attributes)
            if splat(model, scale) == 1:
                return site.emit("LayerNormalization", [x, other], **node.attributes)
        return None


class ToBatchNormalization(Rule):
    """`(x - mean) * factor + offset`, of constants with an element for each channel in axis 1."""

    OPS: ClassVar[tuple[str, ...]] = ("Add",)
    _PATTERN = Op("Add", Op("Mul", Op("Sub", "x", "mean"), "factor"), "offset")

    def rewrite(self, site: Site) -> str | None:
        """The operator, which runtimes take into the convolution before it."""
        model, shape = site.model, site.model.type(site.output).shape
        if site.dtype != np.float32 or shape is None or len(shape) < 3 or not isinstance(shape[1], int):
            return None
        for found in matches(model, self._PATTERN, site.output):
            arrays = [model.array(found[name]) for name in ("factor", "offset", "mean")]
            vectors = [_of_channels(array, len(shape), shape[1]) for array in arrays]
            known = [vector for vector in vectors if vector is not None]
            if len(known) == 3 and model.type(found["x"]).shape == shape:
                names = [found["x"], *(site.constant(vector) for vector in known)]
                ones = site.constant(np.ones(shape[1], np.float32))
                return site.emit("BatchNormalization", [*names, ones], epsilon=0.0)
        return None


def _of_channels(array: np.ndarray | None, rank: int, channels: int) -> np.ndarray | None:
    """A constant that broadcasts along all axes but the one of channels, as a vector."""
    if array is None or array.ndim > rank:
        return None
    whole = [1] * (rank - array.ndim) + list(array.shape)
    if array.size == 1:
        return np.full(channels, array.item(), array.dtype)
    fits = whole[1] == channels and array.size == channels
    return array.reshape(-1) if fits else None


RULES: tuple[Rule, ...] = (ToLayerNormalization(), AbsorbScale())

LATE_RULES: tuple[Rule, ...] = (ToBatchNormalization(),)
"""Rules for when transposes have moved, and channels are where they will be."""
