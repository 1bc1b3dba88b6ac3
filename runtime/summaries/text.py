"""`text`: strings, which are shown as Markdown."""

from __future__ import annotations

from typing import Any

from ...compiler.frontend.ops.arguments import shown
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.public import public
from .writing import PluginMetadata, summary_scope, write_encoded

_WHAT = "summary.text"


@public("summary")
def text(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Write strings to the default writer, if there is one; TensorBoard shows them as Markdown, lists as tables.

    Args:
        name: its tag, after the name scopes around.
        data: a string, or a tensor of strings in UTF-8, of which TensorBoard shows two axes.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        description: a text about it, in Markdown.

    Returns whether it was written, as a tensor. Raises TypeError for other data, and ValueError where there is a writer
    and no step.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default(step=0):
        ...     sw.summary.text("settings", "learning rate: **0.1**").numpy()
        np.True_
    """

    def inputs() -> list[Tensor]:
        strings = as_tensor(data, name=f"{_WHAT}: data")
        if not strings.dtype.is_string:
            raise InvalidTypeError(f"{_WHAT}: data: expected strings, got {shown(data)}")
        return [strings]

    with summary_scope(name, "text_summary") as (tag, _):
        metadata = PluginMetadata("text", description=description)
        return write_encoded(_WHAT, tag, inputs, lambda tensors: tensors[0]._array, step, metadata)
