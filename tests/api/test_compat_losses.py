"""`compat.v1`: losses and updates of rows, beside values of TensorFlow 2.21 and NumPy."""

import numpy as np
import pytest

import stepwell as sw

losses = sw.compat.v1.losses


@pytest.mark.parametrize("compiled", [lambda f: f, sw.function])
def test_reductions(compiled):
    y, x, w = ([[1.0, 2.0], [3.0, 4.0]], [[2.0, 2.0], [1.0, 8.0]], [[1.0], [0.0]])
    expected = {"none": [[1, 0], [0, 0]], "weighted_sum": 1, "weighted_mean": 0.5, "weighted_sum_over_batch_size": 0.25}
    for reduction, value in {**expected, "weighted_sum_by_nonzero_weights": 0.5}.items():
        f = compiled(lambda y, x, w, r=reduction: losses.mean_squared_error(y, x, w, reduction=r))
        assert f(sw.constant(y), sw.constant(x), sw.constant(w)).numpy().tolist() == value
    assert losses.Reduction.SUM_OVER_NONZERO_WEIGHTS == "weighted_sum_by_nonzero_weights"
    assert float(losses.huber_loss([0.0, 0.0], [0.5, 3.0], delta=1.0)) == (0.125 + 2.5) / 2
    assert float(losses.absolute_difference([0.0, 0.0], [0.5, -3.0])) == 1.75
    assert float(losses.sparse_softmax_cross_entropy([0], [[0.0, 0.0]])) == pytest.approx(np.log(2))


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="reduction: expected one of"):
        losses.mean_squared_error([1.0], [1.0], reduction="sum")
    with pytest.raises(ValueError, match="expected one shape, got labels of"):
        losses.mean_squared_error([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="weights: expected a number, or the rank of losses"):
        losses.mean_squared_error([[1.0]], [[1.0]], [1.0])


def test_rows_of_variables_and_of_conditions():
    v1 = sw.compat.v1
    v = sw.Variable([[1.0], [2.0], [3.0]])
    assert v1.scatter_update(v, [0, 2], [[5.0], [6.0]]).numpy().tolist() == [[5.0], [2.0], [6.0]]
    assert v1.scatter_add(v, [0], [[1.0]]).numpy().tolist() == [[6.0], [2.0], [6.0]]
    assert v1.scatter_sub(v, [1], [[1.0]]).numpy().tolist() == [[6.0], [1.0], [6.0]]
    assert v1.where([False, True]).numpy().tolist() == [[1]]
    assert v1.where([[True, False]], [[1, 2]], [[3, 4]]).numpy().tolist() == [[1, 4]]
    assert v1.placeholder_with_default([1, 2], [None]).numpy().tolist() == [1, 2]
    assert v1.shape(sw.zeros([2, 3])).numpy().tolist() == [2, 3]
