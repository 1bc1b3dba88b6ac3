"""Broadcasts, transposes, reversals, joins and borders, element by element; what is known when; errors."""

import numpy as np
import pytest
from support.op_checks import check_samples

import stepwell as sw
from stepwell.compiler.passes.canonicalize import CanonicalizePass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import INT32
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import DYNAMIC, shape_of, tensor_type
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module


def _given(static, operands):
    rest = iter(operands)
    return [int(next(rest)) if size == DYNAMIC else size for size in static]


def _broadcast(x, *sizes, shape):
    target = _given(shape, sizes)
    result = np.empty(target, x.dtype)
    for place in np.ndindex(*target):
        own = place[len(place) - x.ndim :]
        result[place] = x[tuple(0 if n == 1 else at for n, at in zip(x.shape, own))]
    return result


def _transposed(x, perm):
    result = np.empty([x.shape[axis] for axis in perm], x.dtype)
    for place in np.ndindex(*x.shape):
        result[tuple(place[axis] for axis in perm)] = x[place]
    return result


def _reversed(x, axes):
    result = np.empty_like(x)
    for place in np.ndindex(*x.shape):
        result[tuple(n - 1 - at if a in axes else at for a, (n, at) in enumerate(zip(x.shape, place)))] = x[place]
    return result


def _joined(*values, axis):
    parts = [part for value in values for part in np.moveaxis(value, axis, 0)]
    shape = values[0].shape[:axis] + values[0].shape[axis + 1 :]
    return np.moveaxis(np.array(parts, values[0].dtype).reshape(len(parts), *shape), 0, axis)


def _bordered(x, value, *amounts, low, high, interior):
    both = _given((*low, *high), amounts)
    low, high = both[: x.ndim], both[x.ndim :]
    sizes = [a + max(n + (n - 1) * gap, 0) + b for n, a, b, gap in zip(x.shape, low, high, interior)]
    result = np.full(sizes, value, x.dtype)
    for place in np.ndindex(*x.shape):
        result[tuple(a + at * (gap + 1) for a, at, gap in zip(low, place, interior))] = x[place]
    return result


REFERENCES = {
    "broadcast_to": _broadcast,
    "transpose": _transposed,
    "reverse": _reversed,
    "concat": _joined,
    "pad": _bordered,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=25, lowering=True)


@pytest.mark.parametrize(
    ("op", "sources", "attrs", "expected"),
    [
        ("broadcast_to", [(3,)], {"shape": (2, 3)}, (2, 3)),
        ("broadcast_to", [(None,)], {"shape": (2, 3)}, (2, 3)),
        ("transpose", [(2, None, 4)], {"perm": (2, 0, 1)}, (4, 2, None)),
        ("concat", [(2, None), (3, 4)], {"axis": 0}, (5, 4)),
        ("concat", [(2, 4), (None, 4)], {"axis": 0}, (None, 4)),
        ("pad", [(2, None), ()], {"low": (1, 1), "high": (0, 2), "interior": (2, 0)}, (5, None)),
        ("pad", [(0,), ()], {"low": (1,), "high": (1,), "interior": (3,)}, (2,)),
    ],
)
def test_what_is_known(op, sources, attrs, expected):
    (found,) = OPS[f"hl.{op}"].infer([tensor_type(source, INT32) for source in sources], attrs)
    assert tuple(None if n == DYNAMIC else n for n in shape_of(found)) == expected


@pytest.mark.parametrize(
    ("op", "sources", "attrs", "constraint"),
    [
        ("broadcast_to", [(2,)], {"shape": (3,)}, "C1"),
        ("broadcast_to", [(2, 2)], {"shape": (2,)}, "C1"),
        ("broadcast_to", [(2,)], {"shape": (DYNAMIC,)}, "C2"),
        ("transpose", [(2, 3)], {"perm": (0, 0)}, "C1"),
        ("transpose", [(2, 3)], {"perm": (0,)}, "C1"),
        ("reverse", [(2, 3)], {"axes": (2,)}, "C1"),
        ("reverse", [(2, 3)], {"axes": (0, 0)}, "C1"),
        ("concat", [(2, 3), (2,)], {"axis": 0}, "C1"),
        ("concat", [(2, 3), (2, 4)], {"axis": 0}, "C2"),
        ("pad", [(2,), ()], {"low": (1, 1), "high": (0,), "interior": (0,)}, "C1"),
        ("pad", [(2,), ()], {"low": (-1,), "high": (0,), "interior": (0,)}, "C1"),
        ("pad", [(2,), (1,)], {"low": (1,), "high": (0,), "interior": (0,)}, "C2"),
        ("pad", [(2,), ()], {"low": (DYNAMIC,), "high": (0,), "interior": (0,)}, "C3"),
    ],
)
def test_broken_constraints(op, sources, attrs, constraint):
    with pytest.raises(InferenceError) as caught:
        OPS[f"hl.{op}"].infer([tensor_type(source, INT32) for source in sources], attrs)
    assert caught.value.constraint == constraint


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
@pytest.mark.parametrize(
    ("op", "fitting", "attrs", "wrong", "text"),
    [
        ("concat", [(2, 3), (2, 4)], {"axis": 1}, [(2, 3), (3, 4)], "concat"),
        ("concat", [(2, 3), (2, 4)], {"axis": 1}, [(2, 3), (1, 4)], "concat"),
        ("broadcast_to", [(3,)], {"shape": (2, 3)}, [(2,)], "broadcast|Expand"),
    ],
)
def test_sizes_that_do_not_agree_stop_the_program(way, op, fitting, attrs, wrong, text):
    fitting = [np.ones(shape, np.float32) for shape in fitting]
    module = op_module(OPS[f"hl.{op}"], Sample(tuple(fitting), attrs), dynamic=True)
    assert len(WAYS[way](module, fitting)) == 1
    with pytest.raises(Exception, match=text):
        WAYS[way](module, [np.ones(shape, np.float32) for shape in wrong])


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
def test_a_negative_amount_stops_the_program(way):
    attrs = {"low": (DYNAMIC,), "high": (0,), "interior": (0,)}
    operands = [np.ones(3, np.float32), np.float32(0).reshape(()), np.array(1)]
    module = op_module(OPS["hl.pad"], Sample(tuple(operands), attrs), dynamic=True)
    assert WAYS[way](module, operands)[0].tolist() == [0, 1, 1, 1]
    with pytest.raises(Exception, match="pad: expected amounts of 0 or more"):
        WAYS[way](module, [*operands[:2], np.array(-1)])


