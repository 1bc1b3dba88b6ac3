"""Comparing what stepwell and TensorFlow answer to a call."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from . import messages
from .calls import Call

_SERVER = Path(__file__).with_name("server.py")

_ROUNDING = {"float16": 4e-3, "bfloat16": 3e-2, "float32": 2e-5, "float64": 1e-9}
"""How far results may be apart, of the largest of an array: kernels sum and round in different orders."""


class TensorFlow:
    """A process with TensorFlow; a context manager.

    Args:
        python: the interpreter of an environment that has it.
    """

    def __init__(self, python: str):
        self._process = subprocess.Popen([python, str(_SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self.version = messages.read(self._answers)

    def __enter__(self) -> TensorFlow:
        return self

    def __exit__(self, *exception: object) -> None:
        self._requests.close()
        self._process.wait()

    def answer(self, call: Call) -> Any:
        """What TensorFlow returns or raises."""
        messages.write(self._requests, [call.name, call.args, call.options])
        return messages.read(self._answers)


def answer(call: Call) -> Any:
    """What stepwell returns or raises, in the form of TensorFlow's answers."""
    import stepwell

    message = messages.decoded(messages.encoded([call.args, call.options]))
    return messages.called(stepwell, call.name, *message)


def difference(ours: Any, theirs: Any, scale: float = 0.0) -> str:
    """What is not the same in two answers; empty where nothing is.

    Results may be a few roundings of numbers as large as `scale` apart: of those that they are computed from.
    """
    if "error" in theirs and "error" in ours:
        wanted = theirs["error"][0].lstrip("_")
        return "" if wanted in ours["error"] else f"raises {ours['error'][0]}, not {wanted}: {ours['text']}"
    if "error" in theirs:
        return f"returns a value; TensorFlow raises {theirs['error'][0]}: {theirs['text']}"
    if "error" in ours:
        return f"raises {ours['error'][0]}: {ours['text']}"
    return next(_values(ours["value"], theirs["value"], scale), "")


def _values(ours: Any, theirs: Any, scale: float) -> Iterator[str]:
    if isinstance(theirs, list):
        if not isinstance(ours, list) or len(ours) != len(theirs):
            yield f"a structure of {type(ours).__name__}, not of {len(theirs)} values"
            return
        for mine, yours in zip(ours, theirs, strict=True):
            yield from _values(mine, yours, scale)
    elif not isinstance(theirs, np.ndarray) or not isinstance(ours, np.ndarray):
        if ours != theirs:
            yield f"{ours!r}, not {theirs!r}"
    elif ours.dtype != theirs.dtype:
        yield f"dtype {ours.dtype.name}, not {theirs.dtype.name}"
    elif ours.shape != theirs.shape:
        yield f"shape {ours.shape}, not {theirs.shape}"
    elif not _same(ours, theirs, scale):
        yield f"values {_text(ours)}, not {_text(theirs)}"


def _same(ours: np.ndarray, theirs: np.ndarray, scale: float) -> bool:
    if np.iscomplexobj(theirs):
        parts = [(np.real(array), np.imag(array)) for array in (ours, theirs)]
        size = max(scale, float(np.max(np.abs(theirs), initial=0)))
        return all(_same(one, other, size) for one, other in zip(*parts, strict=True))
    rounding = _ROUNDING.get(theirs.dtype.name)
    if rounding is None:
        return np.array_equal(ours, theirs)
    kind = theirs.dtype
    wide = np.float64 if theirs.dtype != np.dtype(ml_dtypes.bfloat16) else np.float32
    ours, theirs = ours.astype(wide), theirs.astype(wide)
    finite = np.isfinite(theirs)
    if not np.array_equal(np.where(finite, 0, ours), np.where(finite, 0, theirs), equal_nan=True):
        return False
    largest = np.max(np.abs(theirs), initial=0, where=finite)
    epsilon = float(ml_dtypes.finfo(kind).eps)
    return bool(np.all(np.abs(ours[finite] - theirs[finite]) <= max(rounding * largest, 4 * epsilon * scale)))


def scale_of(call: Call) -> float:
    """The largest finite number among the floats that a call is given."""
    arrays = [array for array in _arrays([*call.args, *call.options.values()]) if array.dtype.name in _ROUNDING]
    sizes = [np.abs(array.astype(np.float64)) for array in arrays]
    return max((float(np.max(size, initial=0, where=np.isfinite(size))) for size in sizes), default=0.0)


def _arrays(values: Iterable[Any]) -> Iterator[np.ndarray]:
    for value in values:
        if isinstance(value, list):
            yield from _arrays(value)
        elif isinstance(value, np.ndarray):
            yield value


def _text(array: np.ndarray) -> str:
    return np.array2string(array, separator=", ", threshold=12).replace("\n", "")


def default_python() -> str:
    """The interpreter of the environment that `make compare-tf` makes."""
    return str(Path(sys.prefix).with_name(".venv-tensorflow") / "bin" / "python")
