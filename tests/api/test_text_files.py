"""Lines, records of one length and tables in text files: TensorFlow's elements, dtypes and words of errors."""

import csv
import gzip
import io
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

CsvDataset, make = sw.data.experimental.CsvDataset, sw.data.experimental.make_csv_dataset
NONE_INT32, NONE_STRING = sw.constant([], sw.int32), sw.constant([], sw.string)


def file(folder, data, name="file"):
    path = folder / name
    path.write_bytes(data)
    return str(path)


def plain(element):
    if isinstance(element, dict):
        return {key: plain(value) for key, value in element.items()}
    if isinstance(element, tuple):
        return tuple(map(plain, element))
    return element.tolist() if isinstance(element, np.ndarray | np.generic) else element


def listed(dataset):
    return [plain(element) for element in dataset.as_numpy_iterator()]


LINES = {
    b"a\nb": [b"a", b"b"],
    b"a\r\nb\n": [b"a", b"b"],
    b"a\rb\n": [b"ab"],
    b"\n\n": [b"", b""],
    b"": [],
    b"a\r": [b"a"],
    b"a\r\r\n": [b"a"],
    b"x\0y\n": [b"x\0y"],
}
"""Files, and what TensorFlow 2.21 reads of them."""


@pytest.mark.parametrize("data", LINES)
def test_lines_are_those_of_tensorflow(data, tmp_path):
    assert listed(sw.data.TextLineDataset(file(tmp_path, data))) == LINES[data]
    packed = file(tmp_path, gzip.compress(data))
    assert listed(sw.data.TextLineDataset(packed, "GZIP", buffer_size=3)) == LINES[data]


FIXED = [
    (b"HHabcdefF", (3, 2, 1), [b"abc", b"def"]),
    (b"", (3,), []),
    (b"abcdefg", (3,), r"records of 3 bytes and a footer of 0 bytes, got a file of 7 bytes"),
    (b"HHabcF", (3, 2, 9), "a header of 2 bytes, .* a footer of 9 bytes, got a file of 6 bytes"),
    (b"abc", (0,), "record_bytes: expected at least 1, got 0"),
    (b"abc", (3, -1), "header_bytes: expected at least 0, got -1"),
]


@pytest.mark.parametrize("data, sizes, expected", FIXED)
@pytest.mark.parametrize("kind", ["", "GZIP"])
def test_records_of_one_length(data, sizes, expected, kind, tmp_path):
    path = file(tmp_path, gzip.compress(data) if kind else data)

    def read():
        return listed(sw.data.FixedLengthRecordDataset(path, *sizes, compression_type=kind))

    if isinstance(expected, list):
        assert read() == expected
        return
    error = sw.errors.DataLossError if kind and sizes[0] and min(sizes) >= 0 else sw.errors.InvalidArgumentError
    with pytest.raises(error, match=expected):
        read()


SOURCES = {
    "lines": (sw.data.TextLineDataset, b"one\ntwo\r\n\nfour"),
    "fixed": (lambda path, kind: sw.data.FixedLengthRecordDataset(path, 3, 1, 2, None, kind), b"Habcdefghijk__F"[:15]),
    "table": (lambda path, kind: CsvDataset(path, [0, "-"], kind, header=True), b'a,b\n1,"x\ny"\n2,\n3,z\n'),
}


@pytest.mark.parametrize("kind", ["", "GZIP"])
@pytest.mark.parametrize("source", SOURCES)
def test_iterations_go_on_in_the_middle_of_files(source, kind, tmp_path):
    make_dataset, data = SOURCES[source]
    path = file(tmp_path, gzip.compress(data) if kind else data)
    node = make_dataset([path, path], kind)._node

    def values(iteration):
        return [[part.numpy() for part in element] for element in iteration]

    whole = values(node.start())
    assert len(whole) >= 6
    for taken in range(len(whole) + 1):
        first, second = node.start(), node.start()
        for _ in range(taken):
            next(first)
        second.restore(first.state())
        assert values(second) == whole[taken:] == values(first)


