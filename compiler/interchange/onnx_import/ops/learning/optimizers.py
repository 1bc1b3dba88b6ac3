"""Optimizers of ONNX's preview of training, and gradients of a part of the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ......dialects.diagnostics import InvalidArgumentError
from .....frontend.gradients.tape import GradientTape
from .....frontend.values.dispatch import scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import TRAINING, Call, rule
from ...values import Value, m, tensor_of

Update = Callable[[Tensor, Tensor, list[Tensor]], list[Tensor]]
"""The new tensor and states, given a tensor, its gradient, and the states."""


def _updated(call: Call, inputs: Sequence[Tensor], states: int, update: Update) -> tuple[Tensor, ...]:
    """Inputs are all tensors, then all their gradients, then all states; results likewise without gradients."""
    count, rest = divmod(len(inputs), 2 + states)
    if rest:
        raise InvalidArgumentError(f"expected {2 + states} values for each tensor, got {len(inputs)}")
    columns = [list(inputs[start : start + count]) for start in range(0, len(inputs), count)]
    rows = [update(x, dx, list(rest)) for x, dx, *rest in zip(*columns)]
    return tuple(value for column in zip(*rows) for value in column)


def _regular(call: Call, x: Tensor, dx: Tensor) -> Tensor:
    return dx + scalar_like(call.float("norm_coefficient", 0.0), x) * x


@rule("Adagrad", domain=TRAINING)
def _adagrad(call: Call, rate: Tensor, step: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    decayed = rate / (
        scalar_like(1, rate) + m.cast(step, rate.dtype) * scalar_like(call.float("decay_factor", 0), rate)
    )

    def update(x: Tensor, dx: Tensor, states: list[Tensor]) -> list[Tensor]:
        gradient = _regular(call, x, dx)
        total = states[0] + m.square(gradient)
        scaled = gradient / (m.sqrt(total) + scalar_like(call.float("epsilon", 1e-6), total))
        return [x - m.cast(decayed, x.dtype) * scaled, total]

    return _updated(call, inputs, 1, update)


@rule("Momentum", domain=TRAINING)
def _momentum(call: Call, rate: Tensor, step: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    first = m.equal(step, scalar_like(0, step))
    beta = m.where(first, np.float32(1.0), np.float32(call.float("beta")))
    alpha = call.float("alpha")

    def update(x: Tensor, dx: Tensor, states: list[Tensor]) -> list[Tensor]:
        gradient, scale = _regular(call, x, dx), m.cast(beta, x.dtype)
        velocity = scalar_like(alpha, x) * states[0] + scale * gradient
        direction = velocity
        if call.text("mode") == "nesterov":
            direction = gradient + scalar_like(alpha, x) * velocity
        return [x - m.cast(rate, x.dtype) * direction, velocity]

    return _updated(call, inputs, 1, update)


@rule("Adam", domain=TRAINING)
def _adam(call: Call, rate: Tensor, step: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    alpha, beta = np.float32(call.float("alpha", 0.9)), np.float32(call.float("beta", 0.999))
    time = m.cast(step, rate.dtype)
    one = scalar_like(1, rate)
    ratio = m.sqrt(one - m.pow(scalar_like(beta, rate), time)) / (one - m.pow(scalar_like(alpha, rate), time))
    adjusted = m.where(m.greater(time, scalar_like(0, time)), rate * ratio, rate)
    after = call.float("norm_coefficient_post", 0.0)

    def update(x: Tensor, dx: Tensor, states: list[Tensor]) -> list[Tensor]:
        gradient, (v, h) = _regular(call, x, dx), states
        v = scalar_like(alpha, x) * v + scalar_like(1 - alpha, x) * gradient
        h = scalar_like(beta, x) * h + scalar_like(1 - beta, x) * m.square(gradient)
        new = x - m.cast(adjusted, x.dtype) * v / (m.sqrt(h) + scalar_like(call.float("epsilon", 1e-6), x))
        return [scalar_like(1 - after, x) * new, v, h]

    return _updated(call, inputs, 2, update)


@rule("Gradient", domain=TRAINING, takes_values=True)
def _gradient(call: Call, *inputs: Value) -> tuple[Value, ...]:
    """The gradient of a value of the graph around the node by others, with these and more at other values."""
    xs, zs, y = call.texts("xs"), call.texts("zs", []), call.text("y")
    if len(inputs) != len(xs) + len(zs):
        raise InvalidArgumentError(f"expected {len(xs) + len(zs)} values for xs and zs, got {len(inputs)}")
    with GradientTape() as tape:
        given = [m.identity(tensor_of(value)) for value in inputs]
        tape.watch(given[: len(xs)])
        result = call.evaluation.again(call.scope, dict(zip([*xs, *zs], given)), y)
    found = tape.gradient(tensor_of(result), given[: len(xs)])
    return tuple(m.zeros_like(x) if dx is None else dx for x, dx in zip(given, found))
