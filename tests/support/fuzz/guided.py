"""`python -m support.fuzz.guided`: HypoFuzz on the test in `targets.py`, until it is ended.

HypoFuzz's worker runs without its hub, which hands tests to many workers: it takes a worker that has not run a test a
hundred times within a minute for one that has nothing left to do, and ends. Programs that are traced take longer.
"""

from __future__ import annotations

from pathlib import Path

TARGETS = Path(__file__).with_name("targets.py")


def main() -> None:
    """Fuzz; what is found is in the log, and the corpus in hypothesis' database."""
    from hypofuzz import detection  # pyright: ignore[reportMissingImports]
    from hypofuzz.collection import collect_tests  # pyright: ignore[reportMissingImports]
    from hypofuzz.hypofuzz import FuzzWorker  # pyright: ignore[reportMissingImports]

    detection._in_hypofuzz_run = True
    tests = [str(TARGETS)]
    names = [test.nodeid for test in collect_tests(tests).fuzz_targets]
    state = {"hub_state": {"nodeids": names}, "worker_state": {"nodeids": {}, "valid_nodeids": []}}
    FuzzWorker(pytest_args=tests, shared_state=state).start()


if __name__ == "__main__":
    main()
