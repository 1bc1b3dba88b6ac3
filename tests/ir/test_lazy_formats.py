"""Formats of ops are read when they are needed: the text is the same, and a wrong one is still an error."""

import subprocess
import sys

import pytest
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, result_def
from xdsl.irdl.declarative_assembly_format import FormatProgram
from xdsl.utils.exceptions import PyRDLOpDefinitionError

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.dialects import lazy_formats
from stepwell.dialects.context import load_dialect
from stepwell.dialects.diagnostics import ParseError

OPS = [op for name in sorted(lazy_formats.DIALECTS) for op in load_dialect(name).operations]


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_each_format_that_is_read_late_is_right(op):
    definition = op.get_irdl_definition()
    if definition.assembly_format is not None:
        assert FormatProgram.from_str(definition.assembly_format, definition).stmts


LATE = """
import stepwell.compiler
from xdsl.irdl import operations
from stepwell.dialects import lazy_formats
from stepwell.dialects.context import load_dialect

ops = [op for name in lazy_formats.DIALECTS for op in load_dialect(name).operations]
assert operations.get_accessors_from_op_def is not lazy_formats._accessors
print(*{op.name.partition(".")[0] for op in ops if op.print.__module__ == lazy_formats.__name__})
"""


def test_they_are_read_late():
    """In a process of its own: one that has printed or parsed ops has read their formats."""
    run = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == lazy_formats.DIALECTS


def test_text_goes_out_and_in():
    text = """builtin.module {
  func.func @f(%x: memref<4xf32>, %i: index) -> f32 {
    %0 = memref.load %x[%i] : memref<4xf32>
    %1 = arith.addf %0, %0 fastmath<fast> : f32
    %2 = math.exp %1 : f32
    func.return %2 : f32
  }
}"""
    assert str(parse_module(text, "text")) == text
    with pytest.raises(ParseError):
        parse_module("%0 = arith.addf %0 %0 : f32", "text")


@pytest.mark.parametrize("name", ["poly.wrong", "arithmetic.wrong"])
def test_a_wrong_format_of_another_dialect_is_an_error_where_it_is_defined(name):
    class WrongOp(IRDLOperation):
        operand = operand_def()
        result = result_def()
        assembly_format = "$operand `:` type($nothing) attr-dict"

    WrongOp.name = name
    with pytest.raises(PyRDLOpDefinitionError, match="nothing"):
        irdl_op_definition(WrongOp)
