"""Tensors, casts, control flow and scatters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from keras.src import tree
from keras.src.backend.common import KerasVariable, is_int_dtype, standardize_dtype
from keras.src.backend.common.keras_tensor import KerasTensor
from keras.src.backend.common.stateless_scope import StatelessScope
from keras.src.backend.common.symbolic_scope import SymbolicScope

import stepwell as sw
from stepwell.runtime.functions.scratch import scratch_trace


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> sw.Tensor:
    """`x` as a tensor of a dtype, or of its own: Variables are read, arrays and numbers converted.

    A RaggedTensor stays one, unless `ragged` is False: then its rows are filled up.
    """
    if sparse:
        raise ValueError(f"convert_to_tensor: sparse={sparse}: the backend has no sparse tensors")
    wanted = None if dtype is None else standardize_dtype(dtype)
    if isinstance(x, KerasVariable):
        x = x.value
    if not sw.is_tensor(x):
        return _converted(x, wanted)
    if isinstance(x, sw.RaggedTensor):
        tensor: Any = x.to_tensor() if ragged is False else x
    else:
        tensor = sw.convert_to_tensor(x)
    return tensor if wanted is None or tensor.dtype.name == wanted else sw.cast(tensor, wanted)


def _converted(x: Any, wanted: str | None) -> sw.Tensor:
    """Numbers, arrays and lists of them as a tensor."""
    if wanted is None:
        return sw.convert_to_tensor(x)
    of_other_dtype = isinstance(x, np.ndarray | np.generic | bool) and np.asarray(x).dtype.name != wanted
    if of_other_dtype or wanted == "bool" or is_int_dtype(wanted):
        return sw.cast(sw.convert_to_tensor(x), wanted)
    return sw.convert_to_tensor(x, dtype=wanted)


def convert_to_numpy(x: Any) -> np.ndarray:
    """A copy of the elements."""
    return np.array(convert_to_tensor(x).numpy()) if sw.is_tensor(x) else np.array(x)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor or a Variable."""
    return sw.is_tensor(x)


def shape(x: Any) -> tuple[Any, ...]:
    """The sizes: numbers, and scalar tensors for those that are known at run time only."""
    if isinstance(x, KerasTensor) or type(x).__module__.startswith("tensorflow."):  # in a pipeline of TensorFlow's
        return tuple(x.shape or ())
    if isinstance(x, sw.sparse.SparseTensor | sw.RaggedTensor):
        return tuple(x.shape)
    x = convert_to_tensor(x)
    known = x.shape.as_list()
    if None not in known:
        return tuple(known)
    sizes = sw.shape(x)
    return tuple(sizes[i] if size is None else size for i, size in enumerate(known))


def cast(x: Any, dtype: Any) -> sw.Tensor:
    """`x` with elements of a dtype."""
    if isinstance(x, sw.sparse.SparseTensor | sw.RaggedTensor):
        return sw.cast(x, standardize_dtype(dtype))  # pyright: ignore[reportArgumentType, reportReturnType]
    return convert_to_tensor(x, dtype)


