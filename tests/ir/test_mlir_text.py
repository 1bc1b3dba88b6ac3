"""Text of every level: what is printed is read back as the same, with and without lines; errors show the place."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.effort import by_turns, examples
from xdsl.dialects import arith
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr, UnknownLoc

import stepwell as sw
from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.dialects.diagnostics import ParseError
from stepwell.dialects.hl.registry import ALL_OPS as OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.levels import LEVELS
from stepwell.dialects.types import array_of, dense, tensor_type
from stepwell.runtime.engines.lower import lowered
from stepwell.testing import hl_modules
from stepwell.testing.sampling import samples

HERE = FileLineColLoc(StringAttr("op.py"), IntAttr(1), IntAttr(0))
QUICK = settings(
    max_examples=examples(10),
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def places(module):
    return [op.location for op in module.walk()]


def assert_read_back(module):
    """Printing is a fixed point of printing and parsing; lines are kept where they are printed."""
    plain = print_module(module)
    without = parse_module(plain, "plain.mlir")
    assert print_module(without) == plain
    written = [op.location for op in without.walk() if op.parent is None or op.location != op.parent_op().location]
    assert [(place.line.data, place.column.data) for place in written] == list(lines_of_ops(plain))

    located = print_module(module, locations=True)
    with_lines = parse_module(located, "located.mlir")
    assert print_module(with_lines, locations=True) == located
    assert places(with_lines) == places(module)
    assert print_module(with_lines) == plain


def lines_of_ops(text):
    """Line and column of each op of printed text: xDSL begins a line for every op."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words and not words.startswith(("}", "^")):
            yield number, len(line) - len(line.lstrip()) + 1


@pytest.mark.parametrize("level", LEVELS)
@QUICK
@given(case=hl_modules(max_statements=8, control_flow=4))
def test_programs_are_read_back(level, case):
    assert_read_back(lowered(case.module, level))


def module_of(op, sample, dynamic):
    tracer = Tracer("main")
    tracer.location = HERE
    with tracing(tracer), tracer.at(HERE):
        operands = []
        for array in sample.operands:
            sizes = [None if dynamic and size != 1 else size for size in array.shape]
            operands.append(tracer.argument(tensor_type(sizes, array.dtype), "x"))
        return tracer.finish(tracer.emit(op, operands, sample.attrs).results)


@pytest.mark.parametrize(("name", "level"), by_turns(sorted(OPS), LEVELS))
def test_ops_are_read_back_at_every_level(name, level):
    @settings(QUICK, max_examples=1)
    @given(sample=samples(OPS[name]), dynamic=st.booleans())
    def check(sample, dynamic):
        try:
            module = module_of(OPS[name], sample, dynamic)
        except InferenceError:
            module = module_of(OPS[name], sample, False)
        assert_read_back(lowered(module, level))

    check()


class Model(sw.Module):
    def __init__(self):
        self.total = sw.Variable([0.0, 0.0])

    @sw.function
    def step(self, batch, weights):
        if sw.reduce_sum(batch) > 0.0:
            self.total.assign_add(batch * weights["w 1"])
        sw.print("total", self.total)
        return self.total * weights["ü"]


@pytest.mark.parametrize("level", LEVELS)
def test_variables_effects_and_odd_names_are_read_back(level):
    weights = {"w 1": sw.constant(2.0), "ü": sw.constant(3.0)}
    model = Model()
    concrete = model.step.get_concrete_function(sw.constant([1.0, 2.0]), weights)
    assert_read_back(lowered(concrete.module, level))


def test_names_of_arguments_are_what_people_call_them():
    @sw.function
    def f(tree, pair, x_1_2, x, _1, ü):
        return tree["a"] + pair[1] + x_1_2 + x + _1 + ü

    one = sw.constant(1.0)
    text = sw.ir(f, {"a": one, "b c": one}, (one, one), one, one, one, one)
    head = next(line for line in text.splitlines() if "func.func" in line)
    names = [word.split(":")[0] for word in head.split("%")[1:]]
    assert names == ["tree.a", "tree.b.c", "pair.0", "pair.1", "x", "x_1", "0", "1"]


@pytest.mark.parametrize(
    "array",
    [
        np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4028235e38, 0.1], np.float32),
        np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1], np.float64),
        np.array([np.nan, np.inf, -0.0, 65504.0, 6e-8], np.float16),
        np.array([[True, False], [False, True]]),
        np.array([-(2**63), 2**63 - 1, 0], np.int64),
        np.array([0, 255], np.uint8),
        np.array([-128, 127], np.int8),
        np.zeros((0, 3), np.float32),
        np.float32(-0.0),
        np.full((4, 4), 7, np.int32),
    ],
    ids=lambda array: f"{np.asarray(array).dtype}-{np.asarray(array).size}",
)
def test_constants_keep_every_bit(array):
    array = np.asarray(array)
    module = ModuleOp([arith.ConstantOp(dense(array))])
    assert_read_back_constant(module, array)


