"""Tensors of strings: made, moved, compared and joined, eagerly and in functions, as TensorFlow 2.21 does."""

import sys

import numpy as np
import pytest
from support.command import failure, output

import stepwell as sw
from stepwell.runtime.outcomes.difference import array_difference
from stepwell.runtime.outcomes.tolerance import Tolerance
from stepwell.testing.everywhere import assert_array_like

ENGINES = ("native", "interpreter")
WORDS = ["b", "Ab", "b", "é"]
BYTES = [b"b", b"Ab", b"b", b"\xc3\xa9"]


def listed(value):
    return sw.nest.map_structure(lambda tensor: np.array(tensor.numpy(), object).tolist(), value)


class Column:
    """An array of another library, as a column of a table is."""

    def __init__(self, values):
        self.values = np.array(values, object)

    def __array__(self, dtype=None, copy=None):
        return self.values


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("abc", b"abc"),
        (b"\xff\x00", b"\xff\x00"),
        ("a\0", b"a\0"),
        (["a", b"bc"], [b"a", b"bc"]),
        ([["a"], ["é"]], [[b"a"], [b"\xc3\xa9"]]),
        (np.array(["a", "bc"]), [b"a", b"bc"]),
        (np.array([b"a", b"bc"]), [b"a", b"bc"]),
        (np.array(["a", b"bc\0"], object), [b"a", b"bc\0"]),
        (np.str_("x"), b"x"),
        (Column(["a", b"bc"]), [b"a", b"bc"]),
        (Column(b"a"), b"a"),
        ([sw.constant("a"), "b"], [b"a", b"b"]),
    ],
)
def test_constants(given, expected):
    tensor = sw.convert_to_tensor(given)
    assert tensor.dtype is sw.string
    assert tensor.dtype == "string"
    found = tensor.numpy()
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == expected


def test_texts_are_tensorflows():
    s, v = sw.constant("abc"), sw.constant(["a", "bc"])
    assert repr(s) == "<tf.Tensor: shape=(), dtype=string, numpy=b'abc'>"
    assert str(v) == "tf.Tensor([b'a' b'bc'], shape=(2,), dtype=string)"
    assert repr(sw.Variable("a", name="v")) == "<tf.Variable 'v:0' shape=() dtype=string, numpy=b'a'>"
    assert f"{v}" == "[b'a' b'bc']"
    assert (repr(sw.string), str(sw.string)) == ("tf.string", "<dtype: 'string'>")
    assert repr(sw.TensorSpec([None], sw.string)) == "TensorSpec(shape=(None,), dtype=tf.string, name=None)"
    assert [bool(s), len(v), int(sw.constant("12")), float(sw.constant("1.5"))] == [True, 2, 12, 1.5]


@pytest.mark.parametrize("dtype", ["string", object, np.dtype("<U3"), np.dtype("S3"), sw.string])
def test_dtypes_that_are_strings(dtype):
    assert sw.as_dtype(dtype) is sw.string
    assert sw.constant([], dtype=dtype).dtype is sw.string


@pytest.mark.parametrize("dtype", [str, bytes])
def test_classes_of_python_are_no_dtypes(dtype):
    with pytest.raises(TypeError):
        sw.as_dtype(dtype)
    assert sw.string != dtype


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: sw.constant(["a", 1]), ValueError),
        (lambda: sw.constant([1, "a"]), ValueError),
        (lambda: sw.constant([["a"], ["b", "c"]]), ValueError),
        (lambda: sw.constant(np.array(["a", 1], object)), ValueError),
        (lambda: sw.constant("abc", sw.int32), TypeError),
        (lambda: sw.constant(1, sw.string), TypeError),
        (lambda: sw.ones([2], sw.string), TypeError),
        (lambda: sw.cast("a", sw.int32), sw.errors.UnimplementedError),
        (lambda: sw.cast(1, sw.string), sw.errors.UnimplementedError),
        (lambda: sw.constant("a") == 1, TypeError),
        (lambda: sw.constant("a") < "b", sw.errors.InvalidArgumentError),
        (lambda: sw.constant("a") - "b", sw.errors.InvalidArgumentError),
        (lambda: -sw.constant("a"), sw.errors.InvalidArgumentError),
        (lambda: sw.sort(["b", "a"]), sw.errors.InvalidArgumentError),
        (lambda: sw.reduce_sum(["b", "a"]), sw.errors.InvalidArgumentError),
        (lambda: sw.Variable("a").assign_add("b"), sw.errors.InvalidArgumentError),
        (lambda: sw.strings.length(1), TypeError),
        (lambda: sw.strings.length("a", unit="UTF8"), sw.errors.InvalidArgumentError),
        (lambda: sw.strings.lower("a", "latin"), sw.errors.InvalidArgumentError),
        (lambda: sw.strings.join([WORDS, ["a"]]), sw.errors.InvalidArgumentError),
        (lambda: sw.strings.regex_replace("a", "(?=a)", ""), sw.errors.InvalidArgumentError),
    ],
)
def test_refusals(call, error):
    with pytest.raises(error):
        call()


