"""`TensorShape`: the shape of a tensor, as far as it is known; a tuple of its sizes."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NoReturn, SupportsIndex, TypeAlias

from ....dialects.public import public


@public("compat.v1")
class Dimension:
    """One size of `TensorShape.dims`, for programs that ask for its `value`."""

    __slots__ = ("value",)

    value: int | None

    def __init__(self, value: int | None):
        self.value = value

    def __repr__(self) -> str:
        return f"Dimension({self.value})"

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, Dimension) else other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __index__(self) -> int:
        if self.value is None:
            raise TypeError("a size that is not known is no integer")
        return self.value

    def __int__(self) -> int:
        return self.__index__()


@public(top=True)
class TensorShape(tuple[int | None, ...]):
    """The sizes of a tensor: a tuple in which `None` is a size that is not known; or a shape of unknown rank.

    Slices and sums are shapes again. A shape is equal to lists and tuples of the same sizes.

    Args:
        dims: the sizes, one size, or None for a shape of unknown rank.

    Raises ValueError for negative sizes, and TypeError for what is no size.

    Example:
        >>> import stepwell as sw
        >>> shape = sw.TensorShape([None, 3])
        >>> shape[1:] + [4], shape.as_list(), sw.TensorShape(None).rank
        (TensorShape([3, 4]), [None, 3], None)
    """

    __slots__ = ()

    def __new__(cls, dims: Any = None) -> TensorShape:
        """Return the shape of `dims`."""
        if dims is None or isinstance(dims, TensorShape):
            return UNKNOWN if dims is None else dims
        if isinstance(dims, str | bytes):
            raise TypeError(f"TensorShape: expected sizes, got {dims!r}")
        try:
            items = list(dims)
        except TypeError:
            items = [dims]
        return known_shape(tuple(map(_size, items)))

    def __getnewargs__(self) -> tuple[object, ...]:
        return (self.as_list(),)

    @property
    def rank(self) -> int | None:
        """The number of dimensions; None if it is not known."""
        return len(self)

    @property
    def ndims(self) -> int | None:
        """The number of dimensions; None if it is not known."""
        return self.rank

    @property
    def dims(self) -> list[Dimension] | None:
        """The sizes as objects that have a `value`; None if the rank is not known."""
        return [Dimension(size) for size in self]

    def as_list(self) -> list[int | None]:
        """The sizes as a list. Raises ValueError if the rank is not known."""
        return list(self)

    def num_elements(self) -> int | None:
        """The product of the sizes; None if one of them is not known."""
        return prod(self) if self.is_fully_defined() else None  # pyright: ignore[reportArgumentType, reportCallIssue]

    def is_fully_defined(self) -> bool:
        """Whether all sizes are known."""
        return None not in self

    def concatenate(self, other: ShapeOfAny) -> TensorShape:
        """The sizes of this shape and then those of another one."""
        after = TensorShape(other)
        return after if after is UNKNOWN else known_shape((*self, *after))

    def is_compatible_with(self, other: ShapeOfAny) -> bool:
        """Whether a tensor could have both shapes."""
        theirs = TensorShape(other)
        if UNKNOWN in (self, theirs):
            return True
        return len(self) == len(theirs) and all(None in (a, b) or a == b for a, b in zip(self, theirs))

    def is_subtype_of(self, other: TensorShape) -> bool:
        """Whether every tensor of this shape has the other one, too."""
        if other is UNKNOWN:
            return True
        if self is UNKNOWN or len(self) != len(other):
            return False
        return all(theirs is None or mine == theirs for mine, theirs in zip(self, other))

    def merge_with(self, other: ShapeOfAny) -> TensorShape:
        """What is known of a tensor that has both shapes. Raises ValueError if none can."""
        theirs = TensorShape(other)
        if not self.is_compatible_with(theirs):
            raise ValueError(f"Shapes {self} and {theirs} are not compatible")
        if UNKNOWN in (self, theirs):
            return theirs if self is UNKNOWN else self
        return known_shape(tuple(b if a is None else a for a, b in zip(self, theirs)))

    def most_specific_compatible_shape(self, other: ShapeOfAny) -> TensorShape:
        """The shape that tensors of this and of another shape have."""
        theirs = TensorShape(other)
        if UNKNOWN in (self, theirs) or len(self) != len(theirs):
            return UNKNOWN
        return known_shape(tuple(a if a == b else None for a, b in zip(self, theirs)))

    most_general_compatible_shape = most_specific_compatible_shape

    def most_specific_common_supertype(self, others: Iterable[TensorShape]) -> TensorShape:
        """The shape that tensors of this and of each other shape have."""
        shape = self
        for other in others:
            shape = shape.most_specific_compatible_shape(other)
        return shape

    def with_rank(self, rank: int) -> TensorShape:
        """This shape, if it can have that rank. Raises ValueError otherwise."""
        try:
            return self.merge_with([None] * rank)
        except ValueError:
            raise ValueError(f"Shape {self} must have rank {rank}") from None

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape, if it can have so many dimensions or more. Raises ValueError otherwise."""
        if self.rank is not None and self.rank < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape, if it can have so many dimensions or fewer. Raises ValueError otherwise."""
        if self.rank is not None and self.rank > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        """Raise ValueError unless the shape can have that rank."""
        self.with_rank(rank)

    def assert_same_rank(self, other: ShapeOfAny) -> None:
        """Raise ValueError if the other shape has another rank."""
        theirs = TensorShape(other)
        if None not in (self.rank, theirs.rank) and self.rank != theirs.rank:
            raise ValueError(f"Shapes {self} and {theirs} must have the same rank")

    def assert_is_compatible_with(self, other: ShapeOfAny) -> None:
        """Raise ValueError unless a tensor could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def assert_is_fully_defined(self) -> None:
        """Raise ValueError if a size is not known."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        found = tuple.__getitem__(self, key)
        return known_shape(found) if isinstance(key, slice) else found

    def __add__(self, other: ShapeOfAny) -> TensorShape:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.concatenate(other)

    def __radd__(self, other: ShapeOfAny) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, tuple):
            return other is not UNKNOWN and tuple.__eq__(self, other)
        if isinstance(other, str) or other is None:
            return False
        try:
            return tuple.__eq__(self, TensorShape(other))
        except (TypeError, ValueError):
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__

    def __lt__(self, other: object) -> bool:
        return NotImplemented

    __le__ = __gt__ = __ge__ = __lt__  # pyright: ignore[reportAssignmentType]

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"TensorShape({self.as_list()})"

    def __str__(self) -> str:
        return tuple.__repr__(self)


class _UnknownShape(TensorShape):
    """The shape of unknown rank."""

    __slots__ = ()

    def __reduce__(self) -> tuple[object, ...]:
        return TensorShape, (None,)

    @property
    def rank(self) -> int | None:
        """None."""
        return None

    @property
    def dims(self) -> list[Dimension] | None:
        """None."""
        return None

    def as_list(self) -> NoReturn:
        """Raise ValueError."""
        raise ValueError("as_list() is not defined on an unknown TensorShape.")

    def is_fully_defined(self) -> bool:
        """No."""
        return False

    def concatenate(self, other: ShapeOfAny) -> TensorShape:
        """A shape of unknown rank."""
        del other
        return self

    def __len__(self) -> int:
        raise ValueError("Cannot take the length of shape with unknown rank.")

    def __iter__(self) -> Iterator[int | None]:
        raise ValueError("Cannot iterate over a shape with unknown rank.")

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        if not isinstance(key, slice):
            return None
        start, stop = key.start or 0, key.stop
        if stop is None or start < 0 or stop < 0 or key.step not in (None, 1):
            return self
        return known_shape((None,) * max(stop - start, 0))

    def __eq__(self, other: object) -> bool:
        return other is self or other is None

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "TensorShape(None)"

    def __str__(self) -> str:
        return "<unknown>"


ShapeOfAny: TypeAlias = Any
"""A TensorShape, or what one can be made of."""

UNKNOWN: TensorShape = tuple.__new__(_UnknownShape)
"""The shape of unknown rank."""


def known_shape(sizes: tuple[int | None, ...]) -> TensorShape:
    """The shape of these sizes, which are not checked."""
    return tuple.__new__(TensorShape, sizes)


def _size(size: Any) -> int | None:
    if isinstance(size, Dimension):
        return size.value
    if size is None:
        return None
    try:
        found = operator.index(size)
    except TypeError:
        raise TypeError(f"TensorShape: expected sizes that are integers or None, got {size!r}") from None
    if found < 0:
        raise ValueError(f"TensorShape: expected sizes of at least 0, got {found}")
    return found
