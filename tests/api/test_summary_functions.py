"""Summaries in compiled functions: written on each run, in order, to the writer of the trace, as TensorFlow's are."""

import io

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.effort import examples
from support.events import points_in, summaries_in

import stepwell as sw

engines = pytest.mark.parametrize("engine", ["native", "interpreter"])


@pytest.fixture
def writer(tmp_path):
    writer = sw.summary.create_file_writer(tmp_path)
    yield writer
    writer.close()


@engines
def test_a_function_writes_what_the_same_code_writes_eagerly(tmp_path, engine):
    def program(x, step):
        total = sw.constant(0.0)
        for i in sw.range(3):
            total += sw.reduce_sum(x) * sw.cast(i, sw.float32)
            sw.summary.scalar("total", total, step=step + sw.cast(i, sw.int64))
            if total > 2.0:
                sw.summary.histogram("large", x * total, step=step, buckets=2)
        while total > 1.0:
            total = total / 2.0
            sw.summary.text("halved", sw.strings.as_string(sw.cast(total, sw.int32)), step=step)
        sw.summary.image("image", sw.reshape(x, [1, -1, 1, 1]), step=step)
        sw.summary.audio("audio", sw.reshape(x, [1, -1, 1]), 8000, step=step)
        sw.summary.write("all", x, step=step)
        return total

    found = []
    for name, run in (("eager", program), ("compiled", sw.function(program, engine=engine))):
        with sw.summary.create_file_writer(tmp_path / name).as_default():
            for value in (1.0, 2.0):
                run(sw.constant([0.25, value]), sw.constant(7, sw.int64))
        found.append(points_in(tmp_path / name))
    assert found[0] == found[1] and len(found[0]) > 15


@settings(max_examples=examples(30), deadline=None)
@given(limits=st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=4), x=st.floats(-2, 2, width=32))
def test_conditions_of_tensors_are_tested_on_each_run(tmp_path_factory, limits, x):
    def program(x):
        for index, limit in enumerate(limits):
            with sw.summary.record_if(x > limit):
                written = sw.summary.scalar("x", x, step=index)
        return written

    found = []
    for run in (program, sw.function(program)):
        folder = tmp_path_factory.mktemp("events")
        with sw.summary.create_file_writer(folder).as_default():
            answer = bool(run(sw.constant(x)))
        found.append((answer, points_in(folder)))
    expected = [(index, "x", np.float32(x)) for index, limit in enumerate(limits) if np.float32(x) > np.float32(limit)]
    assert found == [(np.float32(x) > np.float32(limits[-1]), expected)] * 2


def test_the_writer_is_that_of_the_trace(tmp_path):
    first, second = (sw.summary.create_file_writer(tmp_path / name) for name in "ab")
    f = sw.function(lambda x: sw.summary.scalar("x", x, step=1))
    with first.as_default():
        assert f(sw.constant(1.0))
    assert f(sw.constant(2.0))
    with second.as_default():
        assert f(sw.constant(3.0))
    first.flush()
    assert points_in(tmp_path / "a") == [(1, "x", 1.0), (1, "x", 2.0), (1, "x", 3.0)]
    assert points_in(tmp_path / "b") == []


def test_a_function_traced_without_a_writer_never_writes(writer, tmp_path):
    f = sw.function(lambda x: sw.summary.scalar("x", x))
    assert not f(sw.constant(1.0))
    with writer.as_default(step=5):
        assert not f(sw.constant(1.0))
    assert points_in(tmp_path) == []


def test_numbers_as_steps_are_those_of_the_trace_and_variables_are_read(writer, tmp_path):
    f = sw.function(lambda x: sw.summary.scalar("x", x))
    g = sw.function(lambda x: sw.summary.scalar("y", x))
    step = sw.Variable(10, dtype=sw.int64)
    for number in (5, 6):
        with writer.as_default(step=number):
            f(sw.constant(1.0))
    with writer.as_default(step=step):
        for _ in range(3):
            g(sw.constant(1.0))
            step.assign_add(1)
    assert [point[:2] for point in points_in(tmp_path)] == [(5, "x"), (5, "x"), (10, "y"), (11, "y"), (12, "y")]


