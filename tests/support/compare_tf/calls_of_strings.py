"""Generated calls of functions of strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .recipes import Draw, array, choice, flag, shape, whole

Recipe = Callable[[Draw], tuple[list[Any], dict[str, Any]]]

_WORDS = ("", "a", "B c", "  x ", "straße", "ÀÉ", "日本語", "😀!", "1.5", "-7", "abc123", "a,b,,c", "x\ty\n")
_NUMBERS = ("1", "-2", "0", " 3 ", "4.5", "1e3", "-0.0", "inf", "nan", "12a", "", "99999999999")


def _texts(draw: Draw, sizes: tuple[int, ...], words: tuple[str, ...] = _WORDS) -> np.ndarray:
    """An array of strings."""
    found = np.empty(int(np.prod(sizes)), object)
    found[:] = [choice(draw, *words).encode() for _ in range(found.size)]
    return found.reshape(sizes)


def _plain(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw))], {}


def _encoded(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw))], {"encoding": choice(draw, "", "utf-8", "latin-1")}


def _measured(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw))], {"unit": choice(draw, "BYTE", "UTF8_CHAR", "WORD")}


def _part(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _texts(draw, sizes := shape(draw))
    wanted, other = sizes if flag(draw, 2) else (), sizes if flag(draw, 12) else None
    places = np.full(wanted, whole(draw, -3, 2), np.int32)
    lengths = np.full(wanted if other is None else other, whole(draw, 0, 3), np.int32)
    return [x, places, lengths], {"unit": choice(draw, "BYTE", "UTF8_CHAR")}


def _replaced(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    pattern, rewrite = choice(draw, ("[a-c]", "<\\0>"), ("(\\w)(\\d)", "\\2\\1"), (" +", ""), ("(", ""))
    return [_texts(draw, shape(draw)), pattern, rewrite], {"replace_global": flag(draw, 2)}


def _matched(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw)), choice(draw, ".*", "[a-z]+[0-9]*", "a,.*", "", "[")], {}


def _joined(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = shape(draw)
    return [[_texts(draw, sizes), _texts(draw, sizes if flag(draw, 2) else ())]], {"separator": choice(draw, "", ", ")}


def _reduced(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _texts(draw, shape(draw, least=1))
    return [x], {"axis": choice(draw, 0, -1, None), "keepdims": flag(draw, 2), "separator": choice(draw, "", "+")}


def _segments(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = _texts(draw, (whole(draw, 0, 5),))
    return [x, np.array([whole(draw, 0, 2) for _ in x], np.int32), 3], {"separator": choice(draw, "", "-")}


def _hashed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw)), choice(draw, 1, 7, 1000, 2**40)], {}


def _hashed_by_key(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw)), choice(draw, 1, 7, 1000), [whole(draw, 0, 9), whole(draw, 0, 9)]], {}


def _numbered(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = choice(draw, "float32", "float64", "int32", "int64")
    return [_texts(draw, shape(draw)[:1], _NUMBERS)], {"out_type": f"dtype:{kind}"}


def _shown(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = choice(draw, "float32", "float64", "int32", "int64", "bool")
    options: dict[str, Any] = {"width": choice(draw, -1, 8), "fill": choice(draw, "", "0")}
    if kind.startswith("f"):
        options |= {"precision": choice(draw, -1, 0, 3), choice(draw, "scientific", "shortest"): flag(draw, 2)}
    return [array(draw, kind, shape(draw))], options if kind != "bool" else {}


def _base64(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw))], {"pad": flag(draw, 2)}


def _from_base64(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, shape(draw), ("", "YQ", "YQ==", "YWI", "_-8", "a", "Y$Q="))], {}


def _bytes(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = choice(draw, "uint8", "int16", "int32", "float32")
    words = ("abcd", "wxyz") if not flag(draw, 8) else ("abc", "wxyz")
    return [_texts(draw, shape(draw)[:2], words), f"dtype:{kind}"], {"little_endian": flag(draw, 2)}


def _transcoded(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    codes = ("UTF-8", "UTF-16-BE", "UTF-32-BE")
    return [_texts(draw, shape(draw)), "UTF-8", choice(draw, *codes)], {"errors": choice(draw, "replace", "strict")}


def _encoded_points(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    points = np.array([[choice(draw, 65, 223, 26085, 128512) for _ in range(3)] for _ in range(2)], np.int32)
    return [points[whole(draw, 0, 1)] if flag(draw, 2) else points, choice(draw, "UTF-8", "UTF-16-BE", "UTF-32-BE")], {}


def _grams(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [_texts(draw, (whole(draw, 2, 3), whole(draw, 3, 5))), whole(draw, 1, 3)], {
        "separator": choice(draw, " ", "")
    }


def _formatted(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, choice(draw, "int32", "float32"), shape(draw), special=False)
    return ["x {} y", np.round(x)], {"summarize": choice(draw, 3, 1, -1)}


RECIPES: dict[Recipe, str] = {
    _plain: "strings.strip",
    _encoded: "strings.lower strings.upper",
    _measured: "strings.length",
    _part: "strings.substr",
    _replaced: "strings.regex_replace",
    _matched: "strings.regex_full_match",
    _joined: "strings.join",
    _reduced: "strings.reduce_join",
    _segments: "strings.unsorted_segment_join",
    _hashed: "strings.to_hash_bucket_fast strings.to_hash_bucket",
    _hashed_by_key: "strings.to_hash_bucket_strong",
    _numbered: "strings.to_number",
    _shown: "strings.as_string",
    _base64: "io.encode_base64",
    _from_base64: "io.decode_base64",
    _bytes: "io.decode_raw",
    _transcoded: "strings.unicode_transcode",
    _encoded_points: "strings.unicode_encode",
    _grams: "strings.ngrams",
    _formatted: "strings.format",
}
"""The functions of each recipe."""
