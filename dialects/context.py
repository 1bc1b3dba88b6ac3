"""Which dialects programs may use: one table, each loaded when a text first names it; then those of plug-ins."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from xdsl.context import Context
from xdsl.ir import Attribute, Dialect, Operation, TypeAttribute

from .plugins import Contribution, contributions

_DIALECTS = {
    "builtin": ("xdsl.dialects.builtin", "Builtin"),
    "func": ("xdsl.dialects.func", "Func"),
    "cf": ("xdsl.dialects.cf", "Cf"),
    "scf": ("xdsl.dialects.scf", "Scf"),
    "arith": ("xdsl.dialects.arith", "Arith"),
    "math": ("xdsl.dialects.math", "Math"),
    "affine": ("xdsl.dialects.affine", "Affine"),
    "tensor": ("xdsl.dialects.tensor", "Tensor"),
    "linalg": ("xdsl.dialects.linalg", "Linalg"),
    "bufferization": ("xdsl.dialects.bufferization", "Bufferization"),
    "memref": ("xdsl.dialects.memref", "MemRef"),
    "vector": ("xdsl.dialects.vector", "Vector"),
    "llvm": (".llvm", "LLVM"),
    "ub": ("xdsl.dialects.ub", "UB"),
    "hl": (".hl.registry", "HL"),
    "state": (".state", "State"),
    "debug": (".debug", "Debug"),
    "host": (".host", "Host"),
    "gradient": (".gradient", "Gradient"),
    "simd": (".simd", "SIMD"),
}


def load_dialect(name: str) -> Dialect:
    """The dialect of that name.

    Example:
        >>> load_dialect("state").name
        'state'
    """
    module, attribute = _DIALECTS[name]
    return getattr(import_module(module, __package__), attribute)


class _ExtensibleContext(Context):
    """A context that looks among plug-ins for dialects that it does not know."""

    def clone(self) -> Context:
        """A copy."""
        return _ExtensibleContext(
            self.allow_unregistered,
            self._loaded_dialects.copy(),
            self._loaded_ops.copy(),
            self._loaded_attrs.copy(),
            self._loaded_types.copy(),
            self._registered_dialects.copy(),
        )

    def get_optional_op(self, name: str, *, dialect_stack: Sequence[str] = ()) -> type[Operation] | None:
        """xDSL's, and ops of plug-ins."""
        self._look_for(name)
        return super().get_optional_op(name, dialect_stack=dialect_stack)

    def get_optional_type(self, name: str) -> type[TypeAttribute] | None:
        """xDSL's, and types of plug-ins."""
        self._look_for(name)
        return super().get_optional_type(name)

    def get_optional_attr(self, name: str) -> type[Attribute] | None:
        """xDSL's, and attributes of plug-ins."""
        self._look_for(name)
        return super().get_optional_attr(name)

    def get_optional_dialect(self, name: str) -> Dialect | None:
        """xDSL's, and dialects of plug-ins."""
        self._look_for(f"{name}.")
        return super().get_optional_dialect(name)

    def _look_for(self, name: str) -> None:
        """Know the dialects of plug-ins, if `name` is of a dialect that is not known."""
        dialect, separator, _ = name.partition(".")
        if not separator or dialect in self._registered_dialects:
            return
        for added, item in contributions(["dialect"], _DIALECTS).items():
            if added not in self._registered_dialects:
                self.register_dialect(added, lambda item=item: _load_added(item))


def _load_added(item: Contribution) -> Dialect:
    """The dialect of a plug-in."""
    found = item.load()
    if not isinstance(found, Dialect):
        raise item.error(f"is a {type(found).__name__}, expected an xdsl.ir.Dialect")
    if found.name != item.name:
        raise item.error(f"calls itself '{found.name}'")
    return found


def make_context() -> Context:
    """A context that knows every dialect of every level, and those of plug-ins, for parsing and for passes."""
    context = _ExtensibleContext()
    for name in _DIALECTS:
        context.register_dialect(name, lambda name=name: load_dialect(name))
    return context
