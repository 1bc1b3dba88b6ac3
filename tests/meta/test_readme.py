"""What the README shows is what happens."""

import re
from operator import attrgetter
from pathlib import Path

import numpy as np
from support.events import summaries_in

import stepwell as sw

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def _blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def _examples(heading):
    """The programs under a heading."""
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)
    assert section is not None
    return re.findall(r"```python\n(.*?)```", section[1], re.DOTALL)


def _example(heading):
    """The first program under a heading."""
    return _examples(heading)[0]


def test_the_function_has_the_ir_that_is_shown(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(_blocks("python")[0])
    names = {}
    exec(compile(program.read_text(), str(program), "exec"), names)
    shown = _blocks("mlir")[0].strip()
    assert sw.ir(names["collatz"], sw.constant(27)).strip() == shown
    result = re.search(r"collatz\(sw.constant\(27\)\)\s*# (.*)", README)
    assert result is not None
    assert repr(names["collatz"](sw.constant(27))) == result[1]


def test_the_workbench_runs(capsys):
    exec(_example("The workbench"), {})
    assert "20 programs" in capsys.readouterr().out


def test_a_line_is_fitted_to_a_dataset(tmp_path, capsys):
    program = tmp_path / "fit.py"  # AutoGraph reads its source
    program.write_text(_example("Data"))
    exec(compile(program.read_text(), str(program), "exec"), {})
    assert capsys.readouterr().out.strip() == re.findall(r"print\(.*\)  # (.*)", _example("Data"))[0]


def test_records_are_read_as_shown(capsys):
    program = _examples("Data")[1]
    exec(program, {})
    assert capsys.readouterr().out.strip() == re.findall(r"print\(.*\)  # (.*)", program)[0]


def test_a_loop_writes_what_tensorboard_reads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "summaries.py"  # AutoGraph reads its source
    program.write_text(_example("TensorBoard"))
    exec(compile(program.read_text(), str(program), "exec"), {})
    losses = [each for each in summaries_in(tmp_path / "logs") if each.tag == "loss"]
    assert [each.step for each in losses] == list(range(1, 51)) and losses[-1].array < 0.01 * losses[0].array
    assert {each.plugin for each in summaries_in(tmp_path / "logs")} == {"hparams", "scalars", "histograms"}


def test_the_model_of_keras_is_trained_and_exported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(_example("Keras"), names)
    first, second = names["history"].history["loss"]
    assert second < first
    x = names["x"][:5].astype("float32")
    (found,) = sw.onnx.run(tmp_path / "model.onnx", x)
    assert abs(found - names["model"].predict(x, verbose=0)).max() < 1e-6


def test_training_goes_on_from_a_checkpoint(capsys):
    exec(_example("Checkpoints"), {})
    assert capsys.readouterr().out.strip() == re.findall(r"print\(.*\)  # (.*)", _example("Checkpoints"))[0]


def test_what_is_saved_is_loaded(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "save.py"
    program.write_text(_example("Saved models"))
    exec(compile(program.read_text(), str(program), "exec"), {"__name__": "save"})
    assert capsys.readouterr().out.split("\n")[:2] == re.findall(r"print\(.*\)  # (.*)", _example("Saved models"))
    (found,) = sw.onnx.run(tmp_path / "line" / "serving_default.onnx", np.ones([1], np.float32))
    assert found.tolist() == [3.0]


def test_every_command_is_listed_and_exists():
    from stepwell.tools.main import app

    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    names |= {group.name for group in app.registered_groups}
    assert set(re.findall(r"^stepwell ([\w-]+)", README, re.MULTILINE)) == names


def test_names_and_pages_exist():
    names = set(re.findall(r"`sw\.([\w.]+)", README))
    assert {"debugging.bisect", "debugging.reduce", "debugging.explore", "debugging.nan_guard"} <= names
    for name in names:
        assert attrgetter(name)(sw) is not None
    pages = re.findall(r"\]\((docs/[^)]+)\)", README)
    assert len(pages) >= 3 and all((ROOT / page).is_file() for page in pages)


def test_rows_of_different_lengths(capsys):
    program = _example("Rows of different lengths")
    exec(compile(program, "rows.py", "exec"), {})
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print.*# (.*)$", program, re.MULTILINE)
