"""Saved models of strangers: damage is a clear error, and what is loaded is in the folder."""

import json
import os
import shutil

import numpy as np
import pytest
from support.damage import load_damaged, make_models, sealed
from support.effort import examples

import stepwell as sw
from stepwell.runtime.saved_models.index import FILE


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a saved model for each program."""
    folder = tmp_path_factory.mktemp("models")
    make_models(folder)
    return folder


@pytest.fixture
def model(models, tmp_path):
    """A copy of one of them."""
    shutil.copytree(models / "sharing", tmp_path / "m")
    return tmp_path / "m"


def index_of(folder):
    return json.loads((folder / FILE).read_text())


def refused(folder, text):
    with pytest.raises(sw.errors.DataLossError, match=text) as caught:
        sw.saved_model.load(folder)
    assert str(caught.value).startswith("saved_model.load: ")


def test_any_damage_is_an_error(models):
    found = load_damaged(models, examples(160), 0)
    assert [each for each in found if "of memory" not in each] == []  # of which other tests have used some


def test_a_folder_without_a_model_is_an_error(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        assert not sw.saved_model.contains_saved_model(path)
        with pytest.raises(OSError, match="there is no saved model in"):
            sw.saved_model.load(path)


@pytest.mark.parametrize("name", ["../x.mlir", "/etc/passwd", "functions/../../x", "..", "", ".", "C:x", "a\\b", "\0"])
def test_names_lead_to_files_of_the_folder(name, model):
    (model.parent / "x.mlir").write_text("")
    index = index_of(model)
    index["graphs"][0]["file"] = name
    sealed(model, index)
    refused(model, "the name of a file of the saved model|saved_model.json")


def test_links_are_not_followed(model):
    [file] = [record["file"] for record in index_of(model)["graphs"]]
    outside = model.parent / "outside.mlir"
    os.replace(model / file, outside)
    os.symlink(outside, model / file)
    sealed(model, index_of(model))
    refused(model, "is a link")


def test_a_pipe_is_no_file(model):
    [file] = [record["file"] for record in index_of(model)["graphs"]]
    os.remove(model / file)
    os.mkfifo(model / file)
    refused(model, "is no file")


def test_a_missing_file_is_an_error(model):
    (model / "variables.safetensors").unlink()
    refused(model, "variables.safetensors is missing")


def test_later_versions_are_refused(model):
    sealed(model, {**index_of(model), "version": 2})
    refused(model, "version 2 of the format; this stepwell reads versions up to 1")


@pytest.mark.parametrize(
    "text",
    [
        'func.func @f(%x: !llvm.ptr) { "llvm.return"() : () -> () }',
        "func.func @f(%v: memref<2xf32>) { func.return }",
        'func.func @f() -> tensor<f32> { %0 = "host.python"() <{callee = #host.function<"f">}> : () -> tensor<f32> '
        "func.return %0 : tensor<f32> }",
        "func.func private @f()",
        "",
        "%0 = arith.constant dense<0.0> : tensor<f32>",
    ],
)
def test_graphs_are_functions_of_tensors_only(text, model):
    [file] = [record["file"] for record in index_of(model)["graphs"]]
    (model / file).write_text(text)
    sealed(model, index_of(model))
    refused(model, "functions")


@pytest.mark.parametrize("method", [{"name": "find"}, [], None, "__class__"])
def test_methods_of_tables_are_those_that_there_are(method, models, tmp_path):
    name = next(folder.name for folder in models.iterdir() if any("tables" in g for g in index_of(folder)["graphs"]))
    shutil.copytree(models / name, model := tmp_path / "m")
    index = index_of(model)
    calls = next(graph["tables"] for graph in index["graphs"] if graph.get("tables"))
    calls[0][1] = method
    sealed(model, index)
    refused(model, "a table and a method")


def test_small_files_do_not_fill_the_memory(model):
    index = index_of(model)
    [variable] = [record for record in index["objects"] if record["kind"] == "variable"]
    index["objects"] += [variable] * 10
    sealed(model, index)
    refused(model, "a tensor that nothing else has")
    sealed(model, {**index, "objects": index["objects"][:-10]})
    [file] = [record["file"] for record in index["graphs"]]
    text = (model / file).read_text()
    splats = "".join(f"%c{i} = arith.constant dense<0.0> : tensor<16777215xf32>\n" for i in range(10))
    (model / file).write_text(text.replace("func.return", f"{splats}func.return", 1))
    sealed(model, index_of(model))
    refused(model, "written as one element it may have")


def test_random_bits_of_weights_are_noticed(model):
    path = model / "variables.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    refused(model, "its size or checksum differs")


def test_loading_is_the_same_inside_of_a_function_and_a_tape(model):
    @sw.function
    def f():
        return sw.saved_model.load(model).f(sw.ones([2]))

    np.testing.assert_array_equal(f(), [2, 3])
    with sw.GradientTape() as tape, sw.name_scope("outer"):
        loaded = sw.saved_model.load(model)
        y = loaded.f(sw.ones([2]))
    assert loaded.v.name == "Variable:0"
    np.testing.assert_array_equal(tape.gradient(y, loaded.v), [1, 1])
