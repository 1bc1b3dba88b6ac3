"""`python -m support.keras_suite [folder or file ...] [--backend stepwell|tensorflow] [--record] [--workers n]`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from . import outcomes as records
from .outcomes import Outcome
from .table import table

SECONDS = 180
"""After how long a test is stopped."""


def main() -> int:
    """Run tests of Keras; 1 if one fails that is not known to, or passes that is known to fail."""
    parser = argparse.ArgumentParser(prog="python -m support.keras_suite", description=__doc__)
    parser.add_argument("where", nargs="*", help="folders or files of keras/src; all of it if there is none")
    parser.add_argument("--backend", choices=("stepwell", "tensorflow"), default="stepwell")
    parser.add_argument("--record", action="store_true", help="record what passes with TensorFlow")
    parser.add_argument("--workers", default="auto", help="of pytest-xdist")
    parser.add_argument("--outcomes", type=Path, help="keep the outcomes in this file")
    options = parser.parse_args()
    found = run(options.where or ["."], options.backend, options.workers, options.outcomes)
    if options.record:
        records.record_passed(each.name for each in found.values() if each.result == "passed")
        return 0
    print(table(found, records.passed_with_tensorflow()))
    return _compared(found)


def keras_source() -> Path:
    """The folder of Keras's modules and tests."""
    spec = find_spec("keras")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "src"


def run(where: Sequence[str], backend: str, workers: str, kept: Path | None = None) -> dict[str, Outcome]:
    """Run the tests of folders, files or names, and return their outcomes by name."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "outcomes.txt") if kept is None else kept.resolve()
        written.write_text("", encoding="utf-8")
        options = ["-p", "support.keras_suite.plugin", "-p", "no:cacheprovider", "-q", "-c", os.devnull]
        options += ["--import-mode=importlib", "--continue-on-collection-errors", "--tb=short", "--rootdir", folder]
        options += ["-n", workers, "--dist", "worksteal"] if workers != "0" else []
        options += [f"--timeout={SECONDS}", "--timeout-method=thread"]
        tests = [f"{keras_source()}/{each}" for each in where]
        environment = os.environ | {"KERAS_BACKEND": backend, "STEPWELL_KERAS_OUTCOMES": str(written)}
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        subprocess.run([sys.executable, "-m", "pytest", *options, *tests], cwd=folder, env=environment, check=False)
        return records.read(written)


def _compared(found: Mapping[str, Outcome]) -> int:
    known = records.known_failures()
    failing = {name: each for name, each in found.items() if each.result in ("failed", "not collected")}
    new = [each for name, each in failing.items() if name not in known]
    mended = [name for name in known if name in found and found[name].result == "passed"]
    for each in new:
        print(f"fails, and is not known to: {each.name}: {each.reason}")
    for name in mended:
        print(f"passes, and is said to fail: {name}")
    return 1 if new or mended else 0


if __name__ == "__main__":
    sys.exit(main())
