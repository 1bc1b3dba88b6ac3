"""Runs of programs whose complex numbers a pass has made real ones: arrays are given, and compared, as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from ...compiler.interchange.mlir.entries import argument_types, find_entry
from ...dialects.dtypes import dtype_of
from ...dialects.packing import is_complex, packed, unpacked
from .outcome import Outcome


def packed_for(module: ModuleOp, inputs: Sequence[np.ndarray], function: str | None = None) -> list[np.ndarray]:
    """The inputs for a function that had complex parameters: those are packed which are real by now.

    Args:
        module: the program.
        inputs: an array for each parameter that the function had; parameters added since need none.
        function: the function; by default `main`, or the first public one.
    """
    if not any(map(np.iscomplexobj, inputs)):
        return list(inputs)
    types = argument_types(find_entry(module, "the module", function))
    pairs = zip(inputs, types, strict=False)
    return [packed(array) if np.iscomplexobj(array) and not is_complex(type_) else array for array, type_ in pairs]


def unpacked_as(got: Outcome, expected: Outcome) -> Outcome:
    """An outcome whose arrays are complex where those expected are, if they are the packed forms of such."""
    return replace(
        got,
        results=_all_unpacked(got.results, expected.results),
        variables=_all_unpacked(got.variables, expected.variables),
    )


def _all_unpacked(arrays: tuple[np.ndarray, ...], likes: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    if len(arrays) != len(likes) or not any(map(np.iscomplexobj, likes)):
        return arrays
    return tuple(map(_unpacked, arrays, likes))


def _unpacked(array: np.ndarray, like: np.ndarray) -> np.ndarray:
    if not np.iscomplexobj(like) or np.iscomplexobj(array):
        return array
    is_packed = (array.dtype, array.shape) == (dtype_of(like).real_dtype, (*like.shape, 2))
    return unpacked(array) if is_packed else array
