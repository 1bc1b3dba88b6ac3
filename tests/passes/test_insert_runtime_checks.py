"""Text below `hl`, run natively with checks: right programs mean the same, wrong ones fail at their line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from support.command import failure, output
from support.effort import examples

from stepwell.compiler.interchange.mlir.entries import find_entry, keep_only
from stepwell.compiler.interchange.mlir.text import print_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import checked_steps
from stepwell.dialects.context import make_context
from stepwell.runtime.engines.native import compile_module
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing import cfg_modules, linalg_modules, loops_modules
from stepwell.testing.engines import Descent
from stepwell.testing.provider import register

STRATEGIES = {"linalg": linalg_modules, "loops": loops_modules, "cfg": cfg_modules}


@pytest.mark.parametrize("level", STRATEGIES)
def test_drawn_modules_with_checks_mean_the_same_natively(level, monkeypatch):
    def checked(self):
        if self._executable is None:
            module = self.module.clone()
            keep_only(module, find_entry(module, "drawn", None))
            PassManager(make_context()).run(module, checked_steps(level))
            self._executable = compile_module(module)
        return self._executable

    monkeypatch.setattr(Descent, "_native", checked)

    @seed(0)
    @settings(
        max_examples=examples(25),
        backend=register(),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(STRATEGIES[level]())
    def run(case):
        expected = observe(case.module, case.inputs)
        program = Descent(case.module)
        program._executable = None
        found = difference(program.observe("native", case.inputs), expected, Tolerance(1e-4))
        assert found is None, f"{found}\n{print_module(case.module)}"

    run()


def _function(arguments, body, results="i32"):
    return f"func.func @main({arguments}) -> {results} {{\n{body}\n}}\n"


LOAD = _function(
    "%x: memref<2x?xi32>, %i: index", "%r = memref.load %x[%i, %i] : memref<2x?xi32>\nfunc.return %r : i32"
)
STORE = _function(
    "%x: memref<?xi32>, %i: index",
    "%r = arith.constant 1 : i32\nmemref.store %r, %x[%i] : memref<?xi32>\nfunc.return %r : i32",
)
VECTOR = _function(
    "%x: memref<?xi32>, %i: index",
    "%v = vector.load %x[%i] : memref<?xi32>, vector<4xi32>\n%r = vector.reduction <add>, %v : vector<4xi32> into i32\n"
    "func.return %r : i32",
)
CAST = _function(
    "%x: memref<?xi32>, %i: index",
    '%c = "memref.cast"(%x) : (memref<?xi32>) -> memref<4xi32>\n%r = memref.load %c[%i] : memref<4xi32>\n'
    "func.return %r : i32",
)
SUBVIEW = _function(
    "%x: memref<?xi32>, %i: index",
    "%c = memref.subview %x[%i] [2] [1] : memref<?xi32> to memref<2xi32, strided<[1], offset: ?>>\n"
    "%0 = arith.constant 1 : index\n%r = memref.load %c[%0] : memref<2xi32, strided<[1], offset: ?>>\n"
    "func.return %r : i32",
)
ALLOC = _function(
    "%x: memref<?xi32>, %i: index",
    "%c = memref.alloc(%i) : memref<?xi32>\n%0 = arith.constant 1 : index\n%1 = arith.constant 7 : i32\n"
    "memref.store %1, %c[%0] : memref<?xi32>\n%r = memref.load %c[%0] : memref<?xi32>\nfunc.return %r : i32",
)
COPY = _function(
    "%x: memref<?xi32>, %i: index",
    '%c = memref.alloc(%i) : memref<?xi32>\n"memref.copy"(%x, %c) : (memref<?xi32>, memref<?xi32>) -> ()\n'
    "%r = arith.constant 1 : i32\nfunc.return %r : i32",
)
EXTRACT = _function(
    "%x: tensor<?xi32>, %i: index",
    "%e = tensor.extract %x[%i] : tensor<?xi32>\n%r = arith.addi %e, %e : i32\nfunc.return %r : i32",
)
LOOP = _function(
    "%x: memref<?xi32>, %i: index",
    "%0 = arith.constant 0 : index\n%1 = arith.constant 1 : index\n%z = arith.constant 0 : i32\n"
    "%r = scf.for %j = %0 to %i step %1 iter_args(%s = %z) -> (i32) {\n%v = memref.load %x[%j] : memref<?xi32>\n"
    "%t = arith.addi %s, %v : i32\nscf.yield %t : i32\n} {stepwell.reduction}\nfunc.return %r : i32",
)
BLOCKS = _function(
    "%x: memref<?xi32>, %i: index",
    "cf.br ^a(%i : index)\n^a(%j: index):\n%r = memref.load %x[%j] : memref<?xi32>\nfunc.return %r : i32",
)


def _generic(op):
    """A linalg op over tensors whose body may be undefined."""
    map_ = "affine_map<(d0) -> (d0)>"
    head = f'indexing_maps = [{map_}, {map_}, {map_}], iterator_types = ["parallel"]'
    return (
        "func.func @main(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {\n"
        f"%r = linalg.generic {{{head}}} ins(%x, %y : tensor<?xi32>, tensor<?xi32>) outs(%x : tensor<?xi32>) {{\n"
        f"^bb0(%a: i32, %b: i32, %c: i32):\n%d = {op} %a, %b : i32\nlinalg.yield %d : i32\n}} -> tensor<?xi32>\n"
        "func.return %r : tensor<?xi32>\n}\n"
    )


X = "[1, 2, 3, 4]"


@pytest.mark.parametrize(
    ("text", "right", "wrong", "line", "message"),
    [
        (LOAD, (f"[{X}, {X}]", "1"), (f"[{X}, {X}]", "2"), 2, "index 2 is out of range for axis 0 of size 2"),
        (LOAD, ("[[1], [2]]", "0"), ("[[1], [2]]", "1"), 2, "index 1 is out of range for axis 1 of size 1"),
        (STORE, (X, "3"), (X, "-1"), 3, "index -1 is out of range for axis 0 of size 4"),
        (STORE, (X, "3"), (X, str(2**62)), 3, f"index {2**62} is out of range"),
        (VECTOR, (X, "0"), (X, "1"), 2, "4 elements from 1 are out of range for axis 0 of size 4"),
        (CAST, (X, "0"), ("[1]", "0"), 2, "axis 0 has size 1, expected 4"),
        (SUBVIEW, (X, "2"), (X, "3"), 2, "2 elements from 3 are out of range for axis 0 of size 4"),
        (ALLOC, (X, "2"), (X, "-5"), 2, "size -5 is negative"),
        (ALLOC, (X, "2"), (X, "1"), 5, "index 1 is out of range for axis 0 of size 1"),
        (COPY, (X, "4"), (X, "3"), 3, "axis 0 has size 4 there and 3 here"),
        (EXTRACT, (X, "3"), (X, "4"), 2, "index 4 is out of range for axis 0 of size 4"),
        (LOOP, (X, "4"), (X, "5"), 6, "index 4 is out of range for axis 0 of size 4"),
        (BLOCKS, (X, "3"), (X, "9"), 4, "index 9 is out of range for axis 0 of size 4"),
        (_generic("arith.divsi"), (X, X), (X, "[1, 2, 0, 4]"), 4, "division by zero"),
        (_generic("arith.remui"), (X, X), (X, "[1, 2, 0, 4]"), 4, "division by zero"),
        (_generic("arith.floordivsi"), (X, X), (f"[{-(2**31)}]", "[-1]"), 4, "divided by -1 is too large"),
        (_generic("arith.shli"), (X, X), (X, "[1, 2, 32, 4]"), 4, "shifted by 32 of 32 bits"),
        (_generic("arith.addi"), (X, X), (X, "[1]"), 2, "index 1 is out of range for axis 0 of size 1"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, right, wrong, line, message):
    ran = output("run", "-", *right, "-e", "native", stdin=text)
    assert ran == output("run", "-", *right, "-e", "native", "--trusted", stdin=text)
    code, said = failure("run", "-", *[f" {each}" for each in wrong], "-e", "native", stdin=text)
    assert code == 1 and message in said and said.startswith(f"<stdin>:{line}:")


def test_functions_that_are_only_declared_are_refused():
    text = (
        "func.func @main(%x: i32) -> i32 {\n%r = func.call @getpid() : () -> i32\n%s = arith.addi %r, %x : i32\n"
        "func.return %s : i32\n}\nfunc.func private @getpid() -> i32\n"
    )
    _, said = failure("run", "-", "1", "-e", "native", "--level", "cfg", stdin=text)
    assert "@getpid is only declared" in said


def test_text_of_level_llvm_runs_natively_only_if_it_is_trusted(tmp_path):
    text = output("opt", "-", "--to", "llvm", stdin=BLOCKS)
    code, said = failure("run", "-", X, "0", "-e", "native", stdin=text)
    assert code == 2 and "--trusted" in said
    assert output("run", "-", X, "0", "-e", "native", "--trusted", stdin=text) == "result 0: int32[] 1\n"
    assert output("run", "-", X, "0", stdin=text) == "result 0: int32[] 1\n"


def test_compiled_functions_have_no_such_checks():
    import stepwell as sw

    text = sw.ir(sw.function(lambda x: x + 1.0), sw.constant(np.ones(8, np.float32)), level="llvm")
    assert "out of range" not in text
