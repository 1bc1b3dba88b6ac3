"""One function compiled once for each engine, for arguments of unknown sizes, and run on many arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
import optree
import pytest

import stepwell as sw
from stepwell.runtime.engines import ENGINES
from stepwell.testing.everywhere import assert_array_like
from support.effort import is_thorough


class EveryEngine:
    """A function, eagerly and on each engine.

    Args:
        function: of tensors.
        kinds: for each argument its number of axes, or its shape, or that and a dtype; float32 if not given.
        engines: those to run on; `make test` takes native code and one of the others, by turns.

    Example:
        >>> EveryEngine(lambda x: x + 1, 1).check(np.float32([1, 2]))
        <tf.Tensor: shape=(2,), dtype=float32, numpy=array([2., 3.], dtype=float32)>
    """

    def __init__(self, function: Callable[..., Any], *kinds: Any, engines: Iterable[str] = ENGINES):
        self.function, self.engines = function, _some(list(engines), function)
        self.spec = [_spec(*kind) if isinstance(kind, tuple) else _spec(kind) for kind in kinds]

    @cached_property
    def compiled(self) -> dict[str, sw.types.Function]:
        """The compiled functions, by engine."""
        return {engine: sw.function(self.function, engine=engine, input_signature=self.spec) for engine in self.engines}

    def check(self, *args: np.ndarray, rtol: float | None = None, atol: float | None = None) -> Any:
        """The eager results, after a check that each engine returns the same."""
        expected = self.function(*map(sw.constant, args))
        leaves, structure = optree.tree_flatten(expected, none_is_leaf=True)
        for engine, compiled in self.compiled.items():
            found, other = optree.tree_flatten(compiled(*args), none_is_leaf=True)
            assert other == structure, f"{engine} returns {other}, eager Python {structure}"
            for number, (got, want) in enumerate(zip(found, leaves, strict=True)):
                assert_array_like(np.asarray(got), np.asarray(want), f"{engine}, result {number}", rtol, atol)
        return expected

    def refuses(self, *args: np.ndarray, error: type[Exception] = sw.errors.InvalidArgumentError) -> None:
        """Check that the eager function and each engine raise an error."""
        with pytest.raises(error):
            self.function(*map(sw.constant, args))
        for compiled in self.compiled.values():
            with pytest.raises(error):
                compiled(*args)


def _some(engines: list[str], function: Callable[..., Any]) -> list[str]:
    others = [engine for engine in engines if engine != "native"]
    if is_thorough() or len(others) < 2:
        return engines
    turn = crc32(f"{function.__module__}.{function.__qualname__}".encode()) % len(others)
    return [engine for engine in engines if engine in ("native", others[turn])]


def _spec(shape: Any, dtype: Any = np.float32) -> sw.TensorSpec:
    return sw.TensorSpec([None] * shape if isinstance(shape, int) else shape, dtype)
