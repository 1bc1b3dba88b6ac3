"""Iterators of datasets in checkpoints: others go on where they were, in the same order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

STEPS = {
    "map": lambda d: d.map(lambda x: x * 3 + 1),
    "batch": lambda d: d.batch(3),
    "batch and unbatch": lambda d: d.batch(4).unbatch(),
    "filter": lambda d: d.filter(lambda x: x % 2 == 0),
    "shuffle": lambda d: d.shuffle(5, seed=3),
    "shuffle alike": lambda d: d.shuffle(4, seed=8, reshuffle_each_iteration=False),
    "repeat": lambda d: d.repeat(3),
    "take": lambda d: d.take(11),
    "skip": lambda d: d.skip(2),
    "concatenate": lambda d: d.concatenate(sw.data.Dataset.range(100, 104)),
    "zip": lambda d: sw.data.Dataset.zip(d, sw.data.Dataset.range(50, 80)).map(lambda a, b: a + b),
    "cache": lambda d: d.cache(),
    "prefetch": lambda d: d.prefetch(2),
    "flat_map": lambda d: d.flat_map(lambda x: sw.data.Dataset.range(x, x + 2)),
    "interleave": lambda d: d.interleave(lambda x: sw.data.Dataset.range(x, x + 3), cycle_length=2),
    "window": lambda d: d.window(3).flat_map(lambda w: w),
    "scan": lambda d: d.scan(np.int64(0), lambda s, x: (s + x, s + x)),
    "unique": lambda d: d.unique(),
    "sample": lambda d: sw.data.Dataset.sample_from_datasets([d, sw.data.Dataset.range(9)], seed=2),
    "strings": lambda d: d.map(sw.strings.as_string).map(lambda t: sw.strings.to_number(t, sw.int64)),
}
BATCHED = ("batch",)


def pipeline(names):
    dataset = sw.data.Dataset.range(17)
    for name in names:
        dataset = STEPS[name](dataset)
    return dataset


def plain(elements):
    return [np.asarray(element).tolist() for element in elements]


@settings(max_examples=examples(28), deadline=None)
@given(
    st.lists(st.sampled_from([name for name in STEPS if name not in BATCHED]), max_size=4),
    st.booleans(),
    st.integers(0, 40),
)
def test_another_iterator_goes_on(tmp_path_factory, names, in_batches, count):
    names = [*names, "batch"] if in_batches else names
    first = iter(pipeline(names))
    for _ in range(count):
        next(first, None)
    folder = tmp_path_factory.mktemp("it")
    path = sw.train.Checkpoint(it=first).save(folder / "it")
    rest = plain(first)
    other = iter(pipeline(names))
    next(other, None)  # it has begun
    sw.train.Checkpoint(it=other).restore(path).assert_consumed()
    assert plain(other) == rest
    sw.train.Checkpoint(it=first).restore(path)  # the same one, which is at its end
    assert plain(first) == rest


def test_epochs_after_this_one_are_in_the_order_that_they_would_have_been(tmp_path):
    dataset = pipeline(["shuffle"])
    first = iter(dataset)
    next(first)
    path = sw.train.Checkpoint(it=first).save(tmp_path / "it")
    expected = [plain(first), plain(dataset), plain(dataset)]
    assert expected[1] != expected[2]
    again = pipeline(["shuffle"])
    other = iter(again)
    sw.train.Checkpoint(it=other).restore(path).assert_consumed()
    assert [plain(other), plain(again), plain(again)] == expected


@pytest.mark.parametrize("count", [5, 17, 20])
def test_what_a_cache_has_is_saved(tmp_path, count):
    calls = []

    def values():
        calls.append(1)
        yield from range(17)

    def dataset():
        return sw.data.Dataset.from_generator(values, output_signature=sw.TensorSpec([], sw.int64)).cache().repeat(3)

    first, other = iter(dataset()), iter(dataset())
    for _ in range(count):
        next(first)
    sw.train.Checkpoint(it=other).restore(sw.train.Checkpoint(it=first).save(tmp_path / "it")).assert_consumed()
    calls.clear()
    assert plain(other) == plain(first) and len(plain(other)) == 0
    assert not calls or count < 20


def test_strings_and_arrays_in_a_buffer(tmp_path):
    def dataset():
        texts = np.array(["é", "", "abc", "d"] * 3)
        values = np.arange(24, dtype=np.float16).reshape(12, 2)
        return sw.data.Dataset.from_tensor_slices({"t": texts, "v": values}).shuffle(6, seed=1)

    first, other = iter(dataset()), iter(dataset())
    for _ in range(3):
        next(first)
    sw.train.Checkpoint(it=other).restore(sw.train.Checkpoint(it=first).save(tmp_path / "it")).assert_consumed()
    for one, two in zip(first, other, strict=True):
        assert one["t"].numpy() == two["t"].numpy() and np.array_equal(one["v"], two["v"])
        assert two["v"].dtype == sw.float16


def test_the_state_of_another_pipeline_is_refused(tmp_path):
    path = sw.train.Checkpoint(it=iter(pipeline(["batch"]))).save(tmp_path / "it")
    other = iter(pipeline(["shuffle"]))
    with pytest.raises(ValueError, match=r"state of an iterator of Shuffle\(Numbers\(\)\), got that .* Batch"):
        sw.train.Checkpoint(it=other).restore(path)
    assert len(plain(other)) == 17


def test_training_goes_on_in_the_middle_of_an_epoch(tmp_path):
    def start():
        w = sw.Variable(0.0)
        batches = iter(sw.data.Dataset.range(20).shuffle(8, seed=2).repeat(2).batch(4))
        return w, batches, sw.train.Checkpoint(w=w, batches=batches)

    def step(w, batches):
        w.assign(w * 0.9 + sw.reduce_mean(sw.cast(next(batches), sw.float32)))

    w, batches, checkpoint = start()
    for _ in range(3):
        step(w, batches)
    path = checkpoint.save(tmp_path / "c")
    for _ in range(7):
        step(w, batches)
    other, rest, checkpoint = start()
    checkpoint.restore(path).assert_consumed()
    for _ in range(7):
        step(other, rest)
    assert float(other) == float(w)
