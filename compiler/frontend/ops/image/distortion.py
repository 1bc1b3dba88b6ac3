"""Parts of images that random numbers choose, so that they show enough of given objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, UINT8
from .....dialects.hl.random import RandomUniformOp
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import check, flag_of, int64_of, list_of, size_along, size_of
from ..control_flow import while_loop
from ..index import gather
from ..logic import equal, greater, greater_equal, less, less_equal, logical_and, logical_not, logical_or
from ..math import add, divide, floormod, maximum, minimum, multiply, sqrt, subtract
from ..math import round as nearest
from ..movement import concat, stack
from ..random.draws import Request, least_word, stateless_state, words_of
from ..random.seeds import call_state, unseeded_state
from ..reduce import reduce_all, reduce_any
from ..select import cast, where
from ..shape import reshape, squeeze

_SIZES = (UINT8, INT8, INT16, INT32, INT64)
_SPARE = 64
"""How many words there are for those that are rejected, which are rarer than the sizes of images divided by 2**32."""


@public("types")
class DistortedBoundingBox(NamedTuple):
    """The result of `image.sample_distorted_bounding_box`.

    Attributes:
        begin: the first row and column of the part, and 0: what `slice` takes.
        size: the height and width of the part, and -1.
        bboxes: the part as a box `y1, x1, y2, x2`, of shape `[1, 1, 4]`.
    """

    begin: Tensor
    size: Tensor
    bboxes: Tensor


class _Part(NamedTuple):
    """A part of an image: its first row and column, its height and width."""

    top: Tensor
    left: Tensor
    height: Tensor
    width: Tensor


@dataclass(frozen=True)
class _Words:
    """Random words as int64, and as floats in [0, 1)."""

    words: Tensor
    floats: Tensor
    count: int

    @classmethod
    def of(cls, state: Tensor, attempts: int) -> _Words:
        count = 4 * attempts + _SPARE
        request = Request([count], count)
        return cls(words_of(request, state), request.draw(RandomUniformOp, state, FLOAT32), count)

    def float_at(self, place: Tensor) -> Tensor:
        return gather(self.floats, floormod(place, np.int64(self.count)))

    def below(self, place: Tensor, limit: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """A number from 0 up to, without, `limit`, and the next place; 0 and this place unless it is wanted."""
        limit = maximum(limit, np.int64(1))
        least = where(wanted, least_word(limit), np.int64(0))

        def at(index: Tensor) -> Tensor:
            return gather(self.words, floormod(index, np.int64(self.count)))

        used = while_loop(lambda index: less(at(index), least), lambda index: add(index, np.int64(1)), place)
        number = where(wanted, floormod(at(used), limit), np.int64(0))
        return number, where(wanted, add(used, np.int64(1)), place)


@dataclass(frozen=True)
class _Request:
    """What a part shall be like.

    Attributes:
        height, width: of the image.
        boxes: rows of objects: their first row and column, and the ends of both.
        exists: which of them there are.
        covered: how much of one of them the part has at least.
        ratios: the least and the greatest width divided by the height.
        areas: the least and the greatest part of the image's area.
    """

    height: Tensor
    width: Tensor
    boxes: Tensor
    exists: Tensor
    covered: Tensor
    ratios: tuple[np.float32, np.float32]
    areas: tuple[np.float32, np.float32]

    def attempt(self, words: _Words, place: Tensor) -> tuple[_Part, Tensor, Tensor]:
        """A part, whether it is one that is wanted, and the place of the next word."""
        low, high = self.ratios
        ratio = add(multiply(words.float_at(place), high - low), low)
        total = [multiply(multiply(area, cast(self.width, FLOAT32)), cast(self.height, FLOAT32)) for area in self.areas]
        height, most = (_whole(sqrt(divide(area, ratio))) for area in total)
        most = minimum(self._fitting(most, ratio), self.height)
        height = minimum(height, most)
        possible = as_tensor(np.array(self.areas[0] <= self.areas[1]))
        open_ = logical_and(possible, less(height, most))
        place = add(place, np.int64(1))
        extra, place = words.below(place, add(subtract(most, height), np.int64(1)), open_)
        height, width = _near(add(height, extra), ratio, total)
        area = cast(multiply(width, height), FLOAT32)
        tests = (
            greater_equal(area, total[0]),
            less_equal(area, total[1]),
            less_equal(width, self.width),
            less_equal(height, self.height),
            greater(width, np.int64(0)),
            greater(height, np.int64(0)),
        )
        possible = logical_and(possible, reduce_all(stack(tests)))
        top, place = words.below(place, subtract(self.height, height), logical_and(possible, less(height, self.height)))
        left, place = words.below(place, subtract(self.width, width), logical_and(possible, less(width, self.width)))
        part = _Part(top, left, height, width)
        return part, logical_and(possible, self._shows(part)), place

    def _fitting(self, height: Tensor, ratio: Tensor) -> Tensor:
        """The greatest height whose width fits."""

        def too_wide(most: Tensor) -> Tensor:
            return greater(_whole(multiply(cast(most, FLOAT32), ratio)), self.width)

        width = subtract(add(cast(self.width, FLOAT64), 0.5), 1e-7)
        less_high = cast(divide(width, cast(ratio, FLOAT64)), INT64)
        less_high = where(too_wide(less_high), subtract(less_high, np.int64(1)), less_high)
        return where(too_wide(height), less_high, height)

    def _shows(self, part: _Part) -> Tensor:
        """Whether a part has enough of an object of at least one pixel."""
        y1, x1, y2, x2 = (self.boxes[:, index] for index in range(4))
        own = cast(multiply(subtract(y2, y1), subtract(x2, x1)), FLOAT32)
        none = np.int64(0)
        height = maximum(subtract(minimum(y2, add(part.top, part.height)), maximum(y1, part.top)), none)
        width = maximum(subtract(minimum(x2, add(part.left, part.width)), maximum(x1, part.left)), none)
        large = logical_and(self.exists, greater_equal(own, np.float32(1)))
        share = divide(cast(multiply(height, width), FLOAT32), where(large, own, np.float32(1)))
        return reduce_any(logical_and(large, greater_equal(share, self.covered)))


def _whole(number: Tensor) -> Tensor:
    return cast(nearest(number), INT64)


def _near(height: Tensor, ratio: Tensor, total: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """A height and its width; the height is one more or less where rounding makes the area too small or too great."""

    def width_of(height: Tensor) -> Tensor:
        return _whole(multiply(cast(height, FLOAT32), ratio))

    def area_of(height: Tensor) -> Tensor:
        return cast(multiply(height, width_of(height)), FLOAT32)

    height = where(less(area_of(height), total[0]), add(height, np.int64(1)), height)
    height = where(greater(area_of(height), total[1]), subtract(height, np.int64(1)), height)
    return height, width_of(height)


@dataclass(frozen=True)
class _Call:
    """The arguments of the functions."""

    function: str
    image_size: Tensor
    request: _Request
    attempts: int

    @classmethod
    def of(
        cls,
        function: str,
        image_size: TensorLike,
        bounding_boxes: TensorLike,
        min_object_covered: TensorLike,
        ranges: tuple[object, object],
        max_attempts: int | None,
        whole: bool | None,
    ) -> _Call:
        sizes = as_tensor(image_size, name=f"{function}: image_size")
        boxes = as_tensor(bounding_boxes, FLOAT32, f"{function}: bounding_boxes")
        if sizes.dtype not in _SIZES or sizes.ndim != 1 or sizes.shape[0] not in (3, None):
            text = f"expected 3 integers, got shape {sizes.shape} of dtype {sizes.dtype.name}"
            raise InvalidArgumentError(f"{function}: image_size: {text}")
        if boxes.ndim != 3 or boxes.shape[2] not in (4, None):
            text = f"expected shape [images, boxes, 4], got {boxes.shape}"
            raise InvalidArgumentError(f"{function}: bounding_boxes: {text}")
        attempts = 100 if max_attempts is None else size_of(function, max_attempts, "max_attempts")
        if not isinstance(attempts, int) or attempts < 1:
            raise InvalidArgumentError(
                f"{function}: max_attempts: expected a number of 1 or more, got {max_attempts!r}"
            )
        ratios = _range(function, "aspect_ratio_range", ranges[0], (0.75, 1.33))
        areas = _range(function, "area_range", ranges[1], (0.05, 1.0))
        if max(areas) > 1:
            raise InvalidArgumentError(f"{function}: area_range: expected numbers up to 1, got {ranges[1]!r}")
        use_image = whole is not None and flag_of(function, whole, "use_image_if_no_bounding_boxes")
        covered = as_tensor(min_object_covered, FLOAT32, f"{function}: min_object_covered")
        text = f"{function}: min_object_covered: expected 0 or more, got {{0}}"
        check(greater_equal(covered, np.float32(0)), text, covered)
        height, width = (squeeze(cast(sizes[index : index + 1], INT64), 0) for index in range(2))
        positive = logical_and(greater(height, np.int64(0)), greater(width, np.int64(0)))
        check(positive, f"{function}: image_size: expected sizes of 1 or more, got {{0}} and {{1}}", height, width)
        objects, exists = _objects(function, reshape(boxes, [-1, 4]), height, width, use_image)
        return cls(function, sizes, _Request(height, width, objects, exists, covered, ratios, areas), attempts)

    def sample(self, state: Tensor) -> DistortedBoundingBox:
        """A part that a state chooses; the whole image after too many attempts."""
        words, request = _Words.of(state, self.attempts), self.request
        zero = as_tensor(np.array(0, np.int64))
        image = _Part(zero, zero, request.height, request.width)

        def go_on(count: Tensor, _: Tensor, found: Tensor, *part: Tensor) -> Tensor:
            return logical_and(less(count, np.int64(self.attempts)), logical_not(found))

        def step(count: Tensor, place: Tensor, _: Tensor, *part: Tensor) -> list[Tensor]:
            tried, found, place = request.attempt(words, place)
            chosen = [where(found, new, old) for new, old in zip(tried, part)]
            return [add(count, np.int64(1)), place, found, *chosen]

        start = [zero, zero, as_tensor(np.array(False)), *image]
        part = _Part(*while_loop(go_on, step, start)[3:])
        dtype = self.image_size.dtype
        begin, size = (
            cast(stack([*pair, as_tensor(np.array(last, np.int64))]), dtype)
            for pair, last in ((part[:2], 0), (part[2:], -1))
        )
        ends = [part.top, part.left, add(part.top, part.height), add(part.left, part.width)]
        totals = [request.height, request.width] * 2
        box = stack([divide(cast(end, FLOAT32), cast(total, FLOAT32)) for end, total in zip(ends, totals)])
        return DistortedBoundingBox(begin, size, reshape(box, [1, 1, 4]))


def _range(function: str, argument: str, value: object, default: tuple[float, float]) -> tuple[np.float32, np.float32]:
    """Two positive numbers."""
    found = [float(number) for number in list_of(function, default if value is None else value, argument)]
    if len(found) != 2 or not min(found) > 0:
        raise InvalidArgumentError(f"{function}: {argument}: expected two numbers above 0, got {value!r}")
    return np.float32(found[0]), np.float32(found[1])


def _objects(function: str, boxes: Tensor, height: Tensor, width: Tensor, use_image: bool) -> tuple[Tensor, Tensor]:
    """The rows and columns of boxes, and of the whole image; and which of them count: the last where there are none."""
    count = int64_of(size_along(boxes, 0))
    inside = reduce_all(logical_and(greater_equal(boxes, np.float32(0)), less_equal(boxes, np.float32(1))))
    check(inside, f"{function}: bounding_boxes: expected numbers from 0 to 1")
    none = equal(count, np.int64(0))
    allowed = logical_or(logical_not(none), as_tensor(np.array(use_image)))
    check(allowed, f"{function}: bounding_boxes: expected boxes, or use_image_if_no_bounding_boxes=True")
    scale = cast(stack([height, width, height, width]), FLOAT32)
    zero = as_tensor(np.array(0, np.int64))
    image = reshape(stack([zero, zero, height, width]), [1, 4])
    rows = concat([cast(multiply(boxes, scale), INT64), image], 0)
    exists = concat([greater_equal(boxes[:, 0], np.float32(0)), reshape(none, [1])], 0)
    return rows, exists


@public("image")
def sample_distorted_bounding_box(
    image_size: TensorLike,
    bounding_boxes: TensorLike,
    seed: int = 0,
    min_object_covered: TensorLike = 0.1,
    aspect_ratio_range: Sequence[float] | None = None,
    area_range: Sequence[float] | None = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> DistortedBoundingBox:
    """A random part of an image that shows enough of one of some objects: for training with images that differ.

    Args:
        image_size: the height, the width and the channels of the image, three integers.
        bounding_boxes: the objects, boxes `y1, x1, y2, x2` from 0 to 1, of shape `[images, boxes, 4]`.
        seed: a number for the same parts each time that the program runs; with 0 they are others.
        min_object_covered: how much of the area of one of the objects the part has at least.
        aspect_ratio_range: the least and greatest width divided by the height, 0.75 and 1.33 if not given.
        area_range: the least and greatest part of the image's area, 0.05 and 1 if not given.
        max_attempts: after how many parts that were none of these the whole image is chosen; 100 if not given.
        use_image_if_no_bounding_boxes: whether the whole image is the object where there is no box; else that is an
            error.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> image, box = sw.zeros([20, 30, 3]), [[[0.0, 0.0, 1.0, 1.0]]]
        >>> found = sw.image.sample_distorted_bounding_box([20, 30, 3], box, min_object_covered=0.5)
        >>> part = sw.slice(image, found.begin, found.size)
        >>> 20 * 30 * 0.5 <= int(sw.size(part[:, :, 0])) <= 20 * 30
        True
    """
    function = "sample_distorted_bounding_box"
    ranges = aspect_ratio_range, area_range
    call = _Call.of(
        function, image_size, bounding_boxes, min_object_covered, ranges, max_attempts, use_image_if_no_bounding_boxes
    )
    parameters = (call.image_size.dtype, call.request.ratios, call.request.areas, call.attempts)
    if not seed:
        return call.sample(unseeded_state(call.attempts))
    return call.sample(call_state(function, (*parameters, use_image_if_no_bounding_boxes), seed, call.attempts))


@public("image")
def stateless_sample_distorted_bounding_box(
    image_size: TensorLike,
    bounding_boxes: TensorLike,
    seed: TensorLike,
    min_object_covered: TensorLike = 0.1,
    aspect_ratio_range: Sequence[float] | None = None,
    area_range: Sequence[float] | None = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> DistortedBoundingBox:
    """Like `sample_distorted_bounding_box`, but always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> box = [[[0.0, 0.0, 0.5, 0.5]]]
        >>> found = sw.image.stateless_sample_distorted_bounding_box([20, 30, 3], box, seed=[1, 2])
        >>> found.begin.numpy().tolist(), found.size.numpy().tolist()
        ([3, 12, 0], [16, 15, -1])
    """
    function = "stateless_sample_distorted_bounding_box"
    ranges = aspect_ratio_range, area_range
    call = _Call.of(
        function, image_size, bounding_boxes, min_object_covered, ranges, max_attempts, use_image_if_no_bounding_boxes
    )
    return call.sample(stateless_state(function, seed))
