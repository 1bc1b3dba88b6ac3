"""The levels of abstraction as data: which ops may stand in a program at each of them.

A program walks down `hl → linalg → loops → cfg → llvm`. Each level is a table of legal dialects and ops; a pass says
which level it needs (`requires`) and which it leaves (`ensures`), and the pass manager checks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from .public import public
from .walk import ops_in


@public("plugins")
@dataclass(frozen=True)
class Level:
    """A level of abstraction.

    Attributes:
        name: the name used in pipelines and on the command line.
        doc: one line for people.
        legal: names of whole dialects (`"scf"`) and of single ops (`"tensor.extract"`) that may appear.
    """

    name: str
    doc: str
    legal: frozenset[str]

    @staticmethod
    def of(name: str, doc: str, legal: str) -> Level:
        """A level whose legal dialects and ops are separated by spaces; `builtin` is always legal.

        Example:
            >>> sorted(Level.of("cfg", "basic blocks", "func cf").legal)
            ['builtin', 'cf', 'func']
        """
        return Level(name, doc, frozenset(("builtin", *legal.split())))

    def allows(self, op: Operation) -> bool:
        """Whether `op` may appear at this level."""
        return op.name in self.legal or op.name.split(".", 1)[0] in self.legal

    def illegal_ops(self, module: ModuleOp) -> Iterator[Operation]:
        """The ops of `module` that may not appear at this level, in program order."""
        known: dict[str, bool] = {}
        for op in ops_in(module):
            if op.name not in known:
                known[op.name] = self.allows(op)
            if not known[op.name]:
                yield op


HL = Level.of(
    "hl",
    "tensor operations, structured control flow and effects, as the user wrote them",
    "func hl state debug host gradient scf "
    "tensor.extract tensor.from_elements tensor.cast arith.constant arith.index_cast",
)
LINALG = Level.of(
    "linalg",
    "index maps over tensors: where fusion happens",
    "func linalg tensor scf arith math debug host memref.load memref.dim "
    "bufferization.to_tensor bufferization.materialize_in_destination bufferization.alloc_tensor",
)
LOOPS = Level.of(
    "loops",
    "loops over memory: where vectorization and tiling happen",
    "func memref scf arith math vector simd debug host",
)
CFG = Level.of(
    "cfg",
    "basic blocks and branches",
    "func memref cf arith math vector simd debug host",
)
LLVM = Level.of("llvm", "what LLVM reads", "llvm")

LEVELS: dict[str, Level] = {level.name: level for level in (HL, LINALG, LOOPS, CFG, LLVM)}
"""All levels, from the highest down."""

BUFFERS = Level.of(
    "buffers",
    "index maps over memory: inside the step from linalg to loops",
    "func linalg memref scf arith math vector simd debug host",
)

STAGES: dict[str, Level] = {**LEVELS, BUFFERS.name: BUFFERS}
"""The levels, and what a module is at between two of them: what passes may require and ensure."""
