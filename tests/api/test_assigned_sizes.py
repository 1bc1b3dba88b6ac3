"""What is assigned to a Variable has its sizes, whatever was known of them when the function was traced."""

import numpy as np
import pytest

import stepwell as sw
from stepwell.dialects.diagnostics import StepwellError
from stepwell.runtime.engines import ENGINES


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("size", [0, 2, 4, 1000])
def test_another_size_is_an_error_and_changes_nothing(engine, size):
    v = sw.Variable(np.arange(3, dtype=np.float32))

    @sw.function(input_signature=[sw.TensorSpec([None])], engine=engine)
    def assign(x):
        v.assign(x)

    assign(np.array([4, 5, 6], np.float32))
    with pytest.raises((StepwellError, ValueError), match="3"):
        assign(np.ones(size, np.float32))
    assert v.numpy().tolist() == [4, 5, 6]