def assert_read_back_constant(module, array):
    op = parse_module(print_module(module), "c.mlir").body.block.first_op
    found = array_of(op.value)
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_file_names_of_lines_may_hold_anything():
    odd = FileLineColLoc(StringAttr('C:\\my "dir"\\ü\n.py'), IntAttr(7), IntAttr(0))
    constant = arith.ConstantOp(dense(np.int32(1)))
    module = ModuleOp([constant])
    constant.location = module.location = odd
    read = parse_module(print_module(module, locations=True), "x.mlir")
    assert places(read) == [odd, odd]


def test_an_op_without_a_line_gets_its_place_in_the_text():
    text = "func.func @f(%x: i32) -> i32 {\n  %y = arith.addi %x, %x : i32 loc(unknown)\n  func.return %y : i32\n}\n"
    module = parse_module(text, "t.mlir")
    assert [str(location) for location in places(module)] == [
        'loc("t.mlir":1:1)',
        'loc("t.mlir":1:1)',
        'loc("t.mlir":2:3)',
        'loc("t.mlir":3:3)',
    ]
    assert all(
        not isinstance(argument.location, UnknownLoc)
        for op in module.walk()
        for region in op.regions
        for block in region.blocks
        for argument in block.args
    )


def test_aliases_of_lines_are_read():
    text = '#here = loc("a.py":3:4)\n%x = arith.constant 1 : i32 loc(#here)\n'
    assert str(parse_module(text, "t.mlir").body.block.first_op.location) == 'loc("a.py":3:4)'


FUNCTION = "func.func @f(%x: i32) -> i32 {{\n  {}\n  func.return %x : i32\n}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            FUNCTION.format("%y = arith.addi %x, : i32"),
            "t.mlir:2:23: operand expected\n  %y = arith.addi %x, : i32\n                      ^",
        ),
        (
            FUNCTION.format("%y = arith.foo %x : i32"),
            "t.mlir:2:8: there is no op 'arith.foo'\n  %y = arith.foo %x : i32\n       ^^^^^^^^^",
        ),
        (
            FUNCTION.format("\t%y = arith.addi %x, %x : f32"),
            "t.mlir:2:4: Unexpected attribute f32\n  \t%y = arith.addi %x, %x : f32\n  \t^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        ("", "t.mlir:1:1: the text has no op\n\n^"),
        (" \n", "t.mlir:1:1: the text has no op\n \n^"),
        ("builtin.module {\n", "t.mlir:2:1: the text ends too early: "),
        ('"unclosed', 't.mlir:1:1: the string is not closed on its line\n"unclosed\n^^^^^^^^^'),
        (
            "func.func @f(%x: i32) -> i32 {\n  func.return\n}",
            "t.mlir:2:3: 'func.return' is not valid: Expected arguments to have the same types as the function output",
        ),
        (
            FUNCTION.format('%y = "hl.add"() : () -> tensor<2xf32>'),
            "t.mlir:2:3: 'hl.add' is not valid: Expected 2 operands, but got 0",
        ),
        (
            FUNCTION.format("%t = arith.constant dense<[1, 2]> : tensor<3xi32>"),
            "t.mlir:3:3: Shape mismatch in dense literal",  # where xDSL is when it knows
        ),
        (FUNCTION.format("%y = arith.addi %y, %x : i32"), "t.mlir:2:3: 'arith.addi' is not valid: %y is used where"),
        (
            FUNCTION.format("%y = arith.addi %z, %x : i32\n  %z = arith.addi %x, %x : i32"),
            "t.mlir:2:3: 'arith.addi' is not valid: %z is used where it is not defined",
        ),
        (FUNCTION.format("%y = arith.addi %z, %x : i32"), "t.mlir:5:1: the text ends too early: values used but not"),
    ],
)
def test_errors_show_file_line_and_caret(text, message):
    with pytest.raises(ParseError) as caught:
        parse_module(text, "t.mlir")
    assert str(caught.value).startswith(message)


BRANCHES = """
func.func @f(%c: i1, %x: i32) -> i32 {{
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  %y = arith.addi %x, %x : i32
  cf.br ^bb3
^bb2:
  cf.br ^bb3
^bb3:
  func.return {} : i32
^bb4:
  cf.br ^bb3
}}
"""


def test_a_value_must_be_defined_on_every_way_to_its_use():
    parse_module(BRANCHES.format("%x"), "t.mlir")
    with pytest.raises(
        ParseError, match=r"t.mlir:10:3: 'func.return' is not valid: %y is used where it is not defined"
    ):
        parse_module(BRANCHES.format("%y"), "t.mlir")


def test_a_loop_may_use_what_its_header_defines_and_not_the_other_way_round():
    text = """
    func.func @f(%c: i1, %x: i32) -> i32 {
      cf.br ^bb1
    ^bb1:
      %y = arith.addi %x, %x : i32
      cf.cond_br %c, ^bb2, ^bb3
    ^bb2:
      %z = arith.addi %y, %x : i32
      cf.br ^bb1
    ^bb3:
      func.return %y : i32
    }
    """
    parse_module(text, "t.mlir")
    with pytest.raises(ParseError, match="%z is used where it is not defined"):
        parse_module(text.replace("return %y", "return %z"), "t.mlir")
