"""Whether layers of Keras that preprocess data compute with TensorFlow's own tensors, or with stepwell's."""

from __future__ import annotations

import sys
from typing import Any


def in_tf_graph() -> bool:
    """Whether a function of TensorFlow itself is being traced, such as one of its datasets calls."""
    tensorflow: Any = sys.modules.get("tensorflow")
    return getattr(tensorflow, "__name__", "") == "tensorflow" and not tensorflow.executing_eagerly()


def convert_tf_tensor(outputs: Any, dtype: Any = None) -> Any:
    """What a layer returns: as with TensorFlow as the backend, the tensors that it has."""
    del dtype
    return outputs
