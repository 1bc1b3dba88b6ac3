"""What is not exported, and what is said; the command."""

import numpy as np
import pytest
from typer.testing import CliRunner

import stepwell as sw
from stepwell.compiler.targets import NAMED, cross_target
from stepwell.dialects.diagnostics import PipelineError, UnsupportedError
from stepwell.runtime.native_export.interface import check_name, unique
from stepwell.tools.main import app

X = sw.TensorSpec([None, 4])
MACHINES = {  # e_machine of ELF, or the first bytes of other formats
    "x86_64-linux-gnu": 62,
    "aarch64-linux-android21": 183,
    "armv7-linux-gnueabihf": 40,
    "riscv64-linux-gnu": 243,
    "wasm32-wasi": b"\0asm",
    "arm64-apple-macosx11.0": b"\xcf\xfa\xed\xfe",
    "x86_64-pc-windows-gnu": b"\x64\x86",
}


@pytest.mark.parametrize("triple", MACHINES)
def test_objects_are_for_the_machine_that_is_named(tmp_path, triple):
    sw.native.export(sw.function(lambda x: sw.nn.softmax(x)), tmp_path, X, name="f", target=triple)
    data, expected = (tmp_path / "f.o").read_bytes(), MACHINES[triple]
    if isinstance(expected, bytes):
        assert data.startswith(expected)
    else:
        assert data[:4] == b"\x7fELF" and int.from_bytes(data[18:20], "little") == expected


def test_targets_are_found_by_triple_and_cpu():
    assert cross_target("aarch64-linux-gnu").triple == "aarch64-unknown-linux-gnu"
    assert cross_target("arm64-apple-macosx11.0", "cortex-a76").l2_bytes == NAMED["cortex-a76"].l2_bytes
    assert cross_target("host", "host").architecture == cross_target("host").architecture
    for triple, cpu, message in [
        ("sparc64-linux-gnu", "", "no code is made for 'sparc64-linux-gnu'; triples begin with x86_64, "),
        ("aarch64-linux-gnu", "haswell", "there is no CPU 'haswell' for aarch64-linux-gnu; CPUs are armv8-a, "),
    ]:
        with pytest.raises(PipelineError) as found:
            cross_target(triple, cpu)
        assert str(found.value).startswith(message)


@sw.function
def prints(x):
    sw.print("x", x)
    return x


@sw.function
def strings(x):
    return sw.strings.as_string(x)


@sw.function
def python(x):
    return sw.py_function(lambda x: x, [x], sw.TensorSpec([None, 4]))


@sw.function
def svd(x):
    return sw.linalg.svd(x, compute_uv=False)


@sw.function
def nine_axes(x):
    return sw.reshape(x, [1] * 8 + [-1])


@sw.function
def nothing(x):
    del x


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (prints, "needs Python for sw.print, which an exported function does not have; drop_prints=True leaves "),
        (strings, "needs Python for 'hl.as_string', which"),
        (python, "needs Python for a function that stays Python, which"),
        (svd, "needs Python for 'hl.svd', which"),
        (nine_axes, "has 9 dimensions; an exported function takes 8"),
        (nothing, "nothing returns no tensor and assigns no Variable"),
    ],
)
def test_what_needs_python_is_refused_with_its_line(tmp_path, function, message):
    with pytest.raises(UnsupportedError) as found:
        sw.native.export(function, tmp_path / "out", X)
    assert message in str(found.value)
    if "needs Python" in message:
        assert "test_native_refusals.py:" in str(found.value)
    assert not (tmp_path / "out").exists()


def test_prints_can_be_left_out(tmp_path):
    sw.native.export(prints, tmp_path, X, drop_prints=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["prints.c", "prints.h", "prints.o"]


def test_arguments_that_are_wrong(tmp_path):
    signed = sw.function(lambda x: x, input_signature=[X])
    (tmp_path / "file").write_text("")
    for arguments, options, error, message in [
        ((np.sin, tmp_path), {}, TypeError, "native.export: function: expected a sw.function, got ufunc"),
        (({"f": signed}, tmp_path), {}, ValueError, "name: expected the name of the library"),
        (({}, tmp_path), {"name": "n"}, ValueError, "at least one function"),
        (({"f": signed}, tmp_path, X), {"name": "n"}, ValueError, "specs: expected none for several functions"),
        (({"init": signed}, tmp_path), {"name": "n"}, ValueError, "other names than init"),
        (({"a b": signed}, tmp_path), {"name": "n"}, ValueError, "expected letters, digits and single _"),
        ((signed, tmp_path / "file"), {"name": "n"}, NotADirectoryError, "is a file"),
    ]:
        with pytest.raises(error, match=message):
            sw.native.export(*arguments, **options)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_names_of_c():
    assert unique(["x", "x", "class", "params['w']", "1st", "über", "state"]) == [
        *("x", "x_2", "class_", "params_w", "x_1st", "ber", "state_"),
    ]
    assert check_name("train_step") == "train_step"


PROGRAM = """
import stepwell as sw

v = sw.Variable(2.0, name="v")
scalar = [sw.TensorSpec([])]

@sw.function(input_signature=scalar)
def grow(x):
    return v.assign_add(x)

@sw.function(input_signature=scalar)
def times(x):
    return v * x
"""


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM)

    def run(*words):
        return CliRunner().invoke(app, ["export", *words])

    done = run("program.py:grow,times", "-o", "out", "--format", "native", "--name", "both", "--target", "wasm32-wasi")
    assert done.exit_code == 0, done.output
    header = (tmp_path / "out" / "both.h").read_text()
    assert "int32_t both_grow(both_state *state, const sw_tensor *x," in header
    assert "int32_t both_times(const both_state *state, const sw_tensor *x," in header
    for words, message in [
        (["program.py:grow,times", "x.onnx"], "expected one function for --format=onnx, got grow, times"),
        (["program.py:grow", "x.onnx", "--cpu", "haswell"], "--cpu is not an option of --format=onnx"),
        (["program.py:grow", "--format", "native"], "expected the file or folder to write: -o OUT"),
        (["program.py:grow,absent", "out", "--format", "native"], "program.py: there is no function 'absent'"),
    ]:
        done = run(*words)
        assert (done.exit_code, done.output.strip()) == (2, f"error: {message}")
