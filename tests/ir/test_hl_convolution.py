"""Convolutions and their transposes against loops over every place; gradients of gradients; kernels; errors."""

import itertools

import numpy as np
import pytest
from support.op_checks import check_samples

import stepwell as sw
from stepwell.dialects.dtypes import FLOAT32, FLOAT64
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import DYNAMIC, tensor_type
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module

PLAIN = {"strides": (1, 1), "dilations": (1, 1), "padding": "VALID", "groups": 1}


def _axis(total, size, stride, dilation, padding):
    """How many places there are along an axis, and how many elements are added before it."""
    reach = (size - 1) * dilation + 1
    if padding == "SAME":
        count = -(-total // stride)
        return count, max((count - 1) * stride + reach - total, 0) // 2
    low, high = (0, 0) if padding == "VALID" else padding
    return max((total + low + high - reach) // stride + 1, 0), low


def _products(totals, window, strides, dilations, padding):
    """All triples of a place, an element of the input and a look of the window that meet there."""
    axes = []
    for axis, (total, size) in enumerate(zip(totals, window)):
        own = padding if isinstance(padding, str) else padding[axis]
        count, low = _axis(total, size, strides[axis], dilations[axis], own)
        pairs = [
            (place, place * strides[axis] + look * dilations[axis] - low, look)
            for place in range(count)
            for look in range(size)
        ]
        axes.append([(o, i, k) for o, i, k in pairs if 0 <= i < total])
    for triple in itertools.product(*axes):
        yield tuple(zip(*triple))


def _counts(totals, window, strides, dilations, padding):
    return tuple(
        _axis(total, size, strides[a], dilations[a], padding if isinstance(padding, str) else padding[a])[0]
        for a, (total, size) in enumerate(zip(totals, window))
    )


def _channels(inputs, outputs, groups):
    """All pairs of a channel and an output that belong to one group, and the channel's number in it."""
    for group in range(groups):
        for c in range(inputs // groups):
            for f in range(outputs // groups):
                yield group * (inputs // groups) + c, c, group * (outputs // groups) + f


def _convolution(x, filters, groups, **windows):
    totals, window = x.shape[1:-1], filters.shape[:-2]
    result = np.zeros((x.shape[0], *_counts(totals, window, **windows), filters.shape[-1]), x.dtype)
    for o, i, k in _products(totals, window, **windows):
        for channel, c, f in _channels(x.shape[-1], filters.shape[-1], groups):
            result[(slice(None), *o, f)] += x[(slice(None), *i, channel)] * filters[(*k, c, f)]
    return result


def _given(static, operands):
    rest = iter(operands)
    return tuple(int(next(rest)) if size == DYNAMIC else size for size in static)


def _backprop_input(y, filters, *sizes, totals, groups, **windows):
    totals, window = _given(totals, sizes), filters.shape[:-2]
    result = np.zeros((y.shape[0], *totals, filters.shape[-2] * groups), y.dtype)
    for o, i, k in _products(totals, window, **windows):
        for channel, c, f in _channels(result.shape[-1], y.shape[-1], groups):
            result[(slice(None), *i, channel)] += y[(slice(None), *o, f)] * filters[(*k, c, f)]
    return result


def _backprop_filter(x, y, *sizes, window, groups, **windows):
    window = _given(window, sizes)
    result = np.zeros((*window, x.shape[-1] // groups, y.shape[-1]), x.dtype)
    for o, i, k in _products(x.shape[1:-1], window, **windows):
        for channel, c, f in _channels(x.shape[-1], y.shape[-1], groups):
            result[(*k, c, f)] += (x[(slice(None), *i, channel)] * y[(slice(None), *o, f)]).sum(dtype=x.dtype)
    return result


REFERENCES = {
    "convolution": _convolution,
    "convolution_backprop_input": _backprop_input,
    "convolution_backprop_filter": _backprop_filter,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_rules(name):
    check_samples(OPS[f"hl.{name}"], REFERENCES[name], examples=25, lowering=True)


CASES = [
    ((2, 5, 6, 3), (3, 3, 3, 20), {"padding": "SAME"}, False),
    ((1, 8, 9, 4), (2, 3, 2, 32), {"strides": (2, 1), "padding": "SAME", "groups": 2}, True),
    ((1, 7, 16, 4), (3, 3, 4, 18), {"dilations": (2, 3)}, False),
    ((1, 9, 9, 8), (3, 3, 1, 8), {"strides": (2, 2), "padding": "SAME", "groups": 8}, True),
    ((2, 8, 9, 4), (1, 1, 4, 18), {}, False),
    ((1, 7, 9, 5), (4, 2, 5, 16), {"strides": (3, 2), "padding": ((2, 3), (0, 1))}, True),
    ((1, 6, 7, 4), (3, 2, 4, 16), {"padding": ((4, 0), (0, 3))}, False),
]


@pytest.mark.parametrize(("x", "filters", "attrs", "dynamic"), CASES)
def test_kernels(x, filters, attrs, dynamic):
    """Natively, with channels enough for the kernels of products of matrices; exact, since numbers are whole."""
    random, attrs = np.random.default_rng(0), PLAIN | attrs
    x, filters = (random.integers(-4, 5, shape).astype(np.float32) for shape in (x, filters))
    y = _convolution(x, filters, **attrs)
    given = {
        "convolution": ((x, filters), attrs),
        "convolution_backprop_input": ((y, filters), attrs | {"totals": x.shape[1:-1]}),
        "convolution_backprop_filter": ((x, y), attrs | {"window": filters.shape[:-2]}),
    }
    for name, (operands, own) in given.items():
        sample = Sample(operands, own)
        (found,) = WAYS["native"](op_module(OPS[f"hl.{name}"], sample, dynamic), list(operands))
        np.testing.assert_array_equal(found, REFERENCES[name](*operands, **own), err_msg=name)


def test_transposes_agree_on_every_product():
    """The sum of `y` times a convolution is a form of three tensors; each op is its derivative by one of them."""
    random, attrs = np.random.default_rng(0), PLAIN | {"strides": (2, 1), "padding": "SAME", "groups": 2}
    x, filters = random.standard_normal((2, 5, 6, 4)), random.standard_normal((3, 2, 2, 6))
    (out,) = OPS["hl.convolution"].evaluate((x, filters), attrs)
    y = random.standard_normal(out.shape)
    (dx,) = OPS["hl.convolution_backprop_input"].evaluate((y, filters), attrs | {"totals": (5, 6)})
    (dfilters,) = OPS["hl.convolution_backprop_filter"].evaluate((x, y), attrs | {"window": (3, 2)})
    np.testing.assert_allclose([(x * dx).sum(), (filters * dfilters).sum()], [(y * out).sum()] * 2, rtol=1e-12)


@pytest.mark.parametrize(
    ("shapes", "attrs", "constraint", "text"),
    [
        (((1, 4, 4), (2, 2, 1, 1)), {}, "C1", "one rank from 3 to 5"),
        (((1, 4, 4, 2), (2, 2, 2, 1)), {"groups": 0}, "C1", "expected 1 group or more"),
        (((1, 4, 4, 2), (2, 2, 2, 1)), {"strides": (1,)}, "C2", "expected 2 strides"),
        (((1, 4, 4, 2), (2, 2, 2, 1)), {"dilations": (1, 0)}, "C2", "expected 2 dilations"),
        (((1, 4, 4, 2), (2, 2, 2, 1)), {"padding": "FULL"}, "C2", "SAME, VALID or amounts"),
        (((1, 4, 4, 2), (2, 2, 2, 1)), {"padding": ((0, 0), (-1, 0))}, "C2", "pairs of padding"),
        (((1, 2, 4, 2), (4, 2, 2, 1)), {}, "C3", r"does not fit a window of shape \[4, 2\]"),
        (((1, 4, 4, 3), (2, 2, 2, 1)), {}, "C4", "do not go with 3 channels"),
        (((1, 4, 4, 4), (2, 2, 2, 3)), {"groups": 2}, "C4", "2 groups can share, got 3"),
    ],
)
def test_broken_constraints(shapes, attrs, constraint, text):
    types = [tensor_type(shape, FLOAT32) for shape in shapes]
    with pytest.raises(InferenceError, match=text) as caught:
        OPS["hl.convolution"].infer(types, PLAIN | attrs)
    assert caught.value.constraint == constraint


def test_one_dtype():
    types = [tensor_type((1, 4, 4, 2), FLOAT32), tensor_type((2, 2, 2, 1), FLOAT64)]
    with pytest.raises(InferenceError, match="float32 and float64") as caught:
        OPS["hl.convolution"].infer(types, PLAIN)
    assert caught.value.constraint == "C5"


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
@pytest.mark.parametrize("x", [(1, 4, 4, 3), (1, 1, 4, 2)])
def test_sizes_that_do_not_fit_stop_the_program(way, x):
    """Channels that are too many, and a window that is too large, where neither was known before."""
    fitting = Sample((np.ones((1, 4, 4, 2), np.float32), np.ones((3, 2, 2, 1), np.float32)), PLAIN)
    module = op_module(OPS["hl.convolution"], fitting, dynamic=True)
    with pytest.raises(Exception, match=r"convolution|Conv"):
        WAYS[way](module, [np.ones(x, np.float32), np.ones((3, 2, 2, 1), np.float32)])


def _differences(function, x, step=1e-4):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        sides = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            sides.append(float(function(sw.constant(moved))))
        gradient[place] = (sides[0] - sides[1]) / (2 * step)
    return gradient


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("strides", "padding"), [(1, "SAME"), (2, "SAME"), (2, "VALID")])
def test_gradients_of_gradients(strides, padding, compiled):
    """The squared gradient of a loss, differentiated again with respect to both operands."""
    random = np.random.default_rng(0)
    x, filters = random.standard_normal((1, 4, 5, 2)), random.standard_normal((3, 2, 2, 2))

    def penalty(x, filters):
        with sw.GradientTape() as tape:
            tape.watch(x)
            loss = sw.reduce_sum(sw.square(sw.nn.conv2d(x, filters, strides, padding)))
        return sw.reduce_sum(sw.square(tape.gradient(loss, x)))

    def gradients(x, filters):
        with sw.GradientTape() as tape:
            tape.watch([x, filters])
            value = penalty(x, filters)
        return tape.gradient(value, [x, filters])

    found = (sw.function(gradients) if compiled else gradients)(sw.constant(x), sw.constant(filters))
    expected = [
        _differences(lambda moved: penalty(moved, sw.constant(filters)), x),
        _differences(lambda moved: penalty(sw.constant(x), moved), filters),
    ]
    for got, want in zip(found, expected):
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-5, atol=1e-4)


def test_gradient_with_sizes_known_at_run_time():
    spec = [sw.TensorSpec([None, None, None, 2], sw.float64), sw.TensorSpec([3, 3, 2, 4], sw.float64)]

    def gradients(x, filters):
        with sw.GradientTape() as tape:
            tape.watch([x, filters])
            loss = sw.reduce_sum(sw.square(sw.nn.conv2d(x, filters, 2, "SAME")))
        return tape.gradient(loss, [x, filters])

    compiled = sw.function(gradients, input_signature=spec)
    random = np.random.default_rng(0)
    filters = sw.constant(random.standard_normal((3, 3, 2, 4)))
    for shape in ((2, 5, 6, 2), (1, 4, 3, 2), (0, 4, 3, 2)):
        x = sw.constant(random.standard_normal(shape))
        for got, want in zip(compiled(x, filters), gradients(x, filters)):
            np.testing.assert_allclose(got.numpy(), want.numpy(), rtol=1e-12, atol=1e-12)


def test_forms_of_arguments():
    random = np.random.default_rng(0)
    x, filters = random.standard_normal((2, 6, 7, 3)), random.standard_normal((3, 2, 3, 4))
    expected = _convolution(x, filters, strides=(2, 1), dilations=(1, 1), padding=((1, 0), (2, 1)), groups=1)
    pairs = [[0, 0], [1, 0], [2, 1], [0, 0]]
    for strides in ([2, 1], [1, 2, 1, 1], np.array([2, 1])):
        found = sw.nn.conv2d(x, filters, strides, pairs)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)
    first = np.moveaxis(x, -1, 1)
    found = sw.nn.conv2d(first, filters, [1, 1, 2, 1], [[0, 0], [0, 0], [1, 0], [2, 1]], data_format="NCHW")
    np.testing.assert_allclose(found.numpy(), np.moveaxis(expected, -1, 1), rtol=1e-12)


def test_related_functions():
    random = np.random.default_rng(0)
    x, filters = random.standard_normal((2, 5, 6, 4)), random.standard_normal((3, 2, 4, 2))
    attrs = {"strides": (2, 2), "dilations": (1, 1), "padding": "SAME"}
    flat = filters.reshape(3, 2, 1, 8)
    depthwise = _convolution(x, flat, groups=4, **attrs)
    np.testing.assert_allclose(sw.nn.depthwise_conv2d(x, filters, [1, 2, 2, 1], "SAME").numpy(), depthwise, rtol=1e-12)
    point = random.standard_normal((1, 1, 8, 3))
    separable = sw.nn.separable_conv2d(x, filters, point, [1, 2, 2, 1], "SAME")
    np.testing.assert_allclose(separable.numpy(), depthwise @ point[0, 0], rtol=1e-12)
    y = random.standard_normal((2, 3, 3, 2))
    spread = _backprop_input(y, filters, totals=(5, 6), groups=1, **attrs)
    np.testing.assert_allclose(sw.nn.conv2d_transpose(y, filters, x.shape, 2).numpy(), spread, rtol=1e-12)
    volume, looks = random.standard_normal((1, 3, 4, 3, 2)), random.standard_normal((2, 2, 2, 2, 2))
    cube = _convolution(volume, looks, strides=(1, 1, 1), dilations=(1, 1, 1), padding="VALID", groups=1)
    np.testing.assert_allclose(sw.nn.conv3d(volume, looks, 1, "VALID").numpy(), cube, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x, w: sw.nn.conv2d(x[0], w, 1, "SAME"), ValueError, "conv2d: input: expected 4 axes, got shape"),
        (lambda x, w: sw.nn.conv2d(x, w[0], 1, "SAME"), ValueError, "conv2d: filters: expected 4 axes"),
        (lambda x, w: sw.nn.conv2d(x, w, 0, "SAME"), ValueError, "conv2d: strides: expected 1, 2 or 4 numbers"),
        (lambda x, w: sw.nn.conv2d(x, w, [2, 1, 1, 1], "SAME"), ValueError, "strides: expected 1 for examples"),
        (lambda x, w: sw.nn.conv2d(x, w, 0.5, "SAME"), TypeError, "conv2d: strides: expected integers, got 0.5"),
        (lambda x, w: sw.nn.conv2d(x, w, 1, "FULL"), ValueError, "padding: expected SAME, VALID or pairs, got 'FULL'"),
        (lambda x, w: sw.nn.conv2d(x, w, 1, [[0, 0]]), ValueError, "padding: expected 4 pairs"),
        (lambda x, w: sw.nn.conv2d(x, w, 1, "SAME", "NHW"), ValueError, "data_format: expected NHWC or NCHW"),
        (
            lambda x, w: sw.nn.conv2d(x, w[:, :, :2], 1, "SAME"),
            ValueError,
            "filters: expected a number of input channels",
        ),
        (lambda x, w: sw.nn.conv2d(x, w, 1, "VALID"), ValueError, r"does not fit .* \[hl.convolution C3\]"),
        (lambda x, w: sw.nn.conv2d_transpose(x, w, [1, 2, 2], 1), ValueError, "output_shape: expected 4 sizes"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(sw.ones([1, 2, 2, 3]), sw.ones([4, 4, 3, 3]))


def test_export_has_one_convolution_node(tmp_path):
    onnx = pytest.importorskip("onnx")
    filters = np.random.default_rng(0).standard_normal((3, 3, 2, 4)).astype(np.float32)
    compiled = sw.function(lambda x: sw.nn.conv2d(x, filters, 2, "SAME"))
    sw.onnx.export(compiled, tmp_path / "f.onnx", sw.TensorSpec([None, 8, 8, 2]))
    (node,) = (n for n in onnx.load(tmp_path / "f.onnx").graph.node if n.op_type == "Conv")
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    assert attributes == {"group": 1, "strides": [2, 2], "dilations": [1, 1], "pads": [0, 0, 1, 1]}