@pytest.mark.parametrize("way", ["native", "interpreter at hl", "interpreter at linalg", "onnx"])
@pytest.mark.parametrize("wrong", [0, -1, 3])
@pytest.mark.parametrize("shape", [(DYNAMIC,), (2, DYNAMIC)])
def test_a_wrong_size_at_run_time_stops_the_program_whatever_is_known_of_the_operand(way, shape, wrong):
    x = np.ones(2, np.float32)
    module = op_module(OPS["hl.broadcast_to"], Sample((x, np.array(2)), {"shape": shape}))
    PassManager(make_context()).run(module, STEPS["hl"])
    assert WAYS[way](module, [x, np.array(2)])[0].tolist() == np.ones((*shape[:-1], 2)).tolist()
    with pytest.raises(Exception, match=r"broadcast|Expand"):
        WAYS[way](module, [x, np.array(wrong)])


@pytest.mark.parametrize("way", ["native", "interpreter at linalg"])
def test_a_negative_new_size_stops_the_program(way):
    x = np.ones((), np.float32)
    module = op_module(OPS["hl.broadcast_to"], Sample((x, np.array(2)), {"shape": (DYNAMIC,)}))
    with pytest.raises(Exception, match="broadcast_to: expected a size of 0 or more for axis 0, got -1"):
        WAYS[way](module, [x, np.array(-1)])


@pytest.mark.parametrize(
    ("function", "left"),
    [
        (lambda x: sw.transpose(sw.transpose(x, [1, 0, 2]), [1, 0, 2]), []),
        (lambda x: sw.transpose(sw.transpose(x, [1, 2, 0]), [0, 2, 1]), ["hl.transpose"]),
        (lambda x: sw.concat([x], 0), []),
        (lambda x: sw.broadcast_to(x, [2, 3, 4]), []),
    ],
)
def test_what_changes_nothing_goes(function, left):
    module = sw.function(function).get_concrete_function(sw.TensorSpec([2, 3, 4], sw.float32)).module.clone()
    CanonicalizePass().apply(make_context(), module)
    module.verify()
    assert [op.name for op in module.walk() if op.name.startswith("hl.")] == left


def test_public_functions():
    x = sw.constant([[1, 2], [3, 4]])
    assert sw.concat([x, [[5, 6]]], 0).numpy().tolist() == [[1, 2], [3, 4], [5, 6]]
    assert sw.stack([x, x], 1).shape == (2, 2, 2)
    assert [part.numpy().tolist() for part in sw.unstack(x, axis=1)] == [[1, 3], [2, 4]]
    assert [part.shape for part in sw.split(sw.ones([5]), [1, -1, 2])] == [(1,), (2,), (2,)]
    assert sw.reverse(x, [-1]).numpy().tolist() == [[2, 1], [4, 3]]
    assert sw.tile(x, [1, 2]).numpy().tolist() == [[1, 2, 1, 2], [3, 4, 3, 4]]
    assert sw.repeat(x, [1, 2], axis=0).numpy().tolist() == [[1, 2], [3, 4], [3, 4]]
    assert sw.repeat(x, 2).numpy().tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert sw.pad([1, 2, 3], [[2, 1]], "REFLECT").numpy().tolist() == [3, 2, 1, 2, 3, 2]
    assert sw.pad([1, 2, 3], [[2, 1]], "SYMMETRIC").numpy().tolist() == [2, 1, 1, 2, 3, 3]
    assert sw.pad(x, [[0, 1], [1, 0]], constant_values=9).numpy().tolist() == [[9, 1, 2], [9, 3, 4], [9, 9, 9]]
    with pytest.raises(ValueError, match="split: num_or_size_splits: expected a divisor"):
        sw.split(sw.ones([5]), 2)
    with pytest.raises(ValueError, match="stack: values: expected one shape"):
        sw.stack([x, [1, 2]])
    with pytest.raises(ValueError, match="pad: paddings: expected a pair for each axis"):
        sw.pad(x, [[1, 1]])


def test_sizes_of_a_run():
    @sw.function(input_signature=[sw.TensorSpec([None], sw.int32), sw.TensorSpec([], sw.int32)])
    def moved(x, count):
        first, rest = sw.split(x, [count, sw.shape(x)[0] - count])
        return sw.concat([rest, first], 0), sw.tile(x, [count]), sw.pad(x, [[count, 1]]), sw.reverse(x, [0])

    for size, count in ((4, 1), (4, 4), (1, 0)):
        x = np.arange(size, dtype=np.int32)
        expected = np.roll(x, -count), np.tile(x, count), np.pad(x, (count, 1)), x[::-1]
        for got, want in zip(moved(x, count), expected):
            np.testing.assert_array_equal(got.numpy(), want)
