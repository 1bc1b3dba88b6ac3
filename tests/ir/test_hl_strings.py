"""Ops on strings: each by its meaning in Python, at every level and in machine code."""

import binascii
import gzip
import io
import itertools
import math
import re
import wave
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support.effort import some

from stepwell.dialects.hl.registry import ALL_OPS, STRING_FAMILIES
from stepwell.dialects.hl.rules import hashes
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.strings import from_printable, of_list, printable
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.engines.lower import lowered
from stepwell.runtime.engines.native.from_hl import compile_hl
from stepwell.testing.op_checks import check_inference, op_module
from stepwell.testing.op_report import check_round_trip
from stepwell.testing.sampling import samples

STRING_OPS = [
    value.name
    for family in STRING_FAMILIES
    for value in vars(family).values()
    if isinstance(value, type) and issubclass(value, HLOp) and isinstance(getattr(value, "name", None), str)
]
LEVELS = ("linalg", "loops", "cfg", "llvm")


def elementwise(function):
    """A reference of one operand."""
    return lambda x, **attrs: [function(item, **attrs) for item in x.reshape(-1).tolist()]


def broadcast(function):
    """A reference of several operands."""

    def reference(*operands, **attrs):
        arrays = np.broadcast_arrays(*operands) if operands else [of_list([b""], ())]
        rows = [[array[place] for array in arrays] for place in np.ndindex(arrays[0].shape)]
        return [function(*row, **attrs) for row in rows] if operands else [b""]

    return reference


def characters(item, begin=0, count=None):
    """Bytes from one start of a character to another."""
    parts = re.findall(rb"[^\x80-\xbf][\x80-\xbf]*|^[\x80-\xbf]+", item, re.DOTALL)
    begin = begin if begin >= 0 else len(parts) + begin
    return parts[begin:] if count is None or count < 0 else parts[begin : begin + count]


def substr(item, position, length, unit):
    if unit == "UTF8_CHAR":
        return b"".join(characters(item, position, length))
    begin = position if position >= 0 else len(item) + position
    return item[begin:] if length < 0 else item[begin : begin + length]


def cased(method):
    return elementwise(
        lambda item, encoding: (
            getattr(item.decode(errors="replace"), method)().encode() if encoding else getattr(item, method)()
        )
    )


def replaced(item, pattern, rewrite, everywhere):
    text, pattern = item.decode("latin1"), from_printable(pattern).decode()
    rewrite = from_printable(rewrite).decode().replace("\\0", "\\g<0>")
    found = re.sub(pattern, rewrite, item.decode("utf-8", "surrogateescape"), count=0 if everywhere else 1)
    return found.encode("utf-8", "surrogateescape") if text else found.encode()


def parts(item, by, separator, limit):
    if by == "bytes":
        return [bytes([byte]) for byte in item]
    found, rest = [], item
    if by == "separator":
        while limit and (at := rest.find(separator.encode())) >= 0:
            found.append(rest[:at])
            rest, limit = rest[at + len(separator) :], limit - 1
        return [*found, rest]
    if not limit:
        return [item]
    rest = rest.lstrip()
    while rest and limit:
        found.append(re.match(rb"\S+", rest)[0])
        rest, limit = rest[len(found[-1]) :].lstrip(), limit - 1
    return found if limit else [*found, rest]


def reduce_join(x, axes, keepdims, separator):
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    found = []
    for place in itertools.product(*(range(x.shape[axis]) for axis in kept)):
        row = []
        for last in itertools.product(*(range(x.shape[axis]) for axis in reversed(axes))):
            where = dict(zip([*kept, *reversed(axes)], [*place, *last], strict=True))
            row.append(x[tuple(where[axis] for axis in range(x.ndim))])
        found.append(separator.encode().join(row))
    return found


def as_string(item, precision, scientific, shortest, width, fill):
    del shortest
    form = "d" if isinstance(item, int) else ("e" if scientific else "f")
    digits = f".{precision}" if precision >= 0 else ""
    fill = "" if fill == "0" and not np.isfinite(item) else fill
    align, sign = {"": (">", ""), "0": ("", "0"), "-": ("<", ""), " ": (">", " ")}[fill]
    if width < 0:
        align, sign = "", sign.replace("0", "")
    size = str(width) if width >= 0 else ""
    return format(item, f"{align}{sign}{size}{digits}{form}").encode()


def shown(x, summarize, depth=1):
    if not x.ndim:
        return '"' + x.item().decode() + '"' if x.dtype == object else str(x)
    ends = x.size if summarize < 0 else min(summarize, x.size)
    items = [shown(np.asarray(x[i : i + 1]).reshape(x.shape[1:]), summarize, depth + 1) for i in range(len(x))]
    if len(items) > 2 * ends:
        items = [*items[:ends], "...", *items[len(items) - ends :]]
    return "[" + (" " if x.ndim == 1 else "\n" * (x.ndim - 1) + " " * depth).join(items) + "]"


def formatted(*values, template, placeholder, summarize):
    return [template.replace(placeholder, "{}").format(*(shown(x, summarize) for x in values)).encode()]


