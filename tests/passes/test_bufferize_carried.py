"""bufferize: tensors that loops and branches carry are read before their memory is written over, and not copied often.

Programs are nested loops and branches that carry two tensors, which they pass through, exchange, compute anew or write
over; the oracle is the interpreter on the program before the pass.
"""

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples, some

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing.provider import register

T = "tensor<2xi32>"
X, V = np.array([3, 5], np.int32), np.array([7, 11], np.int32)
KINDS = ("for", "while", "if")
ROUNDS = ((1, 0), (2, 0), (2, 1), (1, 2))
"""How often the loops run: those around, and those inside."""
MAPS = "affine_map<(d0) -> (d0)>"


class Program:
    """The text of a function of a tensor, a Variable and the number of rounds of each loop."""

    def __init__(self):
        self.lines = []
        self.names = 0

    def name(self, prefix="v"):
        self.names += 1
        return f"%{prefix}{self.names}"

    def add(self, text):
        self.lines.append(text)

    def sum(self, a, over):
        """`a + over`, which may be written over `over`."""
        result = self.name()
        self.add(
            f'{result} = linalg.generic {{indexing_maps = [{MAPS}, {MAPS}], iterator_types = ["parallel"]}} '
            f"ins({a} : {T}) outs({over} : {T}) {{ ^bb0(%a: i32, %b: i32): %s = arith.addi %a, %b : i32 "
            f"linalg.yield %s : i32 }} -> {T}"
        )
        return result

    def anew(self, number, over):
        """A constant in each element, which does not read what it may be written over."""
        result = self.name()
        self.add(
            f'{result} = linalg.generic {{indexing_maps = [{MAPS}], iterator_types = ["parallel"]}} outs({over} : {T}) '
            f"{{ ^bb0(%b: i32): %s = arith.constant {number} : i32 linalg.yield %s : i32 }} -> {T}"
        )
        return result

    def carrying(self, kind, rounds, inits, body, forward=lambda a, b: (a, b)):
        """Two tensors carried by a loop or branch; `forward`: what a condition passes on."""
        r, a, b, c, d, i = (self.name(prefix) for prefix in "rabcdi")
        first, second = inits
        if kind == "if":
            condition = self.name()
            self.add(f"{condition} = arith.cmpi ne, {rounds}, %zero : index")
            self.add(f"{r}:2 = scf.if {condition} -> ({T}, {T}) {{")
            self._yield("scf.yield", body(first, second))
            self.add("} else {")
            self._yield("scf.yield", forward(first, second))
            self.add("}")
        elif kind == "for":
            carried = f"iter_args({a} = {first}, {b} = {second}) -> ({T}, {T})"
            self.add(f"{r}:2 = scf.for {i} = %zero to {rounds} step %one {carried} {{")
            self._yield("scf.yield", body(a, b))
            self.add("}")
        else:
            j, k, more, following = (self.name(prefix) for prefix in "jkmn")
            inits = f"({i} = %zero, {a} = {first}, {b} = {second}) : (index, {T}, {T}) -> (index, {T}, {T})"
            self.add(f"{k}:3 = scf.while {inits} {{ {more} = arith.cmpi slt, {i}, {rounds} : index")
            self._yield(f"scf.condition({more})", forward(a, b), i)
            self.add(f"}} do {{ ^bb0({j}: index, {c}: {T}, {d}: {T}): {following} = arith.addi {j}, %one : index")
            self._yield("scf.yield", body(c, d), following)
            self.add("}")
            return f"{k}#1", f"{k}#2"
        return f"{r}#0", f"{r}#1"

    def _yield(self, op, values, *first):
        types = ["index"] * len(first) + [T] * len(values)
        self.add(f"{op} {', '.join([*first, *values])} : {', '.join(types)}")

    def module(self, *results):
        signature = f"%x: {T}, %v: memref<2xi32>, %n: index, %m: index"
        start = f"""%zero = arith.constant 0 : index %one = arith.constant 1 : index
            %const = arith.constant dense<[1, 2]> : {T} %empty = tensor.empty() : {T}
            %old = bufferization.to_tensor %v restrict : memref<2xi32> to {T}"""
        end = f"func.return {', '.join(results)} : {', '.join([T] * len(results))}"
        lines = "\n".join([start, *self.lines, end])
        text = f"func.func @main({signature}) -> ({', '.join([T] * len(results))}) {{ {lines} }}"
        return parse_module(text, "program.mlir")


def buffered(module):
    """A copy of a module after the pass."""
    changed = module.clone()
    PassManager(make_context(), verify_each=True).run(changed, "bufferize")
    return changed


