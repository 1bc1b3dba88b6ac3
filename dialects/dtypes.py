"""The dtypes: one record each, with all that is asked about a dtype."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import ml_dtypes
import numpy as np
from xdsl.dialects.builtin import (
    AnyFloat,
    BFloat16Type,
    ComplexType,
    Float16Type,
    Float32Type,
    Float64Type,
    IndexType,
    IntegerType,
    Signedness,
)
from xdsl.ir import Attribute

from .public import public, public_values
from .strings import StringType

ElementType: TypeAlias = AnyFloat | IntegerType | ComplexType[Any] | StringType
"""The type of an element in the IR."""


@public("dtypes", top=True)
@dataclass(frozen=True, eq=False, repr=False)
class DType:
    """The dtype of a tensor's elements; equal to its name and to NumPy's dtype.

    NumPy takes it wherever it takes a dtype.

    Attributes:
        name: such as `"float32"`.
        dtype: NumPy's dtype.
        element_type: the type of an element in the IR.
        onnx: the code of `onnx.TensorProto.DataType`.
        as_datatype_enum: the code of TensorFlow's `DataType`.
        is_bool: whether it is bool, which is no integer.
        is_integer: whether it is a signed or unsigned integer.
        is_unsigned: whether it is an unsigned integer.
        is_floating: whether it is a floating-point dtype.
        is_complex: whether it is complex.
        is_string: whether elements are strings, which are sequences of bytes.

    Example:
        >>> import stepwell as sw
        >>> sw.float32.is_floating, sw.float32 == "float32", sw.uint8.max
        (True, True, 255)
    """

    name: str
    dtype: np.dtype[Any]
    element_type: ElementType
    onnx: int
    as_datatype_enum: int
    is_bool: bool = False
    is_integer: bool = False
    is_unsigned: bool = False
    is_floating: bool = False
    is_complex: bool = False
    is_string: bool = False

    @property
    def as_numpy_dtype(self) -> type[Any]:
        """NumPy's scalar type, such as `numpy.float32`."""
        return self.dtype.type

    @property
    def size(self) -> int:
        """The bytes of an element."""
        return self.dtype.itemsize

    @property
    def bits(self) -> int:
        """The bits of an element: 1 for bool."""
        return 1 if self.is_bool else 8 * self.dtype.itemsize

    @property
    def is_signed(self) -> bool:
        """Whether it is a signed integer."""
        return self.is_integer and not self.is_unsigned

    @property
    def is_number(self) -> bool:
        """Whether it is an integer or a floating-point dtype."""
        return self.is_integer or self.is_floating

    @property
    def is_inexact(self) -> bool:
        """Whether it is floating-point or complex: such tensors have gradients."""
        return self.is_floating or self.is_complex

    @property
    def is_quantized(self) -> bool:
        """Whether it is one of TensorFlow's quantized dtypes: it is not."""
        return False

    @property
    def is_numpy_compatible(self) -> bool:
        """Whether NumPy has a dtype for it: it does."""
        return True

    @property
    def base_dtype(self) -> DType:
        """The dtype itself."""
        return self

    @property
    def real_dtype(self) -> DType:
        """The dtype of the real part of an element."""
        return _BY_NAME[f"float{4 * self.size}"] if self.is_complex else self

    @property
    def complex_dtype(self) -> DType:
        """The complex dtype whose parts are of this floating-point dtype; a complex dtype itself."""
        return self if self.is_complex else _BY_NAME["complex128" if self.size == 8 else "complex64"]

    @property
    def accumulates_in(self) -> DType:
        """The dtype in which sums and products of many elements are computed."""
        return _BY_NAME["float32"] if self.is_floating and self.size < 4 else self

    @property
    def divides_in(self) -> DType:
        """The dtype of quotients of two numbers: float32 for integers of at most 16 bits, float64 for others."""
        return self if not self.is_integer else _BY_NAME["float32" if self.size <= 2 else "float64"]

    @property
    def precision(self) -> int:
        """The bits of a floating-point number's significand, with the one that is not stored."""
        return ml_dtypes.finfo(self.dtype).nmant + 1

    @property
    def finfo(self) -> Any:
        """The limits of a floating-point dtype, as `numpy.finfo` has them."""
        return ml_dtypes.finfo(self.dtype)

    @property
    def min(self) -> Any:
        """The least finite element."""
        return self._limits[0]

    @property
    def max(self) -> Any:
        """The largest finite element."""
        return self._limits[1]

    @property
    def limits(self) -> tuple[Any, Any]:
        """0 and 1 for floating-point dtypes, which is how images are kept; `(0, max)` or `(min, max)` for integers."""
        if self.is_string:
            raise ValueError("DType: strings have no limits")
        return (0, 1) if self.is_floating else self._limits

    @property
    def _limits(self) -> tuple[Any, Any]:
        if self.is_bool:
            return False, True
        if self.is_integer:
            return int(np.iinfo(self.dtype).min), int(np.iinfo(self.dtype).max)
        if self.is_string:
            raise TypeError("DType: strings have no least and no largest one")
        if self.is_complex:
            raise TypeError(f"{self.name} has no least and no largest element")
        info = ml_dtypes.finfo(self.dtype)
        return info.min, info.max

    def is_compatible_with(self, other: DTypeLike) -> bool:
        """Whether a tensor of that dtype is accepted for this one: whether they are the same."""
        return self == as_dtype(other)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DType):
            return self is other
        if other is None:
            return False
        if self.is_string:
            return (
                (isinstance(other, str) and other == self.name)
                or other is np.object_
                or other is object
                or (isinstance(other, np.dtype) and record_of(other) is self)
            )
        try:
            return self.dtype == np.dtype(other)  # type: ignore[call-overload]
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return f"tf.{self.name}"


