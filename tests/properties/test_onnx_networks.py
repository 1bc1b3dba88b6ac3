"""Networks of random layers as ONNX models of standard operators, with and without ONNX Runtime's optimizations."""

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw


def constant(*shape):
    random = np.random.default_rng(sum(shape) + len(shape))
    return sw.constant(random.normal(size=shape, scale=0.5).astype(np.float32))


def conv(x, size=1, stride=1, padding="SAME"):
    return sw.nn.conv2d(x, constant(size, size, int(x.shape[-1]), 4), stride, padding)


def channels_first(f):
    """`f` on a tensor with its channels first."""
    return lambda x: sw.transpose(f(sw.transpose(x, [0, 3, 1, 2])), [0, 2, 3, 1])


IMAGES = {
    "conv": conv,
    "conv 3, stride 2": lambda x: conv(x, 3, 2),
    "depthwise": lambda x: sw.nn.depthwise_conv2d(x, constant(3, 3, int(x.shape[-1]), 2), [1, 1, 1, 1], "SAME"),
    "bias": lambda x: x + constant(int(x.shape[-1])),
    "scale": lambda x: constant(1, 1, 1, int(x.shape[-1])) * x,
    "scalar": lambda x: 2.0 - x,
    "relu": sw.nn.relu,
    "gelu": sw.nn.gelu,
    "relu6": sw.nn.relu6,
    "leaky": lambda x: sw.nn.leaky_relu(x, 0.3),
    "elu": sw.nn.elu,
    "softplus": sw.math.softplus,
    "choose": lambda x: sw.where(x > 0.2, x, constant(int(x.shape[-1]))),
    "max_pool": lambda x: sw.nn.max_pool2d(x, 2, 1, "SAME"),
    "avg_pool": lambda x: sw.nn.avg_pool2d(x, 2, 1, "SAME"),
    "pad": lambda x: sw.pad(x, [[0, 0], [1, 0], [0, 1], [0, 0]]),
    "concat": lambda x: sw.concat([x, sw.tanh(x)], 3),
    "concat of rows": lambda x: sw.concat([x, conv(x, 1) if x.shape[-1] == 4 else x], 1),
    "residual": lambda x: x + sw.tanh(conv(x)) if x.shape[-1] == 4 else x + sw.tanh(x),
    "softmax": lambda x: sw.nn.softmax(x, 1),
    "squeeze and excite": lambda x: x * sw.sigmoid(sw.reduce_mean(x, [1, 2], True)),
    "less the greatest": lambda x: x - sw.reduce_max(x, [3], True),
    "normalize": lambda x: normalized(x, [-1]) * constant(int(x.shape[-1])) + 0.1,
    "normalize all": lambda x: normalized(x, [1, 2, 3]),
    "turn": lambda x: sw.transpose(x, [0, 2, 1, 3]),
    "channels first relu": channels_first(sw.nn.relu),
    "channels first sum": channels_first(lambda x: x + sw.reduce_sum(x, [2, 3], True)),
    "channels first conv": channels_first(
        lambda x: sw.nn.bias_add(
            sw.nn.conv2d(x, constant(3, 3, int(x.shape[1]), 4), 1, "SAME", data_format="NCHW"), constant(4), "NCHW"
        )
    ),
    "batch norm": lambda x: sw.nn.batch_normalization(
        conv(x), constant(4), constant(4) ** 2.0, constant(4) + 0.5, constant(4) * 2.0, 0.1
    ),
    "transposed conv": lambda x: (
        sw.nn.conv2d_transpose(
            x, constant(2, 2, 3, int(x.shape[3])), [sw.shape(x)[0], *(int(n) for n in x.shape[1:3]), 3], 1, "SAME"
        )
        + constant(3)
    ),
    "conv, pad": lambda x: IMAGES["pad"](conv(x)),
    "clip": lambda x: sw.clip_by_value(x, -0.5, 1.5),
    "twice": lambda x: sw.nn.relu(x) + sw.nn.relu(x) * x,
    "rows": lambda x: sw.reshape(sw.reshape(x, [-1, int(x.shape[1]), int(x.shape[2]) * int(x.shape[3])]), shape_of(x)),
}

HEADS = {
    "as it is": lambda x: x,
    "mean": lambda x: sw.reduce_mean(x, [1, 2]),
    "greatest": lambda x: sw.argmax(x, 3),
    "flat": lambda x: flat(x),
    "dense": lambda x: dense(flat(x)),
    "dense, softmax": lambda x: sw.nn.softmax(dense(sw.nn.relu(dense(flat(x))))),
    "log_softmax": lambda x: sw.nn.log_softmax(dense(flat(x)) + 1.0),
    "kept": lambda x: (x, sw.reduce_sum(x, [0, 3]), sw.shape(x)),
}


def shape_of(x):
    return [-1, *(int(size) for size in x.shape[1:])]


def normalized(x, axes):
    mean, variance = sw.nn.moments(x, axes, keepdims=True)
    return (x - mean) * sw.math.rsqrt(variance + 0.1)


def flat(x):
    return sw.reshape(x, [-1, int(np.prod(x.shape[1:]))])


def dense(x):
    return sw.matmul(x, constant(int(x.shape[1]), 5)) + constant(5)


def run(proto, feeds, optimized):
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(proto, options, providers=["CPUExecutionProvider"]).run(None, feeds)


def network(layers, head):
    def f(x):
        for layer in layers:
            x = IMAGES[layer](x)
        return HEADS[head](x)

    return f


@pytest.mark.parametrize("static", [False, True])
def test_networks_agree_with_the_interpreter(static, tmp_path):
    @settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        layers=st.lists(st.sampled_from(sorted(IMAGES)), min_size=1, max_size=6),
        head=st.sampled_from(sorted(HEADS)),
        optimized=st.booleans(),
    )
    def check(layers, head, optimized):
        f, path = network(layers, head), tmp_path / "network.onnx"
        spec = sw.TensorSpec([2 if static else None, 5, 4, 4])
        sw.onnx.export(sw.function(f, autograph=False), path, spec)
        proto = path.read_bytes()
        onnx.checker.check_model(onnx.load_from_string(proto), full_check=True)
        oracle = sw.function(f, engine="interpreter", autograph=False, input_signature=[spec])
        for batch in (2,) if static else (2, 0):
            x = np.random.default_rng(batch).normal(size=(batch, 5, 4, 4)).astype(np.float32)
            results = oracle(sw.constant(x))
            results = results if isinstance(results, tuple) else (results,)
            for got, want in zip(run(proto, {"x": x}, optimized), results, strict=True):
                want = np.asarray(want)
                assert (got.dtype, got.shape) == (want.dtype, want.shape)
                largest = np.max(np.abs(want), initial=1.0)
                if want.dtype.kind == "f":
                    np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-4 * largest)
                else:
                    np.testing.assert_array_equal(got, want)

    check()
