"""Programs that are saved, and the calls after which what was saved and what is loaded has to agree.

The calls are texts: a process that loads a program knows nothing else of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optree

import stepwell as sw

SPEC = sw.TensorSpec
INTERPRETER = "interpreter"
"""Compiling each function takes most of the time; some are."""


@dataclass(frozen=True)
class Saved:
    """A program.

    Attributes:
        make: makes the object that is saved.
        calls: expressions in `m`, the object, `sw` and `np`.
        before: those that are evaluated before the object is saved, so that there are traces.
    """

    make: Callable[[], Any]
    calls: Sequence[str]
    before: Sequence[str] = ()


def values_of(thing: Any, call: str) -> list[np.ndarray]:
    """The leaves of what a call returns, as arrays of numbers."""
    found = eval(call, {"m": thing, "sw": sw, "np": np})
    leaves = optree.tree_leaves(found, none_is_leaf=True)  # pyright: ignore[reportArgumentType]
    return [_array(leaf) for leaf in leaves]


def _array(leaf: Any) -> np.ndarray:
    array = np.asarray(leaf.numpy() if hasattr(leaf, "numpy") else leaf)
    if array.dtype == object or np.issubdtype(array.dtype, np.character):
        return np.frombuffer(repr(array.tolist()).encode(), np.uint8)
    return array.view(np.uint16) if array.dtype.name == "bfloat16" else array


def in_fresh_processes(saved: dict[str, list[str]]) -> dict[str, list[list[np.ndarray]]]:
    """The results of calls of what is loaded from each folder, in a process that has loaded nothing else."""
    code = "import sys; from support.saved_programs import answer; answer(sys.argv[1], sys.argv[2])"
    folder = Path(next(iter(saved))).parent
    (folder / "calls.json").write_text(json.dumps(saved))
    command = [sys.executable, "-c", code, str(folder / "calls.json"), str(folder / "results.npz")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(folder / "results.npz") as found:
        counts = json.loads(str(found["counts"]))
        return {
            path: [[found[f"{i}.{j}.{k}"] for k in range(n)] for j, n in enumerate(counts[i])]
            for i, path in enumerate(saved)
        }


def answer(calls: str, results: str) -> None:
    """Load each program, evaluate its calls and write the results: what the fresh process does."""
    saved = json.loads(Path(calls).read_text())
    arrays: dict[str, np.ndarray] = {}
    counts = []
    for i, (path, texts) in enumerate(saved.items()):
        thing = sw.saved_model.load(path)
        counts.append([])
        for j, text in enumerate(texts):
            found = values_of(thing, text)
            arrays |= {f"{i}.{j}.{k}": array for k, array in enumerate(found)}
            counts[-1].append(len(found))
    np.savez(results, counts=json.dumps(counts), **arrays)  # pyright: ignore[reportArgumentType]


class Dense(sw.Module):
    """A layer that is plain Python."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        values = np.linspace(-1, 1, inputs * outputs, dtype=np.float32).reshape(inputs, outputs)
        self.w, self.b = sw.Variable(values, name="w"), sw.Variable(np.zeros(outputs, np.float32), name="b")

    def __call__(self, x: Any) -> Any:
        """The outputs."""
        return sw.tanh(x @ self.w + self.b)


