"""Long programs without loops, the same ones each time: layers with gradients, recurrences, chains.

Their kinds are those on which compilers take too long, recurse too deep, or end their process.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

import stepwell as sw

from .large_modules import large_module

LENGTHS = (20, 60, 200)
"""How many layers, steps or links a program has."""


def long_module(seed: int) -> ModuleOp:
    """An `hl` module of one of the kinds; the same seed gives the same module.

    Example:
        >>> sum(1 for _ in long_module(0).walk()) > 20
        True
    """
    choice = random.Random(seed)
    length = choice.choice(LENGTHS)
    kinds: list[Callable[[random.Random, int], ModuleOp]] = [
        _layers,
        _recurrence,
        _elementwise,
        _reductions,
        _statements,
    ]
    return kinds[seed % len(kinds)](choice, length)


def _traced(function: Callable[..., Any], *shapes: tuple[int, ...]) -> ModuleOp:
    arguments = [sw.constant(np.ones(shape, np.float32)) for shape in shapes]
    return sw.function(function, autograph=False).get_concrete_function(*arguments).module


def _layers(choice: random.Random, length: int) -> ModuleOp:
    """A training step of equal layers."""
    size, rows = choice.choice((4, 16, 64)), choice.choice((1, 8, 32))
    activation = choice.choice((sw.nn.relu, sw.tanh, sw.sigmoid))
    weights = [sw.Variable(np.full((size, size), 0.01, np.float32)) for _ in range(length)]

    def step(x: Any) -> Any:
        with sw.GradientTape() as tape:
            h = x
            for weight in weights:
                h = activation(sw.matmul(h, weight))
            loss = sw.reduce_sum(h)
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(0.1 * gradient)
        return loss

    return _traced(step, (rows, size))


def _recurrence(choice: random.Random, length: int) -> ModuleOp:
    """A recurrence, unrolled."""
    size, rows = choice.choice((4, 16)), choice.choice((1, 4))

    def steps(x: Any, weight: Any) -> Any:
        h = x
        for _ in range(length):
            h = sw.tanh(sw.matmul(h, weight) + x)
        return h

    return _traced(steps, (rows, size), (size, size))


def _elementwise(choice: random.Random, length: int) -> ModuleOp:
    """A chain of elementwise ops."""
    links = (lambda h, x: sw.tanh(h) * x, lambda h, x: sw.maximum(h, x) + 0.5, lambda h, x: h / (1.0 + sw.abs(x)))
    picked = [choice.choice(links) for _ in range(4 * length)]

    def chain(x: Any) -> Any:
        h = x
        for link in picked:
            h = link(h, x)
        return h

    return _traced(chain, choice.choice(((), (7,), (5, 100))))


def _reductions(choice: random.Random, length: int) -> ModuleOp:
    """Reductions whose results are broadcast again: what is computed is read twice."""
    axes = [choice.randrange(2) for _ in range(length)]

    def chain(x: Any) -> Any:
        h = x
        for axis in axes:
            h = h - sw.reduce_mean(h * sw.transpose(x), axis=axis, keepdims=True)
        return h

    return _traced(chain, (8, 8))


def _statements(choice: random.Random, length: int) -> ModuleOp:
    """A straight line of any ops."""
    return large_module(choice.randrange(10**6), ops=15 * length, depth=0, effects=choice.random() < 0.5)
