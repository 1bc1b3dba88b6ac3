"""Products of int8 and uint8 whose sums are int32: values on every engine, and the operator in models."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stepwell as sw
from stepwell.compiler.frontend.values import evaluation

ENGINES = (None, "native", "interpreter", "onnx")


def product(x, y, **flags):
    return sw.matmul(x, y, output_type=sw.int32, **flags)


@settings(max_examples=10, deadline=None, database=None)
@given(
    dtypes=st.sampled_from(["int8", "uint8"]),
    sizes=st.tuples(*[st.integers(1, 70)] * 3),
    flags=st.tuples(st.booleans(), st.booleans()),
    seed=st.integers(0, 2**32 - 1),
)
def test_products_are_exact_on_every_engine(dtypes, sizes, flags, seed):
    source, (m, k, n), limits = np.random.default_rng(seed), sizes, np.iinfo(dtypes)
    x = source.integers(limits.min, limits.max, (k, m) if flags[0] else (m, k), dtypes, endpoint=True)
    y = source.integers(limits.min, limits.max, (n, k) if flags[1] else (k, n), dtypes, endpoint=True)
    wide = [a.astype(np.int64).T if flag else a.astype(np.int64) for a, flag in zip((x, y), flags)]
    options = {"transpose_a": flags[0], "transpose_b": flags[1]}
    for engine in ENGINES:
        run = product if engine is None else sw.function(product, engine=engine)
        found = run(sw.constant(x), sw.constant(y), **options)
        assert found.dtype == "int32"
        np.testing.assert_array_equal(found.numpy(), wide[0] @ wide[1])


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
@pytest.mark.parametrize("exact", [True, False])
def test_models_have_the_operator_for_them(dtype, exact, tmp_path):
    spec = sw.TensorSpec([None, 4], dtype)
    path = tmp_path / "product.onnx"
    f = sw.function(lambda x, y: product(x, y, transpose_b=True))
    import onnx

    sw.onnx.export(f, path, spec, spec, exact=exact)
    kinds = [node.op_type for node in onnx.load(path).graph.node]
    assert "MatMulInteger" in kinds and "MatMul" not in kinds


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint64"])
@pytest.mark.parametrize("flags", [(False, False), (True, True)])
def test_many_products_are_compiled_eagerly(dtype, flags, monkeypatch):
    compiled, run, source = [], evaluation.run_compiled, np.random.default_rng(1)
    monkeypatch.setattr(evaluation, "run_compiled", lambda op, *call: compiled.append(op.name) or run(op, *call))
    x, y = (source.integers(0, 100, (200, 200), dtype) for _ in range(2))
    found = sw.matmul(x, y, transpose_a=flags[0], transpose_b=flags[1]).numpy()
    assert compiled == ["hl.matmul"]
    expected = (x.T if flags[0] else x) @ (y.T if flags[1] else y)
    np.testing.assert_array_equal(found, expected)
    sw.matmul(x[:10], y[:10, :10], transpose_a=True)
    assert len(compiled) == 1
