"""`sw.onnx.export` by default: standard operators, few nodes, the same numbers."""

import json
from importlib import metadata

import numpy as np
import onnx
import onnxruntime
import pytest

import stepwell as sw

RANDOM = np.random.default_rng(0)


def weights(*shape):
    return sw.Variable(RANDOM.normal(size=shape, scale=0.2).astype(np.float32), name="w")


def data(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def op_types(graph):
    """The operators of a graph, each nested graph in brackets behind its node."""
    found = []
    for node in graph.node:
        found.append(node.op_type)
        found.extend(op_types(attribute.g) for attribute in node.attribute if attribute.HasField("g"))
    return found


def check(path, f, specs, expected, *inputs, rtol=1e-4, atol=1e-5, **options):
    """Export `f`; compare its operators, and what ONNX Runtime makes of it with what the interpreter does."""
    sw.onnx.export(f, path, *specs, **options)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 21)]
    assert op_types(model.graph) == expected
    oracle = sw.function(f.python_function, engine="interpreter")
    level = onnxruntime.GraphOptimizationLevel
    for chosen in (level.ORT_DISABLE_ALL, level.ORT_ENABLE_ALL):
        session_options = onnxruntime.SessionOptions()
        session_options.graph_optimization_level = chosen
        session = onnxruntime.InferenceSession(str(path), session_options)
        for arrays in inputs:
            feeds = dict(zip([value.name for value in session.get_inputs()], arrays, strict=True))
            results = oracle(*[sw.constant(array) for array in arrays])
            results = results if isinstance(results, tuple) else (results,)
            for got, want in zip(session.run(None, feeds), results, strict=True):
                assert (got.dtype, got.shape) == (want.dtype, tuple(want.shape))
                np.testing.assert_allclose(got, want.numpy(), rtol=rtol, atol=atol)
    return model


@pytest.fixture
def path(tmp_path):
    """Where a model is to be written."""
    return tmp_path / "model.onnx"


def vector(f, n=9):
    """`f` on vectors of any size."""
    x = np.linspace(-4, 4, n).astype(np.float32)
    return sw.function(f), [sw.TensorSpec([None])], [(x,), (x[:0],)]


