"""What layers of Keras have of stepwell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class StepwellLayer:
    """The base of Keras's Layer: modules of stepwell find the Variables of layers that they hold."""

    variables: Any

    def __stepwell_variables__(self) -> Sequence[Any]:
        return tuple(self.variables)

    def __stepwell_children__(self) -> Mapping[str, Any]:
        from .saved_model import parts_of_layer  # loads the rest of Keras, of which this is a part

        return parts_of_layer(self)
