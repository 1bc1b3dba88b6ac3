"""The tools on programs of complex numbers: run, bisect, and the summaries of pages."""

import warnings

import numpy as np
import pytest
from support.command import output

import stepwell as sw
from stepwell.dialects.types import tensor_type
from stepwell.runtime.explorer.summary import summarise

TEXT = """
func.func private @twice(%z: tensor<2xf32>) -> tensor<2xf32> {
  %0 = hl.add %z, %z : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  func.return %0 : tensor<2xf32>
}
func.func @f(%v: !state.variable<tensor<2xcomplex<f32>>>, %z: tensor<2xcomplex<f32>>)
    -> (tensor<2xcomplex<f32>>, tensor<2xf32>) {
  %0 = hl.mul %z, %z : (tensor<2xcomplex<f32>>, tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>>
  state.assign %v, %0 : !state.variable<tensor<2xcomplex<f32>>>, tensor<2xcomplex<f32>>
  %1 = hl.real %0 : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
  %2 = func.call @twice(%1) : (tensor<2xf32>) -> tensor<2xf32>
  func.return %0, %2 : tensor<2xcomplex<f32>>, tensor<2xf32>
}
"""


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_run(tmp_path, engine):
    (tmp_path / "f.mlir").write_text(TEXT)
    shown = output("run", "-e", engine, "-f", "f", str(tmp_path / "f.mlir"), "[1j, 2]", "[1j, 3]").splitlines()
    assert shown[:2] == ["result 0: complex64[2] [-1.+0.j  9.+0.j]", "result 1: float32[2] [-2. 18.]"]
    assert shown[2:] == ["argument 0: complex64[2] [-1.+0.j  9.+0.j]"]


@pytest.mark.parametrize("engine", ["interpreter", "native", "onnx"])
def test_nothing_differs(engine):
    v = sw.Variable([1 + 2j, 3 - 1j])

    @sw.function
    def f(z):
        v.assign_add(z)
        for _ in sw.range(2):
            z = z * v
        return sw.abs(z), z

    assert str(sw.debugging.bisect(f, np.array([1 + 1j, 2j]), engine=engine)).startswith("nothing differs")


def test_summaries_have_both_parts():
    array = np.array([1 + 2j, complex(np.nan, 1), complex(np.inf, 0), 3 - 4j], np.complex64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = summarise(array, tensor_type((4,), "complex64"))
        scalar = summarise(np.complex128(1 / 3 - 2j), tensor_type((), "complex128"))
    assert found is not None and scalar is not None
    assert found.first == ("1+2j", "nan+1j", "inf+0j", "3-4j") and scalar.first == ("0.333333-2j",)
    assert (found.minimum, found.maximum, found.mean, found.histogram) == (None, None, "2-1j", ())
    assert (found.nan, found.infinite) == (1, 1)
