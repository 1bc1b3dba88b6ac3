"""Reads of Variables in functions: one value where nothing is written between them, and no copies for that."""

import numpy as np
import pytest

import stepwell as sw

LAYERS = 8
WIDTH = 4


class _Adam:
    """A network of some layers, and the optimizer as it is written by hand, one weight after the other."""

    def __init__(self):
        numbers = np.random.default_rng(3)
        shapes = [(WIDTH, WIDTH)] * LAYERS + [(WIDTH,)] * LAYERS
        self.trained = [sw.Variable(numbers.normal(0, 0.4, shape).astype(np.float32)) for shape in shapes]
        self.weights, self.biases = self.trained[:LAYERS], self.trained[LAYERS:]
        self.means = [sw.Variable(np.zeros(v.shape, np.float32)) for v in self.trained]
        self.squares = [sw.Variable(np.zeros(v.shape, np.float32)) for v in self.trained]
        self.count = sw.Variable(np.float32(0))
        self.rate, self.beta1, self.beta2 = (sw.Variable(np.float32(value)) for value in (0.01, 0.9, 0.999))

    def step(self, x, y):
        with sw.GradientTape() as tape:
            h = x
            for weight, bias in zip(self.weights, self.biases):
                h = sw.tanh(sw.matmul(h, weight) + bias)
            loss = sw.reduce_mean(sw.square(h - y))
        gradients = tape.gradient(loss, self.trained)
        self.count.assign_add(1.0)
        for variable, mean, square, gradient in zip(self.trained, self.means, self.squares, gradients):
            size = self.rate * sw.sqrt(1.0 - sw.pow(self.beta2, self.count)) / (1.0 - sw.pow(self.beta1, self.count))
            mean.assign(mean * self.beta1 + gradient * (1.0 - self.beta1))
            square.assign(square * self.beta2 + sw.square(gradient) * (1.0 - self.beta2))
            variable.assign_sub(size * mean / (sw.sqrt(square) + 1e-7))
        return loss

    def values(self):
        return [variable.numpy() for variable in (*self.trained, *self.means, *self.squares)]


X = np.random.default_rng(4).normal(size=(3, WIDTH)).astype(np.float32)


def test_each_variable_of_an_optimizer_is_read_once_and_equal_powers_are_one():
    text = str(sw.ir(sw.function(_Adam().step), X, X, level="hl"))
    reads = [line.split("state.read ")[1].split()[0] for line in text.splitlines() if "state.read " in line]
    assert len(reads) == len(set(reads)) == 6 * LAYERS + 4
    assert text.count("hl.pow") == 2
    loops = str(sw.ir(sw.function(_Adam().step), X, X, level="loops"))
    assert not [line for line in loops.splitlines() if "memref.copy" in line and "memref<f32>" not in line]


def test_an_optimizer_computes_the_same_on_every_engine(engine):
    eager, compiled = _Adam(), _Adam()
    step = sw.function(compiled.step, engine=engine)
    for _ in range(3):
        np.testing.assert_allclose(step(X, X).numpy(), eager.step(X, X).numpy(), rtol=1e-5)
    for got, expected in zip(compiled.values(), eager.values(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-6)


def _subtract(v, w, g):
    v.assign_sub(g)


def _increment(v, w, g):
    v.assign(v + 1.0)


def _increment_and_use(v, w, g):
    v.assign(v + 1.0)
    return v * g


def _increment_and_return(v, w, g):
    v.assign(v + 1.0)
    return v.read_value()


def _twice(v, w, g):
    v.assign(v * 2.0)
    v.assign(v + g)


def _momentum(v, w, g):
    w.assign(0.5 * w + g)
    v.assign_sub(0.5 * w)


def _average(v, w, g):
    v.assign_sub(0.5 * g)
    w.assign(0.5 * w + 0.5 * v)
    return w + 1.0


def _swap(v, w, g):
    old = v.read_value()
    v.assign(w)
    w.assign(old)


def _argument(v, w, g):
    v.assign(g)
    w.assign(v + w)
    v.assign(v * w)
    return v + w


def _product(v, w, g):
    v.assign(sw.matmul(v, g))
    v.assign(sw.matmul(v, g) + v)
    return sw.reduce_sum(v)


def _loop(v, w, g):
    before = v * 2.0
    for _ in sw.range(3):
        w.assign(w + v)
        w.assign(w * v + g)
    return before + v + w


def _branch(v, w, g):
    before = v * 2.0
    if sw.reduce_sum(g) > 0.0:
        w.assign(w + v)
        before = before + w
    else:
        v.assign(v + 1.0)
        before = before - v
    return before + v + w


COPIES = {
    _subtract: 0,
    _increment: 0,
    _increment_and_use: 0,
    _increment_and_return: 1,
    _twice: 1,
    _momentum: 0,
    _average: 1,
    _swap: 3,
    _argument: 2,
    _product: 2,
    _loop: 2,
    _branch: 2,
}
"""Updates, and how many copies of memory they may take: no more than where each mention was read by itself."""


def _given(sign=1.0):
    numbers = np.random.default_rng(5)
    v, w = (sw.Variable(numbers.normal(size=(3, 3)).astype(np.float32)) for _ in range(2))
    return v, w, sw.constant(sign * np.abs(numbers.normal(size=(3, 3))).astype(np.float32))


@pytest.mark.parametrize("update", COPIES, ids=lambda update: update.__name__.strip("_"))
def test_updates_stay_in_place(update):
    assert str(sw.ir(sw.function(update), *_given(), level="loops")).count("memref.copy") <= COPIES[update]


@pytest.mark.parametrize("update", COPIES, ids=lambda update: update.__name__.strip("_"))
def test_updates_compute_the_same_on_every_engine(update, engine):
    for sign in (1.0, -1.0):
        (v, w, g), (v2, w2, g2) = _given(sign), _given(sign)
        expected, got = update(v, w, g), sw.function(update, engine=engine)(v2, w2, g2)
        for a, b in ((v, v2), (w, w2), *([] if expected is None else [(expected, got)])):
            np.testing.assert_allclose(b.numpy(), a.numpy(), rtol=1e-5, atol=1e-5)
