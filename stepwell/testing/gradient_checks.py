"""Gradients against differences of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import optree

import stepwell as sw
from stepwell.dialects.dtypes import dtype_of
from stepwell.runtime.functions.function import Function

from .arguments import require_callable, require_count
from .everywhere import assert_array_like

_STEP = 1e-6
"""How far an element is moved to both sides, for elements up to 1."""

Scalar = Callable[..., Any]
"""A function of tensors whose result is one number."""


def check_gradients(
    f: Callable[..., Any], *args: Any, order: int = 2, rtol: float = 1e-5, atol: float = 1e-6, seed: int = 0
) -> None:
    """Compare gradients of `f` by the tape with central differences, in float64, up to an order.

    The order-th gradients are those of a weighted sum of the gradients of the order before, with weights drawn at
    random. All are computed three ways: eagerly, by tapes around a compiled function, and by tapes inside one.

    Args:
        f: a Python function, or a `stepwell.function`; it may return any structure, of which floats are looked at.
        args: its arguments, in any structure; floats are taken as float64 and differentiated. Choose them away from
            kinks and ties.
        order: how many times to differentiate, at least once.
        rtol, atol: how far the tape may be off.
        seed: of the weights.

    Raises:
        AssertionError: names the way, the order, the argument and the largest difference.
        TypeError, ValueError: where an argument is not what it should be, or nothing is to be differentiated.

    Example:
        >>> check_gradients(lambda x: sw.tanh(x) * x, [0.5, -1.0])
    """
    require_callable("check_gradients: f", f)
    require_count("check_gradients: order", order)
    leaves, structure = optree.tree_flatten(tuple(args), is_leaf=_is_list_of_numbers)  # pyright: ignore
    arrays = [_as_float64(leaf) for leaf in leaves]
    places = [n for n, array in enumerate(arrays) if isinstance(array, np.ndarray) and dtype_of(array).is_floating]
    if not places:
        raise ValueError("check_gradients: args: expected a float among the arguments, got none")
    python = f.python_function if isinstance(f, Function) else f
    name = getattr(f, "__name__", "f")
    points = [arrays[place] for place in places]

    def with_floats(g: Callable[..., Any]) -> Callable[..., Any]:
        def call(*floats: Any) -> Any:
            values = list(arrays)
            for place, value in zip(places, floats, strict=True):
                values[place] = value
            return g(*optree.tree_unflatten(structure, values))

        return call

    eager, compiled = with_floats(python), sw.function(with_floats(python))
    for way, g, inside in (
        ("eagerly", eager, False),
        ("around a compiled f", compiled, False),
        ("compiled", eager, True),
    ):
        _check_orders(f"{name}: {way}", g, inside, points, order, (rtol, atol), seed)


def _check_orders(
    what: str,
    f: Callable[..., Any],
    inside: bool,
    points: list[Any],
    order: int,
    within: tuple[float, float],
    seed: int,
) -> None:
    """One way, order by order."""
    random = np.random.default_rng(seed)
    scalar = _weighted(f, random)
    for n in range(1, order + 1):
        gradients = _gradients_of(scalar)
        computed = (sw.function(gradients) if inside else gradients)(*map(sw.constant, points))
        for number, point in enumerate(points):
            expected = differences(partial(_value, scalar), points, number)
            where = f"{what}, gradient {n} with respect to float argument {number}"
            got = np.asarray(computed[number])
            assert_array_like(got, expected.reshape(point.shape), where, *within)
        scalar = _weighted(gradients, random)


def _weighted(f: Callable[..., Any], random: np.random.Generator) -> Scalar:
    """The sum of the floats that `f` returns, with weights that stay the same from call to call."""
    seed = int(random.integers(2**32))

    def scalar(*floats: Any) -> Any:
        source, total = np.random.default_rng(seed), None
        for leaf in optree.tree_leaves(f(*floats)):
            if isinstance(leaf, sw.Tensor) and dtype_of(leaf).is_floating:
                weights = source.uniform(0.5, 1.5, [size for size in leaf.shape if size is not None]).astype(leaf.dtype)
                part = sw.cast(sw.reduce_sum(leaf * sw.constant(weights)), sw.float64)
                total = part if total is None else total + part
        if total is None:
            raise ValueError("check_gradients: f: expected a float among its results, got none")
        return total

    return scalar


def _value(scalar: Scalar, arrays: Sequence[np.ndarray]) -> float:
    return float(np.asarray(scalar(*map(sw.constant, arrays))))


def _gradients_of(scalar: Scalar) -> Callable[..., list[Any]]:
    """The gradients by the tape; zeros where there are none."""

    def gradients(*floats: Any) -> list[Any]:
        with sw.GradientTape() as tape:
            for value in floats:
                tape.watch(value)
            result = scalar(*floats)
        return tape.gradient(result, list(floats), unconnected_gradients="zero")

    return gradients


def differences(f: Callable[[list[np.ndarray]], float], points: Sequence[np.ndarray], number: int) -> np.ndarray:
    """Central differences of a function of arrays with respect to one of them."""
    result = np.zeros(points[number].shape)
    for place in np.ndindex(result.shape):
        step = _STEP * max(1.0, abs(float(points[number][place])))
        sides = []
        for sign in (1, -1):
            moved = [point.copy() for point in points]
            moved[number][place] += sign * step
            sides.append(f(moved))
        result[place] = (sides[0] - sides[1]) / (2 * step)
    return result


def _as_float64(leaf: Any) -> Any:
    """Floats as float64 arrays; other arrays and tensors as they are, everything else too."""
    if isinstance(leaf, bool | int | str | bytes) or leaf is None:
        return leaf
    array = np.asarray(leaf)
    if dtype_of(array).is_floating:
        return array.astype(np.float64)
    return array if not dtype_of(array).is_floating else leaf


def _is_list_of_numbers(value: Any) -> bool:
    """Whether a list is an array written out, and no structure of arguments."""
    return isinstance(value, list) and _numbers_only(value)


def _numbers_only(value: Any) -> bool:
    return all(_numbers_only(x) if isinstance(x, list) else isinstance(x, bool | int | float) for x in value)
