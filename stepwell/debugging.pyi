# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from stepwell import Tensor
from stepwell.dtypes import DType
from stepwell.types import Culprit, DTypeLike, NanGuard, Reduction, TensorLike

def Assert(
    condition: TensorLike,
    data: TensorLike | str | Sequence[TensorLike | str] = (),
    summarize: int | None = None,
    name: str | None = None,
    *,
    message: str = 'assertion failed',
) -> None:
    """Stop with an error unless `condition`, a boolean scalar, holds; inside a `function`, when it runs."""

@dataclass(frozen=True)
class Breakpoint:
    """A breakpoint that has been reached."""
    name: str
    values: tuple[np.ndarray, ...]
    file: str
    line: int
    def __str__(self) -> str:
        """The place, the name and the values."""

def assert_all_finite(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Stop unless every element is neither NaN nor an infinity."""

def assert_equal(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x == y` for every element."""

def assert_greater(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x > y` for every element."""

def assert_greater_equal(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x >= y` for every element."""

def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """TypeError unless `x` is of an integer dtype."""

def assert_less(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x < y` for every element."""

def assert_less_equal(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x <= y` for every element."""

def assert_near(
    x: TensorLike,
    y: TensorLike,
    rtol: float | None = None,
    atol: float | None = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `|x - y| <= atol + rtol * |y|` for every element."""

def assert_negative(
    x: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is below 0."""

def assert_non_negative(
    x: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is 0 or above."""

def assert_non_positive(
    x: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is 0 or below."""

def assert_none_equal(
    x: TensorLike,
    y: TensorLike,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x != y` for every element."""

def assert_positive(
    x: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is above 0."""

def assert_proper_iterable(values: object) -> None:
    """TypeError unless `values` is a list of tensors, or something else to iterate over, and no tensor or text."""

def assert_rank(x: TensorLike, rank: int, message: str | None = None, name: str | None = None) -> None:
    """ValueError unless `x` has `rank` axes."""

def assert_rank_at_least(x: TensorLike, rank: int, message: str | None = None, name: str | None = None) -> None:
    """ValueError unless `x` has `rank` axes or more."""

def assert_rank_in(
    x: TensorLike,
    ranks: Sequence[Any],
    message: str | None = None,
    name: str | None = None,
) -> None:
    """ValueError unless the number of axes of `x` is one of `ranks`."""

def assert_same_float_dtype(tensors: Sequence[TensorLike] | None = None, dtype: DTypeLike | None = None) -> DType:
    """The one dtype of some tensors; float32, if there are none and no dtype is given."""

def assert_scalar(tensor: TensorLike, message: str | None = None, name: str | None = None) -> Tensor:
    """`tensor`; ValueError unless it has no axes."""

def assert_shapes(
    shapes: Mapping[Any, Any] | Sequence[tuple[Any, Any]],
    data: object = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """ValueError unless tensors have the shapes that are said; inside a `function`, when it runs, if it has to be."""

def assert_type(
    tensor: TensorLike,
    tf_type: DTypeLike,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """TypeError unless `tensor` is of dtype `tf_type`."""

def bisect(
    f: Callable[..., object] | ModuleOp,
    *args: object,
    oracle: str | os.PathLike[str] | Callable[..., object] = 'interpreter',
    engine: str | None = None,
    pipeline: str | ModulePass | Sequence[ModulePass] | None = None,
    rtol: float = ...,
    timeout: float | None = ...,
) -> Culprit:
    """Find the first pass, rewrite, op and line of the user's at which the results of `f` become wrong."""

def breakpoint(*tensors: TensorLike, name: str = '') -> None:
    """Call the breakpoint handler here, with what `tensors` hold; inside a `function`, every time that it runs."""

def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """`tensor`, after a check that every element is neither NaN nor an infinity."""

def disable_traceback_filtering() -> None:
    """Show all frames in the tracebacks of errors, as the environment variable STEPWELL_TRACEBACK_FILTERING=off does."""

def enable_traceback_filtering() -> None:
    """Leave stepwell's own frames out of the tracebacks of errors; this is the default."""

def explore(
    function: Callable[..., object],
    *args: object,
    path: str | os.PathLike[str] = 'explore.html',
    level: str = 'llvm',
    seconds: float = ...,
    progress: Callable[[str], None] | None = None,
    **kwargs: object,
) -> Path:
    """Write a page that shows a function at every level and after every pass, with the user's lines."""

def get_log_device_placement() -> bool:
    """What `set_log_device_placement` was given."""

def is_numeric_tensor(tensor: object) -> bool:
    """Whether `tensor` is a tensor of numbers."""

def is_traceback_filtering_enabled() -> bool:
    """Whether stepwell's own frames are left out of the tracebacks of errors."""

def nan_guard(nan: bool = True, inf: bool = True) -> NanGuard:
    """Stop the program at the first op that makes a NaN or an infinity where no operand has one."""

def print(
    *inputs: object,
    summarize: int | None = 3,
    sep: str = ' ',
    end: str = '\n',
    output_stream: object = None,
    name: str | None = None,
) -> None:
    """Print values to standard error; inside a `function`, every time that it runs."""

def reduce(
    module: ModuleOp,
    predicate: Callable[[ModuleOp], bool],
    *,
    max_calls: int | None = None,
    on_progress: Callable[[ModuleOp, int], object] | None = None,
) -> Reduction:
    """Make a module as small as it can be while `predicate` holds."""

def set_breakpoint_handler(handler: Callable[[Breakpoint], object] | None) -> Callable[[Breakpoint], object] | None:
    """Call `handler` at each breakpoint, in every thread, from now on; `None`: Python's debugger."""

def set_log_device_placement(enabled: bool) -> None:
    """Keep the setting; all operations run on the CPU."""
