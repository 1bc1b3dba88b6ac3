"""What a `function` can be given, and what it says about what does not fit."""

from __future__ import annotations

import functools
import gc
from collections import namedtuple

import numpy as np
import pytest

import stepwell as sw
from stepwell.testing import assert_same_on_all_engines

Point = namedtuple("Point", ["x", "y"])


def test_nested_structures_come_back_as_they_were_given(engine):
    @sw.function(engine=engine)
    def doubled(tree):
        return {"point": Point(tree["point"].x * 2, tree["point"].y), "list": [v + v for v in tree["list"]]}

    found = doubled({"point": Point(sw.constant(1), "label"), "list": [sw.constant([1.0]), sw.constant(2.0)]})
    assert type(found["point"]) is Point
    assert int(found["point"].x) == 2
    assert found["point"].y == "label"
    assert [v.numpy().tolist() for v in found["list"]] == [[2.0], 4.0]


def test_arrays_are_tensors_and_numbers_are_values(engine):
    @sw.function(engine=engine)
    def f(x, n):
        return x * n

    assert f(np.float32(3.0), 2).numpy() == 6.0
    assert f(np.float32(4.0), 2).numpy() == 8.0
    assert f(np.ones(3, np.float32), 2).numpy().tolist() == [2.0] * 3
    assert len(f.explain().events) == 2


def test_parameters_keep_their_order():
    @sw.function
    def f(z, a, *rest, m, **more):
        return z - a + sum(rest) * m + more["b"]

    values = [sw.constant(v) for v in (10.0, 1.0, 2.0, 3.0, 4.0, 5.0)]
    z, a, r, s, m, b = values
    concrete = f.get_concrete_function(z, a, r, s, m=m, b=b)
    assert float(f(z, a, r, s, m=m, b=b)) == float(concrete(*values)) == 10 - 1 + (2 + 3) * 4 + 5
    assert [argument.name_hint for argument in concrete.function.body.block.args] == [
        "z",
        "a",
        "rest.0",
        "rest.1",
        "m",
        "more.b",
    ]


def test_defaults_and_keywords_are_one_trace():
    @sw.function
    def f(x, scale=2.0, *, shift=1.0):
        return x * scale + shift

    x = sw.constant(3.0)
    assert [float(y) for y in (f(x), f(x, 2.0), f(x=x, scale=2.0, shift=1.0), f(x, shift=1.0))] == [7.0] * 4
    assert len(f.explain().events) == 1
    assert float(f(x, sw.constant(3.0))) == 10.0


def scaled(x, factor, shift=0.0):
    if x > 0.0:
        return x * factor + shift
    return x - factor


@pytest.mark.parametrize(
    "make",
    [
        lambda: functools.partial(scaled, factor=2.0, shift=1.0),
        lambda: functools.partial(functools.partial(scaled, shift=1.0), factor=2.0),
        lambda: lambda x: scaled(x, 2.0, shift=1.0),
    ],
)
def test_partial_functions_and_lambdas_are_converted(make, engine):
    f = sw.function(make(), engine=engine)
    assert [float(f(sw.constant(v))) for v in (3.0, -3.0)] == [7.0, -5.0]


def test_partial_functions_are_converted_when_they_are_called(engine):
    @sw.function(engine=engine)
    def f(x):
        return functools.partial(scaled, factor=2.0)(x, shift=1.0)

    assert [float(f(sw.constant(v))) for v in (3.0, -3.0)] == [7.0, -5.0]


def test_two_lambdas_on_one_line(engine):
    fs = [sw.function(lambda x: x + 1 if x > 0 else x, engine=engine), sw.function(lambda x: x * 3 if x > 0 else -x, engine=engine)]  # fmt: skip # noqa: E501
    assert [[int(f(sw.constant(v))) for v in (5, -5)] for f in fs] == [[6, -5], [15, 5]]


def test_objects_that_are_called():
    class Threshold:
        def __init__(self, limit):
            self.limit = limit

        def __call__(self, x):
            if x > self.limit:
                return x
            return x * 0

    f = sw.function(Threshold(2))
    assert [int(f(sw.constant(v))) for v in (1, 5)] == [0, 5]


def test_values_that_python_calls_equal_are_different_traces():
    @sw.function
    def f(x, value):
        return x + value if value is not True else x

    x = sw.constant(1.0)
    assert float(f(x, 1)) == 2.0
    assert float(f(x, True)) == 1.0
    assert float(f(x, 1.0)) == 2.0

    @sw.function
    def sign(x, value):
        return x * value

    assert np.signbit(sign(x, -0.0).numpy())
    assert not np.signbit(sign(x, 0.0).numpy())
    for _ in range(3):
        assert np.isnan(sign(x, float("nan")).numpy())
    assert len(sign.explain().events) == 3


