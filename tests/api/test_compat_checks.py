"""The checks of `compat.v1`, and names of functions that are in `dtypes` too."""

import numpy as np
import pytest

import stepwell as sw

PAIRS = {
    "equal": np.equal,
    "none_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
}
ALONE = {
    "positive": lambda x: x > 0,
    "negative": lambda x: x < 0,
    "non_negative": lambda x: x >= 0,
    "non_positive": lambda x: x <= 0,
}
NUMBERS = np.array([-1, 0, 1])


def _holds(check, *values):
    try:
        assert check(*map(sw.constant, values)) is None
    except sw.errors.InvalidArgumentError as error:
        assert "assert_" in str(error) and ": text: expected x" in str(error)
        return False
    return True


@pytest.mark.parametrize("namespace", [sw.compat.v1, sw.compat.v1.debugging])
@pytest.mark.parametrize("compiled", [False, True])
def test_checks_hold_where_all_elements_do(namespace, compiled):
    wrap = sw.function if compiled else lambda function: function
    for name, compare in PAIRS.items():
        check = wrap(lambda x, y, name=name: getattr(namespace, f"assert_{name}")(x, y, None, None, "text"))
        for y in (-1, 0, 2):
            wanted = bool(np.all(compare(NUMBERS, y)))
            assert _holds(check, NUMBERS, np.array(y)) == wanted, (name, y)
    for name, test in ALONE.items():
        check = wrap(lambda x, name=name: getattr(namespace, f"assert_{name}")(x, [x], message="text"))
        for x in (NUMBERS, NUMBERS + 2, NUMBERS - 2, NUMBERS + 1, NUMBERS - 1):
            assert _holds(check, x) == bool(np.all(test(x))), (name, x)


def test_conversions_are_in_dtypes_too():
    assert sw.dtypes.cast is sw.cast and sw.dtypes.saturate_cast is sw.saturate_cast
    assert sw.dtypes.cast(1.5, sw.int32).numpy() == 1
