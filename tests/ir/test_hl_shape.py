"""Shapes: reshapes, axes of size 1, sizes as values; each rule, what is known when, and what stops the program."""

import numpy as np
import pytest
from support.op_checks import check_samples

import stepwell as sw
from stepwell.compiler.passes.canonicalize import CanonicalizePass
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import INT32, INT64
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import DYNAMIC, shape_of, tensor_type
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module


def _reshape(x, *sizes, shape):
    """Element by element, in row-major order."""
    rest = iter(sizes)
    target = [int(next(rest)) if size == DYNAMIC else size for size in shape]
    if -1 in target:
        others = 1
        for size in target:
            others *= 1 if size == -1 else size
        target[target.index(-1)] = x.size // others
    result = np.empty(target, x.dtype)
    for place, element in zip(np.ndindex(*target), x.flat):
        result[place] = element
    return result


def _with_ones(x, axes):
    shape = list(x.shape)
    for axis in axes:
        shape.insert(axis, 1)
    return _reshape(x, shape=shape)


def _without(x, axes):
    return x[tuple(0 if axis in axes else slice(None) for axis in range(x.ndim))]


REFERENCES = {
    "reshape": _reshape,
    "expand_dims": _with_ones,
    "squeeze": _without,
    "shape_of": lambda x, dtype: np.array([len(np.moveaxis(x, axis, 0)) for axis in range(x.ndim)], dtype),
    "dim": lambda x, axis, dtype: np.array(len(np.moveaxis(x, axis, 0)), dtype),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=25, lowering=True)


@pytest.mark.parametrize(
    ("source", "shape", "expected"),
    [
        ((2, 3), (3, 2), (3, 2)),
        ((2, 6), (-1, 4), (3, 4)),
        ((0, 4), (2, -1), (2, 0)),
        ((None, 3), (-1,), (None,)),
        ((None, 3), (-1, 3), (None, 3)),
        ((2, 3), (-1, DYNAMIC), (None, None)),
    ],
)
def test_what_is_known_of_a_reshape(source, shape, expected):
    types = [tensor_type(source, INT32)] + [tensor_type((), INT64)] * shape.count(DYNAMIC)
    (found,) = OPS["hl.reshape"].infer(types, {"shape": shape})
    assert tuple(None if n == DYNAMIC else n for n in shape_of(found)) == expected


@pytest.mark.parametrize(
    ("op", "shape", "attrs", "constraint"),
    [
        ("reshape", (2, 3), {"shape": (4, 2)}, "C1"),
        ("reshape", (2, 3), {"shape": (-1, -1)}, "C1"),
        ("reshape", (0, 3), {"shape": (-1, 0)}, "C1"),
        ("reshape", (2, 3), {"shape": (DYNAMIC, 2)}, "C2"),
        ("expand_dims", (2,), {"axes": (3,)}, "C1"),
        ("expand_dims", (2,), {"axes": (1, 0)}, "C1"),
        ("squeeze", (2, 1), {"axes": (0,)}, "C1"),
        ("squeeze", (2, 1), {"axes": (2,)}, "C1"),
        ("dim", (2, 1), {"axis": 2, "dtype": INT32}, "C2"),
    ],
)
def test_broken_constraints(op, shape, attrs, constraint):
    with pytest.raises(InferenceError) as caught:
        OPS[f"hl.{op}"].infer([tensor_type(shape, INT32)], attrs)
    assert caught.value.constraint == constraint


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
@pytest.mark.parametrize(
    ("fitting", "shape", "wrong"), [((6, 2), (-1, 4), (3, 3)), ((2, 3), (6,), (2, 2)), ((2, 3), (-1, 0), (0, 3))]
)
def test_a_reshape_that_does_not_fit_stops_the_program(way, fitting, shape, wrong):
    module = op_module(OPS["hl.reshape"], Sample((np.ones(fitting, np.float32),), {"shape": shape}), dynamic=True)
    with pytest.raises(Exception, match=r"reshape|Reshape"):
        WAYS[way](module, [np.ones(wrong, np.float32)])


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
def test_only_axes_of_size_1_are_squeezed(way):
    compiled = sw.function(lambda x: sw.squeeze(x, 1), input_signature=[sw.TensorSpec([2, None], sw.float32)])
    module = compiled.get_concrete_function().module
    assert WAYS[way](module, [np.ones((2, 1), np.float32)])[0].shape == (2,)
    with pytest.raises(Exception, match=r"squeeze|Squeeze"):
        WAYS[way](module, [np.ones((2, 3), np.float32)])


def test_a_reshape_of_a_reshape_is_one():
    compiled = sw.function(lambda x: sw.reshape(sw.expand_dims(sw.reshape(x, [2, 6]), 0), [4, 3]))
    module = compiled.get_concrete_function(sw.TensorSpec([12], sw.float32)).module.clone()
    CanonicalizePass().apply(make_context(), module)
    module.verify()
    assert [op.name for op in module.walk() if op.name.startswith("hl.")] == ["hl.reshape"]
    same = sw.function(lambda x: sw.reshape(x, [12]))
    module = same.get_concrete_function(sw.TensorSpec([12], sw.float32)).module.clone()
    CanonicalizePass().apply(make_context(), module)
    assert not [op for op in module.walk() if op.name.startswith("hl.")]


def test_public_functions():
    x = sw.constant([[1, 2, 3], [4, 5, 6]])
    assert sw.reshape(x, [3, -1]).numpy().tolist() == [[1, 2], [3, 4], [5, 6]]
    assert sw.expand_dims(x, -1).shape == (2, 3, 1)
    assert sw.squeeze(sw.ones([1, 2, 1])).shape == (2,)
    assert sw.shape(x).numpy().tolist() == [2, 3]
    assert sw.shape(x).dtype == np.int32
    assert (int(sw.size(x)), int(sw.rank(x))) == (6, 2)
    with pytest.raises(ValueError, match=r"reshape: .*6 elements .* \[4\] \[hl.reshape C1\]"):
        sw.reshape(x, [4])
    with pytest.raises(TypeError, match=r"reshape: shape: expected an integer, got 0\.5"):
        sw.reshape(x, [0.5])
    with pytest.raises(ValueError, match="expand_dims: axis: expected an axis of 3 axes, got 3"):
        sw.expand_dims(x, 3)


def test_sizes_of_a_run():
    @sw.function(input_signature=[sw.TensorSpec([None, 3], sw.float32)])
    def sizes(x):
        flat = sw.reshape(x, [-1])
        return sw.shape(x), sw.size(flat), sw.zeros(sw.shape(x)), sw.reshape(flat, sw.shape(x))

    for count in (0, 1, 5):
        x = np.arange(count * 3, dtype=np.float32).reshape(count, 3)
        shape, size, zeros, again = sizes(x)
        assert (shape.numpy().tolist(), int(size)) == ([count, 3], count * 3)
        np.testing.assert_array_equal(zeros.numpy(), np.zeros_like(x))
        np.testing.assert_array_equal(again.numpy(), x)
