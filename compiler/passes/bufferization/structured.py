"""Structured ops: results are written over the outputs, in place where that is safe."""

from __future__ import annotations

from xdsl.dialects import memref, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.ir import Operation, SSAValues
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.rewriter import Rewriter as IRRewriter

from ....dialects.emitter import Emitter
from ....dialects.host import CallOp
from ....dialects.walk import ops_in
from .order import Use
from .placement import Harmless, never
from .rewriter import Handler, Rewriter
from .storage import Buffer, without_casts


def _rewrite_structured(r: Rewriter, op: LinalgStructuredOperation) -> None:
    if not any(isinstance(operand.type, TensorType) for operand in op.operands):
        return
    e = Emitter.before(op)
    inputs = [r.read(value) for value in op.inputs]
    outputs = []
    for number, result in enumerate(op.results):
        use = Use(op, len(inputs) + number)
        outputs.append(r.output(e, use, result, _aligned_reads(r, op, number), _reads(op, number)))
    _rewrite_captures(r, op)
    op.operands = [*inputs, *outputs]
    op.results = SSAValues()


def _reads(op: LinalgStructuredOperation, number: int) -> bool:
    """Whether the old contents of an output matter: they are read, or not all of them are overwritten."""
    if op.body.block.args[len(op.inputs) + number].first_use is not None:
        return True
    map_ = op.get_indexing_maps().data[len(op.inputs) + number].data
    return not all(isinstance(expr, AffineDimExpr) for expr in map_.results)


def _is_permutation(map_: AffineMap) -> bool:
    dims = [expr.position for expr in map_.results if isinstance(expr, AffineDimExpr)]
    return len(dims) == len(map_.results) == map_.num_dims and len(set(dims)) == map_.num_dims


def _aligned_reads(r: Rewriter, op: LinalgStructuredOperation, number: int) -> Harmless:
    """Inputs may live in the memory of a result where each element is read just before that element is written."""
    maps = [attr.data for attr in op.get_indexing_maps()]
    inputs = len(op.inputs)
    own = maps[inputs + number]
    parallel = all(attr.data == IteratorType.PARALLEL for attr in op.get_iterator_types())
    if not parallel or not _is_permutation(own):
        return never

    def harmless(use: Use, target: Buffer) -> bool:
        if use.index >= inputs or maps[use.index] != own:
            return False
        return without_casts(r.read(op.operands[use.index])) is without_casts(target.memref)

    return harmless


def _rewrite_captures(r: Rewriter, op: Operation) -> None:
    """Turn reads of whole tensors inside a body into reads of memory."""
    for inner in ops_in(op):
        if isinstance(inner, tensor.ExtractOp):
            load = Emitter.before(inner).value(memref.LoadOp.get(r.read(inner.tensor), list(inner.indices)))
            inner.result.replace_all_uses_with(load)
            IRRewriter.erase_op(inner)
        elif isinstance(inner, tensor.DimOp):
            rewrite_dim(r, inner)


def rewrite_dim(r: Rewriter, op: tensor.DimOp) -> None:
    """The size of what the tensor lives in."""
    size = Emitter.before(op).value(memref.DimOp(r.read(op.source), op.index))
    op.result.replace_all_uses_with(size)
    IRRewriter.erase_op(op)


def _rewrite_host_call(r: Rewriter, op: CallOp) -> None:
    if not op.results:
        return
    e = Emitter.before(op)
    inputs = [r.read_row_major(e, value) for value in op.ins]
    outputs = []
    for number, result in enumerate(op.results):
        use = Use(op, len(inputs) + number)
        memory = r.output(e, use, result, reads=False)
        outputs.append(memory)
    call = CallOp(op.callee.data, inputs, outputs, (), op.attrs)
    call.attributes |= op.attributes
    e.add(call)
    r.drop(op)


HANDLERS: dict[type, Handler] = {
    LinalgStructuredOperation: _rewrite_structured,
    CallOp: _rewrite_host_call,
    tensor.DimOp: rewrite_dim,
}
"""How each op is rewritten."""
