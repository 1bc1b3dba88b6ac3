"""Named pipelines, and the passes that lead from each level to the next: data, not code."""

from __future__ import annotations

import re

from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec, parse_pipeline
from xdsl.utils.exceptions import ArgSpecParseError

from ...dialects.levels import LEVELS
from ..diagnostics import PipelineError
from .options import make_pass
from .registry import pass_class

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
    """The passes of a pipeline in text form: `a,b{option=value other=1,2},O1`; named pipelines may stand in it.

    Raises PipelineError for text that is no pipeline and for options that do not fit, UnknownPassError for a name that
    is neither a pass nor a pipeline.
    """
    passes: list[ModulePass] = []
    for spec in _specs(text):
        if spec.name in PIPELINES:
            if spec.parameters:
                raise PipelineError(f"'{spec.name}' is a named pipeline and takes no options")
            passes.extend(parse(PIPELINES[spec.name]))
        else:
            passes.append(make_pass(pass_class(spec.name), spec))
    return tuple(passes)


_SPACED = re.compile(r'("(?:\\.|[^"\\])*")|\s*([,{}=])\s*')
"""A quoted string, or a sign that may have spaces around it."""


def _specs(text: str) -> tuple[ArgSpec, ...]:
    text = _SPACED.sub(lambda match: match[1] or match[2], text.strip())
    try:
        specs = tuple(parse_pipeline(text))
    except ArgSpecParseError as error:
        raise PipelineError(f"cannot read the pipeline: {_shown(error, text)}") from None
    if text.endswith(","):
        raise PipelineError(f"cannot read the pipeline: a pass is missing after the comma\n{text}\n{' ' * len(text)}^")
    return specs


def _shown(error: ArgSpecParseError, text: str) -> str:
    """What xDSL found wrong, with a caret below the place."""
    _, place, line, caret, *message = str(error).split("\n")
    what = " ".join(message).strip().removesuffix(" here")
    column = max(len(caret) - len(caret.lstrip()), int(place.rsplit(":", 1)[1]) - 1)
    return f"{what[:1].lower()}{what[1:]}\n{line}\n{' ' * column}^"
