"""A traced module taken down to a level."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import ModuleOp

from ...compiler.pipeline.manager import Instrument, PassManager
from ...compiler.pipeline.named import STEPS
from ...compiler.pipeline.pipelines import for_target, parse, steps_between
from ...compiler.targets import HOST
from ...dialects.context import make_context
from ...dialects.recursion import deep_recursion


@deep_recursion()
def lowered(
    module: ModuleOp,
    level: str,
    instruments: Sequence[Instrument] = (),
    verify_each: bool = False,
    target: str = HOST,
) -> ModuleOp:
    """A copy of the `hl` module as traced, simplified and taken down to `level`; the original is not changed.

    `target` names the CPU that code is made for.
    """
    copy = module.clone()
    manager = PassManager(make_context(), verify_each=verify_each, instruments=instruments)
    manager.run(copy, STEPS["hl"])
    manager.run(copy, for_target(parse(steps_between("hl", level)), target))
    return copy