def assert_same(module, counts=ROUNDS):
    """The module means the same after the pass, for each number of rounds of the loops."""
    changed = buffered(module)
    for n, m in counts:
        inputs = [X, V, np.array(n), np.array(m)]
        assert difference(observe(changed, inputs), observe(module, inputs), Tolerance()) is None, (n, m)


INNER = {
    "keeps": lambda p: lambda a, b: (a, b),
    "exchanges": lambda p: lambda a, b: (b, a),
    "repeats": lambda p: lambda a, b: (a, a),
    "starts anew": lambda p: lambda a, b: ("%const", b),
    "writes over": lambda p: lambda a, b: (p.sum("%x", a), b),
}
"""What the body of an inner loop or branch makes of two tensors."""

OUTER = {
    "over what went in": lambda p, a, b, r, s: (p.anew(4, a), r),
    "over what went in, kept": lambda p, a, b, r, s: (r, p.anew(4, a)),
    "over the constant": lambda p, a, b, r, s: (p.anew(4, "%const"), r),
    "over what came out": lambda p, a, b, r, s: (p.anew(4, r), s),
    "sums": lambda p, a, b, r, s: (p.sum(r, s), r),
}
"""What the body around it yields, of the carried tensors before and after it."""

INITS = {"constants": ("%const", "%const"), "argument and Variable": ("%x", "%old")}


@pytest.mark.parametrize("inits", INITS)
@pytest.mark.parametrize("inner", KINDS)
@pytest.mark.parametrize("outer", KINDS)
def test_results_of_an_inner_loop_are_not_written_over(outer, inner, inits):
    for within, after in some(product(INNER, OUTER), 10):
        p = Program()

        def body(a, b, p=p, within=within, after=after):
            return OUTER[after](p, a, b, *p.carrying(inner, "%m", (a, b), INNER[within](p)))

        assert_same(p.module(*p.carrying(outer, "%n", INITS[inits], body)))


@pytest.mark.parametrize("outer", ["for", "while"])
@pytest.mark.parametrize("inner", KINDS)
def test_an_assigned_result_of_a_loop_is_not_written_over(outer, inner):
    for within in INNER:
        p = Program()

        def body(a, b, p=p, within=within):
            r, _ = p.carrying(inner, "%m", (a, b), INNER[within](p))
            p.add(f"bufferization.materialize_in_destination {r} in writable %v : ({T}, memref<2xi32>) -> ()")
            now = p.name()
            p.add(f"{now} = bufferization.to_tensor %v restrict : memref<2xi32> to {T}")
            return p.anew(4, a), p.sum(now, r)

        assert_same(p.module(*p.carrying(outer, "%n", ("%old", "%const"), body)))


START = ("%x", "%old", "%const")


class Choice:
    """Draws a program: a list of statements, some with bodies."""

    def __init__(self, draw):
        self.draw = draw
        self.program = Program()
        self.used = set(START)

    def one_of(self, values):
        return self.draw(st.sampled_from(values))

    def operand(self, values):
        """Often a value that has no use yet, which then is its last."""
        unused = [value for value in values if value not in self.used]
        value = self.one_of(unused if unused and self.draw(st.integers(0, 3)) else values)
        self.used.add(value)
        return value

    def pair(self, values):
        return self.operand(values), self.operand(values)

    def statements(self, values, depth):
        """The values that are known after some statements."""
        p, values = self.program, list(values)
        for _ in range(self.draw(st.integers(1, 3))):
            kind = self.one_of(["sum", "anew", *(KINDS if depth else ())])
            if kind == "sum":
                values.append(p.sum(*self.pair(values)))
            elif kind == "anew":
                values.append(p.anew(self.draw(st.integers(0, 9)), self.one_of(["%empty", "%const"])))
            else:
                rounds = self.one_of(["%n", "%m"])
                values += p.carrying(kind, rounds, self.pair(values), *self.bodies(values, depth - 1))
        return values

    def bodies(self, values, depth):
        outer = values if self.draw(st.booleans()) else START

        def body(a, b):
            return self.pair(self.statements([*outer, a, b], depth))

        def forward(a, b):
            return self.pair(self.statements([*outer, a, b], 0)) if self.draw(st.booleans()) else (a, b)

        return body, forward


@st.composite
def programs(draw):
    choice = Choice(draw)
    pair = choice.pair(START)
    values = [*START, *choice.program.carrying(choice.one_of(KINDS), "%n", pair, *choice.bodies(START, 2))]
    return choice.program.module(*values[-4:])


