"""Rows that are looked up, blocks of images, polynomials: as TensorFlow has them, on all engines."""

import numpy as np
import pytest
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError
from stepwell.testing.gradient_checks import check_gradients

F = np.float32


def test_rows_that_are_looked_up():
    def looked_up(table, other, ids):
        with sw.GradientTape() as tape:
            tape.watch(table)
            rows = sw.nn.embedding_lookup(table, ids)
            total = sw.reduce_sum(rows * rows)
        short = sw.nn.embedding_lookup(table, ids, max_norm=1.0)
        return rows, sw.nn.embedding_lookup([table, other], ids), short, tape.gradient(total, table)

    engines = EveryEngine(looked_up, 2, 2, (2, np.int32))
    table, ids = np.array([[3, 4], [0.3, 0.4], [5, 12]], F), np.array([[2, 0], [1, 2]], np.int32)
    rows, both, short, slope = engines.check(table, table[:1], ids)
    np.testing.assert_array_equal(rows, table[ids])
    np.testing.assert_array_equal(both, table[ids])
    np.testing.assert_allclose(short, (table / np.maximum(np.hypot(*table.T), 1)[:, None])[ids], rtol=1e-6)
    np.testing.assert_array_equal(slope, table * F([[2], [2], [4]]))
    engines.refuses(table, table[:1], np.array([[3]], np.int32) * 2)
    found = sw.nn.embedding_lookup([sw.constant([[1.0, 2.0], [5.0, 6.0]]), sw.constant([[3.0, 4.0]])], [0, 1, 2])
    assert found.numpy().tolist() == [[1, 2], [5, 6], [3, 4]]


def test_blocks_and_channels():
    def moved(x):
        deep = sw.nn.space_to_depth(x, 2)
        first = sw.transpose(x, [0, 3, 1, 2])
        return deep, sw.nn.depth_to_space(deep, 2), sw.nn.space_to_depth(first, 2, data_format="NCHW")

    engines = EveryEngine(moved, 4)
    x = np.arange(48, dtype=F).reshape(1, 4, 6, 2)
    deep, back, first = engines.check(x)
    blocks = x.reshape(1, 2, 2, 3, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 3, 8)
    np.testing.assert_array_equal(deep, blocks)
    np.testing.assert_array_equal(back, x)
    np.testing.assert_array_equal(first, blocks.transpose(0, 3, 1, 2))
    engines.refuses(x[:, :3])
    for call in (
        lambda: sw.nn.depth_to_space(x, 2),
        lambda: sw.nn.space_to_depth(x[:, :3], 2),
        lambda: sw.nn.space_to_depth(x, 1),
        lambda: sw.nn.space_to_depth(x[0], 2),
    ):
        with pytest.raises(InvalidArgumentError, match="expected"):
            call()


def test_polynomials_and_unit_vectors():
    def evaluated(x):
        return (
            sw.math.polyval([1.0, sw.constant([2.0, 3.0]), 4.0], x),
            sw.linalg.normalize(x, 1),
            sw.math.polyval([], x),
        )

    value, (unit, length), nothing = EveryEngine(evaluated, 1).check(np.array([2, -1], F))
    assert value.numpy().tolist() == [12, 2] and nothing.numpy().tolist() == [0, 0]
    np.testing.assert_allclose(unit, [2 / 3, -1 / 3], rtol=1e-6)
    assert length.numpy().tolist() == [3]
    check_gradients(lambda x: sw.math.polyval([1.0, x, 3.0], x), [0.5])


def test_parts_of_densities_and_losses():
    def evaluated(x, y, p):
        return [
            sw.math.xlog1py(x, y),
            sw.math.xdivy(x, x),
            sw.math.reciprocal_no_nan(x),
            sw.math.lbeta(p + 0.5),
            sw.math.ndtri(p),
            sw.math.erfcinv(p),
            sw.math.rint(p * 5.0),
            sw.math.is_non_decreasing(x),
            sw.math.is_strictly_increasing(x),
            sw.nn.compute_average_loss(p, sample_weight=x),
            sw.nn.compute_average_loss(p, global_batch_size=5),
            sw.nn.scale_regularization_loss(p),
        ]

    x, y, p = np.array([0, 0, 2], F), np.array([-1, np.nan, 3], F), np.array([0.5, 0.975, 0.1], F)
    found = EveryEngine(evaluated, 1, 1, 1).check(x, y, p, rtol=1e-5, atol=1e-6)
    expected = [
        [0, 0, 2.7725887],
        [0, 0, 1],
        [0, 0, 0.5],
        -0.4866222,
        [0, 1.959964, -1.2815516],
        [0.4769363, 0.0221593, 1.1630871],
        [2, 5, 0],
        True,
        False,
        0.2 / 3,
        0.315,
        1.575,
    ]
    for got, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4)
    check_gradients(lambda x, y: sw.math.xlog1py(x, y), [0.5, 2.0], [1.0, 3.0])
    with sw.GradientTape() as tape:
        tape.watch(x := sw.constant([0.0, 2.0]))
        total = sw.reduce_sum(sw.math.xlog1py(x, [1.0, 1.0]))
    np.testing.assert_allclose(tape.gradient(total, x), [0, np.log(2)], rtol=1e-6)  # TensorFlow's slope at 0 is 0
