"""Public functions that read and write files, and tensors as messages."""

from __future__ import annotations

from pathlib import Path

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import STRING
from ....dialects.files import file_errors, path_text
from ....dialects.hl.files import ReadFileOp, SerializeTensorOp
from ....dialects.public import public
from ....dialects.strings import as_bytes, as_text, string_array
from ..tracing.tracer import current_tracer
from ..values.dispatch import apply, as_tensor, to_ssa
from ..values.tensor import Tensor, TensorLike


@public("io")
def read_file(filename: TensorLike, name: str | None = None) -> Tensor:
    """The contents of a file, as one string; in a function it is read each time that the function runs.

    Raises NotFoundError for a file that is not there.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_read_file.txt", "text")
        >>> sw.io.read_file("/tmp/stepwell_read_file.txt").numpy()
        b'text'
    """
    path = as_tensor(filename, STRING, "read_file: filename")
    tracer = current_tracer()
    if tracer is not None and not path.is_symbolic:
        path = Tensor.symbolic(to_ssa(path), tracer)
    return apply(ReadFileOp, path)


@public("io")
def write_file(filename: TensorLike, contents: TensorLike, name: str | None = None) -> None:
    """Write a string to a file; folders that it is in are made. Not in a function.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_write_file.txt", "text")
    """
    what = "write_file: {}; in a function, sw.py_function writes files".format
    path = path_text(as_text(_one(filename, what("filename"))), "write_file: filename")
    data = _one(contents, what("contents"))
    with file_errors(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


def _one(value: TensorLike, what: str) -> bytes:
    """The one string that an argument is."""
    tensor = as_tensor(value, STRING, what)
    if tensor.ndim:
        raise InvalidArgumentError(f"{what}: expected one string, got shape {tensor.shape}")
    return tensor._concrete(what).item()


@public("io")
def matching_files(pattern: TensorLike, name: str | None = None) -> Tensor:
    """The sorted names of the files that one of some patterns matches, such as `"images/*.png"`. Not in a function.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_matching_files.txt", "text")
        >>> sw.io.matching_files("/tmp/stepwell_matching_file?.txt").numpy().tolist()
        [b'/tmp/stepwell_matching_files.txt']
    """
    import glob  # rarely used, and takes time to load

    patterns = as_tensor(pattern, STRING, "matching_files: pattern")._concrete("matching_files").reshape(-1).tolist()
    found = {path for each in patterns for path in glob.glob(path_text(as_text(each), "matching_files: pattern"))}
    return Tensor(string_array([as_bytes(path) for path in sorted(found)]))


@public("io")
def serialize_tensor(tensor: TensorLike, name: str | None = None) -> Tensor:
    """A tensor as one string, which `parse_tensor` reads, and TensorFlow: a message `TensorProto`.

    Example:
        >>> import stepwell as sw
        >>> text = sw.io.serialize_tensor([1, 2])
        >>> sw.io.parse_tensor(text, sw.int32).numpy().tolist()
        [1, 2]
    """
    return apply(SerializeTensorOp, as_tensor(tensor, name="serialize_tensor: tensor"))
