"""Explore pages: what they are told, that they need nothing else, and that nothing in them can break out."""

import html.parser
import json
import linecache
import re
import time

import numpy as np
import pytest
from support.command import failure, output, program_folder, stepwell
from support.explore import HOSTILE, chain, hostile_function

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.pipeline.recording import Recorder
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import PassError
from stepwell.runtime.explorer import explore_module


class Page(html.parser.HTMLParser):
    """The elements of a page, the data that it carries, and what is in its scripts."""

    def __init__(self, path):
        super().__init__()
        self.text, self.tags, self.attributes, self.scripts = path.read_text(), [], [], []
        self.feed(self.text)
        self.data = json.loads(self.scripts[0])

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.tags and self.tags[-1] == "script":
            self.scripts[-1] += data

    def handle_endtag(self, tag):
        if tag == "script":
            self.tags.append("/script")

    def content(self, number):
        """What stands after pass `number`."""
        snapshot = self.data["snapshots"][number]
        return self.data["snapshots"][snapshot["like"]] if "like" in snapshot else snapshot

    def lines(self, number):
        return [self.data["texts"][line] for line in self.content(number)["lines"]]

    def samples(self, number, op_name):
        """What each op called `op_name` did in the sample run after pass `number`."""
        content = self.content(number)
        ops = [op for op, name in enumerate(content["names"]) if self.data["texts"][name] == op_name]
        return [self.data["samples"][content["run"]["values"][str(op)]] for op in ops]

    def sample(self, number, op_name):
        """What the first op called `op_name` did."""
        return self.samples(number, op_name)[0]


@sw.function
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return Page(sw.debugging.explore(collatz, sw.constant(27), path=tmp_path_factory.mktemp("page") / "collatz.html"))


def line_of(text):
    """The number of the line of this file that is `text`."""
    return [line.strip() for line in linecache.getlines(__file__)].index(text) + 1


def test_a_page_has_every_level_and_every_pass(page):
    levels = [level["name"] for level in page.data["levels"]]
    assert levels == ["hl", "linalg", "buffers", "loops", "cfg", "llvm"]
    passes = [snapshot["pass"] for snapshot in page.data["snapshots"]]
    assert passes[0] == "" and {"cse", "bufferize", "convert-scf-to-cf", "convert-cfg-to-llvm"} <= set(passes)
    assert sorted(levels.index(s["level"]) for s in page.data["snapshots"]) == [
        levels.index(s["level"]) for s in page.data["snapshots"]
    ]
    assert any("scf.while" in line for line in page.lines(0))
    assert any("llvm.cond_br" in line for line in page.lines(-1))
    assert page.data["signature"] == "(n: i32[]) → i32[]"


def test_every_op_of_every_level_knows_the_users_line(page):
    known = {(file, line[0]) for file, one in enumerate(page.data["files"]) for line in one["lines"]}
    for number, snapshot in enumerate(page.data["snapshots"]):
        content = page.content(number)
        places = [page.data["places"][place][:2] for place in content["places"][1:]]  # but that of the module
        assert len(content["owners"]) == len(content["lines"])
        assert {tuple(place) for place in places} <= known, snapshot["pass"]
    body = line_of("n = n // 2 if n % 2 == 0 else 3 * n + 1")
    for number in range(len(page.data["snapshots"])):
        assert any(page.data["places"][place][1] == body for place in page.content(number)["places"])


def test_the_users_function_is_shown_and_coloured(page):
    (file,) = page.data["files"]
    texts = {number: text for number, text, _ in file["lines"]}
    spans = {number: spans for number, _, spans in file["lines"]}
    line = line_of("while n != 1:")
    assert texts[line] == "    while n != 1:" and spans[line] == [[4, 5, "k"], [15, 1, "n"]]
    assert not any("import" in text for text in texts.values()), "only what the program comes from is shown"


