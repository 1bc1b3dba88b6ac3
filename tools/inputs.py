"""Arguments of traces on the command line: specs such as `f32[?,64]`, files and Python literals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..runtime.text_inputs import Given, read_input
from .errors import CommandError

_DTYPES = {
    "i1": "bool",
    "bool": "bool",
    **{f"{kind}{bits}": f"{word}{bits}" for kind, word in (("i", "int"), ("u", "uint")) for bits in (8, 16, 32, 64)},
    **{f"f{bits}": f"float{bits}" for bits in (16, 32, 64)},
}
_SPEC = re.compile(r"([A-Za-z]+\d*)\[([^\]]*)\]")


def read_examples(texts: Sequence[str]) -> list[Any]:
    """Arguments for a trace: specs such as `f32[?,64]`; arrays and numbers as tensors; other values as they are."""
    import stepwell as sw

    found: list[Any] = []
    for text in texts:
        spec = parse_spec(text)
        if spec is not None:
            found.append(spec)
            continue
        for given in read_input(text):
            found.append(_tensor_or_value(sw, given))
    return found


def _tensor_or_value(sw: Any, given: Given) -> Any:
    if given.is_literal and (given.value is None or isinstance(given.value, str | bytes | dict | set)):
        return given.value
    try:
        return sw.constant(given.value)
    except (TypeError, ValueError, OverflowError) as error:
        raise CommandError(f"'{given.text}': {' '.join(str(error).split())}") from None


def parse_spec(text: str) -> Any:
    """The `TensorSpec` of `f32[?,64]` or `float32[]`; None for text that is no spec."""
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        return None
    from ..compiler.frontend.tracing.signature import TensorSpec

    word = match[1]
    dtype = _DTYPES.get(word, word if word in _DTYPES.values() else None)
    if dtype is None:
        raise CommandError(f"'{text}': there is no dtype '{word}'; dtypes are {', '.join(_DTYPES)}")
    sizes = [size.strip() for size in match[2].split(",")] if match[2].strip() else []
    if not all(size == "?" or size.isdecimal() or size.isidentifier() for size in sizes):
        raise CommandError(f"'{text}': sizes are numbers, ? for any size, or names of sizes")
    return TensorSpec([None if size == "?" else int(size) if size.isdecimal() else size for size in sizes], dtype)
