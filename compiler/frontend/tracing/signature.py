"""What a trace is made for: specs of tensors, keys of arguments, and when one trace covers another's arguments."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import Parameter, Signature, signature
from typing import Any, TypeAlias, TypeVar

import numpy as np
import optree

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import DType, DTypeLike, dtype_named
from ....dialects.public import public
from .tensor_shape import UNKNOWN, TensorShape, known_shape

Result = TypeVar("Result")
Shape: TypeAlias = tuple[int | None, ...]


@public(top=True)
@dataclass(frozen=True)
class TensorSpec:
    """The shape and dtype that tensors given for an argument have.

    `None` is a size of any value, and so is a name; sizes of one name are equal, in all arguments of a call.

    Attributes:
        shape: the sizes, None for those of any value; all of it is None if the rank may be any.
        dtype: the dtype.
        name: what the argument is called in exports.
        sizes: the sizes as a plain tuple; None if the rank may be any.
        size_names: for each axis the name of its size, if it has one.

    Raises ValueError for negative sizes, and for names of sizes that are no identifiers.

    Example:
        >>> TensorSpec([None, 784]), TensorSpec(["batch", 784]).shape
        (TensorSpec(shape=(None, 784), dtype=tf.float32, name=None), TensorShape([None, 784]))
    """

    sizes: Shape | None
    dtype: DType
    name: str | None
    size_names: tuple[str | None, ...]

    def __init__(
        self, shape: Sequence[int | str | None] | None, dtype: DTypeLike = np.float32, name: str | None = None
    ):
        if shape is None or shape is UNKNOWN:
            self._set(None, dtype_named(dtype, "TensorSpec: dtype"), name, ())
            return
        shape = (shape,) if isinstance(shape, int) else shape
        if isinstance(shape, str):
            raise TypeError(f"TensorSpec: shape: expected sizes, got {shape!r}")
        names: tuple[str | None, ...] = (None,) * len(shape)
        if str in map(type, shape):  # rarely: specs are made in every call
            names = tuple(size if isinstance(size, str) else None for size in shape)
            shape = [None if isinstance(size, str) else size for size in shape]
            wrong = [name for name in names if name is not None and not name.isidentifier()]
            if wrong:
                raise ValueError(f"TensorSpec: shape: expected names of sizes that are identifiers, got {wrong[0]!r}")
        sizes = tuple(None if size is None else int(size) for size in shape)
        if any(size is not None and size < 0 for size in sizes):
            raise ValueError(f"TensorSpec: shape: expected sizes of at least 0 or None, got {list(shape)}")
        self._set(sizes, dtype_named(dtype, "TensorSpec: dtype"), name, names)

    def _set(self, sizes: Shape | None, dtype: DType, name: str | None, size_names: tuple[str | None, ...]) -> None:
        object.__setattr__(self, "sizes", sizes)
        object.__setattr__(self, "dtype", dtype)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "size_names", size_names)

    @property
    def shape(self) -> TensorShape:
        """The sizes, None for those of any value; a shape of unknown rank if the rank may be any."""
        return UNKNOWN if self.sizes is None else known_shape(self.sizes)

    @property
    def known_sizes(self) -> Shape:
        """The sizes of a spec whose rank is known."""
        assert self.sizes is not None
        return self.sizes

    def __repr__(self) -> str:
        if self.sizes is None:
            return f"TensorSpec(shape=<unknown>, dtype=tf.{self.dtype.name}, name={self.name!r})"
        shape = tuple(known or size for known, size in zip(self.size_names, self.sizes, strict=True))
        return f"TensorSpec(shape={shape}, dtype=tf.{self.dtype.name}, name={self.name!r})"

    def named(self, name: str | None) -> TensorSpec:
        """The same spec with another name."""
        return replace_name(self, name)

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor or Variable. Raises ValueError for anything else."""
        if not hasattr(tensor, "shape") or not hasattr(type(tensor), "numpy"):
            raise InvalidArgumentError(f"TensorSpec.from_tensor: tensor: expected a tensor, got {tensor!r}")
        return cls(tensor.shape, tensor.dtype, name)

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """The spec of what has a shape and a dtype, by another name if one is given."""
        return cls(spec.shape, spec.dtype, name or getattr(spec, "name", None))

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a tensor could fit both this and another spec, or a tensor this spec."""
        if not hasattr(spec_or_value, "shape"):
            return False
        return self.dtype == spec_or_value.dtype and self.shape.is_compatible_with(spec_or_value.shape)

    def is_subtype_of(self, other: object) -> bool:
        """Whether every tensor that fits this spec fits the other one."""
        return isinstance(other, TensorSpec) and other.covers(self)

    def most_specific_compatible_type(self, other: TensorSpec) -> TensorSpec:
        """The spec that tensors of both fit. Raises ValueError for specs of different dtypes."""
        if not isinstance(other, TensorSpec) or other.dtype != self.dtype:
            raise InvalidArgumentError(f"TensorSpec: no spec is compatible with both {self!r} and {other!r}")
        name = self.name if self.name == other.name else None
        return TensorSpec(self.shape.most_specific_compatible_shape(other.shape), self.dtype, name)

    def most_specific_common_supertype(self, others: Iterable[TensorSpec]) -> TensorSpec | None:
        """The spec that tensors of this and of each other one fit; None if their dtypes differ."""
        spec = self
        for other in others:
            if not isinstance(other, TensorSpec) or other.dtype != self.dtype:
                return None
            spec = spec.most_specific_compatible_type(other)
        return spec

    def covers(self, other: TensorSpec) -> bool:
        """Whether every tensor of `other`'s kind is one of this spec's."""
        if self.sizes is None or other.sizes is None:
            return self.dtype == other.dtype and self.sizes is None
        return (
            self.dtype == other.dtype
            and len(self.sizes) == len(other.sizes)
            and all(mine is None or mine == size for mine, size in zip(self.sizes, other.sizes))
        )


def replace_name(spec: TensorSpec, name: str | None) -> TensorSpec:
    """A spec by another name."""
    renamed = object.__new__(TensorSpec)
    renamed._set(spec.sizes, spec.dtype, name, spec.size_names)
    return renamed


@dataclass(frozen=True)
class ValueKey:
    """A Python value that a trace is specialised to; floats by their bits, so that -0.0 is not 0.0, and NaN is NaN."""

    type: type
    value: object = field(compare=False)
    identity: object = field(init=False, repr=False)

    def __post_init__(self) -> None:
        identity = repr(self.value) if isinstance(self.value, float | complex) else self.value
        object.__setattr__(self, "identity", identity)

    def __repr__(self) -> str:
        return f"{self.value!r} (a Python {self.type.__name__})"


@dataclass(frozen=True)
class ObjectKey:
    """An object that a trace is specialised to by identity, such as a Variable or a model."""

    id: int
    kind: str

    def __repr__(self) -> str:
        return f"a {self.kind} object"


@dataclass(frozen=True)
class VariableKey:
    """A Variable of a shape and dtype; `first` is the position of the argument that is the same Variable first."""

    shape: Shape
    dtype: DType
    trainable: bool
    first: int

    def __repr__(self) -> str:
        return f"a Variable of shape {self.shape} and dtype {self.dtype.name}"


LeafKey: TypeAlias = TensorSpec | ValueKey | ObjectKey | VariableKey


@dataclass(frozen=True)
class CallKey:
    """What a trace depends on: the structure of the arguments and a key for each leaf."""

    structure: optree.PyTreeSpec
    leaves: tuple[LeafKey, ...]

    def covers(self, other: CallKey) -> bool:
        """Whether a trace for this key serves calls with `other`."""
        fits = self.structure == other.structure and all(
            mine == theirs or (isinstance(mine, TensorSpec) and isinstance(theirs, TensorSpec) and mine.covers(theirs))
            for mine, theirs in zip(self.leaves, other.leaves)
        )
        return fits and (not self.has_equal_sizes or self == other or self._sizes_agree(other))

    @cached_property
    def named_sizes(self) -> dict[str, list[tuple[int, int]]]:
        """The positions of leaves, and the axes, that have sizes of each name."""
        found: dict[str, list[tuple[int, int]]] = {}
        for position, leaf in enumerate(self.leaves):
            for axis, name in enumerate(leaf.size_names if isinstance(leaf, TensorSpec) else ()):
                if name is not None:
                    found.setdefault(name, []).append((position, axis))
        return found

    @cached_property
    def has_equal_sizes(self) -> bool:
        """Whether sizes have one name, so that they have to be equal."""
        return any(len(places) > 1 for places in self.named_sizes.values())

    def _sizes_agree(self, other: CallKey) -> bool:
        """Whether sizes that have one name here are known to be equal there."""
        for places in self.named_sizes.values():
            sizes = set()
            for position, axis in places:
                leaf = other.leaves[position]
                assert isinstance(leaf, TensorSpec)
                size = leaf.known_sizes[axis] if leaf.known_sizes[axis] is not None else leaf.size_names[axis]
                sizes.add((position, axis) if size is None else size)
            if len(sizes) > 1:
                return False
        return True

    def generalised(self, other: CallKey) -> CallKey | None:
        """The key that covers both, where they differ in sizes of tensors only; `None` where they differ in more."""
        if self.structure != other.structure:
            return None
        leaves: list[LeafKey] = []
        for mine, theirs in zip(self.leaves, other.leaves):
            if mine == theirs:
                leaves.append(mine)
                continue
            if not (isinstance(mine, TensorSpec) and isinstance(theirs, TensorSpec)):
                return None
            if mine.dtype != theirs.dtype or mine.sizes is None or theirs.sizes is None:
                return None
            if len(mine.sizes) != len(theirs.sizes):
                return None
            shape = [a if a == b else None for a, b in zip(mine.sizes, theirs.sizes)]
            leaves.append(TensorSpec(shape, mine.dtype, mine.name))
        return CallKey(self.structure, tuple(leaves))


@dataclass(frozen=True)
class Parameters:
    """The parameters of a Python function, and how calls are matched to them."""

    function_name: str
    signature: Signature
    defaults: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def of(function: Callable[..., object], name: str) -> Parameters:
        """The parameters of `function`."""
        return Parameters.of_signature(signature(function), name)

    @staticmethod
    def of_signature(parameters: Signature, name: str) -> Parameters:
        """Those of a signature, of a function of that name."""
        defaults = {p.name: p.default for p in parameters.parameters.values() if p.default is not Parameter.empty}
        return Parameters(name, parameters, defaults)

    def bind(self, args: Sequence[object], kwargs: Mapping[str, object]) -> OrderedDict[str, object]:
        """The value of each parameter, defaults included, in their order; TypeError where they do not fit."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.function_name}: {error}") from None
        bound.apply_defaults()
        return OrderedDict(bound.arguments)

    def call(self, function: Callable[..., Result], arguments: Mapping[str, Any]) -> Result:
        """Call `function` with the arguments that `bind` gave."""
        positional: list[object] = []
        keywords: dict[str, object] = {}
        for parameter in self.signature.parameters.values():
            value = arguments[parameter.name]
            if parameter.kind is Parameter.VAR_POSITIONAL:
                positional.extend(value)
            elif parameter.kind is Parameter.VAR_KEYWORD:
                keywords.update(value)
            elif parameter.kind is Parameter.KEYWORD_ONLY:
                keywords[parameter.name] = value
            else:
                positional.append(value)
        return function(*positional, **keywords)


def leaf_names(structure: optree.PyTreeSpec) -> list[str]:
    """A name for people for each leaf of the bound arguments: `x`, `batch[0]`, `params['w']`."""
    names = []
    for path in structure.paths():
        head, *rest = path
        names.append(str(head) + "".join(f"[{entry!r}]" for entry in rest))
    return names


@public(top=True)
def type_spec_from_value(value: Any) -> TensorSpec:
    """The `TensorSpec` of a tensor, a Variable or an array.

    Example:
        >>> import stepwell as sw
        >>> sw.type_spec_from_value(sw.zeros([2, 3]))
        TensorSpec(shape=(2, 3), dtype=tf.float32, name=None)
    """
    if not hasattr(value, "shape") or not hasattr(value, "dtype"):
        raise InvalidArgumentError(f"type_spec_from_value: value: expected a tensor, got {value!r}")
    return TensorSpec(value.shape, value.dtype)
