"""Python values as JSON: what traces are specialised to, defaults of parameters, elements of containers."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from ...compiler.frontend.tracing.tensor_shape import TensorShape
from ...dialects.dtypes import DType, as_dtype
from .checked import Fields, damaged

Json: TypeAlias = Any
"""What the `json` module reads and writes."""

_DEPTH = 50
"""How deep values may be nested."""


class NotSaved(Exception):
    """Something that has no form in a saved model; the text says what it is."""


def encode_value(value: object, depth: int = 0) -> Json:
    """A value as JSON. Raises NotSaved for other types than those of numbers, texts, dtypes, shapes, containers."""
    if value is None or type(value) in (bool, int, str):
        return value
    if depth > _DEPTH:
        raise NotSaved("a value that is nested too deeply")
    match value:
        case float():
            return value if math.isfinite(value) else {"float": repr(value)}
        case complex():
            return {"complex": [encode_value(value.real), encode_value(value.imag)]}
        case bytes():
            return {"bytes": value.hex()}
        case range():
            return {"range": [value.start, value.stop, value.step]}
        case DType():
            return {"dtype": value.name}
        case TensorShape():
            return {"shape": None if value.rank is None else list(value)}
        case tuple() | list() if type(value) in (tuple, list):
            return {type(value).__name__: [encode_value(item, depth + 1) for item in value]}
        case dict() if type(value) is dict:
            return {"dict": [[encode_value(k, depth + 1), encode_value(v, depth + 1)] for k, v in value.items()]}
    raise NotSaved(f"a {type(value).__name__} object")


def decode_value(encoded: Json, where: str, depth: int = 0) -> Any:
    """The value that `encode_value` wrote. Raises DataLossError for anything else."""
    if encoded is None or type(encoded) in (bool, int, float, str):
        return encoded
    if depth > _DEPTH or not isinstance(encoded, dict) or len(encoded) != 1:
        raise damaged(where, "a value", encoded)
    [(kind, content)] = encoded.items()
    try:
        return _decode(kind, content, where, depth)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise damaged(where, "a value", encoded) from None


def _decode(kind: str, content: Json, where: str, depth: int) -> Any:
    match kind:
        case "float":
            return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[str(content)]
        case "complex":
            real, imaginary = (float(decode_value(part, where)) for part in content)
            return complex(real, imaginary)
        case "bytes":
            return bytes.fromhex(content)
        case "range":
            return range(*content)
        case "dtype":
            return as_dtype(Fields({"dtype": content}, where).text("dtype"))
        case "shape":
            return TensorShape(content)
        case "tuple" | "list":
            items = [decode_value(item, where, depth + 1) for item in content]
            return tuple(items) if kind == "tuple" else items
        case "dict":
            pairs = [
                (decode_value(key, where, depth + 1), decode_value(item, where, depth + 1)) for key, item in content
            ]
            return dict(pairs)
    raise ValueError
