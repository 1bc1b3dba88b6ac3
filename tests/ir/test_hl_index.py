"""Reading and adding at computed places, one-hot vectors, ranges: element by element; indices out of range."""

from itertools import product

import numpy as np
import pytest
from support.effort import by_turns
from support.op_checks import check_lowering, check_onnx, check_rules, check_samples

import stepwell as sw
from stepwell.dialects.dtypes import INT32
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import tensor_type
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module


def _gathered(x, indices, axis, batch_dims):
    shape = (*x.shape[:axis], *indices.shape[batch_dims:], *x.shape[axis + 1 :])
    result, count = np.empty(shape, x.dtype), indices.ndim - batch_dims
    for place in np.ndindex(*shape):
        lead, inner, rest = place[:axis], place[axis : axis + count], place[axis + count :]
        result[place] = x[(*lead, indices[(*lead[:batch_dims], *inner)], *rest)]
    return result


def _gathered_at(x, indices, count):
    result = np.empty((*indices.shape[:-1], *x.shape[count:]), x.dtype)
    for place in np.ndindex(*indices.shape[:-1]):
        result[place] = x[tuple(indices[place])]
    return result


def _added_at(x, indices, updates, count):
    result = x.copy()
    for place in np.ndindex(*indices.shape[:-1]):
        where = tuple(indices[place])
        result[where] = result[where] + updates[place]
    return result


def _scattered(x, indices, updates, count, mode):
    result = x.copy()
    for place in np.ndindex(*indices.shape[:-1]):
        for rest in np.ndindex(*x.shape[count:]):
            where, new = (*indices[place], *rest), updates[(*place, *rest)]
            old = result[where]
            takes = {"none": True, "mul": True, "min": new < old, "max": new > old}[mode]
            result[where] = (old * new if mode == "mul" else new) if takes else old
    return result


def _one_hot(indices, *sizes, depth, axis, dtype):
    depth = int(sizes[0]) if sizes else depth
    result = np.zeros((*indices.shape[:axis], depth, *indices.shape[axis:]), dtype)
    for place in np.ndindex(*indices.shape):
        if 0 <= indices[place] < depth:
            result[(*place[:axis], indices[place], *place[axis:])] = 1
    return result


def _range(start, limit, delta):
    if start.dtype.kind == "i":
        return np.array(range(int(start), int(limit), int(delta)), start.dtype)
    first, last, step = (number.astype(np.promote_types(np.float32, number.dtype)) for number in (start, limit, delta))
    length = max(int(np.ceil((last - first) / step)), 0)
    return np.array([start + start.dtype.type(i) * delta for i in range(length)], start.dtype)


REFERENCES = {
    "gather": _gathered,
    "gather_nd": _gathered_at,
    "scatter_add": _added_at,
    "scatter": _scattered,
    "one_hot": _one_hot,
    "range": _range,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=25, lowering=True)


def _sample(name, index):
    """A call in which one index is the one given."""
    x = np.arange(6, dtype=np.float32).reshape(3, 2)
    match name:
        case "gather":
            return Sample((x, np.array([0, index], np.int32)), {"axis": 0, "batch_dims": 0})
        case "gather_nd":
            return Sample((x, np.array([[0, 0], [index, 1]])), {"count": 2})
    mode = {"mode": "max"} if name == "scatter" else {}
    return Sample((x, np.array([[0], [index]]), np.ones((2, 2), np.float32)), {"count": 1, **mode})


CALLS = product(["native", "interpreter at linalg", "onnx"], ["gather", "gather_nd", "scatter_add", "scatter"])


@pytest.mark.parametrize(("call", "index"), by_turns(CALLS, [3, -1, 2**31 - 1]))
def test_indices_out_of_range_stop_the_program(call, index):
    way, name = call
    op, sample = OPS[f"hl.{name}"], _sample(name, index)
    module = op_module(op, _sample(name, 1), dynamic=True)
    (found,) = WAYS[way](module, list(_sample(name, 2).operands))
    np.testing.assert_array_equal(found, REFERENCES[name](*_sample(name, 2).operands, **sample.attrs))
    with pytest.raises(Exception, match=r"index .*is out of range"):
        WAYS[way](module, list(sample.operands))
    with pytest.raises(InferenceError) as caught:
        op.evaluate(sample.operands, sample.attrs)
    assert caught.value.constraint == "C3"


