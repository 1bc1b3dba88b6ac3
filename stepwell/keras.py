"""Keras 3 with stepwell as its backend: `from stepwell import keras`, or `sw.keras`.

This is Keras itself, with the names that programs for `tf.keras` use beside its own (Keras keeps them in its package
for TensorFlow). Keras can also be imported by its own name afterwards; it must not have been imported before with
another backend.

Example:
    >>> from stepwell import keras
    >>> keras.backend.backend()
    'stepwell'
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._keras_import import PUBLIC_KERAS, complete, install

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


install()
sys.modules[__name__] = import_module(PUBLIC_KERAS)
complete()
