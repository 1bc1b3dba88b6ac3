"""`map_fn`, `scan` and folds: what TensorFlow 2.21 returned, eagerly and as loops on all engines."""

import numpy as np
import pytest
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.errors import InvalidArgumentError

F, N = np.float32, np.int32


def _bent(x):
    if x > 1:
        return x * 2
    return -x


def _everything(x, rows):
    return [
        sw.map_fn(_bent, x),
        sw.map_fn(
            lambda part: (part[0], sw.reduce_sum(part[1])), (x, rows), fn_output_signature=(sw.int32, sw.float32)
        ),
        sw.map_fn(lambda part: {"b": part["a"] * 2}, {"a": rows}, dtype={"b": sw.float32}),
        sw.map_fn(lambda _: 1, x, fn_output_signature=sw.TensorSpec([])),
        sw.scan(lambda a, part: a + part, x),
        sw.scan(lambda a, part: a + part, x, initializer=10),
        sw.scan(lambda a, part: a + part, x, reverse=True),
        sw.scan(lambda a, part: (a[0] + part[0], a[1] * 2), (x, x), initializer=(0, 1)),
        sw.scan(lambda a, part: a * 0.5 + part, rows, initializer=sw.zeros([2]), reverse=True),
        sw.foldl(lambda a, part: a - part, x),
        sw.foldl(lambda a, part: a - part, x, initializer=10),
        sw.foldr(lambda a, part: a - part, x),
        sw.vectorized_map(lambda part: (part[0], sw.reduce_sum(part[1])), (x, rows)),
    ]


def test_every_function_of_parts():
    x, rows = np.array([0, 1, 2, 3], N), np.arange(8, dtype=F).reshape(4, 2)
    found = EveryEngine(_everything, (1, N), 2).check(x, rows)
    assert found[0].numpy().tolist() == [0, -1, 4, 6]
    assert found[1][1].numpy().tolist() == [1, 5, 9, 13] == found[12][1].numpy().tolist()
    np.testing.assert_array_equal(found[2]["b"], rows * 2)
    assert found[3].numpy().tolist() == [1, 1, 1, 1] and found[3].dtype == F
    assert [each.numpy().tolist() for each in found[4:7]] == [[0, 1, 3, 6], [10, 11, 13, 16], [6, 6, 5, 3]]
    assert [each.numpy().tolist() for each in found[7]] == [[0, 1, 3, 6], [2, 4, 8, 16]]
    assert [int(each) for each in found[9:12]] == [-6, 4, 0]


def test_no_parts():
    def nothing(x, rows):
        return [
            sw.map_fn(lambda row: row[:1] * 2, rows),
            sw.scan(lambda a, part: a + part, x, initializer=0),
            sw.foldl(lambda a, part: a + part, x, initializer=5),
        ]

    engines = EveryEngine(nothing, (1, N), ((None, 2), F))
    assert [each.shape for each in engines.check(np.zeros(0, N), np.zeros((0, 2), F))] == [(0, 1), (0,), ()]
    for function in (sw.scan, sw.foldl, sw.foldr):
        EveryEngine(lambda x, function=function: function(lambda a, b: a + b, x), (1, N)).refuses(np.zeros(0, N))


SLOPES = [
    (lambda x: sw.map_fn(lambda part: part * part, x), [1, 3, -2]),
    (lambda x: sw.scan(lambda a, part: a * part, x), [1 + 1.5 - 1.5, 0.5 - 0.5, 0.75]),
    (lambda x: sw.foldr(lambda a, part: a * part, x, initializer=2.0), [-3, -1, 1.5]),
    (lambda x: sw.vectorized_map(lambda part: part**3.0, x), [0.75, 6.75, 3]),
]


@pytest.mark.parametrize(("call", "expected"), SLOPES)
def test_slopes_go_through_all_parts(call, expected):
    def slope(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            total = sw.reduce_sum(call(x))
        return tape.gradient(total, x)

    found = EveryEngine(slope, ((3,), F)).check(np.array([0.5, 1.5, -1.0], F))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sw.map_fn(lambda x: sw.cast(x, sw.float32), sw.range(3)), "of dtype int32, got float32"),
        (lambda: sw.map_fn(lambda x: x[0], (sw.range(3), sw.range(3))), "expected a result of structure"),
        (lambda: sw.map_fn(lambda x: x, sw.constant(1)), "got a scalar"),
        (lambda: sw.map_fn(lambda x: x[0], (sw.range(3), sw.range(2)), dtype=sw.int32), "one size of first axes"),
        (lambda: sw.map_fn(lambda x: sw.range(x), sw.range(3)), "do not agree"),
        (lambda: sw.scan(lambda a, x: (a, x), sw.range(3), initializer=0), "expected a value of structure"),
        (lambda: sw.foldl(lambda a, x: a + x, sw.range(0)), "expected at least one element"),
    ],
)
def test_functions_that_do_not_fit_are_errors(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()


def test_a_mapped_function_is_one_loop():
    text = str(sw.ir(lambda x: sw.map_fn(lambda part: part * 2.0, x), sw.zeros([100, 3]), level="hl"))
    assert text.count("hl.mul") == 1 and "scf.for" in text
