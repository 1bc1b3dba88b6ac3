"""Every pass has an `.mlir` file of its name; every golden file is written by a test."""

import re
from pathlib import Path

import pytest

from stepwell.compiler.pipeline.named import PIPELINES
from stepwell.compiler.pipeline.registry import pass_names
from stepwell.testing.mlir_files import MlirFile

GOLDEN = Path(__file__).parents[1] / "golden"


def runs(path):
    return [run.command for run in MlirFile.read(path).runs]


@pytest.mark.parametrize("name", pass_names())
def test_each_pass_has_a_file_that_checks_it(name):
    path = GOLDEN / f"{name}.mlir"
    assert path.exists(), f"there is no {path.name}: {name} has no test of what it makes of a program"
    commands = runs(path)
    assert any(re.search(rf'-p "?{name}\b[^|]*\| filecheck %s$', command) for command in commands)
    text = path.read_text()
    functions = re.findall(r"^func\.func (?:private )?@(\w+)", text, re.MULTILINE)
    labels = re.findall(r"CHECK-LABEL: (?:func|llvm)\.func @(\w+)\(", text)
    assert labels and set(labels) <= set(functions)
    assert len(re.findall(r"CHECK[-\w]*:", text)) > len(labels)


def test_no_file_is_called_like_a_pass_that_does_not_exist():
    assert {path.stem for path in GOLDEN.glob("*.mlir")} == set(pass_names())


def test_every_golden_file_is_compared_with_something_and_every_pipeline_has_one():
    written = {}
    for path in GOLDEN.rglob("*.mlir"):
        for command in runs(path):
            if match := re.search(r"\| golden (\S+)$", command):
                written[path.parent / match[1]] = command
    assert set(written) == set(GOLDEN.rglob("*.golden"))
    for name in PIPELINES:
        assert any(f"-p {name} |" in command for command in written.values()), f"{name} has no golden output"