DTypeLike: TypeAlias = DType | np.dtype | type | str
"""What represents a dtype: one such as `sw.float32`, one of NumPy's, a scalar type, or a name."""
public_values("types", "DTypeLike")


def _integer(bits: int, onnx: int, enum: int, *, unsigned: bool = False) -> DType:
    name = f"{'u' * unsigned}int{bits}"
    type_ = IntegerType(bits, Signedness.UNSIGNED) if unsigned else IntegerType(bits)
    return DType(name, np.dtype(name), type_, onnx, enum, is_integer=True, is_unsigned=unsigned)


BOOL = DType("bool", np.dtype(np.bool_), IntegerType(1), 9, 10, is_bool=True)
INT8, INT16, INT32, INT64 = _integer(8, 3, 6), _integer(16, 5, 5), _integer(32, 6, 3), _integer(64, 7, 9)
UINT8, UINT16 = _integer(8, 2, 4, unsigned=True), _integer(16, 4, 17, unsigned=True)
UINT32, UINT64 = _integer(32, 12, 22, unsigned=True), _integer(64, 13, 23, unsigned=True)
FLOAT16 = DType("float16", np.dtype(np.float16), Float16Type(), 10, 19, is_floating=True)
BFLOAT16 = DType("bfloat16", np.dtype(ml_dtypes.bfloat16), BFloat16Type(), 16, 14, is_floating=True)
FLOAT32 = DType("float32", np.dtype(np.float32), Float32Type(), 1, 1, is_floating=True)
FLOAT64 = DType("float64", np.dtype(np.float64), Float64Type(), 11, 2, is_floating=True)
STRING = DType("string", np.dtype(np.object_), StringType(), 8, 7, is_string=True)
"""Strings: Python's bytes in an array of objects, as NumPy's own dtype of strings holds no other bytes than text."""
COMPLEX64 = DType("complex64", np.dtype(np.complex64), ComplexType(Float32Type()), 14, 8, is_complex=True)
COMPLEX128 = DType("complex128", np.dtype(np.complex128), ComplexType(Float64Type()), 15, 18, is_complex=True)

NUMERIC_DTYPES = (
    *(BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64),
    *(FLOAT16, BFLOAT16, FLOAT32, FLOAT64, COMPLEX64, COMPLEX128),
)
"""The dtypes of numbers and booleans."""