def test_a_missing_step_is_an_error_when_it_is_traced(writer):
    f = sw.function(lambda x: sw.summary.scalar("x", x))
    with writer.as_default(), pytest.raises(ValueError, match=r"step: expected a step, got None"):
        f(sw.constant(1.0))


def test_a_condition_that_is_a_function_is_called_when_it_is_traced(writer, tmp_path):
    calls = []
    step = sw.Variable(0)

    def condition():
        calls.append(1)
        return step > 1

    f = sw.function(lambda x: sw.summary.scalar("x", x, step=step))
    with writer.as_default(), sw.summary.record_if(condition):
        answers = []
        for _ in range(4):
            answers.append(bool(f(sw.constant(1.0))))
            step.assign_add(1)
    assert answers == [False, False, True, True] and len(calls) == 1
    assert [point[0] for point in points_in(tmp_path)] == [2, 3]


def test_name_scopes_are_those_of_the_function(writer, tmp_path):
    @sw.function
    def f(x):
        with sw.name_scope("in"):
            sw.summary.scalar("x", x, step=0)

    with writer.as_default(), sw.name_scope("out"):
        f(sw.constant(1.0))
    assert points_in(tmp_path) == [(0, "in/x", 1.0)]


def test_the_writer_can_be_chosen_and_flushed_in_the_function(writer, tmp_path):
    @sw.function
    def f(x, step):
        with writer.as_default(step=step):
            sw.summary.scalar("x", x)
        assert sw.summary.experimental.get_step() is None

    for step in range(3):
        f(sw.constant(1.0), sw.constant(step))
        assert len(points_in(tmp_path)) == step + 1  # the end of the context flushes


def test_a_writer_made_and_closed_in_a_function_is_one(tmp_path):
    @sw.function
    def f(x):
        writer = sw.summary.create_file_writer(tmp_path)
        with writer.as_default(step=0):
            sw.summary.scalar("x", x)
        writer.close()

    f(sw.constant(1.0))
    with pytest.raises(sw.errors.NotFoundError, match="is closed"):
        f(sw.constant(2.0))
    assert points_in(tmp_path) == [(0, "x", 1.0)]
    with pytest.raises(ValueError, match="logdir: expected a value that is known when the function is traced"):
        sw.function(lambda path: sw.summary.create_file_writer(path))(sw.constant("logs"))


@engines
def test_the_order_is_that_of_the_program(tmp_path, engine):
    @sw.function(engine=engine)
    def f(v):
        for i in sw.range(3):
            sw.summary.scalar("v", v, step=i)
            v.assign_add(1.0)
            if v > 2.0:
                sw.summary.scalar("late", v, step=i)
        sw.summary.scalar("v", v, step=9)

    v = sw.Variable(0.0)
    with sw.summary.create_file_writer(tmp_path).as_default():
        f(v)
    assert points_in(tmp_path) == [(0, "v", 0.0), (1, "v", 1.0), (2, "v", 2.0), (2, "late", 3.0), (9, "v", 3.0)]


def test_gradients_write_nothing_twice(writer, tmp_path):
    @sw.function
    def loss(x):
        for _ in sw.range(3):
            x = x * 2.0
            sw.summary.scalar("x", x, step=0)
        with sw.summary.record_if(x > 0.0):
            sw.summary.histogram("h", x, step=1, buckets=1)
        return x

    @sw.function
    def step(x):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = loss(x)
        return tape.gradient(y, x)

    with writer.as_default():
        for run in (step, step.python_function):
            assert float(run(sw.constant(1.0))) == 8.0
    assert [point[1] for point in points_in(tmp_path)] == ["x", "x", "x", "h"] * 2


