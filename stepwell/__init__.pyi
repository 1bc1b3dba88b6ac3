# Written by `python -m stepwell.tools.public_api --write`.

import builtins
import logging
import numpy as np
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import EllipsisType
from typing import Any, ClassVar, Concatenate, NoReturn, ParamSpec, SupportsIndex, TypeVar, overload
from stepwell.compat.v1 import (
    Dimension,
    control_dependencies as control_dependencies,
    device as device,
    executing_eagerly as executing_eagerly,
    gradients as gradients,
    group as group,
    hessians as hessians,
    no_op as no_op,
    numpy_function as numpy_function,
    py_function as py_function,
)
from stepwell.debugging import (
    Assert as Assert,
    assert_equal as assert_equal,
    assert_greater as assert_greater,
    assert_less as assert_less,
    assert_rank as assert_rank,
    print as print,
)
from stepwell.dtypes import (
    DType,
    DType as DType,
    as_dtype as as_dtype,
    cast as cast,
    complex as complex,
    saturate_cast as saturate_cast,
)
from stepwell.linalg import (
    eig as eig,
    eigvals as eigvals,
    einsum as einsum,
    eye as eye,
    matmul as matmul,
    norm as norm,
    tensordot as tensordot,
)
from stepwell.math import (
    abs as abs,
    acos as acos,
    acosh as acosh,
    add as add,
    add_n as add_n,
    argmax as argmax,
    argmin as argmin,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    ceil as ceil,
    cos as cos,
    cosh as cosh,
    cumsum as cumsum,
    divide as divide,
    equal as equal,
    erf as erf,
    exp as exp,
    floor as floor,
    greater as greater,
    greater_equal as greater_equal,
    less as less,
    less_equal as less_equal,
    logical_and as logical_and,
    logical_not as logical_not,
    logical_or as logical_or,
    logical_xor as logical_xor,
    maximum as maximum,
    minimum as minimum,
    multiply as multiply,
    negative as negative,
    not_equal as not_equal,
    pow as pow,
    reduce_all as reduce_all,
    reduce_any as reduce_any,
    reduce_logsumexp as reduce_logsumexp,
    reduce_max as reduce_max,
    reduce_mean as reduce_mean,
    reduce_min as reduce_min,
    reduce_prod as reduce_prod,
    reduce_sum as reduce_sum,
    round as round,
    scalar_mul as scalar_mul,
    sigmoid as sigmoid,
    sign as sign,
    sin as sin,
    sinh as sinh,
    sqrt as sqrt,
    square as square,
    subtract as subtract,
    tan as tan,
    tanh as tanh,
    truediv as truediv,
)
from stepwell.nn import (
    batch_to_space as batch_to_space,
    space_to_batch as space_to_batch,
    space_to_batch as space_to_batch_nd,
)
from stepwell.sparse import SparseTensor, SparseTensor as SparseTensor
from stepwell.strings import as_string as as_string
from stepwell.types import (
    DTypeLike,
    Function,
    ShapeLike,
    SupportsTensor,
    TensorLike,
    TensorReference,
    Unique,
    UniqueWithCounts,
)
from . import audio as audio
from . import autodiff as autodiff
from . import autograph as autograph
from . import bitwise as bitwise
from . import compat as compat
from . import config as config
from . import data as data
from . import debugging as debugging
from . import distribute as distribute
from . import dtypes as dtypes
from . import errors as errors
from . import image as image
from . import io as io
from . import linalg as linalg
from . import lookup as lookup
from . import math as math
from . import native as native
from . import nest as nest
from . import nn as nn
from . import onnx as onnx
from . import plugins as plugins
from . import queue as queue
from . import ragged as ragged
from . import random as random
from . import raw_ops as raw_ops
from . import saved_model as saved_model
from . import sets as sets
from . import signal as signal
from . import sparse as sparse
from . import strings as strings
from . import summary as summary
from . import test as test
from . import train as train
from . import types as types
from . import version as version
from . import initializers as initializers
from . import keras as keras
from . import losses as losses
from . import metrics as metrics
from . import optimizers as optimizers
from . import testing as testing

Owner = TypeVar('Owner', bound='Module')
P = ParamSpec('P')
R = TypeVar('R')
Result = TypeVar('Result')

bool: DType
int8: DType
int16: DType
int32: DType
int64: DType
uint8: DType
uint16: DType
uint32: DType
uint64: DType
float16: DType
bfloat16: DType
float32: DType
float64: DType
complex64: DType
complex128: DType
string: DType
half: DType
double: DType
__version__: str

class GradientTape:
    """Records operations inside its `with` block, to differentiate them afterwards."""
    persistent: builtins.bool
    watch_accessed_variables: builtins.bool
    def __init__(self, persistent: builtins.bool = False, watch_accessed_variables: builtins.bool = True) -> None: ...
    def __enter__(self) -> GradientTape: ...
    def __exit__(self, *_: object) -> None: ...
    def watch(self, tensor: object) -> None:
        """Follow a tensor, a Variable, or a structure of them."""
    def watched_variables(self) -> tuple[Variable, ...]:
        """The Variables watched so far, in the order they were first read."""
    def reset(self) -> None:
        """Forget everything recorded."""
    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """This tape does not record inside the `with` block. Raises RuntimeError for one that is not recording."""
    def follow_output(self, tensor: Tensor) -> None:
        """Know `tensor` as another result of a branch or loop that is recorded."""
    def reached(self, keys: set[int]) -> None:
        """Add to `keys` those of all that was computed from what has one of them."""
    def gradient(
        self,
        target: object,
        sources: object,
        output_gradients: object = None,
        unconnected_gradients: UnconnectedGradients | str = ...,
    ) -> Any:
        """The gradient of the sum of `target` with respect to `sources`."""
    def jacobian(
        self,
        target: Tensor,
        sources: object,
        unconnected_gradients: UnconnectedGradients | str = ...,
        parallel_iterations: int | None = None,
        experimental_use_pfor: builtins.bool = True,
    ) -> Any:
        """The derivatives of all elements of `target` with respect to `sources`, in the structure of `sources`."""
    def batch_jacobian(
        self,
        target: Tensor,
        source: Tensor | Variable,
        unconnected_gradients: UnconnectedGradients | str = ...,
        parallel_iterations: int | None = None,
        experimental_use_pfor: builtins.bool = True,
    ) -> Tensor:
        """The derivatives of each example of `target` with respect to the same example of `source`, as one tensor."""

class IndexedSlices:
    """Rows of a tensor whose other rows are zeros; functions on tensors take it for that tensor."""
    def __init__(self, values: TensorLike, indices: TensorLike, dense_shape: TensorLike | None = None) -> None: ...
    @property
    def values(self) -> Tensor:
        """The rows."""
    @property
    def indices(self) -> Tensor:
        """The index of each row."""
    @property
    def dense_shape(self) -> Tensor | None:
        """The shape of the tensor, as a vector; None if it is not known."""
    @property
    def shape(self) -> TensorShape:
        """The shape of the tensor, as far as it is known."""
    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
    @property
    def name(self) -> str:
        """The name of the rows in a trace."""
    def __stepwell_tensor__(self) -> Tensor:
        """The tensor. Raises ValueError if its shape is not known."""
    def __neg__(self) -> IndexedSlices: ...
    def __str__(self) -> str: ...

