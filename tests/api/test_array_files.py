"""Datasets of NumPy's files and of Parquet files: NumPy and pyarrow as oracles."""

import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

NumpyDataset, ParquetDataset = sw.data.experimental.NumpyDataset, sw.data.experimental.ParquetDataset


def rows_of(dataset):
    return list(dataset.as_numpy_iterator())


@given(st.sampled_from(["<f4", ">f8", "<i8", ">u2", "?", "<c8"]), st.integers(0, 5), st.booleans())
@settings(max_examples=examples(40))
def test_rows_are_those_of_numpy(tmp_path_factory, dtype, count, fortran):
    array = np.random.default_rng(count).integers(0, 2, (count, 2, 3)).astype(dtype)
    array = np.asfortranarray(array) if fortran else array
    path = tmp_path_factory.mktemp("arrays") / "file.npy"
    np.save(path, array)
    dataset = NumpyDataset(path)
    assert len(dataset) == count and dataset.element_spec == sw.TensorSpec([2, 3], array.dtype.newbyteorder("="))
    found = rows_of(dataset)
    assert all(row.dtype.isnative for row in found)
    assert np.array_equal(np.array(found).reshape(array.shape), array)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_of_several_files(save, tmp_path):
    paths = [tmp_path / f"{k}.npz" for k in range(2)]
    for k, path in enumerate(paths):
        save(path, x=np.arange(6.0).reshape(3, 2) + 10 * k, label=np.array([f"a{k}", "bb", "é"]))
    dataset = NumpyDataset(paths)
    assert dataset.element_spec == {"x": sw.TensorSpec([2], sw.float64), "label": sw.TensorSpec([], sw.string)}
    found = rows_of(dataset)
    assert [row["label"] for row in found] == [b"a0", b"bb", "é".encode(), b"a1", b"bb", "é".encode()]
    assert [row["x"].tolist() for row in found[2:4]] == [[4.0, 5.0], [10.0, 11.0]]


def test_files_are_mapped_not_read(tmp_path):
    """A file of 8 GB, most of which is a hole."""
    path = tmp_path / "large.npy"
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (2**21, 1000)})
        file.truncate(file.tell() + 2**21 * 4000)
    iterator = iter(NumpyDataset(path))
    assert next(iterator).numpy().tolist() == [0.0] * 1000


@pytest.mark.parametrize("taken", range(6))
def test_iterations_go_on(taken, tmp_path):
    for k in range(2):
        np.save(tmp_path / f"{k}.npy", np.arange(3 * k, 3 * k + 3))
    check_restored(NumpyDataset([tmp_path / "0.npy", tmp_path / "1.npy"])._node, taken, range(6))


def check_restored(node, taken, whole):
    first, second = node.start(), node.start()
    for _ in range(taken):
        next(first)
    second.restore(first.state())
    for iteration in (first, second):
        assert [int(element[0].numpy()) for element in iteration] == list(whole)[taken:]
        iteration.close()


def test_files_that_are_refused(tmp_path):
    good = tmp_path / "good.npy"
    np.save(good, np.arange(6).reshape(3, 2))
    path = tmp_path / "file.npy"
    np.save(path, np.array([{}], object), allow_pickle=True)
    with pytest.raises(sw.errors.InvalidArgumentError, match="got an array of Python's objects"):
        NumpyDataset(path)
    for array, text in (
        (np.float32(1), "at least one axis"),
        (np.zeros((2, 2)), "expected rows of shape .2. and dtype"),
    ):
        np.save(path, array)
        with pytest.raises(sw.errors.InvalidArgumentError, match=text):
            NumpyDataset([good, path])
    for data in (b"", b"no array", good.read_bytes()[:20], b"PK\3\4" + bytes(50)):
        path.write_bytes(data)
        with pytest.raises(sw.errors.DataLossError, match="no array of NumPy's can be read"):
            NumpyDataset(path)
    path.write_bytes(good.read_bytes()[:-1])
    with pytest.raises(sw.errors.DataLossError, match=r"file.npy: no array of NumPy's can be read"):
        rows_of(NumpyDataset(path))
    with pytest.raises(sw.errors.NotFoundError, match="none"):
        NumpyDataset(tmp_path / "none.npy")
    np.savez(tmp_path / "two.npz", a=np.zeros(2), b=np.zeros(3))
    with pytest.raises(sw.errors.InvalidArgumentError, match="one size along their first axis"):
        NumpyDataset(tmp_path / "two.npz")
    with zipfile.ZipFile(tmp_path / "none.npz", "w"):
        pass
    with pytest.raises(sw.errors.InvalidArgumentError, match="got a file without any"):
        NumpyDataset(tmp_path / "none.npz")


