"""What softmaxes and sigmoids were computed of, which losses are computed of more exactly."""

from __future__ import annotations

import warnings
import weakref
from typing import Any

import stepwell as sw

_origins: dict[int, tuple[weakref.ref[Any], sw.Tensor]] = {}


def remember(output: sw.Tensor, logits: sw.Tensor) -> sw.Tensor:
    """`output`, of which `logits_of` returns what it was computed of as long as it is alive."""
    key = id(output)

    def forget(_: object) -> None:
        _origins.pop(key, None)

    _origins[key] = weakref.ref(output, forget), logits
    return output


def logits_of(output: sw.Tensor, from_logits: bool, function: str) -> tuple[sw.Tensor, bool]:
    """The logits if they are known, else `output`; and whether it is logits."""
    found = _origins.get(id(output))
    if found is None:
        return output, from_logits
    if from_logits:
        warnings.warn(
            f'"`{function}` received `from_logits=True`, but the `output` argument was produced by a Softmax or '
            "Sigmoid activation and thus does not represent logits. Was this intended?",
            stacklevel=3,
        )
    return found[1], True
