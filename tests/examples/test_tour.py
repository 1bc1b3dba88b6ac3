"""The tour ends where it began: the program in C reads as many digits right as the model in Python."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.effort import is_thorough

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.skipif(not is_thorough(), reason="takes half a minute; `make test-thorough` and `make tour` run it")
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_program_in_c_is_the_model():
    pytest.importorskip("sklearn")
    found = subprocess.run([sys.executable, "-m", "tour"], cwd=EXAMPLES, check=True, capture_output=True, text=True)
    pairs = re.findall(r"accuracy ([\d.]+), here ([\d.]+)", found.stdout)
    assert len(pairs) == 2 and all(one == other for one, other in pairs) and float(pairs[0][0]) > 0.85
    assert re.search(r"trained on +from epoch [34] of 8", found.stdout)
