"""The ONNX engine: runs the export of a function in ONNX Runtime."""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, TypeAlias

import numpy as np
import onnx
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, LocationAttr, ModuleOp, StringAttr

from ...compiler.interchange.onnx_export.export import OnnxModel, export_module
from ...compiler.interchange.onnx_export.graph import CHECK_KEY, CHECK_KIND_KEY, SOURCE_KEY
from ...dialects.diagnostics import (
    ExecutionError,
    InvalidArgumentError,
    ResourceExhaustedError,
    UnsupportedError,
    failed_check,
)
from ...dialects.dtypes import BFLOAT16, as_dtype, dtype_of
from ...dialects.types import MAX_BYTES

_FAILED_NODE = re.compile(r"Name:'(.*?)' Status Message: ", re.DOTALL)
"""How ONNX Runtime names the nodes that failed, the innermost one last."""

_NO_MEMORY = re.compile(r"bad_alloc|Failed to allocate|out of memory", re.IGNORECASE)
"""How ONNX Runtime says that memory ran out."""
_ASKED = re.compile(r"requested buffer of size (\d+)")
"""How it says for how many bytes it was asked."""

Declared: TypeAlias = tuple[np.dtype, tuple[int | str | None, ...]]
"""What an input takes: its dtype, and for each axis a size, the name of a dynamic one, or None."""

_LOOKS_UP = 0.05
"""After how many seconds the main thread looks for signals, again and again, while a model runs."""


class RefusedModelError(UnsupportedError):
    """A model that ONNX Runtime does not accept; one that stepwell has made should be accepted."""


