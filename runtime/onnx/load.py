"""`sw.onnx.load`: an ONNX model as a function, which is compiled, differentiated, trained and exported like others."""

from __future__ import annotations

import inspect
import json
import os
import re
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.module import Module
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ...compiler.interchange.mlir.text import print_module
from ...compiler.interchange.onnx_export.export import STATE_KEY
from ...compiler.interchange.onnx_import.model_file import ModelFile, read_model
from ...compiler.interchange.onnx_import.needs import NotKnownError
from ...compiler.interchange.onnx_import.program import Input, Program
from ...compiler.interchange.onnx_import.values import NARROW
from ...dialects.diagnostics import InvalidTypeError, UnsupportedError
from ...dialects.public import public
from ..functions.function import Function
from ..functions.input_signature import check_spec
from ..functions.inspect_ir import ir
from .closing import closed

_MOST_KNOWN = 256
"""How many elements an input has at most for each value of which there is a trace."""


@public("onnx")
def load(
    source: str | os.PathLike[str] | bytes | onnx.ModelProto,
    trainable: bool | Collection[str] = True,
    engine: str = "native",
) -> Model:
    """An ONNX model as a callable whose initializers are Variables: it can be run, differentiated and trained.

    Args:
        source: the path of a file, its bytes, or an `onnx.ModelProto`. Files next to the model with its weights are
            read if they are in its folder or below it.
        trainable: whether its floating-point initializers are Variables, trainable but for the means and variances of
            batch normalizations; or the names of those to be trainable, while all others are constants.
        engine: `"native"`, `"interpreter"` or `"onnx"`, as of `sw.function`.

    Nothing in the file is run. A model whose inputs have known ranks is traced at once, so that its errors are raised
    here.

    Raises `UnsupportedError` that names every node that stepwell has no rule for; `DataLossError` for a damaged file,
    `NotFoundError`, `PermissionDeniedError` for weights outside of the model's folder, and `InvalidArgumentError` for a
    node that does not fit its inputs.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> w = sw.Variable([2.0, 3.0])
        >>> f = sw.function(lambda x: x * w)
        >>> path = sw.onnx.export(f, f"{tempfile.mkdtemp()}/f.onnx", sw.TensorSpec([None, 2]))
        >>> model = sw.onnx.load(path)
        >>> model([[1.0, 1.0]]).numpy().tolist(), len(model.trainable_variables)
        ([[2.0, 3.0]], 1)
    """
    return Model(read_model(source), trainable, engine)