def test_a_variable_is_itself_and_not_its_value():
    @sw.function
    def add(target, x):
        if isinstance(target, sw.Variable):
            target.assign_add(x)
            return target.read_value()
        return target + x

    one, v, w = sw.constant(1.0), sw.Variable(10.0), sw.Variable(20.0)
    assert float(add(sw.constant(5.0), one)) == 6.0
    assert float(add(v, one)) == 11.0
    assert float(add(w, one)) == 21.0
    assert float(add(v, one)) == 12.0
    assert (float(v), float(w)) == (12.0, 21.0)


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __eq__(self, other):
        return isinstance(other, Scale)

    def __hash__(self):
        return 1

    @sw.function
    def apply(self, x):
        """Scaled."""
        if x > 0:
            return x * self.factor
        return x

    @staticmethod
    @sw.function
    def static(x):
        return x + 1

    @classmethod
    @sw.function
    def of_class(cls, x):
        return x if cls is Scale else -x


def test_methods():
    two, three = Scale(2), Scale(3)
    x = sw.constant(5)
    assert [int(s.apply(x)) for s in (two, three, two)] == [10, 15, 10]
    assert int(Scale.apply(three, x)) == 15
    assert int(two.static(x)) == int(Scale.static(x)) == 6
    assert int(two.of_class(x)) == int(Scale.of_class(x)) == 5
    assert two.apply.__doc__ == "Scaled."
    assert "apply" in str(two.apply.explain())


def test_a_method_of_an_object_without_weak_references():
    class Slotted:
        __slots__ = ()

        @sw.function
        def f(self, x):
            return x

    with pytest.raises(TypeError, match="give Slotted a '__weakref__' slot"):
        Slotted().f(sw.constant(1))


def test_a_method_of_an_object_that_is_gone_is_an_error():
    class Doubled:
        @sw.function
        def call(self, x):
            return x + x

    call = Doubled().call
    gc.collect()
    with pytest.raises(ReferenceError, match="call: the object of this method no longer exists"):
        call(1.0)


# --- input_signature

VECTOR = sw.TensorSpec([None], "float32")


def test_a_signature_is_one_trace_for_all_that_fits(engine):
    @sw.function(input_signature=[{"a": VECTOR, "b": (VECTOR, sw.TensorSpec([], "int32"))}], engine=engine)
    def f(tree):
        x, n = tree["b"]
        return sw.reduce_sum(tree["a"]) + sw.reduce_sum(x) * sw.cast(n, "float32")

    for count in (0, 1, 4):
        ones = np.ones(count, np.float32)
        assert float(f({"a": ones, "b": (ones * 2, 3)})) == count * 7
    assert float(f({"a": [1.0, 2.0], "b": ([1.0], 2)})) == 5.0
    assert len(f.explain().events) == 1


def test_parameters_after_the_signature_keep_their_defaults():
    @sw.function(input_signature=[VECTOR])
    def f(x, scale=2.0):
        return x * scale

    assert f([1.0]).numpy().tolist() == f([1.0], 2.0).numpy().tolist() == [2.0]
    with pytest.raises(TypeError, match=r"f: argument scale: it is not in input_signature.*default 2\.0.*got 3\.0"):
        f([1.0], 3.0)


def test_a_signature_and_keywords_that_are_not_given():
    @sw.function(input_signature=[VECTOR])
    def f(x, **options):
        return x + float(len(options))

    assert f([1.0]).numpy().tolist() == f([1.0]).numpy().tolist() == [1.0]
    with pytest.raises(TypeError, match="argument options: it is not in input_signature"):
        f([1.0], scale=2.0)


def test_a_signature_of_several_arguments_and_of_a_method():
    @sw.function(input_signature=(VECTOR, VECTOR))
    def f(*xs):
        return xs[0] - xs[1]

    assert f([3.0], [1.0]).numpy().tolist() == [2.0]

    class Model:
        @sw.function(input_signature=[VECTOR])
        def call(self, x):
            return x + 1.0

    assert Model().call([1.0]).numpy().tolist() == [2.0]
    assert Model().call.get_concrete_function().specs == [VECTOR]


WRONG_SIGNATURES = [
    ([1], TypeError, "f: input_signature: expected TensorSpecs, got 1"),
    (VECTOR, TypeError, "f: input_signature: expected a list of TensorSpecs"),
    ([VECTOR], TypeError, "f: input_signature: missing a required argument: 'y'"),
    ([VECTOR] * 3, TypeError, "f: input_signature: too many positional arguments"),
]


@pytest.mark.parametrize(("signature", "error", "text"), WRONG_SIGNATURES)
def test_signatures_that_do_not_fit_the_function(signature, error, text):
    @sw.function(input_signature=signature)
    def f(x, y):
        return x

    with pytest.raises(error, match=text):
        f(1.0, 2.0)


WRONG_ARGUMENTS = [
    (
        ({"a": [1.0]},),
        TypeError,
        r"f: argument tree: expected the structure of its input_signature.*got \{'a': \[1\.0\]\}",
    ),
    (({"a": [1.0], "b": [[1.0]]},), ValueError, r"f: argument tree\['b'\]: expected shape \(\?,\), got \(1, 1\)"),
    (({"a": [1.0], "b": np.zeros(1)},), None, ""),
    (({"a": [1.0], "b": sw.constant([1])},), TypeError, r"f: argument tree\['b'\]: expected dtype float32, got int32"),
    (({"a": "text", "b": [1.0]},), TypeError, r"f: argument tree\['a'\]: cannot convert 'text' to float32"),
    ((), TypeError, "f: missing a required argument: 'tree'"),
    ((1, 2), TypeError, "f: too many positional arguments"),
]


