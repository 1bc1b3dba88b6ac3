"""Files that belong to a saved model."""

from __future__ import annotations

import os

from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.dtypes import STRING
from ...dialects.files import path_text
from ...dialects.public import public
from ...dialects.strings import as_bytes


@public("saved_model")
class Asset:
    """A file that is copied into a saved model, such as a vocabulary; an attribute of what is saved.

    Functions that use `asset_path` read, when they are loaded, the copy of the file in the saved model.

    Args:
        path: the file.

    Attributes:
        asset_path: the path as a tensor of one string.

    Raises TypeError for what is no path.

    Example:
        >>> import stepwell as sw
        >>> sw.saved_model.Asset("words.txt").asset_path.numpy()
        b'words.txt'
    """

    def __init__(self, path: str | bytes | os.PathLike[str] | Tensor):
        if isinstance(path, Tensor):
            found = path.numpy()
            if not isinstance(found, bytes):
                raise InvalidTypeError(f"saved_model.Asset: path: expected one string, got {path!r}")
            path = found
        text = path_text(path, "saved_model.Asset: path")
        self._path = text
        self._tensor = as_tensor(as_bytes(text), STRING)

    @property
    def asset_path(self) -> Tensor:
        """The path as a tensor of one string."""
        return self._tensor
