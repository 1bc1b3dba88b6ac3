"""Random numbers of distributions with parameters for each of them: gamma, Poisson, binomial."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT16, INT32, NUMBERS, WIDE_FLOATS, DType, DTypeLike
from .....dialects.hl.random import RandomOp
from .....dialects.hl.rejection import RandomBinomialOp, RandomGammaOp, RandomPoissonOp
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import Size, product, size_along, times
from ..logic import equal, greater, greater_equal, is_finite, less, less_equal, logical_and, logical_or
from ..math import add, divide, maximum, multiply, subtract
from ..select import cast, where
from ..shape import reshape
from .draws import BLOCKS_EACH, Request, dtype_among, stateless_state
from .seeds import call_state

_FLOAT32, _FLOAT64 = WIDE_FLOATS


def _draw(op: type[RandomOp], state: Tensor, request: Request, *parameters: Tensor) -> Tensor:
    drawn = request.draw(op, state, op.DTYPES[0], *(reshape(cast(p, _FLOAT64), [-1]) for p in parameters))
    return cast(drawn, _FLOAT64)


def _zeros_like(x: Tensor) -> Tensor:
    """Zeros of the shape of `x`, which tapes do not follow."""
    return cast(less(x, x), x.dtype)


def _sizes(x: Tensor) -> list[Size]:
    return [size_along(x, axis) for axis in range(x.ndim)]


def _with(function: str, shape: ShapeLike, parameter: Tensor) -> Request:
    """The sizes that are asked for, and those of a parameter after them."""
    request = Request.of(function, shape)
    own = _sizes(parameter)
    return Request([*request.sizes, *own], product([request.count, *own]))


def _ending_with(function: str, shape: ShapeLike, parameter: Tensor) -> Request:
    """The sizes that are asked for, whose last are those of a parameter."""
    request = Request.of(function, shape)
    last = request.sizes[len(request.sizes) - parameter.ndim :] if parameter.ndim else []
    pairs = zip(last, parameter.shape, strict=False)
    if len(last) != parameter.ndim or any(isinstance(a, int) and b is not None and a != b for a, b in pairs):
        asked = [size if isinstance(size, int) else None for size in request.sizes]
        expected = f"{function}: shape: expected one that ends with {list(parameter.shape)}, that of the parameters"
        raise InvalidArgumentError(f"{expected}, got {asked}")
    return request


def _gamma_parameters(
    function: str, alpha: TensorLike, beta: TensorLike | None, dtype: DTypeLike
) -> tuple[Tensor, Tensor]:
    """`alpha`, in the shape that it has with `beta`, and `beta`."""
    found = dtype_among(function, dtype, (FLOAT16, *WIDE_FLOATS))
    scale = as_tensor(1 if beta is None else beta, found, f"{function}: beta")
    return add(as_tensor(alpha, found, f"{function}: alpha"), _zeros_like(scale)), scale


def _gamma(state: Tensor, request: Request, alpha: Tensor, beta: Tensor) -> Tensor:
    """Numbers of a state; NaN where `alpha` is no parameter, and at least the least normal number."""
    valid = logical_and(is_finite(alpha), greater(alpha, 0))
    drawn = cast(_draw(RandomGammaOp, state, request, where(valid, alpha, 1)), alpha.dtype)
    tiny = np.array(alpha.dtype.finfo.tiny, alpha.dtype.name)
    return where(valid, maximum(divide(drawn, beta), tiny), np.array(np.nan, alpha.dtype.name))


@public("random")
def gamma(
    shape: ShapeLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: DTypeLike = _FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of gamma distributions: `shape` of them for each element of `alpha` and `beta`, the inverse scale.

    They have a gradient with respect to `beta`, not to `alpha`.

    Example:
        >>> import stepwell as sw
        >>> sw.random.gamma([10], [0.5, 1.5]).shape
        TensorShape([10, 2])
    """
    concentration, scale = _gamma_parameters("random.gamma", alpha, beta, dtype)
    request = _with("random.gamma", shape, concentration)
    state = call_state("gamma", [scale.dtype], seed, times(request.count, BLOCKS_EACH))
    return _gamma(state, request, concentration, scale)


@public("random")
def stateless_gamma(
    shape: ShapeLike,
    seed: TensorLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: DTypeLike = _FLOAT32,
    name: str | None = None,
) -> Tensor:
    """Like `gamma`, but always the same for the same `seed`; `shape` is that of the result, and ends with that of both.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_gamma([10, 2], [1, 2], [0.5, 1.5]).shape
        TensorShape([10, 2])
    """
    function = "random.stateless_gamma"
    concentration, scale = _gamma_parameters(function, alpha, beta, dtype)
    request = _ending_with(function, shape, concentration)
    return _gamma(stateless_state(function, seed), request, concentration, scale)


