"""The algorithms that TensorFlow knows random bits by."""

from __future__ import annotations

import enum

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.public import public


@public("random", "random.experimental")
class Algorithm(enum.Enum):
    """An algorithm for random bits. All numbers here are Philox's, which `AUTO_SELECT` is, too."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def algorithm_of(function: str, alg: object) -> int:
    """The number of an algorithm, which may be given by it, by its name or itself. Only Philox is here."""
    number = alg.value if isinstance(alg, Algorithm) else alg
    if isinstance(alg, str):
        number = _NUMBERS.get(alg.strip().lower().replace("-", "").replace("_", ""))
    if number in (Algorithm.PHILOX.value, Algorithm.AUTO_SELECT.value):
        return int(number)  # pyright: ignore[reportArgumentType]
    error = InvalidArgumentError if isinstance(alg, str | int | Algorithm) else TypeError
    raise error(f"{function}: alg: expected 'philox' or 'auto_select', got {alg!r}")


_NUMBERS = {known.name.lower().replace("_", ""): known.value for known in Algorithm}
