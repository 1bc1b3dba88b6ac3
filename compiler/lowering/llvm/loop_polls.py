"""Where compiled code looks up from its work: in the loops that may run for long, weighed by what a round costs.

Code that may run for long asks now and then whether other threads want the interpreter, or the user wants it to stop
(`llvm_abi.POLL`). A budget of work, kept in a register, says when: a round of a loop takes its cost off, and what is
left decides. Loops that are known to be short are part of the cost of what is around them; code without long loops has
no budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import prod

from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType
from xdsl.ir import Operation, SSAValue

from ....dialects.host import CallOp
from ....dialects.walk import ops_of
from .abi import BUDGET
from .cfg_loops import Loop, loops_of, reverse_postorder

_COSTS: dict[type[Operation], int] = {
    arith.ConstantOp: 0,
    func.CallOp: 8,
    memref.AllocOp: 32,
    memref.CopyOp: 8,
    memref.DeallocOp: 16,
    CallOp: BUDGET // 16,
}
"""What an op costs, in simple instructions; those that are not here cost 1, library functions 16."""

_BRIEF = BUDGET // 64
"""Up to this cost, a loop of which only the most rounds are known is taken to have them all."""

_BYTES = 16
"""How many bytes are copied at the cost of a simple instruction."""


@dataclass(frozen=True)
class Span:
    """The cost of a loop: `cost` for each number from `start` to `end`; `polls`: whether to poll before it."""

    start: SSAValue
    end: SSAValue
    cost: int
    polls: bool


@dataclass(frozen=True)
class Round:
    """The cost of a round of a loop: it begins where a test is true, or (not `if_true`) where it is false."""

    cost: int
    if_true: bool


class LoopPolls:
    """Where the functions of a module poll.

    Attributes:
        rounds: the tests at the heads of loops that decide whether there is another round, each with the cost of a
            round: where there is one, it begins with a poll. There, and not where it ends, the poll leaves the code
            between an iteration's branches and the next test in one piece: LLVM copies a short end into each of them.
        weights: the branches back, in loops without such a test, before which to poll, with the cost of an iteration.
        spans: the branches into loops that hand vectors on, with what the whole loop costs: a poll in such a loop would
            take the vectors out of their registers.
        at_entry: the functions that poll when they are entered, with their cost: those that may call themselves.
        polling: the functions that poll, or call one that does.
    """

    def __init__(self, functions: Mapping[str, func.FuncOp]):
        self._functions = {name: f for name, f in functions.items() if not f.is_declaration}
        self._costs: dict[str, int] = {}
        self.rounds: dict[Operation, Round] = {}
        self.weights: dict[Operation, int] = {}
        self.spans: dict[Operation, Span] = {}
        self.at_entry: dict[str, int] = {}
        self.polling: set[str] = set()
        calls = {name: _callees(f) & self._functions.keys() for name, f in self._functions.items()}
        for name in _callees_first(calls):
            self._visit(name)
        for name in self._functions:
            if name in _reachable(calls, name):
                self.at_entry[name] = max(self._costs[name], 1)
                self.polling.add(name)
        while more := {name for name, called in calls.items() if called & self.polling} - self.polling:
            self.polling |= more

    def polls_itself(self, function: func.FuncOp) -> bool:
        """Whether there are polls in a function, and not only in those it calls."""
        places = self.rounds.keys() | self.weights.keys() | self.spans.keys()
        return function.sym_name.data in self.at_entry or any(b.last_op in places for b in function.body.blocks)

    def _visit(self, name: str) -> None:
        """Note the cost of a call of a function, and the polls in it."""
        blocks = reverse_postorder(self._functions[name].body.blocks[0])
        free = {block: sum(map(self._cost, block.ops)) for block in blocks}  # what is no part of a loop looked at
        loops = loops_of(blocks)
        carrying = [loop for loop in loops if loop.carries_vectors()]
        for loop in loops:
            round_ = max(sum(free[block] for block in loop.blocks), 1)
            count = loop.count()
            rounds = None if count is None else count.rounds()
            if rounds is None and count is not None and (most := count.most_rounds() or 0) * round_ <= _BRIEF:
                rounds = most or None
            free.update(dict.fromkeys(loop.blocks, 0))
            ends = loop.ends()
            if rounds is not None and rounds * round_ <= BUDGET and not any(end in self.weights for end in ends):
                free[loop.header] = rounds * round_
            elif count is not None and count.is_of_indices and loop in carrying:
                is_inside = any(loop.header in other.blocks for other in carrying if other is not loop)
                cost = -(-round_ // count.step)
                for start, block in zip(count.starts, loop.outside, strict=True):
                    assert block.last_op is not None
                    self.spans[block.last_op] = Span(start, count.end, cost, not is_inside)
                self.polling.add(name)
            else:
                self.polling.add(name)
                self._poll_in(loop, min(round_, BUDGET))
        self._costs[name] = min(sum(free.values()), BUDGET)

    def _poll_in(self, loop: Loop, cost: int) -> None:
        """Poll once in each round of a loop."""
        if (test := loop.test()) is not None:
            self.rounds[test] = Round(cost, test.then_block in loop.blocks)
        else:
            self.weights |= {end: max(self.weights.get(end, 0), cost) for end in loop.ends()}

    def _cost(self, op: Operation) -> int:
        cost = _cost_of_class(type(op))
        if type(op) is func.CallOp:
            return cost + self._costs.get(op.callee.string_value(), 0)
        return cost + _bytes(op.source) // _BYTES if type(op) is memref.CopyOp else cost


@cache
def _cost_of_class(op_class: type[Operation]) -> int:
    return _COSTS.get(op_class, 16 if op_class.name.startswith("math.") else 1)


def _bytes(value: SSAValue) -> int:
    type_ = value.type
    assert isinstance(type_, MemRefType)
    shape = type_.get_shape()
    return 8 * prod(shape) if DYNAMIC_INDEX not in shape else 0


def _callees(function: func.FuncOp) -> set[str]:
    return {op.callee.string_value() for op in ops_of(function, func.CallOp)}


def _callees_first(calls: Mapping[str, set[str]]) -> list[str]:
    """The functions, each after those it calls, as far as none calls itself."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    waiting = [(name, False) for name in calls]
    while waiting:
        name, done = waiting.pop()
        if done:
            order[name] = None
        elif name not in entered:
            entered.add(name)
            waiting.append((name, True))
            waiting += [(called, False) for called in sorted(calls[name])]
    return list(order)


def _reachable(calls: Mapping[str, set[str]], start: str) -> set[str]:
    """The functions that a function may call, directly or not."""
    found: set[str] = set()
    waiting = list(calls[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += calls[name]
    return found
