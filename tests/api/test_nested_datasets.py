"""Datasets of datasets: `flat_map`, `window`, groups; and datasets that are made of tensors of a program."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

Dataset = sw.data.Dataset
INT, ROWS = sw.TensorSpec([], sw.int64), sw.TensorSpec([None], sw.int64)
TABLE = sw.TensorSpec([None, None], sw.int64)


def numbers(*args):
    return Dataset.range(*args)


def triangles(stop):
    return numbers(1, stop).map(lambda n: sw.fill([n], n))


def length(x):
    return sw.shape(x)[0]


def listed(dataset):
    return [np.asarray(element).tolist() for element in dataset.as_numpy_iterator()]


def letters(*counts):
    return [Dataset.from_tensors(letter).repeat(count) for letter, count in zip("abc", counts, strict=False)]


def choice(*values):
    return Dataset.from_tensor_slices(np.int64(values))


def sampled(weights, seed):
    return Dataset.sample_from_datasets([Dataset.from_tensors(i).repeat(6) for i in range(3)], weights, seed=seed)


RANDOM = [3949691112, 1216040066, 825314089]
SAMPLED = [
    [0, 2, 2, 0, 2, 1, 2, 2, 1, 1, 0, 0, 1, 2, 0, 1, 0, 1],
    [1, 1, 2, 1, 2, 1, 2, 2, 1, 1, 0, 0, 2, 2, 0, 0, 0, 0],
]
RECORDED = {
    "flat_map": (lambda: numbers(4).flat_map(lambda n: numbers(n)), [0, 0, 1, 0, 1, 2], -2, INT),
    "flat_map of slices": (
        lambda: Dataset.from_tensor_slices([[1, 2], [3, 4]]).flat_map(Dataset.from_tensor_slices),
        [1, 2, 3, 4],
        -2,
        sw.TensorSpec([], sw.int32),
    ),
    "flat_map whose map takes its argument": (
        lambda: numbers(3).flat_map(lambda n: numbers(3).map(lambda y: y * 10 + n)),
        [0, 10, 20, 1, 11, 21, 2, 12, 22],
        -2,
        INT,
    ),
    "flat_map three deep": (
        lambda: numbers(3).flat_map(
            lambda n: numbers(2).flat_map(lambda m: numbers(m + 1).map(lambda k: n * 100 + m * 10 + k))
        ),
        [0, 10, 11, 100, 110, 111, 200, 210, 211],
        -2,
        INT,
    ),
    "flat_map of parts": (
        lambda: numbers(2).flat_map(lambda n: numbers(n).concatenate(Dataset.from_tensors(n + 5)).take(n + 1)),
        [5, 0, 6],
        -2,
        INT,
    ),
    "interleave": (
        lambda: numbers(1, 6).interleave(lambda x: Dataset.from_tensors(x).repeat(6), cycle_length=2, block_length=4),
        [1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5],
        -2,
        INT,
    ),
    "interleave of several lengths": (
        lambda: numbers(6).interleave(lambda x: numbers(x), cycle_length=3, block_length=2),
        [0, 0, 1, 0, 1, 0, 1, 2, 2, 3, 0, 1, 2, 3, 4],
        -2,
        INT,
    ),
    "interleave with threads": (
        lambda: numbers(6).interleave(lambda x: numbers(x), cycle_length=4, num_parallel_calls=2),
        [0, 0, 0, 0, 1, 1, 1, 0, 2, 2, 1, 3, 2, 3, 4],
        -2,
        INT,
    ),
    "window": (
        lambda: numbers(7).window(3).flat_map(lambda w: w.batch(3)),
        [[0, 1, 2], [3, 4, 5], [6]],
        -2,
        ROWS,
    ),
    "window with a stride": (
        lambda: numbers(10).window(3, 2, 3).flat_map(lambda w: w.batch(3)),
        [[0, 3, 6], [2, 5, 8], [4, 7], [6, 9], [8]],
        -2,
        ROWS,
    ),
    "window with gaps": (
        lambda: numbers(10).window(2, 4).flat_map(lambda w: w.batch(3)),
        [[0, 1], [4, 5], [8, 9]],
        -2,
        ROWS,
    ),
    "window of pairs": (
        lambda: (
            Dataset.zip((numbers(6), numbers(10, 16)))
            .window(2)
            .flat_map(lambda a, b: Dataset.zip((a.batch(2), b.batch(2))))
            .map(lambda a, b: a + b)
        ),
        [[10, 12], [14, 16], [18, 20]],
        -2,
        ROWS,
    ),
    "window of dicts": (
        lambda: (
            numbers(6)
            .map(lambda x: {"x": x, "y": -x})
            .window(4, 2)
            .flat_map(lambda d: Dataset.zip((d["x"], d["y"])))
            .map(lambda a, b: a - b)
        ),
        [0, 2, 4, 6, 4, 6, 8, 10, 8, 10],
        -2,
        INT,
    ),
    "reduce of windows": (
        lambda: numbers(7).window(3).map(lambda w: w.reduce(np.int64(0), lambda a, b: a + b)),
        [3, 12, 6],
        3,
        INT,
    ),
    "padded_batch": (
        lambda: triangles(6).padded_batch(2),
        [[[1, 0], [2, 2]], [[3, 3, 3, 0], [4] * 4], [[5] * 5]],
        3,
        TABLE,
    ),
    "padded_batch of scalars": (lambda: numbers(3).padded_batch(2), [[0, 1], [2]], 2, ROWS),
    "padded_batch of strings": (
        lambda: Dataset.from_tensor_slices(["a", "b"]).padded_batch(3),
        [[b"a", b"b"]],
        1,
        sw.TensorSpec([None], sw.string),
    ),
    "padded_batch with values": (
        lambda: triangles(4).padded_batch(3, padded_shapes=[None], padding_values=np.int64(-1)),
        [[[1, -1, -1], [2, 2, -1], [3, 3, 3]]],
        1,
        TABLE,
    ),
    "padded_batch with a size": (
        lambda: triangles(4).padded_batch(2, padded_shapes=[3], drop_remainder=True),
        [[[1, 0, 0], [2, 2, 0]]],
        1,
        sw.TensorSpec([2, 3], sw.int64),
    ),
    "take_while": (lambda: numbers(10).take_while(lambda x: x < 4), [0, 1, 2, 3], -2, INT),
    "scan": (lambda: numbers(5).scan(np.int64(1), lambda s, x: (s * 2, s + x)), [1, 3, 6, 11, 20], 5, INT),
    "scan with a state that grows": (
        lambda: numbers(4).scan(np.zeros([0], np.int64), lambda s, x: (sw.concat([s, [x]], 0), sw.reduce_sum(s))),
        [0, 0, 1, 3],
        4,
        INT,
    ),
    "unique": (
        lambda: Dataset.from_tensor_slices(["a", "b", "a"]).unique(),
        [b"a", b"b"],
        -2,
        sw.TensorSpec([], sw.string),
    ),
    "rebatch": (lambda: numbers(10).batch(4).rebatch(3), [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]], -2, ROWS),
    "rebatch in turn": (
        lambda: numbers(10).batch(4).rebatch([1, 2]),
        [[0], [1, 2], [3], [4, 5], [6], [7, 8], [9]],
        -2,
        ROWS,
    ),
    "groups": (
        lambda: numbers(10).group_by_window(lambda x: x % 3, lambda k, w: w.map(lambda x: x * 100 + k).batch(4), 3),
        [[0, 300, 600], [101, 401, 701], [202, 502, 802], [900]],
        -2,
        ROWS,
    ),
    "groups of several sizes": (
        lambda: numbers(10).group_by_window(
            lambda x: x % 2, lambda k, w: w.batch(10), window_size_func=lambda k: k + 2
        ),
        [[0, 2], [1, 3, 5], [4, 6], [8], [7, 9]],
        -2,
        ROWS,
    ),
    "buckets": (
        lambda: triangles(8).bucket_by_sequence_length(length, [3, 5], [2, 2, 2]),
        [
            [[1, 0], [2, 2]],
            [[3, 3, 3, 0], [4, 4, 4, 4]],
            [[5, 5, 5, 5, 5, 0], [6, 6, 6, 6, 6, 6]],
            [[7, 7, 7, 7, 7, 7, 7]],
        ],
        -2,
        TABLE,
    ),
    "buckets filled up": (
        lambda: triangles(5).bucket_by_sequence_length(
            length, [3, 6], [2, 2, 2], pad_to_bucket_boundary=True, padding_values=np.int64(-1)
        ),
        [[[1, -1], [2, 2]], [[3, 3, 3, -1, -1], [4, 4, 4, 4, -1]]],
        -2,
        TABLE,
    ),
    "choice": (
        lambda: Dataset.choose_from_datasets(letters(2, None), choice(0, 1, 1, 0, 0, 1)),
        [b"a", b"b", b"b", b"a"],
        -1,
        sw.TensorSpec([], sw.string),
    ),
    "choice that goes on": (
        lambda: Dataset.choose_from_datasets(letters(2, 3), choice(0, 1, 1, 0, 0, 1, 1, 1), False),
        [b"a", b"b", b"b", b"a", b"b"],
        -2,
        sw.TensorSpec([], sw.string),
    ),
    "random": (lambda: Dataset.random(seed=4).take(3), RANDOM, 3, INT),
    "counter": (lambda: Dataset.counter(3, 2).take(3), [3, 5, 7], 3, INT),
    "a condition": (lambda: numbers(5).map(lambda x: x * 10 if x > 2 else -x), [0, -1, -2, 30, 40], 5, INT),
    "samples": (lambda: sampled(None, 7), SAMPLED[0], -2, sw.TensorSpec([], sw.int32)),
    "samples with weights": (lambda: sampled([0.2, 0.5, 0.3], 7), SAMPLED[1], -2, sw.TensorSpec([], sw.int32)),
}
"""Datasets, and what TensorFlow 2.21 gives for each: elements, cardinality, element_spec."""


@pytest.mark.parametrize("make, elements, cardinality, spec", RECORDED.values(), ids=RECORDED)
def test_elements_are_those_of_tensorflow(make, elements, cardinality, spec):
    sw.random.set_seed(5)
    dataset = make()
    assert listed(dataset) == elements
    assert int(dataset.cardinality()) == cardinality and dataset.element_spec == spec


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 12), st.integers(1, 5), st.integers(1, 6), st.integers(1, 3), st.booleans())
def test_windows_are_slices(count, size, shift, stride, drop):
    dataset = numbers(count).window(size, shift, stride, drop)
    expected = [list(range(begin, count, stride))[:size] for begin in range(0, count, shift)]
    expected = [window for window in expected if len(window) == size or not drop]
    assert [[int(x) for x in window] for window in dataset] == expected
    assert int(dataset.cardinality()) == len(expected)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.lists(st.integers(-5, 5), max_size=4), max_size=7), st.integers(1, 4), st.booleans())
def test_padded_batches_are_rows_in_zeros(rows, size, drop):
    signature = sw.TensorSpec([None], sw.int32)
    dataset = Dataset.from_generator(lambda: rows, output_signature=signature).padded_batch(size, drop_remainder=drop)
    batches = [rows[i : i + size] for i in range(0, len(rows), size)]
    batches = [batch for batch in batches if len(batch) == size or not drop]
    widths = [max(map(len, batch)) for batch in batches]
    assert listed(dataset) == [[row + [0] * (w - len(row)) for row in batch] for batch, w in zip(batches, widths)]


def test_windows_are_datasets_with_names():
    (window,) = Dataset.from_tensor_slices({"x": [1, 2], "y": [3.0, 4.0]}).window(2)
    assert window["x"].element_spec == sw.TensorSpec([], sw.int32)
    assert [float(y) for y in window["y"]] == [3.0, 4.0] and len(window["y"]) == 2


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_a_dataset_is_made_of_tensors_of_a_program(engine):
    traced = []

    @sw.function(engine=engine)
    def total(x, size):
        traced.append(x)
        found = sw.constant(0)
        for rows in Dataset.from_tensor_slices(x).map(lambda v: v * size).batch(2):
            found += sw.reduce_prod(rows)
        return found, Dataset.from_tensor_slices(x).skip(1).reduce(size, lambda a, b: a * b)

    for _ in range(2):
        assert list(map(int, total(sw.constant([1, 2, 3]), sw.constant(2)))) == [14, 12]
        assert list(map(int, total(sw.constant([5, 6, 7]), sw.constant(1)))) == [37, 42]
    assert len(traced) == 1


def test_a_loop_over_windows_is_a_loop_of_the_program():
    @sw.function
    def total(dataset):
        found = sw.constant(0, sw.int64)
        for window in dataset:
            for x in window:
                found = found * 3 + x
            found += window.reduce(np.int64(0), lambda a, b: a + b)
        return found

    expected = 0
    for window in ([0, 1], [2, 3], [4]):
        for x in window:
            expected = expected * 3 + x
        expected += sum(window)
    assert int(total(numbers(5).window(2))) == expected


def test_one_element_of_a_dataset_of_a_program():
    single = sw.function(lambda n: numbers(n, n + 10).batch(4).take(1).get_single_element())
    assert single(sw.constant(3)).numpy().tolist() == [3, 4, 5, 6]
    with pytest.raises(ValueError, match="one element, got none"):
        sw.function(lambda n: numbers(n).get_single_element())(sw.constant(0))


def test_functions_of_nested_datasets_read_variables():
    variable = sw.Variable(3, dtype=sw.int64)
    dataset = numbers(3).flat_map(lambda x: numbers(2).map(lambda y: x * variable + y))
    assert listed(dataset) == [0, 1, 3, 4, 6, 7]
    variable.assign(10)
    assert listed(dataset) == [0, 1, 10, 11, 20, 21]


REFUSED = {
    "no dataset": (lambda: numbers(3).flat_map(lambda x: x), TypeError, "returns a Dataset, got TensorSpec"),
    "a batch of datasets": (lambda: numbers(3).window(2).batch(2), TypeError, "expected elements of tensors"),
    "arrays of datasets": (lambda: numbers(3).window(2).as_numpy_iterator(), TypeError, "expected elements of tensors"),
    "a size found in the program": (
        lambda: list(numbers(3).flat_map(lambda x: numbers(5).batch(x))),
        ValueError,
        "batch_size: expected at least 1, got 0",
    ),
    "a fraction": (lambda: numbers(3).take(2.5), TypeError, "Dataset.take: count: expected a whole number, got 2.5"),
    "several numbers": (lambda: numbers(3).take([1, 2]), ValueError, r"expected a scalar, got shape \(2,\)"),
    "one weight too few": (lambda: sampled([1.0], 1), ValueError, "expected one for each of 3 datasets, got 1"),
    "no weight": (lambda: sampled([0.0, 0.0, 0.0], 1), ValueError, "at least one greater than 0"),
    "no datasets": (lambda: Dataset.sample_from_datasets([]), ValueError, "at least one dataset"),
    "a choice of floats": (
        lambda: Dataset.choose_from_datasets(letters(1, 1), Dataset.from_tensors(1.0)),
        TypeError,
        "scalars of int64",
    ),
    "a choice too large": (
        lambda: list(Dataset.choose_from_datasets(letters(1, 1), choice(2))),
        ValueError,
        "expected at least 0 and less than 2, got 2",
    ),
    "too small a padding": (
        lambda: list(triangles(4).padded_batch(3, padded_shapes=[2])),
        ValueError,
        r"got \[2\] for component 0 of shape \[3\]",
    ),
    "a padding of floats": (
        lambda: triangles(4).padded_batch(3, padding_values=sw.constant(1.0)),
        TypeError,
        "padding_values: expected a scalar of int64",
    ),
    "lengths without batch sizes": (
        lambda: triangles(4).bucket_by_sequence_length(length, [2], [1]),
        ValueError,
        "bucket_batch_sizes: expected 2, one more than bucket_boundaries, got 1",
    ),
    "longer than all buckets": (
        lambda: list(triangles(4).bucket_by_sequence_length(length, [2], [1, 1], pad_to_bucket_boundary=True)),
        ValueError,
        "shorter than the last of bucket_boundaries, got one of at least 2",
    ),
    "both window sizes": (
        lambda: numbers(3).group_by_window(lambda x: x, lambda k, w: w, 1, lambda k: k),
        ValueError,
        "window_size or window_size_func, got both or none",
    ),
    "no pair": (lambda: numbers(3).scan(np.int64(0), lambda s, x: s), TypeError, "a pair of the new state"),
    "another state": (
        lambda: numbers(3).scan(0, lambda s, x: (x, x)),
        TypeError,
        "the new state: expected elements like",
    ),
    "unique rows": (lambda: Dataset.from_tensors(1.0).unique(), TypeError, "int32, int64 or string"),
}


@pytest.mark.parametrize("call, error, message", REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()
