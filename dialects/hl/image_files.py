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
from .rules.image_files import ALL, FIRST, NONE, ONE, decoded_image, decoded_part, encoded_image, image_sizes
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
        if attrs.get("frames", ONE) not in (ONE, FIRST, ALL, NONE):
            raise InferenceError("C6", f"frames: expected one, first, all or none, got {attrs['frames']!r}")


@irdl_op_definition
class ImageSizesOp(_ImageFileOp):
    """The height, the width and the number of channels of the image in the file whose contents `x` is, as int64.

    `channels` is that number, unless it is 0. With `frames` all, the number of images is first.

    C1: `x` is one string.
    C2: `channels` is 0, 1, 3 or 4; of JPEG files not 4, of GIF files 0 or 3.
    C3: `x` is the contents of an image; checked at run time.
    C6: `frames` is one, first, all or none: what is read of a GIF file, one for the only image of a file, none for a
        refusal of such files; checked at run time.

    Definition: TensorFlow `io.extract_jpeg_shape`, and the shape of `io.decode_image`.
    """

    name = "hl.image_sizes"

    x = operand_def(TensorType[Attribute])
    frames = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Three numbers, or four."""
        cls.checked(types, attrs)
        return [tensor_type((_rank(attrs),), INT64)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """What the head of the file says."""
        return (np.array(image_sizes(operands[0].item(), attrs["channels"], attrs["frames"]), np.int64),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Known."""
        return static_sizes(e, op)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A few images."""
        return Sample((_files(s),), {"channels": s.choice((0, 1, 3)), "frames": s.choice((ONE, FIRST, ALL, NONE))})


@irdl_op_definition
class DecodeImageOp(_ImageFileOp):
    """The image in the file whose contents `x` is: `[height, width, channels]`, as `sizes` says.

    With `frames` all, it is the images of a GIF file, with an axis for them first, or the one of another file.

    C1: `x` is one string.
    C2: `channels` is 0 for as many as the file has, 1, 3 or 4; of JPEG files not 4, of GIF files 0 or 3.
    C3: `x` is the contents of an image; checked at run time.
    C4: `sizes` is what `hl.image_sizes` returns.
    C5: the result is of dtype uint8 or uint16.
    C6: `frames` is that of `hl.image_sizes`.

    Definition: TensorFlow `io.decode_image`, of JPEG files with the accurate method.
    """

    name = "hl.decode_image"
    SIZED_BY_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    sizes = operand_def(TensorType[Attribute])
    frames = prop_def(Attribute)
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Three axes, or four."""
        cls.checked(types, attrs)
        _check_sizes(types[1], _rank(attrs))
        if attrs["dtype"] not in (UINT8, UINT16):
            raise DTypeError("C5", f"dtype: expected uint8 or uint16, got {attrs['dtype'].name}")
        return [tensor_type((*(DYNAMIC,) * (_rank(attrs) - 1), attrs["channels"] or DYNAMIC), attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Pillow's pixels."""
        return (decoded_image(operands[0].item(), attrs["channels"], attrs["frames"], attrs["dtype"]),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The sizes."""
        return [_sizes(e, op.operands[1], len(shape_of(op.results[0].type)))]  # pyright: ignore

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A few images."""
        x, channels, frames = _files(s), s.choice((0, 1, 3)), s.choice((ONE, FIRST, ALL, NONE))
        sizes = np.array(image_sizes(x.item(), channels, frames), np.int64)
        return Sample((x, sizes), {"channels": channels, "frames": frames, "dtype": s.choice((UINT8, UINT16))})


@irdl_op_definition
class DecodePartOp(_ImageFileOp):
    """A part of the image in the JPEG file whose contents `x` is: `[height, width, channels]`, as `sizes` says.

    C1: `x` is one string.
    C2: `channels` is 0 for as many as the file has, 1 or 3.
    C3: `x` is the contents of a JPEG file; checked at run time.
    C4: `window` is four int32 numbers, the first row and column of the part, and its height and width, which is inside
        of the image and not empty; checked at run time.
    C5: `sizes` is three int64 numbers, the sizes of the result.

    Definition: TensorFlow `io.decode_and_crop_jpeg` as it is documented: the image is decoded, then cropped.
    """

    name = "hl.decode_part"
    SIZED_BY_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    window = operand_def(TensorType[Attribute])
    sizes = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Three axes."""
        cls.checked(types, attrs)
        if shape_of(types[1]) not in ((4,), (DYNAMIC,)) or dtype_of(types[1]) is not INT32:
            found = f"{shape_text(shape_of(types[1]))} of {dtype_of(types[1]).name}"
            raise InferenceError("C4", f"crop_window: expected four int32 numbers, got shape {found}")
        _check_sizes(types[2], 3, "C5")
        return [tensor_type((DYNAMIC, DYNAMIC, attrs["channels"] or DYNAMIC), UINT8)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Pillow's pixels."""
        if operands[1].shape != (4,):
            raise InferenceError("C4", f"crop_window: expected four numbers, got {operands[1].size}")
        return (decoded_part(operands[0].item(), attrs["channels"], operands[1].tolist()),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The sizes, not less than 0: the call raises for such."""
        return [[e.value(arith.MaxSIOp(size, e.index(0))) for size in _sizes(e, op.operands[2], 3)]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A part of a small image."""
        height, width, channels = s.integer(1, 3), s.integer(1, 3), s.choice((1, 3))
        pixels = (s.whole((height + 1, width + 1, channels), INT32) * 40 % 256).astype(np.uint8)
        x = sample_strings(s, (), [encoded_image(pixels, "JPEG", 9)])
        window = np.array([s.integer(0, 1), s.integer(0, 1), height, width], np.int32)
        wanted = s.choice((0, 1, 3))
        sizes = np.array([height, width, wanted or channels], np.int64)
        return Sample((x, window, sizes), {"channels": wanted})


def _rank(attrs: Attrs) -> int:
    """How many axes images have."""
    return 4 if attrs["frames"] == ALL else 3


def _check_sizes(type_: TensorType[Attribute], count: int, constraint: str = "C4") -> None:
    if shape_of(type_) not in ((count,), (DYNAMIC,)) or dtype_of(type_) is not INT64:
        raise InferenceError(constraint, f"expected {count} int64 sizes, got {shape_text(shape_of(type_))}")


def _sizes(e: Emitter, sizes: SSAValue, count: int) -> list[SSAValue]:
    """The elements of `sizes`."""
    found = [e.value(tensor.ExtractOp(sizes, [e.index(axis)], INT64.element_type)) for axis in range(count)]
    return [e.value(arith.IndexCastOp(size, IndexType())) for size in found]


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
