"""Eigenvalues of any matrices, functions of matrices, and tridiagonal systems of equations: host calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import COMPLEX, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .decompositions import Eigen, Matrices
from .rules.base import DTypeError, InferenceError, Types
from .rules.batching import all_leading
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dims
from .rules.matrix_functions import FUNCTIONS
from .rules.tridiagonal import solution


@irdl_op_definition
class EigOp(Eigen):
    """Eigenvalues of matrices in no order, and eigenvectors of length 1, which are columns; all are complex.

    C1: `x` has at least 2 axes, and the last two are equal.
    C2: the dtype is {dtypes}.

    Definition: TensorFlow `linalg.eig`, but for the order.
    """

    name = "hl.eig"
    COMPLEX: ClassVar[bool] = True

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """The complex one."""
        return dtype.complex_dtype

    @classmethod
    def decomposed(cls, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """NumPy's eig."""
        return np.linalg.eig(x)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, de: Value | None, dv: Value | None) -> Gradients:
        """Boeddeker et al., "On the computation of complex-valued gradients" (2017)."""
        values, vectors = call.outputs
        found = m.gradient_of_eig(values, vectors, de, dv)
        return [None if found is None else m.cast(found, call.inputs[0].dtype)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Triangular matrices whose eigenvalues differ."""
        dtype = s.choice((*cls.DTYPES, *COMPLEX))
        x = np.triu(s.whole(cls.sample_shape(s), dtype) / 16)
        return Sample(((x + np.diag(4 * np.arange(x.shape[-1]))).astype(dtype),), {})


@irdl_op_definition
class MatrixFunctionOp(Matrices):
    """The exponentials, the principal square roots, or the principal logarithms of matrices.

    `function` is `"exp"`, `"sqrt"` or `"log"`. The result is NaN for a matrix with elements that are not finite, for a
    real one whose square root is not real, and for a singular one that has no logarithm.

    C1: `x` has at least 2 axes, and the last two are equal.
    C2: the dtype is {dtypes}.
    C3: `function` is one of those above; the dtype is complex for `"log"`.

    Definition: TensorFlow `linalg.expm`, `linalg.sqrtm` and `linalg.logm`.
    """

    name = "hl.matrix_function"

    x = operand_def(TensorType[Attribute])
    function = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `x`."""
        batch, rows, columns, dtype = cls.matrix(types)
        if attrs["function"] not in FUNCTIONS:
            raise InferenceError("C3", f"expected one of {', '.join(FUNCTIONS)}, got {attrs['function']}")
        if attrs["function"] == "log" and not dtype.is_complex:
            raise DTypeError("C3", f"expected a dtype of {', '.join(d.name for d in COMPLEX)}, got {dtype.name}")
        return [tensor_type((*batch, rows, columns), dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """One matrix after the other."""
        x, function = cls.check(operands[0]), FUNCTIONS[attrs["function"]]
        result = np.empty_like(x)
        for place in np.ndindex(x.shape[:-2]):
            result[place] = function(x[place])
        return (result,)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """A corner of the function of a block matrix: Higham, "Functions of Matrices", 3.2."""
        return [m.gradient_of_matrix_function(call.attrs["function"], call.inputs[0], dy)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices whose diagonal is large."""
        dtype = s.choice(cls.DTYPES)
        x = s.whole(cls.sample_shape(s), dtype) / 4
        attrs = {"function": "sqrt"}  # exponentials are too large to be compared
        return Sample(((x + 9 * np.eye(x.shape[-1])).astype(dtype),), attrs)


@irdl_op_definition
class TridiagonalSolveOp(Matrices):
    """What tridiagonal matrices are multiplied by to be `b`.

    The rows of `x` are the diagonals above the main one, the main ones, and those below, as long as these: the last
    element of the first row and the first one of the last row are unused. A singular matrix makes NaN.

    C1: `x` has at least 2 axes, the last but one of size 3; `b` has as many, and as many rows as `x` has columns.
    C2: the dtype of both is {dtypes}.

    Definition: TensorFlow `linalg.tridiagonal_solve`.
    """

    name = "hl.tridiagonal_solve"
    SQUARE: ClassVar[bool] = False

    x = operand_def(TensorType[Attribute])
    b = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    batch = all_leading

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `b`."""
        batch, three, size, dtype = cls.matrix(types)
        right, other = shape_of(types[1]), dtype_of(types[1])
        if other != dtype:
            raise DTypeError("C2", f"expected one dtype, got {dtype.name} and {other.name}")
        wanted = (*batch, size)
        fits = len(right) == len(wanted) + 1 and all(a == b or DYNAMIC in (a, b) for a, b in zip(wanted, right))
        if three not in (3, DYNAMIC) or not fits:
            shapes = f"{shape_text(shape_of(types[0]))} and {shape_text(right)}"
            raise InferenceError("C1", f"expected 3 diagonals of {shape_text((size,))}, and as many rows, got {shapes}")
        known = [b if a == DYNAMIC else a for a, b in zip(wanted, right)]
        return [tensor_type((*known, right[-1]), dtype)]

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Those of `b`."""
        return [dims(e, op.operands[1])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Elimination, row by row."""
        cls.infer([tensor_type(x.shape, x.dtype) for x in operands], attrs)
        return (solution(*operands),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The solution for `dy` of the adjoint equations, and the diagonals of its products with `y`."""
        return m.gradients_of_tridiagonal_solve(call.inputs[0], call.outputs[0], dy)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices whose diagonal is large."""
        dtype, size = s.choice(cls.DTYPES), s.integer(1, 4)
        batch = s.shape(max_rank=1, max_side=2)
        x = s.whole((*batch, 3, size), dtype) / 4 + np.array([[0], [9], [0]])
        return Sample((x.astype(dtype), s.whole((*batch, size, s.integer(0, 3)), dtype)), {})
