"""Files of events, read by TensorBoard itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.util import tensor_util


@dataclass(frozen=True)
class Written:
    """A summary as it is in a file.

    Attributes:
        step: its step.
        tag: its name.
        array: its tensor, or the number of an old summary.
        plugin: which plug-in shows it.
        content: what this plug-in is told.
        description: the text about it.
    """

    step: int
    tag: str
    array: np.ndarray
    plugin: str
    content: bytes
    description: str


def events_in(folder: str | Path) -> list[Any]:
    """The events of all files in a folder."""
    files = sorted(Path(folder).iterdir(), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return [event for file in files for event in LegacyEventFileLoader(str(file)).Load()]


def summaries_in(folder: str | Path) -> list[Written]:
    """The summaries of all files in a folder, in order."""
    return [_written(event.step, value) for event in events_in(folder) for value in event.summary.value]


def points_in(folder: str | Path) -> list[tuple[int, str, Any]]:
    """The step, the tag and the value of each summary, as lists, in order."""
    return [(each.step, each.tag, each.array.tolist()) for each in summaries_in(folder)]


def _written(step: int, value: Any) -> Written:
    plugin = value.metadata.plugin_data
    is_tensor = value.HasField("tensor")
    array = np.asarray(tensor_util.make_ndarray(value.tensor) if is_tensor else np.float32(value.simple_value))
    return Written(step, value.tag, array, plugin.plugin_name, plugin.content, value.metadata.summary_description)
