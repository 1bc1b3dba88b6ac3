"""What a pass is."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...dialects.public import public
from ..targets import HOST, find_target


@public("plugins")
@dataclass(frozen=True)
class Pass(ModulePass):
    """A named transformation of a module, in place.

    The dataclass fields of a subclass are its options on the command line (`name{option=value}`). The docstring of a
    subclass shows IR before and after (tests run the blocks), then says why the pass is worth doing. One pass is one
    file: class `FuseElementwisePass`, pass `fuse-elementwise`, file `fuse_elementwise.py`.

    Class attributes:
        requires: the level the module must be at before the pass (`None`: any).
        ensures: the level the module is at after the pass (`None`: the one it was at).
        idempotent: whether applying the pass twice has the same result as applying it once.
        nestable: whether it looks at one function at a time and changes none of its types, so that it may be nested:
            `func.func(cse)`.
        exact: whether results stay bit for bit the same; otherwise `inexact_because` says what changes.
        reorders_sums: whether a pass that is exact otherwise takes float sums and products of matrices of many elements
            in another order, so that they are rounded otherwise.
        adds_checks: whether it is there to stop programs, by `debug.assert`, that went on before.
    """

    requires: ClassVar[str | None] = None
    ensures: ClassVar[str | None] = None
    idempotent: ClassVar[bool] = True
    nestable: ClassVar[bool] = False
    exact: ClassVar[bool] = True
    inexact_because: ClassVar[str] = ""
    reorders_sums: ClassVar[bool] = False
    adds_checks: ClassVar[bool] = False

    @abstractmethod
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Transform the module `op` in place."""


@dataclass(frozen=True)
class TargetPass(Pass):
    """A pass whose result depends on the CPU that code is made for.

    Attributes:
        target: the name of the CPU; without one it is the CPU this runs on.
    """

    target: str = HOST

    def __post_init__(self) -> None:
        if self.target != HOST:
            find_target(self.target)  # an unknown name is an error when the pipeline is read
