"""Random bits: the published test vectors, the same bits on every engine."""

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.op_checks import check_lowering, check_onnx, lowered_to_linalg

import stepwell as sw  # noqa: F401
from stepwell.compiler.frontend.ops.random.draws import _advance
from stepwell.dialects.dtypes import BOOL, FLOAT32, INT32, INT64
from stepwell.dialects.hl.random import RandomOp
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because, InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.hl.rules.philox import NumpyWords, numpy_blocks, philox
from stepwell.dialects.types import DYNAMIC, tensor_type
from stepwell.testing.op_checks import check_inference
from stepwell.testing.op_report import check_round_trip
from stepwell.testing.sampling import samples

pytestmark = pytest.mark.filterwarnings("ignore:Importing .* from 'xdsl.dialects.linalg':DeprecationWarning")

UNIFORM, UNIFORM_INT, NORMAL = (OPS[f"hl.random_{name}"] for name in ("uniform", "uniform_int", "normal"))
TRUNCATED, PERMUTATION = OPS["hl.random_truncated_normal"], OPS["hl.random_permutation"]
REJECTION = [OPS[f"hl.random_{name}"] for name in ("gamma", "poisson", "binomial")]

VECTORS = [
    ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 4, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0xA4093822, 0x299F31D0),
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
"""Key, counter and result, from the known answers that come with Random123."""

WIDE = Sample((np.array([-3, -1, 7], np.int64),), {"shape": (7, 5), "dtype": INT32})
"""Numbers whose counter wraps around."""


def _state(key, counter):
    words = [counter[0] | counter[1] << 32, counter[2] | counter[3] << 32, key[0] | key[1] << 32]
    return np.array(words, np.uint64).view(np.int64)


@pytest.mark.parametrize(("key", "counter", "expected"), VECTORS)
def test_published_vectors(key, counter, expected):
    assert philox(NumpyWords(), key, counter) == expected
    arrays = philox(NumpyWords(), *(tuple(np.full(3, word, np.uint64) for word in words) for words in (key, counter)))
    assert [array.tolist() for array in arrays] == [[word] * 3 for word in expected]


@pytest.mark.parametrize(("key", "counter", "expected"), VECTORS)
def test_published_vectors_as_the_op_on_every_engine(key, counter, expected):
    sample = Sample((_state(key, counter),), {"shape": (4,), "dtype": INT32})
    (found,) = UNIFORM.evaluate(sample.operands, sample.attrs)
    assert found.view(np.uint32).tolist() == list(expected)
    check_lowering(UNIFORM, sample, dynamic=False)
    check_onnx(UNIFORM, sample, dynamic=False)


@given(
    low=st.integers(0, 2**64 - 1),
    high=st.integers(0, 2**64 - 1),
    count=st.integers(0, 40),
    step=st.sampled_from([1, 64, 128, 256]),
)
@example(low=2**64 - 1, high=2**64 - 1, count=20, step=1)
def test_few_blocks_and_many_are_the_same(low, high, count, step):
    state = np.array([low, high, 5], np.uint64).view(np.int64)
    blocks = numpy_blocks(state, count, step)
    for place in range(count):
        moved = _advance(place * step)(state)
        assert blocks[place].tolist() == numpy_blocks(moved, 1)[0].tolist()


@pytest.mark.parametrize("op", [UNIFORM, UNIFORM_INT, NORMAL, TRUNCATED, PERMUTATION, *REJECTION])
@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(data=st.data(), dynamic=st.booleans())
def test_rules(op, data, dynamic):
    sample = data.draw(samples(op))
    check_inference(op, sample)
    check_round_trip(op, sample)
    lowered_to_linalg(op, sample, dynamic)
    if not isinstance(op.onnx, Because):
        check_onnx(op, sample, dynamic)


