"""Hashes of strings, whose values TensorFlow's programs rely on; in integers of 64 bits."""

from __future__ import annotations

from collections.abc import Sequence

_MASK = 2**64 - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _half(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _right(value: int, count: int) -> int:
    """A rotation to the right."""
    value &= _MASK
    return (value >> count | value << (64 - count)) & _MASK


def _left(value: int, count: int) -> int:
    return _right(value, 64 - count)


def _mixed(value: int) -> int:
    value &= _MASK
    return value ^ (value >> 47)


def _pair(u: int, v: int, mul: int) -> int:
    """Two words as one."""
    a = _mixed((u ^ v) * mul)
    b = _mixed((v & _MASK ^ a) * mul)
    return b * mul & _MASK


def farm_fingerprint(data: bytes) -> int:
    """`Fingerprint64` of FarmHash, its function `farmhashna::Hash64`.

    Google, "FarmHash", https://github.com/google/farmhash.
    """
    size = len(data)
    if size <= 16:
        return _farm_to_16(data)
    if size <= 32:
        return _farm_to_32(data)
    if size <= 64:
        return _farm_to_64(data)
    return _farm_long(data)


def _farm_to_16(data: bytes) -> int:
    size, mul = len(data), _K2 + len(data) * 2
    if size >= 8:
        a, b = _word(data, 0) + _K2, _word(data, size - 8)
        c = _right(b, 37) * mul + a
        d = (_right(a, 25) + b) * mul
        return _pair(c, d, mul)
    if size >= 4:
        return _pair(size + (_half(data, 0) << 3), _half(data, size - 4), mul)
    if size > 0:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[size - 1] << 2)
        return _mixed(y * _K2 ^ z * _K0) * _K2 & _MASK
    return _K2


def _farm_to_32(data: bytes) -> int:
    size, mul = len(data), _K2 + len(data) * 2
    a, b = _word(data, 0) * _K1, _word(data, 8)
    c, d = _word(data, size - 8) * mul, _word(data, size - 16) * _K2
    return _pair(_right(a + b, 43) + _right(c, 30) + d, a + _right(b + _K2, 18) + c, mul)


def _farm_to_64(data: bytes) -> int:
    size, mul = len(data), _K2 + len(data) * 2
    a, b = _word(data, 0) * _K2, _word(data, 8)
    c, d = _word(data, size - 8) * mul, _word(data, size - 16) * _K2
    y = (_right(a + b, 43) + _right(c, 30) + d) & _MASK
    z = _pair(y, a + _right(b + _K2, 18) + c, mul)
    e, f = _word(data, 16) * mul, _word(data, 24)
    g, h = (y + _word(data, size - 32)) * mul, (z + _word(data, size - 24)) * mul
    return _pair(_right(e + f, 43) + _right(g, 30) + h, e + _right(f + a, 18) + g, mul)


def _weak(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """32 bytes and two seeds as two words."""
    w, x, y, z = (_word(data, at + 8 * number) for number in range(4))
    a += w
    b = _right(b + a + z, 21)
    c = a
    a += x + y
    b += _right(a, 44)
    return (a + z) & _MASK, (b + c) & _MASK


def _farm_long(data: bytes) -> int:
    """Blocks of 64 bytes, and then the last 64 bytes, which may overlap the last block."""
    size, seed = len(data), 81
    x, y = seed, (seed * _K1 + 113) & _MASK
    z = _mixed(y * _K2 + 113) * _K2
    v = w = (0, 0)
    x = x * _K2 + _word(data, 0)
    end = (size - 1) // 64 * 64
    for at in range(0, end, 64):
        x = _right(x + y + v[0] + _word(data, at + 8), 37) * _K1
        y = _right(y + v[1] + _word(data, at + 48), 42) * _K1
        x ^= w[1]
        y += v[0] + _word(data, at + 40)
        z = _right(z + w[0], 33) * _K1
        v = _weak(data, at, v[1] * _K1, x + w[0])
        w = _weak(data, at + 32, z + w[1], y + _word(data, at + 16))
        x, z = z & _MASK, x & _MASK
    at = size - 64
    mul = _K1 + ((z & 0xFF) << 1)
    w = w[0] + ((size - 1) & 63), w[1]
    v = v[0] + w[0], v[1]
    w = w[0] + v[0], w[1]
    x = _right(x + y + v[0] + _word(data, at + 8), 37) * mul
    y = _right(y + v[1] + _word(data, at + 48), 42) * mul
    x ^= w[1] * 9
    y += v[0] * 9 + _word(data, at + 40)
    z = _right(z + w[0], 33) * mul
    v = _weak(data, at, v[1] * mul, x + w[0])
    w = _weak(data, at + 32, z + w[1], y + _word(data, at + 16))
    x, z = z, x
    first = _pair(v[0], w[0], mul) + _mixed(y) * _K0 + z
    return _pair(first & _MASK, (_pair(v[1], w[1], mul) + x) & _MASK, mul)


def sip_hash(data: bytes, key: Sequence[int]) -> int:
    """SipHash-2-4 with a key of two words.

    Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
    """
    first, second = (word & _MASK for word in key)
    v = [
        first ^ 0x736F6D6570736575,
        second ^ 0x646F72616E646F6D,
        first ^ 0x6C7967656E657261,
        second ^ 0x7465646279746573,
    ]
    whole = len(data) // 8 * 8
    last = int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56
    for word in [*(_word(data, at) for at in range(0, whole, 8)), last]:
        v[3] ^= word
        _sip_rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _sip_rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _sip_rounds(v: list[int], count: int) -> None:
    for _ in range(count):
        v[0] = (v[0] + v[1]) & _MASK
        v[1] = _left(v[1], 13) ^ v[0]
        v[0] = _left(v[0], 32)
        v[2] = (v[2] + v[3]) & _MASK
        v[3] = _left(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & _MASK
        v[3] = _left(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & _MASK
        v[1] = _left(v[1], 17) ^ v[2]
        v[2] = _left(v[2], 32)


def murmur_hash(data: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """MurmurHash64A; Appleby, "MurmurHash" (2008). The seed is TensorFlow's."""
    mul = 0xC6A4A7935BD1E995
    value = seed ^ (len(data) * mul & _MASK)
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        value = (value ^ _mixed(_word(data, at) * mul) * mul & _MASK) * mul & _MASK
    if rest := data[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * mul & _MASK
    return _mixed(_mixed(value) * mul)
