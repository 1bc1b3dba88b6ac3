"""Products of matrices: batches that broadcast, transposes, every size, at run time too, against sums of products."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.op_checks import check_lowering, check_onnx, check_rules
from xdsl.dialects.builtin import ModuleOp

import stepwell as sw
from stepwell.compiler.passes.canonicalize import CanonicalizePass
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import FLOAT32
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.types import tensor_type
from stepwell.testing.engines import WAYS
from stepwell.testing.op_checks import op_module
from stepwell.testing.sampling import samples

MATMUL = OPS["hl.matmul"]
PLAIN = {"transpose_a": False, "transpose_b": False}


def _products(x, y, transpose_a, transpose_b):
    """Every element as a sum of products, an example of the batch at a time."""
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = np.broadcast_to(x, batch + x.shape[-2:]), np.broadcast_to(y, batch + y.shape[-2:])
    rows, inner = x.shape[-2:][::-1] if transpose_a else x.shape[-2:]
    columns = y.shape[-2] if transpose_b else y.shape[-1]
    result = np.zeros((*batch, rows, columns), x.dtype)
    for place in np.ndindex(*batch, rows, columns):
        *example, i, j = place
        a, b = x[tuple(example)], y[tuple(example)]
        for k in range(inner):
            result[place] += (a[k, i] if transpose_a else a[i, k]) * (b[j, k] if transpose_b else b[k, j])
    return result


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(sample=samples(MATMUL), dynamic=st.booleans())
def test_rules(sample, dynamic):
    check_rules(MATMUL, sample, dynamic, _products)
    check_lowering(MATMUL, sample, dynamic)


@pytest.mark.parametrize(("ta", "tb", "dynamic"), [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)])
@pytest.mark.parametrize(
    ("m", "k", "n", "dtype"),
    [(1, 1, 1, "float32"), (5, 17, 33, "float32"), (30, 8, 16, "float64"), (3, 40, 70, "int32")],
)
def test_sizes_that_fill_no_tile(m, k, n, dtype, ta, tb, dynamic):
    """Natively, where products are cut into tiles."""
    ta, tb = bool(ta), bool(tb)
    random = np.random.default_rng(m)
    x = random.integers(-4, 5, (k, m) if ta else (m, k)).astype(dtype)
    y = random.integers(-4, 5, (n, k) if tb else (k, n)).astype(dtype)
    module = op_module(MATMUL, Sample((x, y), {"transpose_a": ta, "transpose_b": tb}), dynamic)
    (found,) = WAYS["native"](module, [x, y])
    expected = np.einsum("ij,jk->ik", x.T if ta else x, y.T if tb else y)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.dtype(dtype)


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_sum_of_no_products_is_0(dynamic):
    sample = Sample((np.ones((2, 0), np.float32), np.ones((0, 3), np.float32)), PLAIN)
    np.testing.assert_array_equal(MATMUL.evaluate(sample.operands, sample.attrs)[0], np.zeros((2, 3), np.float32))
    check_lowering(MATMUL, sample, dynamic)
    check_onnx(MATMUL, sample, dynamic)


def test_integers_wrap_around():
    x, y = np.array([[2**30, 2**30]], np.int32), np.array([[2], [3]], np.int32)
    check_rules(MATMUL, Sample((x, y), PLAIN), False, lambda x, y, **_: np.array([[2**30]], np.int32))


@pytest.mark.parametrize(
    ("shapes", "dtypes", "constraint", "text"),
    [
        (((2, 3), (4, 5)), ("float32", "float32"), "C1", "3 is not 4"),
        (((3,), (3, 5)), ("float32", "float32"), "C1", "expected matrices"),
        (((2, 2, 3), (3, 3, 5)), ("float32", "float32"), "C1", "do not broadcast"),
        (((2, 3), (3, 5)), ("float32", "float64"), "C2", "float32 and float64"),
        (((2, 3), (3, 5)), ("bool", "bool"), "C2", "got bool"),
    ],
)
def test_broken_constraints(shapes, dtypes, constraint, text):
    types = [tensor_type(shape, np.dtype(dtype)) for shape, dtype in zip(shapes, dtypes)]
    with pytest.raises(InferenceError, match=text) as caught:
        MATMUL.infer(types, PLAIN)
    assert caught.value.constraint == constraint


@pytest.mark.parametrize("way", ["native", "interpreter at linalg", "onnx"])
def test_sizes_that_do_not_agree_stop_the_program(way):
    x, y = np.ones((2, 3), np.float32), np.ones((4, 5), np.float32)
    fitting = Sample((np.ones((2, 3), np.float32), np.ones((3, 5), np.float32)), PLAIN)
    module = op_module(MATMUL, fitting, dynamic=True)
    with pytest.raises(Exception, match=r"matmul|MatMul"):
        WAYS[way](module, [x, y])


def _transposed_product() -> ModuleOp:
    from xdsl.dialects.builtin import FileLineColLoc, IntAttr, StringAttr

    from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing

    tracer = Tracer("main")
    tracer.location = FileLineColLoc(StringAttr("op.py"), IntAttr(1), IntAttr(0))
    with tracing(tracer), tracer.at(tracer.location):
        x = tracer.argument(tensor_type((2, 4, 3), FLOAT32), "x")
        y = tracer.argument(tensor_type((2, 4, 5), FLOAT32), "y")
        turned = tracer.emit(OPS["hl.transpose"], [x], {"perm": (0, 2, 1)}).results[0]
        return tracer.finish(tracer.emit(MATMUL, [turned, y], PLAIN).results)


def test_transposes_become_flags():
    module = _transposed_product()
    CanonicalizePass().apply(make_context(), module)
    module.verify()
    (op,) = (inner for inner in module.walk() if inner.name == "hl.matmul")
    assert op.attrs() == {"transpose_a": True, "transpose_b": False}
    assert op.operands[0].owner is module.body.block.first_op.body.block


def test_public_functions():
    x = sw.constant([[1.0, 2.0], [3.0, 4.0]])
    assert (x @ x).numpy().tolist() == [[7.0, 10.0], [15.0, 22.0]]
    assert sw.linalg.matmul(x, x, transpose_b=True).numpy().tolist() == [[5.0, 11.0], [11.0, 25.0]]
    assert sw.linalg.matvec(x, [1.0, 10.0]).numpy().tolist() == [21.0, 43.0]
    assert sw.linalg.matrix_transpose(x).numpy().tolist() == [[1.0, 3.0], [2.0, 4.0]]
    with pytest.raises(ValueError, match=r"matmul: shapes \[2, 2\] and \[3, 1\] .*2 is not 3 \[hl.matmul C1\]"):
        sw.matmul(x, [[1.0], [2.0], [3.0]])


@pytest.mark.parametrize("axes", [0, 1, 2, [[0], [1]], [[0, 1], [1, 0]], [-1, 0]])
def test_tensordot_is_numpys(axes):
    random = np.random.default_rng(0)
    x, y = random.standard_normal((3, 3)), random.standard_normal((3, 3))
    np.testing.assert_allclose(sw.tensordot(x, y, axes).numpy(), np.tensordot(x, y, axes), rtol=1e-12)
    spec = sw.TensorSpec([None, None], sw.float64)
    dynamic = sw.function(lambda x, y: sw.tensordot(x, y, axes), input_signature=[spec, spec])
    np.testing.assert_allclose(dynamic(x, y).numpy(), np.tensordot(x, y, axes), rtol=1e-12)


@pytest.mark.parametrize(
    ("order", "expected"), [("euclidean", 5.0), (1, 7.0), (np.inf, 4.0), (-np.inf, 3.0), (3, 4.497941)]
)
def test_norms(order, expected):
    assert float(sw.norm([3.0, -4.0], ord=order)) == pytest.approx(expected, rel=1e-6)
    assert sw.norm([[3.0, -4.0]], ord=order, axis=1, keepdims=True).shape == (1, 1)


def test_eye():
    np.testing.assert_array_equal(sw.eye(2, 3).numpy(), np.eye(2, 3, dtype=np.float32))
    assert sw.eye(2, batch_shape=[3, 1], dtype=sw.int32).shape == (3, 1, 2, 2)
    with pytest.raises(ValueError, match="eye: expected sizes of 0 or more"):
        sw.eye(-1)
