"""Ensembles of decision trees: all trees take a step at a time, until each is at a leaf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ......dialects.diagnostics import InvalidArgumentError
from .....frontend.values.dispatch import as_tensor, scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import ML, Call, rule
from ...values import m
from .encoders import classified, labels_of, transformed

_MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"]
_AGGREGATES = ["AVERAGE", "SUM", "MIN", "MAX"]
_TRANSFORMS = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"]
_MOST_NODES = 2**22


@dataclass(frozen=True)
class Trees:
    """Nodes of all trees, numbered together; leaves lead to themselves.

    Attributes:
        feature, split, mode: what a node compares, with what, and how.
        yes, no: the nodes after it.
        missing: whether NaN leads to `yes`.
        sets: for each node with `BRANCH_MEMBER` the numbers that lead to `yes`.
        roots: the first node of each tree.
        weights: what each leaf adds to each target, NaN for nothing.
    """

    feature: np.ndarray
    split: np.ndarray
    mode: np.ndarray
    yes: np.ndarray
    no: np.ndarray
    missing: np.ndarray
    sets: dict[int, np.ndarray]
    roots: np.ndarray
    weights: np.ndarray

    def depth(self) -> int:
        """The length of the longest way to a leaf."""
        at, steps = np.unique(self.roots), 0
        while True:
            inner = at[self.yes[at] != at]
            if not inner.size:
                return steps
            at, steps = np.unique(np.concatenate([self.yes[inner], self.no[inner]])), steps + 1
            if steps > len(self.yes):
                raise InvalidArgumentError("a tree leads back to one of its nodes")


def evaluated(trees: Trees, x: Tensor, aggregate: str, base: np.ndarray | None) -> Tensor:
    """The aggregate of the weights of the leaves that examples reach, for each target."""
    rows = m.size_along(x, 0)
    at: Any = m.broadcast_to(as_tensor(trees.roots[None]), [rows, len(trees.roots)])
    columns = [as_tensor(each) for each in (trees.feature, trees.split, trees.yes, trees.no, trees.missing)]
    for _ in range(trees.depth()):
        feature, split, yes, no, missing = (m.gather(each, at) for each in columns)
        value = m.gather(x, feature, axis=1, batch_dims=1)
        chosen = m.logical_or(_holds(trees, at, value, split), m.logical_and(m.is_nan(value), missing))
        at = m.where(chosen, yes, no)
    return _aggregated(trees, at, aggregate, base)


def _holds(trees: Trees, at: Tensor, value: Tensor, split: Tensor) -> Tensor:
    value = m.cast(value, split.dtype)
    compare = [m.less_equal, m.less, m.greater_equal, m.greater, m.equal, m.not_equal]
    kinds, modes = np.unique(trees.mode[trees.yes != np.arange(len(trees.yes))]), as_tensor(trees.mode)
    found = None
    for kind in kinds:
        holds = _is_member(trees, at, value) if kind == 6 else compare[kind](value, split)
        if found is None:
            found = holds
        else:
            found = m.where(m.equal(m.gather(modes, at), scalar_like(kind, modes)), holds, found)
    assert found is not None
    return found


def _is_member(trees: Trees, at: Tensor, value: Tensor) -> Tensor:
    width = max((len(each) for each in trees.sets.values()), default=0)
    table = np.full((len(trees.yes), max(width, 1)), np.nan, trees.split.dtype)
    for node, members in trees.sets.items():
        table[node, : len(members)] = members
    return m.reduce_any(m.equal(m.gather(as_tensor(table), at), m.expand_dims(value, -1)), -1)


def _aggregated(trees: Trees, at: Tensor, aggregate: str, base: np.ndarray | None) -> Tensor:
    there = ~np.isnan(trees.weights)
    if aggregate in ("SUM", "AVERAGE"):
        found = m.reduce_sum(m.gather(as_tensor(np.where(there, trees.weights, 0)), at), 1)
        if aggregate == "AVERAGE":
            found = found / scalar_like(len(trees.roots), found)
    else:
        low = aggregate == "MIN"
        none = trees.weights.dtype.type(np.inf if low else -np.inf)
        parts = m.gather(as_tensor(np.where(there, trees.weights, none)), at)
        found = m.reduce_min(parts, 1) if low else m.reduce_max(parts, 1)
        found = m.where(m.is_inf(found), scalar_like(0, found), found)
    return found if base is None else found + as_tensor(base.astype(trees.weights.dtype))


def _number(call: Call, name: str, default: Any = None) -> np.ndarray:
    """An attribute that is a list of numbers, or a tensor."""
    found = call.array(f"{name}_as_tensor")
    if found is None:
        found = np.array(call.floats(name, default if default is not None else []), np.float32)
    return found.reshape(-1)


@rule("TreeEnsembleRegressor", domain=ML)
def _regressor(call: Call, x: Tensor) -> Tensor:
    count = call.int("n_targets", 1)
    trees = _old_trees(call, x, "target", count)
    base = _number(call, "base_values")
    found = evaluated(trees, x, call.text("aggregate_function", "SUM"), base if base.size else None)
    return transformed(found, call.text("post_transform", "NONE"))


@rule("TreeEnsembleClassifier", domain=ML)
def _classifier(call: Call, x: Tensor) -> tuple[Tensor, Tensor]:
    labels = labels_of(call, "classlabels_int64s")
    ids = np.unique(call.ints("class_ids", []))
    single = len(labels) == 2 and len(ids) == 1
    trees = _old_trees(call, x, "class", 1 if single else len(labels))
    base = _number(call, "base_values")
    scores = evaluated(trees, x, "SUM", base if base.size else None)
    positive = bool(np.nanmin(trees.weights, initial=0) >= 0)
    return classified(scores, labels, call.text("post_transform", "NONE"), positive)


def _old_trees(call: Call, x: Tensor, what: str, targets: int) -> Trees:
    """The trees of versions before 5, whose nodes have numbers in each tree."""
    pairs = list(zip(call.ints("nodes_treeids", []), call.ints("nodes_nodeids", [])))
    count = len(pairs)
    numbers = {pair: number for number, pair in enumerate(pairs)}
    words = call.texts("nodes_modes", [])
    lists = [call.ints(f"nodes_{name}", []) for name in ("truenodeids", "falsenodeids", "featureids")]
    if any(len(each) != count for each in (*lists, words)) or not 0 < count <= _MOST_NODES:
        raise InvalidArgumentError(f"expected attributes for each of {count} nodes")
    own = np.arange(count)
    leaf = np.array([word == "LEAF" for word in words])
    yes, no = (
        np.array([own[n] if leaf[n] else numbers[tree, after] for n, ((tree, _), after) in enumerate(zip(pairs, each))])
        for each in lists[:2]
    )
    weights = _number(call, f"{what}_weights")
    table = np.full((count, targets), np.nan, weights.dtype)
    ids = call.ints(f"{what}_ids", [])
    rows = zip(call.ints(f"{what}_treeids"), call.ints(f"{what}_nodeids"), ids, weights, strict=True)
    for tree, node, target, weight in rows:
        place = numbers[tree, node], 0 if targets == 1 else target
        table[place] = np.nansum([table[place], weight])
    first: dict[int, int] = {}
    for number, (tree, _) in enumerate(pairs):
        first.setdefault(tree, number)
    missing = np.array(call.ints("nodes_missing_value_tracks_true", [0] * count), bool)
    modes = np.array([0 if word == "LEAF" else _MODES.index(word) for word in words], np.int64)
    split = _number(call, "nodes_values")
    return _checked(
        Trees(np.array(lists[2]), split, modes, yes, no, missing, {}, np.array(list(first.values())), table), x
    )


@rule("TreeEnsemble", domain=ML)
def _tree_ensemble(call: Call, x: Tensor) -> Tensor:
    split = call.array("nodes_splits")
    weights, modes = call.array("leaf_weights"), call.array("nodes_modes")
    assert split is not None and weights is not None and modes is not None
    count, leaves = len(split), len(weights)
    yes, no = (_after(call, name, count) for name in ("true", "false"))
    targets = call.int("n_targets", 1)
    table = np.full((count + leaves, targets), np.nan, weights.dtype)
    table[count + np.arange(leaves), call.ints("leaf_targetids")] = weights
    own = count + np.arange(leaves)
    more = np.zeros(leaves, np.int64)
    trees = Trees(
        np.concatenate([call.ints("nodes_featureids"), more]),
        np.concatenate([split, more.astype(split.dtype)]),
        np.concatenate([modes.astype(np.int64), more]),
        np.concatenate([yes, own]),
        np.concatenate([no, own]),
        np.concatenate([np.array(call.ints("nodes_missing_value_tracks_true", [0] * count), bool), more > 0]),
        _sets(call, modes),
        np.array(call.ints("tree_roots"), np.int64),
        table,
    )
    found = evaluated(_checked(trees, x), x, _AGGREGATES[call.int("aggregate_function", 1)], None)
    return transformed(found, _TRANSFORMS[call.int("post_transform", 0)])


def _after(call: Call, name: str, count: int) -> np.ndarray:
    """The nodes after each node; leaves come behind all nodes."""
    places = np.array(call.ints(f"nodes_{name}nodeids"), np.int64)
    return places + count * np.array(call.ints(f"nodes_{name}leafs"), np.int64)


def _sets(call: Call, modes: np.ndarray) -> dict[int, np.ndarray]:
    """The members of the sets, which are one after the other, with NaN between."""
    members = call.array("membership_values")
    if members is None:
        return {}
    ends = np.flatnonzero(np.isnan(members))
    parts = [part[~np.isnan(part)] for part in np.split(members, ends)]
    return dict(zip(np.flatnonzero(modes == 6).tolist(), parts))


def _checked(trees: Trees, x: Tensor) -> Trees:
    count, width = len(trees.yes), x.shape[-1]
    whole = all(
        each.size == 0 or (each.min() >= 0 and each.max() < count) for each in (trees.yes, trees.no, trees.roots)
    )
    fits = width is None or not trees.feature.size or 0 <= trees.feature.min() <= trees.feature.max() < width
    lengths = {len(each) for each in (trees.feature, trees.split, trees.mode, trees.yes, trees.no, trees.missing)}
    if not whole or not fits or len(lengths) > 1 or x.ndim != 2:
        raise InvalidArgumentError(f"its trees have nodes or features that are not there, for shape {x.shape}")
    return trees
