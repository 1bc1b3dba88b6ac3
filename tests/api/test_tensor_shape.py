"""`TensorShape` and where it stands; the expected values are recorded from TensorFlow 2.21."""

# ruff: noqa: RUF005

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell as sw

S = sw.TensorShape
ANY = S(None)

VALUES = [
    (lambda: S([1, 2]).as_list(), [1, 2]),
    (lambda: S(4), S([4])),
    (lambda: S(np.array([1, 2])), S([1, 2])),
    (lambda: S(sw.constant([1, 2])), S([1, 2])),
    (lambda: (S([1, 2]).rank, S([1, 2]).ndims, ANY.rank, ANY.ndims), (2, 2, None, None)),
    (
        lambda: (S([2, 3]).num_elements(), S([2, None]).num_elements(), ANY.num_elements(), S([]).num_elements()),
        (6, None, None, 1),
    ),
    (lambda: [size.value for size in S([2, None]).dims], [2, None]),
    (lambda: ANY.dims, None),
    (lambda: S([2, 3]).concatenate([4]), S([2, 3, 4])),
    (lambda: repr(S([2, 3]).concatenate(None)), "TensorShape(None)"),
    (
        lambda: [S([2, None]).is_compatible_with(other) for other in ([2, 3], [3, 3], None, [2])],
        [True, False, True, False],
    ),
    (lambda: [shape.is_fully_defined() for shape in (S([2]), S([2, None]), ANY)], [True, False, False]),
    (lambda: S([2, None]).merge_with([None, 3]), S([2, 3])),
    (lambda: S([2, None]).merge_with(None), S([2, None])),
    (lambda: ANY.merge_with([2]), S([2])),
    (lambda: ANY.with_rank(2), S([None, None])),
    (lambda: S([1]).with_rank_at_least(1), S([1])),
    (lambda: S([1, 2]).most_specific_compatible_shape([1, 3]), S([1, None])),
    (lambda: repr(S([1, 2]).most_specific_compatible_shape([1])), "TensorShape(None)"),
    (lambda: [S([1, 2]).is_subtype_of(other) for other in (S([None, 2]), ANY, S([1, 3]))], [True, True, False]),
    (lambda: (S([1, None])[0], S([1, None])[1], S([1, 2, 3])[-1], ANY[0]), (1, None, 3, None)),
    (
        lambda: repr([S([1, 2, 3])[1:], ANY[1:], ANY[:2]]),
        "[TensorShape([2, 3]), TensorShape(None), TensorShape([None, None])]",
    ),
    (
        lambda: repr([S([1]) + [3], S([1]) + (3,), [3] + S([1]), (3,) + S([1])]),
        "[TensorShape([1, 3]), TensorShape([1, 3]), TensorShape([3, 1]), TensorShape([3, 1])]",
    ),
    (lambda: repr(S([1]) + None), "TensorShape(None)"),
    (lambda: [S([1]) == other for other in ([1], (1,), S([1]), 1, "a", None, [2])], [True] * 4 + [False] * 3),
    (lambda: (S(None) == ANY, S([]) == ANY, S([]) == ANY, ANY != None), (True, False, False, False)),  # noqa: E711
    (lambda: (bool(S([1])), bool(S([])), bool(ANY)), (True, True, False)),
    (
        lambda: (str(S([1, None])), str(ANY), f"{S([3])}", repr(S([]))),
        ("(1, None)", "<unknown>", "(3,)", "TensorShape([])"),
    ),
    (lambda: copy.deepcopy(S([2, None])), S([2, None])),
    (lambda: pickle.loads(pickle.dumps(S([2, None]))), S([2, None])),
    (lambda: pickle.loads(pickle.dumps(ANY)) is ANY, True),
    (lambda: {S([1]): 2}[S([1])], 2),
    (lambda: sw.convert_to_tensor(S([])).dtype == sw.int32, True),
    (lambda: sw.constant(S([1, 2])).numpy().tolist(), [1, 2]),
    (lambda: np.zeros(S([2, 3])).shape, (2, 3)),
    (lambda: sw.broadcast_static_shape(S([2, 1]), S([3])), S([2, 3])),
    (lambda: sw.broadcast_static_shape(S([None, 1]), S([3])), S([None, 3])),
    (lambda: sw.broadcast_dynamic_shape([2, 1], [3]).numpy().tolist(), [2, 3]),
]

