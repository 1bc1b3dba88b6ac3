"""Loading ONNX models: what they compute, their gradients, training them, and exporting them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from support.effort import by_turns, examples

import stepwell as sw

ENGINES = ["native", "interpreter"]


def model_of(
    nodes: list[Any],
    inputs: dict[str, list[Any]],
    outputs: dict[str, list[Any] | None],
    stored: dict[str, np.ndarray] | None = None,
    opset: int = 21,
    **options: Any,
) -> onnx.ModelProto:
    """A model of float32 inputs and results."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in (stored or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10, **options)


def perceptron(rng: np.random.Generator) -> onnx.ModelProto:
    """Two layers."""
    stored = {
        "w1": rng.normal(size=(4, 8)).astype(np.float32),
        "b1": rng.normal(size=8).astype(np.float32),
        "w2": rng.normal(size=(3, 8)).astype(np.float32),
        "b2": rng.normal(size=3).astype(np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["a"], "first"),
        helper.make_node("Add", ["a", "b1"], ["b"]),
        helper.make_node("Tanh", ["b"], ["c"]),
        helper.make_node("Gemm", ["c", "w2", "b2"], ["y"], "last", transB=1),
    ]
    return model_of(nodes, {"x": ["batch", 4]}, {"y": ["batch", 3]}, stored)


@pytest.mark.parametrize(("as_what", "engine"), by_turns(["path", "bytes", "proto"], ENGINES))
def test_a_model_computes_what_onnxruntime_does(tmp_path: Path, as_what: str, engine: str) -> None:
    proto = perceptron(np.random.default_rng(1))
    path = tmp_path / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    source = {"path": path, "bytes": path.read_bytes(), "proto": proto}[as_what]
    model = sw.onnx.load(source, engine=engine)
    for batch in (1, 5):
        x = np.random.default_rng(batch).normal(size=(batch, 4)).astype(np.float32)
        np.testing.assert_allclose(model(x).numpy(), sw.onnx.run(path, x)[0], rtol=1e-5, atol=1e-6)
    assert model.function.experimental_get_tracing_count() == 1  # the size is dynamic: there is one trace
    assert list(model.weights) == ["w1", "b1", "w2", "b2"]
    assert model.inputs[0][1] == sw.TensorSpec(["batch", 4], sw.float32, "x")


def test_inputs_are_given_by_name_and_checked() -> None:
    nodes = [helper.make_node("Sub", ["x", "y:0"], ["z"])]
    model = sw.onnx.load(model_of(nodes, {"x": ["n"], "y:0": ["n"]}, {"z": ["n"]}))
    assert model(y_0=[1.0, 2.0], x=[5.0, 5.0]).numpy().tolist() == [4.0, 3.0]
    with pytest.raises(TypeError, match="expected inputs x, y_0, got 1 in order"):
        model([1.0])
    with pytest.raises(TypeError, match="argument x: expected dtype float32, got int64"):
        model(sw.zeros([2], sw.int64), sw.zeros([2]))
    with pytest.raises(sw.errors.InvalidArgumentError, match="n"):  # sizes of one name are equal
        model(np.zeros(2, np.float32), np.zeros(3, np.float32))


def test_the_gradient_of_a_model_equals_numeric_differences() -> None:
    model = sw.onnx.load(perceptron(np.random.default_rng(2)))
    x = sw.constant(np.random.default_rng(3).normal(size=(5, 4)).astype(np.float32))
    with sw.GradientTape() as tape:
        tape.watch(x)
        loss = sw.reduce_sum(model(x) ** 2.0)
    for variable, gradient in zip(
        [x, *model.trainable_variables], tape.gradient(loss, [x, *model.trainable_variables]), strict=True
    ):
        expected = _differences(model, x, variable)
        np.testing.assert_allclose(gradient.numpy(), expected, rtol=2e-2, atol=2e-2 * np.abs(expected).max())


def _differences(model: Any, x: Any, variable: Any, step: float = 1e-2) -> np.ndarray:
    """Symmetric differences of the loss, an element at a time."""
    value = variable.numpy()
    found = np.zeros_like(value)
    for place in np.ndindex(value.shape):
        losses = []
        for sign in (1, -1):
            moved = value.copy()
            moved[place] += sign * step
            if variable is x:
                losses.append(np.sum(model(moved).numpy().astype(np.float64) ** 2))
            else:
                variable.assign(moved)
                losses.append(np.sum(model(x).numpy().astype(np.float64) ** 2))
        found[place] = (losses[0] - losses[1]) / (2 * step)
    if variable is not x:
        variable.assign(value)
    return found


