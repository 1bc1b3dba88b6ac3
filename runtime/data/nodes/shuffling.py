"""`shuffle`: a buffer from which elements are taken at random, in TensorFlow's order for the same seeds.

TensorFlow takes the numbers from Philox 4x32-10, one 32-bit word each; each iteration has a key of its own, drawn by
another such generator, so that every epoch is in another order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ....compiler.frontend.values.tensor import Tensor
from ....dialects.hl.rules.philox import NumpyWords, philox
from ..node import INFINITE, Iteration, Node, OverOne, State
from ..parameters import Number, number
from ..structure import Element, saved
from .sources import SCALAR, loaded

_WORD = 2**32


@dataclass
class Words:
    """Random words of 32 bits.

    Attributes:
        seeds: the key, and the upper half of the counter.
        taken: how many words were taken.
    """

    seeds: tuple[int, int]
    taken: int = 0
    _block: tuple[int, ...] = field(default=(), repr=False)

    def next(self) -> int:
        """One word."""
        number, place = divmod(self.taken, 4)
        if place == 0 or not self._block:
            first, second = self.seeds
            key = first % _WORD, (first >> 32) % _WORD
            counter = number % _WORD, number >> 32, second % _WORD, (second >> 32) % _WORD
            self._block = tuple(philox(NumpyWords(), key, counter))  # pyright: ignore
        self.taken += 1
        return int(self._block[place])

    def state(self) -> State:
        """Where it is, for `restore`."""
        return [*self.seeds, self.taken]

    def restore(self, state: State) -> None:
        """Go on where others were."""
        first, second, self.taken = state
        self.seeds, self._block = (first, second), ()


@dataclass(eq=False)
class Shuffle(Node):
    """Elements in random order: each is taken from a buffer of the next ones.

    Attributes:
        size: how many elements the buffer has.
        seeds: of the first numbers.
        again: whether each iteration is in another order.
    """

    source: Node
    size: Number
    seeds: tuple[int, int]
    again: bool

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        self.size = number("Dataset.shuffle: buffer_size", self.size, 1)
        self._epochs = Words(self.seeds)

    def start(self) -> Iteration:
        epochs = self._epochs if self.again else None
        return _Shuffled(self.source.start(), self, epoch_words(self.seeds, epochs), epochs)


@dataclass(eq=False)
class Random(Node):
    """Random numbers of 32 bits, for ever."""

    seeds: tuple[int, int]
    again: bool

    def __post_init__(self) -> None:
        self.structure = SCALAR
        self._epochs = Words(self.seeds)

    def cardinality(self) -> int:
        return INFINITE

    def start(self) -> Iteration:
        epochs = self._epochs if self.again else None
        return _Random(epoch_words(self.seeds, epochs), epochs)


class _Random(Iteration):
    def __init__(self, words: Words, epochs: Words | None):
        self._words, self._epochs = words, epochs

    def __next__(self) -> Element:
        return [Tensor(np.array(self._words.next(), np.int64))]

    def state(self) -> State:
        return [self._words.state(), None if self._epochs is None else self._epochs.state()]

    def restore(self, state: State) -> None:
        self._words.restore(state[0])
        if self._epochs is not None:
            self._epochs.restore(state[1])

    def close(self) -> None:
        """Nothing is held."""


def epoch_words(seeds: tuple[int, int], epochs: Words | None) -> Words:
    """The numbers of an iteration: the same for all, or with seeds of its own."""
    return Words(seeds if epochs is None else (epochs.next(), epochs.next()))


class _Shuffled(OverOne):
    def __init__(self, source: Iteration, node: Shuffle, words: Words, epochs: Words | None):
        super().__init__(source)
        self._structure, self.size, self.words, self._epochs = node.structure, int(node.size), words, epochs
        self.buffer: list[Element] = []
        self.ended = False

    def __next__(self) -> Element:
        """As TensorFlow's ring buffer does: the first element takes the place of the one that is taken."""
        while not self.ended and len(self.buffer) < self.size:
            try:
                self.buffer.append(next(self.source))
            except StopIteration:
                self.ended = True
        if not self.buffer:
            raise StopIteration
        place = self.words.next() % len(self.buffer)
        chosen, self.buffer[place] = self.buffer[place], self.buffer[0]
        del self.buffer[0]
        return chosen

    def state(self) -> State:
        return {
            "source": super().state(),
            "buffer": list(map(saved, self.buffer)),
            "words": self.words.state(),
            "ended": self.ended,
            "epochs": None if self._epochs is None else self._epochs.state(),
        }

    def restore(self, state: State) -> None:
        super().restore(state["source"])
        self.buffer = [loaded(self._structure, each) for each in state["buffer"]]
        self.words.restore(state["words"])
        self.ended = state["ended"]
        if self._epochs is not None:  # so that the epochs after this one are in the order that they would have been
            self._epochs.restore(state["epochs"])
