"""All rules of an op, checked against each other: what a plug-in's author runs before anything else."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from xdsl.parser import Parser

from stepwell.compiler.frontend.ops import namespace
from stepwell.compiler.frontend.values.tensor import Tensor
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.hl.registry import ALL_OPS
from stepwell.dialects.hl.rules.base import Because, HLOp, InferenceError
from stepwell.dialects.hl.rules.facets import OpCall, Sample
from stepwell.dialects.types import tensor_type

from .arguments import require_count
from .engines import WAYS
from .everywhere import assert_array_like
from .gradient_checks import differences
from .op_checks import check_inference, op_module
from .provider import register
from .sampling import samples

if TYPE_CHECKING:
    from stepwell.dialects.hl.rules.functions import Functions

FACETS = ("infer", "evaluate", "gradient", "lower", "onnx", "sample")
MAY_REFUSE = ("gradient", "lower", "onnx")
"""Rules that an op may do without, if it says why."""


@dataclass
class OpReport:
    """What `opcheck` has looked at.

    Attributes:
        op: the op's name.
        checked: how often each rule was checked.
        refused: why the op has no such rule, for each that it has not.
    """

    op: str
    checked: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)


def opcheck(op: type[HLOp], max_examples: int = 10, seed_: int = 0) -> OpReport:
    """Check every rule of an op on samples that its own `sample` draws.

    Checked are: that each rule is there, or says why not; that `infer` agrees with `evaluate`, for static and for
    dynamic sizes; that the op prints and parses; that its lowering means the same at each level and natively, with
    static and dynamic sizes; that its ONNX nodes do; that its gradient is what differences of values say.

    Args:
        op: a subclass of `HLOp`, of stepwell or of a plug-in, named `hl.…`; it need not be registered.
        max_examples: how many samples.
        seed_: the seed of the samples.

    Raises:
        AssertionError: names the op, the rule and the sample, as small as it can be.
        TypeError, ValueError: where an argument is not what it should be.

    Example:
        >>> from stepwell.dialects.hl.registry import OPS
        >>> sorted(opcheck(OPS["hl.relu"], max_examples=2).refused)
        []
    """
    if not (isinstance(op, type) and issubclass(op, HLOp)):
        raise TypeError(f"opcheck: op: expected a subclass of HLOp, got {op!r}")
    require_count("opcheck: max_examples", max_examples)
    report = OpReport(op.name)
    _complete(op, report)
    checks = _checks(op, report)

    @seed(seed_)
    @settings(
        max_examples=max_examples,
        backend=register(),
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(samples(op))
    def check(sample: Sample) -> None:
        for rule, one in checks.items():
            _run(op, rule, one, sample)
            report.checked[rule] += 1

    try:
        check()
    except AssertionError as error:
        raise error.with_traceback(None) from error.__cause__
    return report


Check = Callable[[type[HLOp], Sample], None]


def _run(op: type[HLOp], rule: str, check: Check, sample: Sample) -> None:
    """One check; whatever goes wrong is said to be the rule's."""
    try:
        check(op, sample)
    except Exception as error:
        shown = [f"{a.dtype.name}{list(a.shape)} {a.tolist()}" for a in sample.operands]
        message = f"{op.name}, {rule}: {type(error).__name__}: {error}\noperands: {'; '.join(shown)}"
        raise AssertionError(f"{message}\nattributes: {dict(sample.attrs)}") from error


def _complete(op: type[HLOp], report: OpReport) -> None:
    """Every rule is there, or there is a reason why not; silence is no answer."""
    assert inspect.cleandoc(vars(op).get("__doc__") or ""), f"{op.name}: no docstring says what it means"
    for facet in FACETS:
        owner = next((c for c in op.__mro__ if facet in vars(c)), HLOp)
        assert owner is not HLOp, f"{op.name}, {facet}: there is no such rule, and no reason why not"
        found = getattr(op, facet)
        if isinstance(found, Because):
            assert facet in MAY_REFUSE, f"{op.name}, {facet}: an op cannot do without"
            report.refused[facet] = found.reason


