"""`keras.ops.numpy` on stepwell, against NumPy: the same expression is evaluated with both.

`m` is `keras.ops` or `numpy`. Each group is one compiled function with sizes that are known at run time only, and is
called with arrays of several sizes; the expressions are evaluated eagerly as well.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell._keras_import import install

install()
keras = importlib.import_module("keras")
ops = keras.ops
backend = keras.src.backend

Expression = Callable[..., Any]

ELEMENTWISE: dict[str, Expression] = {
    "exact": lambda m, x, y, n, k: [
        m.abs(x), m.fabs(x), m.sign(x), m.signbit(x * 0.0 * m.sign(x)), m.ceil(x), m.floor(x), m.trunc(x), m.round(x),
        m.maximum(x, y), m.minimum(x, y), m.clip(x, -1, 2), m.negative(x), m.square(n),
        m.where(x > y, x, 0), m.select([x > 1, y > 1], [x, y], 7.0), m.heaviside(n, y), m.fmod(n, k), m.mod(n, k),
        m.floor_divide(n, k), m.gcd(n, k), m.lcm(n, k), m.left_shift(n, 2), m.right_shift(n, 1), m.bitwise_xor(n, k),
        m.bitwise_and(n, k), m.bitwise_or(n, k), m.bitwise_invert(n), m.isin(n, k), m.nextafter(x, y),
        m.ldexp(x, n % 5), m.nan_to_num(m.where(x > 0, np.nan, x)), m.logical_xor(n, k), m.logical_not(n),
    ],
    "rounded": lambda m, x, y, n, k: [
        m.exp(x), m.exp2(x), m.expm1(x), m.log(m.abs(x) + 1), m.log1p(m.abs(x)), m.log2(m.abs(x) + 1), m.sqrt(m.abs(x)),
        m.log10(m.abs(x) + 1), m.sin(x), m.cos(x), m.tan(x), m.sinh(x), m.cosh(x), m.tanh(x), m.arcsinh(x), m.arctan(x),
        m.arccosh(m.abs(x) + 1), m.arcsin(x / 9), m.arccos(x / 9), m.arctanh(x / 9), m.arctan2(x, y), m.hypot(x, y),
        m.logaddexp(x, y), m.logaddexp2(x, y), m.cbrt(x), m.sinc(x), m.i0(x), m.deg2rad(x), m.rad2deg(x),
        m.divide(n, k),
        m.power(m.abs(x), y), m.reciprocal(y), m.round(x, 2), m.sqrt(m.abs(n)), m.divide(x, y), m.angle(x), m.add(x, n),
    ],
}  # fmt: skip
"""Elementwise: floats x and y, integers n and k that are not 0."""

ALONG_AXES: dict[str, Expression] = {
    "reductions": lambda m, x, y, n, k: [
        m.sum(x), m.sum(x, axis=0), m.sum(n, axis=(0, 1), keepdims=True), m.mean(x, axis=-1), m.mean(n),
        m.prod(k, axis=1),
        m.max(x, axis=0), m.min(x, keepdims=True), m.max(n, axis=1, initial=3), m.amax(x), m.amin(x, axis=1),
        m.ptp(x, axis=0),
        m.var(x, axis=0), m.std(x, axis=1, keepdims=True), m.any(n > 3, axis=0), m.all(n > -3),
        m.count_nonzero(n, axis=1),
        m.argmax(x, axis=0), m.argmin(n), m.argmax(n, axis=1, keepdims=True), m.cumsum(n, axis=0), m.cumprod(x, axis=1),
        m.cumsum(n), m.average(x, axis=0), m.average(x, axis=1, weights=m.abs(y)), m.diff(x, axis=0), m.diff(n, n=2),
        m.trapezoid(x, axis=0), m.trapezoid(x, y, axis=1), m.trace(n), m.corrcoef(x),
    ],
    "NaN": lambda m, x, y, n, k: [
        f(m.where(n > 2, np.nan, x), axis=axis)
        for f in (m.nansum, m.nanmean, m.nanmax, m.nanmin, m.nanprod, m.nanvar, m.nanstd, m.nanmedian)
        for axis in (None, 0, 1)
    ] + [m.nancumsum(m.where(n > 2, np.nan, x), axis=0), m.nancumprod(m.where(n > 2, np.nan, x), axis=1)],
    "order": lambda m, x, y, n, k: [
        m.sort(x, axis=0), m.sort(n, axis=None), m.argsort(x), m.median(x), m.median(x, axis=0, keepdims=True),
        m.quantile(x, [0.2, 0.7], axis=1), m.percentile(x, 30, axis=(0, 1), keepdims=True),
        m.quantile(x, [[0.2], [0.7]], axis=0, keepdims=True), m.quantile(m.where(n > 4, np.nan, x), 0.3, axis=0),
        m.nanquantile(m.where(n > 4, np.nan, x), [0.0, 0.3, 1.0], axis=1, keepdims=True),
        *[m.quantile(x, 0.4, axis=0, method=how) for how in ("lower", "higher", "midpoint", "nearest")],
        m.searchsorted(m.sort(m.ravel(x)), y[0]), m.digitize(x, np.array([-1.0, 0.5, 2.0])),
        m.bincount(m.ravel(m.abs(n))),
    ],
    "shapes": lambda m, x, y, n, k: [
        m.reshape(x, (-1, 1)), m.ravel(x), m.expand_dims(x, (0, -1)), m.squeeze(x[:, None], 1), m.transpose(x),
        m.swapaxes(x[None], 0, -1), m.moveaxis(x[None], (0, 1), (2, 0)), m.flip(x), m.flip(x, axis=1), m.fliplr(n),
        m.flipud(n),
        m.roll(x, 1), m.roll(x, (1, -1), (0, 1)), m.repeat(x, 3, axis=1), m.tile(x, (2, 1, 2)),
        m.pad(x, ((1, 0), (0, 2))),
        m.rot90(x), m.rot90(x, 2), m.rot90(x[None], -1, (1, 2)), m.tril(x, -1), m.triu(x, 1), m.diagonal(x, 1),
        m.diagonal(x, -1),
        m.diag(x[0]), m.diag(x[:, 0], -1), m.diagflat(n[:, 0], 2), m.take(x, [0, -1], axis=1), m.take(x, [[0], [-1]]),
        m.take_along_axis(x, m.argsort(x, axis=0), 0), m.take_along_axis(x, n[:1] * 0 - 1, axis=0),
        m.concatenate([x, n], axis=1), m.append(x, y), m.stack([x, y], -1), m.hstack([x, y]), m.vstack([x[0], y[0]]),
        m.dstack([x, y]), *m.array_split(x, 3), *m.split(x, [1], axis=1), *m.nonzero(n > 2), m.full_like(x, 3),
        m.zeros_like(n), m.ones_like(x), *m.meshgrid(x[0], y[:, 0]), m.vander(x[0], 3),
        *m.unravel_index(m.abs(n[0]), (3, 4)),
    ],
    "products": lambda m, x, y, n, k: [
        m.matmul(x, m.transpose(y)), m.matmul(x[0], m.transpose(y)), m.matmul(x, y[0]), m.matmul(x[0], y[0]),
        m.matmul(x[None, None], m.transpose(y)), m.dot(x, y[0]), m.inner(x, y), m.outer(x, n[0]), m.vdot(x, y),
        m.kron(n, k),
        m.tensordot(x, y, axes=[[0], [0]]), m.einsum("ij,kj->ik", x, y), m.einsum("ij,ij->", n, k),
        m.cross(x[:, :3], y[:, :3]), m.correlate(x[0], y[:, 0], "full"),
        m.correlate(x[0], y[:, 0], "same"), m.correlate(x[0], y[:, 0], "valid"), m.histogram(m.ravel(x), bins=5)[1],
    ],
}  # fmt: skip
"""Along axes of matrices of one shape."""


def _arrays(rows: int, columns: int, seed: int) -> list[np.ndarray]:
    """Two matrices of floats, two of integers without 0."""
    random = np.random.default_rng(seed)
    floats = [random.normal(size=(rows, columns), scale=2).clip(-8, 8).astype("float32") for _ in range(2)]
    return floats + [
        random.choice([-7, -4, -3, -1, 1, 2, 3, 6], size=(rows, columns)).astype("int32") for _ in range(2)
    ]


def _compare(results: Any, expected: Any) -> None:
    """Refuse results that differ from NumPy's in shape, kind or value."""
    for i, (result, reference) in enumerate(zip(results, expected, strict=True)):
        result, reference = ops.convert_to_numpy(result), np.asarray(reference)
        assert result.shape == reference.shape, i
        assert (result.dtype.kind in "iu") == (reference.dtype.kind in "iu"), i
        np.testing.assert_allclose(result, reference, rtol=3e-5, atol=3e-5, err_msg=f"result {i}")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of rows of NaN only
