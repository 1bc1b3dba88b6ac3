"""Steps of training, evaluation and prediction as compiled calls: one a batch, or one for several batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Any

import numpy as np
import optree
from keras.src import tree

import stepwell as sw

from .ops.core import compute_output_spec, convert_to_numpy, convert_to_tensor, tensors

Step = Callable[[Any], Any]
"""Takes a batch, which is a structure of tensors and None, and returns a structure of tensors."""
_Key = tuple[optree.PyTreeSpec, tuple[bool, ...]]
"""The structure of a batch, and which of its leaves are None."""


class Steps:
    """A step that runs eagerly, called with the batches of one execution; returns what it returns for the last.

    Attributes:
        varies: whether the last batch of an epoch is smaller than the others.
    """

    def __init__(self, step: Step):
        self._step = step
        self.varies = False

    def __call__(self, batches: Iterable[Any]) -> Any:
        """What the step returns for the last of some batches, all of which it is run on."""
        return [self.one(batch) for batch in batches][-1]

    def one(self, batch: Any) -> Any:
        """What the step returns for a batch."""
        return self._step(tensors(batch))


class CompiledSteps(Steps):
    """A step that is compiled once for each structure of batches, for all sizes of batches where these vary.

    Batches are passed as plain tensors, which is the fastest way to call a compiled function; the batches of one
    execution that have the same sizes are passed stacked, and the step is the body of a compiled loop.
    """

    def __init__(self, step: Step):
        super().__init__(step)
        self._single: dict[_Key, Any] = {}
        self._several: dict[_Key, Any] = {}

    def one(self, batch: Any) -> Any:
        """What the step returns for a batch."""
        key, present = _taken_apart(batch)
        arguments = [convert_to_tensor(leaf) for leaf in present]
        found = self._single.get(key)
        if found is None:
            found = self._single[key] = sw.function(self._of_leaves(*key), autograph=False)
            if self.varies:
                found.get_concrete_function(*map(_any_size, arguments))
        return found(*arguments)

    def __call__(self, batches: Iterable[Any]) -> Any:
        """What the step returns for the last of some batches, all of which it is run on."""
        batches = list(batches)
        same = 0 if len(batches) < 2 else _equally_sized(batches)
        if same < 2:
            return super().__call__(batches)
        results = [self._run_stacked(batches[:same]), *map(self.one, batches[same:])]
        return results[-1]

    def _run_stacked(self, batches: Sequence[Any]) -> Any:
        """What the step returns for the last of batches that have the same sizes."""
        key, _ = _taken_apart(batches[0])
        if key not in self._several:
            self._several[key] = sw.function(_loop(self._of_leaves(*key)), autograph=False)
        columns = zip(*(_taken_apart(batch)[1] for batch in batches), strict=True)
        return self._several[key](*map(_stack, columns))

    def _of_leaves(self, structure: optree.PyTreeSpec, absent: Sequence[bool]) -> Callable[..., Any]:
        def step(*present: Any) -> Any:
            given = iter(present)
            return self._step(optree.tree_unflatten(structure, [None if gone else next(given) for gone in absent]))

        return step


class Predictions:
    """What a step returns for all batches of an execution, one after the other.

    Attributes:
        steps: the step.
    """

    def __init__(self, steps: Steps):
        self.steps = steps

    def __call__(self, batches: Iterable[Any]) -> Any:
        """What the step returns for all batches."""
        return joined([self.steps.one(batch) for batch in batches])


def joined(outputs: Sequence[Any]) -> Any:
    """Structures of tensors, joined along the first axis; scalars are stacked.

    Where other axes differ, zeros fill them up, as in the dense form of the ragged tensor that TensorFlow makes.
    """
    if len(outputs) == 1:
        return outputs[0]

    def join(*parts: Any) -> sw.Tensor:
        tensors = [convert_to_tensor(part) for part in parts]
        return sw.concat(_filled(tensors), 0) if tensors[0].shape.rank else sw.stack(tensors)

    return tree.map_structure(join, *outputs)


def _filled(tensors: Sequence[sw.Tensor]) -> Sequence[sw.Tensor]:
    """Tensors with zeros after their elements, so that only their first sizes differ."""
    if len({tuple(tensor.shape[1:]) for tensor in tensors}) == 1:
        return tensors
    sizes = np.max([tensor.shape[1:] for tensor in tensors], axis=0)
    return [
        sw.pad(x, [(0, 0), *((0, size - own) for size, own in zip(sizes, x.shape[1:], strict=True))]) for x in tensors
    ]


def _loop(step: Callable[..., Any]) -> Callable[..., Any]:
    """`step` for each element of stacked batches; what it returns for the last."""

    def steps(*stacked: sw.Tensor) -> Any:
        specs = compute_output_spec(step, *(x[0] for x in stacked))
        start = tree.map_structure(lambda spec: sw.zeros(spec.shape, spec.dtype), specs)

        def body(i: sw.Tensor, _: Any) -> tuple[sw.Tensor, Any]:
            return i + 1, step(*(x[i] for x in stacked))

        return sw.while_loop(lambda i, _: i < sw.shape(stacked[0])[0], body, (sw.constant(0), start))[1]

    return steps


def _taken_apart(batch: Any) -> tuple[_Key, list[Any]]:
    """The structure of a batch with which of its leaves are None, and the others."""
    leaves, structure = optree.tree_flatten(batch, none_is_leaf=True, namespace="keras")
    return (structure, tuple(leaf is None for leaf in leaves)), [leaf for leaf in leaves if leaf is not None]


def _equally_sized(batches: Sequence[Any]) -> int:
    """How many of the first batches have one structure and the same sizes."""
    sizes = [(key, [tuple(leaf.shape) for leaf in present]) for key, present in map(_taken_apart, batches)]
    return sum(1 for _ in takewhile(lambda each: each == sizes[0], sizes))


def _stack(column: Sequence[Any]) -> sw.Tensor:
    return convert_to_tensor(np.stack([convert_to_numpy(leaf) for leaf in column]))


def _any_size(tensor: sw.Tensor) -> sw.TensorSpec:
    """A spec of tensors like this one in batches of any size."""
    sizes = tensor.shape.as_list()
    return sw.TensorSpec([None, *sizes[1:]] if sizes else [], tensor.dtype)
