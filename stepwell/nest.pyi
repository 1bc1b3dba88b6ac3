# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable
from typing import Any

def assert_same_structure(
    nest1: object,
    nest2: object,
    check_types: bool = True,
    expand_composites: bool = False,
) -> None:
    """Raise unless two structures are the same but for their values."""

def flatten(structure: object, expand_composites: bool = False) -> list[Any]:
    """The values of a structure, in order, those of dicts by their sorted keys."""

def is_nested(seq: object) -> bool:
    """Whether a value is a list, a tuple, a dict or another sequence or mapping, and no text or shape."""

def map_structure(func: Callable[..., object], *structure: Any, **kwargs: Any) -> Any:
    """The structure in which each value is what `func` returns of the values of the structures."""

def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """The structure with other values, given in the order of `flatten`."""
