"""Objects that own Variables."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

import optree

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..tracing.conversion import convert_inside, runs_others
from ..tracing.name_scopes import name_scope, scope_prefix, snake_case
from .awaited import Awaiting
from .variable import Variable, represented_by

P = ParamSpec("P")
R = TypeVar("R")
Owner = TypeVar("Owner", bound="Module")


@public(top=True)
class Module(Awaiting):
    """A base for objects whose attributes are Variables, other modules, and containers of them.

    Nothing is registered: a module's variables are found by walking its attributes. Objects of other libraries that
    represent a Variable are found like Variables, and those with a method `__stepwell_variables__()` like modules: so
    layers and models of Keras are.

    Args:
        name: an identifier; by default made of the name of the class.

    Raises ValueError for a name that is no identifier.

    Example:
        >>> import stepwell as sw
        >>> class Line(sw.Module):
        ...     def __init__(self, name=None):
        ...         super().__init__(name=name)
        ...         with self.name_scope:
        ...             self.w = sw.Variable(1.0, name="w")
        ...             self.b = sw.Variable(0.0, trainable=False, name="b")
        >>> line = Line()
        >>> line.name, [v.name for v in line.variables], len(line.trainable_variables)
        ('line', ['line/b:0', 'line/w:0'], 1)
    """

    _name: str | None = None
    _scope_name: str | None = None

    def __init__(self, name: str | None = None):
        if name is not None and not (isinstance(name, str) and name.isidentifier()):
            kind = TypeError if not isinstance(name, str) else InvalidArgumentError
            raise kind(f"Module: name: expected an identifier, got {name!r}")
        self._name = name or snake_case(type(self).__name__)
        self._scope_name = f"{scope_prefix()}{self._name}/"

    @property
    def name(self) -> str:
        """The name that the module was made with; by default made of the name of the class."""
        return self._name or snake_case(type(self).__name__)

    @property
    def name_scope(self) -> name_scope:
        """A context in which the names of Variables begin with that of the module."""
        return name_scope(self._scope_name or f"{self.name}/")

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every Variable below this module, each once, in the order of attributes' names, own ones first."""
        return tuple(thing for thing in _walk(self, set()) if _is_variable(thing))  # pyright: ignore[reportReturnType]

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are trainable."""
        return tuple(variable for variable in self.variables if variable.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are not trainable."""
        return tuple(variable for variable in self.variables if not variable.trainable)

    @property
    def submodules(self) -> tuple[Module, ...]:
        """Every other module below this one, each once."""
        return tuple(thing for thing in _walk(self, set()) if isinstance(thing, Module) and thing is not self)

    @classmethod
    def with_name_scope(cls, method: Callable[Concatenate[Owner, P], R]) -> Callable[Concatenate[Owner, P], R]:
        """Decorate a method so that it runs in the module's name scope."""

        @runs_others
        @functools.wraps(method)
        def scoped(self: Owner, *args: P.args, **kwargs: P.kwargs) -> R:
            with self.name_scope:
                return convert_inside(method)(self, *args, **kwargs)

        return scoped


def _walk(thing: object, seen: set[int]) -> Iterator[object]:
    """`thing` and what it holds, breadth of each module before depth, each object once."""
    if id(thing) in seen:
        return
    if _is_variable(thing):
        seen.add(id(thing))
        yield thing
    elif hasattr(type(thing), "__stepwell_variables__"):
        seen.add(id(thing))
        for variable in thing.__stepwell_variables__():  # pyright: ignore[reportAttributeAccessIssue]
            yield from _walk(variable, seen)
    elif isinstance(thing, Module):
        seen.add(id(thing))
        yield thing
        leaves = [leaf for _, value in sorted(vars(thing).items(), key=_by_name) for leaf in _leaves(value)]
        for leaf in leaves:
            if _is_variable(leaf):
                yield from _walk(leaf, seen)
        for leaf in leaves:
            yield from _walk(leaf, seen)


def _is_variable(thing: object) -> bool:
    """Whether it is a Variable, or represents one."""
    return isinstance(represented_by(thing), Variable)


def _by_name(item: tuple[object, object]) -> str:
    return str(item[0])


def _leaves(value: Any) -> list[object]:
    return optree.tree_leaves(value)
