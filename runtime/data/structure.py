"""How an element of a dataset is put together: nested tuples and dicts of tensors, and what is known of each.

Lists are tensors, as in TensorFlow: `[1, 2]` is a tensor of two elements, `(1, 2)` two components. A component may be a
dataset itself, as those of `window` are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import optree

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError, UnsupportedError
from ...dialects.dtypes import STRING
from ...dialects.public import public
from .columns import Column, Ragged, RowSpec, columns_of, put_together, taken_apart
from .parameters import DatasetBase


@public("data")
@dataclass(frozen=True)
class DatasetSpec:
    """What is known of a component of elements that is a dataset.

    Attributes:
        element_spec: of its elements.

    Example:
        >>> import stepwell as sw
        >>> sw.data.Dataset.range(5).window(2).element_spec
        DatasetSpec(element_spec=TensorSpec(shape=(), dtype=tf.int64, name=None))
    """

    element_spec: Any

    @cached_property
    def structure(self) -> Structure:
        """How its elements are put together."""
        return structure_of(self.element_spec)

    def __hash__(self) -> int:
        return hash(repr(self.element_spec))


Component: TypeAlias = Tensor | DatasetBase
"""A part of an element."""

Spec: TypeAlias = TensorSpec | DatasetSpec
"""What is known of a part of elements."""

Element: TypeAlias = list[Any]
"""The components of an element, in the order of its structure; tensors, but for datasets of datasets."""


@dataclass(frozen=True)
class Structure:
    """How an element is put together.

    Attributes:
        tree: the tuples and dicts.
        specs: the shape and dtype of each component.
    """

    tree: optree.PyTreeSpec
    specs: tuple[Any, ...]

    def pack(self, components: Sequence[object]) -> Any:
        """An element of its components."""
        return optree.tree_unflatten(self.tree, components)

    @property
    def element_spec(self) -> Any:
        """The specs, put together like an element, with one for each RaggedTensor."""
        return put_together(self.pack(self.specs))

    def columns(self, what: str) -> list[Column]:
        """The tensors and RaggedTensors; refuses datasets and SparseTensors."""
        self._refuse_datasets(what)
        return list(columns_of(self.pack(self.specs), what))

    def with_columns(self, change: Callable[[Column], Any], what: str) -> Structure:
        """The same structure of tensors and RaggedTensors, of each of which there are other specs."""
        columns = self.columns(what)
        tree = optree.tree_structure(self.element_spec)
        return structure_of(optree.tree_unflatten(tree, [change(column) for column in columns]))

    @property
    def is_tuple(self) -> bool:
        """Whether functions are given the parts of an element as arguments: it is a tuple without names."""
        return self.tree.type is tuple

    def with_specs(self, change: Callable[[TensorSpec], Spec], what: str = "Dataset") -> Structure:
        """The same structure of components whose specs are changed; refuses what is no tensor."""
        if any(isinstance(column, Ragged) for column in self.columns(what)):
            raise UnsupportedError(f"{what}: expected elements of tensors, got a RaggedTensor; its to_tensor() is one")
        return Structure(self.tree, tuple(map(change, self.specs)))

    def _refuse_datasets(self, what: str) -> None:
        nested = [spec for spec in self.specs if isinstance(spec, DatasetSpec)]
        if nested:
            raise InvalidTypeError(f"{what}: expected elements of tensors, got a component of {nested[0]}")

    def arguments(self, components: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments that a function of an element is called with."""
        element = self.pack(components)
        return element if self.is_tuple else (element,)

    def flat(self, value: Any) -> list[Any]:
        """The values for each component, of a value for all of them that is put together alike."""
        return self.tree.flatten_up_to(value) if self.tree.num_nodes > 1 else [value]


def structure_of(specs: Any) -> Structure:
    """The structure of elements, given the specs that users see."""
    leaves, tree = optree.tree_flatten(taken_apart(specs))
    return Structure(tree, tuple(leaves))


def spec_of(component: Component) -> Spec:
    """What is known of a component."""
    if isinstance(component, DatasetBase):
        return DatasetSpec(component._node.structure.element_spec)
    return TensorSpec(component.shape, component.dtype)


