# Written by `python -m stepwell.tools.public_api --write`.

import builtins
import numpy as np
from dataclasses import dataclass
from typing import Any
from stepwell import Tensor
from stepwell.types import DTypeLike, TensorLike

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

@dataclass(frozen=True, eq=False, repr=False)
class DType:
    """The dtype of a tensor's elements; equal to its name and to NumPy's dtype."""
    name: str
    dtype: np.dtype[Any]
    onnx: int
    as_datatype_enum: int
    is_bool: builtins.bool = ...
    is_integer: builtins.bool = ...
    is_unsigned: builtins.bool = ...
    is_floating: builtins.bool = ...
    is_complex: builtins.bool = ...
    is_string: builtins.bool = ...
    @property
    def as_numpy_dtype(self) -> type[Any]:
        """NumPy's scalar type, such as `numpy.float32`."""
    @property
    def size(self) -> int:
        """The bytes of an element."""
    @property
    def bits(self) -> int:
        """The bits of an element: 1 for bool."""
    @property
    def is_signed(self) -> builtins.bool:
        """Whether it is a signed integer."""
    @property
    def is_number(self) -> builtins.bool:
        """Whether it is an integer or a floating-point dtype."""
    @property
    def is_inexact(self) -> builtins.bool:
        """Whether it is floating-point or complex: such tensors have gradients."""
    @property
    def is_quantized(self) -> builtins.bool:
        """Whether it is one of TensorFlow's quantized dtypes: it is not."""
    @property
    def is_numpy_compatible(self) -> builtins.bool:
        """Whether NumPy has a dtype for it: it does."""
    @property
    def base_dtype(self) -> DType:
        """The dtype itself."""
    @property
    def real_dtype(self) -> DType:
        """The dtype of the real part of an element."""
    @property
    def complex_dtype(self) -> DType:
        """The complex dtype whose parts are of this floating-point dtype; a complex dtype itself."""
    @property
    def accumulates_in(self) -> DType:
        """The dtype in which sums and products of many elements are computed."""
    @property
    def divides_in(self) -> DType:
        """The dtype of quotients of two numbers: float32 for integers of at most 16 bits, float64 for others."""
    @property
    def precision(self) -> int:
        """The bits of a floating-point number's significand, with the one that is not stored."""
    @property
    def finfo(self) -> Any:
        """The limits of a floating-point dtype, as `numpy.finfo` has them."""
    @property
    def min(self) -> Any:
        """The least finite element."""
    @property
    def max(self) -> Any:
        """The largest finite element."""
    @property
    def limits(self) -> tuple[Any, Any]:
        """0 and 1 for floating-point dtypes, which is how images are kept; `(0, max)` or `(min, max)` for integers."""
    def is_compatible_with(self, other: DTypeLike) -> builtins.bool:
        """Whether a tensor of that dtype is accepted for this one: whether they are the same."""
    def __eq__(self, other: object) -> builtins.bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...

def as_dtype(type_value: DTypeLike) -> DType:
    """Return the dtype that a dtype of NumPy, a scalar type or a name represents."""

def cast(x: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """`x` in another dtype. Floats become integers by rounding towards zero; what is too large, the nearest one."""

def complex(real: TensorLike, imag: TensorLike, name: str | None = None) -> Tensor:
    """Complex numbers with these real and imaginary parts, elementwise; both are of float32, or both of float64."""

def saturate_cast(value: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """`value` in another dtype; what that cannot hold is its least or greatest value."""
