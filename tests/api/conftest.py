"""What the tests of the public interface share."""

import os

import pytest

ENGINES = os.environ.get("STEPWELL_ENGINES", "interpreter,native,onnx").split(",")


@pytest.fixture(params=ENGINES)
def engine(request):
    """The engines that a test of the front end runs on, one after the other."""
    return request.param
