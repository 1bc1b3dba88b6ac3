"""What a saved model is when it is loaded: modules with Variables and functions as attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...compiler.frontend.values.module import Module
from ...compiler.frontend.values.variable import Variable
from ..functions.concrete import ConcreteFunction


class SignatureMap(Mapping[str, ConcreteFunction]):
    """The signatures of a saved model by name: functions of named tensors that return tensors in a dict."""

    def __init__(self, signatures: Mapping[str, ConcreteFunction]):
        self._signatures = dict(signatures)

    def __getitem__(self, name: str) -> ConcreteFunction:
        try:
            return self._signatures[name]
        except KeyError:
            there = ", ".join(map(repr, self._signatures)) or "none"
            raise KeyError(f"there is no signature {name!r}; there are: {there}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._signatures)

    def __len__(self) -> int:
        return len(self._signatures)

    def __repr__(self) -> str:
        return f"SignatureMap({self._signatures!r})"


class LoadedModule(Module):
    """An object of a saved model. Its attributes are those of the saved object that are Variables, functions, modules,
    assets, and containers of these.

    Where the saved object had lists of its Variables, as models of Keras have, `variables` and the other two are these.
    """

    signatures: SignatureMap
    _saved_class: str

    @classmethod
    def shell(cls, saved_class: str, name: str) -> LoadedModule:
        """One without attributes."""
        module = cls.__new__(cls)
        module._saved_class, module._name = saved_class, name
        return module

    def fill(self, children: Mapping[str, Any]) -> None:
        """Set the attributes."""
        vars(self).update(children)

    def _listed(self, name: str) -> tuple[Variable, ...] | None:
        found = vars(self).get(name)
        return tuple(found) if isinstance(found, list | tuple) else None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every Variable below this module, each once."""
        found = self._listed("variables")
        return super().variables if found is None else found

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are trainable."""
        found = self._listed("trainable_variables")
        return super().trainable_variables if found is None else found

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are not trainable."""
        found = self._listed("non_trainable_variables")
        return super().non_trainable_variables if found is None else found

    def __repr__(self) -> str:
        return f"<{self._saved_class} of a saved model>"


class CallableModule(LoadedModule):
    """A LoadedModule of an object whose `__call__` is a compiled function."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return vars(self)["__call__"](*args, **kwargs)
