"""The examples train as they do in TensorFlow, from the same initial weights and on the same random numbers."""

import os
import sys

import numpy as np
import pytest
from support.effort import is_thorough
from support.examples import RECORDED_WITH, SMALL, recorded, run_example

import stepwell as sw

SAME_TEXT = sys.version_info[:2] == RECORDED_WITH
"""Whether Python's docstrings, which `characters` reads, are those of the recorded run."""
COMPILED = ("digits_raw", "digits_keras", "dynamic_rnn", "physics", "vae")
"""Examples that are compiled in each run of the tests; a thorough run compiles all, others run the rest eagerly."""


@pytest.fixture(params=sorted(SMALL))
def name(request):
    """The name of an example; its functions are compiled, or run eagerly where compilation takes long."""
    sw.config.run_functions_eagerly(not is_thorough() and request.param not in COMPILED)
    yield request.param
    sw.config.run_functions_eagerly(False)
    os.environ.pop("KERAS_BACKEND", None)  # set by `stepwell.keras`; processes that tests start are to find it alone


def test_small_training_is_that_of_tensorflow(name):
    run, theirs = run_example(name), recorded(name)
    if name == "characters" and not SAME_TEXT:
        assert run.curves["loss"][-1] < run.curves["loss"][0]
        return
    assert list(run.curves) == list(theirs["curves"])
    for curve, values in theirs["curves"].items():
        np.testing.assert_allclose(run.curves[curve], values, rtol=1e-4, err_msg=curve)
    assert run.results == pytest.approx(theirs["results"], rel=1e-4)
    assert run.texts == theirs["texts"]


def test_curves_and_panels_are_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    from report import Run, draw, show_images

    run = Run()
    for value in (1.0, 0.1, 0.01):
        run.log(loss=value, test_accuracy=1 - value)
    run.panel("images", lambda axes: show_images(axes, np.eye(8).reshape(-1, 1, 8)))
    draw(run, {"loss": [1.0, 0.2, 0.02]}, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
