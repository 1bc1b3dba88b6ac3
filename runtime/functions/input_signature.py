"""`input_signature`: the specs that the arguments of a function must fit, and how arguments are converted to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, overload

import optree

from ...compiler.frontend.control_flow.values import add_check
from ...compiler.frontend.ops.ragged.tensor import is_ragged
from ...compiler.frontend.tracing.signature import CallKey, Parameters, TensorSpec, leaf_names
from ...compiler.frontend.tracing.tensor_shape import TensorShape
from ...compiler.frontend.tracing.tracer import Tracer
from ...compiler.frontend.values.dispatch import apply, as_tensor, to_ssa
from ...compiler.frontend.values.tensor import Tensor, TensorLike
from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.dtypes import INT64
from ...dialects.hl.comparison import EqualOp
from ...dialects.hl.shape import DimOp

Specs: TypeAlias = Sequence[TensorSpec | Sequence[object] | Mapping[str, object]]
"""Specs of the arguments of a function: one for each, or structures of them."""


class InputSignature:
    """The specs of a function's arguments, in order; parameters after them keep their defaults.

    Attributes:
        has_any_rank: whether a spec leaves the rank open, so that there is a trace for each rank.

    Raises TypeError for what is no spec, and for specs that do not match the parameters.
    """

    def __init__(self, function: str, parameters: Parameters, specs: Specs):
        if not isinstance(specs, list | tuple):
            raise InvalidTypeError(f"{function}: input_signature: expected a list of TensorSpecs, got {specs!r}")
        specs = optree.tree_map(_parts, list(specs), none_is_leaf=True)  # pyright: ignore
        for leaf in optree.tree_leaves(list(specs), none_is_leaf=True):  # pyright: ignore[reportArgumentType]
            if not isinstance(leaf, TensorSpec):
                raise InvalidTypeError(f"{function}: input_signature: expected TensorSpecs, got {leaf!r}")
        self.function = function
        self.args: tuple[object, ...] = tuple(specs)
        try:
            self._arguments = parameters.bind(self.args, {})
        except TypeError as error:
            raise InvalidTypeError(f"{function}: input_signature: {str(error).removeprefix(f'{function}: ')}") from None

        leaves = optree.tree_leaves(self._arguments, none_is_leaf=True)  # pyright: ignore[reportArgumentType]
        self._converted = {
            name
            for name, wanted in self._arguments.items()
            if any(map(_is_converted, optree.tree_leaves(wanted, is_leaf=_is_converted)))  # pyright: ignore
        }
        self.has_any_rank = any(isinstance(leaf, TensorSpec) and leaf.sizes is None for leaf in leaves)

    def convert(self, arguments: OrderedDict[str, object]) -> tuple[OrderedDict[str, object], OrderedDict[str, object]]:
        """The arguments with tensors that fit, and with a spec for each tensor: what the trace is made for.

        There is one trace, but for one for each rank where a spec leaves that open. Raises TypeError or ValueError for
        arguments that do not fit.
        """
        given = OrderedDict((name, self._argument(name, value)) for name, value in arguments.items())
        if not self.has_any_rank:
            return given, self._arguments
        wanted: Any = optree.tree_map(_of_rank, self._arguments, given, none_is_leaf=True)  # pyright: ignore
        return given, wanted

    def _argument(self, name: str, value: Any) -> object:
        wanted: Any = self._arguments[name]
        specs, structure = optree.tree_flatten(wanted, none_is_leaf=True)
        if not any(isinstance(spec, TensorSpec) for spec in specs):
            if not _same(value, wanted):
                raise InvalidTypeError(
                    f"{self.function}: argument {name}: it is not in input_signature, so only its default {wanted!r} "
                    f"can be used, got {value!r}"
                )
            return value
        try:
            given: Any = _as_wanted(wanted, value) if name in self._converted else value
            values = structure.flatten_up_to(given)
        except InvalidTypeError as error:  # what the method of a value that is converted says
            raise InvalidTypeError(f"{self.function}: argument {name}: {error}") from None
        except ValueError:
            raise InvalidTypeError(
                f"{self.function}: argument {name}: expected the structure of its input_signature, {wanted!r}, "
                f"got {value!r}"
            ) from None
        tree = optree.tree_structure({name: wanted}, none_is_leaf=True)  # pyright: ignore[reportArgumentType]
        names = leaf_names(tree)
        checked = [check_spec(self.function, *each) for each in zip(names, specs, values, strict=True)]
        return optree.tree_unflatten(structure, checked)


def with_parts(arguments: Any) -> Any:
    """Arguments in which specs of several tensors are replaced by what holds the specs of these."""
    if not any(hasattr(leaf, "__stepwell_parts__") for leaf in optree.tree_leaves(arguments)):
        return arguments
    return optree.tree_map(_parts, arguments, none_is_leaf=True)


def _parts(spec: Any) -> object:
    """A spec of several tensors as what holds the specs of these."""
    return spec.__stepwell_parts__() if hasattr(spec, "__stepwell_parts__") else spec


def _is_converted(part: object) -> bool:
    """Whether it represents values that are converted as a whole before their tensors are taken."""
    return is_ragged(part) or hasattr(type(part), "__stepwell_given__")


def _as_wanted(wanted: Any, value: Any) -> Any:
    """A value whose RaggedTensors say as much of the lengths of rows as those of specs do, and with what has a method
    `__stepwell_given__` converted by that."""
    return optree.tree_map(_like, wanted, value, is_leaf=_is_converted, none_is_leaf=True)


def _like(spec: Any, value: Any) -> Any:
    if hasattr(type(spec), "__stepwell_given__"):
        return spec.__stepwell_given__(value)
    return value.with_lengths_of(spec) if is_ragged(spec) and is_ragged(value) else value


def _of_rank(spec: object, value: object) -> object:
    """A spec of unknown rank as one of the rank of what is given."""
    if not isinstance(spec, TensorSpec) or spec.sizes is not None or not isinstance(value, Tensor | TensorSpec):
        return spec
    rank = value.shape.rank
    return spec if rank is None else TensorSpec([None] * rank, spec.dtype, spec.name)


def _same(value: object, default: object) -> bool:
    if value is default:
        return True
    if isinstance(value, dict):  # that of `**kwargs` is another one in each call
        return not value and default == {}
    return type(value) is type(default) and isinstance(value, bool | int | float | str | tuple) and value == default


@overload
def check_spec(function: str, name: str, spec: TensorSpec, value: TensorSpec) -> TensorSpec: ...
@overload
def check_spec(function: str, name: str, spec: TensorSpec, value: TensorLike) -> Tensor: ...
def check_spec(function: str, name: str, spec: TensorSpec, value: TensorSpec | TensorLike) -> TensorSpec | Tensor:
    """`value` as a tensor that fits `spec`; TypeError or ValueError naming function, argument, expected and got.

    Another spec represents all tensors that fit it.
    """
    where = f"{function}: argument {name}"
    if isinstance(value, TensorSpec):
        found = value
    else:
        found = as_tensor(value, None if isinstance(value, Tensor | Variable) else spec.dtype, where)
    if found.dtype != spec.dtype:
        raise InvalidTypeError(f"{where}: expected dtype {spec.dtype.name}, got {found.dtype.name}")
    if not spec.covers(TensorSpec(found.shape, found.dtype)):
        raise InvalidTypeError(f"{where}: expected shape {_shape_text(spec.shape)}, got {_shape_text(found.shape)}")
    return found


def refuse_specs(function: str, names: Iterable[str], leaves: Iterable[object]) -> None:
    """TypeError for a spec among the arguments of a call: it has no value to run on."""
    for name, leaf in zip(names, leaves):
        if isinstance(leaf, TensorSpec):
            raise InvalidTypeError(
                f"{function}: argument {name}: expected a tensor, got {leaf}; "
                "a TensorSpec is an argument of get_concrete_function only"
            )


def check_equal_sizes(tracer: Tracer, key: CallKey, names: Sequence[str], leaves: Sequence[Any]) -> None:
    """Add checks to a trace that sizes of one name are equal."""
    for name, (first, *others) in key.named_sizes.items():
        for other in others:
            sizes = [apply(DimOp, leaves[at], axis=axis, dtype=INT64) for at, axis in (first, other)]
            places = [f"axis {axis} of {names[at]} is {{{n}}}" for n, (at, axis) in enumerate((first, other))]
            text = f"{tracer.name}: sizes named '{name}' must be equal: {', '.join(places)}"
            add_check(tracer, to_ssa(apply(EqualOp, *sizes)), text, [to_ssa(size) for size in sizes])


def _shape_text(shape: TensorShape) -> str:
    return str(shape).replace("None", "?")
