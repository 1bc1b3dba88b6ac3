"""Functions of models and of images: on all engines, of unknown sizes, and their slopes beside TensorFlow 2.21's."""

import numpy as np
import pytest
from support.every_engine import EveryEngine

import stepwell as sw

SOURCE = np.random.default_rng(0)
X = SOURCE.normal(size=(2, 5, 4, 3)).astype("f")
FILTERS = SOURCE.normal(size=(2, 2, 3)).astype("f")
IMAGES = [SOURCE.uniform(size=(12, 13, 2)).astype("f") for _ in range(2)]
V = SOURCE.normal(size=(3, 4)).astype("f") * 5
ONE = [1, 1, 1, 1]

SLOPES = [
    (lambda x: sw.nn.lrn(x, 1, 1.0, 0.5, 0.75), [X], [4.49086332321167, 419.42474365234375]),
    (
        lambda x, w: sw.nn.weighted_moments(x, [0, 1], w * w + 1.0),
        [X, X[:, :, :1]],
        [8.297527313232422, 365.14471435546875, 95.61056518554688],
    ),
    (lambda x: sw.nn.max_pool_with_argmax(x, 2, 2, "SAME")[0], [X], [23.756113052368164, 125.96553039550781]),
    (
        lambda x, f: sw.nn.dilation2d(x, f, ONE, "SAME", "NHWC", ONE),
        [X, FILTERS],
        [69.20890808105469, 298.64813232421875, 36.576454162597656],
    ),
    (
        lambda x, f: sw.nn.erosion2d(x, f, [1, 2, 1, 1], "VALID", "NHWC", ONE),
        [X, FILTERS],
        [-20.92391586303711, 107.88985443115234, 36.61566162109375],
    ),
    (
        lambda x: sw.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 1, 1], ONE, "SAME"),
        [X],
        [14.00847053527832, 446.2660827636719],
    ),
    (sw.image.sobel_edges, [X], [-3.8857123851776123, 414.08868408203125]),
    (lambda a, b: sw.image.ssim(a, b, 1.0), IMAGES, [0.04608337581157684, 1022.9443969726562, 1149.0859375]),
    (lambda v: sw.math.cumulative_logsumexp(v, 1), [V], [-6.518129348754883, 44.71636962890625]),
    (lambda v: sw.math.cumulative_logsumexp(v, 0, True, True)[:2], [V], [-0.6745729446411133, 32.861419677734375]),
    (lambda x: sw.space_to_batch(x, [2, 2], [[1, 0], [0, 0]]), [X], [6.953925132751465, 415.1994323730469]),
    (
        lambda x: sw.batch_to_space(sw.concat([x, x * 2.0], 0), [2, 2], [[1, 0], [0, 1]]),
        [X],
        [3.42095947265625, 375.33343505859375],
    ),
    (lambda v: sw.nn.log_poisson_loss(sw.abs(v), v / 5.0, True), [V], [5.214635372161865, 47.70921325683594]),
]


@pytest.mark.parametrize("function, args, expected", SLOPES)
def test_values_and_slopes_are_tensorflows(function, args, expected):
    tensors = [sw.constant(arg) for arg in args]
    with sw.GradientTape() as tape:
        tape.watch(tensors)
        found = function(*tensors)
        total = sw.add_n([sw.reduce_sum(sw.sin(each)) for each in sw.nest.flatten(found)])
    grads = tape.gradient(total, tensors)
    np.testing.assert_allclose(float(total), expected[0], rtol=1e-5, atol=1e-5)
    totals = [float(sw.reduce_sum(g * sw.reshape(sw.range(float(g.numpy().size)), g.shape) % 7.0)) for g in grads]
    np.testing.assert_allclose(totals, expected[1:], rtol=1e-4)


def test_functions_of_images_on_all_engines():
    def everything(x, f, a, b):
        largest, places = sw.nn.max_pool_with_argmax(x, 2, 2, "SAME", include_batch_in_index=True)
        return [
            sw.nn.local_response_normalization(x, 1),
            sw.nn.sufficient_statistics(x, [0, 1], shift=0.5)[:3],
            sw.nn.weighted_moments(x, [1, 2], sw.abs(x[..., :1]) + 1.0, keepdims=True),
            largest,
            places,
            sw.nn.dilation2d(x, sw.ensure_shape(f, [2, 2, None]), ONE, "SAME", "NHWC", ONE),
            sw.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 1, 1], ONE, "VALID"),
            sw.image.sobel_edges(x),
            sw.image.ssim(a, b, 1.0, filter_size=5),
            sw.space_to_batch(x, [1, 2], [[1, 0], [0, 0]]),
            sw.batch_to_space(sw.concat([x, x * 2.0], 0), [2, 2], [[1, 0], [0, 1]]),
        ]

    engines = EveryEngine(everything, ([None, None, None, 3], "f"), 3, *[([None, None, 2], "f")] * 2)
    engines.check(X, FILTERS, *IMAGES, rtol=1e-5, atol=1e-5)
    engines.check(X[:, :3, :2], FILTERS, *(image[:7, :8] for image in IMAGES), rtol=1e-5, atol=1e-5)


