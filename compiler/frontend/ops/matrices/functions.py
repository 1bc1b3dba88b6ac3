"""Public functions of square matrices: exponentials, square roots, logarithms, eigenvalues of any matrices."""

from __future__ import annotations

import numpy as np

from .....dialects.hl.matrix_functions import EigOp, MatrixFunctionOp
from .....dialects.public import public
from ...values.dispatch import apply, apply_all, as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import size_along
from ..arithmetic import divide_no_nan
from ..complex import conj
from ..linear import matmul
from ..math import add, multiply, subtract
from ..movement import concat
from ..select import cast
from ..shape import expand_dims, zeros_like
from .diagonals import adjoint, diag, diag_part
from .solving import solve


@public("linalg")
def expm(input: TensorLike, name: str | None = None) -> Tensor:
    """The exponentials of square matrices: sums of powers, as those of numbers; NaN for what is not finite.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).numpy().tolist()
        [[1.0, 1.0], [0.0, 1.0]]
    """
    return apply(MatrixFunctionOp, as_tensor(input, name="expm: input"), function="exp")


@public("linalg")
def sqrtm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal square roots of square matrices: those whose eigenvalues have real parts above 0.

    A real matrix without a real one makes NaN.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.sqrtm([[4.0, 5.0], [0.0, 9.0]]).numpy().tolist()
        [[2.0, 1.0], [0.0, 3.0]]
    """
    return apply(MatrixFunctionOp, as_tensor(input, name="sqrtm: input"), function="sqrt")


@public("linalg")
def logm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal logarithms of complex square matrices, whose exponentials are these; NaN for a singular one.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.logm(sw.eye(2, dtype=sw.complex64)).numpy().real.tolist()
        [[0.0, 0.0], [0.0, 0.0]]
    """
    return apply(MatrixFunctionOp, as_tensor(input, name="logm: input"), function="log")


def gradient_of_matrix_function(function: str, x: Tensor, dy: Tensor) -> Tensor:
    """The gradient of a function of `x`: the upper right part of that of the block matrix of its adjoint and `dy`.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.matrices.functions import gradient_of_matrix_function
        >>> one = sw.ones([1, 1])
        >>> gradient_of_matrix_function("sqrt", one, one).numpy().tolist()
        [[0.5]]
    """
    turned = adjoint(x)
    both = concat([concat([turned, dy], -1), concat([zeros_like(dy), turned], -1)], -2)
    size = size_along(x, x.ndim - 1)
    return apply(MatrixFunctionOp, both, function=function)[..., :size, size:]


@public("linalg", top=True)
def eig(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of square matrices, in no order, and their eigenvectors, as columns of length 1; all complex.

    Example:
        >>> import stepwell as sw
        >>> values, vectors = sw.linalg.eig([[0.0, -1.0], [1.0, 0.0]])
        >>> sorted(values.numpy().imag.tolist())
        [-1.0, 1.0]
    """
    values, vectors = apply_all(EigOp, as_tensor(tensor, name="eig: tensor"))
    return values, vectors


@public("linalg", top=True)
def eigvals(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of square matrices, in no order, as complex numbers.

    Example:
        >>> import stepwell as sw
        >>> sorted(sw.linalg.eigvals([[1.0, 5.0], [0.0, 2.0]]).numpy().real.tolist())
        [1.0, 2.0]
    """
    return apply_all(EigOp, as_tensor(tensor, name="eigvals: tensor"))[0]


def gradient_of_eig(values: Tensor, vectors: Tensor, de: Tensor | None, dv: Tensor | None) -> Tensor | None:
    """The gradient of eigenvalues, and of eigenvectors of length 1, with respect to a matrix.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.matrices.functions import gradient_of_eig
        >>> one = sw.ones([1, 1], sw.complex64)
        >>> gradient_of_eig(one[0], one, one[0], None).numpy().tolist()
        [[(1+0j)]]
    """
    total = None if de is None else diag(de)
    turned = adjoint(vectors)
    if dv is not None:
        apart = subtract(expand_dims(values, -2), expand_dims(values, -1))
        inner = matmul(turned, dv)
        lengths = cast(cast(diag_part(inner), vectors.dtype.real_dtype), vectors.dtype)
        inner = subtract(inner, multiply(matmul(turned, vectors), expand_dims(lengths, -2)))
        rest = multiply(conj(divide_no_nan(np.array(1, apart.dtype), apart)), inner)
        total = rest if total is None else add(total, rest)
    return None if total is None else solve(turned, matmul(total, turned))