REFUSED = [
    (lambda: S([-1]), ValueError), (lambda: S("a"), TypeError), (lambda: S([1.5]), TypeError),
    (lambda: ANY.as_list(), ValueError), (lambda: len(ANY), ValueError), (lambda: list(ANY), ValueError),
    (lambda: S([None]).assert_is_fully_defined(), ValueError), (lambda: S([2]).assert_has_rank(2), ValueError),
    (lambda: S([2]).assert_is_compatible_with([3]), ValueError), (lambda: S([2]).assert_same_rank([3, 4]), ValueError),
    (lambda: S([2, None]).merge_with([3, 3]), ValueError), (lambda: S([1]).with_rank(2), ValueError),
    (lambda: S([1]).with_rank_at_least(2), ValueError), (lambda: S([1, 2]).with_rank_at_most(1), ValueError),
    (lambda: S([1, 2, 3])[5], IndexError), (lambda: S([1]) < S([2]), TypeError),
    (lambda: sw.convert_to_tensor(S([1, None])), ValueError), (lambda: sw.zeros([2, 3]).set_shape([3, 3]), ValueError),
    (lambda: sw.broadcast_static_shape(S([2]), S([3])), ValueError),
    (lambda: sw.broadcast_dynamic_shape([2], [3]), ValueError),
    (lambda: sw.ensure_shape(sw.zeros([2, 3]), [None, 4]), sw.errors.InvalidArgumentError),
    (lambda: sw.ensure_shape(sw.zeros([2, 3]), [3]), sw.errors.InvalidArgumentError),
]  # fmt: skip


@pytest.mark.parametrize(("compute", "expected"), VALUES)
def test_values(compute, expected):
    found = compute()
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(("compute", "error"), REFUSED)
def test_refused(compute, error):
    with pytest.raises(error):
        compute()


@given(st.lists(st.none() | st.integers(0, 5), max_size=4), st.lists(st.none() | st.integers(0, 5), max_size=4))
def test_a_shape_behaves_as_the_tuple_of_its_sizes(a, b):
    left, right = S(a), S(b)
    assert (tuple(left), len(left), left.as_list()) == (tuple(a), len(a), a)
    assert (left + right, left + b, tuple(a) + right) == (tuple(a + b),) * 3
    assert (left == right) == (a == b) == (hash(left) == hash(right) and left == b)
    assert left.is_compatible_with(right) == right.is_compatible_with(left)
    if left.is_compatible_with(right):
        assert left.merge_with(right).is_subtype_of(left) and left.merge_with(right) == right.merge_with(left)
    assert left.is_subtype_of(left.most_specific_compatible_shape(right))


def test_tensors_variables_and_specs_have_them():
    x, v = sw.zeros([2, 3]), sw.Variable([1.0])
    assert [type(each) for each in (x.shape, x.get_shape(), v.shape, v.get_shape())] == [S] * 4
    assert x.shape == (2, 3) and x.shape == [2, 3] and sw.TensorSpec([None, 3]).shape == S([None, 3])
    assert sw.TensorSpec(None).shape is ANY and "<unknown>" in repr(sw.TensorSpec(None))
    for shaped in (sw.zeros(x.shape), sw.ones(x.shape[:1] + [3]), sw.reshape(sw.range(6), x.shape)):
        assert shaped.shape == [2, 3]


ENGINES = [None, "native", "interpreter", "onnx"]


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_stated_shapes_are_known_and_checked(engine):
    known = []

    @sw.function(engine=engine, input_signature=[sw.TensorSpec([None, None])])
    def f(x):
        y = sw.ensure_shape(x, [2, None])
        x.set_shape([None, 3])
        known.extend([y.shape, x.shape])
        return x + y

    assert f(sw.ones([2, 3])).numpy().tolist() == [[2.0] * 3] * 2
    assert known == [(2, None), (None, 3)]
    for wrong in ([3, 3], [2, 4], [6, 1], [1, 6]):
        with pytest.raises(sw.errors.InvalidArgumentError):
            f(sw.ones(wrong))


def test_shapes_stated_in_a_branch_hold_there_only():
    @sw.function(input_signature=[sw.TensorSpec([None]), sw.TensorSpec([], sw.bool)])
    def f(x, wide):
        if wide:
            x.set_shape([3])
        return x * 2.0

    assert f([1.0, 2.0], False).numpy().tolist() == [2.0, 4.0]
    assert f([1.0, 2.0, 3.0], True).numpy().tolist() == [2.0, 4.0, 6.0]
    with pytest.raises(sw.errors.InvalidArgumentError):
        f([1.0, 2.0], True)


def test_gradients_pass_through_stated_shapes():
    @sw.function(input_signature=[sw.TensorSpec([None])])
    def f(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            x.set_shape([2])
            y = sw.reduce_sum(sw.ensure_shape(x, [2]) ** 2.0)
        return tape.gradient(y, x)

    assert f([1.0, 3.0]).numpy().tolist() == [2.0, 6.0]


def test_shapes_are_arguments_by_value():
    traces = []

    @sw.function
    def f(x, shape):
        traces.append(shape)
        return sw.reshape(x, shape)

    assert [f(sw.range(4), S([2, 2])).shape, f(sw.range(4), S([2, 2])).shape, f(sw.range(4), S([4])).shape] == [
        [2, 2],
        [2, 2],
        [4],
    ]
    assert traces == [S([2, 2]), S([4])]
