"""A computation over index maps as a loop nest: which loop goes where, and which loops become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr

from ....dialects.emitter import Emitter
from .builder import Indices, collapsed, is_identity, memref_type, size_of, static_strides

Exprs = tuple[AffineExpr, ...]


@dataclass
class Nest:
    """The loops of a structured op, outermost first.

    Attributes:
        dims: the op's dimensions each loop runs over, in the order of its counter's digits.
        reduction: for each loop, whether it is a reduction.
        operands: inputs, then outputs, possibly viewed with fewer axes.
        maps: for each operand the index of each of its axes, as an expression of the loops.
        inputs: how many of the operands are inputs.
        in_memory: whether a parallel loop lies inside the reductions, so that results accumulate in memory.
    """

    dims: list[list[int]]
    reduction: list[bool]
    operands: list[SSAValue]
    maps: list[Exprs]
    inputs: int
    in_memory: bool

    def depth(self, operand: int) -> int:
        """How many loops, from outside, an operand's index depends on."""
        used = {d for expr in self.maps[operand] for d in expr.used_dims()}
        return max(used, default=-1) + 1


def reductions_of(op: LinalgStructuredOperation) -> list[bool]:
    """For each dimension of a structured op, whether it is a reduction."""
    return [attr.data == IteratorType.REDUCTION for attr in op.get_iterator_types()]


def maps_of(op: LinalgStructuredOperation) -> list[Exprs]:
    """The index expressions of each operand of a structured op."""
    return [attr.data.results for attr in op.get_indexing_maps()]


def dimension_source(op: LinalgStructuredOperation, dim: int) -> tuple[SSAValue, int]:
    """An operand and its axis that has the size of a dimension; one of static size if there is any."""
    found = None
    for operand, exprs in zip(op.operands, maps_of(op), strict=True):
        for axis, expr in enumerate(exprs):
            if expr == AffineDimExpr(dim):
                if memref_type(operand).get_shape()[axis] != DYNAMIC_INDEX:
                    return operand, axis
                found = found or (operand, axis)
    assert found is not None, f"dimension {dim} has no size"
    return found


def static_size(op: LinalgStructuredOperation, dim: int) -> int | None:
    """The size of a dimension where it is known."""
    operand, axis = dimension_source(op, dim)
    size = memref_type(operand).get_shape()[axis]
    return None if size == DYNAMIC_INDEX else size


def dimension_size(ix: Indices, op: LinalgStructuredOperation, dim: int) -> int | SSAValue:
    """The size of a dimension."""
    return size_of(ix, *dimension_source(op, dim))


def stride_along(operand: SSAValue, exprs: Exprs, dim: int) -> int | None:
    """How many elements further an operand is read per step of a dimension; `None`: known at run time only."""
    if not isinstance(operand.type, MemRefType):
        return 0
    total = 0
    for expr, stride in zip(exprs, static_strides(operand.type), strict=True):
        if dim not in expr.used_dims():
            continue
        if stride is None or not expr.is_pure_affine():
            return None
        dims = max(expr.used_dims()) + 1
        one = [int(d == dim) for d in range(dims)]
        total += stride * (expr.eval(one, []) - expr.eval([0] * dims, []))
    return total


def _fitness(op: LinalgStructuredOperation, dim: int) -> int:
    """How well a dimension serves as innermost loop: operands walked in unit steps, less those that are not."""
    score = 0
    for operand, exprs in zip(op.operands, maps_of(op), strict=True):
        stride = stride_along(operand, exprs, dim)
        score += 1 if stride == 1 else 0 if stride == 0 else -1
    return score


def output_order(op: LinalgStructuredOperation) -> list[int]:
    """All dimensions: first those of the first output in the order of its axes, then the others."""
    exprs = maps_of(op)[len(op.inputs)]
    first = [expr.position for expr in exprs if isinstance(expr, AffineDimExpr)]
    return first + [d for d in range(op.get_num_loops()) if d not in first]


