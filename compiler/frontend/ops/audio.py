"""Public functions between sounds and the contents of files."""

from __future__ import annotations

from typing import NamedTuple

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import FLOAT32, INT16, INT32, INT64, STRING
from ....dialects.hl.sound_files import EncodeWavOp, WavHeaderOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import int64_of, size_from
from .index import gather
from .index import range as counting
from .math import maximum, minimum, multiply, subtract
from .movement import pad
from .select import cast
from .shape import reshape
from .static_shape import ensure_shape
from .strings.codes import decode_raw
from .strings.elements import substr


@public("types")
class DecodedWav(NamedTuple):
    """A sound.

    Attributes:
        audio: its samples, from -1 to 1, `[samples, channels]`.
        sample_rate: how many there are in a second.
    """

    audio: Tensor
    sample_rate: Tensor


@public("audio")
def decode_wav(
    contents: TensorLike, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None
) -> DecodedWav:
    """The sound in a WAV file with samples of 16 bits.

    Args:
        contents: the contents of the file.
        desired_channels: how many channels there are in the result: the last one is repeated if there are fewer in the
            file; as many as in the file if -1.
        desired_samples: how many samples there are: zeros are added at the end; as many as in the file if -1.
        name: not used.

    Returns `audio`, float32 from -1 to 1 of shape `[samples, channels]`, and `sample_rate`, an int32 scalar.

    Raises InvalidArgumentError for what is no such file.

    Example:
        >>> import stepwell as sw
        >>> file = sw.audio.encode_wav([[0.0], [0.5], [-1.0]], 16000)
        >>> sound = sw.audio.decode_wav(file, desired_samples=4)
        >>> sound.audio.numpy().tolist(), int(sound.sample_rate)
        ([[0.0], [0.5], [-1.0], [0.0]], 16000)
    """
    for argument, value in (("desired_channels", desired_channels), ("desired_samples", desired_samples)):
        if value != -1 and value < 1:
            raise InvalidArgumentError(f"decode_wav: {argument}: expected 1 or more, or -1, got {value}")
    file = as_tensor(contents, STRING, "decode_wav: contents")
    header = apply(WavHeaderOp, file)
    begin, samples, channels, rate = header[0], header[1], header[2], header[3]
    data = substr(file, begin, multiply(multiply(samples, channels), int64_of(2)))
    audio = reshape(decode_raw(data, INT16), [size_from(samples), size_from(channels)])
    if desired_channels != -1:
        audio = gather(audio, minimum(counting(int64_of(desired_channels)), subtract(channels, int64_of(1))), axis=1)
    if desired_samples != -1:
        missing = maximum(subtract(int64_of(desired_samples), samples), int64_of(0))
        audio = pad(audio[:desired_samples], [[0, size_from(missing)], [0, 0]])
    sizes = [None if size == -1 else size for size in (desired_samples, desired_channels)]
    return DecodedWav(ensure_shape(cast(audio, FLOAT32) / 2.0**15, sizes), cast(rate, INT32))


@public("audio")
def encode_wav(audio: TensorLike, sample_rate: TensorLike, name: str | None = None) -> Tensor:
    """A sound as the contents of a WAV file with samples of 16 bits.

    Args:
        audio: its samples, float32 `[samples, channels]`; less than -1 and more than 1 are cut off.
        sample_rate: how many there are in a second, an int32 scalar.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> len(sw.audio.encode_wav(sw.zeros([100, 2]), 44100).numpy())
        444
    """
    rate = as_tensor(sample_rate, name="encode_wav: sample_rate")
    rate = cast(rate, INT32) if rate.dtype == INT64 else rate
    return apply(EncodeWavOp, as_tensor(audio, FLOAT32, "encode_wav: audio"), rate)
