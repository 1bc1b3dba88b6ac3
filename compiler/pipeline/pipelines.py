"""Named pipelines, and the passes that lead from each level to the next: data, not code."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.passes import ModulePass

from ...dialects.context import make_context
from ...dialects.levels import LEVELS
from ..diagnostics import PipelineError
from . import nested as nesting
from .options import make_pass
from .registry import pass_class
from .text import Element, Nested, elements

CLEAN = "canonicalize,cse,dce"

SIMPLIFY = "inline,infer-shapes,canonicalize,simplify-algebra,fold-constants,hoist-loop-invariants,cse,dce"
"""What is done to a program while it is still tensor operations."""

STEPS: dict[str, str] = {
    "hl": SIMPLIFY,
    "linalg": f"convert-hl-to-linalg,detensorize,{CLEAN},fuse-elementwise,dce",
    "loops": "bufferize,lower-contractions,convert-linalg-to-loops,vectorize,expand-math,canonicalize,cse",
    "cfg": "convert-scf-to-cf",
    "llvm": "convert-cfg-to-llvm",
}
"""For each level the passes that lead to it from the level above (to `hl`: from what tracing gives)."""

PIPELINES: dict[str, str] = {
    "O0": "",
    "O1": CLEAN,
    "O2": SIMPLIFY,
    "export-onnx": "inline,infer-shapes,canonicalize,fold-constants,cse,dce",
}
"""Named pipelines that keep the level."""


def steps_between(start: str, end: str) -> str:
    """The pipeline that takes a module from level `start` down to level `end`; empty when it is there."""
    names = list(LEVELS)
    for name in (start, end):
        if name not in LEVELS:
            raise PipelineError(f"there is no level '{name}'", remedy=f"levels are {', '.join(names)}")
    if names.index(start) > names.index(end):
        raise PipelineError(f"a module at level '{start}' cannot be raised to level '{end}'")
    taken = names[names.index(start) + 1 : names.index(end) + 1]
    return ",".join(STEPS[name] for name in taken)


def parse(text: str) -> tuple[ModulePass, ...]:
    """The passes of a pipeline in text form: `a,b{option=value other=1,2},O1,func.func(c,d)`.

    Named pipelines may stand in it, and passes that run on each op of one name by itself.

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
        elif element.name in PIPELINES:
            if element.parameters:
                raise PipelineError(f"'{element.name}' is a named pipeline and takes no options")
            passes.extend(parse(PIPELINES[element.name]))
        else:
            passes.append(make_pass(pass_class(element.name), element))
    return tuple(passes)


def pipeline_text(passes: Sequence[ModulePass], *, include_default: bool = False) -> str:
    """The text of a pipeline, which `parse` reads back.

    Args:
        passes: the passes.
        include_default: whether options stand in it that have their default value.
    """
    return ",".join(str(pass_.pipeline_pass_spec(include_default=include_default)) for pass_ in passes)
