"""Ops run many in one module: a compile a module, not one an op, and still each op's own results and failures."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any

import numpy as np

from stepwell.dialects.dtypes import FLOAT32, INT32, DType
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because, HLOp, InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.testing.engines import Descent
from stepwell.testing.numbers import partly_equal
from stepwell.testing.op_checks import operand_types, ops_module
from stepwell.testing.sampling import QuickSampler

from .effort import is_thorough

SIZE = 16
"""How many ops a module has."""


@dataclass(frozen=True)
class Case:
    """An op, and the dtype that its rule chooses first where it has a choice; None where it has none.

    Example:
        >>> str(CASES[0])
        'hl.abs-int32'
    """

    op: type[HLOp]
    dtype: DType | None

    def __str__(self) -> str:
        return self.op.name + ("" if self.dtype is None else f"-{self.dtype.name}")

    def sample(self, seed: int) -> Sample:
        """Valid operands and attributes of the op."""
        return self.op.sample(_OfDtype(seed, self.dtype))


class _OfDtype(QuickSampler):
    """A sampler whose first choice of a dtype is known, and whose arrays have elements in common."""

    def __init__(self, seed: int, dtype: DType | None = None):
        super().__init__(Random(seed))
        self.dtype = dtype
        self.asked: Sequence[DType] = ()
        self.arrays: dict[tuple[object, ...], np.ndarray] = {}

    def choice(self, options: Sequence[Any]) -> Any:
        """The dtype, the first time that dtypes are offered."""
        dtypes = [option for option in options if isinstance(option, DType)]
        first, self.asked = not self.asked, self.asked or dtypes
        return self.dtype if first and self.dtype is not None and self.dtype in dtypes else super().choice(options)

    def broadcastable(self, count: int) -> list[tuple[int, ...]]:
        """Shapes that broadcast together, every second time the same one."""
        return [self.shape()] * count if self.boolean() else super().broadcastable(count)

    def array(
        self, shape: Sequence[int], dtype: DType, low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """An array; mostly about half of its elements are those of the last one of its shape, dtype and bounds."""
        found = super().array(shape, dtype, low, high)
        last = self.arrays.setdefault((found.dtype, found.shape, low, high), found)
        if last is not found and self.integer(0, 2):
            found = partly_equal(found, last, self.integer(0, 2**16))
        return found


def _cases() -> list[Case]:
    """Every op with every dtype that its rule chooses from; those of a dtype stand together."""
    found = []
    for _, op in sorted(OPS.items()):
        sampler = _OfDtype(0)
        op.sample(sampler)
        found += [Case(op, dtype) for dtype in sampler.asked or (None,)]
    return sorted(found, key=lambda case: "" if case.dtype is None else case.dtype.name)


CASES = _cases()
EACH = 3 if is_thorough() else 2
"""With how many dtypes an op is tested; `make dtype-table` has them all."""


def sampled(cases: Sequence[Case], each: int = EACH) -> list[Case]:
    """Some cases of each op: of `each` dtypes, float32 or int32 among them, and of all dtypes over the ops."""
    found: list[Case] = []
    for number, op in enumerate(dict.fromkeys(case.op for case in cases)):
        own = [case for case in cases if case.op is op]
        usual = [case for case in own if case.dtype in (FLOAT32, INT32)]
        others = [case for case in own if case not in usual]
        first = usual[number % len(usual) :][:1] if usual else []
        turned = others[number % len(others) :] + others[: number % len(others)] if others else []
        step = max(len(turned) // each, 1)
        found += [*first, *turned[::step][: each - len(first)]]
    return sorted(found, key=cases.index)


def batches(cases: Sequence[Case], size: int = SIZE) -> list[tuple[Case, ...]]:
    """The cases of each dtype, in groups of `size`."""
    found: list[tuple[Case, ...]] = []
    for dtype in dict.fromkeys(case.dtype for case in cases):
        rest = iter([case for case in cases if case.dtype == dtype])
        while group := tuple(islice(rest, size)):
            found.append(group)
    return found


@dataclass(frozen=True)
class Drawn:
    """A sample of a case in a module.

    Attributes:
        seed: what it was drawn from.
        dynamic: whether sizes of its operands are `?`; not where the op has to know them.
    """

    case: Case
    seed: int
    dynamic: bool

    @cached_property
    def sample(self) -> Sample:
        """The operands and attributes."""
        return self.case.sample(self.seed)

    @cached_property
    def expected(self) -> tuple[np.ndarray, ...]:
        """What numpy says."""
        return self.case.op.computed(self.sample.operands, self.sample.attrs)

    @cached_property
    def allows_dynamic(self) -> bool:
        """Whether the op takes operands of unknown sizes."""
        try:
            self.case.op.infer(operand_types(self.sample, True), self.sample.attrs)
        except InferenceError:
            return False
        return True

    def __str__(self) -> str:
        arrays = "; ".join(f"{a.dtype.name}{list(a.shape)} {a.tolist()}" for a in self.sample.operands)
        sizes = "dynamic" if self.dynamic else "static"
        return f"{self.case}, {sizes} sizes, operands {arrays}, attributes {dict(self.sample.attrs)}"


_TRIES = 5
"""Of so many known samples the one of most elements is taken: many have few, or none."""


def _largest(case: Case, seeds: Iterable[int], dynamic: bool) -> Drawn:
    """The sample whose smallest operand or result has most elements."""
    drawn = [Drawn(case, seed, dynamic) for seed in seeds]
    return max(drawn, key=lambda one: min(array.size for array in (*one.sample.operands, *one.expected)))


Results = Sequence[np.ndarray]


@dataclass
class Batch:
    """Ops in one module, run in one way after the other.

    Attributes:
        cases: the ops.
        vague: whether the sizes of results are unknown to the module.
    """

    cases: Sequence[Case]
    vague: bool = False
    _found: dict[tuple[str, tuple[Case, ...]], list[Results] | Exception] = field(default_factory=dict)
    _programs: dict[tuple[Case, ...], Descent] = field(default_factory=dict)

    @cached_property
    def drawn(self) -> list[Drawn]:
        """Samples: of each case a known one of static and one of dynamic sizes, and another one of either."""
        fresh = secrets.randbits(32)
        kinds = ((range(_TRIES), False), (range(_TRIES, 2 * _TRIES), True), ((fresh,), bool(fresh % 2)))
        found = [_largest(case, seeds, dynamic) for seeds, dynamic in kinds for case in self.cases]
        return [one if one.allows_dynamic or not one.dynamic else Drawn(one.case, one.seed, False) for one in found]

    def results(self, case: Case, way: str) -> list[tuple[Drawn, Results]]:
        """What the samples of a case are in one way to run them.

        Raises:
            Exception: where the module does not run, and this op is to blame, or no op by itself is.
        """
        together = tuple(one for one in self.cases if way != "onnx" or not isinstance(one.op.onnx, Because))
        found = self._run(together, way)
        if isinstance(found, Exception):
            alone = {one: self._run((one,), way) for one in together}
            failed = alone[case]
            if not isinstance(failed, list):
                raise failed
            if not any(isinstance(one, Exception) for one in alone.values()):
                raise found
            found, together = failed, (case,)
        drawn = [one for one in self.drawn if one.case in together]
        return [(one, results) for one, results in zip(drawn, found, strict=True) if one.case == case]

    def _run(self, cases: tuple[Case, ...], way: str) -> list[Results] | Exception:
        """The results of each sample of some cases; kept, as each case asks for them."""
        if (way, cases) not in self._found:
            drawn = [one for one in self.drawn if one.case in cases]
            try:
                self._found[way, cases] = self._run_module(cases, drawn, way)
            except Exception as error:
                self._found[way, cases] = error
        return self._found[way, cases]

    def _run_module(self, cases: tuple[Case, ...], drawn: Sequence[Drawn], way: str) -> list[Results]:
        if cases not in self._programs:
            module = ops_module([(one.case.op, one.sample, one.dynamic) for one in drawn], self.vague)
            self._programs[cases] = Descent(module)
        arrays = [np.array(array) for one in drawn for array in one.sample.operands]
        results = iter(self._programs[cases].ready(way)(arrays))
        return [list(islice(results, len(one.expected))) for one in drawn]
