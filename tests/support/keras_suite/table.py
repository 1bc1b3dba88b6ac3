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


ASKS = "asks for another backend"
"""How the cause of a known failure begins where the test itself knows certain backends only."""


def asks_for_another_backend(outcome: Outcome, causes: Mapping[str, str]) -> bool:
    """Whether a test is skipped because it is of a certain backend or needs another package, or fails for that cause.

    Args:
        outcome: what became of the test.
        causes: the known failures, with their causes.
    """
    if outcome.result == "failed":
        return causes.get(outcome.name, "").startswith(ASKS)
    return outcome.result == "skipped" and bool(_FOR_ANOTHER.search(outcome.reason)) and not asks_for_sparse(outcome)


def table(outcomes: Mapping[str, Outcome], passed_with_tensorflow: Collection[str], causes: Mapping[str, str]) -> str:
    """By folder: what passes, fails and is skipped, beside what passes with TensorFlow.

    The ratio is of the tests that pass with TensorFlow, without those that are skipped for want of sparse or ragged
    tensors or that are of a certain backend.
    """
    head = ("folder", "passed", "failed", "sparse", "other backend", "skipped", "TensorFlow passes", "ratio")
    rows: list[tuple[str, ...]] = [head]
    folders = sorted({outcome.folder for outcome in outcomes.values()})
    kinds = {each: _kind(each, causes) for each in outcomes.values()}
    for folder in folders:
        inside = {each: kind for each, kind in kinds.items() if each.folder == folder}
        rows.append(_row(folder, inside, passed_with_tensorflow))
    rows.append(_row("all", kinds, passed_with_tensorflow))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _row(folder: str, outcomes: Mapping[Outcome, str], with_tensorflow: Collection[str]) -> tuple[str, ...]:
    counts = Counter(outcomes.values())
    asked = [
        each for each, kind in outcomes.items() if each.name in with_tensorflow and kind not in ("sparse", "other")
    ]
    passed = sum(each.result == "passed" for each in asked)
    ratio = f"{100 * passed / len(asked):.1f} %" if asked else "-"
    columns = ("passed", "failed", "sparse", "other", "skipped")
    both = sum(each.name in with_tensorflow for each in outcomes)
    return folder, *(str(counts[kind]) for kind in columns), str(both), ratio


def _kind(outcome: Outcome, causes: Mapping[str, str]) -> str:
    if asks_for_sparse(outcome):
        return "sparse"
    if asks_for_another_backend(outcome, causes):
        return "other"
    return "failed" if outcome.result == "not collected" else outcome.result
