"""Objects that make the first values of Variables."""

from __future__ import annotations

from typing import Any

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import FLOAT32, DType, DTypeLike, dtype_named
from ....dialects.public import public
from ..values.tensor import ShapeLike, Tensor, TensorLike
from .creation import constant
from .random.stateful import normal, uniform
from .random.stateless import stateless_normal, stateless_uniform
from .shape import ones, zeros


class Initializer:
    """The base of initializers: what it is called with a shape and a dtype for."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an initializer like this one."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The initializer whose `get_config` returned `config`."""
        return cls(**{name: value for name, value in config.items() if name != "dtype"})


@public(top=True)
class zeros_initializer(Initializer):
    """Tensors of zeros.

    Example:
        >>> import stepwell as sw
        >>> sw.zeros_initializer()([2]).numpy().tolist()
        [0.0, 0.0]
    """

    def __call__(self, shape: ShapeLike, dtype: DTypeLike = FLOAT32, **kwargs: object) -> Tensor:
        """Zeros of a shape."""
        return zeros(shape, dtype)


@public(top=True)
class ones_initializer(Initializer):
    """Tensors of ones.

    Example:
        >>> import stepwell as sw
        >>> sw.ones_initializer()([2]).numpy().tolist()
        [1.0, 1.0]
    """

    def __call__(self, shape: ShapeLike, dtype: DTypeLike = FLOAT32, **kwargs: object) -> Tensor:
        """Ones of a shape."""
        return ones(shape, dtype)


@public(top=True)
class constant_initializer(Initializer):
    """Tensors of one value, or of given elements.

    Example:
        >>> import stepwell as sw
        >>> sw.constant_initializer(0.5)([2]).numpy().tolist()
        [0.5, 0.5]
    """

    def __init__(self, value: TensorLike = 0, support_partition: bool = False):
        self.value = value

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None, **kwargs: object) -> Tensor:
        """The value, or the elements, in a shape."""
        return constant(self.value, dtype, shape)  # pyright: ignore[reportArgumentType]

    def get_config(self) -> dict[str, Any]:
        """The value."""
        return {"value": self.value}


def _floating(dtype: DTypeLike, what: str) -> DType:
    found = dtype_named(dtype, f"{what}: dtype")
    if not found.is_floating:
        raise InvalidArgumentError(f"{what}: dtype: expected a floating-point dtype, got {found.name}")
    return found


@public(top=True)
class random_normal_initializer(Initializer):
    """Tensors of normally distributed numbers; with a seed the same ones each time.

    Example:
        >>> import stepwell as sw
        >>> sw.random_normal_initializer(seed=5)([2, 3]).shape.as_list()
        [2, 3]
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None):
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: ShapeLike, dtype: DTypeLike = FLOAT32, **kwargs: object) -> Tensor:
        """Numbers of a shape."""
        wanted = _floating(dtype, "random_normal_initializer")
        if self.seed is None:
            return normal(shape, self.mean, self.stddev, wanted)
        return stateless_normal(shape, [self.seed, 0], self.mean, self.stddev, wanted)

    def get_config(self) -> dict[str, Any]:
        """The mean, the standard deviation and the seed."""
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed}


@public(top=True)
class random_uniform_initializer(Initializer):
    """Tensors of numbers between two limits, each as likely; with a seed the same ones each time.

    Example:
        >>> import stepwell as sw
        >>> sw.random_uniform_initializer(seed=5)([2, 3]).shape.as_list()
        [2, 3]
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None):
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def __call__(self, shape: ShapeLike, dtype: DTypeLike = FLOAT32, **kwargs: object) -> Tensor:
        """Numbers of a shape."""
        if self.seed is None:
            return uniform(shape, self.minval, self.maxval, dtype)
        return stateless_uniform(shape, [self.seed, 0], self.minval, self.maxval, dtype)

    def get_config(self) -> dict[str, Any]:
        """The limits and the seed."""
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed}
