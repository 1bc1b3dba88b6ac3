"""Plug-ins: a package that is installed adds dialects, passes, levels and pipelines; what does not fit is said."""

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.manager import PassManager, level_of, require_level
from stepwell.compiler.pipeline.named import STEPS
from stepwell.compiler.pipeline.pipelines import parse, steps_between
from stepwell.compiler.pipeline.registry import pass_class
from stepwell.dialects import plugins
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import PipelineError
from stepwell.dialects.plugins import Plugin, PluginError, Source
from stepwell.plugins import Level

EXAMPLE = Path(__file__).parents[1] / "plugin_example"

TEXT = """func.func @f(%x: tensor<4xi32>, %y: tensor<?xf32>) -> (tensor<4xi32>, tensor<?xf32>) {
  %0 = poly.eval %x {coefficients = array<i64: 1, 2, 0>} : tensor<4xi32> -> tensor<4xi32>
  %1 = poly.eval %y {coefficients = array<i64: 1, 2, 0>} : tensor<?xf32> -> tensor<?xf32>
  func.return %0, %1 : tensor<4xi32>, tensor<?xf32>
}
"""


# the example, installed


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder in which the example is installed, as pip does it."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", "site", "./source"]
    subprocess.run(command, cwd=folder, check=True, timeout=300)
    return folder / "site"


def in_process_of_its_own(folder, code):
    """What a program prints, as JSON, where the packages in `folder` are installed too."""
    paths = os.pathsep.join((str(folder), str(Path(__file__).parents[1])))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


COMMANDS = {
    "poly": ["opt", "p.mlir"],
    "trimmed": ["opt", "p.mlir", "-p", "func.func(trim-poly)"],
    "hl": ["opt", "p.mlir", "--to", "hl"],
    "down": ["opt", "p.mlir", "--from", "poly", "--to", "llvm"],
    "named": ["opt", "p.mlir", "-p", "poly-O2", "--to", "llvm"],
    "interpreted": ["run", "p.mlir", "[1, 2, 3, 4]", "[1.5, inf]"],
    "native": ["run", "p.mlir", "[1, 2, 3, 4]", "[1.5, inf]", "--engine", "native"],
    "passes": ["opt", "--list-passes"],
    "pipelines": ["opt", "--list-pipelines"],
    "help": ["opt", "--help-pass", "trim-poly"],
    "validated": ["opt", "p.mlir", "--to", "linalg", "--validate", "--verify-each-pattern"],
    "why not": ["opt", "p.mlir", "--why-not", "trim-poly"],
    "statistics": ["opt", "p.mlir", "-p", "trim-poly", "--stats"],
    "missing": ["opt", "p.mlir", "-p", "trim-pol"],
    "level": ["opt", "p.mlir", "-p", "trim-poly", "--to", "deep"],
    "up": ["opt", "p.mlir", "-p", "convert-poly-to-hl,O2,convert-hl-to-linalg,convert-poly-to-hl"],
}

SCRIPT = f"""
import json
from pathlib import Path
from support.command import stepwell
Path("p.mlir").write_text({TEXT!r})
done = {{name: stepwell(*words) for name, words in {COMMANDS!r}.items()}}
print(json.dumps({{name: [found.exit_code, found.stdout, found.stderr] for name, found in done.items()}}))
"""


@pytest.fixture(scope="module")
def ran(installed):
    """Exit code, output and errors of each command."""
    return in_process_of_its_own(installed, SCRIPT)


def output(ran, name):
    code, out, err = ran[name]
    assert (code, err) == (0, "")
    return out


def test_a_dialect_of_a_plugin_is_read_and_printed(ran):
    assert [line.strip() for line in output(ran, "poly").splitlines()[2:4]] == [
        line.strip() for line in TEXT.splitlines()[1:3]
    ]


def test_a_pass_of_a_plugin_runs_and_can_be_nested(ran):
    first, second = output(ran, "trimmed").splitlines()[2:4]
    assert "array<i64: 1, 2>" in first and "array<i64: 1, 2, 0>" in second


