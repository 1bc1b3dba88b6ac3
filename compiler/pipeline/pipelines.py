"""Named pipelines, and the passes that lead from each level to the next: data, not code."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec, parse_pipeline
from xdsl.utils.exceptions import ArgSpecParseError

from ...dialects.levels import LEVELS
from ..diagnostics import PipelineError
from .registry import pass_class

CLEAN = "canonicalize,cse,dce"

SIMPLIFY = "inline,infer-shapes,canonicalize,fold-constants,cse,dce"
"""What is done to a program while it is still tensor operations."""

STEPS: dict[str, str] = {
    "hl": SIMPLIFY,
    "linalg": f"convert-hl-to-linalg,detensorize,{CLEAN},fuse-elementwise,dce",
    "loops": "bufferize,lower-contractions,convert-linalg-to-loops,vectorize,canonicalize,cse",
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
    """The passes of a pipeline in text form: `a,b{option=value},O1`; named pipelines may stand in it."""
    passes: list[ModulePass] = []
    try:
        specs: Sequence[ArgSpec] = tuple(parse_pipeline(text)) if text.strip() else ()
    except ArgSpecParseError as error:
        raise PipelineError(f"cannot read the pipeline '{text}': {error}") from None
    for spec in specs:
        if spec.name in PIPELINES and not spec.parameters:
            passes.extend(parse(PIPELINES[spec.name]))
            continue
        class_ = pass_class(spec.name)
        try:
            passes.append(class_.from_spec(spec))
        except (TypeError, ValueError) as error:
            raise PipelineError(f"pass '{spec.name}': {error}") from None
    return tuple(passes)
