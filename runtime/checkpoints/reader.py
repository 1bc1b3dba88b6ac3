"""What is in a checkpoint, by key: `train.load_checkpoint`, `load_variable`, `list_variables`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.dtypes import record_of
from ...dialects.errors import NotFoundError
from ...dialects.files import path_text
from ...dialects.public import public
from .files import SUFFIX, StepwellFile
from .graph import ObjectGraph
from .state_file import latest_checkpoint
from .tensorflow.bundle import TensorFlowFile

Path = str | bytes | os.PathLike[str]


class CheckpointFile(Protocol):
    """A checkpoint of either format.

    Attributes:
        path: the file, for messages.
        by_tensorflow: whether TensorFlow wrote it.
    """

    path: str
    by_tensorflow: bool

    def graph(self) -> ObjectGraph | None:
        """The objects; None if there are tensors alone."""
        ...

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of all tensors."""
        ...

    def dtype(self, key: str) -> np.dtype[Any]:
        """The dtype of a tensor."""
        ...

    def read(self, key: str) -> np.ndarray[Any, np.dtype[Any]]:
        """A tensor, after a look at its checksum."""
        ...

    def check_files(self) -> None:
        """Raise NotFoundError if a file is missing."""
        ...


def open_file(prefix: str, where: str) -> CheckpointFile:
    """The checkpoint of a prefix, such as `folder/ckpt-1`; `where` names the function, for messages."""
    if os.path.exists(prefix + SUFFIX):
        return StepwellFile(prefix)
    if os.path.exists(f"{prefix}.index"):
        file = TensorFlowFile(prefix)
        file.check_files()
        return file
    raise NotFoundError(f"{where}: expected the prefix of a checkpoint, such as 'folder/ckpt-1', got {_hint(prefix)}")


def _hint(prefix: str) -> str:
    for end in (SUFFIX, ".index"):
        if prefix.endswith(end) and os.path.exists(prefix):
            return f"the file {prefix!r}; leave out {end!r}"
    if os.path.isdir(prefix):
        latest = latest_checkpoint(prefix)
        return f"the folder {prefix!r}" + ("" if latest is None else f"; its latest checkpoint is {latest!r}")
    return f"{prefix!r}, of which there is neither {prefix + SUFFIX!r} nor {prefix + '.index'!r}"


@public("train")
class CheckpointReader:
    """Reads tensors of a checkpoint; what `load_checkpoint` returns.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> path = sw.train.Checkpoint(w=sw.Variable([1.0, 2.0])).save(tempfile.mkdtemp() + "/ckpt")
        >>> reader = sw.train.load_checkpoint(path)
        >>> reader.has_tensor("w"), reader.get_tensor("w/.ATTRIBUTES/VARIABLE_VALUE").tolist()
        (False, [1.0, 2.0])
    """

    def __init__(self, file: Any):
        self._file = file

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a tensor of this key."""
        return tensor_str in self._file.shapes()

    def get_tensor(self, tensor_str: str) -> Any:
        """A tensor as an array; one string as bytes. Raises NotFoundError for a key that is not there."""
        if not self.has_tensor(tensor_str):
            raise NotFoundError(f"CheckpointReader.get_tensor: {self._file.path}: there is no tensor {tensor_str!r}")
        array = self._file.read(tensor_str)
        return array.item() if array.dtype == object and array.shape == () else array

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shapes, by key."""
        return {key: list(shape) for key, shape in self._file.shapes().items()}

    def get_variable_to_dtype_map(self) -> dict[str, Any]:
        """The dtypes, by key; NumPy's for those that tensors cannot have."""
        dtypes = {key: self._file.dtype(key) for key in self._file.shapes()}
        return {key: record_of(dtype) or dtype for key, dtype in dtypes.items()}

    def debug_string(self) -> bytes:
        """A line of text for each tensor."""
        shapes = self._file.shapes()
        return "\n".join(f"{key} {self._file.dtype(key)} {list(shapes[key])}" for key in sorted(shapes)).encode()


@public("train")
def load_checkpoint(ckpt_dir_or_file: Path) -> CheckpointReader:
    """A reader of a checkpoint, stepwell's or TensorFlow's, or of the latest one in a folder.

    Raises ValueError for a folder without one, NotFoundError where there is none, DataLossError for a damaged file.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> path = sw.train.Checkpoint(w=sw.Variable([1.0, 2.0])).save(tempfile.mkdtemp() + "/ckpt")
        >>> reader = sw.train.load_checkpoint(path)
        >>> reader.get_variable_to_shape_map()["w/.ATTRIBUTES/VARIABLE_VALUE"]
        [2]
    """
    return CheckpointReader(_open("load_checkpoint", ckpt_dir_or_file))


@public("train")
def load_variable(ckpt_dir_or_file: Path, name: str) -> Any:
    """A tensor of a checkpoint as an array.

    Raises NotFoundError for a key that is not there.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> path = sw.train.Checkpoint(w=sw.Variable([1.0, 2.0])).save(tempfile.mkdtemp() + "/ckpt")
        >>> sw.train.load_variable(path, "w/.ATTRIBUTES/VARIABLE_VALUE").tolist()
        [1.0, 2.0]
    """
    if not isinstance(name, str):
        raise InvalidTypeError(f"load_variable: name: expected a string, got {name!r}")
    return CheckpointReader(_open("load_variable", ckpt_dir_or_file)).get_tensor(name.removesuffix(":0"))


@public("train")
def list_variables(ckpt_dir_or_file: Path) -> list[tuple[str, list[int]]]:
    """The keys and shapes of the tensors of a checkpoint, sorted by key.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> path = sw.train.Checkpoint(w=sw.Variable([1.0, 2.0])).write(tempfile.mkdtemp() + "/ckpt")
        >>> sw.train.list_variables(path)
        [('w/.ATTRIBUTES/VARIABLE_VALUE', [2])]
    """
    shapes = _open("list_variables", ckpt_dir_or_file).shapes()
    return [(key, list(shapes[key])) for key in sorted(shapes)]


def _open(function: str, given: Path) -> CheckpointFile:
    path = path_text(given, f"{function}: ckpt_dir_or_file")
    if os.path.isdir(path):
        latest = latest_checkpoint(path)
        if latest is None:
            raise InvalidArgumentError(f"{function}: ckpt_dir_or_file: there is no checkpoint in the folder {path!r}")
        path = latest
    return open_file(path, f"{function}: ckpt_dir_or_file")