def test_what_meets_at_one_place_adds_up():
    x, places = np.zeros(3, np.float32), np.array([[1], [1], [1]])
    sample = Sample((x, places, np.array([1, 2, 4], np.float32)), {"count": 1})
    check_rules(OPS["hl.scatter_add"], sample, False, lambda *_, **__: np.array([0, 7, 0], np.float32))
    for dynamic in (False, True):
        check_lowering(OPS["hl.scatter_add"], sample, dynamic)
        check_onnx(OPS["hl.scatter_add"], sample, dynamic)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("start", "limit", "delta"),
    [(0, 7, 3), (7, 0, -3), (0, 0, 1), (5, 2, 1), (2**31 - 3, 2**31 - 1, 1), (-(2**31), 2**31 - 1, 2**30)],
)
def test_ranges_of_integers(start, limit, delta, dtype):
    sample = Sample(tuple(np.array(n, dtype) for n in (start, limit, delta)), {})
    check_rules(OPS["hl.range"], sample, False, _range)
    check_lowering(OPS["hl.range"], sample, False)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("ends", "length"), [((0.1, 1.1, 0.1), 10), ((0.0, 0.3, 0.1), 3), ((0.0, 0.7, 0.1), 7), ((0.2, 1.4, 0.3), 4)]
)
def test_ranges_of_floats_are_as_long_as_those_of_tensorflow(way, ends, length):
    operands = [np.array(end, np.float32) for end in ends]
    (found,) = WAYS[way](op_module(OPS["hl.range"], Sample(tuple(operands), {})), operands)
    assert len(found) == length
    np.testing.assert_allclose(found, ends[0] + ends[2] * np.arange(length), rtol=1e-6)


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
@pytest.mark.parametrize(("delta", "limit"), [(0.0, 3.0), (1.0, np.nan), (1.0, np.inf)])
def test_ranges_without_length_stop_the_program(way, delta, limit):
    fitting = [np.array(n, np.float32) for n in (0, 3, 1)]
    module = op_module(OPS["hl.range"], Sample(tuple(fitting), {}))
    assert WAYS[way](module, fitting)[0].tolist() == [0, 1, 2]
    with pytest.raises(Exception, match="range"):
        WAYS[way](module, [np.array(n, np.float32) for n in (0, limit, delta)])


@pytest.mark.parametrize(
    ("op", "types", "attrs", "constraint"),
    [
        ("gather", [((3,), "int32"), ((2,), "int32")], {"axis": 1, "batch_dims": 0}, "C1"),
        ("gather", [((3, 2), "int32"), ((2,), "int32")], {"axis": 1, "batch_dims": 1}, "C1"),
        ("gather", [((3,), "int32"), ((2,), "float32")], {"axis": 0, "batch_dims": 0}, "C2"),
        ("gather_nd", [((3,), "int32"), ((2, 2), "int32")], {"count": 2}, "C1"),
        ("gather_nd", [((3,), "int32"), ((2, 1), "float32")], {"count": 1}, "C2"),
        ("scatter_add", [((3,), "int32"), ((2, 2), "int32"), ((2,), "int32")], {"count": 2}, "C1"),
        ("scatter_add", [((3,), "int32"), ((2, 1), "int32"), ((3,), "int32")], {"count": 1}, "C4"),
        ("scatter_add", [((3,), "int32"), ((2, 1), "int32"), ((2,), "int64")], {"count": 1}, "C4"),
        ("one_hot", [((3,), "int32")], {"depth": 2, "axis": 2, "dtype": INT32}, "C1"),
        ("one_hot", [((3,), "int32")], {"depth": -1, "axis": 0, "dtype": INT32}, "C1"),
        ("one_hot", [((3,), "float32")], {"depth": 2, "axis": 0, "dtype": INT32}, "C2"),
        ("range", [((), "int32"), ((), "int64"), ((), "int32")], {}, "C1"),
        ("range", [((1,), "int32"), ((), "int32"), ((), "int32")], {}, "C1"),
    ],
)
def test_broken_constraints(op, types, attrs, constraint):
    with pytest.raises(InferenceError) as caught:
        OPS[f"hl.{op}"].infer([tensor_type(shape, np.dtype(dtype)) for shape, dtype in types], attrs)
    assert caught.value.constraint == constraint


def test_public_functions():
    x = sw.constant([[1, 2], [3, 4], [5, 6]])
    assert sw.gather(x, [2, 0]).numpy().tolist() == [[5, 6], [1, 2]]
    assert sw.gather(x, 1, axis=1).numpy().tolist() == [2, 4, 6]
    assert sw.gather(x, [1, 0, 1], axis=1, batch_dims=1).numpy().tolist() == [2, 3, 6]
    assert sw.gather_nd(x, [[2, 1], [0, 0]]).numpy().tolist() == [6, 1]
    assert sw.gather_nd(x, [[1], [0], [1]], batch_dims=1).numpy().tolist() == [2, 3, 6]
    assert sw.scatter_nd([[1], [1]], [2, 3], [3]).numpy().tolist() == [0, 5, 0]
    assert sw.tensor_scatter_nd_add(x, [[0]], [[9, 9]]).numpy().tolist() == [[10, 11], [3, 4], [5, 6]]
    assert sw.one_hot([1, 5], 3, on_value=7, off_value=-1).numpy().tolist() == [[-1, 7, -1], [-1, -1, -1]]
    assert sw.range(3).dtype == np.int32
    assert sw.range(0.0, 1.0, 0.25).numpy().tolist() == [0.0, 0.25, 0.5, 0.75]
    with pytest.raises(ValueError, match=r"gather: index 3 is out of range for a size of 3 \[hl.gather C3\]"):
        sw.gather(x, [3])
    with pytest.raises(TypeError, match="gather: indices: expected integers, got dtype float32"):
        sw.gather(x, [0.5])
    with pytest.raises(ValueError, match="range: expected a delta other than 0"):
        sw.range(0, 3, 0)


def test_gradients_go_where_elements_came_from():
    x = sw.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = sw.gather(x, [[0, 0], [2, 0]])
    gradient = tape.gradient(y, x, sw.constant(np.arange(8, dtype=np.float32).reshape(2, 2, 2)))
    assert gradient.numpy().tolist() == [[8.0, 11.0], [0.0, 0.0], [4.0, 5.0]]