def parts_of(what: str, value: Any) -> tuple[Element, optree.PyTreeSpec]:
    """The components of a value as tensors and datasets, and how it is put together.

    Raises what `convert_to_tensor` raises for what is no tensor.
    """
    leaves, tree = optree.tree_flatten(value, is_leaf=lambda part: isinstance(part, list))
    return [leaf if isinstance(leaf, DatasetBase) else as_tensor(leaf, name=what) for leaf in leaves], tree


def structured(what: str, value: Any) -> tuple[Element, Structure]:
    """The components of a value, and its structure."""
    parts, tree = parts_of(what, value)
    return parts, Structure(tree, tuple(map(spec_of, parts)))


def is_string_scalar(spec: Any) -> bool:
    """Whether what `element_spec` says of elements is that they are single strings."""
    return isinstance(spec, TensorSpec) and spec.dtype is STRING and spec.sizes == ()


def single(spec: Spec) -> Structure:
    """The structure of elements of one component."""
    return Structure(optree.treespec_leaf(), (spec,))


def joined(structures: Sequence[Structure], together: Callable[[list[Any]], Any]) -> Structure:
    """The structure of elements that are put together of others."""
    tree = optree.tree_structure(together([structure.pack(structure.specs) for structure in structures]))
    return Structure(tree, tuple(spec for structure in structures for spec in structure.specs))


def common(what: str, one: Structure, other: Structure) -> Structure:
    """What holds of elements of both structures, which have to be of the same components and dtypes."""
    if one.tree != other.tree or not all(map(_alike, one.specs, other.specs)):
        raise InvalidTypeError(f"{what}: expected elements like {one.element_spec}, got {other.element_spec}")
    return Structure(one.tree, tuple(_common(what, a, b) for a, b in zip(one.specs, other.specs, strict=True)))


def _alike(one: Spec, other: Spec) -> bool:
    if isinstance(one, DatasetSpec) or isinstance(other, DatasetSpec):
        return type(one) is type(other)
    return one.dtype == other.dtype


def _common(what: str, one: Any, other: Any) -> Spec:
    if isinstance(one, DatasetSpec):
        return DatasetSpec(common(what, one.structure, other.structure).element_spec)
    shape = one.shape.most_specific_compatible_shape(other.shape)
    if isinstance(one, RowSpec) and isinstance(other, RowSpec):
        return RowSpec(shape, one.dtype, one.splits)
    return TensorSpec(shape, one.dtype)


def signature_of(signature: Any, types: Any, shapes: Any) -> Structure:
    """The structure that a signature of specs says, or dtypes and shapes."""
    what = "Dataset.from_generator"
    if signature is None:
        if types is None:
            raise InvalidTypeError(f"{what}: output_signature: expected a TensorSpec for each component, got None")
        leaves, tree = optree.tree_flatten(types)
        known: list[Any] = [None] * len(leaves) if shapes is None else Structure(tree, ()).flat(shapes)
        return Structure(tree, tuple(TensorSpec(shape, dtype) for shape, dtype in zip(known, leaves, strict=True)))
    leaves, tree = optree.tree_flatten(taken_apart(signature))
    wrong = [leaf for leaf in leaves if not isinstance(leaf, TensorSpec)]
    if wrong:
        raise InvalidTypeError(f"{what}: output_signature: expected TensorSpecs, got {wrong[0]!r}")
    return Structure(tree, tuple(leaves))


def array_of(component: Tensor) -> np.ndarray:
    """The memory of a component, also of a string."""
    return component._concrete("Dataset")


def saved(element: Element) -> list[Any]:
    """An element for the state of an iteration: arrays, and lists of elements for datasets that were kept."""
    return [part._node.saved() if isinstance(part, DatasetBase) else array_of(part) for part in element]


def not_saved(what: object) -> UnsupportedError:
    """The error for a dataset in the state of an iteration that is none of elements that were kept."""
    return UnsupportedError(
        f"Dataset: the state of an iteration with {what} among its elements: expected elements of tensors, or of "
        "datasets as `window` makes them"
    )
