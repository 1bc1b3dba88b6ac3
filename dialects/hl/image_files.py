"""Images in files as tensors, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import IndexType, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INT32, INT64, STRING, UINT8, UINT16, DType, dtype_of
from ..emitter import Emitter
from ..strings import of_list
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, InferenceError, Types
from .rules.elementwise import shape_text
from .rules.facets import Attrs, Sample, Sampler
from .rules.image_files import decoded_image, encoded_image, image_sizes
from .rules.strings import StringOp, sample_strings, static_sizes


class _ImageFileOp(StringOp):
    """The base of ops on the contents of a file."""

    channels = prop_def(Attribute)

    @classmethod
    def checked(cls, types: Types, attrs: Attrs) -> None:
        """Check the operand and the number of channels."""
        cls.check_strings(types[:1])
        if shape_of(types[0]) != ():
            raise InferenceError("C1", f"contents: expected one string, got shape {shape_text(shape_of(types[0]))}")
        if attrs["channels"] not in (0, 1, 3, 4):
            raise InferenceError("C2", f"channels: expected 0, 1, 3 or 4, got {attrs['channels']}")


@irdl_op_definition
class ImageSizesOp(_ImageFileOp):
    """The height, the width and the number of channels of the image in the file whose contents `x` is, as int64.

    `channels` is that number, unless it is 0.

    C1: `x` is one string.
    C2: `channels` is 0, 1, 3 or 4; of JPEG files not 4.
    C3: `x` is the contents of an image; checked at run time.

    Definition: TensorFlow `io.extract_jpeg_shape`, and the shape of `io.decode_image`.
    """

    name = "hl.image_sizes"

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Three numbers."""
        cls.checked(types, attrs)
        return [tensor_type((3,), INT64)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """What the head of the file says."""
        return (np.array(image_sizes(operands[0].item(), attrs["channels"]), np.int64),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Three."""
        return static_sizes(e, op)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A few images."""
        return Sample((_files(s),), {"channels": s.choice((0, 1, 3))})


@irdl_op_definition
class DecodeImageOp(_ImageFileOp):
    """The image in the file whose contents `x` is: `[height, width, channels]`, as `sizes` says.

    C1: `x` is one string.
    C2: `channels` is 0 for as many as the file has, 1, 3 or 4; of JPEG files not 4.
    C3: `x` is the contents of an image; checked at run time.
    C4: `sizes` is what `hl.image_sizes` returns.
    C5: the result is of dtype uint8 or uint16.

    Definition: TensorFlow `io.decode_image`, of JPEG files with the accurate method.
    """

    name = "hl.decode_image"
    SIZED_BY_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    sizes = operand_def(TensorType[Attribute])
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Three axes."""
        cls.checked(types, attrs)
        if shape_of(types[1]) not in ((3,), (DYNAMIC,)) or dtype_of(types[1]) is not INT64:
            raise InferenceError("C4", f"expected three int64 sizes, got {shape_text(shape_of(types[1]))}")
        if attrs["dtype"] not in (UINT8, UINT16):
            raise DTypeError("C5", f"dtype: expected uint8 or uint16, got {attrs['dtype'].name}")
        return [tensor_type((DYNAMIC, DYNAMIC, attrs["channels"] or DYNAMIC), attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Pillow's pixels."""
        return (decoded_image(operands[0].item(), attrs["channels"], attrs["dtype"]),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The sizes."""
        type_ = INT64.element_type
        sizes = [e.value(tensor.ExtractOp(op.operands[1], [e.index(axis)], type_)) for axis in range(3)]
        return [[e.value(arith.IndexCastOp(size, IndexType())) for size in sizes]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A few images."""
        x, channels = _files(s), s.choice((0, 1, 3))
        sizes = np.array(image_sizes(x.item(), channels), np.int64)
        return Sample((x, sizes), {"channels": channels, "dtype": s.choice((UINT8, UINT16))})


def _files(s: Sampler) -> np.ndarray:
    """The contents of a file, which is small."""
    height, width, channels = s.integer(1, 3), s.integer(1, 3), s.choice((1, 3))
    pixels = (s.whole((height, width, channels), INT32) * 40 % 256).astype(np.uint8)
    return sample_strings(s, (), [encoded_image(pixels, s.choice(("PNG", "JPEG")), 9)])


@irdl_op_definition
class EncodeImageOp(StringOp):
    """The image `x`, `[height, width, channels]`, as the contents of a file.

    C1: `x` has three axes, none of which is empty, and 1 to 4 channels, of JPEG files 1 or 3; checked at run time.
    C2: `x` is of dtype uint8, of PNG files with one channel of uint16 too.
    C3: `kind` is `PNG` or `JPEG`; `level` is how much a PNG file is compressed, or the quality of a JPEG file.

    Definition: TensorFlow `io.encode_png` and `io.encode_jpeg`; the bytes of the file are Pillow's.
    """

    name = "hl.encode_image"

    x = operand_def(TensorType[Attribute])
    kind = prop_def(Attribute)
    level = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def allowed(cls, attrs: Attrs) -> tuple[Sequence[DType], Sequence[int]]:
        """The dtypes, and the numbers of channels."""
        return ((UINT8, UINT16), (1, 2, 3, 4)) if attrs["kind"] == "PNG" else ((UINT8,), (1, 3))

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """One string."""
        shape, dtype, (dtypes, _) = shape_of(types[0]), dtype_of(types[0]), cls.allowed(attrs)
        if dtype not in dtypes:
            raise DTypeError("C2", f"image: expected dtype {' or '.join(d.name for d in dtypes)}, got {dtype.name}")
        if len(shape) != 3:
            raise InferenceError("C1", f"image: expected three axes, got shape {shape_text(shape)}")
        if attrs["kind"] not in ("PNG", "JPEG"):
            raise InferenceError("C3", f"expected PNG or JPEG, got {attrs['kind']!r}")
        return [tensor_type((), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Pillow's file."""
        (x,), (_, channels) = operands, cls.allowed(attrs)
        if 0 in x.shape or x.shape[-1] not in channels:
            shown = ", ".join(map(str, channels))
            raise InferenceError("C1", f"image: expected {shown} channels, got shape {shape_text(x.shape)}")
        return (of_list([encoded_image(x, attrs["kind"], attrs["level"])], ()),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """None."""
        return static_sizes(e, op)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Small images."""
        shape = s.integer(1, 3), s.integer(1, 3), s.choice((1, 3))
        x = (s.whole(shape, INT32) * 40 % 256).astype(np.uint8)
        return Sample((x,), {"kind": s.choice(("PNG", "JPEG")), "level": s.choice((1, 9))})
