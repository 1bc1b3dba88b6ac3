"""Makes a failing program small: its module by the reducer, its inputs by trying simpler ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from xdsl.dialects.builtin import MemRefType, ModuleOp, TensorType
from xdsl.ir import Attribute, BlockArgument

from stepwell.compiler.interchange.mlir.entries import find_entry
from stepwell.compiler.reducer import reduce
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import DYNAMIC
from stepwell.runtime.engines.interpreter.values import dtype_of

from .generation.program import Case
from .inputs import UnsupportedTypeError, generate_inputs

MAX_CALLS = 600
"""How often the failure is looked for at most while the module is made smaller."""

_NAME = "input{}x"
"""What parameters are called meanwhile, so that it is seen which are left; xDSL drops a number at the end."""


def reduced(case: Case, fails: Callable[[Case], bool], max_calls: int = MAX_CALLS) -> Case:
    """The smallest case found that still fails; the same one each time.

    The module is made small twice: the second time on simple inputs, which need not have what the first ones had, a NaN
    in the wrong place or sizes that differ.

    Args:
        case: one that fails.
        fails: whether a case does.
        max_calls: how often that may be asked of smaller modules, each time.
    """
    if len(_parameters(case.module)) != len(case.inputs):  # a kernel of machine words
        return case
    for _ in range(2):
        case = _with_simple_inputs(_with_small_inputs(_with_small_module(case, fails, max_calls), fails), fails)
    return case


def _with_small_module(case: Case, fails: Callable[[Case], bool], max_calls: int) -> Case:
    """The case with the smallest module found, and with what is left of its inputs."""
    named = case.module.clone()
    for number, argument in enumerate(_parameters(named)):
        argument.name_hint = _NAME.format(number)

    def shows(module: ModuleOp) -> bool:
        found = _with_inputs(module, case.inputs)
        return found is not None and fails(found)

    if not shows(named.clone()):  # it depends on what cannot be kept
        return case
    smaller = _with_inputs(reduce(named, shows, max_calls=max_calls).module, case.inputs)
    assert smaller is not None
    for argument in _parameters(smaller.module):
        argument.name_hint = "x"
    return smaller


def _parameters(module: ModuleOp) -> Sequence[BlockArgument]:
    """Those of the function that is run."""
    body = find_entry(module, "the module", None).body.blocks.first
    return body.args if body is not None else ()


def _with_inputs(module: ModuleOp, inputs: Sequence[np.ndarray]) -> Case | None:
    """The module with what is left of the inputs; None where a parameter can be given nothing."""
    try:
        found = tuple(_input(argument, inputs) for argument in _parameters(module))
    except UnsupportedTypeError:
        return None
    return Case(module, found, Counter(op.name for op in module.walk() if isinstance(op, HLOp)))


def _input(argument: BlockArgument, inputs: Sequence[np.ndarray]) -> np.ndarray:
    """The input that the parameter had, cut or repeated to its shape of today; a new one for a new parameter."""
    known = re.fullmatch(_NAME.format(r"(\d+)"), argument.name_hint or "")
    if known is None:
        return generate_inputs([argument.type], 0)[0]
    array = inputs[int(known[1])]
    dtype, shape = dtype_of(_shaped(argument.type)), _shape(argument.type, array.shape)
    with np.errstate(all="ignore"):
        return array if (array.dtype, array.shape) == (dtype, shape) else np.resize(array.astype(dtype), shape)


def _shaped(type_: Attribute) -> Attribute:
    return type_.value_type if isinstance(type_, VariableType) else type_


def _shape(type_: Attribute, had: Sequence[int]) -> tuple[int, ...]:
    """The sizes of a type; those known at run time only are what they were."""
    shaped = _shaped(type_)
    sizes = shaped.get_shape() if isinstance(shaped, TensorType | MemRefType) else ()
    if len(sizes) != len(had):
        had = [2] * len(sizes)
    return tuple(old if size == DYNAMIC else size for size, old in zip(sizes, had, strict=True))


def _with_small_inputs(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The case with the least size, for all that are known at run time only, that it still fails with."""
    types = [_shaped(argument.type) for argument in _parameters(case.module)]
    for most in (1, 2, 3):
        inputs = tuple(_cut(array, type_, most) for array, type_ in zip(case.inputs, types, strict=True))
        candidate = Case(case.module, inputs, case.ops)
        if fails(candidate):
            return candidate
    return case


def _cut(array: np.ndarray, type_: Attribute, most: int) -> np.ndarray:
    sizes = type_.get_shape() if isinstance(type_, TensorType | MemRefType) else ()
    return array[tuple(slice(most) if size == DYNAMIC else slice(None) for size in sizes)].copy()


def _with_simple_inputs(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The case on the simplest inputs, each by itself, that it still fails on."""
    for number in range(len(case.inputs)):
        for simple in _simpler(case.inputs[number]):
            inputs = (*case.inputs[:number], simple, *case.inputs[number + 1 :])
            candidate = Case(case.module, inputs, case.ops)
            if fails(candidate):
                case = candidate
                break
    return case


def _simpler(array: np.ndarray) -> Iterator[np.ndarray]:
    """Zeros, ones, small numbers that differ, and one number everywhere."""
    count = np.arange(1, array.size + 1).reshape(array.shape)
    yield np.zeros_like(array)
    yield np.ones_like(array)
    with np.errstate(all="ignore"):
        yield (count % 2 == 0 if array.dtype == np.bool_ else count % 100).astype(array.dtype)
    if array.size:
        yield np.full_like(array, array.flat[0])
        yield np.full_like(array, array.flat[-1])
