"""Functions on strings: values recorded from TensorFlow 2.21, eagerly and in functions for strings of any number."""

import gzip
import zlib

import numpy as np
import pytest

import stepwell as sw

S = sw.strings
WORDS = ["Hello World", "Grüße JÖRG", "", " x\t\n", "a,b,,c", b"\xff\xc3", "日本語"]
NUMBERS = np.float32([1.5, -2.25, 3e10, 1e-7, np.nan, np.inf, -0.0])
LETTERS = [["a", "b"], ["c", "d"]]

FUNCTIONS = {
    "lower": (lambda x: S.lower(x)[:2], [b"hello world", b"gr\xc3\xbc\xc3\x9fe j\xc3\x96rg"]),
    "lower utf-8": (lambda x: S.lower(x, "utf-8")[1], b"gr\xc3\xbc\xc3\x9fe j\xc3\xb6rg"),
    "upper": (lambda x: S.upper(x)[1], b"GR\xc3\xbc\xc3\x9fE J\xc3\x96RG"),
    "upper utf-8": (lambda x: S.upper(x, encoding="utf-8")[1], b"GR\xc3\x9cSSE J\xc3\x96RG"),
    "strip": (lambda x: S.strip(x)[3], b"x"),
    "length": (lambda x: S.length(x), [11, 13, 0, 4, 6, 2, 9]),
    "characters": (lambda x: S.length(x, unit="UTF8_CHAR"), [11, 10, 0, 4, 6, 2, 3]),
    "substr": (lambda x: S.substr(x[0], [0, -2, 11], [1, 5, 1]), [b"H", b"ld", b""]),
    "substr utf-8": (
        lambda x: S.substr(x[6], [1, -1, 3], [1, 1, 1], "UTF8_CHAR"),
        [b"\xe6\x9c\xac", b"\xe8\xaa\x9e", b""],
    ),
    "regex_replace": (lambda x: S.regex_replace(x, "[a-z]+", "X")[:1], [b"HX WX"]),
    "regex_full_match": (lambda x: S.regex_full_match(x, ".*"), [True, True, True, False, True, False, True]),
    "join": (
        lambda x: S.join([x[:2], "-", x[2:4]], "/"),
        [b"Hello World/-/", b"Gr\xc3\xbc\xc3\x9fe J\xc3\x96RG/-/ x\t\n"],
    ),
    "split": (lambda x: S.split(x[0]), [b"Hello", b"World"]),
    "split sep": (
        lambda x: (S.split(x[4], ","), S.split(x[4], ",", maxsplit=1)),
        ([b"a", b"b", b"", b"c"], [b"a", b"b,,c"]),
    ),
    "split spaces": (
        lambda x: (
            S.split(x[0], maxsplit=2),
            S.split(x[3], maxsplit=1),
            S.split(x[3], maxsplit=0),
            S.split(x[2], maxsplit=1),
        ),
        ([b"Hello", b"World", b""], [b"x", b""], [b" x\t\n"], []),
    ),
    "split nothing": (lambda x: S.split(x[2]), []),
    "split path": (lambda x: S.split(x[4], sep=",")[-1] == "c", True),
    "bytes_split": (lambda x: S.bytes_split(x[5]), [b"\xff", b"\xc3"]),
    "reduce_join": (lambda x: (S.reduce_join(x[:3]), S.reduce_join(x[2:5], 0, True, "+")), (None, [b"+ x\t\n+a,b,,c"])),
    "reduce_join axes": (
        lambda x: (
            S.reduce_join(S.join([LETTERS, x[2]]), [0, 1], separator=","),
            S.reduce_join(LETTERS, separator=","),
        ),
        (b"a,c,b,d", b"a,b,c,d"),
    ),
    "format": (lambda x: S.format("{} {}", [x[0], S.length(x)]), b'"Hello World" [11 13 0 ... 6 2 9]'),
    "to_number": (lambda x: S.to_number(S.as_string(S.length(x)), sw.int64), [11, 13, 0, 4, 6, 2, 9]),
    "fast": (lambda x: S.to_hash_bucket_fast(x, 1000000007)[:3], [357089952, 505007750, 912170738]),
    "murmur": (lambda x: S.to_hash_bucket(x, 1000)[:3], [944, 341, 899]),
    "strong": (lambda x: S.to_hash_bucket_strong(x, 1000, key=[123, 456])[:3], [383, 110, 214]),
    "unicode_decode": (
        lambda x: (S.unicode_decode(x[6], "UTF-8"), S.unicode_decode(x[5], "UTF-8", "ignore")),
        ([26085, 26412, 35486], []),
    ),
    "unicode_split": (lambda x: S.unicode_split(x[6], "UTF-8"), [b"\xe6\x97\xa5", b"\xe6\x9c\xac", b"\xe8\xaa\x9e"]),
    "decode with offsets": (
        lambda x: (
            S.unicode_decode_with_offsets("hé😀x", "UTF-8"),
            S.unicode_decode_with_offsets(b"a\xffb", "UTF-8"),
            S.unicode_decode_with_offsets(b"\xe6\x97x", "UTF-8", "ignore"),
            S.unicode_decode_with_offsets("é😀x".encode("utf-16-be"), "UTF-16-BE"),
        ),
        (
            ([104, 233, 128512, 120], [0, 1, 3, 7]),
            ([97, 65533, 98], [0, 1, 2]),
            ([120], [2]),
            ([233, 128512, 120], [0, 2, 6]),
        ),
    ),
    "split with offsets": (
        lambda x: S.unicode_split_with_offsets(x[6], "UTF-8"),
        ([b"\xe6\x97\xa5", b"\xe6\x9c\xac", b"\xe8\xaa\x9e"], [0, 3, 6]),
    ),
    "unsorted_segment_join": (
        lambda x: (
            S.unsorted_segment_join(["a", "b", "c", "d"], [0, 2, 0, 1], 3, ":"),
            S.unsorted_segment_join([["a", "b"], ["c", "d"]], [1, 1], 2, ":"),
            S.unsorted_segment_join([["a", "b"], ["c", "d"]], [[0, 1], [1, 0]], 2),
        ),
        ([b"a:c", b"d", b"b"], [[b"", b""], [b"a:c", b"b:d"]], [b"ad", b"bc"]),
    ),
    "unicode_encode": (
        lambda x: S.unicode_encode([[104, 233], [S.length(x)[0], 26085]], "UTF-8"),
        [b"h\xc3\xa9", b"\x0b\xe6\x97\xa5"],
    ),
    "unicode_transcode": (
        lambda x: S.unicode_transcode(x[4:6], "UTF-8", "UTF-8", replacement_char=63),
        [b"a,b,,c", b"??"],
    ),
    "encode_base64": (lambda x: sw.io.encode_base64(x[4:6]), [b"YSxiLCxj", b"_8M"]),
    "decode_base64": (lambda x: sw.io.decode_base64(sw.io.encode_base64(x[5], pad=True)), b"\xff\xc3"),
    "decode_compressed": (
        lambda x: (
            sw.io.decode_compressed([zlib.compress(b"ab") + b"tail", zlib.compress(b"abc" * 9)[:7], b""], "ZLIB"),
            sw.io.decode_compressed(gzip.compress(b"ab") + gzip.compress(b"c"), "GZIP"),
            sw.io.decode_compressed(x[4]),
        ),
        ([b"ab", b"abca", b""], b"abc", b"a,b,,c"),
    ),
    "decode_raw": (
        lambda x: (sw.io.decode_raw(x[5], sw.uint8), sw.io.decode_raw(x[5:6], sw.int16, little_endian=False)),
        ([255, 195], [[-61]]),
    ),
    "decode_raw fixed": (
        lambda x: sw.io.decode_raw(x[5:7], sw.uint8, fixed_length=3),
        [[255, 195, 0], [230, 151, 165]],
    ),
    "ngrams": (
        lambda x: S.ngrams(sw.ensure_shape(x, [7])[2:5], [1, 2], separator="_"),
        [b"", b" x\t\n", b"a,b,,c", b"_ x\t\n", b" x\t\n_a,b,,c"],
    ),
}


