"""The text of IR in colour, for terminals."""

from __future__ import annotations

from rich.text import Text

_COLOURS = {
    r"(?<![\w.%@!])[a-z]\w*\.[a-z][\w.]*": "bold",
    r"\b(?:tensor|memref|vector)<[^<>]*(?:<[^<>]*>[^<>]*)*>|(?<![\w.])(?:index|bf16|[if]\d+)\b": "green",
    r"%[\w.$-]+": "cyan",
    r"@[\w.$-]+": "magenta",
    r"\^\w+": "yellow",
    r"(?<![\w.%@^])-?\d+(?:\.\d+(?:e[+-]\d+)?)?\b": "blue",
    r'"(?:[^"\\]|\\.)*"': "yellow",
    r'loc\((?:unknown|"[^"]*":\d+:\d+)\)': "not bold dim",
}
"""What is shown how; later ones over earlier ones."""


def coloured(text: str) -> Text:
    """IR with its op names, types, values, symbols and locations told apart."""
    shown = Text(text)
    for pattern, style in _COLOURS.items():
        shown.highlight_regex(pattern, style)
    return shown
