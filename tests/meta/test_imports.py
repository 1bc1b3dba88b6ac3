"""What starts fast imports what it needs: by `sys.modules`, not by the clock."""

import subprocess
import sys

import pytest

LLVM = """llvm.func @f(%x: i32) -> i32 {
  llvm.return %x : i32
}
"""
CFG = """func.func @f(%x: i32) -> i32 {
  %0 = arith.addi %x, %x : i32
  func.return %0 : i32
}
"""
HL = """func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
  %y = hl.exp %x : (tensor<2xf32>) -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}
"""
HEAVY = ("onnx", "onnxruntime", "llvmlite", "malt", "optree", "xdsl.interpreter", "xdsl.interpreters", "hypothesis")
OURS = ("stepwell.runtime", "stepwell.testing", "stepwell.compiler.frontend")


def imported(code, stdin=None):
    """The modules that a process of its own has loaded after `code`."""
    code = f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], input=stdin, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def opt(*arguments):
    """A program that runs `stepwell opt`."""
    return f"""
from stepwell.tools.main import app
try:
    app({["opt", *arguments]})
except SystemExit as end:
    assert not end.code
"""


def within(modules, *packages):
    """Those of the modules that are one of the packages, or in it."""
    return sorted(m for m in modules if any(m == p or m.startswith(f"{p}.") for p in packages))


@pytest.mark.parametrize(("text", "unneeded"), [(LLVM, ["numpy"]), (CFG, ["numpy"]), (HL, [])])
def test_opt_loads_no_engine_and_no_front_end(text, unneeded):
    assert within(imported(opt(), text), *HEAVY, *OURS, *unneeded, "xdsl.dialects.riscv") == []


def test_passes_over_hl_load_no_engine():
    modules = imported(opt("-p", "canonicalize,cse,dce,simplify-algebra"), HL)
    assert within(modules, *HEAVY, *OURS) == []


def test_the_public_module_loads_nothing_until_it_is_used():
    assert within(imported("import stepwell"), *HEAVY, "numpy", "xdsl", "stepwell.runtime", "stepwell.compiler") == []
