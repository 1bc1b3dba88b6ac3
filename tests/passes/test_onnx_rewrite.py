"""Rules on ONNX graphs: what they make of a model, and what they leave."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import parser

from stepwell.compiler.interchange.onnx_export.rewrite.standardize import standardize


def run(model, feeds):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, feeds)


def check(text, expected, *feeds):
    """Rewrite a model given as text; compare its operators, and its results before and after."""
    before = parser.parse_model(f'<ir_version: 10, opset_import: ["" : 21]>\n{text}')
    after = onnx.ModelProto()
    after.CopyFrom(before)
    standardize(after)
    onnx.checker.check_model(after, full_check=True)
    assert [node.op_type for node in after.graph.node] == expected
    for each in feeds:
        for got, want in zip(run(after, each), run(before, each), strict=True):
            assert (got.dtype, got.shape) == (want.dtype, want.shape)
            np.testing.assert_allclose(got, want, rtol=1e-6)


X = {"x": np.float32([[1, -2, 3], [0.5, 4, -1]])}

CASES = {
    "integers are not divided before the model runs where that rounds otherwise": (
        "g (int64[1] x) => (int64[1] y) <int64[1] a = {-7}, int64[1] b = {2}> { c = Div(a, b)  y = Add(x, c) }",
        ["Div", "Add"],
        {"x": np.array([1])},
    ),
    "a division that cannot be done stays": (
        "g (int64[n] x) => (int64[m] y) <int64[1] a = {3}, int64[1] b = {0}, int64[1] z = {0}> "
        "{ c = Div(a, b)  d = Mul(c, z)  y = Concat<axis = 0>(x, d) }",
        ["Div", "Mul", "Concat"],
    ),
    "a check that fails stays": (
        "g (float[n] x) => (float[n] y) <int64[1] zero = {0}, int64[1] two = {2}> "
        "{ token = Reshape(zero, two)  s = Shape(x)  k = ReduceSum<keepdims = 1>(token)  t = Add(s, k)  "
        "y = Reshape(x, t) }",
        ["Reshape", "Shape", "ReduceSum", "Add", "Reshape"],
    ),
    "a check that holds goes": (
        "g (float[n] x) => (float[n] y) <int64[1] zero = {0}, int64[1] one = {1}> "
        "{ token = Reshape(zero, one)  s = Shape(x)  t = Add(s, token)  r = Reshape(x, t)  y = Relu(r) }",
        ["Relu"],
        {"x": np.float32([1, -1])},
    ),
    "sizes stay wide": (
        "g (float[n, 3] x) => (int64[1] y) "
        "{ s = Shape<start = 0, end = 1>(x)  i = Cast<to = 6>(s)  j = Cast<to = 7>(i)  y = Add(j, j) }",
        ["Shape", "Add"],
        X,
    ),
    "a number that is cut to int32 is not a size": (
        "g (int64[n] x) => (int64[n] y) { a = Cast<to = 6>(x)  y = Cast<to = 7>(a) }",
        ["Cast", "Cast"],
        {"x": np.array([2**40 + 5, -1])},
    ),
    "equal nodes are one": (
        "g (float[a, b] x) => (float[a, b] y) { e = Exp(x)  f = Exp(x)  y = Mul(e, f) }",
        ["Exp", "Mul"],
        X,
    ),
    "a result that is an input stays": ("g (float[a, b] x) => (float[a, b] y) { y = Identity(x) }", ["Identity"], X),
    "one value is two results": (
        "g (float[a, b] x) => (float[a, b] y, float[a, b] z) { r = Relu(x)  y = Identity(r)  z = Identity(r) }",
        ["Relu", "Identity"],
        X,
    ),
    "a softmax of the rows is none of the columns": (
        "g (float[2, 3] x) => (float[2, 3] y) <int64[1] a = {1}, int64[1] b = {0}> "
        "{ m = ReduceMax(x, a)  d = Sub(x, m)  e = Exp(d)  s = ReduceSum(e, b)  y = Div(e, s) }",
        ["ReduceMax", "Sub", "Exp", "ReduceSum", "Div"],
        X,
    ),
    "a bias for the rows is none for the columns": (
        "g (float[2, 3] x, float[3, 2] w) => (float[2, 2] y) <float[2, 1] b = {1, 2}> "
        "{ p = MatMul(x, w)  y = Add(p, b) }",
        ["MatMul", "Add"],
        X | {"w": np.ones((3, 2), np.float32)},
    ),
    "a product that is used twice stays": (
        "g (float[2, 3] x, float[3, 2] w) => (float[2, 2] y, float[2, 2] z) <float[2] b = {1, 2}> "
        "{ z = MatMul(x, w)  y = Add(z, b) }",
        ["MatMul", "Add"],
        X | {"w": np.ones((3, 2), np.float32)},
    ),
    "a clip with its bounds the wrong way round is none": (
        "g (float[2, 3] x) => (float[2, 3] y) <float low = {2}, float high = {1}> "
        "{ m = Max(x, low)  y = Min(m, high) }",
        ["Max", "Min"],
        X,
    ),
    "a relu that makes a tensor larger is none": (
        "g (float[3] x) => (float[1, 3] y) <float[1, 1] zero = {0}> { y = Max(x, zero) }",
        ["Max"],
        {"x": np.float32([1, -2, 3])},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_rules(name):
    check(*CASES[name])