@settings(
    max_examples=examples(40), deadline=None, database=None, backend=register(), suppress_health_check=list(HealthCheck)
)
@given(programs())
def test_nested_loops_mean_the_same(module):
    assert_same(module, [(2, 0), (1, 1), (2, 2)])


def count(module, name):
    return sum(op.name == name for op in module.walk())


@pytest.mark.parametrize("inner", ["for", "while"])
@pytest.mark.parametrize("outer", ["for", "while"])
def test_what_nested_loops_carry_stays_in_its_memory(outer, inner):
    p = Program()

    def body(a, b):
        return p.sum("%x", a), p.sum("%const", b)

    def around(a, b):
        r, s = p.carrying(inner, "%m", (p.sum("%x", a), b), body)
        return p.sum("%x", r), p.sum("%const", s)

    changed = buffered(p.module(*p.carrying(outer, "%n", ("%x", "%const"), around)))
    assert (count(changed, "memref.alloc"), count(changed, "memref.copy")) == (2, 2)


def test_a_part_of_what_a_loop_carries_is_a_view():
    text = f"""
    func.func @main(%x: {T}, %n: index, %i: index) -> {T} {{
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %start = arith.constant dense<0> : {T}
      %r = scf.for %k = %zero to %n step %one iter_args(%a = %start) -> ({T}) {{
        %part = tensor.extract_slice %a[%i] [1] [1] : {T} to tensor<1xi32>
        %number = tensor.extract %part[%zero] : tensor<1xi32>
        %b = tensor.insert %number into %a[%zero] : {T}
        scf.yield %b : {T}
      }}
      func.return %r : {T}
    }}
    """
    changed = buffered(parse_module(text, "program.mlir"))
    assert (count(changed, "memref.alloc"), count(changed, "memref.copy")) == (1, 0)


def test_rows_of_a_stack_are_views_and_stacks_of_equal_elements_are_filled():
    text = """
    func.func @main(%x: tensor<1x4xi32>, %n: index) -> (tensor<3x1x4xi32>, tensor<3x1x4xi32>, tensor<1x4xi32>) {
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %three = arith.constant 3 : index
      %seven = arith.constant 7 : i32
      %empty = tensor.empty() : tensor<3x1x4xi32>
      %start = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%empty : tensor<3x1x4xi32>) {
      ^bb0(%e: i32):
        linalg.yield %seven : i32
      } -> tensor<3x1x4xi32>
      %a, %b = scf.for %i = %zero to %n step %one iter_args(%p = %start, %q = %start) -> (tensor<3x1x4xi32>, tensor<3x1x4xi32>) {
        %row = tensor.expand_shape %x [[0, 1], [2]] output_shape [1, 1, 4] : tensor<1x4xi32> into tensor<1x1x4xi32>
        %p1 = tensor.insert_slice %row into %p[%i, 0, 0] [1, 1, 4] [1, 1, 1] : tensor<1x1x4xi32> into tensor<3x1x4xi32>
        %q1 = tensor.insert_slice %row into %q[%zero, 0, 0] [1, 1, 4] [1, 1, 1] : tensor<1x1x4xi32> into tensor<3x1x4xi32>
        scf.yield %p1, %q1 : tensor<3x1x4xi32>, tensor<3x1x4xi32>
      }
      %sum = scf.for %i = %zero to %three step %one iter_args(%s = %x) -> (tensor<1x4xi32>) {
        %part = tensor.extract_slice %a[%i, 0, 0] [1, 1, 4] [1, 1, 1] : tensor<3x1x4xi32> to tensor<1x1x4xi32>
        %row = tensor.collapse_shape %part [[0, 1], [2]] : tensor<1x1x4xi32> into tensor<1x4xi32>
        %t = linalg.add ins(%s, %row : tensor<1x4xi32>, tensor<1x4xi32>) outs(%s : tensor<1x4xi32>) -> tensor<1x4xi32>
        scf.yield %t : tensor<1x4xi32>
      }
      func.return %a, %b, %sum : tensor<3x1x4xi32>, tensor<3x1x4xi32>, tensor<1x4xi32>
    }
    """  # noqa: E501
    module = parse_module(text, "program.mlir")
    changed = buffered(module)
    (reading,) = (
        op for op in list(changed.walk())[::-1] if op.name == "scf.for" and not op.results and count(op, "linalg.add")
    )
    assert (count(reading, "memref.alloc"), count(reading, "memref.copy")) == (0, 0)
    assert count(changed, "linalg.fill") == 2  # for `a` and `b`
    for n in (0, 2, 3):
        inputs = [np.array([[1, 2, 3, 4]], np.int32), np.int64(n)]
        assert difference(observe(changed, inputs), observe(module, inputs), Tolerance()) is None
