"""Pipelines: text that names passes, and the ways that lead from level to level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from xdsl.passes import ModulePass

from ...dialects.context import make_context
from ...dialects.diagnostics import PipelineError
from ...dialects.levels import LEVELS
from ...dialects.plugins import all_levels, steps
from ..targets import HOST
from . import nested as nesting
from .base import TargetPass
from .named import PIPELINES, STEPS
from .options import make_pass
from .registry import added_pipelines, is_own_pass, pass_class
from .text import Element, Nested, elements


def named_pipelines() -> dict[str, str]:
    """Stepwell's named pipelines, then those of plug-ins."""
    return {**PIPELINES, **added_pipelines()}


def steps_between(start: str, end: str) -> str:
    """The pipeline that takes a module from level `start` down to level `end`; empty when it is there.

    Between stepwell's own levels these are its `STEPS`; to and from others plug-ins have steps of their own.
    """
    names = list(LEVELS)
    if start not in LEVELS or end not in LEVELS:
        return _steps_with_plugins(start, end)
    if names.index(start) > names.index(end):
        raise PipelineError(f"a module at level '{start}' cannot be raised to level '{end}'")
    taken = names[names.index(start) + 1 : names.index(end) + 1]
    return ",".join(STEPS[name] for name in taken)


def checked_steps(start: str) -> str:
    """The pipeline that takes text that somebody wrote at a level below `hl` down to llvm, with run-time checks.

    On memory, where every access is one of single elements or vectors: checks of tensors are those of their buffers.
    """
    if start == "linalg":
        begin = "bufferize,convert-linalg-to-loops,insert-runtime-checks{frees=true},expand-math,canonicalize,cse"
        return f"{begin},{steps_between('loops', 'llvm')}"
    if start in LEVELS:
        return f"insert-runtime-checks,{steps_between(start, 'llvm')}"
    return f"{steps_between(start, 'loops')},insert-runtime-checks,{steps_between('loops', 'llvm')}"


def _steps_with_plugins(start: str, end: str) -> str:
    """The way from level to level that has the fewest steps."""
    known = all_levels()
    for name in (start, end):
        if name not in known:
            raise PipelineError(f"there is no level '{name}'", remedy=f"levels are {', '.join(known)}")
    names = list(LEVELS)
    edges = {**{pair: STEPS[pair[1]] for pair in pairwise(names)}, **steps()}
    ways, waiting = {start: ""}, [start]
    for at in waiting:
        for (first, second), text in edges.items():
            if first == at and second not in ways:
                ways[second] = ",".join(filter(None, (ways[at], text)))
                waiting.append(second)
    if end not in ways:
        raise PipelineError(f"no steps lead from level '{start}' to level '{end}'")
    return ways[end]


def parse(text: str) -> tuple[ModulePass, ...]:
    """The passes of a pipeline in text form: `a,b{option=value other=1,2},O1,func.func(c,d)`.

    It may contain named pipelines, and passes nested in ops of one name.

    Raises PipelineError for text that is no pipeline, for options that do not fit and for passes that cannot be nested;
    UnknownPassError for a name that is neither a pass nor a pipeline.

    Example:
        >>> [str(pass_) for pass_ in parse("O1,func.func(cse,dce)")]
        ['canonicalize', 'cse', 'dce', 'func.func(cse)', 'func.func(dce)']
    """
    found = elements(text)
    match found:
        case (Nested(anchor=nesting.MODULE, inner=inner),):  # the anchor that all pipelines have
            found = inner
    return _passes(found)


def _passes(found: Sequence[Element]) -> tuple[ModulePass, ...]:
    passes: list[ModulePass] = []
    for element in found:
        if isinstance(element, Nested):
            passes.extend(nesting.nested(element.anchor, _passes(element.inner), make_context()))
        elif (named := _named(element.name)) is not None:
            if element.parameters:
                raise PipelineError(f"'{element.name}' is a named pipeline and takes no options")
            passes.extend(parse(named))
        else:
            passes.append(make_pass(pass_class(element.name), element))
    return tuple(passes)


def _named(name: str) -> str | None:
    """The text of a named pipeline; plug-ins are asked where the name is not known otherwise."""
    if name in PIPELINES or is_own_pass(name):
        return PIPELINES.get(name)
    return added_pipelines().get(name)


def for_target(passes: Sequence[ModulePass], target: str) -> tuple[ModulePass, ...]:
    """The passes, with `target` for those that depend on the CPU and name none.

    Example:
        >>> [str(pass_) for pass_ in for_target(parse("cse,func.func(vectorize)"), "haswell")]
        ['cse', 'func.func(vectorize{target="haswell"})']
    """
    return tuple(_for_target(pass_, target) for pass_ in passes)


def _for_target(pass_: ModulePass, target: str) -> ModulePass:
    match pass_:
        case nesting.NestedPass(anchor, inner):
            return nesting.NestedPass(anchor, _for_target(inner, target))
        case TargetPass() if pass_.target == HOST:
            return replace(pass_, target=target)
    return pass_


def pipeline_text(passes: Sequence[ModulePass], *, include_default: bool = False) -> str:
    """The text of a pipeline, which `parse` reads back.

    Args:
        passes: the passes.
        include_default: whether it contains options that have their default value.
    """
    return ",".join(str(pass_.pipeline_pass_spec(include_default=include_default)) for pass_ in passes)
