"""Datasets: the elements that TensorFlow gives, in its order, in Python and in compiled functions."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell.dialects.diagnostics import UnsupportedError

Dataset = sw.data.Dataset


def listed(dataset):
    return [element.tolist() for element in dataset.as_numpy_iterator()]


def numbers():
    return Dataset.range(10)


INT, ROWS = sw.TensorSpec([], sw.int64), sw.TensorSpec([None], sw.int64)
RECORDED = {
    "batch": (numbers().batch(4), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], 3, ROWS),
    "batch without the rest": (
        numbers().batch(4, drop_remainder=True),
        [[0, 1, 2, 3], [4, 5, 6, 7]],
        2,
        sw.TensorSpec([4], sw.int64),
    ),
    "batch that divides": (numbers().batch(5), [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]], 2, ROWS),
    "skip and take": (numbers().skip(3).take(4), [3, 4, 5, 6], 4, INT),
    "take none": (numbers().take(0), [], 0, INT),
    "take all": (numbers().take(-1), [*range(10)], 10, INT),
    "skip all": (numbers().skip(-1), [], 0, INT),
    "shard": (numbers().shard(3, 1), [1, 4, 7], 3, INT),
    "repeat": (Dataset.range(3).repeat(2), [0, 1, 2, 0, 1, 2], 6, INT),
    "repeat never": (Dataset.range(3).repeat(0), [], 0, INT),
    "concatenate": (Dataset.range(2).concatenate(Dataset.range(5, 7)), [0, 1, 5, 6], 4, INT),
    "unbatch": (numbers().batch(3).unbatch(), [*range(10)], -2, INT),
    "unbatch known sizes": (numbers().batch(5, drop_remainder=True).unbatch(), [*range(10)], 10, INT),
    "filter": (numbers().filter(lambda x: x % 2 == 0), [0, 2, 4, 6, 8], -2, INT),
    "map": (numbers().take(3).map(lambda x: x * x), [0, 1, 4], 3, INT),
    "map ahead": (numbers().map(lambda x: x * x, num_parallel_calls=3), [x * x for x in range(10)], 10, INT),
    "prefetch and cache": (numbers().cache().prefetch(sw.data.AUTOTUNE), [*range(10)], 10, INT),
    "negative steps": (Dataset.range(5, 0, -2), [5, 3, 1], 3, INT),
}
"""Datasets, and what TensorFlow 2.21 gives for each: elements, cardinality, element_spec."""


@pytest.mark.parametrize("dataset, elements, cardinality, spec", RECORDED.values(), ids=RECORDED)
def test_elements_are_those_of_tensorflow(dataset, elements, cardinality, spec):
    assert listed(dataset) == elements and listed(dataset) == elements
    assert int(dataset.cardinality()) == cardinality and dataset.element_spec == spec


SHUFFLED = [
    ((10, 3, 7, 5, True, 2), [[1, 0, 3, 5, 2, 7, 6, 8, 4, 9, 2, 0, 4, 5, 3, 1, 7, 9, 6, 8]]),
    ((10, 10, 7, 5, False, 2), [[3, 7, 4, 6, 2, 8, 5, 1, 0, 9] * 2] * 2),
    (
        (20, 64, 3, 11, None, 1),
        [
            [14, 4, 19, 11, 12, 16, 2, 9, 13, 18, 3, 0, 5, 15, 1, 17, 6, 7, 10, 8],
            [1, 9, 19, 5, 18, 10, 11, 12, 15, 6, 7, 8, 0, 3, 16, 4, 14, 2, 17, 13],
            [14, 17, 13, 11, 7, 10, 2, 18, 5, 6, 9, 0, 19, 3, 8, 16, 15, 4, 1, 12],
        ],
    ),
    ((5, 2, 2**40, 2**35 + 3, True, 1), [[0, 1, 2, 4, 3], [1, 2, 0, 3, 4]]),
    ((10, 10, 0, 0, True, 1), [[4, 9, 1, 0, 7, 3, 5, 2, 8, 6], [0, 5, 2, 6, 4, 3, 7, 1, 8, 9]]),
]
"""Elements, buffer, seed of the process, seed, whether each iteration is shuffled anew, repetitions; TensorFlow's
orders of one iteration after the other. With None, TensorFlow 2.21 shuffles anew."""


@pytest.mark.parametrize("made, orders", SHUFFLED)
def test_shuffled_elements_are_in_the_order_of_tensorflow(made, orders):
    count, size, process, seed, again, times = made
    sw.random.set_seed(process)
    dataset = Dataset.range(count).shuffle(size, seed=seed, reshuffle_each_iteration=again).repeat(times)
    assert [listed(dataset) for _ in orders] == orders


def test_elements_are_put_together():
    dataset = Dataset.from_tensor_slices(([1, 2], {"b": [3.0, 4.0], "a": [[5, 6], [7, 8]]}))
    first, second = dataset
    assert int(first[0]) == 1 and second[1]["a"].numpy().tolist() == [7, 8]
    assert dataset.element_spec == (
        sw.TensorSpec([], sw.int32),
        {"a": sw.TensorSpec([2], sw.int32), "b": sw.TensorSpec([], sw.float32)},
    )
    found = dataset.map(lambda x, rest: {"sum": sw.cast(x, sw.float32) + rest["b"]})
    assert [float(each["sum"]) for each in found] == [4.0, 6.0]
    zipped = Dataset.zip({"x": Dataset.range(2), "y": Dataset.range(5).enumerate(start=3)})
    assert [(int(e["x"]), int(e["y"][0]), int(e["y"][1])) for e in zipped] == [(0, 3, 0), (1, 4, 1)]


def test_a_generator_is_called_for_each_iteration():
    calls = []

    def generator(stop):
        calls.append(int(stop))
        yield from (([number], number / 2) for number in range(int(stop)))

    signature = (sw.TensorSpec([None], sw.int32), sw.TensorSpec([], sw.float32))
    dataset = Dataset.from_generator(generator, args=[3], output_signature=signature)
    assert dataset.element_spec == signature and not calls
    for _ in range(2):
        assert [(x.tolist(), float(y)) for x, y in dataset.as_numpy_iterator()] == [([0], 0.0), ([1], 0.5), ([2], 1.0)]
    assert calls == [3, 3]


STEPS = {
    "map": lambda d: d.map(lambda x: x + 1),
    "map ahead": lambda d: d.map(lambda x: x * 2, num_parallel_calls=2),
    "filter": lambda d: d.filter(lambda x: x % 3 != 0),
    "shuffle": lambda d: d.shuffle(4, seed=5),
    "repeat": lambda d: d.repeat(2),
    "part": lambda d: d.skip(1).take(7),
    "shard": lambda d: d.shard(2, 1),
    "batch": lambda d: d.batch(3).map(lambda x: x + 1).unbatch(),
    "cache": lambda d: d.cache(),
    "prefetch": lambda d: d.prefetch(2),
    "zip": lambda d: Dataset.zip(d, Dataset.range(100)).map(lambda x, y: x + y),
    "concatenate": lambda d: d.concatenate(Dataset.range(3)),
    "flat_map": lambda d: d.flat_map(lambda x: Dataset.range(x % 3).map(lambda y: y + x)),
    "interleave": lambda d: d.interleave(
        lambda x: Dataset.from_tensors(x).repeat(x % 4), cycle_length=3, block_length=2
    ),
    "interleave ahead": lambda d: d.interleave(lambda x: Dataset.range(3), cycle_length=2, num_parallel_calls=2),
    "window": lambda d: d.window(3, shift=2).shuffle(2, seed=3).flat_map(lambda w: w),
    "group": lambda d: d.group_by_window(lambda x: x % 2, lambda key, w: w.map(lambda x: x + key), window_size=2),
    "scan": lambda d: d.scan(np.int64(0), lambda total, x: (total + x, total)),
    "take_while": lambda d: d.take_while(lambda x: x < 20),
    "unique": lambda d: d.unique(),
    "rebatch": lambda d: d.batch(4).rebatch([1, 3]).unbatch(),
    "random": lambda d: Dataset.zip(d, Dataset.random(seed=2)).map(lambda x, y: x + y % 5),
    "choose": lambda d: Dataset.choose_from_datasets(
        [d, Dataset.range(30, 33)], Dataset.range(50).map(lambda x: x % 2), False
    ),
}


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=4), st.integers(0, 12))
def test_an_iteration_goes_on_where_another_one_was(steps, taken):
    sw.random.set_seed(1)
    dataset = Dataset.range(9)
    for step in steps:
        dataset = STEPS[step](dataset)
    iteration = dataset._node.start()
    for _, _ in zip(range(taken), iteration, strict=False):
        pass
    state = iteration.state()
    rest = [int(element[0].numpy()) for element in iteration]
    other = dataset._node.start()
    other.restore(state)
    assert [int(element[0].numpy()) for element in other] == rest


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_a_loop_over_a_dataset_is_a_loop_of_the_program(engine):
    dataset = Dataset.range(10).map(lambda x: x * 2).batch(4)
    traced = []

    @sw.function(engine=engine)
    def total(limit):
        found, count = sw.constant(0, sw.int64), 0
        for rows in dataset:
            traced.append(rows)
            if sw.reduce_sum(rows) == 12:
                continue
            if sw.reduce_sum(rows) > limit:
                break
            found += sw.reduce_sum(rows)
            count += 1
        return found, count

    total(sw.constant(0, sw.int64))
    times = len(traced)  # more than one, where dtypes of what is carried are found out
    for _ in range(2):
        assert [int(each) for each in total(sw.constant(1000, sw.int64))] == [78, 2]
        assert [int(each) for each in total(sw.constant(40, sw.int64))] == [0, 0]
    assert len(traced) == times <= 2


def test_an_iterator_is_asked_by_a_program():
    iterator = iter(Dataset.range(3).map(lambda x: (x, x * 2)))

    @sw.function
    def step(iterator):
        x, y = next(iterator)
        return x + y

    assert [int(step(iterator)) for _ in range(3)] == [0, 3, 6]
    with pytest.raises(sw.errors.OutOfRangeError, match="end of sequence"):
        step(iterator)


def test_a_model_is_trained_in_a_loop_over_a_dataset():
    random = np.random.default_rng(0)
    x = random.standard_normal((64, 2)).astype(np.float32)
    w = sw.Variable([0.0, 0.0])

    @sw.function
    def epoch(dataset):
        for rows, targets in dataset:
            with sw.GradientTape() as tape:
                loss = sw.reduce_mean((sw.linalg.matvec(rows, w) - targets) ** 2.0)
            w.assign_sub(0.2 * tape.gradient(loss, w))

    dataset = Dataset.from_tensor_slices((x, x @ np.float32([3, -1]))).shuffle(64, seed=1).batch(10).prefetch(2)
    for _ in range(20):
        epoch(dataset)
    np.testing.assert_allclose(w.numpy(), [3, -1], atol=1e-4)
    assert epoch.experimental_get_tracing_count() == 1


def test_errors_come_where_elements_are_asked_for():
    def generator():
        yield 1
        raise KeyError("no more")

    dataset = Dataset.from_generator(generator, output_signature=sw.TensorSpec([], sw.int32))

    @sw.function
    def total():
        found = 0
        for x in dataset.prefetch(1):
            found += x
        return found

    for run in (lambda: list(dataset.prefetch(2)), total):
        with pytest.raises(KeyError, match="no more"):
            run()
    wrong = Dataset.from_generator(lambda: [[1, 2]], output_signature=sw.TensorSpec([3], sw.int32))
    with pytest.raises(ValueError, match=r"element 0: expected shape \(3,\), got \(2,\)"):
        list(wrong)


def test_threads_end_with_their_iteration():
    before = threading.active_count()
    iterator = iter(Dataset.range(10**9).prefetch(3).map(lambda x: x, num_parallel_calls=2).prefetch(2))
    assert [int(next(iterator)) for _ in range(3)] == [0, 1, 2]
    assert threading.active_count() > before
    del iterator
    deadline = time.monotonic() + 30.0
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() == before


REFUSED = {
    "slices of several sizes": (lambda: Dataset.from_tensor_slices(([1, 2], [1])), ValueError, r"one size.*\[1, 2\]"),
    "slices of a scalar": (lambda: Dataset.from_tensor_slices(1), TypeError, "got a scalar"),
    "an empty batch": (lambda: numbers().batch(0), ValueError, "batch_size: expected at least 1, got 0"),
    "an empty buffer": (lambda: numbers().shuffle(0), ValueError, "buffer_size: expected at least 1, got 0"),
    "a shard that is not there": (lambda: numbers().shard(3, 3), ValueError, "less than 3, got 3"),
    "a step of 0": (lambda: Dataset.range(1, 2, 0), ValueError, "other than 0"),
    "a predicate of numbers": (lambda: numbers().filter(lambda x: x), TypeError, "a scalar of bool"),
    "other elements": (lambda: numbers().concatenate(Dataset.from_tensors(1.0)), TypeError, "expected elements like"),
    "batches of several shapes": (
        lambda: list(Dataset.from_generator(lambda: [[1], [1, 2]], output_signature=ROWS).batch(2)),
        ValueError,
        r"one shape, got \[\[1\], \[2\]\]",
    ),
    "a length that is not known": (lambda: len(numbers().filter(lambda x: x > 1)), TypeError, "length is unknown"),
    "one of several": (lambda: numbers().get_single_element(), ValueError, "one element, got more"),
    "nothing after the end": (lambda: iter(numbers().take(0)).get_next(), sw.errors.OutOfRangeError, "end of sequence"),
    "iter in a function": (lambda: sw.function(lambda: next(iter(numbers())))(), UnsupportedError, "a `for` loop"),
}


@pytest.mark.parametrize("call, error, message", REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_cardinalities_have_names():
    assert int(numbers().repeat().cardinality()) == sw.data.INFINITE_CARDINALITY
    assert int(numbers().filter(lambda x: x > 1).repeat().cardinality()) == sw.data.INFINITE_CARDINALITY
    assert int(numbers().filter(lambda x: x > 1).cardinality()) == sw.data.UNKNOWN_CARDINALITY


def test_reduce_is_compiled():
    total, count = (
        Dataset.range(5)
        .batch(2)
        .reduce((np.int64(0), 0), lambda state, rows: (state[0] + sw.reduce_sum(rows), state[1] + 1))
    )
    assert (int(total), int(count)) == (10, 3)
