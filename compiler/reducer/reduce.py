"""The reduction: every strategy in turn, until none makes the module smaller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp

from ...dialects.public import public
from ..interchange.mlir.text import print_module
from .branches import DropBlockArguments, JoinBlocks, ReturnAtOnce, TakeBranch
from .carried import DropCarried
from .constants import DropAttributes, SimplerConstants
from .cost import Cost, cost
from .edits import Edit, Strategy, edited
from .functions import DropFunctions, InlineCalls, KeepFunction
from .generic_ops import DropGenericInputs
from .operands import DropOperands, EarlierOperands
from .operations import DropOps, by_argument, by_constant, by_operand, by_scope
from .regions import DropElse, Unwrap
from .signatures import DropArguments, DropResults, ReturnEarly, ReturnOperands
from .types import ShrinkSizes, SimplerElements
from .validity import is_valid

Predicate = Callable[[ModuleOp], bool]
"""Whether a module still shows what is looked for. It may change the module, which is a copy of its own."""

STRATEGIES: tuple[Strategy, ...] = (
    DropFunctions(),
    InlineCalls(),
    KeepFunction(),
    ReturnEarly(),
    DropResults(),
    DropOps((by_operand, by_scope, by_constant)),
    Unwrap(),
    Unwrap(last=True),
    ReturnAtOnce(),
    TakeBranch(),
    JoinBlocks(),
    ReturnOperands(),
    DropOps((by_scope, by_constant)),
    DropOps((by_constant,)),
    DropOps((by_argument,)),
    DropCarried(),
    DropElse(),
    DropBlockArguments(),
    DropGenericInputs(),
    DropArguments(),
    EarlierOperands(),
    DropOperands(),
    ShrinkSizes(),
    SimplerElements(),
    SimplerConstants(0),
    SimplerConstants(1),
    SimplerConstants(2),
    SimplerConstants(3),
    DropAttributes(),
)
"""All ways to make a module smaller, in the order in which they are tried: what takes away most comes first."""


@public("types")
@dataclass(frozen=True)
class Reduction:
    """The result of a reduction.

    Attributes:
        module: the smallest module found; no single step makes it smaller, unless the calls were used up.
        calls: how often the predicate was asked.
        ops_before, ops_after: how many ops there were and are, the module itself not counted.
        is_minimal: whether every single step was tried on it.
    """

    module: ModuleOp
    calls: int
    ops_before: int
    ops_after: int
    is_minimal: bool

    def __str__(self) -> str:
        rest = "" if self.is_minimal else "; stopped before every step was tried"
        return f"{self.ops_before} ops reduced to {self.ops_after}, {self.calls} calls of the test{rest}"


@public("debugging")
def reduce(
    module: ModuleOp,
    predicate: Predicate,
    *,
    max_calls: int | None = None,
    on_progress: Callable[[ModuleOp, int], object] | None = None,
) -> Reduction:
    """Make a module as small as it can be while `predicate` holds.

    Ops, results, parameters, operands, regions, functions and attributes are dropped, calls inlined, sizes, types and
    constants simplified. Every module that the predicate is asked about is valid: ops verify, and values are defined
    before they are used. The same module and predicate give the same result.

    Args:
        module: any module of any level; it is not changed.
        predicate: whether a module still shows the failure. An exception that it raises ends the reduction.
        max_calls: stop after so many calls of the predicate.
        on_progress: told each smaller module, and the calls so far.

    Raises ValueError where the module is not valid, or the predicate does not hold for it.

    Example:
        >>> from stepwell.compiler.interchange.mlir.text import parse_module
        >>> text = '''
        ... func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
        ...   %0 = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>
        ...   %1 = hl.neg %0 : (tensor<3xf32>) -> tensor<3xf32>
        ...   func.return %1 : tensor<3xf32>
        ... }'''
        >>> found = reduce(parse_module(text, "f.mlir"), lambda m: any(op.name == "hl.neg" for op in m.walk()))
        >>> print(found.module.body.block.first_op)
        func.func @f(%x: tensor<1xf32>) {
          %0 = hl.neg %x : (tensor<1xf32>) -> tensor<1xf32>
          func.return
        }
    """
    if not is_valid(module):
        raise ValueError("reduce: module: expected a valid module")
    work = _Work(module.clone(), predicate, max_calls, on_progress)
    if not work.holds(module):
        raise ValueError("reduce: predicate: expected one that holds for the module")
    before = count_ops(module)
    minimal = work.run()
    return Reduction(work.module, work.calls, before, count_ops(work.module), minimal)


def count_ops(module: ModuleOp) -> int:
    """How many ops are in a module, itself not counted."""
    return sum(1 for _ in module.walk()) - 1


class _OutOfCalls(Exception):
    """The predicate was asked as often as was allowed."""


@dataclass
class _Work:
    """A reduction that is going on.

    Attributes:
        module: the smallest module so far.
        clean: whether dead ops are removed from every candidate: the failure does not need any.
    """

    module: ModuleOp
    predicate: Predicate
    max_calls: int | None
    on_progress: Callable[[ModuleOp, int], object] | None
    calls: int = 0
    clean: bool = True
    _asked: dict[str, bool] = field(default_factory=dict)
    _cost: Cost = ()

    def run(self) -> bool:
        """Every strategy, until none makes progress; False where the calls were used up before."""
        self._cost = cost(self.module)
        try:
            self.clean = self._clean_up()
            progress = True
            while progress:
                progress = False
                for strategy in STRATEGIES:
                    progress |= strategy.run(self)
        except _OutOfCalls:
            return False
        return True

    def _clean_up(self) -> bool:
        """Remove all dead ops; tell whether the failure is still there."""
        candidate = edited(self.module, [lambda ops: True], clean=True)
        return candidate is not None and (self._takes(candidate) or cost(candidate) == self._cost)

    def attempt(self, edits: Sequence[Edit]) -> bool:
        """Try edits together; a single one also without removing what is dead then."""
        for clean in (True, False) if self.clean and len(edits) == 1 else (self.clean,):
            candidate = edited(self.module, edits, clean)
            if candidate is not None and self._takes(candidate):
                self.clean = clean
                return True
        return False

    def _takes(self, candidate: ModuleOp) -> bool:
        """Go on with the candidate if it is smaller and the predicate holds."""
        size = cost(candidate)
        if size >= self._cost or not self.holds(candidate):
            return False
        self.module, self._cost = candidate, size
        if self.on_progress is not None:
            self.on_progress(candidate, self.calls)
        return True

    def holds(self, candidate: ModuleOp) -> bool:
        """What the predicate says; it is asked once about each text."""
        text = print_module(candidate, locations=True)
        if text not in self._asked:
            if self.max_calls is not None and self.calls >= self.max_calls:
                raise _OutOfCalls
            self.calls += 1
            self._asked[text] = bool(self.predicate(candidate.clone()))
        return self._asked[text]
