"""The file `checkpoint` of a folder, which says which checkpoints there are; TensorFlow's format."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...dialects.diagnostics import InvalidArgumentError, OpError
from ...dialects.errors import NotFoundError
from ...dialects.files import file_errors, path_text
from ...dialects.public import public
from .atomic import locked, write_whole
from .files import SUFFIX
from .messages import message

Path = str | bytes | os.PathLike[str]


@public("train")
def get_checkpoint_state(checkpoint_dir: Path, latest_filename: str | None = None) -> Any:
    """What the file `checkpoint` of a folder says of the checkpoints there; None if there is none, or a damaged one.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file, if it is another one.

    Returns an object with `model_checkpoint_path`, `all_model_checkpoint_paths`, `all_model_checkpoint_timestamps` and
    `last_preserved_timestamp`, in seconds since 1970.

    Raises ValueError for a file that names no checkpoint.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> path = sw.train.Checkpoint(w=sw.Variable(1.0)).save(tempfile.mkdtemp() + "/ckpt")
        >>> import os
        >>> sw.train.get_checkpoint_state(os.path.dirname(path)).model_checkpoint_path == path
        True
    """
    from google.protobuf import text_format

    folder = path_text(checkpoint_dir, "get_checkpoint_state: checkpoint_dir")
    path = os.path.join(folder, latest_filename or "checkpoint")
    try:
        with file_errors(path), open(path, encoding="utf-8") as file:
            state = text_format.Parse(file.read(), message("CheckpointState")())
    except NotFoundError:
        return None
    except (OpError, UnicodeDecodeError, text_format.ParseError) as error:
        logging.getLogger("stepwell").warning("%s: the file is ignored: %s", path, error)
        return None
    if not state.model_checkpoint_path:
        raise InvalidArgumentError(f"get_checkpoint_state: {path}: expected the path of a checkpoint, got none")
    state.model_checkpoint_path = os.path.join(folder, state.model_checkpoint_path)
    absolute = [os.path.join(folder, each) for each in state.all_model_checkpoint_paths]
    state.all_model_checkpoint_paths[:] = absolute
    return state


@public("train")
def latest_checkpoint(checkpoint_dir: Path, latest_filename: str | None = None) -> str | None:
    """The path of the latest checkpoint in a folder, stepwell's or TensorFlow's, as `restore` takes it; or None.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file that says which it is, if it is not `checkpoint`.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> folder = tempfile.mkdtemp()
        >>> sw.train.latest_checkpoint(folder)
        >>> path = sw.train.Checkpoint(w=sw.Variable(1.0)).save(folder + "/ckpt")
        >>> sw.train.latest_checkpoint(folder) == path
        True
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    if is_there(state.model_checkpoint_path):
        return state.model_checkpoint_path
    logging.getLogger("stepwell").error("the checkpoint %s is not there any more", state.model_checkpoint_path)
    return None


def is_there(prefix: str) -> bool:
    """Whether there is a checkpoint of a prefix."""
    return os.path.exists(prefix + SUFFIX) or os.path.exists(f"{prefix}.index")


@dataclass(frozen=True)
class Kept:
    """What a manager writes into the file.

    Attributes:
        latest: the path of the latest checkpoint.
        saved: the times of all, by path, the latest last.
        preserved: when the last one was saved that is never deleted.
    """

    latest: str
    saved: dict[str, float]
    preserved: float | None = None


def record(folder: str, kept: Kept, known: Callable[[str], bool] = lambda path: True) -> None:
    """Write the file. Checkpoints of others stay in it: those that are there and not `known` to the caller."""
    with locked(folder):
        own = {os.path.abspath(path): when for path, when in kept.saved.items()}
        others = {path: when for path, when in _recorded(folder) if path not in own and not known(path)}
        latest = os.path.abspath(kept.latest)
        saved = {**{path: when for path, when in others.items() if is_there(path)}, **own}
        saved[latest] = saved.pop(latest)
        _write(folder, list(saved), list(saved.values()), kept.preserved)


def _recorded(folder: str) -> list[tuple[str, float]]:
    """The checkpoints that the file has, with the times."""
    try:
        state = get_checkpoint_state(folder)
    except InvalidArgumentError:
        return []
    if state is None:
        return []
    paths, times = list(state.all_model_checkpoint_paths), list(state.all_model_checkpoint_timestamps)
    times = times if len(times) == len(paths) else [state.last_preserved_timestamp] * len(paths)
    return [(os.path.abspath(path), when) for path, when in zip(paths, times, strict=True)]


def _write(folder: str, paths: Sequence[str], times: Sequence[float], preserved: float | None) -> None:
    from google.protobuf import text_format

    relative = [os.path.relpath(path, os.path.abspath(folder)) for path in paths]
    state = message("CheckpointState")(model_checkpoint_path=relative[-1], all_model_checkpoint_paths=relative)
    state.all_model_checkpoint_timestamps.extend(times)
    if preserved is not None:
        state.last_preserved_timestamp = preserved
    text = text_format.MessageToString(state)

    def write(path: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    write_whole(os.path.join(folder, "checkpoint"), write)