def policy(item, encoding, errors, replacement, control):
    text = item.decode(encoding, "ignore" if errors == "ignore" else "replace").replace("\ufffd", chr(replacement))
    return "".join(chr(replacement) if control and ord(letter) < 32 else letter for letter in text)


def encoded(x, encoding, errors, replacement):
    other = {"ignore": "", "replace": chr(replacement)}[errors]
    found = []
    for place in np.ndindex(x.shape[:-1]):
        codes = [int(code) for code in x[place]]
        letters = [chr(c) if c < 0x110000 and not 0xD800 <= c < 0xE000 else other for c in codes]
        found.append("".join(letters).encode(encoding))
    return found


def raw(x, size, dtype, little_endian, fixed):
    del size, fixed
    order, width = "little" if little_endian else "big", dtype.size
    chunks = [item[at : at + width] for item in x.reshape(-1).tolist() for at in range(0, len(item), width)]
    return [int.from_bytes(chunk, order, signed=True) for chunk in chunks]


def base64(item, pad):
    text = binascii.b2a_base64(item, newline=False).translate(bytes.maketrans(b"+/", b"-_"))
    return text if pad else text.replace(b"=", b"")


def hashed(item, hash, buckets, key):
    function = {"farm": hashes.farm_fingerprint, "murmur": hashes.murmur_hash}.get(hash)
    found = function(item) if function else hashes.sip_hash(item, key)
    return found % buckets if buckets else np.uint64(found).astype(np.int64).item()


def number(item, dtype):
    text = item.decode().strip()
    return float.fromhex(text) if "x" in text else dtype.as_numpy_dtype(text).item()


