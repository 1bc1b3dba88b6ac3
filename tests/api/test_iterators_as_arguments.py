"""`IteratorSpec`: iterators as arguments of functions, with and without it."""

import gc
import weakref

import pytest

import stepwell as sw

Dataset, Spec = sw.data.Dataset, sw.data.IteratorSpec
PAIRS = (sw.TensorSpec([None], sw.int64), {"a": sw.TensorSpec([], sw.float32)})


def pairs(count):
    return iter(Dataset.range(count).batch(2).map(lambda x: (x, {"a": 1.5})))


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_a_function_is_traced_once_for_iterators_of_a_spec(engine):
    traces = []

    @sw.function(engine=engine, input_signature=[Spec(PAIRS), sw.TensorSpec([], sw.int64)])
    def step(iterator, factor):
        traces.append(iterator.element_spec)
        assert isinstance(iterator, sw.data.Iterator)
        (first, named), (second, _) = next(iterator), iterator.get_next()
        return factor * first, named["a"], second

    one, other = pairs(6), pairs(40)
    found = [[part.numpy().tolist() for part in step(iterator, 10)] for iterator in (one, other, other)]
    assert found == [[[0, 10], 1.5, [2, 3]], [[0, 10], 1.5, [2, 3]], [[40, 50], 1.5, [6, 7]]]
    assert next(one)[0].numpy().tolist() == [4, 5] and traces == [PAIRS]
    with pytest.raises(sw.errors.OutOfRangeError, match="end of sequence"):
        step(one, 10)
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


def test_what_does_not_fit_is_refused():
    step = sw.function(lambda iterator: next(iterator), input_signature=[Spec(sw.TensorSpec([2], sw.int64))])
    whole = Dataset.range(4).batch(2, drop_remainder=True)
    assert step(iter(whole)).numpy().tolist() == [0, 1]
    for wrong in (Dataset.range(3), Dataset.range(4).batch(2), whole.map(lambda x: (x,))):
        with pytest.raises(TypeError, match="argument iterator: expected an iterator of elements TensorSpec"):
            step(iter(wrong))
    for wrong in (whole, 3, None):
        with pytest.raises(TypeError, match="argument iterator: expected an iterator of a dataset, got"):
            step(wrong)


def test_functions_that_call_each_other_and_eager_ones():
    inner = sw.function(lambda iterator: next(iterator) * 2, input_signature=[Spec(sw.TensorSpec([], sw.int64))])
    outer = sw.function(
        lambda its: inner(its[0]) + inner(its[1]), input_signature=[[Spec(sw.TensorSpec([], sw.int64))] * 2]
    )
    numbers, others = iter(Dataset.range(9)), iter(Dataset.range(10, 20))
    assert [int(outer([numbers, others])) for _ in range(2)] == [20, 24]
    sw.config.run_functions_eagerly(True)
    try:
        assert int(inner(numbers)) == 4 and int(outer([numbers, others])) == 30
    finally:
        sw.config.run_functions_eagerly(False)


def test_datasets_are_components():
    spec = Spec(sw.data.DatasetSpec(sw.TensorSpec([], sw.int64)))
    total = sw.function(
        lambda it: next(it).reduce(sw.constant(0, sw.int64), lambda x, y: x + y), input_signature=[spec]
    )
    windows = iter(Dataset.range(4).window(2))
    assert [int(total(windows)) for _ in range(2)] == [1, 5]


def test_specs():
    spec = Spec(PAIRS)
    assert spec == Spec.from_value(pairs(3)) and hash(spec) == hash(Spec(PAIRS)) and spec != Spec(PAIRS[0])
    assert spec.element_spec == PAIRS and spec.value_type is sw.data.Iterator
    assert repr(Spec(PAIRS[0])) == "IteratorSpec(element_spec=TensorSpec(shape=(None,), dtype=tf.int64, name=None))"


def taken_until(iterator, limit):
    """The sum of the elements up to the first one that is not below `limit`, and whether there was one."""
    total = sw.constant(0, sw.int64)
    for x in iterator:
        if x % 2 == 1:
            continue
        total += x
        if x >= limit:
            return total, True
    return total, False


@pytest.mark.parametrize("given", [True, False], ids=["argument", "captured"])
@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_a_loop_takes_no_more_than_it_is_left_with(engine, given):
    ours, theirs = iter(Dataset.range(12)), iter(range(12))
    of_argument, limit = sw.function(taken_until, engine=engine), sw.TensorSpec([], sw.int64)
    captured = sw.function(lambda n: taken_until(ours, n), engine=engine, input_signature=[limit])
    for n in (3, 4, 8, 100, 100):
        found = of_argument(ours, sw.constant(n, sw.int64)) if given else captured(n)
        assert [int(part) for part in found] == [int(part) for part in taken_until(theirs, n)]


def test_loops_inside_of_loops_share_an_iterator():
    @sw.function
    def pairs_of(iterator):
        total = sw.constant(0, sw.int64)
        for x in iterator:
            for y in iterator:
                total += x * y
                break
        return total

    assert int(pairs_of(iter(Dataset.range(6)))) == 0 * 1 + 2 * 3 + 4 * 5
    assert int(pairs_of(iter(Dataset.range(5)))) == 0 * 1 + 2 * 3


def test_a_loop_over_a_dataset_asks_for_no_element_after_a_break():
    asked = []
    number = sw.TensorSpec([], sw.int64)
    counted = Dataset.range(9).map(lambda x: sw.numpy_function(lambda n: asked.append(int(n)) or n, [x], number))

    @sw.function
    def first_above(limit):
        found = sw.constant(-1, sw.int64)
        for x in counted:
            if x > limit:
                found = x
                break
        return found

    assert int(first_above(sw.constant(3, sw.int64))) == 4 and asked == [0, 1, 2, 3, 4]


def test_a_loop_that_is_not_converted_is_refused():
    """It would be unrolled without end."""

    @sw.function(autograph=False)
    def loop(iterator):
        for _ in iterator:
            pass

    with pytest.raises(sw.errors.UnsupportedError, match="expected a `for` loop inside of a function"):
        loop(iter(Dataset.range(3)))
