"""`shuffle`: a buffer from which elements are taken at random, in TensorFlow's order for the same seeds.

TensorFlow takes the numbers from Philox 4x32-10, one 32-bit word each; each iteration has a key of its own, drawn by
another such generator, so that every epoch is in another order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...compiler.frontend.values.tensor import Tensor
from ...dialects.hl.rules.philox import NumpyWords, philox
from .node import Iteration, Node, OverOne, State
from .structure import Element

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


class Shuffle(Node):
    """Elements in random order: each is taken from a buffer of the next ones.

    Attributes:
        size: how many elements the buffer has.
        epochs: gives the seeds of each iteration; None where all are in the same order.
    """

    def __init__(self, source: Node, size: int, seeds: tuple[int, int], again: bool):
        self.inputs = (source,)
        self.structure = source.structure
        self.size = size
        self.seeds = seeds
        self.epochs = Words(seeds) if again else None

    def start(self) -> Iteration:
        seeds = self.seeds if self.epochs is None else (self.epochs.next(), self.epochs.next())
        return _Shuffled(self.inputs[0].start(), self.size, Words(seeds))


class _Shuffled(OverOne):
    def __init__(self, source: Iteration, size: int, words: Words):
        super().__init__(source)
        self.size, self.words = size, words
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
            "buffer": [[part.numpy() for part in element] for element in self.buffer],
            "seeds": list(self.words.seeds),
            "taken": self.words.taken,
            "ended": self.ended,
        }

    def restore(self, state: State) -> None:
        super().restore(state["source"])
        self.buffer = [[Tensor(part) for part in element] for element in state["buffer"]]
        self.words = Words((state["seeds"][0], state["seeds"][1]), state["taken"])
        self.ended = state["ended"]