ELEMENTWISE = {
    "relu": (sw.nn.relu, ["Relu"]),
    "maximum with 0": (lambda x: sw.maximum(x, 0.0), ["Relu"]),
    "relu6": (sw.nn.relu6, ["Clip"]),
    "clip": (lambda x: sw.clip_by_value(x, -1.0, 2.0), ["Clip"]),
    "maximum, minimum": (lambda x: sw.minimum(sw.maximum(x, -0.5), 0.5), ["Clip"]),
    "leaky_relu": (lambda x: sw.nn.leaky_relu(x, 0.1), ["LeakyRelu"]),
    "elu": (sw.nn.elu, ["Elu"]),
    "selu": (sw.nn.selu, ["Selu"]),
    "softplus": (sw.math.softplus, ["Softplus"]),
    "softsign": (sw.nn.softsign, ["Softsign"]),
    "gelu": (sw.nn.gelu, ["Gelu"]),
    "gelu by tanh": (lambda x: sw.nn.gelu(x, approximate=True), ["Gelu"]),
    "sigmoid": (sw.sigmoid, ["Sigmoid"]),
    "silu": (sw.nn.silu, ["Sigmoid", "Mul"]),
    "hard sigmoid": (lambda x: sw.nn.relu6(x + 3.0) / 6.0, ["HardSigmoid"]),
    "hard swish": (lambda x: x * (sw.nn.relu6(x + 3.0) / 6.0), ["HardSwish"]),
    "tanh, erf, sign": (lambda x: (sw.tanh(x), sw.math.erf(x), sw.sign(x)), ["Tanh", "Erf", "Sign"]),
    "softmax": (sw.nn.softmax, ["Softmax"]),
    "log_softmax": (sw.nn.log_softmax, ["LogSoftmax"]),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_functions_of_nn_are_single_operators(path, name):
    f, expected = ELEMENTWISE[name]
    function, specs, inputs = vector(f)
    check(path, function, specs, expected, *inputs)


REDUCTIONS = {
    "sum": (lambda x: sw.reduce_sum(x, 1), ["ReduceSum"]),
    "mean": (lambda x: sw.reduce_mean(x, 1), ["ReduceMean"]),
    "max": (lambda x: sw.reduce_max(x, 0), ["ReduceMax"]),
    "min": (lambda x: sw.reduce_min(x, 1), ["ReduceMin"]),
    "prod": (lambda x: sw.reduce_prod(x, [0, 1]), ["ReduceProd"]),
    "argmax": (lambda x: sw.argmax(x, 1), ["ArgMax"]),
    "softmax along an axis": (lambda x: sw.nn.softmax(x, 0), ["Softmax"]),
}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_are_single_operators(path, name):
    f, expected = REDUCTIONS[name]
    check(path, sw.function(f), [sw.TensorSpec([None, None])], expected, (data(3, 4),), (data(1, 5),))


def test_softmax_of_relu(path):
    f = sw.function(lambda x: sw.nn.softmax(sw.nn.relu(x)))
    check(path, f, [sw.TensorSpec([256, 1000])], ["Relu", "Softmax"], (data(256, 1000),))


def test_products_of_float64_have_an_operator_too(path):
    w, b = sw.constant(data(3, 2).astype(np.float64)), sw.constant(data(2).astype(np.float64))
    f = sw.function(lambda x: sw.nn.softmax(sw.matmul(x, w) + b))
    specs = [sw.TensorSpec([None, 3], np.float64)]
    check(path, f, specs, ["Gemm", "Softmax"], (data(4, 3).astype(np.float64),), (data(0, 3).astype(np.float64),))


def test_perceptron(path):
    w1, b1, w2, b2 = weights(4, 8), weights(8), weights(3, 8), weights(3)

    @sw.function
    def f(x):
        return sw.matmul(sw.nn.relu(sw.matmul(x, w1) + b1), w2, transpose_b=True) + b2

    check(path, f, [sw.TensorSpec([None, 4])], ["Gemm", "Relu", "Gemm"], (data(5, 4),), (data(0, 4),))


@pytest.mark.parametrize("pool", ["max", "avg"])
def test_convolutional_network(path, pool):
    k1, b1, k2, b2, w, b = weights(3, 3, 1, 4), weights(4), weights(3, 3, 4, 5), weights(5), weights(80, 3), weights(3)
    pooled = sw.nn.max_pool2d if pool == "max" else sw.nn.avg_pool2d

    @sw.function
    def f(x):
        h = pooled(sw.nn.relu(sw.nn.bias_add(sw.nn.conv2d(x, k1, 1, "SAME"), b1)), 2, 2, "VALID")
        h = pooled(sw.nn.relu(sw.nn.conv2d(h, k2, 1, "SAME") + b2), 2, 2, "SAME")
        return sw.nn.softmax(sw.matmul(sw.reshape(h, [-1, 80]), w) + b)

    node = "MaxPool" if pool == "max" else "AveragePool"
    layers = ["Conv", "Relu", node] * 2
    expected = ["Transpose", *layers, "Transpose", "Reshape", "Gemm", "Softmax"]
    check(path, f, [sw.TensorSpec([None, 16, 16, 1])], expected, (data(2, 16, 16, 1),), (data(0, 16, 16, 1),))


def test_transposes_around_a_residual_block_cancel(path):
    k1, k2, scale = weights(3, 3, 4, 4), weights(1, 1, 4, 4), sw.constant(data(4))

    @sw.function
    def f(x):
        h = sw.nn.conv2d(x, k1, 1, "SAME") * scale
        h = sw.concat([sw.nn.relu(h), sw.tanh(sw.nn.conv2d(h + x, k2, 1, "VALID"))], 3)
        return sw.reduce_mean(sw.pad(h, [[0, 0], [1, 1], [0, 0], [0, 0]]), [1, 2])

    sw.onnx.export(f, path, sw.TensorSpec([None, 6, 6, 4]))
    found = op_types(onnx.load(path).graph)
    assert found.count("Transpose") == 1
    expected = ["Transpose", "Conv", "Mul", "Relu", "Add", "Conv", "Tanh", "Concat", "Pad", "ReduceMean"]
    check(path, f, [sw.TensorSpec([None, 6, 6, 4])], expected, (data(2, 6, 6, 4),), (data(0, 6, 6, 4),))


NORMALIZATIONS = {
    "moments": lambda x, g, b: sw.nn.batch_normalization(x, *sw.nn.moments(x, [-1], keepdims=True), b, g, 1e-5),
    "by hand": lambda x, g, b: by_hand(x, 1e-3) * g + b,
    "without offset": lambda x, g, b: by_hand(x, 1e-3) * g,
    "without scale": lambda x, g, b: by_hand(x, 1e-6),
}


def by_hand(x, epsilon):
    mean = sw.reduce_mean(x, -1, keepdims=True)
    return (x - mean) / sw.sqrt(sw.reduce_mean(sw.square(x - mean), -1, keepdims=True) + epsilon)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_layer_normalization(path, name):
    g, b = weights(6), weights(6)
    f = sw.function(lambda x: NORMALIZATIONS[name](x, g, b))
    specs = [sw.TensorSpec([None, None, 6])]
    check(path, f, specs, ["LayerNormalization"], (data(2, 3, 6),), (data(0, 3, 6),))


def test_a_mean_of_one_element_is_no_layer_normalization(path):
    f = sw.function(lambda x: by_hand(x, 1e-3))
    sw.onnx.export(f, path, sw.TensorSpec([None, 1]), sample_inputs=[data(3, 1)])
    assert "LayerNormalization" not in op_types(onnx.load(path).graph)


def test_gelu_network(path):
    w1, b1, w2 = weights(4, 8), weights(8), weights(8, 4)
    f = sw.function(lambda x: sw.matmul(sw.nn.gelu(sw.matmul(x, w1) + b1), w2) + x)
    check(path, f, [sw.TensorSpec([None, 4])], ["Gemm", "Gelu", "MatMul", "Add"], (data(5, 4),), (data(0, 4),))


def attention(n, heads=2, depth=4):
    wq, wk, wv, wo = (weights(n, n) for _ in range(4))

    def f(x):
        examples, steps = sw.shape(x)[0], sw.shape(x)[1]
        q, k, v = (
            sw.transpose(sw.reshape(sw.matmul(x, w), [examples, steps, heads, depth]), [0, 2, 1, 3])
            for w in (wq, wk, wv)
        )
        shares = sw.nn.softmax(sw.matmul(q, k, transpose_b=True) / depth**0.5)
        found = sw.transpose(sw.matmul(shares, v), [0, 2, 1, 3])
        return sw.matmul(sw.reshape(found, [examples, steps, heads * depth]), wo)

    return sw.function(f)


def test_attention(path):
    f = attention(8)
    sw.onnx.export(f, path, sw.TensorSpec([None, None, 8]))
    found = op_types(onnx.load(path).graph)
    assert len(found) <= 17 and "Cast" not in found
    assert sizes(onnx.load(path).graph.output) == {"output": ["x_0", "x_1", 8]}
    check(path, f, [sw.TensorSpec([None, None, 8])], found, (data(2, 3, 8),), (data(0, 3, 8),), (data(2, 0, 8),))


def test_looking_up_rows_is_gather(path):
    table = weights(10, 4)
    f = sw.function(lambda ids: sw.gather(table, ids))
    ids = np.array([[1, 9], [0, 3]], np.int32)
    check(path, f, [sw.TensorSpec([None, None], np.int32)], ["Gather"], (ids,), (ids[:0],))
    with pytest.raises(Exception, match="out of data bounds"):
        sw.onnx.run(path, np.array([[10]], np.int32))


def test_an_assigned_variable_is_no_constant(path):
    w, b, seen = weights(4, 4), weights(4), sw.Variable(0, name="seen")

    @sw.function
    def f(x):
        seen.assign_add(1)
        w.assign(w * 2.0)
        return sw.matmul(x, w, transpose_b=True) + b

    before = w.numpy()
    sw.onnx.export(f, path, sw.TensorSpec([None, 4]))
    x = data(2, 4)
    np.testing.assert_allclose(sw.onnx.run(path, x)[0], x @ (2 * before).T + b.numpy(), rtol=1e-5)


def test_exact_keeps_what_operators_do_not(path):
    x = np.array([np.nan, -0.0, 0.0, -np.inf, np.inf, 2.0], np.float32)
    f = sw.function(lambda x: (sw.nn.relu(x), sw.reduce_max(x), sw.sign(x)))
    sw.onnx.export(f, path, sw.TensorSpec([None]), exact=True)
    assert "Relu" not in op_types(onnx.load(path).graph)
    for got, want in zip(sw.onnx.run(path, x), f(sw.constant(x)), strict=True):
        np.testing.assert_array_equal(got, want.numpy())
        np.testing.assert_array_equal(np.signbit(got), np.signbit(want.numpy()))
    sw.onnx.export(f, path, sw.TensorSpec([None]))
    assert op_types(onnx.load(path).graph) == ["Relu", "ReduceMax", "Sign"]


def test_checks_of_the_user_stay(path):
    @sw.function
    def f(x):
        assert sw.reduce_min(x) > 0.0, "too small"
        return sw.nn.relu(x)

    sw.onnx.export(f, path, sw.TensorSpec([None]))
    assert sw.onnx.run(path, [1.0, 2.0])[0].tolist() == [1.0, 2.0]
    with pytest.raises(Exception, match="too small"):
        sw.onnx.run(path, [1.0, -2.0])


def test_every_node_has_the_line_of_the_user(path):
    sw.onnx.export(attention(8), path, sw.TensorSpec([None, None, 8]))
    for node in onnx.load(path).graph.node:
        assert "test_onnx_standard_form.py" in {e.key: e.value for e in node.metadata_props}["stepwell.source"]


def sizes(values):
    """For each input or output its sizes: numbers or names."""
    return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}


