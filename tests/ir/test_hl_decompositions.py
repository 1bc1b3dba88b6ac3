"""Decompositions: factors multiply to the matrices, gradients are those of differences, calls are in the IR."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from support.effort import examples, some
from support.every_engine import EveryEngine
from support.op_checks import check_lowering

import stepwell as sw
from stepwell.dialects.hl.registry import OPS
from stepwell.errors import InvalidArgumentError, UnsupportedError
from stepwell.testing.gradient_checks import check_gradients, differences
from stepwell.testing.op_checks import check_inference
from stepwell.testing.op_report import check_round_trip
from stepwell.testing.sampling import samples

F = np.float32


def _turned(x):
    return x.swapaxes(-1, -2)


def _diagonal(values, rows, columns):
    result = np.zeros((*values.shape[:-1], rows, columns), values.dtype)
    for number in range(values.shape[-1]):
        result[..., number, number] = values[..., number]
    return result


def _check_lu(x, results):
    factors, order = results
    lower, upper = np.tril(factors, -1) + np.eye(x.shape[-1]), np.triu(factors)
    np.testing.assert_allclose(lower @ upper, np.take_along_axis(x, order[..., None], -2), atol=1e-4)


def _check_orthonormal(vectors):
    identity = np.eye(vectors.shape[-1]) * np.ones((*vectors.shape[:-2], 1, 1))
    np.testing.assert_allclose(_turned(vectors) @ vectors, identity, atol=1e-4)


def _check_svd(x, results, full):
    s, u, v = results
    columns = (u.shape[-1], v.shape[-1]) if full else (s.shape[-1], s.shape[-1])
    np.testing.assert_allclose(u @ _diagonal(s, *columns) @ _turned(v), x, atol=1e-4)
    _check_orthonormal(u)
    _check_orthonormal(v)
    assert (np.diff(s, axis=-1) <= 0).all()


def _check_qr(x, results, full):
    q, r = results
    np.testing.assert_allclose(q @ r, x, atol=1e-4)
    _check_orthonormal(q)
    np.testing.assert_array_equal(np.triu(r), r)


def _check_eigh(x, results):
    values, vectors = results
    np.testing.assert_allclose(x @ vectors, vectors * values[..., None, :], atol=1e-4)
    assert (np.diff(values, axis=-1) >= 0).all()


def _check_slogdet(x, results):
    sign, logarithm = results
    np.testing.assert_allclose(sign * np.exp(logarithm), np.linalg.det(x), rtol=1e-4)


def _check_solve(x, b, results, adjoint):
    np.testing.assert_allclose((_turned(x) if adjoint else x) @ results[0], b, atol=1e-4)


def _check_triangular(x, b, results, reads_lower, adjoint):
    _check_solve(np.tril(x) if reads_lower else np.triu(x), b, results, adjoint)


def _check_eig(x, results):
    values, vectors = results
    np.testing.assert_allclose(x @ vectors, vectors * values[..., None, :], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-2), np.ones_like(values.real), rtol=1e-5)


def _check_root(x, results, function):
    np.testing.assert_allclose(results[0] @ results[0], x, atol=1e-4)


def _check_tridiagonal(x, b, results):
    size = x.shape[-1]
    matrix = np.eye(size) * x[..., 1, :, None]
    matrix += np.eye(size, k=1) * x[..., 0, :, None] + np.eye(size, k=-1) * x[..., 2, :, None]
    np.testing.assert_allclose(matrix @ results[0], b, atol=1e-4)


CHECKS = {
    "cholesky": lambda x, results: np.testing.assert_allclose(results[0] @ _turned(results[0]), x, atol=1e-4),
    "inverse": lambda x, results: np.testing.assert_allclose(x @ results[0] @ x, x, atol=1e-4),
    "slogdet": _check_slogdet,
    "qr": _check_qr,
    "svd": _check_svd,
    "eigh": _check_eigh,
    "eig": _check_eig,
    "matrix_function": _check_root,
    "tridiagonal_solve": _check_tridiagonal,
    "lu": _check_lu,
    "solve": _check_solve,
    "triangular_solve": _check_triangular,
}
"""What the results of each op have to be, given the operands."""


@pytest.mark.parametrize("name", CHECKS)
def test_rules(name):
    op = OPS[f"hl.{name}"]

    @settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(samples(op))
    def check(sample):
        results = op.evaluate(sample.operands, sample.attrs)
        allowed = (sample.operands[0].dtype, np.int32) if name != "eig" else (np.complex64, np.complex128)
        assert all(result.dtype in allowed for result in results)
        CHECKS[name](*sample.operands, results, **sample.attrs)
        check_inference(op, sample)
        check_round_trip(op, sample)
        for dynamic in (False, True):
            check_lowering(op, sample, dynamic)

    check()


SQUARE = np.array([[4, 2, 1], [2, 5, 3], [0, 1, 6]], F)
POSITIVE = (SQUARE @ SQUARE.T).astype(F)
TALL = np.array([[1, 2], [3, 4], [5, 7]], F)
SIDES = np.array([[1, 0], [2, 1], [3, -1]], F)


def _all(square, positive, tall, sides):
    factor = sw.linalg.cholesky(positive)
    s, u, v = sw.linalg.svd(tall)
    e, vectors = sw.linalg.eigh(positive)
    return [
        factor,
        sw.linalg.cholesky_solve(factor, sides),
        sw.linalg.triangular_solve(square, sides, lower=False, adjoint=True),
        sw.linalg.solve(square, sides),
        sw.linalg.solve(square, sides, adjoint=True),
        sw.linalg.inv(square),
        sw.linalg.inv(square, adjoint=True),
        sw.linalg.det(square),
        sw.linalg.slogdet(-square),
        sw.linalg.logdet(positive),
        sw.linalg.qr(tall),
        sw.linalg.qr(tall, full_matrices=True),
        s,
        (u * sw.expand_dims(s, -2)) @ sw.linalg.adjoint(v),
        e,
        vectors,
        sw.linalg.lu(square),
        sw.linalg.pinv(tall),
        sw.linalg.matrix_rank(sw.concat([tall, tall], -1)),
    ]


@pytest.mark.parametrize("batch", [(), (2,)])
def test_functions_on_engines_that_call_numpy(batch):
    arrays = [np.broadcast_to(x, (*batch, *x.shape)).copy() for x in (SQUARE, POSITIVE, TALL, SIDES)]
    engines = EveryEngine(_all, *[2 + len(batch)] * 4, engines=("native", "interpreter"))
    found = engines.check(*arrays, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(arrays[1] @ found[1], arrays[3], atol=1e-4)
    np.testing.assert_allclose(found[7], np.linalg.det(arrays[0]), rtol=1e-4)
    np.testing.assert_allclose(found[9], np.linalg.slogdet(arrays[1])[1], rtol=1e-4)
    np.testing.assert_allclose(found[13], arrays[2], atol=1e-4)
    np.testing.assert_allclose(found[17], np.linalg.pinv(arrays[2]), rtol=1e-3, atol=1e-4)
    assert np.all(found[18].numpy() == 2)


def _symmetric(function):
    return lambda x: function(x + sw.linalg.adjoint(x))


SLOPES = {
    "cholesky": (_symmetric(sw.linalg.cholesky), POSITIVE),
    "cholesky_solve": (
        lambda x, b: sw.linalg.cholesky_solve(sw.linalg.cholesky(x + sw.transpose(x)), b),
        POSITIVE,
        SIDES,
    ),
    "triangular_solve": (lambda x, b: sw.linalg.triangular_solve(x, b, adjoint=True), SQUARE, SIDES),
    "solve": (sw.linalg.solve, SQUARE, SIDES),
    "solve, adjoint": (lambda x, b: sw.linalg.solve(x, b, adjoint=True), SQUARE, SIDES),
    "inv": (sw.linalg.inv, SQUARE),
    "det": (sw.linalg.det, SQUARE),
    "logdet": (_symmetric(sw.linalg.logdet), POSITIVE),
    "qr": (lambda x: sw.linalg.qr(x), TALL),
    "qr of wide ones": (lambda x: sw.linalg.qr(x), TALL.T),
    "svd": (lambda x: sw.linalg.svd(x), TALL),
    "svd of wide ones": (lambda x: sw.linalg.svd(x), TALL.T),
    "singular values": (lambda x: sw.linalg.svd(x, compute_uv=False), SQUARE),
    "eigh": (lambda x: sw.linalg.eigh(x), POSITIVE),
    "eigvalsh": (sw.linalg.eigvalsh, POSITIVE),
    "lu": (lambda x: sw.linalg.lu(x).lu, SQUARE[::-1]),
    "pinv": (sw.linalg.pinv, TALL),
    "lstsq": (sw.linalg.lstsq, TALL, SIDES),
}


@pytest.mark.parametrize("name", some(SLOPES, 6))
def test_slopes(name):
    function, *arrays = SLOPES[name]
    arrays = [array.astype(np.float64) for array in arrays]

    def total(*tensors):
        parts = function(*tensors)
        return sum(sw.reduce_sum(part * sw.cos(part)) for part in (parts if isinstance(parts, tuple) else (parts,)))

    def slopes(*tensors):
        with sw.GradientTape() as tape:
            tape.watch(tensors)
            result = total(*tensors)
        return tape.gradient(result, tensors)

    found = slopes(*map(sw.constant, arrays))
    for index, (own, compiled) in enumerate(zip(found, sw.function(slopes)(*arrays), strict=True)):
        np.testing.assert_allclose(compiled, own, rtol=1e-9, atol=1e-9)
        expected = differences(lambda values: float(total(*map(sw.constant, values))), arrays, index)
        np.testing.assert_allclose(own, expected, rtol=1e-5, atol=1e-6)


def test_slopes_around_a_compiled_function():
    check_gradients(lambda x: sw.linalg.svd(x)[:2], TALL)


def test_least_squares():
    for fast in (True, False):
        np.testing.assert_allclose(
            sw.linalg.lstsq(TALL, SIDES, fast=fast), np.linalg.lstsq(TALL, SIDES, rcond=None)[0], rtol=1e-2, atol=1e-3
        )
    wide = sw.linalg.lstsq([[1.0, 2.0, 3.0]], [[1.0]])
    np.testing.assert_allclose(wide, np.array([[1], [2], [3]]) / 14, rtol=1e-5)
    regular = sw.linalg.lstsq([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[1.0], [2.0], [4.0]], l2_regularizer=0.1)
    np.testing.assert_allclose(regular, [[0.5648], [0.1631]], atol=1e-3)


def test_what_has_no_decomposition():
    assert np.isnan(sw.linalg.cholesky([[-4.0, 0.0], [1.0, 1.0]]).numpy()).tolist() == [[True, False], [True, True]]
    singular = np.array([[1, 2], [2, 4]], F)
    one = np.ones((2, 1), F)
    for function, *arrays in [
        (sw.linalg.inv, singular),
        (sw.linalg.solve, singular, one),
        (sw.linalg.lu, 0 * singular),
    ]:
        EveryEngine(function, *[2] * len(arrays), engines=("native", "interpreter")).refuses(*arrays)
    EveryEngine(sw.linalg.inv, 2, engines=("native", "interpreter")).refuses(TALL)
    EveryEngine(sw.linalg.solve, 2, 2, engines=("native", "interpreter")).refuses(SQUARE, one)
    for call in (
        lambda: sw.linalg.inv(TALL),
        lambda: sw.linalg.cholesky(TALL[0]),
        lambda: sw.linalg.solve(SQUARE, SIDES[:, 0]),
    ):
        with pytest.raises(InvalidArgumentError, match="expected"):
            call()
    with pytest.raises(TypeError, match="expected a dtype of float32, float64"):
        sw.linalg.inv([[1]])


def test_triangular_solve_broadcasts_batches():
    found = sw.linalg.triangular_solve(SQUARE[None], np.stack([SIDES, SIDES * 2]))
    np.testing.assert_allclose(np.tril(SQUARE) @ found.numpy(), np.stack([SIDES, SIDES * 2]), rtol=1e-4, atol=1e-5)


def test_the_call_is_in_the_program_and_counted():
    text = str(sw.ir(sw.linalg.cholesky, POSITIVE, level="linalg"))
    assert "host.call" in text and "hl.cholesky" in text
    function = sw.function(sw.linalg.cholesky, engine="onnx")
    with pytest.raises(UnsupportedError, match=r"'hl\.cholesky' is not exportable because"):
        function(POSITIVE)


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_what_numpy_refuses_in_a_call_is_an_error_at_the_line_of_the_op(engine):
    function = sw.function(sw.linalg.inv, engine=engine, input_signature=[sw.TensorSpec([None, None])])
    with pytest.raises(InvalidArgumentError, match=r"^\S+\.py:\d+:\d+: .*expected matrices with an inverse"):
        function(np.zeros((2, 2), F))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64])
def test_a_matrix_that_is_not_finite_has_no_singular_values(dtype):
    bad = np.array([[np.inf, np.inf, 0], [np.inf, np.inf, 1], [1, np.inf, 1]], dtype)  # LAPACK does not end for it
    good = np.diag(np.array([1, 3, 2], dtype))
    nan = np.where(np.eye(3, dtype=bool), dtype(np.nan), good)
    s, u, v = OPS["hl.svd"].evaluate([np.stack([bad, good, nan])], {"full": True})
    for part in (s, u, v):
        assert np.isnan(part[[0, 2]]).all() and np.isfinite(part[1]).all()
    np.testing.assert_allclose(s[1], [3, 2, 1], rtol=1e-6)