@pytest.mark.parametrize("kind", [sw.summary.image, sw.summary.scalar, sw.summary.text])
def test_data_are_refused_when_they_are_traced(writer, kind):
    with writer.as_default(step=0), pytest.raises(ValueError, match=f"summary.{kind.__name__}: data: expected"):
        sw.function(lambda x: kind("x", x))(sw.zeros([2, 3]))


def test_an_unknown_rank_is_refused(writer):
    f = sw.function(
        lambda x: sw.summary.image("x", sw.numpy_function(lambda x: x, [x], sw.float32), step=0),
        input_signature=[sw.TensorSpec([None, None])],
    )
    with writer.as_default():
        with pytest.raises(ValueError, match="rank 4, got rank 2"):
            f(sw.zeros([2, 3]))
        with pytest.raises(ValueError, match="set_shape"):
            f.get_concrete_function()


def test_a_model_cannot_write(writer, tmp_path):
    @sw.function
    def f(x):
        sw.summary.scalar("x", sw.reduce_sum(x), step=0)
        with sw.summary.record_if(sw.reduce_sum(x) > 1.0):
            sw.summary.histogram("x", x, step=0)
        return x + x

    path, spec = tmp_path / "f.onnx", sw.TensorSpec([2])
    with writer.as_default():
        f.get_concrete_function(spec)
    with pytest.raises(sw.errors.UnsupportedError, match=r"'summary.scalar' has no ONNX form.*drop_prints=True"):
        sw.onnx.export(f, path, spec)
    sw.onnx.export(f, path, spec, drop_prints=True)
    session = onnxruntime.InferenceSession(path)
    assert session.run(None, {"x": np.ones(2, np.float32)})[0].tolist() == [2.0, 2.0]
    with writer.as_default(), pytest.raises(sw.errors.UnsupportedError, match="has no ONNX form"):
        sw.function(lambda x: (sw.summary.scalar("x", x, step=0), x)[1], engine="onnx")(sw.constant(1.0))


def test_functions_that_run_eagerly_write_too(writer, tmp_path):
    f = sw.function(lambda x: sw.summary.scalar("x", x, step=0))
    sw.config.run_functions_eagerly(True)
    try:
        with writer.as_default():
            f(sw.constant(1.0))
    finally:
        sw.config.run_functions_eagerly(False)
    assert points_in(tmp_path) == [(0, "x", 1.0)]


def test_loops_over_datasets_write(writer, tmp_path):
    @sw.function
    def f(dataset, step):
        for x in dataset:
            sw.summary.scalar("x", x, step=step)
            step.assign_add(1)

    with writer.as_default():
        f(sw.data.Dataset.from_tensor_slices([1.0, 2.0, 3.0]), sw.Variable(4))
    assert points_in(tmp_path) == [(4, "x", 1.0), (5, "x", 2.0), (6, "x", 3.0)]


def test_summaries_of_inlined_functions_are_written(writer, tmp_path):
    @sw.function
    def inner(x):
        sw.summary.scalar("inner", x, step=0)
        return x + 1.0

    @sw.function
    def outer(x):
        return inner(inner(x))

    with writer.as_default():
        assert float(outer(sw.constant(1.0))) == 3.0
    assert points_in(tmp_path) == [(0, "inner", 1.0), (0, "inner", 2.0)]


def test_the_program_says_where_it_writes(writer):
    f = sw.function(lambda x: sw.summary.scalar("x", x, step=3))
    with writer.as_default():
        text = sw.ir(f, sw.constant(1.0))
    assert 'host.function<"summary.scalar">' in str(text)


def test_large_images_are_written_by_compiled_functions(writer, tmp_path):
    f = sw.function(lambda x: sw.summary.image("x", x, step=0, max_outputs=1))
    with writer.as_default():
        f(sw.ones([3, 64, 64, 3]))
    [found] = summaries_in(tmp_path)
    assert np.asarray(Image.open(io.BytesIO(found.array.tolist()[2]))).shape == (64, 64, 3)
