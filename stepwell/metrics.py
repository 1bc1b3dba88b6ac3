"""The metrics of Keras: `sw.metrics` is `sw.keras.metrics`, as in TensorFlow."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


sys.modules[__name__] = import_module("stepwell.keras.metrics")
