"""Counting steps, and asking for checkpoints, as in TensorFlow 1."""

from __future__ import annotations

import os
from typing import Any

from ....compiler.frontend.ops.contexts import init_scope
from ....compiler.frontend.values.variable import Variable
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT64
from ....dialects.files import path_text
from ....dialects.public import public
from ...checkpoints.files import SUFFIX

_steps: list[Variable] = []
"""The Variable that counts the steps of the program, once it is made."""


@public("compat.v1.train")
def get_global_step(graph: Any = None) -> Variable | None:
    """The Variable that counts the steps of the program; None if it is not made."""
    del graph
    return _steps[0] if _steps else None


@public("compat.v1.train")
def create_global_step(graph: Any = None) -> Variable:
    """Make the Variable that counts the steps of the program, an int64 of 0; InvalidArgumentError if there is one."""
    if get_global_step(graph) is not None:
        raise InvalidArgumentError("create_global_step: expected no global step, found one; see get_global_step")
    return get_or_create_global_step(graph)


@public("compat.v1.train")
def get_or_create_global_step(graph: Any = None) -> Variable:
    """The Variable that counts the steps of the program, which is made if there is none.

    Example:
        >>> import stepwell as sw
        >>> step = sw.compat.v1.train.get_or_create_global_step()
        >>> step is sw.compat.v1.train.get_or_create_global_step(), step.dtype, step.trainable
        (True, tf.int64, False)
    """
    del graph
    if not _steps:
        with init_scope():
            _steps.append(Variable(0, dtype=INT64, trainable=False, name="global_step"))
    return _steps[0]


@public("compat.v1.train")
def checkpoint_exists(checkpoint_prefix: str | bytes | os.PathLike[str]) -> bool:
    """Whether there is a checkpoint of stepwell or TensorFlow of this path, which is given without the suffix.

    Example:
        >>> import stepwell as sw
        >>> sw.compat.v1.train.checkpoint_exists("/not/there")
        False
    """
    prefix = path_text(checkpoint_prefix, "checkpoint_exists: checkpoint_prefix")
    return any(os.path.exists(prefix + suffix) for suffix in (SUFFIX, ".index"))
