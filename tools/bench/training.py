"""What is measured of training: loops with their gradients, and optimizers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import stepwell as sw

from .workloads import Workload, host_calls

BATCH, SIZE, UNITS = 32, 64, 64
"""Of the LSTM's input, and of its state."""

_RATE = 1e-6


class Lstm:
    """An LSTM cell over the first axis of its input, in a loop, with a training step by a tape and one by hand."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self.w = sw.Variable((0.1 * random.standard_normal((SIZE + UNITS, 4 * UNITS))).astype(np.float32))
        self.b = sw.Variable(np.zeros(4 * UNITS, np.float32))

    def _cell(self, x: Any, h: Any, c: Any) -> tuple[Any, Any, list[Any]]:
        """The next state, and the gates that it was computed from."""
        i, f, g, o = sw.split(sw.matmul(sw.concat([x, h], 1), self.w) + self.b, 4, axis=1)
        i, f, g, o = sw.sigmoid(i), sw.sigmoid(f), sw.tanh(g), sw.sigmoid(o)
        c = f * c + i * g
        t = sw.tanh(c)
        return o * t, c, [i, f, g, o, t]

    def _update(self, dw: Any, db: Any) -> None:
        self.w.assign_sub(_RATE * dw)
        self.b.assign_sub(_RATE * db)

    @sw.function
    def by_tape(self, x: Any) -> Any:
        """A step whose gradients the tape finds."""
        with sw.GradientTape() as tape:
            h = c = sw.zeros([BATCH, UNITS])
            loss = sw.constant(0.0)
            for t in sw.range(sw.shape(x)[0]):
                h, c, _ = self._cell(x[t], h, c)
                loss = loss + sw.reduce_sum(h * h)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self._update(dw, db)
        return loss, dw

    @sw.function
    def by_hand(self, x: Any) -> Any:
        """The same step with the backward loop written out; the gates of each step are kept."""
        count = sw.shape(x)[0]
        h = c = sw.zeros([BATCH, UNITS])
        loss = sw.constant(0.0)
        before = sw.TensorArray(sw.float32, size=count, element_shape=[BATCH, 2 * UNITS])
        gates = sw.TensorArray(sw.float32, size=count, element_shape=[BATCH, 5 * UNITS])
        for t in sw.range(count):
            before = before.write(t, sw.concat([h, c], 1))
            h, c, found = self._cell(x[t], h, c)
            gates = gates.write(t, sw.concat(found, 1))
            loss = loss + sw.reduce_sum(h * h)
        dh = dc = sw.zeros([BATCH, UNITS])
        dw, db = sw.zeros([SIZE + UNITS, 4 * UNITS]), sw.zeros([4 * UNITS])
        for k in sw.range(count):
            t = count - 1 - k
            i, f, g, o, tc = sw.split(gates.read(t), 5, axis=1)
            h, c = sw.split(before.read(t), 2, axis=1)
            dh = dh + 2.0 * o * tc
            dc = dc + dh * o * (1.0 - tc * tc)
            into = [dc * g * i * (1.0 - i), dc * c * f * (1.0 - f), dc * i * (1.0 - g * g), dh * tc * o * (1.0 - o)]
            dz = sw.concat(into, 1)
            dw = dw + sw.matmul(sw.concat([x[t], h], 1), dz, transpose_a=True)
            db = db + sw.reduce_sum(dz, 0)
            dh, dc = sw.matmul(dz, self.w, transpose_b=True)[:, SIZE:], dc * f
        self._update(dw, db)
        return loss, dw


def lstm_step(count: int) -> Workload:
    """A training step through a loop."""
    model, other = Lstm(), Lstm()
    x = sw.constant(np.random.default_rng(1).standard_normal((count, BATCH, SIZE)).astype(np.float32))
    for ours, others in zip(model.by_tape(x), other.by_hand(x), strict=True):
        np.testing.assert_allclose(ours.numpy(), others.numpy(), rtol=1e-3, atol=1e-2)
    return Workload(
        f"LSTM({UNITS}) training step over {count} steps in a loop, batch {BATCH}",
        lambda: model.by_tape(x),
        {"backward loop by hand": lambda: other.by_hand(x)},
        "no slower than by hand",
        lambda ours, peers: ours <= 1.05 * peers["backward loop by hand"],
        host_calls(model.by_tape, x),
    )


def adam_step(size: int = 10**6) -> Workload:
    """A step of Adam, which is bound by memory."""
    m, v, w = (np.full(size, value, np.float32) for value in (0.0, 0.0, 1.0))
    first, second, weight = (sw.Variable(value) for value in (m.copy(), v.copy(), w.copy()))

    @sw.function
    def step(g: Any) -> None:
        first.assign_add((g - first) * 0.1)
        second.assign_add((g * g - second) * 0.001)
        weight.assign_sub(0.01 * first / (sw.sqrt(second) + 1e-7))

    def by_hand(g: np.ndarray) -> None:
        nonlocal m, v, w
        m += (g - m) * np.float32(0.1)
        v += (g * g - v) * np.float32(0.001)
        w -= np.float32(0.01) * m / (np.sqrt(v) + np.float32(1e-7))

    gradient = np.random.default_rng(2).standard_normal(size).astype(np.float32)
    g = sw.constant(gradient)
    step(g)
    by_hand(gradient)
    np.testing.assert_allclose(weight.numpy(), w, rtol=1e-5)
    return Workload(
        f"Adam's step on {size:.0e} floats",
        lambda: step(g),
        {"numpy by hand": lambda: by_hand(gradient)},
        "at least 4x faster than numpy",
        lambda ours, peers: 4 * ours <= peers["numpy by hand"],
        host_calls(step, g),
    )


TRAINING: tuple[Callable[[], Workload], ...] = (partial(lstm_step, 50), partial(lstm_step, 200), adam_step)
