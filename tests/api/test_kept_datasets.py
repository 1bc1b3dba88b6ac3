"""Elements in files: `cache`, `save`, `load` and `snapshot`; nothing damaged or half written is read as whole."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

Dataset = sw.data.Dataset

DTYPES = [
    "bool",
    "int8",
    "uint16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "string",
    "bfloat16",
]


def array(dtype, shape, random) -> Any:
    values = random.integers(0, 100, shape)
    if dtype == "string":
        return np.array([f"{value}\0é".encode() for value in values.reshape(-1)], object).reshape(shape)
    return values.astype(sw.as_dtype(dtype).as_numpy_dtype)


@st.composite
def sources(draw):
    """A dataset of elements of one structure, and the elements; sizes may differ from one to the next."""
    random = np.random.default_rng(draw(st.integers(0, 9)))
    dtypes = draw(st.lists(st.sampled_from(DTYPES), min_size=1, max_size=3))
    rank, count = draw(st.integers(0, 2)), draw(st.integers(0, 5))

    def packed(parts):
        return parts[0] if len(parts) == 1 else {"x": parts[0], "rest": tuple(parts[1:])}

    elements = [
        packed([array(dtype, random.integers(0, 3, rank).tolist(), random) for dtype in dtypes]) for _ in range(count)
    ]
    spec = packed([sw.TensorSpec([None] * rank, dtype) for dtype in dtypes])
    return elements, spec


def as_lists(dataset):
    flat = []
    for element in dataset:
        flat.append([(x.dtype.name, x.numpy().tolist()) for x in sw.nest.flatten(element)])
    return flat


KEPT = {
    "cache": lambda d, path: d.cache(path),
    "snapshot": lambda d, path: d.snapshot(path),
    "compressed": lambda d, path: d.snapshot(path, compression="GZIP"),
}


@settings(max_examples=examples(40), deadline=None)
@given(source=sources(), way=st.sampled_from([*KEPT, "save", "save compressed"]))
def test_elements_come_back_from_files(source, way):
    elements, spec = source
    calls = []

    def generated():
        calls.append(1)
        yield from elements

    dataset = Dataset.from_generator(generated, output_signature=spec)
    expected = as_lists(dataset)
    with TemporaryDirectory() as folder:
        path = f"{folder}/kept"
        if way in KEPT:
            kept = KEPT[way](dataset, path)
            assert as_lists(kept) == expected
            assert as_lists(KEPT[way](dataset, path)) == expected
        else:
            compression = "GZIP" if "compressed" in way else None
            dataset.save(path, compression)
            loaded = Dataset.load(path)
            assert as_lists(loaded) == expected
            assert loaded.element_spec == dataset.element_spec and int(loaded.cardinality()) == len(elements)
    assert len(calls) == 2, "the generator ran although there was a file"


@pytest.mark.parametrize("way", KEPT)
def test_an_iteration_that_is_left_leaves_nothing(tmp_path, way):
    kept = KEPT[way](Dataset.range(10), str(tmp_path / "kept"))
    next(iter(kept))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert list(map(int, kept)) == list(map(int, kept)) == list(range(10))


@pytest.mark.parametrize("way", KEPT)
def test_an_error_that_is_passed_over_makes_no_file(tmp_path, way):
    def generated():
        yield from range(3)
        raise ValueError("no more")

    dataset = KEPT[way](
        Dataset.from_generator(generated, output_signature=sw.TensorSpec([], "int64")), str(tmp_path / "k")
    )
    with pytest.raises(ValueError, match="no more"):
        list(dataset)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


WRITER = """
import os, sys, time
import stepwell as sw
def generated():
    yield from range(50)
    print("half", flush=True)
    time.sleep(60)
dataset = sw.data.Dataset.from_generator(generated, output_signature=sw.TensorSpec([], "int64"))
if sys.argv[1] == "cache":
    list(dataset.cache(sys.argv[2]))
else:
    dataset.save(sys.argv[2])
