"""`|x| = q pi / 2 + r` with `|r| <= pi / 4`: by Cody and Waite for moderate arguments, Payne and Hanek for huge ones.

Cody and Waite subtract `q` times pi / 2 in three parts with fused multiply-adds. Payne and Hanek multiply the mantissa
of `x` with those bits of 2 / pi that decide the last two bits of the quotient and what follows them; bits to their left
only add multiples of 4, which no sine or cosine sees. They stand in a branch that is taken where any lane needs them.
"""

from __future__ import annotations

import math
from itertools import pairwise

from xdsl.dialects import arith, scf, vector
from xdsl.dialects.builtin import i1
from xdsl.dialects.vector import CombiningKindAttr, CombiningKindFlag
from xdsl.ir import Block, Region

from . import coefficients
from .lanes import Scope, Value, fma

HUGE = {32: 2.0**17, 64: 2.0**30}
"""Up to here the products of the quotient with the parts of pi / 2 are precise enough."""

HALF_PI = {
    32: (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15),
    64: (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33),
}
"""pi / 2 in three parts, each the nearest number to what is left."""

PADDING = 32
"""Zeros before the first bit in `coefficients.TWO_OVER_PI`."""

LOW_HALF = 0xFFFFFFFF


def reduced(x: Value) -> tuple[Value, Value]:
    """`r`, and an integer whose last two bits are those of `q`; NaN for the infinities."""
    size = abs(x)
    f = x.format
    shifted = fma(size, 2 / math.pi, f.rounder)
    q = shifted - f.rounder
    r = size
    for part in HALF_PI[f.bits]:
        r = fma(q, -part, r)
    return _replaced_if_huge(size, r, shifted.bits)


def _replaced_if_huge(size: Value, r: Value, q: Value) -> tuple[Value, Value]:
    """`r` and `q`, computed anew for huge arguments if there are any."""
    e = size.scope.e
    huge = (size > HUGE[size.format.bits]) & (size < math.inf)
    blocks = [Block(), Block()]
    inner = Scope(e.at_end(blocks[0]), size.scope.constants)
    found = _payne_hanek(Value(size.ssa, inner))
    mask = Value(huge.ssa, inner)
    chosen = [mask.where(new, Value(old.ssa, inner)).ssa for new, old in zip(found, (r, q), strict=True)]
    inner.e.add(scf.YieldOp(*chosen))
    e.at_end(blocks[1]).add(scf.YieldOp(r.ssa, q.ssa))
    branch = e.add(scf.IfOp(_any(huge).ssa, [r.type, q.type], Region(blocks[0]), Region(blocks[1])))
    return Value(branch.results[0], size.scope), Value(branch.results[1], size.scope)


def _any(mask: Value) -> Value:
    """Whether a boolean holds in any lane."""
    if not mask.is_vector:
        return mask
    return mask.emit(
        vector.ReductionOp.build(
            operands=[mask.ssa, []],
            result_types=[i1],
            properties={
                "kind": CombiningKindAttr(CombiningKindFlag.OR),
                "fastmath": arith.FastMathFlagsAttr("none"),
            },
        )
    )


def _payne_hanek(x: Value) -> tuple[Value, Value]:
    """`r` and `q` for `x >= 1`, by integers of 64 bits."""
    f = x.format
    bits = x.bits if f.bits == 64 else x.bits.unsigned_to_64()
    mantissa = (bits & ((1 << f.mantissa) - 1)) | (1 << f.mantissa)
    # x = mantissa 2**e; the product with 2 / pi from bit e - 2 on is the quotient modulo 4, as a fraction of 4.
    place = bits.shift_in_zeros(f.mantissa) - (f.bias + f.mantissa + 2 - PADDING)
    if f.bits == 64:
        return _double_from(mantissa, _window(place, 3, 16))
    r, q = _single_from(mantissa, _window(place, 2, 3))
    return r, q.to_32()


def _window(place: Value, count: int, reach: int) -> list[Value]:
    """`count` words of the bits of 2 / pi from bit `place` on, which lies in one of the first `reach` words."""
    words = [place.constant(word) for word in coefficients.TWO_OVER_PI[: reach + count]]
    index = place.shift_in_zeros(6)
    for bit in reversed(range((reach - 1).bit_length())):
        step = 1 << bit
        is_set = (index & step).differs(0)
        needed = count + step
        words = [is_set.where(words[n + step], words[n]) if n + step < len(words) else words[n] for n in range(needed)]
    offset = place & 63
    rest = 63 - offset
    return [(a << offset) | b.shift_in_zeros(1).shift_in_zeros(rest) for a, b in pairwise(words)]


def _quotient(high: Value) -> tuple[Value, Value]:
    """The two top bits of a fraction of 4, rounded to the nearest, and what is left, signed."""
    q = (high + (1 << 61)).shift_in_zeros(62)
    return q, high - (q << 62)


def _single_from(mantissa: Value, words: list[Value]) -> tuple[Value, Value]:
    """`r` as a float32: the highest 64 bits of 24 times 96 bits, modulo the highest of them."""
    first, second, third = words[0].shift_in_zeros(32), words[0] & LOW_HALF, words[1].shift_in_zeros(32)
    high = ((mantissa * first) << 32) + mantissa * second + (mantissa * third).shift_in_zeros(32)
    q, rest = _quotient(high)
    return (rest.to_float() * (math.pi / 2 * 2.0**-62)).narrowed(), q


def _double_from(mantissa: Value, words: list[Value]) -> tuple[Value, Value]:
    """`r` as a float64, from the highest 128 bits of a product."""
    high, low = _product(mantissa, words)
    q, rest = _quotient(high)
    parts = ((rest >> 32, -30), (rest & LOW_HALF, -62), (low.shift_in_zeros(32), -94), (low & LOW_HALF, -126))
    a, b, c, d = (part.to_float() * 2.0**exponent for part, exponent in parts)
    total = a + b
    left_out = ((a - total) + b) + (c + d)
    value = total + left_out
    left_out = (total - value) + left_out
    high_part, low_part, _ = HALF_PI[64]
    return fma(value, high_part, fma(value, low_part, left_out * high_part)), q


def _product(mantissa: Value, words: list[Value]) -> tuple[Value, Value]:
    """The highest 128 bits of the low 192 bits of a product of 53 bits with 192, by digits of 32 bits."""
    digits = [half for word in words for half in (word.shift_in_zeros(32), word & LOW_HALF)]
    low, high = mantissa & LOW_HALF, mantissa.shift_in_zeros(32)
    by_low = [low * digit for digit in digits]
    by_high = [high * digit for digit in digits]
    carry = by_low[5].shift_in_zeros(32)
    columns: list[Value] = []
    for place in (4, 3, 2, 1, 0):
        total = carry + (by_low[place] & LOW_HALF) + (by_high[place + 1] & LOW_HALF)
        if place < 4:
            total = total + by_low[place + 1].shift_in_zeros(32) + by_high[place + 2].shift_in_zeros(32)
        columns.append(total & LOW_HALF)
        carry = total.shift_in_zeros(32)
    _, fourth, third, second, first = columns
    return (first << 32) | second, (third << 32) | fourth
