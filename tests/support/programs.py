"""Generated tensor programs with control flow, as data: one shape for the IR and for numpy's meaning of it.

Only operations whose results are the same to the last bit on every engine are used, so that programs can be compared
exactly: integers of any kind, floats without transcendental functions and without sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import FileLineColLoc, IndexType, IntAttr, ModuleOp, StringAttr, i1
from xdsl.ir import Region, SSAValue

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.dialects.hl import OPS
from stepwell.dialects.types import tensor_type
from stepwell.testing.generation.hl.values import joined

Type: TypeAlias = tuple[str, tuple[int, ...]]
"""dtype and shape of a value."""


@dataclass(frozen=True)
class Apply:
    """An op on earlier values, given by their numbers."""

    op: str
    operands: tuple[int, ...]
    attrs: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class If:
    """Two bodies, one of which runs; `condition` is a boolean scalar."""

    condition: int
    then: Body
    otherwise: Body


@dataclass(frozen=True)
class Loop:
    """A body that runs `count` times; its first values after the outer ones are the carried ones."""

    count: int
    carried: tuple[int, ...]
    body: Body


Statement: TypeAlias = Apply | If | Loop


@dataclass(frozen=True)
class Body:
    """Statements, and the numbers of the values that are its results."""

    statements: tuple[Statement, ...]
    results: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """A function: the types of its parameters, and its body."""

    parameters: tuple[Type, ...]
    body: Body

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For hypothesis' falsifying examples: the text of the program."""
        from stepwell.compiler.interchange.mlir.text import print_module

        printer.text(f"Program:\n{print_module(to_module(self))}")


_ARITHMETIC = ("hl.add", "hl.sub", "hl.mul", "hl.maximum", "hl.minimum")
_COMPARISONS = ("hl.less", "hl.equal", "hl.greater_equal")
_SHAPES: tuple[tuple[int, ...], ...] = ((), (3,), (2, 3), (1,), (0, 3))
_DTYPES = ("int32", "int64", "float32", "float64")


