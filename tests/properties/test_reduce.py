"""The reducer: small results, only valid candidates, the same result each time, nothing left to take away."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.bugs.failure import MAX_OPS, MIN_OPS, Planted
from support.bugs.failures import PLANTED
from support.large_modules import large_module
from xdsl.dialects import arith
from xdsl.dialects.builtin import ModuleOp, UnknownLoc

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.verification import first_invalid
from stepwell.compiler.reducer import reduce
from stepwell.compiler.reducer.reduce import count_ops
from stepwell.testing import Case, hl_modules, modules_at

SOME = (
    "wrong rewrite",
    "crash of a pattern",
    "rewrites without end",
    "use before definition",
    "lost line",
    "loop runs once less",
    "results of a call swapped",
    "wrong body of a generic op",
    "crash on an instruction",
)
"""What takes a second or two; `make reduce` reduces the others too."""

FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Failing examples are not shrunk: that would be reducing reductions."""


@pytest.mark.parametrize("planted", [p for p in PLANTED if p.name in SOME], ids=lambda planted: planted.name)
def test_planted_failures_get_small(planted: Planted):
    module = planted.module()
    before = print_module(module, locations=True)
    found = reduce(module, planted.shows)
    assert print_module(module, locations=True) == before, "the module given is not changed"
    assert found.ops_before == count_ops(module) >= MIN_OPS
    assert found.ops_after == count_ops(found.module) <= MAX_OPS
    assert found.is_minimal and found.calls <= 300
    assert first_invalid(found.module) is None
    assert planted.shows(found.module.clone())


def _names(module: ModuleOp) -> Counter[str]:
    return Counter(op.name for op in module.walk())


def test_only_valid_modules_are_asked_about_and_each_once():
    asked: list[str] = []

    def shows(module: ModuleOp) -> bool:
        text = print_module(module, locations=True)
        assert first_invalid(module) is None
        assert print_module(parse_module(text, "candidate.mlir"), locations=True) == text
        assert not any(isinstance(op.location, UnknownLoc) for op in module.walk())
        asked.append(text)
        module.body.block.erase_op(module.body.block.first_op, safe_erase=False)  # the copy is the predicate's own
        return "scf.while" in text and "hl.select" in text and "debug.print" in text

    found = reduce(large_module(13, 120, effects=True, calls=True), shows)
    assert len(asked) == len(set(asked)) == found.calls
    assert found.ops_after <= 9


def test_the_same_result_each_time_and_nothing_left_to_take():
    def shows(module: ModuleOp) -> bool:
        names = _names(module)
        return names["hl.maximum"] >= 2 and names["scf.if"] >= 1

    first, second = (reduce(large_module(1, 150), shows) for _ in range(2))
    assert print_module(first.module, locations=True) == print_module(second.module, locations=True)
    assert first.calls == second.calls
    again = reduce(first.module, shows)
    assert print_module(again.module) == print_module(first.module)
    assert _names(first.module) == Counter(
        {"builtin.module": 1, "func.func": 1, "hl.maximum": 2, "scf.if": 1, "scf.yield": 1, "func.return": 1}
    )


@FEW
@given(hl_modules(max_statements=8), st.integers(0, 1000))
def test_any_tensor_op_is_reduced_to_itself(case: Case, choice: int):
    names = sorted({op.name for op in case.module.walk() if op.name.startswith("hl.")})
    if not names:
        return
    name = names[choice % len(names)]
    found = reduce(case.module, lambda module: name in _names(module))
    assert _names(found.module) == Counter(["builtin.module", "func.func", name, "func.return"])


@pytest.mark.parametrize("level", ["linalg", "loops", "cfg", "llvm"])
def test_any_op_of_lower_levels_is_reduced_to_little(level: str):
    @settings(FEW, max_examples=6)
    @given(modules_at(level, max_statements=4), st.integers(0, 1000))
    def check(case: Case, choice: int) -> None:
        names = sorted({op.name for op in case.module.walk() if op.results and not op.regions})
        if not names:
            return
        name = names[choice % len(names)]
        found = reduce(case.module, lambda module: name in _names(module))
        assert found.ops_after <= 8, print_module(found.module)

    check()


def test_failures_that_need_dead_ops_keep_them():
    text = """func.func @f(%x: tensor<f32>) -> tensor<f32> {
      %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
      %1 = hl.neg %0 : (tensor<f32>) -> tensor<f32>
      %2 = hl.abs %x : (tensor<f32>) -> tensor<f32>
      func.return %2 : tensor<f32>
    }"""
    found = reduce(parse_module(text, "f.mlir"), lambda module: {"hl.exp", "hl.neg"} <= set(_names(module)))
    assert [op.name for op in found.module.walk()][2:] == ["hl.exp", "hl.neg", "func.return"]


def test_sizes_types_and_constants_get_simple():
    text = """func.func @f(%x: tensor<?x6xf64>, %y: tensor<5x6xf64>) -> tensor<?x12xf64> {
      %c = arith.constant dense<[[1.5, -2.0, 3.25, 4.0, 5.0, 6.0]]> : tensor<1x6xf64>
      %0 = hl.add %x, %c : (tensor<?x6xf64>, tensor<1x6xf64>) -> tensor<?x6xf64>
      %1 = hl.mul %y, %c : (tensor<5x6xf64>, tensor<1x6xf64>) -> tensor<5x6xf64>
      %2 = hl.concat %0, %1 {axis = 1} : (tensor<?x6xf64>, tensor<5x6xf64>) -> tensor<?x12xf64>
      func.return %2 : tensor<?x12xf64>
    }"""

    def shows(module: ModuleOp) -> bool:
        names = _names(module)
        products = [op for op in module.walk() if op.name == "hl.mul"]
        uses_constant = any(isinstance(op.operands[1].owner, arith.ConstantOp) for op in products)
        return "hl.concat" in names and uses_constant

    found = print_module(reduce(parse_module(text, "f.mlir"), shows).module)
    assert found == (
        "builtin.module {\n"
        "  func.func @f(%x: tensor<1x1xf32>) {\n"
        "    %c = arith.constant dense<0.000000e+00> : tensor<1x1xf32>\n"
        "    %0 = hl.mul %x, %c : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>\n"
        "    %1 = hl.concat %x {axis = 1 : i64} : (tensor<1x1xf32>) -> tensor<1x1xf32>\n"
        "    func.return\n"
        "  }\n"
        "}\n"
    )


def test_a_predicate_that_does_not_hold_is_an_error():
    with pytest.raises(ValueError, match="expected one that holds for the module"):
        reduce(large_module(0, 20), lambda module: False)


def test_errors_of_the_predicate_are_not_hidden():
    def shows(module: ModuleOp) -> bool:
        if count_ops(module) < 15:
            raise ZeroDivisionError
        return True

    with pytest.raises(ZeroDivisionError):
        reduce(large_module(0, 20), shows)


def test_calls_can_be_limited():
    seen = []
    found = reduce(
        large_module(0),
        lambda module: "hl.neg" in _names(module),
        max_calls=5,
        on_progress=lambda *each: seen.append(each),
    )
    assert found.calls == 5 and not found.is_minimal
    assert str(found).endswith("5 calls of the test; stopped before every step was tried")
    assert print_module(seen[-1][0]) == print_module(found.module)
