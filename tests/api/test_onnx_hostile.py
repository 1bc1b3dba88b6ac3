"""Models of strangers: whatever a file says, loading it runs nothing of it, ends, and is no crash."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from support.onnx_mutants import load_all

import stepwell as sw
from stepwell.compiler.interchange.onnx_import import evaluation


def test_damaged_files_load_or_are_clear_errors() -> None:
    counts, wrong = load_all(100)
    assert not wrong, "\n".join(wrong)
    assert counts.total() == 100 and len(counts) > 2


def _add(**tensor: object) -> onnx.ModelProto:
    """A model that adds a stored tensor."""
    stored = TensorProto(name="w", data_type=TensorProto.FLOAT, **tensor)  # pyright: ignore[reportArgumentType]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
        [stored],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


def _external(folder: Path, location: str, **entries: str) -> Path:
    """A model whose tensor is in a file, by that name."""
    proto = _add(dims=[2], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, **entries}.items():
        proto.graph.initializer[0].external_data.add(key=key, value=value)
    path = folder / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


def _weights(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(np.array([1, 2, 3], np.float32).tobytes())


def test_external_data_is_read_from_the_models_folder(tmp_path: Path) -> None:
    _weights(tmp_path / "data" / "w.bin")
    model = sw.onnx.load(_external(tmp_path, "data/w.bin", offset="4", length="8"))
    assert model([0.0, 0.0]).numpy().tolist() == [2.0, 3.0]


@pytest.mark.parametrize("location", ["../w.bin", "a/../../w.bin", "link.bin", "linked/w.bin", "{}/w.bin"])
def test_external_data_outside_of_the_folder_is_refused(tmp_path: Path, location: str) -> None:
    _weights(tmp_path / "w.bin")
    folder = tmp_path / "model"
    folder.mkdir()
    os.symlink(tmp_path / "w.bin", folder / "link.bin")
    os.symlink(tmp_path, folder / "linked")
    with pytest.raises(sw.errors.PermissionDeniedError, match="is not in the folder of the model"):
        sw.onnx.load(_external(folder, location.format(tmp_path), length="8"))


@pytest.mark.parametrize(
    ("location", "entries", "error", "text"),
    [
        ("no.bin", {}, sw.errors.NotFoundError, "is not there"),
        ("", {}, sw.errors.DataLossError, "the name of the file"),
        (".", {}, sw.errors.DataLossError, "is not a file"),
        ("w.bin", {"offset": "8", "length": "8"}, sw.errors.DataLossError, "has 12 bytes, expected 8 from byte 8 on"),
        ("w.bin", {"offset": "-4", "length": "8"}, sw.errors.DataLossError, "offset: expected a number of bytes"),
        ("w.bin", {}, sw.errors.DataLossError, "takes 8 bytes, got 12"),
    ],
)
def test_external_data_that_is_not_there(
    tmp_path: Path, location: str, entries: dict[str, str], error: type[Exception], text: str
) -> None:
    _weights(tmp_path / "w.bin")
    with pytest.raises(error, match=text):
        sw.onnx.load(_external(tmp_path, location, **entries))


def test_a_model_without_a_path_has_no_external_data(tmp_path: Path) -> None:
    _weights(tmp_path / "w.bin")
    path = _external(tmp_path, "w.bin", length="8")
    with pytest.raises(sw.errors.InvalidArgumentError, match="give the path of the model"):
        sw.onnx.load(path.read_bytes())


@pytest.mark.parametrize("dims", [[2**62], [2**31, 2**31], [-1], [3]])
def test_a_tensor_of_another_size_than_its_elements(dims: list[int]) -> None:
    with pytest.raises(sw.errors.StepwellError, match="tensor 'w'"):
        sw.onnx.load(_add(dims=dims, raw_data=bytes(8)))
    with pytest.raises(sw.errors.StepwellError, match="tensor 'w'"):
        sw.onnx.load(_add(dims=dims, float_data=[1.0, 2.0]))


def _graph(nodes: list[onnx.NodeProto], **more: object) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    imports = [helper.make_opsetid("", 21), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=imports, **more)  # pyright: ignore[reportArgumentType]


def test_a_cyclic_graph() -> None:
    nodes = [helper.make_node("Add", ["x", "b"], ["a"], "n1"), helper.make_node("Add", ["a", "x"], ["b"], "n2")]
    with pytest.raises(sw.errors.InvalidArgumentError, match=r"node 'n1' .*uses 'b', which no node before it computes"):
        sw.onnx.load(_graph([*nodes, helper.make_node("Neg", ["b"], ["y"])]))


def test_functions_that_call_themselves_or_one_another_many_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "_MOST_NODES", 1000)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("own", 1)]

    def function(name: str, called: str) -> onnx.FunctionProto:
        twice = [
            helper.make_node(called, ["a"], ["b"], domain="own" if called.startswith("F") else ""),
            helper.make_node(called, ["b"], ["c"], domain="own" if called.startswith("F") else ""),
        ]
        return helper.make_function("own", name, ["a"], ["c"], twice, opsets)

    call = helper.make_node("F0", ["x"], ["y"], domain="own")
    with pytest.raises(sw.errors.InvalidArgumentError, match="calls itself"):
        sw.onnx.load(_graph([call], functions=[function("F0", "F1"), function("F1", "F0")]))
    tower = [function(f"F{level}", f"F{level + 1}") for level in range(40)] + [function("F40", "Neg")]
    with pytest.raises(sw.errors.InvalidArgumentError, match="more than 1000 nodes"):
        sw.onnx.load(_graph([call], functions=tower))


def test_a_shape_that_takes_a_petabyte_is_an_error_when_the_model_runs() -> None:
    shape = numpy_helper.from_array(np.array([2**40, 2]), "s")
    proto = _graph([helper.make_node("ConstantOfShape", ["s"], ["z"]), helper.make_node("ReduceMax", ["z"], ["y"])])
    proto.graph.initializer.append(shape)
    with pytest.raises(sw.errors.StepwellError):
        sw.onnx.load(proto)([0.0, 0.0])


def test_what_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "no.onnx"
    with pytest.raises(FileNotFoundError, match="no such file"):
        sw.onnx.load(path)
    path.write_bytes(b"")
    with pytest.raises(sw.errors.DataLossError, match="this is not an ONNX model"):
        sw.onnx.load(path)
    with pytest.raises(sw.errors.DataLossError, match="this is not an ONNX model"):
        sw.onnx.load(b"\x00garbage")
    with pytest.raises(TypeError, match=r"source: expected a path, bytes or an onnx.ModelProto, got int"):
        sw.onnx.load(3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="is a folder"):
        sw.onnx.load(tmp_path)
