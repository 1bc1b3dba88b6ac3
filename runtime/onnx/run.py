"""Running exported files in ONNX Runtime: inputs are checked before, and a file is loaded once."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...compiler.frontend.values.tensor import Tensor, TensorLike
from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.dtypes import native_dtype
from ...dialects.public import public
from ..engines.onnx import Declared, OnnxSession

_KEPT = 8
"""How many loaded files are kept."""

_loaded: OrderedDict[tuple[str, int, int], OnnxSession] = OrderedDict()
"""Loaded files by path, time of the last change and size: the latest used last."""


@public("onnx")
def run(
    path: str | os.PathLike[str], *arrays: TensorLike, state: Mapping[str, TensorLike] | None = None
) -> list[np.ndarray]:
    """The outputs of an ONNX file in ONNX Runtime: the function's results, then the new values of its Variables.

    Args:
        path: the file; it is loaded once, and again when it has changed.
        arrays: one for each input, in order: arrays, tensors, or what converts to the input's dtype.
        state: values for Variables that the function assigns, by name, instead of those stored in the file.

    Raises TypeError or ValueError naming the input, what was expected and what was given, `FileNotFoundError`,
    `ExecutionError` with the user's line when a run-time check fails.

    Example:
        >>> import os, tempfile
        >>> import stepwell as sw
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> path = sw.onnx.export(double, os.path.join(tempfile.mkdtemp(), "double.onnx"), sw.TensorSpec([None]))
        >>> sw.onnx.run(path, [1.0, 2.0])[0].tolist()
        [2.0, 4.0]
    """
    session = load(path)
    names = list(session.inputs)
    if len(arrays) != len(names):
        raise TypeError(
            f"onnx.run: {path}: expected {len(names)} inputs ({', '.join(names) or 'none'}), got {len(arrays)}"
        )
    unknown = [name for name in state or {} if name not in session.state]
    if unknown:
        known = ", ".join(session.state) or "none"
        raise TypeError(f"onnx.run: {path}: state: expected names of assigned Variables ({known}), got {unknown[0]!r}")
    sizes: dict[str, tuple[str, int]] = {}
    feeds = {
        name: _fitting(f"onnx.run: {path}", f"input {name}", value, session.inputs[name], sizes)
        for name, value in zip(names, arrays, strict=True)
    }
    for name, value in (state or {}).items():
        feeds[name] = _fitting(f"onnx.run: {path}", f"state {name}", value, session.state[name], sizes)
    return session.run(session.outputs, feeds)


def load(path: str | os.PathLike[str]) -> OnnxSession:
    """The session of a file, made when it was not loaded before or has changed since."""
    about = os.stat(path)
    key = (os.path.realpath(path), about.st_mtime_ns, about.st_size)
    session = _loaded.get(key)
    if session is None:
        session = _loaded[key] = OnnxSession(Path(path).read_bytes(), str(path), os.path.dirname(key[0]))
        if len(_loaded) > _KEPT:
            _loaded.popitem(last=False)
    _loaded.move_to_end(key)
    return session


def _fitting(file: str, what: str, value: object, declared: Declared, sizes: dict[str, tuple[str, int]]) -> np.ndarray:
    """`value` as an array that fits an input; `sizes` has the named sizes met so far, and where."""
    (dtype, shape), where = declared, f"{file}: {what}"
    array = value.numpy() if isinstance(value, Tensor | Variable) else value
    if not isinstance(array, np.ndarray | np.generic):
        array = np.asarray(array, dtype)
    array = np.asarray(array)
    if array.dtype is not (native := native_dtype(array.dtype)):
        array = array.astype(native)
    if array.dtype != dtype:
        raise TypeError(f"{where}: expected dtype {dtype.name}, got {array.dtype.name}")
    fits = len(shape) == array.ndim and all(not isinstance(s, int) or s == n for s, n in zip(shape, array.shape))
    if not fits:
        shown = ", ".join("?" if size is None else str(size) for size in shape)
        raise InvalidArgumentError(f"{where}: expected shape ({shown}), got {array.shape}")
    for axis, (name, size) in enumerate(zip(shape, array.shape)):
        if isinstance(name, str):
            before, known = sizes.setdefault(name, (what, size))
            if known != size:
                raise InvalidArgumentError(f"{where}: axis {axis} has size {size}, but {name} is {known} in {before}")
    return array
