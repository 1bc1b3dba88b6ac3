"""Users' functions of elements, which are compiled once for all of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Self

from ...compiler.frontend.autograph import convert
from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.tracing.tracebacks import trim
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.dtypes import INT64
from ..functions.concrete import ConcreteFunction
from ..functions.function import function
from .handles import handed, program_spec, received
from .node import Node
from .parameters import DatasetBase, Parametrized, Values, bound, unbound_in, values_of
from .structure import DatasetSpec, Element, Structure, common, joined, spec_of, structured


class Compiled(Parametrized):
    """A user's function of elements, compiled once for all of them.

    What it takes from a program around it that is being traced are parameters, which `bound` gives values. A dataset
    that it returns is made of tensors of its program: the program returns these, and the dataset is bound to them.

    Attributes:
        structure: of what it returns.
    """

    def __init__(self, what: str, user_function: Callable[..., Any], structure: Structure):
        returned: list[tuple[Element, Structure]] = []
        converted = convert(user_function)

        def of_components(*tensors: Tensor) -> list[Tensor]:
            components = received(structure, tensors)
            returned.append(structured(what, converted(*structure.arguments(components))))
            return [tensor for part in returned[-1][0] for tensor in _sent(part)]

        self._run: ConcreteFunction
        self._run = function(of_components).get_concrete_function(*map(program_spec, structure.specs))
        self._parts, self.structure = returned[-1]
        outputs = iter(self._run.structured_outputs)
        specs = [_spec(part, [next(outputs) for _ in _sent(part)]) for part in self._parts]
        self.structure = Structure(self.structure.tree, tuple(specs))

    def __call__(self, element: Element) -> Element:
        with handed(element) as tensors:
            results = iter(self._called(list(tensors)))
            return [_received(part, results) for part in self._parts]

    def _called(self, tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        """What the program returns; elements are tensors of its specs, so that they are not converted and checked."""
        try:
            return self._run.call(tensors)
        except Exception as error:
            trim(error)
            raise

    @cached_property
    def unbound(self) -> Sequence[Tensor]:
        return unbound_in(self._run.captures)

    def bound(self, values: Values) -> Self:
        if not self.unbound:
            return self
        other = copy.copy(self)
        del other.unbound
        other._run = self._run.with_captures([bound(thing, values) for thing in self._run.captures])
        return other


def _sent(part: Any) -> Sequence[Tensor]:
    """What a program returns for a component."""
    return part._node.unbound if isinstance(part, DatasetBase) else [part]


def _spec(part: Any, outputs: Sequence[Tensor]) -> Any:
    """What is known of a component that a program returns."""
    return spec_of(part) if isinstance(part, DatasetBase) else TensorSpec(outputs[0].shape, outputs[0].dtype)


def _received(part: Any, results: Any) -> Any:
    """A component, of what the program has returned for it."""
    if not isinstance(part, DatasetBase):
        return next(results)
    return bound(part, values_of(part._node.unbound, [next(results) for _ in part._node.unbound]))


def compiled_to_dataset(what: str, user_function: Callable[..., Any], structure: Structure) -> Compiled:
    """A function that returns a dataset."""
    found = Compiled(what, user_function, structure)
    if not (found.structure.tree.is_leaf() and isinstance(found.structure.specs[0], DatasetSpec)):
        raise InvalidTypeError(
            f"{what}: expected a function that returns a Dataset, got {found.structure.element_spec}"
        )
    return found


def compiled_to_integer(what: str, user_function: Callable[..., Any], structure: Structure) -> Compiled:
    """A function that returns a scalar of int64."""

    converted = convert(user_function)

    def integer(*arguments: Any) -> Tensor:
        return as_tensor(converted(*arguments), INT64, what)

    found = Compiled(what, integer, structure)
    (spec,) = found.structure.specs
    if spec.sizes != ():
        raise InvalidTypeError(f"{what}: expected a function that returns a scalar of int64, got {spec}")
    return found


def integer_of(compiled: Compiled, element: Element) -> int:
    """What a function returns that `compiled_to_integer` has compiled."""
    return int(compiled(element)[0].numpy())


def only_node(element: Element) -> Node:
    """The node of an element that is a dataset."""
    return element[0]._node


def compiled_step(
    what: str, user_function: Callable[..., Any], state: Structure, structure: Structure, returns: Callable[[Any], Any]
) -> tuple[Compiled, Structure]:
    """A function of a state and an element, and the structure of states, of which `returns` gives the new one.

    Where shapes of states are different from one element to the next, the function is compiled for what they share.
    """
    while True:
        compiled = Compiled(what, user_function, _pair(state, structure))
        found = common(f"{what}: the new state", state, returns(compiled.structure))
        if found == state:
            return compiled, state
        state = found


def _pair(state: Structure, structure: Structure) -> Structure:
    return joined([state, structure], tuple)
