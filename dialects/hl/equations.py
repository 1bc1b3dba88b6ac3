"""Systems of linear equations, and the triangular factors that solve them: host calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INT32, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .decompositions import Matrices
from .rules.base import DTypeError, InferenceError, Types
from .rules.batching import all_leading
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dims


class _Equations(Matrices):
    """The base of ops that solve `x y = b` for `y`."""

    batch = all_leading

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `b`."""
        batch, rows, _, dtype = cls.matrix(types)
        right, other = shape_of(types[1]), dtype_of(types[1])
        if other != dtype:
            raise DTypeError("C2", f"expected one dtype, got {dtype.name} and {other.name}")
        wanted = (*batch, rows)
        if len(right) != len(wanted) + 1 or any(a != b and DYNAMIC not in (a, b) for a, b in zip(wanted, right)):
            text = f"expected a second operand of {shape_text(wanted)} and more columns, got shape {shape_text(right)}"
            raise InferenceError("C1", text)
        known = [b if a == DYNAMIC else a for a, b in zip(wanted, right)]
        return [tensor_type((*known, right[-1]), dtype)]

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Those of `b`."""
        return [dims(e, op.operands[1])]

    @classmethod
    def check_sides(cls, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The operands, after a check of what was not known before."""
        x, b = cls.check(operands[0]), operands[1]
        if b.shape[:-1] != x.shape[:-1]:
            text = (
                f"expected a second operand of {shape_text(x.shape[:-1])} and more columns, got {shape_text(b.shape)}"
            )
            raise InferenceError("C1", text)
        return x, b


def _adjoint(x: np.ndarray) -> np.ndarray:
    return x.swapaxes(-1, -2).conj()


def _sides(s: Sampler, shape: Sequence[int], dtype: DType) -> tuple[np.ndarray, np.ndarray]:
    """Matrices whose diagonal is large, and matrices with as many rows."""
    x = (s.whole(shape, dtype) / 4 + 9 * np.eye(shape[-1])).astype(dtype)
    return x, s.whole((*shape[:-1], s.integer(0, 3)), dtype)


@irdl_op_definition
class SolveOp(_Equations):
    """What `x`, or its adjoint matrices with `adjoint`, are multiplied by to be `b`. A singular matrix is an error.

    C1: `x` has at least 2 axes, and the last two are equal; `b` has the same sizes but for the last.
    C2: the dtype of both is {dtypes}.
    C3: no matrix is singular; checked at run time.

    Definition: TensorFlow `linalg.solve`.
    """

    name = "hl.solve"

    x = operand_def(TensorType[Attribute])
    b = operand_def(TensorType[Attribute])
    adjoint = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's solve."""
        x, b = cls.check_sides(operands)
        try:
            return (np.linalg.solve(_adjoint(x) if attrs["adjoint"] else x, b),)
        except np.linalg.LinAlgError:
            raise InferenceError("C3", "expected matrices with an inverse, got a singular one") from None

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The solution for `dy` of the adjoint equations, and its products with `y`."""
        (x, _), (y,), adjoint = call.inputs, call.outputs, call.attrs["adjoint"]
        db = m.solve(x, dy, not adjoint)
        dx = m.matmul(y, db, adjoint_b=True) if adjoint else m.matmul(db, y, adjoint_b=True)
        return [m.negative(dx), db]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices whose diagonal is large."""
        dtype = s.choice(cls.DTYPES)
        return Sample(_sides(s, cls.sample_shape(s), dtype), {"adjoint": s.boolean()})


