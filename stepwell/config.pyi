# Written by `python -m stepwell.tools.public_api --write`.

import os

def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run every `function` as plain Python, to debug it; `False` compiles again."""

def set_crash_reproducer(path: str | os.PathLike[str] | None) -> None:
    """Write a file that shows the failure again whenever a pass fails from now on; `None` writes none."""
