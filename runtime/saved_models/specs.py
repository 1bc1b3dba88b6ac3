"""Dtypes, shapes and specs as JSON."""

from __future__ import annotations

from typing import Any

from ...compiler.frontend.tracing.signature import TensorSpec
from ...dialects.dtypes import DType, as_dtype
from .checked import Fields, damaged
from .values import Json


def encode_spec(spec: TensorSpec) -> dict[str, Json]:
    """A spec as JSON: names of sizes in their places."""
    sizes = None if spec.sizes is None else [name or size for name, size in zip(spec.size_names, spec.sizes)]
    return {"shape": sizes, "dtype": spec.dtype.name, "name": spec.name}


def read_spec(record: Fields) -> TensorSpec:
    """The spec that `encode_spec` wrote. Raises DataLossError for anything else, as the functions below."""
    name = None if record.get("name") is None else record.text("name")
    return TensorSpec(read_shape(record, "shape"), read_dtype(record), name)


def read_dtype(record: Fields) -> DType:
    """The dtype of a record."""
    name = record.text("dtype")
    try:
        found = as_dtype(name)
    except (AttributeError, KeyError, TypeError, ValueError):
        found = None
    if found is None or found.name != name:
        raise damaged(record.at("dtype"), "a dtype", name)
    return found


def read_shape(record: Fields, name: str) -> list[Any] | None:
    """A shape: sizes, None or names; None where the rank may be any."""
    if record.get(name) is None:
        return None
    found = record.items(name)
    for size in found:
        fits = size is None or (type(size) is int and 0 <= size < 2**63) or (type(size) is str and size.isidentifier())
        if not fits:
            raise damaged(record.at(name), "a shape", found)
    return found