def compute_output_spec(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `fn` returns, as KerasTensors, found by tracing it: nothing is computed."""
    with StatelessScope(), SymbolicScope(), scratch_trace("compute_output_spec") as placeholder:

        def symbolic(x: Any) -> Any:
            return placeholder(x.shape, x.dtype) if isinstance(x, KerasTensor) else x

        traced: Any = tree.map_structure(symbolic, (args, kwargs))
        return tree.map_structure(_spec, fn(*traced[0], **traced[1]))


def _spec(x: Any) -> Any:
    return KerasTensor(x.shape, standardize_dtype(x.dtype)) if sw.is_tensor(x) else x


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """What one of two functions returns."""
    return sw.cond(convert_to_tensor(pred, "bool"), true_fn, false_fn)


def vectorized_map(function: Callable[..., Any], elements: Any) -> Any:
    """`function` of each element along the first axis, all at once."""
    return sw.vectorized_map(function, tree.map_structure(convert_to_tensor, elements))


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """`f` of each element along the first axis, one after the other."""

    def step(_: Any, x: Any) -> tuple[Any, Any]:
        return (), f(x)

    return scan(step, (), xs)[1]


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: Any = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """A loop over the first axis of `xs`: `f` takes what is carried and an element, and returns the same and a result.

    Returns what is carried at the end, and the results stacked.
    """
    if not callable(f):
        raise TypeError(f"`f` should be a callable. Received: f={f}")
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise ValueError(f"`unroll` must be an positive integer or boolean. Received: unroll={unroll}")
    if xs is None and length is None:
        raise ValueError("Got no `xs` to scan over and `length` not provided.")
    xs, init = tensors(xs), tensors(init)
    count = length if length is not None else shape(tree.flatten(xs)[0])[0]
    element_specs = _mapped(lambda x: KerasTensor(x.shape[1:], standardize_dtype(x.dtype)), xs)
    _, result_specs = compute_output_spec(f, tree.map_structure(_spec, init), element_specs)
    specs = _present(result_specs)
    arrays = [sw.TensorArray(spec.dtype, size=count, element_shape=spec.shape) for spec in specs]

    def step(i: sw.Tensor, carried: Any, written: Sequence[Any]) -> tuple[Any, Any, Any]:
        at = count - 1 - i if reverse else i
        carried, results = f(carried, _mapped(lambda x: x[at], xs))
        written = [array.write(at, each) for array, each in zip(written, _present(results), strict=True)]
        return i + 1, carried, written

    _, carried, arrays = sw.while_loop(lambda i, *_: i < count, step, (sw.constant(0), init, arrays))
    stacked = iter([array.stack() for array in arrays])
    return carried, _mapped(lambda _: next(stacked), result_specs)


def _mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    """A structure with what a function makes of its leaves; None stays."""
    return tree.map_structure(lambda x: None if x is None else function(x), structure)


def tensors(structure: Any) -> Any:
    """A structure of tensors, arrays, numbers and None with tensors for all but None."""
    return _mapped(convert_to_tensor, structure)


def _present(structure: Any) -> list[Any]:
    return [x for x in tree.flatten(structure) if x is not None]


def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """All results of an associative function of the elements up to each."""
    if not callable(f):
        raise TypeError(f"`f` should be a callable. Received: f={f}")
    elems = tensors(elems)
    sizes = {x.shape[axis] for x in tree.flatten(elems)} - {None}
    if len(sizes) > 1:
        raise ValueError(
            "Array inputs to associative_scan must have the same first dimension. "
            f"(saw: {[x.shape for x in tree.flatten(elems)]})"
        )
    return sw.associative_scan(f, elems, reverse=reverse, axis=axis)


def scatter(indices: Any, values: Any, shape: Any) -> sw.Tensor:
    """Zeros of a shape, with the values added at the indices."""
    return sw.scatter_nd(convert_to_tensor(indices), convert_to_tensor(values), shape)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> sw.Tensor:
    """`inputs` with the updates in place of the elements at the indices, or combined with them."""
    inputs = convert_to_tensor(inputs)
    operands = inputs, convert_to_tensor(indices), convert_to_tensor(updates, inputs.dtype.name)
    if reduction is None:
        return sw.tensor_scatter_nd_update(*operands)
    if reduction == "add":
        return sw.tensor_scatter_nd_add(*operands)
    if reduction == "max":
        return sw.tensor_scatter_nd_max(*operands)
    if reduction == "min":
        return sw.tensor_scatter_nd_min(*operands)
    if reduction == "mul":
        return _scatter_multiply(*operands)
    raise ValueError(f"Unsupported reduction: {reduction}")


def _scatter_multiply(inputs: sw.Tensor, indices: sw.Tensor, updates: sw.Tensor) -> sw.Tensor:
    """The updates one after the other, as repeated indices need it."""

    def step(i: sw.Tensor, result: sw.Tensor) -> tuple[sw.Tensor, sw.Tensor]:
        at = indices[i : i + 1]
        return i + 1, sw.tensor_scatter_nd_update(result, at, sw.gather_nd(result, at) * updates[i])

    count = shape(indices)[0]
    return sw.while_loop(lambda i, _: i < count, step, (sw.constant(0), inputs))[1]


def slice(inputs: Any, start_indices: Any, shape: Any) -> sw.Tensor:
    """A part of `inputs`, by where it begins and its sizes."""
    return sw.slice(convert_to_tensor(inputs), start_indices, shape)


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> sw.Tensor:
    """`inputs` with `updates` in place of the part that begins at the indices."""
    inputs, updates = convert_to_tensor(inputs), convert_to_tensor(updates)
    axes = [sw.range(start, start + size) for start, size in zip(_list(start_indices), shape(updates), strict=True)]
    at = sw.stack(sw.meshgrid(*axes, indexing="ij"), axis=-1) if axes else sw.zeros([0], "int32")
    return sw.tensor_scatter_nd_update(inputs, at, updates)


def _list(indices: Any) -> list[Any]:
    return sw.unstack(convert_to_tensor(indices)) if sw.is_tensor(indices) else list(indices)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """What the branch of an index returns; an index out of range is the nearest."""
    index = sw.clip_by_value(convert_to_tensor(index, "int32"), 0, len(branches) - 1)
    return sw.switch_case(index, [lambda branch=branch: branch(*operands) for branch in branches])


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: Any = None
) -> Any:
    """Runs `body` as long as `cond` holds."""
    is_sequence = isinstance(loop_vars, tuple | list)
    start = tuple(loop_vars) if is_sequence else (loop_vars,)

    def step(*values: Any) -> tuple[Any, ...]:
        result = body(*values)
        return tuple(result) if is_sequence else (result,)

    result = sw.while_loop(
        lambda *values: convert_to_tensor(cond(*values), "bool"), step, start, maximum_iterations=maximum_iterations
    )
    return result if is_sequence else result[0]


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """Runs `body_fun(i, value)` for i from `lower` to below `upper`."""

    def step(i: sw.Tensor, value: Any) -> tuple[sw.Tensor, Any]:
        return i + 1, body_fun(i, value)

    if sw.executing_eagerly():
        # As in TensorFlow the index is then a number, which takes the dtype of what it is added to.
        for i in range(int(lower), int(upper)):
            init_val = body_fun(i, init_val)
        return tensors(init_val)
    start = convert_to_tensor(lower), tree.map_structure(convert_to_tensor, init_val)
    return sw.while_loop(lambda i, _: i < upper, step, start)[1]


def stop_gradient(variable: Any) -> sw.Tensor:
    """The same values, without influence on gradients."""
    return sw.stop_gradient(convert_to_tensor(variable))


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[sw.Tensor]:
    """The parts along an axis."""
    return sw.unstack(convert_to_tensor(x), num=num, axis=axis)


def random_seed_dtype() -> str:
    """The dtype of the state of a seed generator: TensorFlow's, so that seeds give the same numbers."""
    return "int64"


def custom_gradient(fun: Callable[..., Any]) -> Callable[..., Any]:
    """`fun`, which returns its results and the function that computes gradients."""
    return sw.custom_gradient(fun)


def device_scope(device_name: str) -> AbstractContextManager[None]:
    """Accepted for programs that choose devices."""
    return sw.device(device_name)


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, computed again where its gradient needs its values."""
    return sw.recompute_grad(f)
