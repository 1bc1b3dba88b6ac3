"""What a pass is validated on: programs for what its code looks for, some written beside it, and some of all ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from xdsl.passes import ModulePass

from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.pipeline.registry import pass_names

from ..level_modules.cfg import cfg_modules
from ..level_modules.linalg import linalg_modules
from ..level_modules.loops import loops_modules
from ..module_values import Case
from ..modules import hl_modules, modules_at, modules_before, taken_down
from .attention import Attention
from .focused import focused_modules
from .interests import Interest, interests_of
from .written import grown_modules, written_programs

_OF_LEVELS = {"linalg": linalg_modules, "loops": loops_modules, "cfg": cfg_modules}
"""Modules that are drawn at a level."""

_FEW_STATEMENTS, _MANY_STATEMENTS = 16, 48
"""How many statements programs for few and for many patterns have."""

_Share = tuple[int, st.SearchStrategy[Case]]


def programs_for(
    passes: str | Sequence[ModulePass], attention: Attention | None = None, **options: Any
) -> st.SearchStrategy[Case]:
    """Programs as the first of the passes meets them; at the level it asks for, where no pipeline knows it.

    Half of them are for what the code of the pass names, pattern by pattern, or grow from the IR in its docstring and
    its `.mlir` files. The others are of all ops, and below `hl` half of these are drawn at the level itself.

    Args:
        passes: those to validate, as text or as passes.
        attention: what patterns did so far: those that seldom rewrote are looked for more often.
        options: of `hl_modules`, for the programs of all ops.

    Example:
        >>> from hypothesis import given
        >>> @given(programs_for("simplify-algebra"))
        ... def is_valid(case):
        ...     case.module.verify()
        >>> is_valid()
    """
    passes = parse(passes) if isinstance(passes, str) else passes
    if not passes:
        return hl_modules(**options)
    first = passes[0]
    known = first.name in pass_names()
    level = getattr(first, "requires", None)
    base = modules_before(first.name, **options) if known else modules_at(level or "hl", **options)
    shares: list[_Share] = []
    if known or level in (None, "hl", *_OF_LEVELS):
        same = [each for each in passes if getattr(each, "requires", None) == level]
        shares += _focused(same, level or "hl", attention or Attention())
    texts = written_programs(first)
    if texts:
        any_order = level not in (None, "hl") and not getattr(first, "exact", True)
        shares.append((3, grown_modules(texts, any_order)))
    if all(getattr(each, "requires", None) is None for each in passes):
        shares += [(1, strategy(max_statements=8)) for strategy in _OF_LEVELS.values()]
    elif level in _OF_LEVELS:
        shares.append((6, _OF_LEVELS[level]()))
    return _mixed([(8, base), *shares])


def _focused(passes: Sequence[ModulePass], level: str, attention: Attention) -> list[_Share]:
    """Programs for what passes of one level look for; each statement for one pattern, where they have patterns."""
    found = [interest for each in passes for interest in interests_of(each) or [Interest(each.name)]]
    if not found:
        return []
    names = {each.name for each in passes}
    own = [interest for interest in found if interest.name in names]
    spread = attention.spread([interest for interest in found if interest.name not in names])
    programs = focused_modules([*own * max(1, len(spread) // 4), *spread], _statements(len(found)))
    return [(10, taken_down(programs, level, passes[0].name))]


def _statements(patterns: int) -> int:
    """How many statements programs for so many patterns have."""
    return min(max(patterns, _FEW_STATEMENTS), _MANY_STATEMENTS)


def _mixed(shares: Sequence[_Share]) -> st.SearchStrategy[Case]:
    """One of some strategies, each as often as it is to be."""
    numbers = [number for number, (weight, _) in enumerate(shares) for _ in range(weight)]
    return st.sampled_from(numbers).flatmap(lambda number: shares[number][1])
