"""Functions of the `math` dialect as loops over memory, what they should give, and how far a result is from it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from xdsl.dialects import math
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.lowering.elementary import EXPANSIONS
from stepwell.runtime.engines.interpreter.math import TABLE

LANES = {"f32": 16, "f64": 8}
"""How many elements the loops over vectors take at a time."""

REFERENCES: dict[type[Operation], Callable[..., np.ndarray]] = {
    op: TABLE[op] for op in EXPANSIONS if op is not math.ErfOp
}
"""NumPy's functions; given `longdouble` they are precise enough to judge both formats by."""

_LOOP = """
func.func @f({parameters}, %out: memref<?x{element}>) {{
  %zero = arith.constant 0 : index
  %step = arith.constant {step} : index
  %size = memref.dim %out, %zero : memref<?x{element}>
  scf.for %i = %zero to %size step %step {{
{body}
  }}
  func.return
}}
"""


def operand_count(op: type[Operation]) -> int:
    """How many operands an op of `math` takes."""
    return len(op.get_irdl_definition().operands)  # pyright: ignore[reportAttributeAccessIssue]


def loop_over(op: type[Operation], element: str, vectors: bool) -> ModuleOp:
    """A function that applies `op` to each element of its parameters and stores the results in the last one.

    Args:
        op: an op of `math`.
        element: `"f32"` or `"f64"`.
        vectors: whether the loop takes `LANES` elements at a time; sizes must then be multiples of that.
    """
    names = ["x", "y"][: operand_count(op)]
    step = LANES[element] if vectors else 1
    memory, value = f"memref<?x{element}>", f"vector<{step}x{element}>" if vectors else element
    prefix, suffix = ("vector", f", {value}") if vectors else ("memref", "")
    body = [f"    %{name}0 = {prefix}.load %{name}[%i] : {memory}{suffix}" for name in names]
    body.append(f"    %r = {op.name} {', '.join(f'%{name}0' for name in names)} : {value}")
    body.append(f"    {prefix}.store %r, %out[%i] : {memory}{suffix}")
    parameters = ", ".join(f"%{name}: {memory}" for name in names)
    text = _LOOP.format(parameters=parameters, element=element, step=step, body="\n".join(body))
    return parse_module(text, "loop.mlir")


def ulp_errors(got: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """How far each result is from the exact one, in units in the last place of that; infinite where it is not a number
    while it should be, or the other way round, or too large, or a zero with the wrong sign.

    Args:
        got: results, of the format to be judged.
        exact: the same, as `longdouble`.
    """
    kind = np.finfo(got.dtype)
    with np.errstate(all="ignore"):
        rounded = exact.astype(got.dtype)
        _, exponent = np.frexp(exact)
        lowest = kind.minexp - kind.nmant
        unit = np.ldexp(np.longdouble(1), np.maximum(exponent - 1 - kind.nmant, lowest))
        error = np.abs(got.astype(np.longdouble) - exact) / unit
    same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    wrong_zero = (rounded == 0) & (exact == 0) & (got == 0) & (np.signbit(rounded) != np.signbit(got))
    error = np.where(np.isfinite(rounded) & np.isfinite(got), error, np.where(same, 0, np.inf))
    return np.where(wrong_zero, np.inf, error).astype(np.float64)


def assert_within(got: np.ndarray, exact: np.ndarray, bound: float, what: str, *operands: np.ndarray) -> None:
    """Fail unless each result is within `bound` units in the last place of the exact one."""
    errors = ulp_errors(got, exact)
    worst = int(np.argmax(errors))
    at = ", ".join(repr(operand.flat[worst]) for operand in operands)
    message = f"{what}({at}) is {got.flat[worst]!r}, expected {exact.flat[worst]!r}: {errors.flat[worst]} ULP"
    assert errors.flat[worst] <= bound, message


def samples(op: type[Operation], dtype: type[np.floating], count: int, seed: int) -> tuple[np.ndarray, ...]:
    """Operands for `op`: of every size, around zero and around one; for powers, mostly such that the result is finite.

    NaN, infinities, zeros, and the largest and smallest numbers are among them.
    """
    random = np.random.default_rng(seed)
    info = np.finfo(dtype)
    top = np.log(float(info.max))
    parts = [4 * count // 10, count // 10, 2 * count // 10, 2 * count // 10]
    sizes = [b - a for a, b in pairwise(np.cumsum([0, *parts, count - sum(parts)]))]
    sign = random.choice([-1.0, 1.0], count)
    x = np.concatenate(
        [
            np.exp(random.uniform(np.log(float(info.smallest_subnormal)) + 0.1, top, sizes[0])),
            np.exp(random.uniform(-5, 5, sizes[1])),
            random.uniform(0, min(top, 100), sizes[2]),
            1 + random.normal(0, 0.2, sizes[3]) * random.choice([1e-6, 1e-3, 1], sizes[3]),
            random.integers(0, 100_000, sizes[4]) * (np.pi / 2),
        ]
    )
    special = np.array([0, 1, np.inf, np.nan, info.max, info.tiny, info.smallest_subnormal, 0.5, 2, 3, 2.0**24 + 1])
    x[: 2 * len(special)] = np.concatenate([special, -special])
    pairs = np.array(np.meshgrid([*special, *-special], [*special, *-special]), dtype).reshape(2, -1)
    if op is not math.PowFOp:
        x[2 * len(special) :] *= sign[2 * len(special) :]
        x = x.astype(dtype)
        if operand_count(op) == 1:
            return (x,)
        others = random.permutation(x)
        return np.concatenate([pairs[0], x])[:count], np.concatenate([pairs[1], others])[:count]
    x = np.where(random.random(count) < 0.3, -np.abs(x), np.abs(x)).astype(dtype)
    with np.errstate(all="ignore"):
        y = random.uniform(-1.1, 1.1, count) * top / np.log(np.abs(x).astype(np.float64))
    y = np.where((random.random(count) < 0.3) | (x < 0), np.rint(y), y).astype(dtype)
    return np.concatenate([pairs[0], x])[:count], np.concatenate([pairs[1], y])[:count]
