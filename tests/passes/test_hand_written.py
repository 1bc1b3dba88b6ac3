"""Modules below `hl` as people write them, where what matters is not a result: what is printed, what is refused."""

import numpy as np

from stepwell.compiler.interchange.mlir_text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import steps_between
from stepwell.dialects.context import make_context
from stepwell.runtime.engines.native.executable import compile_module
from stepwell.runtime.outcomes import observe, observe_run

PRINTING_FUNCTIONS = """
func.func @main(%x: i32) {
  debug.print "main {0}" (%x) : (i32)
  func.call @first(%x) : (i32) -> ()
  func.call @second(%x) : (i32) -> ()
  func.return
}
func.func private @first(%x: i32) {
  debug.print "first {0}" (%x) : (i32)
  func.return
}
func.func private @second(%x: i32) {
  %ok = arith.constant true
  debug.assert %ok, "never" () : i1, ()
  debug.print "second {0}" (%x) : (i32)
  func.call @first(%x) : (i32) -> ()
  func.return
}
"""


def _lowered(text, level):
    module = parse_module(text, "module.mlir")
    PassManager(make_context(), verify_each=True).run(module, steps_between(level, "llvm"))
    return module


def test_called_functions_print_natively_what_they_say():
    module, inputs = _lowered(PRINTING_FUNCTIONS, "cfg"), [np.array(7, np.int32)]
    expected = "main 7\nfirst 7\nsecond 7\nfirst 7\n"
    assert observe(module, inputs).printed == expected
    executable = compile_module(module)
    assert observe_run(lambda arrays: executable.run(*arrays), inputs).printed == expected
