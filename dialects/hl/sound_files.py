"""Sounds in files as tensors, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, result_def

from ..dtypes import FLOAT32, INT32, INT64, STRING, dtype_of
from ..emitter import Emitter
from ..strings import of_list
from ..types import shape_of, tensor_type
from .rules.base import DTypeError, InferenceError, Types
from .rules.elementwise import shape_text
from .rules.facets import Attrs, Sample, Sampler
from .rules.sound_files import wav_file, wav_header
from .rules.strings import StringOp, sample_strings, static_sizes


@irdl_op_definition
class WavHeaderOp(StringOp):
    """What the head of the WAV file says whose contents `x` is, as int64.

    It is where the samples begin, how many there are in a channel, the number of channels and the rate.

    C1: `x` is one string.
    C2: `x` is the contents of a WAV file with samples of 16 bits; checked at run time.

    Definition: TensorFlow `audio.decode_wav`.
    """

    name = "hl.wav_header"

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Four numbers."""
        cls.check_strings(types)
        if shape_of(types[0]) != ():
            raise InferenceError("C1", f"contents: expected one string, got shape {shape_text(shape_of(types[0]))}")
        return [tensor_type((4,), INT64)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The numbers, after checks."""
        return (np.array(wav_header(operands[0].item()), np.int64),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Four."""
        return static_sizes(e, op)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A short sound."""
        sound = s.array((s.integer(0, 3), s.integer(1, 2)), FLOAT32, -2, 2)
        return Sample((sample_strings(s, (), [wav_file(sound, s.integer(1, 48000))]),), {})


@irdl_op_definition
class EncodeWavOp(StringOp):
    """The samples `x` of a sound, `[samples, channels]` from -1 to 1, as the contents of a WAV file of 16 bits.

    C1: `x` is a float32 matrix with 1 channel or more, and less than 65536; checked at run time.
    C2: `rate` is an int32 scalar of 1 or more; checked at run time.

    Definition: TensorFlow `audio.encode_wav`.
    """

    name = "hl.encode_wav"

    x = operand_def(TensorType[Attribute])
    rate = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """One string."""
        shape, rate = shape_of(types[0]), shape_of(types[1])
        if dtype_of(types[0]) is not FLOAT32 or dtype_of(types[1]) is not INT32:
            found = " and ".join(dtype_of(type_).name for type_ in types)
            raise DTypeError("C1", f"expected audio of float32 and sample_rate of int32, got {found}")
        if len(shape) != 2:
            raise InferenceError("C1", f"audio: expected two axes, got shape {shape_text(shape)}")
        if rate != ():
            raise InferenceError("C2", f"sample_rate: expected a scalar, got shape {shape_text(rate)}")
        return [tensor_type((), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A header, and the samples as integers."""
        x, rate = operands
        if not 0 < x.shape[1] < 2**16:
            raise InferenceError("C1", f"audio: expected 1 to 65535 channels, got shape {shape_text(x.shape)}")
        if rate < 1:
            raise InferenceError("C2", f"sample_rate: expected 1 or more, got {rate}")
        return (of_list([wav_file(x, int(rate))], ()),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """None."""
        return static_sizes(e, op)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A short sound, which may be too loud."""
        x = s.array((s.integer(0, 3), s.integer(1, 2)), FLOAT32, -2, 2)
        return Sample((x, np.array(s.integer(1, 48000), np.int32)), {})
