"""Summaries that are written eagerly, read by TensorBoard's own reader; values are records of TensorFlow 2.21."""

import io
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from support.effort import examples
from support.events import events_in, points_in, summaries_in

import stepwell as sw

NAN, INF = float("nan"), float("inf")


@pytest.fixture
def writer(tmp_path):
    with sw.summary.create_file_writer(tmp_path).as_default(step=1) as writer:
        yield writer
    writer.close()


def written(writer, tmp_path):
    writer.flush()
    return summaries_in(tmp_path)


def test_each_kind_of_summary_names_its_plug_in(writer, tmp_path):
    sw.summary.scalar("a", 0.5, description="*text*")
    sw.summary.histogram("b", [1.0, 2.0])
    sw.summary.image("c", np.zeros((1, 2, 3, 1)))
    sw.summary.text("d", "é")
    sw.summary.audio("e", np.zeros((1, 3, 1), np.float32), 8000)
    sw.summary.write("f", sw.constant([1, 2]))
    found = [(each.tag, each.plugin, each.content, each.description) for each in written(writer, tmp_path)]
    assert found == [
        ("a", "scalars", b"", "*text*"),
        ("b", "histograms", b"", ""),
        ("c", "images", b"", ""),
        ("d", "text", b"", ""),
        ("e", "audio", b"\x10\x0b", ""),
        ("f", "", b"", ""),
    ]


