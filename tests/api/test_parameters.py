"""Public functions have the parameters of TensorFlow 2.21, which `parameters.txt` lists, in the same order.

A name that ends in `=` has a default there, and so has to have one here.
"""

import inspect
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

import stepwell as sw

TABLE = [line.partition(":") for line in Path(__file__).with_name("parameters.txt").read_text().splitlines()]
_NO_POLICY = "an index out of range is an error: bad_indices_policy is not there"
DIFFERENT = {
    "autograph.experimental.do_not_convert": "its parameter is called function",
    "compat.v1.device": "it is sw.device, whose parameter is device_name",
    "gather_nd": _NO_POLICY,
    "scatter_nd": _NO_POLICY,
    "tensor_scatter_nd_add": _NO_POLICY,
    "tensor_scatter_nd_max": _NO_POLICY,
    "tensor_scatter_nd_min": _NO_POLICY,
    "tensor_scatter_nd_sub": _NO_POLICY,
    "cond": "both functions are needed",
}
"""Functions of which a parameter differs, and why."""


def _difference(path, theirs):
    """What TensorFlow's parameters are that these are not; empty if nothing."""
    found = inspect.signature(attrgetter(path)(sw)).parameters
    kinds = {each.kind for each in found.values()}
    names = [name.removesuffix("=") for name in theirs]
    missing = [] if inspect.Parameter.VAR_KEYWORD in kinds else [name for name in names if name not in found]
    needed = [n for n in theirs if n.endswith("=") and n[:-1] in found and found[n[:-1]].default is inspect._empty]
    positional = [name for name, each in found.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    moved = [(a, b) for a, b in zip(names, positional) if a != b and a in positional]
    return [*missing, *needed, *moved]


@pytest.mark.parametrize(("path", "theirs"), [(path, rest.split()) for path, _, rest in TABLE])
def test_parameters(path, theirs):
    difference = _difference(path, theirs)
    assert bool(difference) == (path in DIFFERENT), difference


def test_most_functions_have_them():
    assert len(TABLE) > 490 and len(DIFFERENT) <= 12


class TestArgumentsOfTensorFlow:
    def test_hints_of_dtypes(self):
        for values, hint, dtype in (
            ([1, 2], sw.float32, sw.float32),
            ([1.5], sw.int32, sw.float32),
            (sw.constant([1]), sw.float32, sw.int32),
            (np.array([1, 2]), sw.float32, sw.float32),
        ):
            assert sw.convert_to_tensor(values, dtype_hint=hint).dtype == dtype
        assert sw.convert_to_tensor([1], None, sw.float64).dtype == sw.float64

    def test_matrices_are_conjugated_and_transposed(self):
        row, column = [[1.0, 2.0]], [[3.0], [4.0]]
        assert sw.matmul(row, [[3.0, 4.0]], adjoint_b=True).numpy().tolist() == [[11.0]]
        assert sw.matmul([[1.0], [2.0]], column, adjoint_a=True, a_is_sparse=True).numpy().tolist() == [[11.0]]
        assert sw.linalg.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0], adjoint_a=True).numpy().tolist() == [31.0, 42.0]
        assert sw.matmul([[1, 2]], [[3], [4]], output_type=sw.int64).dtype == sw.int64
        with pytest.raises(ValueError, match="only one of transpose_a and adjoint_a"):
            sw.matmul(row, column, transpose_a=True, adjoint_a=True)

    @pytest.mark.parametrize("engine", [None, "native", "interpreter", "onnx"])
    def test_assertions_show_texts_and_tensors(self, engine):
        def f(x):
            sw.debugging.Assert(x > 0, ["x is {", x, "}"], 3, "name")
            return x

        run = f if engine is None else sw.function(f, engine=engine)
        assert int(run(sw.constant(1))) == 1
        with pytest.raises(sw.errors.InvalidArgumentError, match=r"assertion failed x is \{ (-1|\?) \}"):
            run(sw.constant(-1))

    def test_unconnected_gradients(self):
        x, y = sw.Variable(1.0), sw.Variable(2.0)
        for choice, expected in ((sw.UnconnectedGradients.ZERO, 0.0), (sw.UnconnectedGradients.NONE, None)):
            with sw.GradientTape() as tape:
                z = x * 2.0
            found = tape.gradient(z, y, unconnected_gradients=choice)
            assert found is None if expected is None else float(found) == expected
        assert sw.UnconnectedGradients.ZERO.value == "zero"

    def test_sizes_of_more_than_64_bits_are_refused(self):
        for call in (
            lambda: sw.zeros([2**70]),
            lambda: sw.math.unsorted_segment_sum([1.0], [0], 2**70),
            lambda: sw.random.categorical([[1.0]], 2**70),
        ):
            with pytest.raises(sw.errors.InvalidArgumentError):
                call()
