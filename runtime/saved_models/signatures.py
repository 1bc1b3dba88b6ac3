"""The signatures of a saved model: functions of named tensors that return named tensors."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from inspect import Parameter, Signature
from keyword import iskeyword
from typing import Any

import optree

from ...compiler.frontend.tracing.signature import CallKey, Parameters, TensorSpec
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.public import public_values
from ..functions.concrete import ConcreteFunction, OutputPlan
from ..functions.function import Function
from .loaded import SignatureMap
from .objects import Children

DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"

DEFAULT_SIGNATURE = "_default_save_signature"
"""TensorFlow's name of the function that is the signature where none is given."""

public_values("saved_model", "DEFAULT_SERVING_SIGNATURE_DEF_KEY")


def chosen_signatures(root: object, given: object, children: Children) -> dict[str, ConcreteFunction]:
    """The signatures by name: those given; else those that a loaded object has, or the only function that has specs.

    Raises ValueError for what is no function of known specs.
    """
    if given is None:
        loaded = vars(root).get("signatures") if hasattr(root, "__dict__") else None
        if isinstance(loaded, SignatureMap):
            return {name: as_signature(name, concrete) for name, concrete in loaded.items()}
        only = _only_function(root, children)
        given = {} if only is None else only
    if not isinstance(given, Mapping):
        given = {DEFAULT_SERVING_SIGNATURE_DEF_KEY: given}
    for name in given:
        if not isinstance(name, str) or not name:
            raise InvalidArgumentError(f"saved_model.save: signatures: expected names, got {name!r}")
    return {name: as_signature(name, _concrete(name, function)) for name, function in sorted(given.items())}


def _only_function(root: object, children: Children) -> Function[..., Any] | ConcreteFunction | None:
    """What becomes the signature where none is given: the one concrete function, or function with specs, if it is one.

    An object that says what of it is saved may say which it is, as `DEFAULT_SIGNATURE`.
    """
    found = children.of(root)
    if DEFAULT_SIGNATURE in found:
        return found[DEFAULT_SIGNATURE]  # pyright: ignore[reportReturnType]
    functions = [child for child in found.values() if isinstance(child, ConcreteFunction) or _has_specs(child)]
    return functions[0] if len(functions) == 1 else None  # pyright: ignore[reportReturnType]


def _has_specs(thing: object) -> bool:
    signature = thing._signature if isinstance(thing, Function) else None
    return signature is not None and not signature.has_any_rank


def _concrete(name: str, function: object) -> ConcreteFunction:
    if isinstance(function, ConcreteFunction):
        return function
    if isinstance(function, Function) and function.input_signature is not None:
        return function.get_concrete_function()
    raise InvalidArgumentError(
        f"saved_model.save: signatures: {name!r}: expected a function with an input_signature, or a concrete function, "
        f"got {function!r}"
    )


def as_signature(name: str, concrete: ConcreteFunction) -> ConcreteFunction:
    """A concrete function of tensors by name that returns a dict. ValueError for one that returns anything else."""
    inputs = _input_names(concrete)
    specs = {name: spec.named(name) for name, spec in zip(inputs, concrete.specs, strict=True)}
    key, plan, parameters = signature_parts(concrete.name, specs, _outputs(name, concrete))
    found = concrete.restructured(key, plan)
    found.parameters = parameters
    return found


def signature_parts(
    function: str, specs: Mapping[str, TensorSpec], outputs: Mapping[str, int]
) -> tuple[CallKey, OutputPlan, Parameters]:
    """The arguments, results and parameters of a signature, given specs of its inputs and its results by name."""
    arguments: Any = OrderedDict((name, 0) for name in specs)
    key = CallKey(optree.tree_structure(arguments, none_is_leaf=True), tuple(specs.values()))
    results: Any = dict(outputs)
    slots, structure = optree.tree_flatten(results, none_is_leaf=True)
    signature = Signature([Parameter(name, Parameter.KEYWORD_ONLY) for name in specs])
    plan = OutputPlan(structure, tuple(slots), (None,) * len(slots))
    return key, plan, Parameters.of_signature(signature, function)


def is_parameter_name(name: str) -> bool:
    """Whether a call can give an argument by that name."""
    return name.isidentifier() and not iskeyword(name)


def _input_names(concrete: ConcreteFunction) -> list[str]:
    """A name for each tensor argument: that of its spec, or of its parameter, with a number where that is taken."""
    found: dict[str, None] = {}
    for spec, name in zip(concrete.specs, concrete._tensor_names(), strict=True):
        words = re.split(r"\W+", spec.name or _parameter_name(name))
        base = "_".join(word for word in words if word)
        base = base if is_parameter_name(base) else f"input_{base}".rstrip("_")
        fresh, count = base, 1
        while fresh in found:
            fresh, count = f"{base}_{count}", count + 1
        found[fresh] = None
    return list(found)


def _parameter_name(leaf: str) -> str:
    """`args_0` of `args[0]`, and `params` of `params['w']`."""
    found = re.fullmatch(r"(\w+)\[(\d+)\](.*)", leaf)
    return f"{found[1]}_{found[2]}" if found else leaf.split("[")[0]


def _outputs(name: str, concrete: ConcreteFunction) -> dict[str, int]:
    """The index of each result by its name."""
    plan, where = concrete.output_plan, f"saved_model.save: signatures: {name!r}: {concrete.name}"
    names: dict[str, int] = {}
    for path, slot, constant in zip(plan.structure.paths(), plan.slots, plan.constants, strict=True):
        if slot is None and not path:
            continue  # it returns None
        if slot is None or len(path) > 1 or not _is_flat(plan.structure):
            got = "a nested structure" if slot is not None else repr(constant)
            raise InvalidArgumentError(
                f"{where}: expected a tensor, a sequence of tensors, or a dict from names to tensors to be returned, "
                f"got {got}{''.join(f' at [{part!r}]' for part in path[:1])}"
            )
        key = path[0] if path else 0
        if isinstance(key, int) and plan.structure.type is dict:
            raise InvalidArgumentError(f"{where}: expected a dict with names as keys to be returned, got the key {key}")
        names[key if isinstance(key, str) else f"output_{key}"] = slot
    return names


def _is_flat(structure: optree.PyTreeSpec) -> bool:
    kind = structure.type
    return structure.is_leaf() or (isinstance(kind, type) and issubclass(kind, tuple | list | dict))
