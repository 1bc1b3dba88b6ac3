"""Functions of matrices and vectors."""

from stepwell._names import hinting
from stepwell.compiler.frontend.ops.linalg import eye, matrix_transpose, matvec, norm, tensordot
from stepwell.compiler.frontend.ops.linear import matmul
from stepwell.compiler.frontend.ops.nn.activations import l2_normalize

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
