"""Special functions that are not lowered, but host calls of NumPy's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, prop_def, result_def, var_operand_def

from ..dtypes import FLOAT64, WIDE_FLOATS, DType, dtype_of
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_exportable, not_lowered
from .rules.batching import all_leading
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.special_functions import FUNCTIONS

Slope: TypeAlias = Callable[[Functions, Value, Value], Value]


def _incomplete_gamma(m: Functions, sign: float) -> Callable[[Value, Value, Value, Value], Gradients]:
    def slopes(a: Value, x: Value, y: Value, dy: Value) -> Gradients:
        log = m.subtract(m.subtract(m.multiply(m.subtract(a, m.ones_like(a)), m.log(x)), x), m.lgamma(a))
        scaled = m.multiply(dy, m.cast(sign, dy.dtype))
        return [m.multiply(scaled, m.special_function("igamma_slope", a, x)), m.multiply(scaled, m.exp(log))]

    return slopes


def _beta(m: Functions) -> Callable[..., Gradients]:
    def slopes(a: Value, b: Value, x: Value, y: Value, dy: Value) -> Gradients:
        one = m.ones_like(x)
        log = m.add(m.xlog1py(m.subtract(b, one), m.negative(x)), m.xlogy(m.subtract(a, one), x))
        beta = m.subtract(m.add(m.lgamma(a), m.lgamma(b)), m.lgamma(m.add(a, b)))
        return [None, None, m.multiply(dy, m.exp(m.subtract(log, beta)))]

    return slopes


def _zeta(m: Functions) -> Callable[..., Gradients]:
    def slopes(x: Value, q: Value, y: Value, dy: Value) -> Gradients:
        inner = m.special_function("zeta", m.add(x, m.ones_like(x)), q)
        return [None, m.negative(m.multiply(dy, m.multiply(x, inner)))]

    return slopes


def _order_0(name: str, sign: float) -> Slope:
    """That of a function of order 0 is one of order 1; with a factor of `exp(abs(x))` the function is added."""

    def slope(m: Functions, x: Value, y: Value) -> Value:
        other = m.multiply(m.special_function(name.replace("0", "1"), x), m.cast(sign, x.dtype))
        return m.add(other, _of_factor(m, name, x, y)) if name.endswith("e") else other

    return slope


def _order_1(name: str, sign: float, at_0: bool) -> Slope:
    """That of a function of order 1 is one of order 0, less the function divided by `x`: 0.5 at 0 if `at_0`."""

    def slope(m: Functions, x: Value, y: Value) -> Value:
        is_zero = m.equal(x, m.zeros_like(x))
        quotient = m.divide(y, m.where(is_zero, m.ones_like(x), x) if at_0 else x)
        other = m.multiply(m.special_function(name.replace("1", "0"), x), m.cast(sign, x.dtype))
        found = m.subtract(other, quotient)
        if name.endswith("e"):
            found = m.add(found, _of_factor(m, name, x, y))
        return m.where(is_zero, m.cast(0.5, x.dtype), found) if at_0 else found

    return slope


def _of_factor(m: Functions, name: str, x: Value, y: Value) -> Value:
    """`y` times the derivative of the exponent that it is scaled by."""
    return y if "k" in name else m.negative(m.multiply(m.sign(x), y))


def _wave(name: str) -> Slope:
    def slope(m: Functions, x: Value, y: Value) -> Value:
        angle = m.multiply(m.square(x), m.cast(np.pi / 2, x.dtype))
        return m.cos(angle) if name == "fresnel_cos" else m.sin(angle)

    return slope


def _dawsn(m: Functions, x: Value, y: Value) -> Value:
    return m.subtract(m.ones_like(x), m.multiply(m.multiply(x, y), m.cast(2, x.dtype)))


def _spence(m: Functions, x: Value, y: Value) -> Value:
    one = m.ones_like(x)
    is_one = m.equal(x, one)
    found = m.divide(m.log(x), m.where(is_one, one, m.subtract(one, x)))
    return m.where(is_one, m.negative(one), found)


_SLOPES: dict[str, Slope] = {
    **{name: _order_0(name, 1.0) for name in ("bessel_i0", "bessel_i0e")},
    **{name: _order_0(name, -1.0) for name in ("bessel_j0", "bessel_y0", "bessel_k0", "bessel_k0e")},
    **{name: _order_1(name, 1.0, True) for name in ("bessel_i1", "bessel_i1e", "bessel_j1")},
    "bessel_y1": _order_1("bessel_y1", 1.0, False),
    **{name: _order_1(name, -1.0, False) for name in ("bessel_k1", "bessel_k1e")},
    **{name: _wave(name) for name in ("fresnel_cos", "fresnel_sin")},
    "dawsn": _dawsn,
    "expint": lambda m, x, y: m.divide(m.exp(x), x),
    "spence": _spence,
}
"""The derivatives of functions of one operand, given it and the function of it."""

_COUNTS = {"igamma": 2, "igammac": 2, "igamma_slope": 2, "betainc": 3, "zeta": 2}
"""How many operands a function has, where it is not one."""


@irdl_op_definition
class SpecialFunctionOp(HLOp):
    """The function `function` of the operands, elementwise.

    `"igamma"` and `"igammac"`, the regularized incomplete gamma functions; `"betainc"`, the regularized incomplete beta
    function; `"zeta"`, Hurwitz' function; `"bessel_j0"`, `"bessel_j1"`, `"bessel_y0"`, `"bessel_y1"`, the Bessel
    functions; `"bessel_i0"`, `"bessel_i1"`, `"bessel_k0"`, `"bessel_k1"`, the modified ones, and with a last `e` these
    times `exp(-abs(x))` or, of `k`, `exp(x)`; `"dawsn"`, `"expint"`, `"fresnel_cos"`, `"fresnel_sin"`, `"spence"`, the
    integrals of Dawson, the exponential one, those of Fresnel, and the dilogarithm of `1 - x`; `"igamma_slope"`, the
    derivative of the first with respect to `a`.

    C1: `function` is one of those above; it has as many operands as the function has.
    C2: the dtype is {dtypes}.
    C3: the operands have one dtype and one shape; checked at run time where unknown before.

    Definition: TensorFlow's functions of these names, computed in float64.
    """

    name = "hl.special_function"
    DTYPES: ClassVar[tuple[DType, ...]] = WIDE_FLOATS
    EXACT: ClassVar[bool] = False
    STRUCTURED: ClassVar[bool] = True

    operands_ = var_operand_def(TensorType[Attribute])
    function = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = all_leading
    lower = not_lowered("it is a host call of NumPy's")
    onnx = not_exportable("ONNX has no operator for it")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The type of the operands."""
        if attrs["function"] not in FUNCTIONS or len(types) != _COUNTS.get(attrs["function"], 1):
            raise InferenceError("C1", f"there is no function {attrs['function']} of {len(types)} operands")
        dtypes = {dtype_of(type_) for type_ in types}
        if len(dtypes) > 1 or not cls.takes(dtype_of(types[0])):
            allowed, got = ", ".join(d.name for d in cls.accepted()), " and ".join(dtype_of(t).name for t in types)
            raise DTypeError("C2", f"expected one dtype of {allowed}, got {got}")
        first, *others = map(shape_of, types)
        for other in others:
            if len(other) != len(first) or any(a != b and DYNAMIC not in (a, b) for a, b in zip(first, other)):
                raise InferenceError("C3", f"expected one shape, got {shape_text(first)} and {shape_text(other)}")
        return [tensor_type(first, dtype_of(types[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """In float64, rounded."""
        if len({x.shape for x in operands}) > 1:
            shapes = " and ".join(shape_text(x.shape) for x in operands)
            raise InferenceError("C3", f"expected one shape, got {shapes}")
        with np.errstate(all="ignore"):
            found = FUNCTIONS[attrs["function"]](*(x.astype(FLOAT64.dtype) for x in operands))
            return (np.asarray(found).astype(operands[0].dtype),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """TensorFlow's, which has none with respect to the first operands of `betainc` and `zeta`."""
        name, values = call.attrs["function"], (*call.inputs, *call.outputs, dy)
        if name in ("igamma", "igammac"):
            return _incomplete_gamma(m, 1.0 if name == "igamma" else -1.0)(*values)
        if name == "igamma_slope":
            return [None, None]
        if name in _SLOPES:
            return [m.multiply(dy, _SLOPES[name](m, *call.inputs, *call.outputs))]
        return (_beta if name == "betainc" else _zeta)(m)(*values)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A function of moderate numbers, whose gradient differences of values show."""
        name, dtype = s.choice(tuple(_SLOPES)), s.choice(cls.DTYPES)
        return Sample((s.array(s.shape(), dtype, 0.5, 4),), {"function": name})
