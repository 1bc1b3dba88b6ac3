# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn
from stepwell import Tensor, UnconnectedGradients, Variable
from stepwell.compat import (
    as_bytes as as_bytes,
    as_str_any as as_str_any,
    as_text as as_str,
    as_text as as_text,
    dimension_at_index as dimension_at_index,
    dimension_value as dimension_value,
    path_to_str as path_to_str,
)
from stepwell.types import TensorLike
from . import data as data
from . import debugging as debugging
from . import logging as logging
from . import losses as losses
from . import train as train

@dataclass(slots=True)
class ConfigProto:
    """Settings of a session: kept, and without effect."""
    device_count: Mapping[str, int] = ...
    intra_op_parallelism_threads: int = ...
    inter_op_parallelism_threads: int = ...
    use_per_session_threads: bool = ...
    device_filters: Sequence[str] = ...
    gpu_options: GPUOptions = ...
    allow_soft_placement: bool = ...
    log_device_placement: bool = ...
    operation_timeout_in_ms: int = ...

class Dimension:
    """One size of `TensorShape.dims`, for programs that ask for its `value`."""
    value: int | None
    def __init__(self, value: int | None) -> None: ...
    def __repr__(self) -> str: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __index__(self) -> int: ...
    def __int__(self) -> int: ...

@dataclass(slots=True)
class GPUOptions:
    """Settings of GPUs: kept, and without effect."""
    per_process_gpu_memory_fraction: float = ...
    allow_growth: bool = ...
    allocator_type: str = ...
    deferred_deletion_bytes: int = ...
    visible_device_list: str = ...
    force_gpu_compatible: bool = ...

class InteractiveSession(Session):
    """A session that programs need not enter; see `Session`."""

class Session:
    """A session: eager programs make one for its settings; it has no graph, so that `run` is an error, as there."""
    def __init__(self, target: str = '', graph: Any = None, config: ConfigProto | None = None) -> None: ...
    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> NoReturn:
        """Raise FailedPreconditionError: there is nothing to run."""
    def close(self) -> None:
        """Do nothing."""
    def __enter__(self) -> Session: ...
    def __exit__(self, *_: object) -> None: ...

Summary: Any
"""What a program writes by `sw.summary.experimental.write_raw_pb`: the message of TensorBoard's files."""

def assert_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x == y` for every element."""

def assert_greater(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x > y` for every element."""

def assert_greater_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x >= y` for every element."""

def assert_less(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x < y` for every element."""

def assert_less_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x <= y` for every element."""

def assert_negative(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is below 0."""

def assert_non_negative(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is 0 or above."""

def assert_non_positive(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is 0 or below."""

def assert_none_equal(
    x: TensorLike,
    y: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless `x != y` for every element."""

def assert_positive(
    x: TensorLike,
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Stop unless every element is above 0."""

def assign(
    ref: Variable,
    value: TensorLike,
    validate_shape: bool = True,
    use_locking: bool = True,
    name: str | None = None,
) -> Variable:
    """Replace the value of a Variable."""

def assign_add(ref: Variable, value: TensorLike, use_locking: bool = False, name: str | None = None) -> Variable:
    """Add to the value of a Variable."""

def assign_sub(ref: Variable, value: TensorLike, use_locking: bool = False, name: str | None = None) -> Variable:
    """Subtract from the value of a Variable."""

@contextmanager
def control_dependencies(control_inputs: object = None) -> Iterator[None]:
    """A context whose operations follow others. All effects keep the order of the program: nothing is to be done."""

@contextmanager
def device(device_name: object) -> Iterator[None]:
    """A context in which operations run on a device. There is one, the CPU: the name is not used."""

disable_eager_execution = disable_v2_behavior

def disable_v2_behavior() -> None:
    """Raise UnsupportedError: there are no graphs and sessions."""

enable_eager_execution = enable_v2_behavior

def enable_resource_variables() -> None:
    """Do nothing: there are no other Variables, shapes or comparisons."""

enable_tensor_equality = enable_resource_variables

def enable_v2_behavior(*args: object, **kwargs: object) -> None:
    """Do nothing: there is no other behaviour."""

enable_v2_tensorshape = enable_resource_variables

def executing_eagerly() -> bool:
    """Whether operations are run at once, as they are outside of a `function` that is traced."""

def global_variables_initializer() -> None:
    """Do nothing: Variables have their values when they are made."""

def gradients(
    ys: object,
    xs: object,
    grad_ys: object = None,
    name: str | None = None,
    gate_gradients: bool = False,
    aggregation_method: object = None,
    stop_gradients: object = None,
    unconnected_gradients: UnconnectedGradients | str = ...,
) -> list[Any]:
    """The gradients of the sum of `ys` with respect to each of `xs`, inside of a `function`."""

def group(*inputs: object, **kwargs: object) -> None:
    """Do nothing: the arguments are computed, and their effects keep the order of the program."""

def hessians(
    ys: object,
    xs: object,
    gate_gradients: bool = False,
    aggregation_method: object = None,
    name: str = 'hessians',
) -> list[Tensor]:
    """The second derivatives of the sum of `ys` with respect to each of `xs`, inside of a `function`."""

initialize_all_variables = global_variables_initializer

def local_variables_initializer() -> None:
    """Do nothing: Variables have their values when they are made."""

def name_scope(
    name: str | None,
    default_name: str | None = None,
    values: Sequence[object] | None = None,
) -> AbstractContextManager[str]:
    """A name scope as in TensorFlow 1: by `default_name` where `name` is None."""

def no_op(name: str | None = None) -> None:
    """Do nothing."""

def numpy_function(
    func: Callable[..., object] | None = None,
    inp: object = None,
    Tout: object = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Call a Python function with numpy arrays, each time that the function around it runs."""

def placeholder_with_default(input: TensorLike, shape: object, name: str | None = None) -> Any:
    """`input` as a tensor, of which `shape` has to be right: nothing else can be fed."""

def py_function(
    func: Callable[..., object] | None = None,
    inp: object = None,
    Tout: object = None,
    name: str | None = None,
) -> Any:
    """Call a Python function with concrete tensors, each time that the function around it runs."""

def reset_default_graph() -> None:
    """Do nothing: there is no graph."""

def scatter_add(
    ref: Variable,
    indices: TensorLike,
    updates: TensorLike,
    use_locking: bool = False,
    name: str | None = None,
) -> Variable:
    """Add to rows of a Variable."""

def scatter_sub(
    ref: Variable,
    indices: TensorLike,
    updates: TensorLike,
    use_locking: bool = False,
    name: str | None = None,
) -> Variable:
    """Subtract from rows of a Variable."""

def scatter_update(
    ref: Variable,
    indices: TensorLike,
    updates: TensorLike,
    use_locking: bool = True,
    name: str | None = None,
) -> Variable:
    """Replace rows of a Variable."""

def set_random_seed(seed: int) -> None:
    """Set the global seed; see `sw.random.set_seed`."""

def shape(input: TensorLike, name: str | None = None, out_type: Any = 'int32') -> Any:
    """The sizes of a tensor."""

def tables_initializer(name: str = 'init_all_tables') -> None:
    """Do nothing: there are no tables to initialize."""

def variables_initializer(var_list: Sequence[Variable], name: str = 'init') -> None:
    """Do nothing: Variables have their values when they are made."""

def where(condition: TensorLike, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Elements of `x` where `condition` holds, else of `y`; or whole rows of them, for a vector of conditions."""
