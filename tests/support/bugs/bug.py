"""A planted bug: where it is, which tool has to deal with it, and what the tool said.

A bug is looked for in a process of its own, so that no other one is there, and so that it may end the process.
"""

from __future__ import annotations

import multiprocessing
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLES = 200
"""How many programs the validator may look at."""

DIED = "broken: the process died"
"""What is said of a bug that ended the process that looked for it."""


@dataclass(frozen=True)
class Answer:
    """What a tool said.

    Attributes:
        noticed: whether it noticed the bug, or named it rightly, or left little enough of a failure.
        spent: how many programs, tests or ops that took, as the tool counts.
        how: what it said, in one line.
        file: a file to replay, where there is one.
    """

    noticed: bool
    spent: int
    how: str
    file: Path | None = None


class Bug(ABC):
    """What all planted bugs have in common.

    Attributes:
        name: what is wrong, in words.
        tool: what deals with it: `validate`, `tests`, `reduce` or `bisect`.
        where: the module it is planted in, or the level.
    """

    name: str
    tool: str
    where: str
    unit: str = "programs"
    """What the tool counts."""

    @abstractmethod
    def task(self, examples: int) -> tuple[Callable[..., Answer], tuple[Any, ...]]:
        """A function of a module, and its arguments, that looks for the bug in a process that has not imported it."""

    def judged(self, answer: Answer) -> Answer:
        """The answer, after what else has to be checked without the bug."""
        return answer


@dataclass(frozen=True)
class NamedBug(Bug):
    """A bug of a table, which a function of a module looks for by its name.

    Attributes:
        look: given the name, and how many programs the validator may look at, it says what the tool said.
    """

    name: str
    tool: str
    where: str
    look: Callable[[str, int], Answer]
    unit: str = "programs"

    def task(self, examples: int) -> tuple[Callable[..., Answer], tuple[Any, ...]]:
        """The function, and the name."""
        return self.look, (self.name, examples)


@dataclass(frozen=True)
class Outcome:
    """What became of a bug."""

    bug: Bug
    answer: Answer


def _look(function: Callable[..., Answer], arguments: tuple[Any, ...], connection: Any) -> None:
    try:
        connection.send(function(*arguments))
    except BaseException:
        connection.send(Answer(False, 0, "broken: " + traceback.format_exc()))


def _answer(function: Callable[..., Answer], arguments: tuple[Any, ...], timeout: float) -> Answer:
    """What a function says that runs in a new process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_look, args=(function, arguments, theirs))
    process.start()
    theirs.close()
    try:
        answer: Answer = ours.recv() if ours.poll(timeout) else Answer(False, 0, "it did not come to an end")
    except EOFError:
        answer = Answer(False, 0, DIED)
    process.terminate()
    process.join()
    return answer


def run(bug: Bug, examples: int = EXAMPLES, timeout: float = 900.0) -> Outcome:
    """Plant a bug in a new process, and let its tool look at it there."""
    return Outcome(bug, bug.judged(_answer(*bug.task(examples), timeout)))


def run_all(bugs: Sequence[Bug], workers: int, examples: int = EXAMPLES) -> Iterator[Outcome]:
    """The outcomes of bugs, in order, each as soon as it is known."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda bug: run(bug, examples), bugs)
