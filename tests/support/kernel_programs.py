"""Strategies for programs that the passes below tensors are for: matrix products, chains that can be fused.

`hl_modules` draws any ops, so that two that fit each other are rare. These fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, StringAttr

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.compiler.pipeline.pipelines import parse, steps_between
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import FLOAT32, FLOAT64, INT8, INT16, INT32, UINT8, DType
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.types import tensor_type
from stepwell.testing.generation.hl.values import Value
from stepwell.testing.generation.program import Case

_DTYPES = (FLOAT32, FLOAT64, INT32)
_NARROW = (INT8, UINT8, INT16, INT32)
"""What may be multiplied where sums are int32."""


def before(pass_name: str, case: Case) -> Case:
    """The case as a pass meets it on the way to machine code."""
    lowering = parse(steps_between("hl", "llvm"))
    names = [pass_.name for pass_ in lowering]
    module = case.module.clone()
    PassManager(make_context()).run(module, (*parse(STEPS["hl"]), *lowering[: names.index(pass_name)]))
    return Case(module, case.inputs, case.ops)


class _Program:
    """A straight line of ops."""

    def __init__(self, draw: Any):
        self.draw = draw
        self.tracer = Tracer("main")
        self.inputs: list[np.ndarray] = []
        self.ops: Counter[str] = Counter()
        self.seed = draw(st.integers(0, 2**31))
        self.tracer.location = self._place()

    def _place(self) -> FileLineColLoc:
        line = sum(self.ops.values()) + len(self.inputs) + 1
        return FileLineColLoc(StringAttr("program.py"), IntAttr(line), IntAttr(0))

    def parameter(self, shape: Sequence[int], dtype: DType) -> Value:
        """A parameter of quarters, whose sums are exact, with sizes that may be known at run time only."""
        random = np.random.default_rng(self.seed + len(self.inputs))
        array = random.integers(-16, 17, shape).astype(dtype)
        if dtype.is_floating:
            array = np.asarray(array / dtype.as_numpy_dtype(4), dtype)
        sizes = [None if size != 1 and self.draw(st.integers(0, 3)) == 0 else size for size in shape]
        self.inputs.append(array)
        return Value(self.tracer.argument(tensor_type(sizes, dtype), "x"), array)

    def emit(self, name: str, *operands: Value, **attrs: Any) -> Value:
        """An op on values."""
        self.ops[name] += 1
        with self.tracer.at(self._place()):
            op = self.tracer.emit(OPS[name], [operand.ssa for operand in operands], attrs)
        (array,) = OPS[name].evaluate([operand.array for operand in operands], attrs)
        return Value(op.results[0], array)

    def constant(self, number: float, dtype: DType) -> Value:
        """A constant scalar."""
        array = np.array(number, dtype)
        with self.tracer.at(self._place()):
            return Value(self.tracer.constant(array), array)

    def finish(self, build: Callable[[], Sequence[Value]]) -> Case:
        """The module of what `build` returns."""
        with tracing(self.tracer), self.tracer.at(self._place()):
            module = self.tracer.finish([value.ssa for value in build()])
        module.verify()
        return Case(module, tuple(self.inputs), self.ops)


@st.composite
def contractions(draw: Any, largest: int = 24) -> Case:
    """A product of two matrices, or batches of them, either of which may be transposed; a bias and a function on it.

    Integers may be narrower than the sums.
    """
    program = _Program(draw)
    dtype = draw(st.sampled_from(_DTYPES))
    m, k, n = (draw(st.one_of(st.integers(1, largest), st.sampled_from([0, 1, 4, 16]))) for _ in range(3))
    batch = draw(st.sampled_from([(), (), (2,)]))
    turned = draw(st.booleans()), draw(st.booleans())
    dtypes = [draw(st.sampled_from(_NARROW)) if dtype is INT32 else dtype for _ in turned]

    def factor(shape: Sequence[int], own: DType) -> Value:
        value = program.parameter((*batch, *shape), own)
        return value if own is dtype else program.emit("hl.cast", value, dtype=dtype)

    def build() -> Sequence[Value]:
        x = factor((k, m) if turned[0] else (m, k), dtypes[0])
        y = factor((n, k) if turned[1] else (k, n), dtypes[1])
        result = program.emit("hl.matmul", x, y, transpose_a=turned[0], transpose_b=turned[1])
        if draw(st.booleans()):
            result = program.emit("hl.add", result, program.parameter((n,), dtype))
        if draw(st.booleans()):
            result = program.emit("hl.maximum", result, program.constant(0.5, dtype))
        return [result]

    return program.finish(build)


_UNARY = ("hl.neg", "hl.abs")
_UNARY_OF_FLOATS = (*_UNARY, "hl.exp", "hl.tanh", "hl.sin", "hl.erf", "hl.sigmoid", "hl.relu", "hl.floor")
_BINARY = ("hl.add", "hl.sub", "hl.mul", "hl.maximum")
_SHAPES = ((), (1,), (7,), (33,), (4, 17), (3, 1, 5), (0, 4), (2, 16), (64,))


@st.composite
def chains(draw: Any) -> Case:
    """Elementwise ops on each other, perhaps into a reduction whose result they meet again, as in a softmax."""
    program = _Program(draw)
    dtype, shape = draw(st.sampled_from(_DTYPES)), draw(st.sampled_from(_SHAPES))
    unary = _UNARY_OF_FLOATS if dtype.is_floating else _UNARY

    def step(values: list[Value]) -> Value:
        last, other = values[-1], draw(st.sampled_from(values))
        if draw(st.booleans()):
            return program.emit(draw(st.sampled_from(unary)), last)
        return program.emit(draw(st.sampled_from(_BINARY)), last, other)

    def build() -> Sequence[Value]:
        values = [program.parameter(shape, dtype)]
        for _ in range(draw(st.integers(0, 2))):
            values.append(program.parameter([1 if draw(st.booleans()) else size for size in shape], dtype))
        values.append(program.emit("hl.add", values[0], values[-1]))
        for _ in range(draw(st.integers(1, 4))):
            values.append(step(values))
        if shape and 0 not in shape and draw(st.booleans()):
            kinds = ["hl.max", "hl.sum"] if dtype.is_integer or draw(st.booleans()) else ["hl.max"]
            axes = (draw(st.integers(0, len(shape) - 1)),)
            total = program.emit(draw(st.sampled_from(kinds)), values[-1], axes=axes, keepdims=True)
            values += [total, program.emit("hl.sub", values[-1], total)]
            values.append(step(values))
        return values[-1 - draw(st.integers(0, 1)) :]

    return program.finish(build)
