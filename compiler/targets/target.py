"""What code for a CPU has to know about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.dialects.builtin import AnyFloat, IndexType, IntegerType
from xdsl.ir import Attribute

HOST = "host"
"""The name of the CPU this runs on."""

KIB, MIB = 2**10, 2**20

ALIGNMENT = 64
"""Bytes to which memory is aligned for every target: a cache line, and the widest vector register of any."""


@dataclass(frozen=True)
class Target:
    """A CPU, as passes and code generation see it: equal targets get equal code.

    Attributes:
        name: what `--target` calls it.
        triple: LLVM's name of the architecture and the system.
        cpu: LLVM's name of the CPU.
        features: instruction sets beside those of `cpu`, as LLVM writes them: `+avx2`, or `-xop` for one it lacks.
        vector_bits: width of a vector register.
        vector_registers: number of vector registers.
        fma: whether it has an instruction that multiplies and adds with one rounding.
        l1_bytes: first level data cache of one core.
        l2_bytes: second level cache of one core.
        l3_bytes: last level cache, which cores share.
        cores: number of cores; no code depends on it.
    """

    name: str
    triple: str
    cpu: str
    features: tuple[str, ...] = ()
    vector_bits: int = 128
    vector_registers: int = 16
    fma: bool = False
    l1_bytes: int = 32 * KIB
    l2_bytes: int = 512 * KIB
    l3_bytes: int = 8 * MIB
    cores: int = field(default=1, compare=False)

    def lanes(self, type_: Attribute) -> int:
        """The number of elements of a type that a register holds."""
        return self.vector_bits // bit_width(type_)

    @property
    def architecture(self) -> str:
        """The architecture, the first part of the triple: `x86_64`."""
        return self.triple.split("-", 1)[0]

    @property
    def has(self) -> frozenset[str]:
        """The names of the instruction sets in `features` that it has."""
        return frozenset(feature[1:] for feature in self.features if feature[0] == "+")

    @property
    def byte_products(self) -> frozenset[str]:
        """Of which operands it adds up products of four bytes in each lane: "us", unsigned ones with signed ones."""
        if self.architecture == "x86_64":
            own = {"avx512vnni"} if self.vector_bits == 512 else {"avx512vnni", "avx512vl"}
            return frozenset(["us"] if own <= self.has or ("avxvnni" in self.has and self.vector_bits == 256) else [])
        return frozenset(["ss", "uu"] if self.architecture in ("aarch64", "arm64") and "dotprod" in self.has else [])

    @property
    def pair_products(self) -> bool:
        """Whether it adds up products of two signed integers of 16 bits in each lane."""
        return self.architecture == "x86_64" and (self.vector_bits < 512 or "avx512bw" in self.has)


def bit_width(type_: Attribute) -> int:
    """The bits an element takes in a vector register; a truth value takes none of its own."""
    if isinstance(type_, IndexType):
        return 64
    assert isinstance(type_, IntegerType | AnyFloat), type_
    return type_.bitwidth
