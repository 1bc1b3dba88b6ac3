"""forward-reads: which reads of a Variable are one value, and which are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing import validate

T = "tensor<f32>"
V = f"!state.variable<{T}>"


def after(text, pipeline="forward-reads"):
    """A module, and a copy of it after the pass."""
    module = parse_module(text, "program.mlir")
    changed = module.clone()
    PassManager(make_context(), verify_each=True).run(changed, pipeline)
    return module, changed


def reads(module, function="main"):
    """The number of reads in a function."""
    found = next(op for op in module.ops if op.sym_name.data == function)
    return sum(op.name == "state.read" for op in found.walk())


def assert_same(module, changed, *inputs):
    """Both modules do the same, Variables included."""
    assert difference(observe(changed, inputs), observe(module, inputs), Tolerance()) is None


def program(body, results=(), callee="", visibility=""):
    """A function of two Variables, a number, a condition and a count."""
    types = ", ".join([T] * len(results))
    return f"""
    {callee}
    func.func {visibility} @main(%v: {V}, %u: {V}, %x: {T}, %c: i1, %n: index) -> ({types}) {{
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      {body}
      func.return{" " if results else ""}{", ".join(results)}{f" : {types}" if results else ""}
    }}
    """


def read(name, variable="%v"):
    return f"{name} = state.read {variable} : {V} -> {T}\n"


def write(variable="%v", value="%x", op="assign"):
    return f"state.{op} {variable}, {value} : {V}, {T}\n"


def if_(*bodies):
    return "scf.if %c {\n" + "scf.yield\n} else {\n".join(bodies) + "scf.yield\n}\n"


def for_(body, index="%i"):
    return f"scf.for {index} = %zero to %n step %one {{\n{body}scf.yield\n}}\n"


PRINT = f'debug.print "{{0}}" (%x) : ({T})\n'
INPUTS = [np.float32(1), np.float32(5), np.float32(3)]

ONE = {
    "a write to another one": read("%a") + write("%u") + read("%b"),
    "a print": read("%a") + PRINT + read("%b"),
    "a branch that only reads": read("%a") + if_(read("%d"), read("%e")) + read("%b"),
    "a branch that writes another one": read("%a") + if_(write("%u"), "") + read("%b"),
    "a loop that only reads": read("%a") + for_(read("%d")) + read("%b"),
    "a loop that writes another one": read("%a") + for_(read("%d") + write("%u", "%d", "assign_add")) + read("%b"),
}
"""Programs in which all reads are one."""

SEVERAL = {
    "an addition": (read("%a") + write(op="assign_add") + read("%b"), 2),
    "a subtraction": (read("%a") + write(op="assign_sub") + read("%b"), 2),
    "a branch that writes": (
        read("%a") + if_(read("%d") + write("%v", "%d", "assign_add"), read("%d")) + read("%b"),
        2,
    ),
    "a loop that writes": (
        read("%a") + for_(read("%d") + write("%v", "%d", "assign_add") + read("%e")) + read("%b"),
        4,
    ),
    "an inner loop that writes": (read("%a") + for_(for_(read("%d") + write(op="assign_add"), "%j")) + read("%b"), 3),
    "a branch in a loop": (
        read("%a") + for_(read("%d") + if_(write(op="assign_sub"), "") + read("%e")) + read("%b"),
        4,
    ),
    "a branch that reads": (if_(read("%a"), read("%b")) + read("%a") + read("%b"), 3),
    "a call": (read("%a") + f"func.call @g(%v) : ({V}) -> ()\n" + read("%b"), 2),
}
"""Programs whose reads are not all one, and how many are left."""

BODY = f"{read('%y')}{write(value='%y', op='assign_add')}"
CALLEE = f"func.func private @g(%v: {V}) {{\n{BODY}func.return\n}}"


@pytest.mark.parametrize("body", ONE.values(), ids=ONE)
def test_reads_are_one_value(body):
    module, changed = after(program(body, ["%a", "%b"]))
    assert reads(changed) == 1
    for flag in (True, False):
        assert_same(module, changed, *map(np.array, INPUTS), np.bool_(flag), np.int64(2))


@pytest.mark.parametrize("body, left", SEVERAL.values(), ids=SEVERAL)
def test_reads_are_several_values(body, left):
    module, changed = after(program(body, ["%a", "%b"], CALLEE))
    assert reads(changed) == left
    for flag in (True, False):
        for count in (0, 3):
            assert_same(module, changed, *map(np.array, INPUTS), np.bool_(flag), np.int64(count))


def test_what_was_assigned_is_read():
    module, changed = after(program(write() + read("%a") + if_(read("%b"), "") + for_(read("%b")), ["%a"]))
    assert reads(changed) == 0
    assert_same(module, changed, *map(np.array, INPUTS), np.bool_(True), np.int64(2))


def test_whoever_stops_at_a_breakpoint_may_write():
    _, changed = after(program(read("%a") + f'debug.break "stop" (%x) : ({T})\n' + read("%b"), ["%a", "%b"]))
    assert reads(changed) == 2


TWO_NAMES = f"""
func.func VISIBILITY @g(%a: {V}, %b: {V}, %x: {T}) -> ({T}, {T}) {{
  {read("%p", "%a")}
  {write("%b", "%x", "assign_add")}
  {read("%q", "%a")}
  func.return %p, %q : {T}, {T}
}}
"""
SAME_TWICE = f"%a, %b = func.call @g(%v, %v, %x) : ({V}, {V}, {T}) -> ({T}, {T})\n"


@pytest.mark.parametrize("visibility", ["private", ""])
def test_two_parameters_may_be_one_variable_where_a_function_is_called(visibility):
    module, changed = after(program(SAME_TWICE, ["%a", "%b"], TWO_NAMES.replace("VISIBILITY", visibility)))
    assert reads(changed, "g") == 2
    assert_same(module, changed, *map(np.array, INPUTS), np.bool_(True), np.int64(2))


def test_parameters_of_different_types_are_different_variables():
    other = "tensor<2xf32>"
    text = f"""
    func.func private @main(%v: {V}, %u: !state.variable<{other}>, %x: {other}) -> ({T}, {T}) {{
      {read("%a")}
      state.assign %u, %x : !state.variable<{other}>, {other}
      {read("%b")}
      func.return %a, %b : {T}, {T}
    }}
    """
    assert reads(after(text)[1]) == 1


@pytest.mark.parametrize("name", ["%v", "%u"])
def test_the_condition_of_a_while_loop_reads_again_what_the_body_writes(name):
    body = f"""
      {read("%a", name)}
      scf.while () : () -> () {{
        {read("%d", name)}
        %less = hl.less %d, %x : ({T}, {T}) -> tensor<i1>
        %s = tensor.extract %less[] : tensor<i1>
        scf.condition(%s)
      }} do {{
        {read("%e", name)}
        %k = arith.constant dense<1.0> : {T}
        {write("%v", "%k", "assign_add")}
        {write("%u", "%k", "assign_add")}
        scf.yield
      }}
      {read("%b", name)}
    """
    module, changed = after(program(body, ["%a", "%b"]))
    assert reads(changed) == 3 + 1
    assert_same(module, changed, *map(np.array, INPUTS), np.bool_(True), np.int64(2))


def test_drawn_programs_keep_their_meaning():
    assert validate("forward-reads", max_examples=20).changed >= 5
    assert validate("forward-reads,hoist-loop-invariants,cse,dce", max_examples=15).changed >= 5


STATEMENTS = st.deferred(
    lambda: st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.sampled_from("vu")),
            st.tuples(
                st.sampled_from(["assign", "assign_add", "assign_sub"]), st.sampled_from("vu"), st.integers(0, 9)
            ),
            st.tuples(st.just("call"), st.sampled_from("vu"), st.sampled_from("vu")),
            st.tuples(st.just("if"), STATEMENTS, STATEMENTS),
            st.tuples(st.just("for"), STATEMENTS),
        ),
        max_size=5,
    )
)


class Text:
    """The text of drawn statements; what is read is printed at once, and can be assigned later."""

    def __init__(self):
        self.count = 0

    def of(self, statements, values):
        return "".join(self.one(statement, values) for statement in statements)

    def one(self, statement, values):
        match statement:
            case "read", name:
                self.count += 1
                values.append(f"%r{self.count}")
                return read(values[-1], f"%{name}") + f'debug.print "{{0}}" ({values[-1]}) : ({T})\n'
            case "call", first, second:
                self.count += 1
                pair = f"%p{self.count}, %q{self.count}"
                values += pair.split(", ")
                return f"{pair} = func.call @g(%{first}, %{second}, %x) : ({V}, {V}, {T}) -> ({T}, {T})\n"
            case "if", yes, no:
                return if_(self.of(yes, list(values)), self.of(no, list(values)))
            case "for", body:
                self.count += 1
                index = f"%i{self.count}"
                return for_(self.of(body, list(values)), index)
            case op, name, number:
                return write(f"%{name}", values[number % len(values)], op)
            case _:
                raise AssertionError(statement)


@settings(max_examples=examples(60), deadline=None)
@given(STATEMENTS, STATEMENTS, st.booleans(), st.integers(0, 2))
def test_reads_and_writes_anywhere(outside, inside, flag, count):
    """In the function that is called, too: there both parameters may be one Variable."""
    text, names = Text(), ["%x"]
    inner = [s for s in inside if s[0] not in ("call", "if", "for")]
    body = text.of(inner, ["%x"]).replace("%v", "%a").replace("%u", "%b")
    ends = f"{read('%p', '%a')}{read('%q', '%b')}func.return %p, %q : {T}, {T}"
    callee = f"func.func private @g(%a: {V}, %b: {V}, %x: {T}) -> ({T}, {T}) {{\n{body}{ends}\n}}"
    module, changed = after(program(text.of(outside, names), names[-3:], callee))
    inputs = [*map(np.array, INPUTS), np.bool_(flag), np.int64(count)]
    before, behind = observe(module, inputs), observe(changed, inputs)
    assert difference(behind, before, Tolerance()) is None
    assert behind.printed == before.printed
