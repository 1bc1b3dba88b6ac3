"""What passes, pipelines and levels there are, for people: `--list-passes`, `--list-pipelines`, `--help PASS`."""

from __future__ import annotations

from collections.abc import Sequence

from ..compiler.pipeline.documentation import help_text, summary
from ..compiler.pipeline.named import STEPS
from ..compiler.pipeline.pipelines import named_pipelines, parse, pipeline_text
from ..compiler.pipeline.registry import added_passes, pass_class, pass_names
from ..compiler.targets import HOST, NAMED, Target, find_target
from ..dialects.diagnostics import UnknownPassError
from ..dialects.plugins import steps


def list_passes() -> str:
    """Every pass with the first line of its docstring; those of plug-ins come last, and say so."""
    rows = [(name, summary(pass_class(name))) for name in pass_names()]
    for name, item in sorted(added_passes().items()):
        rows.append((name, f"{summary(pass_class(name))}  [plug-in '{item.source.name}']"))
    return _table(rows)


def list_pipelines() -> str:
    """Every named pipeline, and the passes that lead from level to level."""
    named = [(name, text or "(no pass)") for name, text in named_pipelines().items()]
    own = [(f"to {level}", text) for level, text in STEPS.items()]
    added = [(f"{start} to {end}", text) for (start, end), text in steps().items()]
    return _table([*named, *own, *added])


def list_targets() -> str:
    """Every CPU that `--target` takes, the one this runs on first, with what code depends on."""
    rows = [(name, _about(find_target(name))) for name in (HOST, *NAMED)]
    return _table(rows)


def _about(target: Target) -> str:
    caches = " / ".join(f"{size // 1024} KB" for size in (target.l1_bytes, target.l2_bytes, target.l3_bytes))
    vectors = f"{target.vector_registers:2} registers of {target.vector_bits:3} bits"
    cores = "1 core" if target.cores == 1 else f"{target.cores} cores"
    return f"{target.cpu}: {vectors}, {'fma' if target.fma else 'no fma'}, caches {caches}, {cores}"


def help_on(name: str) -> str:
    """All about a pass, from its docstring, or about a named pipeline: its passes with what they do."""
    text = named_pipelines().get(name)
    if text is None:
        return help_text(pass_class(name))
    passes = parse(text)
    shown = f"{name}\n\nA named pipeline: {pipeline_text(passes) or '(no pass)'}\n"
    rows = [(str(pass_), _summary(pass_.name)) for pass_ in passes]
    return f"{shown}\n{_table(rows)}" if rows else shown


def _summary(name: str) -> str:
    try:
        return summary(pass_class(name))
    except UnknownPassError:  # a nested one
        return ""


def _table(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:{width}}  {text}".rstrip() + "\n" for name, text in rows)
