"""The texts that represent tensors and Variables for people, as TensorFlow has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from xdsl.ir import BlockArgument, OpResult

from ....dialects.dtypes import dtype_of
from ..tracing.tracer import current_tracer

if TYPE_CHECKING:
    from .tensor import Tensor
    from .variable import Variable


CPU_NAME = "/job:localhost/replica:0/task:0/device:CPU:0"
"""The name that TensorFlow gives to the CPU."""


def shape_text(shape: Sequence[int | None]) -> str:
    """A shape as Python writes a tuple.

    Example:
        >>> shape_text((None, 3)), shape_text((2,))
        ('(None, 3)', '(2,)')
    """
    return tuple.__repr__(tuple(shape))


def array_text(array: np.ndarray, as_repr: bool) -> str:
    """The elements; from a line of their own where they need several. With `as_repr` one float has all digits."""
    if as_repr and not array.ndim and dtype_of(array).is_floating:
        return repr(float(array))
    text = repr(array) if as_repr and array.ndim else str(array)
    return f"\n{text}" if "\n" in text else text


def tensor_text(tensor: Tensor) -> str:
    """What `str` returns of a tensor."""
    if tensor._ssa is None:
        array = tensor._array
        return f"tf.Tensor({array_text(array, False)}, shape={shape_text(array.shape)}, dtype={tensor.dtype.name})"
    return f'Tensor("{symbolic_name(tensor)}", shape={shape_text(tensor.shape)}, dtype={tensor.dtype.name})'


def tensor_repr(tensor: Tensor) -> str:
    """What `repr` returns of a tensor."""
    if tensor._ssa is None:
        array = tensor._array
        kind = f"shape={shape_text(array.shape)}, dtype={tensor.dtype.name}"
        return f"<tf.Tensor: {kind}, numpy={array_text(array, True)}>"
    return f"<tf.Tensor '{symbolic_name(tensor)}' shape={shape_text(tensor.shape)} dtype={tensor.dtype.name}>"


def variable_repr(variable: Variable) -> str:
    """What `repr` and `str` return of a Variable; while a function is traced its value is not known."""
    kind = f"shape={variable.shape} dtype={variable.dtype.name}"
    value = "" if current_tracer() is not None else f", numpy={array_text(variable._memory, True)}"
    return f"<tf.Variable {variable.name!r} {kind}{value}>"


def symbolic_name(tensor: Tensor) -> str:
    """The name of a value of a trace: its parameter's, or its op's, with a number where there are several, and `:0`."""
    value = tensor._ssa
    assert value is not None
    if isinstance(value, BlockArgument):
        return f"{value.name_hint or f'argument_{value.index}'}:0"
    assert isinstance(value, OpResult)
    return f"{_op_name(value)}:{value.index}"


def _op_name(value: OpResult) -> str:
    op = value.op
    name = op.name.rpartition(".")[2]
    block, earlier = op.parent, 0
    for other in block.ops if block is not None else ():
        if other is op:
            break
        earlier += other.name == op.name
    return f"{name}_{earlier}" if earlier else name