FUNCTIONS = {
    "equal": (lambda x: x == "b", [True, False, True, False]),
    "not_equal": (lambda x: x != x[0], [False, True, False, True]),
    "add": (lambda x: "<" + x + ">", [b"<b>", b"<Ab>", b"<b>", b"<\xc3\xa9>"]),
    "index": (lambda x: (x[1], x[-1]), (b"Ab", b"\xc3\xa9")),
    "slice": (lambda x: x[::-2], [b"\xc3\xa9", b"Ab"]),
    "gather": (lambda x: sw.gather(x, [3, 0]), [b"\xc3\xa9", b"b"]),
    "gather_nd": (lambda x: sw.gather_nd(x, [[1]]), [b"Ab"]),
    "concat": (lambda x: sw.concat([x, ["q\0"]], 0), [*BYTES, b"q\0"]),
    "stack": (lambda x: sw.stack([x, x]), [BYTES, BYTES]),
    "unstack": (lambda x: sw.unstack(x, 4), BYTES),
    "split": (lambda x: sw.split(x, 2), [BYTES[:2], BYTES[2:]]),
    "reshape": (lambda x: sw.transpose(sw.reshape(x, [2, 2])), [[b"b", b"b"], [b"Ab", b"\xc3\xa9"]]),
    "expand": (lambda x: sw.squeeze(sw.expand_dims(x, 0), 0), BYTES),
    "tile": (lambda x: sw.tile(x[:2], [2]), BYTES[:2] * 2),
    "repeat": (lambda x: sw.repeat(x[:2], 2), [b"b", b"b", b"Ab", b"Ab"]),
    "reverse": (lambda x: sw.reverse(x, [0]), BYTES[::-1]),
    "roll": (lambda x: sw.roll(x, 1, 0), [BYTES[3], *BYTES[:3]]),
    "where": (lambda x: sw.where(x == "b", x, "\0z\0"), [b"b", b"\0z\0", b"b", b"\0z\0"]),
    "boolean_mask": (lambda x: sw.boolean_mask(x, x != "b"), [b"Ab", b"\xc3\xa9"]),
    "unique": (
        lambda x: tuple(sw.unique_with_counts(x)),
        ([b"b", b"Ab", b"\xc3\xa9"], [0, 1, 0, 2], [2, 1, 1]),
    ),
    "pad": (lambda x: sw.pad(x[:1], [[1, 1]]), [b"", b"b", b""]),
    "pad_with": (lambda x: sw.pad(x[:1], [[0, 1]], constant_values="x"), [b"b", b"x"]),
    "fill": (lambda x: sw.fill([2], x[0]), [b"b", b"b"]),
    "zeros_like": (lambda x: sw.zeros_like(x), [b""] * 4),
    "zeros": (lambda x: sw.zeros([2], x.dtype), [b"", b""]),
    "broadcast": (lambda x: sw.broadcast_to(x[:2], [2, 2]), [BYTES[:2]] * 2),
    "update": (lambda x: sw.tensor_scatter_nd_update(x, [[1]], ["Z"]), [b"b", b"Z", b"b", b"\xc3\xa9"]),
    "scatter": (lambda x: sw.scatter_nd([[0], [2]], x[:2], [3]), [b"b", b"", b"Ab"]),
    "sizes": (lambda x: (sw.size(x), sw.shape(x), sw.rank(x)), (4, [4], 1)),
    "map_fn": (lambda x: sw.map_fn(lambda item: item + "!", x), [item + b"!" for item in BYTES]),
    "lengths": (lambda x: sw.strings.length(sw.strings.lower(x)), [1, 2, 1, 2]),
    "captured": (lambda x: sw.gather(NUMBERED, sw.strings.length(x)), [b"1", b"2", b"1", b"2"]),
    "constant": (lambda x: sw.constant([b"\xff\\", "\\x41\n"]), [b"\xff\\", b"\\x41\n"]),
    "identity": (lambda x: sw.stop_gradient(sw.identity(x)), BYTES),
}
NUMBERED = sw.constant([str(number) for number in range(100)])