def all_functions(x):
    return {name: function(x) for name, (function, _) in FUNCTIONS.items()}


WAYS = {
    "eager": all_functions,
    "native": sw.function(all_functions, input_signature=[sw.TensorSpec([None], sw.string)]),
    "interpreter": sw.function(all_functions, engine="interpreter"),
}


def listed(value):
    return sw.nest.map_structure(lambda tensor: np.array(tensor.numpy(), object).tolist(), value)


@pytest.mark.parametrize("way", WAYS)
def test_values_are_tensorflows(way):
    found = WAYS[way](sw.constant(WORDS))
    for name, (_, expected) in FUNCTIONS.items():
        got = listed(found[name])
        if name == "reduce_join":
            assert got[0] == b"Hello WorldGr\xc3\xbc\xc3\x9fe J\xc3\x96RG"
            got, expected = got[1], expected[1]
        assert got == expected, name


@pytest.mark.parametrize(
    ("given", "options", "expected"),
    [
        (NUMBERS[:6], {}, [b"1.500000", b"-2.250000", b"30000001024.000000", b"0.000000", b"nan", b"inf"]),
        (NUMBERS[:4], {"scientific": True, "precision": 3}, [b"1.500e+00", b"-2.250e+00", b"3.000e+10", b"1.000e-07"]),
        (NUMBERS, {"shortest": True}, [b"1.5", b"-2.25", b"3e+10", b"1e-07", b"nan", b"inf", b"-0"]),
        (NUMBERS[4:], {"width": 12, "fill": "0"}, [b"         nan", b"         inf", b"-0000.000000"]),
        (NUMBERS[:2], {"width": 12, "fill": "-"}, [b"1.500000    ", b"-2.250000   "]),
        (NUMBERS[:2], {"precision": 2, "width": 10, "fill": "0"}, [b"0000001.50", b"-000002.25"]),
        ([1, -2, 30000], {"width": 6, "fill": "0"}, [b"000001", b"-00002", b"030000"]),
        ([True, False], {"width": 7}, [b"true", b"false"]),
        (["abc"], {"width": 6}, [b"   abc"]),
    ],
)
def test_numbers_as_strings(given, options, expected):
    assert sw.strings.as_string(given, **options).numpy().tolist() == expected
    assert sw.function(lambda x: sw.as_string(x, **options))(sw.constant(given)).numpy().tolist() == expected


