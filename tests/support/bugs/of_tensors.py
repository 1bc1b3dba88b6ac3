"""Wrong rewrites on index maps and on the way into memory: scalars, fusion, bufferization."""

from __future__ import annotations

from .mutant import Mutant


def _fusion(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.passes.{module}", before, after, "fuse-elementwise")


def _memory(name: str, file: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.passes.{file}", before, after, "bufferize")


MUTANTS = (
    Mutant(
        "swapped operands: computations on scalars",
        "compiler.passes.detensorize",
        "        for argument, operand, map_ in zip(block.args, op.operands, op.indexing_maps, strict=True):",
        "        for argument, operand, map_ in zip(\n            block.args, (*op.inputs[::-1], *op.outputs), op.indexing_maps, strict=True\n        ):",
        "detensorize",
    ),
    Mutant(
        "the first element of a tensor made of scalars for all",
        "compiler.passes.detensorize",
        "op.result.replace_all_uses_with(source.elements[position])",
        "op.result.replace_all_uses_with(source.elements[0])",
        "detensorize",
    ),
    Mutant(
        "one scalar in the place of all",
        "compiler.passes.detensorize",
        "block.args[number].replace_all_uses_with(self.of(op.inputs[number]))",
        "block.args[number].replace_all_uses_with(self.of(op.inputs[drop[-1]]))",
        "detensorize",
    ),
    Mutant(
        "loop counters of the producer are taken for the first one's",
        "compiler.passes.fusion.group",
        "return e.value(IndexOp(expr.position))",
        "return e.value(IndexOp(0))",
        "fuse-elementwise",
    ),
    _fusion(
        "the producer's index map is forgotten",
        "fusion.group",
        "self._argument(value, map_.compose(AffineMap(self.num_dims, 0, tuple(exprs))))",
        "self._argument(value, map_)",
    ),
    Mutant(
        "wrong broadcast: inputs read in another order are merged",
        "compiler.passes.fusion.group",
        "first = seen.setdefault(self.inputs[index], index)",
        "first = seen.setdefault((self.inputs[index][0], self.inputs[0][1]), index)",
        "fuse-elementwise",
    ),
    _fusion(
        "a result is used before it is computed",
        "fusion.rules",
        "            if at is None or at <= position:\n                return False",
        "            if at is None:\n                return False",
    ),
    _fusion(
        "an input is dropped that says how far a loop runs",
        "fusion.group",
        "if self.block.args[index].first_use is None and self.without(index):",
        "if self.block.args[index].first_use is None:",
    ),
    _memory(
        "wrong in-place reuse: whatever memory there is",
        "bufferization.placement",
        "    order = r.order\n    for value in storage.values:\n        scope = order.scope(value)\n"
        "        for use in order.uses_of(value):\n            own = use.op is op",
        "    return True\n    order = r.order\n    for value in storage.values:\n        scope = order.scope(value)\n"
        "        for use in order.uses_of(value):\n            own = use.op is op",
    ),
    _memory(
        "aliasing: an op reads an operand while it writes over it",
        "bufferization.placement",
        "            if own or order.may_follow(use.op, op, scope):\n                return False\n    return True\n\n\n"
        "def passes_on",
        "            if order.may_follow(use.op, op, scope):\n                return False\n    return True\n\n\n"
        "def passes_on",
    ),
    _memory(
        "aliasing: a transposed operand is written over",
        "bufferization.structured",
        "if use.index >= inputs or maps[use.index] != own:",
        "if use.index >= inputs:",
    ),
    _memory(
        "aliasing: what the next iteration reads is written over",
        "bufferization.order",
        "repeated = repeated or isinstance(parent, LOOPS)",
        "repeated = False",
    ),
    _memory(
        "aliasing: the regions of an op do not follow it",
        "bufferization.order",
        "            if first is earlier:\n                return True\n",
        "",
    ),
    _memory(
        "aliasing: a cast is taken for memory of its own",
        "bufferization.movement",
        "r.place(op.dest, Buffer(view, source.storage))",
        "r.place(op.dest, Buffer(view, type(source.storage)(view, True, [op.dest])))",
    ),
    _memory(
        "arguments are written over",
        "bufferization.placement",
        "    if buffer is None or not buffer.storage.writable:\n        return None\n\n    def allowed",
        "    if buffer is None:\n        return None\n\n    def allowed",
    ),
    _memory(
        "a Variable is assigned before its old value was read",
        "bufferization.placement",
        "    for value in chain:\n        scope = r.order.scope(value)\n        for use in uses_with_views(r, value):",
        "    for value in ():\n        scope = r.order.scope(value)\n        for use in uses_with_views(r, value):",
    ),
    _memory(
        "memory is taken for what it was to hold",
        "bufferization.structured",
        "    if op.body.block.args[len(op.inputs) + number].first_use is not None:\n        return True\n",
        "    if op.body.block.args[len(op.inputs) + number].first_use is not None:\n        return False\n",
    ),
    _memory(
        "off by a stride: a part with gaps is taken for one without",
        "bufferization.storage",
        "strides.append(None if stride is None or step == DYNAMIC_INDEX else stride * step)",
        "strides.append(stride)",
    ),
    _memory(
        "memory is freed while it is still read",
        "bufferization.deallocation",
        "    while op is not None and op not in inside and op is not value.owner:",
        "    while op is not None and op is not value.owner:",
    ),
    _memory(
        "memory that is handed on is freed",
        "bufferization.deallocation",
        "HANDED_ON_BY = (func.ReturnOp, scf.YieldOp, scf.ConditionOp, scf.ForOp, scf.WhileOp)",
        "HANDED_ON_BY = (func.ReturnOp,)",
    ),
    _memory(
        "constants of one value are one, whatever their type",
        "bufferization.constants",
        "name = self.names.get(value)\n",
        "name = next((n for v, n in self.names.items() if v.data == value.data), None)  # pyright: ignore\n",
    ),
)
"""Scalars, fusion, bufferization."""