def _ordered(op: LinalgStructuredOperation, dims: Sequence[int], reduction: list[bool]) -> list[int]:
    """`dims` from the outermost loop to the innermost."""
    ranked = [d for d in output_order(op) if d in dims]
    if not ranked:
        return []
    inner = max(ranked, key=lambda d: (_fitness(op, d), ranked.index(d)))
    outer = [d for d in ranked if not reduction[d] and d != inner]
    folds = [d for d in ranked if reduction[d] and d != inner]
    return [*outer, *folds, inner]


def _uses_index(op: LinalgStructuredOperation) -> bool:
    return any(isinstance(inner, linalg.IndexOp) for inner in op.body.walk())


def fuse_groups(op: LinalgStructuredOperation, order: list[int], reduction: list[bool]) -> list[list[int]]:
    """Neighbouring loops that every operand walks as one, in order."""
    groups = [[d] for d in order[:1]]
    fusable = not _uses_index(op)
    for d in order[1:]:
        last = groups[-1][-1]
        if fusable and reduction[last] == reduction[d] and _adjacent(op, last, d):
            groups[-1].append(d)
        else:
            groups.append([d])
    return groups


def _adjacent(op: LinalgStructuredOperation, outer: int, inner: int) -> bool:
    """Whether each operand has both dimensions as neighbouring axes of a row-major memref, or neither."""
    for operand, exprs in zip(op.operands, maps_of(op), strict=True):
        uses = [axis for axis, expr in enumerate(exprs) if {outer, inner} & expr.used_dims()]
        if not uses:
            continue
        if not is_identity(memref_type(operand)) or len(uses) != 2 or uses[0] + 1 != uses[1]:
            return False
        if exprs[uses[0]] != AffineDimExpr(outer) or exprs[uses[1]] != AffineDimExpr(inner):
            return False
    return True


def collapsed_operand(e: Emitter, operand: SSAValue, exprs: Exprs, groups: list[list[int]]) -> tuple[SSAValue, Exprs]:
    """An operand viewed so that each group of loops is one axis, and its indices in terms of the groups."""
    loop_of = {d: k for k, group in enumerate(groups) for d in group}
    axes: list[list[int]] = []
    result: list[AffineExpr] = []
    for axis, expr in enumerate(exprs):
        if isinstance(expr, AffineDimExpr) and expr.position in loop_of:
            group = groups[loop_of[expr.position]]
            if expr.position != group[0] and len(group) > 1:
                axes[-1].append(axis)
                continue
        axes.append([axis])
        width = max(expr.used_dims(), default=-1) + 1
        new_dims = [AffineDimExpr(loop_of[d]) if d in loop_of else AffineConstantExpr(0) for d in range(width)]
        result.append(expr.replace_dims_and_symbols(new_dims, []))
    if isinstance(operand.type, MemRefType):
        operand = collapsed(e, operand, axes)
    return operand, tuple(result)


def plan_nest(e: Emitter, op: LinalgStructuredOperation) -> Nest:
    """Choose the loops of `op`: unit steps innermost, parallel loops outside, as few loops as possible.

    A reduction that is best walked along a parallel dimension (a sum over rows) keeps that one innermost and
    accumulates in memory; any other has its reductions innermost, and accumulates in registers.
    """
    kinds = reductions_of(op)
    dims = [d for d in range(len(kinds)) if static_size(op, d) != 1]
    order = _ordered(op, dims, kinds)
    groups = fuse_groups(op, order, kinds)
    reduction = [kinds[group[0]] for group in groups]
    operands, maps = [], []
    for operand, exprs in zip(op.operands, maps_of(op), strict=True):
        viewed, new_exprs = collapsed_operand(e, operand, exprs, groups)
        operands.append(viewed)
        maps.append(new_exprs)
    in_memory = any(reduction) and not reduction[-1]
    return Nest(groups, reduction, operands, maps, len(op.inputs), in_memory)