@pytest.mark.parametrize(("args", "error", "text"), WRONG_ARGUMENTS)
def test_arguments_that_do_not_fit_the_signature(args, error, text):
    @sw.function(input_signature=[{"a": VECTOR, "b": VECTOR}])
    def f(tree):
        return tree["a"]

    if error is None:
        f(*args)
        return
    with pytest.raises(error, match=text):
        f(*args)


def test_wrong_calls_of_concrete_functions():
    @sw.function
    def f(x, y):
        return x + y

    concrete = f.get_concrete_function(VECTOR, sw.TensorSpec([], "float32"))
    with pytest.raises(TypeError, match="f: missing a required argument: 'y'"):
        concrete(1.0)
    with pytest.raises(TypeError, match="f: argument y: expected dtype float32, got int32"):
        concrete([1.0], sw.constant(1))


class TestNamedSizes:
    @pytest.mark.parametrize("engine", ["native", "interpreter", "onnx"])
    def test_sizes_of_one_name_are_equal(self, engine):
        signature = [sw.TensorSpec(["n", 2]), sw.TensorSpec(["n"])]
        f = sw.function(lambda x, y: (sw.reduce_sum(x), sw.reduce_sum(y)), engine=engine, input_signature=signature)
        assert [float(part) for part in f(sw.ones([3, 2]), sw.ones([3]))] == [6, 3]
        with pytest.raises(Exception, match=r"sizes named 'n' must be equal: axis 0 of x is .*, axis 0 of y is"):
            f(sw.ones([3, 2]), sw.ones([1]))

    def test_one_size_may_be_any(self):
        f = sw.function(lambda x: x * 2.0, input_signature=[sw.TensorSpec(["n", "m"])])
        assert f(sw.ones([2, 3])).shape == (2, 3)

    def test_a_trace_for_equal_sizes_does_not_serve_others(self):
        f = sw.function(lambda x, y: x + y)
        f.get_concrete_function(sw.TensorSpec(["n"]), sw.TensorSpec(["n"]))
        for sizes in ((3, 3), (3, 1), (3, 3), (1, 2)):
            assert f(sw.ones([sizes[0]]), sw.ones([sizes[1]])).shape == (max(sizes),)

    def test_specs_show_and_compare_names(self):
        spec = sw.TensorSpec(["batch", None, 3])
        assert (spec.shape, spec.size_names) == ((None, None, 3), ("batch", None, None))
        assert repr(spec) == "TensorSpec(shape=('batch', None, 3), dtype=tf.float32, name=None)"
        assert spec != sw.TensorSpec([None, None, 3]) and spec == sw.TensorSpec(["batch", None, 3])
        with pytest.raises(ValueError, match=r"identifiers, got 'a b'"):
            sw.TensorSpec(["a b"])


def test_a_call_with_the_structure_of_the_last_one_is_told_from_others():
    @sw.function
    def f(tree):
        first, *_ = tree.values() if isinstance(tree, dict) else tree
        return first - 2.0 * (tree["b"] if isinstance(tree, dict) else tree[1])

    one, two, wide = sw.constant(1.0), sw.constant(2.0), sw.constant([1.0, 2.0])
    for _ in range(3):
        assert float(f({"a": one, "b": two})) == -3.0
        assert float(f({"a": two, "b": one})) == 0.0
        assert float(f({"b": two, "a": one})) == float(f({"b": two, "a": one}))
        assert float(f([two, one])) == 0.0
        assert f({"a": wide, "b": one}).numpy().tolist() == [-1.0, 0.0]
        with pytest.raises(KeyError):
            f({"a": one, "c": two})
        assert float(f({"a": one, "b": 2.0})) == -3.0
        assert float(f({"a": one, "b": sw.Variable(3.0)})) == -5.0
        assert float(f(tree={"a": one, "b": two})) == -3.0


@pytest.mark.parametrize("engine", ["native", "interpreter", "onnx"])
def test_a_spec_has_no_value_to_run_on(engine):
    def f(x, scale):
        return x["w"] * scale

    spec, compiled = sw.TensorSpec([None], name="w"), sw.function(f, engine=engine)
    message = r"f: argument x\['w'\]: expected a tensor, got TensorSpec.*get_concrete_function only"
    with pytest.raises(TypeError, match=message):
        compiled({"w": spec}, 2.0)
    for takes_values in (sw.debugging.bisect, assert_same_on_all_engines):
        with pytest.raises(TypeError, match=message):
            takes_values(compiled, {"w": spec}, 2.0)
    with pytest.raises(TypeError, match=message):
        compiled.get_concrete_function({"w": spec}, 2.0)(spec)
