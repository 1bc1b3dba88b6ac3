"""Files of records: TensorFlow's bytes, its order of files, and what is said of files that are damaged."""

import base64
import gzip
import logging
import os
import random
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.record_mutants import check_mutants

import stepwell as sw
from stepwell.runtime.data.files.framing import checksum, framed

Dataset = sw.data.Dataset

RECORDS = [b"abc", b"", b"x" * 20]
WRITTEN = base64.b64decode(
    "AwAAAAAAAACwmUkOYWJjblfxIQAAAAAAAAAAKQOYB9jqgqIUAAAAAAAAAF49KRV4eHh4eHh4eHh4eHh4eHh4eHh4eA0t0yA="
)
"""The file that TensorFlow 2.21 writes of these records."""
COMPRESSED = {
    "GZIP": base64.b64decode("H4sIAAAAAAAAA2NmgIANMz35EpOS88I/KrJChV5tYrHLSM3Jyd8tLyMJAPKMtuYoAAAA"),
    "ZLIB": base64.b64decode("eJxjZoCADTM9+RKTkvPCPyqyQoVebWKxy0jNycnfLS8jCQCm+gmn"),
}
"""Those that it writes of the records abc and hello."""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "records")


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    return path


def listed(dataset):
    return [element.numpy() for element in dataset]


def test_files_are_byte_by_byte_tensorflows(path):
    with sw.io.TFRecordWriter(path) as writer:
        for record in RECORDS:
            writer.write(record)
    with open(path, "rb") as file:
        assert file.read() == WRITTEN
    dataset = sw.data.TFRecordDataset(path)
    assert listed(dataset) == RECORDS and listed(dataset) == RECORDS
    assert dataset.element_spec == sw.TensorSpec([], sw.string) and int(dataset.cardinality()) == -2


@pytest.mark.parametrize("kind", COMPRESSED)
def test_compressed_files_of_tensorflow_are_read(kind, path):
    write(path, COMPRESSED[kind])
    assert listed(sw.data.TFRecordDataset(path, compression_type=kind)) == [b"abc", b"hello"]
    with sw.io.TFRecordWriter(path, kind) as writer:
        writer.write(b"abc")
        writer.write("hello")
    with open(path, "rb") as file:
        data = file.read()
    plain = gzip.decompress(data) if kind == "GZIP" else zlib.decompress(data)
    assert plain == framed(b"abc") + framed(b"hello")


@given(st.lists(st.binary(max_size=3000), max_size=8), st.sampled_from(["", "GZIP", "ZLIB"]), st.integers(1, 4000))
@settings(max_examples=examples(60))
def test_records_are_read_as_they_were_written(tmp_path_factory, records, kind, buffer):
    path = str(tmp_path_factory.mktemp("records") / "file")
    with sw.io.TFRecordWriter(path, sw.io.TFRecordOptions(kind, output_buffer_size=buffer)) as writer:
        for record in records:
            writer.write(record)
    assert listed(sw.data.TFRecordDataset(path, kind, buffer_size=buffer)) == records


def test_the_checksum_is_crc32c_masked():
    """The checks of RFC 3720, B.4, turned by 15 bits and offset as TensorFlow says."""
    for data, crc in ((b"\0" * 32, 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E)):
        assert checksum(data) == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_records_of_megabytes(path):
    large = np.random.default_rng(1).bytes(5 << 20)
    for kind in ("", "GZIP"):
        with sw.io.TFRecordWriter(path, sw.io.TFRecordOptions(kind, compression_level=1)) as writer:
            writer.write(large)
            writer.write(b"small")
        assert listed(sw.data.TFRecordDataset(path, kind)) == [large, b"small"]


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


HUGE = struct.pack("<Q", 2**50)
DAMAGED = {
    "no last byte": (WRITTEN[:-1], 2, "record 2, at byte 35: truncated record: expected 24 more bytes, got 23"),
    "no last checksum": (WRITTEN[:-4], 2, "record 2, at byte 35: truncated record: expected 24 more bytes, got 20"),
    "half a length": (WRITTEN[:40], 2, "record 2, at byte 35: truncated record: expected 12 bytes of a length, got 5"),
    "a wrong length": (
        flipped(WRITTEN, 19),
        1,
        "record 1, at byte 19: corrupted record: the checksum of its length does not match$",
    ),
    "no file of records": (b"no such format at all", 0, "record 0, at byte 0: corrupted record: .*is it a TFRecord"),
    "a wrong byte": (flipped(WRITTEN, 13), 0, "record 0, at byte 0: corrupted record: the checksum of its 3 bytes"),
    "a huge length": (
        HUGE + struct.pack("<I", checksum(HUGE)) + b"abc",
        0,
        "record 0, at byte 0: truncated record: expected 1125899906842628 more bytes, got 3",
    ),
}


