"""Keras's Variable, which holds one of stepwell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras.src.backend.common import KerasVariable

import stepwell as sw
from stepwell.compiler.frontend.values.awaited import AWAITED, VALUE, Awaited

from .ops.core import convert_to_tensor


class Variable(KerasVariable):
    """A Variable of Keras: functions of stepwell take it, and tapes have gradients with respect to it."""

    _value: Any

    def _initialize(self, value: Any) -> None:
        if isinstance(value, sw.Variable):
            self._value = value
        else:
            self._value = sw.Variable(value, trainable=self.trainable, name=self.name)
        awaited: Awaited | None = vars(self).pop(AWAITED, None)
        if awaited is not None:  # a checkpoint that was restored before has the value
            awaited.given(VALUE, self._value)

    def _initialize_with_initializer(self, initializer: Callable[..., Any]) -> None:
        with sw.init_scope():
            self._initialize(convert_to_tensor(initializer(self._shape, dtype=self._dtype), self._dtype))

    def _direct_assign(self, value: Any) -> None:
        self._value.assign(convert_to_tensor(value, self._dtype))

    def _convert_to_tensor(self, value: Any, dtype: Any = None) -> sw.Tensor:
        return convert_to_tensor(value, dtype)

    def numpy(self) -> np.ndarray:
        """The value as an array."""
        return convert_to_tensor(self).numpy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype)

    def __stepwell_tensor__(self) -> Any:
        return self.value