def test_sizes_have_the_names_that_specs_give_them(path):
    w = weights(3, 2)

    @sw.function(input_signature=[sw.TensorSpec(["batch", 3], name="images"), sw.TensorSpec(["batch", None])])
    def f(x, y):
        return sw.matmul(x, w), sw.nn.softmax(y), sw.concat([x, y], 1), sw.reduce_sum(y, 0)

    sw.onnx.export(f, path)
    model = onnx.load(path)
    assert sizes(model.graph.input) == {"images": ["batch", 3], "y": ["batch", "y_1"]}
    found = sizes(model.graph.output)
    assert found.pop("output_2")[0] == "batch"
    assert found == {"output_0": ["batch", 2], "output_1": ["batch", "y_1"], "output_3": ["y_1"]}
    assert "Equal" not in op_types(model.graph)
    sw.onnx.run(path, data(2, 3), data(2, 5))


def test_metadata_says_where_a_model_comes_from(path):
    @sw.function
    def triple(x):
        return x * 3.0

    sw.onnx.export(triple, path, sw.TensorSpec(["n"]), exact=True)
    model = onnx.load(path)
    assert (model.producer_name, model.producer_version) == ("stepwell", metadata.version("stepwell"))
    properties = {entry.key: entry.value for entry in model.metadata_props}
    assert properties["stepwell.function"] == "triple"
    assert json.loads(properties["stepwell.options"]) == {"exact": True, "drop_prints": False}