"""


@pytest.mark.parametrize("way", ["cache", "save"])
def test_a_writer_that_is_killed_leaves_what_was_there(tmp_path, way):
    path = str(tmp_path / "kept")
    if way == "save":
        Dataset.range(3).save(path)
    command = [sys.executable, "-c", textwrap.dedent(WRITER), way, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "half\n"
        writer.send_signal(signal.SIGKILL)
    if way == "save":
        assert list(map(int, Dataset.load(path))) == [0, 1, 2]
        Dataset.range(4).save(path)
        assert list(map(int, Dataset.load(path))) == [0, 1, 2, 3]
        assert len(list(Path(path).iterdir())) == 2, "files were left over"
    else:
        assert not os.path.exists(path)
        assert len(list(Dataset.range(4).cache(path))) == 4
        assert list(tmp_path.iterdir()) == [tmp_path / "kept"], "files were left over"


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_damage_is_named(data):
    with TemporaryDirectory() as folder:
        path = Path(folder, "kept")
        dataset = Dataset.from_tensor_slices((np.arange(6.0), [b"a", b"", b"bc", b"d", b"e", b"f"])).cache(str(path))
        list(dataset)
        whole = path.read_bytes()
        place = data.draw(st.integers(0, len(whole) - 1))
        cut = data.draw(st.booleans())
        flipped = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
        path.write_bytes(whole[:place] if cut else flipped)
        with pytest.raises(sw.errors.DataLossError, match=rf"{path}: record \d, at byte \d+"):
            list(dataset)


def test_saved_elements_replace_others_and_are_checked(tmp_path):
    Dataset.range(3).save(tmp_path)
    Dataset.range(2).map(lambda x: {"a": x}).save(tmp_path)
    assert Dataset.load(tmp_path).element_spec == {"a": sw.TensorSpec([], "int64")}
    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(TypeError, match="is it the file of another dataset"):
        Dataset.load(tmp_path, element_spec=sw.TensorSpec([], "int64"))
    (file,) = tmp_path.glob("*.elements")
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(sw.errors.DataLossError, match=rf"{file}: record 3, at byte \d+: truncated record"):
        list(Dataset.load(tmp_path))
    (tmp_path / "dataset.json").write_text("{}")
    with pytest.raises(sw.errors.DataLossError, match=r"dataset\.json: expected a file of elements"):
        Dataset.load(tmp_path)
    with pytest.raises(sw.errors.NotFoundError, match="nowhere"):
        Dataset.load(tmp_path / "nowhere")


def test_a_cache_of_another_dataset_is_refused(tmp_path):
    path = str(tmp_path / "kept")
    list(Dataset.range(3).cache(path))
    with pytest.raises(TypeError, match="kept: expected elements like"):
        list(Dataset.from_tensor_slices([1.0]).cache(path))
    with pytest.raises(sw.errors.UnsupportedError, match="in tuples and dicts"):
        Dataset.range(3).window(2).cache(path)


def test_elements_in_several_files(tmp_path):
    Dataset.range(10).save(tmp_path / "saved", shard_func=lambda x: x % 3)
    assert len(list((tmp_path / "saved").glob("*.elements"))) == 3
    assert sorted(map(int, Dataset.load(tmp_path / "saved"))) == list(range(10))
    loaded = Dataset.load(tmp_path / "saved", reader_func=lambda files: files.flat_map(lambda each: each))
    assert list(map(int, loaded)) == [0, 3, 6, 9, 1, 4, 7, 2, 5, 8]


@pytest.mark.parametrize("way", KEPT)
@pytest.mark.parametrize("written", [False, True])
def test_iterators_go_on_where_others_were(tmp_path, way, written):
    dataset = KEPT[way](Dataset.range(8), str(tmp_path / "kept"))
    if written:
        list(dataset)
    one, other = iter(dataset), iter(dataset)
    first = [int(next(one)) for _ in range(3)]
    other._restore(one._state())
    assert first == [0, 1, 2] and list(map(int, other)) == list(map(int, one)) == [3, 4, 5, 6, 7]
    assert list(map(int, dataset)) == list(range(8))
