"""Applies patterns to the ops of a module, with a worklist, as MLIR's greedy rewrite driver and xDSL's.

xDSL's calls patterns for every op. This one knows which ops can be rewritten at all, and keeps the location of the op
that a pattern matched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import ErasedSSAValue, Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern
from xdsl.rewriter import InsertPoint

from ...dialects.emitter import locate
from ...dialects.walk import ops_in

Apply = Callable[[RewritePattern, Operation, PatternRewriter], None]
"""Tries a pattern on an op."""


@dataclass(eq=False)
class Driver:
    """Applies the first of `patterns` that fits to each op of a module.

    Attributes:
        patterns: what is tried on each op, in this order.
        apply: how a pattern is tried.
        may_match: says of an op whether any pattern can match it.
        repeat: whether ops that were inserted or changed are visited again, until no pattern fits.
        reverse: whether the last op is visited first.
    """

    patterns: Sequence[RewritePattern]
    apply: Apply
    may_match: Callable[[Operation], object]
    repeat: bool = True
    reverse: bool = False
    _waiting: dict[int, Operation] = field(
        default_factory=dict
    )  # by `id`, which hashes faster; the last one comes next
    _matched: Operation | None = None

    def run(self, module: ModuleOp) -> bool:
        """Apply the patterns; whether any op was rewritten."""
        changed = again = self._sweep(module)
        while again and self.repeat:
            again = self._sweep(module)
        return changed

    def _sweep(self, module: ModuleOp) -> bool:
        """Visit every op of `module`, and those that this changes."""
        ops = module.body.walk(region_first=True) if self.reverse else reversed(ops_in(module)[1:])
        self._waiting = {id(op): op for op in ops if self.may_match(op)}
        rewriter, changed = self._rewriter(module), False
        while self._waiting:
            _, op = self._waiting.popitem()
            if self.may_match(op):
                self._matched = op
                changed |= self._rewrite(op, rewriter)
        return changed

    def _rewrite(self, op: Operation, rewriter: PatternRewriter) -> bool:
        rewriter.has_done_action = False
        rewriter.current_operation = op
        rewriter.insertion_point = InsertPoint.before(op)
        rewriter.name_hint = None
        for pattern in self.patterns:
            self.apply(pattern, op, rewriter)
            if rewriter.has_done_action:
                return True
        return False

    def _rewriter(self, module: ModuleOp) -> PatternRewriter:
        rewriter = PatternRewriter(InsertPoint.at_start(module.body.block))
        rewriter.operation_insertion_handler.append(self._inserted)
        rewriter.operation_removal_handler.append(self._removed)
        if self.repeat:
            rewriter.operation_modification_handler.append(self._visit)
            rewriter.operation_replacement_handler.append(self._replaced)
        return rewriter

    def _visit(self, op: Operation) -> None:
        self._waiting.setdefault(id(op), op)

    def _inserted(self, op: Operation) -> None:
        assert self._matched is not None, "nothing is inserted before the first op"
        locate(op, self._matched.location)
        if self.repeat:
            self._visit(op)

    def _removed(self, op: Operation) -> None:
        if self.repeat:
            self._visit_definitions(op.operands)
        for inner in ops_in(op) if op.regions else (op,):
            self._waiting.pop(id(inner), None)

    def _visit_definitions(self, operands: Iterable[SSAValue]) -> None:
        """Visit the ops that define values which one op uses: they may be unused now, or fit into a pattern."""
        for operand in operands:
            if operand.has_one_use() and not isinstance(operand, ErasedSSAValue):
                owner = operand.owner
                if isinstance(owner, Operation):
                    self._visit(owner)

    def _replaced(self, op: Operation, new_results: Sequence[SSAValue | None]) -> None:
        for result in op.results:
            for use in result.uses:
                self._visit(use.operation)