@pytest.mark.parametrize("dtype", UNIFORM.DTYPES)
def test_lowered_bits_are_the_same(dtype):
    sample = Sample(WIDE.operands, {**WIDE.attrs, "dtype": dtype})
    check_lowering(UNIFORM, sample, dynamic=False)
    check_onnx(UNIFORM, sample, dynamic=False)


@pytest.mark.parametrize("dtype", UNIFORM_INT.DTYPES)
def test_lowered_bounds_are_the_same(dtype):
    info = np.iinfo(dtype)
    for low, high in ((-5, 100), (info.min, info.max), (info.max - 1, info.max), (0, 2**20)):
        operands = (*WIDE.operands, np.array(low, dtype), np.array(high, dtype))
        sample = Sample(operands, {**WIDE.attrs, "dtype": dtype})
        (found,) = UNIFORM_INT.evaluate(sample.operands, sample.attrs)
        assert low <= found.min() <= found.max() < high
        check_lowering(UNIFORM_INT, sample, dynamic=False)
        check_onnx(UNIFORM_INT, sample, dynamic=False)


@pytest.mark.parametrize("dtype", NORMAL.DTYPES)
def test_lowered_normal_numbers_are_the_same(dtype):
    sample = Sample(WIDE.operands, {**WIDE.attrs, "dtype": dtype})
    check_lowering(NORMAL, sample, dynamic=False)
    check_onnx(NORMAL, sample, dynamic=False)


@pytest.mark.parametrize("shape", [(), (3, 7), (4,), (2, 0)])
@pytest.mark.parametrize("dtype", TRUNCATED.DTYPES)
def test_lowered_truncated_normal_numbers_are_the_same(dtype, shape):
    sample = Sample(WIDE.operands, {"shape": shape, "dtype": dtype})
    (found,) = TRUNCATED.evaluate(sample.operands, sample.attrs)
    assert np.all(np.abs(found) < 2)
    check_lowering(TRUNCATED, sample, dynamic=False)


def test_truncated_normal_numbers_are_the_first_within_the_bounds():
    """What a loop over one number after the other gives."""
    state = np.array([5, 6, 7], np.int64)
    (found,) = TRUNCATED.evaluate([state], {"shape": (40,), "dtype": FLOAT32})
    expected = []
    for group in range(10):
        moved = _advance(256 * group)(state)
        (normal,) = NORMAL.evaluate([moved], {"shape": (40,), "dtype": FLOAT32})
        expected += normal[np.abs(normal) < 2][:4].tolist()
    assert found.tolist() == expected


@pytest.mark.parametrize("dtype", PERMUTATION.DTYPES)
@pytest.mark.parametrize("size", [0, 1, 2, 33])
def test_lowered_orders_are_the_same(size, dtype):
    sample = Sample(WIDE.operands, {"shape": (size,), "dtype": dtype})
    (found,) = PERMUTATION.evaluate(sample.operands, sample.attrs)
    assert sorted(found.tolist()) == list(range(size))
    check_lowering(PERMUTATION, sample, dynamic=False)


@pytest.mark.parametrize(
    ("op", "parameters"),
    [
        ("gamma", [[0.3, 1.0, 2.5, 40.0]]),
        ("poisson", [[0.0, 4.0, 12.5, 400.0]]),
        ("binomial", [[3.0, 20.0, 100.0, 0.0], [0.3, 0.1, 0.25, 0.5], [0.0, 0.0, 1.0, 0.0]]),
    ],
)
def test_lowered_rejections_are_the_same(op, parameters):
    operands = (*WIDE.operands, *map(np.array, parameters))
    for shape in ((5, 4), (2, 3, 2, 2), (0, 4)):
        attrs = {"shape": shape, "dtype": OPS[f"hl.random_{op}"].DTYPES[0]}
        check_lowering(OPS[f"hl.random_{op}"], Sample(operands, attrs), dynamic=False)


