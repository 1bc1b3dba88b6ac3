"""Functions of RaggedTensors against nested lists of Python's."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.effort import examples

import stepwell as sw

VALUES = st.integers(-9, 9)
ROWS = st.lists(st.lists(VALUES, max_size=4), max_size=4)
SOME_ROWS = st.lists(st.lists(VALUES, max_size=4), min_size=1, max_size=4)
NESTED = st.lists(ROWS, max_size=3)
LOW, HIGH = -(2**31), 2**31 - 1


def ragged(rows, rank=1, dtype=sw.int32):
    return sw.ragged.constant(rows, dtype, ragged_rank=rank)


def listed(value):
    return value.to_list() if isinstance(value, sw.RaggedTensor) else value.numpy().tolist()


def each(rows, function):
    return [each(row, function) if isinstance(row, list) else function(row) for row in rows]


@settings(max_examples=examples(60), deadline=None)
@given(rows=NESTED, number=VALUES)
def test_elementwise(rows, number):
    x = ragged(rows, 2)
    assert listed(x + number) == each(rows, lambda v: v + number) == listed(number + x)
    assert listed(number - x) == each(rows, lambda v: number - v)
    assert listed(x * x) == each(rows, lambda v: v * v)
    assert listed(x > number) == each(rows, lambda v: v > number)
    assert listed(sw.constant(number) < x) == each(rows, lambda v: v > number)
    assert listed(-sw.abs(x)) == each(rows, lambda v: -abs(v))
    assert listed(~(x == number)) == listed(x != number) == each(rows, lambda v: v != number)
    assert listed(sw.where(x > 0, x, number)) == each(rows, lambda v: v if v > 0 else number)
    assert listed(sw.clip_by_value(x, -2, 2)) == each(rows, lambda v: max(-2, min(2, v)))
    assert listed(sw.strings.as_string(x)) == each(rows, lambda v: str(v).encode())
    assert sw.cast(x, sw.float32).dtype == sw.float32 and sw.zeros_like(x).to_list() == each(rows, lambda v: 0)


@settings(max_examples=examples(60), deadline=None)
@given(rows=NESTED, data=st.data())
def test_tensors_that_broadcast(rows, data):
    x = ragged(rows, 2)
    column = data.draw(st.lists(VALUES, min_size=len(rows), max_size=len(rows)))
    tensor = np.array(column, np.int32).reshape(-1, 1, 1)
    wanted = [each(row, lambda v, c=c: v - c) for row, c in zip(rows, column, strict=True)]
    assert listed(x - tensor) == wanted and listed(sw.constant(tensor) - x) == each(wanted, lambda v: -v)
    widths = {len(cell) for row in rows for cell in row}
    if len(widths) == 1 and max(widths) > 1:
        line = np.arange(*widths, dtype=np.int32)
        assert listed(x + line) == [[[v + i for i, v in enumerate(cell)] for cell in row] for row in rows]
    elif widths - {len(widths)}:
        with pytest.raises(sw.errors.InvalidArgumentError):
            x + np.arange(11)


def test_rows_that_differ_are_refused():
    with pytest.raises(
        ValueError, match=r"add: expected RaggedTensors with the same rows, got row_splits \[0 1 3\] and"
    ):
        ragged([[1], [2, 3]]) + ragged([[1, 2], [3]])
    with pytest.raises(ValueError, match="add: expected RaggedTensors with the same rows, got 1 and 2 rows"):
        ragged([[1]]) + ragged([[1], []])


FOLDS = {
    "reduce_sum": (sum, 0),
    "reduce_prod": (math.prod, 1),
    "reduce_max": (max, LOW),
    "reduce_min": (min, HIGH),
}


def across(rows, fold):
    """The items of each position of all rows, combined."""
    width = max(map(len, rows), default=0)
    columns = [[row[place] for row in rows if place < len(row)] for place in range(width)]
    return [across(column, fold) if isinstance(column[0], list) else fold(column) for column in columns]


@settings(max_examples=examples(100), deadline=None)
@given(rows=NESTED, name=st.sampled_from(sorted(FOLDS)))
def test_reductions(rows, name):
    combine, nothing = FOLDS[name]
    rows = each(rows, lambda v: v % 3)  # products fit

    def fold(items):
        return combine(items) if items else nothing

    x, function = ragged(rows, 2), getattr(sw, name)
    assert listed(function(x, 2)) == [[fold(cell) for cell in row] for row in rows] == listed(function(x, -1))
    assert listed(function(x, 1)) == [across(row, fold) for row in rows]
    assert listed(function(x, 0)) == across(rows, fold)
    assert listed(function(x, [1, 2])) == [fold([fold(column) for column in _inner(row)]) for row in rows]
    values = [v for row in rows for cell in row for v in cell]
    if values:
        assert function(x).numpy() == fold(values)
    assert listed(function(x, 2, keepdims=True)) == [[[fold(cell)] for cell in row] for row in rows]


def _inner(row):
    return row


@settings(max_examples=examples(60), deadline=None)
@given(rows=SOME_ROWS)
def test_means_and_flags(rows):
    x = ragged(rows, dtype=sw.float32)
    means = [np.mean(row) if row else np.nan for row in rows]
    np.testing.assert_allclose(sw.reduce_mean(x, 1), means, 1e-5)
    np.testing.assert_allclose(sw.math.reduce_std(x, 1), [np.std(row) if row else np.nan for row in rows], atol=2e-3)
    assert listed(sw.reduce_any(x > 0, 1)) == [any(v > 0 for v in row) for row in rows]
    assert listed(sw.reduce_all(x > 0, 1)) == [all(v > 0 for v in row) for row in rows]
    powers = [[math.exp(v) for v in row] for row in rows]
    wanted = [v / sum(row) for row in powers for v in row]
    np.testing.assert_allclose(sw.nn.softmax(x).flat_values, wanted, 1e-4)
    assert listed(sw.cumsum(ragged(rows), 1)) == [np.cumsum(row, dtype=int).tolist() for row in rows]


@settings(max_examples=examples(60), deadline=None)
@given(lists=st.lists(SOME_ROWS, min_size=1, max_size=3))
def test_concat_and_stack(lists):
    tensors = [ragged(rows) for rows in lists]
    assert listed(sw.concat(tensors, 0)) == [row for rows in lists for row in rows]
    assert listed(sw.stack(tensors)) == lists == listed(sw.ragged.stack(tensors))
    if len({len(rows) for rows in lists}) == 1:
        assert listed(sw.concat(tensors, 1)) == [[v for row in rows for v in row] for rows in zip(*lists, strict=True)]
        assert listed(sw.stack(tensors, 1)) == [list(rows) for rows in zip(*lists, strict=True)]
    else:
        with pytest.raises(ValueError):
            sw.concat(tensors, 1)
    vectors = [np.array(row, np.int32) for row in lists[0]]
    assert listed(sw.ragged.stack(vectors)) == lists[0]


@settings(max_examples=examples(60), deadline=None)
@given(rows=NESTED, times=st.tuples(*[st.integers(0, 3)] * 3))
def test_tile_and_reverse(rows, times):
    x = ragged(rows, 2)
    assert listed(sw.tile(x, times)) == [[cell * times[2] for cell in row] * times[1] for row in rows] * times[0]
    assert listed(sw.reverse(x, [0, 2])) == [[cell[::-1] for cell in row] for row in rows[::-1]]


@settings(max_examples=examples(80), deadline=None)
@given(rows=SOME_ROWS, data=st.data())
def test_gather(rows, data):
    x, count = ragged(rows), len(rows)
    numbers = data.draw(st.lists(st.integers(0, count - 1), max_size=5))
    assert listed(sw.gather(x, np.array(numbers, np.int64))) == [rows[n] for n in numbers]
    where = data.draw(st.lists(st.lists(st.integers(0, count - 1), max_size=3), max_size=3))
    assert listed(sw.gather(x, ragged(where))) == [[rows[n] for n in line] for line in where]
    assert listed(sw.gather(np.arange(count), ragged(where))) == where
    inner = [data.draw(st.lists(st.integers(0, len(row) - 1), max_size=3)) if row else [] for row in rows]
    wanted = [[row[n] for n in line] for row, line in zip(rows, inner, strict=True)]
    assert listed(sw.gather(x, ragged(inner), batch_dims=1)) == wanted
    places = [[i, j] for i, row in enumerate(rows) for j in range(len(row))]
    if places:
        chosen = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4))
        assert listed(sw.gather_nd(x, chosen)) == [rows[i][j] for i, j in chosen]
    with pytest.raises(ValueError):
        sw.gather(x, [count])


@settings(max_examples=examples(60), deadline=None)
@given(rows=NESTED, data=st.data())
def test_masks(rows, data):
    x = ragged(rows, 2)
    flags = [data.draw(st.booleans()) for _ in rows]
    assert listed(sw.ragged.boolean_mask(x, np.array(flags, bool))) == [r for r, keep in zip(rows, flags) if keep]
    assert listed(sw.ragged.boolean_mask(x, x > 0)) == [[[v for v in cell if v > 0] for cell in row] for row in rows]
    chosen = [[data.draw(st.booleans()) for _ in row] for row in rows]
    mask = ragged(chosen, 1, sw.bool)
    wanted = [[cell for cell, keep in zip(row, own) if keep] for row, own in zip(rows, chosen)]
    assert listed(sw.ragged.boolean_mask(x, mask)) == wanted
    places = [[i, j, k] for i, row in enumerate(rows) for j, c in enumerate(row) for k, v in enumerate(c) if v > 0]
    assert sw.where(x > 0).numpy().tolist() == places


@settings(max_examples=examples(40), deadline=None)
@given(rows=SOME_ROWS, width=st.integers(1, 4), short=st.booleans())
def test_ngrams_and_joins(rows, width, short):
    words = each(rows, lambda v: f"w{v % 10}")
    x = sw.ragged.constant(words, sw.string, ragged_rank=1)
    runs = [[" ".join(row[i : i + width]) for i in range(len(row) - width + 1)] for row in words]
    if short:
        runs = [[" ".join(row)] if row and not own else own for row, own in zip(words, runs)]
    found = sw.strings.ngrams(x, width, preserve_short_sequences=short)
    assert listed(found) == each(runs, str.encode)
    assert listed(sw.strings.join([x, "!"])) == each(words, lambda w: f"{w}!".encode())
    assert listed(sw.strings.reduce_join(x, 1, separator="+")) == ["+".join(row).encode() for row in words]
    lines = [" ".join(row) for row in words]
    assert listed(sw.strings.split(lines)) == each(words, str.encode)
    codes = sw.strings.unicode_decode(lines, "UTF-8")
    assert listed(codes) == [list(map(ord, line)) for line in lines]
    assert listed(sw.strings.unicode_encode(codes, "UTF-8")) == [line.encode() for line in lines]


@settings(max_examples=examples(40), deadline=None)
@given(rows=SOME_ROWS, data=st.data())
def test_partitions_and_crosses(rows, data):
    numbers = [data.draw(st.integers(0, 3)) for _ in rows]
    parts = [[row for row, n in zip(rows, numbers, strict=True) if n == number] for number in range(4)]
    assert listed(sw.ragged.stack_dynamic_partitions(ragged(rows), numbers, 4)) == parts
    assert [listed(part) for part in sw.dynamic_partition(ragged(rows), numbers, 4)] == parts
    crossed = [[f"{a}_X_{b}".encode() for a in row for b in row[:2]] for row in rows]
    assert listed(sw.ragged.cross([ragged(rows), ragged(rows)[:, :2]])) == crossed
    ends = ragged(rows).row_splits
    ids = sw.ragged.row_splits_to_segment_ids(ends)
    assert listed(sw.ragged.segment_ids_to_row_splits(ids, len(rows))) == listed(ends)


@settings(max_examples=examples(40), deadline=None)
@given(starts=st.lists(st.integers(-5, 5), min_size=1, max_size=4), data=st.data())
def test_range(starts, data):
    count = len(starts)
    limits = data.draw(st.lists(st.integers(-9, 9), min_size=count, max_size=count))
    delta = data.draw(st.sampled_from([-3, -1, 1, 2]))
    wanted = [list(range(*pair, delta)) for pair in zip(starts, limits, strict=True)]
    assert listed(sw.ragged.range(starts, limits, delta)) == wanted
    found = sw.ragged.range(np.array(starts, np.float32), np.array(limits, np.float32), np.float32(delta))
    assert listed(found) == each(wanted, float)


def test_axes_that_are_added_and_dropped():
    rows = [[[1, 2], []], [], [[3]]]
    x = ragged(rows, 2)
    assert listed(sw.expand_dims(x, 0)) == [rows] and listed(sw.expand_dims(x, 1)) == [[row] for row in rows]
    assert listed(sw.expand_dims(x, -1)) == each(rows, lambda v: [v])
    for axis in range(4):
        assert listed(sw.squeeze(sw.expand_dims(x, axis), axis)) == rows
    with pytest.raises(ValueError, match="squeeze: axis: expected size 1 along axis 1, got different sizes"):
        sw.squeeze(x, 1)
    assert sw.size(x).numpy() == 3 and sw.rank(x).numpy() == 3
    assert sw.one_hot(ragged([[1], [0, 1]]), 2).to_list() == [[[0, 1]], [[1, 0], [0, 1]]]
    assert listed(sw.map_fn(lambda row: row[:, :1], x)) == [[[1], []], [], [[3]]]
    assert listed(sw.split(x, [1, 2])[1]) == rows[1:]


def test_what_is_not_defined_says_so():
    with pytest.raises(TypeError, match="transpose: a: expected a tensor, got a RaggedTensor; its to_tensor"):
        sw.transpose(ragged([[1]]))
    with pytest.raises(TypeError, match="constant: value: expected a tensor, got a RaggedTensor"):
        sw.constant(ragged([[1]]))
    with pytest.raises(TypeError, match="may not be used as a boolean"):
        bool(ragged([[1]]))
    with pytest.raises(TypeError, match="unhashable"):
        hash(ragged([[1]]))
    assert (ragged([[1]]) == "a") is False and ragged([[1]]) != "a"
