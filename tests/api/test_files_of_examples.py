"""Files of messages `Example`, read in batches, and datasets written to files: values recorded from TensorFlow 2.21."""

import numpy as np
import pytest

import stepwell as sw

Dataset = sw.data.Dataset
Writer = sw.data.experimental.TFRecordWriter
made = sw.data.experimental.make_batched_features_dataset
FEATURES = {"n": sw.io.FixedLenFeature([], sw.int64), "v": sw.io.VarLenFeature(sw.float32)}


def example(number, count):
    number = sw.train.Feature(int64_list=sw.train.Int64List(value=[number]))
    ones = sw.train.Feature(float_list=sw.train.FloatList(value=[1.0] * count))
    return sw.train.Example(features=sw.train.Features(feature={"n": number, "v": ones})).SerializeToString()


@pytest.fixture
def pattern(tmp_path):
    """Files of 3, 1 and 4 examples, whose numbers are those of the file and of the example."""
    for file, count in enumerate((3, 1, 4)):
        with sw.io.TFRecordWriter(tmp_path / f"{file}.rec") as writer:
            for number in range(count):
                writer.write(example(10 * file + number, number))
    return str(tmp_path / "*.rec")


BATCHES = {
    "once": ({"num_epochs": 1}, [[0, 1, 2], [10, 20, 21], [22, 23]]),
    "twice, by turns": (
        {"num_epochs": 2, "reader_num_threads": 2},
        [[0, 10, 1], [2, 20, 21], [22, 23, 0], [10, 1, 2], [20, 21, 22], [23]],
    ),
    "by turns of three": ({"num_epochs": 1, "reader_num_threads": 3}, [[0, 10, 20], [1, 21, 2], [22, 23]]),
    "autotune": (
        {"num_epochs": 1, "reader_num_threads": -1, "parser_num_threads": -1},
        [[0, 1, 2], [10, 20, 21], [22, 23]],
    ),
    "whole": ({"num_epochs": 1, "drop_final_batch": True}, [[0, 1, 2], [10, 20, 21]]),
    "pairs": (
        {
            "num_epochs": 1,
            "reader": lambda name, key: sw.data.TFRecordDataset(name).map(lambda record: (key, record)),
            "reader_args": ["key"],
        },
        [[0, 1, 2], [10, 20, 21], [22, 23]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BATCHES)
def test_batches_are_tensorflows(name, pattern):
    options, expected = BATCHES[name]
    dataset = made(pattern, 3, FEATURES, shuffle=False, **options)
    assert [batch["n"].numpy().tolist() for batch in dataset] == expected


def test_labels_and_sparse_features(pattern):
    first = next(iter(made(pattern, 3, FEATURES, label_key="n", shuffle=False, num_epochs=1)))
    assert first[1].numpy().tolist() == [0, 1, 2] and list(first[0]) == ["v"]
    assert sw.sparse.to_dense(first[0]["v"]).numpy().tolist() == [[0, 0], [1, 0], [1, 1]]


def test_examples_are_shuffled_without_end(pattern):
    dataset = made([pattern], 4, FEATURES, shuffle_seed=3)
    assert dataset.element_spec["n"].shape == [4]
    rounds = [batch["n"].numpy().tolist() for batch in dataset.take(4)]
    for one in (rounds[:2], rounds[2:]):
        assert sorted(number for batch in one for number in batch) == [0, 1, 2, 10, 20, 21, 22, 23]
    assert rounds == [batch["n"].numpy().tolist() for batch in made([pattern], 4, FEATURES, shuffle_seed=3).take(4)]


def test_refusals(pattern, tmp_path):
    with pytest.raises(ValueError, match=r"label_key: expected one of \['n', 'v'\], got 'x'"):
        made(pattern, 3, FEATURES, label_key="x")
    with pytest.raises(TypeError, match="reader: expected a function that returns a Dataset, got 3"):
        made(pattern, 3, FEATURES, reader=lambda name: 3)
    with pytest.raises(TypeError, match="reader: expected a dataset of scalars of dtype string"):
        made(pattern, 3, FEATURES, reader=lambda name: Dataset.range(3))
    with pytest.raises(sw.errors.InvalidArgumentError, match="no files match"):
        made(str(tmp_path / "none*"), 3, FEATURES)
    for wrong in (Dataset.range(3), Dataset.from_tensors(["a"]), Dataset.from_tensors(("a", "b")), [b"a"]):
        with pytest.raises(TypeError, match=r"TFRecordWriter.write: dataset: expected a (dataset of scalars|Dataset)"):
            Writer(str(tmp_path / "file")).write(wrong)
    with pytest.raises(ValueError, match="compression_type: expected"):
        Writer(tmp_path / "file", "foo")
    with pytest.raises(sw.errors.NotFoundError):
        Writer(tmp_path / "none" / "file").write(Dataset.from_tensors("a"))


@pytest.mark.parametrize("kind", [None, "GZIP", "ZLIB"])
def test_datasets_are_written(kind, tmp_path):
    path = tmp_path / "file"
    for count in (5, 3):
        Writer(path, kind).write(Dataset.range(count).map(sw.strings.as_string))
        found = [record.numpy() for record in sw.data.TFRecordDataset(str(path), kind)]
        assert found == [b"%d" % number for number in range(count)]


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_functions_write_datasets(engine, tmp_path):
    @sw.function(engine=engine)
    def write(count, name):
        Writer(name).write(Dataset.range(count).map(sw.strings.as_string))

    path = str(tmp_path / "file")
    for count in (3, 2):
        write(sw.constant(np.int64(count)), sw.constant(path))
        assert len(list(sw.data.TFRecordDataset(path))) == count


def test_groups_are_written_to_files_of_their_own(tmp_path):
    def written(key, group):
        name = sw.strings.join([f"{tmp_path}/", sw.strings.as_string(key)])
        Writer(name).write(group.map(lambda _, text: text))
        return Dataset.from_tensors(name)

    texts = Dataset.range(5).map(sw.strings.as_string).enumerate()
    groups = texts.group_by_window(lambda number, _: number % 2, written, 2**63 - 1)
    found = {name.numpy()[-1:]: [x.numpy() for x in sw.data.TFRecordDataset(name)] for name in groups}
    assert found == {b"0": [b"0", b"2", b"4"], b"1": [b"1", b"3"]}
