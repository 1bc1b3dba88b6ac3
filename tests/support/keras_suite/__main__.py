"""`python -m support.keras_suite [folder or file ...] [--backend stepwell|tensorflow] [--record] [--workers n]`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.util import find_spec
from pathlib import Path

from . import outcomes as records
from .outcomes import Outcome
from .table import table

SECONDS = 180
"""After how long a test is stopped."""
FILES = 8
"""How many files of tests a process runs."""
_LEFT_OUT = {"jax", "tensorflow", "torch", "openvino", "applications"}
"""Folders with tests of other backends, and with those that build all published networks, which takes hours."""
_CONFTEST = """import pytest
from keras.src import backend


def skip_if_backend(given_backend, reason):
    return pytest.mark.skipif(backend.backend() == given_backend, reason=reason)
"""
"""What tests of Keras import from a file that is not in its wheel."""


def main() -> int:
    """Run tests of Keras; 1 if one fails that is not known to, or passes that is known to fail."""
    parser = argparse.ArgumentParser(prog="python -m support.keras_suite", description=__doc__)
    parser.add_argument("where", nargs="*", help="folders or files of keras/src; all of it if there is none")
    parser.add_argument("--backend", choices=("stepwell", "tensorflow"), default="stepwell")
    parser.add_argument("--record", action="store_true", help="record what passes with TensorFlow")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many processes at a time")
    parser.add_argument("--outcomes", type=Path, help="keep the outcomes in this file")
    options = parser.parse_args()
    found = run(options.where or ["."], options.backend, options.workers, options.outcomes)
    if options.record:
        records.record_passed(each.name for each in found.values() if each.result == "passed")
        return 0
    print(table(found, records.passed_with_tensorflow(), records.known_failures()))
    return _compared(found)


def keras_source() -> Path:
    """The folder of Keras's modules and tests."""
    spec = find_spec("keras")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "src"


def run(where: Sequence[str], backend: str, workers: int, kept: Path | None = None) -> dict[str, Outcome]:
    """Run the tests of folders, files or names of `keras/src`, and return their outcomes by name."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "conftest.py").write_text(_CONFTEST, encoding="utf-8")
        parts = _parts(where)
        files = [Path(folder, f"outcomes{i}.txt") for i in range(len(parts))]
        with ThreadPoolExecutor(workers) as pool:
            jobs = [pool.submit(_run_part, part, backend, file) for part, file in zip(parts, files, strict=True)]
            for done, job in enumerate(as_completed(jobs), 1):
                job.result()
                print(f"{done} of {len(parts)} parts", file=sys.stderr, flush=True)
        lines = "".join(file.read_text(encoding="utf-8") for file in files)
        if kept is not None:
            kept.write_text(lines, encoding="utf-8")
        return records.read(lines)


def _parts(where: Sequence[str]) -> list[list[str]]:
    """The files of tests, some for each process; names of single tests are a part of their own."""
    source = keras_source()
    parts = [[str(source / each)] for each in where if "::" in each]
    for each in where:
        path = source / each
        files = sorted(path.rglob("*_test.py")) if path.is_dir() else [path] if "::" not in each else []
        names = [str(file) for file in files if not _LEFT_OUT.intersection(file.relative_to(source).parts)]
        parts += [names[i : i + FILES] for i in range(0, len(names), FILES)]
    return parts


def _run_part(tests: Sequence[str], backend: str, file: Path) -> None:
    """Run some files until each of their tests has an outcome; a process that ends early is followed by another."""
    file.touch()
    folder = file.parent
    options = ["-p", "support.keras_suite.plugin", "-p", "no:cacheprovider", "-q", "-c", os.devnull, "--no-header"]
    options += [
        "--import-mode=prepend",
        "--continue-on-collection-errors",
        "--tb=short",
        "--rootdir",
        str(keras_source().parents[1]),
    ]
    options += [f"--timeout={SECONDS}", "--timeout-method=signal", "-W", "ignore"]
    environment = os.environ | {"KERAS_BACKEND": backend, "STEPWELL_KERAS_OUTCOMES": str(file)}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
    command = [sys.executable, "-m", "pytest", *options, *tests]
    while True:
        ended = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True)
        if ended.returncode in (0, 1, 2, 5) or not records.end_early(file):
            return


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
