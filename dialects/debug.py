"""Effects for people: printing values, checking conditions and stopping while a program runs.

Each op is one class through all levels; its operands change from tensors to memrefs and scalars in the lowering.
Effects keep program order and are never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter

from xdsl.dialects.builtin import IntegerAttr, IntegerType, MemRefType, StringAttr, TensorType, i64
from xdsl.ir import Attribute, Dialect, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    traits_def,
    var_operand_def,
)
from xdsl.traits import EffectInstance, MemoryEffect, MemoryEffectKind
from xdsl.utils.exceptions import VerifyException

from .printing import PrintOptions


class _WritesOutside(MemoryEffect):
    """An effect the compiler cannot see through: kept, and kept in order."""

    @classmethod
    def get_effects(cls, op: object) -> set[EffectInstance]:
        """Such an op writes to, and reads from, something outside the program."""
        return {EffectInstance(MemoryEffectKind.WRITE), EffectInstance(MemoryEffectKind.READ)}


WRITES_OUTSIDE = _WritesOutside()

INVALID_INDEX = "invalid-index"
OUT_OF_RANGE = "out-of-range"
DIVISION_BY_ZERO = "division-by-zero"
FAILED_ASSERTION = "failed-assertion"
UNBOUND_VARIABLE = "unbound-variable"
"""Kinds of checks; without one of them it is an invalid argument that a check refuses."""


def _scalar_type(type_: Attribute) -> Attribute:
    """The element type of a rank-0 tensor or memref, or the type itself."""
    if isinstance(type_, TensorType | MemRefType) and len(type_.shape) == 0:
        return type_.element_type
    return type_


def _check_names(constraint: str, text: str, count: int) -> None:
    """Verify that all that stands in braces in `text` are numbers of `count` values."""
    try:
        fields = [field[1:] for field in Formatter().parse(text) if field[1] is not None]
    except ValueError as error:
        raise VerifyException(f"[{constraint}] {error} in {text!r}; write {{{{ or }}}} for a literal brace") from error
    for name, spec, conversion in fields:
        assert name is not None
        if spec or conversion or not (name.isdecimal() and int(name) < count):
            raise VerifyException(f"[{constraint}] {text!r} has {count} values, with indices from 0, got {name!r}")


def _text(text: str) -> StringAttr:
    """`text` as an attribute; a half of a character, which no file can hold, is written as its number."""
    return StringAttr(text.encode(errors="backslashreplace").decode())


@irdl_op_definition
class AssertOp(IRDLOperation):
    """Stops the program with an error at the user's line unless `condition` holds.

    `message` may refer to the values as `{0}`, `{1}` …; values are scalars, or tensors of at most a few elements.
    `kind` is the code of the error's class where that is not `invalid-argument`.

    C1: `condition` is one boolean (`i1`, or a rank-0 tensor or memref of it).
    C2: each field in braces in `message` is the index of a value; `{{` and `}}` represent braces.

    ```mlir
    debug.assert %ok, "expected a positive number, got {0}" (%x) : i1, (f32)
    debug.assert %inside, "index {0} is out of range" (%i) kind "invalid-index" : i1, (index)
    ```
    """

    name = "debug.assert"

    condition = operand_def(Attribute)
    values = var_operand_def(Attribute)
    message = prop_def(StringAttr)
    kind = opt_prop_def(StringAttr)

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = (
        "$condition `,` $message `(` $values `)` (`kind` $kind^)? attr-dict "
        "`:` type($condition) `,` `(` type($values) `)`"
    )

    def __init__(self, condition: SSAValue, message: str, values: Sequence[SSAValue] = (), kind: str = ""):
        properties = {"message": _text(message), "kind": StringAttr(kind) if kind else None}
        super().__init__(operands=[condition, list(values)], properties=properties)

    def verify_(self) -> None:
        """Check C1 and C2."""
        if _scalar_type(self.condition.type) != IntegerType(1):
            raise VerifyException(f"[debug.assert C1] the condition is one boolean, got {self.condition.type}")
        _check_names("debug.assert C2", self.message.data, len(self.values))


@irdl_op_definition
class PrintOp(IRDLOperation):
    """Prints `format`, with `{0}`, `{1}` … replaced by the values as TensorFlow prints them, and a newline.

    `summarize` is how many elements at each end of an axis are printed (3; all if negative), `end` replaces the
    newline, `stream` is `stdout` (the default), `stderr`, `file://` with a path, or `log:` with a level. `packed` are
    the indices, with commas between them, of values that are complex numbers whose parts lie along a last axis.

    C1: each field in braces in `format` is the index of a value; `{{` and `}}` represent braces.

    ```mlir
    debug.print "loss {0}" (%loss) : (tensor<f32>)
    debug.print "x {0}" (%x) summarize -1 : i64 end ";" stream "stderr" : (tensor<?xf32>)
    ```
    """

    name = "debug.print"

    values = var_operand_def(Attribute)
    format = prop_def(StringAttr)
    summarize = opt_prop_def(IntegerAttr)
    end = opt_prop_def(StringAttr)
    stream = opt_prop_def(StringAttr)
    packed = opt_prop_def(StringAttr)

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = (
        "$format `(` $values `)` (`summarize` $summarize^)? (`end` $end^)? (`stream` $stream^)? (`packed` $packed^)? "
        "attr-dict "
        "`:` `(` type($values) `)`"
    )

    def __init__(self, format: str, values: Sequence[SSAValue] = (), options: PrintOptions | None = None):
        given = {} if options is None else options.attributes()
        super().__init__(operands=[list(values)], properties={"format": _text(format), **given})

    @property
    def options(self) -> PrintOptions:
        """How it prints."""
        return PrintOptions.of(self.properties)

    def verify_(self) -> None:
        """Check C1."""
        _check_names("debug.print C1", self.format.data, len(self.values))


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
        super().__init__(operands=[list(values)], properties={"label": _text(label)})


@irdl_op_definition
class LapOp(IRDLOperation):
    """Adds the time since the last lap to slot `slot` of `times`, counts the lap, and starts the next one.

    `times` has the clock at the last lap, and then for each slot the sum of its laps and the lap count. What unit the
    clock has is the engine's affair: the CPU's own counter, or nanoseconds.

    C1: `times` is a memref of i64 with one dimension, of known size, that has the slot.

    ```mlir
    debug.lap %times[2] : memref<7xi64>
    ```
    """

    name = "debug.lap"

    times = operand_def(MemRefType)
    slot = prop_def(IntegerAttr)

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = "$times `[` $slot `]` attr-dict `:` type($times)"

    def __init__(self, times: SSAValue, slot: int):
        super().__init__(operands=[times], properties={"slot": IntegerAttr(slot, i64)})

    def verify_(self) -> None:
        """Check C1."""
        type_ = self.times.type
        assert isinstance(type_, MemRefType)
        (size,) = type_.get_shape() if type_.get_num_dims() == 1 else (-1,)
        if type_.element_type != i64 or size < 3 + 2 * self.slot.value.data:
            raise VerifyException(f"[debug.lap C1] slot {self.slot.value.data} is not in {type_}")

    @property
    def word(self) -> int:
        """Where in `times` the sum of the slot is; the number of its laps is behind it."""
        return 1 + 2 * self.slot.value.data


@irdl_op_definition
class MaskInterruptsOp(IRDLOperation):
    """From here on the program is not interrupted, until `debug.unmask_interrupts` has run as often.

    It precedes the computation of a value in the memory of a Variable, so that no one sees a partial value.

    ```mlir
    debug.mask_interrupts
    ```
    """

    name = "debug.mask_interrupts"

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = "attr-dict"


@irdl_op_definition
class UnmaskInterruptsOp(IRDLOperation):
    """The program may be interrupted again: the end of what `debug.mask_interrupts` begins.

    ```mlir
    debug.unmask_interrupts
    ```
    """

    name = "debug.unmask_interrupts"

    traits = traits_def(WRITES_OUTSIDE)
    assembly_format = "attr-dict"


Debug = Dialect("debug", [AssertOp, PrintOp, BreakOp, LapOp, MaskInterruptsOp, UnmaskInterruptsOp], [])
