"""Public functions of numbers, elementwise."""

from __future__ import annotations

from ....dialects.hl import arithmetic, division, power, rounding, special, transcendental
from ....dialects.hl.logical import LogicalAndOp
from ....dialects.hl.strings import StringJoinOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor, as_tensors
from ..values.tensor import Tensor, TensorLike
from . import namespace
from .divisors import check_divisor, check_exponent
from .select import cast


@public("math", top=True)
def add(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x + y`, elementwise. Shapes broadcast; a Python number takes the dtype of the other operand; strings are joined.

    Example:
        >>> import stepwell as sw
        >>> sw.add([1, 2], 3).numpy().tolist()
        [4, 5]
        >>> sw.add(["a", "b"], ".txt").numpy().tolist()
        [b'a.txt', b'b.txt']
    """
    tensors = as_tensors("add", x, y)
    if tensors[0].dtype.is_string:
        return apply(StringJoinOp, *tensors, separator="")
    return apply(arithmetic.AddOp, *tensors)


@public("math", top=True)
def subtract(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x - y`, elementwise. Shapes broadcast; a Python number takes the dtype of the other operand.

    Example:
        >>> import stepwell as sw
        >>> sw.subtract([1, 2], 3).numpy().tolist()
        [-2, -1]
    """
    return apply(arithmetic.SubOp, *as_tensors("subtract", x, y))


@public("math", top=True)
def multiply(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * y`, elementwise. Shapes broadcast; a Python number takes the dtype of the other operand.

    Example:
        >>> import stepwell as sw
        >>> sw.multiply([1, 2], [[1], [10]]).numpy().tolist()
        [[1, 2], [10, 20]]
    """
    left, right = as_tensors("multiply", x, y)
    return apply(LogicalAndOp if left.dtype.is_bool else arithmetic.MulOp, left, right)


@public("math", top=True)
def divide(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; integers are divided as float64, those of at most 16 bits as float32.

    Example:
        >>> import stepwell as sw
        >>> sw.divide([1, 3], 2).numpy().tolist()
        [0.5, 1.5]
    """
    left, right = as_tensors("divide", x, y)
    return apply(arithmetic.DivOp, cast(left, left.dtype.divides_in), cast(right, left.dtype.divides_in))


@public("math")
def floordiv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x // y`, elementwise: rounded down, as in Python. Raises DivisionByZeroError for integers if a `y` is 0.

    Example:
        >>> import stepwell as sw
        >>> sw.math.floordiv([7, -7], 2).numpy().tolist()
        [3, -4]
    """
    left, right = as_tensors("floordiv", x, y)
    check_divisor("floordiv", left, right)
    return apply(division.FloordivOp, left, right)


@public("math", aliases=("math.mod",))
def floormod(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x % y`, elementwise, with the sign of `y`, as in Python. Raises DivisionByZeroError for integers if a `y` is 0.

    Example:
        >>> import stepwell as sw
        >>> sw.math.floormod([7, -7], 3).numpy().tolist()
        [1, 2]
    """
    left, right = as_tensors("floormod", x, y)
    check_divisor("floormod", left, right)
    return apply(division.ModOp, left, right)


@public("math", top=True)
def pow(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x ** y`, elementwise. Integers wrap around; InvalidArgumentError for a negative power of integers.

    Example:
        >>> import stepwell as sw
        >>> sw.pow(sw.constant([2.0, 3.0]), 2).numpy().tolist()
        [4.0, 9.0]
    """
    left, right = as_tensors("pow", x, y)
    check_exponent(left, right)
    return apply(power.PowOp, left, right)


@public("math", top=True)
def maximum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The greater of `x` and `y`, elementwise; NaN where either is.

    Example:
        >>> import stepwell as sw
        >>> sw.maximum([1, 5], [4, 2]).numpy().tolist()
        [4, 5]
    """
    return apply(arithmetic.MaximumOp, *as_tensors("maximum", x, y))


@public("math", top=True)
def minimum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The lesser of `x` and `y`, elementwise; NaN where either is.

    Example:
        >>> import stepwell as sw
        >>> sw.minimum([1, 5], [4, 2]).numpy().tolist()
        [1, 2]
    """
    return apply(arithmetic.MinimumOp, *as_tensors("minimum", x, y))


@public("math")
def squared_difference(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`(x - y) ** 2`, elementwise; of complex numbers the square of the magnitude of `x - y`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.squared_difference([1, 5], 3).numpy().tolist()
        [4, 4]
    """
    difference = subtract(x, y)
    return multiply(namespace().conj(difference), difference) if difference.dtype.is_complex else square(difference)


@public("math", top=True)
def negative(x: TensorLike, name: str | None = None) -> Tensor:
    """`-x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.negative([1, -2]).numpy().tolist()
        [-1, 2]
    """
    return apply(arithmetic.NegOp, as_tensor(x, name="negative: x"))


@public("math", top=True)
def abs(x: TensorLike, name: str | None = None) -> Tensor:
    """`|x|`, elementwise; of complex numbers their magnitudes, which are real.

    Example:
        >>> import stepwell as sw
        >>> sw.abs([1, -2]).numpy().tolist()
        [1, 2]
    """
    return apply(arithmetic.AbsOp, as_tensor(x, name="abs: x"))


@public("math", top=True)
def sign(x: TensorLike, name: str | None = None) -> Tensor:
    """-1, 0 or 1 as `x` is negative, zero or positive, elementwise; of a complex number, it divided by its magnitude.

    Example:
        >>> import stepwell as sw
        >>> sw.sign([-3.0, 0.0]).numpy().tolist()
        [-1.0, 0.0]
    """
    value = as_tensor(x, name="sign: x")
    if value.dtype.is_complex:
        return namespace().divide_no_nan(value, cast(abs(value), value.dtype))
    return apply(arithmetic.SignOp, value)


@public("math", top=True)
def square(x: TensorLike, name: str | None = None) -> Tensor:
    """`x * x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.square([2, -3]).numpy().tolist()
        [4, 9]
    """
    value = as_tensor(x, name="square: x")
    return apply(arithmetic.MulOp, value, value)


@public("math")
def reciprocal(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / x`, elementwise, of floats and complex numbers.

    Example:
        >>> import stepwell as sw
        >>> sw.math.reciprocal([2.0, 4.0]).numpy().tolist()
        [0.5, 0.25]
    """
    return apply(arithmetic.DivOp, *as_tensors("reciprocal", 1.0, as_tensor(x, name="reciprocal: x")))


@public("math", top=True)
def exp(x: TensorLike, name: str | None = None) -> Tensor:
    """`e ** x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.exp([0.0]).numpy().tolist()
        [1.0]
    """
    return apply(transcendental.ExpOp, as_tensor(x, name="exp: x"))


@public("math")
def expm1(x: TensorLike, name: str | None = None) -> Tensor:
    """`e ** x - 1`, elementwise, exact for small `x` too.

    Example:
        >>> import stepwell as sw
        >>> sw.math.expm1([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(transcendental.Expm1Op, as_tensor(x, name="expm1: x"))


@public("math")
def log(x: TensorLike, name: str | None = None) -> Tensor:
    """The natural logarithm, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.log([1.0]).numpy().tolist()
        [0.0]
    """
    return apply(transcendental.LogOp, as_tensor(x, name="log: x"))


@public("math")
def log1p(x: TensorLike, name: str | None = None) -> Tensor:
    """`log(1 + x)`, elementwise, exact for small `x` too.

    Example:
        >>> import stepwell as sw
        >>> sw.math.log1p([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(transcendental.Log1pOp, as_tensor(x, name="log1p: x"))


@public("math", top=True)
def sqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """The square root, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.sqrt([4.0]).numpy().tolist()
        [2.0]
    """
    return apply(transcendental.SqrtOp, as_tensor(x, name="sqrt: x"))


@public("math")
def rsqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / sqrt(x)`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.rsqrt([4.0]).numpy().tolist()
        [0.5]
    """
    return apply(transcendental.RsqrtOp, as_tensor(x, name="rsqrt: x"))


@public("math", "nn", top=True)
def tanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic tangent, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.tanh([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(special.TanhOp, as_tensor(x, name="tanh: x"))


@public("math", "nn", top=True)
def sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / (1 + exp(-x))`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.sigmoid([0.0]).numpy().tolist()
        [0.5]
    """
    return apply(special.SigmoidOp, as_tensor(x, name="sigmoid: x"))


@public("math", top=True)
def sin(x: TensorLike, name: str | None = None) -> Tensor:
    """The sine of radians, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.sin([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(special.SinOp, as_tensor(x, name="sin: x"))


@public("math", top=True)
def cos(x: TensorLike, name: str | None = None) -> Tensor:
    """The cosine of radians, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.cos([0.0]).numpy().tolist()
        [1.0]
    """
    return apply(special.CosOp, as_tensor(x, name="cos: x"))


@public("math", top=True)
def erf(x: TensorLike, name: str | None = None) -> Tensor:
    """The error function, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.erf([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(special.ErfOp, as_tensor(x, name="erf: x"))


@public("math", top=True)
def floor(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounded down, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.floor([1.5, -1.5]).numpy().tolist()
        [1.0, -2.0]
    """
    return apply(rounding.FloorOp, as_tensor(x, name="floor: x"))


@public("math", top=True)
def ceil(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounded up, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.ceil([1.5, -1.5]).numpy().tolist()
        [2.0, -1.0]
    """
    return apply(rounding.CeilOp, as_tensor(x, name="ceil: x"))


@public("nn")
def relu(features: TensorLike, name: str | None = None) -> Tensor:
    """The greater of `features` and 0, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.relu([-1.0, 2.0]).numpy().tolist()
        [0.0, 2.0]
    """
    x = as_tensor(features, name="relu: features")
    return maximum(x, 0) if x.dtype.is_integer else apply(special.ReluOp, x)


@public("math", top=True, aliases=("math.rint",))
def round(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounded to the nearest integer, elementwise, halves to the even one; integers stay.

    Example:
        >>> import stepwell as sw
        >>> sw.round([0.5, 1.5]).numpy().tolist()
        [0.0, 2.0]
    """
    value = as_tensor(x, name="round: x")
    return value if value.dtype.is_integer else apply(rounding.RoundOp, value)


@public(top=True)
def clip_by_value(
    t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike, name: str | None = None
) -> Tensor:
    """`t` with what is below `clip_value_min` or above `clip_value_max` replaced by that.

    Where the least value is above the greatest one, all elements are the least. At the limits the gradient is that of
    `t`, as inside.

    Example:
        >>> import stepwell as sw
        >>> sw.clip_by_value([-1, 5, 9], 0, 6).numpy().tolist()
        [0, 5, 6]
    """
    value, low, high = as_tensors("clip_by_value", t, clip_value_min, clip_value_max)
    return maximum(minimum(value, high), low)
