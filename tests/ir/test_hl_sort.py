"""Sorting, cumulative values, bits: each rule of each op, and what the public functions make of them."""

import numpy as np
import pytest
from support.op_checks import check_samples

import stepwell as sw
from stepwell.dialects.hl.registry import OPS


def _scan(accumulate, start):
    """A loop over the elements, in Python's own way."""

    def reference(x, axis, exclusive, reverse):
        rows = np.moveaxis(x[(slice(None),) * axis + (slice(None, None, -1),)] if reverse else x, axis, 0)
        found, total = [], np.full(rows.shape[1:], start(x.dtype), x.dtype)
        for row in rows:
            new = accumulate(total, row)
            found.append(total if exclusive else new)
            total = new
        result = np.moveaxis(np.array(found, x.dtype).reshape(rows.shape), 0, axis)
        return result[(slice(None),) * axis + (slice(None, None, -1),)] if reverse else result

    return reference


def _argsort(x, axis, descending):
    """By Python's sort, which is stable, with a key that puts NaN above all numbers."""

    def order(row):
        key = [(item != item, 0 if item != item else item) for item in row.tolist()]
        return np.array(sorted(range(len(key)), key=key.__getitem__, reverse=False), np.int32)

    def turned(row):
        return (len(row) - 1 - order(row[::-1]))[::-1] if descending else order(row)

    if not x.size:
        return np.zeros(x.shape, np.int32)
    return np.apply_along_axis(turned, axis, x).astype(np.int32)


def _searched(x, values, right):
    """NumPy's own function, row by row."""
    found = np.empty(values.shape, np.int32)
    for row in np.ndindex(*values.shape[:-1]):
        found[row] = np.searchsorted(x[row], values[row], "right" if right else "left")
    return found


REFERENCES = {
    "searchsorted": _searched,
    "cumsum": _scan(np.add, lambda dtype: 0),
    "cumprod": _scan(np.multiply, lambda dtype: 1),
    "cummax": _scan(np.maximum, lambda dtype: -np.inf if np.dtype(dtype).kind == "f" else np.iinfo(dtype).min),
    "argsort": _argsort,
    "population_count": lambda x: np.vectorize(lambda n: bin(n % 2 ** (8 * x.itemsize)).count("1"), otypes=[x.dtype])(
        x
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=10, lowering=True)


def test_sorted_rows_of_any_shape():
    x = np.random.default_rng(3).integers(0, 9, (3, 17, 2)).astype(np.float32)
    x[0, 3, 1] = np.nan
    for axis in (0, 1, -1):
        np.testing.assert_array_equal(sw.sort(x, axis).numpy(), np.sort(x, axis))
        order = sw.argsort(x, axis, "DESCENDING")
        np.testing.assert_array_equal(
            sw.sort(x, axis, "DESCENDING").numpy(), np.take_along_axis(x, order.numpy(), axis)
        )


@pytest.mark.parametrize("engine", ["native", "onnx", "interpreter"])
def test_the_greatest_of_rows_whose_length_is_unknown(engine):
    spec = [sw.TensorSpec([None, None]), sw.TensorSpec([], sw.int32)]
    f = sw.function(lambda x, k: sw.math.top_k(x, k), engine=engine, input_signature=spec)
    values, indices = f(np.array([[1, 5, 5, np.nan], [0, -1, -3, -0.0]], np.float32), 3)
    np.testing.assert_array_equal(values.numpy(), [[np.nan, 5, 5], [0, 0, -1]])
    assert indices.numpy().tolist() == [[3, 1, 2], [0, 3, 1]]
    assert [tensor.shape for tensor in f(np.zeros((0, 4), np.float32), 2)] == [(0, 2), (0, 2)]


def test_gradients_go_where_the_elements_came_from():
    x = sw.Variable([[3.0, 1.0, 2.0], [1.0, 5.0, 1.0]])
    with sw.GradientTape(persistent=True) as tape:
        weights = [1.0, 10.0, 100.0]
        totals = {
            "sort": sw.reduce_sum(sw.sort(x) * weights),
            "top_k": sw.reduce_sum(sw.math.top_k(x, 2)[0] * weights[:2]),
            "cummax": sw.reduce_sum(sw.math.cummax(x, 1) * weights),
            "cumsum": sw.reduce_sum(sw.cumsum(x, 1, exclusive=True) * weights),
        }
    found = {name: tape.gradient(total, x).numpy().tolist() for name, total in totals.items()}
    assert found == {
        "sort": [[100.0, 1.0, 10.0], [1.0, 100.0, 10.0]],
        "top_k": [[1.0, 0.0, 10.0], [10.0, 1.0, 0.0]],
        "cummax": [[111.0, 0.0, 0.0], [1.0, 110.0, 0.0]],
        "cumsum": [[110.0, 100.0, 0.0]] * 2,
    }


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_bits_as_another_dtype_and_back(engine):
    x = np.array([[1.5, -0.0], [np.inf, 3e-40]], np.float32)

    def there_and_back(x):
        wide = sw.bitcast(x, sw.int64)
        return sw.bitcast(x, sw.int32), wide, sw.bitcast(wide, sw.float32)

    bits, wide, back = sw.function(there_and_back, engine=engine)(x)
    np.testing.assert_array_equal(bits.numpy(), x.view(np.int32))
    np.testing.assert_array_equal(wide.numpy(), x.view(np.int64)[:, 0])
    assert back.numpy().tobytes() == x.tobytes()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sw.math.top_k([1.0, 2.0], 3), "top_k: k: expected 0 to 2, the size of the last axis, got 3"),
        (lambda: sw.math.top_k(1.0), "top_k: input: expected at least one axis"),
        (lambda: sw.sort([1], direction="up"), "sort: direction: expected ASCENDING or DESCENDING"),
        (lambda: sw.cumsum([1], 1), "cumsum: axis: expected an axis of 1 axes, got 1"),
        (lambda: sw.bitcast([1], sw.float64), "bitcast: expected a last axis of size 2"),
    ],
)
def test_what_cannot_be_is_an_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