DECODED = {
    "empty fields": (["1,2.5,a", "3,,b"], [[0], [1.5], [""]], {}, [[1, 3], [2.5, 1.5], [b"a", b"b"]]),
    "a scalar": ("1,2.5,a", [[0], [1.5], [""]], {}, [1, 2.5, b"a"]),
    "a matrix": ([["1,x"], ["2,y"]], [[0], [""]], {}, [[[1], [2]], [[b"x"], [b"y"]]]),
    "quotes": (['1,"a,""b"""', '2,"c\nd"'], [[0], [""]], {}, [[1, 2], [b'a,"b"', b"c\nd"]]),
    "no quotes": (['1,"a"'], [[0], [""]], {"use_quote_delim": False}, [[1], [b'"a"']]),
    "missing": (["NA,NA"], [[5], ["d"]], {"na_value": "NA"}, [[5], [b"d"]]),
    "columns": (["1,2,3"], [[0], [0]], {"select_cols": [0, 2]}, [[1], [3]]),
    "tabs": (["1\t2"], [[0], [0]], {"field_delim": "\t"}, [[1], [2]]),
    "dtypes": ([",,,,"], [np.int32(1), np.int64(2), 3.0, np.float64(4), "x"], {}, [[1], [2], [3.0], [4.0], [b"x"]]),
    "spaces": ([" 1,2 "], [[0], [""]], {}, [[1], [b"2 "]]),
    "floats": (["inf,-inf,1e400,1e-400,0x1p3,.5,5.,+2.5, 1 "], [[0.0]] * 9, {},
               [[float("inf")], [-float("inf")], [float("inf")], [0.0], [8.0], [0.5], [5.0], [2.5], [1.0]]),
}  # fmt: skip
"""Records, defaults, options, and what TensorFlow 2.21 decodes them to."""


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("records, defaults, options, expected", DECODED.values(), ids=DECODED)
def test_records_are_decoded_as_by_tensorflow(records, defaults, options, expected):
    def decode(text):
        return tuple(sw.io.decode_csv(text, defaults, **options))

    found = decode(records)
    assert [plain(part.numpy()) for part in found] == expected
    dataset = sw.data.Dataset.from_tensors(records).map(decode)
    assert listed(dataset) == [tuple(expected)]
    assert [spec.shape for spec in dataset.element_spec] == [part.shape for part in found]


REFUSED = {
    "required": (["1,"], [[0], NONE_INT32], {}, "record 0: Field 1 is required but missing"),
    "int32": (["1,2", "1,x"], [[0], [0]], {}, "record 1: Field 1 is not a valid int32: x"),
    "range": (["99999999999,1"], [[0], [0]], {}, "Field 0 is not a valid int32: 99999999999"),
    "underscore": (["1_0,1"], [[0], [0]], {}, "Field 0 is not a valid int32: 1_0"),
    "float": (["1,1.5f"], [[0], [0.0]], {}, "Field 1 is not a valid float: 1.5f"),
    "few": (["1"], [[0], [0]], {}, "Expect 2 fields but have 1"),
    "none": ([""], [[0], [0]], {}, "Expect 2 fields but have 0"),
    "many": (["1,2,3"], [[0], [0]], {}, "Expect 2 fields but have 3"),
    "a quote": (['1,a"b'], [[0], [""]], {}, "Unquoted fields cannot have quotes/CRLFs inside"),
    "after a quote": (['1,"a"b'], [[0], [""]], {}, "Quote inside a string has to be escaped by another quote"),
    "no end": (['1,"ab'], [[0], [""]], {}, "Quoted field has to end with quote followed by delim or end"),
    "line feed": (["1,2\n"], [[0], [""]], {}, "Unquoted fields cannot have quotes/CRLFs inside"),
    "bool": (["1"], [[True]], {}, "expected float32, float64, int32, int64 or string, got bool"),
    "defaults": ([","], [[1, 2], [2]], {}, "record_defaults: field 0: expected one value or none, got 2"),
    "delimiter": (["1"], [[0]], {"field_delim": ",,"}, "field_delim: expected one character of ASCII, got ',,'"),
    "order": (["1,2,3"], [[0], [0]], {"select_cols": [2, 0]}, "each larger than the one before"),
    "lengths": (["1,2,3"], [[0], [0]], {"select_cols": [0]}, "expected 1, as there are select_cols, got 2"),
    "no columns": (["1"], [], {}, "record_defaults: expected one for each column, got none"),
}


@pytest.mark.parametrize("records, defaults, options, text", REFUSED.values(), ids=REFUSED)
def test_records_that_cannot_be_decoded(records, defaults, options, text):
    with pytest.raises(sw.errors.InvalidArgumentError, match=f"decode_csv: .*{text}"):
        sw.io.decode_csv(records, defaults, **options)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5), st.sampled_from(",;\t"), st.booleans())
