"""What `validate` takes for the same: sums and functions that are rounded in another way, and nothing else."""

from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.rewriter import Rewriter

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.dialects.dtypes import FLOAT32, as_dtype
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl.linear import MatmulOp
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.types import tensor_type
from stepwell.runtime.outcomes import Tolerance
from stepwell.testing.modules import Case
from stepwell.testing.numbers import notable_array
from stepwell.testing.other_inputs import other_inputs
from stepwell.testing.rounding import BY_ELEMENT
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


class _Inexact(Pass):
    """Replaces ops of one kind by what is nearly the same."""

    idempotent: ClassVar[bool] = False
    exact: ClassVar[bool] = False
    inexact_because: ClassVar[str] = "functions are computed from other ones"
    replaced: ClassVar[str]

    def apply(self, ctx, op):
        for found in [each for each in op.walk() if each.name == self.replaced]:
            e = Emitter.before(found)
            one = e.constant(1.0, tensor_type((), np.float32))
            Rewriter.replace_op(found, [], [self.other(e, found.operands[0], one)])


class _ExpOfOpposite(_Inexact):
    name = "exp-of-opposite"
    replaced: ClassVar[str] = "hl.exp"

    @staticmethod
    def other(e, x, one):
        opposite = e.value(OPS["hl.neg"].build([x], {}))
        return e.value(OPS["hl.div"].build([one, e.value(OPS["hl.exp"].build([opposite], {}))], {}))


class _Expm1BySubtraction(_Inexact):
    """Wrong for small numbers, and the sign of 0 is lost."""

    name = "expm1-by-subtraction"
    replaced: ClassVar[str] = "hl.expm1"

    @staticmethod
    def other(e, x, one):
        return e.value(OPS["hl.sub"].build([e.value(OPS["hl.exp"].build([x], {})), one], {}))


def _case(function, *arrays):
    return Case(sw.function(function).get_concrete_function(*arrays).module, arrays, Counter())


@pytest.mark.parametrize("small", [1e-6, -0.0])
def test_a_small_element_counts_beside_a_large_one(small):
    with pytest.raises(ValidationError, match=r"result 0\[0\] is "):
        check_case(
            [_Expm1BySubtraction()], _case(sw.math.expm1, np.float32([small, 5.0])), BY_ELEMENT, Validation("expm1")
        )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_left_of_rounded_numbers_is_no_mistake(seed):
    x = np.random.default_rng(seed).normal(size=5).astype(np.float32)

    def left(x):
        y = sw.exp(x)
        return y - (1.0 + x + x * x / 2.0), sw.math.floormod(y * 1e6, 1.0), 1.0 / (y - 1.0)

    report = Validation("exp")
    check_case([_ExpOfOpposite()], _case(left, x), BY_ELEMENT, report)
    assert report.programs == 1


def test_matrices_that_are_not_square_are_refused_before_and_after():
    T = "tensor<?x?xf64>"
    module = parse_module(
        f"func.func @main(%x: {T}) -> {T} {{ %0, %1 = hl.lu %x : ({T}) -> ({T}, tensor<?xi32>) func.return %0 : {T} }}",
        "text",
    )
    report = Validation("what is tested")
    check_case(LOWER, Case(module, (np.ones((3, 1)),), Counter()), Tolerance(), report)
    assert report.failing == 1


class _LosesZeroSigns(Pass):
    """Adds 0 to what is negated: only -0 is another number then."""

    name = "lose-zero-signs"
    idempotent: ClassVar[bool] = False

    def apply(self, ctx, op):
        for found in [each for each in op.walk() if each.name == "hl.neg"]:
            e = Emitter.after(found)
            zero = e.constant(0.0, tensor_type((), FLOAT32))
            total = e.value(OPS["hl.add"].build([found.results[0], zero]))
            found.results[0].replace_uses_with_if(total, lambda use, own=total.owner: use.operation is not own)


def test_a_program_is_run_on_more_inputs_than_it_was_drawn_with():
    module = parse_module(
        "func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> "
        "{ %0 = hl.neg %x : (tensor<8xf32>) -> tensor<8xf32> func.return %0 : tensor<8xf32> }",
        "text",
    )
    case = Case(module, (np.full(8, 1.1, np.float32),), Counter())
    with pytest.raises(ValidationError, match=r"is 0.0, expected -0.0") as caught:
        check_case([_LosesZeroSigns()], case, Tolerance(), Validation("what is tested"))
    assert (caught.value.inputs[0] == 0).any()


@settings(max_examples=50, deadline=None)
@given(
    arrays=st.lists(
        st.sampled_from(["float32", "float16", "bfloat16", "int8", "bool", "complex64"]).flatmap(
            lambda name: st.integers(0, 9).map(lambda n: notable_array((n,), as_dtype(name), n))
        ),
        max_size=3,
    )
)
def test_other_inputs_have_the_same_shapes_and_dtypes(arrays):
    for others in other_inputs(arrays):
        assert [(a.shape, a.dtype) for a in others] == [(a.shape, a.dtype) for a in arrays]


def test_other_inputs_of_which_sums_are_exact_stay_such():
    quarters = np.arange(-16, 17, dtype=np.float32) / 4
    for (others,) in other_inputs([quarters]):
        assert np.all(others * 4 == np.round(others * 4)) and np.all(np.abs(others) <= 4)
