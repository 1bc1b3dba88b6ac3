"""What type checkers and editors see of the public names, in a program of a user."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from jedi import Project, Script

ROOT = Path(__file__).parents[2]

USER = """from __future__ import annotations

import numpy as np
import stepwell as sw


class Line(sw.Module):
    def __init__(self) -> None:
        self.w = sw.Variable([1.0, 2.0])
        self.b = sw.Variable(lambda: 0.0, trainable=False)

    @sw.function
    def __call__(self, x: sw.types.TensorLike) -> sw.Tensor:
        return sw.nn.relu(x * self.w + self.b)

    @sw.function(engine="interpreter")
    def loss(self, x: sw.Tensor, y: sw.Tensor, weight: float = 1.0) -> sw.Tensor:
        return weight * sw.reduce_mean(sw.square(self(x) - y))


@sw.function
def pair(x: sw.Tensor, n: int) -> tuple[sw.Tensor, sw.Tensor]:
    return x + n, -x % 3


@sw.autograph.do_not_convert
def doubled(x: sw.Tensor) -> sw.Tensor:
    return x * 2


@sw.function(input_signature=[sw.TensorSpec([None, 3], sw.float32)])
def part(x: sw.Tensor) -> sw.Tensor:
    return x[0, ..., 1:] ** 2 > 1


line = Line()
x = sw.constant([1.0, 2.0], dtype=sw.float32)
with sw.GradientTape() as tape:
    y = sw.reduce_sum(x * line.w, axis=[0], keepdims=True)
gradients = tape.gradient(y, [line.w])
sw.print("loss", y, sw.range(3))
try:
    sw.debugging.assert_equal(sw.cast([1, 2], "float32"), x)
except sw.errors.InvalidArgumentError as error:
    print(error)
