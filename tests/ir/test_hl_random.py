"""Random bits: the published test vectors, the same bits on every engine, distributions, generators."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.op_checks import check_lowering, check_onnx, lowered_to_linalg

import stepwell as sw  # noqa: F401
from stepwell.compiler.frontend.ops import random
from stepwell.dialects.hl import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.hl.rules.threefry import NumpyWords, threefry
from stepwell.dialects.types import DYNAMIC, tensor_type
from stepwell.testing.op_checks import check_inference
from stepwell.testing.op_report import check_round_trip
from stepwell.testing.sampling import samples

pytestmark = pytest.mark.filterwarnings("ignore:Importing .* from 'xdsl.dialects.linalg':DeprecationWarning")

BITS = OPS["hl.random_bits"]
INT32, INT64 = np.dtype(np.int32), np.dtype(np.int64)

VECTORS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]
"""Key, counter and result, from the known answers that come with Random123."""


@pytest.mark.parametrize(("key", "counter", "expected"), VECTORS)
def test_published_vectors(key, counter, expected):
    key, counter = ((np.uint32([a]), np.uint32([b])) for a, b in (key, counter))
    found = threefry(NumpyWords(), key, counter)
    assert (int(found[0][0]), int(found[1][0])) == expected


@pytest.mark.parametrize(("key", "counter", "expected"), VECTORS)
def test_published_vectors_as_the_op_on_every_engine(key, counter, expected):
    words = np.array(key, np.uint32).view(np.int32)
    offset = np.array(counter[0] + (counter[1] << 32), np.uint64).view(np.int64)
    sample = Sample((words, offset), {"shape": (1,), "dtype": INT64})
    (found,) = BITS.evaluate(sample.operands, sample.attrs)
    assert int(found.view(np.uint64)[0]) == expected[0] + (expected[1] << 32)
    check_lowering(BITS, sample, dynamic=False)
    check_onnx(BITS, sample, dynamic=False)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(sample=samples(BITS), dynamic=st.booleans())
def test_rules(sample, dynamic):
    check_inference(BITS, sample)
    check_round_trip(BITS, sample)
    lowered_to_linalg(BITS, sample, dynamic)
    check_onnx(BITS, sample, dynamic)


def test_lowered_bits_are_the_same():
    for dtype in (INT32, INT64):
        sample = Sample((np.int32([1, -2]), np.array(-3, np.int64)), {"shape": (3, 5), "dtype": dtype})
        check_lowering(BITS, sample, dynamic=False)


def test_an_offset_moves_the_stream_on():
    key = np.int32([1, 2])
    (whole,) = BITS.evaluate([key, np.array(0, np.int64)], {"shape": (8,), "dtype": INT32})
    (rest,) = BITS.evaluate([key, np.array(5, np.int64)], {"shape": (3,), "dtype": INT32})
    assert whole[5:].tolist() == rest.tolist()


@pytest.mark.parametrize(
    ("types", "attrs", "constraint"),
    [
        ([((3,), INT32), ((), INT64)], {"shape": (), "dtype": INT32}, "C1"),
        ([((2,), INT32), ((), INT32)], {"shape": (), "dtype": INT32}, "C2"),
        ([((2,), INT32), ((), INT64)], {"shape": (), "dtype": np.dtype(np.float32)}, "C3"),
        ([((2,), INT32), ((), INT64)], {"shape": (DYNAMIC,), "dtype": INT32}, "C4"),
    ],
)
def test_broken_constraints(types, attrs, constraint):
    with pytest.raises(InferenceError) as caught:
        BITS.infer([tensor_type(shape, dtype) for shape, dtype in types], attrs)
    assert caught.value.constraint == constraint


def test_uniform_numbers():
    random.set_seed(3)
    for dtype in (np.float32, np.float64):
        x = random.uniform([40000], -1.0, 3.0, dtype).numpy()
        assert x.dtype == dtype
        assert -1 <= x.min() < -0.99
        assert 2.99 < x.max() <= 3
        assert abs(x.mean() - 1) < 0.03
        assert abs(x.var() - 16 / 12) < 0.03
    counts = np.unique(random.uniform([30000], -3, 3, np.int32).numpy(), return_counts=True)
    assert counts[0].tolist() == [-3, -2, -1, 0, 1, 2]
    assert counts[1].min() > 4700


def test_normal_numbers():
    random.set_seed(4)
    for dtype in (np.float32, np.float64):
        x = random.normal([40000], 2.0, 3.0, dtype).numpy()
        standard = (x - 2) / 3
        assert x.dtype == dtype
        assert abs(standard.mean()) < 0.02
        assert abs(standard.std() - 1) < 0.02
        assert abs((standard**4).mean() - 3) < 0.2


def test_seeds():
    random.set_seed(5)
    first = [random.uniform([4]).numpy().tolist(), random.uniform([4], seed=1).numpy().tolist()]
    second = [random.uniform([4]).numpy().tolist(), random.uniform([4], seed=1).numpy().tolist()]
    random.set_seed(5)
    again = [random.uniform([4]).numpy().tolist(), random.uniform([4], seed=1).numpy().tolist()]
    assert first == again
    assert first != second
    assert first[0] != first[1]


def test_stateless_numbers_depend_on_the_seed_alone():
    draws = [random.stateless_normal([3], seed).numpy().tolist() for seed in ([1, 2], [1, 2], [2, 1])]
    assert draws[0] == draws[1] != draws[2]


def test_a_generator_goes_on_where_it_was():
    a, b = random.Generator.from_seed(9), random.Generator.from_seed(9)
    parts = a.uniform([3]).numpy().tolist() + a.uniform([2, 2]).numpy().ravel().tolist()
    assert parts == b.uniform([7]).numpy().tolist()
    assert int(a.counter.numpy()) == 7
    a.reset_from_seed(9)
    assert a.uniform([3]).numpy().tolist() == parts[:3]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: random.uniform([-1]), ValueError, "shape: expected sizes of 0 or more, got -1"),
        (lambda: random.uniform(["a"]), TypeError, "shape: expected integers, got 'a'"),
        (
            lambda: random.uniform([1], dtype=np.int32),
            ValueError,
            "maxval: expected a number for dtype int32",
        ),
        (lambda: random.normal([1], dtype=np.int32), TypeError, "dtype: expected one of float32, float64, got int32"),
        (lambda: random.stateless_normal([1], [1, 2, 3]), ValueError, "seed: expected two integers"),
        (lambda: random.set_seed("x"), TypeError, "seed: expected an int, got 'x'"),
    ],
)
def test_wrong_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()
