"""`hparams`: the hyperparameters of a run, for TensorBoard's table of runs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...compiler.frontend.ops.arguments import shown
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.public import public
from .state import state
from .writing import summary_scope, write_raw_pb

_WHAT = "summary.hparams"
_TAG, _PLUGIN = "_hparams_/session_start_info", "hparams"


@public("summary")
def hparams(hparams: Mapping[Any, Any], trial_id: str | None = None, start_time_secs: float | None = None) -> Tensor:
    """Write the hyperparameters of a run to the default writer, if there is one, as TensorBoard's `hp.hparams` does.

    Args:
        hparams: a value for each hyperparameter: a bool, an int, a float or a text. Keys are names, or objects that
            have one as `name`, such as TensorBoard's `HParam`.
        trial_id: what the runs with these values are called; by default a hash of them.
        start_time_secs: when the run began, in seconds since 1970; now by default.

    Returns whether they were written, as a tensor. The metrics of the run are the scalars that its writer writes. What
    `hp.hparams_config_pb` of TensorBoard returns is written by `experimental.write_raw_pb`, as bytes.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default():
        ...     sw.summary.hparams({"units": 16, "optimizer": "adam"}).numpy()
        np.True_
    """
    values = _values(hparams)
    if trial_id is not None and not isinstance(trial_id, str):
        raise InvalidTypeError(f"{_WHAT}: trial_id: expected a text, got {shown(trial_id)}")
    with summary_scope("hparams"):
        message = b"" if state.writer is None else _message(values, trial_id, start_time_secs)
        return write_raw_pb(message, step=0)


def _values(hparams: Mapping[Any, Any]) -> dict[str, bool | int | float | str]:
    """The values by name."""
    found: dict[str, bool | int | float | str] = {}
    for key, value in hparams.items():
        name = key if isinstance(key, str) else getattr(key, "name", None)
        value = value.item() if isinstance(value, np.generic) else value
        if not isinstance(name, str):
            raise InvalidTypeError(f"{_WHAT}: hparams: expected names as keys, got {key!r}")
        if not isinstance(value, bool | int | float | str):
            raise InvalidTypeError(f"{_WHAT}: hparams[{name!r}]: expected a bool, a number or a text, got {value!r}")
        if name in found:
            raise InvalidArgumentError(f"{_WHAT}: hparams: there are two values for {name!r}")
        found[name] = value
    return found


def _message(values: Mapping[str, Any], trial_id: str | None, start: float | None) -> bytes:
    """The message that is read by TensorBoard."""
    from .messages import tensor_message  # loads Protocol Buffers
    from .protos import HParamsPluginData, SessionStartInfo, Summary, SummaryMetadata  # as does this

    if trial_id is None:
        text = json.dumps(values, sort_keys=True, separators=(",", ":"))
        trial_id = hashlib.sha256(text.encode()).hexdigest()
    info = SessionStartInfo(group_name=trial_id, start_time_secs=time.time() if start is None else start)
    for name, value in sorted(values.items()):
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, str):
            info.hparams[name].string_value = value
        else:
            info.hparams[name].number_value = value
    content = HParamsPluginData(session_start_info=info).SerializeToString()
    plugin = SummaryMetadata.PluginData(plugin_name=_PLUGIN, content=content)
    value = Summary.Value(
        tag=_TAG, metadata=SummaryMetadata(plugin_data=plugin), tensor=tensor_message(np.zeros(0, np.float32))
    )
    return Summary(value=[value]).SerializeToString()