@pytest.mark.parametrize(
    ("given", "dtype", "expected"),
    [
        (
            ["1.5", " 2 ", "-3e2", "inf", "1e400", "0x10", ".5", "-Infinity"],
            sw.float32,
            [1.5, 2, -300, np.inf, np.inf, 16, 0.5, -np.inf],
        ),
        (["0.1"], sw.float64, [0.1]),
        (["+12", " -7 "], sw.int32, [12, -7]),
        ([str(2**40)], sw.int64, [2**40]),
    ],
)
def test_strings_as_numbers(given, dtype, expected):
    found = sw.strings.to_number(given, dtype)
    assert (found.dtype, found.numpy().tolist()) == (dtype, expected)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: S.to_number("abc"), sw.errors.InvalidArgumentError),
        (lambda: S.to_number(""), sw.errors.InvalidArgumentError),
        (lambda: S.to_number("1_000"), sw.errors.InvalidArgumentError),
        (lambda: S.to_number("1.5", sw.int32), sw.errors.InvalidArgumentError),
        (lambda: S.to_number("99999999999", sw.int32), sw.errors.InvalidArgumentError),
        (lambda: S.to_number("12", sw.bool), sw.errors.InvalidArgumentError),
        (lambda: S.as_string([1], precision=2), sw.errors.InvalidArgumentError),
        (lambda: S.as_string([1.5], shortest=True, scientific=True), sw.errors.InvalidArgumentError),
        (lambda: S.as_string([1.5], fill="x"), sw.errors.InvalidArgumentError),
        (lambda: S.substr("abc", 4, 1), sw.errors.InvalidArgumentError),
        (lambda: S.substr("abc", 1.0, 1), sw.errors.InvalidArgumentError),
        (lambda: S.substr("abc", -2, -1, "UTF8_CHAR"), sw.errors.InvalidArgumentError),
        (lambda: S.to_number("-0", sw.uint32), sw.errors.InvalidArgumentError),
        (lambda: S.regex_full_match("a", "a{1001}"), sw.errors.InvalidArgumentError),
        (lambda: S.to_hash_bucket_fast("a", 0), sw.errors.InvalidArgumentError),
        (lambda: S.to_hash_bucket_strong("a", 9, [1]), sw.errors.InvalidArgumentError),
        (lambda: S.format("{} {}", [1]), ValueError),
        (lambda: S.format("{}", 5), TypeError),
        (lambda: S.reduce_join(LETTERS, [0, 0]), sw.errors.InvalidArgumentError),
        (lambda: S.unicode_decode(b"a\xff", "UTF-8", errors="strict"), sw.errors.InvalidArgumentError),
        (lambda: S.unsorted_segment_join(["a"], [3], 2), sw.errors.InvalidArgumentError),
        (lambda: S.unsorted_segment_join(["a"], [-1], 2), sw.errors.InvalidArgumentError),
        (lambda: S.unsorted_segment_join(["a"], [0, 1], 2), sw.errors.InvalidArgumentError),
        (lambda: S.substr(["ab"], 0, [1]), sw.errors.InvalidArgumentError),
        (lambda: S.unsorted_segment_join(["a"], [0], -1), sw.errors.InvalidArgumentError),
        (lambda: S.unicode_encode([104], "LATIN1"), sw.errors.InvalidArgumentError),
        (lambda: S.unicode_encode([0xD800], "UTF-8", errors="strict"), sw.errors.InvalidArgumentError),
        (lambda: S.unicode_encode(104, "UTF-8"), ValueError),
        (lambda: S.unicode_transcode("a", "FOO", "UTF-8"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_base64("YWI/Pg"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_base64("a"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_compressed("abc", "ZLIB"), sw.errors.DataLossError),
        (lambda: sw.io.decode_compressed(zlib.compress(b"ab"), "GZIP"), sw.errors.DataLossError),
        (lambda: sw.io.decode_compressed(zlib.compress(b"ab")[:-1] + b"x", "ZLIB"), sw.errors.DataLossError),
        (lambda: sw.function(sw.io.decode_compressed)(sw.constant("abc"), "GZIP"), sw.errors.DataLossError),
        (lambda: sw.io.decode_compressed("a", "ZSTD"), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_raw(b"abc", sw.int32), sw.errors.InvalidArgumentError),
        (lambda: sw.io.decode_raw([b"ab", b"c"], sw.uint8), sw.errors.InvalidArgumentError),
    ],
)
def test_refusals(call, error):
    with pytest.raises(error):
        call()


def test_segments_have_no_separator_behind_empty_strings_that_they_begin_with():
    found = S.unsorted_segment_join(["", "a", "", "b", "", ""], [0, 0, 0, 0, 1, 1], 3, "-")
    assert found.numpy().tolist() == [b"a--b", b"", b""]


def test_an_empty_array_of_objects_is_one_of_strings():
    x = sw.constant(np.empty((2, 0), object))
    assert x.dtype == sw.string and x.shape == (2, 0)
    assert sw.strings.lower(np.empty(0, object)).shape == (0,)


def test_positions_and_lengths_of_parts_are_of_one_shape_in_functions_too():
    f = sw.function(
        lambda x, begin, count: S.substr(x, begin, count),
        input_signature=[
            sw.TensorSpec([None], sw.string),
            sw.TensorSpec([None], sw.int32),
            sw.TensorSpec([None], sw.int32),
        ],
    )
    assert f(["abc", "de"], [1, 0], [1, 1]).numpy().tolist() == [b"b", b"d"]
    with pytest.raises(sw.errors.InvalidArgumentError, match=r"expected positions and lengths of one shape"):
        f(["abc", "de"], [1, 0], [1])


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_strings_that_are_refused_when_a_function_runs(engine):
    @sw.function(engine=engine)
    def number(x):
        return sw.strings.to_number(x)

    assert number(sw.constant("12")).numpy() == 12
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected a number of dtype float32, got b'abc'"):
        number(sw.constant("abc"))


SIZES = (0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 128, 129, 200, 1000)
HASHES = {
    "to_hash_bucket_fast": [
        *(1936946117179621455, 3694432073954588131, 3360065502999313129, 1373008272375474036, 3005736497893877398),
        *(1507030721935717893, 1010243743929222519, 3040356080517542800, 3481940567716887985, 3756752071939108419),
        *(3673984877978741482, 3058527438150226200, 3476057946412062037, 2908254470160274448, 1281596039326491513),
        *(3166372076517071988, 262547218133543432, 4475744069048419318, 4345125006625403520, 886273374978001185),
        2248803365057215855,
    ],
    "to_hash_bucket": [
        *(105434511174508091, 2996632905371535868, 3088291681347200595, 3419344588715874, 4419367838126088511),
        *(3164473864279976110, 1778972120519950747, 2398348167084664252, 3135563497012114365, 3819565479777194765),
        *(4190437359682324161, 3296196804325758559, 108117707832391525, 1515320339318688578, 2992571402391077393),
        *(3186836249086922348, 2812262049264946302, 1671330143796624743, 727976384636203247, 862311048571850610),
        3064755216781286683,
    ],
    "to_hash_bucket_strong": [
        *(443797209252341627, 546566331822570742, 4513784360743759747, 1262834473666586137, 2307315094896867255),
        *(3953429938924346798, 947061891333336970, 2360836593168935453, 1655523488518686133, 2642128026511501846),
        *(3647319686651810994, 1594438184080890625, 3764741581050704557, 501003337013940564, 2278416395656147889),
        *(15879974124555334, 3992280152195685684, 3159553843037015913, 4571431214294866707, 3232940821485089783),
        676014005131965527,
    ],
}


@pytest.mark.parametrize("name", HASHES)
def test_hashes_of_all_lengths(name):
    key = {"key": [1, 2]} if name == "to_hash_bucket_strong" else {}
    found = getattr(sw.strings, name)(["a" * size for size in SIZES], 2**62, **key)
    assert found.numpy().tolist() == HASHES[name]