@public("onnx")
class Model(Module):
    """A loaded ONNX model, called with a tensor for each of its inputs, in order or by name.

    Attributes:
        function: the `sw.function` that it is, from names of inputs to a dict of results: it can be exported.
        inputs: for each input its name and, for tensors, its spec.
        output_names: the names of the results.
        weights: the initializers that are Variables, by name.

    A call returns the result, or a tuple of several ones. Elements of types that are narrower than stepwell's dtypes
    (8-bit floats, 4-bit and 2-bit numbers) are taken and returned as float32, int8 or uint8.
    """

    function: Function[..., Any]
    inputs: tuple[tuple[str, TensorSpec | None], ...]
    output_names: tuple[str, ...]
    weights: dict[str, Variable]

    def __init__(self, model: ModelFile, trainable: bool | Collection[str] = True, engine: str = "native"):
        super().__init__(name=_identifier(model.proto.graph.name, "model"))
        program = Program(model, trainable)
        self._program = program
        self._proto_name = model.name
        self.weights = program.weights
        self._state = _state(model, program)
        self.output_names = tuple(name for name in program.outputs if name not in self._state.values())
        self.inputs = tuple((each.name, each.spec) for each in program.inputs)
        self._engine = engine
        self.function = self._made()
        specs = [each.spec for each in program.inputs]
        while all(spec is not None and spec.sizes is not None for spec in specs) and not self._varies:
            try:
                self.function.get_concrete_function(*specs)
                break
            except NotKnownError as error:
                self._learn(error)

    @property
    def _varies(self) -> bool:
        """Whether there is a trace for each shape, or for each value of some inputs."""
        return bool(self._program.by_value or self._program.by_shape)

    def _made(self) -> Function[..., Any]:
        """The function; without a signature, where each shape has its own trace."""
        program = self._program
        specs = [each.spec for each in program.inputs]
        fixed = all(spec is not None for spec in specs) and not self._varies
        return Function(
            _python_function(program, self._state),
            input_signature=specs if fixed else None,  # pyright: ignore[reportArgumentType]
            autograph=False,
            engine=self._engine,
            name=self.name,
            reduce_retracing=not self._varies,
        )

    def _learn(self, error: NotKnownError) -> None:
        self._program.learn(error)
        self.function = self._made()

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """The results for inputs in order, or by name."""
        given = self._bound(args, kwargs)
        while True:
            try:
                found = self.function(*map(self._argument, self._program.inputs, given))
                break
            except NotKnownError as error:
                self._learn(error)
        results = tuple(found.values())
        return results[0] if len(results) == 1 else results

    def _bound(self, args: Sequence[object], kwargs: Mapping[str, object]) -> list[object]:
        """What is given for each input, in order."""
        names = parameter_names(self._program.inputs)
        unknown = [name for name in kwargs if name not in names[len(args) :]]
        missing = [name for name in names[len(args) :] if name not in kwargs]
        if len(args) > len(names) or unknown or missing:
            got = f"{len(args)} in order" + "".join(f", {name}" for name in kwargs)
            raise InvalidTypeError(f"{self.name}: expected inputs {', '.join(names) or 'none'}, got {got}")
        return [*args, *(kwargs[name] for name in names[len(args) :])]

    def _argument(self, declared: Input, value: Any) -> object:
        """An input as the function takes it: as plain numbers, where there is a trace for each value."""
        value = _widened(declared, value)
        spec = declared.spec
        if spec is None:
            return value
        tensor = check_spec(self.name, declared.name, spec, value) if self._varies else value
        if declared.name not in self._program.by_value:
            return tensor
        array = np.asarray(tensor)
        if array.size > _MOST_KNOWN:
            raise UnsupportedError(
                f"{self.name}: the elements of input {declared.name} have to be known before the model runs, and there "
                f"are {array.size} of them; expected at most {_MOST_KNOWN}"
            )
        return array.tolist()

    def __repr__(self) -> str:
        names = ", ".join(name for name, _ in self.inputs)
        return f"<onnx.Model {self.name}({names}) -> {', '.join(self.output_names)}, {len(self.weights)} Variables>"

    def text(self) -> str:
        """The `hl` text of the model, complete: its constants are in it, and its Variables as they are now.

        Raises `UnsupportedError` for a model that there is a trace of for each shape or value of some inputs.
        """
        specs = [spec for _, spec in self.inputs]
        if self._varies or any(spec is None or spec.sizes is None for spec in specs):
            raise UnsupportedError(f"{self.name}: its text depends on the shapes or values of its inputs")
        return print_module(closed(self.function.get_concrete_function()))

    def ir(self, level: str = "hl", *args: object) -> str:
        """The text of the model's program at a level, as `sw.ir` shows it; `args` only where it depends on them."""
        return ir(self.function, *args, level=level)


def _identifier(name: str, otherwise: str) -> str:
    """A name of Python's that is like another one."""
    word = re.sub(r"\W+", "_", name).strip("_") or otherwise
    return word if word.isidentifier() else f"{otherwise}_{word}"


def _state(model: ModelFile, program: Program) -> dict[str, str]:
    """The Variables that a model of stepwell's assigns, and the results that are their new values."""
    text = model.properties.get(STATE_KEY)
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: new for name, new in pairs if name in program.weights and new in program.outputs}


def _python_function(program: Program, state: dict[str, str]) -> Any:
    """The model as a Python function with its inputs as parameters."""
    names = parameter_names(program.inputs)

    def run(*args: object, **kwargs: object) -> OrderedDict[str, object]:
        values = [*args, *(kwargs[name] for name in names[len(args) :])]
        values = [_constant(each, value) for each, value in zip(program.inputs, values, strict=True)]
        results = dict(zip(program.outputs, program(values), strict=True))
        for name, new in state.items():
            program.weights[name].assign(results.pop(new))  # pyright: ignore[reportArgumentType]
        return OrderedDict((name, results[name]) for name in program.outputs if name in results)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    run.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # pyright: ignore
    return run


def _constant(declared: Input, value: object) -> object:
    """What represents an input in a trace: a constant tensor for plain numbers."""
    if declared.spec is None or isinstance(value, Tensor):
        return value
    return as_tensor(np.array(value, declared.spec.dtype.dtype))


def parameter_names(inputs: Sequence[Input]) -> list[str]:
    """The names of the inputs as Python has them, different ones."""
    names: list[str] = []
    for number, each in enumerate(inputs):
        name = _identifier(each.name, f"input_{number}")
        names.append(name if name not in names else f"{name}_{number}")
    return names


def _widened(declared: Input, value: object) -> object:
    """What is given for an input of a narrow type, in the dtype that stepwell has instead."""
    narrow = NARROW.get(declared.code)
    if narrow is None or not isinstance(value, np.ndarray):
        return value
    if value.dtype not in (np.dtype(narrow.numpy), narrow.wide.dtype):
        raise InvalidTypeError(f"{declared.name}: expected elements of {narrow.name}, got {value.dtype.name}")
    return value.astype(narrow.wide.dtype)
