"""The rules of the house that no linter knows."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import stepwell

ROOT = Path(__file__).parents[2]
CODE = ("dialects", "compiler", "runtime", "tools")
FOLDERS = (*CODE, "stepwell", "tests", "examples")

LONG_FILES: dict[str, str] = {"stepwell/_table.py": "it is generated: a line for each public name"}
"""Files of more than 500 lines, each with the reason."""
LONG_FUNCTIONS: dict[str, str] = {}
"""Functions of more than 40 lines, as `file:name`, each with the reason."""


def python_files(folders=FOLDERS):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if folder != "stepwell" or path.relative_to(ROOT).parts[1] not in CODE:  # the links to the other folders
                yield path


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def test_files_are_short():
    long = {name_of(path) for path in python_files() if len(path.read_text().splitlines()) > 500}
    assert long == set(LONG_FILES)


def length(function):
    """Lines of a function, its docstring not counted."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        lines -= function.body[0].end_lineno - function.body[0].lineno + 1
    return lines


def test_functions_are_short():
    long = {
        f"{name_of(path)}:{node.name}"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > 40
    }
    assert long == set(LONG_FUNCTIONS)


def run_outside(code, folder):
    """Run Python in a folder that is not the checkout, with what is installed."""
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120)


def test_only_stepwell_can_be_imported(tmp_path):
    code = f"import importlib.util, stepwell; print([n for n in {CODE!r} if importlib.util.find_spec(n)])"
    done = run_outside(code, tmp_path)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_importing_stepwell_loads_a_table_of_names_and_nothing_else(tmp_path):
    code = "import sys; before = set(sys.modules); import stepwell; print(sorted(set(sys.modules) - before))"
    loaded = ast.literal_eval(run_outside(code, tmp_path).stdout)
    assert "stepwell" in loaded
    roots = {name.split(".")[0] for name in loaded}
    assert not roots & {"numpy", "xdsl", "onnx", "llvmlite", "malt", "optree", "rich", "typer"}
    assert [name for name in loaded if name.startswith("stepwell.")] == ["stepwell._table"]


def test_the_command_starts_light(tmp_path):
    code = "import sys; import stepwell.tools.main; print(sorted(sys.modules))"
    loaded = {name.split(".")[0] for name in ast.literal_eval(run_outside(code, tmp_path).stdout)}
    assert not loaded & {"numpy", "xdsl", "onnx", "llvmlite", "malt", "optree"}


@pytest.mark.parametrize("name", dir(stepwell))
def test_public_names_exist(name):
    assert getattr(stepwell, name) is not None or name == "newaxis"  # which is None


def test_a_name_that_does_not_exist_is_an_attribute_error_with_the_nearest():
    with pytest.raises(AttributeError, match=r"no attribute 'reduce_summ'.*reduce_sum'"):
        stepwell.reduce_summ  # noqa: B018


def test_every_package_is_installed():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    there = set()
    for path in python_files((*CODE, "stepwell")):
        parts = path.parent.relative_to(ROOT).parts
        there.add(".".join(parts if parts[0] == "stepwell" else ("stepwell", *parts)))
    assert sorted(listed) == sorted(there)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("folder", CODE)
def test_links_lead_to_the_folders(folder):
    link = ROOT / "stepwell" / folder
    assert link.is_symlink() and link.resolve() == (ROOT / folder).resolve()


def test_imports_inside_the_folders_are_relative():
    absolute = []
    for path in python_files(("dialects", "compiler", "runtime")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            absolute += [f"{name_of(path)}: {name}" for name in names if name.split(".")[0] in ("stepwell", *FOLDERS)]
    assert absolute == []


def unexplained_imports(path):
    """Lines of imports of stepwell's own modules inside functions that do not say why they are there."""
    text = path.read_text()
    lines = text.splitlines()
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                own = isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("stepwell"))
                if own and "  # " not in "".join(lines[node.lineno - 1 : node.end_lineno]):
                    yield node.lineno


def test_imports_inside_functions_say_why():
    """The command's own are for one reason, which its package says: it starts light."""
    folders = ("dialects", "compiler", "runtime", "stepwell")
    found = {f"{name_of(path)}:{line}" for path in python_files(folders) for line in unexplained_imports(path)}
    assert not found


def asks_kind(node):
    """Whether an expression is `dtype.kind`, of whatever has a dtype."""
    owner = node.value if isinstance(node, ast.Attribute) and node.attr == "kind" else None
    name = getattr(owner, "attr", getattr(owner, "id", ""))
    return name == "dtype" or (isinstance(owner, ast.Call) and ast.unparse(owner.func).endswith("dtype_of"))


def test_dtypes_are_asked_by_name():
    """NumPy's `kind` is 'V' for bfloat16: the records of `dialects/dtypes.py` have questions such as `is_floating`."""
    folders = (*CODE, "stepwell", "tests/support")
    found = {
        f"{name_of(path)}:{node.lineno}"
        for path in python_files(folders)
        for node in ast.walk(ast.parse(path.read_text()))
        if asks_kind(node)
    }
    assert not found