def test_values_of_a_sample_run_at_every_level(page):
    for number in range(len(page.data["snapshots"])):
        assert page.content(number)["run"]["outcome"] == "ran"
    steps, n = page.sample(0, "scf.while")["results"]
    assert (steps["first"]["first"], n["first"]["first"]) == (["111"], ["1"])
    product = page.sample(0, "hl.mul")["results"][0]
    assert product["runs"] == 41 and product["history"][:3] == ["81", "123", "93"]
    products = [sample["results"][0] for sample in page.samples(-1, "llvm.mul")]  # the loop's body was copied
    assert sum(product["runs"] for product in products) == 41
    assert {"81", "123", "93"} <= {number for product in products for number in product["history"]}


def test_summaries_of_arrays(tmp_path):
    x = np.array([[0.5, np.nan, -2.0], [np.inf, 4.0, 1.5]], np.float32)
    function = sw.function(lambda x: x + 0.0)
    found = Page(sw.debugging.explore(function, x, path=tmp_path / "x.html", level="hl"))
    result = found.sample(0, "hl.add")["results"][0]
    assert result["nan_runs"] == 1
    assert result["first"] == {
        "type": "f32",
        "shape": [2, 3],
        "first": ["0.5", "nan", "-2", "inf", "4", "1.5"],
        "minimum": "-2",
        "maximum": "4",
        "mean": "1",
        "nan": 1,
        "infinite": 1,
    }


def test_complex_arguments_are_given_to_what_a_pass_has_made_real(tmp_path):
    found = Page(
        sw.debugging.explore(sw.function(lambda z: sw.abs(z * z)), np.array([1j, 2]), path=tmp_path / "x.html")
    )
    assert all(found.content(n)["run"]["outcome"] == "ran" for n in range(len(found.data["snapshots"])))


def test_a_sample_run_leaves_variables_as_they_are(tmp_path):
    counter = sw.Variable([1.0, 2.0])

    @sw.function
    def count():
        counter.assign_add([1.0, 1.0])
        return counter.value()

    found = Page(sw.debugging.explore(count, path=tmp_path / "x.html"))
    assert all(found.content(n)["run"]["outcome"] == "ran" for n in range(len(found.data["snapshots"])))
    assert counter.numpy().tolist() == [1.0, 2.0]


def test_without_values_there_is_no_sample_run(tmp_path):
    found = Page(sw.debugging.explore(collatz, sw.TensorSpec([], np.int32), path=tmp_path / "x.html"))
    assert found.content(0)["run"]["outcome"] == "not run: no values were given for the arguments"
    assert found.content(0)["run"]["values"] == {}


def test_a_run_that_fails_says_why_and_keeps_what_was_before(tmp_path):
    @sw.function
    def checked(x):
        y = x * 2.0
        sw.debugging.assert_less(y, 5.0)
        return y + 1.0

    found = Page(sw.debugging.explore(checked, sw.constant([1.0, 3.0]), path=tmp_path / "x.html", level="hl"))
    assert found.content(0)["run"]["outcome"].startswith("failed: ")
    assert found.sample(0, "hl.mul")["results"][0]["first"]["first"] == ["2", "6"]
    with pytest.raises(KeyError):
        found.sample(0, "hl.add")


def test_time_for_runs_is_kept(tmp_path):
    @sw.function
    def forever(n):
        while n > 0:
            n = n + 1 - 1
        return n

    started = time.perf_counter()
    found = Page(sw.debugging.explore(forever, sw.constant(1), path=tmp_path / "x.html", seconds=2.0))
    assert time.perf_counter() - started < 30
    runs = [found.content(number)["run"] for number in range(len(found.data["snapshots"]))]
    assert any(re.match(r"stopped after 0\.\d s", run["outcome"]) and run["values"] for run in runs)
    assert not any(run["complete"] for run in runs)


def test_a_page_needs_nothing_else(page):
    assert page.text.count("Content-Security-Policy") == 1 and "default-src 'none'" in page.text
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not {"src", "srcset", "action", "onclick", "onload", "onerror"} & {name for name, _ in page.attributes}
    assert [value for name, value in page.attributes if name == "href"] == []
    script, style = page.scripts[1], page.text[page.text.index("<style>") : page.text.index("</style>")]
    assert not re.search(r"https?:|//\w|@import|url\(", style)
    assert not re.search(r"https?:|\bfetch\(|XMLHttpRequest|WebSocket|import\(|sendBeacon", script)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script)
    assert len(page.text) < 400_000


