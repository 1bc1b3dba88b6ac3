"""The messages of TensorBoard's files, as tensorboardX has them; imported when the first one is written."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


def _module(name: str) -> ModuleType:
    return import_module(f"tensorboardX.proto.{name}_pb2")


Event: Any = _module("event").Event
Summary: Any = _module("summary").Summary
SummaryMetadata: Any = _module("summary").SummaryMetadata
TensorProto: Any = _module("tensor").TensorProto
HParamsPluginData: Any = _module("plugin_hparams").HParamsPluginData
SessionStartInfo: Any = _module("plugin_hparams").SessionStartInfo
