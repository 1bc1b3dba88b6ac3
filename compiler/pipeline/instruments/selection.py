"""Which passes an instrument is asked to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xdsl.passes import ModulePass

from ..nested import NestedPass
from ..registry import pass_class


@dataclass(frozen=True)
class Selection:
    """Passes by name, wherever they are nested; or all.

    Example:
        >>> from ..pipelines import parse
        >>> [Selection.of(["cse"]).matches(pass_) for pass_ in parse("cse,dce,func.func(cse)")]
        [True, False, True]
    """

    names: frozenset[str] | None

    @staticmethod
    def of(names: Iterable[str]) -> Selection:
        """The passes that each text names (several separated by commas); an empty text means all.

        UnknownPassError for a name that is none.
        """
        found = [name.strip() for text in names for name in text.split(",")]
        if "" in found:
            return Selection(None)
        return Selection(frozenset(pass_class(name).name for name in found))

    def matches(self, pass_: ModulePass) -> bool:
        """Whether `pass_` is one of them."""
        while isinstance(pass_, NestedPass):
            pass_ = pass_.inner
        return self.names is None or pass_.name in self.names
