"""`stepwell run` and `stepwell export`: results on all engines, files, and what they say is wrong."""

from pathlib import Path

import numpy as np
import pytest
from support.command import SEVERAL, TWICE, failure, output, program_folder

from stepwell.dialects.levels import LEVELS


@pytest.fixture
def folder(tmp_path):
    """A folder with a program and texts, which is the current one."""
    with program_folder(tmp_path):
        yield tmp_path


# run


@pytest.mark.parametrize("engine", ["interpreter", "native"])
@pytest.mark.parametrize("level", LEVELS)
def test_run_gives_the_same_at_every_level_and_engine(folder, level, engine):
    Path("low.mlir").write_text(output("opt", "twice.mlir", "--to", level))
    trusted = ["--trusted"] if level == "llvm" else []
    shown = output("run", "low.mlir", "[1, -2.5, nan]", "--engine", engine, "--level", level, "-o", "out.npz", *trusted)
    assert shown == "result 0: float32[3] [ 2. -5. nan]\n"
    np.testing.assert_array_equal(np.load("out.npz")["result 0"], np.array([2, -5, np.nan], np.float32))


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_run_shows_memory_that_was_written_to(folder, engine):
    shown = output("run", "bump.mlir", "[1, 2, 2147483647]", "1", "--engine", engine)
    assert shown == "argument 0: int32[3] [          2           3 -2147483648]\n"


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_run_updates_variables(folder, engine):
    text = """func.func @f(%v: !state.variable<tensor<2xf32>>, %x: tensor<2xf32>) -> tensor<2xf32> {
  state.assign_add %v, %x : !state.variable<tensor<2xf32>>, tensor<2xf32>
  %y = state.read %v : !state.variable<tensor<2xf32>> -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}
"""
    shown = output("run", "-", "[1, 2]", "[0.5, -1]", "--engine", engine, stdin=text)
    assert shown == "result 0: float32[2] [1.5 1. ]\nargument 0: float32[2] [1.5 1. ]\n"


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_run_chooses_a_function(folder, engine):
    assert output("run", "several.mlir", "5", "--engine", engine) == "result 0: int32[] 10\n"
    assert output("run", "several.mlir", "5", "--function", "square", "-e", engine) == "result 0: int32[] 25\n"
    main = SEVERAL.replace("@square", "@main")
    assert output("run", "-", "5", "-e", engine, stdin=main) == "result 0: int32[] 25\n"


def test_run_takes_arrays_of_files(folder):
    np.save("x.npy", np.array([1.5, 2.0], np.float32))
    assert output("run", "twice.mlir", "x.npy") == "result 0: float32[2] [3. 4.]\n"
    np.savez("both.npz", a=np.array([1, 2], np.int32), b=np.int32(4))
    assert output("run", "bump.mlir", "both.npz") == "argument 0: int32[2] [5 6]\n"
    np.testing.assert_array_equal(np.load("both.npz")["a"], [1, 2])


def test_run_takes_results_of_run(folder):
    output("run", "twice.mlir", "[1.0]", "-o", "out.npz")
    assert output("run", "twice.mlir", "out.npz") == "result 0: float32[1] [4.]\n"


