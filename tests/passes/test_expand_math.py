"""expand-math: how far from the exact result, on everything floats can be; and nothing left for the C library."""

import re
from decimal import Decimal, localcontext
from functools import cache
from math import isfinite
from textwrap import indent

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.all_floats import UNARY, worst
from support.effort import by_turns, examples
from support.math_functions import LANES, REFERENCES, assert_within, loop_over, operand_count, samples
from xdsl.dialects import llvm, math
from xdsl.dialects.builtin import UnknownLoc

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.lowering.elementary import EXPANSIONS, error_table
from stepwell.compiler.lowering.vector.body import HARDWARE_MATH
from stepwell.compiler.passes.expand_math import ExpandMathPass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import steps_between
from stepwell.compiler.rewriting import collect_refusals
from stepwell.dialects.context import make_context
from stepwell.dialects.hl.power import PowOp
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.elementwise import FloatFunctionOp
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.engines.lower import lowered
from stepwell.runtime.engines.native.executable import compile_module
from stepwell.testing.op_checks import op_module
from stepwell.tools import fit_polynomials

DTYPES = {"f32": np.float32, "f64": np.float64}
EVERY = [pytest.param(op, id=op.name) for op in EXPANSIONS]


PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")


def exact_erf(x):
    """The error function by its Taylor series."""
    if not isfinite(x) or abs(x) > 8:
        return np.longdouble(x if x != x else np.sign(x))
    with localcontext(prec=75):
        term = total = Decimal(float(x))
        square, n = total * total, 0
        while abs(term) > abs(total) * Decimal("1e-40"):
            n += 1
            term *= -square / n
            total += term / (2 * n + 1)
        return np.longdouble(str(2 * total / PI.sqrt()))


def exact(op, *operands):
    """What `op` should give, as longdouble."""
    wide = [operand.astype(np.longdouble) for operand in operands]
    if op is math.ErfOp:
        return np.array([exact_erf(x) for x in wide[0]])
    with np.errstate(all="ignore"):
        return REFERENCES[op](*wide)


@cache
def expanded(op, element, vectors):
    """The loop over `op`, expanded."""
    module = loop_over(op, element, vectors)
    PassManager(make_context(), verify_each=True).run(module, "expand-math")
    return module


@cache
def machine_code(op, element, vectors):
    """The same, compiled."""
    module = expanded(op, element, vectors).clone()
    PassManager(make_context()).run(module, steps_between("loops", "llvm"))
    return compile_module(module)


def run(op, element, vectors, *operands):
    """The results of the compiled loop."""
    out = np.empty_like(operands[0])
    machine_code(op, element, vectors).run(*operands, out)
    return out


def bound(op, element):
    """The error the pass promises."""
    return EXPANSIONS[op].errors[list(DTYPES).index(element)]


@pytest.mark.parametrize("element", DTYPES)
@pytest.mark.parametrize("op", EVERY)
def test_vectors_are_within_the_bound(op, element):
    count = 2_000 if op is math.ErfOp else 200_000
    operands = samples(op, DTYPES[element], count, seed=1)
    assert_within(run(op, element, True, *operands), exact(op, *operands), bound(op, element), op.name, *operands)


@pytest.mark.parametrize("element", DTYPES)
@pytest.mark.parametrize("op", EVERY)
def test_scalars_give_what_vectors_give(op, element):
    operands = samples(op, DTYPES[element], 20_000, seed=2)
    np.testing.assert_array_equal(run(op, element, False, *operands), run(op, element, True, *operands))


@pytest.mark.parametrize("vectors", [True, False])
@pytest.mark.parametrize("element", DTYPES)
@pytest.mark.parametrize("op", EVERY)
def test_interpreter_and_machine_agree_to_the_last_bit(op, element, vectors):
    operands = samples(op, DTYPES[element], 64 if vectors else 32, seed=3)
    out = np.empty_like(operands[0])
    run_module(expanded(op, element, vectors), [*operands, out])
    np.testing.assert_array_equal(out, run(op, element, vectors, *operands))


@settings(deadline=None, max_examples=examples(60))
@given(data=st.data())
@pytest.mark.parametrize("element", DTYPES)
@pytest.mark.parametrize("op", EVERY)
def test_any_numbers_are_within_the_bound(op, element, data):
    lanes, count = LANES[element], operand_count(op)
    number = st.floats(width=np.dtype(DTYPES[element]).itemsize * 8)
    lists = [data.draw(st.lists(number, min_size=lanes, max_size=lanes)) for _ in range(count)]
    operands = [np.array(numbers, DTYPES[element]) for numbers in lists]
    assert_within(run(op, element, True, *operands), exact(op, *operands), bound(op, element), op.name, *operands)


