"""Tables of outcomes by folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from .outcomes import Outcome

_SPARSE = re.compile(r"sparse|ragged", re.IGNORECASE)
_FOR_ANOTHER = re.compile(
    r"needs \w+|tensorflow|\btf\b|jax|torch|openvino|\bgpu\b|\btpu\b|nnx|backend.{0,30}only|only.{0,30}backend",
    re.IGNORECASE,
)


def asks_for_sparse(outcome: Outcome) -> bool:
    """Whether a test is skipped for want of sparse or ragged tensors."""
    return outcome.result == "skipped" and bool(_SPARSE.search(outcome.reason))


def asks_for_another_backend(outcome: Outcome) -> bool:
    """Whether a test is skipped because it is of a certain backend, or needs another package."""
    return outcome.result == "skipped" and bool(_FOR_ANOTHER.search(outcome.reason)) and not asks_for_sparse(outcome)


def table(outcomes: Mapping[str, Outcome], passed_with_tensorflow: Collection[str]) -> str:
    """By folder: what passes, fails and is skipped, beside what passes with TensorFlow.

    The ratio is of the tests that pass with TensorFlow, without those that are skipped for want of sparse or ragged
    tensors or because they are of a certain backend.
    """
    head = ("folder", "passed", "failed", "sparse", "other backend", "skipped", "TensorFlow passes", "ratio")
    rows: list[tuple[str, ...]] = [head]
    folders = sorted({outcome.folder for outcome in outcomes.values()})
    for folder in folders:
        rows.append(_row(folder, [each for each in outcomes.values() if each.folder == folder], passed_with_tensorflow))
    rows.append(_row("all", list(outcomes.values()), passed_with_tensorflow))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _row(folder: str, outcomes: list[Outcome], with_tensorflow: Collection[str]) -> tuple[str, ...]:
    counts = Counter(_kind(each) for each in outcomes)
    asked = [each for each in outcomes if each.name in with_tensorflow and _kind(each) not in ("sparse", "other")]
    passed = sum(each.result == "passed" for each in asked)
    ratio = f"{100 * passed / len(asked):.1f} %" if asked else "-"
    kinds = ("passed", "failed", "sparse", "other", "skipped")
    both = sum(each.name in with_tensorflow for each in outcomes)
    return folder, *(str(counts[kind]) for kind in kinds), str(both), ratio


def _kind(outcome: Outcome) -> str:
    if asks_for_sparse(outcome):
        return "sparse"
    if asks_for_another_backend(outcome):
        return "other"
    return "failed" if outcome.result == "not collected" else outcome.result
