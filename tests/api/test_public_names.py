"""What stepwell offers: every name that is listed resolves, loads lazily; a missing one says what to use instead."""

import doctest
import inspect
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from operator import attrgetter

import numpy as np
import pytest
from support.effort import some

import stepwell as sw
from stepwell._names import INSTEAD
from stepwell.compiler.frontend import ops

MODULES = ("autograph", "bitwise", "config", "debugging", "errors", "linalg", "math", "nn", "onnx", "random")


def test_every_listed_name_resolves():
    for name in dir(sw):
        assert getattr(sw, name) is not None or name == "newaxis", name


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_a_module_resolves_and_says_what_it_is(module):
    found = getattr(sw, module)
    assert found is import_module(f"stepwell.{module}")
    assert inspect.getdoc(found)
    for name in getattr(found, "__all__", ()):
        value = getattr(found, name)
        assert not callable(value) or inspect.getdoc(value), f"sw.{module}.{name} has no docstring"


@pytest.mark.parametrize("module", [m for m in MODULES if m != "onnx"])
def test_a_module_lists_its_names_in_order(module):
    names = getattr(sw, module).__all__
    assert list(names) == sorted(set(names))


def test_one_function_under_each_of_its_names():
    assert sw.math.add is sw.add
    assert sw.linalg.matmul is sw.matmul
    assert sw.nn.softmax is sw.math.softmax
    assert sw.nn.swish is sw.nn.silu
    assert sw.math.mod is sw.math.floormod
    assert sw.debugging.Assert is sw.Assert
    assert sw.autograph.experimental.do_not_convert is sw.autograph.do_not_convert


def _fresh(code):
    """What a fresh interpreter prints."""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return result.stdout.strip()


def test_importing_loads_nothing():
    code = (
        "import sys; import stepwell; print(sorted(m for m in sys.modules if m.startswith(('numpy.', 'xdsl', 'onnx'))))"
    )
    assert _fresh(code) == "[]"


@pytest.mark.parametrize("module", some(["math", "nn", "linalg", "random", "bitwise", "debugging", "errors"]))
def test_a_module_alone_gives_tensors_their_operators(module):
    names = "import stepwell.{}; from stepwell.compiler.frontend.values.tensor import Tensor"
    code = f"{names.format(module)}; print('__add__' in vars(Tensor))"
    assert _fresh(code) == "True"


@pytest.mark.parametrize(
    ("module", "name", "hint"),
    [
        (sw, "relu", "use sw.nn.relu"),
        (sw, "softmax", "use sw.nn.softmax or sw.math.softmax"),
        (sw, "log", "use sw.math.log"),
        (sw.math, "matmul", "use sw.matmul or sw.linalg.matmul"),
        (sw.nn, "reluu", "did you mean 'sw.nn.relu'?"),
        (sw, "reduce_summ", "did you mean 'sw.reduce_sum'?"),
        (sw.random, "random_uniform", "instead: sw.random.uniform"),
        (sw, "Session", "instead: functions run when they are called"),
        (sw, "placeholder", "instead: arguments of a function"),
        (sw, "global_variables_initializer", "instead: Variables have their values"),
        (sw, "Graph", "tf.Graph is not in stepwell (yet); instead: functions run when they are called"),
        (sw.math, "approx_max_k", "tf.math.approx_max_k is not in stepwell (yet)"),
        (sw.config, "experimental_connect_to_host", "tf.config.experimental_connect_to_host is not in stepwell (yet)"),
    ],
)
def test_a_missing_name_says_what_to_use(module, name, hint):
    with pytest.raises(AttributeError) as caught:
        getattr(module, name)
    assert str(caught.value).startswith(f"module {module.__name__!r} has no attribute {name!r}; {hint}")


def test_a_name_like_no_other_has_no_hint():
    with pytest.raises(AttributeError, match=r"module 'stepwell' has no attribute 'qqqqqqqq'$"):
        sw.qqqqqqqq  # noqa: B018
    with pytest.raises(AttributeError, match=r"has no attribute '__wrapped__'$"):
        sw.math.__wrapped__  # noqa: B018
    assert not hasattr(sw, "__path_of_nothing__")


def test_what_is_offered_instead_exists():
    """Names of stepwell in the advice are names of stepwell, and what is replaced is not there."""
    for name, advice in INSTEAD.items():
        assert not hasattr(sw, name), name
        for path in re.findall(r"\bsw\.([\w.]*\w)", advice):
            assert attrgetter(path)(sw) is not None


