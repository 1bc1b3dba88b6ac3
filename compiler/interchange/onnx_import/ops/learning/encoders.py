"""Operators of `ai.onnx.ml`: encoders, scalers and linear models."""

from __future__ import annotations

from typing import Any

import numpy as np

from ......dialects.diagnostics import InvalidArgumentError
from ......dialects.dtypes import FLOAT32, INT64, STRING, dtype_of, record_of
from .....frontend.values.dispatch import as_tensor, scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import ML, Call, rule
from ...values import m
from ..strings import host


@rule("ArrayFeatureExtractor", domain=ML)
def _features(call: Call, x: Tensor, places: Tensor) -> Tensor:
    return m.gather(x if x.ndim > 1 else m.expand_dims(x, 0), m.reshape(places, [-1]), axis=-1)


@rule("Binarizer", domain=ML)
def _binarize(call: Call, x: Tensor) -> Tensor:
    return m.cast(m.greater(x, scalar_like(call.float("threshold", 0.0), x)), x.dtype)


@rule("Scaler", domain=ML)
def _scale(call: Call, x: Tensor) -> Tensor:
    offset, scale = (as_tensor(np.array(call.floats(name, [default]), np.float32)) for name, default in _SCALER)
    return (m.cast(x, FLOAT32) - offset) * scale


_SCALER = (("offset", 0.0), ("scale", 1.0))


@rule("Normalizer", domain=ML)
def _normalize(call: Call, x: Tensor) -> Tensor:
    kind, x = call.text("norm", "MAX"), m.cast(x, FLOAT32)
    if kind == "MAX":
        size = m.reduce_max(m.abs(x), -1, True)
    elif kind == "L1":
        size = m.reduce_sum(m.abs(x), -1, True)
    else:
        size = m.sqrt(m.reduce_sum(m.square(x), -1, True))
    return m.where(m.equal(size, scalar_like(0, size)), x, x / size)


@rule("Imputer", domain=ML)
def _impute(call: Call, x: Tensor) -> Tensor:
    whole = x.dtype.is_integer
    values = call.ints("imputed_value_int64s") if whole else call.floats("imputed_value_floats")
    replaced = call.int("replaced_value_int64", 0) if whole else call.float("replaced_value_float", 0.0)
    missing = m.is_nan(x) if not whole and np.isnan(replaced) else m.equal(x, scalar_like(replaced, x))
    return m.where(missing, m.cast(as_tensor(np.array(values)), x.dtype), x)


@rule("FeatureVectorizer", domain=ML)
def _vectorize(call: Call, *inputs: Tensor) -> Tensor:
    rows = [m.cast(x if x.ndim > 1 else m.expand_dims(x, 0), FLOAT32) for x in inputs]
    return m.concat(rows, 1)


@rule("OneHotEncoder", domain=ML)
def _one_hot(call: Call, x: Tensor) -> Tensor:
    if x.dtype is STRING:
        keys = np.array([word.encode() for word in call.texts("cats_strings")], object)
    else:
        keys = np.array(call.ints("cats_int64s"), np.int64)
        x = m.cast(x, INT64)
    return m.cast(m.equal(m.expand_dims(x, -1), as_tensor(keys)), FLOAT32)


@rule("LabelEncoder", domain=ML)
def _encode(call: Call, x: Tensor) -> Tensor:
    """The value of each key; the default for others."""
    if call.has("classes_strings"):  # of version 1
        return _encode_1(call, x)
    keys, values = _table(call, "keys"), _table(call, "values")
    if len(keys) != len(values):
        raise InvalidArgumentError(f"expected a value for each key, got {len(keys)} keys and {len(values)} values")
    return _mapped(x, keys, values, _default(call, values))


def _encode_1(call: Call, x: Tensor) -> Tensor:
    words = np.array([word.encode() for word in call.texts("classes_strings")], object)
    numbers = np.arange(len(words), dtype=np.int64)
    if x.dtype is STRING:
        return _mapped(x, words, numbers, np.int64(call.int("default_int64", -1)))
    return _mapped(x, numbers, words, call.text("default_string", "_Unused").encode())


def _table(call: Call, what: str) -> np.ndarray:
    found = call.array(f"{what}_tensor")
    if found is not None:
        return _with_bytes(found.reshape(-1))
    if call.has(f"{what}_strings"):
        return np.array([word.encode() for word in call.texts(f"{what}_strings")], object)
    if call.has(f"{what}_int64s"):
        return np.array(call.ints(f"{what}_int64s"), np.int64)
    return np.array(call.floats(f"{what}_floats", []), np.float32)


def _with_bytes(array: np.ndarray) -> np.ndarray:
    if record_of(array.dtype) is not STRING:
        return array
    return np.array([each if isinstance(each, bytes) else str(each).encode() for each in array], object)