def all_functions(x):
    return {name: function(x) for name, (function, _) in FUNCTIONS.items()}


WAYS = {
    "eager": all_functions,
    "native": sw.function(all_functions, input_signature=[sw.TensorSpec([None], sw.string)]),
    "interpreter": sw.function(all_functions, engine="interpreter"),
}


@pytest.mark.parametrize("way", WAYS)
def test_functions_move_strings(way):
    found = WAYS[way](sw.constant(WORDS))
    for name, (_, expected) in FUNCTIONS.items():
        assert listed(found[name]) == expected, name


def longer(x):
    if sw.strings.length(x) > 3:
        return x + "!"
    return sw.strings.upper(x)


def chosen(x):
    if x == "abc":
        answer = "yes"
    else:
        answer = "no"
    return sw.constant(answer) if isinstance(answer, str) else answer


def doubled(x):
    while sw.strings.length(x) < 10:
        x = x + x
    return x


def gathered(x):
    result = sw.constant("")
    for number in sw.range(sw.strings.length(x)):
        result = sw.strings.join([result, sw.strings.substr(x, number, 1)], ",")
        if sw.strings.length(result) > 4:
            break
    return result


@pytest.mark.parametrize(
    ("function", "given", "expected"),
    [
        (longer, "ab", b"AB"),
        (longer, "abcd", b"abcd!"),
        (chosen, "abc", b"yes"),
        (chosen, "abd", b"no"),
        (doubled, "abc", b"abcabcabcabc"),
        (gathered, "ab", b",a,b"),
        (gathered, "abcd", b",a,b,c"),
    ],
)
def test_control_flow(function, given, expected):
    assert function(sw.constant(given)).numpy() == expected
    for engine in ENGINES:
        assert sw.function(function, engine=engine)(sw.constant(given)).numpy() == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_variables_of_strings(engine):
    variable = sw.Variable(["a", "b"])

    @sw.function(engine=engine)
    def append(x):
        variable.assign(variable + x)
        return variable.read_value()

    assert append(sw.constant("c")).numpy().tolist() == [b"ac", b"bc"]
    assert append(sw.constant(["", "d"])).numpy().tolist() == [b"ac", b"bcd"]
    variable.assign(["x", "y"])
    assert append(sw.constant("")).numpy().tolist() == [b"x", b"y"]


@pytest.mark.parametrize("engine", ENGINES)
def test_nested_calls_have_their_own_tables(engine):
    inner = sw.function(lambda x: x + "i", engine=engine)
    outer = sw.function(lambda x: inner(x + "o") + x, engine=engine)
    assert outer(sw.constant("a")).numpy() == b"aoia"


def test_prints_are_tensorflows(capsys):
    s, v, m = sw.constant("abc"), sw.constant(["a", "é"]), sw.constant([["a", "b"], ["c", "d"]])
    expected = '"abc" ["a" "é"] [["a" "b"]\n ["c" "d"]] txt ["abc"]\n'
    for run in (lambda f: f, sw.function, lambda f: sw.function(f, engine="interpreter")):
        run(lambda s, v, m: sw.print(s, v, m, "txt", [s], output_stream=sys.stdout))(s, v, m)
        assert capsys.readouterr().out == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_assertions_show_strings(engine):
    check = sw.function(lambda x: sw.debugging.Assert(x == "b", ["x is", x]), engine=engine)
    check(sw.constant("b"))
    with pytest.raises(sw.errors.InvalidArgumentError, match="x is b'c'"):
        check(sw.constant("c"))


