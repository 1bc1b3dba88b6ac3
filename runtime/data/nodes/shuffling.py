"""`shuffle`: a buffer from which elements are taken at random, in TensorFlow's order for the same seeds.

TensorFlow takes the numbers from Philox 4x32-10, one 32-bit word each; each iteration has a key of its own, drawn by
another such generator, so that every epoch is in another order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ....compiler.frontend.values.tensor import Tensor
from ....dialects.hl.rules.philox import numpy_blocks
from ..indexed import Indexed
from ..node import INFINITE, Iteration, Node, OverOne, State
from ..parameters import Number, number
from ..structure import Element, saved
from .sources import SCALAR, loaded

_WORD = 2**32

_BLOCKS = 256
"""How many blocks of four words are made at a time: NumPy makes some hundreds in the time of a few."""


@dataclass
class Words:
    """Random words of 32 bits.

    Attributes:
        seeds: the key, and the upper half of the counter.
        taken: how many words were taken.
    """

    seeds: tuple[int, int]
    taken: int = 0
    _known: list[int] = field(default_factory=list, repr=False)
    _first: int = field(default=0, repr=False)

    def next(self) -> int:
        """One word."""
        place = self.taken - self._first
        if not 0 <= place < len(self._known):
            blocks = min(len(self._known), _BLOCKS) or 1
            self._first = self.taken - self.taken % 4
            self._known, place = self._words(self._first, 4 * blocks).tolist(), self.taken % 4
        self.taken += 1
        return self._known[place]

    def many(self, count: int) -> np.ndarray:
        """So many words, of uint32."""
        skipped = self.taken % 4
        words = self._words(self.taken - skipped, skipped + count)[skipped:]
        self.taken += count
        return words

    def _words(self, begin: int, count: int) -> np.ndarray:
        """Words from a multiple of 4 on."""
        first, second = (seed % _WORD**2 for seed in self.seeds)
        state = np.array([begin // 4, second, first], np.uint64)
        return numpy_blocks(state, -(-count // 4)).reshape(-1)[:count]

    def state(self) -> State:
        """Where it is, for `restore`."""
        return [*self.seeds, self.taken]

    def restore(self, state: State) -> None:
        """Go on where others were."""
        first, second, self.taken = state
        self.seeds, self._known = (first, second), []


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

    def indexed(self) -> Indexed | None:
        found = self.source.indexed() if isinstance(self.size, int) else None
        return None if found is None else found.shuffled(partial(self._order, found.count))

    def _order(self, count: int) -> np.ndarray:
        """The order of the elements in a new iteration: the buffer is a part of the indices that moves on."""
        places = epoch_words(self.seeds, self._epochs if self.again else None).many(count).astype(np.int64)
        places %= np.minimum(np.arange(count, 0, -1), int(self.size))
        order = list(range(count))
        for index, place in enumerate(places.tolist(), 0):
            chosen = index + place
            order[index], order[chosen] = order[chosen], order[index]
        return np.array(order, np.int64)

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
        self._taken = 0  # elements at the begin of the buffer that are no longer in it
        self.ended = False

    def __next__(self) -> Element:
        """As TensorFlow's ring buffer does: the first element takes the place of the one that is taken."""
        buffer = self.buffer
        while not self.ended and len(buffer) - self._taken < self.size:
            try:
                buffer.append(next(self.source))
            except StopIteration:
                self.ended = True
        if self._taken == len(buffer):
            raise StopIteration
        place = self._taken + self.words.next() % (len(buffer) - self._taken)
        chosen, buffer[place] = buffer[place], buffer[self._taken]
        buffer[self._taken] = []
        self._taken += 1
        if self._taken > self.size:
            self._settle()
        return chosen

    def _settle(self) -> None:
        """Take what was given out of the buffer, which costs as much as the buffer is long."""
        del self.buffer[: self._taken]
        self._taken = 0

    def state(self) -> State:
        self._settle()
        return {
            "source": super().state(),
            "buffer": list(map(saved, self.buffer)),
            "words": self.words.state(),
            "ended": self.ended,
            "epochs": None if self._epochs is None else self._epochs.state(),
        }

    def restore(self, state: State) -> None:
        super().restore(state["source"])
        self.buffer, self._taken = [loaded(self._structure, each) for each in state["buffer"]], 0
        self.words.restore(state["words"])
        self.ended = state["ended"]
        if self._epochs is not None:  # so that the epochs after this one are in the order that they would have been
            self._epochs.restore(state["epochs"])
