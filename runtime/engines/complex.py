"""Functions of complex arrays on engines that know real ones only: each array is given as one with its parts.

The last axis of that has the real and the imaginary part, as NumPy stores them: nothing is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp

from ...dialects.dtypes import dtype_of
from ...dialects.packing import is_complex, packed, unpacked

if TYPE_CHECKING:
    from . import Executable


@dataclass(frozen=True)
class ComplexArrays:
    """Which arrays of a function are complex.

    Attributes:
        arguments, results: for each whether it is.
    """

    arguments: Sequence[bool]
    results: Sequence[bool]

    @staticmethod
    def of(module: ModuleOp) -> ComplexArrays:
        """Those of the first function of a module."""
        return ComplexArrays.of_function(next(op for op in module.ops if isinstance(op, func.FuncOp)))

    @staticmethod
    def of_function(function: func.FuncOp) -> ComplexArrays:
        """Those of a function."""
        types = function.function_type
        return ComplexArrays(
            [is_complex(type_) for type_ in types.inputs], [is_complex(type_) for type_ in types.outputs]
        )

    @property
    def any(self) -> bool:
        """Whether one is."""
        return any((*self.arguments, *self.results))

    def fit(self, arrays: Sequence[np.ndarray]) -> bool:
        """Whether there are as many arguments, and complex ones are such that nothing is copied."""
        return len(arrays) == len(self.arguments) and all(
            dtype_of(array).is_complex and array.flags.c_contiguous
            for array, is_packed in zip(arrays, self.arguments, strict=True)
            if is_packed
        )

    def given(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The arguments without complex ones."""
        return [packed(array) if is_packed else array for array, is_packed in zip(arrays, self.arguments)]

    def returned(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The results, given those of a function without complex ones."""
        return [unpacked(array) if is_packed else array for array, is_packed in zip(arrays, self.results)]

    def run(self, run: Callable[..., Sequence[np.ndarray]], *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """What `run`, which takes no complex arrays, returns for arrays; those of Variables are updated in place."""
        given = self.given(arrays)
        found = self.returned(run(*given))
        for array, own, is_packed in zip(arrays, given, self.arguments):
            if is_packed and not np.may_share_memory(array, own) and array.flags.writeable:
                array[...] = unpacked(own)
        return found


class ComplexExecutable:
    """An executable of a module without complex values, for what the module was made of.

    Attributes:
        inner: the executable.
        arrays: which arrays are complex.
    """

    tensor_entry = None

    def __init__(self, inner: Executable, arrays: ComplexArrays):
        self.inner, self.arrays = inner, arrays
        self.host_calls = inner.host_calls

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @property
    def entry(self) -> Callable[..., Any] | None:
        """That of the executable, between conversions."""
        return None if self.inner.entry is None else self._enter

    def _enter(self, *arrays: np.ndarray) -> Any:
        entry = self.inner.entry
        if entry is None or not self.arrays.fit(arrays):
            return NotImplemented
        found = entry(*self.arrays.given(arrays))
        if found is NotImplemented:
            return found
        if isinstance(found, tuple):
            return tuple(self.arrays.returned(found))
        return self.arrays.returned([found])[0]

    def run(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """The results for arrays of the right dtypes; arrays of Variables are updated in place."""
        return self.arrays.run(self.inner.run, *arrays)


def with_complex(executable: Executable, module: ModuleOp) -> Executable:
    """`executable`, which was compiled from `module`, for the arrays that the first function of the module says."""
    arrays = ComplexArrays.of(module)
    return ComplexExecutable(executable, arrays) if arrays.any else executable