class _Generator:
    """Draws statements that fit the values at hand."""

    def __init__(self, draw: Any):
        self.draw = draw

    def one(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def body(self, types: list[Type], depth: int, results: Sequence[Type] | None = None) -> tuple[Body, list[Type]]:
        """Statements after values of `types`; the results are of the types asked for, or any."""
        types = list(types)
        statements: list[Statement] = []
        for _ in range(self.draw(st.integers(1, 4))):
            found = self.statement(types, depth)
            if found is not None:
                statement, new = found
                statements.append(statement)
                types.extend(new)
        if results is None:
            count = self.draw(st.integers(1, 2))
            numbers = tuple(self.one(range(len(types))) for _ in range(count))
        else:
            numbers = tuple(self.one([n for n, t in enumerate(types) if t == wanted]) for wanted in results)
        return Body(tuple(statements), numbers), [types[n] for n in numbers]

    def statement(self, types: list[Type], depth: int) -> tuple[Statement, list[Type]] | None:
        kinds = ["apply"] * 3 + (["if", "loop"] if depth else [])
        match self.one(kinds):
            case "if":
                return self.branch(types, depth)
            case "loop":
                return self.loop(types, depth)
        return self.apply(types)

    def apply(self, types: list[Type]) -> tuple[Statement, list[Type]] | None:
        first = self.one(range(len(types)))
        dtype, shape = types[first]
        if dtype == "bool":
            return Apply("hl.logical_not", (first,)), [types[first]]
        partners = [n for n, (d, s) in enumerate(types) if d == dtype and _broadcast(shape, s) is not None]
        second = self.one(partners)
        result = _broadcast(shape, types[second][1])
        assert result is not None
        kind = self.one(["arithmetic", "comparison", "unary", "reduce", "select", "transpose"])
        if kind == "comparison":
            return Apply(self.one(_COMPARISONS), (first, second)), [("bool", result)]
        if kind == "unary":
            return Apply(self.one(["hl.neg", "hl.abs"]), (first,)), [types[first]]
        if kind == "reduce" and shape and 0 not in shape:
            op = self.one(["hl.max", "hl.min"] + (["hl.sum"] if dtype.startswith("int") else []))
            return Apply(op, (first,), (("axes", (0,)), ("keepdims", False))), [(dtype, shape[1:])]
        if kind == "transpose" and len(shape) == 2:
            return Apply("hl.transpose", (first,), (("perm", (1, 0)),)), [(dtype, shape[::-1])]
        tests = [n for n, (d, s) in enumerate(types) if d == "bool" and _broadcast(s, result) == result]
        if kind == "select" and tests:
            return Apply("hl.select", (self.one(tests), first, second)), [(dtype, result)]
        return Apply(self.one(_ARITHMETIC), (first, second)), [(dtype, result)]

    def branch(self, types: list[Type], depth: int) -> tuple[Statement, list[Type]] | None:
        tests = [n for n, t in enumerate(types) if t == ("bool", ())]
        if not tests:
            return None
        then, results = self.body(types, depth - 1)
        # The other branch needs a value of each type: those of before will do.
        if any(wanted not in types for wanted in results):
            return None
        otherwise, _ = self.body(types, depth - 1, results)
        return If(self.one(tests), then, otherwise), results

    def loop(self, types: list[Type], depth: int) -> tuple[Statement, list[Type]]:
        carried = tuple(self.one(range(len(types))) for _ in range(self.draw(st.integers(1, 2))))
        wanted = [types[n] for n in carried]
        body, _ = self.body([*types, *wanted], depth - 1, wanted)
        return Loop(self.draw(st.integers(0, 3)), carried, body), wanted


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None


@st.composite
def programs(draw: Any, depth: int = 2) -> Program:
    """Programs with branches and loops nested up to `depth` deep."""
    parameters = tuple(
        draw(st.lists(st.tuples(st.sampled_from(_DTYPES), st.sampled_from(_SHAPES)), min_size=1, max_size=3))
    )
    types = [*parameters, ("bool", ())]
    body, _ = _Generator(draw).body(types, depth)
    return Program((*parameters, ("bool", ())), body)


def arguments(program: Program, seed: int) -> list[np.ndarray]:
    """Arguments for `program`: small numbers, so that floats stay exact for a while, and some special ones."""
    random = np.random.default_rng(seed)
    found = []
    for dtype, shape in program.parameters:
        array = random.integers(-4, 5, shape).astype(dtype) if dtype != "bool" else random.random(shape) < 0.5
        if dtype.startswith("float") and random.random() < 0.3 and array.size:
            array = array.copy()
            array.flat[0] = random.choice([np.nan, np.inf, -0.0])
        found.append(np.asarray(array, dtype))
    return found


def to_module(program: Program, dynamic: bool = False) -> ModuleOp:
    """The program as an `hl` module; with `dynamic`, every size of a parameter other than 1 is `?`."""
    tracer = Tracer("main")
    tracer.location = FileLineColLoc(StringAttr("program.py"), IntAttr(1), IntAttr(0))
    values: list[SSAValue] = []
    for dtype, shape in program.parameters:
        sizes = [None if dynamic and size != 1 else size for size in shape]
        values.append(tracer.argument(tensor_type(sizes, np.dtype(dtype)), "x"))
    with tracing(tracer), tracer.at(tracer.location):
        return tracer.finish(_emit(tracer, program.body, values))


def _emit(tracer: Tracer, body: Body, outer: Sequence[SSAValue]) -> list[SSAValue]:
    values = list(outer)
    for statement in body.statements:
        match statement:
            case Apply():
                operands = [values[n] for n in statement.operands]
                values.extend(tracer.emit(OPS[statement.op], operands, dict(statement.attrs)).results)
            case If():
                values.extend(_emit_if(tracer, statement, values))
            case Loop():
                values.extend(_emit_loop(tracer, statement, values))
    return [values[n] for n in body.results]


def _emit_if(tracer: Tracer, statement: If, values: Sequence[SSAValue]) -> Sequence[SSAValue]:
    blocks = []
    ends = []
    for body in (statement.then, statement.otherwise):
        with tracer.region() as block:
            ends.append(_emit(tracer, body, values))
            blocks.append(block)
    test = tracer.add(tensor.ExtractOp(values[statement.condition], [], i1)).result
    types = [a.type if a.type == b.type else joined(a.type, b.type) for a, b in zip(*ends, strict=True)]
    for block, results in zip(blocks, ends, strict=True):
        tracer._open.append(block)
        tracer.add(scf.YieldOp(*[_cast(tracer, r, t) for r, t in zip(results, types, strict=True)]))
        tracer._open.pop()
    return tracer.add(scf.IfOp(test, types, Region(blocks[0]), Region(blocks[1]))).results


def _cast(tracer: Tracer, value: SSAValue, type_: Any) -> SSAValue:
    return value if value.type == type_ else tracer.add(tensor.CastOp(value, type_)).dest


def _emit_loop(tracer: Tracer, statement: Loop, values: Sequence[SSAValue]) -> Sequence[SSAValue]:
    starts = [values[n] for n in statement.carried]
    bounds = [tracer.add(arith.ConstantOp.from_int_and_width(n, IndexType())).result for n in (0, statement.count, 1)]
    with tracer.region([IndexType(), *(start.type for start in starts)]) as block:
        results = _emit(tracer, statement.body, [*values, *block.args[1:]])
        tracer.add(scf.YieldOp(*[_cast(tracer, r, s.type) for r, s in zip(results, starts, strict=True)]))
    return tracer.add(scf.ForOp(bounds[0], bounds[1], bounds[2], starts, Region(block))).results


def meaning(program: Program, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What the program computes, by numpy."""
    with np.errstate(all="ignore"):
        return _run(program.body, list(inputs))


def _run(body: Body, outer: Sequence[np.ndarray]) -> list[np.ndarray]:
    values = list(outer)
    for statement in body.statements:
        match statement:
            case Apply():
                values.append(_NUMPY[statement.op](*[values[n] for n in statement.operands], **dict(statement.attrs)))
            case If():
                values.extend(_run(statement.then if values[statement.condition] else statement.otherwise, values))
            case Loop():
                carried = [values[n] for n in statement.carried]
                for _ in range(statement.count):
                    carried = _run(statement.body, [*values, *carried])
                values.extend(carried)
    return [values[n] for n in body.results]


_NUMPY: dict[str, Any] = {
    "hl.add": np.add,
    "hl.sub": np.subtract,
    "hl.mul": np.multiply,
    "hl.maximum": np.maximum,
    "hl.minimum": np.minimum,
    "hl.less": np.less,
    "hl.equal": np.equal,
    "hl.greater_equal": np.greater_equal,
    "hl.neg": np.negative,
    "hl.abs": np.abs,
    "hl.logical_not": np.logical_not,
    "hl.select": np.where,
    "hl.max": lambda x, axes, keepdims: x.max(axes, keepdims=keepdims),
    "hl.min": lambda x, axes, keepdims: x.min(axes, keepdims=keepdims),
    "hl.sum": lambda x, axes, keepdims: x.sum(axes, keepdims=keepdims, dtype=x.dtype),
    "hl.transpose": lambda x, perm: x.transpose(perm),
}
