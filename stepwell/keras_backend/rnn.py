"""Recurrent layers."""

from __future__ import annotations

from typing import Any, NoReturn


def cudnn_ok(*args: Any, **kwargs: Any) -> bool:
    """Whether kernels of a GPU's library serve: never."""
    del args, kwargs
    return False


def lstm(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: Keras then uses `rnn`, which compiles the loop of the cell's own operations."""
    raise NotImplementedError


def gru(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused, as `lstm`."""
    raise NotImplementedError


def bidirectional_lstm(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused, as `lstm`."""
    raise NotImplementedError


def bidirectional_gru(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused, as `lstm`."""
    raise NotImplementedError
