"""What layers of Keras have of stepwell."""

from __future__ import annotations


class StepwellLayer:
    """The base of Keras's Layer."""
