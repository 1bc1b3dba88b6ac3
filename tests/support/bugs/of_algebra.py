"""Wrong laws of algebra, and wrong moves out of loops."""

from __future__ import annotations

from .mutant import Mutant


def _law(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.passes.algebra.{module}", before, after, "simplify-algebra")


_HOISTING, _FORWARDING = "hoist-loop-invariants", "forward-reads"


def _hoisting(name: str, before: str, after: str) -> Mutant:
    return Mutant(name, "compiler.passes.hoist_loop_invariants", before, after, _HOISTING)


def _speculation(name: str, before: str, after: str) -> Mutant:
    return Mutant(name, "compiler.passes.speculation", before, after, _HOISTING)


def _forwarding(name: str, before: str, after: str) -> Mutant:
    return Mutant(name, "compiler.passes.forward_reads", before, after, _FORWARDING)


def _sinking(name: str, before: str, after: str) -> Mutant:
    return Mutant(name, "compiler.passes.sink_assignments", before, after, "sink-assignments")


def _writing(name: str, before: str, after: str, passes: str) -> Mutant:
    return Mutant(name, "compiler.passes.variable_writes", before, after, passes)


_LAWS = (
    _law(
        "swapped operands: a constant that is less",
        "numbers",
        "        if constant_of(x) is None or constant_of(y) is not None:\n            return None\n        if isinstance(match.op, EXTREMES)",
        "        if constant_of(x) is None or constant_of(y) is not None:\n            return None\n        if isinstance(match.op, LessOp):\n            return match.build(LessOp, y, x)\n        if isinstance(match.op, EXTREMES)",
    ),
    _law(
        "constants of floats are combined",
        "numbers",
        '        match.refuse("how floats are rounded depends on the order")\n        return False\n',
        "        return True\n",
    ),
    _law(
        "two differences: the constants are subtracted",
        "numbers",
        "            (total,) = AddOp.computed([first, outer], {})",
        "            (total,) = SubOp.computed([first, outer], {})",
    ),
    _law(
        "a sum of a difference: the wrong sign",
        "numbers",
        "SubOp.computed([outer, first] if isinstance(inner, SubOp) else [first, outer], {})",
        "SubOp.computed([first, outer], {})",
    ),
    _law(
        "the sign of zero: 0 - x is -x for floats",
        "numbers",
        "        if match.is_float and not is_number(x, -0.0):",
        "        if match.is_float and not number_of(x) == 0:",
    ),
    _law(
        "x * -1 is x",
        "numbers",
        "return match.build(NegOp, x) if x.type == match.type and is_number(y, -1) else None",
        "return x if x.type == match.type and is_number(y, -1) else None",
    ),
    _law(
        "NaN times 0 is 0",
        "numbers",
        '        if match.is_float:\n            match.refuse("NaN and infinities times 0 are NaN, and negative numbers give -0")\n            return None\n',
        "",
    ),
    _law(
        "infinity minus itself is 0",
        "numbers",
        '        if match.is_float:\n            match.refuse("for NaN and infinities the difference is NaN")\n            return None\n',
        "",
    ),
    _law(
        "NaN is equal to itself",
        "numbers",
        '        if match.is_float and not isinstance(match.op, LessOp | GreaterOp):\n            match.refuse("NaN is not equal to itself")\n            return None\n',
        "",
    ),
    _law(
        "x <= x never holds",
        "numbers",
        "return match.everywhere(isinstance(match.op, EqualOp | LessEqualOp | GreaterEqualOp))",
        "return match.everywhere(isinstance(match.op, EqualOp | GreaterEqualOp))",
    ),
    _law(
        "(-x) + y is x - y",
        "numbers",
        "return None if negative is None else match.build(SubOp, y, negative.operands[0])",
        "return None if negative is None else match.build(SubOp, negative.operands[0], y)",
    ),
    _law(
        "x - (-y) is x - y",
        "numbers",
        "return None if negative is None else match.build(AddOp, x, negative.operands[0])",
        "return None if negative is None else match.build(SubOp, x, negative.operands[0])",
    ),
    _law(
        "one negative factor is none",
        "numbers",
        "        if first is None or second is None:\n            return None\n        return match.build(type(match.op), first.operands[0], second.operands[0])",
        "        if first is None:\n            return None\n        return match.build(type(match.op), first.operands[0], match.operands[1])",
    ),
    _law(
        "the sign of zero: a negated difference of floats",
        "numbers",
        '        if match.is_float:\n            match.refuse("where x and y are equal, one is -0 and the other 0")\n            return None\n',
        "",
    ),
    _law(
        "a number is rounded up after it was rounded to a half",
        "numbers",
        "    SignOp: (SignOp,),",
        "    SignOp: (SignOp, ReluOp),",
    ),
    _law(
        "any reciprocal is exact",
        "numbers",
        "if abs(mantissa) == 0.5 and info.minexp",
        "if abs(mantissa) >= 0.5 and info.minexp",
    ),
    _law(
        "a quotient by 4 is a product with 4",
        "numbers",
        "np.divide(match.dtype.as_numpy_dtype(1), constant)",
        "constant",
    ),
    _law(
        "the square of a number is twice the number", "numbers", "match.build(MulOp, x, x)", "match.build(AddOp, x, x)"
    ),
    _law(
        "the power of 0 is 0",
        "numbers",
        "            return match.everywhere(1)\n",
        "            return match.everywhere(0)\n",
    ),
    _law(
        "x | -1 changes nothing",
        "integers",
        "    BitwiseOrOp: 0,\n    BitwiseXorOp: 0,",
        "    BitwiseOrOp: -1,\n    BitwiseXorOp: 0,",
    ),
    _law("x & 1 is x", "integers", "    BitwiseAndOp: -1,", "    BitwiseAndOp: 1,"),
    _law("x ^ x is x", "integers", "BitwiseXorOp: 0, ModOp: 0}", "BitwiseXorOp: None, ModOp: 0}"),
    _law(
        "x // -1 is x", "integers", "            return match.build(NegOp, x)\n", "            return match.same(x)\n"
    ),
    _law(
        "off by one: the number of places of a shift",
        "integers",
        "return number.bit_length() - 1 if",
        "return number.bit_length() if",
    ),
    _law(
        "the mask of a remainder is the divisor",
        "integers",
        "int(divisor) - 1, match.dtype",
        "int(divisor), match.dtype",
    ),
    _law(
        "x or True is x",
        "logic",
        "(isinstance(match.op, LogicalOrOp) and truth)",
        "(isinstance(match.op, LogicalOrOp) and not truth)",
    ),
    _law(
        "x and not x is True",
        "logic",
        "return match.everywhere(not isinstance(match.op, LogicalAndOp))",
        "return match.everywhere(True)",
    ),
    _law(
        "NaN: not (x < y) is x >= y for floats",
        "logic",
        "        if ordered and Match(self, inner, match.rewriter).is_float:",
        "        if ordered and Match(self, inner, match.rewriter).is_float and len(inner.operands) > 2:",
    ),
    _law(
        "a negated condition changes nothing",
        "logic",
        "match.build(SelectOp, negation.operands[0], y, x)",
        "match.build(SelectOp, negation.operands[0], x, y)",
    ),
    _law(
        "select(c, x, False) is c or x",
        "logic",
        "match.build(LogicalAndOp, condition, x)",
        "match.build(LogicalOrOp, condition, x)",
    ),
    _law(
        "the other value of a choice in a choice",
        "logic",
        "chosen, dropped = inner.operands[place], inner.operands[3 - place]",
        "chosen, dropped = inner.operands[3 - place], inner.operands[place]",
    ),
    _law(
        "every conversion keeps every value",
        "shapes",
        "        if not keeps_every_value(source, middle):",
        "        if middle == np.bool_ and not keeps_every_value(source, middle):",
    ),
    _law(
        "off by one bit: an int32 fits into a float32",
        "shapes",
        "source.bits - source.is_signed <= target.precision",
        "source.bits - source.is_signed <= target.precision + 8",
    ),
    _law(
        "an operand decides the shape of the result",
        "shapes",
        "            if shape_of(match.type) not in others:",
        "            if not others:",
    ),
    _law(
        "axes of more than one element are squeezed",
        "shapes",
        "any(shape[axis] != 1 for axis in axes)",
        "all(shape[axis] != 1 for axis in axes)",
    ),
    _law(
        "the sign of zero: a sum of one element is that element",
        "shapes",
        "adds_zero = match.is_float and isinstance(match.op, SumOp | MeanOp)",
        "adds_zero = False",
    ),
    _law(
        "axes of a second reduction are counted in the operand",
        "shapes",
        "*(left[axis] for axis in attrs",
        "*(axis for axis in attrs",
    ),
    _law("a slice from any place is everything", "shapes", "(begin, stride) == (0, 1)", "stride == 1"),
    _law(
        "padding behind is forgotten",
        "shapes",
        '(*attrs["low"], *attrs["high"], *attrs["interior"])',
        '(*attrs["low"], *attrs["interior"])',
    ),
    _law(
        "inner concatenations are put together backwards",
        "shapes",
        "operands += inner.operands",
        "operands += inner.operands[::-1]",
    ),
    _law("concatenations along any axes are one", "shapes", 'inner.attrs()["axis"] == axis and operand', "operand"),
)

_MOVES = (
    _hoisting(
        "what can fail is moved out of loops of no round",
        "return None if self.certain else why_not_speculated(op)",
        "return None",
    ),
    _hoisting(
        "a loop up to its lower bound runs", "high is not None and low < high", "high is not None and low <= high"
    ),
    _hoisting(
        "the body of a while loop is sure to run",
        "yield loop.after_region.block, False",
        "yield loop.after_region.block, True",
    ),
    _hoisting(
        "a loop over what is read runs at least once",
        "low is not None and high is not None and low < high",
        "(low is None or high is None or low < high)",
    ),
    _hoisting(
        "reads of Variables are moved over writes",
        '"the loop may write the Variable" if self.writes.written_by(self.loop, [op.variable]) else None',
        "None",
    ),
    _writing("assignments that add are no writes", "state.ReadOp)", "state.ReadOp | state.AssignAddOp)", _HOISTING),
    _writing(
        "reads are forwarded over what is added", "state.ReadOp)", "state.ReadOp | state.AssignAddOp)", _FORWARDING
    ),
    _writing(
        "what is written in a loop or branch is not written by it",
        "            outer = outer.parent_op()\n\n",
        "            break\n\n",
        _FORWARDING,
    ),
    _forwarding("a loop knows what it writes", "if not isinstance(op, scf.IfOp):", "if not op.regions:"),
    _forwarding(
        "what was assigned is what is added",
        "if isinstance(op, state.AssignOp):",
        "if isinstance(op, state.AssignOp | state.AssignAddOp):",
    ),
    _forwarding("a branch knows what the other one has written", "dict(inside) if len", "inside if len"),
    _sinking("assignments pass checks", "elif not _may_be_passed(op):", "elif op.regions:"),
    _sinking(
        "two names are two Variables", "one is other or (not self.separate and one.type == other.type)", "one is other"
    ),
    _sinking(
        "what is read is not what was assigned",
        "op.tensor.replace_all_uses_with(carried.source)\n            op.detach()\n            op.erase()",
        "pass",
    ),
    _hoisting(
        "effects are moved",
        '            return "it has an effect"\n        return None if self.certain',
        "            return None\n        return None if self.certain",
    ),
    _hoisting(
        "after an op that can fail the rest is still sure to run",
        "self.certain = self.certain and why_not_speculated(op) is None",
        "pass",
    ),
    _speculation(
        "casts never fail",
        'return None if _forgets_sizes(op) else "it checks sizes at run time"\n        case tensor.ExtractOp',
        "return None\n        case tensor.ExtractOp",
    ),
    _speculation(
        "no tensor operation can fail", "            return _what_lowering_checks(op)\n", "            return None\n"
    ),
)

MUTANTS = (*_LAWS, *_MOVES)
"""Numbers, integers, truth values, shapes; loops."""
