"""`compat` and `compat.v1`: what programs for TensorFlow 2 use of older names."""

from __future__ import annotations

import logging as python_logging
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ...compiler.frontend.ops.indexed_slices import IndexedSlices
from ...compiler.frontend.ops.random.seeds import set_seed
from ...compiler.frontend.ops.select import where as choose
from ...compiler.frontend.ops.shape import reshape
from ...compiler.frontend.ops.shape import shape as sizes_of
from ...compiler.frontend.ops.static_shape import ensure_shape
from ...compiler.frontend.tracing.name_scopes import name_scope as scope
from ...compiler.frontend.tracing.tensor_shape import Dimension, TensorShape
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import TensorLike
from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import UnsupportedError
from ...dialects.public import public, public_values

_EAGER = "programs are eager, and functions are compiled with sw.function"


@public("compat", "compat.v1")
def dimension_value(dimension: Any) -> int | None:
    """A size of a shape, which is an int, or None if it is not known.

    Example:
        >>> import stepwell as sw
        >>> sw.compat.dimension_value(sw.TensorShape([3])[0])
        3
    """
    return dimension.value if isinstance(dimension, Dimension) else dimension


@public("compat", "compat.v1")
def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """A size of a shape as an object that has a `value`; it is None for a shape of unknown rank."""
    return Dimension(None if shape.rank is None else shape[index])


@public("compat", "compat.v1")
def as_bytes(bytes_or_text: bytes | bytearray | str, encoding: str = "utf-8") -> bytes:
    """A text as bytes; bytes as they are. Raises TypeError for anything else."""
    if isinstance(bytes_or_text, bytearray | bytes):
        return bytes(bytes_or_text)
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    raise TypeError(f"compat.as_bytes: expected a text or bytes, got {bytes_or_text!r}")


@public("compat", "compat.v1", aliases=("compat.as_str", "compat.v1.as_str"))
def as_text(bytes_or_text: bytes | str, encoding: str = "utf-8") -> str:
    """Bytes as a text; a text as it is. Raises TypeError for anything else."""
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    raise TypeError(f"compat.as_text: expected a text or bytes, got {bytes_or_text!r}")


@public("compat", "compat.v1")
def as_str_any(value: object, encoding: str = "utf-8") -> str:
    """Bytes as a text; anything else as `str` has it."""
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)


@public("compat", "compat.v1")
def path_to_str(path: str | os.PathLike[str]) -> str:
    """A path as a text."""
    return as_text(os.fspath(path))


@public("compat.v1")
def name_scope(
    name: str | None, default_name: str | None = None, values: Sequence[object] | None = None
) -> AbstractContextManager[str]:
    """A name scope as in TensorFlow 1: by `default_name` where `name` is None."""
    del values
    return scope(name if name is not None else default_name or "")


@public("compat.v1", aliases=("compat.v1.initialize_all_variables",))
def global_variables_initializer() -> None:
    """Do nothing: Variables have their values when they are made."""


@public("compat.v1")
def local_variables_initializer() -> None:
    """Do nothing: Variables have their values when they are made."""


@public("compat.v1")
def variables_initializer(var_list: Sequence[Variable], name: str = "init") -> None:
    """Do nothing: Variables have their values when they are made."""
    del var_list, name


@public("compat.v1")
def tables_initializer(name: str = "init_all_tables") -> None:
    """Do nothing: there are no tables to initialize."""
    del name


@public("compat.v1")
def set_random_seed(seed: int) -> None:
    """Set the global seed; see `sw.random.set_seed`."""
    set_seed(seed)


@public("compat.v1")
def assign(
    ref: Variable, value: TensorLike, validate_shape: bool = True, use_locking: bool = True, name: str | None = None
) -> Variable:
    """Replace the value of a Variable."""
    del validate_shape, use_locking, name
    return ref.assign(value)


@public("compat.v1")
def assign_add(ref: Variable, value: TensorLike, use_locking: bool = False, name: str | None = None) -> Variable:
    """Add to the value of a Variable."""
    del use_locking, name
    return ref.assign_add(value)


@public("compat.v1")
def assign_sub(ref: Variable, value: TensorLike, use_locking: bool = False, name: str | None = None) -> Variable:
    """Subtract from the value of a Variable."""
    del use_locking, name
    return ref.assign_sub(value)


@public("compat.v1", aliases=("compat.v1.enable_eager_execution",))
def enable_v2_behavior(*args: object, **kwargs: object) -> None:
    """Do nothing: there is no other behaviour."""
    del args, kwargs


