"""A wrong way into machine code, and wrong exports: the tests have to notice these."""

from __future__ import annotations

from .mutant import Mutant

_ARENA = "tests/properties/test_native_memory.py"
_CALLS = f"{_ARENA}::test_300_calls_with_large_temporaries_are_right_and_leave_nothing_behind"


def _export(name: str, module: str, op: str, before: str, after: str) -> Mutant:
    """A wrong export of an op, which is tested with the dtypes that the sample has: it changes as ops are added."""
    test = "tests/properties/test_ops_everywhere.py::test_op_means_what_numpy_says"
    return Mutant(f"the export of {name}", f"dialects.hl.{module}", before, after, tests=(test,), only=f"[{op}-")


def _entry(name: str, before: str, after: str) -> Mutant:
    return Mutant(name, "runtime.engines.native.entry", before, after, tests=(_CALLS,))


_EXPORTS = (
    _export(
        "select: the values are exchanged",
        "selection",
        "hl.select",
        'return [g.node("Where", call.inputs)]',
        'return [g.node("Where", [call.inputs[0], call.inputs[2], call.inputs[1]])]',
    ),
    _export(
        "quotients of floats: not rounded",
        "division",
        "hl.floordiv",
        'return [g.node("Floor", [g.node("Div", [x, y])])]',
        'return [g.node("Div", [x, y])]',
    ),
    _export(
        "rsqrt: no reciprocal",
        "transcendental",
        "hl.rsqrt",
        'return [g.node("Div", [_constant(g, call, 1), g.node("Sqrt", call.inputs)])]',
        'return [g.node("Sqrt", call.inputs)]',
    ),
    _export(
        "less_equal: equal is not",
        "comparison",
        "hl.less_equal",
        'ONNX: ClassVar[str] = "LessOrEqual"',
        'ONNX: ClassVar[str] = "Less"',
    ),
    _export(
        "not_equal: equal is",
        "comparison",
        "hl.not_equal",
        'return [g.node("Not", [g.node("Equal", call.inputs)])]',
        'return [g.node("Equal", call.inputs)]',
    ),
    _export(
        "bitwise_or: what both have is lost",
        "bitwise",
        "hl.bitwise_or",
        'ONNX: ClassVar[str] = "BitwiseOr"',
        'ONNX: ClassVar[str] = "BitwiseXor"',
    ),
    _export(
        "logical_xor: two truths are one",
        "logical",
        "hl.logical_xor",
        'ONNX: ClassVar[str] = "Xor"',
        'ONNX: ClassVar[str] = "Or"',
    ),
    _export("ceil: down", "rounding", "hl.ceil", 'ONNX: ClassVar[str] = "Ceil"', 'ONNX: ClassVar[str] = "Floor"'),
    _export(
        "a transpose: backwards",
        "movement",
        "hl.transpose",
        'perm=list(call.attrs["perm"])',
        'perm=list(call.attrs["perm"][::-1])',
    ),
    _export(
        "argmin: the greatest",
        "arg_reduce",
        "hl.argmin",
        'ONNX: ClassVar[str] = "ArgMin"',
        'ONNX: ClassVar[str] = "ArgMax"',
    ),
    _export(
        "a product: a sum",
        "reduce",
        "hl.prod",
        'ONNX: ClassVar[str] = "ReduceProd"',
        'ONNX: ClassVar[str] = "ReduceSum"',
    ),
)

_ENTRIES = (
    _entry(
        "the arena is not kept from call to call",
        "ptr @{WORKSPACE}, ptr %arena acq_rel",
        "ptr @{WORKSPACE}, ptr null acq_rel",
    ),
    _entry("the arena is one line long", "i64 {-(-size // abi.ALIGNMENT) * abi.ALIGNMENT})", "i64 {abi.ALIGNMENT})"),
    _entry(
        "results in the other order",
        "for number, array in enumerate(arrays):",
        "for number, array in enumerate(arrays[::-1]):",
    ),
    _entry(
        "sizes of an argument in the other order",
        "t.field(sizes, 8 * (taken + axis), 'i64')",
        "t.field(sizes, 8 * (taken + count - 1 - axis), 'i64')",
    ),
    _entry(
        "sizes of results are all the first", "f'%d{axis}' if size == DYNAMIC_INDEX", "'%d0' if size == DYNAMIC_INDEX"
    ),
)

MUTANTS = (*_EXPORTS, *_ENTRIES)
"""What ONNX Runtime is given; the code around machine code."""
