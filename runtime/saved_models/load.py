"""`saved_model.load`: reads a folder that `save` wrote, without the code of what was saved."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ...compiler.frontend.tracing.tracer import tracing
from ...compiler.frontend.values import recording
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.errors import DataLossError, NotFoundError
from ...dialects.files import path_text
from ...dialects.public import public
from .checked import Fields, damaged
from .index import FILE, file_record, read_index
from .loaded import LoadedModule, SignatureMap
from .options import LoadOptions
from .rebuild import Rebuilt
from .rebuild_graphs import read_graphs, read_signatures
from .tensors import FILE as TENSORS
from .tensors import TensorReader

SERVING = "serve"


@public("saved_model")
def contains_saved_model(export_dir: str | os.PathLike[str]) -> bool:
    """Whether a folder has a saved model.

    Example:
        >>> import stepwell as sw
        >>> sw.saved_model.contains_saved_model("no_such_folder")
        False
    """
    return (Path(path_text(export_dir, "saved_model.contains_saved_model: export_dir")) / FILE).is_file()


@public("saved_model")
def load(
    export_dir: str | os.PathLike[str],
    tags: str | Sequence[str] | None = None,
    options: LoadOptions | None = None,
) -> Any:
    """Read what `saved_model.save` wrote. The code of the saved object is not needed.

    Returns an object with the saved Variables, functions, modules and containers as attributes. Its functions run the
    traces that were saved, use and assign its Variables, and tapes have their gradients. A call that fits no trace is
    a ValueError that lists them. `signatures` has the signatures by name: functions that take tensors by name and
    return them in a dict. The object can be called if the saved one could.

    Files of strangers run no code when they are loaded. A function that is called does what it says, as any program:
    it may take long, and read files. Unread files and damage are errors.

    Args:
        export_dir: the folder.
        tags: None, or `"serve"`, which all saved models have.
        options: see `LoadOptions`.

    Raises NotFoundError for a folder without a saved model, DataLossError for one that is damaged.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> module = sw.Module()
        >>> module.v = sw.Variable(3.0)
        >>> module.square = sw.function(lambda x: x * x + module.v, input_signature=[sw.TensorSpec([])])
        >>> path = tempfile.mkdtemp() + "/square"
        >>> sw.saved_model.save(module, path)
        >>> loaded = sw.saved_model.load(path)
        >>> loaded.v.assign(1.0).numpy().item(), loaded.square(2.0).numpy().item()
        (1.0, 5.0)
        >>> serve = loaded.signatures["serving_default"]
        >>> serve(x=sw.constant(2.0))["output_0"].numpy().item()
        5.0
    """
    _check_arguments(tags, options)
    folder = Path(path_text(export_dir, "saved_model.load: export_dir"))
    if not (folder / FILE).is_file():
        raise NotFoundError(f"saved_model.load: export_dir: there is no saved model in {folder}")
    with tracing(None), recording.stop_recording():  # also where a function is traced, or a tape records
        return _read(folder)


def _read(folder: Path) -> Any:
    """The object of a saved model."""
    index = read_index(folder)
    files = _Files(folder, index)
    rebuilt = Rebuilt(index, TensorReader(files.path(TENSORS, index.where)), files.path)
    graphs = read_graphs(index, files.path, rebuilt)
    root = rebuilt.finish(graphs)
    if isinstance(root, LoadedModule):
        root.fill({"signatures": SignatureMap(read_signatures(index, graphs))})
    return root


def _check_arguments(tags: object, options: object) -> None:
    wanted = {tags} if isinstance(tags, str) else set(tags or ())  # pyright: ignore[reportArgumentType]
    if not wanted <= {SERVING}:
        raise InvalidArgumentError(f"saved_model.load: tags: expected None or {SERVING!r}, got {tags!r}")
    if options is not None and not isinstance(options, LoadOptions):
        raise InvalidTypeError(f"saved_model.load: options: expected LoadOptions, got {options!r}")


class _Files:
    """The files of a saved model; each is checked when it is first used."""

    def __init__(self, folder: Path, index: Fields):
        self._folder, self._records = folder, index.object("files")
        self._checked: set[str] = set()

    def path(self, name: str, where: str) -> Path:
        """The path of a file. Raises DataLossError for one that is not in the folder, or that was changed."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or ":" in name:
            raise damaged(where, "the name of a file of the saved model", name)
        path = self._folder.joinpath(*parts)
        if name not in self._checked:
            self._check(path, self._records.object(name))
            self._checked.add(name)
        return path

    def _check(self, path: Path, record: Fields) -> None:
        if any(each.is_symlink() for each in (path, *path.parents) if self._folder in each.parents):
            raise DataLossError(f"saved_model.load: {path} is a link; the files of a saved model are in its folder")
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                raise DataLossError(f"saved_model.load: {path} is no file")
            same = found.st_size == record.get("bytes") and file_record(path)["sha256"] == record.text("sha256")
        except FileNotFoundError:
            raise DataLossError(f"saved_model.load: {path} is missing") from None
        except OSError as error:
            raise DataLossError(f"saved_model.load: {path} cannot be read: {error.strerror}") from None
        if not same:
            raise DataLossError(f"saved_model.load: {path} is not as it was written: its size or checksum differs")
