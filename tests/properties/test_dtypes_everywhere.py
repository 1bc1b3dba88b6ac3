"""Conversions and arithmetic of every dtype: what the page on dtypes says, on every engine."""

import math
import re

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from support import dtype_table

import stepwell as sw
from stepwell.dialects.dtypes import ALL, BFLOAT16, FLOAT16, FLOAT32, as_dtype

ENGINES = (None, "native", "interpreter", "onnx")
TEXT = dtype_table.PAGE.read_text()


def table(heading):
    """The rows of the table under a heading of the page."""
    part = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [tuple(item.strip() for item in line.strip("|").split("|")) for line in lines]


def number(text):
    return {"inf": math.inf, "nan": math.nan}.get(text) if text in ("inf", "nan") else eval(text)


def tensor(text, dtype):
    """A number of the page; one that the dtype does not have becomes the nearest one."""
    return sw.constant(np.asarray(number(text)).astype(as_dtype(dtype)))


@pytest.mark.parametrize("engine", ENGINES)
def test_conversions_are_as_the_page_says(engine):
    rows = table("Conversions")
    targets = [target for _, target, _, _ in rows]

    def convert(*given):
        return [sw.cast(x, target) for x, target in zip(given, targets)]

    given = [tensor(text, source) for source, _, text, _ in rows]
    found = convert(*given) if engine is None else sw.function(convert, engine=engine)(*given)
    for (source, target, text, result), got in zip(rows, found, strict=True):
        assert got.dtype == target
        assert got.numpy().item() == number(result), f"{text} from {source} to {target}"


@pytest.mark.parametrize("engine", ENGINES)
def test_arithmetic_is_as_the_page_says(engine):
    rows = table("Arithmetic")

    def compute(*pairs):
        return [eval(row[3], {"sw": sw, "x": x, "y": y}) for row, (x, y) in zip(rows, pairs)]

    given = [(tensor(row[0], row[2]), tensor(row[1], row[2])) for row in rows]
    run = compute if engine is None else sw.function(compute, engine=engine, autograph=False)
    for row, got in zip(rows, run(*given), strict=True):
        assert got.numpy().item() == number(row[4]), row


@pytest.mark.parametrize("operation", ["//", "%"])
@pytest.mark.parametrize("engine", ENGINES)
def test_divisions_by_zero_are_refused(engine, operation):
    def divide(x, y):
        return x // y if operation == "//" else x % y

    for dtype in ("int8", "uint16", "uint64"):
        run = divide if engine is None else sw.function(divide, engine=engine)
        with pytest.raises(sw.errors.InvalidArgumentError, match="division by zero"):
            run(sw.constant(7, dtype), sw.constant(0, dtype))


def converted(value, source, target):
    """The rules of the page on a number of Python's."""
    if target.is_bool:
        return value != 0
    if FLOAT16 in (source, target) or BFLOAT16 in (source, target):
        with np.errstate(over="ignore"):
            value, source = np.asarray(value).astype(source).astype(FLOAT32).item(), FLOAT32
    if target.is_integer and not source.is_floating:
        wrapped = int(value) % 2**target.bits
        return wrapped - 2**target.bits if wrapped > target.max else wrapped
    if target.is_integer:
        if math.isnan(value):
            return 0
        return int(min(max(value, target.min), target.max)) if math.isinf(value) else _nearest(int(value), target)
    with np.errstate(over="ignore"):
        return np.asarray(value, source).astype(target).item()


def _nearest(value, target):
    return min(max(value, target.min), target.max)


def numbers(dtype):
    """Numbers of a dtype, those at its limits and around zero among them."""
    if dtype.is_bool:
        return st.booleans()
    if dtype.is_integer:
        return st.one_of(st.integers(dtype.min, dtype.max), st.sampled_from([dtype.min, dtype.max, 0, 1]))
    edges = [0.0, -0.0, 0.5, -0.5, -1.0, math.inf, -math.inf, math.nan, 127.5, -128.5, 255.5, 65504.0, 65520.0]
    edges += [float(2**bits) for bits in (7, 8, 15, 16, 31, 32, 63, 64)] + [-float(2**bits) for bits in (31, 63)]
    wide = st.one_of(st.floats(width=64), st.sampled_from(edges))
    return wide.map(lambda value: _as(value, dtype))


def _as(value, dtype):
    with np.errstate(over="ignore"):
        return np.asarray(value).astype(dtype).item()


def _convert_all(*given):
    return [[sw.cast(x, target) for target in ALL] for x in given]


RUNS = {engine: _convert_all if engine is None else sw.function(_convert_all, engine=engine) for engine in ENGINES}


@settings(max_examples=12, deadline=None, database=None, phases=[Phase.generate])
@given(given=st.tuples(*(st.lists(numbers(dtype), min_size=4, max_size=4) for dtype in ALL)))
def test_every_dtype_becomes_every_other_by_these_rules(given):
    tensors = [sw.constant(np.array(values, dtype)) for values, dtype in zip(given, ALL, strict=True)]
    for engine, run in RUNS.items():
        for values, source, results in zip(given, ALL, run(*tensors), strict=True):
            for target, got in zip(ALL, results, strict=True):
                expected = np.array([converted(value, source, target) for value in values], target)
                wide = target.accumulates_in
                pair = got.numpy().astype(wide), expected.astype(wide)
                text = f"{engine}: {values} from {source.name} to {target.name}: {got.numpy()}"
                assert np.array_equal(*pair, equal_nan=target.is_floating), text


def test_the_table_of_ops_is_up_to_date():
    assert dtype_table.written(TEXT) == TEXT, "run `make dtype-table`"
