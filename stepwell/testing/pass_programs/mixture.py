"""What a pass is validated on: programs for what its code looks for, some written beside it, and some of all ops."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from hypothesis import strategies as st
from xdsl.passes import ModulePass

from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.pipeline.registry import pass_names
from stepwell.dialects.hl.registry import OPS

from ..generation.levels.cfg import cfg_modules
from ..generation.levels.linalg import linalg_modules
from ..generation.levels.loops import loops_modules
from ..generation.program import Case
from ..modules import hl_modules, lowered, modules_at, modules_before, taken_down
from .attention import Attention
from .focused import focused_modules
from .interests import Interest, interests_of
from .written import grown_modules, written_programs

_OF_LEVELS = {"linalg": linalg_modules, "loops": loops_modules, "cfg": cfg_modules}
"""Modules that are drawn at a level."""

_BELOW_LINALG = ("buffers", "loops")
"""Levels whose programs are often those of `linalg`, lowered: its computations have more forms than those of `hl`."""

_FEW_STATEMENTS, _MANY_STATEMENTS = 16, 80
"""How many statements programs for few and for many patterns have."""

_BELOW = {"linalg": 64, "buffers": 20, "loops": 20, "cfg": 12}
"""How many statements programs have at most that become many ops on their way to a level."""

_FOCUSED = {"hl": 18, "linalg": 16}
"""How often programs for patterns are drawn, where they are not lowered far, or are for ops that a pass names."""

_OPS_OF_SHARE, _LEAST_NAMED, _MOST_NAMED = 8, 2, 32
"""Half of the statements are for the ops that the code of a pass itself names, if it names 8; fewer, if fewer.

Of a pass that lowers each op by its own rule they are as many as for other ops."""

_AT_LEVEL = 24
"""How many statements programs have that are drawn at their level."""

_Share = tuple[int, st.SearchStrategy[Case]]


def programs_for(
    passes: str | Sequence[ModulePass], attention: Attention | None = None, **options: Any
) -> st.SearchStrategy[Case]:
    """Programs as the first of the passes meets them; at the level it asks for, where no pipeline knows it.

    Half of them are for what the code of the pass names, pattern by pattern, or grow from the IR in its docstring and
    its `.mlir` files. The others are of all ops, and below `hl` half of these are drawn at the level itself, or at
    `linalg` and lowered from there.

    Args:
        passes: those to validate, as text or as passes.
        attention: what patterns did so far: those that rarely rewrote are looked for more often.
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
    shares: list[_Share] = [(8 if level in (None, "hl", "linalg") else 6, base)]
    if known or level in (None, "hl", *_OF_LEVELS):
        same = [each for each in passes if getattr(each, "requires", None) == level]
        shares += _focused(same, level or "hl", attention or Attention())
    texts = written_programs(first)
    if texts:
        any_order = level not in (None, "hl") and not getattr(first, "exact", True)
        shares.append((3, grown_modules(texts, any_order)))
    if all(getattr(each, "requires", None) is None for each in passes):
        shares += [(1, strategy(max_statements=8)) for strategy in _OF_LEVELS.values()]
    wanted = frozenset(name for each in passes for interest in interests_of(each) for name in interest.others)
    if level in _OF_LEVELS:
        shares.append((10, _OF_LEVELS[level](max_statements=_AT_LEVEL, wanted=wanted)))
    if level in _BELOW_LINALG:
        lower = partial(lowered, level="linalg", end=level, pass_name=first.name)
        weight = 4 if level in _OF_LEVELS else 10
        shares.append((weight, linalg_modules(max_statements=_AT_LEVEL).map(lower)))
    return _mixed(shares)


def _focused(passes: Sequence[ModulePass], level: str, attention: Attention) -> list[_Share]:
    """Programs for what passes of one level look for; each statement for one pattern, where they have patterns."""
    found = [interest for each in passes for interest in interests_of(each) or [Interest(each.name)]]
    if not found:
        return []
    names = {each.name for each in passes}
    own = [interest for interest in found if interest.name in names]
    spread = attention.spread([interest for interest in found if interest.name not in names])
    most = min(_BELOW.get(each, _MANY_STATEMENTS) for each in (level, getattr(passes[0], "ensures", "")))
    count = min(max(len(found) * 2, _FEW_STATEMENTS), most)
    named = sum(len(interest.ops) for interest in own)
    share = len(spread) * min(max(named, _LEAST_NAMED), _MOST_NAMED) // _OPS_OF_SHARE
    if any(interest.is_lowering for interest in spread):  # its own ops are a few among all those that it lowers
        share = len(spread) * named // len(OPS)
    programs = focused_modules([*own * max(1, share), *spread], count)
    weight = _FOCUSED.get(level, 14 if named else 4)
    return [(weight, taken_down(programs, level, passes[0].name))]


def _mixed(shares: Sequence[_Share]) -> st.SearchStrategy[Case]:
    """One of some strategies, each as often as it is to be."""
    numbers = [number for number, (weight, _) in enumerate(shares) for _ in range(weight)]
    return st.sampled_from(numbers).flatmap(lambda number: shares[number][1])
