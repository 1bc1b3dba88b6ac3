# Written by `python -m stepwell.tools.public_api --write`.


GIT_VERSION: str
"""Stepwell's own version."""

VERSION: str
"""The version of TensorFlow whose names and semantics these are, and stepwell's own after a `+`."""
