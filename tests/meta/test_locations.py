"""Every op at every level has a place in the user's file: whole pipelines, pass by pass, over all test programs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from support.effort import some
from xdsl.dialects.builtin import FileLineColLoc, ModuleOp

import stepwell as sw
from stepwell.runtime.engines.lower import lowered

API = Path(__file__).parent.parent / "api"
COLLECTIONS = sorted(path.name for path in API.glob("test_*.py") if "program = Programs()" in path.read_text())


def load(path):
    """A test file as a module: its programs keep their file and lines."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, path.stem, module)
        spec.loader.exec_module(module)
    return module


class Places:
    """An instrument that looks at the location of each op after each pass."""

    def __init__(self, file):
        self.file = str(file)
        self.wrong = []

    def before(self, pass_, module):
        """Nothing."""

    def after(self, pass_, module):
        """Note the ops without a place in the file, and the pass that made them."""
        self.check(module, pass_.name)

    def check(self, module, after):
        lines = Path(self.file).read_text().count("\n")
        for op in module.walk():
            place = op.location
            if isinstance(op, ModuleOp):
                continue
            good = isinstance(place, FileLineColLoc) and place.filename.data == self.file
            if not good or not 1 <= place.line.data <= lines:
                self.wrong.append(f"{op.name} after {after}: {place}")


def check(module, file):
    """Lower a traced module down to machine level, looking at all ops after tracing and after each pass."""
    places = Places(file)
    places.check(module, "tracing")
    lowered(module, "llvm", [places])
    assert not places.wrong, "\n".join(dict.fromkeys(places.wrong))


@pytest.mark.parametrize("name", COLLECTIONS)
def test_all_programs(name):
    tests = load(API / name)
    assert tests.program.cases
    for case in some(tests.program.cases, 8):
        concrete = sw.function(case.function).get_concrete_function(*map(sw.constant, case.inputs[0]))
        check(concrete.module, API / name)
    general = next(case for case in tests.program.cases)
    specs = [sw.TensorSpec([None] * np.ndim(value), sw.constant(value).dtype) for value in general.inputs[0]]
    check(sw.function(general.function).get_concrete_function(*specs).module, API / name)


def classifier(w, b, x, labels):
    with sw.GradientTape() as tape:
        scores = sw.tanh(sw.matmul(x, w) + b)
        shifted = scores - sw.reduce_max(scores, axis=1, keepdims=True)
        logs = shifted - sw.math.log(sw.reduce_sum(sw.exp(shifted), axis=1, keepdims=True))
        loss = -sw.reduce_mean(sw.reduce_sum(logs * sw.one_hot(labels, 3), axis=1))
    for variable, grad in zip((w, b), tape.gradient(loss, [w, b])):
        variable.assign_sub(0.5 * grad)
    sw.print("loss", loss)
    return sw.argmax(scores, axis=1), loss


@pytest.mark.parametrize("rows", [4, None])
def test_a_training_step(rows):
    w, b = sw.Variable(np.zeros((5, 3), np.float32)), sw.Variable(np.zeros(3, np.float32))
    step = sw.function(lambda x, labels: classifier(w, b, x, labels))
    concrete = step.get_concrete_function(sw.TensorSpec([rows, 5]), sw.TensorSpec([rows], "int32"))
    check(concrete.module, __file__)


def operations(x, i):
    y = sw.transpose(sw.reshape(x, [3, -1]))
    y = sw.concat([y, y * 2.0], 1)[:, 1:5]
    y = sw.pad(y, [[1, 1], [0, 2]]) + sw.random.stateless_uniform([1, 1], seed=[1, 2])
    y = sw.gather(y, [1, 0, 1])[i]
    z = sw.where(y > 0.5, sw.sqrt(sw.abs(y)), sw.math.erf(y))
    return sw.stack([z, sw.reverse(z, [0])]), sw.reduce_any(z > 1.0), sw.cast(sw.floor(z), "int64") // 3


def test_operations_of_many_families():
    concrete = sw.function(operations).get_concrete_function(sw.TensorSpec([12]), sw.TensorSpec([], "int32"))
    check(concrete.module, __file__)
    concrete = sw.function(operations).get_concrete_function(sw.TensorSpec([None]), sw.TensorSpec([], "int32"))
    check(concrete.module, __file__)


def branches(x):
    y = sw.exp(x)
    if sw.reduce_sum(x) > 0.0:
        y = y * x
        if y[0] > 1.0:
            y = y + x
    return y


def test_graphs_of_gradients():
    concrete = sw.function(branches).get_concrete_function(sw.TensorSpec([None]))
    for graphs in (concrete._gradient._once, concrete._gradient._closed):
        for graph in (graphs.forward, graphs.first.graph, graphs.full and graphs.full.graph):
            if graph is not None:
                check(graph.module, __file__)
    assert graphs.full is not None