@settings(max_examples=examples(100))
def test_tables_that_python_wrote(tmp_path_factory, rows, delimiter, always):
    """Python's csv as the oracle, for text with quotes, delimiters and line feeds."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")
    writer.writerows(rows)
    path = file(tmp_path_factory.mktemp("tables"), out.getvalue().encode())
    dataset = CsvDataset(path, [""] * 3, field_delim=delimiter)
    assert listed(dataset) == [tuple(cell.encode() for cell in row) for row in rows]
    lines = [csv_line(row, delimiter, quoting) for row in rows]
    decoded = sw.io.decode_csv(sw.constant(lines, sw.string), [[""]] * 3, field_delim=delimiter)
    assert [part.numpy().tolist() for part in decoded] == [[row[k].encode() for row in rows] for k in range(3)]


def csv_line(row, delimiter, quoting):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerow(row)
    return out.getvalue().removesuffix("\r\n").encode()


TABLES = {
    "dtypes": (b"1,2.5,a\n3,,b\n", ([sw.int32, [1.5], sw.string],), {}, [(1, 2.5, b"a"), (3, 1.5, b"b")]),
    "quotes": (b'1,"x\ny"\r\n2,"""q"""\n', ([[0], [""]],), {}, [(1, b"x\ny"), (2, b'"q"')]),
    "columns": (b"1,2,3\n4,5,6\n", ([[0], [0]],), {"select_cols": [0, 2]}, [(1, 3), (4, 6)]),
    "left out": (b"1,2,3\n4,5,6\n", ([[0], [0]],), {"exclude_cols": [1]}, [(1, 3), (4, 6)]),
    "missing": (b"NA,2\n", ([[7], [0]],), {"na_value": "NA"}, [(7, 2)]),
    "empty line": (b"1\n\n3\n", ([[0]],), {}, [(1,), (0,), (3,)]),
    "carriage returns": (b"1\r2\r", ([[0]],), {}, [(1,), (2,)]),
    "nothing": (b"", ([[0]],), {}, []),
    "no quotes": (b'1,a"b\n', ([[0], [""]],), {"use_quote_delim": False}, [(1, b'a"b')]),
    "header": (b"a,b\r\n3,4", ([0, 0],), {"header": True}, [(3, 4)]),
}
"""Files, arguments, and what TensorFlow 2.21 reads."""


@pytest.mark.parametrize("data, arguments, options, expected", TABLES.values(), ids=TABLES)
def test_tables_are_read_as_by_tensorflow(data, arguments, options, expected, tmp_path):
    assert listed(CsvDataset(file(tmp_path, data), *arguments, **options)) == expected


REFUSED_TABLES = {
    "required": (b"1,\n", [sw.int32, sw.int32], "record 0, at byte 0: Field 1 is required but missing"),
    "few": (b"1\n", [[0], [0]], "record 0, at byte 0: Expect 2 fields but have 1"),
    "many": (b"1,2,3\n", [[0], [0]], "record 0, at byte 0: Expect 2 fields but have 3"),
    "value": (b"1,2\n1,x\n", [[0], [0]], "record 1, at byte 4: Field 1 is not a valid int32: x"),
    "empty line": (b"1,2\n\n3,4\n", [[0], [0]], "record 1, at byte 4: Expect 2 fields but have 1"),
    "open quote": (b'1,"a\n2,b', [[0], [""]], "record 0, at byte 0: Reached end of file without closing quoted field"),
    "quote": (b'1,a"b\n2,c\n', [[0], [""]], "record 0, at byte 0: Unquoted fields cannot have quotes"),
}


@pytest.mark.parametrize("data, defaults, text", REFUSED_TABLES.values(), ids=REFUSED_TABLES)
def test_tables_with_errors(data, defaults, text, tmp_path):
    path = file(tmp_path, data)
    with pytest.raises(sw.errors.InvalidArgumentError, match=text) as raised:
        listed(CsvDataset(path, defaults))
    assert str(raised.value).startswith(path)


def test_ignored_errors_of_a_table_go_on_with_the_next_record(tmp_path):
    path = file(tmp_path, b'1,a\nx,b\n3,c"d\n4,"e"f\n5,g\n')
    assert listed(CsvDataset(path, [0, ""]).ignore_errors()) == [(1, b"a"), (5, b"g")]
    empty = file(tmp_path, b"", "empty")
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected a header, got an empty file"):
        listed(CsvDataset(empty, [0], header=True))


COLUMNS = b"a,b,c,label\n" + b"".join(b"%d,%.1f,s%d,%d\n" % (k, k / 2, k, k % 2) for k in range(7))


def test_batches_of_columns_by_name(tmp_path):
    path = file(tmp_path, COLUMNS)
    dataset = make(path, batch_size=3, num_epochs=1, label_name="label", shuffle=False)
    assert listed(dataset) == [
        ({"a": [0, 1, 2], "b": [0.0, 0.5, 1.0], "c": [b"s0", b"s1", b"s2"]}, [0, 1, 0]),
        ({"a": [3, 4, 5], "b": [1.5, 2.0, 2.5], "c": [b"s3", b"s4", b"s5"]}, [1, 0, 1]),
        ({"a": [6], "b": [3.0], "c": [b"s6"]}, [0]),
    ]
    columns, label = dataset.element_spec
    assert isinstance(columns, OrderedDict) and list(columns) == ["a", "b", "c"]
    assert columns["b"] == sw.TensorSpec([None], sw.float32) and label == sw.TensorSpec([None], sw.int32)
    endless = make(path, batch_size=3, shuffle=False)
    assert endless.element_spec["a"] == sw.TensorSpec([3], sw.int32) and int(endless.cardinality()) == -1
    for chosen in (["c", "a"], [2, 0]):
        chosen = make(path, batch_size=2, num_epochs=1, select_columns=chosen, shuffle=False)
        assert listed(chosen.take(1)) == [{"a": [0, 1], "c": [b"s0", b"s1"]}]


def test_shuffled_columns_are_in_the_order_of_tensorflow(tmp_path):
    sw.random.set_seed(1)
    path = file(tmp_path, COLUMNS)
    dataset = make(path, batch_size=3, shuffle_seed=7, select_columns=["a"])
    assert listed(dataset.take(2)) == [{"a": [4, 1, 3]}, {"a": [2, 5, 0]}]
    for k in range(3):
        file(tmp_path, b"a\n" + b"".join(b"%d%d\n" % (k, place) for place in range(k + 1)), f"many{k}.csv")
    pattern = str(tmp_path / "many?.csv")
    sw.random.set_seed(1)
    dataset = make(pattern, batch_size=4, shuffle_seed=7)
    found = [{"a": [20, 10, 0, 11]}, {"a": [22, 21, 22, 11]}, {"a": [20, 10, 0, 21]}]
    assert listed(dataset.take(3)) == found
    dataset = make(pattern, batch_size=4, shuffle=False, num_parallel_reads=2, num_epochs=1)
    assert listed(dataset) == [{"a": [0, 10, 11, 20]}, {"a": [21, 22]}]


INFERRED = [
    (b"a,b,c,d,e\n1,,x,3000000000,1e300\n2,5,y,1,2\n", ["int32", "int32", "string", "int64", "float64"]),
    (b"a,b\n,1\n,2\n", ["string", "int32"]),
    (b"a,b,c,d\ninf,nan, 1,+5\n", ["string", "string", "int32", "int32"]),
]
"""Files, and the dtypes that TensorFlow 2.21 finds."""


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("data, dtypes", INFERRED)
def test_dtypes_of_columns_are_those_of_tensorflow(data, dtypes, tmp_path):
    dataset = make(file(tmp_path, data), batch_size=2, num_epochs=1, shuffle=False)
    assert [spec.dtype.name for spec in dataset.element_spec.values()] == dtypes
    assert len(listed(dataset)) == 1


def test_columns_that_are_refused(tmp_path):
    path = file(tmp_path, COLUMNS)
    plain_file = file(tmp_path, b"1,2\n3,4\n", "plain")
    other = file(tmp_path, b"a,z\n1,2\n", "other")
    for arguments, text in (
        ({"label_name": "zz"}, "label_name: expected one of .*'label'.*, got 'zz'"),
        ({"select_columns": ["zz"]}, "select_columns: expected names among"),
        ({"select_columns": [9]}, "at least 0 and less than 4, got 9"),
        ({"select_columns": ["a", 0]}, "expected each column once"),
        ({"column_names": ["a", "a", "b", "c"]}, "expected different names, got 'a' twice"),
        ({"column_names": ["a"]}, "expected records of 1 fields, got 4"),
        ({"column_defaults": [0]}, "column_defaults: expected 4"),
        ({"file_pattern": [path, other]}, r"other: expected columns \['a', 'b', 'c', 'label'\]"),
        ({"file_pattern": plain_file, "header": False}, "expected names for files without a header"),
        ({"file_pattern": "nothing*"}, "no files match b'nothing"),
    ):
        with pytest.raises(ValueError, match=text):
            make(**({"file_pattern": path, "batch_size": 1} | arguments))
    named = make(plain_file, 1, ["p", "q"], header=False, num_epochs=1, shuffle=False)
    assert listed(named) == [{"p": [1], "q": [2]}, {"p": [3], "q": [4]}]
    bad = file(tmp_path, b"a\n1\nx\n3\n", "bad")
    options = {"column_defaults": [sw.int32], "num_epochs": 1, "shuffle": False}
    assert listed(make(bad, 1, ignore_errors=True, **options)) == [{"a": [1]}, {"a": [3]}]
    with pytest.raises(sw.errors.InvalidArgumentError, match="record 2, at byte 4: Field 0 is not a valid int32: x"):
        listed(make(bad, 1, **options))