@pytest.mark.parametrize("group", [*ELEMENTWISE, *ALONG_AXES])
def test_groups_of_functions_are_as_in_numpy(group: str) -> None:
    expression = (ELEMENTWISE | ALONG_AXES)[group]
    floats, integers = sw.TensorSpec([None, None], "float32"), sw.TensorSpec([None, None], "int32")
    with np.errstate(all="ignore"):
        expected = expression(np, *_arrays(4, 5, 0))
    _compare(expression(ops, *_arrays(4, 5, 0)), expected)

    compiled = sw.function(
        lambda *operands: expression(ops, *operands),
        input_signature=[floats, floats, integers, integers],
        autograph=False,
        engine="interpreter",
    )

    @settings(max_examples=examples(12), deadline=None)
    @given(st.integers(3, 6), st.integers(3, 6), st.integers(0, 10**6))
    def check(rows: int, columns: int, seed: int) -> None:
        arrays = _arrays(rows, columns, seed)
        with np.errstate(all="ignore"):
            expected = expression(np, *arrays)
        _compare(compiled(*arrays), expected)

    check()


@settings(max_examples=examples(20), deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from([None, 0, 1]),
    st.sampled_from(["int32", "float32"]),
)
def test_unique_is_as_in_numpy(rows: list[list[int]], axis: int | None, dtype: str) -> None:
    x = np.array(rows, dtype)
    results = ops.unique(x, return_index=True, return_inverse=True, return_counts=True, axis=axis)
    _compare(results, np.unique(x, return_index=True, return_inverse=True, return_counts=True, axis=axis))
    resized = ops.unique(x, axis=axis, size=4, fill_value=9)
    assert resized.shape[axis or 0] == 4