def _rate(function: str, lam: TensorLike) -> Tensor:
    found = as_tensor(lam, name=f"{function}: lam")
    if found.dtype not in NUMBERS:
        raise InvalidArgumentError(f"{function}: lam: expected numbers, got dtype {found.dtype.name}")
    return cast(found, _FLOAT64)


def _poisson(state: Tensor, request: Request, rate: Tensor, dtype: DType) -> Tensor:
    """Numbers of a state; NaN, or 0 of integers, where `rate` is no parameter."""
    valid = logical_and(is_finite(rate), greater_equal(rate, 0))
    drawn = _draw(RandomPoissonOp, state, request, where(valid, rate, 0))
    return cast(where(valid, drawn, np.nan), dtype)


@public("random")
def poisson(
    shape: ShapeLike,
    lam: TensorLike,
    dtype: DTypeLike = _FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of Poisson distributions: `shape` of them for each element of `lam`, the expected number.

    Example:
        >>> import stepwell as sw
        >>> sw.random.poisson([10], [0.5, 1.5]).shape
        TensorShape([10, 2])
    """
    rate, found = _rate("random.poisson", lam), dtype_among("random.poisson", dtype, NUMBERS)
    request = _with("random.poisson", shape, rate)
    given = as_tensor(lam).dtype
    return _poisson(
        call_state("poisson", [given, found], seed, times(request.count, BLOCKS_EACH)), request, rate, found
    )


@public("random")
def stateless_poisson(
    shape: ShapeLike, seed: TensorLike, lam: TensorLike, dtype: DTypeLike = INT32, name: str | None = None
) -> Tensor:
    """Like `poisson`, but always the same for the same `seed`; `shape` is that of the result, and ends with `lam`'s.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_poisson([3, 2], [1, 2], [0.5, 150.0]).shape
        TensorShape([3, 2])
    """
    function = "random.stateless_poisson"
    rate, found = _rate(function, lam), dtype_among(function, dtype, NUMBERS)
    return _poisson(stateless_state(function, seed), _ending_with(function, shape, rate), rate, found)


class Binomial:
    """Binomial distributions with `counts` trials that succeed with the probability `probs` each."""

    def __init__(self, function: str, shape: ShapeLike, counts: TensorLike, probs: TensorLike, dtype: DTypeLike):
        self._dtype = dtype_among(function, dtype, NUMBERS)
        chance = as_tensor(probs, name=f"{function}: probs")
        if chance.dtype not in WIDE_FLOATS:
            raise InvalidArgumentError(f"{function}: probs: expected floats, got dtype {chance.dtype.name}")
        trials = as_tensor(counts, chance.dtype, f"{function}: counts")
        self._counts = add(trials, _zeros_like(chance))
        self._probs = add(chance, _zeros_like(trials))
        self._request = _ending_with(function, shape, self._counts)

    @property
    def blocks(self) -> Size:
        """How many blocks a generator reserves: for 50 numbers of each, and three more."""
        parameters, count = product(_sizes(self._counts)), self._request.count
        if not isinstance(parameters, int) or not isinstance(count, int):
            raise InvalidArgumentError("Generator.binomial: expected a shape and parameters of known sizes")
        return 200 * parameters * (count // max(parameters, 1) + 3) // 4 * BLOCKS_EACH

    def draw(self, state: Tensor) -> Tensor:
        """Numbers of a state; NaN, or 0 of integers, where there are no such distributions."""
        counts, probs = self._counts, self._probs
        valid = logical_and(is_finite(counts), is_finite(probs))
        mirrored = greater(probs, 0.5)
        chance = where(mirrored, subtract(1.0, probs), probs)
        settled = logical_or(less_equal(counts, 0), logical_or(less_equal(probs, 0), greater_equal(probs, 1)))
        usable = logical_and(valid, equal(settled, False))
        trials, chance = where(usable, counts, 0), where(usable, chance, 0)
        large = cast(greater_equal(multiply(trials, chance), 10), counts.dtype)
        drawn = _draw(RandomBinomialOp, state, self._request, trials, chance, large)
        wide = cast(counts, _FLOAT64)
        drawn = where(mirrored, subtract(wide, drawn), drawn)
        all_or_none = where(logical_and(greater(wide, 0), greater_equal(probs, 1)), wide, 0)
        return cast(where(usable, drawn, where(valid, all_or_none, np.nan)), self._dtype)


@public("random")
def stateless_binomial(
    shape: ShapeLike,
    seed: TensorLike,
    counts: TensorLike,
    probs: TensorLike,
    output_dtype: DTypeLike = INT32,
    name: str | None = None,
) -> Tensor:
    """How many of `counts` trials succeed, each with the probability `probs`; `shape` ends with that of both.

    They are always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_binomial([3], [1, 2], 10, 1.0).numpy().tolist()
        [10, 10, 10]
    """
    function = "random.stateless_binomial"
    return Binomial(function, shape, counts, probs, output_dtype).draw(stateless_state(function, seed))
