"""Regular expressions of RE2's language, which TensorFlow has, by means of Python's.

The syntax is that of https://github.com/google/re2/wiki/Syntax. What the languages share stays; what is written
otherwise in Python's is translated; what one of them has not is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ...strings import as_bytes, as_text
from .base import InferenceError

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_MOST = 1000
"""How often RE2 repeats something at most."""
_TOKEN = re.compile(
    r"(?P<quoted>\\Q(?P<literal>.*?)(?:\\E|$))"
    r"|(?P<unicode>\\(?P<not>[pP])(?:\{(?P<long>\^?\w+)\}|(?P<short>\w)))"
    r"|(?P<hex>\\x\{(?P<code>[0-9A-Fa-f]+)\})"
    r"|(?P<space>\\s)|(?P<end>\\z)|(?P<wrong>\\[1-9ZXRKkgGuUN])|(?P<escape>\\.)"
    r"|(?P<posix>\[:(?P<negated>\^?)(?P<class>\w+):\])"
    r"|(?P<possessive>[*+?]\+)|(?P<many>\{(?P<least>\d+)(?:,(?P<most>\d*))?\})"
    r"|(?P<group>\((?:\?(?P<kind>[=!>#(&|]|<[=!]|P[=>]|[aLu]))?)"
    r"|(?P<other>.)",
    re.DOTALL,
)


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern for `re`. Raises `InferenceError` (C2) for one that is not of RE2's language."""
    try:
        return _compiled(pattern)
    except (re.error, ValueError, OverflowError) as error:
        raise InferenceError("C2", f"invalid pattern {pattern!r}: {error}") from None


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_translated(pattern), re.ASCII)


def _translated(pattern: str) -> str:
    """The pattern in Python's language."""
    parts: list[str] = []
    in_class = multiline = False
    for match in _TOKEN.finditer(pattern):
        text = match[0]
        if match["group"] and match["kind"] and not in_class:
            raise ValueError(f"{text} is not of RE2's language")
        if match["wrong"]:
            raise ValueError(f"invalid escape sequence {text}")
        if match["many"] and not in_class and max(int(match["least"]), int(match["most"] or 0)) > _MOST:
            raise ValueError(f"invalid repetition size {text}")
        if match["possessive"] and not in_class:
            raise ValueError(f"bad repetition operator {text}")
        if match["quoted"]:
            parts.append(re.escape(match["literal"]))
        elif match["unicode"]:
            parts.append(_of_category(match, in_class))
        elif match["hex"]:
            parts.append(re.escape(chr(int(match["code"], 16))))
        elif match["space"]:
            parts.append(r"\t\n\f\r " if in_class else r"[\t\n\f\r ]")
        elif match["end"]:
            parts.append(r"\Z")
        elif match["posix"] and in_class:
            parts.append(_posix(match))
        elif text == "[":
            parts.append(r"\[" if in_class else "[")
            in_class = True
        elif match["posix"]:  # outside of brackets it is a class of these letters
            parts.append(text)
        elif text == "]" and in_class and not _just_opened(pattern, match.start()):
            in_class = False
            parts.append(text)
        elif text == "]" and in_class:
            parts.append(r"\]")
        elif text == "$" and not in_class and not (multiline := multiline or "(?m" in pattern):
            parts.append(r"\Z")
        else:
            parts.append(re.sub(r"[&~|]", r"\\\g<0>", text) if in_class and not match["escape"] else text)
    return _with_flags_at_start("".join(parts))


def _just_opened(pattern: str, position: int) -> bool:
    """Whether a closing bracket is the first of a class, where it represents itself."""
    return pattern[:position].endswith(("[", "[^")) and not pattern[:position].endswith((r"\[", r"\[^"))


def _posix(match: re.Match[str]) -> str:
    found = _POSIX.get(match["class"])
    if found is None or match["negated"]:
        raise ValueError(f"invalid character class {match[0]}")
    return found


def _of_category(match: re.Match[str], in_class: bool) -> str:
    """The characters of a category of Unicode, as ranges."""
    name = match["long"] or match["short"]
    negated = (match["not"] == "P") != name.startswith("^")
    ranges = _ranges(name.removeprefix("^"), negated)
    return ranges if in_class else f"[{ranges}]"


@lru_cache(32)
def _ranges(category: str, negated: bool) -> str:
    import sys
    import unicodedata

    if not re.fullmatch("[A-Z][a-z]?", category):
        raise ValueError(f"invalid character class range \\p{{{category}}}: only categories of Unicode are known")
    parts: list[str] = []
    first: int | None = None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(category) != negated
        if inside and first is None:
            first = code
        elif not inside and first is not None:
            parts.append(f"\\U{first:08x}-\\U{code - 1:08x}")
            first = None
    return "".join(parts)


def _with_flags_at_start(pattern: str) -> str:
    """RE2 takes flags anywhere, from where they are on; Python at the begin, or around a group."""
    match = re.search(r"(?<!\\)\(\?([ims]+)\)", pattern)
    if match is None or match.start() == 0:
        return pattern
    rest = _with_flags_at_start(pattern[match.end() :])
    depth = 0
    for token in re.finditer(r"\\.|\[(?:\\.|[^\]\\])*\]|[()]", rest):  # up to the end of the group around it
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth < 0:
            return f"{pattern[: match.start()]}(?{match[1]}:{rest[: token.start()]}){rest[token.start() :]}"
    return f"{pattern[: match.start()]}(?{match[1]}:{rest})"


def full_match(pattern: re.Pattern[str]) -> Callable[[bytes], bool]:
    """Whether a pattern matches a string from begin to end."""
    return lambda item: _is_text(item) and pattern.fullmatch(as_text(item)) is not None


def _is_text(item: bytes) -> bool:
    """Whether it is UTF-8: RE2's `.` matches no byte of what is not."""
    return not any("\udc80" <= character <= "\udcff" for character in as_text(item))


def replaced(pattern: re.Pattern[str], rewrite: str, everywhere: bool) -> Callable[[bytes], bytes]:
    """The function that replaces matches; groups in `rewrite` are `\\0` to `\\9`.

    Matches follow each other as RE2's do: none is empty where the one before it ends.
    """
    parts = _rewrite(rewrite)
    if max((part for part in parts if isinstance(part, int)), default=0) > pattern.groups:
        return lambda item: item  # as TensorFlow has it

    def substitute(match: re.Match[str]) -> str:
        return "".join(part if isinstance(part, str) else match[part] or "" for part in parts)

    def function(item: bytes) -> bytes:
        text = as_text(item)
        result: list[str] = []
        done, last_end = 0, -1
        for match in pattern.finditer(text):
            if match.start() == match.end() == last_end:
                continue
            result += [text[done : match.start()], substitute(match)]
            done = last_end = match.end()
            if not everywhere:
                break
        return as_bytes("".join(result) + text[done:])

    return function


def _rewrite(rewrite: str) -> list[str | int]:
    """The texts and groups of a rewrite, which ends where a backslash precedes anything else."""
    parts: list[str | int] = []
    for match in re.finditer(r"\\(\d)|\\(\\)|(\\)|([^\\]+)", rewrite):
        if match[3]:
            break
        parts.append(int(match[1]) if match[1] else match[2] or match[4])
    return parts