def test_hostile_names_stay_text(tmp_path):
    function, argument = hostile_function(tmp_path)
    path = sw.debugging.explore(function, argument, path=tmp_path / "page.html")
    found = Page(path)
    assert found.tags.count("script") == 2 and found.tags.count("/script") == 2
    assert not {"img", "svg", "iframe"} & set(found.tags)
    assert found.data["title"] == HOSTILE
    data = found.scripts[0]
    assert not re.search("[<>&\u2028\u2029]", data) and data.isascii()
    shown = "\n".join(text for file in found.data["files"] for _, text, _ in file["lines"])
    assert HOSTILE in shown and "\u2028" in shown
    assert HOSTILE in found.data["files"][0]["path"].replace("∕", "/")
    assert any("</script><img src=x onerror" in text for text in found.data["texts"])
    assert HOSTILE in found.content(0)["run"]["printed"]


class _Breaks(Pass):
    """Fails on purpose."""

    name = "breaks"

    def apply(self, ctx, op):
        raise IndexError("out of <b>range</b>")


def test_a_pass_that_fails_leaves_a_page_of_what_was_before(tmp_path):
    module = parse_module(chain(3), "chain.mlir")
    with pytest.raises(PassError, match="breaks") as caught:
        explore_module(module, [*parse("cse"), _Breaks(), *parse("dce")], path=tmp_path / "x.html")
    assert "shows the program up to there" in caught.value.__notes__[0]
    found = Page(tmp_path / "x.html")
    assert [snapshot["pass"] for snapshot in found.data["snapshots"]] == ["", "cse"]
    assert "out of <b>range</b>" in found.data["failure"]


def test_a_page_appears_whole_or_not_at_all(tmp_path):
    module = parse_module(chain(3), "chain.mlir")
    with pytest.raises(FileNotFoundError):
        explore_module(module, [], path=tmp_path / "nowhere" / "x.html")
    path = tmp_path / "x.html"
    path.write_text("before")
    explore_module(module, [], path=path)
    assert path.read_text().startswith("<!doctype html>") and list(tmp_path.iterdir()) == [path]


def test_five_thousand_ops_after_25_passes(tmp_path):
    file = tmp_path / "big.mlir"
    file.write_text(chain(5000))
    module = parse_module(file.read_text(), str(file))
    passes = parse(",".join(["canonicalize", "cse", "dce", "infer-shapes", "fold-constants"] * 5))
    started = time.perf_counter()
    path = explore_module(module, passes, path=tmp_path / "big.html", inputs=[np.ones(4, np.float32)])
    assert time.perf_counter() - started < 90
    assert path.stat().st_size < 4_000_000
    found = Page(path)
    assert len(found.data["snapshots"]) == 26 and len(found.lines(25)) > 5000
    assert found.data["files"][0]["kind"] == "mlir" and len(found.data["files"][0]["lines"]) == 5003


def test_what_explore_takes(tmp_path):
    with pytest.raises(TypeError, match=r"explore: function: expected a sw\.function, got function"):
        sw.debugging.explore(lambda x: x, 1, path=tmp_path / "x.html")
    concrete = collatz.get_concrete_function(sw.constant(6))
    found = Page(sw.debugging.explore(concrete, sw.constant(6), path=tmp_path / "x.html"))
    assert found.sample(0, "scf.while")["results"][0]["first"]["first"] == ["8"]


