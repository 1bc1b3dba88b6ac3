# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
from collections.abc import Sequence
from stepwell import Tensor
from stepwell.linalg import l2_normalize as l2_normalize
from stepwell.types import DTypeLike, TensorLike, TopKV2
from . import special as special

def abs(x: TensorLike, name: str | None = None) -> Tensor:
    """`|x|`, elementwise; of complex numbers their magnitudes, which are real."""

def accumulate_n(
    inputs: Sequence[TensorLike],
    shape: object = None,
    tensor_dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """The sum of tensors of one shape and dtype, as `add_n`."""

def acos(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from 0 to pi whose cosine is `x`, elementwise."""

def acosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number, not negative, whose hyperbolic cosine is `x`, elementwise."""

def add(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x + y`, elementwise. Shapes broadcast; a Python number takes the dtype of the other operand; strings are joined."""

def add_n(inputs: Sequence[TensorLike], name: str | None = None) -> Tensor:
    """The sum of tensors of one shape and dtype."""

def angle(input: TensorLike, name: str | None = None) -> Tensor:
    """The angles in radians to the positive real axis, elementwise; 0 or pi for a real tensor."""

def argmax(
    input: TensorLike,
    axis: int | None = None,
    output_type: DTypeLike = np.int64,
    name: str | None = None,
) -> Tensor:
    """The index of the greatest element along `axis` (0 if None), of the first one if several are equal."""

def argmin(
    input: TensorLike,
    axis: int | None = None,
    output_type: DTypeLike = np.int64,
    name: str | None = None,
) -> Tensor:
    """The index of the least element along `axis` (0 if None), of the first one if several are equal."""

def asin(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from -pi / 2 to pi / 2 whose sine is `x`, elementwise."""

def asinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose hyperbolic sine is `x`, elementwise."""

def atan(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from -pi / 2 to pi / 2 whose tangent is `x`, elementwise."""

def atan2(y: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from -pi to pi of the point `(x, y)`, elementwise. Shapes broadcast."""

def atanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose hyperbolic tangent is `x`, elementwise."""

def bessel_i0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0, elementwise."""

def bessel_i0e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_i0(x) * exp(-abs(x))`, elementwise."""

def bessel_i1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1, elementwise."""

def bessel_i1e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_i1(x) * exp(-abs(x))`, elementwise."""

def betainc(a: TensorLike, b: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The regularized incomplete beta function of `x`, elementwise. Its gradient is that with respect to `x` only."""

def bincount(
    arr: TensorLike,
    weights: TensorLike | None = None,
    minlength: TensorLike | None = None,
    maxlength: TensorLike | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Tensor:
    """How often each of the integers 0, 1, 2 … occurs."""

def ceil(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounded up, elementwise."""

def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: TensorLike | None = None,
    weights: TensorLike | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """How often each class, a row, was taken for each other one, a column."""

def conj(x: TensorLike, name: str | None = None) -> Tensor:
    """`x` with the imaginary parts negated, elementwise; a real tensor as it is."""

def cos(x: TensorLike, name: str | None = None) -> Tensor:
    """The cosine of radians, elementwise."""

def cosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic cosine, elementwise."""

def count_nonzero(
    input: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """How many elements along `axis` are not 0."""

def cummax(x: TensorLike, axis: int = 0, reverse: bool = False, name: str | None = None) -> Tensor:
    """The greatest of the elements along `axis` up to each one; NaN from the first NaN on. TensorFlow has no such name."""

def cumprod(
    x: TensorLike,
    axis: int = 0,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of the elements along `axis` up to each one; arguments as those of `cumsum`."""

def cumsum(
    x: TensorLike,
    axis: int = 0,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The sum of the elements along `axis` up to each one."""

def cumulative_logsumexp(
    x: TensorLike,
    axis: int = 0,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The logarithm of the sum of the exponentials of the elements along `axis` up to each one."""

def digamma(x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative of `lgamma`, elementwise."""

def divide(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; integers are divided as float64, those of at most 16 bits as float32."""

def divide_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; 0 where `y` is 0."""

def equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x == y`, elementwise."""

def erf(x: TensorLike, name: str | None = None) -> Tensor:
    """The error function, elementwise."""

def erfc(x: TensorLike, name: str | None = None) -> Tensor:
    """1 less the error function, exact in its small values too, elementwise."""

def erfcinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `erfc`, elementwise, exact for a small `x`, too."""

def erfinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose error function is `x`, elementwise."""

def exp(x: TensorLike, name: str | None = None) -> Tensor:
    """`e ** x`, elementwise."""

def expm1(x: TensorLike, name: str | None = None) -> Tensor:
    """`e ** x - 1`, elementwise, exact for small `x` too."""

def floor(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounded down, elementwise."""

def floordiv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x // y`, elementwise: rounded down, as in Python. Raises DivisionByZeroError for integers if a `y` is 0."""

def floormod(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x % y`, elementwise, with the sign of `y`, as in Python. Raises DivisionByZeroError for integers if a `y` is 0."""

def greater(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x > y`, elementwise."""

def greater_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x >= y`, elementwise."""

def igamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The lower incomplete gamma function of `x`, divided by the gamma function of `a`, elementwise."""

def igammac(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """`1 - igamma(a, x)`, elementwise, exact where that is small, too."""

def imag(input: TensorLike, name: str | None = None) -> Tensor:
    """The imaginary parts, elementwise; zeros for a real tensor."""

def in_top_k(targets: TensorLike, predictions: TensorLike, k: TensorLike, name: str | None = None) -> Tensor:
    """Whether fewer than `k` numbers of a row are greater than the one that its target names."""

def invert_permutation(x: TensorLike, name: str | None = None) -> Tensor:
    """The positions of 0, 1, 2 … in `x`, which holds each number below its size once."""

def is_finite(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x` is neither NaN nor an infinity, elementwise."""

def is_inf(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x` is an infinity, elementwise."""

def is_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x` is NaN, elementwise."""

def is_non_decreasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether no element is less than the one before, in row-major order."""

def is_strictly_increasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether each element is greater than the one before, in row-major order."""

def lbeta(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the beta function of the elements along the last axis."""

def less(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x < y`, elementwise."""

def less_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x <= y`, elementwise."""

def lgamma(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the size of the gamma function, elementwise."""

def log(x: TensorLike, name: str | None = None) -> Tensor:
    """The natural logarithm, elementwise."""

def log1p(x: TensorLike, name: str | None = None) -> Tensor:
    """`log(1 + x)`, elementwise, exact for small `x` too."""

def log_sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of `sigmoid(x)`, elementwise, of large negative numbers too."""

def log_softmax(logits: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """The logarithm of `softmax(logits)`, of small probabilities too."""

def logical_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x and y`, elementwise, of booleans."""

def logical_not(x: TensorLike, name: str | None = None) -> Tensor:
    """`not x`, elementwise, of booleans."""

def logical_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x or y`, elementwise, of booleans."""

def logical_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether exactly one holds, elementwise, of booleans."""

def maximum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The greater of `x` and `y`, elementwise; NaN where either is."""

def minimum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The lesser of `x` and `y`, elementwise; NaN where either is."""

mod = floormod

def multiply(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * y`, elementwise. Shapes broadcast; a Python number takes the dtype of the other operand."""

def multiply_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * y`, elementwise; 0 where `y` is 0, whatever `x` is."""

def ndtri(x: TensorLike, name: str | None = None) -> Tensor:
    """The quantiles of the standard normal distribution: infinite at 0 and 1, NaN beyond, elementwise."""

def negative(x: TensorLike, name: str | None = None) -> Tensor:
    """`-x`, elementwise."""

def nextafter(x1: TensorLike, x2: TensorLike, name: str | None = None) -> Tensor:
    """The floating-point number next to `x1` in the direction of `x2`, elementwise."""

def not_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x != y`, elementwise."""

def polygamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative of order `a` of `digamma`, elementwise, for orders of 0, 1, 2 …; NaN for others."""

def polyval(coeffs: Sequence[TensorLike], x: TensorLike, name: str | None = None) -> Tensor:
    """The polynomial with these coefficients, that of the highest power first, elementwise by Horner's rule."""

def pow(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x ** y`, elementwise. Integers wrap around; InvalidArgumentError for a negative power of integers."""

def real(input: TensorLike, name: str | None = None) -> Tensor:
    """The real parts, elementwise; a real tensor as it is."""

def reciprocal(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / x`, elementwise, of floats and complex numbers."""

def reciprocal_no_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / x`, elementwise; 0 where `x` is 0."""

def reduce_all(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """Whether every boolean along `axis` holds; true of nothing."""

def reduce_any(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """Whether any boolean along `axis` holds; false of nothing."""

def reduce_euclidean_norm(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The square root of the sum of the squares along `axis`."""

def reduce_logsumexp(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The logarithm of the sum of `exp(input_tensor)` along `axis`, of large numbers too."""

def reduce_max(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The greatest element along `axis`; NaN if there is one; -inf or the least integer of nothing."""

def reduce_mean(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The mean along `axis`, of integers rounded towards zero."""

def reduce_min(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The least element along `axis`; NaN if there is one; inf or the greatest integer of nothing."""

def reduce_prod(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product along `axis`; 1 of nothing."""

def reduce_std(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The square root of the variance along `axis`."""

def reduce_sum(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The sum along `axis`; 0 of nothing."""

def reduce_variance(
    input_tensor: TensorLike,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The mean square of the distances from the mean along `axis`."""

rint = round

def round(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounded to the nearest integer, elementwise, halves to the even one; integers stay."""

def rsqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / sqrt(x)`, elementwise."""

def scalar_mul(scalar: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """`scalar * x`."""

def segment_max(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the greatest of its parts; 0 if it has none. Arguments as those of `segment_sum`."""

def segment_mean(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the mean of its parts, of integers rounded towards 0; 0 if it has none. See `segment_sum`."""

def segment_min(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the least of its parts; 0 if it has none. Arguments as those of `segment_sum`."""

def segment_prod(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the product of its parts; 1 if it has none. Arguments as those of `segment_sum`."""

def segment_sum(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """For each segment the sum of the parts of `data` that belong to it; 0 if none does."""

def sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / (1 + exp(-x))`, elementwise."""

def sign(x: TensorLike, name: str | None = None) -> Tensor:
    """-1, 0 or 1 as `x` is negative, zero or positive, elementwise; of a complex number, it divided by its magnitude."""

def sin(x: TensorLike, name: str | None = None) -> Tensor:
    """The sine of radians, elementwise."""

def sinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic sine, elementwise."""

def softmax(logits: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """`exp(logits)`, divided by their sum along `axis` (the last one if not given)."""

def softplus(features: TensorLike, name: str | None = None) -> Tensor:
    """`log(exp(features) + 1)`, elementwise, of large numbers too."""

def softsign(features: TensorLike, name: str | None = None) -> Tensor:
    """`features / (|features| + 1)`, elementwise."""

def sqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """The square root, elementwise."""

def square(x: TensorLike, name: str | None = None) -> Tensor:
    """`x * x`, elementwise."""

def squared_difference(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`(x - y) ** 2`, elementwise; of complex numbers the square of the magnitude of `x - y`."""

def subtract(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x - y`, elementwise. Shapes broadcast; a Python number takes the dtype of the other operand."""

def tan(x: TensorLike, name: str | None = None) -> Tensor:
    """The tangent of radians, elementwise."""

def tanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic tangent, elementwise."""

def top_k(
    input: TensorLike,
    k: TensorLike = 1,
    sorted: bool = True,
    index_type: DTypeLike = np.int32,
    name: str | None = None,
) -> TopKV2:
    """The `k` greatest elements of each row, the last axis, greatest first, and their indices."""

def truediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; integers are divided as float64, those of at most 16 bits as float32."""

def unsorted_segment_max(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    name: str | None = None,
) -> Tensor:
    """For each segment the greatest of its parts; the least number of the dtype if it has none."""

def unsorted_segment_mean(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    name: str | None = None,
) -> Tensor:
    """For each segment the mean of its parts, as floats; 0 if it has none. Arguments as of `unsorted_segment_sum`."""

def unsorted_segment_min(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    name: str | None = None,
) -> Tensor:
    """For each segment the least of its parts; the greatest number of the dtype if it has none."""

def unsorted_segment_prod(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    name: str | None = None,
) -> Tensor:
    """For each segment the product of its parts; 1 if it has none. Arguments as those of `unsorted_segment_sum`."""

def unsorted_segment_sqrt_n(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    name: str | None = None,
) -> Tensor:
    """For each segment the sum of its parts, divided by the square root of how many they are; 0 if it has none."""

def unsorted_segment_sum(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    name: str | None = None,
) -> Tensor:
    """For each segment the sum of the parts of `data` that belong to it; 0 if none does."""

def xdivy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; 0 where `x` is 0, whatever `y` is."""

def xlog1py(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * log(1 + y)`, elementwise; 0 where `x` is 0, whatever `y` is."""

def xlogy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * log(y)`, elementwise; 0 where `x` is 0, whatever `y` is."""

def zero_fraction(value: TensorLike, name: str | None = None) -> Tensor:
    """Which part of the elements is 0; NaN of nothing."""

def zeta(x: TensorLike, q: TensorLike, name: str | None = None) -> Tensor:
    """Hurwitz' zeta function, the sum of `(q + n) ** -x`, elementwise. Its gradient is that with respect to `q` only."""
