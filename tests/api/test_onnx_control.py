"""Loops, branches and recurrent layers of ONNX models: results, and gradients, next to NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from support.effort import examples

import stepwell as sw

_FLOAT, _INT64, _BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def _value(name: str, kind: int, shape: list[Any] | None = None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, [] if shape is None else shape)


def _model(nodes: list[Any], inputs: list[Any], outputs: list[Any], stored: dict[str, Any]) -> onnx.ModelProto:
    initializers = [numpy_helper.from_array(np.asarray(array), name) for name, array in stored.items()]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def doubling(limit: int | None) -> onnx.ModelProto:
    """Doubles `x` while it is less than `edge`, at most `limit` times, and collects what it was."""
    body = helper.make_graph(
        [
            helper.make_node("Add", ["v", "v"], ["w"]),
            helper.make_node("Less", ["w", "edge"], ["goes_on"]),
        ],
        "body",
        [_value("i", _INT64), _value("c", _BOOL), _value("v", _FLOAT)],
        [_value("goes_on", _BOOL), _value("w", _FLOAT), _value("v", _FLOAT)],
    )
    stored = {"true": np.bool_(True)} | ({} if limit is None else {"m": np.int64(limit)})
    nodes = [helper.make_node("Loop", ["" if limit is None else "m", "true", "x"], ["y", "rows"], body=body)]
    inputs = [_value("x", _FLOAT), _value("edge", _FLOAT)]
    return _model(nodes, inputs, [_value("y", _FLOAT), _value("rows", _FLOAT, [None])], stored)


def _doubled(x: float, edge: float, limit: int | None) -> tuple[float, list[float]]:
    rows: list[float] = []
    while limit is None or len(rows) < limit:
        rows.append(x)
        x = x + x
        if not x < edge:
            break
    return x, rows


@pytest.mark.parametrize("engine", ["native", "interpreter"])
@pytest.mark.parametrize("limit", [None, 0, 1, 5])
def test_a_loop_ends_by_its_condition_and_by_its_count(limit: int | None, engine: str) -> None:
    model = sw.onnx.load(doubling(limit), engine=engine)
    for x, edge in ((1.0, 10.0), (1.0, 1e6) if limit is not None else (1.0, 100.0), (3.0, 1.0)):
        y, rows = model(x, edge)
        expected, steps = _doubled(x, edge, limit)
        assert float(y) == expected
        assert rows.numpy().tolist() == steps


def test_the_gradient_of_a_loop() -> None:
    model = sw.onnx.load(doubling(None))
    x = sw.constant(1.5)
    with sw.GradientTape() as tape:
        tape.watch(x)
        y, _ = model(x, 20.0)
    assert float(tape.gradient(y, x)) == 16.0  # 1.5 is doubled until it is 24


def test_a_branch_and_its_gradient() -> None:
    def one(op: str) -> onnx.GraphProto:
        return helper.make_graph([helper.make_node(op, ["x"], [op])], op, [], [_value(op, _FLOAT, [2])])

    nodes = [helper.make_node("If", ["p"], ["y"], then_branch=one("Exp"), else_branch=one("Neg"))]
    inputs = [_value("x", _FLOAT, [2]), _value("p", _BOOL)]
    model = sw.onnx.load(_model(nodes, inputs, [_value("y", _FLOAT, [2])], {}))
    x = sw.constant([0.0, 1.0])
    for p, result, slope in ((True, np.exp([0.0, 1.0]), np.exp([0.0, 1.0])), (False, [0.0, -1.0], [-1.0, -1.0])):
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = model(x, p)
        np.testing.assert_allclose(y.numpy(), result, rtol=1e-6)
        np.testing.assert_allclose(tape.gradient(y, x).numpy(), slope, rtol=1e-6)
    assert "scf.if" in model.ir()


@given(st.sampled_from(["Tanh", "HardSigmoid", "Relu"]), st.sampled_from(["forward", "reverse"]), st.integers(1, 4))
@settings(max_examples=examples(12), deadline=None)
def test_a_recurrent_layer(activation: str, direction: str, time: int) -> None:
    rng = np.random.default_rng(time)
    w, r, b = (rng.normal(size=size).astype(np.float32) for size in ((1, 3, 2), (1, 3, 3), (1, 6)))
    node = helper.make_node("RNN", ["x", "w", "r", "b"], ["y"], hidden_size=3, direction=direction)
    node.attribute.append(helper.make_attribute("activations", [activation]))
    inputs, outputs = [_value("x", _FLOAT, ["time", 2, 2])], [_value("y", _FLOAT, None)]
    model = sw.onnx.load(_model([node], inputs, outputs, {"w": w, "r": r, "b": b}), engine="interpreter")
    x = rng.normal(size=(time, 2, 2)).astype(np.float32)
    functions = {"Tanh": np.tanh, "HardSigmoid": lambda a: np.clip(0.2 * a + 0.5, 0, 1), "Relu": lambda a: a * (a > 0)}
    h, expected = np.zeros((2, 3), np.float32), np.zeros((time, 1, 2, 3), np.float32)
    for step in range(time) if direction == "forward" else range(time - 1, -1, -1):
        h = functions[activation](x[step] @ w[0].T + h @ r[0].T + b[0, :3] + b[0, 3:])
        expected[step, 0] = h
    np.testing.assert_allclose(model(x).numpy(), expected, rtol=1e-5, atol=1e-5)
