"""Switches for debugging."""

from stepwell.runtime.function import run_functions_eagerly as run_functions_eagerly