@pytest.mark.parametrize("function", [lambda x: x[0], lambda x: sw.strings.length(x), lambda x: sw.constant("a")])
def test_exports_refuse_strings(function, tmp_path):
    with pytest.raises(sw.errors.UnsupportedError, match=r"ONNX export: .* of strings, which are not exported"):
        sw.onnx.export(sw.function(function), tmp_path / "f.onnx", sw.TensorSpec([2], sw.string))
    with pytest.raises(sw.errors.UnsupportedError, match=r"ONNX export: .* of strings"):
        sw.function(function, engine="onnx")(sw.constant(["a", "b"]))


PATTERNS = [
    ("[a-z]+", "X", "Hello World", b"HX WX"),
    ("b", "[\\0]", "abc", b"a[b]c"),
    ("(a)(b)", r"\2\1", "abcabc", b"bacbac"),
    ("", "-", "abc", b"-a-b-c-"),
    ("a*", "X", "baac", b"XbXcX"),
    (".", "x", "日本", b"xx"),
    (".", "x", "a\nb", b"x\nx"),
    ("[" + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~]", "", "a.b!c", b"abc"),
    ("[[:punct:]]", "", "a.b!c[", b"abc"),
    (r"\s", "_", "a b\u00a0c\td", b"a_b\xc2\xa0c_d"),
    (r"\w", "_", "héy", b"_\xc3\xa9_"),
    (r"\pL", "x", "ab12", b"xx12"),
    (r"[^\p{L}]", "x", "Ab12é", b"Abxx\xc3\xa9"),
    ("a", r"\1", "ab", b"ab"),
    ("a", r"\\", "ab", b"\\b"),
    ("(?i)a", "x", "ABab", b"xBxb"),
    ("b(?i)a", "x", "bABa", b"xBa"),
    ("x$", "y", "x\n", b"x\n"),
    ("(?m)^y", "z", "x\ny", b"x\nz"),
    (r"\Qa.\E", "z", "a.ab", b"zab"),
    ("[]a]", "z", "]a[", b"zz["),
]


@pytest.mark.parametrize(("pattern", "rewrite", "given", "expected"), PATTERNS)
def test_patterns_are_those_of_re2(pattern, rewrite, given, expected):
    assert sw.strings.regex_replace(given, pattern, rewrite).numpy() == expected


@pytest.mark.parametrize("pattern", ["(a", r"(a)\1", "(?=a)", "(?<!a)b", "a++", r"\pQ", "[[:nothing:]]"])
def test_patterns_that_re2_refuses(pattern):
    with pytest.raises(sw.errors.InvalidArgumentError, match="invalid pattern"):
        sw.strings.regex_full_match("a", pattern)


def test_tools_show_strings(tmp_path):
    joined = sw.function(lambda x: sw.strings.join([x, b"\xff"], "-"))
    words = sw.constant(["a", "b"])
    page = tmp_path / "page.html"
    sw.debugging.explore(joined, words, path=str(page))
    assert r"-\\xff" in page.read_text()
    assert str(sw.debugging.bisect(joined, words)).startswith("nothing differs")
    assert "host call of hl.string_join" in {row.what for row in joined.profile(words).rows}


def test_other_strings_are_a_difference():
    expected, got = (sw.constant(words)._array for words in (["a", "b"], ["a", "c"]))
    found = array_difference("result 0", got, expected, Tolerance())
    assert (found.index, found.got, found.expected) == ((1,), "b'c'", "b'b'")
    with pytest.raises(AssertionError, match=r"got b'c', expected b'b' at \[1\]"):
        assert_array_like(got, expected, "f")


@pytest.mark.parametrize("engine", ENGINES)
def test_programs_in_text_take_strings(engine, tmp_path):
    program = tmp_path / "program.mlir"
    text = """
    func.func @f(%x: tensor<?x!hl.string>) -> tensor<?x!hl.string> {
      %0 = hl.string_upper %x {encoding = ""} : (tensor<?x!hl.string>) -> tensor<?x!hl.string>
      func.return %0 : tensor<?x!hl.string>
    }"""
    program.write_text(text)
    shown = output("run", program, '["a", "bé"]', "-e", engine)
    assert shown == "result 0: string[2] [b'A' b'B\\xc3\\xa9']\n"
    assert failure("run", program, "[1]", "-e", engine)[1] == "input 0: expected string[?], got '[1]'"
