"""Generated Python programs, as source: what AutoGraph converts, run beside what Python itself makes of it.

A program is a function of two integer scalars, a float scalar and an integer vector, with the functions that it calls.
Its variables are typed (int, float, bool, vector, a list of two ints, a TensorArray of three), so that no dtypes meet
that TensorFlow's rules keep apart. Numbers stay so small that int32 and float32 hold them exactly: Python's unbounded
numbers give the same results. Every variable that is read has a value on all paths.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st

INT, FLOAT, BOOL, VECTOR, CELLS, ARRAY = "int", "float", "bool", "vector", "cells", "array"

PARAMETERS = (("a", INT), ("b", INT), ("x", FLOAT), ("v", VECTOR))
INPUTS: Sequence[tuple[Any, ...]] = (
    (0, 1, 0.5, [1, 2, 3]),
    (5, 2, -1.25, [0, -4, 7]),
    (-3, 9, 8.0, [6, 6, -1]),
    (12, 12, 0.0, [-2, 3, 0]),
)
"""Arguments that between them take most paths."""

_MODULUS = 1009
_LIMIT = 64.0


@dataclass(frozen=True)
class PythonProgram:
    """Source text of the function `program`, and of the functions that it calls."""

    source: str

    def __repr__(self) -> str:
        return f"PythonProgram:\n{self.source}"

    @contextmanager
    def loaded(self) -> Iterator[Callable[..., Any]]:
        """The function `program`; its source can be read inside of the `with` block."""
        import stepwell as sw

        file = f"<generated program {next(_numbers)}>"
        linecache.cache[file] = (len(self.source), None, self.source.splitlines(keepends=True), file)
        names: dict[str, Any] = {"sw": sw, "__name__": "generated"}
        try:
            exec(compile(self.source, file, "exec"), names)
            yield names["program"]
        finally:
            linecache.cache.pop(file, None)


_numbers = itertools.count()


@dataclass(frozen=True)
class Helper:
    """A function that programs call: the types of its parameters and of its result."""

    name: str
    parameters: tuple[str, ...]
    result: str


@dataclass
class Scope:
    """What may be read where a statement is written.

    Attributes:
        variables: names with their types; each has a value on all paths.
        loop: whether `break` and `continue` are possible.
        depth: how many statements are around.
    """

    variables: dict[str, str] = field(default_factory=dict)
    loop: bool = False
    depth: int = 0

    def inside(self, loop: bool) -> Scope:
        """The scope of a block inside."""
        return Scope(dict(self.variables), loop, self.depth + 1)


_CONSTANTS = {
    INT: ["0", "1", "2", "3", "7", "-1"],
    FLOAT: ["0.0", "0.25", "1.5", "-2.0"],
    BOOL: ["True", "False"],
}


class _Writer:
    """Chooses what a function does and writes its lines."""

    def __init__(self, random: Random, helpers: Sequence[Helper], result: Sequence[str], budget: int):
        self.random = random
        self.helpers = helpers
        self.result = tuple(result)
        self.budget = budget
        self.lines: list[str] = []
        self.indent = 1
        self.names = itertools.count()

    # --- choices

    def one(self, options: Sequence[Any]) -> Any:
        return self.random.choice(options)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def new_name(self, prefix: str = "t") -> str:
        return f"{prefix}{next(self.names)}"

    def write(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    # --- expressions

    def read(self, scope: Scope, type_: str) -> str:
        """A variable, or a constant."""
        names = [name for name, t in scope.variables.items() if t == type_]
        if type_ in (VECTOR, CELLS, ARRAY):
            return self.one(names)
        return self.one(names if names and self.number(0, 3) else _CONSTANTS[type_])

    def expression(self, scope: Scope, type_: str, depth: int = 2) -> str:
        """An expression of a type."""
        if depth == 0:
            return self.read(scope, type_)
        write = {INT: self.integer, FLOAT: self.real, BOOL: self.condition, VECTOR: self.vector}[type_]
        calls = [helper for helper in self.helpers if helper.result == type_]
        kind = self.one(["own"] * 4 + ["if", "read"] + (["call"] if calls else []))
        if kind == "call":
            helper = self.one(calls)
            return f"{helper.name}({', '.join(self.expression(scope, t, depth - 1) for t in helper.parameters)})"
        if kind == "if" and type_ != VECTOR:
            yes, no = (self.expression(scope, type_, depth - 1) for _ in range(2))
            return f"({yes} if {self.condition(scope, depth - 1)} else {no})"
        return self.read(scope, type_) if kind == "read" else write(scope, depth)

    def integer(self, scope: Scope, depth: int) -> str:
        left, right = (self.expression(scope, INT, depth - 1) for _ in range(2))
        held = [kind for kind in (CELLS, ARRAY) if kind in scope.variables.values()]
        match self.one(["+", "-", "*", "%", "//", "min", "abs", "int", "element", "sum", *held]):
            case "cells":
                return f"{self.read(scope, CELLS)}[{self.number(0, 1)}]"
            case "array":
                return f"{self.read(scope, ARRAY)}.read({left} % 3)"
            case "+" | "-" | "*" as operator:
                return f"(({left} {operator} {right}) % {_MODULUS})"
            case "%" | "//" as operator:
                return f"({left} {operator} {self.one([2, 3, 5])})"
            case "min":
                return f"{self.one(['min', 'max'])}({left}, {right})"
            case "abs":
                return f"abs({left})"
            case "int":
                return f"(1 if {self.condition(scope, depth - 1)} else {right})"
            case "element":
                return f"{self.read(scope, VECTOR)}[{left} % 3]"
        return f"(sw.reduce_sum({self.read(scope, VECTOR)}) % {_MODULUS})"

    def real(self, scope: Scope, depth: int) -> str:
        left, right = (self.expression(scope, FLOAT, depth - 1) for _ in range(2))
        match self.one(["+", "-", "neg", "min"]):
            case "+" | "-" as operator:
                return f"max(min({left} {operator} {right}, {_LIMIT}), -{_LIMIT})"
            case "neg":
                return f"(-{left})"
        return f"{self.one(['min', 'max'])}({left}, {right})"

    def condition(self, scope: Scope, depth: int) -> str:
        kind = self.one(["compare"] * 4 + ["and", "or", "not", "chain", "read", "float"])
        if depth <= 0 or kind in ("compare", "float"):
            type_ = FLOAT if kind == "float" else INT
            left, right = self.read(scope, type_), self.expression(scope, type_, max(depth - 1, 0))
            return f"{left} {self.one(['<', '<=', '>', '>=', '==', '!='])} {right}"
        if kind == "read":
            return self.read(scope, BOOL)
        if kind == "not":
            return f"(not ({self.condition(scope, depth - 1)}))"
        if kind == "chain":
            parts = [self.expression(scope, INT, depth - 1) for _ in range(3)]
            return f"{parts[0]} <= {parts[1]} < {parts[2]}"
        return f"({self.condition(scope, depth - 1)} {kind} {self.condition(scope, depth - 1)})"

    def vector(self, scope: Scope, depth: int) -> str:
        left = self.read(scope, VECTOR)
        if self.maybe():
            return f"(({left} {self.one('+-*')} {self.read(scope, VECTOR)}) % {_MODULUS})"
        return f"(({left} + {self.expression(scope, INT, depth - 1)}) % {_MODULUS})"

    # --- statements

    def block(self, scope: Scope, header: str) -> bool:
        """A header and the statements under it; whether they end somewhere else than behind them."""
        self.write(header)
        self.indent += 1
        left = False
        for _ in range(self.number(1, 3)):
            left = self.statement(scope)
            if left:
                break
        self.indent -= 1
        return left

    def statement(self, scope: Scope) -> bool:
        """One statement; whether nothing can follow it."""
        self.budget -= 1
        kinds = ["assign"] * 4
        if self.budget > 0 and scope.depth < 4:
            kinds += ["if"] * 3 + ["while", "for", "forever", "for", "while"]
        if scope.loop:
            kinds += ["break", "continue"]
        if scope.depth:
            kinds += ["return"]
        return bool(getattr(self, f"write_{self.one(kinds)}")(scope))

    def write_assign(self, scope: Scope) -> None:
        """To a variable that exists, of the same type, or to a new one."""
        type_ = self.one([INT] * 3 + [FLOAT, BOOL, VECTOR] + ([CELLS, ARRAY] if self.number(0, 2) == 0 else []))
        if type_ in (CELLS, ARRAY):
            self._write_container(scope, type_)
            return
        old = [name for name, t in scope.variables.items() if t == type_ and not name.startswith("k")]
        name = self.one(old) if old and self.number(0, 3) else self.new_name()
        if type_ == INT and name in scope.variables and self.number(0, 4) == 0:
            self.write(f"{name} += {self.number(-2, 3)}")
            self.write(f"{name} %= {_MODULUS}")
            return
        self.write(f"{name} = {self.expression(scope, type_)}")
        scope.variables[name] = type_

    def _write_container(self, scope: Scope, type_: str) -> None:
        """Make a list or TensorArray, or change a part of one."""
        value = self.expression(scope, INT, 1)
        if type_ not in scope.variables.values():
            name = self.new_name("c")
            new = "sw.TensorArray(sw.int32, size=3, element_shape=[], clear_after_read=False)"
            self.write(f"{name} = " + (f"[{value}, {self.read(scope, INT)}]" if type_ == CELLS else new))
            scope.variables[name] = type_
            return
        name = self.read(scope, type_)
        if type_ == CELLS:
            self.write(f"{name}[{self.number(0, 1)}] = {value}")
            return
        write = f"{name}.write({self.read(scope, INT)} % 3, {value})"
        self.write(write if self.maybe() else f"{name} = {write}")

    def write_if(self, scope: Scope) -> bool:
        sides = [scope.inside(scope.loop) for _ in range(2)]
        left = [self.block(sides[0], f"if {self.condition(scope, 2)}:")]
        if self.maybe():
            header = "else:"
            if self.number(0, 3) == 0:
                middle = scope.inside(scope.loop)
                gone = self.block(middle, f"elif {self.condition(scope, 1)}:")
                sides.append(middle)
                left.append(gone)
            left.insert(1, self.block(sides[1], header))
        else:
            left.insert(1, False)
        going = [side for side, gone in zip(sides, left) if not gone]
        for side in going[:1]:
            common = {n: t for n, t in side.variables.items() if all(other.variables.get(n) == t for other in going)}
            scope.variables.update(common)
        return not going

    def write_while(self, scope: Scope) -> None:
        counter = self._counter(scope)
        limit = self.number(1, 5)
        test = self.one(["{k} < {n}", "{k} < {n} and {c}", "{c} and {k} < {n}", "not ({k} >= {n})"])
        header = test.format(k=counter, n=limit, c=self.condition(scope, 1))
        self._loop(scope, f"while {header}:", f"{counter} = {counter} + 1")

    def write_forever(self, scope: Scope) -> None:
        """`while True`, left by a `break`, before which variables may get their first values."""
        counter = self._counter(scope)
        self.write("while True:")
        self.indent += 1
        self.write(f"{counter} = {counter} + 1")
        inner = scope.inside(True)
        for _ in range(self.number(0, 1)):
            self.write_assign(inner)
        self.write(f"if {counter} > {self.number(0, 4)} or {self.condition(inner, 1)}:")
        self.write("    break")
        before = dict(inner.variables)
        text = len(self.lines)
        for _ in range(self.number(0, 2)):
            if self.statement(inner):
                break
        self.indent -= 1
        if not any(line.strip() == "break" for line in self.lines[text:]):
            scope.variables.update(before)

    def write_for(self, scope: Scope) -> None:
        item, index = self.new_name("i"), self.new_name("i")
        count = f"{self.expression(scope, INT, 1)} % {self.number(2, 5)}"
        over, types = self.one(
            [
                (f"{item} in range({count})", {item: INT}),
                (f"{item} in sw.range({count})", {item: INT}),
                (f"{item} in range({self.number(1, 3)})", {item: INT}),
                (f"{item} in range({count}, {self.number(2, 6)}, {self.number(1, 2)})", {item: INT}),
                (f"{item} in {self.read(scope, VECTOR)}", {item: INT}),
                (f"{index}, {item} in enumerate({self.read(scope, VECTOR)})", {index: INT, item: INT}),
                (f"{item} in [{self.read(scope, INT)}, {self.read(scope, INT)}]", {item: INT}),
                (f"{index}, {item} in zip(range({count}), {self.read(scope, VECTOR)})", {index: INT, item: INT}),
            ]
        )
        self._loop(scope, f"for {over}:", None, types)

    def _counter(self, scope: Scope) -> str:
        """A variable that counts iterations, so that the loop ends; it starts as a number or as a tensor."""
        name = self.new_name("k")
        start = "0" if self.maybe() else f"{self.expression(scope, INT, 0)} % 3"
        self.write(f"{name} = {start}")
        scope.variables[name] = INT
        return name

    def _loop(self, scope: Scope, header: str, first: str | None, types: dict[str, str] | None = None) -> None:
        inner = scope.inside(True)
        inner.variables.update(types or {})
        self.write(header)
        self.indent += 1
        if first is not None:
            self.write(first)
        for _ in range(self.number(1, 3)):
            if self.statement(inner):
                break
        self.indent -= 1

    def write_break(self, scope: Scope) -> bool:
        self.write("break")
        return True

    def write_continue(self, scope: Scope) -> bool:
        self.write("continue")
        return True

    def write_return(self, scope: Scope) -> bool:
        self.write("return " + ", ".join(self.expression(scope, type_, 1) for type_ in self.result))
        return True

    def function(self, name: str, parameters: Sequence[tuple[str, str]]) -> str:
        """The text of a function."""
        scope = Scope(dict(parameters))
        head = f"def {name}({', '.join(p for p, _ in parameters)}):"
        for _ in range(self.number(2, 5)):
            if self.statement(scope):
                break
        else:
            self.write_return(scope)
        return "\n".join([head, *self.lines])


def python_program(seed: int, budget: int = 10) -> PythonProgram:
    """The program of a seed, with up to two helpers, one of which may call the other.

    `budget` is how many statements it has, about.
    """
    random = Random(seed)
    helpers: list[Helper] = []
    texts: list[str] = []
    for number in range(random.randint(0, 2)):
        types = random.choices([INT, FLOAT, VECTOR], k=random.randint(1, 2))
        helper = Helper(f"helper{number}", (*types, VECTOR), random.choice([INT, FLOAT, BOOL]))
        writer = _Writer(random, helpers, [helper.result], budget // 3)
        texts.append(writer.function(helper.name, [(f"p{i}", t) for i, t in enumerate(helper.parameters)]))
        helpers.append(helper)
    result = random.choices([INT, FLOAT, BOOL, VECTOR], k=random.randint(1, 3))
    texts.append(_Writer(random, helpers, result, budget).function("program", PARAMETERS))
    return PythonProgram("\n\n\n".join(texts) + "\n")


@st.composite
def python_programs(draw: Any, budget: int = 10) -> PythonProgram:
    """Programs of all seeds; those that fail shrink to fewer statements."""
    return python_program(draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, budget)))
