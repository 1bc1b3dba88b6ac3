"""Queues of tensors; the oracle is Python's deque, classes of errors are recorded from TensorFlow 2.21."""

import threading
import time
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["enqueue", "enqueue_many", "dequeue", "dequeue_many", "dequeue_up_to"]), st.integers(0, 4)
    )
)


@settings(max_examples=examples(60), deadline=None)
@given(ACTIONS, st.booleans())
def test_elements_come_in_their_order(actions, closed):
    queue, model, made = sw.queue.FIFOQueue(10, [sw.int32, sw.string], shapes=[[2], []]), deque(), 0
    for action, count in actions:
        if action.startswith("enqueue"):
            count = min(1 if action == "enqueue" else count, 10 - len(model))
            new = [([made + k, k], str(made + k)) for k in range(count)]
            made += count
            model.extend(new)
            if action == "enqueue":
                _ = [queue.enqueue(element) for element in new]
            else:
                rows = np.array([x for x, _ in new], np.int32).reshape(-1, 2)
                queue.enqueue_many([rows, sw.constant([y for _, y in new], sw.string)])
        else:
            count = min(1 if action == "dequeue" else count, len(model))
            if action == "dequeue" and not count:
                continue
            expected = [model.popleft() for _ in range(count)]
            x, y = queue.dequeue() if action == "dequeue" else getattr(queue, action)(count)
            assert x.numpy().reshape(-1, 2).tolist() == [first for first, _ in expected]
            assert y.numpy().ravel().tolist() == [second.encode() for _, second in expected] if y.ndim else True
        assert int(queue.size()) == len(model)
    if closed:
        queue.close()
        left = len(model)
        if left:
            assert queue.dequeue_up_to(left + 3)[0].shape == [left, 2]
        for take in (queue.dequeue, lambda: queue.dequeue_up_to(1), lambda: queue.dequeue_many(1)):
            with pytest.raises(sw.errors.OutOfRangeError, match="is closed, and has 0 elements, not 1"):
                take()


def test_what_elements_are():
    one = sw.queue.FIFOQueue(5, sw.int32)
    one.enqueue(1)
    one.enqueue([[2, 3]])
    assert [one.dequeue().numpy().tolist(), one.dequeue().numpy().tolist()] == [1, [2, 3]]
    assert one.dtypes == [sw.int32] and one.shapes[0].rank is None and one.names is None and one.name == "fifo_queue"
    named = sw.queue.FIFOQueue(5, [sw.int32, sw.float32], shapes=[(), (2,)], names=["a", "b"])
    named.enqueue({"b": [1.0, 2.0], "a": 7})
    assert {name: part.numpy().tolist() for name, part in named.dequeue().items()} == {"a": 7, "b": [1.0, 2.0]}


def test_functions_call_queues_as_they_run():
    queue = sw.queue.FIFOQueue(5, [sw.float32], shapes=[[2]])

    @sw.function
    def step(x):
        queue.enqueue(x * 2.0)
        queue.enqueue_many(sw.stack([x, x + 1.0]))
        return queue.dequeue(), queue.size()

    for x in ([1.0, 2.0], [10.0, 20.0]):
        first, size = step(sw.constant(x))
        assert int(size) == 2 and first.numpy().tolist() == [2 * each for each in x]
        left = queue.dequeue_many(2).numpy().tolist()
        assert left == [x, [each + 1 for each in x]]


def test_threads_wait_for_one_another():
    queue = sw.queue.FIFOQueue(1, sw.int32, shapes=())

    def produce():
        for number in range(5):
            queue.enqueue(number)
        queue.close()

    thread = threading.Thread(target=produce)
    thread.start()
    found = [int(queue.dequeue()) for _ in range(5)]
    thread.join()
    assert found == [0, 1, 2, 3, 4] and bool(queue.is_closed())
    with pytest.raises(sw.errors.OutOfRangeError):
        queue.dequeue()


def test_threads_that_wait_for_room_can_be_cancelled():
    queue, errors = sw.queue.FIFOQueue(1, sw.int32, shapes=()), []

    def produce():
        try:
            queue.enqueue_many([[1, 2]])
        except sw.errors.CancelledError as error:
            errors.append(error)

    thread = threading.Thread(target=produce)
    thread.start()
    while thread.is_alive() and not int(queue.size()):
        time.sleep(0.01)
    queue.close(cancel_pending_enqueues=True)
    thread.join()
    assert len(errors) == 1 and int(queue.dequeue()) == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda q: q.enqueue([1.5]), TypeError, "enqueue"),
        (lambda q: q.enqueue([[1, 2, 3]]), ValueError, r"expected shape \(2,\), got \(3,\)"),
        (lambda q: q.enqueue([[1, 2], [3, 4]]), ValueError, "expected 1 components, got 2"),
        (lambda q: q.enqueue_many([7]), ValueError, "a first axis of elements"),
        (lambda q: sw.queue.FIFOQueue(1, sw.int32).dequeue_many(1), ValueError, "a queue whose shapes are given"),
        (lambda q: sw.queue.FIFOQueue(1, [sw.int32], names=["a"]).enqueue({"b": 1}), ValueError, r"a dict of \['a'\]"),
        (
            lambda q: sw.queue.FIFOQueue(1, [sw.int32], shapes=[(), ()]),
            ValueError,
            "shapes: expected 1, one a component",
        ),
        (lambda q: (q.close(), q.enqueue([[1, 2]])), sw.errors.CancelledError, "is closed"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call(sw.queue.FIFOQueue(5, [sw.int32], shapes=[(2,)]))
