"""Effects for people: printing values, checking conditions and stopping while a program runs.

Each op is one class through all levels; its operands change from tensors to memrefs and scalars on the way down.
Effects keep program order and are never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import IntegerType, MemRefType, StringAttr, TensorType
from xdsl.ir import Attribute, Dialect, SSAValue
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, prop_def, traits_def, var_operand_def
from xdsl.traits import EffectInstance, MemoryEffect, MemoryEffectKind
from xdsl.utils.exceptions import VerifyException


class _WritesOutside(MemoryEffect):
    """An effect the compiler cannot see through: kept, and kept in order."""

    @classmethod
    def get_effects(cls, op: object) -> set[EffectInstance]:
        """Such an op writes to, and reads from, something outside the program."""
        return {EffectInstance(MemoryEffectKind.WRITE), EffectInstance(MemoryEffectKind.READ)}


WRITES_OUTSIDE = _WritesOutside()


def _scalar_type(type_: Attribute) -> Attribute:
    """The element type of a rank-0 tensor or memref, or the type itself."""
    if isinstance(type_, TensorType | MemRefType) and len(type_.shape) == 0:
        return type_.element_type
    return type_


@irdl_op_definition
class AssertOp(IRDLOperation):
    """Stops the program with an error at the user's line unless `condition` holds.

    `message` may refer to the values as `{0}`, `{1}` …; values are scalars, or tensors of at most a few elements.

    C1: `condition` is one boolean (`i1`, or a rank-0 tensor or memref of it).

    ```mlir
    debug.assert %ok, "expected a positive number, got {0}" (%x) : i1, (f32)
    ```
    """

    name = "debug.assert"

    condition = operand_def(Attribute)
    values = var_operand_def(Attribute)
    message = prop_def(StringAttr)

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = "$condition `,` $message `(` $values `)` attr-dict `:` type($condition) `,` `(` type($values) `)`"

    def __init__(self, condition: SSAValue, message: str, values: Sequence[SSAValue] = ()):
        super().__init__(operands=[condition, list(values)], properties={"message": StringAttr(message)})

    def verify_(self) -> None:
        """Check C1."""
        if _scalar_type(self.condition.type) != IntegerType(1):
            raise VerifyException(f"[debug.assert C1] the condition is one boolean, got {self.condition.type}")


@irdl_op_definition
class PrintOp(IRDLOperation):
    """Prints `format`, with `{0}`, `{1}` … replaced by the values, and a newline, to standard output.

    ```mlir
    debug.print "loss {0}" (%loss) : (tensor<f32>)
    ```
    """

    name = "debug.print"

    values = var_operand_def(Attribute)
    format = prop_def(StringAttr)

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = "$format `(` $values `)` attr-dict `:` `(` type($values) `)`"

    def __init__(self, format: str, values: Sequence[SSAValue] = ()):
        super().__init__(operands=[list(values)], properties={"format": StringAttr(format)})


@irdl_op_definition
class BreakOp(IRDLOperation):
    """Calls the breakpoint handler with the values; `label` is the breakpoint's name.

    ```mlir
    debug.break "loss" (%loss) : (tensor<f32>)
    ```
    """

    name = "debug.break"

    values = var_operand_def(Attribute)
    label = prop_def(StringAttr)

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = "$label `(` $values `)` attr-dict `:` `(` type($values) `)`"

    def __init__(self, label: str, values: Sequence[SSAValue] = ()):
        super().__init__(operands=[list(values)], properties={"label": StringAttr(label)})


Debug = Dialect("debug", [AssertOp, PrintOp, BreakOp], [])
