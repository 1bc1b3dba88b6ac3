"""AutoGraph: Python's control flow on tensors as control flow of compiled functions."""

from types import SimpleNamespace

from stepwell._names import hinting
from stepwell.compiler.frontend.autograph import do_not_convert, to_code

__all__ = ["do_not_convert", "experimental", "to_code"]

experimental = SimpleNamespace(do_not_convert=do_not_convert)
"""Where TensorFlow keeps `do_not_convert`."""

__getattr__ = hinting(__name__)
