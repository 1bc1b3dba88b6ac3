"""`train.checkpoints_iterator`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ...dialects.public import public
from .state_file import Path, latest_checkpoint

_BETWEEN_LOOKS = 1.0
"""In seconds, as in TensorFlow."""


@public("train")
def checkpoints_iterator(
    checkpoint_dir: Path,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """The checkpoints of a folder as they become the latest ones, while another process trains.

    Args:
        checkpoint_dir: the folder.
        min_interval_secs: how many seconds are between two of them at least.
        timeout: after how many seconds without a new one the iteration ends; None waits for ever.
        timeout_fn: called after that time; the iteration goes on unless it returns True.

    Example:
        >>> import os, tempfile
        >>> import stepwell as sw
        >>> folder = tempfile.mkdtemp()
        >>> path = sw.train.Checkpoint(w=sw.Variable(1.0)).save(folder + "/ckpt")
        >>> [os.path.basename(path) for path in sw.train.checkpoints_iterator(folder, timeout=0)]
        ['ckpt-1']
    """
    last = None
    while True:
        new = _wait(checkpoint_dir, last, timeout)
        if new is not None:
            begin, last = time.monotonic(), new
            yield new
            time.sleep(max(0.0, begin + min_interval_secs - time.monotonic()))
        elif timeout_fn is None or timeout_fn():
            return


def _wait(folder: Path, last: str | None, timeout: float | None) -> str | None:
    """The latest checkpoint, once it is another one; None if that takes too long."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        found = latest_checkpoint(folder)
        if found not in (None, last):
            return found
        if end is not None and time.monotonic() + _BETWEEN_LOOKS > end:
            return None
        time.sleep(_BETWEEN_LOOKS)