@irdl_op_definition
class TriangularSolveOp(_Equations):
    """What triangular matrices, or their adjoint ones with `adjoint`, are multiplied by to be `b`.

    Of `x` the lower part is read, or the upper one without `reads_lower`. A 0 on the diagonal makes infinities and NaN.

    C1: `x` has at least 2 axes, and the last two are equal; `b` has the same sizes but for the last.
    C2: the dtype of both is {dtypes}.

    Definition: TensorFlow `linalg.triangular_solve`.
    """

    name = "hl.triangular_solve"

    x = operand_def(TensorType[Attribute])
    b = operand_def(TensorType[Attribute])
    reads_lower = prop_def(Attribute)
    adjoint = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Substitution, row by row."""
        x, b = cls.check_sides(operands)
        if attrs["adjoint"]:
            x = _adjoint(x)
        size, y = x.shape[-1], b.copy()
        first = attrs["reads_lower"] != attrs["adjoint"]
        with np.errstate(all="ignore"):
            for row in range(size) if first else range(size - 1, -1, -1):
                before = slice(0, row) if first else slice(row + 1, size)
                known = x[..., row : row + 1, before] @ y[..., before, :]
                y[..., row, :] = (y[..., row, :] - known[..., 0, :]) / x[..., row, row, None]
        return (y,)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The solution for `dy` of the adjoint equations, and the part of its products with `y` that is read."""
        (x, _), (y,) = call.inputs, call.outputs
        lower, adjoint = call.attrs["reads_lower"], call.attrs["adjoint"]
        db = m.triangular_solve(x, dy, lower, not adjoint)
        dx = m.matmul(y, db, adjoint_b=True) if adjoint else m.matmul(db, y, adjoint_b=True)
        return [m.negative(m.band_part(dx, -1, 0) if lower else m.band_part(dx, 0, -1)), db]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices whose diagonal is large."""
        dtype = s.choice(cls.DTYPES)
        return Sample(_sides(s, cls.sample_shape(s), dtype), {"reads_lower": s.boolean(), "adjoint": s.boolean()})


@irdl_op_definition
class LuOp(Matrices):
    """A unit lower and an upper triangular matrix in one, whose product is `x` with its rows in another order.

    The second result holds the rows of `x` in that order. A singular matrix is an error.

    C1: `x` has at least 2 axes, and the last two are equal.
    C2: the dtype is {dtypes}.
    C3: no matrix is singular; checked at run time.

    Definition: TensorFlow `linalg.lu`; Gaussian elimination with partial pivoting.
    """

    name = "hl.lu"

    x = operand_def(TensorType[Attribute])
    factors = result_def(TensorType[Attribute])
    order = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `x`, and that without the columns."""
        batch, rows, columns, dtype = cls.matrix(types)
        return [tensor_type((*batch, rows, columns), dtype), tensor_type((*batch, rows), INT32)]

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The same."""
        sizes = dims(e, op.operands[0])
        return [sizes, sizes[:-1]]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Elimination, column by column."""
        factors = cls.check(operands[0]).copy()
        order = np.broadcast_to(np.arange(factors.shape[-1], dtype=INT32), factors.shape[:-1]).copy()
        for place in np.ndindex(factors.shape[:-2]):
            _eliminate(factors[place], order[place])
        return factors, order

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value | None, order: Value | None) -> Gradients:
        """The parts of the products that each factor may change, between the inverses of both."""
        factors, rows = call.outputs
        return [None if dy is None else m.gradient_of_lu(factors, rows, dy)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Matrices whose diagonal is large, their rows in any order."""
        dtype, shape = s.choice(cls.DTYPES), cls.sample_shape(s)
        x = (s.whole(shape, dtype) / 4 + 9 * np.eye(shape[-1])).astype(dtype)
        return Sample((np.ascontiguousarray(x[..., ::-1, :]) if s.boolean() else x,), {})


def _eliminate(x: np.ndarray, order: np.ndarray) -> None:
    """Make the factors of one matrix in place."""
    for column in range(len(x)):
        pivot = column + int(np.argmax(np.abs(x[column:, column])))
        if not x[pivot, column]:
            raise InferenceError("C3", "expected matrices with an inverse, got a singular one")
        if pivot != column:
            x[[column, pivot]], order[[column, pivot]] = x[[pivot, column]], order[[pivot, column]]
        x[column + 1 :, column] /= x[column, column]
        x[column + 1 :, column + 1 :] -= np.outer(x[column + 1 :, column], x[column, column + 1 :])
