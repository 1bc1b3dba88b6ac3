"""Contractions: recognising `C[m, n] += A[m, k] * B[k, n]` in any layout, and addressing its operands.

Indices may be sums of multiples of loops, as those of convolutions are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerType, MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.ir.affine import AffineBinaryOpExpr, AffineBinaryOpKind, AffineConstantExpr, AffineDimExpr, AffineExpr

from ..loops.builder import Indices, collapsed, is_identity, memref_type, size_of
from ..loops.nest import (
    Exprs,
    collapsed_operand,
    dimension_size,
    fuse_groups,
    maps_of,
    output_order,
    reductions_of,
    static_size,
    stride_along,
)

Number = int | SSAValue
"""A size, offset or stride: an `int` where it is known, else an SSA value."""


@dataclass(frozen=True)
class Factor:
    """What a contraction multiplies: elements of an operand, extended to the type of the sums if that is wider."""

    element: Attribute
    is_unsigned: bool = False


@dataclass
class Contraction:
    """A contraction, its loops put in roles.

    Attributes:
        op: the structured op.
        lhs: position of the operand with the m dimension; `rhs` is the one with n, along which results lie.
        rhs: position of the other operand.
        groups: loops, each a list of the op's dimensions that are walked as one.
        roles: for each group one of `m`, `n`, `k`, or `outer` for loops around the kernel.
        factors: what is multiplied, of each input.
    """

    op: LinalgStructuredOperation
    lhs: int
    rhs: int
    groups: list[list[int]]
    roles: list[str]
    factors: tuple[Factor, Factor]

    @property
    def element(self) -> Attribute:
        """The type of the sums."""
        return memref_type(self.op.operands[2]).element_type

    def static_size(self, role: str) -> int | None:
        """The size of the kernel's loop in a role where it is known (1 where there is no such loop)."""
        size = 1
        for group, own in zip(self.groups, self.roles, strict=True):
            if own == role:
                for dim in group:
                    known = static_size(self.op, dim)
                    if known is None:
                        return None
                    size *= known
        return size

    def size(self, ix: Indices, group: int) -> Number:
        """The size of a loop."""
        size: Number = 1
        for dim in self.groups[group]:
            size = ix.mul(size, dimension_size(ix, self.op, dim))
        return size


def factors_of(op: LinalgStructuredOperation) -> tuple[Factor, Factor] | None:
    """What the body multiplies, if it is `out + a * b`; integers of 8 and 16 bits may be extended first."""
    if len(op.inputs) != 2 or len(op.outputs) != 1 or len(op.body.block.args) != 3:
        return None
    if not all(isinstance(v.type, MemRefType) for v in op.operands):
        return None
    a, b, out = op.body.block.args
    ops = list(op.body.block.ops)
    extensions = [_extended(inner, out.type) for inner in ops[:-3]]
    if len(ops) < 3 or not all(extensions):
        return None
    product, total, terminator = ops[-3:]
    kinds = (type(product), type(total))
    if kinds not in ((arith.MulfOp, arith.AddfOp), (arith.MuliOp, arith.AddiOp)):
        return None
    found: dict[SSAValue, tuple[SSAValue, Factor]] = {
        inner.results[0]: pair for inner, pair in zip(ops, extensions, strict=False) if pair is not None
    }
    pairs = [found.get(value, (value, Factor(value.type))) for value in product.operands]
    factors = dict(pairs)
    if (
        set(factors) != {a, b}
        or set(total.operands) != {product.results[0], out}
        or not isinstance(terminator, linalg.YieldOp)
        or terminator.operands[0] is not total.results[0]
    ):
        return None
    return factors[a], factors[b]


def _extended(op: Operation, type_: Attribute) -> tuple[SSAValue, Factor] | None:
    """The operand of an extension of integers of 8 or 16 bits to `type_`, and what it is multiplied as."""
    if not isinstance(op, arith.ExtSIOp | arith.ExtUIOp) or op.result.type != type_:
        return None
    source = op.input.type
    assert isinstance(source, IntegerType)
    is_unsigned = isinstance(op, arith.ExtUIOp)
    return (op.input, Factor(source, is_unsigned)) if source.bitwidth in (8, 16) else None