@pytest.mark.parametrize("op", [math.SinOp, math.CosOp, math.TanOp])
def test_the_hardest_arguments_of_sines(op):
    # 6381956970095103 * 2**797 is the float64 nearest to a multiple of pi / 2; the float32 was found by search.
    hardest = {"f64": [6381956970095103 * 2.0**797, 2.0**1023, 1e22], "f32": [16367173 * 2.0**72, 2.0**127, 1e22]}
    for element, dtype in DTYPES.items():
        near = np.array(hardest[element])[:, None] + np.zeros(LANES[element])
        x = np.resize(np.concatenate([near.ravel(), -near.ravel()]), 6 * LANES[element]).astype(dtype)
        x[:: LANES[element]] = 0.5  # the branch for huge numbers must leave others alone
        assert_within(run(op, element, True, x), exact(op, x), bound(op, element), op.name, x)


@pytest.mark.parametrize("op", [op for op in EXPANSIONS if operand_count(op) == 1])
def test_any_nan_stays_a_nan(op):
    payloads = np.array([0x7FC00000, 0x7F800001, 0xFFC00001, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FABCDEF], np.uint32)
    got = run(op, "f32", True, np.resize(payloads, 16).view(np.float32))
    assert np.isnan(got).all()


FUNCTIONS = sorted(name for name, op in OPS.items() if issubclass(op, FloatFunctionOp | PowOp))


@pytest.mark.parametrize(("name", "dtype"), by_turns(FUNCTIONS, DTYPES.values()))
def test_no_function_of_the_c_library_is_called(name, dtype):
    op = OPS[name]
    x = np.linspace(0.1, 0.9, 40, dtype=dtype)
    module = op_module(op, Sample((x, x) if op is PowOp else (x,), {}))
    loops = lowered(module, "loops", verify_each=True)
    left = {type(inner) for inner in loops.walk() if inner.name.startswith("math.")}
    assert left <= set(HARDWARE_MATH)
    assert any(inner.name == "vector.load" for inner in loops.walk()), "the loop stays scalar"
    low = lowered(module, "llvm")
    outside = [f.sym_name.data for f in low.ops if isinstance(f, llvm.FuncOp) and not f.body.blocks]
    assert not [name for name in outside if not name.startswith("stepwell")]


def test_functions_without_a_formula_stay_with_a_reason():
    text = """
    func.func @f(%x: f16, %y: f32) -> (f16, f32) {
      %0 = math.exp %x : f16
      %1 = math.cbrt %y : f32
      func.return %0, %1 : f16, f32
    }
    """
    module = parse_module(text, "f.mlir")
    with collect_refusals() as log:
        ExpandMathPass().apply(make_context(), module)
    assert [inner.name for inner in module.walk() if inner.name.startswith("math.")] == ["math.exp", "math.cbrt"]
    assert [refusal.reason for refusal in log.refusals] == ["there is no formula for f16"]


def test_constants_are_made_once_and_before_loops():
    text = """
    func.func @f(%x: f32, %n: index) -> f32 {
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %r = scf.for %i = %zero to %n step %one iter_args(%y = %x) -> (f32) {
        %a = math.exp %y : f32
        %b = math.exp %a : f32
        scf.yield %b : f32
      }
      func.return %r : f32
    }
    """
    module = parse_module(text, "f.mlir")
    ExpandMathPass().apply(make_context(), module)
    constants = [inner for inner in module.walk() if inner.name == "arith.constant"]
    assert len({inner.properties["value"] for inner in constants}) == len(constants)
    assert all(inner.parent_op().name == "func.func" for inner in constants)
    assert all(not isinstance(inner.location, UnknownLoc) for inner in module.walk())


def test_the_docstring_has_the_errors():
    assert indent(error_table(), " " * 8) in ExpandMathPass.__doc__
    table = re.findall(r"^(\w+) +(\d\.\d) +(\d\.\d) ", error_table(), re.MULTILINE)
    assert {f"math.{name}": (float(a), float(b)) for name, a, b in table} == {
        op.name: expansion.errors for op, expansion in EXPANSIONS.items()
    }


def test_the_coefficients_are_what_the_fit_gives():
    assert fit_polynomials.table() == fit_polynomials.TABLE.read_text(encoding="utf-8")


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in UNARY])
def test_float32_numbers_evenly_over_all_are_within_the_bound(op):
    error, at = worst(op, every=1021)
    assert error <= bound(op, "f32"), at


def test_the_first_op_of_a_function_may_be_expanded():
    module = parse_module(
        """
        func.func @main(%x: f32) -> (f32, f32) {
          %0 = math.powf %x, %x : f32
          %1 = math.tanh %x : f32
          func.return %0, %1 : f32, f32
        }""",
        "text",
    )
    PassManager(make_context()).run(module, "expand-math")
    assert not [op for op in module.walk() if op.name in ("math.powf", "math.tanh")]
    np.testing.assert_allclose(run_module(module, [np.float32(1.5)]), [1.5**1.5, np.tanh(1.5)], rtol=1e-6)
