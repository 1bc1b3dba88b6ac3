"""The process that has TensorFlow, run by path in its environment: answers calls on its standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0"}
sys.path[:0] = [str(Path(__file__).parent)]


def main() -> None:
    """Answer calls until there are no more."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what TensorFlow prints is no answer
    import messages  # pyright: ignore[reportMissingImports]
    import ml_dtypes  # noqa: F401 - NumPy knows bfloat16 by its name
    import tensorflow  # pyright: ignore

    messages.write(answers, tensorflow.__version__)
    while True:
        try:
            name, args, options = messages.read(requests)
        except EOFError:
            return
        messages.write(answers, messages.called(tensorflow, name, args, options))


if __name__ == "__main__":
    main()
