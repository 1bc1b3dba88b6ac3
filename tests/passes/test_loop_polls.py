"""Where compiled code polls: once in each round of a loop that may be long, and where a round begins."""

import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.lowering.llvm.abi import FRAME_BUDGET, POLL
from stepwell.compiler.lowering.llvm.loop_polls import LoopPolls
from stepwell.runtime.engines.interpreter import run_module

WHILE = """
func.func @f(%limit: i64, %odd: i1) -> i64 {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  cf.br ^head(%zero : i64)
^head(%n: i64):
  %test = arith.cmpi PREDICATE, %n, %limit : i64
  cf.cond_br %test, SUCCESSORS
^body:
  %next = arith.addi %n, %one : i64
  cf.cond_br %odd, ^head(%next : i64), ^other
^other:
  %third = arith.muli %next, %next : i64
  cf.br ^head(%third : i64)
^end:
  func.return %n : i64
}
"""


def polls_of(text):
    module = parse_module(text, "text")
    return LoopPolls({op.sym_name.data: op for op in module.ops}), module


def test_a_loop_with_a_test_polls_once_however_a_round_ends():
    for predicate, successors, if_true in (("ne", "^body, ^end", True), ("eq", "^end, ^body", False)):
        polls, _ = polls_of(WHILE.replace("PREDICATE", predicate).replace("SUCCESSORS", successors))
        (found,) = polls.rounds.values()
        assert found.if_true is if_true and not polls.weights and polls.polling == {"f"}


def test_a_loop_that_is_left_from_its_middle_polls_where_a_round_ends():
    polls, _ = polls_of("""
func.func @f(%limit: i64) -> i64 {
  %one = arith.constant 1 : i64
  cf.br ^head(%one : i64)
^head(%n: i64):
  %next = arith.addi %n, %one : i64
  cf.br ^middle
^middle:
  %test = arith.cmpi ne, %next, %limit : i64
  cf.cond_br %test, ^head(%next : i64), ^end
^end:
  func.return %n : i64
}
""")
    assert not polls.rounds and len(polls.weights) == 1


def test_a_test_that_leads_into_rounds_on_both_sides_has_no_poll():
    polls, _ = polls_of("""
func.func @f(%limit: i64) -> i64 {
  %one = arith.constant 1 : i64
  cf.br ^head(%one : i64)
^head(%n: i64):
  %odd = arith.cmpi eq, %n, %one : i64
  cf.cond_br %odd, ^left, ^right
^left:
  %next = arith.addi %n, %limit : i64
  cf.br ^head(%next : i64)
^right:
  %test = arith.cmpi ne, %n, %limit : i64
  cf.cond_br %test, ^head(%limit : i64), ^end
^end:
  func.return %n : i64
}
""")
    assert not polls.rounds and len(polls.weights) == 2


COUNTING = """
func.func @f(%size: index, %x: memref<?xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %most = arith.constant MOST : index
  %end = arith.MINIMUM %size, %most : index
  cf.br ^head(%zero : index)
^head(%n: index):
  %test = arith.cmpi PREDICATE, %n, %end : index
  cf.cond_br %test, ^body, ^end
^body:
  %value = memref.load %x[%n] : memref<?xf32>
  memref.store %value, %x[%zero] : memref<?xf32>
  %next = arith.addi %n, %one : index
  cf.br ^head(%next : index)
^end:
  func.return
}
"""


@pytest.mark.parametrize(
    ("predicate", "minimum", "most", "polls"),
    [
        ("slt", "minsi", 12, False),
        ("ult", "minui", 12, False),
        ("slt", "minsi", 5000, True),
        ("ult", "minsi", 12, True),  # a negative size is a large one
        ("slt", "minui", 12, True),
        ("ult", "minui", -1, True),
        ("ult", "maxui", 12, True),
    ],
)
def test_a_loop_of_few_rounds_at_most_does_not_poll(predicate, minimum, most, polls):
    text = COUNTING.replace("PREDICATE", predicate).replace("MINIMUM", minimum).replace("MOST", str(most))
    found, _ = polls_of(text)
    assert len(found.rounds) == polls and not found.weights


def test_an_unsigned_counter_to_a_negative_end_takes_long():
    text = COUNTING.replace("PREDICATE", "ult").replace("arith.MINIMUM %size, %most", "arith.constant -1")
    found, _ = polls_of(text.replace("MOST", "1"))
    assert len(found.rounds) == 1


@sw.function
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def test_a_round_begins_with_its_poll_right_after_the_test():
    """In one of several copies of the round."""
    text = str(sw.ir(collatz, sw.constant(1), level="llvm"))
    assert POLL in text
    entry, *blocks = text.split("\n  ^bb")
    assert f"%frame[{FRAME_BUDGET}]" in entry
    subtracting = [number for number, block in enumerate(blocks) if "llvm.sub" in block]
    testing = [number for number, block in enumerate(blocks) if 'llvm.icmp "ne"' in block and "@" not in block]
    assert len(subtracting) == 1
    assert len(testing) > 2 and subtracting[0] == testing[0] + 1
    for n in (1, 6, 27):
        (found,) = run_module(parse_module(text, "text"), [sw.constant(n).numpy()])
        assert found == collatz(sw.constant(n)).numpy()
