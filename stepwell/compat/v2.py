"""The package itself, under the name that programs for both versions of TensorFlow import."""

from __future__ import annotations

from typing import Any

import stepwell


def __getattr__(name: str) -> Any:
    return getattr(stepwell, name)


def __dir__() -> list[str]:
    return dir(stepwell)
