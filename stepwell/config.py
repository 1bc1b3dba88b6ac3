"""Switches for debugging."""

from stepwell._names import hinting
from stepwell.runtime.function import run_functions_eagerly

__all__ = ["run_functions_eagerly"]

__getattr__ = hinting(__name__)
