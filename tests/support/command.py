"""The `stepwell` command in tests: a folder with programs, and what a command prints or complains about."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from stepwell.tools.main import app

PROGRAM = """
import stepwell as sw

print("loading")

@sw.function
def affine(x, y):
    print("tracing")
    return 2.0 * x + y

@sw.function
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps

def plain(x):
    return sw.reduce_sum(x, axis=0)

@sw.function(input_signature=[sw.TensorSpec([None, 2], sw.int32)])
def signed(x):
    return x + 1

@sw.function
def broken(x):
    y = x + 1.0
    return sw.matmul(y, y)

@sw.function
def powers(x, exponent):
    return x ** exponent

class Model(sw.Module):
    def __init__(self):
        self.weights = sw.Variable([1.0, 2.0])

    @sw.function
    def call(self, x):
        return self.weights * x

model = Model()
number = 3
"""
"""A program with functions of all kinds, that prints while it is loaded and traced."""

TWICE = """func.func @twice(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = hl.add %x, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}
"""
"""Text at the hl level."""

BUMP = """func.func @bump(%x: memref<?xi32>, %by: i32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %n = memref.dim %x, %0 : memref<?xi32>
  scf.for %i = %0 to %n step %1 {
    %a = memref.load %x[%i] : memref<?xi32>
    %b = arith.addi %a, %by : i32
    memref.store %b, %x[%i] : memref<?xi32>
  }
  func.return
}
"""
"""Text at the loops level that writes to an argument."""

SEVERAL = """
func.func private @helper(%x: tensor<i32>) -> tensor<i32> {
  func.return %x : tensor<i32>
}
func.func @double(%x: tensor<i32>) -> tensor<i32> {
  %y = hl.add %x, %x : (tensor<i32>, tensor<i32>) -> tensor<i32>
  func.return %y : tensor<i32>
}
func.func @square(%x: tensor<i32>) -> tensor<i32> {
  %y = hl.mul %x, %x : (tensor<i32>, tensor<i32>) -> tensor<i32>
  func.return %y : tensor<i32>
}
"""
"""Text of several functions."""


@contextlib.contextmanager
def program_folder(path: Path) -> Iterator[None]:
    """Be in folder `path`, with `program.py` and some texts; what was loaded from there is forgotten afterwards."""
    texts = {"program.py": PROGRAM, "twice.mlir": TWICE, "bump.mlir": BUMP, "several.mlir": SEVERAL}
    for name, text in texts.items():
        (path / name).write_text(text)
    before, loaded, paths = Path.cwd(), set(sys.modules), list(sys.path)
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = paths
        for name in set(sys.modules) - loaded:
            if str(path) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def stepwell(*arguments: Any, stdin: str | None = None) -> Any:
    """Run the command in this process: its exit code, output and errors."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def output(*arguments: Any, stdin: str | None = None) -> str:
    """What a command that succeeds prints."""
    done = stepwell(*arguments, stdin=stdin)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def failure(*arguments: Any, stdin: str | None = None) -> tuple[int, str]:
    """Exit code and message of a command that fails, after no more than what the user's program prints."""
    done = stepwell(*arguments, stdin=stdin)
    assert done.exit_code in (1, 2), done.output
    assert "Traceback" not in done.output and "internal error" not in done.output, done.output
    *before, last = done.stderr.split("error: ", 1)
    assert set("".join(before).split()) <= {"loading", "tracing"}
    assert last.endswith("\n")
    return done.exit_code, last.removesuffix("\n")
