"""The CPU this runs on, asked from LLVM and from the system."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import cache
from pathlib import Path

from .named import NAMED
from .target import HOST, KIB, MIB, Target

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
"""Where Linux tells of the caches of a core."""

_UNITS = {"K": KIB, "M": MIB}


@cache
def detected() -> Target:
    """The CPU this runs on.

    Caches that the system does not tell of have the sizes of the CPU of that name, else those of a small one.
    """
    import llvmlite.binding as llvm  # takes 20 ms, which programs that compile nothing do not spend

    triple, cpu = llvm.get_default_triple(), llvm.get_host_cpu_name()
    try:
        features = tuple(llvm.get_host_cpu_features().flatten().split(","))
    except RuntimeError:  # LLVM cannot ask this system
        features = ()
    return described(triple, cpu, features, cache_sizes(CACHES), _cores())


def described(triple: str, cpu: str, features: tuple[str, ...], caches: dict[int, int], cores: int) -> Target:
    """The target that these instruction sets make, with data caches by level, as far as they are known."""
    similar = NAMED.get(cpu, Target(HOST, triple, cpu))
    bits, registers, fma = _vectors(triple.split("-", 1)[0], features)
    sizes = {1: similar.l1_bytes, 2: similar.l2_bytes, 3: similar.l3_bytes} | caches
    return Target(HOST, triple, cpu, features, bits, registers, fma, sizes[1], sizes[2], sizes[3], cores)


def _vectors(architecture: str, features: Collection[str]) -> tuple[int, int, bool]:
    """Width and number of vector registers, and whether there is a fused multiply-add."""
    if architecture in ("aarch64", "arm64"):
        return 128, 32, True
    if "+avx512f" in features:
        return 512, 32, True
    return 256 if "+avx2" in features else 128, 16, "+fma" in features


def cache_sizes(folder: Path) -> dict[int, int]:
    """The bytes of the data cache of each level, from the files that Linux has of them; what is unknown is left out."""
    sizes: dict[int, int] = {}
    for index in sorted(folder.glob("index*")):
        try:
            level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
            if kind in ("Data", "Unified"):
                sizes[int(level)] = int(size.rstrip("KM")) * _UNITS.get(size[-1:], 1)
        except (OSError, ValueError):
            continue
    return {level: size for level, size in sizes.items() if level in (1, 2, 3) and size > 0}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
