"""`TensorArray`: programs beside Python, its rules and errors outside of functions and inside."""

from __future__ import annotations

import numpy as np
import pytest
from support.beside_python import INTS, VECTORS, Programs

import stepwell as sw
from stepwell.compiler.frontend.ops.control_flow import ControlFlowError

program = Programs()

COUNTS = [(0,), (1,), (4,), (9,)]


@program([(1,), (4,), (9,)])
def squares(n):
    ta = sw.TensorArray(sw.int32, size=n, element_shape=[])
    for i in sw.range(n):
        ta = ta.write(i, i * i)
    return ta.stack(), ta.size()


@program(COUNTS)
def written_without_assignment(n):
    ta = sw.TensorArray(sw.int32, size=0, dynamic_size=True, element_shape=[2])
    i = 0
    while i < n:
        ta.write(i, sw.stack([i * 2, i * 3]))
        i = i + 1
    return ta.stack(), ta.size()


@program([([1.0, 2.0], 5), ([0.5], 1)])
def element_shape_from_the_first_write(x, n):
    ta = sw.TensorArray(sw.float32, size=0, dynamic_size=True)
    for i in sw.range(n):
        ta = ta.write(i, x * sw.cast(i, sw.float32))
    return ta.stack()


@program(INTS)
def written_in_a_branch(x):
    ta = sw.TensorArray(sw.int32, size=2)
    if x > 2:
        ta = ta.write(0, x)
    else:
        ta = ta.write(1, -x)
    return ta.stack()


@program(INTS)
def written_on_one_side_only(x):
    ta = sw.TensorArray(sw.int32, size=3, element_shape=[], clear_after_read=False)
    if x > 2:
        ta.write(1, x)
    return ta.read(1), ta.stack()


@program([(1,), (6,), (11,)])
def every_other_one(n):
    ta = sw.TensorArray(sw.int32, size=0, dynamic_size=True)
    kept = 0
    for i in sw.range(n):
        if i % 2 == 0:
            ta = ta.write(kept, i * 10)
            kept += 1
    return ta.stack(), kept


@program([(2,), (5,), (30,)])
def read_and_written(n):
    ta = sw.TensorArray(sw.int32, size=n, clear_after_read=False)
    ta = ta.write(0, 1).write(1, 1)
    for i in sw.range(2, n):
        ta = ta.write(i, (ta.read(i - 1) + ta.read(i - 2)) % 1000)
    return ta.stack()


@program([(3,), (7,)])
def left_by_a_break(n):
    ta = sw.TensorArray(sw.int32, size=10, element_shape=[])
    for i in sw.range(n):
        if i == 5:
            break
        ta = ta.write(i, i + 1)
    return ta.stack()


@program([(3,)])
def nested_loops(n):
    ta = sw.TensorArray(sw.int32, size=n * n)
    for i in sw.range(n):
        for j in sw.range(n):
            ta = ta.write(i * n + j, i * 10 + j)
    return sw.reshape(ta.stack(), [n, n])


@program([(4,)])
def two_in_a_tuple(n):
    pair = (sw.TensorArray(sw.int32, size=n), sw.TensorArray(sw.float32, size=n))
    for i in sw.range(n):
        pair = (pair[0].write(i, i), pair[1].write(i, sw.cast(i, sw.float32) / 2.0))
    return pair[0].stack(), pair[1].stack()


@program(COUNTS)
def in_while_loop(n):
    ta = sw.TensorArray(sw.int32, size=0, dynamic_size=True, element_shape=[])
    _, ta = sw.while_loop(lambda i, ta: i < n, lambda i, ta: (i + 1, ta.write(i, i * i)), (0, ta))
    return ta.stack()


@program(INTS)
def in_cond(x):
    ta = sw.TensorArray(sw.int32, size=1)
    return sw.cond(x > 2, lambda: ta.write(0, x), lambda: ta.write(0, x * 2)).stack()