@public("compat.v1", aliases=("compat.v1.enable_v2_tensorshape", "compat.v1.enable_tensor_equality"))
def enable_resource_variables() -> None:
    """Do nothing: there are no other Variables, shapes or comparisons."""


@public("compat.v1", aliases=("compat.v1.disable_eager_execution",))
def disable_v2_behavior() -> None:
    """Raise UnsupportedError: there are no graphs and sessions."""
    raise UnsupportedError("compat.v1: there are no graphs and sessions", remedy=_EAGER)


@public("compat.v1")
def reset_default_graph() -> None:
    """Do nothing: there is no graph."""


DEBUG = 10
INFO = 20
WARN = 30
ERROR = 40
FATAL = 50
"""Levels of messages."""
public_values("compat.v1.logging", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def _logger() -> python_logging.Logger:
    return python_logging.getLogger("stepwell")


@public("compat.v1.logging")
def set_verbosity(v: int) -> None:
    """Set from which level on messages are written."""
    _logger().setLevel(v)


@public("compat.v1.logging")
def get_verbosity() -> int:
    """From which level on messages are written."""
    return _logger().getEffectiveLevel()


@public("compat.v1.logging")
def info(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level INFO."""
    _logger().log(INFO, msg, *args, **kwargs)


@public("compat.v1.logging")
def debug(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level DEBUG."""
    _logger().log(DEBUG, msg, *args, **kwargs)


@public("compat.v1.logging")
def warning(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level WARN."""
    _logger().log(WARN, msg, *args, **kwargs)


@public("compat.v1.logging")
def warn(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level WARN."""
    _logger().log(WARN, msg, *args, **kwargs)


@public("compat.v1.logging")
def error(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level ERROR."""
    _logger().log(ERROR, msg, *args, **kwargs)


@public("compat.v1.logging")
def fatal(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level FATAL."""
    _logger().log(FATAL, msg, *args, **kwargs)


@public("compat.v1")
def where(condition: TensorLike, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Elements of `x` where `condition` holds, else of `y`; or whole rows of them, for a vector of conditions.

    Without `x` and `y` the indices of the elements of `condition` that hold.

    Example:
        >>> import stepwell as sw
        >>> sw.compat.v1.where([True, False], [[1, 2], [3, 4]], [[5, 6], [7, 8]]).numpy().tolist()
        [[1, 2], [7, 8]]
    """
    if x is None or y is None:
        return choose(condition, x, y, name)
    test, first = as_tensor(condition), as_tensor(x)
    if test.ndim == 1 and first.ndim > 1:
        test = reshape(test, [-1, *[1] * (first.ndim - 1)])
    return choose(test, first, y, name)


def _updating(mode: str) -> Callable[..., Variable]:
    def update(
        ref: Variable, indices: TensorLike, updates: TensorLike, use_locking: bool = True, name: str | None = None
    ) -> Variable:
        del use_locking, name
        rows: Any = IndexedSlices(as_tensor(updates, ref.dtype), as_tensor(indices))
        return getattr(ref, f"scatter_{mode}")(rows)

    return update


@public("compat.v1")
def scatter_update(
    ref: Variable, indices: TensorLike, updates: TensorLike, use_locking: bool = True, name: str | None = None
) -> Variable:
    """Replace rows of a Variable."""
    return _updating("update")(ref, indices, updates, use_locking, name)


@public("compat.v1")
def scatter_add(
    ref: Variable, indices: TensorLike, updates: TensorLike, use_locking: bool = False, name: str | None = None
) -> Variable:
    """Add to rows of a Variable."""
    return _updating("add")(ref, indices, updates, use_locking, name)


@public("compat.v1")
def scatter_sub(
    ref: Variable, indices: TensorLike, updates: TensorLike, use_locking: bool = False, name: str | None = None
) -> Variable:
    """Subtract from rows of a Variable."""
    return _updating("sub")(ref, indices, updates, use_locking, name)


@public("compat.v1")
def placeholder_with_default(input: TensorLike, shape: object, name: str | None = None) -> Any:
    """`input` as a tensor, of which `shape` has to be right: nothing else can be fed."""
    del name
    return ensure_shape(input, shape)


@public("compat.v1")
def shape(input: TensorLike, name: str | None = None, out_type: Any = "int32") -> Any:
    """The sizes of a tensor."""
    return sizes_of(input, out_type, name)
