"""Wrong rewrites of loops, vectors, blocks and machine words."""

from __future__ import annotations

from .mutant import Mutant


def _loops(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.lowering.{module}", before, after, "convert-linalg-to-loops")


def _vectors(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.{module}", before, after, "vectorize")


def _matrices(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.{module}", before, after, "lower-contractions")


def _llvm(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.lowering.{module}", before, after, "convert-cfg-to-llvm")


MUTANTS = (
    _loops(
        "off by one: loops start at 1",
        "convert_linalg_to_loops",
        "bounds = (ix.value(0), self.bounds[level], ix.value(1))",
        "bounds = (ix.value(1), self.bounds[level], ix.value(1))",
    ),
    _loops(
        "loops over memory with gaps become one",
        "loops.nest",
        "if not is_identity(memref_type(operand)) or len(uses) != 2 or uses[0] + 1 != uses[1]:",
        "if len(uses) != 2 or uses[0] + 1 != uses[1]:",
    ),
    _loops(
        "axes in any order become one",
        "loops.nest",
        "if exprs[uses[0]] != AffineDimExpr(outer) or exprs[uses[1]] != AffineDimExpr(inner):\n"
        "            return False",
        "pass",
    ),
    _loops(
        "a reduction starts from what was in memory, its fill dropped",
        "convert_linalg_to_loops",
        "                self.inits[position] = fill.inputs[0]\n",
        "",
    ),
    _loops(
        "sums over rows are kept in registers",
        "loops.nest",
        "in_memory = any(reduction) and not reduction[-1]",
        "in_memory = False",
    ),
    _vectors(
        "off by one: the mask of the last vector",
        "passes.vectorize",
        "left = at.value(at.sub(high, iv))",
        "left = at.value(at.add(at.sub(high, iv), 1))",
    ),
    _vectors(
        "the mask of a remainder is left out of sums",
        "passes.vectorize",
        "return result if mask is None else e.value(simd.SelectOp(mask, result, partial))",
        "return result",
    ),
    _vectors(
        "off by a vector: where full vectors end",
        "passes.vectorize",
        "whole = self.trip // self.step * self.step",
        "whole = self.trip // self.lanes * self.lanes",
    ),
    _vectors(
        "partial sums are forgotten",
        "passes.vectorize",
        "merged = [r.combine(self.ix.e, a, b) for r, a, b in zip(self.reductions, merged, others, strict=True)]",
        "merged = others",
    ),
    _vectors(
        "the neutral element of a sum is 1",
        "lowering.vector.reduction",
        "CombiningKindFlag.ADD: 0,",
        "CombiningKindFlag.ADD: 1,",
    ),
    _vectors(
        "the neutral element of the maximum is 0",
        "lowering.vector.reduction",
        "CombiningKindFlag.MAXSI: -top,",
        "CombiningKindFlag.MAXSI: 0,",
    ),
    _vectors(
        "memory with gaps is read as if it had none",
        "lowering.vector.body",
        '        if not unit_last(source):\n            raise CannotVectorize("an access with a stride")\n',
        "",
    ),
    _vectors(
        "the counter stands still within a vector",
        "lowering.vector.body",
        "list(range(self.plan.lanes))",
        "[0] * self.plan.lanes",
    ),
    _vectors(
        "a fused product loses the sum so far",
        "passes.vectorize",
        "result = e.value(math.FmaOp(a, b, partial))",
        "result = e.value(arith.MulfOp(a, b))",
    ),
    _matrices(
        "off by one: the columns at the right edge",
        "lowering.kernels.tile",
        "left = ix.sub(limit, ix.add(column, (vectors - 1) * self.tile.lanes))",
        "left = ix.sub(limit, ix.add(column, (vectors - 1) * self.tile.lanes + 1))",
    ),
    _matrices(
        "a product is added to what was there",
        "lowering.kernels.tile",
        "if self.kernel.accumulate:",
        "if not self.kernel.accumulate:",
    ),
    _matrices(
        "the rows at the bottom are left out",
        "lowering.kernels.tile",
        "            if size > main:\n                blocks.append((main, size, size - main, True))\n",
        "            pass\n",
    ),
    _matrices(
        "swapped operands: rows and columns of the left matrix",
        "lowering.kernels.tile",
        "moved = ix.mul(k, kernel.lhs.column_stride)",
        "moved = ix.mul(k, kernel.lhs.row_stride)",
    ),
    _matrices(
        "what is left over of a group of packed integers lies in its first place",
        "lowering.kernels.panels",
        "end = at.add(target, at.add(at.mul(number, size), within))",
        "end = at.add(target, at.mul(number, size))",
    ),
    Mutant(
        "wrong loop exit: a while runs while its condition fails",
        "compiler.lowering.convert_scf_to_cf",
        "ConditionalBranchOp(decision.condition, body, (), after, ())",
        "ConditionalBranchOp(decision.condition, after, (), body, ())",
        "convert-scf-to-cf",
    ),
    Mutant(
        "swapped values of the next iteration",
        "compiler.lowering.convert_scf_to_cf",
        "rewriter.replace(again, BranchOp(header, *again.operands))",
        "rewriter.replace(again, BranchOp(header, again.operands[0], *again.operands[:0:-1]))",
        "convert-scf-to-cf",
    ),
    _llvm(
        "swapped operands of comparisons",
        "llvm.arith",
        "f.set(op.result, f.b.icmp(predicate, f.get(op.lhs), f.get(op.rhs)))",
        "f.set(op.result, f.b.icmp(predicate, f.get(op.rhs), f.get(op.lhs)))",
    ),
    _llvm(
        "swapped choice: selections",
        "llvm.arith",
        "f.set(op.results[0], f.b.select(f.get(cond), f.get(lhs), f.get(rhs)))",
        "f.set(op.results[0], f.b.select(f.get(cond), f.get(rhs), f.get(lhs)))",
    ),
    _llvm(
        "wrong dtype promotion: a wider integer without its sign",
        "llvm.arith",
        "llvm.SExtOp if signed else llvm.ZExtOp, value, type_",
        "llvm.ZExtOp, value, type_",
    ),
    _llvm("lost NaN: the greater number", "llvm.arith", 'arith.MaximumfOp: "maximum"', 'arith.MaximumfOp: "maxnum"'),
    _llvm(
        "off by one: the lanes of a mask",
        "llvm.vector",
        'f.set(op.mask_vector, b.icmp("slt", numbers, limit))',
        'f.set(op.mask_vector, b.icmp("sle", numbers, limit))',
    ),
    _llvm("half of a reduction is forgotten", "llvm.vector", "value = combine(f.b, kind, low, high)", "value = low"),
    _llvm(
        "strides of memory in the other order",
        "llvm.descriptor",
        "return tuple(reversed(strides))",
        "return tuple(strides)",
    ),
    _llvm(
        "the arena is shared by what is alive together",
        "llvm.memory_plan",
        "taken = sorted(ends[other] for other in ends if clashes[number] >> other & 1)",
        "taken = []",
    ),
    _llvm(
        "a copy is one element short",
        "llvm.memref",
        "count = f.b.mul_index(_known_count(f, source, target), byte_size(source.element))",
        "count = f.b.add_index(f.b.mul_index(_known_count(f, source, target), byte_size(source.element)), -1)",
    ),
    _llvm(
        "an assertion that fails is passed over",
        "llvm.debug",
        "    f.leave_unless(_truth(f, op.condition), note)",
        "    _truth(f, op.condition)",
    ),
)
"""Loops, vectors, contractions, blocks, machine words."""
