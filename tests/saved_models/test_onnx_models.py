"""The ONNX model of each signature: ONNX Runtime's results are stepwell's, with the weights of the tensors' file."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from support.saved_programs import Network

import stepwell as sw


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    network = Network()
    path = tmp_path_factory.mktemp("m") / "m"
    count = sw.function(
        lambda x: network.calls.assign_add(sw.shape(x)[0]).read_value(), input_signature=[sw.TensorSpec([None])]
    )
    signatures = {"serve": network.serve, "a/b": network.serve, "count": count}
    signatures["words"] = sw.function(lambda s: sw.strings.length(s), input_signature=[sw.TensorSpec([], "string")])
    sw.saved_model.save(network, path, signatures)
    return path


def session(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def records(folder):
    found = json.loads((folder / "saved_model.json").read_text())["signatures"]
    return {name: record["onnx"] for name, record in found.items()}


def test_results_are_the_same(folder):
    x = np.array([[0.001, -0.002], [0.003, 0.002]], np.float32)  # where no result is near 1
    expected = sw.saved_model.load(folder).serve(x)
    [found] = session(folder / records(folder)["serve"]["file"]).run(["output_0"], {"x": x})
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_weights_are_in_one_file(folder):
    file = records(folder)["serve"]["file"]
    model = onnx.load(folder / file, load_external_data=False)
    external = [each for each in model.graph.initializer if each.data_location == onnx.TensorProto.EXTERNAL]
    assert external and all(each.external_data[0].value == "variables.safetensors" for each in external)
    onnx.checker.check_model(str(folder / file), full_check=True)
    [w] = [v for v in sw.saved_model.load(folder).variables if v.shape == (200, 3)]
    arrays = [onnx.numpy_helper.to_array(each, str(folder)) for each in onnx.load(folder / file).graph.initializer]
    assert any(array.shape == (200, 3) and np.array_equal(array, w.numpy()) for array in arrays)


def test_equal_signatures_are_one_file(folder):
    found = records(folder)
    assert found["a/b"] == found["serve"] and len(list(folder.glob("*.onnx"))) == 2


def test_assigned_variables_are_results(folder):
    found = session(folder / records(folder)["count"]["file"]).run(None, {"x": np.zeros(3, np.float32)})
    assert [array.tolist() for array in found] == [3, 3]


def test_what_onnx_cannot_say_is_explained(folder):
    assert "strings, which are not exported" in records(folder)["words"]["refused"]


def test_models_are_left_out(folder, tmp_path):
    loaded = sw.saved_model.load(folder)
    sw.saved_model.save(loaded, tmp_path / "m", options=sw.saved_model.SaveOptions(onnx=False))
    assert not list((tmp_path / "m").glob("*.onnx"))
    assert sorted(sw.saved_model.load(tmp_path / "m").signatures) == ["a/b", "count", "serve", "words"]
