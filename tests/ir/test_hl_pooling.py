"""Pooling and patches against loops over every window; special values, ties, gradients of gradients, errors."""

import itertools

import numpy as np
import pytest
from support.op_checks import check_lowering, check_onnx, check_rules, check_samples

import stepwell as sw
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import DYNAMIC, tensor_type
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module

POOL = {"window": (2, 2), "strides": (1, 1), "padding": "VALID"}


def _starts(total, size, stride, dilation, padding):
    """Where the windows along an axis begin; before 0 in the padding."""
    reach = (size - 1) * dilation + 1
    if padding == "SAME":
        count = -(-total // stride)
        low = max((count - 1) * stride + reach - total, 0) // 2
    else:
        low, high = (0, 0) if padding == "VALID" else padding
        count = max((total + low + high - reach) // stride + 1, 0)
    return [place * stride - low for place in range(count)]


def _windows(totals, window, strides, padding, dilations=None):
    """For each place of a window the elements it looks at, or None for those in the padding."""
    dilations = dilations or (1,) * len(window)
    axes = []
    for axis, total in enumerate(totals):
        own = padding if isinstance(padding, str) else padding[axis]
        looks = [look * dilations[axis] for look in range(window[axis])]
        starts = _starts(total, window[axis], strides[axis], dilations[axis], own)
        axes.append([[s + k if 0 <= s + k < total else None for k in looks] for s in starts])
    for place in itertools.product(*(range(len(axis)) for axis in axes)):
        looks = itertools.product(*(axis[at] for axis, at in zip(axes, place)))
        yield place, [None if None in look else look for look in looks]


def _places(totals, **attrs):
    counts = [0] * len(totals)
    for place, _ in _windows(totals, **attrs):
        counts = [max(count, at + 1) for count, at in zip(counts, place)]
    return tuple(counts) if 0 not in counts else _empty_places(totals, **attrs)


def _empty_places(totals, window, strides, padding, dilations=None):
    dilations = dilations or (1,) * len(window)
    own = [padding] * len(totals) if isinstance(padding, str) else padding
    return tuple(len(_starts(*each)) for each in zip(totals, window, strides, dilations, own))


def _pooled(x, fold, **attrs):
    result = np.zeros((x.shape[0], *_places(x.shape[1:-1], **attrs), x.shape[-1]), x.dtype)
    for place, looks in _windows(x.shape[1:-1], **attrs):
        for n, c in itertools.product(range(x.shape[0]), range(x.shape[-1])):
            result[(n, *place, c)] = fold([x[(n, *look, c)] for look in looks if look is not None], x.dtype)
    return result


def _greatest(values, dtype):
    if any(value != value for value in values):
        return np.nan
    return max(values, default=-np.inf if np.dtype(dtype).kind == "f" else np.iinfo(dtype).min)


def _mean(values, dtype):
    return dtype.type(sum(values)) / dtype.type(len(values)) if values else np.nan


def _patches(x, value, window, **attrs):
    shape = (x.shape[0], *_places(x.shape[1:-1], window=window, **attrs), *window, x.shape[-1])
    result = np.full(shape, value, x.dtype)
    for place, looks in _windows(x.shape[1:-1], window, **attrs):
        for inside, look in zip(np.ndindex(*window), looks):
            if look is not None:
                result[(slice(None), *place, *inside)] = x[(slice(None), *look)]
    return result


def _added(x, *sizes, totals, window, **attrs):
    rest = iter(sizes)
    totals = tuple(int(next(rest)) if size == DYNAMIC else size for size in totals)
    result = np.zeros((x.shape[0], *totals, x.shape[-1]), x.dtype)
    for place, looks in _windows(totals, window, **attrs):
        for inside, look in zip(np.ndindex(*window), looks):
            if look is not None:
                result[(slice(None), *look)] += x[(slice(None), *place, *inside)]
    return result


REFERENCES = {
    "max_pool": lambda x, **attrs: _pooled(x, _greatest, **attrs),
    "avg_pool": lambda x, **attrs: _pooled(x, _mean, **attrs),
    "extract_patches": _patches,
    "add_patches": _added,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=25, rtol=1e-6, lowering=True)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("attrs", [POOL, POOL | {"window": (3, 2), "strides": (2, 3), "padding": "SAME"}])
@pytest.mark.parametrize("name", ["max_pool", "avg_pool"])
def test_many_channels_natively(name, attrs, dynamic):
    x = np.random.default_rng(0).integers(-9, 10, (2, 5, 6, 35)).astype(np.float32)
    (found,) = WAYS["native"](op_module(OPS[f"hl.{name}"], Sample((x,), attrs), dynamic), [x])
    np.testing.assert_allclose(found, REFERENCES[name](x, **attrs), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_wins_and_infinities_count(dtype):
    inf, nan = np.inf, np.nan
    x = np.array([[-inf, -inf, 1.0], [-inf, -inf, nan], [inf, 2.0, -3.0]], dtype)[None, :, :, None]
    attrs = POOL | {"padding": "SAME"}
    expected = np.array([[-inf, nan, nan], [inf, nan, nan], [inf, 2.0, -3.0]], dtype)
    sample = Sample((x,), attrs)
    np.testing.assert_array_equal(OPS["hl.max_pool"].evaluate(sample.operands, attrs)[0][0, :, :, 0], expected)
    for dynamic in (False, True):
        check_lowering(OPS["hl.max_pool"], sample, dynamic)
        check_onnx(OPS["hl.max_pool"], sample, dynamic)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_the_least_integers_are_more_than_padding(dtype):
    x = np.full((1, 3, 3, 1), np.iinfo(dtype).min, dtype)
    check_rules(OPS["hl.max_pool"], Sample((x,), POOL | {"padding": "SAME"}), True, REFERENCES["max_pool"])


@pytest.mark.parametrize("compiled", [False, True])
def test_the_gradient_goes_to_the_first_of_equals(compiled):
    x = sw.constant([[1.0, 1.0, 0.0], [1.0, 1.0, 2.0]], shape=[1, 2, 3, 1])

    def gradient(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = sw.nn.max_pool2d(x, 2, 1, "VALID")
        return tape.gradient(y, x)

    found = (sw.function(gradient) if compiled else gradient)(x)
    assert found.numpy()[0, :, :, 0].tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("pool", ["max_pool2d", "avg_pool2d"])
def test_gradients_of_gradients(pool, compiled):
    x = np.random.default_rng(0).permutation(30).reshape(1, 5, 3, 2).astype(np.float64)

    def penalty(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = sw.reduce_sum(sw.square(getattr(sw.nn, pool)(x, [3, 2], 2, "SAME")))
        return sw.reduce_sum(sw.square(tape.gradient(y, x)))

    def gradient(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            value = penalty(x)
        return tape.gradient(value, x)

    found, step = (sw.function(gradient) if compiled else gradient)(sw.constant(x)).numpy(), 1e-4
    for place in np.ndindex(x.shape):
        sides = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            sides.append(float(penalty(sw.constant(moved))))
        assert found[place] == pytest.approx((sides[0] - sides[1]) / (2 * step), rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("pool", ["max_pool2d", "avg_pool2d"])
def test_gradient_with_sizes_known_at_run_time(pool):
    def gradient(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = getattr(sw.nn, pool)(x, 3, 2, "SAME")
        return tape.gradient(y, x)

    compiled = sw.function(gradient, input_signature=[sw.TensorSpec([None, None, None, 3], sw.float32)])
    random = np.random.default_rng(0)
    for shape in ((2, 5, 6, 3), (1, 4, 3, 3), (0, 4, 3, 3)):
        x = sw.constant(random.standard_normal(shape).astype(np.float32))
        np.testing.assert_allclose(compiled(x).numpy(), gradient(x).numpy(), rtol=1e-6)


def test_pooling_over_one_and_three_axes():
    random = np.random.default_rng(0)
    line, cube = random.standard_normal((2, 7, 3)), random.standard_normal((1, 3, 4, 3, 2))
    attrs = {"window": (3,), "strides": (2,), "padding": "SAME"}
    np.testing.assert_allclose(sw.nn.avg_pool1d(line, 3, 2, "SAME").numpy(), _pooled(line, _mean, **attrs))
    np.testing.assert_allclose(sw.nn.max_pool(line, 3, 2, "SAME").numpy(), _pooled(line, _greatest, **attrs))
    attrs = {"window": (2, 2, 2), "strides": (1, 2, 1), "padding": "VALID"}
    expected = _pooled(cube, _greatest, **attrs)
    np.testing.assert_allclose(sw.nn.max_pool3d(cube, 2, [1, 2, 1], "VALID").numpy(), expected)
    first = np.moveaxis(cube, -1, 1)
    found = sw.nn.max_pool3d(first, [1, 1, 2, 2, 2], [1, 1, 1, 2, 1], "VALID", data_format="NCDHW")
    np.testing.assert_allclose(found.numpy(), np.moveaxis(expected, -1, 1))


@pytest.mark.parametrize(
    ("name", "shape", "dtype", "attrs", "constraint", "text"),
    [
        ("max_pool", (4, 4), "float32", {}, "C1", "from 3 to 5 axes"),
        ("max_pool", (1, 4, 4, 1), "float32", {"strides": (1, 0)}, "C2", "2 strides of 1 or more"),
        ("max_pool", (1, 4, 4, 1), "float32", {"window": (2,)}, "C2", "expected 2 sizes of a window"),
        ("max_pool", (1, 4, 4, 1), "float32", {"padding": ((2, 0), (0, 0))}, "C2", "less padding than a window"),
        ("max_pool", (1, 4, 4, 1), "float32", {"window": (0, 2)}, "C3", "window of 1 element or more"),
        ("avg_pool", (1, 4, 1, 1), "float32", {"window": (2, 4)}, "C3", "does not fit a window"),
        ("avg_pool", (1, 4, 4, 1), "int32", {}, "C4", "float32, float64, got int32"),
        ("max_pool", (1, 4, 4, 1), "bool", {}, "C4", "got bool"),
    ],
)
def test_broken_constraints(name, shape, dtype, attrs, constraint, text):
    with pytest.raises(InferenceError, match=text) as caught:
        OPS[f"hl.{name}"].infer([tensor_type(shape, np.dtype(dtype))], POOL | attrs)
    assert caught.value.constraint == constraint


@pytest.mark.parametrize("way", ["native", "interpreter at linalg"])
def test_a_window_that_does_not_fit_stops_the_program(way):
    module = op_module(OPS["hl.max_pool"], Sample((np.ones((1, 4, 4, 1)),), POOL | {"window": (3, 3)}), dynamic=True)
    with pytest.raises(Exception, match="max_pool: a window of 3 elements does not fit into 1"):
        WAYS[way](module, [np.ones((1, 1, 4, 1))])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: sw.nn.max_pool2d(x[0], 2, 2, "SAME"), ValueError, "max_pool2d: input: expected 4 axes"),
        (lambda x: sw.nn.max_pool(x[0, 0], 2, 2, "SAME"), ValueError, "max_pool: input: expected from 3 to 5 axes"),
        (lambda x: sw.nn.avg_pool2d(x, [2, 2, 2], 2, "SAME"), ValueError, "ksize: expected 1, 2 or 4 numbers"),
        (lambda x: sw.nn.max_pool2d(x, 2, "a", "SAME"), TypeError, "max_pool2d: strides: expected integers"),
        (lambda x: sw.nn.avg_pool2d(sw.cast(x, sw.int32), 2, 2, "SAME"), TypeError, "avg_pool: expected a dtype"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(sw.ones([1, 2, 2, 3]))
