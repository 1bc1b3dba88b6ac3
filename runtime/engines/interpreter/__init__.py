"""The interpreter: the meaning of every level, on numpy. Written to be read, not to be fast.

Example:
    >>> import numpy as np
    >>> text = '''
    ... func.func @twice(%x: tensor<2xf32>) -> tensor<2xf32> {
    ...   %y = hl.add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    ...   func.return %y : tensor<2xf32>
    ... }'''
    >>> run_text(text, [np.array([1, 2], np.float32)])
    [array([2., 4.], dtype=float32)]
"""

from .errors import InterpreterError
from .run import run_module, run_text

__all__ = ["InterpreterError", "run_module", "run_text"]
