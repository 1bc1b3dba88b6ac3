"""`differentiate` computes what tapes compute: from text, to any order."""

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import PipelineError
from stepwell.runtime.engines.interpreter.run import run_module

x = np.array([0.3, -0.7, 1.2])


def transformed(text, pipeline):
    module = parse_module(text, "program.mlir")
    PassManager(make_context(), verify_each=True).run(module, pipeline)
    return module


def traced(function, *specs):
    return print_module(sw.function(function).get_concrete_function(*specs).module)


VECTOR, COUNT = sw.TensorSpec([3], "float64"), sw.TensorSpec([], "int32")


def for_loop(x, n):
    h = x
    for i in sw.range(n):
        h = sw.tanh(h * x) + x[i % 3]
    return h


def while_loop(x, n):
    h, i = x, 0
    while i < n and sw.reduce_sum(h) < 4.0:
        h, i = h * h + x, i + 1
    return h


def branch(x, n):
    if n > 2:
        return x * sw.exp(x)
    return x[0] * x


def growing(x, n):
    h = x
    for _ in sw.range(n):
        h = sw.concat([h * h, x[:1]], 0)
    return sw.reduce_sum(h) * x


PROGRAMS = [for_loop, while_loop, branch, growing]


def gradient(program, x, start, n):
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = program(x, n)
    return tape.gradient(y, x, start)


@pytest.mark.parametrize("pipeline", ["differentiate", "differentiate,O2"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_gradients_are_those_of_tapes(program, pipeline):
    module = transformed(traced(program, VECTOR, COUNT), pipeline)
    start = np.array([1.0, 0.5, -2.0])
    for n in (0, 1, 4):
        (found,) = run_module(module, [x, np.int32(n), start], function=f"{program.__name__}_vjp")
        expected = gradient(program, sw.constant(x), sw.constant(start), n)
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_what_it_makes_can_be_differentiated(program):
    name = f"{program.__name__}_vjp"
    once = print_module(transformed(traced(program, VECTOR, COUNT), "differentiate,O2"))
    module = transformed(once, f"differentiate{{functions={name} arguments=0}},O2")
    start, direction = np.array([1.0, 0.5, -2.0]), np.array([0.1, -0.4, 1.0])
    (found,) = run_module(module, [x, np.int32(3), start, direction], function=f"{name}_vjp")
    point = sw.constant(x)
    with sw.GradientTape() as outer:
        outer.watch(point)
        first = gradient(program, point, sw.constant(start), 3)
    np.testing.assert_allclose(found, outer.gradient(first, point, sw.constant(direction)).numpy(), rtol=1e-12)


SQUARES = """
func.func @f(%x: tensor<2xf32>, %n: tensor<i32>) -> tensor<2xf32> {
  %0 = hl.mul %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  func.return %0 : tensor<2xf32>
}
func.func @calls(%x: tensor<2xf32>, %n: tensor<i32>) -> tensor<2xf32> {
  %0 = func.call @f(%x, %n) : (tensor<2xf32>, tensor<i32>) -> tensor<2xf32>
  func.return %0 : tensor<2xf32>
}
func.func @takes(%x: tensor<f32>) -> tensor<f32> {
  %0 = tensor.extract %x[] : tensor<f32>
  %1 = tensor.from_elements %0 : tensor<f32>
  func.return %1 : tensor<f32>
}
"""


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("functions=g", "there is no function '@g' in the module"),
        ("functions=calls", "'@calls': it calls another function; use 'inline' first"),
        ("functions=takes", "'@takes': 'tensor.extract' takes a float out of a tensor"),
        ("functions=f arguments=1", "'@f': argument 1 is no tensor or Variable of floats"),
        ("functions=f arguments=7", "'@f': argument 7 is no tensor or Variable of floats"),
    ],
)
def test_what_it_is_asked_for_and_cannot_do_is_an_error(options, text):
    with pytest.raises(PipelineError, match=text.replace("(", r"\(")):
        transformed(SQUARES, f"differentiate{{{options}}}")


def test_what_has_no_gradient_is_left_alone():
    names = [op.sym_name.data for op in transformed(SQUARES, "differentiate").ops]
    assert names == ["f", "f_vjp", "calls", "takes"]
