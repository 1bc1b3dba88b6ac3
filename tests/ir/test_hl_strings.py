"""Ops on strings: each by its meaning in Python, at every level and in machine code."""

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepwell.dialects.hl import ALL_OPS, STRING_FAMILIES
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


REFERENCES = {
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
    for level in LEVELS:
        results = run_module(lowered(module, level), operands)
        assert all(map(same, results, expected)), level
    assert all(map(same, compile_hl(module).run(*operands), expected)), "native"


@pytest.mark.parametrize("name", STRING_OPS)
def test_rules(name):
    op, reference = ALL_OPS[name], REFERENCES[name.removeprefix("hl.string_")]

    @settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(sample=samples(op), dynamic=st.booleans())
    def check_all(sample, dynamic):
        check(op, sample, dynamic, reference)

    check_all()


def test_each_op_has_a_reference():
    assert {name.removeprefix("hl.string_") for name in STRING_OPS} == set(REFERENCES)


@given(st.binary(max_size=8))
def test_texts_of_strings_are_read_back(value):
    assert from_printable(printable(value)) == value