TENSOR_DTYPES = (*NUMERIC_DTYPES, STRING)
"""The dtypes that tensors have."""

DTYPE_NAMES = (*(dtype.name for dtype in TENSOR_DTYPES), "half", "double")
"""What users call them."""

INTS = (INT32, INT64)
"""The dtypes of indices and sizes."""
INTEGERS = (INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64)
FLOATS = (FLOAT16, BFLOAT16, FLOAT32, FLOAT64)
WIDE_FLOATS = (FLOAT32, FLOAT64)
"""The dtypes of floats that CPUs, and the libraries for decompositions, compute in."""
HALVES = frozenset((FLOAT16, BFLOAT16))
"""Floats of 16 bits, which are computed with in float32."""
NUMBERS = INTEGERS + FLOATS
ALL = (BOOL, *NUMBERS)
COMPLEX = (COMPLEX64, COMPLEX128)

_BY_NAME = {record.name: record for record in TENSOR_DTYPES}
_BY_NUMPY: dict[Any, DType] = {record.dtype: record for record in TENSOR_DTYPES}
_BY_ELEMENT_TYPE: dict[Attribute, DType] = {record.element_type: record for record in TENSOR_DTYPES}
_BY_ELEMENT_TYPE[IndexType()] = INT64


@public("dtypes", top=True)
def as_dtype(type_value: DTypeLike) -> DType:
    """Return the dtype that a dtype of NumPy, a scalar type or a name represents.

    Raises:
        TypeError: no tensor can have it.

    Example:
        >>> import stepwell as sw
        >>> sw.as_dtype("float32").is_floating
        True
    """
    return dtype_named(type_value, "as_dtype()")


def dtype_named(value: DTypeLike | None, what: str) -> DType:
    """The dtype that `value` (a dtype, a name, a scalar type) represents, in the byte order of this machine.

    Raises TypeError, in which `what` names the argument, for anything else, and for dtypes that tensors do not have.
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, str) and value in _BY_NAME:
        return _BY_NAME[value]
    try:
        found = None if value is None or value is str or value is bytes else record_of(np.dtype(value))
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise TypeError(f"{what}: expected a dtype of {', '.join(_BY_NAME)}, got {value!r}")
    return found


def record_of(dtype: np.dtype) -> DType | None:
    """The record of a dtype of NumPy, in any byte order; None if tensors cannot have it."""
    found = _BY_NUMPY.get(dtype) or _BY_NUMPY.get(dtype.newbyteorder("="))
    is_string = issubclass(dtype.type, np.character) or isinstance(dtype, np.dtypes.StringDType)
    return STRING if found is None and is_string else found


def dtype_of(value: Any) -> DType:
    """The dtype of an element type, of the elements of a type, or of an array.

    Example:
        >>> dtype_of(IntegerType(32)).name, dtype_of(np.zeros(3)).name
        ('int32', 'float64')
    """
    if isinstance(value, np.ndarray):  # first, as asking for a class with abstract methods takes long
        return _BY_NUMPY[value.dtype]
    if isinstance(value, Attribute):
        is_element = isinstance(value, ComplexType)
        return _BY_ELEMENT_TYPE[value if is_element else getattr(value, "element_type", value)]
    return _BY_NUMPY[value.dtype]


def element_type(dtype: DTypeLike) -> ElementType:
    """The IR's element type for a dtype.

    Example:
        >>> str(element_type("float32"))
        'f32'
    """
    return as_dtype(dtype).element_type


def native_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype in the byte order of this machine: of those that tensors have NumPy's own object.

    Compiled code knows arrays by that very object; `newbyteorder` makes another one that is equal to it.
    """
    found = record_of(dtype)
    return dtype.newbyteorder("=") if found is None else found.dtype


def is_tensor_dtype(dtype: np.dtype) -> bool:
    """Whether tensors can have that dtype."""
    return record_of(dtype) is not None
