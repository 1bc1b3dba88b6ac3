"""Functions as packages for JavaScript: what Node gets of them."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from support.native_library import zig

import stepwell as sw
from stepwell.tools.main import app

pytestmark = pytest.mark.skipif(
    not (zig() and shutil.which("node")), reason="needs ziglang and node; `make native-test` installs ziglang"
)

SCRIPT = """
import { load, StepwellError } from "./index.js";
const library = await load();
const image = { data: Float32Array.from({ length: 8 }, (_, i) => i / 4), shape: [2, 4] };
const labels = { data: Int32Array.of(2, 0), shape: [2] };
const [first, second] = [library.newState(), library.newState()];
const losses = Array.from({ length: 5 }, () => first.trainStep(image, labels).data[0]);
function failed(call) {
  try { return call(); } catch (error) { return [error.constructor.name, error.message, error.code ?? 0]; }
}
const told = {
  losses,
  scores: first.scores(image),
  other: second.trainStep(image, labels).data[0],
  w: first.variables.w,
  parts: library.parts({ data: BigInt64Array.of(7n, -7n), shape: [2] }),
  shape: failed(() => first.scores({ ...image, shape: [4, 2] })),
  elements: failed(() => first.scores({ ...image, shape: [3, 4] })),
  array: failed(() => first.scores({ data: [1, 2, 3, 4], shape: [1, 4] })),
  assertion: failed(() => library.parts({ data: BigInt64Array.of(0n), shape: [1] })),
  count: failed(() => first.trainStep(image)),
};
second.assign("w", { data: new Float32Array(12), shape: [4, 3] });
told.zeros = second.scores(image).data;
second.free();
told.freed = failed(() => second.scores(image));
for (let i = 0; i < 2000; i++) first.scores(image); // the memory is given back
const big = { data: new Float32Array(4 << 18), shape: [1 << 18, 4] };
told.grown = first.scores(big).shape;
told.after = first.variables.w.data.length;
console.log(JSON.stringify(told, (_, value) =>
  typeof value === "bigint" ? Number(value) : ArrayBuffer.isView(value) ? Array.from(value) : value));
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the script says, and what the functions return here."""
    start = np.random.default_rng(1).standard_normal((4, 3)).astype(np.float32)
    w, b = sw.Variable(start, name="w"), sw.Variable(np.zeros(3, np.float32), name="b")
    features = sw.TensorSpec([None, 4])

    @sw.function(input_signature=[features])
    def scores(x):
        return sw.tanh(x @ w + b)

    @sw.function(input_signature=[features, sw.TensorSpec([None], sw.int32)])
    def train_step(x, y):
        with sw.GradientTape() as tape:
            loss = sw.reduce_mean(sw.nn.sparse_softmax_cross_entropy_with_logits(y, x @ w + b))
        for variable, gradient in zip([w, b], tape.gradient(loss, [w, b])):
            variable.assign_sub(0.5 * gradient)
        return loss

    @sw.function(input_signature=[sw.TensorSpec([None], sw.int64)])
    def parts(n):
        sw.debugging.assert_none_equal(n, sw.constant(0, sw.int64), message="a zero")
        return {"quotient": n // 2, "is_odd": n % 2 == 1}

    folder = tmp_path_factory.mktemp("package")
    sw.native.export_npm({"scores": scores, "train_step": train_step, "parts": parts}, folder, name="@here/small-net")
    (folder / "script.mjs").write_text(SCRIPT)
    done = subprocess.run(["node", "script.mjs"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    x, y = np.arange(8, dtype=np.float32).reshape(2, 4) / 4, np.array([2, 0], np.int32)
    losses = [float(train_step(x, y)) for _ in range(5)]
    return json.loads(done.stdout), folder, losses, scores(x).numpy(), w.numpy()


def test_training_in_node_has_the_numbers_of_here(told):
    found, _, losses, scores, w = told
    np.testing.assert_allclose(found["losses"], losses, rtol=1e-5)
    assert found["other"] == pytest.approx(losses[0], rel=1e-6)
    assert (found["scores"]["dtype"], found["scores"]["shape"]) == ("float32", [2, 3])
    np.testing.assert_allclose(found["scores"]["data"], scores.ravel(), rtol=1e-5)
    np.testing.assert_allclose(found["w"]["data"], w.ravel(), rtol=1e-5)
    assert found["zeros"][:3] == found["zeros"][3:] != [0, 0, 0]  # only the bias is left
    assert (found["grown"], found["after"]) == ([1 << 18, 3], 12)


def test_several_results_have_names(told):
    parts = told[0]["parts"]
    assert parts["quotient"] == {"dtype": "int64", "shape": [2], "data": [3, -4]}
    assert parts["is_odd"] == {"dtype": "bool", "shape": [2], "data": [1, 1]}


def test_what_is_wrong_is_said(told):
    found = told[0]
    assert found["shape"] == ["StepwellError", "scores: argument x: expected shape [?, 4], got [4, 2]", 3]
    assert found["elements"] == ["RangeError", "scores: x: expected 12 elements for shape [3,4], got 8", 0]
    assert found["array"] == ["TypeError", "scores: x: expected { data: Float32Array, shape } for float32", 0]
    assert found["count"] == ["TypeError", "train_step: expected 2 tensors, got 1", 0]
    assert found["freed"] == ["StepwellError", "this state has been freed", 3]
    name, message, code = found["assertion"]
    assert (name, code) == ("StepwellError", 3)
    assert message.startswith("test_native_packages.py:") and "a zero" in message


def test_the_package_says_what_it_is(told):
    folder = told[1]
    package = json.loads((folder / "package.json").read_text())
    assert (package["name"], package["type"], package["main"]) == ("@here/small-net", "module", "index.js")
    assert all((folder / file).is_file() for file in package["files"])
    types = (folder / "index.d.ts").read_text()
    assert "trainStep(x: Input<Tensor<'float32', Float32Array>>, y: Input<Tensor<'int32', Int32Array>>)" in types
    assert "parts(n: Input<Tensor<'int64', BigInt64Array>>): { is_odd: " in types


def test_names_of_the_package_itself_are_refused(tmp_path):
    @sw.function(input_signature=[sw.TensorSpec([])])
    def f(x):
        return x

    for names in ({"assign": f}, {"a_b": f, "aB": f}):
        with pytest.raises(sw.errors.InvalidArgumentError, match="other names of methods"):
            sw.native.export_npm(names, tmp_path, name="net")
    with pytest.raises(sw.errors.InvalidArgumentError, match="name of an npm package"):
        sw.native.export_npm(f, tmp_path, name="Not A Name")
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_package(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text("def double(x):\n    return x + x\n")
    done = CliRunner().invoke(app, ["export", "program.py:double", "-o", "out", "--format", "npm", "f32[?]"])
    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        *("double.wasm", "index.d.ts", "index.js", "package.json"),
    ]
