"""stepwell as a backend of Keras 3, in the layout of Keras's pluggable backends.

Keras loads this folder as `keras.src.backend.stepwell` (`stepwell._keras_import`), so modules in it refer to one
another relatively. Functions have the names, arguments and meaning of `keras.ops`; see Keras's documentation.
"""

from __future__ import annotations

from types import FunctionType, ModuleType

from . import random
from .ops import core, image, linalg, math, nn, numpy
from .ops.core import (
    cast,
    compute_output_spec,
    cond,
    convert_to_numpy,
    convert_to_tensor,
    device_scope,
    is_tensor,
    random_seed_dtype,
    shape,
    vectorized_map,
)
from .rnn import bidirectional_gru, bidirectional_lstm, cudnn_ok, gru, lstm, rnn
from .scopes import name_scope
from .variable import Variable

SUPPORTS_SPARSE_TENSORS = False
SUPPORTS_RAGGED_TENSORS = False
SUPPORTS_COMPLEX_DTYPES = True
IS_THREAD_SAFE = True


def _without_annotations(module: ModuleType) -> None:
    """Give a module's functions the signatures of Keras's own, which have no annotations: Keras compares them."""
    for function in vars(module).values():
        if isinstance(function, FunctionType) and function.__module__.startswith(__name__):
            function.__annotations__.clear()


for _module in (core, image, linalg, math, nn, numpy):
    _without_annotations(_module)
