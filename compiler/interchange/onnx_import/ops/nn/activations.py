"""Activations: functions of one tensor, elementwise or along an axis."""

from __future__ import annotations

import numpy as np

from .....frontend.values.dispatch import scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import Call, axis_in, declare, rule
from ...values import m

declare(1, {"Relu": m.relu, "Sigmoid": m.sigmoid, "Softplus": m.softplus, "Softsign": m.softsign})


@rule("LeakyRelu")
def _leaky_relu(call: Call, x: Tensor) -> Tensor:
    return m.where(m.less(x, scalar_like(0, x)), x * scalar_like(call.float("alpha", 0.01), x), x)


@rule("PRelu")
def _prelu(call: Call, x: Tensor, slope: Tensor) -> Tensor:
    if call.version < 7 and slope.ndim == 1 and slope.shape[0] != 1:
        slope = m.reshape(slope, [-1, *[1] * (x.ndim - 2)])
    return m.where(m.less(x, scalar_like(0, x)), x * slope, x)


@rule("Elu")
def _elu(call: Call, x: Tensor) -> Tensor:
    return m.where(m.less(x, scalar_like(0, x)), scalar_like(call.float("alpha", 1.0), x) * m.expm1(x), x)


@rule("Celu")
def _celu(call: Call, x: Tensor) -> Tensor:
    alpha, zero = scalar_like(call.float("alpha", 1.0), x), scalar_like(0, x)
    return m.maximum(x, zero) + m.minimum(alpha * m.expm1(x / alpha), zero)


@rule("Selu")
def _selu(call: Call, x: Tensor) -> Tensor:
    alpha = scalar_like(call.float("alpha", 1.67326319217681884765625), x)
    gamma = scalar_like(call.float("gamma", 1.05070102214813232421875), x)
    return gamma * m.where(m.greater(x, scalar_like(0, x)), x, alpha * m.expm1(x))


@rule("HardSigmoid")
def _hard_sigmoid(call: Call, x: Tensor) -> Tensor:
    return hard_sigmoid(x, call.float("alpha", 0.2), call.float("beta", 0.5))


def hard_sigmoid(x: Tensor, alpha: float, beta: float) -> Tensor:
    """A line between 0 and 1."""
    line = scalar_like(alpha, x) * x + scalar_like(beta, x)
    return m.maximum(scalar_like(0, x), m.minimum(scalar_like(1, x), line))


@rule("HardSwish")
def _hard_swish(call: Call, x: Tensor) -> Tensor:
    return x * hard_sigmoid(x, 1 / 6, 0.5)


@rule("ThresholdedRelu")
def _thresholded_relu(call: Call, x: Tensor) -> Tensor:
    return m.where(m.greater(x, scalar_like(call.float("alpha", 1.0), x)), x, scalar_like(0, x))


@rule("Gelu")
def _gelu(call: Call, x: Tensor) -> Tensor:
    return m.gelu(x, approximate=call.text("approximate", "none") == "tanh")


@rule("Mish")
def _mish(call: Call, x: Tensor) -> Tensor:
    return x * m.tanh(m.softplus(x))


@rule("Swish")
def _swish(call: Call, x: Tensor) -> Tensor:
    return x * m.sigmoid(scalar_like(call.float("alpha", 1.0), x) * x)


@rule("Shrink")
def _shrink(call: Call, x: Tensor) -> Tensor:
    bias, edge = scalar_like(call.float("bias", 0.0), x), scalar_like(call.float("lambd", 0.5), x)
    return m.where(m.less(x, -edge), x + bias, m.where(m.greater(x, edge), x - bias, scalar_like(0, x)))


@rule("Softmax", "LogSoftmax", "Hardmax", since=13)
def _softmax(call: Call, x: Tensor) -> Tensor:
    return _along(call, x, call.int("axis", -1))


@rule("Softmax", "LogSoftmax", "Hardmax")
def _old_softmax(call: Call, x: Tensor) -> Tensor:
    """Before version 13 all axes from `axis` on were one."""
    axis = axis_in(call.int("axis", 1), max(x.ndim, 1))
    return m.reshape_like(_along(call, as_matrix(x, axis), 1), x)


def as_matrix(x: Tensor, axis: int) -> Tensor:
    """A tensor as a matrix: the axes before `axis`, and the others."""
    sizes = [m.size_along(x, each) for each in range(x.ndim)]
    return m.reshape(x, [m.product(sizes[:axis]), m.product(sizes[axis:])])


def _along(call: Call, x: Tensor, axis: int) -> Tensor:
    kind = call.node.op_type
    if kind == "Hardmax":
        axis = axis_in(axis, x.ndim)
        best = m.argmax(x, axis)
        return m.one_hot(best, m.size_along(x, axis), scalar_like(1, x), scalar_like(0, x), axis)
    return m.softmax(x, axis) if kind == "Softmax" else m.log_softmax(x, axis)


@rule("Dropout", since=12)
def _dropout(call: Call, x: Tensor, ratio: Tensor | None = None, training: Tensor | None = None) -> tuple:
    """Only where training is set are elements dropped."""
    trains = training is not None and bool(call.fixed(2, "training_mode"))
    rate = 0.5 if ratio is None else float(call.fixed(1, "ratio").reshape(()))
    if not trains or rate == 0:
        return x, m.fill(m.shape(x), scalar_like(True, m.is_nan(x)))
    kept = m.greater_equal(m.uniform(m.shape(x), seed=call.int("seed")), np.float32(rate))
    scaled = m.where(kept, x / scalar_like(1 - rate, x), scalar_like(0, x))
    return scaled, kept


@rule("Dropout")
def _old_dropout(call: Call, x: Tensor) -> tuple:
    return x, m.fill(m.shape(x), scalar_like(True, m.is_nan(x)))


@rule("Identity", takes_values=True)
def _identity(call: Call, x: object) -> object:
    return x
