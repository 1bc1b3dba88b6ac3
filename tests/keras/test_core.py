"""keras.ops.core on stepwell: loops, scatters and conversions."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import stepwell as sw
from stepwell._keras_import import install

install()
core = importlib.import_module("keras").src.backend.core


def test_an_eager_loop_gives_its_function_numbers():
    found = core.fori_loop(2, 5, lambda i, x: x + i, np.array(0))
    assert (int(found), found.dtype) == (9, sw.int64)
    compiled = sw.function(lambda n: core.fori_loop(0, n, lambda i, x: x * 2.0, 1.0))
    assert float(compiled(sw.constant(5))) == 32


def test_a_scan_without_elements_or_results():
    def fibonacci(carried, _):
        return (carried[1], carried[0] + carried[1]), None

    (a, b), results = core.scan(fibonacci, (0.0, 1.0), length=6)
    assert (float(a), float(b), results) == (8.0, 13.0, None)


def test_updates_take_the_dtype_of_what_they_change():
    found = core.scatter_update(np.ones(3), [[1]], np.array([5], np.float32), "add")
    assert (found.numpy().tolist(), found.dtype) == ([1, 6, 1], sw.float64)


def test_a_scan_of_elements_of_different_lengths_is_an_error():
    with pytest.raises(ValueError, match="same first dimension"):
        core.associative_scan(lambda x, y: x, (np.ones(2), np.ones(3)))


def test_a_bool_as_a_float():
    assert core.convert_to_tensor(True, "float32").numpy() == np.float32(1)
