"""`simd.dot`: its meaning at every level, its instructions, and what it refuses."""

import numpy as np
import pytest

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import for_target, parse
from stepwell.compiler.targets import NAMED, VARIABLE, runs_here
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import ParseError
from stepwell.runtime.engines.interpreter import run_module
from stepwell.testing.engines import Descent

TARGETS = ("x86-64", "haswell", "alderlake", "skylake-avx512", "cascadelake", "neoverse-n1", "wasm32")
KINDS = [("i8", 4, "i32", n) for n in (4, 8, 16)] + [("i16", 2, "i32", 8), ("i8", 2, "i64", 4), ("i32", 2, "i32", 4)]


def module(element, group, wide, sums, signs):
    """Loads two vectors and the sums they are added to, and stores the new sums."""
    lanes, total = f"vector<{sums * group}x{element}>", f"vector<{sums}x{wide}>"
    return parse_module(
        f"""
func.func @main(%x: memref<?x{element}>, %y: memref<?x{element}>, %t: memref<?x{wide}>) {{
  %0 = arith.constant 0 : index
  %a = vector.load %x[%0] : memref<?x{element}>, {lanes}
  %b = vector.load %y[%0] : memref<?x{element}>, {lanes}
  %c = vector.load %t[%0] : memref<?x{wide}>, {total}
  %r = simd.dot "{signs}", %a, %b, %c : {lanes}, {total}
  vector.store %r, %t[%0] : memref<?x{wide}>, {total}
  func.return
}}""",
        "dot.mlir",
    )


def operands(element, group, wide, sums, signs):
    """Two vectors of any bits and sums near overflow; and the new sums, by Python's integers."""
    source, bits, top = np.random.default_rng(0), int(element[1:]), int(wide[1:])
    x, y = source.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (2, sums * group)).tolist()
    total = source.choice([2 ** (top - 1) - 1, -(2 ** (top - 1)), 5], sums).tolist()
    a, b = ([v % 2**bits if sign == "u" else v for v in vs] for sign, vs in zip(signs, (x, y), strict=True))
    new = [t + sum(a[i] * b[i] for i in range(n * group, (n + 1) * group)) for n, t in enumerate(total)]
    wrapped = [(v + 2 ** (top - 1)) % 2**top - 2 ** (top - 1) for v in new]
    arrays = [np.array(x, f"int{bits}"), np.array(y, f"int{bits}"), np.array(total, f"int{top}")]
    return arrays, np.array(wrapped, f"int{top}")


@pytest.mark.parametrize("signs", ["ss", "su", "us", "uu"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_means_the_same_at_each_level_for_each_target(kind, signs):
    for target in (None, *TARGETS):
        program = module(*kind, signs)
        if target is not None:
            PassManager(make_context(), verify_each=True).run(program, _to_llvm(target))
        (x, y, total), new = operands(*kind, signs)
        run_module(program, [x, y, total])
        np.testing.assert_array_equal(total, new)


@pytest.mark.parametrize("signs", ["ss", "su", "us", "uu"])
@pytest.mark.parametrize("target", [name for name in TARGETS if runs_here(NAMED[name])])
def test_machine_code_means_the_same(target, signs, monkeypatch):
    monkeypatch.setenv(VARIABLE, target)
    for kind in KINDS:
        (x, y, total), new = operands(*kind, signs)
        Descent(module(*kind, signs)).ready("native")([x, y, total])
        np.testing.assert_array_equal(total, new)


def test_bytes_are_multiplied_by_the_instruction_of_the_target():
    for target, sums, signs, name in (
        ("cascadelake", 16, "us", "llvm.x86.avx512.vpdpbusd.512"),
        ("cascadelake", 16, "su", "llvm.x86.avx512.vpdpbusd.512"),
        ("alderlake", 8, "us", "llvm.x86.avx512.vpdpbusd.256"),
        ("neoverse-n1", 4, "ss", "llvm.aarch64.neon.sdot.v4i32.v16i8"),
        ("neoverse-n1", 4, "uu", "llvm.aarch64.neon.udot.v4i32.v16i8"),
        ("neoverse-n1", 4, "us", None),
        ("cascadelake", 16, "ss", None),
        ("cascadelake", 8, "us", None),
        ("haswell", 8, "us", None),
    ):
        program = module("i8", 4, "i32", sums, signs)
        PassManager(make_context()).run(program, _to_llvm(target))
        assert (name or "llvm.shufflevector") in str(program)
        assert ("llvm.call_intrinsic" in str(program)) == (name is not None)


def _to_llvm(target):
    return for_target(parse("convert-scf-to-cf,convert-cfg-to-llvm"), target)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (("i8", 4, "i32", 4, "xs"), "unknown signs 'xs', expected one of ss, su, us, uu"),
        (("i64", 2, "i32", 4, "ss"), "the sums must have at least as many bits as the operands"),
    ],
)
def test_what_it_refuses(kind, message):
    with pytest.raises(ParseError, match=message):
        module(*kind)


def test_lanes_have_to_be_a_multiple():
    text = str(module("i8", 4, "i32", 4, "ss")).replace("vector<16xi8>", "vector<18xi8>")
    with pytest.raises(ParseError, match="the operands must have a multiple of as many lanes as the sums"):
        parse_module(text, "dot.mlir")
