"""Targets by LLVM's triple: the systems and architectures that code is exported for."""

from __future__ import annotations

from dataclasses import replace

from ...dialects.diagnostics import PipelineError
from .host import detected
from .named import NAMED
from .target import HOST, Target

_DEFAULTS = {
    "x86_64": NAMED["x86-64"],
    "aarch64": NAMED["armv8-a"],
    "arm": NAMED["armv7-a"],
    "riscv64": NAMED["rv64gc"],
    "wasm32": NAMED["wasm32"],
}
"""For each architecture the target that code is made for where no CPU is named: what all of its CPUs run."""
_SPELLINGS = {"amd64": "x86_64", "arm64": "aarch64"}
_SYSTEMS = ("linux", "darwin", "macos", "ios", "windows", "wasi", "freebsd", "netbsd", "openbsd", "android", "none")
_ARM_32 = ("armv7", "armv7a", "armv7l", "armv8", "thumbv7", "thumbv7a")


def cross_target(triple: str, cpu: str = "") -> Target:
    """The target of a triple such as `aarch64-linux-android21`, and of the name of a CPU of that architecture.

    `host` is the triple of the machine this runs on, and as a CPU the one that this runs on. Without a CPU, code is
    made for what all CPUs of the architecture have.

    Raises PipelineError for an architecture or a CPU that is not in the tables.

    Example:
        >>> cross_target("arm64-apple-macosx11.0").vector_bits, cross_target("x86_64-linux-gnu", "haswell").fma
        (128, True)
    """
    if triple == HOST:
        triple = detected().triple
    architecture = _architecture(triple)
    if cpu == "":
        found = _DEFAULTS[architecture]
    elif cpu == HOST:
        found = detected()
    else:
        found = next((t for t in NAMED.values() if cpu in (t.name, t.cpu)), None)
    if found is None or _architecture(found.triple) != architecture:
        known = [name for name, target in NAMED.items() if _architecture(target.triple) == architecture]
        raise PipelineError(
            f"there is no CPU '{cpu}' for {triple}",
            remedy=f"CPUs are {', '.join(known)}",
        )
    return replace(found, triple=_normalized(triple))


def _normalized(triple: str) -> str:
    """The triple with a vendor, without which LLVM does not find the system: `aarch64-unknown-linux-gnu`."""
    first, *rest = triple.split("-")
    has_vendor = not rest or not rest[0].startswith(_SYSTEMS)
    return "-".join([first, *([] if has_vendor else ["unknown"]), *rest])


def _architecture(triple: str) -> str:
    first = triple.split("-", 1)[0]
    found = "arm" if first in _ARM_32 else _SPELLINGS.get(first, first)
    if found not in _DEFAULTS:
        known = ", ".join("armv7" if name == "arm" else name for name in _DEFAULTS)
        raise PipelineError(f"no code is made for '{triple}'", remedy=f"triples begin with {known}")
    return found
