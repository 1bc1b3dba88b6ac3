"""Weights of eight bits in an exported graph: dynamic quantisation of products, stored integers elsewhere.

A weight `w` of float32 is `q * s` with integers `q` from -127 to 127 and a scale `s` for each output channel, the
largest magnitude in it over 127 (symmetric quantisation). In a product of matrices, the other factor is quantised when
the model runs (`DynamicQuantizeLinear`), and integers are multiplied; a convolution's weights and the rows of a
table are made floats again where they are used. Products store `q + 128` without a sign, as runtimes on x86-64 whose
instructions saturate sums of signed products give exact sums of unsigned ones only.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import onnx

from .....dialects.dtypes import FLOAT32, INT32
from .graph import Model, ValueType
from .rewriting import Rule, Site, apply_rules

LEAST = 1024
"""The fewest elements of a weight that is quantised: scales and further nodes outweigh smaller ones."""

_LARGEST = 127
_OFFSET = 128


def quantize_weights(proto: onnx.ModelProto) -> bool:
    """Rewrite a model, in place, so that its weights have eight bits; tell whether it had any.

    Weights are constants of float32 with at least `LEAST` elements: a matrix in `MatMul` or `Gemm`, filters of `Conv`
    and `ConvTranspose`, a table that `Gather` takes rows of. Variables that the model assigns stay as they are.
    """
    model = Model(proto)
    changed = apply_rules(model, (MatMulOfIntegers(), GemmOfIntegers(), StoredFilters(), StoredRows()))
    proto.graph.CopyFrom(model.graph.to_proto())
    return changed


def _weight(site: Site, index: int, rank: int | None = None) -> np.ndarray | None:
    """The weight that an input is, of a rank; None where it is no weight."""
    if index >= len(site.inputs):
        return None
    array = site.model.array(site.inputs[index])
    if array is None or array.dtype != np.float32 or array.size < LEAST or not np.isfinite(array).all():
        return None
    return array if rank is None or array.ndim == rank else None


def _quantized(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """The integers of a weight, and the scales of the channels along `axis`."""
    others = tuple(other for other in range(weight.ndim) if other != axis)
    largest = np.abs(weight).max(axis=others)
    scales = np.where(largest > 0, largest / np.float32(_LARGEST), np.float32(1)).astype(np.float32)
    shaped = scales.reshape([-1 if other == axis else 1 for other in range(weight.ndim)])
    return np.clip(np.rint(weight / shaped), -_LARGEST, _LARGEST).astype(np.int8), scales


def _product(site: Site, x: str, weight: np.ndarray) -> str:
    """`x @ weight` by integers: both factors without their offsets are multiplied, then scaled."""
    whole, scales = _quantized(weight, 1)
    quantized, scale, zero = site.emit_all("DynamicQuantizeLinear", [x], 3)
    stored = site.constant(whole.astype(np.int16) + _OFFSET, np.uint8)
    inputs = [quantized, stored, zero, site.constant(_OFFSET, np.uint8)]
    shape = site.model.type(site.output).shape
    sums = site.emit("MatMulInteger", inputs, ValueType(INT32, shape))
    floats = site.emit("Cast", [sums], ValueType(FLOAT32, shape), to=FLOAT32.onnx)
    factors = site.emit("Mul", [scale, site.constant(scales)], ValueType(FLOAT32, scales.shape))
    return site.emit("Mul", [floats, factors], ValueType(FLOAT32, shape))


class MatMulOfIntegers(Rule):
    """A product with a weight on the right."""

    OPS: ClassVar[tuple[str, ...]] = ("MatMul",)

    def rewrite(self, site: Site) -> str | None:
        """`MatMulInteger`, scaled."""
        weight = _weight(site, 1, rank=2)
        return None if weight is None else _product(site, site.inputs[0], weight)


class GemmOfIntegers(Rule):
    """A product with a weight on the right, and what is added to it."""

    OPS: ClassVar[tuple[str, ...]] = ("Gemm",)

    def rewrite(self, site: Site) -> str | None:
        """`MatMulInteger`, scaled, and a sum."""
        attributes = site.node.attributes
        weight = _weight(site, 1, rank=2)
        if weight is None or attributes.get("alpha", 1.0) != 1 or attributes.get("beta", 1.0) != 1:
            return None
        x = site.inputs[0]
        if attributes.get("transA", 0):
            x = site.emit("Transpose", [x], perm=[1, 0])
        found = _product(site, x, weight.T if attributes.get("transB", 0) else weight)
        if len(site.inputs) > 2 and site.inputs[2]:
            found = site.emit("Add", [found, site.inputs[2]], site.model.type(site.output))
        return found


class StoredFilters(Rule):
    """A convolution whose filters are stored as integers."""

    OPS: ClassVar[tuple[str, ...]] = ("Conv", "ConvTranspose")

    def rewrite(self, site: Site) -> str | None:
        """The convolution with filters that are made floats."""
        weight = _weight(site, 1)
        groups = site.node.attributes.get("group", 1)
        if weight is None or (site.node.op == "ConvTranspose" and groups != 1):
            return None
        axis = 0 if site.node.op == "Conv" else 1
        whole, scales = _quantized(weight, axis)
        stored = [site.constant(whole), site.constant(scales)]
        filters = site.emit("DequantizeLinear", stored, ValueType(FLOAT32, weight.shape), axis=axis)
        inputs = [site.inputs[0], filters, *site.inputs[2:]]
        return site.emit(site.node.op, inputs, site.model.type(site.output), **site.node.attributes)


class StoredRows(Rule):
    """Rows of a table that is stored as integers, with a scale for each row."""

    OPS: ClassVar[tuple[str, ...]] = ("Gather",)

    def rewrite(self, site: Site) -> str | None:
        """The rows of integers, made floats."""
        weight = _weight(site, 0)
        if weight is None or weight.ndim < 2 or site.node.attributes.get("axis", 0) != 0:
            return None
        whole, scales = _quantized(weight, 0)
        shape, indices = site.model.type(site.output).shape, site.inputs[1]
        rows = site.emit("Gather", [site.constant(whole), indices])
        floats = site.emit("Cast", [rows], ValueType(FLOAT32, shape), to=FLOAT32.onnx)
        shaped = scales.reshape(-1, *[1] * (weight.ndim - 1))
        factors = site.emit("Gather", [site.constant(shaped), indices])
        return site.emit("Mul", [floats, factors], ValueType(FLOAT32, shape))
