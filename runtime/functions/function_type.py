"""The arguments and results of a trace as structures of specs, and as the text that TensorFlow prints of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any

import numpy as np
import optree

from ...compiler.frontend.tracing.signature import CallKey, ObjectKey, Parameters, TensorSpec, ValueKey, VariableKey
from ...compiler.frontend.values.tensor import Tensor


def bound_arguments(key: CallKey, make: Callable[[int, Any], object]) -> dict[str, Any]:
    """The arguments by name, with what `make` returns of the index and the key of each leaf in the leaves' places."""
    leaves = [make(index, leaf) for index, leaf in enumerate(key.leaves)]
    found: Any = optree.tree_unflatten(key.structure, leaves)
    return dict(found) if isinstance(found, Mapping) else {str(index): item for index, item in enumerate(found)}


def structured_signature(
    key: CallKey, parameters: Parameters | None, names: Sequence[str]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional arguments and keyword arguments, tensors as specs with names."""

    def make(index: int, leaf: object) -> object:
        if isinstance(leaf, TensorSpec):
            return leaf if leaf.name else leaf.named(_graph_name(names[index]))
        return leaf.value if isinstance(leaf, ValueKey) else leaf

    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for name, value in bound_arguments(key, make).items():
        kind = _kind(parameters, name)
        if kind is Parameter.VAR_POSITIONAL:
            positional.extend(value)
        elif kind is Parameter.VAR_KEYWORD:
            keywords.update(value)
        elif kind is Parameter.KEYWORD_ONLY:
            keywords[name] = value
        else:
            positional.append(value)
    return tuple(positional), keywords


def _graph_name(name: str) -> str:
    """`d_x` for the leaf `d['x']`, as TensorFlow names it."""
    words = "".join(char if char.isalnum() else " " for char in name).split()
    return "_".join(words)


def parameter_texts(key: CallKey, parameters: Parameters | None) -> list[tuple[str, str, str]]:
    """Of each parameter the name, the kind and the text of its type."""
    rows: list[tuple[str, str, str]] = []
    for name, value in bound_arguments(key, lambda _, leaf: _Leaf(leaf)).items():
        kind = _kind(parameters, name)
        if kind is Parameter.VAR_POSITIONAL:
            rows += [(f"{name}_{i}", "POSITIONAL_ONLY", type_text(each)) for i, each in enumerate(value)]
        elif kind is Parameter.VAR_KEYWORD:
            rows += [(each, "KEYWORD_ONLY", type_text(value[each])) for each in value]
        else:
            rows.append((name, kind.name, type_text(value)))
    return rows


class _Leaf:
    def __init__(self, key: object):
        self.key = key


def _kind(parameters: Parameters | None, name: str) -> Any:
    found = None if parameters is None else parameters.signature.parameters.get(name)
    return Parameter.POSITIONAL_OR_KEYWORD if found is None else found.kind


def type_text(value: Any) -> str:
    """The text of a type: a spec, a literal, or a structure of these."""
    if isinstance(value, _Leaf):
        value = value.key
    if isinstance(value, TensorSpec):
        return repr(value.named(None))
    if isinstance(value, dict):
        return f"Dict[{', '.join(f'[{name!r}, {type_text(item)}]' for name, item in value.items())}]"
    if isinstance(value, list | tuple):
        kind = "List" if isinstance(value, list) else "Tuple"
        return f"{kind}[{', '.join(map(type_text, value))}]"
    if isinstance(value, VariableKey):
        return f"VariableSpec(shape={value.shape}, dtype=tf.{value.dtype.name}, trainable={value.trainable})"
    if isinstance(value, ObjectKey):
        return f"Weakref[{value.kind}]"
    return (
        f"Literal[{value.value if isinstance(value, ValueKey) else value!r}]"
        if not _is_text(value)
        else (f"Literal[{value.value!r}]")
    )


def _is_text(value: object) -> bool:
    return isinstance(value, ValueKey) and isinstance(value.value, str | bytes)


def signature_text(rows: Sequence[tuple[str, str, str]], output: str, captures: Sequence[tuple[int, str]]) -> str:
    """What TensorFlow prints of a concrete function."""
    lines = ["Input Parameters:", *(f"  {name} ({kind}): {text}" for name, kind, text in rows)]
    lines += [] if rows else ["  None"]
    lines += ["Output Type:", f"  {output}", "Captures:"]
    return "\n".join(lines + ([f"  {number}: {text}" for number, text in captures] or ["  None"]))


def flat_tensors(key: CallKey, parameters: Parameters, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """The tensor arguments of a call that is written as one of the Python function.

    Raises TypeError for arguments of another structure, or other values than those of the trace.
    """
    bound: Any = parameters.bind(args, kwargs)
    try:
        leaves = key.structure.flatten_up_to(bound)
    except ValueError:
        raise TypeError(f"{parameters.function_name}: the arguments have another structure than the trace's") from None
    for leaf, known in zip(leaves, key.leaves, strict=True):
        if isinstance(known, ValueKey) and not _is_same(leaf, known.value):
            raise TypeError(f"{parameters.function_name}: expected {known.value!r}, got {leaf!r}")
    return [leaf for leaf, known in zip(leaves, key.leaves) if isinstance(known, TensorSpec)]


def _is_same(value: object, known: object) -> bool:
    if isinstance(value, Tensor | np.ndarray):
        return False
    return value is known or (type(value) is type(known) and value == known)