def test_the_command(tmp_path):
    with program_folder(tmp_path):
        assert output("explore", "program.py:collatz", "27", "-o", "page.html").endswith("/page.html\n")
        assert Page(tmp_path / "page.html").sample(0, "scf.while")["results"][0]["first"]["first"] == ["111"]
        (tmp_path / "chain.mlir").write_text(chain(3))
        output("explore", "chain.mlir", "[1, 2, 3, 4]", "-p", "cse,dce", "-o", "chain.html")
        found = Page(tmp_path / "chain.html")
        assert [snapshot["pass"] for snapshot in found.data["snapshots"]] == ["", "cse", "dce"]
        assert found.sample(2, "hl.mul")["results"][0]["first"]["first"] == ["2", "8", "18", "32"]
        assert "no function 'nothing'" in failure("explore", "program.py:nothing")[1]
        assert "--pipeline is for IR" in failure("explore", "program.py:collatz", "27", "-p", "cse")[1]


# Recordings


def recorded(text, pipeline):
    module = parse_module(text, "x.mlir")
    recorder = Recorder(keep_modules=True)
    PassManager(make_context(), instruments=[recorder]).run(module, pipeline)
    return recorder.snapshots


TWICE = """
func.func @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = hl.mul %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = hl.mul %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %c = hl.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}
"""


def test_ops_keep_their_numbers():
    before, after = recorded(TWICE, "cse")
    one, other = (op.number for op in before.ops if op.name == "hl.mul")
    assert [op.number for op in after.ops if op.name == "hl.mul"] == [one]
    assert after.removed == (other,)
    assert {op.name: op.change for op in after.ops if op.change != "same"} == {"hl.add": "changed"}
    assert before.changed and after.changed and after.seconds > 0 and before.level == "hl"


def test_a_pass_that_does_nothing_leaves_the_same_lines():
    before, after, again = recorded(TWICE, "cse,dce")
    assert before.lines is not after.lines and again.lines is after.lines
    assert not again.changed and all(op.change == "same" for op in again.ops) and again.removed == ()
    assert again.module is after.module


def test_lines_belong_to_ops():
    snapshot = recorded(TWICE, "cse")[0]
    names = {op.number: op.name for op in snapshot.ops}
    assert [names[line.op] for line in snapshot.lines] == [
        "builtin.module",
        "func.func",
        "hl.mul",
        "hl.mul",
        "hl.add",
        "func.return",
        "func.func",
        "builtin.module",
    ]
    for op in snapshot.ops:
        assert op.name.removeprefix("builtin.") in snapshot.lines[op.first].text
    add = next(op for op in snapshot.ops if op.name == "hl.add")
    assert add.results == ("%c",) and add.place is not None and add.place.line == 5
    assert [op.name for op in snapshot.at(add.place)] == ["hl.add"]
    assert snapshot.ops[1].arguments == ("%x",)


def test_kept_modules_have_the_ops_in_order():
    for snapshot in recorded(TWICE, "cse,convert-hl-to-linalg"):
        assert [op.name for op in snapshot.module.walk()] == [op.name for op in snapshot.ops]


def test_the_header_names_arguments_and_counts_variables(tmp_path):
    weights = [sw.Variable(sw.ones([2, 2])) for _ in range(3)]
    function = sw.function(lambda x: sum((sw.matmul(x, w) for w in weights), sw.zeros([2, 2])), name="f")
    written = sw.debugging.explore(function, sw.TensorSpec([2, 2]), path=tmp_path / "f.html", level="hl")
    assert Page(written).data["signature"] == "(x: f32[2, 2]) → f32[2, 2] · 3 Variables"


def test_progress_is_told(tmp_path):
    told = []
    function = sw.function(lambda x: x * 2.0)
    sw.debugging.explore(function, sw.ones([2]), path=tmp_path / "f.html", level="hl", progress=told.append)
    assert told[0] == "tracing" and re.fullmatch(r"pass 1 of \d+: inline", told[1]) and told[-1] == "writing the page"
    assert any(text.startswith("sample run 1, after pass ") for text in told)


def test_the_command_tells_its_progress_on_standard_error(tmp_path):
    with program_folder(tmp_path):
        done = stepwell("explore", "program.py:collatz", "27", "-o", "page.html", "--level", "hl")
        assert done.exit_code == 0 and "explore: tracing\n" in done.stderr
        assert done.stdout.endswith("/page.html\n")
