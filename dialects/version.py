"""Which TensorFlow stepwell follows, and which stepwell it is."""

from __future__ import annotations

from .public import public_values

VERSION = "2.21.0+stepwell.0.1.0"
"""The version of TensorFlow whose names and semantics these are, and stepwell's own after a `+`."""
GIT_VERSION = "stepwell-0.1.0"
"""Stepwell's own version."""
public_values("version", "VERSION", "GIT_VERSION")