def _checks(op: type[HLOp], report: OpReport) -> dict[str, Check]:
    """The checks that apply, by the name of the rule that is to blame."""
    checks: dict[str, Check] = {"infer": check_inference, "text": check_round_trip}
    for way in WAYS:
        facet = "onnx" if way == "onnx" else "lower"
        unknown_to_interpreter = way == "interpreter at hl" and ALL_OPS.get(op.name) is not op
        if facet not in report.refused and not unknown_to_interpreter:
            checks[f"{facet} ({way})"] = _runs(way)
    if "gradient" not in report.refused:
        checks["gradient"] = check_gradient
    return checks


def check_round_trip(op: type[HLOp], sample: Sample) -> None:
    """What is printed, parsed and printed again is the same, and verifies; the op need not be registered."""
    module = op_module(op, sample)
    module.verify()
    context = make_context()
    if ALL_OPS.get(op.name) is not op:
        context.load_op(op)
    again = Parser(context, str(module)).parse_module()
    again.verify()
    assert str(again) == str(module), f"printed and parsed, it is\n{again}\ninstead of\n{module}"


def _runs(way: str) -> Check:
    """The op alone, run in one way, with static and with dynamic sizes."""

    def check(op: type[HLOp], sample: Sample) -> None:
        expected = op.computed(sample.operands, sample.attrs)
        for dynamic in (False, True):
            try:
                module = op_module(op, sample, dynamic)
            except InferenceError:
                if not dynamic:
                    raise
                continue  # an op may want to know sizes
            results = WAYS[way](module, [np.array(array) for array in sample.operands])
            sizes = "dynamic" if dynamic else "static"
            for number, (got, want) in enumerate(zip(results, expected, strict=True)):
                assert_array_like(np.asarray(got), want, f"result {number} for {sizes} sizes")

    return check


def check_gradient(op: type[HLOp], sample: Sample) -> None:
    """The gradient rule, for random gradients of the results, is what differences of the values say.

    Operands are moderate float64 values, within the op's `LOW` and `HIGH`; other samples than of floats are left out.
    """
    random = np.random.default_rng(0)
    arrays = [_moderate(op, array, random) for array in sample.operands]
    places = [n for n, array in enumerate(arrays) if dtype_of(array).is_floating]
    results = op.computed(arrays, sample.attrs)
    if not places or not any(dtype_of(result).is_floating for result in results):
        return
    weights = [random.uniform(0.5, 1.5, result.shape) if dtype_of(result).is_floating else None for result in results]
    given_ = [None if weight is None else Tensor(weight) for weight in weights]
    found = op.gradient(cast("Functions", namespace()), _call(arrays, results, sample), *given_)

    def weighted(moved: list[np.ndarray]) -> float:
        pairs = zip(op.computed(moved, sample.attrs), weights, strict=True)
        return sum(float((result * weight).sum()) for result, weight in pairs if weight is not None)

    for place in places:
        expected = differences(weighted, arrays, place)
        got = np.zeros(expected.shape) if found[place] is None else np.asarray(found[place])
        assert_array_like(got, expected, f"with respect to operand {place}", 1e-4, 1e-5)


def _call(arrays: list[np.ndarray], results: tuple[np.ndarray, ...], sample: Sample) -> OpCall:
    types = [[tensor_type(a.shape, a.dtype) for a in group] for group in (arrays, results)]
    return OpCall([Tensor(a) for a in arrays], [Tensor(a) for a in results], sample.attrs, types[0], types[1])


def _moderate(op: type[HLOp], array: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Floats at which differences can be taken: away from the ends of the op's range, all distinct."""
    if not dtype_of(array).is_floating:
        return array
    low, high = getattr(op, "LOW", None), getattr(op, "HIGH", None)
    low, high = (-2.0 if low is None else low), (2.0 if high is None else high)
    margin = (high - low) * 0.05
    return random.uniform(low + margin, high - margin, array.shape)