TABLE = {
    "id": [1, 2, 3, 4, 5],
    "name": ["a", "", "é", "d", "e"],
    "x": [0.5, -1.0, float("inf"), 2.0, 3.0],
    "flag": [True, False, True, True, False],
    "list": [[1], [], [2, 3], [4], [5, 6, 7]],
}


@pytest.fixture
def parquet():
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet

    return lambda path, table, rows=2: pyarrow.parquet.write_table(pyarrow.table(table), path, row_group_size=rows)


def test_rows_of_parquet_files(parquet, tmp_path):
    path = tmp_path / "table.parquet"
    parquet(path, TABLE)
    dataset = ParquetDataset([path, path])
    assert len(dataset) == 10
    spec = dataset.element_spec
    assert spec["id"] == sw.TensorSpec([], sw.int64) and spec["list"] == sw.TensorSpec([None], sw.int64)
    assert (spec["name"].dtype, spec["x"].dtype, spec["flag"].dtype) == (sw.string, sw.float64, sw.bool)
    found = rows_of(dataset)
    for index, row in enumerate(found):
        wanted = {key: values[index % 5] for key, values in TABLE.items()}
        assert row["name"] == wanted["name"].encode() and row["list"].tolist() == wanted["list"]
        assert all(row[key] == wanted[key] for key in ("id", "x", "flag"))
    few = ParquetDataset(path, columns=["x", "id"]).map(lambda row: row["x"] * sw.cast(row["id"], sw.float64))
    assert rows_of(few)[:2] == [0.5, -2.0]


@pytest.mark.parametrize("taken", range(0, 8, 2))
def test_iterations_of_parquet_files_go_on(taken, parquet, tmp_path):
    for k in range(2):
        parquet(tmp_path / f"{k}.parquet", {"id": list(range(4 * k, 4 * k + 4))}, rows=3)
    node = ParquetDataset([tmp_path / "0.parquet", tmp_path / "1.parquet"])._node
    check_restored(node, taken, range(8))


def test_parquet_files_that_are_refused(parquet, tmp_path):
    path, other = tmp_path / "table.parquet", tmp_path / "other.parquet"
    parquet(path, {"id": [1, None]})
    with pytest.raises(
        sw.errors.InvalidArgumentError, match="row group 0, row 1: column 'id': expected a value, got none"
    ):
        rows_of(ParquetDataset(path))
    with pytest.raises(sw.errors.InvalidArgumentError, match=r"expected columns among \['id'\], got 'zz'"):
        ParquetDataset(path, columns=["zz"])
    parquet(other, {"id": ["a"]})
    with pytest.raises(sw.errors.InvalidArgumentError, match=r"other.parquet: expected columns \['id: int64'\]"):
        ParquetDataset([path, other])
    parquet(other, {"id": [{"a": 1}]})
    with pytest.raises(sw.errors.InvalidTypeError, match="column 'id': there are no tensors of type struct"):
        ParquetDataset(other)
    other.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(sw.errors.DataLossError, match=r"other\.parquet: no Parquet file"):
        ParquetDataset(other)
    with pytest.raises(sw.errors.NotFoundError, match="none"):
        ParquetDataset(tmp_path / "none.parquet")