@program(INTS)
def in_a_conditional_expression(x):
    ta = sw.TensorArray(sw.int32, size=2)
    ta = ta.write(0, 1)
    ta = ta.write(1, x) if x > 2 else ta.write(0, 7)
    return ta.stack()


@program(INTS)
def constants_in_branches(x):
    ta = sw.TensorArray(sw.int32, size=1)
    ta = sw.cond(x > 2, lambda: ta.write(0, 1), lambda: ta.write(0, 2))
    return ta.stack()


def fill(ta, n):
    for i in sw.range(n):
        ta = ta.write(i, i - 1)
    return ta


@program([(1,), (5,)])
def filled_by_a_helper(n):
    return fill(sw.TensorArray(sw.int32, size=n), n).stack()


@program([(5,)])
def python_loop(x):
    ta = sw.TensorArray(sw.int32, size=0, dynamic_size=True)
    for k in range(4):
        ta = ta.write(k, x + k)
    return ta.stack(), ta.size()


@program(VECTORS)
def unstacked_and_gathered(v):
    ta = sw.TensorArray(sw.int32, size=0, dynamic_size=True, clear_after_read=False).unstack(v)
    return ta.gather([0, 0]), ta.read(0), ta.size()


@program([([[1, 2], [3, 4], [5, 6]],)])
def rows_and_concat(v):
    ta = sw.TensorArray(sw.int32, size=3).unstack(v)
    return ta.concat()


@program([([1, 2, 3, 4, 5, 6],)])
def split_in_equal_parts(v):
    return sw.TensorArray(sw.int32, size=3).split(v, [2, 2, 2]).stack()


@program([([3, 0, 1], [10, 20, 30])])
def scattered(indices, values):
    ta = sw.TensorArray(sw.int32, size=4, element_shape=[])
    ta.scatter([0, 3], values[:2])
    return ta.scatter(indices, values).stack()


@program([([4, 1], [10, 20])])
def scattered_growing(indices, values):
    ta = sw.TensorArray(sw.int32, size=0, dynamic_size=True)
    return ta.scatter(indices, values).stack(), ta.size()


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)


def test_sizes_that_change_from_call_to_call(engine):
    @sw.function(engine=engine)
    def doubled(rows):
        ta = sw.TensorArray(sw.float32, size=0, dynamic_size=True)
        for row in rows:
            ta = ta.write(ta.size(), row * 2.0)
        return ta.stack()

    for shape in [(2, 3), (3, 4), (1, 5), (6, 1)]:
        x = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
        np.testing.assert_array_equal(doubled(sw.constant(x)).numpy(), x * 2)
    assert len(doubled.explain().events) == 2


def test_an_array_crosses_the_border_of_a_function(engine):
    @sw.function(engine=engine)
    def written(ta, x):
        return ta.write(1, x)

    ta = sw.TensorArray(sw.int32, size=2).write(0, 7)
    after = written(ta, sw.constant(8))
    assert after.stack().numpy().tolist() == [7, 8]
    assert after.write(0, 1).stack().numpy().tolist() == [1, 8]


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_write_in_a_loop_costs_a_row(dynamic):
    @sw.function
    def rows(x, n):
        ta = sw.TensorArray(sw.float32, size=0 if dynamic else n, dynamic_size=dynamic)
        for i in sw.range(n):
            ta = ta.write(i, x)
        return ta.stack()

    text = sw.ir(rows, sw.TensorSpec([5]), sw.TensorSpec([], "int32"), level="loops")
    loop = text[text.index("debug.assert", text.index("scf.for") if not dynamic else 0) :]
    growth = loop[loop.index("scf.while") : loop.index("scf.yield")] if dynamic else ""
    every_time = loop.replace(growth, "")
    every_time = every_time[: every_time.index("func.return")] if not dynamic else every_time[: every_time.index("}")]
    assert "memref.alloc" not in every_time
    assert "memref.copy" not in every_time


# --- rules and errors


