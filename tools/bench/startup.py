"""What comes before the first result: importing, tracing, compiling; each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

_IMPORT = "import time; t = time.perf_counter(); import stepwell; print(time.perf_counter() - t)"

_COMPILE = """
import json, time
started = time.perf_counter()
import stepwell as sw
from stepwell.tools.digits import Classifier, load_digits, make_step
x, labels = next(load_digits().batches(seed=0))
model = Classifier()
step = make_step(model)
x, labels = sw.constant(x), sw.constant(labels)
import stepwell.runtime.engines.native
before = time.perf_counter()
concrete = step.get_concrete_function(x, labels)
traced = time.perf_counter()
executable = concrete.executable
compiled = time.perf_counter()
step(x, labels)
print(json.dumps({
    "trace": traced - before,
    "compile": compiled - traced,
    "phases": executable.timings,
    "host_calls": executable.host_calls,
}))
"""


def _run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def import_seconds(rounds: int = 5) -> list[float]:
    """Seconds of `import stepwell`, each in a new process."""
    return sorted(float(_run(_IMPORT)) for _ in range(rounds))


def compile_phases(rounds: int = 3) -> dict[str, Any]:
    """The digits training step from nothing to machine code: the median run's seconds, by phase."""
    found = [json.loads(_run(_COMPILE)) for _ in range(rounds)]
    found.sort(key=lambda result: result["trace"] + result["compile"])
    return found[len(found) // 2]
