"""stepwell as a backend of Keras 3, in the layout of Keras's pluggable backends.

Keras loads this folder as `keras.src.backend.stepwell` (`stepwell._keras_import`), so modules in it refer to one
another relatively. Functions have the names, arguments and meaning of `keras.ops`; see Keras's documentation.
"""

from __future__ import annotations

from keras.src.backend.common.name_scope import name_scope

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
from .variable import Variable

SUPPORTS_SPARSE_TENSORS = False
SUPPORTS_RAGGED_TENSORS = False
SUPPORTS_COMPLEX_DTYPES = True
IS_THREAD_SAFE = True
