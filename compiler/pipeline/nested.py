"""Passes that are nested: `func.func(cse)` runs `cse` on each function by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import IsolatedFromAbove
from xdsl.utils.arg_spec import ArgSpec

from ...dialects.diagnostics import PipelineError
from .base import Pass

MODULE = "builtin.module"
"""The anchor of a pipeline that says none."""


@dataclass(frozen=True)
class NestedPass(ModulePass):
    """Runs a pass on each op of one name, as if the op were alone in a module.

    The op sees declarations of the other functions, so that what the pass does to it depends on nothing outside of it.
    A pass in parentheses is one of these for each pass in them: `func.func(c,d)` is
    `func.func(c),func.func(d)`.

    Attributes:
        anchor: the name of the ops, such as `func.func`.
        inner: the pass.
    """

    anchor: str
    inner: ModulePass

    @property
    def name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """As in a pipeline, without options: `func.func(cse)`."""
        return f"{self.anchor}({self.inner.name})"

    @property
    def requires(self) -> str | None:
        """The level that the pass needs."""
        return getattr(self.inner, "requires", None)

    @property
    def ensures(self) -> str | None:
        """The level that the pass leaves."""
        return getattr(self.inner, "ensures", None)

    @property
    def idempotent(self) -> bool:
        """Whether the pass leaves its own result alone."""
        return getattr(self.inner, "idempotent", False)

    @property
    def exact(self) -> bool:
        """Whether results stay bit for bit the same."""
        return getattr(self.inner, "exact", True)

    @property
    def inexact_because(self) -> str:
        """What changes about results, if they are not."""
        return getattr(self.inner, "inexact_because", "")

    def spec(self, *, include_default: bool = False) -> ArgSpec:
        """The pass as text: `func.func(fold-constants{max-elements=4})`."""
        return ArgSpec(f"{self.anchor}({self.inner.spec(include_default=include_default)})", {})

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Run the pass on each outermost op of that name, in order."""
        for target in list(_outermost(op, self.anchor)):
            _apply_alone(ctx, target, self.inner)


def nested(anchor: str, inner: Sequence[ModulePass], context: Context) -> tuple[ModulePass, ...]:
    """The passes of `anchor(inner)`.

    Raises PipelineError where there is no such op, where it may use values from around it, and for a pass that works on
    whole modules.
    """
    op_class = context.get_optional_op(anchor)
    if op_class is None:
        raise PipelineError(f"passes cannot be nested in '{anchor}': there is no such op", remedy=_remedy(inner))
    if not issubclass(op_class, ModuleOp) and not op_class.has_trait(IsolatedFromAbove):
        raise PipelineError(
            f"passes cannot be nested in '{anchor}', which uses values from around it", remedy=_remedy(inner)
        )
    for pass_ in inner:
        whole = isinstance(pass_, Pass) and not pass_.nestable
        if anchor != MODULE and whole:
            raise PipelineError(f"pass '{pass_.name}' works on whole modules and cannot be nested in '{anchor}'")
    return tuple(NestedPass(anchor, pass_) for pass_ in inner)


def _remedy(inner: Sequence[ModulePass]) -> str:
    return f"func.func({','.join(map(str, inner))}) runs them on each function"


def _outermost(op: Operation, name: str) -> Iterator[Operation]:
    for region in op.regions:
        for block in region.blocks:
            for nested_op in block.ops:
                if nested_op.name == name:
                    yield nested_op
                else:
                    yield from _outermost(nested_op, name)


def _apply_alone(ctx: Context, target: Operation, pass_: ModulePass) -> None:
    """Run a pass on a module that holds nothing but `target`, which is put back afterwards."""
    if isinstance(target, ModuleOp):
        pass_.apply(ctx, target)
        return
    block, following = target.parent, target.next_op
    assert block is not None
    declarations = _declarations(target)
    target.detach()
    alone = ModuleOp([target, *declarations])
    alone.location = target.location
    try:
        pass_.apply(ctx, alone)
    finally:
        point = InsertPoint.at_end(block) if following is None else InsertPoint.before(following)
        for op in list(alone.body.block.ops):
            op.detach()
            if op not in declarations:
                Rewriter.insert_op(op, point)


def _declarations(target: Operation) -> list[Operation]:
    """What stands beside `target`, with functions as declarations."""
    block: Any = target.parent
    assert isinstance(block, Block)
    return [_declared(op) for op in block.ops if op is not target]


def _declared(op: Operation) -> Operation:
    if not isinstance(op, func.FuncOp):
        return op.clone()
    types = op.function_type
    found = func.FuncOp.external(op.sym_name.data, types.inputs.data, types.outputs.data)
    found.location = op.location
    return found