def test_a_level_of_a_plugin_has_its_steps_and_then_ours(ran):
    hl = output(ran, "hl")
    assert "poly" not in hl
    assert [line.split()[2] for line in hl.splitlines() if "hl." in line] == [
        *("hl.mul", "hl.add"),
        *("hl.mul", "hl.add", "hl.mul", "hl.add"),
    ]
    module = parse_module(output(ran, "down"), "x.mlir")
    assert level_of(module) == "llvm"


def test_a_pipeline_of_a_plugin_may_use_ours(ran):
    assert level_of(parse_module(output(ran, "named"), "x.mlir")) == "llvm"


def test_ops_of_a_plugin_are_interpreted_and_run_natively(ran):
    expected = "result 0: int32[4] [3 5 7 9]\nresult 1: float32[2] [ 4. nan]\n"
    assert output(ran, "interpreted") == expected
    assert output(ran, "native") == expected


def test_what_plugins_add_is_listed_and_explained(ran):
    listed = {line.split()[0]: line for line in output(ran, "passes").splitlines()}
    assert listed["trim-poly"].endswith("Removes highest powers whose coefficient is 0.  [plug-in 'poly']")
    assert list(listed)[-2:] == ["convert-poly-to-hl", "trim-poly"]
    pipelines = output(ran, "pipelines")
    assert "poly-O2" in pipelines and "trim-poly,convert-poly-to-hl,O2" in pipelines
    assert "poly to hl" in pipelines
    text = output(ran, "help")
    assert "minimum=int (default 2)" in text and text.startswith("trim-poly\n") and "poly.eval" in text


def test_passes_of_plugins_are_watched_and_checked_as_ours_are(ran):
    code, _, told = ran["validated"]
    count = 2 + len(parse(STEPS["linalg"]))
    assert (code, told) == (0, f"validated {count} passes: @f on 6 sets of inputs\n")
    code, _, told = ran["why not"]
    assert (code, told) == (
        0,
        "p.mlir:3:3: remark: trim-poly leaves 'poly.eval': infinity times 0 is NaN [TrimEval]\n",
    )
    code, _, told = ran["statistics"]
    assert (code, told) == (0, "trim-poly: 4 -> 4 ops\n  TrimEval: rewrote 1, refused 1\n")


def test_names_of_plugins_are_near_misses_too(ran):
    assert ran["missing"] == [2, "", "error: there is no pass 'trim-pol'; did you mean 'trim-poly'?\n"]
    message = "error: there is no level 'deep'; levels are hl, linalg, loops, cfg, llvm, poly\n"
    assert ran["level"] == [2, "", message]


def test_passes_of_plugins_are_checked_against_levels(ran):
    code, out, message = ran["up"]
    assert (code, out) == (2, "")
    assert "pass 'convert-poly-to-hl' needs a module at level poly, which 'tensor.empty' is not of" in message


LAZY = f"""
import json, sys
import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.runtime.engines.interpreter import run_module

def loaded():
    return sorted(name for name in sys.modules if name.startswith("stepwell_poly"))

found = {{}}
sw.function(lambda x: x * 2.0)(sw.constant([1.0]))
parse("O2,func.func(cse)")
found["own"] = loaded()
module = parse_module({TEXT!r}, "p.mlir")
found["dialect"] = loaded()
parse("trim-poly")
found["pass"] = loaded()
print(json.dumps(found))
"""


def test_plugins_are_loaded_when_a_name_of_theirs_comes_up(installed):
    found = in_process_of_its_own(installed, LAZY)
    assert found == {
        "own": [],
        "dialect": ["stepwell_poly", "stepwell_poly.dialect"],
        "pass": ["stepwell_poly", "stepwell_poly.dialect", "stepwell_poly.trim_poly"],
    }


# what does not fit


class OtherPass(Pass):
    """Does nothing."""

    name = "other"

    def apply(self, ctx, op):
        pass


SOMETHING = 3


@pytest.fixture
def adds(monkeypatch):
    """Pretends that plug-ins are installed."""

    def pretend(*added):
        found = tuple((Source(f"p{number}", f"pkg-{number} 1.0"), plugin) for number, plugin in enumerate(added))
        monkeypatch.setattr(plugins, "installed", lambda: found)

    return pretend


