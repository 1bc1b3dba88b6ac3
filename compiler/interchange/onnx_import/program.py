"""A model ready to be traced: its inputs, results and stored values, checked once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from ....dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ....dialects.errors import DataLossError
from ...frontend.tracing.signature import TensorSpec
from ...frontend.values.dispatch import as_tensor
from ...frontend.values.tensor import Tensor
from ...frontend.values.variable import Variable
from .arrays import MOST_BYTES, array_of, dense_of
from .coverage import check_coverage, statistics_names
from .evaluation import Evaluation
from .model_file import ModelFile
from .needs import NotKnownError
from .values import NARROW, Narrow, Value, dtype_of_code, tensor_of, value_of


@dataclass(frozen=True)
class Input:
    """An input of a model.

    Attributes:
        name: its name.
        spec: what tensors fit it; None for a sequence or an optional value.
        code: ONNX's number of its type, where it is a tensor.
    """

    name: str
    spec: TensorSpec | None
    code: int


class Program:
    """A model that can be called with tensors.

    Args:
        model: the model.
        trainable: whether floating-point initializers are trainable Variables; or the names of those that are.

    Raises `UnsupportedError` that names all nodes that there is no rule for, and the errors of damaged files.

    Attributes:
        inputs: what has to be given.
        outputs: the names of the results.
        weights: the initializers that are Variables, by name.
        by_value: the names of inputs whose elements have to be known, such as axes: the model is traced for each value.
        by_shape: the names of inputs whose shapes have to be known: the model is traced for each shape.
    """

    def __init__(self, model: ModelFile, trainable: bool | Collection[str] = True):
        self.model = model
        graph = model.proto.graph
        self._functions = {(_domain(f.domain), f.name, f.overload): f for f in model.proto.functions}
        check_coverage(model, self._functions)
        arrays = _stored(model)
        self.weights, self._stored = _values(model, arrays, trainable)
        self.by_value: set[str] = set()
        self.by_shape: set[str] = set()
        self.inputs = [_input(value) for value in graph.input if value.name not in arrays]
        self.outputs = [value.name for value in graph.output]
        for what, names in (("input", [each.name for each in self.inputs]), ("result", self.outputs)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise DataLossError(f"onnx.load: {model.name}: there are several {what}s {twice[0]!r}")

    def learn(self, error: NotKnownError) -> None:
        """Have known what a trace needed: the next one finds it. Raises the error for what cannot be known before."""
        inputs = {each.name: each for each in self.inputs}
        news = False
        for name, by_shape in error.needs:
            declared = inputs.get(name)
            if name in self.weights and not by_shape:
                self._stored[name] = as_tensor(self.weights.pop(name).numpy())
                news = True
            if declared is None or declared.spec is None:
                continue
            is_small = declared.spec.sizes is not None and len(declared.spec.sizes) < 2
            if (not by_shape or (is_small and declared.spec.dtype.is_integer)) and name not in self.by_value:
                self.by_value.add(name)
                news = True
            if by_shape and name not in self.by_shape:
                self.by_shape.add(name)
                news = True
        if not news:
            raise error

    def __call__(self, inputs: Sequence[object]) -> list[object]:
        """The results, narrow types as tensors of wider ones."""
        given = {each.name: _given(each, value) for each, value in zip(self.inputs, inputs, strict=True)}
        stored = {name: v.read_value() if isinstance(v, Variable) else v for name, v in self._stored.items()}
        evaluation = Evaluation(self.model, self._functions, stored)
        return [_result(value) for value in evaluation.run(given)]


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name


def _stored(model: ModelFile) -> dict[str, np.ndarray]:
    """The initializers by name."""
    graph, found, total = model.proto.graph, {}, 0
    for tensor in [*graph.initializer, *graph.sparse_initializer]:
        is_sparse = isinstance(tensor, onnx.SparseTensorProto)
        name = tensor.values.name if is_sparse else tensor.name
        if name in found:
            raise DataLossError(f"onnx.load: {model.name}: there are several initializers {name!r}")
        found[name] = dense_of(tensor, model.folder) if is_sparse else array_of(tensor, model.folder)
        total += found[name].nbytes
        if total > MOST_BYTES:
            raise InvalidArgumentError(f"onnx.load: {model.name}: its initializers have more than {MOST_BYTES} bytes")
    return found


def _values(
    model: ModelFile, arrays: Mapping[str, np.ndarray], trainable: bool | Collection[str]
) -> tuple[dict[str, Variable], dict[str, Variable | Tensor | Narrow]]:
    """The initializers that are Variables, and all of them as values."""
    if not isinstance(trainable, bool):
        unknown = sorted(set(trainable) - arrays.keys())
        if unknown:
            known = ", ".join(arrays) or "none"
            raise InvalidArgumentError(
                f"onnx.load: trainable: expected names of initializers ({known}), got {unknown[0]!r}"
            )
    statistics = statistics_names(model.proto.graph)
    weights: dict[str, Variable] = {}
    values: dict[str, Variable | Tensor | Narrow] = {}
    for name, array in arrays.items():
        value = value_of(array)
        wanted = trainable if isinstance(trainable, bool) else name in trainable
        if wanted and isinstance(value, Tensor) and value.dtype.is_floating:
            learns = name not in statistics or not isinstance(trainable, bool)
            value = weights[name] = Variable(array, trainable=learns, name=name)
        values[name] = value
    return weights, values


def _input(value: onnx.ValueInfoProto) -> Input:
    what = f"onnx.load: input {value.name!r}"
    if value.type.WhichOneof("value") != "tensor_type":
        kind = value.type.WhichOneof("value")
        if kind not in ("sequence_type", "optional_type"):
            raise UnsupportedError(f"{what}: its type is {kind or 'not given'}; tensors, sequences and optionals are")
        return Input(value.name, None, 0)
    type_ = value.type.tensor_type
    dtype = dtype_of_code(type_.elem_type, what)
    sizes = None
    if type_.HasField("shape"):
        sizes = [_size(dim) for dim in type_.shape.dim]
        if any(isinstance(size, int) and size < 0 for size in sizes):
            raise DataLossError(f"{what}: it has a negative size: {sizes}")
    wide = dtype.wide if type_.elem_type in NARROW else dtype  # pyright: ignore[reportAttributeAccessIssue]
    return Input(value.name, TensorSpec(sizes, wide, value.name), type_.elem_type)  # pyright: ignore


def _size(dim: onnx.TensorShapeProto.Dimension) -> int | str | None:
    """A size that is known, or the name of one, or neither."""
    if dim.HasField("dim_value"):
        return dim.dim_value
    return dim.dim_param if dim.dim_param.isidentifier() else None


def _given(declared: Input, value: object) -> Value:
    narrow = NARROW.get(declared.code)
    if isinstance(value, list | tuple):
        return [_given(declared, each) for each in value]
    if narrow is not None:
        assert isinstance(value, Tensor)
        return Narrow(value, narrow)
    return value  # pyright: ignore[reportReturnType]


def _result(value: Value) -> object:
    if isinstance(value, list):
        return [_result(each) for each in value]
    return None if value is None else tensor_of(value)
