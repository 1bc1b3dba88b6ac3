"""A Variable whose sizes are known only when the program runs keeps them, at every level and on every engine."""

import numpy as np
import pytest
from support.effort import by_turns

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.testing.engines import WAYS, Descent

UPDATES = ("assign", "assign_add", "assign_sub")
BODIES = {
    "straight": "state.{0} %v, %x : !state.variable<tensor<?x2xf32>>, tensor<?x2xf32>",
    "in a branch": "scf.if %c {{ state.{0} %v, %x : !state.variable<tensor<?x2xf32>>, tensor<?x2xf32> }}",
}


def _descent(update, body):
    lines = BODIES[body].format(update)
    return Descent(
        parse_module(
            f"""
            func.func @main(%v: !state.variable<tensor<?x2xf32>>, %x: tensor<?x2xf32>) {{
              %c = arith.constant true
              {lines}
              func.return
            }}
            """,
            "text",
        )
    )


@pytest.mark.parametrize(("update", "body", "way"), by_turns(UPDATES, BODIES, WAYS))
def test_a_value_of_other_sizes_is_refused(update, body, way):
    descent, ones = _descent(update, body), np.ones((4, 2), np.float32)
    for rows in (1, 3, 5, 0):
        found = descent.observe(way, [ones, np.ones((rows, 2), np.float32)])
        assert found.failure is not None and not found.undefined, (rows, found)
        assert way == "onnx" or (str(rows) in found.failure and "4" in found.failure)  # a model tells no numbers
    single = descent.observe(way, [ones[:1], ones])
    assert single.failure is not None and not single.undefined


@pytest.mark.parametrize(("update", "body", "way"), by_turns(UPDATES, BODIES, WAYS))
def test_a_value_of_the_same_sizes_is_stored(update, body, way):
    expected = {"assign": 3.0, "assign_add": 4.0, "assign_sub": -2.0}[update]
    for rows in (1, 4, 0):
        found = _descent(update, body).observe(way, [np.ones((rows, 2), np.float32), np.full((rows, 2), 3, np.float32)])
        assert found.failure is None
        stored = found.variables[0] if found.variables else found.results[0]
        np.testing.assert_array_equal(stored, np.full((rows, 2), expected))
