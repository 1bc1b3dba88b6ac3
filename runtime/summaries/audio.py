"""`audio`: sounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.dtypes import INT32
from ...dialects.hl.rules.sound_files import wav_file
from ...dialects.public import public
from ...dialects.strings import of_list
from .limits import limit_of
from .ranks import check_rank
from .writing import PluginMetadata, summary_scope, write_encoded

_WHAT = "summary.audio"
_AXES = "[clips, frames, channels]"
_IS_WAV = b"\x10\x0b"
"""The message in which the plug-in reads that the clips are WAV files."""


@public("summary")
def audio(
    name: str,
    data: Any,
    sample_rate: Any,
    step: Any = None,
    max_outputs: Any = 3,
    encoding: str | None = None,
    description: str | None = None,
) -> Tensor:
    """Write sounds to the default writer, if there is one: WAV files with 16 bits a sample.

    Args:
        name: its tag, after the name scopes around.
        data: a tensor `[clips, frames, channels]` of floats from -1 to 1; what is out of range is clipped.
        sample_rate: how many frames a second has: a positive int, or a tensor of one.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        max_outputs: how many clips are written at most: the first ones.
        encoding: `"wav"`, the only one there is.
        description: a text about it, in Markdown.

    Returns whether it was written, as a tensor. Raises ValueError for another encoding, and where there is a writer,
    and no step, or data of another rank.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> tone = sw.sin(sw.range(8000.0) * 0.3)
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default(step=0):
        ...     sw.summary.audio("tone", sw.reshape(tone, [1, -1, 1]), 8000).numpy()
        np.True_
    """
    if encoding not in (None, "wav"):
        raise InvalidArgumentError(f"{_WHAT}: encoding: expected 'wav', got {encoding!r}")

    def inputs() -> list[Tensor]:
        check_rank(_WHAT, data, 3, _AXES)
        clips = as_tensor(data, name=f"{_WHAT}: data")
        if not clips.dtype.is_floating:
            raise InvalidTypeError(f"{_WHAT}: data: expected floats, got {clips.dtype.name}")
        rate = as_tensor(sample_rate, name=f"{_WHAT}: sample_rate")
        return [clips, rate, as_tensor(max_outputs, INT32, f"{_WHAT}: max_outputs")]

    with summary_scope(name, "audio_summary") as (tag, _):
        metadata = PluginMetadata("audio", _IS_WAV, description)
        return write_encoded(_WHAT, tag, inputs, _files, step, metadata)


def _files(tensors: Sequence[Tensor]) -> np.ndarray:
    """The contents of a file for each clip, with an empty label."""
    clips, rate, limit = tensors[0]._array, tensors[1]._array, limit_of(_WHAT, tensors[2])
    check_rank(_WHAT, clips, 3, _AXES)
    if rate.ndim or not tensors[1].dtype.is_integer or not 0 < rate < 2**32:
        raise InvalidArgumentError(f"{_WHAT}: sample_rate: expected a positive int, got {rate.tolist()}")
    if not 0 < clips.shape[2] < 2**16:
        raise InvalidArgumentError(f"{_WHAT}: data: expected 1 channel or more, got shape {clips.shape}")
    files = [wav_file(clip, int(rate)) for clip in clips[:limit]]
    return of_list([part for file in files for part in (file, b"")], [len(files), 2] if files else [0])
