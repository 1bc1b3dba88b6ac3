"""CPUs by name, so that the same text of IR comes out on every machine."""

from __future__ import annotations

from dataclasses import replace

from .target import KIB, MIB, Target

_X86, _ARM, _WASM = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "wasm32-unknown-unknown"
_AVX2 = ("+avx2", "+fma", "+bmi2", "+f16c")
_AVX512 = (*_AVX2, "+avx512f", "+avx512bw", "+avx512cd", "+avx512dq", "+avx512vl")

_VNNI = (*_AVX512, "+avx512vnni")

_SSE2 = Target("x86-64", _X86, "x86-64", ("+sse2",))
_AVX2_CPU = Target("x86-64-v3", _X86, "x86-64-v3", _AVX2, vector_bits=256, fma=True)
_AVX512_CPU = Target("x86-64-v4", _X86, "x86-64-v4", _AVX512, vector_bits=512, vector_registers=32, fma=True)
_VNNI_CPU = replace(_AVX512_CPU, features=_VNNI)
_NEON_CPU = Target("armv8-a", _ARM, "generic", ("+neon",), vector_registers=32, fma=True)
_DOT_CPU = replace(_NEON_CPU, features=("+neon", "+dotprod"))
_SIMD128 = Target("wasm32", _WASM, "generic", ("+simd128",))
_ARMV7 = Target("armv7-a", "armv7-unknown-linux-gnueabihf", "generic", ("+v7", "+neon", "+vfp4"), fma=True)
_RISCV = Target(
    "rv64gc", "riscv64-unknown-linux-gnu", "generic-rv64", ("+m", "+a", "+f", "+d", "+c"), vector_bits=64, fma=True
)
"""It has no vectors: what is written as a pair takes two registers of 32."""


def _cpu(kind: Target, name: str, l1: int, l2: int, l3: int, cores: int) -> Target:
    """A CPU that has a kind's instructions, with its caches: `l1` and `l2` of a core, `l3` of all."""
    return replace(kind, name=name, cpu=name, l1_bytes=l1, l2_bytes=l2, l3_bytes=l3, cores=cores)


NAMED: dict[str, Target] = {
    target.name: target
    for target in (
        _SSE2,
        _AVX2_CPU,
        _AVX512_CPU,
        _cpu(_AVX2_CPU, "haswell", 32 * KIB, 256 * KIB, 8 * MIB, 4),
        _cpu(replace(_AVX2_CPU, features=(*_AVX2, "+avxvnni")), "alderlake", 48 * KIB, 1280 * KIB, 30 * MIB, 8),
        _cpu(_AVX2_CPU, "znver3", 32 * KIB, 512 * KIB, 32 * MIB, 8),
        _cpu(_AVX512_CPU, "skylake-avx512", 32 * KIB, 1 * MIB, 22 * MIB, 16),
        _cpu(_VNNI_CPU, "cascadelake", 32 * KIB, 1 * MIB, 36 * MIB, 24),
        _cpu(_VNNI_CPU, "sapphirerapids", 48 * KIB, 2 * MIB, 60 * MIB, 32),
        _cpu(_VNNI_CPU, "znver4", 32 * KIB, 1 * MIB, 32 * MIB, 8),
        _NEON_CPU,
        _cpu(_DOT_CPU, "cortex-a76", 64 * KIB, 512 * KIB, 4 * MIB, 4),
        _cpu(_DOT_CPU, "neoverse-n1", 64 * KIB, 1 * MIB, 32 * MIB, 64),
        _SIMD128,
        _ARMV7,
        _RISCV,
    )
}
"""What the makers' manuals say of each; the kinds, such as `x86-64`, have the caches of a small CPU."""
