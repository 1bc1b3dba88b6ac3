"""What becomes of all elements of a dataset, in Python and in programs that are traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...compiler.frontend.gradients.host_functions import numpy_function
from ...compiler.frontend.ops.control_flow import while_loop
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError
from .compiled import compiled_step
from .handles import Handed, program_spec, received
from .node import Node
from .options import started
from .parameters import values_of
from .staged import StagedElements
from .structure import Element, Structure


def reduced(node: Node, parts: Element, state: Structure, reduce_func: Callable[..., Any]) -> Any:
    """The last state, after a function of the state and each element."""
    compiled, state = compiled_step("Dataset.reduce", reduce_func, state, node.structure, lambda found: found)
    for element in started(node):
        parts = compiled([*parts, *element])
    return state.pack(parts)


def only_element(node: Node) -> Element:
    """The element of a dataset that has one."""
    found = [element for element, _ in zip(node.start(), range(2), strict=False)]
    if len(found) != 1:
        which = "none" if not found else "more"
        raise InvalidArgumentError(f"Dataset.get_single_element: expected a dataset of one element, got {which}")
    return found[0]


def staged_reduction(elements: StagedElements, parts: Element, state: Structure, function: Callable[..., Any]) -> Any:
    """The same, as a loop of the program that is traced."""
    count = len(parts)

    def is_there(more: Tensor, *_: Tensor) -> Tensor:
        return more

    def body(_: Tensor, *values: Tensor) -> list[Any]:
        states = state.flat(function(state.pack(values[:count]), elements.pack(values[count:])))
        more, *following = elements.next()
        return [more, *states, *following]

    more, *first = elements.next()
    _, *rest = while_loop(is_there, body, [more, *parts, *first])
    elements.close()
    return state.pack(rest[:count])


def staged_element(node: Node) -> Any:
    """The element of a dataset that has one, in the program that is traced."""
    handed = Handed()

    def element(*values: np.ndarray) -> list[np.ndarray]:
        handed.release()
        found = only_element(node.bound(values_of(node.unbound, values)))
        return [tensor.numpy() for tensor in handed.tensors(found)]

    specs = list(map(program_spec, node.structure.specs))
    tensors: Sequence[Tensor] = numpy_function(element, node.unbound, specs, name="Dataset.get_single_element")
    return node.structure.pack(received(node.structure, tensors))
