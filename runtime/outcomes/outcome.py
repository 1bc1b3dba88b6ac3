"""What a run of a program came to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import LocationAttr


@dataclass(frozen=True)
class Outcome:
    """Everything that can be observed of a run.

    Attributes:
        results: what the function returned; empty where it failed.
        variables: its parameters afterwards: those of Variables may have changed.
        printed: what it printed; None where that was not recorded.
        failure: why it failed; None where it did not.
        failed_op: the name of the op at which it failed, where known.
        failed_at: the location of that op, where known.
        unfinished: whether it failed because it took too long.
        undefined: whether it did what a program must never do, such as reading outside of its memory; a failed check,
            or a tensor operation that refuses its operands, is defined.
    """

    results: tuple[np.ndarray, ...]
    variables: tuple[np.ndarray, ...] = ()
    printed: str | None = None
    failure: str | None = None
    failed_op: str | None = None
    failed_at: LocationAttr | None = None
    unfinished: bool = False
    undefined: bool = False

    def without_effects(self) -> Outcome:
        """The results, or the failure, alone: for comparisons with what knows of no Variables and prints."""
        return Outcome(
            self.results,
            failure=self.failure,
            failed_op=self.failed_op,
            failed_at=self.failed_at,
            unfinished=self.unfinished,
            undefined=self.undefined,
        )

    def __str__(self) -> str:
        lines = [f"result {number}: {_shown(array)}" for number, array in enumerate(self.results)]
        if self.failure is not None:
            lines.append(f"error: {self.failure}")
        if self.printed:
            lines.append(f"printed: {self.printed!r}")
        return "\n".join(lines) or "nothing"


def _shown(array: np.ndarray) -> str:
    return f"{array.dtype.name}{list(array.shape)} {np.array2string(array, threshold=20, separator=', ')}"
