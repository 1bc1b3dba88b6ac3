"""Slices by Python's rules and windows at computed places, read and replaced; subscripts; what stops the program."""

import numpy as np
import pytest
from support.op_checks import check_onnx, check_samples

import stepwell as sw
from stepwell.dialects.diagnostics import ExecutionError
from stepwell.dialects.dtypes import INT32
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.hl.slicing import TO_END, TO_START
from stepwell.dialects.types import DYNAMIC, shape_of, tensor_type
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module


def _taken(size, begin, end, stride):
    """The places of a Python slice, by slicing a list."""
    begin = None if begin == TO_END and stride < 0 else begin
    end = None if end == (TO_END if stride > 0 else TO_START) else end
    return list(range(size))[begin:end:stride]


def _places(shape, bounds, begin, end, strides):
    rest = iter(bounds)
    both = [int(next(rest)) if n == DYNAMIC else n for n in (*begin, *end)]
    begin, end = both[: len(shape)], both[len(shape) :]
    return [_taken(*each) for each in zip(shape, begin, end, strides)]


def _sliced(x, *bounds, begin, end, strides):
    axes = _places(x.shape, bounds, begin, end, strides)
    return x[np.ix_(*axes)] if axes else x


def _replaced(x, update, *bounds, begin, end, strides):
    result, axes = x.copy(), _places(x.shape, bounds, begin, end, strides)
    for place in np.ndindex(*update.shape):
        result[tuple(axis[at] for axis, at in zip(axes, place))] = update[place]
    return result


def _inside(total, start, size):
    """Where a window begins that is moved into an axis."""
    return min(max(int(start), 0), total - size)


def _window(x, *operands, sizes):
    starts, rest = operands[: x.ndim], iter(operands[x.ndim :])
    sizes = [int(next(rest)) if size == DYNAMIC else size for size in sizes]
    first = [_inside(*each) for each in zip(x.shape, starts, sizes)]
    result = np.empty(sizes, x.dtype)
    for place in np.ndindex(*sizes):
        result[place] = x[tuple(a + at for a, at in zip(first, place))]
    return result


def _window_replaced(x, update, *starts):
    first = [_inside(*each) for each in zip(x.shape, starts, update.shape)]
    result = x.copy()
    for place in np.ndindex(*update.shape):
        result[tuple(a + at for a, at in zip(first, place))] = update[place]
    return result


REFERENCES = {
    "slice": _sliced,
    "update_slice": _replaced,
    "dynamic_slice": _window,
    "dynamic_update_slice": _window_replaced,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=40, lowering=True)


@pytest.mark.parametrize("size", [0, 3])
@pytest.mark.parametrize("stride", [1, 3, -1, -2])
def test_every_slice_of_a_short_vector(size, stride):
    """All bounds around the ends, at run time, against a list."""
    x = np.arange(size, dtype=np.int32)
    op, attrs = OPS["hl.slice"], {"begin": (DYNAMIC,), "end": (DYNAMIC,), "strides": (stride,)}
    bounds = range(-size - 2, size + 3)
    zero = np.array(0)
    run = {dynamic: op_module(op, Sample((x, zero, zero), attrs), dynamic) for dynamic in (False, True)}
    interpreter = WAYS["interpreter at linalg"]
    for begin in bounds:
        for end in bounds:
            expected = list(range(size))[begin:end:stride]
            operands = [x, np.array(begin), np.array(end)]
            assert op.evaluate(operands, attrs)[0].tolist() == expected
            if (begin + 2 * end) % 4 == 0:
                assert interpreter(run[begin % 2 == 0], operands)[0].tolist() == expected, (begin, end)
    check_onnx(op, Sample((x, np.array(-2), np.array(TO_END if stride > 0 else TO_START)), attrs), dynamic=True)


@pytest.mark.parametrize(
    ("source", "begin", "end", "strides", "expected"),
    [
        ((5, None), (1, 0), (TO_END, TO_END), (2, 1), (2, None)),
        ((5,), (-2,), (TO_END,), (1,), (2,)),
        ((5,), (TO_END,), (TO_START,), (-1,), (5,)),
        ((None,), (TO_END,), (TO_START,), (-1,), (None,)),
        ((5,), (DYNAMIC,), (3,), (1,), (None,)),
        ((5,), (3,), (3,), (1,), (0,)),
    ],
)
def test_what_is_known_of_a_slice(source, begin, end, strides, expected):
    types = [tensor_type(source, INT32)]
    types += [tensor_type((), INT32)] * (*begin, *end).count(DYNAMIC)
    (found,) = OPS["hl.slice"].infer(types, {"begin": begin, "end": end, "strides": strides})
    assert tuple(None if n == DYNAMIC else n for n in shape_of(found)) == expected


