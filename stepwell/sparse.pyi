# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable, Sequence
from stepwell import RaggedTensor, Tensor, TensorShape
from stepwell.dtypes import DType
from stepwell.types import DTypeLike, ShapeLike, TensorLike

class SparseTensor:
    """Some elements of a tensor, and where they are; all others are zeros."""
    def __init__(self, indices: TensorLike, values: TensorLike, dense_shape: TensorLike) -> None: ...
    @property
    def indices(self) -> Tensor:
        """For each stored element its indices, a row of an int64 matrix."""
    @property
    def values(self) -> Tensor:
        """The stored elements."""
    @property
    def dense_shape(self) -> Tensor:
        """The sizes, an int64 vector."""
    @property
    def shape(self) -> TensorShape:
        """The sizes, as far as they are known."""
    @property
    def rank(self) -> int | None:
        """How many axes there are, as far as it is known."""
    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
    def get_shape(self) -> TensorShape:
        """The sizes, as far as they are known."""
    def with_values(self, new_values: TensorLike) -> SparseTensor:
        """A SparseTensor with the same indices and other elements."""
    def __mul__(self, other: object) -> SparseTensor: ...
    def __truediv__(self, other: object) -> SparseTensor: ...
    def __repr__(self) -> str: ...

def bincount(
    values: TensorLike | SparseTensor | RaggedTensor,
    weights: TensorLike | SparseTensor | RaggedTensor | None = None,
    axis: int | None = 0,
    minlength: TensorLike | None = None,
    maxlength: TensorLike | None = None,
    binary_output: bool = False,
    name: str | None = None,
) -> SparseTensor:
    """How often each of the integers 0, 1, 2 … occurs, where only those that occur are stored."""

def cross_hashed(
    inputs: Sequence[TensorLike | SparseTensor],
    num_buckets: int = 0,
    hash_key: int | None = None,
    name: str | None = None,
) -> SparseTensor:
    """All combinations of the features in the rows of several matrices, as hashes, which are TensorFlow's."""

def expand_dims(sp_input: SparseTensor, axis: int | None = None, name: str | None = None) -> SparseTensor:
    """The same elements with another axis, of size 1."""

def eye(
    num_rows: int | Tensor,
    num_columns: int | Tensor | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> SparseTensor:
    """A matrix with ones on its diagonal."""

def from_dense(tensor: TensorLike, name: str | None = None) -> SparseTensor:
    """A SparseTensor of the elements that are not 0, False or empty strings."""

def map_values(op: Callable[..., TensorLike], *args: object, **kwargs: object) -> SparseTensor:
    """A SparseTensor of what `op` returns of the elements of SparseTensors, and of other arguments."""

def reduce_sum(
    sp_input: SparseTensor,
    axis: int | Sequence[int] | None = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor | SparseTensor:
    """The sum of the elements along one axis, or several, or all; a tensor, or with `output_is_sparse` a SparseTensor."""

def reorder(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """The same tensor with its elements stored in row-major order."""

def retain(sp_input: SparseTensor, to_retain: TensorLike) -> SparseTensor:
    """A SparseTensor of the elements for which `to_retain` holds."""

def sparse_dense_matmul(
    sp_a: SparseTensor,
    b: TensorLike,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of a sparse matrix and a matrix."""

def to_dense(
    sp_input: SparseTensor,
    default_value: TensorLike | None = None,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """The tensor that a SparseTensor represents."""

def transpose(sp_input: SparseTensor, perm: ShapeLike | None = None, name: str | None = None) -> SparseTensor:
    """A SparseTensor with its axes in the order `perm`; without it, in reverse order."""
