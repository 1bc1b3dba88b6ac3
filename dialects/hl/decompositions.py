"""Decompositions of matrices, and systems of equations: they are not lowered, but calls of LAPACK through NumPy."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import WIDE_FLOATS, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_exportable, not_lowered
from .rules.batching import leading
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dims


class Matrices(HLOp):
    """The base of ops on the matrices in the last two axes of `x`, which are host calls."""

    DTYPES: ClassVar[tuple[DType, ...]] = WIDE_FLOATS
    EXACT: ClassVar[bool] = False
    ON_HOST: ClassVar[bool] = True
    STRUCTURED: ClassVar[bool] = True
    SQUARE: ClassVar[bool] = True
    """Whether the matrices have as many rows as columns."""

    lower = not_lowered("it is a host call of LAPACK")
    onnx = not_exportable("ONNX has no operator for it")

    batch = leading

    @classmethod
    def matrix(cls, types: Types) -> tuple[tuple[int, ...], int, int, DType]:
        """The sizes of the batch, of rows and of columns of the first operand, and its dtype, after checks."""
        shape, dtype = shape_of(types[0]), dtype_of(types[0])
        if not cls.takes(dtype):
            raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in cls.accepted())}, got {dtype.name}")
        if len(shape) < 2:
            raise InferenceError("C1", f"expected 2 axes or more, got shape {shape_text(shape)}")
        *batch, rows, columns = shape
        if cls.SQUARE and rows != columns and DYNAMIC not in (rows, columns):
            raise InferenceError("C1", f"expected square matrices, got shape {shape_text(shape)}")
        if cls.SQUARE:
            rows = columns = columns if rows == DYNAMIC else rows
        return tuple(batch), rows, columns, dtype

    @classmethod
    def check(cls, x: np.ndarray) -> np.ndarray:
        """The first operand, after a check of what was not known before."""
        if cls.SQUARE and x.shape[-1] != x.shape[-2]:
            raise InferenceError("C1", f"expected square matrices, got shape {shape_text(x.shape)}")
        return x

    @classmethod
    def sample_shape(cls, s: Sampler) -> tuple[int, ...]:
        """A batch of small matrices."""
        rows = s.integer(1, 4)
        return (*s.shape(max_rank=1, max_side=2), rows, rows if cls.SQUARE else s.integer(1, 4))


def _well_conditioned(s: Sampler, shape: Sequence[int], dtype: DType) -> np.ndarray:
    """Matrices whose diagonal is large."""
    return (s.whole(shape, dtype) / 4 + 9 * np.eye(shape[-2], shape[-1])).astype(dtype)


def _least(e: Emitter, a: SSAValue, b: SSAValue) -> SSAValue:
    return e.value(arith.MinSIOp(a, b))


def _smaller(rows: int, columns: int) -> int:
    return DYNAMIC if DYNAMIC in (rows, columns) else min(rows, columns)


@irdl_op_definition
class CholeskyOp(Matrices):
    """The lower triangular matrices whose products with their adjoints are `x`, of which the lower parts are read.

    For a matrix that is not positive definite its lower part is NaN.

    C1: `x` has at least 2 axes, and the last two are equal.
    C2: the dtype is {dtypes}.

    Definition: TensorFlow `linalg.cholesky` on a CPU.
    """

    name = "hl.cholesky"

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `x`."""
        batch, rows, columns, dtype = cls.matrix(types)
        return [tensor_type((*batch, rows, columns), dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's, one matrix after the other."""
        x = cls.check(operands[0])
        result = np.empty(x.shape, x.dtype)
        for place in np.ndindex(x.shape[:-2]):
            try:
                result[place] = np.linalg.cholesky(x[place])
            except np.linalg.LinAlgError:
                result[place] = np.tril(np.full(x.shape[-2:], np.nan))
        return (result,)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """Murray, "Differentiation of the Cholesky decomposition" (2016), made symmetric."""
        (factor,) = call.outputs
        middle = m.matmul(factor, dy, adjoint_a=True)
        middle = m.set_diag(middle, m.multiply(m.diag_part(middle), np.array(0.5, dy.dtype)))
        middle = m.band_part(middle, -1, 0)
        inner = m.triangular_solve(factor, middle, True, True)
        outer = m.adjoint(m.triangular_solve(factor, m.adjoint(inner), True, True))
        return [m.multiply(m.add(outer, m.adjoint(outer)), np.array(0.5, dy.dtype))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Positive definite matrices."""
        dtype = s.choice(cls.DTYPES)
        half = s.whole(cls.sample_shape(s), dtype) / 4
        x = half @ half.swapaxes(-1, -2) + 4 * np.eye(half.shape[-1])
        return Sample((x.astype(dtype),), {})


@irdl_op_definition
class InverseOp(Matrices):
    """The inverses of matrices. One that has none is an error.

    C1: `x` has at least 2 axes, and the last two are equal.
    C2: the dtype is {dtypes}.
    C3: no matrix is singular; checked at run time.

    Definition: TensorFlow `linalg.inv`.
    """

    name = "hl.inverse"

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `x`."""
        batch, rows, columns, dtype = cls.matrix(types)
        return [tensor_type((*batch, rows, columns), dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's inv."""
        try:
            return (np.linalg.inv(cls.check(operands[0])),)
        except np.linalg.LinAlgError:
            raise InferenceError("C3", "expected matrices with an inverse, got a singular one") from None

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`-yᴴ dy yᴴ`."""
        (inverse,) = call.outputs
        inner = m.matmul(dy, inverse, adjoint_b=True)
        return [m.negative(m.matmul(inverse, inner, adjoint_a=True))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices whose diagonal is large."""
        dtype = s.choice(cls.DTYPES)
        return Sample((_well_conditioned(s, cls.sample_shape(s), dtype),), {})


@irdl_op_definition
class SlogdetOp(Matrices):
    """The signs of determinants of matrices, and the logarithms of their absolute values.

    C1: `x` has at least 2 axes, and the last two are equal.
    C2: the dtype is {dtypes}.

    Definition: TensorFlow `linalg.slogdet`.
    """

    name = "hl.slogdet"

    x = operand_def(TensorType[Attribute])
    sign = result_def(TensorType[Attribute])
    logarithm = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The sizes of the batch."""
        batch, _, _, dtype = cls.matrix(types)
        return [tensor_type(batch, dtype)] * 2

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Those of the batch."""
        return [dims(e, op.operands[0])[:-2]] * 2

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's slogdet; logarithms are of the dtype of `x`."""
        sign, logarithm = np.linalg.slogdet(cls.check(operands[0]))
        return np.asarray(sign), np.asarray(logarithm).astype(operands[0].dtype, copy=False)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dsign: Value | None, dy: Value | None) -> Gradients:
        """The inverses of the adjoint matrices, as if the logarithms were those of determinants; signs are constant."""
        if dy is None:
            return [None]
        scale = m.expand_dims(m.expand_dims(dy, -1), -1)
        return [m.multiply(scale, m.inv(call.inputs[0], True))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices whose diagonal is large."""
        dtype = s.choice(cls.DTYPES)
        return Sample((_well_conditioned(s, cls.sample_shape(s), dtype),), {})


@irdl_op_definition
class QrOp(Matrices):
    """Matrices with orthonormal columns, and upper triangular ones, whose products are `x`.

    With `full` the first ones are square; otherwise they have as many columns as `x` has rows or columns, whichever are
    fewer.

    C1: `x` has at least 2 axes.
    C2: the dtype is {dtypes}.

    Definition: TensorFlow `linalg.qr`.
    """

    name = "hl.qr"
    SQUARE: ClassVar[bool] = False

    x = operand_def(TensorType[Attribute])
    full = prop_def(Attribute)
    q = result_def(TensorType[Attribute])
    r = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`q` has the rows of `x`, `r` its columns."""
        batch, rows, columns, dtype = cls.matrix(types)
        inner = rows if attrs["full"] else _smaller(rows, columns)
        return [tensor_type((*batch, rows, inner), dtype), tensor_type((*batch, inner, columns), dtype)]

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The same."""
        *batch, rows, columns = dims(e, op.operands[0])
        attrs: dict[str, Any] = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        inner = rows if attrs["full"] else _least(e, rows, columns)
        return [*batch, rows, inner], [*batch, inner, columns]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's qr."""
        return tuple(np.linalg.qr(operands[0], "complete" if attrs["full"] else "reduced"))

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dq: Value | None, dr: Value | None) -> Gradients:
        """Walter, Lehmann and Lamour, "On evaluating higher-order derivatives of the QR decomposition" (2012)."""
        q, r = call.outputs
        dq, dr = m.zeros_like(q) if dq is None else dq, m.zeros_like(r) if dr is None else dr
        return [m.gradient_of_qr(call.inputs[0], q, r, dq, dr)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices of any shape whose diagonal is large."""
        dtype = s.choice(cls.DTYPES)
        return Sample((_well_conditioned(s, cls.sample_shape(s), dtype),), {"full": s.boolean()})


@irdl_op_definition
class SvdOp(Matrices):
    """Singular values in descending order, and matrices of left and of right singular vectors, which are columns.

    With `full` these matrices are square; otherwise they have a column for each singular value. The signs of a pair of
    vectors are not defined. For a matrix with NaN or infinities everything is NaN.

    C1: `x` has at least 2 axes.
    C2: the dtype is {dtypes}.

    Definition: TensorFlow `linalg.svd`.
    """

    name = "hl.svd"
    SQUARE: ClassVar[bool] = False

    x = operand_def(TensorType[Attribute])
    full = prop_def(Attribute)
    s = result_def(TensorType[Attribute])
    u = result_def(TensorType[Attribute])
    v = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """As many values as there are rows or columns, whichever are fewer."""
        batch, rows, columns, dtype = cls.matrix(types)
        count = _smaller(rows, columns)
        left, right = (rows, columns) if attrs["full"] else (count, count)
        vectors = [tensor_type(shape, dtype) for shape in ((*batch, rows, left), (*batch, columns, right))]
        return [tensor_type((*batch, count), dtype.real_dtype), *vectors]

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The same."""
        *batch, rows, columns = dims(e, op.operands[0])
        attrs: dict[str, Any] = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        count = _least(e, rows, columns)
        left, right = (rows, columns) if attrs["full"] else (count, count)
        return [*batch, count], [*batch, rows, left], [*batch, columns, right]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's svd, whose last matrix is the adjoint one; it may not end for infinities, so it does not see them."""
        x = operands[0]
        finite: np.ndarray = np.asarray(np.isfinite(x).all((-2, -1)))
        try:
            u, s, v = np.linalg.svd(np.where(finite[..., None, None], x, 0), full_matrices=attrs["full"])
        except np.linalg.LinAlgError:
            raise InferenceError("C1", "the singular values do not converge") from None
        for part in (u, s, v):
            part[~finite] = np.nan
        return s, u, np.ascontiguousarray(v.swapaxes(-1, -2).conj())

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, ds: Value | None, du: Value | None, dv: Value | None) -> Gradients:
        """Townsend, "Differentiating the singular value decomposition" (2016)."""
        s, u, v = call.outputs
        return [m.gradient_of_svd(s, u, v, ds, du, dv)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices of any shape whose singular values differ."""
        dtype, shape = s.choice(cls.DTYPES), cls.sample_shape(s)
        x = s.whole(shape, dtype) / 16
        for number in range(min(shape[-2:])):
            x[..., number, number] += 2 * number + 2
        return Sample((x.astype(dtype),), {"full": s.boolean()})


class Eigen(Matrices):
    """The base of eigenvalues and eigenvectors, which are columns."""

    x = operand_def(TensorType[Attribute])
    values = result_def(TensorType[Attribute])
    vectors = result_def(TensorType[Attribute])

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """The results' dtype for that of `x`."""
        return dtype

    @classmethod
    @abstractmethod
    def decomposed(cls, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values and the vectors, of any dtype. Raises LinAlgError where they do not converge."""

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """A value and a vector for each row."""
        batch, rows, columns, dtype = cls.matrix(types)
        found = cls.result_dtype(dtype)
        return [tensor_type((*batch, rows), found), tensor_type((*batch, rows, columns), found)]

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The same."""
        sizes = dims(e, op.operands[0])
        return [sizes[:-1], sizes]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """`decomposed`, in the results' dtype."""
        x = cls.check(operands[0])
        found = cls.result_dtype(dtype_of(x)).dtype
        try:
            return tuple(part.astype(found, copy=False) for part in cls.decomposed(x))
        except np.linalg.LinAlgError:
            raise InferenceError("C1", "expected finite elements: the eigenvalues do not converge") from None


@irdl_op_definition
class EighOp(Eigen):
    """Eigenvalues of symmetric, or Hermitian, matrices in ascending order, and eigenvectors, which are columns.

    Of each matrix the lower part is read. The signs of vectors are not defined.

    C1: `x` has at least 2 axes, and the last two are equal.
    C2: the dtype is {dtypes}.

    Definition: TensorFlow `linalg.eigh`.
    """

    name = "hl.eigh"

    @classmethod
    def decomposed(cls, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """NumPy's eigh."""
        return np.linalg.eigh(x)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, de: Value | None, dv: Value | None) -> Gradients:
        """With respect to the lower part."""
        values, vectors = call.outputs
        return [m.gradient_of_eigh(values, vectors, de, dv)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Symmetric matrices whose eigenvalues differ."""
        dtype = s.choice(cls.DTYPES)
        half = s.whole(cls.sample_shape(s), dtype) / 16
        x = half + half.swapaxes(-1, -2) + np.diag(4 * np.arange(half.shape[-1]))
        return Sample((x.astype(dtype),), {})
