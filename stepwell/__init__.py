"""stepwell: a compiler for Python tensor programs in which every level can be read, transformed, run and checked.

Names and semantics follow TensorFlow 2: `import stepwell as tf` works too.

Importing this package loads nothing else: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)
_MODULES = (
    "autograph",
    "bitwise",
    "config",
    "debugging",
    "errors",
    "linalg",
    "math",
    "nn",
    "onnx",
    "plugins",
    "random",
    "testing",
)

_NAMES = {
    "Tensor": "compiler.frontend.values.tensor",
    "Variable": "compiler.frontend.values.variable",
    "Module": "compiler.frontend.values.module",
    "GradientTape": "compiler.frontend.gradients.tape",
    "TensorArray": "compiler.frontend.tensor_array.array",
    "TensorSpec": "compiler.frontend.tracing.signature",
    "function": "runtime.functions.function",
    "cond": "compiler.frontend.ops.control_flow",
    "while_loop": "compiler.frontend.ops.control_flow",
    "case": "compiler.frontend.ops.control_flow",
    "switch_case": "compiler.frontend.ops.control_flow",
    "constant": "compiler.frontend.ops.creation",
    "convert_to_tensor": "compiler.frontend.ops.creation",
    "is_tensor": "compiler.frontend.ops.creation",
    "Assert": "compiler.frontend.ops.effects",
    "print": "compiler.frontend.ops.effects",
    "ir": "runtime.functions.inspect_ir",
}
"""Public names and where they are defined."""

_OPS = [
    "abs",
    "add",
    "add_n",
    "argmax",
    "argmin",
    "broadcast_to",
    "cast",
    "ceil",
    "clip_by_value",
    "concat",
    "cos",
    "divide",
    "equal",
    "erf",
    "exp",
    "expand_dims",
    "eye",
    "fill",
    "floor",
    "gather",
    "gather_nd",
    "greater",
    "greater_equal",
    "identity",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "matmul",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "norm",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "pad",
    "pow",
    "range",
    "rank",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "repeat",
    "reshape",
    "reverse",
    "round",
    "scalar_mul",
    "scatter_nd",
    "shape",
    "sigmoid",
    "sign",
    "sin",
    "size",
    "slice",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "stop_gradient",
    "subtract",
    "tanh",
    "tensordot",
    "tensor_scatter_nd_add",
    "tile",
    "transpose",
    "truediv",
    "unstack",
    "where",
    "zeros",
    "zeros_like",
]
"""Public functions on tensors that TensorFlow has at its top level."""


def __getattr__(name: str) -> Any:
    if name in _DTYPES:
        value: Any = _dtype(name)
    elif name in _MODULES:
        value = import_module(f"{__name__}.{name}")
    elif name in _NAMES:
        _load_runtime()
        value = getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    elif name in _OPS:
        _load_runtime()
        from .compiler.frontend.ops import namespace

        value = getattr(namespace(), name)
    elif name.startswith("_"):
        raise AttributeError(f"module 'stepwell' has no attribute {name!r}")
    else:
        from ._names import hinting

        return hinting(__name__)(name)
    globals()[name] = value
    return value


def _dtype(name: str) -> Any:
    import numpy as np

    return np.dtype(name)


def _load_runtime() -> None:
    """Tensors have their operators once any public name was used."""
    import_module(f"{__name__}.compiler.frontend.ops.operators")


def __dir__() -> list[str]:
    return sorted({*_DTYPES, *_MODULES, *_NAMES, *_OPS, "__version__"})