def test_an_element_is_read_once_outside_of_functions():
    ta = sw.TensorArray(sw.int32, size=2)
    ta.write(0, 5).write(1, 6)
    assert int(ta.read(0)) == 5
    with pytest.raises(ValueError, match="Could not read index 0 twice because it was cleared after a previous read"):
        ta.read(0)
    ta = sw.TensorArray(sw.int32, size=1, clear_after_read=False).write(0, 5)
    assert int(ta.read(0)) == int(ta.read(0)) == 5


def test_elements_that_were_not_written_are_zeros():
    ta = sw.TensorArray(sw.float32, size=3).write(1, [1.0, 2.0])
    assert ta.stack().numpy().tolist() == [[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]]
    assert sw.TensorArray(sw.int32, size=2, element_shape=[1]).read(1).numpy().tolist() == [0]
    assert sw.TensorArray(sw.int32, size=0, element_shape=[3]).stack().shape == (0, 3)


def test_properties():
    ta = sw.TensorArray(sw.float32, size=2, element_shape=[None, 3])
    assert ta.dtype == sw.float32
    assert ta.element_shape == (None, 3)
    assert not ta.dynamic_size
    assert int(ta.size()) == 2
    assert ta.identity() is ta
    ta.write(0, [[1.0, 2.0, 3.0]])
    assert ta.element_shape == (1, 3)
    ta.close()
    assert int(ta.size()) == 0


def test_elements_of_several_shapes_where_that_is_allowed():
    ta = sw.TensorArray(sw.int32, size=2, infer_shape=False).write(0, [1]).write(1, [2, 3])
    assert ta.concat().numpy().tolist() == [1, 2, 3]
    ta = sw.TensorArray(sw.int32, size=2, infer_shape=False).split([1, 2, 3], [1, 2])
    assert ta.read(1).numpy().tolist() == [2, 3]


def outside(n, index):
    sw.TensorArray(sw.int32, size=n).write(index, 1)


WRONG = [
    (lambda: outside(2, 2), IndexError, "Tried to write to index 2 but array is not resizeable and size is: 2"),
    (lambda: outside(2, -1), IndexError, r"Writing to negative indices \(index -1\) is not allowed"),
    (lambda: sw.TensorArray(sw.int32, 0, True).write(-3, 1), IndexError, "negative indices"),
    (
        lambda: sw.TensorArray(sw.int32, 1, element_shape=[]).read(4),
        IndexError,
        "Tried to read from index 4 but array size is: 1",
    ),
    (
        lambda: sw.TensorArray(sw.int32, 1, element_shape=[]).read(-1),
        IndexError,
        r"Reading from negative indices \(index -1\) is not allowed",
    ),
    (
        lambda: sw.TensorArray(sw.float32, 1).write(0, sw.constant(1)),
        TypeError,
        "TensorArray dtype is float32 but Op is trying to write dtype int32",
    ),
    (
        lambda: sw.TensorArray(sw.float32, 2).write(0, [1.0]).write(1, [1.0, 2.0]),
        ValueError,
        r"Incompatible shape for value \(\[2\]\), expected \(\[1\]\)",
    ),
    (
        lambda: sw.TensorArray(sw.float32, 2, element_shape=[None, 2]).write(0, [1.0, 2.0]),
        ValueError,
        r"Incompatible shape for value \(\[2\]\), expected \(\[\?, 2\]\)",
    ),
    (lambda: sw.TensorArray(sw.float32, 1).stack(), ValueError, "was never written, and the shape of elements"),
    (lambda: sw.TensorArray(sw.float32, 1).read(0), ValueError, "was never written, and the shape of elements"),
    (lambda: sw.TensorArray(sw.float32, 1).unstack(1.0), ValueError, "expected a tensor with an axis at least"),
    (
        lambda: sw.TensorArray(sw.float32, 1).unstack([1.0, 2.0]),
        ValueError,
        "Cannot unstack 2 tensors into a TensorArray of static size 1",
    ),
    (
        lambda: sw.TensorArray(sw.float32, 3).scatter([0, 1], [1.0]),
        ValueError,
        r"TensorArray.scatter: indices: expected one for each row of shape \(1,\), got \(2,\)",
    ),
    (lambda: sw.TensorArray(sw.int32, -1), ValueError, "size: expected a number of at least 0, got -1"),
    (lambda: sw.TensorArray(sw.int32, 1.5), TypeError, "TensorArray: size: expected an integer, got 1.5"),
]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("wrong", "error", "text"), WRONG)
def test_mistakes(wrong, error, text, compiled):
    function = sw.function(wrong).get_concrete_function if compiled else wrong
    with pytest.raises(error, match=text):
        function()


