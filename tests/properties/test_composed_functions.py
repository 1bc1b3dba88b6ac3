"""Functions that are composed of others: what TensorFlow 2.21 returned for the same arguments, on all engines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.testing.gradient_checks import check_gradients

F, N, L = np.float32, np.int32, np.int64
NAN, INF = np.nan, np.inf


def _leaves(found):
    """Tensors of nested results, in order."""
    if isinstance(found, list | tuple):
        return [leaf for item in found for leaf in _leaves(item)]
    return [found]


def _check(engines, args, expected):
    """The results, and their dtypes, which are those of the arrays that are expected."""
    for got, want in zip(_leaves(engines.check(*args)), expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)
        assert got.shape == np.shape(want), want
        assert got.dtype == np.asarray(want).dtype, want


def test_grids():
    def grids(n, low, high, x, y):
        return [
            sw.linspace(low, high, n),
            sw.linspace(sw.cast(x, sw.float32), sw.expand_dims(sw.cast(x, sw.float32), 1) * 2.0, 3, axis=-1),
            sw.linspace(0, 10, n),
            sw.meshgrid(x, y),
            sw.meshgrid(x, y, indexing="ij"),
        ]

    engines = EveryEngine(grids, ((), N), 0, 0, (1, N), (2, N))
    x, y = np.array([1, 2, 3], N), np.array([[4], [5]], N)
    wide = np.linspace(np.tile(x, (3, 1)), np.tile(2 * x[:, None], (1, 3)), 3, axis=-1).astype(F)
    bits = np.array([1036831949, 1048576000, 1053609164, 1057803469, 1060320051], N).view(F)
    for n, lows, wholes in [
        (5, bits, [0, 2.5, 5, 7.5, 10]),
        (1, bits[:1], [0]),
        (0, bits[:0], []),
        (2, bits[::4], [0, 10]),
    ]:
        squares = [np.tile(x, (2, 1)), np.tile([[4], [5]], (1, 3)).astype(N)]
        args = np.array(n, N), np.array(0.1, F), np.array(0.7, F), x, y
        _check(engines, args, [lows, wide, np.array(wholes, np.float64), *squares, *[each.T for each in squares]])
    assert np.array_equal(sw.linspace(F(0.1), F(0.7), 5).numpy(), bits)
    assert sw.meshgrid() == []
    for call in (lambda: sw.linspace(0, 1, -1), lambda: sw.meshgrid([1], indexing="yx")):
        with pytest.raises(ValueError, match="expected"):
            call()
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected one dtype"):
        sw.meshgrid([1], [1.0])


@settings(max_examples=examples(30), deadline=None)
@given(start=st.floats(-1e3, 1e3, width=32), stop=st.floats(-1e3, 1e3, width=32), num=st.integers(2, 20))
def test_linspace_ends_where_it_is_asked_to(start, stop, num):
    found = sw.linspace(F(start), F(stop), num).numpy()
    assert (found[0], found[-1], len(found)) == (F(start), F(stop), num)
    np.testing.assert_allclose(found, np.linspace(start, stop, num), rtol=1e-5, atol=1e-3)


def _counts(x, y, values, targets, rows):
    return [
        sw.math.bincount(x),
        sw.math.bincount(x, minlength=6),
        sw.math.bincount(x, maxlength=2, dtype=sw.float32),
        sw.math.bincount(x, minlength=5, maxlength=2),
        sw.math.bincount(x, weights=[0.5, 0.5, 2.0]),
        sw.math.bincount(sw.stack([sw.cast(x, sw.int64), y]), axis=-1),
        sw.math.bincount(x, binary_output=True),
        sw.math.confusion_matrix(x, y),
        sw.math.confusion_matrix(x, sw.expand_dims(y, 1), 5, weights=[1, 2, 3], dtype=sw.float32),
        sw.histogram_fixed_width(values, [0.0, 5.0], 5),
        sw.histogram_fixed_width_bins(values, [0.0, 5.0], 5),
        sw.histogram_fixed_width(x, [0, 10], 5, sw.int64),
        sw.math.in_top_k(targets, rows, 1),
        sw.math.in_top_k(targets, rows, 2),
        sw.math.count_nonzero(rows, axis=1),
        sw.math.count_nonzero(rows, keepdims=True, dtype=sw.int32),
        sw.math.zero_fraction(rows),
    ]


def test_counts():
    engines = EveryEngine(_counts, (1, N), (1, L), 1, (1, N), 2)
    rows = np.array([[0.1, 0.2, 0.2], [0.5, 0.4, 0.1], [0.3, 0.3, 0.3], [NAN, 1, 0], [0, 0, 0]], F)
    args = (
        np.array([1, 1, 3], N),
        np.array([0, 2, 3], L),
        np.array([-1, 0, 1.5, 2, 5, 15], F),
        np.array([0, 1, 2, 1, 7], N),
        rows,
    )
    matrix = np.zeros((4, 4), N)
    matrix[1, 0] = matrix[1, 2] = matrix[3, 3] = 1
    weighted = np.zeros((5, 5), F)
    weighted[1, 0], weighted[1, 2], weighted[3, 3] = 1, 2, 3
    expected = [
        np.array([0, 2, 0, 1], N),
        np.array([0, 2, 0, 1, 0, 0], N),
        np.array([0, 2], F),
        np.array([0, 2], N),
        np.array([0, 1, 0, 2], F),
        np.array([[0, 2, 0, 1], [1, 0, 1, 1]], N),
        np.array([0, 1, 0, 1], N),
        matrix,
        weighted,
        np.array([2, 1, 1, 0, 2], N),
        np.array([0, 0, 1, 2, 4, 4], N),
        np.array([2, 1, 0, 0, 0], L),
        np.array([False, False, True, False, False]),
        np.array([False, True, True, False, False]),
        np.array([3, 3, 3, 2, 0], L),
        np.array([[11]], N),
        np.array(4 / 15, F),
    ]
    _check(engines, args, expected)
    engines.refuses(np.array([1, -1, 3], N), *args[1:])
    engines.refuses(args[0], np.array([5, 1, 1], L), *args[2:])
    engines.refuses(*args[:2], np.array([NAN], F), *args[3:])


def test_counts_of_nothing():
    assert sw.math.bincount(sw.zeros([0], sw.int32)).shape == (0,)
    assert sw.math.bincount(sw.zeros([0], sw.int32), minlength=2).numpy().tolist() == [0, 0]
    assert np.isnan(sw.math.zero_fraction(sw.zeros([0])))
    for call in (
        lambda: sw.histogram_fixed_width([1.0], [5.0, 0.0]),
        lambda: sw.histogram_fixed_width([1.0], [0.0, 5.0], 0),
        lambda: sw.math.bincount([1], weights=[1.0], binary_output=True),
        lambda: sw.math.in_top_k([[1]], [[1.0]], 1),
        lambda: sw.math.confusion_matrix([1], [4], 3),
    ):
        with pytest.raises(sw.errors.InvalidArgumentError):
            call()


def test_sequences():
    def sequences(lengths, x, shift, order):
        return [
            sw.sequence_mask(lengths),
            sw.sequence_mask(lengths, 4, sw.int32),
            sw.sequence_mask(sw.cast(lengths, sw.float32) + 0.5, shift),
            sw.reverse_sequence(x, lengths, seq_axis=1),
            sw.reverse_sequence(sw.transpose(x), lengths, seq_axis=0, batch_axis=1),
            sw.roll(x, shift, 1),
            sw.roll(x, [1, -2], [0, 1]),
            sw.roll(x, [1, shift], [1, 1]),
            sw.math.invert_permutation(order),
        ]

    engines = EveryEngine(sequences, (1, N), (2, N), ((), N), (1, L))
    x = np.arange(6, dtype=N).reshape(2, 3)
    turned = np.array([[1, 0, 2], [5, 4, 3]], N)
    expected = [
        np.array([[True, True, False], [True, True, True]]),
        np.array([[1, 1, 0, 0], [1, 1, 1, 0]], N),
        np.array([[True, True], [True, True]]),
        turned,
        turned.T,
        np.roll(x, 2, 1),
        np.roll(x, (1, -2), (0, 1)),
        x,
        np.array([2, 4, 3, 0, 1], L),
    ]
    args = np.array([2, 3], N), x, np.array(2, N), np.array([3, 4, 0, 2, 1], L)
    _check(engines, args, expected)
    assert engines.check(np.zeros(0, N), x[:0], args[2], args[3][:0])[0].shape == (0, 0)
    engines.refuses(np.array([2, 4], N), *args[1:])
    engines.refuses(np.array([2, -1], N), *args[1:])
    engines.refuses(np.array([2], N), *args[1:])
    engines.refuses(*args[:3], np.array([3, 3, 0, 1], L))
    for call in (lambda: sw.roll(1, 1, 0), lambda: sw.roll([0, 1], 1, 3), lambda: sw.roll([0, 1], [1, 2], 0)):
        with pytest.raises(sw.errors.InvalidArgumentError):
            call()


@settings(max_examples=examples(20), deadline=None)
@given(shape=st.tuples(st.integers(0, 4), st.integers(0, 4)), shift=st.integers(-9, 9), axis=st.integers(0, 1))
def test_rolls_are_those_of_numpy(shape, shift, axis):
    x = np.arange(np.prod(shape), dtype=F).reshape(shape)
    np.testing.assert_array_equal(sw.roll(x, shift, axis).numpy(), np.roll(x, shift, axis))


def test_lengths():
    def lengths(x, y):
        clipped, norm = sw.clip_by_global_norm([x, None, y], 6.5)
        kept, _ = sw.clip_by_global_norm([x], 6.5, use_norm=sw.constant(10.0))
        return [
            sw.clip_by_norm(x, 1.0),
            sw.clip_by_norm([x, x * 0.01], 1.0, axes=[1]),
            sw.clip_by_norm(x * 0.0, 1.0),
            sw.linalg.global_norm([x, None, y]),
            clipped[0],
            clipped[2],
            norm,
            kept,
        ]

    engines = EveryEngine(lengths, 1, 1)
    x, y = np.array([3, 4], F), np.array([12], F)
    expected = [[0.6, 0.8], [[0.6, 0.8], [0.03, 0.04]], [0, 0], 13, [1.5, 2], [6], 13, [1.95, 2.6]]
    _check(engines, (x, y), [np.array(each, F) for each in expected])
    found, norm = sw.clip_by_global_norm([sw.constant([INF, 4.0])], 6.5)
    assert np.isnan(found[0]).all() and np.isinf(norm)
    assert float(sw.linalg.global_norm([])) == 0
    with pytest.raises(TypeError, match="expected a list of tensors"):
        sw.linalg.global_norm(sw.constant([1.0]))
    check_gradients(lambda x: sw.clip_by_norm(x, 1.0), [3.0, 4.0])
    check_gradients(lambda x, y: sw.clip_by_global_norm([x, y], 2.0)[0], [3.0, 4.0], [1.0])
    with sw.GradientTape() as tape:
        tape.watch(zeros := sw.zeros([2]))
        total = sw.reduce_sum(sw.clip_by_norm(zeros, 1.0))
    assert tape.gradient(total, zeros).numpy().tolist() == [1, 1]


def test_parts_by_numbers():
    def parts(x, numbers):
        cut = sw.dynamic_partition(x, numbers, 4)
        places = sw.dynamic_partition(sw.range(sw.size(numbers)), numbers, 4)
        return [*cut, sw.dynamic_stitch(places, cut), sw.dynamic_stitch([numbers], [x])]

    engines = EveryEngine(parts, 2, (1, N))
    x, numbers = np.arange(8, dtype=F).reshape(4, 2), np.array([0, 1, 0, 3], N)
    last = np.array([x[2], x[1], [0, 0], x[3]], F)
    _check(engines, (x, numbers), [*[x[numbers == n] for n in range(4)], x, last])
    engines.refuses(x, np.array([0, 4, 0, 1], N))
    engines.refuses(x, np.array([0, -1, 0, 1], N))
    assert sw.dynamic_stitch([0, [1, 1]], [[1.0, 2.0], [[3.0, 4.0], [5.0, 6.0]]]).numpy().tolist() == [[1, 2], [5, 6]]

    def slope(x):
        low, high = sw.dynamic_partition(x, [0, 1, 0], 2)
        return sw.dynamic_stitch([[2, 0], [1]], [low * 2.0, high * 3.0])

    check_gradients(slope, [1.0, 2.0, 3.0])
