"""`Dataset.list_files`: the names of files that patterns match."""

from __future__ import annotations

import numpy as np

from ....compiler.frontend.ops.files import matching_files
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor, TensorLike
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import STRING


def listed(file_pattern: TensorLike, what: str = "Dataset.list_files") -> Tensor:
    """The names, as a sorted vector. Raises InvalidArgumentError where there are none."""
    patterns = as_tensor(file_pattern, STRING, f"{what}: file_pattern")
    found = matching_files(patterns)
    if not found.shape.num_elements():
        given = ", ".join(map(repr, np.reshape(patterns.numpy(), -1).tolist()))
        raise InvalidArgumentError(f"{what}: file_pattern: no files match {given}")
    return found