@settings(max_examples=examples(60), deadline=None)
@given(
    value=arrays.arrays(
        st.sampled_from(["bool", "int8", "uint8", "int32", "int64", "uint64", "float16", "float32", "float64"]), ()
    ),
    step=st.integers(-(2**63), 2**63 - 1),
    tag=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_numbers_of_all_dtypes_are_read_as_float32(tmp_path_factory, value, step, tag):
    folder = tmp_path_factory.mktemp("events")
    with sw.summary.create_file_writer(folder).as_default():
        assert sw.summary.scalar(tag, value, step=step).numpy()
    [found] = summaries_in(folder)
    assert (found.step, found.tag, found.array.dtype, found.array.shape) == (step, tag, np.float32, ())
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(found.array, value.astype(np.float32))


@settings(max_examples=examples(60), deadline=None)
@given(
    value=st.sampled_from(["bool", "int16", "uint32", "int64", "float16", "float32", "float64", "complex64"]).flatmap(
        lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    )
)
def test_tensors_of_all_dtypes_and_shapes_are_read_as_they_are(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("events")
    with sw.summary.create_file_writer(folder).as_default():
        sw.summary.write("x", value, step=0)
    [found] = summaries_in(folder)
    assert (found.array.dtype, found.array.shape) == (value.dtype, value.shape)
    np.testing.assert_array_equal(found.array, value)


def test_large_tensors_are_read_as_they_are(writer, tmp_path):
    large = np.arange(10**6, dtype=np.float32)
    sw.summary.write("large", large)
    [found] = written(writer, tmp_path)
    np.testing.assert_array_equal(found.array, large)


def test_bfloat16_is_written_as_by_tensorflow(writer, tmp_path):
    sw.summary.write("x", sw.constant([1.5], sw.bfloat16))
    writer.flush()
    [tensor] = [value.tensor for event in events_in(tmp_path) for value in event.summary.value]
    assert tensor.SerializeToString() == b'\x08\x0e\x12\x04\x12\x02\x08\x01"\x02\xc0?'


HISTOGRAMS = {
    "simple": ([1.0, 2, 3, 4], 3, [[1.0, 2.0, 1.0], [2.0, 3.0, 1.0], [3.0, 4.0, 2.0]]),
    "ints": ([1, 2, 3, 4, 10], 4, [[1.0, 3.25, 3.0], [3.25, 5.5, 1.0], [5.5, 7.75, 0.0], [7.75, 10.0, 1.0]]),
    "bool": ([True, False, True], 2, [[0.0, 0.5, 1.0], [0.5, 1.0, 2.0]]),
    "empty": ([], 2, [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
    "no buckets": ([1.0, 2], 0, []),
    "fewer": ([1.0, 2], -1, []),
    "equal": ([2.0, 2, 2], 3, [[2.0, 2.0, 0.0], [2.0, 2.0, 0.0], [2.0, 2.0, 3.0]]),
    "nan": ([1.0, NAN, 2], 3, [[NAN, NAN, 0.0]] * 3),
    "inf": ([1.0, INF, 2], 3, [[1.0, INF, 2.0], [INF, INF, 0.0], [INF, INF, 0.0]]),
    "-inf": ([1.0, -INF, 2], 3, [[-INF, NAN, 0.0], [NAN, NAN, 0.0], [NAN, 2.0, 0.0]]),
    "infs": ([INF, INF], 3, [[INF, NAN, 0.0], [NAN, NAN, 0.0], [NAN, INF, 0.0]]),
    "complex": ([1 + 1j], 2, [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]),
    "uint8": (np.array([0, 255, 3], np.uint8), 3, [[0.0, 85.0, 2.0], [85.0, 170.0, 0.0], [170.0, 255.0, 1.0]]),
    "thirds": (np.arange(10) * 0.1, 3, [[0.0, 0.3, 3.0], [0.3, 0.6, 3.0], [0.6, 0.9, 4.0]]),
}


@pytest.mark.parametrize("case", HISTOGRAMS)
def test_histograms_are_those_of_tensorflow(writer, tmp_path, case):
    values, buckets, expected = HISTOGRAMS[case]
    sw.summary.histogram("h", values, buckets=buckets)
    [found] = written(writer, tmp_path)
    assert found.array.dtype == np.float64
    np.testing.assert_allclose(found.array, np.array(expected).reshape(-1, 3), rtol=1e-15)


@settings(max_examples=examples(60), deadline=None)
@given(
    values=arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(-1e6, 1e6, width=32)),
    buckets=st.integers(1, 9),
)
def test_every_element_of_a_histogram_is_in_one_interval(tmp_path_factory, values, buckets):
    folder = tmp_path_factory.mktemp("events")
    with sw.summary.create_file_writer(folder).as_default():
        sw.summary.histogram("h", values, step=0, buckets=buckets)
    [found] = summaries_in(folder)
    left, right, counts = found.array.T
    assert (left[0], right[-1], counts.sum(), len(counts)) == (values.min(), values.max(), values.size, buckets)
    np.testing.assert_array_equal(left[1:], right[:-1])
    if values.min() < values.max():
        expected, _ = np.histogram(values.astype(np.float64), buckets)
        assert np.abs(np.cumsum(counts) - np.cumsum(expected)).max() <= 1 + (values.size - len(np.unique(values)))


def pixels_of(found):
    return [np.asarray(Image.open(io.BytesIO(file))) for file in found.array.tolist()[2:]]


def test_images_are_clipped_and_limited(writer, tmp_path):
    colours = np.array([-0.5, 0.0, 0.25, 0.5, 1.0, 2.0, NAN, INF, -INF], np.float32).reshape(1, 1, 9, 1)
    sw.summary.image("floats", colours)
    sw.summary.image("ints", np.full((1, 1, 1, 1), 10**9, np.int32))
    sw.summary.image("uint16", np.full((1, 1, 1, 1), 300, np.uint16))
    sw.summary.image("four", np.zeros((4, 2, 3, 3), np.uint8))
    sw.summary.image("two", [np.zeros((5, 4, 4)), np.ones((5, 4, 4))], max_outputs=sw.constant(2))
    sw.summary.image("none", np.zeros((0, 2, 3, 1)))
    sw.summary.image("limited", np.zeros((1, 2, 3, 1)), max_outputs=0)
    found = {each.tag: each for each in written(writer, tmp_path)}
    assert pixels_of(found["floats"])[0].tolist() == [[0, 0, 63, 127, 255, 255, 0, 255, 0]]
    assert [pixels_of(found[tag])[0].item() for tag in ("ints", "uint16")] == [119, 1]
    assert [each.shape for each in pixels_of(found["four"])] == [(2, 3, 3)] * 3
    assert [each.shape for each in pixels_of(found["two"])] == [(5, 4, 4)] * 2
    assert found["two"].array.tolist()[:2] == [b"4", b"5"]
    assert [found[tag].array.tolist() for tag in ("none", "limited")] == [[b"3", b"2"]] * 2


def test_sounds_are_rounded_as_by_tensorflow(writer, tmp_path):
    sw.summary.audio("mono", np.array([[[-2.0], [-1], [-0.5], [0], [1e-5], [0.3], [1], [2]]], np.float32), 8000)
    sw.summary.audio("stereo", np.array([[[-0.5, 0.25], [0.1, 0.9]]], np.float32), sw.constant(44100))
    sw.summary.audio("nan", np.full((1, 1, 1), NAN, np.float32), 44100)
    sw.summary.audio("none", np.zeros((0, 3, 1), np.float32), 8000)
    sw.summary.audio("short", np.zeros((1, 0, 1), np.float32), 44100)
    sw.summary.audio("five", np.zeros((5, 1, 1), np.float32), 44100, max_outputs=2)
    found = {each.tag: each.array.tolist() for each in written(writer, tmp_path)}
    head = (
        b"RIFF4\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00\x80>\x00\x00\x02\x00\x10\x00data\x10"
    )
    samples = b"\x00\x00\x00\x00\x80\x00\x80\x00\xc0\x00\x00\x00\x00f&\xff\x7f\xff\x7f"
    assert found["mono"] == [[head + samples, b""]]
    assert found["stereo"][0][0].endswith(
        b"\x02\x00D\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00data\x08\x00\x00\x00\x00\xc0\x00 \xcd\x0c3s"
    )
    assert found["nan"][0][0].endswith(b"data\x02\x00\x00\x00\x00\x00")
    assert found["none"] == []
    assert found["short"][0][0].endswith(b"data\x00\x00\x00\x00")
    assert len(found["five"]) == 2


def test_texts_keep_their_shape_and_bytes(writer, tmp_path):
    sw.summary.text("one", "naïve 🎉")
    sw.summary.text("table", [["a", "b"], ["c", "d"]])
    sw.summary.text("bytes", b"\xff\x00")
    assert [each.array.tolist() for each in written(writer, tmp_path)] == [
        "naïve 🎉".encode(),
        [[b"a", b"b"], [b"c", b"d"]],
        b"\xff\x00",
    ]


def test_hyperparameters_are_read_by_the_plug_in(writer, tmp_path):
    from tensorboard.plugins.hparams import metadata
    from tensorboard.plugins.hparams import summary_v2 as hp

    values = {"rate": 0.1, hp.HParam("units"): np.int64(16), "optimizer": "adam", "bias": True}
    sw.summary.hparams(values, start_time_secs=5.0)
    sw.summary.hparams(values, trial_id="mine")
    first, second = written(writer, tmp_path)
    expected = hp.hparams_pb(values, start_time_secs=5.0).value[0]
    assert (first.tag, first.step, first.plugin) == (expected.tag, 0, "hparams")
    start = metadata.parse_session_start_info_plugin_data(first.content)
    assert start == metadata.parse_session_start_info_plugin_data(expected.metadata.plugin_data.content)
    assert metadata.parse_session_start_info_plugin_data(second.content).group_name == "mine"


def test_messages_and_metadata_can_be_given_as_they_are(writer, tmp_path):
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata

    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="mine", content=b"\x01"))
    metadata.data_class = 2
    sw.summary.write("a", lambda: sw.constant([1.0]), metadata=metadata)
    sw.summary.write("b", [1.0], metadata=metadata.SerializeToString())
    message = Summary(value=[Summary.Value(tag="c", simple_value=2.5)]).SerializeToString()
    sw.summary.experimental.write_raw_pb(message, step=4)
    found = written(writer, tmp_path)
    assert [(each.tag, each.plugin, each.content) for each in found[:2]] == [(tag, "mine", b"\x01") for tag in "ab"]
    assert (found[2].tag, found[2].step, found[2].array) == ("c", 4, 2.5)
    kept = [value.metadata for event in events_in(tmp_path) for value in event.summary.value][:2]
    assert kept == [metadata, metadata]


def test_steps_are_numbers_tensors_and_variables(writer, tmp_path):
    steps = [
        2,
        np.int32(3),
        sw.constant(4),
        sw.constant([5]),
        sw.Variable(6),
        sw.Variable(7, dtype=sw.int64),
        True,
        [8],
    ]
    for step in steps:
        sw.summary.scalar("x", 0.0, step=step)
    sw.summary.scalar("x", 0.0)
    sw.summary.experimental.set_step(20)
    sw.summary.scalar("x", 0.0)
    assert [each.step for each in written(writer, tmp_path)] == [2, 3, 4, 5, 6, 7, 1, 8, 1, 20]


def test_defaults_nest_and_belong_to_a_thread(tmp_path):
    first, second = (sw.summary.create_file_writer(tmp_path / name) for name in "ab")
    get_step = sw.summary.experimental.get_step
    with first.as_default(step=10):
        sw.summary.scalar("x", 1.0)
        with second.as_default(step=20):
            sw.summary.scalar("x", 2.0)
        with second.as_default():
            assert get_step() == 10
        sw.summary.scalar("x", 3.0)
        seen = []
        thread = threading.Thread(target=lambda: seen.append((get_step(), sw.summary.scalar("y", 1.0, step=0).numpy())))
        thread.start()
        thread.join()
    assert get_step() is None and seen == [(None, False)]
    assert points_in(tmp_path / "a") == [(10, "x", 1.0), (10, "x", 3.0)]
    assert points_in(tmp_path / "b") == [(20, "x", 2.0)]


def test_the_default_can_be_set_for_good(tmp_path):
    writer = sw.summary.create_file_writer(tmp_path)
    state = sw.summary.create_noop_writer()

    def work():
        writer.set_as_default(step=9)
        state.set_as_default(step=1)
        sw.summary.scalar("x", 1.0)
        with state.as_default():
            sw.summary.scalar("y", 1.0)
        sw.summary.flush()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert points_in(tmp_path) == [(9, "x", 1.0), (9, "y", 1.0)]


def test_name_scopes_are_in_the_tags(writer, tmp_path):
    with sw.name_scope("s"), sw.name_scope("q"):
        sw.summary.scalar("a b", 1.0)
    for name in (None, ""):
        sw.summary.scalar(name, 1.0)
    sw.summary.scalar("/x//", 1.0)
    tags = [each.tag for each in written(writer, tmp_path)]
    assert tags == ["s/q/a b", "scalar_summary", "scalar_summary", "/x//"]


def test_conditions_are_asked_for_each_summary(writer, tmp_path):
    calls = []

    def often():
        calls.append(1)
        return len(calls) % 2 == 0

    with sw.summary.record_if(often):
        answers = [sw.summary.scalar("x", 1.0, step=step).numpy() for step in range(4)]
    assert answers == [False, True, False, True]
    for condition in (False, sw.constant(False), lambda: sw.constant(False), np.False_, sw.Variable(False)):
        with sw.summary.record_if(condition):
            assert not sw.summary.should_record_summaries()
            assert not sw.summary.image("i", [1.0])  # nothing is looked at
            assert not sw.summary.scalar("x", 1.0).numpy()
    for condition in (True, None, sw.constant(True)):
        with sw.summary.record_if(condition):
            assert sw.summary.should_record_summaries()
    assert [each.step for each in written(writer, tmp_path)] == [1, 3]


def test_without_a_writer_there_is_nothing_to_do():
    with sw.summary.record_if(True):
        assert not sw.summary.should_record_summaries()
    assert not sw.summary.scalar("x", 1.0)
    assert not sw.summary.image("x", "no image")
    assert not sw.summary.write("x", lambda: 1 / 0)
    sw.summary.flush()


def scalar_if(condition):
    with sw.summary.record_if(condition):
        sw.summary.scalar("x", 1.0)


REFUSED = {
    "scalar: rank": (lambda: sw.summary.scalar("x", [1.0]), ValueError, "summary.scalar: data: expected one number"),
    "scalar: string": (lambda: sw.summary.scalar("x", "a"), TypeError, "summary.scalar: data: expected a number"),
    "scalar: name": (lambda: sw.summary.scalar(5, 1.0), TypeError, "summary: name: expected a text, got 5"),
    "step: shape": (lambda: sw.summary.scalar("x", 1.0, step=[1, 2]), ValueError, "step: expected one integer"),
    "step: float": (lambda: sw.summary.scalar("x", 1.0, step=1.5), TypeError, "summary.scalar: step"),
    "step: tensor": (lambda: sw.summary.text("x", "a", step=sw.constant(1.5)), TypeError, "got float32"),
    "step: text": (lambda: sw.summary.scalar("x", 1.0, step="a"), TypeError, "summary.scalar: step"),
    "image: rank": (lambda: sw.summary.image("x", np.zeros((2, 3))), ValueError, r"rank 4, got rank 2"),
    "image: channels": (lambda: sw.summary.image("x", np.zeros((1, 2, 3, 5))), ValueError, "1 to 4 channels"),
    "image: empty": (lambda: sw.summary.image("x", np.zeros((1, 0, 3, 1))), ValueError, r"\(1, 0, 3, 1\)"),
    "image: bool": (lambda: sw.summary.image("x", np.zeros((1, 2, 3, 1), bool)), TypeError, "got bool"),
    "image: limit": (lambda: sw.summary.image("x", np.zeros((1, 2, 3, 1)), max_outputs=-1), ValueError, "max_outputs"),
    "audio: rank": (lambda: sw.summary.audio("x", np.zeros((2, 3)), 8000), ValueError, "rank 3, got rank 2"),
    "audio: dtype": (lambda: sw.summary.audio("x", np.zeros((1, 2, 3), int), 8000), TypeError, "got int64"),
    "audio: rate": (lambda: sw.summary.audio("x", np.zeros((1, 2, 1)), 0), ValueError, "sample_rate: expected a pos"),
    "audio: encoding": (lambda: sw.summary.audio("x", [], 1, encoding="mp3"), ValueError, "expected 'wav'"),
    "text: dtype": (lambda: sw.summary.text("x", 1), TypeError, "summary.text: data: expected strings"),
    "histogram: buckets": (lambda: sw.summary.histogram("x", [1.0], buckets=2.5), TypeError, "buckets"),
    "histogram: strings": (lambda: sw.summary.histogram("x", ["a"]), TypeError, "expected numbers"),
    "write: nothing": (lambda: sw.summary.write("x", None), TypeError, "summary.write: tensor"),
    "write: tag": (lambda: sw.summary.write(None, 1.0), TypeError, "summary.write: tag: expected a text"),
    "write: metadata": (lambda: sw.summary.write("x", 1.0, metadata=b"\xff"), ValueError, "SummaryMetadata"),
    "write: metadata type": (lambda: sw.summary.write("x", 1.0, metadata=3), TypeError, "SummaryMetadata"),
    "raw": (lambda: sw.summary.experimental.write_raw_pb(b"\xff"), ValueError, "Summary"),
    "record_if": (lambda: scalar_if("x"), TypeError, "record_if: condition: expected a bool"),
    "record_if: shape": (lambda: scalar_if([True, False]), ValueError, "record_if: condition: expected one bool"),
    "hparams": (lambda: sw.summary.hparams({"a": [1]}), TypeError, r"hparams\['a'\]"),
    "flush": (lambda: sw.summary.flush(3), ValueError, "expected a SummaryWriter, got 3"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(writer, tmp_path, case):
    call, kind, text = REFUSED[case]
    with pytest.raises(kind, match=text):
        call()
    assert written(writer, tmp_path) == []


def test_a_step_is_required_where_there_is_a_writer(tmp_path):
    writer = sw.summary.create_file_writer(tmp_path)
    with writer.as_default(), pytest.raises(ValueError, match=r"step: expected a step, got None.*set_step"):
        sw.summary.scalar("x", 1.0)
    assert points_in(tmp_path) == []