def test_batch_normalization_behind_a_convolution(path):
    k, mean, variance, offset, scale = (
        weights(3, 3, 2, 4),
        weights(4),
        sw.constant(data(4) ** 2),
        weights(4),
        weights(4),
    )

    @sw.function
    def f(x):
        h = sw.nn.conv2d(x, k, 1, "SAME")
        return sw.nn.relu(sw.nn.batch_normalization(h, mean, variance, offset, scale, 1e-3))

    expected = ["Transpose", "Conv", "BatchNormalization", "Relu", "Transpose"]
    check(path, f, [sw.TensorSpec([None, 5, 5, 2])], expected, (data(2, 5, 5, 2),), (data(0, 5, 5, 2),), atol=1e-4)


WINDOWS = {
    "conv": (lambda x: sw.nn.conv2d(x, FILTERS, 2, "SAME"), "Conv"),
    "dilated": (lambda x: sw.nn.conv2d(x, FILTERS, 1, "SAME", dilations=2), "Conv"),
    "valid": (lambda x: sw.nn.conv2d(x, FILTERS, 2, "VALID"), "Conv"),
    "max_pool": (lambda x: sw.nn.max_pool2d(x, 3, 2, "SAME"), "MaxPool"),
    "avg_pool": (lambda x: sw.nn.avg_pool2d(x, 3, 2, "SAME"), "AveragePool"),
}
FILTERS = sw.constant(data(3, 3, 2, 4))


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_over_images_of_any_size_are_single_operators(path, name):
    f, node = WINDOWS[name]
    images = [(data(2, *size, 2),) for size in ((5, 6), (6, 5), (7, 7), (3, 4))]
    specs, expected = [sw.TensorSpec([None, None, None, 2])], ["Transpose", node, "Transpose"]
    check(path, sw.function(f), specs, expected, *images, (data(0, 5, 6, 2),))


