# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.types import DecodedWav, TensorLike

def decode_wav(
    contents: TensorLike,
    desired_channels: int = -1,
    desired_samples: int = -1,
    name: str | None = None,
) -> DecodedWav:
    """The sound in a WAV file with samples of 16 bits."""

def encode_wav(audio: TensorLike, sample_rate: TensorLike, name: str | None = None) -> Tensor:
    """A sound as the contents of a WAV file with samples of 16 bits."""
