"""Switches for debugging."""

from stepwell._names import hinting
from stepwell.compiler.pipeline.reproducer import set_crash_reproducer
from stepwell.runtime.functions.function import run_functions_eagerly

__all__ = ["run_functions_eagerly", "set_crash_reproducer"]

__getattr__ = hinting(__name__)
