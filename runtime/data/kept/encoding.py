"""Elements and their specs as bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError, UnsupportedError
from ....dialects.dtypes import dtype_named
from ....dialects.errors import DataLossError
from ....dialects.strings import as_array
from ...checkpoints.iterator_states import as_bytes, of_bytes
from ..structure import DatasetSpec, Element, Structure, array_of, common

FORMAT, VERSION = "stepwell dataset", 1


def header(structure: Structure, what: str, **more: Any) -> bytes:
    """What a file begins with: its format, and the spec of its elements."""
    return json.dumps(
        {"format": FORMAT, "version": VERSION, "spec": plain(structure.element_spec, what), **more}
    ).encode()


def read_header(text: bytes, where: str) -> dict[str, Any]:
    """The parts of a header. Raises DataLossError for one of another format or a later version."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DataLossError(f"{where}: expected a file of elements that Dataset.cache, save or snapshot wrote")
    if found.get("version") != VERSION:
        raise DataLossError(f"{where}: expected version {VERSION} of the format, got {found.get('version')}")
    return found


def plain(spec: Any, what: str) -> Any:
    """A spec of elements as JSON has it."""
    if type(spec) is TensorSpec:
        return {"tensor": [spec.dtype.name, None if spec.sizes is None else list(spec.sizes)]}
    if type(spec) is tuple:
        return {"tuple": [plain(part, what) for part in spec]}
    if type(spec) is dict and all(isinstance(key, str) for key in spec):
        return {"dict": {key: plain(part, what) for key, part in spec.items()}}
    raise UnsupportedError(
        f"{what}: expected elements of tensors in tuples and dicts whose keys are strings, got a component of {spec}"
    )


def structure_of(described: Any, where: str) -> Structure:
    """The structure of elements whose spec `plain` described."""
    try:
        return DatasetSpec(_spec(described)).structure
    except (KeyError, TypeError, ValueError, InvalidTypeError, InvalidArgumentError) as error:
        raise DataLossError(f"{where}: the spec of the elements is damaged: {error}") from None


def _spec(described: Any) -> Any:
    ((kind, parts),) = described.items()
    if kind == "tensor":
        return TensorSpec(parts[1], dtype_named(parts[0], "spec"))
    return {key: _spec(part) for key, part in parts.items()} if kind == "dict" else tuple(map(_spec, parts))


def element_bytes(element: Element) -> bytes:
    """The arrays of an element."""
    return as_bytes([array_of(part) for part in element]).tobytes()


def element_of(data: bytes, structure: Structure, where: str) -> Element:
    """The element of its bytes. Raises DataLossError for what does not fit the spec."""
    try:
        arrays = of_bytes(np.frombuffer(data, np.uint8))
    except DataLossError:
        raise DataLossError(f"{where}: the element is damaged") from None
    parts = [Tensor(as_array(array)) for array in arrays]
    fits = len(parts) == len(structure.specs) and all(map(_fits, parts, structure.specs))
    if not fits:
        got = [(part.dtype.name, list(part.shape)) for part in parts]
        raise DataLossError(f"{where}: expected an element like {structure.element_spec}, got {got}")
    return parts


def _fits(part: Tensor, spec: TensorSpec) -> bool:
    return part.dtype == spec.dtype and spec.shape.is_compatible_with(part.shape)


def agreed(found: Structure, expected: Structure, where: str) -> None:
    """Check that elements in a file are those of a dataset, as far as their specs say."""
    try:
        common(where, expected, found)
    except InvalidTypeError as error:
        raise InvalidTypeError(f"{error.message}; is it the file of another dataset?") from None
