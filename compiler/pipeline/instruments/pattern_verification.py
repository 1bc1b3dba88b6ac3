"""The module is valid after every rewrite: which pattern breaks it?"""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from ....dialects.diagnostics import PassError, location_text
from ...rewriting import RewriteObserver
from ..verification import first_invalid

OPTION = "verify-each-pattern"
"""What a reproducer says, so that the check is made again."""


class VerifyPatterns(RewriteObserver):
    """An instrument that verifies the module after every rewrite by a pattern, and names the pattern that broke it.

    It is slow, the size of the module times the number of rewrites. Passes that do not work with
    `rewriting.apply_patterns` are not looked into.
    """

    def __init__(self) -> None:
        self._pass = ""
        self._tries: list[tuple[Operation, str, str]] = []
        self._verified = False

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Note whose patterns come."""
        self._pass, self._tries = pass_.name, []

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Nothing is left to do."""

    def trying(self, pattern: str, op: Operation) -> None:
        """Note which module the op is in and what it is, which is not known once it is erased."""
        root = self._tries[0][0] if self._tries else op.get_toplevel_object()
        assert isinstance(root, Operation)
        self._tries.append((root, op.name, location_text(op.location)))
        self._verified = False

    def tried(self, pattern: str, op: Operation, rewrote: bool) -> None:
        """Verify, once for each rewrite: after the innermost pattern, which is the one that rewrote."""
        root, name, place = self._tries.pop()
        if not rewrote or self._verified:
            return
        self._verified = True
        assert isinstance(root, ModuleOp)
        wrong = first_invalid(root)
        if wrong is not None:
            where = f"'{name}' at {place}" if place else f"'{name}'"
            raise PassError(
                self._pass,
                f"pattern {pattern}, which rewrote {where}, leaves a '{wrong.op.name}' that is not valid: "
                f"{wrong.message}",
                location=wrong.op.location,
                op=wrong.op.name,
                pattern=pattern,
                replay={OPTION: True},
            )
