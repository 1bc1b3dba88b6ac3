"""What `validate` takes for the same: sums that numpy rounds in its own way are no mistake of a pass, others are."""

from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepwell as sw
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl import OPS
from stepwell.dialects.hl.linear import MatmulOp
from stepwell.runtime.outcomes import Tolerance
from stepwell.testing.modules import Case
from stepwell.testing.validation import Validation, ValidationError, check_case

LOWER = parse("convert-hl-to-linalg")


def _product(seed, digits):
    """A product of matrices of random numbers; of which only the last digits are left, where these are asked for."""

    @sw.function
    def product(x, y):
        z = sw.matmul(x, y, transpose_b=True)
        return sw.math.floormod(z * 1e6, 1.0) if digits else z

    random = np.random.default_rng(seed)
    m, k, n = random.integers(1, 20, 3)
    arrays = [random.normal(size=shape).astype(np.float32) for shape in ((m, k), (n, k))]
    return Case(product.get_concrete_function(*arrays).module, tuple(arrays), Counter())


def _check(passes, case):
    report = Validation("what is tested")
    check_case(passes, case, Tolerance(), report)
    assert report.programs == 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), digits=st.booleans())
def test_sums_that_are_rounded_otherwise_are_no_mistake(seed, digits):
    _check(parse("convert-hl-to-linalg"), _product(seed, digits))


class _SubtractsProducts(Pass):
    """Takes matrices of negated numbers, as a pass that may take sums in another order."""

    name = "subtract-products"
    idempotent: ClassVar[bool] = False
    reorders_sums: ClassVar[bool] = True

    def apply(self, ctx, op):
        for product in [each for each in op.walk() if isinstance(each, MatmulOp)]:
            e = Emitter.before(product)
            product.operands[0] = e.value(OPS["hl.neg"].build([product.operands[0]], {}))


def test_a_sum_that_is_off_by_more_is_a_mistake():
    with pytest.raises(ValidationError, match=r"result 0\[\d+, \d+\] is "):
        _check([_SubtractsProducts()], _product(1, digits=False))