def step_of(expr: AffineExpr, dim: int) -> int | None:
    """How far an index moves per step of a loop; `None` unless the index is a sum of multiples of loops."""
    match expr:
        case AffineConstantExpr():
            return 0
        case AffineDimExpr():
            return int(expr.position == dim)
        case AffineBinaryOpExpr(kind=AffineBinaryOpKind.Add):
            parts = step_of(expr.lhs, dim), step_of(expr.rhs, dim)
            return None if None in parts else sum(part for part in parts if part is not None)
        case AffineBinaryOpExpr(kind=AffineBinaryOpKind.Mul, rhs=AffineConstantExpr(value=factor)):
            inner = step_of(expr.lhs, dim)
            return None if inner is None else inner * factor
    return None


def _linear_maps(op: LinalgStructuredOperation, dims: Sequence[int]) -> bool:
    """Whether each index is a sum of multiples of loops, that of the result a single loop, and none used twice."""
    for number, exprs in enumerate(maps_of(op)):
        used = [dim for expr in exprs for dim in expr.used_dims()]
        if len(used) != len(set(used)) or any(step_of(expr, 0) is None for expr in exprs):
            return False
        if number == 2 and any(not isinstance(expr, AffineDimExpr | AffineConstantExpr) for expr in exprs):
            return False
    return bool(dims)


def find_contraction(op: LinalgStructuredOperation) -> Contraction | str:
    """The contraction that `op` is, or why it is none (or none that a kernel would help)."""
    factors = factors_of(op)
    if factors is None:
        return "not a sum of products"
    dims = [d for d in range(len(reductions_of(op))) if static_size(op, d) != 1]
    if not _linear_maps(op, dims):
        return "an index is not a sum of multiples of loops"
    uses = [{d for expr in exprs for d in expr.used_dims() if d in dims} for exprs in maps_of(op)]
    if any(d not in uses[0] | uses[1] for d in dims):
        return "a loop no input depends on"
    inner = [d for d in dims if stride_along(op.operands[2], maps_of(op)[2], d) == 1 and d in uses[2]]
    if not inner or (inner[0] in uses[0] and inner[0] in uses[1]):
        return "results do not lie along one input"
    lhs, rhs = (0, 1) if inner[0] in uses[1] else (1, 0)
    return _with_roles(op, dims, uses, inner[0], (lhs, rhs), factors)


def _with_roles(
    op: LinalgStructuredOperation,
    dims: list[int],
    uses: list[set[int]],
    inner: int,
    sides: tuple[int, int],
    factors: tuple[Factor, Factor],
) -> Contraction | str:
    lhs, rhs = sides
    kinds = reductions_of(op)
    order = [d for d in output_order(op) if d in dims]
    kind = {d: _role(d, uses, lhs, rhs) for d in order}
    order.sort(key=lambda d: ["outer", "m", "n", "k"].index(kind[d]))
    if "k" not in kind.values():
        return "nothing is summed"
    groups: list[list[int]] = []
    for role in ("outer", "m", "n", "k"):
        groups += fuse_groups(op, [d for d in order if kind[d] == role], kinds)
    roles = [kind[group[0]] for group in groups]
    for role in ("m", "n", "k"):
        positions = [i for i, own in enumerate(roles) if own == role]
        keep = [i for i in positions if inner in groups[i]] if role == "n" else positions[-1:]
        for i in positions:
            if i not in keep:
                roles[i] = "outer"
    return Contraction(op, lhs, rhs, groups, roles, factors)


def _role(dim: int, uses: list[set[int]], lhs: int, rhs: int) -> str:
    match (dim in uses[lhs], dim in uses[rhs], dim in uses[2]):
        case (True, False, True):
            return "m"
        case (False, True, True):
            return "n"
        case (True, True, False):
            return "k"
    return "outer"


