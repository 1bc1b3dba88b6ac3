"""Functions of matrices that are given by their diagonals, against NumPy's of whole matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell import linalg

KINDS = st.sampled_from(["float32", "float64", "complex64", "complex128"])
ENGINES = [None, "native", "interpreter"]


def _numbers(draw, kind, sizes):
    source = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    parts = source.normal(size=(2, *sizes))
    return (parts[0] + 1j * parts[1] if kind.startswith("complex") else parts[0]).astype(kind)


def _tolerance(kind):
    return 1e-4 if kind in ("float32", "complex64") else 1e-10


def _close(found, wanted, kind):
    scale = np.max(np.abs(wanted), initial=1.0)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=scale * _tolerance(kind))


def _whole(alpha, beta):
    return np.diag(np.real(alpha)).astype(alpha.dtype) + np.diag(beta, 1) + np.diag(beta.conj(), -1)


@settings(max_examples=examples(60))
@given(st.data())
def test_tridiagonal_eigenvalues(data):
    kind, size = data.draw(KINDS), data.draw(st.integers(1, 6))
    alpha, beta = _numbers(data.draw, kind, (size,)), _numbers(data.draw, kind, (size - 1,))
    values, vectors = linalg.eigh_tridiagonal(alpha, beta, eigvals_only=False)
    wanted = np.linalg.eigvalsh(_whole(alpha, beta))
    assert values.dtype.name == wanted.dtype.name and vectors.dtype.name == kind
    _close(values, wanted, kind)
    _close(_whole(alpha, beta) @ vectors.numpy(), vectors.numpy() * values.numpy(), kind)
    _close(vectors.numpy().conj().T @ vectors.numpy(), np.eye(size), kind)
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size - 1))
    some = linalg.eigh_tridiagonal(alpha, beta, select="i", select_range=(first, last))
    _close(some, wanted[first : last + 1], kind)


def test_the_gradient_of_a_complex_pseudoinverse():
    x = sw.constant(np.array([[2, 1j], [0.5, 1 - 1j], [1, 3]]))
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = sw.reduce_sum(sw.abs(linalg.pinv(x)) ** 2)
    slope = tape.gradient(y, x).numpy()
    for place in np.ndindex(3, 2):
        for unit in (1, 1j):
            step = np.zeros((3, 2), complex)
            step[place] = 1e-6 * unit
            up, down = (np.sum(np.abs(np.linalg.pinv(x.numpy() + s * step)) ** 2) for s in (1, -1))
            np.testing.assert_allclose((slope[place] * np.conj(unit)).real, (up - down) / 2e-6, rtol=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
def test_eigenvalues_in_an_interval(engine):
    def run(alpha, beta):
        return linalg.eigh_tridiagonal(alpha, beta, False, "v", (-0.5, 1.7))

    signature = [sw.TensorSpec([None], sw.float64), sw.TensorSpec([None], sw.float64)]
    call = run if engine is None else sw.function(run, engine=engine, input_signature=signature)
    values, vectors = call(sw.constant(np.ones(4)), sw.constant(np.ones(3)))
    np.testing.assert_allclose(values, [0.38196601, 1.61803399])
    assert vectors.shape == (4, 2)
    limits = [0.5, 1.0]  # greater than the first, at most the second
    assert linalg.eigh_tridiagonal([0.5, 1.0, 2.0], [0.0, 0.0], select="v", select_range=limits).numpy().tolist() == [1]


def test_tridiagonal_eigenvalues_of_float16_and_their_gradients():
    assert linalg.eigh_tridiagonal(sw.constant([2.0, 1.0], sw.float16), sw.zeros([1], sw.float16)).dtype == sw.float16
    alpha, beta = sw.constant([1.0, 2.0, 4.0], sw.float64), sw.constant([0.5, 0.25], sw.float64)
    with sw.GradientTape() as tape:
        tape.watch([alpha, beta])
        least = linalg.eigh_tridiagonal(alpha, beta)[0]
    slopes = tape.gradient(least, [alpha, beta])
    for position, slope in enumerate(slopes):
        for index in range(len(slope)):
            step = [np.zeros(3), np.zeros(2)]
            step[position][index] = 1e-6
            up, down = (
                np.linalg.eigvalsh(_whole(alpha.numpy() + s * step[0], beta.numpy() + s * step[1]))[0] for s in (1, -1)
            )
            np.testing.assert_allclose(slope[index], (up - down) / 2e-6, rtol=1e-6)


def _banded(bands, lower):
    size, count = bands.shape[-1], bands.shape[-2]
    whole = np.zeros((size, size), bands.dtype)
    for row, column in np.ndindex(size, size):
        away = row - column if lower else column - row
        if 0 <= away < count:
            whole[row, column] = bands[away, row] if lower else bands[count - 1 - away, row]
    return whole


@settings(max_examples=examples(60))
@given(st.data())
def test_banded_equations(data):
    kind, size, count = data.draw(KINDS), data.draw(st.integers(1, 5)), data.draw(st.integers(1, 6))
    lower, adjoint = data.draw(st.booleans()), data.draw(st.booleans())
    bands = _numbers(data.draw, kind, (2, count, size)) / 4
    bands[:, 0 if lower else -1] += 3
    rhs = _numbers(data.draw, kind, (size, 2))
    found = linalg.banded_triangular_solve(bands, rhs, lower, adjoint)
    for index in range(2):
        whole = _banded(bands[index], lower)
        _close(found[index], np.linalg.solve(whole.conj().T if adjoint else whole, rhs), kind)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("lower", [True, False])
def test_banded_equations_of_unknown_size(lower, engine):
    def run(bands, rhs):
        return linalg.banded_triangular_solve(bands, rhs, lower)

    signature = [sw.TensorSpec([2, None], sw.float64), sw.TensorSpec([None, 1], sw.float64)]
    call = run if engine is None else sw.function(run, engine=engine, input_signature=signature)
    bands, rhs = np.array([[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]), np.array([[1.0], [2.0], [3.0]])
    found = call(sw.constant(bands), sw.constant(rhs))
    np.testing.assert_allclose(found, np.linalg.solve(_banded(bands, lower), rhs))
    with pytest.raises(sw.errors.InvalidArgumentError, match="bands: expected a main diagonal without 0"):
        call(sw.constant(bands * 0), sw.constant(rhs))


@settings(max_examples=examples(40))
@given(st.data())
def test_complex_pseudoinverses_and_ranks(data):
    kind = data.draw(st.sampled_from(["complex64", "complex128"]))
    rows, columns, rank = (data.draw(st.integers(1, 4)) for _ in range(3))
    x = _numbers(data.draw, kind, (2, rows, rank)) @ _numbers(data.draw, kind, (2, rank, columns))
    kept = np.linalg.svd(x, compute_uv=False)
    small = 1e-3 if kind == "complex64" else 1e-9
    if np.any((kept / kept.max(-1, keepdims=True) < 0.05) & (kept / kept.max(-1, keepdims=True) > small / 10)):
        return  # too near to a matrix of a lower rank for an inverse that is exact
    _close(linalg.pinv(x, small), np.linalg.pinv(x, small), kind)
    assert linalg.matrix_rank(x, small).numpy().tolist() == np.linalg.matrix_rank(x, small).tolist()
    assert linalg.matrix_rank(x).dtype == sw.int32


REFUSED = {
    "pinv: a: expected matrices of floats or complex numbers, got .* int32": lambda: linalg.pinv([[1]]),
    "eigh_tridiagonal: alpha: expected floats or complex numbers, got int32": lambda: linalg.eigh_tridiagonal([1], []),
    "eigh_tridiagonal: alpha and beta: expected two vectors": lambda: linalg.eigh_tridiagonal([[1.0]], [1.0]),
    "eigh_tridiagonal: beta: expected 1 elements for 2 of alpha, got 2": lambda: linalg.eigh_tridiagonal(
        [1.0, 2.0], [1.0, 2.0]
    ),
    "eigh_tridiagonal: select: expected a, v or i": lambda: linalg.eigh_tridiagonal([1.0, 2.0], [1.0], select="x"),
    "eigh_tridiagonal: select_range: expected two numbers with select='i'": lambda: linalg.eigh_tridiagonal(
        [1.0, 2.0], [1.0], select="i"
    ),
    "eigh_tridiagonal: select_range: expected ascending numbers, got 2.0 and 1.0": lambda: linalg.eigh_tridiagonal(
        [1.0, 2.0], [1.0], select="v", select_range=(2.0, 1.0)
    ),
    "eigh_tridiagonal: select_range: expected ascending indices of 2 eigenvalues": lambda: linalg.eigh_tridiagonal(
        [1.0, 2.0], [1.0], select="i", select_range=(0, 2)
    ),
    "banded_triangular_solve: rhs: expected 2 rows": lambda: linalg.banded_triangular_solve([[1.0, 2.0]], [[1.0]]),
    "banded_triangular_solve: bands and rhs: expected rows of diagonals": lambda: linalg.banded_triangular_solve(
        [1.0, 2.0], [[1.0]]
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_errors(message):
    with pytest.raises(sw.errors.InvalidArgumentError, match=f"^{message}"):
        REFUSED[message]()


def test_a_band_of_one_diagonal_is_one_diagonal():
    x = sw.constant([[1.0, 2.0], [3.0, 4.0]])
    assert linalg.diag_part(x, k=(1, 1)).numpy().tolist() == [2]
    assert linalg.set_diag(x, [5.0, 6.0], k=[0, 0]).numpy().tolist() == [[5, 2], [3, 6]]
    assert linalg.diag([[1, 2]], k=(1, 1)).shape == (1, 3, 3)


def test_lengths_of_complex_numbers_are_complex():
    x, length = linalg.normalize(sw.constant([[3 + 4j, 0]]), axis=1)
    np.testing.assert_allclose(x, [[0.6 + 0.8j, 0]])
    assert length.dtype == sw.complex128 and length.numpy().tolist() == [[5 + 0j]]