@pytest.mark.parametrize("op", REJECTION)
def test_rejections_end_for_any_parameters(op):
    """Of each combination of edges; what is drawn for those that are no parameters is not defined."""
    edges = [0.0, 0.5, 1.0, 30.0, 1e18, 1e308, -0.5, -1.0, -30.0, np.inf, -np.inf, np.nan]
    parameters = np.array(list(product(*[edges] * min(op.PARAMETERS, 2)))).T
    if op.PARAMETERS == 3:
        parameters = np.concatenate([np.repeat(parameters, 2, 1), [[0.0, 1.0] * parameters.shape[1]]])
    state, attrs = np.array([1, 2, 3]), {"shape": parameters.shape[1:], "dtype": op.DTYPES[0]}
    op.evaluate([state, *parameters], attrs)
    few = parameters[:, :: parameters.shape[1] // 6]
    sample = Sample((state, *few), {**attrs, "shape": few.shape[1:]})
    with np.errstate(all="ignore"):
        check_lowering(op, sample, dynamic=False)


@pytest.mark.parametrize(
    ("op", "parameters", "mean", "variance"),
    [
        ("gamma", [0.3], 0.3, 0.3),
        ("gamma", [1.0], 1.0, 1.0),
        ("gamma", [40.0], 40.0, 40.0),
        ("poisson", [4.0], 4.0, 4.0),
        ("poisson", [400.0], 400.0, 400.0),
        ("binomial", [20.0, 0.1, 0.0], 2.0, 1.8),
        ("binomial", [100.0, 0.25, 1.0], 25.0, 18.75),
    ],
)
def test_moments_of_rejections(op, parameters, mean, variance):
    operands = [np.array([3, 4, 5]), *(np.array([parameter]) for parameter in parameters)]
    attrs = {"shape": (20000, 1), "dtype": OPS[f"hl.random_{op}"].DTYPES[0]}
    (found,) = OPS[f"hl.random_{op}"].evaluate(operands, attrs)
    assert abs(found.mean() - mean) < 4 * (variance / 20000) ** 0.5
    assert abs(found.var() / variance - 1) < 0.08


def test_a_counter_moves_the_stream_on():
    (whole,) = UNIFORM.evaluate([np.array([0, 1, 2])], {"shape": (8,), "dtype": INT32})
    (rest,) = UNIFORM.evaluate([np.array([1, 1, 2])], {"shape": (3,), "dtype": INT32})
    assert whole[4:7].tolist() == rest.tolist()


@pytest.mark.parametrize(
    ("op", "types", "attrs", "constraint"),
    [
        (UNIFORM, [((2,), INT64)], {"shape": (), "dtype": INT32}, "C1"),
        (UNIFORM, [((3,), INT32)], {"shape": (), "dtype": INT32}, "C1"),
        (UNIFORM, [((3,), INT64)], {"shape": (), "dtype": BOOL}, "C2"),
        (NORMAL, [((3,), INT64)], {"shape": (), "dtype": INT32}, "C2"),
        (UNIFORM, [((3,), INT64)], {"shape": (DYNAMIC,), "dtype": INT32}, "C3"),
        (UNIFORM_INT, [((3,), INT64), ((), INT32), ((), INT64)], {"shape": (), "dtype": INT32}, "C4"),
    ],
)
def test_broken_constraints(op, types, attrs, constraint):
    with pytest.raises(InferenceError) as caught:
        op.infer([tensor_type(shape, dtype) for shape, dtype in types], attrs)
    assert caught.value.constraint == constraint


def test_a_state_of_another_dtype_is_refused():
    # in int16 the counter of blocks would come back to where it was, and the numbers never be enough
    for name, op in OPS.items():
        if name.startswith("hl.random_") and issubclass(op, RandomOp) and not op.PARAMETERS:
            with pytest.raises(InferenceError, match=r"expected a state of type tensor<3xi64>, got int16\[3\]"):
                op.evaluate([np.array([1, -8, 32767], np.int16)], {"shape": (3,), "dtype": op.DTYPES[0]})
