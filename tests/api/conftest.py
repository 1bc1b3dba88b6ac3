"""What the tests of the public interface share."""

import pytest
from support.beside_python import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request):
    """The engines that a test of the front end runs on, one after the other."""
    return request.param
