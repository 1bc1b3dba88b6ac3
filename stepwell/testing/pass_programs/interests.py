"""What a pass looks for, as its code says: the ops, numbers and dtypes that each of its patterns names.

The code objects of a pass and of its patterns are read, not run: each global name in them that is an op's class, a
number or a dtype counts, and so do the constants between them.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args

import numpy as np
from xdsl.dialects import arith
from xdsl.ir import Attribute, Operation
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import RewritePattern

from stepwell.dialects.dtypes import ALL, DType, dtype_of, record_of
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.elementwise import BinaryOp

_OURS = ("stepwell.compiler.passes", "stepwell.compiler.lowering", "stepwell.compiler.differentiation")
"""Where stepwell's passes are: what else it has is no part of any pass."""

_SUFFIXES = ("", "f", "i", "si", "ui")
"""What the names of ops of `arith` and `math` end with beside those of `hl`."""

_REDUCTIONS = {"add": "sum", "mul": "prod"}
"""The reductions by ops of `arith` that are not called like these."""

_PARTNERS = tuple(
    f"hl.{name}" for name in ("add", "transpose", "mul", "broadcast_to", "reverse", "sum", "slice", "select", "exp")
)
"""What stands beside each op for passes below `hl`: what is fused, read in another order, or written over."""

_NESTING = ("scf.if", "scf.for", "scf.while")
"""The ops in which others are nested: what a pass looks for that asks an op for its regions."""

_QUESTIONS = frozenset(("is_bool", "is_integer", "is_floating"))
"""What a pass asks a dtype, by which it is known what it is for."""

_LARGEST = 2**40
"""Numbers beyond this in a pass are no numbers of programs."""


@dataclass(frozen=True)
class Variant:
    """One op on the result of another one; either may be left open, and so may the dtype of what they are of."""

    outer: str = ""
    inner: str = ""
    dtype: DType | None = None


@dataclass(frozen=True)
class Interest:
    """What one pattern, or a pass without patterns, looks for.

    Attributes:
        name: the pattern's class, or the pass.
        ops: the `hl` ops that it names, in the order in which it does.
        others: the names of other ops.
        numbers: the numbers in its code.
        dtypes: the dtypes in its code.
        partners: `hl` ops one of which may come before or behind the others.
        groups: the same ops as `ops`, those together that the code names together: in one table, or by a base class.
        same: whether it asks if two values are the same one.
        variant: what the next programs are for, of all that it looks for.
    """

    name: str
    ops: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    numbers: tuple[float, ...] = ()
    dtypes: tuple[DType, ...] = ()
    partners: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    same: bool = False
    variant: Variant = Variant()

    @property
    def is_lowering(self) -> bool:
        """Whether it is one op by itself, whatever its operands are."""
        return self.name in OPS and not self.partners

    @property
    def reads_constants(self) -> bool:
        """Whether it asks what constants are."""
        return "arith.constant" in self.others


def interests_of(pass_: ModulePass) -> list[Interest]:
    """What a pass looks for: an interest for each of its patterns that names an op, and one for what is no pattern.

    Example:
        >>> from stepwell.compiler.pipeline.pipelines import parse
        >>> found = {interest.name: interest.ops for interest in interests_of(parse("simplify-algebra")[0])}
        >>> found["FlipAllBits"]
        ('hl.bitwise_xor', 'hl.bitwise_not')
    """
    reader = _Reader(type(pass_).__module__)
    own = _Facts()
    for value in vars(pass_).values():
        reader.value(value, own)
    reader.members(type(pass_), own)
    found = [own.interest(pass_.name)]
    while reader.patterns:
        pattern = reader.patterns.pop(0)
        facts = _Facts()
        reader.members(pattern, facts)
        found.append(facts.interest(pattern.__name__))
    if reader.canonicalizes:
        found += _canonicalizations()
    if reader.lowers:
        found += each_op(found[0].others)
    elif getattr(pass_, "requires", None) not in (None, "hl"):
        found += each_op(found[0].others, _PARTNERS)
    return [interest for interest in found if interest.ops or interest.others]


def each_op(others: frozenset[str] = frozenset(), partners: tuple[str, ...] = ()) -> list[Interest]:
    """One interest an op: for passes that ask each op for its rules, or run on what each op became beside others."""
    return [Interest(name, (name,), others, partners=partners) for name, op in OPS.items() if not op.COMPLEX]