def convolutional(rng: np.random.Generator) -> onnx.ModelProto:
    """A convolution, a batch normalization, a pool and a dense layer."""
    stored = {
        "w": (rng.normal(size=(6, 1, 3, 3)) * 0.3).astype(np.float32),
        "scale": np.ones(6, np.float32),
        "bias": np.zeros(6, np.float32),
        "mean": np.zeros(6, np.float32),
        "variance": np.ones(6, np.float32),
        "dense": (rng.normal(size=(6 * 4 * 4, 2)) * 0.1).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["a", "scale", "bias", "mean", "variance"], ["b"]),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("MaxPool", ["c"], ["d"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["d"], ["e"]),
        helper.make_node("MatMul", ["e", "dense"], ["y"]),
    ]
    return model_of(nodes, {"x": ["batch", 1, 8, 8]}, {"y": ["batch", 2]}, stored)


def test_a_convolutional_model_retrains_and_is_exported_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    model = sw.onnx.load(convolutional(rng))
    assert {v.name for v in model.non_trainable_variables} == {"mean:0", "variance:0"}
    x = rng.normal(size=(32, 1, 8, 8)).astype(np.float32)
    labels = (x[:, 0, :4].mean((1, 2)) > 0).astype(np.int32)
    x += labels[:, None, None, None]

    @sw.function
    def step() -> sw.Tensor:
        with sw.GradientTape() as tape:
            losses = sw.nn.sparse_softmax_cross_entropy_with_logits(labels, model(x))
            loss = sw.reduce_mean(losses)
        for variable, gradient in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
            variable.assign_sub(0.3 * gradient)
        return loss

    losses = [float(step()) for _ in range(60)]
    assert losses[-1] < 0.3 * losses[0]

    path = sw.onnx.export(model.function, tmp_path / "again.onnx")
    again = sw.onnx.load(path)
    np.testing.assert_allclose(again(x).numpy(), model(x).numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(sw.onnx.run(path, x)[0], model(x).numpy(), rtol=1e-4, atol=1e-4)
    assert again.output_names == ("y",)


@given(st.integers(1, 6), st.lists(st.sampled_from(["Tanh", "Relu", "Sigmoid", "Neg", "Softmax", "Abs"]), max_size=4))
@settings(max_examples=examples(12), deadline=None)
def test_export_then_load_is_the_same_function(batch: int, ops: list[str]) -> None:
    rng = np.random.default_rng(batch)
    w = sw.Variable(rng.normal(size=(3, 4)).astype(np.float32))
    functions = {
        "Tanh": sw.tanh,
        "Relu": sw.nn.relu,
        "Sigmoid": sw.sigmoid,
        "Neg": sw.negative,
        "Softmax": sw.nn.softmax,
        "Abs": sw.abs,
    }

    @sw.function
    def f(x: sw.Tensor) -> sw.Tensor:
        y = x @ w
        for op in ops:
            y = functions[op](y)
        return y

    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = sw.onnx.export(f, f"{folder}/f.onnx", sw.TensorSpec([None, 3]))
        model = sw.onnx.load(path)
    x = rng.normal(size=(batch, 3)).astype(np.float32)
    np.testing.assert_allclose(model(x).numpy(), f(sw.constant(x)).numpy(), rtol=1e-5, atol=1e-6)


def test_a_variable_that_a_model_assigns_is_assigned(tmp_path: Path) -> None:
    count = sw.Variable(0.0)
    counter = sw.function(lambda x: x + count.assign_add(1.0))
    path = sw.onnx.export(counter, tmp_path / "counter.onnx", sw.TensorSpec([]))
    model = sw.onnx.load(path)
    assert [float(model(10.0)) for _ in range(3)] == [11.0, 12.0, 13.0]
    assert float(count) == 0.0


def test_control_flow_of_a_function_survives_export_and_load(tmp_path: Path) -> None:
    @sw.function
    def collatz(n: Any) -> Any:
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        return steps

    path = sw.onnx.export(collatz, tmp_path / "collatz.onnx", sw.TensorSpec([], sw.int32))
    model = sw.onnx.load(path)
    assert int(model(np.int32(27))) == 111
    assert "scf.while" in model.ir()
    assert str(Path(__file__).name) in sw.ir(model.function, locations=True)  # the user's lines


def test_axes_that_are_inputs_are_known_for_each_trace() -> None:
    node = helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)
    graph = helper.make_graph(
        [node],
        "sum",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, None]),
            helper.make_tensor_value_info("axes", TensorProto.INT64, [1]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = sw.onnx.load(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]))
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    for axis in (0, 1, -1):
        assert model(x, [axis]).numpy().tolist() == x.sum(axis).tolist()


