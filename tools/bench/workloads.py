"""What is measured: each workload with the same work done by its peers."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import stepwell as sw

from ..digits import Classifier, load_digits, make_step
from .timing import Work


@dataclass(frozen=True)
class Workload:
    """One line of the table.

    Attributes:
        name: what is done.
        ours: our side.
        peers: the same work by others, by their name.
        goal: what has to hold, for people.
        reached: whether it holds, given our seconds and the peers'.
        host_calls: how many calls back into Python our side makes.
    """

    name: str
    ours: Work
    peers: dict[str, Work]
    goal: str
    reached: Callable[[float, dict[str, float]], bool]
    host_calls: int = 0
    notes: dict[str, Any] = field(default_factory=dict)


def host_calls(function: Any, *args: Any) -> int:
    """How many calls back into Python a call makes."""
    return function.get_concrete_function(*args).executable.host_calls


def small_call() -> Workload:
    """The overhead of a call."""

    @sw.function
    def f(x, y):
        return x * y + 1.0

    x, y = sw.constant(np.arange(8, dtype=np.float32)), sw.constant(np.ones(8, np.float32))
    a, b = x.numpy(), y.numpy()
    workload = Workload(
        "call of x*y+1 on 8 floats",
        lambda: f(x, y),
        {"numpy": lambda: a * b + np.float32(1)},
        "under 5 µs",
        lambda ours, peers: ours < 5e-6,
        host_calls(f, x, y),
    )
    return with_onnx_runtime(workload, f, a, b)


def elementwise_chain() -> Workload:
    """Twelve elementwise operations on a million floats."""

    @sw.function
    def f(x):
        y = sw.tanh(x * 0.5 + 0.1)
        z = sw.exp(-y * y)
        z = z * x + y
        z = sw.maximum(z, -1.0)
        return (z - 0.3) * (z + 0.7) / (1.0 + sw.abs(x))

    def plain(x: np.ndarray) -> np.ndarray:
        y = np.tanh(x * np.float32(0.5) + np.float32(0.1))
        z = np.exp(-y * y)
        z = z * x + y
        z = np.maximum(z, np.float32(-1))
        return (z - np.float32(0.3)) * (z + np.float32(0.7)) / (np.float32(1) + np.abs(x))

    a = np.random.default_rng(1).standard_normal(10**6).astype(np.float32)
    x = sw.constant(a)
    workload = Workload(
        "12 elementwise ops, tanh and exp among them, on 1e6 floats",
        lambda: f(x),
        {"numpy": lambda: plain(a)},
        "at least 2x faster than numpy",
        lambda ours, peers: 2 * ours <= peers["numpy"],
        host_calls(f, x),
    )
    return with_onnx_runtime(workload, f, a)


def matmul(size: int = 1024) -> Workload:
    """A square product."""

    @sw.function
    def f(x, y):
        return sw.matmul(x, y)

    random = np.random.default_rng(2)
    a, b = (random.standard_normal((size, size)).astype(np.float32) for _ in range(2))
    x, y = sw.constant(a), sw.constant(b)
    workload = Workload(
        f"matmul {size}x{size}x{size}, one thread",
        lambda: f(x, y),
        {"numpy (BLAS)": lambda: a @ b},
        "within 2x of BLAS on one thread",
        lambda ours, peers: ours <= 2 * peers["numpy (BLAS)"],
        host_calls(f, x, y),
    )
    return with_onnx_runtime(workload, f, a, b)


_COLLATZ_C = """
#include <stdint.h>
int32_t collatz(int32_t limit) {
    int32_t total = 0;
    for (int32_t start = 1; start <= limit; start++) {
        int32_t n = start;
        while (n != 1) {
            n = (n % 2 == 0) ? n / 2 : 3 * n + 1;
            total += 1;
        }
    }
    return total;
}
"""


def _collatz_in_c() -> Callable[[int], int] | None:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="stepwell-bench-"))
    (folder / "collatz.c").write_text(_COLLATZ_C)
    library = folder / "collatz.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, folder / "collatz.c"], check=True)
    function = ctypes.CDLL(str(library)).collatz
    function.restype, function.argtypes = ctypes.c_int32, [ctypes.c_int32]
    return function


def _collatz_python(limit: int) -> int:
    total = 0
    for start in range(1, limit + 1):
        n = start
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            total += 1
    return total


def collatz(limit: int = 1500) -> Workload:
    """Data-dependent loops, nested."""

    @sw.function
    def f(limit):
        total = 0
        start = 1
        while start <= limit:
            n = start
            while n != 1:
                n = n // 2 if n % 2 == 0 else 3 * n + 1
                total += 1
            start += 1
        return total

    n = sw.constant(limit)
    in_c = _collatz_in_c()
    peers: dict[str, Work] = {"Python": lambda: _collatz_python(limit)}
    if in_c is not None:
        peers["C -O2"] = lambda: in_c(limit)
        assert in_c(limit) == int(f(n)) == _collatz_python(limit)
    return Workload(
        f"collatz summed over 1..{limit}",
        lambda: f(n),
        peers,
        "within 1.3x of C -O2",
        lambda ours, others: "C -O2" not in others or ours <= 1.3 * others["C -O2"],
        host_calls(f, n),
    )


def _numpy_step(model: Classifier, rate: float) -> Callable[[np.ndarray, np.ndarray], float]:
    """The digits training step written by hand."""
    w1, b1, w2, b2 = (variable.numpy() for variable in (model.w1, model.b1, model.w2, model.b2))
    factor = np.float32(rate)

    def step(x: np.ndarray, labels: np.ndarray) -> float:
        nonlocal w1, b1, w2, b2
        hidden = np.maximum(x @ w1 + b1, 0)
        z = hidden @ w2 + b2
        z = z - z.max(-1, keepdims=True)
        e = np.exp(z)
        total = e.sum(-1, keepdims=True)
        rows = np.arange(len(labels))
        loss = (np.log(total[:, 0]) - z[rows, labels]).mean()
        d = e / total
        d[rows, labels] -= 1
        d /= np.float32(len(labels))
        dw2, db2 = hidden.T @ d, d.sum(0)
        dh = (d @ w2.T) * (hidden > 0)
        dw1, db1 = x.T @ dh, dh.sum(0)
        w1 -= factor * dw1
        b1 -= factor * db1
        w2 -= factor * dw2
        b2 -= factor * db2
        return float(loss)

    return step


def digits_step(rate: float = 0.01) -> Workload:
    """A step of training the digits classifier."""
    model = Classifier()
    by_hand = _numpy_step(model, rate)
    step = make_step(model, rate)
    x, labels = next(load_digits().batches(seed=0))
    tx, tl = sw.constant(x), sw.constant(labels)
    first, expected = float(step(tx, tl)), by_hand(x, labels)
    assert abs(first - expected) < 1e-4, (first, expected)
    return Workload(
        "digits training step, 64-128-10, batch 32",
        lambda: step(tx, tl),
        {"numpy by hand": lambda: by_hand(x, labels)},
        "no slower than numpy by hand",
        lambda ours, peers: ours <= peers["numpy by hand"],
        host_calls(step, tx, tl),
    )


def with_onnx_runtime(workload: Workload, function: Any, *arrays: np.ndarray) -> Workload:
    """The workload with ONNX Runtime running our export, on one thread, as another peer."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        path = sw.onnx.export(function, Path(folder) / "f.onnx", *[sw.constant(array) for array in arrays])
        model = path.read_bytes()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feeds = {value.name: array for value, array in zip(session.get_inputs(), arrays, strict=True)}
    workload.peers["ONNX Runtime"] = lambda: session.run(None, feeds)
    return workload


WORKLOADS: tuple[Callable[[], Workload], ...] = (small_call, elementwise_chain, matmul, collatz, digits_step)
