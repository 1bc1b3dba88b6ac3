"""The table of ops and dtypes in `docs/dtypes.md`: what the blocks of ops say, and whether it is so.

`make dtype-table` runs every op of every dtype in every way and writes the page; a test compares the page with the
blocks.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import numpy as np

from stepwell.dialects.dtypes import (
    ALL,
    BOOL,
    FLOATS,
    INT64,
    INTEGERS,
    INTS,
    NUMBERS,
    WIDE_FLOATS,
    DType,
)
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because, HLOp
from stepwell.dialects.hl.rules.elementwise import ElementwiseOp
from stepwell.testing.engines import assert_close
from stepwell.testing.everywhere import ATOL, RTOL

from .op_batches import CASES, Batch, Case, batches

PAGE = Path(__file__).parents[2] / "docs" / "dtypes.md"
START, END = "<!-- the table of ops -->", "<!-- the end of the table -->"

WAYS = ("interpreter at hl", "interpreter at linalg", "native", "onnx")
"""The ways that the table is checked in: `evaluate` itself, what it is lowered to, and the engines."""

_REASONS: dict[frozenset[DType], str] = {
    frozenset(NUMBERS): "there is no arithmetic on booleans",
    frozenset(FLOATS): "a function of floats",
    frozenset(WIDE_FLOATS): "computed by LAPACK, or drawn, in these; cast before and after",
    frozenset(INTEGERS): "works on the bits of integers",
    frozenset(INTS): "these are the dtypes of indices",
    frozenset((*INTS, *FLOATS)): "TensorFlow has it for these",
    frozenset((*INTS, *WIDE_FLOATS)): "drawn in these; cast after it",
    frozenset((BOOL,)): "logic",
    frozenset((INT64,)): "whole numbers that are drawn",
    frozenset((WIDE_FLOATS[1],)): "drawn in float64; cast after it",
}


def dtypes_of(op: type[HLOp]) -> list[DType]:
    """The dtypes of numbers that an op takes for its first operand."""
    if issubclass(op, ElementwiseOp):
        return [dtype for dtype in ALL if dtype in op.DTYPES]
    return [dtype for case in CASES if case.op is op and (dtype := case.dtype) is not None and dtype in ALL]


def cell(op: type[HLOp], dtype: DType) -> str:
    """What the table says of an op and a dtype."""
    if dtype not in dtypes_of(op):
        return ""
    return ("h" if isinstance(op.lower, Because) else "n") + ("" if isinstance(op.onnx, Because) else "o")


def notes(op: type[HLOp]) -> str:
    """Why an op does not take a dtype, is no native code, or cannot be exported."""
    missing = set(ALL) - set(dtypes_of(op))
    found = [_REASONS[frozenset(dtypes_of(op))]] if missing else []
    found += [f"{rule.what}: {rule.reason}" for rule in (op.lower, op.onnx) if isinstance(rule, Because)]
    return "; ".join(found)


def rows() -> Iterable[str]:
    """The lines of the table."""
    names = [dtype.name for dtype in ALL]
    yield f"| op | {' | '.join(names)} | why not |"
    yield "|---" * (len(names) + 2) + "|"
    for name, op in sorted(OPS.items()):
        if dtypes_of(op):
            cells = [cell(op, dtype) for dtype in ALL]
            yield f"| `{name.removeprefix('hl.')}` | {' | '.join(cells)} | {notes(op)} |"


def totals() -> str:
    """How many cells there are."""
    ops = [op for op in OPS.values() if dtypes_of(op)]
    cells = [cell(op, dtype) for op in ops for dtype in ALL]
    taken = [each for each in cells if each]
    kinds = Counter(taken)
    return (
        f"{len(ops)} ops and {len(ALL)} dtypes: {len(cells)} pairs, of which {len(taken)} are taken and "
        f"{len(cells) - len(taken)} refused. Of those taken {kinds['n'] + kinds['no']} are native code, "
        f"{kinds['h'] + kinds['ho']} host calls, and {kinds['no'] + kinds['ho']} can be exported."
    )


def section() -> str:
    """The generated part of the page."""
    return "\n".join([START, "", totals(), "", *rows(), "", END])


def written(text: str) -> str:
    """The page with its generated part as it is now."""
    before, _, rest = text.partition(START)
    return before + section() + rest.partition(END)[2]


def tolerance(case: Case, dtype: np.dtype) -> dict[str, float]:
    """How far results may be off: for ops that say they are exact, not at all."""
    return {} if case.op.EXACT else {"rtol": RTOL.get(dtype.name, 0.0), "atol": ATOL.get(dtype.name, 0.0)}


def wrong(case: Case, batch: Batch, way: str) -> str:
    """How the results of an op differ in a way from its meaning, or nothing."""
    try:
        for drawn, results in batch.results(case, way):
            for got, expected in zip(results, drawn.expected, strict=True):
                assert_close(got, expected, str(drawn), **tolerance(case, expected.dtype))
    except AssertionError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def main() -> int:
    """Run every cell, and write the page; 1 if a cell is wrong."""
    found: Counter[str] = Counter()
    for number, group in zip(count(1), groups := batches(CASES)):
        batch = Batch(group)
        for case in group:
            for way in WAYS:
                if way == "onnx" and isinstance(case.op.onnx, Because):
                    continue
                problem = wrong(case, batch, way)
                found["wrong" if problem else "right", way] += 1  # type: ignore[index]
                if problem:
                    print(f"{case}, {way}: {problem}", flush=True)
        print(f"group {number} of {len(groups)}", file=sys.stderr, flush=True)
    for (verdict, way), number in sorted(found.items()):  # type: ignore[misc]
        print(f"{way}: {number} {verdict}")
    PAGE.write_text(written(PAGE.read_text()))
    return int(any(verdict == "wrong" for verdict, _ in found))  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main())