def test_initializers_that_have_to_be_known_are_constants() -> None:
    stored = {"scales": np.array([1, 1, 2, 2], np.float32), "w": np.ones((1, 1, 1, 1), np.float32)}
    nodes = [
        helper.make_node("Resize", ["x", "", "scales"], ["a"], mode="linear"),
        helper.make_node("Conv", ["a", "w"], ["y"]),
    ]
    model = sw.onnx.load(model_of(nodes, {"x": [1, 1, 2, 2]}, {"y": [1, 1, 4, 4]}, stored, opset=19))
    assert list(model.weights) == ["w"]


def test_which_initializers_are_trained_can_be_chosen() -> None:
    proto = perceptron(np.random.default_rng(5))
    assert list(sw.onnx.load(proto, trainable=["w2", "b2"]).weights) == ["w2", "b2"]
    assert sw.onnx.load(proto, trainable=False).variables == ()
    with pytest.raises(ValueError, match=r"expected names of initializers \(w1, b1, w2, b2\), got 'w3'"):
        sw.onnx.load(proto, trainable=["w3"])


def test_all_unsupported_nodes_are_named_at_once() -> None:
    nodes = [
        helper.make_node("Strange", ["x"], ["a"], "first", domain="com.example"),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("StrangerStill", ["b"], ["y"], "second"),
    ]
    with pytest.raises(sw.errors.UnsupportedError) as caught:
        sw.onnx.load(model_of(nodes, {"x": [1]}, {"y": [1]}))
    text = str(caught.value)
    assert "2 nodes" in text and "first: com.example.Strange" in text and "opset 21" not in text
    assert "second: ai.onnx.StrangerStill of version 21" in text


def test_an_error_names_the_node() -> None:
    nodes = [helper.make_node("Concat", ["x", "x"], ["y"], "joined", axis=5)]
    with pytest.raises(sw.errors.InvalidArgumentError, match=r"node 'joined' \(Concat\) with result 'y': .*axis"):
        sw.onnx.load(model_of(nodes, {"x": [1]}, {"y": [2]}))


def test_functions_of_a_model_are_called() -> None:
    body = [
        helper.make_node("Mul", ["a", "a"], ["b"]),
        helper.make_node("LeakyRelu", ["b"], ["c"]),
    ]
    body[1].attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT))
    function = helper.make_function("own", "SquareThen", ["a"], ["c"], body, [helper.make_opsetid("", 21)], ["slope"])
    nodes = [
        helper.make_node("SquareThen", ["x"], ["m"], domain="own", slope=0.5),
        helper.make_node("Neg", ["m"], ["n"]),
        helper.make_node("LeakyRelu", ["n"], ["y"], alpha=0.5),
    ]
    proto = model_of(nodes, {"x": ["n"]}, {"y": ["n"]}, functions=[function])
    proto.opset_import.append(helper.make_opsetid("own", 1))
    assert sw.onnx.load(proto)([1.0, -2.0]).numpy().tolist() == [-0.5, -2.0]


def test_shapes_are_known_as_far_as_they_can_be() -> None:
    """`Shape`, `Gather`, `Concat`, `Reshape`, as exporters write it: sizes that are known stay known."""
    stored = {"zero": np.array(0, np.int64), "axis": np.array([0], np.int64), "rest": np.array([-1], np.int64)}
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["n"]),
        helper.make_node("Unsqueeze", ["n", "axis"], ["v"]),
        helper.make_node("Concat", ["v", "rest"], ["t"], axis=0),
        helper.make_node("Reshape", ["x", "t"], ["y"]),
    ]
    model = sw.onnx.load(model_of(nodes, {"x": ["n", 3, 4]}, {"y": ["n", 12]}, stored))
    concrete = model.function.get_concrete_function()
    assert concrete.outputs[0].shape.as_list() == [None, 12]
    assert model(np.zeros((2, 3, 4), np.float32)).shape == (2, 12)
