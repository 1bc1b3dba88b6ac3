"""The indices of elements that hold: each rule of the op, against a loop over the elements."""

import numpy as np
import pytest
from support.op_checks import check_samples

import stepwell as sw
from stepwell.dialects.hl.registry import OPS


def _nonzero(x):
    rows = [place for place in np.ndindex(*x.shape) if x[place]]
    return np.array(rows, np.int64).reshape(len(rows), x.ndim)


REFERENCES = {"nonzero": _nonzero}


def test_rules():
    check_samples(OPS["hl.nonzero"], _nonzero, examples=15, lowering=True)


@pytest.mark.parametrize(("x", "expected"), [([0.0, np.nan, -0.0, 2.0], [[1], [3]]), ([3, 0], [[0]]), ([], [])])
def test_numbers_hold_unless_they_are_0(x, expected):
    assert sw.where(sw.constant(x)).numpy().tolist() == expected
    assert sw.function(sw.where)(sw.constant(x)).numpy().tolist() == expected


def test_a_scalar_has_no_indices():
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected at least one axis, got a scalar"):
        sw.where(sw.constant(True))
    with pytest.raises(sw.errors.InvalidArgumentError, match="x and y: expected both or neither, got one of them"):
        sw.where([True], [1])