def message(x):
    """A message in another way: with TensorFlow's numbers of fields and of dtypes."""
    kinds = {"bool": 10, "int32": 3, "int64": 9, "float32": 1, "float64": 2, "object": 7, "float16": 19, "bfloat16": 14}
    kinds |= {
        "int8": 6,
        "int16": 5,
        "uint8": 4,
        "uint16": 17,
        "uint32": 22,
        "uint64": 23,
        "complex64": 8,
        "complex128": 18,
    }
    sizes = b"".join(b"\x12" + (bytes([2, 8, size]) if size else b"\0") for size in x.shape)
    found = bytes([8, kinds[x.dtype.name], 0x12, len(sizes)]) + sizes
    if x.dtype == object:
        return [found + b"".join(bytes([0x42, len(item)]) + item for item in x.reshape(-1).tolist())]
    size = bytes([x.nbytes]) if x.nbytes < 128 else bytes([x.nbytes % 128 + 128, x.nbytes // 128])
    return [found + (b'"' + size + x.tobytes() if x.size else b"")]


def pixels(x, sizes, channels, dtype, frames="one"):
    image = Image.open(io.BytesIO(x.item()))
    if channels == 1:
        image.draft("L", image.size)
    assert [1] * (frames == "all") + [*image.size[::-1], channels or len(image.getbands())] == sizes.tolist()
    kind = image.format
    if channels == 1 and image.mode == "RGB":  # as libpng has it
        red, green, blue = np.moveaxis(np.asarray(image, dtype=int), -1, 0)
        image = Image.fromarray(((9797 * red + 19234 * green + 3737 * blue) // 32768).astype(np.uint8))
    image = image.convert({0: image.mode, 1: "L", 3: "RGB"}[channels])
    scale = (257 if kind == "PNG" else 256) if dtype == np.uint16 else 1
    return (np.asarray(image).reshape(-1).astype(int) * scale).tolist()


def sizes(x, channels, frames):
    image = Image.open(io.BytesIO(x.item()))
    return [1] * (frames == "all") + [image.height, image.width, channels or len(image.getbands())]


def part(x, window, sizes, channels):
    image = Image.open(io.BytesIO(x.item()))
    if channels == 1:
        image.draft("L", image.size)
    top, left, height, width = window.tolist()
    found = image.convert({0: image.mode, 1: "L", 3: "RGB"}[channels]).crop((left, top, left + width, top + height))
    assert [height, width, channels or len(image.getbands())] == sizes.tolist()
    return np.asarray(found).reshape(-1).tolist()


def decompressed(item, kind):
    return {"": lambda: item, "ZLIB": lambda: zlib.decompress(item), "GZIP": lambda: gzip.decompress(item)}[kind]()


def file(x, kind, level):
    out = io.BytesIO()
    image = Image.frombytes("L" if x.shape[2] == 1 else "RGB", (x.shape[1], x.shape[0]), x.tobytes())
    image.save(out, kind, **{"quality" if kind == "JPEG" else "compress_level": level})
    return [out.getvalue()]


def sound_header(x):
    """What the standard library reads, and where the samples are."""
    with wave.open(io.BytesIO(x.item())) as found:
        return [44, found.getnframes(), found.getnchannels(), found.getframerate()]


def sound_file(x, rate):
    """What the standard library writes; integers are the nearest ones, halves away from zero."""
    out = io.BytesIO()
    scaled = [0 if math.isnan(item) else min(max(item * 32768, -40000.0), 40000.0) for item in x.reshape(-1).tolist()]
    near = [math.floor(abs(item) + 0.5) * (-1 if item < 0 else 1) for item in scaled]
    with wave.open(out, "wb") as found:
        found.setparams((x.shape[1], 2, int(rate), 0, "NONE", ""))
        found.writeframes(b"".join(min(max(item, -32768), 32767).to_bytes(2, "little", signed=True) for item in near))
    return [out.getvalue()]


CHARACTER = rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
CHARACTER += rb"|\xed[\x80-\x9f][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{3}"


def offsets(x, total, errors, **attrs):
    """Where the characters of strings in UTF-8 start, and the bytes that are none."""
    starts = re.compile(rb"(%s)|." % CHARACTER, re.DOTALL)
    found = [match for item in x.reshape(-1).tolist() for match in starts.finditer(item)]
    return [match.start() for match in found if errors != "ignore" or match[1] is not None]


def segment_join(x, ids, count, separator):
    rest = list(np.ndindex(x.shape[ids.ndim :]))
    places = [(n, inner) for n in range(count) for inner in rest]
    rows = [[x[(*place, *inner)] for place in np.ndindex(ids.shape) if ids[place] == n] for n, inner in places]
    return [separator.encode().join(row) for row in rows]


IN_BASE64 = {b"": b"", b"YWJjZA": b"abcd", b"YWJjZA==": b"abcd", b"YWI_Pg": b"ab?>", b"_8MA": b"\xff\xc3\0"}

REFERENCES = {
    "part_counts": elementwise(lambda item, **attrs: len(parts(item, **attrs))),
    "parts": lambda x, total, **attrs: [part for item in x.reshape(-1).tolist() for part in parts(item, **attrs)],
    "reduce_join": reduce_join,
    "as_string": elementwise(as_string),
    "to_number": elementwise(number),
    "format": formatted,
    "hash": elementwise(hashed),
    "character_counts": elementwise(lambda item, **attrs: len(policy(item, **attrs))),
    "characters": lambda x, total, **attrs: [ord(c) for item in x.reshape(-1).tolist() for c in policy(item, **attrs)],
    "character_offsets": offsets,
    "segment_join": segment_join,
    "read_file": elementwise(lambda path: Path(path.decode()).read_bytes()),
    "serialize_tensor": message,
    "image_sizes": sizes,
    "decode_image": pixels,
    "decode_part": part,
    "encode_image": file,
    "wav_header": sound_header,
    "encode_wav": sound_file,
    "unicode_encode": encoded,
    "unicode_transcode": elementwise(lambda item, output, **attrs: policy(item, **attrs).encode(output)),
    "encode_base64": elementwise(base64),
    "decode_base64": elementwise(IN_BASE64.get),
    "decode_raw": raw,
    "decode_compressed": elementwise(decompressed),
    "constant": lambda values, shape: [from_printable(text) for text in values],
    "equal": broadcast(lambda a, b: a == b),
    "lower": cased("lower"),
    "upper": cased("upper"),
    "strip": elementwise(lambda item: re.sub(rb"^\s+|\s+$", b"", item)),
    "length": elementwise(lambda item, unit: len(item) if unit == "BYTE" else len(characters(item))),
    "substr": broadcast(substr),
    "regex_replace": elementwise(replaced),
    "regex_full_match": elementwise(lambda item, pattern: matches(item, from_printable(pattern).decode())),
    "join": broadcast(lambda *row, separator: separator.encode().join(row)),
    "ids": lambda x: [x.tolist().index(item) for item in x.tolist()],
}


def matches(item, pattern):
    try:
        return re.fullmatch(pattern, item.decode()) is not None
    except UnicodeDecodeError:
        return False


def _short(name):
    return name.removeprefix("hl.").removeprefix("string_")


def same(got, want):
    return (got.dtype, got.shape) == (want.dtype, want.shape) and got.tolist() == want.tolist()


def check(op, sample, dynamic, reference):
    expected = op.evaluate(sample.operands, sample.attrs)
    assert all(array.dtype == np.object_ or array.dtype.names is None for array in expected)
    flat = [array.reshape(-1).tolist() for array in expected]
    found = reference(*sample.operands, **sample.attrs)
    assert flat == (list(found) if len(flat) > 1 else [found])
    check_inference(op, sample)
    check_round_trip(op, sample)
    module = op_module(op, sample, dynamic)
    operands = list(sample.operands)
    for level in some(LEVELS, 1):
        results = run_module(lowered(module, level), operands)
        assert all(map(same, results, expected)), level
    assert all(map(same, compile_hl(module).run(*operands), expected)), "native"


@pytest.mark.parametrize("name", STRING_OPS)
def test_rules(name):
    op, reference = ALL_OPS[name], REFERENCES[_short(name)]

    @settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(sample=samples(op), dynamic=st.booleans())
    def check_all(sample, dynamic):
        check(op, sample, dynamic, reference)

    check_all()


def test_each_op_has_a_reference():
    assert set(map(_short, STRING_OPS)) == set(REFERENCES)


@given(st.binary(max_size=8))
def test_texts_of_strings_are_read_back(value):
    assert from_printable(printable(value)) == value
