# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Mapping

def get_experimental_options() -> dict[str, bool]:
    """What `set_experimental_options` was given."""

def get_jit() -> str:
    """What `set_jit` was given: `"autoclustering"` or nothing."""

def set_experimental_options(options: Mapping[str, bool]) -> None:
    """Keep the options of TensorFlow's graph optimizer; without effect."""

def set_jit(enabled: bool | str) -> None:
    """Keep the setting; functions are always compiled."""
