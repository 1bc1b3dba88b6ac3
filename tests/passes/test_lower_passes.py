"""Passes below tensors: programs that fit them mean the same before and after, down to the last bit where promised."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples, is_thorough
from support.kernel_programs import before, chains, contractions
from support.op_checks import lowered_to_linalg
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import FloatAttr, IndexType, IntegerAttr, IntegerType, ModuleOp, f32, f64
from xdsl.ir import Block, Region

from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import as_dtype
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.elementwise import BinaryOp, UnaryOp
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing import validate

CHAINS, CONTRACTIONS = (25, 16) if is_thorough() else (12, 8)
"""How many programs each pass is shown."""
ON_CHAINS = {
    "detensorize": 3,
    "fuse-elementwise": 8,
    "bufferize": 15,
    "convert-linalg-to-loops": 8,
    "vectorize": 6,
    "expand-math": 3,
    "convert-scf-to-cf": 6,
}
ON_CONTRACTIONS = {"bufferize": 10, "lower-contractions": 3, "convert-linalg-to-loops": 3, "vectorize": 3}
"""How many of the programs of a thorough run it has to change at least; of fewer programs, fewer."""


@pytest.mark.parametrize("name", ON_CHAINS)
def test_chains_keep_their_meaning(name):
    report = validate(name, chains().map(lambda case: before(name, case)), max_examples=CHAINS)
    assert report.changed >= ON_CHAINS[name] * CHAINS // 25


@pytest.mark.parametrize("name", ON_CONTRACTIONS)
def test_contractions_keep_their_meaning(name):
    report = validate(name, contractions().map(lambda case: before(name, case)), max_examples=CONTRACTIONS)
    assert report.changed >= ON_CONTRACTIONS[name] * CONTRACTIONS // 16


@pytest.mark.parametrize("target", ["x86-64", "haswell", "cortex-a76"])
def test_narrower_vectors_keep_the_meaning_too(target):
    strategy = chains().map(lambda case: before("vectorize", case))
    validate(f"vectorize{{target={target}}}", strategy, max_examples=examples(15))


BINARY = (
    arith.AddiOp,
    arith.SubiOp,
    arith.MuliOp,
    arith.DivSIOp,
    arith.DivUIOp,
    arith.RemSIOp,
    arith.RemUIOp,
    arith.FloorDivSIOp,
    arith.CeilDivSIOp,
    arith.AndIOp,
    arith.OrIOp,
    arith.XOrIOp,
    arith.ShLIOp,
    arith.ShRSIOp,
    arith.ShRUIOp,
    arith.MaxSIOp,
    arith.MinSIOp,
    arith.MaxUIOp,
    arith.MinUIOp,
)
BINARY_OF_FLOATS = (arith.AddfOp, arith.SubfOp, arith.MulfOp, arith.DivfOp, arith.MaximumfOp, arith.MinimumfOp)
FLOATS = (0.0, -0.0, 1.0, -1.5, np.inf, -np.inf, np.nan, 3e38, -3e38, 1e-40, 0.1, 16777216.0)


def numbers(type_):
    """Numbers of a scalar type, extreme ones among them."""
    if type_ in (f32, f64):
        return st.sampled_from(FLOATS)
    width = 64 if isinstance(type_, IndexType) else type_.width.data
    top = 1 << (width - 1)
    return st.sampled_from([0, -1]) if width == 1 else st.sampled_from([0, 1, -1, 2, 3, 7, -8, width, top - 1, -top])


@st.composite
def scalar_programs(draw):
    """Scalar arithmetic on two parameters and constants, and inputs for it."""
    type_ = draw(
        st.sampled_from([IntegerType(1), IntegerType(8), IntegerType(32), IntegerType(64), IndexType(), f32, f64])
    )
    real = type_ in (f32, f64)
    block = Block(arg_types=[type_, type_])
    values, truths = list(block.args), []
    for _ in range(draw(st.integers(2, 8))):
        kind = draw(st.sampled_from(["constant", "binary", "binary", "compare", "select"]))
        a, b = (draw(st.sampled_from(values[-4:])) for _ in range(2))
        if kind == "constant":
            number = draw(numbers(type_))
            attr = (
                FloatAttr(number, type_)
                if real
                else IntegerAttr(number, type_, truncate_bits=not isinstance(type_, IndexType))
            )
            op = arith.ConstantOp(attr)
        elif kind == "binary":
            op = draw(st.sampled_from(BINARY_OF_FLOATS if real else BINARY))(a, b)
        elif kind == "compare":
            op = arith.CmpfOp(a, b, draw(st.integers(0, 15))) if real else arith.CmpiOp(a, b, draw(st.integers(0, 9)))
            truths.append(op.result)
        elif truths:
            op = arith.SelectOp(draw(st.sampled_from(truths)), a, b)
        else:
            continue
        block.add_op(op)
        if kind != "compare":
            values.append(op.results[0])
    results = [values[-1], *truths[-1:]]
    block.add_op(func.ReturnOp(*results))
    module = ModuleOp([func.FuncOp("main", ([type_, type_], [r.type for r in results]), Region(block))])
    dtype = {f32: np.float32, f64: np.float64, IntegerType(1): np.bool_, IndexType(): np.int64}.get(type_)
    dtype = dtype or np.dtype(f"i{type_.width.data // 8}").type
    return module, [dtype(draw(numbers(type_))) for _ in range(2)]


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(scalar_programs())
def test_canonical_arithmetic_is_the_same(program):
    module, inputs = program
    changed = module.clone()
    PassManager(make_context(), verify_each=True).run(changed, "canonicalize,cse,dce")
    expected, got = observe(module, inputs), observe(changed, inputs)
    if expected.failure is None:
        # A division by zero whose result is not needed may go.
        assert difference(got, expected, Tolerance()) is None


ONE_DTYPE = [(name, dtype) for name, op in OPS.items() if issubclass(op, (UnaryOp, BinaryOp)) for dtype in op.DTYPES]


@pytest.mark.parametrize("name,dtype", ONE_DTYPE, ids=lambda value: str(value))
def test_an_elementwise_op_lowers_to_what_it_computes(name, dtype):
    op, rng = OPS[name], np.random.default_rng(0)
    count = len(op.get_irdl_definition().operands)
    line = np.concatenate([np.linspace(-9, 9, 37), np.geomspace(1e-5, 9.5, 27)])
    if np.issubdtype(dtype, np.floating):
        line = np.concatenate([line, [np.nan, np.inf, -np.inf, 0.0, -0.0]])
    operands = tuple(rng.permutation(line).astype(dtype) for _ in range(count))
    sample = Sample(operands, {})
    (expected,), (got,) = op.computed(operands, {}), run_module(lowered_to_linalg(op, sample, False), list(operands))
    np.testing.assert_array_equal(*(x.astype(as_dtype(x.dtype).accumulates_in) for x in (got, expected)))