class Network(sw.Module):
    """Layers in a list, a shared one, a counter, a compiled call, a signature and a training step."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [Dense(2, 200), Dense(200, 3)]
        self.first = self.layers[0]
        self.calls = sw.Variable(0, name="calls", trainable=False)
        self.named = {"calls": self.calls, 3: (self.first, 5)}

    @sw.function(engine=INTERPRETER)
    def __call__(self, x: Any, training: bool = False, *, scale: float = 2.0) -> Any:
        """Results of several kinds."""
        self.calls.assign_add(1)
        for layer in self.layers:
            x = layer(x)
        while sw.reduce_sum(x) > 1.0:
            x = x / 2.0
        return {"y": x * scale, "none": None, "list": [x, "text"], "training": training}

    @sw.function(input_signature=[SPEC([None, 2])])
    def serve(self, x: Any) -> Any:
        """The outputs."""
        for layer in self.layers:
            x = layer(x)
        return x

    @sw.function(input_signature=[SPEC([None, 2]), SPEC([None, 3])])
    def train(self, x: Any, y: Any) -> Any:
        """A step."""
        with sw.GradientTape() as tape:
            loss = sw.reduce_mean((self.serve(x) - y) ** 2)
        for variable, grad in zip(self.trainable_variables, tape.gradient(loss, self.trainable_variables)):
            variable.assign_sub(0.1 * grad)
        return loss


def _module(**attributes: Any) -> Any:
    module = sw.Module()
    for name, value in attributes.items():
        setattr(module, name, value)
    return module


def _sharing() -> Any:
    v = sw.Variable([1.0, 2.0])
    inner = _module(v=v)
    inner.outer = _module(inner=inner, list=[v, v, [inner]])
    inner.f = sw.function(lambda x: x + v, input_signature=[SPEC([2])], engine=INTERPRETER)
    return inner


def _dtypes() -> Any:
    values = {
        "bool": True,
        "i8": np.int8(-3),
        "u16": np.uint16(7),
        "u64": np.uint64(2**63 + 1),
        "f16": np.float16(0.5),
        "f64": 1 / 3,
        "c64": np.complex64(1 + 2j),
        "c128": np.array([1 - 2j, 0]),
        "empty": np.zeros([0, 3], np.float32),
    }
    module = _module(variables_=[sw.Variable(value, name=name) for name, value in values.items()])
    module.bf = sw.Variable(sw.cast([1.5, 2.5], "bfloat16"))
    module.text = sw.Variable(["a", "é\0", ""], name="text")
    module.f = sw.function(
        lambda x: sw.strings.join([module.text, x]), input_signature=[SPEC([], "string")], engine=INTERPRETER
    )
    module.big = sw.constant(np.arange(300, dtype=np.float64))
    module.g = sw.function(lambda i: module.big[i] + sw.cast(module.variables_[6], "float64"), engine=INTERPRETER)
    return module


def _variables_as_arguments() -> Any:
    module = _module(a=sw.Variable([1.0, 2.0]), b=sw.Variable([5.0, 6.0]), c=sw.Variable([0.0, 0.0]))
    module.axpy = sw.function(lambda v, x: v.assign_add(x * module.c + 1.0))
    module.with_object = sw.function(lambda owner, x: owner.a + x)
    return module


def _random() -> Any:
    module = _module(generator=sw.random.Generator.from_seed(5))
    module.draw = sw.function(lambda: module.generator.normal([3]), input_signature=[], engine=INTERPRETER)
    module.seeded = sw.function(lambda: sw.random.uniform([3], seed=4), input_signature=[], engine=INTERPRETER)
    return module


def _custom_gradient() -> Any:
    @sw.custom_gradient
    def clipped(x: Any) -> Any:
        return x * 2.0, lambda dy: sw.clip_by_value(dy, -0.5, 0.5)

    return _module(
        v=sw.Variable(3.0), f=sw.function(lambda x: clipped(x) ** 2, input_signature=[SPEC([])], engine=INTERPRETER)
    )


GRADIENT = """(lambda x: (lambda t: (t.__enter__(), t.watch(x), y := {call}, t.__exit__(None, None, None),
    t.gradient(y, [x, *m.trainable_variables]))[-1])(sw.GradientTape()))(sw.constant({x}))"""


class Tables(sw.Module):
    """Lookup tables of all kinds, one of which a function changes."""

    def __init__(self):
        super().__init__()
        lookup, key_values = sw.lookup, sw.lookup.KeyValueTensorInitializer
        path = Path(tempfile.mkdtemp()) / "words.txt"
        path.write_text("lake\nking\n")
        lines = lookup.TextFileInitializer(str(path), sw.string, -2, sw.int64, -1)
        self.static = lookup.StaticHashTable(key_values(["a", "b"], [1.5, 2.5]), 0.0)
        self.numbers = lookup.StaticHashTable(key_values([3, 4], ["three", "four"]), "?")
        self.file = lookup.StaticHashTable(lines, -1)
        self.buckets = lookup.StaticVocabularyTable(lines, 3, name="buckets")
        self.mutable = lookup.experimental.MutableHashTable(sw.string, sw.float32, [0.0, 1.0], "rows")
        self.dense = lookup.experimental.DenseHashTable(sw.int64, sw.int64, -1, 0, -1)
        self.mutable.insert(["lake"], [[5.0, 6.0]])
        self.dense.insert([7], [8])

    @sw.function(input_signature=[SPEC([None], sw.string)])
    def find(self, x):
        """What the tables have for keys."""
        return self.static.lookup(x), self.file.lookup(x), self.buckets.lookup(x), self.mutable.lookup(x)

    @sw.function(input_signature=[SPEC([None], sw.string), SPEC([None, 2])], engine=INTERPRETER)
    def put(self, keys, values):
        """A table that changes."""
        self.mutable.insert(keys, values)
        return self.mutable.size(), self.mutable.export()


PROGRAMS: dict[str, Saved] = {
    "network": Saved(
        Network,
        (
            "m(sw.ones([2, 2]))",
            "m(np.full([5, 2], 0.1, np.float32))",
            "m([[0.1, 0.2]])",
            "m(sw.ones([2, 2]), True, scale=3.0)",
            "m.serve(np.ones([2, 2]))",
            "[m.train(sw.ones([4, 2]), sw.zeros([4, 3])) for _ in range(3)]",
            "m.variables",
            "m.calls",
            "m.first is m.layers[0], m.named['calls'] is m.calls, m.named[3][1]",
            GRADIENT.format(call="m.serve(x)", x=[[0.5, 1.0]]),
        ),
        ("m(sw.ones([2, 2]))", "m(sw.ones([3, 2]))", "m(sw.ones([2, 2]), True, scale=3.0)"),
    ),
    "sharing": Saved(_sharing, ("m.f([1.0, 1.0])", "m.outer.list[2][0] is m", "m.v.assign([7.0, 8.0])", "m.f([0, 0])")),
    "dtypes": Saved(
        _dtypes,
        ("m.variables_", "m.bf", "m.text", "m.f('!')", "m.g(7)", "[v.name for v in m.variables_]"),
        ("m.g(sw.constant(3))",),
    ),
    "variables as arguments": Saved(
        _variables_as_arguments,
        ("m.axpy(m.b, sw.ones([2]))", "m.axpy(m.a, 2.0)", "m.variables", "m.with_object(m, sw.constant(1.0))"),
        ("m.axpy(m.a, sw.ones([2]))", "m.axpy(m.a, sw.constant(2.0))", "m.with_object(m, sw.constant(2.0))"),
    ),
    "random": Saved(_random, ("m.draw()", "m.draw()", "m.seeded()", "m.generator.uniform([2])")),
    "tables": Saved(
        Tables,
        (
            "m.find(sw.constant(['lake', 'a', 'x']))",
            "m.put(sw.constant(['x', 'lake']), [[1., 2.], [3., 4.]])",
            "m.find(sw.constant(['lake', 'a', 'x']))",
            "m.numbers.lookup([4, 5]), m.dense.lookup([7, 1]), m.buckets.size(), m.dense.export(), m.mutable.name",
        ),
    ),
    "custom gradient": Saved(_custom_gradient, ("m.f(2.0)", GRADIENT.format(call="m.f(x)", x=2.0))),
}