def _default(call: Call, values: np.ndarray) -> Any:
    given = call.array("default_tensor")
    if given is not None:
        return _with_bytes(given.reshape(-1))[0]
    if values.dtype == object:
        return call.text("default_string", "_Unused").encode()
    if dtype_of(values).is_integer:
        return values.dtype.type(call.int("default_int64", -1))
    return values.dtype.type(call.float("default_float", -0.0))


def _mapped(x: Tensor, keys: np.ndarray, values: np.ndarray, default: Any) -> Tensor:
    if x.dtype is not STRING and values.dtype != object:
        return _mapped_numbers(x, keys, values, default)
    places = {_key(key): place for place, key in enumerate(keys)}

    def run(array: np.ndarray) -> np.ndarray:
        found = np.empty(array.size, values.dtype)
        for place, item in enumerate(array.reshape(-1)):
            at = places.get(_key(item))
            found[place] = default if at is None else values[at]
        return found.reshape(array.shape)

    [result] = host(run, [x], (list(x.shape), STRING if values.dtype == object else values.dtype))
    return result


def _key(item: Any) -> Any:
    """A key by which NaN is found, too."""
    return "nan" if isinstance(item, float | np.floating) and np.isnan(item) else item


def _mapped_numbers(x: Tensor, keys: np.ndarray, values: np.ndarray, default: Any) -> Tensor:
    table = m.cast(as_tensor(keys), x.dtype)
    same = m.equal(m.expand_dims(x, -1), table)
    if dtype_of(keys).is_floating:
        same = m.logical_or(same, m.logical_and(m.is_nan(m.expand_dims(x, -1)), m.is_nan(table)))
    found = m.gather(as_tensor(values), m.argmax(m.cast(same, np.int32), -1))
    return m.where(m.reduce_any(same, -1), found, as_tensor(np.asarray(default, values.dtype)))


@rule("LinearRegressor", domain=ML)
def _linear_regressor(call: Call, x: Tensor) -> Tensor:
    return transformed(_linear(call, x, call.int("targets", 1)), call.text("post_transform", "NONE"))


def _linear(call: Call, x: Tensor, rows: int) -> Tensor:
    weights = np.array(call.floats("coefficients"), np.float32).reshape(rows, -1)
    found = m.matmul(m.cast(x, FLOAT32), as_tensor(weights), transpose_b=True)
    intercepts = call.floats("intercepts")
    return found if intercepts is None else found + as_tensor(np.array(intercepts, np.float32))


def transformed(scores: Tensor, kind: str) -> Tensor:
    """Scores after a transformation."""
    if kind == "NONE":
        return scores
    if kind == "LOGISTIC":
        return m.sigmoid(scores)
    if kind == "SOFTMAX":
        return m.softmax(scores, -1)
    if kind == "SOFTMAX_ZERO":
        zero = scalar_like(0, scores)
        there = m.not_equal(scores, zero)
        powers = m.where(there, m.exp(scores - m.reduce_max(scores, -1, True)), zero)
        return powers / m.reduce_sum(powers, -1, True)
    if kind == "PROBIT":
        return m.ndtri(scores)
    raise InvalidArgumentError(f"attribute post_transform: there is no {kind!r}")


@rule("LinearClassifier", domain=ML)
def _linear_classifier(call: Call, x: Tensor) -> tuple[Tensor, Tensor]:
    labels = labels_of(call, "classlabels_ints")
    rows = len(call.floats("intercepts", [])) or len(labels)
    scores = _linear(call, x if x.ndim > 1 else m.expand_dims(x, 0), rows)
    return classified(scores, labels, call.text("post_transform", "NONE"), False)


def labels_of(call: Call, numbers: str) -> np.ndarray:
    """The labels of classes, numbers or strings."""
    if call.has("classlabels_strings"):
        return np.array([word.encode() for word in call.texts("classlabels_strings")], object)
    return np.array(call.ints(numbers, []), np.int64)


def classified(scores: Tensor, labels: np.ndarray, kind: str, are_probabilities: bool) -> tuple[Tensor, Tensor]:
    """The label of the best class and the scores of all; one score for two classes is that of the second."""
    if scores.shape[-1] == 1 and len(labels) == 2:
        edge = 0.5 if are_probabilities else 0.0
        best = m.cast(m.greater(scores[:, 0], scalar_like(edge, scores)), INT64)
        if kind in ("NONE", "LOGISTIC"):
            second = transformed(scores, kind)
            first = -second if kind == "NONE" and not are_probabilities else scalar_like(1, second) - second
            return _labels(labels, best), m.concat([first, second], 1)
        return _labels(labels, best), transformed(m.concat([-scores, scores], 1), kind)
    return _labels(labels, m.argmax(scores, -1)), transformed(scores, kind)


def _labels(labels: np.ndarray, best: Tensor) -> Tensor:
    if labels.dtype != object:
        return m.gather(as_tensor(labels), best)
    [found] = host(lambda places: labels[places], [best], (list(best.shape), dtype_of(labels)))
    return found