def test_parts_of_several_lengths_inside_a_function():
    with pytest.raises(ValueError, match="lengths: expected equal ones inside a function"):
        sw.function(lambda: sw.TensorArray(sw.int32, 2).split([1, 2, 3], [1, 2])).get_concrete_function()


@pytest.mark.parametrize(
    ("n", "index", "text"),
    [
        (3, 3, r"Tried to write to index [3?] but array is not resizeable and size is: [3?]"),
        (3, -1, r"Tried to write to index (-1|\?)"),
    ],
)
def test_an_index_out_of_range_is_found_when_the_program_runs(n, index, text, engine):
    @sw.function(engine=engine)
    def write(n, index):
        return sw.TensorArray(sw.int32, size=n).write(index, 1).stack()

    assert write(sw.constant(2), sw.constant(1)).numpy().tolist() == [0, 1]
    with pytest.raises(Exception, match=text) as info:
        write(sw.constant(n), sw.constant(index))
    assert "test_tensor_array.py" in str(info.value)


def test_elements_of_other_shapes_are_found_when_the_program_runs(engine):
    @sw.function(engine=engine)
    def growing(n):
        ta = sw.TensorArray(sw.int32, size=n)
        for i in sw.range(n):
            ta = ta.write(i, sw.range(i + 1))
        return ta.stack()

    assert growing(sw.constant(1)).numpy().tolist() == [[0]]
    with pytest.raises(Exception, match="elements that were written before have another shape"):
        growing(sw.constant(2))


def test_writes_are_differentiated(engine):
    def loss(x, i):
        ta = sw.TensorArray(sw.float32, size=3, element_shape=[2])
        ta = ta.write(i, x * x).write(2, x * 3.0)
        return sw.reduce_sum(ta.stack() * sw.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))

    x, i = sw.constant([1.0, 2.0]), sw.constant(1)
    for function in (loss, sw.function(loss, engine=engine)):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = function(x, i)
        assert tape.gradient(y, x).numpy().tolist() == [2 * 3 + 15, 2 * 2 * 4 + 18]


def write_one(ta):
    ta.write(0, 1)


def changed_by_a_helper_in_a_branch(x):
    ta = sw.TensorArray(sw.int32, size=1)
    if x > 2:
        write_one(ta)
    return ta.stack()


def changed_by_a_helper_in_a_loop(x):
    ta = sw.TensorArray(sw.int32, size=1)
    while x > 2:
        write_one(ta)
        x = x - 1
    return ta.stack()


def changed_in_cond_and_not_taken_from_it(x):
    ta = sw.TensorArray(sw.int32, size=1)
    sw.cond(x > 2, lambda: ta.write(0, 1), lambda: ta.write(0, 2))
    return ta.stack()


@pytest.mark.parametrize(
    "function",
    [changed_by_a_helper_in_a_branch, changed_by_a_helper_in_a_loop, changed_in_cond_and_not_taken_from_it],
)
def test_a_change_that_a_branch_or_loop_does_not_give_back_is_an_error(function):
    with pytest.raises(ControlFlowError, match="does not return it") as info:
        sw.function(function).get_concrete_function(sw.constant(3))
    assert "test_tensor_array.py" in str(info.value)