class Module:
    """A base for objects whose attributes are Variables, other modules, and containers of them."""
    def __setattr__(self, name: str, value: Any) -> None: ...
    def __init__(self, name: str | None = None) -> None: ...
    @property
    def name(self) -> str:
        """The name that the module was made with; by default made of the name of the class."""
    @property
    def name_scope(self) -> name_scope:
        """A context in which the names of Variables begin with that of the module."""
    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every Variable below this module, each once, in the order of attributes' names, own ones first."""
    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are trainable."""
    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are not trainable."""
    @property
    def submodules(self) -> tuple[Module, ...]:
        """Every other module below this one, each once."""
    @classmethod
    def with_name_scope(cls, method: Callable[Concatenate[Owner, P], R]) -> Callable[Concatenate[Owner, P], R]:
        """Decorate a method so that it runs in the module's name scope."""

class RaggedTensor:
    """A tensor of rows that may have different lengths: values, and where the rows of them begin and end."""
    def refusal(self) -> str:
        """What makes a tensor of it."""
    def fitted(self, like: RaggedTensor) -> RaggedTensor | None:
        """Without lengths that are not known of the rows of `like`; None if more is known of these."""
    def differentiated(self) -> Tensor:
        """The flat values."""
    def with_gradient(self, gradient: Any) -> RaggedTensor | None:
        """The same rows of gradients; None for no gradient."""
    def printed(self, summarize: int) -> tuple[str | None, dict[str, Any]]:
        """How `sw.print` has it: its rows, or in a function its flat values and row splits."""
    def applied(self, path: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a public function returns of RaggedTensors: see `Composite.applied`."""
    @property
    def row_splits(self) -> Tensor:
        """Where rows end, with 0 before: row `i` is `values[row_splits[i]:row_splits[i + 1]]`."""
    @classmethod
    def from_row_splits(
        cls,
        values: Any,
        row_splits: TensorLike,
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """The rows `values[row_splits[i]:row_splits[i + 1]]`."""
    @classmethod
    def from_row_lengths(
        cls,
        values: Any,
        row_lengths: TensorLike,
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """Rows of given lengths, which follow each other in `values`."""
    @classmethod
    def from_value_rowids(
        cls,
        values: Any,
        value_rowids: TensorLike,
        nrows: Any = None,
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """Rows of values, of which each is given the number of its row."""
    @classmethod
    def from_row_starts(
        cls,
        values: Any,
        row_starts: TensorLike,
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """Rows that begin at given positions, each up to where the next one begins."""
    @classmethod
    def from_row_limits(
        cls,
        values: Any,
        row_limits: TensorLike,
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """Rows that end at given positions, each from where the one before ends."""
    @classmethod
    def from_uniform_row_length(
        cls,
        values: Any,
        uniform_row_length: Any,
        nrows: Any = None,
        validate: builtins.bool = True,
        name: str | None = None,
    ) -> RaggedTensor:
        """Rows of one length, which the shape tells."""
    @classmethod
    def from_nested_row_splits(
        cls,
        flat_values: Any,
        nested_row_splits: Sequence[Any],
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """Rows of rows …: the splits of the outer ones come first."""
    @classmethod
    def from_nested_row_lengths(
        cls,
        flat_values: Any,
        nested_row_lengths: Sequence[Any],
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """Rows of rows …: the lengths of the outer ones come first."""
    @classmethod
    def from_nested_value_rowids(
        cls,
        flat_values: Any,
        nested_value_rowids: Sequence[Any],
        nested_nrows: Sequence[Any] | None = None,
        name: str | None = None,
        validate: builtins.bool = True,
    ) -> RaggedTensor:
        """Rows of rows …: the numbers of the outer ones come first."""
    @classmethod
    def from_tensor(
        cls,
        tensor: TensorLike,
        lengths: Any = None,
        padding: TensorLike | None = None,
        ragged_rank: int = 1,
        name: str | None = None,
        row_splits_dtype: DTypeLike = ...,
    ) -> RaggedTensor:
        """The rows of a tensor, or what comes first in them."""
    @classmethod
    def from_sparse(
        cls,
        st_input: SparseTensor,
        name: str | None = None,
        row_splits_dtype: DTypeLike = ...,
    ) -> RaggedTensor:
        """The rows of a SparseTensor, a matrix that has in each row the elements of the first columns."""
    def to_tensor(self: Any, default_value: Any = None, name: str | None = None, shape: Any = None) -> Tensor:
        """The tensor that has all rows, those that are shorter filled up."""
    def to_sparse(self: Any, name: str | None = None) -> SparseTensor:
        """The SparseTensor that has all values, each where it is in its row."""
    def to_list(self: Any) -> list[Any]:
        """The rows as lists. An error where they are known only when a function runs."""
    def __add__(self, other: Any) -> RaggedTensor: ...
    def __radd__(self, other: Any) -> RaggedTensor: ...
    def __sub__(self, other: Any) -> RaggedTensor: ...
    def __rsub__(self, other: Any) -> RaggedTensor: ...
    def __mul__(self, other: Any) -> RaggedTensor: ...
    def __rmul__(self, other: Any) -> RaggedTensor: ...
    def __truediv__(self, other: Any) -> RaggedTensor: ...
    def __rtruediv__(self, other: Any) -> RaggedTensor: ...
    def __floordiv__(self, other: Any) -> RaggedTensor: ...
    def __mod__(self, other: Any) -> RaggedTensor: ...
    def __pow__(self, other: Any) -> RaggedTensor: ...
    def __matmul__(self, other: Any) -> RaggedTensor: ...
    def __and__(self, other: Any) -> RaggedTensor: ...
    def __or__(self, other: Any) -> RaggedTensor: ...
    def __xor__(self, other: Any) -> RaggedTensor: ...
    def __lt__(self, other: Any) -> RaggedTensor: ...
    def __le__(self, other: Any) -> RaggedTensor: ...
    def __gt__(self, other: Any) -> RaggedTensor: ...
    def __ge__(self, other: Any) -> RaggedTensor: ...
    def __neg__(self) -> RaggedTensor: ...
    def __pos__(self) -> RaggedTensor: ...
    def __abs__(self) -> RaggedTensor: ...
    def __invert__(self) -> RaggedTensor: ...
    def __eq__(self, other: object) -> Any: ...
    def __ne__(self, other: object) -> Any: ...
    def __hash__(self) -> int: ...
    def __getitem__(self, key: Any) -> Any: ...
    def __init__(self, *args: object, **kwargs: object) -> None: ...
    @property
    def values(self) -> Any:
        """The values of all rows, one after the other: a tensor, or a RaggedTensor if there are rows in rows."""
    @property
    def flat_values(self) -> Tensor:
        """The values of the innermost rows, a tensor."""
    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The row splits of each ragged axis, the outermost first."""
    @property
    def uniform_row_length(self) -> Tensor | None:
        """The length of all rows, a scalar, if it was said that they have one; None else."""
    @property
    def ragged_rank(self) -> int:
        """How many axes are partitioned by row splits."""
    @property
    def dtype(self) -> DType:
        """The dtype of the values."""
    @property
    def shape(self) -> TensorShape:
        """The sizes, as far as they are known; None for that of rows of different lengths."""
    def get_shape(self) -> TensorShape:
        """The sizes, as `shape`."""
    def nrows(self, out_type: DTypeLike | None = None, name: str | None = None) -> Tensor:
        """How many rows there are, as a scalar of the dtype of the splits, or another."""
    def row_starts(self, name: str | None = None) -> Tensor:
        """Where each row begins in `values`."""
    def row_limits(self, name: str | None = None) -> Tensor:
        """Where each row ends in `values`."""
    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths of rows along an axis."""
    def nested_row_lengths(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The lengths of the rows of each ragged axis, the outermost first."""
    def value_rowids(self, name: str | None = None) -> Tensor:
        """For each of `values` the number of its row."""
    def nested_value_rowids(self, name: str | None = None) -> tuple[Tensor, ...]:
        """For the values of each ragged axis the numbers of their rows, the outermost first."""
    def bounding_shape(self, axis: Any = None, name: str | None = None, out_type: DTypeLike | None = None) -> Tensor:
        """The sizes of the smallest tensor that has all rows, some of which are filled up."""
    def with_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other values, of which there have to be as many."""
    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other innermost values, of which there have to be as many."""
    def with_lengths_of(self, like: RaggedTensor) -> RaggedTensor:
        """The same rows, of which one length is known only where it is of another RaggedTensor, too."""
    def with_row_splits_dtype(self, dtype: DTypeLike) -> RaggedTensor:
        """The same rows, with splits of int32 or int64."""
    def merge_dims(self, outer_axis: int, inner_axis: int) -> Any:
        """The RaggedTensor, or tensor, in which several axes are one."""
    def consumers(self) -> list[object]:
        """Nothing: operations are no objects here."""
    def numpy(self) -> np.ndarray[Any, np.dtype[Any]]:
        """An array of the rows: of one dtype if they are equally long, else of arrays."""
    @property
    def is_symbolic(self) -> builtins.bool:
        """Whether the values or rows are known only when the traced function runs."""
    def __bool__(self) -> NoReturn: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __repr__(self) -> str: ...

class RaggedTensorSpec:
    """The shape and dtype of a RaggedTensor that an argument or an element of a dataset is."""
    def __init__(
        self,
        shape: Sequence[int | None] | TensorShape | None = None,
        dtype: DTypeLike = np.float32,
        ragged_rank: int | None = None,
        row_splits_dtype: DTypeLike = ...,
        flat_values_spec: None = None,
    ) -> None:
        ...
    @property
    def shape(self) -> TensorShape:
        """The sizes."""
    @property
    def dtype(self) -> DType:
        """The dtype of the values."""
    @property
    def ragged_rank(self) -> int:
        """How many axes are partitioned."""
    @property
    def row_splits_dtype(self) -> DType:
        """The dtype of the row splits."""
    @property
    def value_type(self) -> type:
        """The class of the values that fit."""
    @classmethod
    def from_value(cls, value: RaggedTensor) -> RaggedTensorSpec:
        """The spec of a RaggedTensor."""
    def is_compatible_with(self, spec_or_value: Any) -> builtins.bool:
        """Whether a RaggedTensor could fit both this and another spec, or a RaggedTensor this spec."""
    def most_specific_compatible_type(self, other: RaggedTensorSpec) -> RaggedTensorSpec:
        """The spec that RaggedTensors of both fit. Raises ValueError for specs of different dtypes or ragged ranks."""
    def __stepwell_parts__(self) -> Any:
        """A RaggedTensor of specs in place of tensors."""
    def __eq__(self, other: object) -> builtins.bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...

class SparseTensorSpec:
    """The shape and dtype of a SparseTensor that an argument is: an element of an `input_signature`."""
    def __init__(self, shape: Sequence[int | None] | TensorShape | None = None, dtype: DTypeLike = np.float32) -> None: ...
    @property
    def shape(self) -> TensorShape:
        """The sizes."""
    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
    @property
    def rank(self) -> int | None:
        """How many axes there are."""
    @classmethod
    def from_value(cls, value: SparseTensor) -> SparseTensorSpec:
        """The spec of a SparseTensor."""
    def is_compatible_with(self, spec_or_value: SparseTensor | SparseTensorSpec) -> builtins.bool:
        """Whether a SparseTensor could fit both this and another spec, or a SparseTensor this spec."""
    def __stepwell_parts__(self) -> SparseTensor:
        """A SparseTensor of specs in place of tensors."""
    def __eq__(self, other: object) -> builtins.bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...

class Tensor:
    """An immutable multi-dimensional array of one dtype."""
    def __add__(self, other: TensorLike) -> Tensor: ...
    def __radd__(self, other: TensorLike) -> Tensor: ...
    def __sub__(self, other: TensorLike) -> Tensor: ...
    def __rsub__(self, other: TensorLike) -> Tensor: ...
    def __mul__(self, other: TensorLike) -> Tensor: ...
    def __rmul__(self, other: TensorLike) -> Tensor: ...
    def __truediv__(self, other: TensorLike) -> Tensor: ...
    def __rtruediv__(self, other: TensorLike) -> Tensor: ...
    def __floordiv__(self, other: TensorLike) -> Tensor: ...
    def __rfloordiv__(self, other: TensorLike) -> Tensor: ...
    def __mod__(self, other: TensorLike) -> Tensor: ...
    def __rmod__(self, other: TensorLike) -> Tensor: ...
    def __pow__(self, other: TensorLike) -> Tensor: ...
    def __rpow__(self, other: TensorLike) -> Tensor: ...
    def __matmul__(self, other: TensorLike) -> Tensor: ...
    def __rmatmul__(self, other: TensorLike) -> Tensor: ...
    def __and__(self, other: TensorLike) -> Tensor: ...
    def __rand__(self, other: TensorLike) -> Tensor: ...
    def __or__(self, other: TensorLike) -> Tensor: ...
    def __ror__(self, other: TensorLike) -> Tensor: ...
    def __xor__(self, other: TensorLike) -> Tensor: ...
    def __rxor__(self, other: TensorLike) -> Tensor: ...
    def __lt__(self, other: TensorLike) -> Tensor: ...
    def __le__(self, other: TensorLike) -> Tensor: ...
    def __gt__(self, other: TensorLike) -> Tensor: ...
    def __ge__(self, other: TensorLike) -> Tensor: ...
    def __eq__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __ne__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __invert__(self) -> Tensor: ...
    def __getitem__(
        self,
        key: int | builtins.slice | EllipsisType | Tensor | SupportsTensor | np.ndarray | Sequence[int | builtins.bool] | None | tuple[int | builtins.slice | EllipsisType | Tensor | SupportsTensor | np.ndarray | Sequence[int | builtins.bool] | None, ...],
    ) -> Tensor:
        ...
    def set_shape(self, shape: object) -> None:
        """State what is known of the shape."""
    def __init__(self, array: np.ndarray) -> None: ...
    @property
    def is_symbolic(self) -> builtins.bool:
        """Whether the elements are known only when the traced function runs."""
    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
    @property
    def shape(self) -> TensorShape:
        """The sizes; `None` where known only at run time."""
    def get_shape(self) -> TensorShape:
        """The sizes; `None` where known only at run time."""
    @property
    def ndim(self) -> int:
        """The number of dimensions."""
    def numpy(self) -> np.ndarray[Any, np.dtype[Any]]:
        """The elements as a numpy array of the caller's own; a numpy scalar for a tensor without dimensions."""
    def require_trace(self, what: str) -> None:
        """Raise SymbolicTensorError if the tensor belongs to a trace that has ended; `what` needs its elements."""
    def __array__(self, dtype: DTypeLike | None = None, copy: builtins.bool | None = None) -> np.ndarray: ...
    def __bool__(self) -> builtins.bool: ...
    def __int__(self) -> int: ...
    def __complex__(self) -> builtins.complex: ...
    def __float__(self) -> float: ...
    def __index__(self) -> int: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __hash__(self) -> int: ...
    def ref(self) -> TensorReference[Tensor]:
        """A hashable reference to this very tensor, for sets and dictionaries."""
    @property
    def assign(self) -> Callable[..., object]:
        """The function that replaces the part of a Variable that this is: `v[1:].assign(…)`."""
    @property
    def device(self) -> str:
        """The name of the CPU; empty for a value of a trace."""
    @property
    def name(self) -> str:
        """The name of a value of a trace; an AttributeError for a tensor that holds its elements."""
    def __format__(self, spec: str) -> str: ...
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...

class TensorArray:
    """Tensors of one dtype under the numbers 0, 1, 2 …: what loops on tensors collect their results in."""
    def copied(self) -> TensorArray:
        """Another array with the same elements."""
    def become(self, other: TensorArray) -> None:
        """Take the elements of another array."""
    def is_like(self, other: TensorArray) -> builtins.bool:
        """Whether both have the very same elements."""
    def spoil(self, why: str) -> None:
        """Make every further use an error."""
    def fitted(self, like: TensorArray) -> TensorArray | None:
        """This array with rows, if `like` has some; their sizes that are not known yet are 0."""
    def __init__(
        self,
        dtype: DTypeLike,
        size: TensorLike = 0,
        dynamic_size: builtins.bool | None = False,
        clear_after_read: builtins.bool | None = True,
        tensor_array_name: str | None = None,
        handle: None = None,
        flow: None = None,
        infer_shape: builtins.bool = True,
        element_shape: Sequence[int | None] | None = None,
        colocate_with_first_write_call: builtins.bool = True,
        name: str | None = None,
    ) -> None:
        ...
    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
    @property
    def dynamic_size(self) -> builtins.bool:
        """Whether writing behind the end makes the array larger."""
    @property
    def element_shape(self) -> tuple[int | None, ...] | None:
        """The shape of the elements, `None` for a size that is not known; None while nothing is known of it."""
    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are, an int32 scalar."""
    def identity(self) -> TensorArray:
        """The array itself."""
    def write(self, index: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Set element `index` to `value`. Returns the array."""
    def read(self, index: TensorLike, name: str | None = None) -> Tensor:
        """Element `index`; zeros if it was never written. IndexError for an index out of range."""
    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one tensor, along a new first axis."""
    def gather(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The elements with these numbers as one tensor, along a new first axis."""
    def concat(self, name: str | None = None) -> Tensor:
        """The elements one behind the other along their first axis."""
    def unstack(self, value: TensorLike, name: str | None = None) -> TensorArray:
        """Make the rows of `value` the elements. Returns the array."""
    def scatter(self, indices: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Write the rows of `value` as the elements `indices`. Returns the array."""
    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TensorArray:
        """Make consecutive parts of `value`, of these lengths, the elements. Returns the array."""
    def close(self, name: str | None = None) -> None:
        """Forget the elements."""
    def __repr__(self) -> str: ...

class TensorShape(tuple[int | None, ...]):
    """The sizes of a tensor: a tuple in which `None` is a size that is not known; or a shape of unknown rank."""
    def __new__(cls, dims: Any = None) -> TensorShape:
        """Return the shape of `dims`."""
    def __getnewargs__(self) -> tuple[object, ...]: ...
    @property
    def rank(self) -> int | None:
        """The number of dimensions; None if it is not known."""
    @property
    def ndims(self) -> int | None:
        """The number of dimensions; None if it is not known."""
    @property
    def dims(self) -> list[Dimension] | None:
        """The sizes as objects that have a `value`; None if the rank is not known."""
    def as_list(self) -> list[int | None]:
        """The sizes as a list. Raises ValueError if the rank is not known."""
    def num_elements(self) -> int | None:
        """The product of the sizes; None if one of them is not known."""
    def is_fully_defined(self) -> builtins.bool:
        """Whether all sizes are known."""
    def concatenate(self, other: Any) -> TensorShape:
        """The sizes of this shape and then those of another one."""
    def is_compatible_with(self, other: Any) -> builtins.bool:
        """Whether a tensor could have both shapes."""
    def is_subtype_of(self, other: TensorShape) -> builtins.bool:
        """Whether every tensor of this shape has the other one, too."""
    def merge_with(self, other: Any) -> TensorShape:
        """What is known of a tensor that has both shapes. Raises ValueError if none can."""
    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """The shape that tensors of this and of another shape have."""
    most_general_compatible_shape = most_specific_compatible_shape
    def most_specific_common_supertype(self, others: Iterable[TensorShape]) -> TensorShape:
        """The shape that tensors of this and of each other shape have."""
    def with_rank(self, rank: int) -> TensorShape:
        """This shape, if it can have that rank. Raises ValueError otherwise."""
    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape, if it can have so many dimensions or more. Raises ValueError otherwise."""
    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape, if it can have so many dimensions or fewer. Raises ValueError otherwise."""
    def assert_has_rank(self, rank: int) -> None:
        """Raise ValueError unless the shape can have that rank."""
    def assert_same_rank(self, other: Any) -> None:
        """Raise ValueError if the other shape has another rank."""
    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise ValueError unless a tensor could have both shapes."""
    def assert_is_fully_defined(self) -> None:
        """Raise ValueError if a size is not known."""
    def __getitem__(self, key: SupportsIndex | builtins.slice) -> Any: ...
    def __add__(self, other: Any) -> TensorShape: ...
    def __radd__(self, other: Any) -> TensorShape: ...
    def __eq__(self, other: object) -> builtins.bool: ...
    def __ne__(self, other: object) -> builtins.bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __lt__(self, other: object) -> builtins.bool: ...
    __le__ = __lt__
    def __bool__(self) -> builtins.bool: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...

@dataclass(frozen=True)
class TensorSpec:
    """The shape and dtype that tensors given for an argument have."""
    sizes: tuple[int | None, ...] | None
    dtype: DType
    name: str | None
    size_names: tuple[str | None, ...]
    def __init__(
        self,
        shape: Sequence[int | str | None] | None,
        dtype: DTypeLike = np.float32,
        name: str | None = None,
    ) -> None:
        ...
    @property
    def shape(self) -> TensorShape:
        """The sizes, None for those of any value; a shape of unknown rank if the rank may be any."""
    @property
    def known_sizes(self) -> tuple[int | None, ...]:
        """The sizes of a spec whose rank is known."""
    def __repr__(self) -> str: ...
    def named(self, name: str | None) -> TensorSpec:
        """The same spec with another name."""
    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor or Variable. Raises ValueError for anything else."""
    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """The spec of what has a shape and a dtype, by another name if one is given."""
    def is_compatible_with(self, spec_or_value: Any) -> builtins.bool:
        """Whether a tensor could fit both this and another spec, or a tensor this spec."""
    def is_subtype_of(self, other: object) -> builtins.bool:
        """Whether every tensor that fits this spec fits the other one."""
    def most_specific_compatible_type(self, other: TensorSpec) -> TensorSpec:
        """The spec that tensors of both fit. Raises ValueError for specs of different dtypes."""
    def most_specific_common_supertype(self, others: Iterable[TensorSpec]) -> TensorSpec | None:
        """The spec that tensors of this and of each other one fit; None if their dtypes differ."""
    def covers(self, other: TensorSpec) -> builtins.bool:
        """Whether every tensor of `other`'s kind is one of this spec's."""

class UnconnectedGradients(StrEnum):
    """What the gradient is with respect to a source that the target does not depend on."""
    NONE = 'none'
    ZERO = 'zero'

class Variable:
    """Memory that a program reads and assigns; garbage when the last reference to it goes."""
    def __add__(self, other: TensorLike) -> Tensor: ...
    def __radd__(self, other: TensorLike) -> Tensor: ...
    def __sub__(self, other: TensorLike) -> Tensor: ...
    def __rsub__(self, other: TensorLike) -> Tensor: ...
    def __mul__(self, other: TensorLike) -> Tensor: ...
    def __rmul__(self, other: TensorLike) -> Tensor: ...
    def __truediv__(self, other: TensorLike) -> Tensor: ...
    def __rtruediv__(self, other: TensorLike) -> Tensor: ...
    def __floordiv__(self, other: TensorLike) -> Tensor: ...
    def __rfloordiv__(self, other: TensorLike) -> Tensor: ...
    def __mod__(self, other: TensorLike) -> Tensor: ...
    def __rmod__(self, other: TensorLike) -> Tensor: ...
    def __pow__(self, other: TensorLike) -> Tensor: ...
    def __rpow__(self, other: TensorLike) -> Tensor: ...
    def __matmul__(self, other: TensorLike) -> Tensor: ...
    def __rmatmul__(self, other: TensorLike) -> Tensor: ...
    def __and__(self, other: TensorLike) -> Tensor: ...
    def __rand__(self, other: TensorLike) -> Tensor: ...
    def __or__(self, other: TensorLike) -> Tensor: ...
    def __ror__(self, other: TensorLike) -> Tensor: ...
    def __xor__(self, other: TensorLike) -> Tensor: ...
    def __rxor__(self, other: TensorLike) -> Tensor: ...
    def __lt__(self, other: TensorLike) -> Tensor: ...
    def __le__(self, other: TensorLike) -> Tensor: ...
    def __gt__(self, other: TensorLike) -> Tensor: ...
    def __ge__(self, other: TensorLike) -> Tensor: ...
    def __eq__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __ne__(self, other: object) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __invert__(self) -> Tensor: ...
    def __getitem__(
        self,
        key: int | builtins.slice | EllipsisType | Tensor | SupportsTensor | np.ndarray | Sequence[int | builtins.bool] | None | tuple[int | builtins.slice | EllipsisType | Tensor | SupportsTensor | np.ndarray | Sequence[int | builtins.bool] | None, ...],
    ) -> Tensor:
        ...
    def set_shape(self, shape: object) -> None:
        """Raise ValueError unless the shape is, or can be, that of the Variable."""
    def scatter_add(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Add the values to rows."""
    def scatter_sub(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Subtract the values from rows."""
    def scatter_mul(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Multiply rows by the values."""
    def scatter_div(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Divide rows by the values."""
    def scatter_min(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Replace elements of rows by lesser values."""
    def scatter_max(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Replace elements of rows by greater values."""
    def scatter_update(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Replace rows."""
    def batch_scatter_update(
        self,
        sparse_delta: object,
        use_locking: builtins.bool = False,
        name: str | None = None,
    ) -> Variable:
        """Replace rows of each batch."""
    def scatter_nd_add(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Add at indices."""
    def scatter_nd_sub(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Subtract at indices."""
    def scatter_nd_update(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Replace at indices."""
    def scatter_nd_min(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Replace by lesser values at indices."""
    def scatter_nd_max(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Replace by greater values at indices."""
    def gather_nd(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """Return elements, or parts, at indices."""
    def sparse_read(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """Return rows at indices."""
    def count_up_to(self, limit: int) -> Tensor:
        """Return the value and add 1; OutOfRangeError unless it is less than `limit`."""
    trainable: builtins.bool
    def __init__(
        self,
        initial_value: TensorLike | Callable[[], TensorLike] | None = None,
        trainable: builtins.bool | None = None,
        validate_shape: builtins.bool = True,
        caching_device: object = None,
        name: str | None = None,
        variable_def: object = None,
        dtype: DTypeLike | None = None,
        import_scope: object = None,
        constraint: Callable[[Tensor], Tensor] | None = None,
        synchronization: VariableSynchronization = ...,
        aggregation: VariableAggregation = ...,
        shape: object = None,
        experimental_enable_variable_lifting: builtins.bool = True,
    ) -> None:
        ...
    @classmethod
    def stand_in(cls, other: Variable) -> Variable:
        """A Variable like `other`, without memory, that represents all of its kind while a function is traced."""
    @property
    def name(self) -> str:
        """The name that it was made with, and `:0`, as TensorFlow has it."""
    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
    @property
    def shape(self) -> TensorShape:
        """The sizes; None for those that may change."""
    def get_shape(self) -> TensorShape:
        """The sizes; None for those that may change."""
    @property
    def ndim(self) -> int:
        """The number of dimensions."""
    @property
    def constraint(self) -> Callable[[Tensor], Tensor] | None:
        """The function that was given for optimizers to call on the value."""
    @property
    def synchronization(self) -> VariableSynchronization:
        """How copies of the Variable would be kept equal; there is one."""
    @property
    def aggregation(self) -> VariableAggregation:
        """How values of copies of the Variable would be combined; there is one."""
    @property
    def device(self) -> str:
        """The name of the CPU."""
    @property
    def initializer(self) -> None:
        """None: it has its value since it was made."""
    def is_initialized(self, name: str | None = None) -> Tensor:
        """True: it has its value since it was made."""
    def read_value(self) -> Tensor:
        """The value now; later assignments do not change the tensor."""
    def value(self) -> Tensor:
        """The value now."""
    __stepwell_tensor__ = read_value
    def numpy(self) -> np.ndarray[Any, np.dtype[Any]]:
        """The elements as a numpy array of the caller's own."""
    def assign(
        self,
        value: TensorLike,
        use_locking: builtins.bool = False,
        name: str | None = None,
        read_value: builtins.bool = True,
    ) -> Variable:
        """Replace the value. ValueError or TypeError for another shape or dtype."""
    def assign_add(
        self,
        delta: TensorLike,
        use_locking: builtins.bool = False,
        name: str | None = None,
        read_value: builtins.bool = True,
    ) -> Variable:
        """Add `delta` to the value; see `assign`."""
    def assign_sub(
        self,
        delta: TensorLike,
        use_locking: builtins.bool = False,
        name: str | None = None,
        read_value: builtins.bool = True,
    ) -> Variable:
        """Subtract `delta` from the value; see `assign`."""
    def ref(self) -> TensorReference[Variable]:
        """A hashable reference to this very Variable."""
    def __array__(self, dtype: DTypeLike | None = None, copy: builtins.bool | None = None) -> np.ndarray: ...
    def __bool__(self) -> builtins.bool: ...
    def __int__(self) -> int: ...
    def __float__(self) -> float: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...

class VariableAggregation(Enum):
    """How values of a Variable on several devices are combined; there is one device here."""
    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3

class VariableSynchronization(Enum):
    """How copies of a Variable on several devices are kept equal; there is one device here."""
    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3

def argsort(
    values: TensorLike,
    axis: int = -1,
    direction: str = 'ASCENDING',
    stable: builtins.bool = False,
    name: str | None = None,
) -> Tensor:
    """The indices of the elements along `axis` in order, as int32; of equal ones in their own order."""

def associative_scan(
    f: Callable[[Any, Any], Any],
    elems: object,
    reverse: builtins.bool = False,
    axis: int = 0,
    name: str | None = None,
) -> Any:
    """`f(f(a, b), c)` and so on, of the elements along `axis` up to each one, for an associative `f`."""

def bitcast(input: TensorLike, type: DTypeLike, name: str | None = None) -> Tensor:
    """The bits of `input` read as another dtype. Two of half the width are along a last axis, the low bits first."""

def boolean_mask(
    tensor: TensorLike,
    mask: TensorLike,
    axis: TensorLike | None = None,
    name: str = 'boolean_mask',
) -> Tensor:
    """The parts of `tensor` for which `mask` holds, one after the other along one axis."""

def broadcast_dynamic_shape(shape_x: ShapeLike, shape_y: ShapeLike) -> Tensor:
    """The shape, as a vector, that elementwise functions of two tensors of these shapes have."""

def broadcast_static_shape(shape_x: TensorShape, shape_y: TensorShape) -> TensorShape:
    """The shape that elementwise functions of two tensors of these shapes have, as far as it is known."""

def broadcast_to(input: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """`input` repeated along new and size-1 axes to become of `shape`."""

def case(
    pred_fn_pairs: Sequence[tuple[TensorLike, Callable[[], Result]]],
    default: Callable[[], Result] | None = None,
    exclusive: builtins.bool = False,
    strict: builtins.bool = False,
    name: str = 'case',
) -> Result:
    """The result of the first function whose predicate holds, else of `default`, else of the last function."""

def clip_by_global_norm(
    t_list: Sequence[TensorLike | None],
    clip_norm: TensorLike,
    use_norm: TensorLike | None = None,
    name: str | None = None,
) -> tuple[list[Tensor | None], Tensor]:
    """The tensors of a list, divided so that their Euclidean length together is at most `clip_norm`."""

def clip_by_norm(
    t: TensorLike,
    clip_norm: TensorLike,
    axes: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """`t`, divided so that its Euclidean length is at most `clip_norm`."""

def clip_by_value(
    t: TensorLike,
    clip_value_min: TensorLike,
    clip_value_max: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`t` with what is below `clip_value_min` or above `clip_value_max` replaced by that."""

def concat(values: TensorLike, axis: int, name: str | None = None) -> Tensor:
    """Tensors of one dtype, one after the other along `axis`."""

def cond(
    pred: TensorLike,
    true_fn: Callable[[], Result],
    false_fn: Callable[[], Result],
    name: str | None = None,
) -> Result:
    """What `true_fn()` returns if `pred` holds, else what `false_fn()` returns."""

def constant(
    value: TensorLike,
    dtype: DTypeLike | None = None,
    shape: Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """A tensor with the elements of `value`, reshaped to `shape`, or filled with it when it is a single number."""

class constant_initializer:
    """Tensors of one value, or of given elements."""
    def get_config(self) -> dict[str, Any]:
        """The value."""
    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The initializer whose `get_config` returned `config`."""
    value: TensorLike
    def __init__(self, value: TensorLike = 0, support_partition: builtins.bool = False) -> None: ...
    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None, **kwargs: object) -> Tensor:
        """The value, or the elements, in a shape."""

def convert_to_tensor(
    value: TensorLike,
    dtype: DTypeLike | None = None,
    dtype_hint: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`value` as a tensor."""

def custom_gradient(f: Callable[P, tuple[R, Callable[..., object]]]) -> Callable[P, R]:
    """Make a function's gradient what it says itself: a decorator."""

def dynamic_partition(
    data: TensorLike,
    partitions: TensorLike,
    num_partitions: int,
    name: str | None = None,
) -> list[Tensor]:
    """The parts of `data`, in lists: `partitions` says in which one each part is."""

def dynamic_stitch(indices: Sequence[TensorLike], data: Sequence[TensorLike], name: str | None = None) -> Tensor:
    """The parts of several tensors as one tensor: `indices` says which index each part gets."""

def ensure_shape(x: TensorLike, shape: object, name: str | None = None) -> Tensor:
    """`x`, which has to have `shape`; inside a `function` that is checked when it runs, and known from then on."""

def expand_dims(input: TensorLike, axis: int, name: str | None = None) -> Tensor:
    """`input` with a new axis of size 1, which is `axis` of the result."""

def fill(dims: ShapeLike, value: TensorLike, name: str | None = None, layout: object = None) -> Tensor:
    """A tensor of shape `dims` with every element equal to the scalar `value`."""

def foldl(
    fn: Callable[[Any, Any], Any],
    elems: object,
    initializer: object = None,
    parallel_iterations: int = 10,
    back_prop: builtins.bool = True,
    swap_memory: builtins.bool = False,
    name: str | None = None,
) -> Any:
    """The last value of `a = fn(a, part)` for the parts of `elems` along the first axis; arguments as those of `scan`."""

def foldr(
    fn: Callable[[Any, Any], Any],
    elems: object,
    initializer: object = None,
    parallel_iterations: int = 10,
    back_prop: builtins.bool = True,
    swap_memory: builtins.bool = False,
    name: str | None = None,
) -> Any:
    """What `foldl` returns for the parts in reverse order."""

@overload
def function(
    func: Callable[P, R],
    input_signature: Sequence[TensorSpec | Sequence[object] | Mapping[str, object]] | None = None,
    autograph: builtins.bool = True,
    jit_compile: builtins.bool | None = None,
    reduce_retracing: builtins.bool = True,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: builtins.bool | None = None,
    experimental_compile: builtins.bool | None = None,
    experimental_follow_type_hints: builtins.bool | None = None,
    *,
    engine: str = 'native',
    name: str | None = None,
) -> Function[P, R]:
    """Compile a Python function: a decorator, with or without arguments."""

@overload
def function(
    func: None = None,
    input_signature: Sequence[TensorSpec | Sequence[object] | Mapping[str, object]] | None = None,
    autograph: builtins.bool = True,
    jit_compile: builtins.bool | None = None,
    reduce_retracing: builtins.bool = True,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: builtins.bool | None = None,
    experimental_compile: builtins.bool | None = None,
    experimental_follow_type_hints: builtins.bool | None = None,
    *,
    engine: str = 'native',
    name: str | None = None,
) -> Callable[[Callable[P, R]], Function[P, R]]:
    """Compile a Python function: a decorator, with or without arguments."""

def gather(
    params: TensorLike,
    indices: TensorLike,
    validate_indices: builtins.bool | None = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """The parts of `params` along `axis` that `indices` name. An index out of range is an error, also a negative one."""

def gather_nd(params: TensorLike, indices: TensorLike, batch_dims: int = 0, name: str | None = None) -> Tensor:
    """The parts of `params` at the indices in the last axis of `indices`."""

def get_logger() -> logging.Logger:
    """The logger that warnings are written to."""

def get_static_value(tensor: object, partial: builtins.bool = False) -> Any:
    """The elements of a tensor, as a numpy array, if they are known now; None if only when the function runs."""

def histogram_fixed_width(
    values: TensorLike,
    value_range: TensorLike,
    nbins: TensorLike = 100,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """How many values are in each of `nbins` equal parts of a range; those outside count to the first or last one."""

def histogram_fixed_width_bins(
    values: TensorLike,
    value_range: TensorLike,
    nbins: TensorLike = 100,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """For each value in which of `nbins` equal parts of a range it is; below and above it the first and the last one."""

def identity(input: TensorLike, name: str | None = None) -> Tensor:
    """`input` as a tensor."""

@contextmanager
def init_scope() -> Iterator[None]:
    """A context that leaves the function that is traced: operations in it are run at once, and tapes do not record."""

def ir(
    function: Callable[..., object],
    *args: object,
    level: str = 'hl',
    locations: builtins.bool = False,
    target: str = ...,
    **kwargs: object,
) -> str:
    """The text of the trace of `function` for arguments like these."""

def is_tensor(x: object) -> builtins.bool:
    """Whether `x` is a tensor or a Variable."""

def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: TensorLike,
    name: str | None = None,
    axis: int = 0,
) -> Tensor:
    """`num` numbers at equal distances from `start` to `stop`, both included."""

def make_ndarray(tensor: Any) -> np.ndarray:
    """The array that a message `TensorProto` represents. Raises InvalidArgumentError for what is none."""

def make_tensor_proto(
    values: TensorLike,
    dtype: DTypeLike | None = None,
    shape: Any = None,
    verify_shape: builtins.bool = False,
    allow_broadcast: builtins.bool = False,
) -> Any:
    """A tensor as a message `TensorProto`."""

def map_fn(
    fn: Callable[[Any], Any],
    elems: object,
    dtype: object = None,
    parallel_iterations: int | None = None,
    back_prop: builtins.bool = True,
    swap_memory: builtins.bool = False,
    infer_shape: builtins.bool = True,
    name: str | None = None,
    fn_output_signature: object = None,
) -> Any:
    """What `fn` returns for each part of `elems` along the first axis, as one tensor."""

def meshgrid(*args: TensorLike, indexing: str = 'xy', name: str | None = None) -> list[Tensor]:
    """For each vector a tensor with an axis for each of the vectors, along one of which it is repeated."""

class name_scope:
    """A context in which the names of Variables and modules begin with `name`; scopes nest."""
    def __init__(self, name: str) -> None: ...
    @property
    def name(self) -> str:
        """The name that it was made with."""
    def __enter__(self) -> str: ...
    def __exit__(self, *_: object) -> None: ...

newaxis: None
"""A new axis of size 1, in a subscript: `x[:, sw.newaxis]`."""

def one_hot(
    indices: TensorLike,
    depth: TensorLike,
    on_value: TensorLike | None = None,
    off_value: TensorLike | None = None,
    axis: int | None = None,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`on_value` at the positions along a new axis of size `depth` that `indices` name, `off_value` elsewhere."""

def ones(shape: ShapeLike, dtype: DTypeLike = ..., name: str | None = None, layout: object = None) -> Tensor:
    """A tensor of ones."""

class ones_initializer:
    """Tensors of ones."""
    def get_config(self) -> dict[str, Any]:
        """The arguments that make an initializer like this one."""
    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The initializer whose `get_config` returned `config`."""
    def __call__(self, shape: ShapeLike, dtype: DTypeLike = ..., **kwargs: object) -> Tensor:
        """Ones of a shape."""

def ones_like(
    input: TensorLike,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    layout: object = None,
) -> Tensor:
    """A tensor of ones of the shape of `input`, and of its dtype if no other is given."""

def pad(
    tensor: TensorLike,
    paddings: TensorLike,
    mode: str = 'CONSTANT',
    constant_values: TensorLike = 0,
    name: str | None = None,
) -> Tensor:
    """`tensor` with elements before and behind it along each axis."""

class random_normal_initializer:
    """Tensors of normally distributed numbers; with a seed the same ones each time."""
    def get_config(self) -> dict[str, Any]:
        """The mean, the standard deviation and the seed."""
    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The initializer whose `get_config` returned `config`."""
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None: ...
    def __call__(self, shape: ShapeLike, dtype: DTypeLike = ..., **kwargs: object) -> Tensor:
        """Numbers of a shape."""

class random_uniform_initializer:
    """Tensors of numbers between two limits, each as likely; with a seed the same ones each time."""
    def get_config(self) -> dict[str, Any]:
        """The limits and the seed."""
    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The initializer whose `get_config` returned `config`."""
    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None: ...
    def __call__(self, shape: ShapeLike, dtype: DTypeLike = ..., **kwargs: object) -> Tensor:
        """Numbers of a shape."""

def range(
    start: TensorLike,
    limit: TensorLike | None = None,
    delta: TensorLike = 1,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`start`, `start + delta` … up to, and without, `limit`; with one argument from 0 up to that."""

def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """The number of axes of `input`."""

def recompute_grad(f: Callable[P, R]) -> Callable[P, R]:
    """Make a function compute what its gradient needs again, instead of keeping it: a decorator."""

def repeat(input: TensorLike, repeats: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each element of `input`, or each part along `axis`, `repeats` times in a row."""

def required_space_to_batch_paddings(
    input_shape: TensorLike,
    block_shape: TensorLike,
    base_paddings: TensorLike | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """How much sizes have to be padded for `space_to_batch`, and what `batch_to_space` crops after it."""

def reshape(tensor: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """The elements of `tensor`, in row-major order, in another shape."""

def reverse(tensor: TensorLike, axis: int | Sequence[int], name: str | None = None) -> Tensor:
    """`tensor` with the order of its elements reversed along one axis or several."""

def reverse_sequence(
    input: TensorLike,
    seq_lengths: TensorLike,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`input` with the first elements of each sequence in reverse order."""

def roll(input: TensorLike, shift: ShapeLike, axis: int | Sequence[int], name: str | None = None) -> Tensor:
    """`input` with its elements moved along axes; those that are moved over the end are the first ones."""

def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: builtins.bool = True,
    swap_memory: builtins.bool = False,
    infer_shape: builtins.bool = True,
    reverse: builtins.bool = False,
    name: str | None = None,
) -> Any:
    """All values of `a = fn(a, part)` for the parts of `elems` along the first axis, as one tensor."""

def scatter_nd(indices: TensorLike, updates: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Zeros of `shape` with `updates` added at the indices in the last axis of `indices`."""

def searchsorted(
    sorted_sequence: TensorLike,
    values: TensorLike,
    side: str = 'left',
    out_type: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """The positions at which `values` can be inserted into sorted rows so that these stay sorted."""

def sequence_mask(
    lengths: TensorLike,
    maxlen: TensorLike | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """For each length a row that holds in so many of its first places."""

def shape(input: TensorLike, out_type: DTypeLike = ..., name: str | None = None) -> Tensor:
    """The sizes of `input` as a vector; in a `function` those that it will have when that runs."""

def shape_n(input: Sequence[TensorLike], out_type: DTypeLike = ..., name: str | None = None) -> list[Tensor]:
    """The sizes of each of some tensors."""

def size(input: TensorLike, out_type: DTypeLike = ..., name: str | None = None) -> Tensor:
    """The number of elements of `input`."""

def slice(input_: TensorLike, begin: ShapeLike, size: ShapeLike, name: str | None = None) -> Tensor:
    """The part of `input_` that begins at `begin` and has `size` elements along each axis; -1 means all that follow."""

def sort(values: TensorLike, axis: int = -1, direction: str = 'ASCENDING', name: str | None = None) -> Tensor:
    """The elements along `axis` in order, `"ASCENDING"` or `"DESCENDING"`. NaN is greater than every number."""

def split(
    value: TensorLike,
    num_or_size_splits: ShapeLike,
    axis: int = 0,
    num: int | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """`value` cut along `axis`: into that many equal parts, or into parts of the sizes given, one of which may be -1."""

def squeeze(input: TensorLike, axis: int | Sequence[int] | None = None, name: str | None = None) -> Tensor:
    """`input` without the axes `axis` of size 1; without all axes of size 1 if `axis` is not given."""

def stack(values: TensorLike, axis: int = 0, name: str | None = None) -> Tensor:
    """Tensors of one shape and dtype, one after the other along a new axis."""

def stop_gradient(input: TensorLike, name: str | None = None) -> Tensor:
    """`input`, through which no gradient flows."""

def switch_case(
    branch_index: TensorLike,
    branch_fns: Mapping[int, Callable[[], Result]] | Sequence[Callable[[], Result] | tuple[int, Callable[[], Result]]],
    default: Callable[[], Result] | None = None,
    name: str = 'switch_case',
) -> Result:
    """The result of the function at index `branch_index`, else of `default`, else of the last function."""

def tensor_scatter_nd_add(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`tensor` with `updates` added at the indices in the last axis of `indices`; repeated ones add up."""

def tensor_scatter_nd_max(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`tensor` with the greater one of each update and the element at its index."""

def tensor_scatter_nd_min(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`tensor` with the lesser one of each update and the element at its index."""

def tensor_scatter_nd_sub(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`tensor` with `updates` subtracted at the indices in the last axis of `indices`; repeated ones add up."""

def tensor_scatter_nd_update(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`tensor` with `updates` in place of the elements at the indices in the last axis of `indices`."""

def tile(input: TensorLike, multiples: ShapeLike, name: str | None = None) -> Tensor:
    """`input` repeated `multiples` times along each axis."""

def timestamp(name: str | None = None) -> Tensor:
    """The seconds since the beginning of 1970, as float64. Inside a `function` it is an error."""

def transpose(
    a: TensorLike,
    perm: ShapeLike | None = None,
    conjugate: builtins.bool = False,
    name: str | None = None,
) -> Tensor:
    """`a` with its axes in the order `perm`; without it, in reverse order. `conjugate` negates imaginary parts."""

def type_spec_from_value(value: Any) -> TensorSpec:
    """The `TensorSpec` of a tensor, a Variable or an array."""

def unique(x: TensorLike, out_idx: DTypeLike = ..., name: str | None = None) -> Unique:
    """The different elements of the vector `x` in the order in which they occur first, and where each one is."""

def unique_with_counts(x: TensorLike, out_idx: DTypeLike = ..., name: str | None = None) -> UniqueWithCounts:
    """What `unique` returns, and `count`: how often each of the different elements occurs."""

def unravel_index(indices: TensorLike, dims: TensorLike, name: str | None = None) -> Tensor:
    """The indices along each axis, of a tensor of sizes `dims`, of elements that are counted in row-major order."""

def unstack(value: TensorLike, num: int | None = None, axis: int = 0, name: str | None = None) -> list[Tensor]:
    """The parts of `value` along `axis`, without it. `num`, how many there are, is needed where it is not known."""

def vectorized_map(
    fn: Callable[[Any], Any],
    elems: object,
    fallback_to_while_loop: builtins.bool = True,
    warn: builtins.bool = True,
) -> Any:
    """What `fn` returns for each part of `elems` along the first axis, computed for all parts at once."""

def where(
    condition: TensorLike,
    x: TensorLike | None = None,
    y: TensorLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`x` where `condition` holds, else `y`, elementwise. Without `x` and `y`, the indices of what is true or not 0."""

def while_loop(
    cond: Callable[..., TensorLike],
    body: Callable[..., object],
    loop_vars: object,
    shape_invariants: object = None,
    parallel_iterations: int = 10,
    back_prop: builtins.bool = True,
    swap_memory: builtins.bool = False,
    maximum_iterations: TensorLike | None = None,
    name: str | None = None,
) -> Any:
    """Repeat `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds; the variables after it."""

def zeros(shape: ShapeLike, dtype: DTypeLike = ..., name: str | None = None, layout: object = None) -> Tensor:
    """A tensor of zeros."""

class zeros_initializer:
    """Tensors of zeros."""
    def get_config(self) -> dict[str, Any]:
        """The arguments that make an initializer like this one."""
    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The initializer whose `get_config` returned `config`."""
    def __call__(self, shape: ShapeLike, dtype: DTypeLike = ..., **kwargs: object) -> Tensor:
        """Zeros of a shape."""

def zeros_like(
    input: TensorLike,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    layout: object = None,
) -> Tensor:
    """A tensor of zeros of the shape of `input`, and of its dtype if no other is given."""