@pytest.mark.parametrize(
    ("op", "shapes", "attrs", "constraint"),
    [
        ("slice", [(4,)], {"begin": (0,), "end": (1, 2), "strides": (1,)}, "C1"),
        ("slice", [(4,)], {"begin": (0,), "end": (1,), "strides": (0,)}, "C1"),
        ("slice", [(4,)], {"begin": (DYNAMIC,), "end": (1,), "strides": (1,)}, "C2"),
        ("update_slice", [(4,), (2,)], {"begin": (0,), "end": (1,), "strides": (1,)}, "C3"),
        ("dynamic_slice", [(4,)], {"sizes": (2,)}, "C1"),
        ("dynamic_slice", [(4,), ()], {"sizes": (5,)}, "C2"),
        ("dynamic_update_slice", [(4,), (5,), ()], {}, "C2"),
        ("dynamic_update_slice", [(4,), (2,)], {}, "C1"),
    ],
)
def test_broken_constraints(op, shapes, attrs, constraint):
    with pytest.raises(InferenceError) as caught:
        OPS[f"hl.{op}"].infer([tensor_type(shape, INT32) for shape in shapes], attrs)
    assert caught.value.constraint == constraint


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
@pytest.mark.parametrize(
    ("op", "fitting", "attrs", "wrong"),
    [
        ("update_slice", [(5,), (2,)], {"begin": (0,), "end": (2,), "strides": (1,)}, [(5,), (3,)]),
        ("dynamic_slice", [(5,)], {"sizes": (3,)}, [(2,)]),
        ("dynamic_update_slice", [(5,), (3,)], {}, [(2,), (3,)]),
    ],
)
def test_parts_that_do_not_fit_stop_the_program(way, op, fitting, attrs, wrong):
    starts = [] if op == "update_slice" else [np.array(0)]
    operands = [np.ones(shape, np.float32) for shape in fitting] + starts
    module = op_module(OPS[f"hl.{op}"], Sample(tuple(operands), attrs), dynamic=True)
    assert len(WAYS[way](module, operands)) == 1
    with pytest.raises(Exception, match=op):
        WAYS[way](module, [np.ones(shape, np.float32) for shape in wrong] + starts)


_SUBSCRIPTS = [
    np.s_[1],
    np.s_[-1, ..., 0],
    np.s_[:, 1:],
    np.s_[::2, ::-1],
    np.s_[..., None],
    np.s_[None, 1, :, None, -2:],
    np.s_[5:, 3:-9:-1],
    np.s_[[2, 0]],
    np.s_[:, [0, -1], 1],
    np.s_[[True, False, True]],
]


@pytest.mark.parametrize("subscript", _SUBSCRIPTS, ids=str)
def test_subscripts_are_numpys(subscript):
    x = np.arange(3 * 4 * 5).reshape(3, 4, 5)
    np.testing.assert_array_equal(sw.constant(x)[subscript].numpy(), x[subscript])


@pytest.mark.parametrize("subscript", _SUBSCRIPTS[:-1], ids=str)
def test_subscripts_in_functions_are_numpys(subscript):
    x = np.arange(3 * 4 * 5).reshape(3, 4, 5)
    for spec in ([3, 4, 5], [None, None, None]):
        compiled = sw.function(lambda t: t[subscript], input_signature=[sw.TensorSpec(spec, sw.int64)])
        np.testing.assert_array_equal(compiled(x).numpy(), x[subscript])


def test_subscripts_by_tensors_of_the_trace():
    @sw.function(input_signature=[sw.TensorSpec([None, 3], sw.int64), sw.TensorSpec([], sw.int32)])
    def parts(x, i):
        return x[i], x[i:], x[:i, -1], x[i::-1, 0]

    x = np.arange(12).reshape(4, 3)
    for i in (0, 2, -1, -4):
        for got, want in zip(parts(x, i), (x[i], x[i:], x[:i, -1], x[i::-1, 0])):
            np.testing.assert_array_equal(got.numpy(), want)


@pytest.mark.parametrize(
    ("subscript", "error", "text"),
    [
        (np.s_[3], IndexError, "index 3 is out of range for axis 0 of size 3"),
        (np.s_[0, 0, 0], IndexError, "too many indices"),
        (np.s_[..., ...], IndexError, "at most one"),
        (np.s_[0.5], TypeError, "subscript: expected"),
        (np.s_[::0], ValueError, "step: expected a number other than 0"),
    ],
)
def test_subscripts_that_are_none(subscript, error, text):
    with pytest.raises(error, match=text):
        sw.ones([3, 4])[subscript]


def test_public_slice():
    x = sw.constant([[1, 2, 3], [4, 5, 6]])
    assert sw.slice(x, [0, 1], [-1, 2]).numpy().tolist() == [[2, 3], [5, 6]]
    with pytest.raises(ValueError, match="slice: expected a part of shape"):
        sw.slice(x, [0, 2], [2, 2])
    compiled = sw.function(lambda x, i: sw.slice(x, [0, i], [2, 2]))
    assert compiled(x, sw.constant(1)).numpy().tolist() == [[2, 3], [5, 6]]
    with pytest.raises(ExecutionError, match="slice: axis 1 has 3 elements, got begin 9 and size 2"):
        compiled(x, sw.constant(9))
