"""Public discrete Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.hl.fourier import FourierOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from .. import namespace
from ..arguments import Size, int64_of, minus, product, size_along, size_from, sizes_of
from ..complex import real
from ..logic import equal, logical_or
from ..math import divide, maximum, multiply
from ..movement import pad
from ..select import cast, where


def _transformed(function: str, value: TensorLike, kind: str, rank: int, odd: bool = False) -> Tensor:
    x = as_tensor(value, name=f"{function}: input")
    if kind != "rfft" and not x.dtype.is_complex:
        raise InvalidTypeError(f"{function}: input: expected complex64 or complex128, got {x.dtype.name}")
    if x.ndim < rank:
        raise InvalidArgumentError(f"{function}: input: expected {rank} axes or more, got shape {x.shape}")
    return apply(FourierOp, x, kind=kind, rank=rank, odd=odd)


def _lengths(function: str, fft_length: ShapeLike | None, rank: int) -> list[int] | None:
    """The sizes of the axes of real numbers, if they are given; they have to be known."""
    if fft_length is None:
        return None
    found = sizes_of(function, fft_length, "fft_length")
    if len(found) != rank:
        raise InvalidArgumentError(f"{function}: fft_length: expected {rank} sizes, got {len(found)}")
    known = [size for size in found if isinstance(size, int) and size >= 0]
    if len(known) < rank:
        raise InvalidArgumentError(f"{function}: fft_length: expected sizes that are known, of 0 or more, got {found}")
    return known


def _fitted(x: Tensor, sizes: list[int]) -> Tensor:
    """`x` with its last axes cut, or padded with zeros, to these sizes."""
    first = x.ndim - len(sizes)
    for axis, size in enumerate(sizes, first):
        known = x.shape[axis]
        if known is None or known > size:
            x = x[(*[slice(None)] * axis, slice(size))]
        if known is None or known < size:
            missing = maximum(int64_of(minus(size, size_along(x, axis))), 0)
            edges: list[Any] = [[0, 0] for _ in range(x.ndim)]
            edges[axis][1] = size_from(missing)
            x = namespace().ensure_shape(pad(x, edges), [size if a == axis else s for a, s in enumerate(x.shape)])
    return x


def _of_reals(function: str, value: TensorLike, fft_length: ShapeLike | None, rank: int) -> Tensor:
    x = as_tensor(value, name=f"{function}: input_tensor")
    if not FourierOp.takes(x.dtype) or x.dtype.is_complex:
        raise InvalidTypeError(f"{function}: input_tensor: expected float32 or float64, got {x.dtype.name}")
    sizes = _lengths(function, fft_length, rank)
    return _transformed(function, x if sizes is None or x.ndim < rank else _fitted(x, sizes), "rfft", rank)


def _to_reals(function: str, value: TensorLike, fft_length: ShapeLike | None, rank: int) -> Tensor:
    x = as_tensor(value, name=f"{function}: input_tensor")
    sizes = _lengths(function, fft_length, rank)
    if sizes is None or x.ndim < rank:
        is_none = x.ndim >= rank and x.shape[-1] == 1 and x.dtype.is_complex
        return real(x)[..., :0] if is_none else _transformed(function, x, "irfft", rank)
    x = _fitted(x, [*sizes[:-1], sizes[-1] // 2 + 1])
    if not sizes[-1]:
        return real(x)[..., :0]
    return _transformed(function, x, "irfft", rank, bool(sizes[-1] % 2))


@public("signal")
def fft(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of complex numbers along the last axis.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.fft(sw.constant([1 + 0j, 1, 1, 1])).numpy().tolist()
        [(4+0j), 0j, 0j, 0j]
    """
    return _transformed("fft", input, "fft", 1)


@public("signal")
def ifft(input: TensorLike, name: str | None = None) -> Tensor:
    """What `fft` transforms into `input`, along the last axis.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.ifft(sw.constant([4 + 0j, 0, 0, 0])).numpy().tolist()
        [(1+0j), (1+0j), (1+0j), (1+0j)]
    """
    return _transformed("ifft", input, "ifft", 1)


@public("signal")
def fft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of complex numbers along the last two axes.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.fft2d(sw.constant([[1 + 0j, 2], [3, 4]])).numpy().tolist()
        [[(10+0j), (-2+0j)], [(-4+0j), 0j]]
    """
    return _transformed("fft2d", input, "fft", 2)


@public("signal")
def ifft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """What `fft2d` transforms into `input`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.ifft2d(sw.constant([[4 + 0j, 0], [0, 0]])).numpy().tolist()
        [[(1+0j), (1+0j)], [(1+0j), (1+0j)]]
    """
    return _transformed("ifft2d", input, "ifft", 2)


@public("signal")
def fft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of complex numbers along the last three axes.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.fft3d(sw.ones([2, 1, 1], sw.complex64)).numpy().reshape(-1).tolist()
        [(2+0j), 0j]
    """
    return _transformed("fft3d", input, "fft", 3)