def test_run_shows_arrays_of_several_dimensions(folder):
    text = TWICE.replace("tensor<?xf32>", "tensor<?x2xf32>")
    assert output("run", "-", "[[1, 2], [3, 4]]", stdin=text) == "result 0: float32[2, 2]\n[[2. 4.]\n [6. 8.]]\n"


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_run_says_when_the_program_fails(folder, engine):
    text = """func.func @f(%ok: i1) {
  debug.assert %ok, "it was not" () : i1, ()
  func.return
}
"""
    assert output("run", "-", "True", "--engine", engine, stdin=text) == ""
    code, message = failure("run", "-", "False", "--engine", engine, stdin=text)
    assert code == 1
    assert message.startswith("<stdin>:2:3: it was not")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.mlir"], "absent.mlir: no such file or directory"),
        (["twice.mlir"], "@twice takes 1 inputs (tensor<?xf32>), got 0"),
        (["twice.mlir", "1", "2"], "@twice takes 1 inputs (tensor<?xf32>), got 2"),
        (["twice.mlir", "1"], "input 0 (1): expected float32[?], got float32[]"),
        (["twice.mlir", "[[1], [2]]"], "input 0 ([[1], [2]]): expected float32[?], got float32[2, 1]"),
        (["twice.mlir", "ints.npy"], "input 0 (ints.npy): expected float32[?], got int64[2]"),
        (["twice.mlir", "[[1], 2]"], "input 0: expected float32[?], got '[[1], 2]'"),
        (["twice.mlir", "'text'"], "input 0: expected float32[?], got ''text''"),
        (["twice.mlir", "[1"], "'[1' is neither a file (.npy, .npz) nor a Python literal"),
        (["twice.mlir", "open('x')"], "'open('x')' is neither a file (.npy, .npz) nor a Python literal"),
        (["bump.mlir", "[1]", "1.5"], "input 1: expected int32[], which cannot hold '1.5'"),
        (["bump.mlir", "[1]", "2147483648"], "input 1: expected int32[], got '2147483648'"),
        (["bump.mlir", "[1]", "nan"], "input 1: expected int32[], got 'nan'"),
        (["twice.mlir", "absent.npz"], "absent.npz: no such file or directory"),
        (["twice.mlir", "noise.npy"], "noise.npy: this is not a file of numpy arrays"),
        (["twice.mlir", "noise.npz"], "noise.npz: this is not a file of numpy arrays"),
        (["twice.mlir", "objects.npy"], "objects.npy: this is not a file of numpy arrays"),
        (["twice.mlir", "[1]", "--function", "f"], "twice.mlir: there is no function 'f'; there are twice"),
        (["twice.mlir", "[1]", "--level", "loops"], "twice.mlir:2:3: 'hl.add' is not of level loops"),
        (["twice.mlir", "[1]", "--level", "low"], "there is no level 'low'; levels are hl, "),
        (["twice.mlir", "[1]", "--engine", "gpu"], "Invalid value for '--engine' / '-e': "),
        (["twice.mlir", "[1]", "-o", "absent/x.npz"], "cannot write absent/x.npz: no such file or directory"),
        (["noise.onnx"], "noise.onnx: ONNX Runtime does not accept the model"),
        (["absent.onnx"], "absent.onnx: no such file or directory"),
        ([], "Missing argument 'FILE'."),
    ],
)
def test_run_says_what_is_wrong(folder, arguments, message):
    np.save("ints.npy", np.arange(2))
    np.save("objects.npy", np.array([{}], object), allow_pickle=True)
    for ending in ("npy", "npz", "onnx"):
        Path(f"noise.{ending}").write_bytes(b"noise")
    code, found = failure("run", *arguments)
    assert code == 2
    assert found.startswith(message)
    assert "\n" not in found


# export


def test_export_and_run_the_export(folder):
    output("export", "program.py:affine", "affine.onnx", "f32[?]", "f32[]")
    assert output("run", "affine.onnx", "[1, 2, 3]", "0.5") == "output: float32[3] [2.5 4.5 6.5]\n"
    assert failure("run", "affine.onnx", "[[1]]", "0.5") == (
        2,
        "input x ([[1]]): expected float32[?], got float32[1, 1]",
    )
    assert failure("run", "affine.onnx") == (2, "affine.onnx takes 2 inputs (x, y), got 0")
    output("export", "program.py:signed", "signed.onnx")
    assert output("run", "signed.onnx", "[[1, 2]]").endswith(": int32[1, 2] [[2 3]]\n")


def test_export_with_examples(folder):
    np.save("x.npy", np.ones(3, np.float32))
    output("export", "program.py:affine", "affine.onnx", "x.npy", "2.0")
    assert failure("run", "affine.onnx", "[1, 2]", "0.5")[1] == (
        "input x ([1, 2]): expected float32[3], got float32[2]"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["program.py:affine", "absent/x.onnx", "1.0", "2.0"], 2, "cannot write absent/x.onnx: there is no folder "),
        (["program.py:affine", ".", "1.0", "2.0"], 2, "cannot write .: this is a folder"),
        (["program.py:affine", "x.onnx", "1.0"], 2, "affine: missing a required argument: 'y'"),
        (["program.py:broken", "x.onnx", "f32[2,3]"], 1, "program.py:"),
        (["program.py:absent", "x.onnx"], 2, "program.py: there is no function 'absent'"),
        (["program.py:affine"], 2, "expected the file or folder to write: -o OUT"),
    ],
)
def test_export_says_what_is_wrong_and_writes_nothing(folder, arguments, code, message):
    before = sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")
    found = failure("export", *arguments)
    assert found[0] == code
    assert found[1].startswith(message)
    assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == before
