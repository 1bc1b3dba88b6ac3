"""The seed of the process, and the states of the functions that it seeds.

As in TensorFlow each of those functions has a state of its own. Its key is the seed of the process, its upper counter
the seed of the call; where a call has none, the process draws one, and in a function a call's is how many such calls
are before it in the same branch, loop body or function. A call with a seed goes on where the last one of the same
function, dtype and seeds ended, until the next `set_seed`; in a function each call goes on from itself.
"""

from __future__ import annotations

import operator
import random
import threading
import weakref
from collections.abc import Sequence
from functools import partial

import numpy as np

from .....dialects.diagnostics import InvalidTypeError
from .....dialects.public import public
from ...tracing.tracer import Tracer, current_tracer
from ...values.tensor import Tensor
from ...values.variable import TraceVariable
from ..arguments import Size
from ..scatter import scatter_add
from ..shape import ones_like, reshape, squeeze
from .draws import taken, unpredictable

LARGEST = 2**31 - 1
"""Seeds are taken modulo this number."""

DEFAULT_SEED = 87654321
"""The seed of the process for a call with a seed of its own, before `set_seed`."""


def seed_of(function: str, seed: object) -> int:
    """A seed as an int."""
    try:
        return operator.index(seed)  # pyright: ignore[reportArgumentType]
    except TypeError:
        raise InvalidTypeError(f"{function}: seed: expected an int, got {seed!r}") from None


class _Seeds:
    """The seed of the process, and how far the states of it have gone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._seed: int | None = None
        self._own = random.Random()
        self._taken: dict[tuple[object, ...], int] = {}
        self._counts: dict[tuple[object, ...], np.ndarray] = {}
        self._calls: weakref.WeakKeyDictionary[Tracer, dict[object, int]] = weakref.WeakKeyDictionary()

    def set_seed(self, seed: int) -> None:
        """Begin again with all of them."""
        with self.lock:
            self._seed, self._own = seed, random.Random(seed)
            self._taken.clear()
            self._counts.clear()
        TraceVariable.begin_again()

    def pair(self, seed: int | None) -> tuple[int, int] | None:
        """The key and the upper counter of a call."""
        if self._seed is None and seed is None:
            return None
        if self._seed is None:
            pair = DEFAULT_SEED, seed
        else:
            pair = self._seed, self._next() if seed is None else seed
        first, second = (number % LARGEST for number in pair)  # pyright: ignore[reportOptionalOperand]
        return (first, second) if (first, second) != (0, 0) else (0, LARGEST)

    def _next(self) -> int:
        """The seed of a call that has none."""
        tracer = current_tracer()
        if tracer is None:
            return self._own.randint(0, LARGEST)
        calls = self._calls.setdefault(tracer, {})
        calls[tracer.block] = calls.get(tracer.block, -1) + 1
        return calls[tracer.block]

    def take(self, op: tuple[object, ...], seed: int | None, blocks: Size) -> Tensor:
        """The state of a call of `op`, which takes `blocks` blocks."""
        with self.lock:
            pair = self.pair(seed)
            if current_tracer() is None:
                if pair is None:
                    return Tensor(unpredictable())
                start = self._take_eagerly((*op, *pair), int(blocks)) if seed is not None else 0  # pyright: ignore[reportArgumentType]
                return Tensor(_state(start, pair))
        begin = unpredictable if pair is None else partial(_state, 0, pair)
        return taken(TraceVariable(begin, "random_state"), blocks)

    def _take_eagerly(self, key: tuple[object, ...], blocks: int) -> int:
        start = self._taken.get(key, 0)
        self._taken[key] = start + blocks
        return start

    def count(self, key: tuple[object, ...], seed: int | None, size: int, seen: np.ndarray) -> np.ndarray:
        """How often each of `size` numbers was seen by eager calls before, with 1 for each; and see some more."""
        with self.lock:
            if seed is None and self._seed is not None:  # each of these calls has a seed of its own
                return np.ones(size, np.int64)
            counts = self._counts.setdefault((*key, seed), np.ones(size, np.int64))
            before = counts.copy()
            np.add.at(counts, seen.reshape(-1), 1)
            return before


def _state(start: int, pair: tuple[int, int]) -> np.ndarray:
    return np.array([start & (2**64 - 1), pair[1], pair[0]], np.uint64).view(np.int64)


_seeds = _Seeds()


def call_state(op: str, parameters: Sequence[object], seed: object, blocks: Size) -> Tensor:
    """The state of a call of `op` with an argument `seed`, which takes `blocks` blocks of random bits.

    Eager calls with the same seed go on from one another where `parameters`, such as dtypes, are the same, too.
    """
    return _seeds.take((op, *parameters), None if seed is None else seed_of(f"random.{op}", seed), blocks)


def unseeded_state(blocks: Size) -> Tensor:
    """The state of a call that no seed has an effect on, not that of the process either."""
    if current_tracer() is None:
        return Tensor(unpredictable())
    return taken(TraceVariable(unpredictable, "random_state"), blocks)


def seed_pair(seed: int | None) -> tuple[int, int]:
    """The two seeds that TensorFlow makes of a seed and that of the process; random ones where there is neither."""
    with _seeds.lock:
        pair = _seeds.pair(seed)
    return pair if pair is not None else (random.getrandbits(31), random.getrandbits(31))


def seen_before(key: tuple[object, ...], seed: object, size: int, classes: Tensor) -> Tensor:
    """How often each of `size` classes was seen by calls before this one, with 1 for each; `classes` are seen now.

    Eager calls with the same `key` and seed have a memory in common until the next `set_seed`; in a function each call
    has one of its own.
    """
    if current_tracer() is None:
        number = None if seed is None else seed_of(f"random.{key[0]}", seed)
        return Tensor(_seeds.count(key, number, size, classes.numpy()))
    memory = TraceVariable(lambda: np.ones(size, np.int64), "seen_classes")
    before = memory.read_value()
    flat = reshape(classes, [-1, 1])
    memory.assign(scatter_add(before, flat, ones_like(squeeze(flat, 1))))
    return before


@public("random")
def set_seed(seed: int) -> None:
    """Let the functions of this module give the same numbers from here on as after any other call with `seed`.

    Functions that were traced before begin again with the numbers of the seed of that time.

    Example:
        >>> import stepwell as sw
        >>> sw.random.set_seed(7)
        >>> first = sw.random.uniform([2]).numpy()
        >>> sw.random.set_seed(7)
        >>> bool((sw.random.uniform([2]).numpy() == first).all())
        True
    """
    _seeds.set_seed(seed_of("random.set_seed", seed))