HERE = __name__


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (Plugin(dialects={"hl": "x:y"}), "the dialect 'hl' exists already: it is stepwell's own"),
        (
            Plugin(dialects={"nowhere": "absent_module:y"}),
            "the dialect 'nowhere' cannot be loaded: ModuleNotFoundError",
        ),
        (Plugin(dialects={"nowhere": "json:absent"}), "the dialect 'nowhere' cannot be loaded: AttributeError"),
        (
            Plugin(dialects={"nowhere": "json"}),
            "the dialect 'nowhere' cannot be loaded: ValueError: expected 'module:att",
        ),
        (
            Plugin(dialects={"nowhere": "json:loads"}),
            "the dialect 'nowhere' is a function, expected an xdsl.ir.Dialect",
        ),
        (Plugin(dialects={"nowhere": "xdsl.dialects.pdl:PDL"}), "the dialect 'nowhere' calls itself 'pdl'"),
    ],
)
def test_dialects_that_do_not_fit(adds, added, message):
    adds(added)
    with pytest.raises(PluginError) as caught:
        make_context().get_optional_dialect("nowhere")
    assert str(caught.value).startswith(f"plug-in 'p0' (pkg-0 1.0): {message}")


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (Plugin(passes={"cse": "x:y"}), "the pass 'cse' exists already: it is stepwell's own"),
        (Plugin(passes={"convert-scf-to-openmp": "x:y"}), "the pass 'convert-scf-to-openmp' exists already"),
        (Plugin(passes={"O2": "x:y"}), "the pass 'O2' exists already: it is stepwell's own"),
        (Plugin(pipelines={"O2": ""}), "the pipeline 'O2' exists already: it is stepwell's own"),
        (Plugin(pipelines={"dce": ""}), "the pipeline 'dce' exists already: it is stepwell's own"),
        (Plugin(passes={"nowhere": f"{HERE}:OtherPass"}), "the pass 'nowhere' calls itself 'other'"),
        (Plugin(passes={"nowhere": f"{HERE}:SOMETHING"}), "the pass 'nowhere' is a int, expected a class of passes"),
        (Plugin(passes={"nowhere": f"{HERE}:Path"}), "the pass 'nowhere' is a Path, expected a class of passes"),
    ],
)
def test_passes_and_pipelines_that_do_not_fit(adds, added, message):
    adds(added)
    with pytest.raises(PluginError) as caught:
        parse("nowhere")
    assert str(caught.value).startswith(f"plug-in 'p0' (pkg-0 1.0): {message}")


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (Plugin(passes={"new": "x:y"}), Plugin(passes={"new": "z:y"}), "pass"),
        (Plugin(passes={"new": "x:y"}), Plugin(pipelines={"new": "cse"}), "pipeline"),
        (Plugin(pipelines={"new": "cse"}), Plugin(passes={"new": "x:y"}), "pass"),
    ],
)
def test_two_plugins_that_add_one_name(adds, first, second, kind):
    adds(first, second)
    with pytest.raises(PluginError) as caught:
        parse("new")
    expected = f"plug-in 'p1' (pkg-1 1.0): the {kind} 'new' exists already: it comes from plug-in 'p0' (pkg-0 1.0)"
    assert str(caught.value) == expected


def level(name):
    return Level.of(name, "new", "func hl")


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ([Plugin(levels=[level("hl")])], "plug-in 'p0' (pkg-0 1.0): the level 'hl' exists already"),
        ([Plugin(levels=[level("buffers")])], "plug-in 'p0' (pkg-0 1.0): the level 'buffers' exists already"),
        (
            [Plugin(levels=[level("new")])] * 2,
            "plug-in 'p1' (pkg-1 1.0): the level 'new' exists already: it comes from",
        ),
        (
            [Plugin(levels=[level("new")], steps={("hl", "loops"): "cse"})],
            "plug-in 'p0' (pkg-0 1.0): the step 'hl to loops' is between two of stepwell's own levels",
        ),
        (
            [Plugin(levels=[level("new")], steps={("hl", "lower"): "cse"})],
            "plug-in 'p0' (pkg-0 1.0): the step 'hl to lower' is of a level that does not exist: 'lower'",
        ),
    ],
)
def test_levels_and_steps_that_do_not_fit(adds, added, message):
    adds(*added)
    with pytest.raises(PluginError) as caught:
        steps_between("hl", "new")
    assert str(caught.value).startswith(message)


