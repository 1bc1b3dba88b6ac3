"""Options of datasets, and what `data.experimental` has; expected values are TensorFlow 2.21's."""

import threading
import time

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.frontend.ops.random import seeds

Dataset, extra = sw.data.Dataset, sw.data.experimental


def options(**given):
    made = sw.data.Options()
    for name, value in given.items():
        setattr(made, name, value)
    return made


def threads(count):
    made = sw.data.Options()
    made.threading.private_threadpool_size = count
    return made


def test_options_that_were_set_last_prevail():
    dataset = Dataset.range(3).with_options(options(deterministic=False)).map(lambda x: x).with_options(threads(3))
    assert dataset.options().deterministic is False and dataset.options().threading.private_threadpool_size == 3
    both = Dataset.range(3).with_options(options(deterministic=False)).with_options(options(deterministic=True))
    assert both.options().deterministic is True
    assert options(deterministic=True).merge(options(experimental_deterministic=False)).deterministic is False
    assert sw.data.Options() == sw.data.Options() != options(deterministic=True)


def test_what_is_no_option_is_refused():
    with pytest.raises(AttributeError, match="Cannot set the property foo on Options"):
        options(foo=1)
    with pytest.raises(TypeError, match="Options: deterministic: expected bool, got 3"):
        options(deterministic=3)
    with pytest.raises(TypeError, match=r"Dataset\.with_options: options: expected a sw\.data\.Options, got 3"):
        Dataset.range(3).with_options(3)  # pyright: ignore[reportArgumentType]


class Gate:
    """A Python function of elements that notes how many calls run at a time; element 0 is late, if it is said."""

    def __init__(self, late=False):
        self.late, self.now, self.most, self.lock = late, 0, 0, threading.Lock()
        self.passed = threading.Event()

    def __call__(self, x):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        if self.late and x == 0:
            assert self.passed.wait(30)
        elif x == 3:
            self.passed.set()
        time.sleep(0.002)
        with self.lock:
            self.now -= 1
        return x

    def map(self, x):
        return sw.numpy_function(self, [x], sw.TensorSpec([], sw.int64))


@pytest.mark.parametrize(("asked", "limit", "most"), [(4, 1, 1), (sw.data.AUTOTUNE, 3, 3), (4, 2, 2)])
@pytest.mark.parametrize("change", [lambda d: d, lambda d: d.repeat(2), lambda d: d.prefetch(1)])
def test_threads_are_as_many_as_the_options_say(asked, limit, most, change):
    gate = Gate()
    dataset = change(Dataset.range(12).map(gate.map, num_parallel_calls=asked)).with_options(threads(limit))
    assert list(map(int, dataset))[:12] == list(range(12))
    assert 1 <= gate.most <= most


@pytest.mark.parametrize("by_options", [False, True])
def test_elements_come_as_they_are_done(by_options):
    gate = Gate(late=True)
    if by_options:
        dataset = Dataset.range(6).map(gate.map, 2).with_options(options(deterministic=False))
    else:
        dataset = Dataset.range(6).map(gate.map, 2, deterministic=False)
    found = list(map(int, dataset))
    assert sorted(found) == list(range(6)) and found[0] != 0
    with pytest.raises(sw.errors.UnsupportedError, match="expected deterministic=True"):
        iter(dataset)._state()  # pyright: ignore[reportAttributeAccessIssue]


def test_a_number_of_elements_is_checked():
    odd = Dataset.range(6).filter(lambda x: x % 2 == 1)
    assert list(map(int, odd.apply(extra.assert_cardinality(3)))) == [1, 3, 5]
    with pytest.raises(sw.errors.FailedPreconditionError, match="to contain 5 elements but contained only 3 elements"):
        list(odd.apply(extra.assert_cardinality(5)))
    with pytest.raises(sw.errors.FailedPreconditionError, match="contain 2 elements but contained at least 3 elements"):
        list(odd.apply(extra.assert_cardinality(2)))


def test_one_element_for_each_key():
    reducer = extra.Reducer(lambda key: key * 0, lambda total, x: total + x, lambda total: total)
    dataset = Dataset.range(10).apply(extra.group_by_reducer(lambda x: x % 3, reducer))
    assert list(map(int, dataset)) == [18, 12, 15]
    one, other = iter(dataset), iter(dataset)
    next(one)
    other._restore(one._state())
    assert list(map(int, other)) == [12, 15]


def test_elements_up_to_a_number():
    padded = Dataset.from_tensor_slices({"a": [1, 2, 3]}).apply(extra.pad_to_cardinality(5))
    found = [(int(x["a"]), bool(x["valid"])) for x in padded]
    assert found == [(1, True), (2, True), (3, True), (0, False), (0, False)]
    with pytest.raises(ValueError, match="expected a dataset of at most 2 elements, got 3"):
        Dataset.from_tensor_slices({"a": [1, 2, 3]}).apply(extra.pad_to_cardinality(2))


@pytest.mark.parametrize("initial", [None, [0.8, 0.2]])
def test_classes_are_as_frequent_as_they_are_to_be(initial):
    numbers = Dataset.range(2000).map(lambda x: x % 5)
    pairs = list(numbers.rejection_resample(lambda x: x == 0, [0.5, 0.5], initial, seed=3).as_numpy_iterator())
    assert all(label == (x == 0) for label, x in pairs)
    ones = sum(int(label) for label, _ in pairs)
    assert ones > 350 and abs(ones / len(pairs) - 0.5) < 0.06  # all 400 of the rare class, but for the first ones


def test_values_that_may_not_be_there():
    iterator = iter(Dataset.range(1))
    assert int(extra.get_next_as_optional(iterator).get_value()) == 0
    none = extra.get_next_as_optional(iterator)
    assert not none.has_value() and none.element_spec == sw.TensorSpec([], sw.int64)
    with pytest.raises(sw.errors.InvalidArgumentError, match="The given optional does not have a value"):
        none.get_value()


def test_random_words_are_those_of_tensorflow(monkeypatch):
    monkeypatch.setattr(seeds._seeds, "_seed", None)  # other tests set one
    assert list(map(int, extra.RandomDataset(seed=3).take(2))) == [3534849767, 279844183]
    both = Dataset.range(3).apply(extra.shuffle_and_repeat(3, 2, seed=1))
    assert list(map(int, both)) == [1, 2, 0, 1, 0, 2]
    assert extra.from_list([np.array([1], np.int32), np.array([2, 3], np.int32)]).element_spec == sw.TensorSpec(
        [None], sw.int32
    )