def test_vectors_of_two_elements_have_a_third_that_is_zero() -> None:
    two, three = np.array([[1.0, 2.0]], "float32"), np.array([[3.0, 4.0, 5.0]], "float32")
    expected = np.cross([[1.0, 2.0, 0.0]], three)
    dynamic = sw.function(ops.cross, input_signature=[sw.TensorSpec([None, None])] * 2, autograph=False)
    _compare([ops.cross(two, two + 3), ops.cross(two, three), dynamic(two, three)], [[-3.0], expected, expected])


@pytest.mark.parametrize("shapes", [((2, 3), (1, 3)), ((2, 3), (2, 1)), ((3,), (2, 3)), ((2, 3), ())])
def test_vectorized_functions_are_broadcast(shapes: tuple[tuple[int, ...], ...]) -> None:
    x, y = (np.random.default_rng(0).normal(size=shape).astype("float32") for shape in shapes)
    _compare([ops.vectorize(lambda a, b: a * 2 + b)(x, y)], [x * 2 + y])
    matrices = np.stack([np.eye(3), np.ones((3, 3))]).astype("float32")
    _compare([ops.vectorize(ops.trace, signature="(d,d)->()")(matrices)], [[3.0, 3.0]])


CHANGES: dict[str, Expression] = {
    "elementwise": lambda m, x, y: m.sin(x) * m.exp(y) + m.arctan2(x, y) + m.logaddexp(x, y) + m.cbrt(y),
    "reductions": lambda m, x, y: m.std(x, axis=0) + m.mean(y, axis=0) * m.max(x, axis=0) + m.nansum(x * y) + m.prod(y),
    "quantiles": lambda m, x, y: m.quantile(x, [0.3, 0.8], axis=1) + m.nanmedian(y, axis=1) + m.median(x),
    "shapes": lambda m, x, y: m.tril(m.roll(x, 1)) + m.flip(m.take(y, [0, -1, 1], axis=1)) * m.tile(x[:1], (3, 1)),
    "gathers": lambda m, x, y: m.take_along_axis(x, m.argsort(y, axis=1), 1) * m.cumsum(y, axis=0) + m.sort(x, axis=0),
    "products": lambda m, x, y: m.einsum("ij,kj->ik", x, y) + m.matmul(x, y[0]) + m.cross(x, y) + m.inner(x[0], y[1]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_gradients_are_the_differences(name: str) -> None:
    random = np.random.default_rng(1)
    expression = CHANGES[name]
    x, y, direction = random.normal(size=(3, 3, 3))
    operands = [sw.constant(value, "float32") for value in (x, y)]
    with sw.GradientTape() as tape:
        tape.watch(operands)
        loss = ops.sum(expression(ops, *operands))
    change = sum(float(np.vdot(gradient.numpy(), direction)) for gradient in tape.gradient(loss, operands))
    step = 1e-5
    with np.errstate(all="ignore"):
        above, below = (np.sum(expression(np, x + s * direction, y + s * direction)) for s in (step, -step))
    np.testing.assert_allclose(change, (above - below) / (2 * step), rtol=1e-3, atol=1e-3)


DTYPES = ["bool", "uint8", "int8", "int16", "int32", "uint32", "float16", "bfloat16", "float32"]


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sampled_from(["add", "subtract", "multiply", "maximum", "divide", "mod", "where", "matmul", "append", "outer"]),
    st.sampled_from(DTYPES),
    st.sampled_from([*DTYPES, int, float]),
)
def test_results_have_the_dtypes_that_keras_says(name: str, first: str, second: Any) -> None:
    x = ops.ones((2, 2), first)
    is_number = second in (int, float) and name not in ("matmul", "append", "outer")
    y = second(1) if is_number else ops.ones((2, 2), second if isinstance(second, str) else "int32")
    if name == "subtract" and first == second == "bool":
        return  # TensorFlow and NumPy have no difference of booleans
    function = (lambda x, y: ops.where(ops.equal(x, 1), x, y)) if name == "where" else getattr(ops, name)
    said = function(keras.KerasTensor((2, 2), first), y if is_number else keras.KerasTensor((2, 2), y.dtype.name))
    assert keras.backend.standardize_dtype(function(x, y).dtype) == said.dtype


def test_every_function_that_keras_calls_exists() -> None:
    folder = Path(keras.__file__).parent / "src"
    called = {
        name
        for path in folder.rglob("*.py")
        if "backend" not in path.relative_to(folder).parts
        for name in re.findall(r"backend\.numpy\.([a-zA-Z_0-9]+)\(", path.read_text())
    }
    assert len(called) >= 218
    assert sorted(name for name in called if not hasattr(backend.numpy, name)) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: backend.numpy.squeeze(np.ones((2, 3)), 1), "dimension is not 1"),
        (lambda: backend.numpy.max(np.ones((0, 3))), "max of an empty tensor"),
        (lambda: backend.numpy.gcd(np.ones(2), 3), "must be integers"),
        (lambda: backend.numpy.where(True, 1), "both"),
        (lambda: backend.numpy.correlate(np.ones(2), np.ones(2), "wide"), "Invalid mode"),
        (lambda: backend.numpy.quantile(np.ones(2), 0.5, method="best"), "expected linear, lower"),
        (lambda: backend.numpy.cross(np.ones(4), np.ones(4)), "2 or 3 elements"),
        (lambda: backend.numpy.view(np.ones(3, "int16"), "int32"), "not divisible"),
    ],
)
def test_wrong_arguments_are_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        call()
