"""What a loaded saved model has, as text."""

from __future__ import annotations

from typing import Any

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.variable import Variable
from ..functions.concrete import ConcreteFunction
from ..functions.function import Function
from ..functions.function_type import parameter_texts
from .loaded import LoadedModule
from .loaded_function import LoadedFunction
from .objects import Children, Objects


def listing(root: LoadedModule) -> str:
    """The signatures, functions and Variables of a loaded saved model."""
    lines: list[str] = []
    for name, concrete in root.signatures.items():
        inputs = [f"{spec.name}: {_spec(spec)}" for spec in concrete.specs]
        outputs = [f"{key}: {_of(tensor)}" for key, tensor in concrete.structured_outputs.items()]
        lines += [
            f"signature {name}",
            *(f"  input  {each}" for each in inputs),
            *(f"  output {each}" for each in outputs),
        ]
    objects = Objects(root, Children())
    for number, function in objects.of_type(Function, ConcreteFunction):
        lines += _function(objects.paths[number], function)
    for number, variable in objects.of_type(Variable):
        kind = "" if variable.trainable else "  not trainable"
        lines.append(f"variable {objects.paths[number]}: {_of(variable)}{kind}")
    return "".join(f"{line}\n" for line in lines)


def _function(path: str, function: Any) -> list[str]:
    if isinstance(function, ConcreteFunction):
        return [f"function {path}", f"  {_call(function)}"]
    traces = [f"  {_call(concrete)}" for concrete in function._traces.concretes()]
    lost = [f"  not saved: {reason}" for reason in function.lost] if isinstance(function, LoadedFunction) else []
    return [f"function {path}", *(traces or ["  no trace"]), *lost]


def _call(concrete: ConcreteFunction) -> str:
    """The types of the arguments and results of a trace."""
    rows = [f"{name}: {text}" for name, _, text in parameter_texts(concrete.key, concrete.parameters)]
    return f"({', '.join(rows)}) -> {concrete._output_text()}"


def _spec(spec: TensorSpec) -> str:
    sizes = "?" if spec.sizes is None else ", ".join("?" if size is None else str(size) for size in spec.sizes)
    return f"{spec.dtype.name}[{sizes}]"


def _of(tensor: Any) -> str:
    return _spec(TensorSpec(tensor.shape, tensor.dtype))
