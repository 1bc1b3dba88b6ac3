"""Wrong rewrites of tensor operations: simplifications, folding, inlining, dead code."""

from __future__ import annotations

from .mutant import Mutant

_CANONICALIZE = "canonicalize"

MUTANTS = (
    Mutant(
        "dropped effects: everything unused is dead",
        "compiler.passes.dce",
        "    return judge is not None and judge(op)",
        "    return op.parent_op() is not None and op.next_op is not None and not op.regions",
        "dce",
    ),
    Mutant(
        "swapped operands: 0 - x is x",
        "dialects.hl.rules.elementwise",
        "((op.x, op.y, True), (op.y, op.x, op.COMMUTES))",
        "((op.x, op.y, True), (op.y, op.x, True))",
        _CANONICALIZE,
    ),
    Mutant(
        "the sign of zero: x + 0 is x for -0 too",
        "dialects.hl.rules.elementwise",
        "splat == number and bool(np.signbit(float(splat))) == bool(np.signbit(number))",
        "splat == number",
        _CANONICALIZE,
    ),
    Mutant(
        "wrong broadcast: x + 0 is x of another shape",
        "dialects.hl.rules.elementwise",
        "if allowed and kept.type == op.result.type and is_exactly(other, neutral):",
        "if allowed and is_exactly(other, neutral):",
        _CANONICALIZE,
    ),
    Mutant(
        "composed the wrong way round: two transposes",
        "dialects.hl.movement",
        "tuple(first[axis] for axis in perm)",
        "tuple(perm[axis] for axis in first)",
        _CANONICALIZE,
    ),
    Mutant(
        "two reversals are none, whatever their axes",
        "dialects.hl.movement",
        'isinstance(inner, ReverseOp) and set(inner.attrs()["axes"]) == set(op.attrs()["axes"])',
        "isinstance(inner, ReverseOp)",
        _CANONICALIZE,
    ),
    Mutant(
        "a broadcast to any shape of the same rank is none",
        "dialects.hl.movement",
        "if op.x.type != result or not result.has_static_shape():",
        "if type_of(op.x).get_num_dims() != result.get_num_dims():",
        _CANONICALIZE,
    ),
    Mutant(
        "swapped choice: select of a known condition",
        "dialects.hl.selection",
        "chosen = op.x if condition is None or condition else op.y",
        "chosen = op.y if condition is None or condition else op.x",
        _CANONICALIZE,
    ),
    Mutant(
        "wrong dtype promotion: every cast is none",
        "dialects.hl.selection",
        "if isinstance(op, CastOp) and op.x.type == op.result.type:",
        "if isinstance(op, CastOp) and op.x.type.get_shape() == op.result.type.get_shape():",
        _CANONICALIZE,
    ),
    Mutant(
        "the wrong flag: a transpose is folded into the other side of a product",
        "dialects.hl.linear",
        "operands[index], attrs[flag], changed = source.operands[0], not attrs[flag], True",
        "operands[index], attrs['transpose_a'], changed = source.operands[0], not attrs['transpose_a'], True",
        _CANONICALIZE,
    ),
    Mutant(
        "any transpose is folded into a product",
        "dialects.hl.linear",
        "if perm == (*range(rank - 2), rank - 1, rank - 2):",
        "if rank >= 2:",
        _CANONICALIZE,
    ),
    Mutant(
        "the wrong branch is taken of a known condition",
        "compiler.passes.fold_constants",
        "region = op.true_region if value.value.data else op.false_region",
        "region = op.false_region if value.value.data else op.true_region",
        "fold-constants",
    ),
    Mutant(
        "swapped operands in constant folding",
        "compiler.passes.fold_constants",
        "results = op.computed(known, op.attrs())",
        "results = op.computed(known[::-1] if len({k.shape for k in known}) == 1 else known, op.attrs())",
        "fold-constants",
    ),
    Mutant(
        "a folded constant loses what is behind its first element",
        "compiler.passes.fold_constants",
        "constants = [arith.ConstantOp(dense(result)) for result in results]",
        "constants = [arith.ConstantOp(dense(result * 0 + result.flat[0] if result.size else result)) "
        "for result in results]",
        "fold-constants",
    ),
    Mutant(
        "reads of a Variable are merged over its writes",
        "compiler.passes.cse",
        "or writes != self.writes",
        "or False",
        "cse",
    ),
    Mutant(
        "attributes are not compared when values are merged",
        "compiler.passes.cse",
        "frozenset(properties.items()) if properties else None",
        "None",
        "cse",
    ),
    Mutant(
        "sizes of one branch are taken for those of both",
        "compiler.passes.infer_shapes",
        "[x if x == y else DYNAMIC for x, y in zip(shape_of(a), shape_of(b))]",
        "[x for x, y in zip(shape_of(a), shape_of(b))]",
        "infer-shapes",
    ),
    Mutant(
        "a loop is handed a refined value without a cast",
        "compiler.passes.infer_shapes",
        "scf.ForOp | scf.WhileOp | func.CallOp",
        "func.CallOp",
        "infer-shapes",
    ),
    Mutant(
        "swapped results of an inlined call",
        "compiler.passes.inline",
        "for old, new in zip(call.results, results, strict=True):",
        "for old, new in zip(call.results, results[::-1], strict=True):",
        "inline",
    ),
    Mutant(
        "an assignment becomes an addition when state is made functional",
        "compiler.passes.functionalize_state",
        "if isinstance(op, state.AssignAddOp):",
        "if isinstance(op, state.AssignAddOp | state.AssignOp):",
        "functionalize-state",
    ),
)
"""Simplification, folding, merging, inlining, dead code."""