def test_a_transposed_convolution_takes_its_bias(path):
    k, b = sw.constant(data(3, 3, 4, 2)), weights(4)
    f = sw.function(lambda x: sw.nn.conv2d_transpose(x, k, [2, 10, 10, 4], 2, "SAME") + b)
    check(path, f, [sw.TensorSpec([2, 5, 5, 2])], ["Transpose", "ConvTranspose", "Transpose"], (data(2, 5, 5, 2),))


SHAPES = {
    "flat": (lambda x: sw.reshape(x, [sw.shape(x)[0], 12]), ["Reshape"]),
    "flat, inferred": (lambda x: sw.reshape(x, [sw.shape(x)[0], -1]), ["Reshape"]),
    "rows": (lambda x: sw.reshape(x, [-1, 3]), ["Reshape"]),
    "numbers": (lambda x: sw.range(sw.shape(x)[0]), ["Shape", "Squeeze", "Range", "Cast"]),
    "turned": (lambda x: sw.transpose(x, [1, 0, 2]), ["Transpose"]),
    "joined": (lambda x: sw.concat([x, x], 0), ["Concat"]),
    "stacked": (lambda x: sw.stack([x, x], 1), ["Unsqueeze", "Concat"]),
    "padded": (lambda x: sw.pad(x, [[0, 0], [1, 1], [0, 0]]), ["Pad"]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_short(path, name):
    f, expected = SHAPES[name]
    sw.onnx.export(sw.function(f), path, sw.TensorSpec([None, 4, 3]))
    found = op_types(onnx.load(path).graph)
    assert len(found) <= len(expected), found
    inputs = [(data(2, 4, 3),), (data(1, 4, 3),), *([] if "inferred" in name else [(data(0, 4, 3),)])]
    check(path, sw.function(f), [sw.TensorSpec([None, 4, 3])], found, *inputs)
