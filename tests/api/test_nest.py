"""`nest`: expected values and classes of errors are recorded from TensorFlow 2.21."""

import collections

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell as sw

Pair = collections.namedtuple("Pair", ["y", "x"])
VALUES = [
    ({"b": 1, "a": [2, (3, None)]}, [2, 3, None, 1]), (5, [5]), ("abc", ["abc"]), (None, [None]), ([], []),
    ([(1, "a"), {"x": {2: 3, 1: 4}}], [1, "a", 4, 3]), (collections.OrderedDict([("b", 1), ("a", 2)]), [2, 1]),
    (range(3), [0, 1, 2]), ([sw.TensorShape([1, 2])], [sw.TensorShape([1, 2])]), ({"a": 1}.values(), [1]),
]  # fmt: skip


@pytest.mark.parametrize(("structure", "values"), VALUES)
def test_flatten(structure, values):
    assert sw.nest.flatten(structure) == values


def test_is_nested():
    nested = [[1], (1,), {"a": 1}, range(3), Pair(1, 2), {}.keys()]
    values = ["a", b"a", {1, 2}, sw.zeros([2]), sw.TensorShape([1]), 1, None, sw.Variable(1.0)]
    assert all(map(sw.nest.is_nested, nested)) and not any(map(sw.nest.is_nested, values))


def test_structures_keep_their_types():
    assert sw.nest.map_structure(lambda x: x + 1, Pair(1, 2)) == Pair(2, 3)
    ordered = collections.OrderedDict([("b", 1), ("a", 2)])
    assert list(sw.nest.pack_sequence_as(ordered, [10, 20]).items()) == [("b", 20), ("a", 10)]
    default = collections.defaultdict(list, {"a": 1})
    packed = sw.nest.map_structure(lambda x: x + 1, default)
    assert packed == {"a": 2} and packed["new"] == []
    assert sw.nest.pack_sequence_as([1, (2,)], (5, 6)) == [5, (6,)]
    assert sw.nest.map_structure(lambda a, b: a + b, [1, 2], (1, 2), check_types=False) == [2, 4]


REFUSED = [
    (lambda: sw.nest.pack_sequence_as([1, 2], [1]), ValueError),
    (lambda: sw.nest.pack_sequence_as(1, [1, 2]), ValueError),
    (lambda: sw.nest.pack_sequence_as([1, 2], 5), TypeError),
    (lambda: sw.nest.flatten({"b": 1, 2: 3}), TypeError),
    (lambda: sw.nest.map_structure(max, [1, 2], (1, 2)), TypeError),
    (lambda: sw.nest.map_structure(max, [1, 2], [1, 2, 3]), ValueError),
    (lambda: sw.nest.map_structure(max, [1, [2]], [1, 2]), ValueError),
    (lambda: sw.nest.map_structure(max, {"a": 1}, {"b": 1}), ValueError),
    (lambda: sw.nest.map_structure(max), ValueError),
    (lambda: sw.nest.map_structure(1, [1]), TypeError),
    (lambda: sw.nest.assert_same_structure([1, 2], (3, 4)), TypeError),
    (lambda: sw.nest.assert_same_structure(1, [1]), ValueError),
    (lambda: sw.nest.assert_same_structure([1, (2, 3)], [1, (2,)]), ValueError),
]


@pytest.mark.parametrize(("compute", "error"), REFUSED)
def test_refused(compute, error):
    with pytest.raises(error):
        compute()
    sw.nest.assert_same_structure({"a": 1}, collections.OrderedDict(a=2))


STRUCTURES = st.recursive(
    st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner),
)


@given(STRUCTURES)
def test_taking_apart_and_putting_together_is_the_identity(structure):
    values = sw.nest.flatten(structure)
    packed = sw.nest.pack_sequence_as(structure, values)
    assert packed == structure
    sw.nest.assert_same_structure(structure, packed)
    counted = sw.nest.map_structure(lambda _: 1, structure)
    assert sw.nest.flatten(counted) == [1] * len(values)


def test_functions_on_structures_are_converted():
    @sw.function
    def f(tree):
        def positive(x):
            if x > 0.0:
                return x
            return -x

        return sw.nest.map_structure(positive, tree)

    assert [float(x) for x in sw.nest.flatten(f({"a": sw.constant(-2.0), "b": [sw.constant(3.0)]}))] == [2.0, 3.0]
