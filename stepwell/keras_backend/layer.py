"""What layers of Keras have of stepwell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class StepwellLayer:
    """The base of Keras's Layer: modules of stepwell find the Variables of layers that they hold."""

    variables: Any

    def __stepwell_variables__(self) -> Sequence[Any]:
        return tuple(self.variables)
