"""Matrix products keep their tiles in registers: no CPU's innermost loop moves a vector to the stack and back."""

import re

import numpy as np
import pytest
from support.assembly import SPILL, innermost_loops
from support.effort import by_turns
from xdsl.dialects.builtin import f32, f64

import stepwell as sw
from stepwell.compiler.lowering.kernels.packed import choose_blocking
from stepwell.compiler.lowering.kernels.tile import choose_tile
from stepwell.compiler.targets import NAMED

MULTIPLY_ADD = re.compile(r"v?f(n?m(add|sub)\d*p[sd]|mla|mls)\b|f32x4\.mul|mulp[sd]\b")
TILES = {"x86-64": 12, "haswell": 12, "znver3": 12, "skylake-avx512": 24, "znver4": 24, "cortex-a76": 24}
"""How many products the largest tile adds up at a time: one for each register of results."""


def products(a, b, c, d, e, f):
    """One through packed panels, two that read their operands where they are, of which one has masked edges."""
    return a @ b, c @ d, e @ f


def spec(dtype, *shape):
    return sw.TensorSpec(list(shape), dtype)


@pytest.mark.parametrize(("target", "dtype"), by_turns(TILES, [np.float32, np.float64]))
def test_tiles_stay_in_registers(target, dtype):
    shapes = [(None, 1000), (1000, None), (24, 60), (60, 512), (20, 300), (300, 100)]
    text = sw.ir(products, *(spec(dtype, *shape) for shape in shapes), level="asm", target=target)
    tiles = [block for block in innermost_loops(text) if sum(map(bool, map(MULTIPLY_ADD.match, block))) >= 4]
    assert len(tiles) >= 3
    counts = [sum(map(bool, map(MULTIPLY_ADD.match, block))) for block in tiles]
    assert counts.count(TILES[target]) >= 2
    assert [line for block in tiles for line in block if SPILL.match(line)] == []


def test_the_measure_sees_a_spill():
    text = ".LBB0_1:\n\tvmovups\t8(%rsp), %ymm1 # reload\n\tvfmadd231ps\t%ymm0, %ymm1, %ymm2\n\tjl\t.LBB0_1\n"
    assert SPILL.match("str\tq0, [sp, #16]") and not SPILL.match("cmpq\t88(%rsp), %rdx")
    (block,) = innermost_loops(text)
    assert [bool(SPILL.match(line)) for line in block] == [True, False, False]
    assert [bool(MULTIPLY_ADD.match(line)) for line in block] == [False, True, False]


@pytest.mark.parametrize("element", [f32, f64])
@pytest.mark.parametrize("target", NAMED.values(), ids=NAMED)
def test_a_tile_needs_no_more_registers_than_there_are(target, element):
    lanes = target.lanes(element)
    beside = 1 if target.fma else 2  # an element of the left operand in all lanes, and a product
    for rows in (None, 1, 2, 5, 6, 8, 12, 24, 64, 1000):
        for columns in (None, 1, lanes, 2 * lanes, 3 * lanes + 1, 5 * lanes, 64 * lanes):
            tile = choose_tile(rows, columns, element, target)
            assert tile.rows >= 1 and tile.vectors >= 1
            assert tile.rows * tile.vectors + tile.vectors + beside <= target.vector_registers
    blocking = choose_blocking(target, element)
    assert blocking.rows * blocking.vectors + blocking.vectors + beside <= target.vector_registers


@pytest.mark.parametrize("element", [f32, f64])
@pytest.mark.parametrize("target", NAMED.values(), ids=NAMED)
def test_blocks_fit_the_caches(target, element):
    size = {f32: 4, f64: 8}[element]
    blocking = choose_blocking(target, element)
    assert blocking.m % blocking.rows == 0 and blocking.n % blocking.columns == 0
    assert blocking.k * blocking.columns * size <= 2 * target.l1_bytes
    assert blocking.m * blocking.k * size <= max(target.l2_bytes // 4, blocking.rows * blocking.k * size)
    assert blocking.n * blocking.k * size <= target.l3_bytes // 4