def test_ways_through_levels_of_plugins_are_the_shortest_and_never_ours(adds):
    adds(
        Plugin(
            levels=[level("above"), level("beside"), level("apart")],
            steps={("above", "hl"): "cse", ("above", "linalg"): "dce", ("loops", "beside"): "canonicalize"},
        )
    )
    plain = steps_between("linalg", "loops")
    assert steps_between("above", "hl") == "cse"
    assert steps_between("above", "linalg") == "dce"
    assert steps_between("above", "beside") == f"dce,{plain},canonicalize"
    assert steps_between("hl", "linalg").startswith("decompose-complex,convert-hl-to-linalg,")
    assert steps_between("above", "above") == ""
    with pytest.raises(PipelineError, match="no steps lead from level 'hl' to level 'above'"):
        steps_between("hl", "above")
    with pytest.raises(PipelineError, match="no steps lead from level 'above' to level 'apart'"):
        steps_between("above", "apart")
    with pytest.raises(PipelineError, match=r"there is no level 'none'; levels are hl, .*, above, beside, apart"):
        steps_between("above", "none")


def test_functions_are_shown_at_levels_of_plugins(adds):
    adds(
        Plugin(
            levels=[Level.of("named", "no constants", "func linalg tensor arith")], steps={("linalg", "named"): "cse"}
        )
    )
    once = sw.ir(lambda x: (x + 1.0, x + 1.0), sw.TensorSpec([None]), level="named")
    assert once.count("arith.addf") == 1
    adds(Plugin(levels=[level("above")], steps={("above", "hl"): "cse"}))
    with pytest.raises(PipelineError, match="no steps lead from level 'hl' to level 'above'"):
        sw.ir(lambda x: x, 1.0, level="above")
    with pytest.raises(ValueError, match=r"ir: level: expected one of hl, .*, above, asm, got 'none'"):
        sw.ir(lambda x: x, 1.0, level="none")


def test_a_module_of_a_level_of_a_plugin(adds):
    adds(Plugin(levels=[Level.of("mixed", "all at once", "func hl memref")]))
    text = "func.func private @f(tensor<f32>)\nfunc.func private @g(memref<f32>)\n"
    module = parse_module(text, "t.mlir")
    assert level_of(module) == "hl"
    assert require_level(module, "mixed") == "mixed"
    both = parse_module(
        """func.func @f(%x: tensor<f32>, %m: memref<f32>) -> tensor<f32> {
          %v = memref.load %m[] : memref<f32>
          %y = hl.exp %x : (tensor<f32>) -> tensor<f32>
          func.return %y : tensor<f32>
        }""",
        "t.mlir",
    )
    assert level_of(both) == require_level(both) == "mixed"


class NeedsNoLevelPass(ModulePass):
    """Names a level that does not exist."""

    name = "needs-no-level"
    requires = "nowhere"

    def apply(self, ctx, op):
        pass


def test_a_pass_that_needs_a_level_that_does_not_exist():
    with pytest.raises(PipelineError, match="pass 'needs-no-level' names a level that does not exist: 'nowhere'"):
        PassManager(make_context()).run(ModuleOp([]), [NeedsNoLevelPass()])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("absent_module:PLUGIN", "plug-in 'x' (of no package) cannot be loaded: ModuleNotFoundError: No module named"),
        ("json:PLUGIN", "plug-in 'x' (of no package) cannot be loaded: AttributeError: "),
        ("json:loads", "plug-in 'x' (of no package): json:loads is a function, expected a stepwell.plugins.Plugin"),
    ],
)
def test_entry_points_that_do_not_lead_to_a_plugin(monkeypatch, value, message):
    point = metadata.EntryPoint("x", value, plugins.GROUP)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point] if group == plugins.GROUP else [])
    monkeypatch.setattr(plugins, "installed", plugins.installed.__wrapped__)
    with pytest.raises(PluginError) as caught:
        pass_class("nowhere")
    assert str(caught.value).startswith(message)
    assert pass_class("cse").name == "cse"
