"""`convert-cfg-to-llvm` takes every graph of blocks: endless, irreducible, with blocks that are never reached."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.runtime.engines.native import compile_module
from stepwell.runtime.outcomes import observe

MAX_OPS = 300
"""A run of more ops than this does not end."""


@st.composite
def graphs(draw):
    """The text of a function over any graph of blocks, each of which counts its argument down or up."""
    count = draw(st.integers(1, 6))
    blocks = [f"^bb{number}" for number in range(count)]

    def target(value):
        return f"{draw(st.sampled_from(blocks))}({value} : i32)"

    def terminator(value, other):
        match draw(st.sampled_from(["br", "br", "cond_br", "cond_br", "switch", "return"])):
            case "br":
                return f"cf.br {target(value)}"
            case "cond_br":
                then, otherwise = target(value), target(draw(st.sampled_from([value, other])))
                return (
                    f"%t{value[1:]} = arith.cmpi sgt, {value}, %x : i32\ncf.cond_br %t{value[1:]}, {then}, {otherwise}"
                )
            case "switch":
                return f"cf.switch {value} : i32, [default: {target(value)}, 1: {target(other)}, 2: {target(value)}]"
        return f"func.return {value} : i32"

    lines = ["func.func @main(%x: i32, %n: i32) -> i32 {", terminator("%n", "%x")]
    for number, block in enumerate(blocks):
        step = draw(st.integers(-2, 1))
        lines += [f"{block}(%a{number}: i32):", f"%c{number} = arith.constant {step} : i32"]
        lines += [f"%v{number} = arith.addi %a{number}, %c{number} : i32", terminator(f"%v{number}", f"%a{number}")]
    return "\n".join([*lines, "}"])


@settings(max_examples=examples(120), deadline=None)
@given(graphs(), st.integers(-3, 3), st.integers(-3, 3))
def test_any_graph_is_compiled_and_means_the_same(text, x, n):
    inputs = (np.int32(x), np.int32(n))
    expected = observe(parse_module(text, "graph.mlir"), inputs, max_ops=MAX_OPS, any_failure=True)
    module = parse_module(text, "graph.mlir")
    PassManager(make_context(), verify_each=True).run(module, "convert-cfg-to-llvm")
    executable = compile_module(module)
    if not expected.unfinished:
        (result,) = executable.run(*map(np.asarray, inputs))
        assert result == expected.results[0]


ENDLESS = {
    "a block that goes to itself": "cf.br ^a\n^a:\ncf.br ^a",
    "a loop of two": "cf.br ^a(%x : i32)\n^a(%p: i32):\ncf.br ^b(%p : i32)\n^b(%q: i32):\ncf.br ^a(%q : i32)",
    "one that allocates": "cf.br ^a\n^a:\n%m = memref.alloc() : memref<4xi32>\ncf.br ^a",
    "one that is never reached": "func.return %x : i32\n^a(%p: i32):\ncf.br ^a(%p : i32)",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("called", [False, True])
def test_endless_loops_of_blocks_are_compiled(body, called):
    text = f"func.func @main(%x: i32) -> i32 {{\n{body}\n}}"
    if called:
        main = "func.func @main(%x: i32) -> i32 {\n%r = func.call @f(%x) : (i32) -> i32\nfunc.return %r : i32\n}\n"
        text = main + text.replace("@main", "private @f")
    module = parse_module(text, "graph.mlir")
    PassManager(make_context(), verify_each=True).run(module, "canonicalize,convert-cfg-to-llvm")
    compile_module(module)
