"""Strings and files of images: functions of Python, which are called when the model runs."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64, STRING, UINT8
from .....dialects.hl.rules.image_files import pillow
from ....frontend.gradients.host_functions import numpy_function
from ....frontend.ops.strings.elements import join, regex_full_match
from ....frontend.tracing.signature import TensorSpec
from ....frontend.values.tensor import Tensor
from ..rules import Call, rule
from ..values import m, shape_items
from .shapes import expanded

_MOST_CHARACTERS = 1000
"""The longest pattern that is accepted: the time to compile one can grow with its length."""


@rule("StringConcat")
def _concat(call: Call, a: Tensor, b: Tensor) -> Tensor:
    """Both are broadcast."""
    shape = np.broadcast_shapes([1] * a.ndim, [1] * b.ndim)
    a, b = (m.reshape(x, [1] * (len(shape) - x.ndim) + list(shape_items(x))) for x in (a, b))
    return join([expanded(a, shape_items(b)), expanded(b, shape_items(a))])


@rule("RegexFullMatch")
def _regex(call: Call, x: Tensor) -> Tensor:
    pattern = call.text("pattern", "")
    if len(pattern) > _MOST_CHARACTERS:
        raise InvalidArgumentError(f"attribute pattern: it has {len(pattern)} characters")
    return regex_full_match(x, pattern)


def host(function: Callable[..., Any], inputs: list[Tensor], *results: tuple[list[int | None], Any]) -> list[Tensor]:
    """The results of a Python function of arrays, of these shapes and dtypes."""
    specs = [TensorSpec(shape, dtype) for shape, dtype in results]
    return numpy_function(function, inputs, specs)


def _words(array: np.ndarray) -> list[str]:
    return [item.decode(errors="replace") if isinstance(item, bytes) else str(item) for item in array.reshape(-1)]


def _encoded(words: list[str], shape: tuple[int, ...]) -> np.ndarray:
    found = np.empty(len(words), object)
    found[:] = [word.encode() for word in words]
    return found.reshape(shape)


@rule("StringNormalizer")
def _normalize(call: Call, x: Tensor) -> Tensor:
    """Words without stop words, in one case; one empty word where none is left."""
    stop, change = call.texts("stopwords", []), call.text("case_change_action", "NONE")
    exact = bool(call.int("is_case_sensitive", 0))
    turned = {"LOWER": str.lower, "UPPER": str.upper}.get(change, str)
    skipped = set(stop) if exact else {word.lower() for word in stop}

    def run(array: np.ndarray) -> np.ndarray:
        words = [turned(w) for w in _words(array) if (w if exact else w.lower()) not in skipped] or [""]
        return _encoded(words, (1, len(words)) if array.ndim == 2 else (len(words),))

    [found] = host(run, [x], ([1, None] if x.ndim == 2 else [None], STRING))
    return found


@rule("StringSplit")
def _split(call: Call, x: Tensor) -> tuple[Tensor, ...]:
    """The parts of each string, with empty strings behind them, and how many there are."""
    delimiter, most = call.text("delimiter", "") or None, call.int("maxsplit", -1)

    def run(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = [word.split(delimiter, most) for word in _words(array)]
        width = max((len(each) for each in parts), default=0)
        flat = [word for each in parts for word in [*each, *[""] * (width - len(each))]]
        counts = np.array([len(each) for each in parts], np.int64).reshape(array.shape)
        return _encoded(flat, (*array.shape, width)), counts

    sizes = list(x.shape)
    return tuple(host(run, [x], ([*sizes, None], STRING), (sizes, INT64)))


@rule("ImageDecoder")
def _decode(call: Call, x: Tensor) -> Tensor:
    form = call.text("pixel_format", "RGB")
    if form not in ("RGB", "BGR", "Grayscale"):
        raise InvalidArgumentError(f"attribute pixel_format: expected RGB, BGR or Grayscale, got {form!r}")

    def run(array: np.ndarray) -> np.ndarray:
        image = pillow().open(io.BytesIO(array.astype(np.uint8).tobytes()))
        pixels = np.asarray(image.convert("L" if form == "Grayscale" else "RGB"))
        pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        return np.ascontiguousarray(pixels[..., ::-1] if form == "BGR" else pixels)

    [found] = host(run, [x], ([None, None, 1 if form == "Grayscale" else 3], UINT8))
    return found


@rule("TfIdfVectorizer")
def _tf_idf(call: Call, x: Tensor) -> Tensor:
    """How often each n-gram of a pool is in a sequence: counts, whether it is there, or these times weights."""
    grams = _pool(call)
    index = call.ints("ngram_indexes")
    width = max(index, default=-1) + 1
    if width > 2**24 or len(index) < len(grams):
        raise InvalidArgumentError(f"attribute ngram_indexes: {len(index)} of them, for {len(grams)} n-grams")
    weights = np.zeros(width, np.float32)
    weights[index[: len(grams)]] = call.floats("weights", [1.0] * len(grams))[: len(grams)]
    places = {gram: index[number] for number, gram in enumerate(grams)}
    mode = call.text("mode", "TF")
    lengths = range(call.int("min_gram_length"), call.int("max_gram_length") + 1)
    skips = range(min(call.int("max_skip_count"), 2**10) + 1)

    def count(row: list[Any]) -> np.ndarray:
        found = np.zeros(width, np.float32)
        for length in lengths:
            for step in [1] if length == 1 else [skip + 1 for skip in skips]:
                for start in range(len(row) - (length - 1) * step):
                    place = places.get(tuple(row[start : start + length * step : step]))
                    if place is not None:
                        found[place] += 1
        if mode == "TF":
            return found
        return (found > 0) * weights if mode == "IDF" else found * weights

    def run(array: np.ndarray) -> np.ndarray:
        rows = array.reshape(1, -1) if array.ndim == 1 else array
        items = [_words(row) if array.dtype == object else [int(item) for item in row] for row in rows]
        found = np.stack([count(row) for row in items]) if items else np.zeros((0, width), np.float32)
        return found.reshape(width) if array.ndim == 1 else found

    [found] = host(run, [x], ([width] if x.ndim == 1 else [x.shape[0], width], np.float32))
    return found


def _pool(call: Call) -> list[tuple[Any, ...]]:
    """The n-grams, in their order: first those of length 1, and so on."""
    items = call.texts("pool_strings") or call.ints("pool_int64s", [])
    starts = [*call.ints("ngram_counts", []), len(items)]
    found = []
    for length, (first, last) in enumerate(pairwise(starts), 1):
        found += [tuple(items[at : at + length]) for at in range(first, last, length)]
    return found