@public("signal")
def ifft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """What `fft3d` transforms into `input`.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.ifft3d(sw.ones([2, 1, 1], sw.complex64)).numpy().reshape(-1).tolist()
        [(1+0j), 0j]
    """
    return _transformed("ifft3d", input, "ifft", 3)


@public("signal")
def rfft(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of real numbers along the last axis, of which the first half is returned.

    Args:
        input_tensor: floats.
        fft_length: a list of the size to which the axis is cut, or padded with zeros, first.
        name: not used.

    Returns:
        the first `size // 2 + 1` numbers; the others are conjugates of these.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.rfft([1.0, 2.0, 3.0, 4.0]).numpy().tolist()
        [(10+0j), (-2+2j), (-2+0j)]
    """
    return _of_reals("rfft", input_tensor, fft_length, 1)


@public("signal")
def irfft(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The real numbers that `rfft` transforms into `input_tensor`.

    Args:
        input_tensor: complex numbers.
        fft_length: a list of the size of the result; by default the even one.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.irfft(sw.constant([10 + 0j, -2 + 2j, -2])).numpy().tolist()
        [1.0, 2.0, 3.0, 4.0]
    """
    return _to_reals("irfft", input_tensor, fft_length, 1)


@public("signal")
def rfft2d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """`rfft` along the last axis, and `fft` along the one before it; `fft_length` has both sizes.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.rfft2d([[1.0, 2.0], [3.0, 4.0]]).numpy().tolist()
        [[(10+0j), (-2+0j)], [(-4+0j), 0j]]
    """
    return _of_reals("rfft2d", input_tensor, fft_length, 2)


@public("signal")
def irfft2d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The real numbers that `rfft2d` transforms into `input_tensor`; `fft_length` has both sizes.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.irfft2d(sw.constant([[10 + 0j, -2], [-4, 0]])).numpy().tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    return _to_reals("irfft2d", input_tensor, fft_length, 2)


@public("signal")
def rfft3d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """`rfft` along the last axis, and `fft` along the two before it; `fft_length` has all three sizes.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.rfft3d(sw.ones([1, 1, 2])).numpy().reshape(-1).tolist()
        [(2+0j), 0j]
    """
    return _of_reals("rfft3d", input_tensor, fft_length, 3)


@public("signal")
def irfft3d(input_tensor: TensorLike, fft_length: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """The real numbers that `rfft3d` transforms into `input_tensor`; `fft_length` has all three sizes.

    Example:
        >>> import stepwell as sw
        >>> sw.signal.irfft3d(sw.ones([1, 1, 2], sw.complex64)).numpy().reshape(-1).tolist()
        [1.0, 0.0]
    """
    return _to_reals("irfft3d", input_tensor, fft_length, 3)


def adjoint_of_fourier(x: Tensor, dy: Tensor, kind: str, rank: int) -> Tensor:
    """The gradient of a transform of `x` along its last axes, of whose result `dy` is the gradient."""
    sizes: list[Size] = [size_along(x if kind == "rfft" else dy, axis) for axis in range(x.ndim - rank, x.ndim)]
    factor = cast(int64_of(product(sizes)), dy.dtype)
    if kind == "fft":
        return multiply(_transformed("fft", dy, "ifft", rank), factor)
    if kind == "ifft":
        return divide(_transformed("ifft", dy, "fft", rank), factor)
    if kind == "rfft":
        missing = int64_of(minus(sizes[-1], size_along(dy, dy.ndim - 1)))
        edges: list[Any] = [[0, 0] for _ in range(dy.ndim)]
        edges[-1][1] = size_from(missing)
        whole = _transformed("rfft", pad(dy, edges), "ifft", rank)
        return real(multiply(whole, factor))
    last = size_along(x, x.ndim - 1)
    places = namespace().range(int64_of(last))
    once = logical_or(equal(places, 0), equal(multiply(places, 2), int64_of(sizes[-1])))
    weights = where(once, np.array(1, dy.dtype), np.array(2, dy.dtype))
    return multiply(_of_reals("irfft", dy, None, rank), cast(divide(weights, factor), x.dtype))