class OnnxSession:
    """A model loaded in ONNX Runtime, on one thread, whose errors name the user's line.

    Args:
        proto: the bytes of the model.
        what: what to call it in errors.
        folder: where files are that the model refers to, as those of saved models do.

    Raises `UnsupportedError` where ONNX Runtime is not installed, and `RefusedModelError`, which is one, where it does
    not accept the model.

    Attributes:
        inputs: for each input that has to be given, its dtype and sizes (numbers, or names of dynamic ones).
        state: likewise for inputs that have a stored value: Variables that are assigned.
        outputs: the names of the outputs.
    """

    def __init__(self, proto: bytes, what: str, folder: str | None = None):
        self._proto, self._what, self._folder = proto, what, folder
        self._session = self._load()
        try:
            self._loops = any(node.op_type in ("Loop", "Scan") for node in onnx.load_from_string(proto).graph.node)
            self.inputs = _declared(self._session.get_inputs())
            self.state = _declared(self._session.get_overridable_initializers())
            self.outputs = [value.name for value in self._session.get_outputs()]
        except UnicodeDecodeError as error:
            raise RefusedModelError(f"{what}: the names of inputs and outputs cannot be read: {error}") from error

    def _load(self) -> Any:
        try:
            import onnxruntime
        except ImportError:
            raise UnsupportedError(
                f"{self._what}: running ONNX needs the package onnxruntime, which is not installed",
                remedy="pip install onnxruntime",
            ) from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # errors are raised; they need not be on standard error as well
        options.intra_op_num_threads = 1
        # its optimizations change results: x + 1e-214 becomes x, (0 * x) @ y becomes 0 * (x @ y)
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        if self._folder is not None:
            options.add_session_config_entry("session.model_external_initializers_file_folder_path", self._folder)
        try:
            providers = ["CPUExecutionProvider"]
            return onnxruntime.InferenceSession(self._proto, options, providers=providers, enable_fallback=0)
        except Exception as error:
            if isinstance(error, UnicodeDecodeError) or type(error).__module__.startswith("onnxruntime"):
                raise RefusedModelError(f"{self._what}: ONNX Runtime does not accept the model: {error}") from error
            raise

    def run(self, outputs: Sequence[str], feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """The outputs asked for. Raises `InvalidArgumentError` with the user's line when the model stops."""
        try:
            return self._finished(list(outputs), dict(feeds))
        except Exception as error:
            if type(error).__module__.startswith("onnxruntime"):
                raise self._explained(str(error)) from error
            if isinstance(error, UnicodeDecodeError):
                raise RefusedModelError(f"{self._what}: the model's text cannot be read: {error}") from error
            raise

    def _finished(self, outputs: list[str], feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Run the model; where it loops, in a thread, so that the main one can be interrupted."""
        if not self._loops or threading.current_thread() is not threading.main_thread():
            return run_session(self._session, outputs, feeds)
        import onnxruntime

        options = onnxruntime.RunOptions()
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(run_session, self._session, outputs, feeds, options)
            try:
                while not wait(
                    [found], _LOOKS_UP
                ).done:  # where signals restart system calls, only a timeout ends a wait
                    pass
                return found.result()
            except BaseException:
                options.terminate = True
                raise

    def _explained(self, text: str) -> ExecutionError:
        """ONNX Runtime's error as one about the user's line: the message of a check that failed, or what it says."""
        failed = _FAILED_NODE.findall(text)
        node = self._node(failed[-1]) if failed else None
        if node is None:
            return _error(text)(f"{self._what}: ONNX Runtime: {text}")
        properties = {entry.key: entry.value for entry in node.metadata_props}
        location = _location(properties.get(SOURCE_KEY, ""))
        if CHECK_KEY in properties:
            return failed_check(properties.get(CHECK_KIND_KEY, ""), properties[CHECK_KEY], location)
        reason = text.rsplit("Status Message: ", 1)[-1]
        return _error(text)(f"{self._what}: ONNX Runtime: {node.op_type}: {reason}", location=location)

    def _node(self, name: str) -> onnx.NodeProto | None:
        """The model's node for one that ONNX Runtime names: it may be that node, or named `that node/fusion/`."""
        graph = onnx.load_from_string(self._proto).graph
        return _find_node(graph, name) or _find_node(graph, name.split("/", 1)[0])


def _error(text: str) -> type[ExecutionError]:
    """The class of an error that is told by `text`, ONNX Runtime's words."""
    asked = _ASKED.search(text)
    too_large = asked is not None and int(asked[1]) > MAX_BYTES
    return ResourceExhaustedError if _NO_MEMORY.search(text) and not too_large else InvalidArgumentError


def _declared(values: Sequence[Any]) -> dict[str, Declared]:
    return {value.name: (_dtype(value.type), tuple(value.shape)) for value in values}


def _dtype(name: str) -> np.dtype:
    """The dtype of ONNX Runtime's `tensor(float)`."""
    element = name.removeprefix("tensor(").removesuffix(")")
    return as_dtype({"float": "float32", "double": "float64"}.get(element, element)).dtype


def _find_node(graph: onnx.GraphProto, name: str) -> onnx.NodeProto | None:
    """The node called `name`, in the graph or one nested in it."""
    for node in graph.node:
        if node.name == name:
            return node
        for attribute in node.attribute:
            found = _find_node(attribute.g, name) if attribute.HasField("g") else None
            if found is not None:
                return found
    return None


def _location(source: str) -> LocationAttr | None:
    """The location that `file:line:column` names."""
    parts = source.rsplit(":", 2)
    if len(parts) != 3:
        return None
    return FileLineColLoc(StringAttr(parts[0]), IntAttr(int(parts[1])), IntAttr(int(parts[2])))


def run_session(
    session: Any, outputs: list[str], feeds: dict[str, np.ndarray], options: Any = None
) -> list[np.ndarray]:
    """The outputs, all if none are named; ONNX Runtime has bfloat16 in values of its own only."""
    kinds = {value.name: value.type for value in session.get_outputs()}
    if all(dtype_of(x) != BFLOAT16 for x in feeds.values()) and all("bfloat16" not in kind for kind in kinds.values()):
        return session.run(outputs or list(kinds), feeds, options)
    from onnxruntime import OrtValue

    values = {name: _ort_value(OrtValue, x) for name, x in feeds.items()}
    return [_array(value) for value in session.run_with_ort_values(outputs or list(kinds), values, options)]


def _ort_value(kind: Any, x: np.ndarray) -> Any:
    x = np.require(x, requirements="C")
    if dtype_of(x) != BFLOAT16:
        return kind.ortvalue_from_numpy(x)
    return kind.ortvalue_from_numpy_with_onnx_type(x.view(np.uint16), BFLOAT16.onnx)


def _array(value: Any) -> np.ndarray:
    if value.element_type() != BFLOAT16.onnx:
        return value.numpy()
    shape = tuple(value.shape())
    if 0 in shape:
        return np.zeros(shape, BFLOAT16)
    memory = (ctypes.c_char * value.tensor_size_in_bytes()).from_address(value.data_ptr())
    return np.frombuffer(memory, BFLOAT16).reshape(shape).copy()


class OnnxExecutable:
    """An exported function in ONNX Runtime; Variables go in as inputs, and their new values are stored.

    The session is made once, when the function is compiled.
    """

    entry = tensor_entry = None
    host_calls = 0

    def __init__(self, model: OnnxModel):
        self.model = model
        self._session = None
        if model.proto.graph.output:
            self._session = OnnxSession(model.proto.SerializeToString(), model.proto.graph.name)

    def run(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """The results; arrays of assigned Variables are updated in place, when nothing has failed."""
        if self._session is None:
            return []
        named = zip(self.model.inputs, arrays, strict=True)
        feeds = {name: np.asarray(array) for name, array in named if name in self._session.inputs}
        updates = self.model.updates
        names = [*self.model.outputs, *(name for _, name in updates)]
        found = self._session.run(names, feeds)[: len(names)]  # without names, ONNX Runtime gives all outputs
        count = len(self.model.outputs)
        for (number, _), value in zip(updates, found[count:], strict=True):
            arrays[number][...] = value
        return found[:count]


def compile_hl(module: ModuleOp) -> OnnxExecutable:
    """Export `module` and load the export. Raises `UnsupportedError` for what ONNX cannot say."""
    return OnnxExecutable(export_module(module, {}))
