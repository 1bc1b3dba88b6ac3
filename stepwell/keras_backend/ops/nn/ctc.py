"""Connectionist temporal classification."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common.dtypes import result_type

import stepwell as sw

from ..core import convert_to_tensor


def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> sw.Tensor:
    """Minus the logarithms of the chances of label sequences, by the scores of each step."""
    target, output = convert_to_tensor(target, "int32"), convert_to_tensor(output)
    dtype = result_type(output.dtype.name, "float32")
    lengths = convert_to_tensor(target_length, "int32"), convert_to_tensor(output_length, "int32")
    logits = sw.cast(output, dtype)
    loss = sw.nn.ctc_loss(target, logits, *lengths, logits_time_major=False, blank_index=mask_index)
    return sw.cast(loss, dtype)
