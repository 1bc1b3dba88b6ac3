"""Functions of a saved model: they run the traces that were saved, and are never traced again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import optree

from ...compiler.frontend.tracing.signature import ObjectKey, Parameters, TensorSpec, ValueKey, VariableKey
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor, is_tensor
from ...compiler.frontend.values.variable import Variable, represented_by
from ...dialects.diagnostics import InvalidArgumentError
from ..functions.concrete import ConcreteFunction
from ..functions.function import Function
from ..functions.function_type import parameter_texts
from ..functions.input_signature import Specs
from .structures import is_tuple_class, tuple_class


class LoadedFunction(Function[..., Any]):
    """A function of a saved model, with its traces; a call that fits none of them is an error that lists them.

    Attributes:
        lost: why traces that the function had were not saved.
    """

    def __init__(
        self,
        name: str,
        engine: str,
        parameters: Parameters,
        input_signature: Specs | None,
        traces: Sequence[ConcreteFunction],
        lost: Sequence[str] = (),
    ):
        super().__init__(_caller(self, name, parameters), input_signature=input_signature, engine=engine, name=name)
        vars(self)["_parameters"] = parameters  # a cached property of other functions
        self.lost = tuple(lost)
        self._loaded = tuple(traces)
        self._owned = [trace.captures for trace in traces]  # functions alone do not keep Variables alive
        for trace in traces:
            trace.parameters = parameters
            self._traces._concretes[trace.key] = trace

    def _concrete_for(self, args: Sequence[object], kwargs: dict[str, object]) -> tuple[ConcreteFunction, list[Tensor]]:
        given: Any = self._parameters.bind(args, kwargs)
        if self._signature is not None:
            given, _ = self._signature.convert(given)
        given = _with_tuple_classes(given)
        for converts in (False, True):
            for trace in self._loaded:
                found = _match(trace, given, converts)
                if found is not None:
                    return found
        raise InvalidArgumentError(self._refusal(given))

    def _refusal(self, given: Any) -> str:
        text = f"{self._name}: no trace of the saved model fits the arguments ({_shown(given)})"
        if not self._loaded:
            text = f"{self._name}: the saved model has no trace of it"
            if not self.lost:
                text += ": it was not called before it was saved, and has no input_signature"
        else:
            text += "; there are:"
            for trace in self._loaded:
                rows = parameter_texts(trace.key, self._parameters)
                text += f"\n  ({', '.join(f'{name}: {kind}' for name, _, kind in rows)})"
        if self.lost:
            text += "\nnot saved were traces of which:" + "".join(f"\n  {reason}" for reason in self.lost)
        return text


def _caller(function: LoadedFunction, name: str, parameters: Parameters) -> Callable[..., Any]:
    """What a loaded function has as its Python function: it calls the traces."""

    def call_loaded(*args: Any, **kwargs: Any) -> Any:
        concrete, tensors = function._for_call(args, kwargs)
        return concrete.output_plan.build(concrete.call(tensors))

    call_loaded.__name__ = call_loaded.__qualname__ = name
    call_loaded.__signature__ = parameters.signature  # pyright: ignore[reportFunctionMemberAccess]
    return call_loaded


def _match(trace: ConcreteFunction, given: Any, converts: bool) -> tuple[ConcreteFunction, list[Tensor]] | None:
    """The trace, for the Variables among the arguments, and its tensors; None where the arguments do not fit."""
    try:
        values = trace.key.structure.flatten_up_to(given)
    except ValueError:
        return None
    found = [_fit(leaf, value, converts) for leaf, value in zip(trace.key.leaves, values, strict=True)]
    if any(each is _NO for each in found):
        return None
    variables = [value for value in found if isinstance(value, Variable)]
    for leaf, value in zip(trace.key.leaves, found):
        if isinstance(leaf, VariableKey) and found[leaf.first] is not value:
            return None
    kinds = len({id(variable) for variable in variables})
    if kinds != sum(isinstance(leaf, VariableKey) and leaf.first == i for i, leaf in enumerate(trace.key.leaves)):
        return None
    if variables and any(trace.takes(variable) for variable in variables):
        return None
    return (trace.bound(variables) if variables else trace), [value for value in found if isinstance(value, Tensor)]


_NO: Any = object()
"""Represents an argument that does not match a trace."""


def _fit(leaf: object, value: Any, converts: bool) -> Any:
    """The argument in a call of a trace with this key: a tensor, a Variable, or None for anything else that fits."""
    match leaf:
        case TensorSpec():
            return _fitting_tensor(leaf, value, converts)
        case ValueKey():
            known = not is_tensor(value) and ValueKey(type(value), value) == leaf if _is_hashable(value) else False
            return None if known else _NO
        case VariableKey():
            value = represented_by(value)
            fits = isinstance(value, Variable) and (value._memory.shape, value.dtype, value.trainable) == (
                leaf.shape,
                leaf.dtype,
                leaf.trainable,
            )
            return value if fits else _NO
        case ObjectKey():
            return None if id(value) == leaf.id else _NO
    return _NO


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _fitting_tensor(spec: TensorSpec, value: Any, converts: bool) -> Any:
    if isinstance(value, TensorSpec):
        return None if spec.covers(value) else _NO
    if not isinstance(value, Tensor):
        is_array = isinstance(value, np.ndarray | np.generic) or is_tensor(value)
        if value is None or not (is_array or converts):
            return _NO
        try:
            value = as_tensor(value, None if is_array else spec.dtype)
        except (TypeError, ValueError):
            return _NO
    return value if spec.covers(TensorSpec(value.shape, value.dtype)) else _NO


def _with_tuple_classes(value: Any) -> Any:
    """Arguments in which namedtuples are of the classes that loaded structures have."""
    if is_tuple_class(type(value)):
        made = tuple_class(type(value).__name__, tuple(value._fields))
        return made(*map(_with_tuple_classes, value))
    if type(value) in (list, tuple):
        return type(value)(map(_with_tuple_classes, value))
    if isinstance(value, dict):
        copied = value.copy()
        copied.update({key: _with_tuple_classes(item) for key, item in value.items()})
        return copied
    return value


def _shown(given: Any) -> str:
    """The arguments as text: tensors as specs."""
    leaves, structure = optree.tree_flatten(given, none_is_leaf=True)
    shown: Any = optree.tree_unflatten(structure, [_Text(leaf) for leaf in leaves])
    return ", ".join(f"{name}={value!r}" for name, value in shown.items())


class _Text:
    def __init__(self, value: Any):
        is_array = is_tensor(value) or isinstance(value, np.ndarray)
        self._text = repr(TensorSpec(value.shape, value.dtype)) if is_array else repr(value)

    def __repr__(self) -> str:
        return self._text
