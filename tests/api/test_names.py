"""Names that users chose never become part of a text that another program reads as its own language."""

import numpy as np
import onnx
import pytest

import stepwell as sw
from stepwell.runtime.text_inputs import Given
from stepwell.tools.run_text import run_text

ENGINES = ["native", "interpreter", "onnx"]
NAMES = [
    'a"b', "a\0b", "a\nb", "a\\b", "a\\00b", "naïve", "λ", "x" * 5000, "", "%s", "@f", "}", "a\ud800b", "0",
    'f" () { ret void }\ndefine i32 @"x', "main", "free", "stepwell_entry", "stepwell_poll", "stepwell_0_main",
]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_a_function_may_have_any_name(name, engine):
    table = np.arange(100, dtype=np.float32)

    def f(x):
        for _ in sw.range(sw.cast(x[0, 0], sw.int32)):
            x = sw.matmul(x, x) + table
        return x

    f.__name__ = name
    function = sw.function(f, engine=engine)
    x = sw.constant(np.eye(100, dtype=np.float32))
    np.testing.assert_array_equal(function(x).numpy(), np.eye(100) + table)
    named = sw.function(lambda x: x + 1.0, name=name, engine=engine)
    assert named(sw.constant(1.0)).numpy() == 2.0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_arguments_variables_and_texts_may_have_any_name(name, engine):
    v = sw.Variable(1.0, name=name)

    @sw.function(engine=engine)
    def f(**inputs):
        for x in inputs.values():
            v.assign_add(x)
            sw.debugging.Assert(x > 0.0, [x], message=name.replace("}", ""))
        return v + 0.0

    assert f(**{name: sw.constant(1.0)}).numpy() == 2.0


@pytest.mark.parametrize("name", ['a"b', "a\\0Ab", "a\\00b", 'f\\" () { ret void }', "free", "stepwell_result_0"])
def test_text_may_name_functions_and_constants_as_it_likes(name):
    name = name.replace('a"', 'a\\"')
    text = f"""
func.func @"{name}"(%x: memref<80xf32>, %i: index) -> f32 {{
  %y = func.call @"private{name}"(%x, %i) : (memref<80xf32>, index) -> f32
  func.return %y : f32
}}
func.func private @"private{name}"(%x: memref<80xf32>, %i: index) -> f32 {{
  %c = memref.get_global @"c{name}" : memref<80xf32>
  %a = memref.load %x[%i] : memref<80xf32>
  %b = memref.load %c[%i] : memref<80xf32>
  %y = arith.addf %a, %b : f32
  func.return %y : f32
}}
"memref.global"() <{{sym_name = "c{name}", sym_visibility = "private", type = memref<80xf32>,
  initial_value = dense<2.0> : tensor<80xf32>, constant}}> : () -> ()
"""
    x = np.arange(80, dtype=np.float32)
    for engine in ("native", "interpreter"):
        assert (
            run_text(text, "text", [Given("x", x, False), Given("5", 5, True)], None, engine, None)["result 0"] == 7.0
        )


def test_an_export_is_a_model_whatever_its_function_is_called(tmp_path):
    for number, name in enumerate(NAMES):
        path = tmp_path / f"{number}.onnx"
        sw.onnx.export(sw.function(lambda x: x + 1.0, name=name), str(path), sw.TensorSpec([2]))
        onnx.checker.check_model(onnx.load(str(path)), full_check=True)
