"""Functions of matrices and tridiagonal matrices: beside eigenvalues, series, whole matrices, and differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples, some
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError, UnimplementedError

RANDOM = np.random.default_rng(11)
NATIVE = ("native", "interpreter")


def _matrices(kind, *shape):
    x = RANDOM.normal(size=shape)
    return (x + 1j * RANDOM.normal(size=shape) if np.dtype(kind).kind == "c" else x).astype(kind)


def _by_eigenvalues(function, x):
    values, vectors = np.linalg.eig(x.astype(np.complex128))
    found = vectors * function(values)[..., None, :] @ np.linalg.inv(vectors)
    return found if np.iscomplexobj(x) else found.real


FUNCTIONS = {"expm": np.exp, "sqrtm": np.sqrt, "logm": np.log}


def _operand(name, kind, shape=(2, 3, 3)):
    x = _matrices(kind, *shape)
    return x if name == "expm" else (x @ x + 9 * np.eye(shape[-1])).astype(kind)


KINDS = [
    (name, kind)
    for name in FUNCTIONS
    for kind in (np.float32, np.float64, np.complex64, np.complex128)
    if name != "logm" or np.dtype(kind).kind == "c"
]


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_functions_are_those_of_eigenvalues(name, kind):
    x = _operand(name, kind)
    rounding = 1e-4 if x.real.dtype == np.float32 else 1e-11
    found = EveryEngine(getattr(sw.linalg, name), (3, kind), engines=NATIVE).check(x, rtol=rounding, atol=rounding)
    assert found.numpy().dtype == kind
    np.testing.assert_allclose(found, _by_eigenvalues(FUNCTIONS[name], x), rtol=rounding, atol=rounding)


@pytest.mark.parametrize("size", [1e-3, 0.1, 1.0, 3.0, 8.0, 40.0])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_exponentials_of_any_size(size, kind):
    x = np.stack([_matrices(kind, 4, 4) * kind(size), np.zeros((4, 4), kind)])
    expected = _by_eigenvalues(np.exp, x.astype(np.float64))
    for matrix, wanted in zip(sw.linalg.expm(x).numpy(), expected, strict=True):
        np.testing.assert_allclose(matrix, wanted, atol=np.abs(wanted).max() * (1e-4 if kind == np.float32 else 1e-11))


def test_exponentials_that_are_not_finite_or_empty():
    x = np.stack([np.diag([np.inf, 1.0]), np.diag([np.nan, 1.0]), np.eye(2)])
    found = sw.linalg.expm(x).numpy()
    assert np.isnan(found[:2]).all()
    np.testing.assert_allclose(found[2], np.e * np.eye(2))
    assert sw.linalg.expm(np.zeros((0, 2, 2))).shape == (0, 2, 2)
    assert sw.linalg.expm(np.zeros((2, 0, 0))).shape == (2, 0, 0)


def test_matrices_whose_eigenvectors_are_too_few():
    block = np.eye(4) * 2 + np.eye(4, k=1)
    turn = np.linalg.qr(_matrices(np.float64, 4, 4))[0]
    x = turn @ block @ turn.T
    root = sw.linalg.sqrtm(x).numpy()
    np.testing.assert_allclose(root @ root, x, atol=1e-12)
    logarithm = sw.linalg.logm(x.astype(np.complex128))
    np.testing.assert_allclose(sw.linalg.expm(logarithm), x, atol=1e-12)
    # log(2 + n) of the nilpotent part n
    n = np.eye(4, k=1) / 2
    np.testing.assert_allclose(logarithm, turn @ (np.log(2) * np.eye(4) + n - n @ n / 2 + n @ n @ n / 3) @ turn.T)


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_square_roots_and_logarithms_of_any_size(size, seed, is_complex):
    random = np.random.default_rng(seed)
    x = random.normal(size=(size, size)) + 1j * is_complex * random.normal(size=(size, size))
    root = sw.linalg.sqrtm(x).numpy()
    np.testing.assert_allclose(root @ root, x, atol=1e-9)
    assert (np.linalg.eigvals(root).real >= -1e-9).all()
    np.testing.assert_allclose(sw.linalg.expm(sw.linalg.logm(x)), x, atol=1e-9)


def test_roots_that_are_not_there():
    x = np.stack([-np.eye(2), np.diag([-1.0, 4.0]), np.diag([0.0, 4.0]), [[0.0, -1.0], [1.0, 0.0]]])
    found = sw.linalg.sqrtm(x).numpy()
    assert np.isnan(found[:2]).all()
    np.testing.assert_allclose(found[2], np.diag([0, 2]))
    np.testing.assert_allclose(found[3], np.array([[1, -1], [1, 1]]) / np.sqrt(2))
    logarithms = sw.linalg.logm(x.astype(np.complex128)).numpy()
    np.testing.assert_allclose(logarithms[0], np.eye(2) * np.pi * 1j)
    assert np.isnan(logarithms[2]).all()


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.complex64, np.complex128])
def test_eigenvalues_and_vectors(kind):
    x = _matrices(kind, 2, 4, 4)

    def products(matrix):
        values, vectors = sw.linalg.eig(matrix)
        return vectors * sw.expand_dims(values, -2) - sw.cast(matrix, values.dtype) @ vectors, sw.eigvals(matrix)

    rest, values = EveryEngine(products, (3, kind), engines=NATIVE).check(x, rtol=1e-4, atol=1e-4)
    rounding = 1e-4 if x.real.dtype == np.float32 else 1e-11
    np.testing.assert_allclose(rest, np.zeros_like(rest), atol=rounding)
    assert values.dtype == np.result_type(kind, np.complex64)
    for own, other in zip(values.numpy(), np.linalg.eigvals(x.astype(np.complex128)), strict=True):
        np.testing.assert_allclose(np.sort_complex(own.round(3)), np.sort_complex(other.round(3)), atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(sw.linalg.eig(x)[1], axis=-2), np.ones((2, 4)), rtol=1e-5)


def _dense(diagonals):
    size = diagonals.shape[-1]
    above, main, below = (diagonals[..., row, :, None] for row in range(3))
    return np.eye(size) * main + np.eye(size, k=1) * above + np.eye(size, k=-1) * below


def _forms(diagonals):
    """The same matrices in each format, with elements that are not read."""
    noise = _dense(diagonals) + 7 * np.eye(diagonals.shape[-1], k=2)
    rows = [diagonals[..., row, :] for row in range(3)]
    short = [rows[0][..., :-1], rows[1], rows[2][..., 1:]]
    return {"compact": [diagonals], "sequence": rows, "short": short, "matrix": [noise.astype(diagonals.dtype)]}


@pytest.mark.parametrize("kind", [np.float32, np.complex128])
@pytest.mark.parametrize("form", ["compact", "sequence", "short", "matrix"])
@pytest.mark.parametrize("function", ["solve", "matmul"])
def test_tridiagonal_matrices_are_matrices(function, form, kind):
    diagonals, right = _matrices(kind, 2, 3, 5), _matrices(kind, 2, 5, 3)
    given_ = _forms(diagonals)[form]
    name = "sequence" if form == "short" else form

    def call(*tensors):
        *parts, b = tensors
        own = parts if len(parts) > 1 else parts[0]
        return getattr(sw.linalg, f"tridiagonal_{function}")(own, b, diagonals_format=name)

    engines = ("native", "interpreter", "onnx") if (function, kind) == ("matmul", np.float32) else NATIVE
    shapes = [(x.shape, kind) for x in (*given_, right)]
    found = EveryEngine(call, *shapes, engines=engines).check(*given_, right, rtol=1e-4, atol=1e-4)
    matrix = _dense(diagonals)
    expected = np.linalg.solve(matrix, right) if function == "solve" else matrix @ right
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-3)


def test_right_hand_sides_of_tridiagonal_systems():
    diagonals, right = _matrices(np.complex128, 3, 5), _matrices(np.complex128, 5, 2)
    expected = np.linalg.solve(_dense(diagonals), right)
    vector = sw.linalg.tridiagonal_solve(diagonals, right[:, 0], transpose_rhs=True)
    np.testing.assert_allclose(vector, expected[:, 0])
    np.testing.assert_allclose(sw.linalg.tridiagonal_solve(diagonals, right.T, transpose_rhs=True), expected)
    np.testing.assert_allclose(sw.linalg.tridiagonal_solve(diagonals, right.conj(), conjugate_rhs=True), expected)
    unread = diagonals.copy()
    unread[0, -1], unread[2, 0] = np.nan, np.inf
    np.testing.assert_allclose(sw.linalg.tridiagonal_solve(unread, right), expected)
    np.testing.assert_allclose(sw.linalg.tridiagonal_matmul(unread, expected), right)


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_tridiagonal_systems_exchange_rows(size, seed):
    random = np.random.default_rng(seed)
    diagonals = random.integers(-3, 4, (3, size)).astype(float)
    matrix, right = _dense(diagonals), random.integers(-3, 4, (size, 2)).astype(float)
    found = sw.linalg.tridiagonal_solve(diagonals, right).numpy()
    if abs(np.linalg.det(matrix)) > 0.5:  # a whole number
        np.testing.assert_allclose(matrix @ found, right, atol=1e-9)
    else:
        assert np.isnan(found).all() or np.abs(found).max() > 1e9


def _weighted(x):
    weights = np.resize(np.random.default_rng(3).normal(size=7) + 1j, x.shape)
    return sw.reduce_sum(sw.math.real(sw.cast(x, sw.complex128) * weights))


SLOPES = {
    "expm": (sw.linalg.expm, _matrices(np.float64, 2, 3, 3) * 4),
    "small expm": (sw.linalg.expm, _matrices(np.complex128, 3, 3)),
    "sqrtm": (sw.linalg.sqrtm, _operand("sqrtm", np.float64)),
    "complex sqrtm": (sw.linalg.sqrtm, _operand("sqrtm", np.complex128)),
    "logm": (sw.linalg.logm, _operand("logm", np.complex128)),
    "eigvals": (lambda x: sw.linalg.eigvals(x) ** 2, _matrices(np.float64, 3, 3)),
    "eig": (lambda x: sw.abs(sw.linalg.eig(x)[1]), _matrices(np.complex128, 3, 3)),
    "both": (lambda x: sw.abs(sw.matmul(*map(sw.linalg.diag, sw.linalg.eig(x)[:1] * 2))), _matrices(np.float64, 3, 3)),
    "solve": (sw.linalg.tridiagonal_solve, _matrices(np.float64, 2, 3, 4), _matrices(np.float64, 2, 4, 2)),
    "complex solve": (sw.linalg.tridiagonal_solve, _matrices(np.complex128, 3, 4), _matrices(np.complex128, 4)),
    "matmul": (sw.linalg.tridiagonal_matmul, _matrices(np.complex128, 3, 4), _matrices(np.complex128, 4, 2)),
    "lu_solve": (
        lambda x, b: sw.linalg.lu_solve(*sw.linalg.lu(x), b),
        _matrices(np.float64, 2, 3, 3),
        _matrices(np.float64, 2, 3, 2),
    ),
}


@pytest.mark.parametrize("name", some(SLOPES, 4))
def test_slopes(name):
    function, *arrays = SLOPES[name]

    def slopes(*tensors):
        with sw.GradientTape() as tape:
            tape.watch(tensors)
            total = _weighted(function(*tensors))
        return tape.gradient(total, tensors)

    found = slopes(*map(sw.constant, arrays))
    compiled = sw.function(slopes)(*arrays)
    for number, (own, other) in enumerate(zip(found, compiled, strict=True)):
        size = np.abs(own).max()
        np.testing.assert_allclose(other, own, rtol=1e-9, atol=1e-9 * size)
        np.testing.assert_allclose(own, _differences(function, arrays, number), rtol=1e-4, atol=1e-6 * size)


def _differences(function, arrays, number, step=1e-5):
    """The derivatives with respect to real parts, and `1j` times those with respect to imaginary ones."""
    found = np.zeros_like(arrays[number])
    for place in np.ndindex(found.shape):
        for unit in (1, 1j) if np.iscomplexobj(found) else (1,):
            moved = [array.copy() for array in arrays]
            moved[number][place] += unit * step
            above = float(_weighted(function(*map(sw.constant, moved))))
            moved[number][place] -= 2 * unit * step
            found[place] += unit * (above - float(_weighted(function(*map(sw.constant, moved))))) / (2 * step)
    return found


ONE = np.ones((3, 1), np.float32)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: sw.linalg.expm([[1]]), TypeError, "expected a dtype of float32, float64, complex64"),
        (lambda: sw.linalg.expm([[1.0, 2.0]]), InvalidArgumentError, "expected square matrices, got shape"),
        (lambda: sw.linalg.sqrtm([[1.0, 2.0]]), InvalidArgumentError, "expected square matrices"),
        (lambda: sw.linalg.sqrtm([[1]]), TypeError, "expected a dtype of float32"),
        (lambda: sw.linalg.logm([[1.0]]), TypeError, "expected a dtype of complex64, complex128, got float32"),
        (lambda: sw.linalg.eig([1.0]), InvalidArgumentError, "expected 2 axes or more"),
        (lambda: sw.linalg.eig([[np.nan]]), InvalidArgumentError, "expected finite elements"),
        (lambda: sw.linalg.tridiagonal_solve(ONE, sw.constant([1])), TypeError, "float32"),
        (lambda: sw.linalg.tridiagonal_solve(ONE, [1.0, 2.0]), InvalidArgumentError, "as many rows"),
        (lambda: sw.linalg.tridiagonal_solve(ONE[:2], [1.0]), InvalidArgumentError, "expected 3 diagonals"),
        (lambda: sw.linalg.tridiagonal_solve(ONE, [1.0], "rows"), InvalidArgumentError, "diagonals_format"),
        (lambda: sw.linalg.tridiagonal_solve([ONE], [1.0], "sequence"), InvalidArgumentError, "three tensors"),
        (lambda: sw.linalg.tridiagonal_solve(ONE, [1.0], perturb_singular=True), UnimplementedError, "perturb"),
        (
            lambda: sw.linalg.tridiagonal_solve(ONE, [1.0], partial_pivoting=False, perturb_singular=True),
            InvalidArgumentError,
            "partial_pivoting: expected True",
        ),
        (lambda: sw.linalg.tridiagonal_matmul(ONE, [1.0]), InvalidArgumentError, "expected matrices of 1 rows"),
        (lambda: sw.linalg.lu_solve(ONE, [0], [1.0]), InvalidArgumentError, "2 axes or more"),
    ],
)
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()
