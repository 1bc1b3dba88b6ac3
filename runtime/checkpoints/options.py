"""`train.CheckpointOptions`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from ...dialects.diagnostics import InvalidTypeError, UnsupportedError
from ...dialects.public import public


@public("train")
class CheckpointOptions:
    """How checkpoints are saved and restored.

    Args:
        experimental_io_device: accepted as in TensorFlow; there is one device.
        experimental_enable_async_checkpoint: accepted as in TensorFlow, like `enable_async`.
        experimental_write_callbacks: functions of no argument, or of the path, that are called when a checkpoint is
            complete.
        enable_async: accepted as in TensorFlow; a checkpoint is complete when `save` returns.
        experimental_skip_slot_variables: accepted as in TensorFlow; optimizers have no slots but their Variables.
        experimental_sharding_callback: None: a checkpoint is one file.

    Example:
        >>> import stepwell as sw
        >>> options = sw.train.CheckpointOptions(experimental_write_callbacks=[lambda path: print("saved")])
        >>> import tempfile
        >>> path = sw.train.Checkpoint(w=sw.Variable(1.0)).write(tempfile.mkdtemp() + "/ckpt", options)
        saved
    """

    def __init__(
        self,
        experimental_io_device: str | None = None,
        experimental_enable_async_checkpoint: bool = False,
        experimental_write_callbacks: Sequence[Callable[..., Any]] | None = None,
        enable_async: bool = False,
        experimental_skip_slot_variables: bool = False,
        experimental_sharding_callback: object = None,
    ):
        if experimental_sharding_callback is not None:
            raise UnsupportedError("CheckpointOptions: experimental_sharding_callback: a checkpoint is one file")
        for each in experimental_write_callbacks or ():
            if not callable(each) or len(inspect.signature(each).parameters) > 1:
                raise InvalidTypeError(
                    "CheckpointOptions: experimental_write_callbacks: expected functions of one argument or none, "
                    f"got {each!r}"
                )
        self.experimental_io_device = experimental_io_device
        self.enable_async = self.experimental_enable_async_checkpoint = (
            enable_async or experimental_enable_async_checkpoint
        )
        self.experimental_write_callbacks = experimental_write_callbacks
        self.experimental_skip_slot_variables = experimental_skip_slot_variables
        self.experimental_sharding_callback = experimental_sharding_callback


def run_callbacks(options: CheckpointOptions | None, path: str) -> None:
    """Call the functions that wait for a checkpoint."""
    for each in (options and options.experimental_write_callbacks) or ():
        each(*[path][: len(inspect.signature(each).parameters)])