"""
TYPES = {
    "sw.add(x, 1)": "Tensor",
    'sw.strings.join(["a", "b"], "-") + "c"': "Tensor",
    "sw.math.add([[1, 2, 3]], np.ones(3))": "Tensor",
    "1.0 - x": "Tensor",
    "x == x": "Tensor",
    "x[0]": "Tensor",
    "next(iter(x))": "Tensor",
    "line.w * 2": "Tensor",
    "x.shape": "TensorShape",
    "pair(x, 3)": "tuple[Tensor, Tensor]",
    "part(sw.zeros([2, 3]))": "Tensor",
    "line([1, 2])": "Tensor",
    "line.loss(x, x, weight=2.0)": "Tensor",
    "line.w.assign_add(x)": "Variable",
    "sw.split(x, 2)": "list[Tensor]",
    "sw.nn.moments(x, axes=0)": "tuple[Tensor, Tensor]",
    "sw.cond(x[0] > 0, lambda: x, lambda: -x)": "Tensor",
    "pair.get_concrete_function(x, 3)": "ConcreteFunction",
    "pair.get_concrete_function(x, 3).captures": "list[Tensor | Variable]",
    "doubled(x)": "Tensor",
    "x.ref().deref()": "Tensor",
    "line.w.ref().deref()": "Variable",
    "tape.watched_variables()": "tuple[Variable, ...]",
    "sw.tensordot(x, x, [[0], [0]])": "Tensor",
}
"""Expressions in that program, and their types."""

WRONG = {
    "sw.ad(x, x)": ("ad", "ad"),
    "sw.nn.rellu(x)": ("rellu", "rellu"),
    "sw.add({1}, x)": ("TensorLike", "incompatible type"),
    "x + {1}": ("Operator", "Unsupported operand"),
    'sw.reduce_sum(x, axis="rows")': ("axis", "axis"),
    "sw.reduce_sum(x, keepdim=True)": ("keepdim", "keepdim"),
    "sw.constant(object())": ("TensorLike", "incompatible type"),
    "sw.zeros([2], dtype=3)": ("dtype", "dtype"),
    "pair(x)": ("n", "n"),
    'pair(x, "two")': ("int", "int"),
    "line.loss(x)": ("y", "y"),
    "line.w.asign(x)": ("asign", "asign"),
    "number: int = sw.add(x, 1)": ("Tensor", "Tensor"),
    'doubled("two")': ("Tensor", "Tensor"),
    'sw.onnx.export("pair", "pair.onnx")': ("function", "expected"),
    "sw.TensorSpec([2], dtype=3)": ("dtype", "dtype"),
}
"""Mistakes, and what pyright's and mypy's errors on that line say."""


def checker(name, folder, options, text):
    """What a type checker prints about a program."""
    path = folder / "user.py"
    path.write_text(text)
    command = [sys.executable, "-m", name, *options, str(path)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def pyright(tmp_path):
    config = f'{{"typeCheckingMode": "strict", "extraPaths": ["{ROOT}"], "reportUnusedExpression": false}}'
    (tmp_path / "pyrightconfig.json").write_text(config)
    return lambda text: checker("pyright", tmp_path, ["--pythonpath", sys.executable], text)


@pytest.fixture
def mypy(tmp_path, monkeypatch):
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    options = ["--strict", "--python-executable", sys.executable, "--cache-dir", str(tmp_path / "cache")]
    return lambda text: checker("mypy", tmp_path, options, text)


def test_the_program_runs(tmp_path):
    path = tmp_path / "user.py"
    path.write_text(USER)
    names = runpy.run_path(str(path))
    for expression, type_ in TYPES.items():
        assert type(eval(expression, names)).__name__ == type_.partition("[")[0], expression


@pytest.mark.parametrize("name", ["pyright", "mypy"])
def test_types_and_mistakes(name, request):
    check = request.getfixturevalue(name)
    start = USER.count("\n") + 1
    found = check(USER + "\n".join([*(f"reveal_type({each})" for each in TYPES), *WRONG]) + "\n")
    lines = {}
    for line, kind, text in re.findall(r"user\.py:(\d+)(?::\d+)?[ :-]+(\w+): (.*)", found):
        lines.setdefault(int(line), []).append((kind, text))
    assert not re.findall(r"^.*\.pyi.*error.*$", found, re.MULTILINE)
    assert min(lines, default=0) >= start, found  # nothing is wrong with the program itself
    for number, (expression, type_) in enumerate(TYPES.items(), start):
        shown = re.sub(r"\b(?:stepwell|types)\.", "", lines[number][0][1])
        assert [kind for kind, _ in lines[number]] in (["information"], ["note"]), found
        assert shown.endswith(f'is "{type_}"'), f"{expression}: {shown}"
    for number, (mistake, words) in enumerate(WRONG.items(), start + len(TYPES)):
        errors = [text for kind, text in lines.get(number, []) if kind == "error"]
        assert any(words[name == "mypy"] in text for text in errors), f"{mistake}: {lines.get(number)}"


@pytest.fixture
def jedi(monkeypatch):
    project = Project(ROOT, sys_path=[str(ROOT), *sys.path])
    return lambda code: Script(code, project=project)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("sw.nn.re", {"relu", "relu6"}),
        ("sw.reduce_lo", {"reduce_logsumexp"}),
        ("sw.math.erf(1.0).num", {"numpy"}),
        ("sw.errors.InvalidI", {"InvalidIndexError"}),
    ],
)
def test_an_editor_completes_names(jedi, typed, names):
    assert {each.name for each in jedi(f"import stepwell as sw\n{typed}").complete()} == names


def test_an_editor_shows_signatures(jedi):
    [shown] = jedi("import stepwell as sw\nsw.math.reduce_std(").get_signatures()
    assert [each.name for each in shown.params] == ["input_tensor", "axis", "keepdims", "name"]
    assert "axis: int | Sequence[int] | None=None" in shown.to_string()
    assert shown.docstring().endswith("The square root of the variance along `axis`.")
