"""Functions of matrices and vectors."""

from stepwell._names import hinting
from stepwell.runtime.ops.linalg import eye, matrix_transpose, matvec, norm, tensordot
from stepwell.runtime.ops.linear import matmul
from stepwell.runtime.ops.nn import l2_normalize

__all__ = [
    "eye",
    "l2_normalize",
    "matmul",
    "matrix_transpose",
    "matvec",
    "norm",
    "tensordot",
]

__getattr__ = hinting(__name__)
