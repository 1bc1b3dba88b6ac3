"""`train.CheckpointManager`."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ...compiler.frontend.values.tensor import is_tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.files import path_text
from ...dialects.public import public
from .checkpoint import Checkpoint, Path
from .files import SUFFIX
from .options import CheckpointOptions, run_callbacks
from .state_file import Kept, get_checkpoint_state, record

_HOUR = 3600.0


@public("train")
class CheckpointManager:
    """Keeps the last checkpoints of a folder, and deletes older ones.

    What a manager of the same folder had kept before, in another process too, the next one takes over.

    Args:
        checkpoint: what is saved.
        directory: the folder.
        max_to_keep: how many checkpoints are kept; None keeps all.
        keep_checkpoint_every_n_hours: a checkpoint that would be deleted is kept for good if it is so many hours newer
            than the last one that was.
        checkpoint_name: the name of the files, before the number.
        step_counter: a Variable or tensor with the step of training, for `checkpoint_interval`.
        checkpoint_interval: how many steps are between two checkpoints at least.
        init_fn: a function that `restore_or_initialize` calls where there is no checkpoint.
        last_checkpoint_step: the step of the last checkpoint, from which `checkpoint_interval` is counted.

    Raises ValueError for a `max_to_keep` below 1, and for a `checkpoint_interval` without `step_counter`.

    Example:
        >>> import os, tempfile
        >>> import stepwell as sw
        >>> w = sw.Variable(1.0)
        >>> manager = sw.train.CheckpointManager(sw.train.Checkpoint(w=w), tempfile.mkdtemp(), max_to_keep=2)
        >>> for _ in range(3):
        ...     _ = manager.save()
        >>> [os.path.basename(path) for path in manager.checkpoints]
        ['ckpt-2', 'ckpt-3']
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: Path,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Any = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], object] | None = None,
        last_checkpoint_step: int | None = None,
    ):
        if not isinstance(checkpoint, Checkpoint):
            raise InvalidTypeError(f"train.CheckpointManager: checkpoint: expected a Checkpoint, got {checkpoint!r}")
        if max_to_keep is not None and max_to_keep <= 0:
            raise InvalidArgumentError(
                f"train.CheckpointManager: max_to_keep: expected a positive integer or None, got {max_to_keep}"
            )
        if checkpoint_interval is not None and step_counter is None:
            raise InvalidArgumentError(
                "train.CheckpointManager: step_counter: expected a Variable, as there is a checkpoint_interval, "
                "got None"
            )
        self._checkpoint, self._max_to_keep, self._every = checkpoint, max_to_keep, keep_checkpoint_every_n_hours
        self._directory = path_text(directory, "train.CheckpointManager: directory")
        self._prefix = os.path.join(self._directory, checkpoint_name)
        self._step_counter, self._interval, self._last_step = step_counter, checkpoint_interval, last_checkpoint_step
        self._init_fn = init_fn
        self._latest: str | None = None
        self._preserved = time.time() - 1.0
        self._saved: dict[str, float] = {}
        self._known: set[str] = set()
        self._take_over()

    def _take_over(self) -> None:
        """Go on with what a manager of the folder had kept before."""
        state = get_checkpoint_state(self._directory)
        if state is None:
            return
        now = time.time()
        self._latest = state.model_checkpoint_path
        self._preserved = min(state.last_preserved_timestamp, now)
        times = state.all_model_checkpoint_timestamps or [self._preserved] * len(state.all_model_checkpoint_paths)
        for path, when in zip(state.all_model_checkpoint_paths, times, strict=False):
            if min(when, now) > self._preserved:
                self._saved[path] = min(when, now)

    @property
    def directory(self) -> str:
        """The folder."""
        return self._directory

    @property
    def checkpoint(self) -> Checkpoint:
        """What is saved."""
        return self._checkpoint

    @property
    def checkpoint_interval(self) -> int | None:
        """How many steps are between two checkpoints at least."""
        return self._interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the latest checkpoint, as `Checkpoint.restore` takes it; None if there is none."""
        return self._latest

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that may be deleted later, the latest last."""
        return list(self._saved)

    def save(
        self, checkpoint_number: Any = None, check_interval: bool = True, options: CheckpointOptions | None = None
    ) -> str | None:
        """Save a checkpoint, then delete those that are too many.

        Args:
            checkpoint_number: what the path ends with; None is `save_counter`, which counts in any case.
            check_interval: whether nothing is saved before `checkpoint_interval` steps are over.
            options: functions to call.

        Returns the path; None if nothing was saved. Raises like `Checkpoint.write`; then all is as it was.
        """
        step = None if self._interval is None else int(self._step_counter)
        if step is not None and self._last_step is not None:
            due = self._last_step + (self._interval or 0)
            if step == self._last_step or (check_interval and step < due):
                return None
        counter = self._checkpoint.save_counter
        counter.assign_add(1)
        try:
            number = int(counter if checkpoint_number is None else _number(checkpoint_number))
            path = self._checkpoint.write(f"{self._prefix}-{number}")
        except BaseException:
            counter.assign_sub(1)
            raise
        self._last_step = step
        self._saved.pop(path, None)
        self._saved[path] = time.time()
        self._latest = path
        self._record()
        if self._sweep():
            self._record()
        run_callbacks(options, path)
        return path

    def _record(self) -> None:
        assert self._latest is not None
        self._known.update(map(os.path.abspath, self._saved))
        record(self._directory, Kept(self._latest, self._saved, self._preserved), self._known.__contains__)

    def _sweep(self) -> bool:
        """Delete what is too much, or let it be for good. Whether there was any."""
        before = len(self._saved)
        while self._max_to_keep is not None and len(self._saved) > self._max_to_keep:
            path, when = next(iter(self._saved.items()))
            del self._saved[path]
            if self._every and when - self._every * _HOUR >= self._preserved:
                self._preserved = when
            else:
                _delete(path)
        return len(self._saved) < before

    def restore_or_initialize(self) -> str | None:
        """Restore the latest checkpoint, or call `init_fn` where there is none.

        Returns the path of what was restored, or None.
        """
        if self._latest is not None:
            self._checkpoint.restore(self._latest)
            if self._interval is not None:
                self._last_step = int(self._step_counter)
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Nothing: a checkpoint is complete when `save` returns."""


def _number(given: Any) -> Any:
    if isinstance(given, bool) or not (isinstance(given, int) or is_tensor(given) or hasattr(given, "__index__")):
        raise InvalidTypeError(f"CheckpointManager.save: checkpoint_number: expected an integer, got {given!r}")
    return given


def _delete(prefix: str) -> None:
    """Delete a checkpoint of either format, what names it first."""
    import glob

    found = [prefix + SUFFIX, f"{prefix}.index", *glob.glob(f"{glob.escape(prefix)}.data-?????-of-?????")]
    for path in found:
        with suppress(FileNotFoundError):
            try:
                os.remove(path)
            except PermissionError as error:
                logging.getLogger("stepwell").warning("the old checkpoint %s cannot be deleted: %s", path, error)
