"""Lookup tables beside dicts of Python, and values and errors that TensorFlow has."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell import lookup
from stepwell.lookup.experimental import DenseHashTable, MutableHashTable

WORDS = ["emerson", "king", "crimson", "", "Ünïcode", "a" * 70, "lake", "palmer", "x" * 20, "0"]
WHOLE, LINE = lookup.TextFileIndex.WHOLE_LINE, lookup.TextFileIndex.LINE_NUMBER

TEXTS, INTEGERS = st.binary(max_size=3), st.integers(-5, 5)
FLOATS = st.floats(width=32, allow_nan=False)
PARTS = {
    "string": (TEXTS, sw.string),
    "int32": (INTEGERS, sw.int32),
    "int64": (st.integers(-(2**63), 2**63 - 1) | INTEGERS, sw.int64),
    "float32": (FLOATS, sw.float32),
    "bool": (st.booleans(), sw.bool),
}


def tensor(items, dtype, shape=None):
    array = np.empty(len(items), object) if dtype == sw.string else np.zeros(len(items), dtype.as_numpy_dtype)
    array[:] = items
    return sw.constant(array.reshape(shape or array.shape), dtype)


def items_of(found):
    return found.numpy().reshape(-1).tolist()


def static(keys, values, default):
    return lookup.StaticHashTable(lookup.KeyValueTensorInitializer(keys, values), default)


@pytest.mark.parametrize("key", ["string", "int32", "int64"])
@pytest.mark.parametrize("value", PARTS)
@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_static_tables_are_dicts(key, value, data):
    (keys, key_dtype), (values, value_dtype) = PARTS[key], PARTS[value]
    known, default = data.draw(st.dictionaries(keys, values, max_size=5)), data.draw(values)
    table = static(
        tensor(list(known), key_dtype), tensor(list(known.values()), value_dtype), tensor([default], value_dtype)[0]
    )
    asked = [*known, *data.draw(st.lists(keys, max_size=4))]
    found = table.lookup(tensor(asked, key_dtype, (1, len(asked))))
    assert found.dtype == value_dtype == table.value_dtype and found.shape == (1, len(asked))
    assert items_of(found) == [known.get(each, default) for each in asked]
    assert int(table.size()) == len(known) and table.key_dtype == key_dtype
    assert dict(zip(*map(items_of, table.export()), strict=True)) == known


STEPS = st.lists(
    st.tuples(st.sampled_from(["insert", "remove", "lookup"]), st.lists(st.tuples(TEXTS, INTEGERS), max_size=4)),
    max_size=8,
)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps=STEPS)
def test_mutable_tables_are_dicts_eagerly_and_in_functions(steps):
    tables = [MutableHashTable(sw.string, sw.int64, -1) for _ in range(2)]
    eager, compiled = tables
    known = {}
    signature = [sw.TensorSpec([None], sw.string), sw.TensorSpec([None], sw.int64)]
    insert = sw.function(compiled.insert, input_signature=signature, engine="interpreter")
    for step, pairs in steps:
        keys, values = tensor([k for k, _ in pairs], sw.string), tensor([v for _, v in pairs], sw.int64)
        if step == "insert":
            known |= dict(pairs)
            eager.insert(keys, values)
            insert(keys, values)
        elif step == "remove":
            for key, _ in pairs:
                known.pop(key, None)
            for table in tables:
                table.remove(keys)
        for table in tables:
            assert items_of(table.lookup(keys)) == [known.get(key, -1) for key, _ in pairs]
            assert items_of(table.lookup(keys, values)) == [known.get(key, value) for key, value in pairs]
    for table in tables:
        assert dict(zip(*map(items_of, table.export()), strict=True)) == known and int(table.size()) == len(known)


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_methods_in_compiled_functions_run_in_order(engine):
    table = MutableHashTable(sw.string, sw.float32, [0.0, 1.0])

    @sw.function(engine=engine)
    def f(keys, values):
        before = table.lookup(keys)
        for i in sw.range(2):
            table.insert(keys, values * sw.cast(i + 1, sw.float32))
        after, size = table.lookup(keys), table.size()
        table.remove(keys[:1])
        return before, after, size, table.export()

    before, after, size, (keys, values) = f(sw.constant(["a", "b"]), sw.constant([[1.0, 2.0], [3.0, 4.0]]))
    assert before.numpy().tolist() == [[0, 1], [0, 1]] and after.numpy().tolist() == [[2, 4], [6, 8]]
    assert int(size) == 2 and items_of(keys) == [b"b"] and values.numpy().tolist() == [[6, 8]]


def test_programs_with_tables_are_not_exported_to_onnx():
    find = sw.function(static([1], [2], 0).lookup, engine="onnx")
    with pytest.raises(sw.errors.UnsupportedError, match=r"lookup\.find"):
        find(sw.constant([1]))


def test_rows_have_the_shape_of_the_default_value():
    table = MutableHashTable(sw.int64, sw.float32, [0.0, 0.5])
    rows = np.array([[1, 2], [3, 4]], np.float32)
    table.insert([1, 2], rows)
    rows[:] = 9
    assert table.lookup([[1], [7]]).numpy().tolist() == [[[1, 2]], [[0, 0.5]]]
    assert table.export()[1].shape == (2, 2)


VOCABULARY = {  # recorded from TensorFlow 2.21
    ("string", 3): (WORDS, [0, 4, 3, 5, 3, 4, 1, 2, 4, 4]),
    ("none", 5): (WORDS, [3, 3, 4, 3, 1, 3, 1, 2, 3, 0]),
    ("int64", 4): ([10, 11, 12, -13, 2**62, 0], [0, 1, 2, 4, 5, 5]),
    ("int32", 4): ([10, 11, 12, -13, 0], [0, 1, 2, 4, 5]),
}


@pytest.mark.parametrize("kind", VOCABULARY)
@pytest.mark.parametrize("compiled", [False, True])
def test_buckets_of_vocabulary_tables_are_tensorflows(kind, compiled):
    keys, expected = VOCABULARY[kind]
    ids = sw.constant([0, 1, 2], sw.int64)
    if kind[0] == "string":
        table = lookup.StaticVocabularyTable(lookup.KeyValueTensorInitializer(["emerson", "lake", "palmer"], ids), 3)
    elif kind[0] == "none":
        table = lookup.StaticVocabularyTable(None, 5)
    else:
        initializer = lookup.KeyValueTensorInitializer(sw.constant([10, 11], sw.int64), ids[:2])
        table = lookup.StaticVocabularyTable(initializer, 4, lookup_key_dtype=kind[0])
    asked = sw.constant(keys, table.key_dtype)
    find = sw.function(table.lookup) if compiled else table.lookup
    assert find(asked).numpy().tolist() == expected and table[asked].dtype == sw.int64 == table.value_dtype
    assert int(table.size()) == {"string": 3, "none": 0}.get(kind[0], 2) + kind[1]


def test_values_of_sparse_tensors_are_looked_up():
    table = static(["a", "b"], [1, 2], -1)
    keys = sw.sparse.SparseTensor([[0, 0], [1, 1]], ["a", "q"], [2, 2])
    found = sw.function(table.lookup)(keys)
    assert sw.sparse.to_dense(found).numpy().tolist() == [[1, 0], [0, -1]]
    buckets = lookup.StaticVocabularyTable(None, 5)[sw.sparse.SparseTensor([[0, 0], [1, 1]], WORDS[:2], [2, 2])]
    assert buckets.values.numpy().tolist() == [3, 3]


def test_datasets_look_keys_up():
    table = static(["a", "b"], [1, 2], -1)
    dataset = sw.data.Dataset.from_tensor_slices(["a", "b", "c", "a"])
    assert [x.item() for x in dataset.map(table.lookup).as_numpy_iterator()] == [1, 2, -1, 1]
    parallel = dataset.batch(2).map(lambda x: table[x], num_parallel_calls=2)
    assert [x.tolist() for x in parallel.as_numpy_iterator()] == [[1, 2], [-1, 1]]


def test_tables_made_in_a_function_are_made_once():
    made = []

    @sw.function
    def f(x):
        made.append(static(["a"], [1.0], 0.0))
        return made[-1].lookup(x)

    assert [f(sw.constant(["a", "b"])).numpy().tolist() for _ in range(2)] == [[1, 0]] * 2 and len(made) == 1


FILES = [  # recorded from TensorFlow 2.21
    (b"a\nb\na", sw.int64, LINE, sw.string, WHOLE, {}, {0: b"a", 1: b"b", 2: b"a"}),
    (b"a 1\nb 2\nb 2\n", sw.string, 0, sw.int64, 1, {"delimiter": " "}, {b"a": 1, b"b": 2}),
    (b"a 1.5\nb 2 \n", sw.string, 0, sw.float32, 1, {"delimiter": " "}, {b"a": 1.5, b"b": 2.0}),
    (b"a\t-2 \r\n", sw.string, 0, sw.int32, 1, {}, {b"a": -2}),
    (b"3\ta\n+4\tb", sw.int64, 0, sw.string, 1, {}, {3: b"a", 4: b"b"}),
    (b"a\xff\xc3\xa9\nb\nc", sw.string, WHOLE, sw.int64, LINE, {"vocab_size": 2}, {b"a\xff\xc3\xa9": 0, b"b": 1}),
    (b"a\nb", sw.string, WHOLE, sw.int64, LINE, {"value_index_offset": 7}, {b"a": 7, b"b": 8}),
    (b"a\nb", sw.int64, LINE, sw.int64, LINE, {"value_index_offset": 2}, {2: 2, 3: 3}),
]


@pytest.mark.parametrize("case", range(len(FILES)))
def test_tables_from_files(case, tmp_path):
    text, key_dtype, key, value_dtype, value, options, expected = FILES[case]
    (tmp_path / "words.txt").write_bytes(text)
    initializer = lookup.TextFileInitializer(tmp_path / "words.txt", key_dtype, key, value_dtype, value, **options)
    table = lookup.StaticHashTable(initializer, "" if value_dtype == sw.string else -1)
    assert dict(zip(*map(items_of, table.export()), strict=True)) == expected


BAD_FILES = [
    (b"a\n\nb", WHOLE, LINE, {}, ValueError, r"line 2: expected text, got an empty line"),
    (b"a\nb\na\n", WHOLE, LINE, {}, sw.errors.FailedPreconditionError, r"got 0 and 2 for b'a'"),
    (b"a\tx\n", 0, 1, {}, ValueError, r"words\.txt, line 1: expected a value of dtype int64, got b'x'"),
    (b"a\t1_0\n", 0, 1, {}, ValueError, r"expected a value of dtype int64, got b'1_0'"),
    (b"a\t9223372036854775808\n", 0, 1, {}, ValueError, r"expected a value of dtype int64"),
    (b"a\t1\n", 0, 2, {}, ValueError, r"line 1: expected at least 3 fields, got 2"),
    (b"a\nb\n", WHOLE, LINE, {"vocab_size": 3}, ValueError, r"expected 3 lines, as vocab_size says, got 2"),
    (b"a\n", WHOLE, LINE, {"vocab_size": 0}, ValueError, r"vocab_size: expected 1 or more, got 0"),
    (b"a\n", WHOLE, LINE, {"delimiter": "ab"}, ValueError, r"delimiter: expected one character, got 'ab'"),
    (b"a\n", -3, LINE, {}, ValueError, r"key_index: expected -2 or more, got -3"),
    (b"a\n", LINE, WHOLE, {}, ValueError, r"key_index: LINE_NUMBER: expected key_dtype int64, got string"),
]


@pytest.mark.parametrize("case", range(len(BAD_FILES)))
def test_files_that_are_refused(case, tmp_path):
    text, key, value, options, error, message = BAD_FILES[case]
    (tmp_path / "words.txt").write_bytes(text)
    with pytest.raises(error, match=message):
        initializer = lookup.TextFileInitializer(
            str(tmp_path / "words.txt"), sw.string, key, sw.int64, value, **options
        )
        lookup.StaticHashTable(initializer, -1)


def test_a_missing_file_is_an_error():
    initializer = lookup.TextFileInitializer("/none/words.txt", sw.string, WHOLE, sw.int64, LINE)
    with pytest.raises(FileNotFoundError, match=r"/none/words\.txt"):
        lookup.StaticHashTable(initializer, -1)


def dense():
    return DenseHashTable(sw.int64, sw.int64, -1, empty_key=0, deleted_key=-1)


NOTHING: Any = None
ERRORS = [
    (lambda: static(["a"], [1], -1).lookup(sw.constant([1])), TypeError, r"StaticHashTable\.lookup: keys: expected"),
    (lambda: static(["a", "a"], [1, 2], -1), sw.errors.FailedPreconditionError, "got 1 and 2 for b'a'"),
    (lambda: static(["a", "b"], [1], -1), ValueError, r"values: expected shape \(2,\), as of keys, got \(1,\)"),
    (lambda: static([1.5], [1], -1), sw.errors.UnsupportedError, "expected dtype string or an integer"),
    (lambda: static(["a"], [1], [1]), ValueError, r"default_value: expected a scalar, got shape \(1,\)"),
    (lambda: static(["a"], [1], "x"), TypeError, "StaticHashTable: default_value"),
    (lambda: lookup.StaticHashTable(NOTHING, -1), TypeError, "initializer: expected an initializer, got None"),
    (lambda: lookup.StaticVocabularyTable(None, 0), ValueError, "num_oov_buckets: expected 1 or more, got 0"),
    (
        lambda: lookup.StaticVocabularyTable(lookup.KeyValueTensorInitializer(["a"], [0]), 1),
        TypeError,
        "expected value_dtype int64, got int32",
    ),
    (lambda: lookup.StaticVocabularyTable(None, 1)[sw.constant([1])], TypeError, "lookup: keys: expected"),
    (lambda: MutableHashTable(sw.string, sw.int64, -1).insert(["a"], [1, 2]), ValueError, r"expected shape \(1,\)"),
    (lambda: MutableHashTable(sw.string, sw.int64, -1).insert(["a"], [1.5]), TypeError, r"insert: values"),
    (
        lambda: MutableHashTable(sw.string, sw.int64, -1).lookup(["a", "b"], [1]),
        ValueError,
        r"expected shape \(\) or \(2,\), got \(1,\)",
    ),
    (lambda: dense().insert([0], [1]), ValueError, "0 is the table's empty_key"),
    (lambda: dense().lookup([-1]), ValueError, "-1 is the table's deleted_key"),
    (lambda: DenseHashTable(sw.int64, sw.int64, -1, 0, 0), ValueError, "expected another key than empty_key, 0"),
]


@pytest.mark.parametrize("case", range(len(ERRORS)))
def test_errors(case):
    call, error, message = ERRORS[case]
    with pytest.raises(error, match=message):
        call()


def test_a_computed_tensor_makes_no_table():
    with pytest.raises(TypeError, match="KeyValueTensorInitializer: keys: expected known values"):
        sw.function(lambda x: static(x, [1], -1).lookup(x))(sw.constant(["a"]))


def test_dense_tables_have_other_names_for_methods():
    table = dense()
    table.insert_or_assign([1, 2], [3, 4])
    table.erase([1, 5])
    assert [items_of(part) for part in table.export()] == [[2], [4]] and table.name == "MutableDenseHashTable"
    assert static(["a"], [1], 5).name is None and int(static(["a"], [1], 5).default_value) == 5


def mutable_tables():
    return MutableHashTable(sw.string, sw.int64, -1), DenseHashTable(sw.int64, sw.float32, [0.0, 0.0], 0, -1)


def test_checkpoints_have_tables_that_change(tmp_path):
    tables = mutable_tables()
    tables[0].insert(["a", "b\0", ""], [1, 2, 5])
    tables[1].insert([1, 2], [[1, 2], [3, 4]])
    static_table = static(["a"], [1], 0)
    path = sw.train.Checkpoint(tables=tables, static=static_table).write(str(tmp_path / "x"))
    assert ("tables/0/.ATTRIBUTES/table-keys", [3]) in sw.train.list_variables(path)
    others = mutable_tables()
    others[0].insert(["z"], [3])
    sw.train.Checkpoint(tables=others, static=static_table).read(path).assert_consumed()
    for table, other in zip(tables, others, strict=True):
        assert list(map(items_of, other.export())) == list(map(items_of, table.export()))
    with pytest.raises(ValueError, match=r"table-keys: expected keys of dtype int64, each of shape \(\)"):
        sw.train.Checkpoint(tables=others[::-1]).read(path)
    unsaved = MutableHashTable(sw.string, sw.int64, -1, checkpoint=False)
    assert [
        name for name, _ in sw.train.list_variables(sw.train.Checkpoint(t=unsaved).write(str(tmp_path / "y")))
    ] == []


def test_tables_that_are_not_saved_are_an_error(tmp_path):
    table = static(["a"], [1], 0)
    module = sw.Module()
    module.f = sw.function(table.lookup, input_signature=[sw.TensorSpec([None], sw.string)])
    with pytest.raises(AssertionError, match="uses a lookup table, which is not part of what is saved"):
        sw.saved_model.save(module, tmp_path / "m")
