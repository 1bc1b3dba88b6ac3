"""Messages of examples: TensorFlow's bytes, and the tensors that it parses them to, eagerly and in functions."""

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples, some

import stepwell as sw

io, train = sw.io, sw.train
FLOATS, INTS, STRINGS = sw.float32, sw.int64, sw.string


def feature(values):
    """A feature of floats, integers or strings."""
    if isinstance(values, train.Feature):
        return values
    if values and isinstance(values[0], bytes):
        return train.Feature(bytes_list=train.BytesList(value=values))
    if values and isinstance(values[0], float):
        return train.Feature(float_list=train.FloatList(value=values))
    return train.Feature(int64_list=train.Int64List(value=values))


def example(**features):
    found = train.Features(feature={key: feature(values) for key, values in features.items()})
    return train.Example(features=found).SerializeToString(deterministic=True)


def plain(value):
    """Tensors as lists, SparseTensors as three."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(part) for part in value)
    if isinstance(value, sw.SparseTensor):
        return tuple(part.numpy().tolist() for part in (value.indices, value.values, value.dense_shape))
    found = value.numpy()
    return found if isinstance(found, bytes) else found.tolist()


def both(parse, serialized):
    """What a function makes of messages, eagerly; as the compiled map of a dataset it makes the same."""
    found = plain(parse(serialized))
    (element,) = sw.data.Dataset.from_tensors(serialized).map(parse)
    assert plain(element) == found
    return found


ROWS = base64.b64decode(
    "PwAAAAAAAABRZXZhCj0KEwoFaW1hZ2USCgoICgaJUE5HAAoKDgoFbGFiZWwSBRoDCgEDChYKBndlaWdodBIMEgoKCAAAAD8AAKC/ybjiMUIAAAAA"
    "AAAAefNuqgpACg0KBWltYWdlEgQKAgoAChcKBWxhYmVsEg4aDAoKgICAgICAgICAAQoWCgZ3ZWlnaHQSDBIKCggAAIB/oVMAAB4ZRfM="
)
"""A file of two examples that TensorFlow 2.21 wrote."""
WRITTEN = (
    {"image": [b"\x89PNG\0\n"], "label": [3], "weight": [0.5, -1.25]},
    {"image": [b""], "label": [-(2**63)], "weight": [float("inf"), 3.0e-41]},
)


def test_a_file_of_tensorflow_is_read_equal(tmp_path):
    path = tmp_path / "written.tfrecord"
    path.write_bytes(ROWS)
    features = {
        "image": io.FixedLenFeature([], STRINGS),
        "label": io.FixedLenFeature([], INTS),
        "weight": io.FixedLenFeature([2], FLOATS),
    }
    records = sw.data.TFRecordDataset(path)
    for dataset in (
        records.map(lambda record: io.parse_single_example(record, features)),
        records.batch(2).map(lambda batch: io.parse_example(batch, features)).unbatch(),
    ):
        for found, wanted in zip(dataset.as_numpy_iterator(), WRITTEN, strict=True):
            assert found["image"] == wanted["image"][0] and found["label"] == wanted["label"][0]
            assert found["weight"].tolist() == np.float32(wanted["weight"]).tolist()
    for record, wanted in zip(records, WRITTEN, strict=True):
        assert record.numpy() == example(**wanted)


A, B, C = example(x=[1.0, 2.0], y=[7], z=[b"p", b"q"]), example(x=[3.0, 4.5], y=[-8], z=[b"r"]), example(x=[5.0, 6.0])


def test_messages_are_byte_by_byte_tensorflows():
    assert base64.b64encode(A) == b"Ci4KEQoBeBIMEgoKCAAAgD8AAABACgoKAXkSBRoDCgEHCg0KAXoSCAoGCgFwCgFx"
    assert base64.b64encode(B) == b"CjQKEQoBeBIMEgoKCAAAQEAAAJBAChMKAXkSDhoMCgr4//////////8BCgoKAXoSBQoDCgFy"
    assert base64.b64encode(SEQUENCES[0]) == (
        b"ChsKDQoBYxIICgYKAWsKAWwKCgoBbhIFGgMKAQMSOgohCgFmEhwKDBIKCggAAIA/AAAAQAoMEgoKCAAAQEAAAIBAChUKAXYSEAoFGgMKAQEK"
        b"BxoFCgMCAwQ="
    )
    assert train.Example.FromString(A).features.feature["z"].bytes_list.value[:] == [b"p", b"q"]
    assert train.Example.DESCRIPTOR.full_name == "tensorflow.Example"


MIXED = {
    "x": io.FixedLenFeature([2], FLOATS),
    "y": io.FixedLenFeature([], INTS, -1),
    "z": io.VarLenFeature(STRINGS),
}
PADDED = {
    "z": io.FixedLenSequenceFeature([], STRINGS, True),
    "y": io.FixedLenSequenceFeature([], INTS, True, 9),
}
INDEXED = [example(i=[1, 3], v=[1.0, 2.0]), example(i=[4, 0], v=[3.0, 4.0])]
Z = ([[0, 0], [0, 1], [1, 0]], [b"p", b"q", b"r"], [3, 2])
PARSED = {
    "all kinds": ([A, B, C], MIXED, {"x": [[1.0, 2.0], [3.0, 4.5], [5.0, 6.0]], "y": [7, -8, -1], "z": Z}),
    "one": (A, MIXED, {"x": [1.0, 2.0], "y": 7, "z": ([[0], [1]], [b"p", b"q"], [2])}),
    "default": ([example(y=[1])], {"x": io.FixedLenFeature([2], FLOATS, [1, 2])}, {"x": [[1.0, 2.0]]}),
    "empty feature": (
        [example(x=train.Feature(), y=[1])],
        {"x": io.FixedLenFeature([1], FLOATS, [5.0])},
        {"x": [[5.0]]},
    ),
    "padded": ([A, B, C], PADDED, {"z": [[b"p", b"q"], [b"r", b""], [b"", b""]], "y": [[7], [-8], [9]]}),
    "padded, one": (A, PADDED, {"z": [b"p", b"q"], "y": [7]}),
    "padded rows": (
        [example(x=[1.0, 2.0, 3.0, 4.0]), A],
        {"x": io.FixedLenSequenceFeature([2], FLOATS, True)},
        {"x": [[[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [0.0, 0.0]]]},
    ),
    "padding": (
        [A, B, C],
        {"z": io.FixedLenSequenceFeature([], STRINGS, True, "zz")},
        {"z": [[b"p", b"q"], [b"r", b"zz"], [b"zz", b"zz"]]},
    ),
    "indices": (
        INDEXED,
        {"s": io.SparseFeature("i", "v", FLOATS, 10)},
        {"s": ([[0, 1], [0, 3], [1, 0], [1, 4]], [1.0, 2.0, 4.0, 3.0], [2, 10])},
    ),
    "sorted indices": (
        INDEXED,
        {"s": io.SparseFeature("i", "v", FLOATS, 10, True)},
        {"s": ([[0, 1], [0, 3], [1, 4], [1, 0]], [1.0, 2.0, 3.0, 4.0], [2, 10])},
    ),
    "two indices": (
        [example(i=[1, 0], j=[1, 2], v=[1.0, 2.0])],
        {"s": io.SparseFeature(["i", "j"], "v", FLOATS, [10, 5])},
        {"s": ([[0, 0, 2], [0, 1, 1]], [2.0, 1.0], [1, 10, 5])},
    ),
    "indices of one": (
        example(i=[3, 1], v=[1.0, 2.0]),
        {"s": io.SparseFeature("i", "v", FLOATS, 10)},
        {"s": ([[1], [3]], [2.0, 1.0], [10])},
    ),
}
"""Messages, features, and what TensorFlow 2.21 parses them to."""


@pytest.mark.parametrize("serialized, features, expected", PARSED.values(), ids=PARSED)
def test_examples_are_parsed_as_by_tensorflow(serialized, features, expected):
    assert both(lambda text: io.parse_example(text, features), serialized) == expected
    if isinstance(serialized, bytes):
        assert both(lambda text: io.parse_single_example(text, features), serialized) == expected


def test_no_examples():
    found = io.parse_example(sw.constant([], STRINGS), MIXED)
    assert found["x"].shape == (0, 2) and found["y"].shape == (0,)
    assert plain(found["z"]) == ([], [], [0, 0])


def test_what_is_known_of_results():
    def spec(serialized, features, parse=io.parse_example):
        return sw.data.Dataset.from_tensors(serialized).map(lambda text: parse(text, features)).element_spec

    found = spec([A, B], MIXED)
    assert found["x"] == sw.TensorSpec([2, 2], FLOATS) and found["y"] == sw.TensorSpec([2], INTS)
    assert found["z"].indices == sw.TensorSpec([None, 2], INTS)
    assert spec(A, MIXED, io.parse_single_example)["x"] == sw.TensorSpec([2], FLOATS)
    steps = {"x": io.FixedLenSequenceFeature([1], FLOATS, True)}
    assert spec(A, steps, io.parse_single_example)["x"] == sw.TensorSpec([None, 1], FLOATS)
    batches = sw.data.Dataset.from_tensors(A).batch(2).map(lambda text: io.parse_example(text, steps))
    assert batches.element_spec["x"] == sw.TensorSpec([None, None, 1], FLOATS)


LABEL, ROW = {"y": io.FixedLenFeature([], INTS)}, {"x": io.FixedLenFeature([3], FLOATS)}
WRONG = {"x": io.FixedLenFeature([2], INTS)}
REFUSED = {
    "missing": ([A, C], LABEL, {}, r"example 1: Feature: y \(data type: int64\) is required but could not be found"),
    "name": ([A, C], LABEL, {"example_names": ["n1", "n2"]}, "Name: n2: Feature: y"),
    "names": ([A, C], LABEL, {"example_names": ["n1"]}, "example_names: expected 2 names, got 1"),
    "dtype": ([A, B], WRONG, {}, "Key: x: Data types don't match. Data type: float but expected type: int64"),
    "count": (
        [A, B],
        ROW,
        {},
        r"example 0: Key: x: Number of values != expected. Values size: 2 but output shape: \[3\]",
    ),
    "bytes": ([A, b"\xff\xff"], LABEL, {}, "example 1: could not parse a message Example of 2 bytes"),
    "dtypes": ([A], {"y": io.FixedLenFeature([], sw.int32)}, {}, "'y': dtype: expected float32, int64 or string"),
    "size": ([A], {"x": io.FixedLenFeature([None], FLOATS)}, {}, r"'x': shape: expected sizes that are known"),
    "sizes": ([A], {"x": io.FixedLenFeature(None, FLOATS)}, {}, "'x': shape: expected sizes, got None"),
    "defaults": ([A], {"x": io.FixedLenFeature([2], FLOATS, 1.0)}, {}, "default_value: expected 2 values, got 1"),
    "stride": ([A], {"x": io.FixedLenSequenceFeature([3], FLOATS, True)}, {}, "expected a multiple of 3 values"),
    "steps": ([A], {"z": io.FixedLenSequenceFeature([], STRINGS)}, {}, "with allow_missing=True"),
    "none": ([A], {}, {}, "features: expected a dict with a feature or more, got {}"),
    "feature": ([A], {"x": 3}, {}, "features: 'x': expected a FixedLenFeature"),
    "matrix": ([[A]], LABEL, {}, r"expected a scalar or a vector, got shape \(1, 1\)"),
    "empty": ([example(x=train.Feature(float_list=train.FloatList()))], ROW, {}, "Values size: 0"),
    "range": (INDEXED, {"s": io.SparseFeature("i", "v", FLOATS, 4)}, {}, "at least 0 and less than 4, got 0 to 4"),
    "lengths": (
        [example(i=[1, 2], v=[1.0])],
        {"s": io.SparseFeature("i", "v", FLOATS, 4)},
        {},
        "expected 1 indices, as there are values of v, got 2",
    ),
}


@pytest.mark.parametrize("serialized, features, options, text", REFUSED.values(), ids=REFUSED)
def test_refusals(serialized, features, options, text):
    with pytest.raises(sw.errors.InvalidArgumentError, match=text):
        io.parse_example(serialized, features, **options)


@pytest.mark.parametrize("case", some(REFUSED))
def test_refusals_in_functions(case):
    serialized, features, options, text = REFUSED[case]
    with pytest.raises(sw.errors.InvalidArgumentError, match=text):
        list(sw.data.Dataset.from_tensors(serialized).map(lambda text: io.parse_example(text, features, **options)))


def test_one_example_is_a_scalar():
    with pytest.raises(ValueError, match=r"parse_single_example: serialized: expected a scalar, got shape \(1,\)"):
        io.parse_single_example([A], LABEL)


def test_one_example_has_the_values_of_a_batch_of_it():
    features = {
        "f": io.FixedLenFeature([], INTS, 7),
        "many": io.VarLenFeature(FLOATS),
        "none": io.VarLenFeature(STRINGS),
        "text": io.FixedLenFeature([2, 1], STRINGS),
    }
    text = example(many=[float(number) for number in range(100)], text=[b"a\0", b"b"])
    compiled = sw.function(lambda text: io.parse_single_example(text, features))(sw.constant(text))
    batch = io.parse_example([text], features)
    for found in (io.parse_single_example(text, features), compiled):
        assert int(found["f"]) == 7 and found["text"].numpy().tolist() == [[b"a\0"], [b"b"]]
        assert (found["many"].values.numpy() == np.arange(100)).all() and found["none"].values.shape == (0,)
        for key in ("many", "none"):
            assert (found[key].indices.numpy() == batch[key].indices.numpy()[:, 1:]).all()
            assert found[key].dense_shape.numpy().tolist() == batch[key].dense_shape.numpy().tolist()[1:]


def sequence(context, **lists):
    found = {key: train.FeatureList(feature=[feature(step) for step in steps]) for key, steps in lists.items()}
    message = train.SequenceExample(
        context=train.Features(feature={key: feature(values) for key, values in context.items()}),
        feature_lists=train.FeatureLists(feature_list=found),
    )
    return message.SerializeToString(deterministic=True)


SEQUENCES = [
    sequence({"n": [3], "c": [b"k", b"l"]}, f=[[1.0, 2.0], [3.0, 4.0]], v=[[1], [2, 3, 4]]),
    sequence({"n": [4]}, f=[[9.0, 8.0]]),
]
CONTEXT = {"n": io.FixedLenFeature([], INTS), "c": io.VarLenFeature(STRINGS)}
LISTS = {"f": io.FixedLenSequenceFeature([2], FLOATS), "v": io.VarLenFeature(INTS)}


def test_sequences_are_parsed_as_by_tensorflow():
    found = [both(lambda text: io.parse_single_sequence_example(text, CONTEXT, LISTS), each) for each in SEQUENCES]
    sparse = ([[0, 0], [1, 0], [1, 1], [1, 2]], [1, 2, 3, 4], [2, 3])
    assert found[0] == (
        {"n": 3, "c": ([[0], [1]], [b"k", b"l"], [2])},
        {"f": [[1.0, 2.0], [3.0, 4.0]], "v": sparse},
    )
    assert found[1] == ({"n": 4, "c": ([], [], [0])}, {"f": [[9.0, 8.0]], "v": ([], [], [0, 0])})
    assert both(lambda text: io.parse_sequence_example(text, CONTEXT, LISTS), SEQUENCES) == (
        {"n": [3, 4], "c": ([[0, 0], [0, 1]], [b"k", b"l"], [2, 2])},
        {
            "f": [[[1.0, 2.0], [3.0, 4.0]], [[9.0, 8.0], [0.0, 0.0]]],
            "v": ([[0, 0, 0], [0, 1, 0], [0, 1, 1], [0, 1, 2]], [1, 2, 3, 4], [2, 2, 3]),
        },
        {"f": [2, 1]},
    )


MISSING = io.FixedLenSequenceFeature([2], FLOATS)
REFUSED_SEQUENCES = [
    (None, {"g": MISSING}, "Feature list 'g' is required but could not be found"),
    ({"q": io.FixedLenFeature([], INTS)}, None, r"Feature: q \(data type: int64\) is required"),
    (None, {"f": io.FixedLenSequenceFeature([2], INTS)}, "Feature list: f, Index: 0: Data types don't match."),
    (None, {"f": io.FixedLenSequenceFeature([3], FLOATS)}, "Feature list: f, Index: 0: expected 3 values"),
    (None, None, "expected context_features or sequence_features, got neither"),
    (None, {"f": io.FixedLenFeature([2], FLOATS)}, "sequence_features: 'f': expected a FixedLenSequenceFeature or"),
    ({"c": MISSING}, None, "context_features: 'c': expected a FixedLenFeature, VarLenFeature"),
]


@pytest.mark.parametrize("context, lists, text", REFUSED_SEQUENCES)
def test_refused_sequences(context, lists, text):
    with pytest.raises(sw.errors.InvalidArgumentError, match=text):
        io.parse_single_sequence_example(SEQUENCES[0], context, lists)
    with pytest.raises(sw.errors.InvalidArgumentError, match=text):
        io.parse_sequence_example(SEQUENCES, context, lists)


def test_lists_that_may_be_missing():
    lists = {"g": io.FixedLenSequenceFeature([2], FLOATS, allow_missing=True)}
    assert plain(io.parse_single_sequence_example(SEQUENCES[1], None, lists)) == ({}, {"g": []})
    assert plain(io.parse_sequence_example(SEQUENCES, None, lists)) == ({}, {"g": [[], []]}, {"g": [0, 0]})
    with pytest.raises(sw.errors.InvalidArgumentError, match="could not parse a message SequenceExample"):
        io.parse_sequence_example([b"\xff\xff"], None, lists)


numbers = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4)
floats = st.lists(st.floats(width=32, allow_nan=False), min_size=3, max_size=3)
strings = st.lists(st.binary(max_size=6), max_size=4)


@given(st.lists(st.tuples(numbers, floats, strings), min_size=1, max_size=5))
@settings(max_examples=examples(40))
def test_what_was_put_into_messages_is_parsed(rows):
    def message(ints, real, text):
        kinds = {"n": train.Int64List(value=ints), "x": train.FloatList(value=real), "s": train.BytesList(value=text)}
        fields = {"n": "int64_list", "x": "float_list", "s": "bytes_list"}
        found = {key: train.Feature(**{fields[key]: kind}) for key, kind in kinds.items()}
        return train.Example(features=train.Features(feature=found)).SerializeToString()

    features = {
        "n": io.VarLenFeature(INTS),
        "x": io.FixedLenFeature([3], FLOATS),
        "s": io.FixedLenSequenceFeature([], STRINGS, allow_missing=True, default_value="-"),
    }
    found = io.parse_example([message(*row) for row in rows], features)
    assert found["x"].numpy().tolist() == [row[1] for row in rows]
    longest = max(len(row[2]) for row in rows)
    assert found["s"].numpy().tolist() == [row[2] + [b"-"] * (longest - len(row[2])) for row in rows]
    indices = [[index, place] for index, row in enumerate(rows) for place in range(len(row[0]))]
    values = [value for row in rows for value in row[0]]
    assert plain(found["n"]) == (indices, values, [len(rows), max(len(row[0]) for row in rows)])


def test_sparse_tensors_in_datasets():
    dataset = sw.data.Dataset.from_tensor_slices([A, B]).map(lambda text: io.parse_single_example(text, MIXED))
    dense = dataset.map(lambda row: sw.sparse.to_dense(row["z"], b"-"))
    assert [each.numpy().tolist() for each in dense] == [[b"p", b"q"], [b"r"]]
    for change in (lambda d: d.batch(2), lambda d: d.unbatch()):
        with pytest.raises(sw.errors.UnsupportedError, match="SparseTensor"):
            change(dataset)


def test_json():
    text = '{"features": {"feature": {"a": {"int64List": {"value": ["3"]}}}}}'
    assert both(io.decode_json_example, text.encode()) == example(a=[3])
    assert both(io.decode_json_example, [b"{}", b'{"features": {}}']) == [b"", b"\n\0"]
    for wrong in ('{"features":3', '{"other": 1}', b"\xff"):
        with pytest.raises(sw.errors.InvalidArgumentError, match="decode_json_example: index 0: expected an Example"):
            io.decode_json_example(wrong)