def test_functions_of_numbers_on_all_engines():
    def everything(v, w, i):
        return [
            sw.math.cumulative_logsumexp(sw.ensure_shape(v, [None, 4]), 1),
            sw.nn.crelu(v),
            sw.nn.log_poisson_loss(sw.abs(v), w, True),
            sw.saturate_cast(v * 1e9, sw.int32),
            sw.saturate_cast(sw.cast(v, sw.int64) * 10**9, sw.int32),
            sw.math.accumulate_n([v, w]),
            sw.unravel_index(i, sw.shape(v)),
            sw.shape_n([v, i]),
        ]

    engines = EveryEngine(everything, 2, 2, (1, np.int32))
    w = np.where(np.arange(12).reshape(3, 4) % 3, V[::-1], V)
    values = engines.check(V, w, np.array([0, 5, 11], np.int32))
    np.testing.assert_array_equal(values[6].numpy(), np.unravel_index([0, 5, 11], (3, 4)))
    engines.refuses(V, w, np.array([12], np.int32))
    engines.refuses(V, w, np.array([-1], np.int32))


def test_the_next_number():
    engines = EveryEngine(sw.math.nextafter, 1, 1, engines=["native", "interpreter"])
    x, y = np.float32([0, 0, -0.0, 1, -1, np.inf, np.nan, 2]), np.float32([1, -1, 1, 0, -2, 0, 1, 2])
    np.testing.assert_array_equal(engines.check(x, y).numpy(), np.nextafter(x, y))


def test_shapes_that_are_named():
    def check(x, y):
        sw.debugging.assert_shapes([(x, ("n", "m")), (y, (Ellipsis, "m", 5)), (x, (None, "."))])
        return x

    engines = EveryEngine(check, 2, 3, engines=["native", "interpreter"])
    engines.check(np.zeros((2, 3), "f"), np.zeros((4, 3, 5), "f"))
    engines.refuses(np.zeros((2, 3), "f"), np.zeros((4, 2, 5), "f"))
    engines.refuses(np.zeros((2, 3), "f"), np.zeros((4, 3, 6), "f"))
    x = sw.zeros([2, 3])
    sw.debugging.assert_shapes({x.ref(): [2, "q"]})
    sw.debugging.assert_shapes([(1.0, []), (1.0, [1]), (x, "*b"), (x, [2, "3"])])
    for wanted, message in [
        ([2], r"tensor 0 of shape \(2, 3\): expected 1 axes, as in \(2\)"),
        ([2, 4], r"hello: tensor 0 of shape \(2, 3\): axis 1 of \(2, 4\): expected 4 elements, got 3"),
        (["a", "a"], "expected 2 elements as 'a' of tensor 0 of shape"),
        ([..., 1, 2, 3], "expected 3 axes or more"),
    ]:
        with pytest.raises(ValueError, match=message):
            sw.debugging.assert_shapes([(x, wanted)], message="hello")
    sw.debugging.assert_rank_in(x, [1, 2])
    with pytest.raises(ValueError, match=r"expected 1 or 3 axes, got shape \(2, 3\)"):
        sw.debugging.assert_rank_in(x, [1, 3])
    assert sw.debugging.assert_same_float_dtype([x, None], sw.float32) == sw.float32
    for tensors, dtype in [([x, sw.zeros([1], sw.float64)], None), ([x], sw.float64), ([1], None)]:
        with pytest.raises(ValueError, match="expected"):
            sw.debugging.assert_same_float_dtype(tensors, dtype)
    sw.debugging.assert_proper_iterable([x])
    with pytest.raises(TypeError, match="expected a list of tensors"):
        sw.debugging.assert_proper_iterable(x)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: sw.nn.lrn(X[0]), r"expected 4 axes, got shape \(5, 4, 3\)"),
        (lambda: sw.nn.lrn(X, -1), "expected 0 or more, got -1"),
        (lambda: sw.space_to_batch(X, [2, 2], [[0, 0], [0, 0]]), "expected blocks of 2, got 5 elements"),
        (lambda: sw.space_to_batch(X, [2], [[0, 0, 0]]), "paddings: expected 1 pairs"),
        (lambda: sw.batch_to_space(X[:1], [2], [[0, 0]]), "expected 2 examples for each one, got 1"),
        (lambda: sw.batch_to_space(X, [2], [[9, 9]]), "expected at most 10 elements, got 18"),
        (lambda: sw.nn.max_pool_with_argmax(X, 2, 2, "SAME", "NCHW"), "expected NHWC, got 'NCHW'"),
        (lambda: sw.nn.dilation2d(X, FILTERS[0], ONE, "SAME", "NHWC", ONE), "expected a height, a width and channels"),
        (lambda: sw.image.ssim(IMAGES[0], IMAGES[1][:5], 1.0), "expected images of one shape"),
        (lambda: sw.image.ssim(X[0], X[1], 1.0), "expected images of 11 or more elements a side"),
        (lambda: sw.math.cumulative_logsumexp([1, 2]), "expected floats, got dtype int32"),
        (lambda: sw.unravel_index([1.0], [2.0]), "expected int32 or int64"),
        (lambda: sw.math.nextafter(sw.constant(1.0, sw.float16), 1.0), "expected float32 or float64"),
    ],
)
def test_arguments_that_do_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()
