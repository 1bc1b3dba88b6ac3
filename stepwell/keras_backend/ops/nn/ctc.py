"""Connectionist temporal classification (Graves, 2006)."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras.src.backend.common.dtypes import result_type

import stepwell as sw

from ..core import convert_to_tensor
from ..core import shape as shape_of


def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> sw.Tensor:
    """Minus the logarithms of the chances of label sequences, by the scores of each step."""
    target, output = convert_to_tensor(target, "int32"), convert_to_tensor(output)
    dtype = result_type(output.dtype.name, "float32")
    lengths = convert_to_tensor(target_length, "int32"), convert_to_tensor(output_length, "int32")
    logits = sw.cast(output, dtype)
    return sw.nn.ctc_loss(target, logits, *lengths, logits_time_major=False, blank_index=mask_index)


def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[sw.Tensor, sw.Tensor]:
    """The likeliest label sequences, `[paths, examples, steps]` with -1 behind their ends, and their scores."""
    inputs = convert_to_tensor(inputs)
    inputs = sw.cast(inputs, result_type(inputs.dtype.name, "float32"))
    lengths = convert_to_tensor(sequence_lengths, "int32")
    if strategy == "greedy":
        return _greedy(inputs, lengths, merge_repeated, mask_index)
    if strategy == "beam_search":
        return _beam_search(inputs, lengths, beam_width, top_paths, -1 if mask_index is None else mask_index)
    raise ValueError(f"Invalid strategy {strategy}. Supported values are 'greedy' and 'beam_search'.")


def _greedy(
    inputs: sw.Tensor, lengths: sw.Tensor, merge_repeated: bool, mask_index: int | None
) -> tuple[sw.Tensor, sw.Tensor]:
    by_steps = sw.transpose(inputs, [1, 0, 2])
    [labels], scores = sw.nn.ctc_greedy_decoder(by_steps, lengths, merge_repeated, mask_index)
    empty = sw.fill(shape_of(inputs)[:2], sw.constant(-1, sw.int64))
    found = sw.tensor_scatter_nd_update(empty, labels.indices, labels.values)
    return sw.expand_dims(sw.cast(found, "int32"), 0), scores


def _beam_search(
    inputs: sw.Tensor, lengths: sw.Tensor, beam_width: int, top_paths: int, blank: int
) -> tuple[sw.Tensor, sw.Tensor]:
    """By Python, in compiled functions too."""

    def search(logits: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
        labels = np.full((top_paths, *logits.shape[:2]), -1, np.int32)
        scores = np.full((logits.shape[0], top_paths), -np.inf, logits.dtype)
        chances = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
        for example, length in enumerate(lengths):
            paths = _likeliest(chances[example, :length], beam_width, blank % logits.shape[2])
            for path, (prefix, score) in enumerate(paths[:top_paths]):
                labels[path, example, : len(prefix)] = prefix
                scores[example, path] = score
        return [labels, scores]

    labels, scores = sw.numpy_function(search, [inputs, lengths], [sw.int32, inputs.dtype])
    shape = inputs.shape
    return sw.ensure_shape(labels, [top_paths, shape[0], shape[1]]), sw.ensure_shape(scores, [shape[0], top_paths])


def _likeliest(chances: np.ndarray, beam_width: int, blank: int) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest labellings by logarithms of chances `[steps, classes]`, by prefix search with a beam."""
    labels = [label for label in range(chances.shape[1]) if label != blank]
    # For each prefix the chances to have ended with a blank, and with its last label.
    beam: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}
    for step in chances:
        found: dict[tuple[int, ...], list[float]] = {}
        for prefix, (blanks, ends) in beam.items():
            total = np.logaddexp(blanks, ends)
            _add(found, prefix, 0, total + step[blank])
            if prefix:
                _add(found, prefix, 1, ends + step[prefix[-1]])
            for label in labels:
                before = blanks if prefix[-1:] == (label,) else total
                _add(found, (*prefix, label), 1, before + step[label])
        ranked = sorted(found.items(), key=lambda item: -np.logaddexp(item[1][0], item[1][1]))
        beam = {prefix: (values[0], values[1]) for prefix, values in ranked[:beam_width]}
    return [(prefix, float(np.logaddexp(blanks, ends))) for prefix, (blanks, ends) in beam.items()]


def _add(found: dict[tuple[int, ...], list[float]], prefix: tuple[int, ...], index: int, chance: float) -> None:
    values = found.setdefault(prefix, [-np.inf, -np.inf])
    values[index] = np.logaddexp(values[index], chance)
