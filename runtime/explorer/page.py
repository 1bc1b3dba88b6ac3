"""The page: one file that needs no other, and loads none."""

from __future__ import annotations

import html
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from ...dialects.files import replacing
from .payload import to_json

SCRIPTS = (
    "model.js",
    "diff.js",
    "syntax.js",
    "list.js",
    "columns.js",
    "strip.js",
    "timeline.js",
    "inspector.js",
    "keys.js",
    "main.js",
)
"""The page's script, in the order in which its parts stand in it."""


def render(payload: dict[str, Any]) -> str:
    """The page that shows `payload`."""
    parts = {
        "title": html.escape(payload["title"]),
        "style": _template("page.css"),
        "data": to_json(payload),
        "script": "\n".join(_template(name) for name in SCRIPTS),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _template("page.html"))


def _template(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath("template", name).read_text(encoding="utf-8")


def write_page(payload: dict[str, Any], path: str | os.PathLike[str]) -> Path:
    """Write the page; it appears, or replaces what was there, whole."""
    target = Path(path).absolute()
    with replacing(target) as temporary:
        temporary.write_text(render(payload), encoding="utf-8")
    return target
