"""Ops on batches: each is what it is for the examples, one after the other."""

import warnings
from random import Random

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.frontend.batching.vectorize import mapped
from stepwell.compiler.frontend.values.dispatch import apply_all
from stepwell.dialects.hl.registry import OPS
from stepwell.testing.sampling import QuickSampler

LOOPED = {"hl.nonzero", "hl.range"}
"""Ops of which each example has a result of another size."""
MAY_LOOP = ("random", "on_packed")
"""Parts of the names of ops without a rule: draws, which have states, and complex parts of host calls."""
EXAMPLES = 3


def variants(op, array, source):
    """Other operands that are valid where `array` is: the rows in another order, the same matrices."""
    if op.STRUCTURED or op.name == "hl.searchsorted" or array.ndim == 0:
        return np.stack([array] * EXAMPLES)
    return np.stack([array[source.permutation(len(array))] for _ in range(EXAMPLES)])


def results_of_examples(op, operands, batched, attrs):
    rows = []
    for i in range(EXAMPLES):
        own = [np.asarray(array[i]) if b else array for array, b in zip(operands, batched, strict=True)]
        rows.append([result.numpy() for result in apply_all(op, *map(sw.constant, own), **attrs)])
    return [np.stack(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("name", sorted(set(OPS) - LOOPED))
def test_an_op_of_a_batch_is_that_of_each_example(name):
    op, source = OPS[name], np.random.default_rng(7)
    sampler = QuickSampler(Random(7), special=False)
    looped = 0
    for _ in range(6):
        sample = op.sample(sampler)
        if not sample.operands:
            continue
        scalars = [array.ndim == 0 and len(sample.operands) > 1 for array in sample.operands]
        batched = [bool(source.integers(2)) and not scalar for scalar in scalars]
        batched[0] = batched[0] or not any(batched)
        operands = [variants(op, a, source) if b else a for a, b in zip(sample.operands, batched, strict=True)]
        expected = results_of_examples(op, operands, batched, sample.attrs)

        def run(parts, sample=sample, operands=operands, batched=batched):
            own = iter(parts)
            given = [next(own) if b else sw.constant(a) for a, b in zip(operands, batched, strict=True)]
            return apply_all(op, *given, **sample.attrs)

        elems = [sw.constant(array) for array, b in zip(operands, batched, strict=True) if b]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = mapped("test", run, elems)
        looped += bool(caught)
        rtol = 0 if op.EXACT else {2: 2e-2, 4: 1e-3}.get(expected[0].dtype.itemsize, 1e-9)
        for got, want in zip(found, expected, strict=True):
            got = got.numpy()
            assert (got.dtype, got.shape) == (want.dtype, want.shape)
            kwargs = {"rtol": rtol, "atol": rtol, "equal_nan": True}
            wide = complex if np.iscomplexobj(want) else float
            np.testing.assert_allclose(got.astype(wide), want.astype(wide), **kwargs)
    assert looped <= 2 or any(part in name for part in MAY_LOOP), f"{looped} of 6 calls were loops"