def test_names_are_tensorflows():
    """A sample of a program for TensorFlow 2, with the import changed."""
    tf = sw
    tf.random.set_seed(1)
    w = tf.Variable(tf.random.uniform([3, 2]), name="w")
    x = tf.constant([[1.0, 2.0, 3.0]])
    with tf.GradientTape() as tape:
        logits = tf.linalg.matmul(x, w)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0], logits=logits))
    w.assign_sub(0.1 * tape.gradient(loss, w))
    tf.debugging.assert_all_finite(w, "weights")
    tf.debugging.assert_equal(tf.shape(logits), [1, 2])
    probabilities = tf.nn.softmax(logits)
    assert float(tf.math.reduce_max(tf.math.abs(tf.reduce_sum(probabilities, axis=-1) - 1.0))) < 1e-6
    assert tf.bitwise.invert([1, -1]).numpy().tolist() == [-2, 0]


CHECKS = [
    ("assert_equal", ([1, 2], [1, 2]), ([1, 2], [1, 3]), "expected x == y, got 2 and 3 at [1]"),
    ("assert_none_equal", ([1, 2], 3), ([1, 2], 1), "expected x != y, got 1 and 1 at [0]"),
    ("assert_less", (1, [2, 3]), (3, [4, 3]), "expected x < y, got 3 and 3 at [1]"),
    ("assert_less_equal", (3, [4, 3]), (4, [4, 3]), "expected x <= y"),
    ("assert_greater", ([2, 3], 1), ([2, 1], 1), "expected x > y, got 1 and 1 at [1]"),
    ("assert_greater_equal", ([2, 1], 1), ([2, 0], 1), "expected x >= y"),
    ("assert_positive", ([2, 1],), ([2, 0],), "expected x > 0, got 0 at [1]"),
    ("assert_negative", ([-2.0],), ([float("nan")],), "expected x < 0, got nan at [0]"),
    ("assert_non_negative", ([0, 1],), ([0, -1],), "expected x >= 0"),
    ("assert_non_positive", ([0, -1],), ([0, 1],), "expected x <= 0"),
    ("assert_near", ([1.0], [1.0000001]), ([1.0], [1.1]), "expected |x - y| <= "),
    ("assert_all_finite", ([1.0],), ([1.0, float("inf")],), "expected finite numbers, got inf at [1]"),
]


@pytest.mark.parametrize(("name", "holding", "failing", "text"), CHECKS)
def test_checks_of_elements(name, holding, failing, text):
    check = getattr(sw.debugging, name)
    assert check(*holding) is None
    with pytest.raises(AssertionError) as caught:
        check(*failing, message="mine")
    assert str(caught.value).startswith(f"{name}: mine: {text}")


@pytest.mark.parametrize("engine", ["native", "interpreter"])
@pytest.mark.parametrize(("name", "holding", "failing"), [check[:3] for check in CHECKS])
def test_checks_of_elements_when_a_function_runs(name, holding, failing, engine):
    @sw.function(engine=engine)
    def checked(*values):
        getattr(sw.debugging, name)(*values)
        return values[0]

    def tensors(values):
        return [sw.constant(value, shape=None) for value in values]

    dtype = np.asarray(failing[0]).dtype
    checked(*tensors(holding))
    with pytest.raises(Exception, match=rf"{name}: expected"):
        checked(*[sw.cast(t, sw.float32) if dtype.kind == "f" else t for t in tensors(failing)])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda d: d.assert_rank([1], 2), ValueError, r"assert_rank: expected 2 axes, got shape \(1,\)"),
        (lambda d: d.assert_rank_at_least(1, 1, "m"), ValueError, "assert_rank_at_least: m: expected 1 axes or more"),
        (lambda d: d.assert_scalar([1]), ValueError, "assert_scalar: expected a scalar"),
        (lambda d: d.assert_type([1], sw.float32), TypeError, "assert_type: expected dtype float32, got int32"),
        (lambda d: d.assert_integer([1.0]), TypeError, "assert_integer: expected integers, got dtype float32"),
    ],
)
def test_checks_of_shapes_and_dtypes(call, error, text):
    with pytest.raises(error, match=text):
        call(sw.debugging)
    with pytest.raises(error, match=text):
        sw.function(lambda: call(sw.debugging))()


def test_check_numerics_hands_on():
    assert sw.debugging.check_numerics([1.0, 2.0], "x").numpy().tolist() == [1.0, 2.0]


_OPS = [module.name for module in pkgutil.walk_packages(ops.__path__, f"{ops.__name__}.")]


@pytest.mark.parametrize("name", [*_OPS, "stepwell._names"])
def test_examples_in_docstrings_run(name):
    failed, _ = doctest.testmod(import_module(name))
    assert not failed