@pytest.mark.parametrize("data, before, text", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("kind", ["", "GZIP"])
def test_damaged_files_are_errors_after_what_is_whole(data, before, text, kind, path):
    write(path, gzip.compress(data) if kind else data)
    iterator = iter(sw.data.TFRecordDataset(path, kind))
    assert [next(iterator).numpy() for _ in range(before)] == RECORDS[:before]
    with pytest.raises(sw.errors.DataLossError, match=text) as raised:
        next(iterator)
    assert str(raised.value).startswith(path)
    assert list(iterator) == []


def test_compressed_files_that_are_cut_off_or_of_another_format(path):
    data = COMPRESSED["GZIP"]
    write(path, data[:-3])
    with pytest.raises(
        sw.errors.DataLossError, match="record 2, at byte 40: the compressed data is cut off at byte 48"
    ):
        listed(sw.data.TFRecordDataset(path, "GZIP"))
    write(path, WRITTEN)
    with pytest.raises(sw.errors.DataLossError, match=r"record 0, at byte 0: .* incorrect header check"):
        listed(sw.data.TFRecordDataset(path, "ZLIB"))
    write(path, data + data)
    assert listed(sw.data.TFRecordDataset(path, "GZIP")) == [b"abc", b"hello"] * 2


def test_mutated_files_are_errors_and_nothing_else(tmp_path):
    """A sample of `make mutated-files`."""
    check_mutants(tmp_path, random.Random(1), count=400)


def test_writers_and_options_refuse(path):
    writer = sw.io.TFRecordWriter(path)
    with pytest.raises(sw.errors.InvalidTypeError, match="record: expected bytes or text, got 3"):
        writer.write(3)
    writer.write("é")
    writer.flush()
    assert listed(sw.data.TFRecordDataset(path)) == ["é".encode()]
    writer.close()
    writer.close()
    for call in (lambda: writer.write(b""), writer.flush):
        with pytest.raises(sw.errors.FailedPreconditionError, match="writer is closed"):
            call()
    with pytest.raises(sw.errors.NotFoundError, match="No such file or directory"):
        sw.io.TFRecordWriter(f"{path}.there/is/none")
    with pytest.raises(ValueError, match='compression_type: expected "GZIP", "ZLIB" or "", got \'FOO\''):
        sw.io.TFRecordOptions(compression_type="FOO")
    names = sw.io.TFRecordOptions.get_compression_type_string
    assert [names(each) for each in (sw.io.TFRecordOptions("ZLIB"), "GZIP", None, 2)] == ["ZLIB", "GZIP", "", "GZIP"]


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_what_was_flushed_is_there_for_a_reader(kind, path):
    writer = sw.io.TFRecordWriter(path, kind)
    writer.write(b"abc")
    writer.flush()
    iterator = iter(sw.data.TFRecordDataset(path, kind))
    assert next(iterator).numpy() == b"abc"
    writer.close()


TURNS = {
    None: "00 01 02 10 20 21 30 31 32 33",
    1: "00 01 02 10 20 21 30 31 32 33",
    2: "00 10 01 02 20 21 30 31 32 33",
    3: "00 10 20 01 21 02 30 31 32 33",
    9: "00 10 20 30 01 21 31 02 32 33",
    -1: "00 01 02 10 20 21 30 31 32 33",
}
"""In which order TensorFlow 2.21 gives the lines of files of 3, 1, 2 and 4, by `num_parallel_reads`."""


def numbered(tmp_path):
    """Files of 3, 1, 2 and 4 records, which are their numbers."""
    paths = []
    for number, count in enumerate([3, 1, 2, 4]):
        paths.append(str(tmp_path / f"file{number}"))
        with sw.io.TFRecordWriter(paths[-1]) as writer:
            for place in range(count):
                writer.write(f"{number}{place}")
    return paths


@pytest.mark.parametrize("turns", TURNS)
def test_files_are_read_in_the_order_of_tensorflow(turns, tmp_path):
    paths = numbered(tmp_path)
    found = listed(sw.data.TFRecordDataset(paths, num_parallel_reads=turns))
    assert b" ".join(found).decode() == TURNS[turns]


def test_names_of_files(tmp_path):
    paths = numbered(tmp_path)
    names = Dataset.from_tensor_slices(paths).skip(2)
    assert listed(sw.data.TFRecordDataset(names)) == [b"20", b"21", b"30", b"31", b"32", b"33"]
    assert listed(sw.data.TFRecordDataset(sw.constant([paths[:1], paths[1:2]]))) == [b"00", b"01", b"02", b"10"]
    assert listed(sw.data.TFRecordDataset(tmp_path / "file1")) == [b"10"]
    assert listed(sw.data.TFRecordDataset([])) == []
    with pytest.raises(TypeError, match="TFRecordDataset: filenames: expected dtype string, got int32"):
        sw.data.TFRecordDataset([1])
    for wrong in (Dataset.range(3), Dataset.from_tensors(paths)):
        with pytest.raises(TypeError, match="filenames: expected a dataset of scalars of dtype string"):
            sw.data.TFRecordDataset(wrong)
    with pytest.raises(sw.errors.NotFoundError, match="none; No such file"):
        listed(sw.data.TFRecordDataset(str(tmp_path / "none")))
    with pytest.raises(ValueError, match='compression_type: expected "GZIP", "ZLIB" or "", got \'foo\''):
        sw.data.TFRecordDataset(paths, "foo")


def test_files_whose_names_a_program_has(tmp_path):
    paths = numbered(tmp_path)
    names = Dataset.from_tensor_slices(paths)
    assert listed(names.flat_map(sw.data.TFRecordDataset)) == listed(sw.data.TFRecordDataset(paths))
    by_turns = names.interleave(lambda name: sw.data.TFRecordDataset(name), cycle_length=3)
    assert b" ".join(listed(by_turns)).decode() == TURNS[3]
    count = sw.function(lambda name: sw.data.TFRecordDataset(name).reduce(np.int64(0), lambda n, _: n + 1))
    assert int(count(sw.constant(paths[3]))) == 4


@given(st.integers(0, 10), st.sampled_from([None, -1, 2, 3]), st.sampled_from(["", "GZIP"]), st.sampled_from([3, None]))
@settings(max_examples=examples(40))
def test_iterations_go_on_in_the_middle_of_files(tmp_path_factory, taken, turns, kind, buffer):
    folder = tmp_path_factory.mktemp("files")
    paths = [write(str(folder / str(n)), b"".join(framed(b"%d.%d" % (n, k)) for k in range(3))) for n in range(3)]
    if kind:
        for path in paths:
            with open(path, "rb") as file:
                data = gzip.compress(file.read())
            write(path, data)
    node = sw.data.TFRecordDataset(paths, kind, buffer, num_parallel_reads=turns)._node
    first = node.start()
    whole = [element[0].numpy() for element in node.start()]
    for _ in range(min(taken, len(whole))):
        next(first)
    second = node.start()
    second.restore(first.state())
    assert [element[0].numpy() for element in second] == whole[taken:]
    assert [element[0].numpy() for element in first] == whole[taken:]


def test_files_are_closed_when_an_iteration_ends(tmp_path, monkeypatch):
    from stepwell.runtime.data.files import streams

    opened = []
    monkeypatch.setattr(streams.Stream, "__init__", kept(streams.Stream.__init__, opened))
    iteration = sw.data.TFRecordDataset(numbered(tmp_path), num_parallel_reads=3)._node.start()
    next(iteration)
    next(iteration)
    assert len(opened) == 2 and not any(stream._raw.closed for stream in opened)
    iteration.close()
    assert all(stream._raw.closed for stream in opened) and list(iteration) == []
    listed(sw.data.TFRecordDataset(str(tmp_path / "file0")).take(1))
    assert all(stream._raw.closed for stream in opened)


def readers():
    return [thread for thread in threading.enumerate() if thread.name == "stepwell-read"]


@pytest.mark.parametrize("turns", [-1, 3])
@pytest.mark.parametrize("kind", ["", "ZLIB"])
def test_threads_read_files_and_end_with_the_iteration(kind, turns, tmp_path):
    paths = [str(tmp_path / str(number)) for number in range(5)]
    for path in paths:
        with sw.io.TFRecordWriter(path, kind) as writer:
            for number in range(40):
                writer.write(f"{path}: {number}")
    records = sw.data.TFRecordDataset(paths, kind, 20, num_parallel_reads=turns)
    assert sorted(listed(records)) == sorted(f"{path}: {number}".encode() for path in paths for number in range(40))
    assert not readers()
    iteration = iter(records)
    for _ in range(3):
        next(iteration)
    assert len(readers()) == max(turns, 1)
    del iteration
    assert not readers()
    assert len(listed(records.take(5))) == 5 and not readers()


@pytest.mark.parametrize("turns", [None, -1, 2])
def test_errors_of_files_that_threads_read_name_the_record(turns, tmp_path, caplog):
    paths = numbered(tmp_path)
    with open(paths[0], "rb") as file:
        data = gzip.compress(file.read())
    write(paths[0], data[:-12])
    found = iter(sw.data.TFRecordDataset(paths[:1], "GZIP", num_parallel_reads=turns))
    with pytest.raises(
        sw.errors.DataLossError, match=f"{paths[0]}: record 2, at byte 36: the compressed data is cut off"
    ):
        assert [next(found).numpy(), next(found).numpy()] == [b"00", b"01"] and next(found)
    text = sw.data.TFRecordDataset([str(tmp_path / "none"), paths[1]], num_parallel_reads=turns)
    with caplog.at_level(logging.WARNING, "stepwell"):
        assert listed(text.ignore_errors()) == [b"10"]
    assert not readers()


def test_a_pipe_is_read_as_it_is_written(tmp_path):
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    lines = iter(sw.data.TextLineDataset(path, num_parallel_reads=2))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(next, lines)
        with open(path, "wb", buffering=0) as pipe:
            for number in range(3):
                pipe.write(b"%d\n" % number)
                assert first.result(timeout=10).numpy() == b"%d" % number
                first = pool.submit(next, lines)
        with pytest.raises(StopIteration):
            first.result(timeout=10)


def kept(made, opened):
    def init(stream, *arguments):
        opened.append(stream)
        made(stream, *arguments)

    return init


def test_ignored_errors_go_on_with_the_next_file(tmp_path, caplog):
    """As in TensorFlow: what follows a damaged record in its file is not read."""
    paths = numbered(tmp_path)
    with open(paths[0], "rb") as file:
        data = file.read()
    write(paths[0], flipped(data, 18 + 12))
    names = [paths[0], str(tmp_path / "none"), paths[1]]
    with caplog.at_level(logging.WARNING, "stepwell"):
        assert listed(sw.data.TFRecordDataset(names).ignore_errors(log_warning=True)) == [b"00", b"10"]
    texts = [record.getMessage() for record in caplog.records]
    assert "DataLossError" in texts[0] and "record 1, at byte 18" in texts[0] and "NotFoundError" in texts[1]
    assert texts[2:] == ["Dataset.ignore_errors: elements with errors that were skipped: 2"]


def test_ignored_errors_of_functions():
    numbers = Dataset.from_tensor_slices([1.0, 2.0, 0.0, 4.0])
    bad = numbers.map(lambda x: sw.debugging.check_numerics(1.0 / x, "bad"))
    assert [float(x) for x in bad.ignore_errors()] == [1.0, 0.5, 0.25]
    ignored = bad.apply(sw.data.experimental.ignore_errors())
    assert [float(x) for x in ignored] == [1.0, 0.5, 0.25] and int(ignored.cardinality()) == -2


def test_errors_ahead_of_use_are_ignored():
    ahead = Dataset.from_tensor_slices(["1", "x", "3"]).map(lambda text: sw.strings.to_number(text)).prefetch(1)
    assert [float(x) for x in ahead.ignore_errors()] == [1.0, 3.0]


def test_loops_over_records_in_functions(tmp_path):
    @sw.function
    def joined(dataset):
        text = sw.constant("")
        for record in dataset:
            text = sw.strings.join([text, record], separator="\0")
        return text

    dataset = sw.data.TFRecordDataset(numbered(tmp_path)[:2])
    assert joined(dataset).numpy() == b"\x0000\x0001\x0002\x0010"
    last = write(str(tmp_path / "zeros"), framed(b"a\0\0"))
    assert joined(sw.data.TFRecordDataset(last)).numpy() == b"\0a\0\0"
    assert [batch.numpy().tolist() for batch in dataset.batch(3)] == [[b"00", b"01", b"02"], [b"10"]]
    shuffled = dataset.shuffle(2, seed=1)
    iteration = shuffled._node.start()
    next(iteration)
    again = shuffled._node.start()
    again.restore(iteration.state())
    assert [e[0].numpy() for e in again] == [e[0].numpy() for e in iteration]


def test_patterns_of_files(tmp_path):
    paths = numbered(tmp_path)
    pattern = str(tmp_path / "file?")
    assert listed(Dataset.list_files(pattern, shuffle=False)) == [path.encode() for path in paths]
    sw.random.set_seed(3)
    dataset = Dataset.list_files(pattern, seed=5)
    orders = [[int(name.numpy()[-1:]) for name in dataset] for _ in range(3)]
    assert orders == [[0, 2, 3, 1], [1, 2, 3, 0], [2, 3, 0, 1]]  # TensorFlow 2.21's
    sw.random.set_seed(3)
    dataset = Dataset.list_files(pattern)
    assert [[int(name.numpy()[-1:]) for name in dataset] for _ in range(2)] == [[3, 0, 1, 2], [0, 3, 2, 1]]
    assert len(dataset) == 4
    two = [str(tmp_path / "file3"), str(tmp_path / "file1*")]
    assert listed(Dataset.list_files(two, shuffle=False)) == [paths[1].encode(), paths[3].encode()]
    with pytest.raises(sw.errors.InvalidArgumentError, match="file_pattern: no files match b'nothing"):
        Dataset.list_files("nothing*")
