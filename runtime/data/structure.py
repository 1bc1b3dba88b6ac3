"""How an element of a dataset is put together: nested tuples and dicts of tensors, and what is known of each.

Lists are tensors, as in TensorFlow: `[1, 2]` is a tensor of two elements, `(1, 2)` two components.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import optree

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError

Element: TypeAlias = list[Tensor]
"""The components of an element, in the order of its structure."""


@dataclass(frozen=True)
class Structure:
    """How an element is put together.

    Attributes:
        tree: the tuples and dicts.
        specs: the shape and dtype of each component.
    """

    tree: optree.PyTreeSpec
    specs: tuple[TensorSpec, ...]

    def pack(self, components: Sequence[object]) -> Any:
        """An element of its components."""
        return optree.tree_unflatten(self.tree, components)

    @property
    def element_spec(self) -> Any:
        """The specs, put together like an element."""
        return self.pack(self.specs)

    @property
    def is_tuple(self) -> bool:
        """Whether functions are given the parts of an element as arguments: it is a tuple without names."""
        return self.tree.type is tuple

    def with_specs(self, change: Callable[[TensorSpec], TensorSpec]) -> Structure:
        """The same structure of components whose specs are changed."""
        return Structure(self.tree, tuple(map(change, self.specs)))

    def arguments(self, components: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments that a function of an element is called with."""
        element = self.pack(components)
        return element if self.is_tuple else (element,)


def parts_of(what: str, value: Any) -> tuple[Element, optree.PyTreeSpec]:
    """The components of a value as tensors, and how it is put together.

    Raises InvalidTypeError for None, and what `convert_to_tensor` raises for what is no tensor.
    """
    leaves, tree = optree.tree_flatten(value, is_leaf=lambda part: isinstance(part, list), none_is_leaf=True)
    if any(leaf is None for leaf in leaves):
        raise InvalidTypeError(f"{what}: expected tensors, got None")
    return [as_tensor(leaf, name=what) for leaf in leaves], tree


def joined(structures: Sequence[Structure], together: Callable[[list[Any]], Any]) -> Structure:
    """The structure of elements that are put together of others."""
    tree = optree.tree_structure(together([structure.element_spec for structure in structures]), none_is_leaf=True)
    return Structure(tree, tuple(spec for structure in structures for spec in structure.specs))


def without_first_axis(spec: TensorSpec, what: str) -> TensorSpec:
    """The spec of a part along the first axis."""
    if spec.sizes is not None and not spec.sizes:
        raise InvalidTypeError(f"{what}: expected tensors with at least one dimension, got a scalar")
    return TensorSpec(None if spec.sizes is None else spec.sizes[1:], spec.dtype)


def with_first_axis(spec: TensorSpec, size: int | None) -> TensorSpec:
    """The spec of parts stacked along a new first axis."""
    return TensorSpec(None if spec.sizes is None else (size, *spec.sizes), spec.dtype)


def signature_of(signature: Any, types: Any, shapes: Any) -> Structure:
    """The structure that a signature of specs says, or dtypes and shapes."""
    what = "Dataset.from_generator"
    if signature is None:
        if types is None:
            raise InvalidTypeError(f"{what}: output_signature: expected a TensorSpec for each component, got None")
        leaves, tree = optree.tree_flatten(types)
        known: list[Any] = [None] * len(leaves) if shapes is None else tree.flatten_up_to(shapes)
        return Structure(tree, tuple(TensorSpec(shape, dtype) for shape, dtype in zip(known, leaves, strict=True)))
    leaves, tree = optree.tree_flatten(signature)
    wrong = [leaf for leaf in leaves if not isinstance(leaf, TensorSpec)]
    if wrong:
        raise InvalidTypeError(f"{what}: output_signature: expected TensorSpecs, got {wrong[0]!r}")
    return Structure(tree, tuple(leaves))
