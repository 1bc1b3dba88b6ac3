"""The ONNX engine: runs the export of a function in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp, TensorType

from ...compiler.interchange.onnx_export import OnnxModel, export_module
from ...dialects.types import dtype_of


def session(proto: bytes) -> object:
    """An ONNX Runtime session on one thread; UnsupportedError where ONNX Runtime is not installed."""
    try:
        import onnxruntime
    except ImportError:
        from ...compiler.diagnostics import UnsupportedError

        raise UnsupportedError(
            "the onnx engine needs the package onnxruntime, which is not installed", remedy="pip install onnxruntime"
        ) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(proto, options, providers=["CPUExecutionProvider"])


class OnnxExecutable:
    """An exported function in ONNX Runtime; Variables go in as inputs, and their new values are stored."""

    entry = None
    host_calls = 0

    def __init__(self, model: OnnxModel, dtypes: Sequence[np.dtype]):
        self.model = model
        self._dtypes = dtypes
        self._session = session(model.proto.SerializeToString())

    def run(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """The results; arrays of assigned Variables are updated in place."""
        feeds = dict(zip(self.model.inputs, arrays, strict=True))
        known = {value.name for value in self._session.get_inputs()}  # pyright: ignore
        feeds = {name: array for name, array in feeds.items() if name in known}
        names = [*self.model.outputs, *(name for _, name in self.model.updates)]
        found = self._session.run(names, feeds)  # pyright: ignore
        count = len(self.model.outputs)
        for (number, _), value in zip(self.model.updates, found[count:], strict=True):
            arrays[number][...] = value
        return [np.asarray(result, dtype) for result, dtype in zip(found[:count], self._dtypes, strict=True)]


def compile_hl(module: ModuleOp) -> OnnxExecutable:
    """Export `module` and load the export."""
    function = module.body.block.first_op
    assert isinstance(function, func.FuncOp)
    types = [type_ for type_ in function.function_type.outputs.data if isinstance(type_, TensorType)]
    return OnnxExecutable(export_module(module, {}), [dtype_of(type_) for type_ in types])
