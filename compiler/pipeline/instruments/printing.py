"""The module before and after passes, as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...interchange.mlir.text import print_module
from .selection import Selection

NOTHING = Selection(frozenset())


@dataclass
class PrintIR:
    """An instrument that prints the module, below a line that says when, as MLIR's `--mlir-print-ir-…` do.

    Attributes:
        write: is given each text.
        before_passes, after_passes: the passes before and after which the module is printed.
        changed_only: after a pass, whether it is printed only where the pass changed it.
        locations: whether the location of each op is printed.
    """

    write: Callable[[str], object]
    before_passes: Selection = NOTHING
    after_passes: Selection = NOTHING
    changed_only: bool = False
    locations: bool = False
    _before: str = field(default="", init=False)

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Print the module, if that is wanted, and keep what is compared afterwards."""
        if self.before_passes.matches(pass_):
            self._dump(f"Before {pass_}", print_module(module, locations=self.locations))
        if self.changed_only and self.after_passes.matches(pass_):
            self._before = print_module(module, locations=self.locations)

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Print the module, if that is wanted and it has changed."""
        if not self.after_passes.matches(pass_):
            return
        text = print_module(module, locations=self.locations)
        if not self.changed_only or text != self._before:
            self._dump(f"After {pass_}", text)

    def _dump(self, when: str, text: str) -> None:
        self.write(f"// -----// IR Dump {when} //----- //\n{text}\n")
