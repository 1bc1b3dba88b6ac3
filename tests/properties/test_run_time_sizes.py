"""Sizes that are known only at run time: refused where no tensor has them, otherwise what they are eagerly."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import steps_between
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import INT64
from stepwell.errors import InvalidArgumentError, ResourceExhaustedError
from stepwell.runtime.engines import ENGINES
from stepwell.runtime.engines.interpreter.errors import InterpreterError
from stepwell.runtime.engines.interpreter.run import run_module
from stepwell.runtime.engines.native.executable import compile_module
from stepwell.runtime.outcomes import observe

WAYS = ("eager", *ENGINES)
LARGE, SMALL = np.float32([1, 2, 3, 4]), np.float32([1, 2])


def _patches(n):
    return sw.nn.conv2d(sw.zeros([n, n, n, 1]), sw.ones([2, 2, 1, 1]), 1, "SAME")[0, 0, 0, 0]


def _array(n):
    return sw.TensorArray(sw.float32, size=n).stack()


TOO_LARGE = {
    "tile": (lambda n: sw.tile(SMALL, [n]), 2**62),
    "repeat": (lambda n: sw.repeat(SMALL, n), 2**62),
    "uniform": (lambda n: sw.random.stateless_uniform([n, n], seed=[1, 2]), 2**32),
    "broadcast_to": (lambda n: sw.broadcast_to(1.0, [n, n]), 2**32),
    "broadcast, reduced": (lambda n: sw.reduce_sum(sw.zeros([n, n]) + 1), 2**32),
    "static, reduced": (lambda n: sw.reduce_sum(sw.zeros([2**32, 2**32]) + 1), 0),
    "product": (lambda n: sw.zeros([n, n]) * 2.0, 2**33),
    "product with 0": (lambda n: sw.zeros([0, n, n]) * 2.0, 2**33),
    "three factors": (lambda n: sw.fill([n, 3, n], 1), 2**31),
    "pad": (lambda n: sw.pad(SMALL, [[n, n]]), 2**63 - 1),
    "pad before": (lambda n: sw.pad(SMALL, [[n, 0]]), 2**63 - 1),
    "range": (lambda n: sw.range(n), 2**62),
    "range, both signs": (lambda n: sw.range(-n, n), 2**63 - 1),
    "range, reduced": (lambda n: sw.reduce_sum(sw.range(-n, n) * 0), 2**63 - 1),
    "one_hot": (lambda n: sw.reduce_sum(sw.one_hot([1, 2, 3, 4], n)), 2**62),
    "concat": (lambda n: sw.reduce_sum(sw.concat([sw.zeros([n])] * 4, 0)), 2**62),
    "stack": (lambda n: sw.stack([sw.zeros([n]), sw.ones([n])]), 2**62),
    "reshape": (lambda n: sw.reshape(sw.zeros([0]), [0, n, n]), 2**32),
    "reshape with -1": (lambda n: sw.reshape(sw.zeros([0]), [n, n, -1]), 2**32),
    "matmul": (lambda n: sw.matmul(sw.zeros([n, 0]), sw.ones([0, n])), 2**32),
    "convolution": (_patches, 2**21),
    "TensorArray": (_array, 2**62),
}


def _run(way, function, *args):
    return function(*args) if way == "eager" else sw.function(function, engine=way)(*args)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", TOO_LARGE)
def test_sizes_that_overflow_are_refused(name, way):
    function, size = TOO_LARGE[name]
    with pytest.raises(InvalidArgumentError):
        _run(way, function, sw.constant(size, sw.int64))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_line_of_a_size_that_is_too_large_is_named(engine):
    function, size = TOO_LARGE["broadcast, reduced"]
    with pytest.raises(InvalidArgumentError, match=r"test_run_time_sizes\.py:\d+:\d+: "):
        _run(engine, function, sw.constant(size, sw.int64))


NO_MEMORY = {
    "result": lambda n: sw.zeros([n]),
    "on the way": lambda n: sw.concat([sw.zeros([n]), sw.ones([n])], 0)[0],
    "static": lambda n: sw.zeros([2**40]),
    "repeat": lambda n: sw.repeat(SMALL, n),
    "range": lambda n: sw.range(n),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NO_MEMORY)
def test_what_does_not_fit_into_memory_is_refused(name, way):
    with pytest.raises(ResourceExhaustedError):
        _run(way, NO_MEMORY[name], sw.constant(2**40, sw.int64))


ALLOC = """
func.func @f(%a: index, %b: index) -> f32 {{
  %x = memref.alloc({sizes}) : memref<{shape}xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1.0 : f32
  {loop}
  memref.dealloc %x : memref<{shape}xf32>
  func.return %1 : f32
}}
"""


@pytest.mark.parametrize("level", ["loops", "llvm", "native"])
@pytest.mark.parametrize(
    ("sizes", "shape", "a", "b"),
    [
        ("%a, %b", "?x?", 2**32, 2**32),
        ("%a, %b", "?x?", -1, 4),
        ("%a", "?x4611686018427387904", 4, 0),
        ("%a, %b", "?x2x?", 2**40, 2**61),
        ("", "4294967296x4294967296", 0, 0),
        ("", "1099511627776", 0, 0),
    ],
)
def test_memory_that_text_asks_for_is_checked(level, sizes, shape, a, b):
    zeros = ", ".join(["%0"] * (shape.count("x") + 1))
    loop = f"memref.store %1, %x[{zeros}] : memref<{shape}xf32>"
    module = parse_module(ALLOC.format(sizes=sizes, shape=shape, loop=loop), "f.mlir")
    PassManager(make_context()).run(module, steps_between("loops", "loops" if level == "loops" else "llvm"))
    inputs = [np.array(a), np.array(b)]
    with pytest.raises((ResourceExhaustedError, InterpreterError)):
        if level == "native":
            compile_module(module).run(*inputs)
        else:
            run_module(module, inputs)


def _on(*shape):
    return sw.constant(np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape))


def _parts(x, sizes):
    return sw.concat(sw.split(x, sizes)[::-1], 0)


OPS = {
    "slice": (lambda x, v: sw.slice(x, [v[0]], [v[1]]), (5,), 2),
    "slice of two axes": (lambda x, v: sw.slice(x, v[:2], v[2:]), (3, 4), 4),
    "slice, known begin": (lambda x, v: sw.slice(x, [2], v), (5,), 1),
    "slice, all that follows": (lambda x, v: sw.slice(x, v, [-1]), (5,), 1),
    "slice of nothing": (lambda x, v: sw.slice(x, [v[0]], [v[1]]), (0,), 2),
    "reshape": (sw.reshape, (6,), 2),
    "reshape to three axes": (sw.reshape, (2, 3), 3),
    "reshape of nothing": (sw.reshape, (0, 3), 2),
    "reshape of one": (sw.reshape, (1,), 2),
    "reshape, one known": (lambda x, v: sw.reshape(x, [v[0], -1]), (6,), 1),
    "reshape, concat": (lambda x, v: sw.reshape(x, sw.concat([v, [-1]], 0)), (6,), 1),
    "reshape, stack": (lambda x, v: sw.reshape(x, sw.stack([v[1], v[0]])), (6,), 2),
    "reshape, where": (lambda x, v: sw.reshape(x, sw.where(v[0] > 2, [-1, 3], [2, -1])), (6,), 1),
    "split": (_parts, (5,), 2),
    "split in three": (_parts, (5,), 3),
    "tile": (sw.tile, (2, 2), 2),
    "broadcast_to": (sw.broadcast_to, (1, 3), 2),
    "broadcast_to of nothing": (sw.broadcast_to, (0, 1), 2),
    "zeros": (lambda x, v: sw.zeros(v), (), 2),
    "pad": (lambda x, v: sw.pad(x, sw.reshape(v, [2, 2])), (2, 1), 4),
    "range": (lambda x, v: sw.range(v[0], v[1], v[2]), (), 3),
    "one_hot": (lambda x, v: sw.one_hot([0, 1, 4], v[0]), (), 1),
    "gather": (sw.gather, (4,), 2),
    "gather_nd": (sw.gather_nd, (3, 4), 2),
    "index": (lambda x, v: x[v[0]], (4, 2), 1),
    "strided": (lambda x, v: x[v[0] : v[1] : 2], (5,), 2),
    "strided back": (lambda x, v: x[v[0] : v[1] : -2], (5,), 2),
    "repeat": (lambda x, v: sw.repeat(x, v[0], axis=1), (2, 2), 1),
    "random": (lambda x, v: sw.random.stateless_uniform(v, seed=[1, 2]), (), 2),
}


def _outcome(function, *args):
    """What is computed, or that it is refused."""
    try:
        return np.asarray(function(*args))
    except InvalidArgumentError:
        return None


@pytest.mark.parametrize("dynamic", [False, True], ids=["known", "unknown"])
@pytest.mark.parametrize("name", OPS)
def test_run_time_sizes_are_what_they_are_eagerly(name, dynamic):
    function, shape, count = OPS[name]
    x, dtype = _on(*shape), INT64
    specs = [sw.TensorSpec([None if dynamic else size for size in shape]), sw.TensorSpec([count], dtype)]
    compiled = {engine: sw.function(function, input_signature=specs, engine=engine) for engine in ENGINES}

    @settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(st.sampled_from([-2, -1, 0, 1, 2, 3, 4, 5, 6]), min_size=count, max_size=count))
    def check(values):
        sizes = sw.constant(np.array(values, dtype))
        expected = _outcome(function, x, sizes)
        for engine, run in compiled.items():
            got = _outcome(run, x, sizes)
            assert (got is None) == (expected is None), (engine, got, expected)
            if got is not None and expected is not None:
                assert got.shape == expected.shape and np.array_equal(got, expected), engine

    check()


NEGATIVE = {
    "broadcast_to": """
      %r = hl.broadcast_to %x, %n {shape = array<i64: 2, -9223372036854775808, 3>}
        : (tensor<3xf32>, tensor<i64>) -> tensor<2x?x3xf32>
      %y = hl.sum %r {axes = array<i64: 0, 1, 2>, keepdims = false} : (tensor<2x?x3xf32>) -> tensor<f32>""",
    "reshape": """
      %none = arith.constant dense<> : tensor<0xf32>
      %r = hl.reshape %none, %n {shape = array<i64: 0, -9223372036854775808>}
        : (tensor<0xf32>, tensor<i64>) -> tensor<0x?xf32>
      %y = hl.sum %r {axes = array<i64: 0, 1>, keepdims = false} : (tensor<0x?xf32>) -> tensor<f32>""",
    "pad": """
      %zero = arith.constant dense<0.0> : tensor<f32>
      %r = hl.pad %x, %zero, %n {low = array<i64: 0>, high = array<i64: -9223372036854775808>, interior = array<i64: 0>}
        : (tensor<3xf32>, tensor<f32>, tensor<i64>) -> tensor<?xf32>
      %y = hl.sum %r {axes = array<i64: 0>, keepdims = false} : (tensor<?xf32>) -> tensor<f32>""",
    "dynamic_slice": """
      %r = hl.dynamic_slice %x, %n, %n {sizes = array<i64: -9223372036854775808>}
        : (tensor<3xf32>, tensor<i64>, tensor<i64>) -> tensor<?xf32>
      %y = hl.sum %r {axes = array<i64: 0>, keepdims = false} : (tensor<?xf32>) -> tensor<f32>""",
    "one_hot": """
      %places = arith.constant dense<[0, 1]> : tensor<2xi32>
      %r = hl.one_hot %places, %n {depth = -9223372036854775808 : i64, axis = 0 : i64, dtype = f32}
        : (tensor<2xi32>, tensor<i64>) -> tensor<?x2xf32>
      %y = hl.sum %r {axes = array<i64: 0, 1>, keepdims = false} : (tensor<?x2xf32>) -> tensor<f32>""",
}


@pytest.mark.parametrize("size", [-7, -1, -(2**40), -(2**63)])
@pytest.mark.parametrize("name", NEGATIVE)
def test_a_negative_size_that_is_a_constant_is_refused_at_each_level(name, size):
    text = f"""func.func @main(%x: tensor<3xf32>) -> tensor<f32> {{
      %n = arith.constant dense<{size}> : tensor<i64>{NEGATIVE[name]}
      func.return %y : tensor<f32>
    }}"""
    for level in ("hl", "linalg", "loops", "cfg"):
        module = parse_module(text, "f.mlir")
        PassManager(make_context()).run(module, steps_between("hl", level))
        outcome = observe(module, [np.float32([1, 2, 3])])
        assert outcome.failure is not None and not outcome.undefined, (level, outcome)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_size_that_int32_does_not_hold_is_refused(known, way):
    x = sw.zeros([0, 2**40])
    spec = [sw.TensorSpec([0, 2**40] if known else [None, None])]

    def asked(x, out_type):
        def shape(x):
            return sw.shape(x, out_type)

        return shape(x) if way == "eager" else sw.function(shape, engine=way, input_signature=spec)(x)

    assert asked(x, sw.int64).numpy().tolist() == [0, 2**40]
    with pytest.raises(InvalidArgumentError, match=r"1099511627776|does not fit into int32"):
        asked(x, sw.int32)
