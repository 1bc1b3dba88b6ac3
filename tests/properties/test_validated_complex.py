"""Passes that make complex numbers real ones are validated: parameters, Variables and results are compared unpacked."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import strategies as st
from xdsl.passes import ModulePass

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import PassError
from stepwell.dialects.hl.arithmetic import NegOp
from stepwell.testing import ValidationError, validate
from stepwell.testing.generation.program import Case
from stepwell.testing.translation import TranslationValidation

TEXT = """
func.func @main(%v: !state.variable<tensor<4xcomplex<f32>>>, %z: tensor<4xcomplex<f32>>)
    -> (tensor<4xcomplex<f32>>, tensor<4xf32>) {
  %0 = hl.neg %z : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  state.assign %v, %0 : !state.variable<tensor<4xcomplex<f32>>>, tensor<4xcomplex<f32>>
  %1 = hl.imag %0 : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
  func.return %0, %1 : tensor<4xcomplex<f32>>, tensor<4xf32>
}
"""
INPUTS = np.complex64([1, 2j, 3, 4]), np.complex64([1 + 2j, complex(np.nan, 1), 0, -3j])
CASES = st.builds(lambda: Case(parse_module(TEXT, "text"), INPUTS, Counter()))


@dataclass(frozen=True)
class ImaginaryPartsStay(ModulePass):
    """Decomposes, and loses the opposite of each second part."""

    name = "imaginary-parts-stay"

    def apply(self, ctx, op):
        PassManager(ctx).run(op, "decompose-complex")
        *_, last = (inner for inner in op.walk() if isinstance(inner, NegOp))
        last.results[0].replace_all_uses_with(last.operands[0])
        last.detach()


@pytest.mark.parametrize("passes", ["decompose-complex", "decompose-complex,functionalize-state"])
def test_parameters_variables_and_results_are_compared(passes):
    report = validate(passes, CASES, max_examples=2)
    assert report.programs == report.changed > 0


def test_a_wrong_part_is_noticed():
    with pytest.raises(ValidationError, match=r"result 0\[3\] is -3j, expected 3j \(off by 6\)"):
        validate(ImaginaryPartsStay(), CASES, max_examples=2, shrink=False)


def test_each_pass_of_a_pipeline_is_validated():
    validation = TranslationValidation()
    manager = PassManager(make_context(), instruments=[validation])
    manager.run(parse_module(TEXT, "text"), "decompose-complex,functionalize-state,convert-hl-to-linalg")
    assert (validation.passes, validation.changed, validation.notes) == (3, True, [])
    with pytest.raises(PassError, match="changes the result of @main: result"):
        PassManager(make_context(), instruments=[TranslationValidation()]).run(
            parse_module(TEXT, "text"), [ImaginaryPartsStay()]
        )
