"""Generated calls of functions of tensors of which some elements are stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .recipes import Draw, array, choice, flag, shape, whole

Recipe = Callable[[Draw], tuple[list[Any], dict[str, Any]]]


def sparse(draw: Draw, rank: int, ordered: bool = True, kind: str | None = None) -> dict[str, Any]:
    """A SparseTensor; rarely one with an index that is out of range, or in another order."""
    sizes = [whole(draw, 1, 4) for _ in range(rank)]
    places = np.argwhere(array(draw, "bool", sizes))
    if not ordered or flag(draw, 12):
        places = places[np.random.default_rng(whole(draw, 0, 99)).permutation(len(places))]
    if flag(draw, 20):
        places = places + 1
    values = array(draw, kind or choice(draw, "float32", "float64", "int32"), (len(places),), special=False)
    return {"sparse": [places.astype(np.int64), values, np.array(sizes, np.int64)]}


def _whole(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    options = {"default_value": whole(draw, 0, 3)} if flag(draw, 2) else {}
    return [sparse(draw, whole(draw, 1, 3))], {**options, "validate_indices": flag(draw, 2)}


def _dense(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, choice(draw, "float32", "int32", "bool"), shape(draw, least=1))], {}


def _mixed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [sparse(draw, whole(draw, 1, 3), ordered=False)], {}


def _total(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = sparse(draw, rank := whole(draw, 1, 3))
    return [x], {"axis": choice(draw, None, 0, [-1], rank - 1), "keepdims": flag(draw, 2)}


def _eye(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [whole(draw, 1, 4), choice(draw, None, whole(draw, 1, 4))], {}


def _turned(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [sparse(draw, 3)], {"perm": choice(draw, None, [0, 2, 1], [1, 2, 0])}


def _kept(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = sparse(draw, 2)
    return [x, array(draw, "bool", x["sparse"][1].shape)], {}


def _product(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = sparse(draw, 2, kind=choice(draw, "float32", "float64"))
    rows, columns = (int(size) for size in x["sparse"][2])
    first, second = flag(draw, 2), flag(draw, 2)
    inner, outer = (rows if first else columns) + flag(draw, 12), whole(draw, 1, 3)
    b = array(draw, x["sparse"][1].dtype.name, (outer, inner) if second else (inner, outer), special=False)
    return [x, b], {"adjoint_a": first, "adjoint_b": second}


def _decoded(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    steps, batch, classes = whole(draw, 1, 6), whole(draw, 1, 3), whole(draw, 1, 4)
    x = array(draw, choice(draw, "float32", "float64"), (steps, batch, classes), special=False)
    lengths = np.array([whole(draw, 0, steps + flag(draw, 20)) for _ in range(batch)], np.int32)
    blank = choice(draw, None, 0, -1, classes - 1, classes) if flag(draw, 2) else None
    return [x, lengths], {"merge_repeated": flag(draw, 2), "blank_index": blank}


RECIPES: dict[Recipe, str] = {
    _whole: "sparse.to_dense",
    _dense: "sparse.from_dense",
    _mixed: "sparse.reorder",
    _total: "sparse.reduce_sum",
    _eye: "sparse.eye",
    _turned: "sparse.transpose",
    _kept: "sparse.retain",
    _product: "sparse.sparse_dense_matmul",
    _decoded: "nn.ctc_greedy_decoder",
}
"""The functions of each recipe."""
