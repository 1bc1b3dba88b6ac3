"""Signatures: which there are, their names, and what they refuse, as TensorFlow 2.21 has it."""

import numpy as np
import pytest

import stepwell as sw

S = sw.TensorSpec([2], sw.float32)


class Scale(sw.Module):
    def __init__(self):
        super().__init__()
        self.v = sw.Variable(2.0)

    @sw.function(input_signature=[sw.TensorSpec([None])])
    def f(self, x):
        return x * self.v


def loaded(thing, path, signatures=None):
    sw.saved_model.save(thing, path, signatures, sw.saved_model.SaveOptions(onnx=False))
    return sw.saved_model.load(path)


def signature(function, *specs):
    """What the only signature is, of a function of any other object: its inputs and outputs."""

    def save(path):
        concrete = sw.function(function).get_concrete_function(*specs)
        found = loaded(Scale(), path, concrete).signatures["serving_default"]
        [_, inputs] = found.structured_input_signature
        return {name: spec.name for name, spec in inputs.items()}, set(found.structured_outputs)

    return save


def named(*names):
    return {name: name for name in names}


# As TensorFlow records, but for the names of nested arguments: `d_a` for `d['a']`, where TensorFlow has `d` and `d_1`.
RECORDED = [
    (signature(lambda x: (x, x + 1), S), named("x"), {"output_0", "output_1"}),
    (signature(lambda x: [x], S), named("x"), {"output_0"}),
    (signature(lambda x: {"b": x, "a": x + 1}, S), named("x"), {"a", "b"}),
    (signature(lambda x: None, S), named("x"), set()),
    (signature(lambda x: (x, 3), S), named("x"), {"output_0", "output_1"}),
    (signature(lambda x, n=3: x * n, S), named("x"), {"output_0"}),
    (signature(lambda: sw.constant(1.0)), {}, {"output_0"}),
    (signature(lambda x: x, sw.TensorSpec([2], name="inp")), named("inp"), {"output_0"}),
    (signature(lambda *a: a[0] + a[1], S, S), named("a_0", "a_1"), {"output_0"}),
    (
        signature(lambda x, y: x, sw.TensorSpec([2], name="inp"), sw.TensorSpec([2], name="inp")),
        named("inp", "inp_1"),
        {"output_0"},
    ),
]


@pytest.mark.parametrize(("save", "inputs", "outputs"), RECORDED)
def test_names_are_tensorflows(save, inputs, outputs, tmp_path):
    assert save(tmp_path / "m") == (inputs, outputs)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: {"b": [x], "a": x}, r"got a nested structure at \['a'\]|got a nested structure at \['b'\]"),
        (lambda x: [[x], x], r"got a nested structure at \[0\]"),
        (lambda x: {1: x}, "got the key 1"),
        (lambda x: {"a": x, "b": None}, r"got None at \['b'\]"),
    ],
)
def test_results_are_flat(function, text, tmp_path):
    with pytest.raises(ValueError, match=text):
        signature(function, S)(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_the_only_function_with_specs_is_the_signature(tmp_path):
    found = loaded(Scale(), tmp_path / "m").signatures
    assert list(found) == ["serving_default"] and len(found) == 1
    f = found["serving_default"]
    for result in (f(x=sw.ones([3])), f(sw.ones([3])), f(x=[1.0, 1.0, 1.0])):
        assert list(result) == ["output_0"]
        np.testing.assert_array_equal(result["output_0"], [2, 2, 2])
    with pytest.raises(KeyError, match="no signature 'predict'; there are: 'serving_default'"):
        found["predict"]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f(), TypeError, "missing a required argument: 'x'"),
        (lambda f: f(x=sw.ones([3]), y=1), TypeError, "unexpected keyword argument 'y'"),
        (lambda f: f(x=sw.ones([3], sw.int32)), ValueError, "argument x: expected dtype float32, got int32"),
        (lambda f: f(x=sw.ones([3, 3])), ValueError, "argument x: expected shape"),
    ],
)
def test_wrong_calls_are_refused(call, error, text, tmp_path):
    with pytest.raises(error, match=text):
        call(loaded(Scale(), tmp_path / "m").signatures["serving_default"])


def test_signatures_are_named(tmp_path):
    scale = Scale()
    half = sw.function(lambda x: {"half": x / 2.0}).get_concrete_function(S)
    found = loaded(scale, tmp_path / "m", {"f": scale.f, "half": half}).signatures
    np.testing.assert_array_equal(found["half"](x=[1.0, 3.0])["half"], [0.5, 1.5])
    np.testing.assert_array_equal(found["f"](x=[1.0, 3.0])["output_0"], [2, 6])


class WithAnother(Scale):
    @sw.function
    def g(self, x):
        return x


class WithSpecs(Scale):
    @sw.function(input_signature=[S])
    def g(self, x):
        return x


@pytest.mark.parametrize(("kind", "names"), [(WithAnother, ["serving_default"]), (WithSpecs, [])])
def test_the_only_function_that_has_specs_is_the_signature_where_none_is_given(kind, names, tmp_path):
    assert list(loaded(kind(), tmp_path / "m").signatures) == names


@pytest.mark.parametrize("given", [lambda x: x, sw.function(lambda x: x), 3, {1: None}, {"": None}])
def test_what_is_no_signature_is_refused(given, tmp_path):
    with pytest.raises(ValueError, match=r"saved_model\.save: signatures: "):
        sw.saved_model.save(Scale(), tmp_path / "m", signatures=given)
    assert not any(tmp_path.iterdir())


def test_signatures_share_their_variables(tmp_path):
    found = loaded(Scale(), tmp_path / "m")
    found.v.assign(5.0)
    np.testing.assert_array_equal(found.signatures["serving_default"](x=[1.0])["output_0"], [5])
    with sw.GradientTape() as tape:
        y = found.signatures["serving_default"](x=[1.0, 2.0])["output_0"]
    assert float(tape.gradient(y, found.v)) == 3.0


def test_a_signature_alone_keeps_its_variables(tmp_path):
    f = loaded(Scale(), tmp_path / "m").signatures["serving_default"]
    np.testing.assert_array_equal(f(x=[1.0])["output_0"], [2])
    g = sw.saved_model.load(tmp_path / "m").f
    np.testing.assert_array_equal(g([1.0]), [2])
