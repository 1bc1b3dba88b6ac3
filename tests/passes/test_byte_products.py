"""Products of narrow integers with sums of int32: the CPU's instructions for them, and exact sums on every CPU."""

import re

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from support.assembly import SPILL, innermost_loops
from support.effort import by_turns, examples
from xdsl.dialects.builtin import i8, i16, i32

import stepwell as sw
from stepwell.compiler.lowering.kernels.contraction import Factor
from stepwell.compiler.lowering.kernels.packed import choose_blocking
from stepwell.compiler.lowering.kernels.panels import choose_form
from stepwell.compiler.targets import NAMED, VARIABLE, runs_here
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.engines.lower import lowered

INSTRUCTIONS = {
    "x86-64": ("pmaddwd", "pmaddwd", 12),
    "haswell": ("vpmaddwd", "vpmaddwd", 12),
    "skylake-avx512": ("vpmaddwd", "vpmaddwd", 24),
    "alderlake": ("vpdpbusd", "vpdpwssd", 12),
    "cascadelake": ("vpdpbusd", "vpdpwssd", 24),
    "znver4": ("vpdpbusd", "vpdpwssd", 24),
    "cortex-a76": ("sdot", "udot", 24),
}
"""For products of signed and of unsigned bytes: the instruction, and how many are in the innermost loop."""

RUNNABLE = [name for name in INSTRUCTIONS if name != "znver4" and runs_here(NAMED[name])]
"""One of each kind of those whose code this CPU runs."""

DTYPES = ("int8", "uint8", "int16", "uint16")


def product(x, y, ta=False, tb=False):
    """The sums as int32, whatever the dtype of each factor is."""
    return sw.matmul(sw.cast(x, sw.int32), sw.cast(y, sw.int32), transpose_a=ta, transpose_b=tb)


def expected(x, y, ta=False, tb=False):
    """The same in int64, wrapped around."""
    x, y = (np.swapaxes(v, -1, -2) if t else v for v, t in ((x.astype(np.int64), ta), (y.astype(np.int64), tb)))
    return (x @ y).astype(np.int32)


def extremes(source, shape, dtype):
    """Mostly the least and the largest number."""
    limits = np.iinfo(dtype)
    drawn = source.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    ends = source.choice(np.array([limits.min, limits.min, limits.max], dtype), shape)
    return np.where(source.random(shape) < 0.7, ends, drawn)


@pytest.mark.parametrize(("target", "dtype"), by_turns(INSTRUCTIONS, ["int8", "uint8"]))
def test_the_innermost_loop_has_the_instruction(target, dtype):
    signed, unsigned, count = INSTRUCTIONS[target]
    specs = sw.TensorSpec([None, 300], dtype), sw.TensorSpec([300, None], dtype)
    text = sw.ir(lambda x, y: sw.matmul(x, y, output_type=sw.int32), *specs, level="asm", target=target)
    found = re.compile(rf"({{vex}}\s+)?{signed if dtype == 'int8' else unsigned}\b")
    tiles = [block for block in innermost_loops(text) if sum(map(bool, map(found.match, block))) >= 4]
    assert [sum(map(bool, map(found.match, block))) for block in tiles] == [count]
    assert [line for block in tiles for line in block if SPILL.match(line)] == []
    assert not any(re.search(r"pmuld|\bmul", line) for block in tiles for line in block)


def test_kernels_read_bytes_where_they_are():
    specs = sw.TensorSpec([None, 300], "int8"), sw.TensorSpec([200, 300], "int8")
    text = sw.ir(lambda x, y: product(x, y, tb=True), *specs, level="linalg")
    assert text.count("linalg.generic") == 1 and text.count("arith.extsi") == 2
    assert "x300xi32" not in text
    assert "@matmul_packed_i8_i8_i32_0" in sw.ir(lambda x, y: product(x, y, tb=True), *specs, level="loops")


