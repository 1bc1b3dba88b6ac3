# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, TypeVar
from xdsl.context import Context
from xdsl.dialects.builtin import LocationAttr, ModuleOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import RewritePattern
from xdsl.rewriter import InsertPoint

OpT = TypeVar('OpT', bound=Operation)

class Emitter:
    """Inserts ops one after the other at an insertion point, each with the same location."""
    point: InsertPoint
    location: LocationAttr
    def __init__(self, point: InsertPoint, location: LocationAttr) -> None: ...
    @staticmethod
    def before(op: Operation) -> Emitter:
        """An emitter that inserts before `op`, with its location."""
    @staticmethod
    def after(op: Operation) -> Emitter:
        """An emitter that inserts after `op`, with its location."""
    def at_end(self, block: Block) -> Emitter:
        """An emitter with the same location at the end of `block`."""
    def add(self, op: OpT) -> OpT:
        """Insert `op`, give it (and what is nested in it) the location, and return it."""
    def value(self, op: Operation) -> SSAValue:
        """Insert `op` and return its only result."""
    @contextmanager
    def located(self, location: LocationAttr) -> Iterator[None]:
        """Use another location inside the `with` block."""
    def index(self, value: int) -> SSAValue:
        """An `arith.constant` of type `index`."""
    def constant(self, value: float | int | bool, type_: Attribute) -> SSAValue:
        """An `arith.constant` of a scalar type, or a splat of a tensor or vector type."""

@dataclass(frozen=True)
class Level:
    """A level of abstraction."""
    name: str
    doc: str
    legal: frozenset[str]
    @staticmethod
    def of(name: str, doc: str, legal: str) -> Level:
        """A level whose legal dialects and ops are separated by spaces; `builtin` is always legal."""
    def allows(self, op: Operation) -> bool:
        """Whether `op` may appear at this level."""
    def illegal_ops(self, module: ModuleOp) -> Iterator[Operation]:
        """The ops of `module` that may not appear at this level, in program order."""

@dataclass(frozen=True)
class Pass(ModulePass):
    """A named transformation of a module, in place."""
    requires: ClassVar[str | None] = ...
    ensures: ClassVar[str | None] = ...
    idempotent: ClassVar[bool] = ...
    nestable: ClassVar[bool] = ...
    exact: ClassVar[bool] = ...
    inexact_because: ClassVar[str] = ...
    reorders_sums: ClassVar[bool] = ...
    adds_checks: ClassVar[bool] = ...
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Transform the module `op` in place."""

Pattern: TypeAlias = RewritePattern
"""A pattern matches an op, and either refuses it with a reason (`refuse`) or rewrites it."""

@dataclass(frozen=True)
class Plugin:
    """What a package adds to stepwell. Objects are named as entry points name them: `"package.module:attribute"`."""
    dialects: Mapping[str, str] = ...
    passes: Mapping[str, str] = ...
    levels: Sequence[Level] = ...
    steps: Mapping[tuple[str, str], str] = ...
    pipelines: Mapping[str, str] = ...
    interpreter: Sequence[str] = ...

class PluginError(Exception):
    """A plug-in that cannot be loaded, that is not what it says, or that adds a name which exists already."""

def apply_patterns(
    module: ModuleOp,
    patterns: Sequence[RewritePattern],
    *,
    repeat: bool = True,
    reverse: bool = False,
    may_match: Callable[[Operation], object] | None = None,
) -> bool:
    """Apply `patterns` to every op of `module`, to a fixed point unless `repeat` is off; tell whether anything changed."""

def refuse(pattern: str | RewritePattern, op: Operation, reason: str) -> None:
    """Say why `pattern` does not rewrite `op`. Costs nothing unless somebody asked (`collect_refusals`)."""