def _canonicalizations() -> list[Interest]:
    """What the ops' own simplifications look for."""
    found = []
    for op in OPS.values():
        for pattern in op.CANONICALIZATIONS:
            facts = _Facts(True, [op.name], numbers=_neutral_numbers(op))
            _Reader(pattern.__module__).members(pattern, facts)
            found.append(facts.interest(f"{pattern.__name__} of {op.name}"))
    return found


def _neutral_numbers(op: type[Operation]) -> list[float]:
    """The numbers that as second operands of an op change nothing."""
    neutral = {op.neutral(dtype) for dtype in op.DTYPES} if issubclass(op, BinaryOp) else set()
    return [number for number in neutral if np.isfinite(number)]


@dataclass
class _Facts:
    """What was found in the code of a pattern so far; what it says of kinds of ops is left out for one op's own."""

    of_one_op: bool = False
    ops: list[str] = field(default_factory=list)
    groups: list[list[str]] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    dtypes: list[DType] = field(default_factory=list)
    read: set[CodeType] = field(default_factory=set)
    same: bool = False

    def interest(self, name: str) -> Interest:
        """All of it; ops of `arith` and `math` stand for those of `hl` that are lowered to them."""
        found = [op for name in self.ops for op in _of_hl(name)]
        others = frozenset(op for op in self.ops if op not in OPS and not op.startswith("builtin."))
        ops, dtypes = tuple(dict.fromkeys(found)), tuple(dict.fromkeys(self.dtypes))
        numbers = tuple({(number, np.signbit(number)): number for number in self.numbers}.values())  # 0 is not -0
        return Interest(name, ops, others, numbers, dtypes, groups=self._groups(ops), same=self.same)

    def together(self, names: Iterable[str]) -> None:
        """Note ops that the code names together."""
        self.groups.append(list(names))

    def _groups(self, ops: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Those named together that are ops of `hl`, and each op that is named by itself."""
        groups = [dict.fromkeys(op for name in group for op in _of_hl(name)) for group in self.groups]
        alone = [(op,) for op in ops if not any(op in group for group in groups)]
        found = dict.fromkeys((*(tuple(group) for group in groups if group), *alone))
        return tuple(sorted(found, key=lambda group: min(map(ops.index, group))))


def _of_hl(name: str) -> Iterable[str]:
    """The ops of `hl` of a name: itself, or what is called like it in other dialects, and the reduction by it."""
    if name in OPS:
        return [name]
    dialect, _, stem = name.partition(".")
    if dialect not in ("arith", "math"):
        return []
    stems = [stem.removesuffix(end) for end in _SUFFIXES if stem.endswith(end)]
    names = [f"hl.{name}" for name in (*stems, *(_REDUCTIONS[each] for each in stems if each in _REDUCTIONS))]
    return [name for name in names if name in OPS]


class _Reader:
    """Reads the code of a pass that is in a module, and whatever that code uses of the same package."""

    def __init__(self, module: str):
        top = module.partition(".")[0]
        self.packages = (*_OURS, *([module] if top in ("stepwell", "tests", "__main__") else [top]))
        self.patterns: list[type[RewritePattern]] = []
        self.seen: set[int] = set()
        self.canonicalizes = self.lowers = False

    def _follows(self, thing: Any) -> bool:
        module = getattr(thing, "__module__", None) or ""
        return any(module == package or module.startswith(f"{package}.") for package in self.packages)

    def members(self, class_: type, facts: _Facts) -> None:
        """What the attributes and methods of a class name, and those of its bases."""
        for base in class_.__mro__:
            if base is class_ or self._follows(base):
                for name, value in vars(base).items():
                    if not name.startswith("__"):
                        self.value(getattr(value, "__func__", value), facts, member=True)

    def value(self, value: Any, facts: _Facts, member: bool = False) -> None:
        """What a value is, or names."""
        value = inspect.unwrap(value) if callable(value) else value
        if isinstance(value, bool) or value is None:
            return
        if isinstance(value, int | float | np.number | str | DType | Attribute):
            _literal(value, facts)
        elif isinstance(value, FunctionType):
            if member or self._follows(value):
                self._function(value, facts)
            elif _asks_constants(value):
                facts.ops.append("arith.constant")
        elif isinstance(value, type):
            self._class(value, facts)
        elif isinstance(value, dict):
            self._all([*value.keys(), *value.values()], facts)
        elif isinstance(value, list | tuple | set | frozenset):
            self._all(sorted(value, key=repr) if isinstance(value, set | frozenset) else value, facts)
        elif isinstance(value, RewritePattern):
            self._all(list(vars(value).values()), facts)
            self._class(type(value), facts)
        else:
            self._all(get_args(value), facts)

    def _all(self, values: Sequence[Any], facts: _Facts) -> None:
        before = len(facts.ops)
        for value in values:
            self.value(value, facts)
        facts.together(facts.ops[before:])

    def _class(self, class_: type, facts: _Facts) -> None:
        if issubclass(class_, Operation):
            name = getattr(class_, "name", None)
            if isinstance(name, str):
                facts.ops.append(name)
            elif not facts.of_one_op:
                facts.ops += (kinds := _kinds_of(class_))
                facts.together(kinds)
        elif issubclass(class_, np.generic):
            _literal(record_of(np.dtype(class_)), facts)
        elif id(class_) not in self.seen and (self._follows(class_) or _is_pattern(class_)):
            self.seen.add(id(class_))
            if issubclass(class_, RewritePattern):
                self.patterns.append(class_)
                self.packages = (*self.packages, class_.__module__)
            else:
                self.members(class_, facts)

    def _function(self, function: FunctionType, facts: _Facts) -> None:
        if function.__code__ in facts.read:
            return
        facts.read.add(function.__code__)
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
        names = {**function.__globals__, **{name: cell.cell_contents for name, cell in cells if _is_filled(cell)}}
        for annotation in function.__annotations__.values():
            wanted = names.get(annotation) if isinstance(annotation, str) else annotation
            if isinstance(wanted, type) and issubclass(wanted, Operation):
                self._class(wanted, facts)
        self._code(function.__code__, names, facts)

    def _code(self, code: CodeType, names: dict[str, Any], facts: _Facts) -> None:
        """What the code names, in its order; an attribute of a module counts as a name."""
        self.canonicalizes |= "CANONICALIZATIONS" in code.co_names
        self.lowers |= "lower" in code.co_names
        facts.same |= _asks_identity(code)
        if "regions" in code.co_names:
            facts.ops += _NESTING
        for question in _QUESTIONS.intersection(code.co_names):
            facts.dtypes += [dtype for dtype in ALL if getattr(dtype, question)]
        modules = [names[name] for name in code.co_names if isinstance(names.get(name), ModuleType)]
        for name in (*code.co_names, *code.co_freevars):
            if name in names:
                self.value(names[name], facts)
            for module in modules:
                if isinstance(found := getattr(module, name, None), type):
                    self._class(found, facts)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._code(constant, names, facts)
            else:
                self.value(constant, facts)


def _asks_constants(function: FunctionType, depth: int = 2) -> bool:
    """Whether a function asks what the constant is that a value comes from, itself or by another one."""
    names = [function.__globals__.get(name) for name in function.__code__.co_names]
    if arith in names and "ConstantOp" in function.__code__.co_names:
        return True
    inner = [each for each in names if isinstance(each, FunctionType)]
    return arith.ConstantOp in names or (depth > 0 and any(_asks_constants(each, depth - 1) for each in inner))


def _asks_identity(code: CodeType) -> bool:
    """Whether code asks by `is` if two things are the same, neither of them a constant such as None."""
    pairs = pairwise(dis.get_instructions(code))
    return any(one.opname == "IS_OP" and before.opname != "LOAD_CONST" for before, one in pairs)


def _kinds_of(class_: type) -> list[str]:
    """The ops of a base class, unless it is one of nearly all of them."""
    found = [name for name, op in OPS.items() if issubclass(op, class_)]
    return found if len(found) < len(OPS) * 2 // 3 else []


def _is_pattern(class_: type) -> bool:
    """Whether a class is a pattern, wherever it is from; those that only call others are none."""
    return issubclass(class_, RewritePattern) and not class_.__module__.startswith(
        ("xdsl.pattern_rewriter", "stepwell.compiler.rewriting")
    )


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # a name of an outer function that has no value yet
        return False


def _literal(value: Any, facts: _Facts) -> None:
    """Note a number, a dtype, or the name of an op or dtype."""
    if isinstance(value, DType):
        facts.dtypes += [value] if value in ALL else []
    elif isinstance(value, Attribute):
        try:
            facts.dtypes += [dtype_of(value)]
        except (KeyError, TypeError):
            return
    elif not isinstance(value, str):
        if np.isfinite(value) and abs(value) <= _LARGEST:
            facts.numbers.append(value if isinstance(value, int) else float(value))
    elif value in OPS:
        facts.ops.append(value)
    else:
        facts.dtypes += [dtype for dtype in ALL if dtype.name == value]