@settings(max_examples=examples(30), deadline=None, database=None, phases=(Phase.generate,))
@given(
    dtypes=st.tuples(*[st.sampled_from(DTYPES)] * 2),
    sizes=st.tuples(*[st.one_of(st.integers(1, 40), st.sampled_from([0, 1, 3, 64]))] * 3),
    flags=st.tuples(st.booleans(), st.booleans()),
    batch=st.sampled_from([(), (), (2,)]),
    known=st.booleans(),
    target=st.sampled_from(sorted(NAMED)),
    level=st.sampled_from(["loops", "cfg", "llvm"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_level_for_every_cpu_is_exact(dtypes, sizes, flags, batch, known, target, level, seed):
    source, (m, k, n) = np.random.default_rng(seed), sizes
    x = extremes(source, (*batch, *((k, m) if flags[0] else (m, k))), dtypes[0])
    y = extremes(source, (*batch, *((n, k) if flags[1] else (k, n))), dtypes[1])
    specs = [sw.TensorSpec(a.shape if known else [None] * a.ndim, a.dtype) for a in (x, y)]
    trace = sw.function(lambda a, b: product(a, b, *flags)).get_concrete_function(*specs)
    (found,) = run_module(lowered(trace.module, level, target=target), [x, y])
    np.testing.assert_array_equal(found, expected(x, y, *flags))


@pytest.mark.parametrize(
    ("dtypes", "target"),
    by_turns(["int8 int8", "uint8 uint8", "uint8 int8", "int8 uint8", "int16 int8"], RUNNABLE),
)
def test_machine_code_is_exact(target, dtypes, monkeypatch):
    monkeypatch.setenv(VARIABLE, target)
    both = sw.function(lambda x, y, xt, yt: (product(x, y), product(xt, yt, True, True)), input_signature=_any(dtypes))
    for m, k, n in ((70, 2101, 90), (33, 45, 17), (5, 7, 4), (1, 9, 40), (40, 0, 40), (12, 4, 64)):
        x, y = _factors(dtypes, (m, k), (k, n))
        for found in both(x, y, x.T.copy(), y.T.copy()):
            np.testing.assert_array_equal(found.numpy(), expected(x, y))


@pytest.mark.parametrize("target", RUNNABLE)
def test_batches_are_exact(target, monkeypatch):
    monkeypatch.setenv(VARIABLE, target)
    for shapes in (((3, 33, 45), (3, 45, 17)), ((2, 1, 2, 7), (3, 7, 64))):
        x, y = _factors("int8 int8", *shapes)
        np.testing.assert_array_equal(sw.function(product)(x, y).numpy(), expected(x, y))


def _any(dtypes):
    return [sw.TensorSpec([None, None], dtype) for dtype in dtypes.split() * 2]


def _factors(dtypes, *shapes):
    source = np.random.default_rng(0)
    return [extremes(source, shape, dtype) for shape, dtype in zip(shapes, dtypes.split(), strict=True)]


LARGE_SUMS = [("int8", -128, 140_001), ("uint8", 255, 70_003), ("int16", -(2**15), 9)]
"""A dtype, the number that is multiplied by itself, and how often."""


@pytest.mark.parametrize(("large", "target"), by_turns(LARGE_SUMS, RUNNABLE))
def test_sums_wrap_around(large, target, monkeypatch):
    monkeypatch.setenv(VARIABLE, target)
    dtype, value, count = large
    x, y = np.full((5, count), value, dtype), np.full((count, 40), value, dtype)
    sums = expected(x, y)
    assert sums[0, 0] != int(value) ** 2 * count
    np.testing.assert_array_equal(sw.function(product)(x, y).numpy(), sums)


@pytest.mark.parametrize("target", RUNNABLE)
def test_convolutions_of_bytes_are_exact(target, monkeypatch):
    monkeypatch.setenv(VARIABLE, target)
    source = np.random.default_rng(0)
    x, w = extremes(source, (2, 9, 8, 5), "int8"), extremes(source, (3, 3, 5, 37), "int8")
    run = sw.function(lambda a, b: sw.nn.conv2d(sw.cast(a, sw.int32), sw.cast(b, sw.int32), 1, "VALID"))
    views = np.lib.stride_tricks.sliding_window_view(x.astype(np.int64), (3, 3), (1, 2))
    sums = np.einsum("nhwcij,ijco->nhwo", views, w.astype(np.int64))
    np.testing.assert_array_equal(run(x, w).numpy(), sums)


@pytest.mark.parametrize("target", NAMED.values(), ids=NAMED)
def test_tiles_and_blocks_fit(target):
    for signs in ((False, False), (True, True), (True, False), (False, True)):
        for element in (i8, i16):
            form = choose_form(target, i32, (Factor(element, signs[0]), Factor(element, signs[1])))
            blocking = choose_blocking(target, i32, form)
            beside = 1 if form.group > 1 and form.is_fused else 2
            assert blocking.rows * blocking.vectors + blocking.vectors + beside <= target.vector_registers
            bytes_ = form.element.bitwidth // 8
            assert blocking.k % form.group == 0 and blocking.m % blocking.rows == blocking.n % blocking.columns == 0
            assert blocking.k * blocking.columns * bytes_ <= 2 * target.l1_bytes
            assert blocking.n * blocking.k * bytes_ <= target.l3_bytes // 4


def test_forms_are_of_the_instructions_there_are():
    signed, unsigned = Factor(i8), Factor(i8, True)
    for target, left, right, element, group, signs in (
        ("cascadelake", signed, signed, i8, 4, "us"),
        ("cascadelake", signed, unsigned, i8, 4, "su"),
        ("cascadelake", unsigned, unsigned, i16, 2, "ss"),
        ("skylake-avx512", signed, signed, i16, 2, "ss"),
        ("haswell", Factor(i16), unsigned, i16, 2, "ss"),
        ("haswell", Factor(i16, True), signed, i32, 1, "ss"),
        ("neoverse-n1", unsigned, unsigned, i8, 4, "uu"),
        ("neoverse-n1", unsigned, signed, i32, 1, "ss"),
        ("wasm32", signed, signed, i32, 1, "ss"),
    ):
        form = choose_form(NAMED[target], i32, (left, right))
        assert (form.element, form.group, form.signs) == (element, group, signs)
