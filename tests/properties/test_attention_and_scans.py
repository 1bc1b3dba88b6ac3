"""`nn.dot_product_attention` and `associative_scan`, beside NumPy, on all engines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.every_engine import EveryEngine

import stepwell as sw
from stepwell.testing.gradient_checks import check_gradients

SOURCE = np.random.default_rng(0)


def attended(q, k, v, bias=0.0, mask=True, causal=False):
    """Attention of each head of each example."""
    k, v = (np.repeat(x, q.shape[2] // x.shape[2], 2) for x in (k, v))
    logits = np.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(q.shape[-1]) + bias
    seen = np.broadcast_to(mask, logits.shape) & (np.tri(*logits.shape[2:], dtype=bool) if causal else True)
    weights = np.exp(np.where(seen, logits, -np.inf))
    return np.einsum("bhqk,bkhd->bqhd", weights / weights.sum(-1, keepdims=True), v)


@pytest.mark.parametrize("heads, causal", [(2, False), (1, True)])
def test_attention(heads, causal):
    q = SOURCE.normal(size=(2, 3, 2, 4)).astype("f")
    k, v = (SOURCE.normal(size=(2, 5, heads, 4)).astype("f") for _ in range(2))
    bias, mask = SOURCE.normal(size=(2, 1, 3, 5)).astype("f"), np.arange(5) != 3

    def attend(q, k, v, bias, mask):
        return sw.nn.dot_product_attention(q, k, v, bias, mask, is_causal=causal)

    shape = [None, None, heads, 4]
    kinds = [([None, None, 2, 4], "f"), (shape, "f"), (shape, "f"), ([None, 1, None, None], "f"), ([None], bool)]
    found = EveryEngine(attend, *kinds, engines=["interpreter", "native", "onnx"][: 3 if causal else 1]).check(
        q, k, v, bias, mask, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(found, attended(q, k, v, bias, mask, causal), rtol=1e-5, atol=1e-6)


def test_attention_is_differentiable_and_refuses():
    q, k = SOURCE.normal(size=(1, 1, 2, 1)), SOURCE.normal(size=(1, 2, 1, 1))
    check_gradients(lambda q, k: sw.nn.dot_product_attention(q, k, k, scale=0.5, attn_logits_soft_cap=2.0), q, k)
    with pytest.raises(ValueError, match="numbers of heads that fit, got 2 of query, 3 of key"):
        sw.nn.dot_product_attention(np.zeros((1, 2, 2, 4)), np.zeros((1, 2, 3, 4)), np.zeros((1, 2, 3, 4)))
    with pytest.raises(ValueError, match="query: expected 4 axes"):
        sw.nn.dot_product_attention(np.zeros((2, 2, 4)), k, k)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 9), st.booleans(), st.integers(0, 1))
def test_scans_of_sums_and_of_recurrences(count, reverse, axis):
    x = SOURCE.integers(-3, 4, (count, 2) if axis == 0 else (2, count)).astype("f")
    turned = np.flip(x, axis) if reverse else x
    sums = np.cumsum(turned, axis)
    found = sw.associative_scan(sw.add, sw.constant(x), reverse, axis)
    np.testing.assert_array_equal(found.numpy(), np.flip(sums, axis) if reverse else sums)

    def step(a, b):  # x[t] = a[t] * x[t - 1] + b[t]
        return {"a": a["a"] * b["a"], "b": b["a"] * a["b"] + b["b"]}

    factors = SOURCE.choice([0.5, 1.0, 2.0], x.shape).astype("f")
    elems = {"a": sw.constant(factors), "b": sw.constant(x)}
    found = sw.associative_scan(step, elems, axis=axis)["b"]
    value, rows = np.zeros(2, "f"), []
    for a, b in zip(np.moveaxis(factors, axis, 0), np.moveaxis(x, axis, 0)):
        value = a * value + b
        rows.append(value)
    np.testing.assert_array_equal(np.moveaxis(found.numpy(), axis, 0), np.array(rows, "f").reshape(count, 2))


def test_scans_in_functions():
    def scan(x):
        return sw.associative_scan(lambda a, b: a * b, x), sw.associative_scan(sw.matmul, x, reverse=True)

    x = SOURCE.normal(size=(5, 2, 2)).astype("f")
    products, matrices = EveryEngine(scan, ([5, None, None], "f")).check(x, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(products, np.cumprod(x, 0), rtol=1e-5)
    np.testing.assert_allclose(matrices[0], x[4] @ x[3] @ x[2] @ x[1] @ x[0], rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="expected one size along axis 0 that is known"):
        sw.associative_scan(sw.add, (np.zeros(2), np.zeros(3)))