def sums_outside(contraction: Contraction) -> bool:
    """Whether a loop around the kernel is a reduction, so that the kernel runs several times on a result."""
    kinds = reductions_of(contraction.op)
    pairs = zip(contraction.groups, contraction.roles, strict=True)
    return any(role == "outer" and kinds[group[0]] for group, role in pairs)


def addressable(value: SSAValue) -> bool:
    """Whether a memref's elements can be addressed from the start of row-major memory."""
    while not is_identity(memref_type(value)):
        if not isinstance(value.owner, memref.SubviewOp):
            return False
        value = value.owner.source
    return True


def flat_operand(ix: Indices, contraction: Contraction, position: int) -> tuple[SSAValue, Number, list[Number]]:
    """An operand as a row of elements, the offset of its first element, and its stride along each loop."""
    op, groups = contraction.op, contraction.groups
    operand, exprs = collapsed_operand(ix.e, op.operands[position], maps_of(op)[position], groups)
    data, offset, strides = _flat_view(ix, operand)
    for expr, stride in zip(exprs, strides, strict=True):
        offset = ix.add(offset, ix.mul(expr.eval([0] * len(groups), []), stride))
    along = [_along(ix, exprs, loop, strides) for loop in range(len(groups))]
    return data, offset, along


def _along(ix: Indices, exprs: Exprs, loop: int, strides: Sequence[Number]) -> Number:
    """How many elements an operand's address moves per step of a loop."""
    total: Number = 0
    for expr, stride in zip(exprs, strides, strict=True):
        total = ix.add(total, ix.mul(step_of(expr, loop) or 0, stride))
    return total


def _flat_view(ix: Indices, value: SSAValue) -> tuple[SSAValue, Number, list[Number]]:
    """The row-major memory `value` lies in, as one axis; offset and strides of `value` in it."""
    type_ = memref_type(value)
    if not is_identity(type_):
        assert isinstance(value.owner, memref.SubviewOp)
        return _flat_subview(ix, value.owner)
    strides: list[Number] = []
    running: Number = 1
    for axis in reversed(range(type_.get_num_dims())):
        strides.append(running)
        if axis:
            running = ix.mul(running, size_of(ix, value, axis))
    data = collapsed(ix.e, value, [list(range(type_.get_num_dims()))])
    flat_type = MemRefType(type_.element_type, [DYNAMIC_INDEX])
    if data.type != flat_type:
        data = ix.e.value(memref.CastOp.get(data, flat_type))
    return data, 0, strides[::-1]


def _flat_subview(ix: Indices, op: memref.SubviewOp) -> tuple[SSAValue, Number, list[Number]]:
    data, offset, strides = _flat_view(ix, op.source)
    starts = _mixed(op.static_offsets.get_values(), op.offsets)
    sizes = _mixed(op.static_sizes.get_values(), op.sizes)
    steps = _mixed(op.static_strides.get_values(), op.strides)
    for start, stride in zip(starts, strides, strict=True):
        offset = ix.add(offset, ix.mul(start, stride))
    own = [ix.mul(step, stride) for step, stride in zip(steps, strides, strict=True)]
    return data, offset, _kept_axes(own, sizes, memref_type(op.result).get_shape())


def _kept_axes(strides: list[Number], sizes: Sequence[Number], shape: Sequence[int]) -> list[Number]:
    """The strides of the axes that a subview keeps; it may drop axes of size 1."""
    kept: list[Number] = []
    for stride, size in zip(strides, sizes, strict=True):
        wanted = shape[len(kept)] if len(kept) < len(shape) else None
        if wanted == (DYNAMIC_INDEX if isinstance(size, SSAValue) else size):
            kept.append(stride)
    return kept


def _mixed(static: Sequence[int], dynamic: Sequence[SSAValue]) -> list[Number]:
    values = iter(dynamic)
    return [next(values) if number == DYNAMIC_INDEX else number for number in static]


def zero_filled(fill: linalg.FillOp | None) -> bool:
    """Whether a fill writes zeros."""
    if fill is None or not isinstance(fill.inputs[0].owner, arith.ConstantOp):
        return False
    return getattr(fill.inputs[0].owner.value, "value").data == 0  # noqa: B009
