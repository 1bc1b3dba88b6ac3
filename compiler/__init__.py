"""IR to IR, and in and out of it."""

from __future__ import annotations

from ..dialects.lazy_formats import install  # before a module imports a dialect of xDSL

install()
