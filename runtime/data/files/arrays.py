"""`NumpyDataset`: the rows of arrays in NumPy's files, which stay on disk until they are asked for."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib import format as npy

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError, StepwellError
from ....dialects.dtypes import STRING, dtype_of
from ....dialects.errors import DataLossError
from ....dialects.files import file_errors, path_text
from ....dialects.public import public
from ....dialects.strings import as_bytes, of_list
from ..dataset import Dataset
from ..node import Counted, Iteration, Node
from ..structure import Element, Structure, parts_of

_WHAT = "NumpyDataset"


@public("data.experimental")
class NumpyDataset(Dataset):
    """The rows of arrays in files of NumPy's, `.npy` or `.npz`, in the order of the files.

    An element of `.npy` files is a tensor; one of `.npz` files is a dict of tensors, by the names of the arrays. Files
    are mapped into memory, so that rows are read from disk when they are asked for; arrays in a compressed `.npz` file
    are read as a whole, when the first row is. There is no such dataset in TensorFlow.

    Args:
        filenames: the name of a file, or names.
        name: not used.

    Raises NotFoundError for a file that is not there, DataLossError for one that is cut off or damaged, and
    InvalidArgumentError for arrays of different row shapes or dtypes, or of Python's objects.

    Example:
        >>> import numpy as np
        >>> import stepwell as sw
        >>> np.save("/tmp/stepwell_rows.npy", np.arange(6).reshape(3, 2))
        >>> dataset = sw.data.experimental.NumpyDataset("/tmp/stepwell_rows.npy")
        >>> [row.numpy().tolist() for row in dataset]
        [[0, 1], [2, 3], [4, 5]]
    """

    def __init__(self, filenames: Any, name: str | None = None):
        given = [filenames] if isinstance(filenames, str | bytes) or hasattr(filenames, "__fspath__") else filenames
        super().__init__(_Arrays([path_text(each, f"{_WHAT}: filenames") for each in given]))


@dataclass(frozen=True)
class _Array:
    """An array in a file.

    Attributes:
        path: the file.
        shape: its shape.
        dtype: its dtype in the file.
        fortran: whether columns are stored one after the other.
        offset: the byte in the file at which it begins; None if it is compressed.
        member: its name in a file of several.
    """

    path: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int | None
    member: str = ""

    def load(self) -> np.ndarray:
        """The array, mapped into memory if it can be."""
        with file_errors(self.path), _damage(self.path):
            if self.offset is None:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as file:
                    return npy.read_array(file, allow_pickle=False)
            if not np.prod(self.shape, dtype=float):
                return np.empty(self.shape, self.dtype)
            order = "F" if self.fortran else "C"
            return np.memmap(self.path, self.dtype, "r", self.offset, self.shape, order)


class _damage:
    """Raises DataLossError for what NumPy and zipfile say of a file that is not one of theirs."""

    def __init__(self, path: str):
        self._path = path

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: object) -> None:
        # NumPy reads headers by Python's tokenizer, and zipfile by struct and zlib: each has errors of its own.
        if isinstance(error, Exception) and not isinstance(error, StepwellError | OSError | MemoryError):
            raise DataLossError(f"{self._path}: no array of NumPy's can be read: {error}") from None


def _arrays_in(path: str) -> dict[str, _Array]:
    """The arrays of a file by name; that of an `.npy` file has an empty one."""
    with file_errors(path), _damage(path), open(path, "rb") as file:
        magic = file.read(4)
        file.seek(0)
        if not magic.startswith(b"PK"):
            return {"": _array_at(path, file, "", stored=True)}
        found = {}
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                stored = info.compress_type == zipfile.ZIP_STORED
                with archive.open(info) as member:
                    array = _array_at(path, member, info.filename, stored)
                offset = None
                if stored:
                    file.seek(info.header_offset + 26)
                    sizes = int.from_bytes(file.read(2), "little") + int.from_bytes(file.read(2), "little")
                    assert array.offset is not None
                    offset = info.header_offset + 30 + sizes + array.offset
                name = info.filename.removesuffix(".npy")
                found[name] = _Array(path, array.shape, array.dtype, array.fortran, offset, info.filename)
        if not found:
            raise InvalidArgumentError(f"{_WHAT}: {path}: expected arrays, got a file without any")
        return found


def _array_at(path: str, file: Any, member: str, stored: bool) -> _Array:
    """The array whose header is read from a file; its offset is counted from the beginning of that."""
    version = npy.read_magic(file)
    read: Callable[..., Any] = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(file)
    where = f"{_WHAT}: {path}{': ' + member if member else ''}"
    if dtype.hasobject:
        raise InvalidArgumentError(f"{where}: expected numbers or text, got an array of Python's objects")
    if not shape:
        raise InvalidArgumentError(f"{where}: expected an array with at least one axis, got a scalar")
    return _Array(path, shape, dtype, fortran, file.tell() if stored else None, member)


@dataclass(eq=False)
class _Arrays(Node):
    """The rows of arrays, whose headers say their shapes and dtypes."""

    paths: list[str]

    def __post_init__(self) -> None:
        if not self.paths:
            raise InvalidArgumentError(f"{_WHAT}: filenames: expected a file or more, got none")
        self._files = [_arrays_in(path) for path in self.paths]
        first = self._files[0]
        for path, arrays in zip(self.paths, self._files, strict=True):
            _check_alike(path, arrays, first)
        self._ends = np.cumsum([next(iter(arrays.values())).shape[0] for arrays in self._files])
        value: Any = 0 if "" in first else dict.fromkeys(first, 0)
        names = list(first) if "" in first else sorted(first)
        _, tree = parts_of(_WHAT, value)
        self._names = names
        self.structure = Structure(tree, tuple(_spec(first[name]) for name in names))

    def cardinality(self) -> int:
        return int(self._ends[-1])

    def start(self) -> Iteration:
        loaded: dict[tuple[int, str], np.ndarray] = {}

        def element(number: int) -> Element:
            file = int(np.searchsorted(self._ends, number, "right"))
            row = number - (int(self._ends[file - 1]) if file else 0)
            if (file, self._names[0]) not in loaded:
                loaded.clear()  # one file at a time
                loaded.update(((file, name), self._files[file][name].load()) for name in self._names)
            return [_row(loaded[file, name][row]) for name in self._names]

        return _Rows(int(self._ends[-1]), element, loaded)


class _Rows(Counted):
    """Rows by their number; the file of the last one is kept."""

    def __init__(self, count: int, element: Callable[[int], Element], loaded: dict[Any, np.ndarray]):
        super().__init__(count, element)
        self._loaded = loaded

    def close(self) -> None:
        self._loaded.clear()


def _check_alike(path: str, arrays: dict[str, _Array], first: dict[str, _Array]) -> None:
    """Check that a file has the arrays of another one, all with as many rows."""
    if sorted(arrays) != sorted(first):
        raise InvalidArgumentError(f"{_WHAT}: {path}: expected arrays {sorted(first)}, got {sorted(arrays)}")
    sizes = {name: array.shape[0] for name, array in arrays.items()}
    if len(set(sizes.values())) > 1:
        raise InvalidArgumentError(f"{_WHAT}: {path}: expected arrays of one size along their first axis, got {sizes}")
    for name, array in arrays.items():
        one, other = (array.shape[1:], _dtype(array)), (first[name].shape[1:], _dtype(first[name]))
        if one != other:
            text = f"expected rows of shape {list(other[0])} and dtype {other[1].name}"
            raise InvalidArgumentError(f"{_WHAT}: {path}: {text}, got {list(one[0])} and {one[1].name}")


def _dtype(array: _Array) -> Any:
    if np.issubdtype(array.dtype, np.character):
        return STRING
    try:
        return dtype_of(np.empty(0, array.dtype.newbyteorder("=")))
    except (TypeError, ValueError, KeyError):
        raise InvalidTypeError(f"{_WHAT}: {array.path}: there are no tensors of dtype {array.dtype}") from None


def _spec(array: _Array) -> TensorSpec:
    return TensorSpec(array.shape[1:], _dtype(array))


def _row(row: Any) -> Tensor:
    """A row as a tensor, in the byte order of the system, and in memory of its own."""
    array = np.asarray(row)
    if np.issubdtype(array.dtype, np.character):
        return Tensor(of_list([as_bytes(item) for item in array.reshape(-1).tolist()], array.shape))
    return Tensor(np.array(array, array.dtype.newbyteorder("="), order="C", subok=False))
