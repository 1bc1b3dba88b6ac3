"""Einstein's sums and diagonals of matrices: as NumPy has them, on all engines, for unknown sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import by_turns, examples
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError
from stepwell.runtime.engines import ENGINES
from stepwell.testing.gradient_checks import check_gradients

F = np.float32
SIZES = {"i": 2, "j": 3, "k": 4, "l": 1, "a": 2, "b": 3, "m": 2, "n": 2}


def _operands(equation, seed=0):
    """Small whole numbers of the sizes of an equation; `...` is two axes, the first of which broadcasts."""
    random = np.random.default_rng(seed)
    found = []
    for number, part in enumerate(equation.split("->")[0].replace(" ", "").split(",")):
        before, ellipsis, behind = part.partition("...")
        middle = ([1, 2] if number else [3, 2]) if ellipsis else []
        shape = [*[SIZES[c] for c in before], *middle, *[SIZES[c] for c in behind]]
        found.append(random.integers(-3, 4, shape).astype(F))
    return found


EQUATIONS = [
    "ij,jk->ik", "ij,jk", "ji,jk->ik", "ij,kj->ki", "ba", "ii->", "ii->i", "iij->ji", "ij->ji", "ij->", "ij->j",
    "i,j->ij", "i,i->", "i,i->i", "ij,ij->ij", "ij,ij->i", "ij,ij->", "ijk,ikl->ijl", "ijk,kjl->il", "ijk,jk->i",
    "...ij,...jk->...ik", "...j,jk", "i...->...", "...i,...i->...", "...,...->...", "ij,jk,kl->il", "ij,jk,ik->",
    "ij,jk,kl,li->", " ij , jk -> ik ", "ijk,ijl->ikl", "ijkl,jmln->ikmn", ",ij->ij", "iijj->ij", "i,j,k->kji",
]  # fmt: skip


@pytest.mark.parametrize("equation", EQUATIONS)
def test_einsum(equation):
    arrays = _operands(equation)
    expected = np.einsum(equation.replace(" ", ""), *arrays)
    np.testing.assert_allclose(sw.einsum(equation, *arrays), expected, rtol=1e-6)
    integers = [array.astype(np.int32) for array in arrays]
    np.testing.assert_array_equal(sw.einsum(equation, *integers), expected)


CHOSEN = ("iij->ji", "ijk,kjl->il", "...ij,...jk->...ik", "ij,jk,ik->")


@pytest.mark.parametrize(("equation", "engine"), by_turns(CHOSEN, ENGINES))
def test_einsum_on_all_engines(equation, engine):
    def product(*tensors):
        with sw.GradientTape() as tape:
            tape.watch(tensors)
            result = sw.einsum(equation, *tensors)
            total = sw.reduce_sum(result * result)
        return result, tape.gradient(total, tensors)

    arrays = _operands(equation)
    EveryEngine(product, *[array.ndim for array in arrays], engines=[engine]).check(*arrays)
    check_gradients(lambda *tensors: sw.einsum(equation, *tensors), *arrays)


def test_products_of_einsum_are_matrix_products():
    text = str(sw.ir(lambda x, y: sw.einsum("bij,bkj->bik", x, y), sw.ones([2, 3, 4]), sw.ones([2, 5, 4]), level="hl"))
    assert "hl.matmul" in text and "hl.transpose" not in text


@pytest.mark.parametrize(
    ("equation", "shapes", "message"),
    [
        ("ij->ik", [(2, 3)], "no tensor of 'ij->ik' has 'k'"),
        ("ijk->ik", [(2, 3)], "expected 3 axes for 'ijk'"),
        ("ij,jk->ik", [(2, 3)], "expected 2 tensors"),
        ("ij,ik->jk", [(2, 3), (3, 4)], "'i' has the sizes 2 and 3"),
        ("ij,ij->ij", [(2, 3), (1, 3)], "'i' has the sizes 2 and 1"),
        ("i->ii", [(3,)], "each letter once in the result"),
        ("...i->i", [(2, 3)], "expected ... in the result"),
        ("i1->i", [(2, 3)], "expected letters"),
    ],
)
def test_equations_that_do_not_fit_are_errors(equation, shapes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        sw.einsum(equation, *[sw.zeros(shape) for shape in shapes])


def test_sizes_of_letters_are_checked_when_the_function_runs():
    engines = EveryEngine(lambda x, y: sw.einsum("ij,ij->ij", x, y), 2, 2)
    engines.check(np.ones((2, 3), F), np.ones((2, 3), F))
    engines.refuses(np.ones((2, 3), F), np.ones((1, 3), F))


def _band(x, low, high, align):
    """The diagonals of one matrix as rows, by a loop over their elements."""
    rows, columns = x.shape
    found = [np.diag(x, number) for number in range(high, low - 1, -1)]
    longest = min(rows + min(high, 0), columns - max(low, 0))
    result = np.full((len(found), longest), 9, x.dtype)
    for row, number in enumerate(range(high, low - 1, -1)):
        left = align.split("_")[number < 0] == "LEFT"
        own = found[row]
        result[row, slice(0, len(own)) if left else slice(longest - len(own), longest)] = own
    return result


BANDS = [(0, 0), (1, 1), (-1, -1), (-1, 1), (0, 1), (-2, -1)]
ALIGN = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


@settings(max_examples=examples(40), deadline=None)
@given(shape=st.tuples(st.integers(3, 5), st.integers(3, 5)), band=st.sampled_from(BANDS), align=st.sampled_from(ALIGN))
def test_diagonals(shape, band, align):
    x = np.arange(1, 1 + 2 * np.prod(shape), dtype=F).reshape(2, *shape)
    found = sw.linalg.diag_part(x, k=band, padding_value=9, align=align)
    expected = np.stack([_band(one, *band, align) for one in x])
    single = band[0] == band[1]
    expected = expected[:, 0] if single else expected
    k = band[0] if single else band
    if single:
        found = sw.linalg.diag_part(x, k=k)
    np.testing.assert_array_equal(found, expected)
    other = sw.linalg.set_diag(-x, found, k=k, align=align)
    inside = np.zeros(shape, bool)
    for number in range(band[0], band[1] + 1):
        inside |= np.eye(*shape, number, dtype=bool)
    np.testing.assert_array_equal(other, np.where(inside, x, -x))
    alone = (
        sw.linalg.diag(found, k=k, num_rows=shape[0], num_cols=shape[1], padding_value=5, align=align)
        if (_fits(shape, band))
        else None
    )
    if alone is not None:
        np.testing.assert_array_equal(alone, np.where(inside, x, 5))


def _fits(shape, band):
    longest = min(shape[0] + min(band[1], 0), shape[1] - max(band[0], 0))
    return shape[0] == longest - min(band[1], 0) or shape[1] == longest + max(band[0], 0)


def _all(x, diagonal, n):
    return [
        sw.linalg.diag_part(x),
        sw.linalg.diag_part(x, k=(-1, 1)),
        sw.linalg.set_diag(x, diagonal),
        sw.linalg.diag(diagonal, k=-1),
        sw.linalg.band_part(x, n, 0),
        sw.linalg.band_part(x, -1, 1),
        sw.linalg.trace(x),
        sw.linalg.tensor_diag(diagonal),
        sw.linalg.tensor_diag_part(sw.linalg.tensor_diag(diagonal)),
        sw.linalg.adjoint(x),
        sw.linalg.cross(x[..., :3], x[..., :3][..., ::-1]),
    ]


def test_diagonals_on_all_engines():
    engines = EveryEngine(_all, 3, 2, ((), np.int32))
    x, diagonal = np.arange(24, dtype=F).reshape(2, 3, 4), np.arange(6, dtype=F).reshape(2, 3)
    found = engines.check(x, diagonal, np.array(1, np.int32))
    np.testing.assert_array_equal(found[4], np.stack([np.tril(one) - np.tril(one, -2) for one in x]))
    np.testing.assert_array_equal(found[6], np.trace(x, axis1=1, axis2=2))
    np.testing.assert_array_equal(found[10], np.cross(x[..., :3], x[..., 2::-1]))
    engines.refuses(x, diagonal[:, :2], np.array(1, np.int32))
    engines.refuses(x, diagonal, np.array(4, np.int32))
    assert sw.linalg.diag_part(sw.zeros([0, 4])).shape == sw.linalg.diag(sw.zeros([0])).shape[:1] == (0,)
    assert sw.linalg.set_diag(sw.zeros([3, 0]), sw.zeros([0])).shape == (3, 0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: sw.linalg.diag_part(x, k=(-1, 1)),
        lambda x: sw.linalg.set_diag(x, x[:, 0] * x[:, 1]),
        lambda x: sw.linalg.diag(x, k=1),
        lambda x: sw.linalg.band_part(x, 1, 0),
        sw.linalg.trace,
        lambda x: sw.linalg.cross(x, x[::-1] * x),
    ],
)
def test_slopes_of_diagonals(function):
    check_gradients(function, np.arange(1.0, 10.0).reshape(3, 3))


@pytest.mark.parametrize(
    "call",
    [
        lambda: sw.linalg.diag_part(sw.zeros([2, 3]), k=5),
        lambda: sw.linalg.diag_part([1, 2]),
        lambda: sw.linalg.diag_part(sw.zeros([2, 3]), k=(1, 0)),
        lambda: sw.linalg.diag_part(sw.zeros([2, 3]), align="LEFT"),
        lambda: sw.linalg.set_diag(sw.zeros([2, 3]), [1.0, 2.0, 3.0]),
        lambda: sw.linalg.diag(1),
        lambda: sw.linalg.diag([1, 2], num_rows=3, num_cols=4),
        lambda: sw.linalg.band_part(sw.zeros([3, 3]), 5, 0),
        lambda: sw.linalg.cross([1.0, 2.0], [1.0, 2.0]),
        lambda: sw.linalg.tensor_diag_part(sw.zeros([2, 3])),
    ],
)
def test_diagonals_that_are_not_there_are_errors(call):
    with pytest.raises(InvalidArgumentError, match="expected"):
        call()
