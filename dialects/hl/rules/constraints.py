"""Constraints that a family's ops share, written into the docstring of each: the dtypes are those of its `DTYPES`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence

from ...dtypes import DType


def dtype_names(dtypes: Sequence[DType]) -> str:
    """The names of dtypes in a sentence.

    Example:
        >>> dtype_names([INT32, INT64, FLOAT32])
        'int32, int64 or float32'
    """
    names = [dtype.name for dtype in dtypes]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def with_constraints(text: str, shared: Mapping[str, str], dtypes: Sequence[DType], result: DType | None = None) -> str:
    """A docstring with the `shared` constraints that it does not state itself, before its `Definition:`.

    `{dtypes}` in it, and in them, becomes the names of `dtypes`; `result` is the dtype of results if it differs.

    Example:
        >>> print(with_constraints("Sums.\\n\\nDefinition: NumPy.", {"C2": "of {dtypes}."}, [INT32]))
        Sums.
        <BLANKLINE>
        C2: of int32.
        <BLANKLINE>
        Definition: NumPy.
    """
    paragraphs = inspect.cleandoc(text).split("\n\n")
    stated = [paragraph for paragraph in paragraphs if re.match(r"C\d+: ", paragraph)]
    rules = [rule for paragraph in stated for rule in re.split(r"\n(?=C\d+: )", paragraph)]
    own = {rule.partition(":")[0] for rule in rules}
    rules += [f"{number}: {rule}" for number, rule in shared.items() if number not in own]
    others = [paragraph for paragraph in paragraphs if paragraph not in stated]
    end = next((n for n, paragraph in enumerate(others) if paragraph.startswith("Definition: ")), len(others))
    names = dtype_names(dtypes) + (f"; the result is {result.name}" if result is not None else "")
    block = ["\n".join(sorted(rules))] if rules else []
    return "\n\n".join([*others[:end], *block, *others[end:]]).replace("{dtypes}", names)
