"""What traces say of their arguments and results, and specs of unknown rank; expected texts are TensorFlow's."""

import pytest

import stepwell as sw

ENGINES = ["native", "interpreter", "onnx"]


def test_functions_take_tensorflows_arguments():
    options = {
        "jit_compile": True,
        "reduce_retracing": True,
        "experimental_relax_shapes": True,
        "experimental_implements": "x",
        "experimental_attributes": {},
        "experimental_autograph_options": None,
        "experimental_compile": None,
        "experimental_follow_type_hints": True,
    }
    assert int(sw.function(**options)(lambda x: x + 1)(sw.constant(1))) == 2
    assert sw.function(lambda x: x, [sw.TensorSpec([])], True, None).input_signature == (sw.TensorSpec([]),)
    with pytest.raises(TypeError):
        sw.function(5)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_spec_of_unknown_rank_has_a_trace_for_each_rank(engine):
    shapes = []

    @sw.function(input_signature=[{"x": sw.TensorSpec(None)}], engine=engine)
    def f(tree):
        shapes.append(tree["x"].shape)
        return sw.reduce_sum(tree["x"])

    values = [1.0, [1.0, 2.0], [4.0], [[1.0, 2.0], [3.0, 4.0]], 5.0]
    assert [float(f({"x": value})) for value in values] == [1.0, 3.0, 4.0, 10.0, 5.0]
    assert shapes == [[], [None], [None, None]]
    with pytest.raises(TypeError):
        f({"x": sw.constant([1])})
    with pytest.raises(ValueError, match="once for each rank"):
        f.get_concrete_function()


class TestSpecs:
    def test_are_made_of_tensors_and_specs(self):
        x, spec = sw.zeros([2, 3]), sw.TensorSpec([2], name="a")
        assert sw.TensorSpec.from_tensor(x, name="x") == sw.TensorSpec([2, 3], name="x")
        assert sw.TensorSpec.from_spec(spec) == spec and sw.TensorSpec.from_spec(spec, "b").name == "b"
        assert sw.type_spec_from_value(sw.Variable([1])) == sw.TensorSpec([1], sw.int32)
        with pytest.raises(ValueError):
            sw.TensorSpec.from_tensor(1.0)

    def test_are_compared(self):
        spec = sw.TensorSpec([None, 3])
        fits = [sw.zeros([2, 3]), sw.TensorSpec([2, 3]), sw.TensorSpec(None)]
        others = [sw.zeros([2, 4]), sw.zeros([2, 3], sw.int32), sw.TensorSpec([3]), 1.0]
        assert [spec.is_compatible_with(each) for each in fits + others] == [True] * 3 + [False] * 4
        assert sw.TensorSpec([2, 3]).is_subtype_of(spec) and not spec.is_subtype_of(sw.TensorSpec([2, 3]))
        assert sw.TensorSpec(None).covers(spec) and not spec.covers(sw.TensorSpec(None))

    def test_are_combined(self):
        spec = sw.TensorSpec([2, 3])
        assert spec.most_specific_compatible_type(sw.TensorSpec([2, 4])) == sw.TensorSpec([2, None])
        assert spec.most_specific_compatible_type(sw.TensorSpec([2])) == sw.TensorSpec(None)
        both = [sw.TensorSpec([2, 4]), sw.TensorSpec([3, 4])]
        assert spec.most_specific_common_supertype(both) == sw.TensorSpec([None, None])
        assert spec.most_specific_common_supertype([sw.TensorSpec([2, 3], sw.int32)]) is None
        with pytest.raises(ValueError):
            spec.most_specific_compatible_type(sw.TensorSpec([2, 3], sw.int32))


VECTOR = "TensorSpec(shape=(2,), dtype=tf.float32, name=None)"


def of_a_structure(d, l, n=2, *, k=None):  # noqa: E741 - as it was given to TensorFlow
    return {"a": d["x"], "b": l[0]}


def of_any(*xs, **kw):
    return xs[0]


def of_nothing(x):
    return None


def of_values(x, mode, t):
    return x, [x]


TEXTS = [
    (
        of_a_structure,
        ({"x": sw.TensorSpec([2])}, [sw.TensorSpec([], sw.int32)]),
        {},
        "ConcreteFunction Input Parameters:\n"
        f"  d (POSITIONAL_OR_KEYWORD): Dict[['x', {VECTOR}]]\n"
        "  l (POSITIONAL_OR_KEYWORD): List[TensorSpec(shape=(), dtype=tf.int32, name=None)]\n"
        "  n (POSITIONAL_OR_KEYWORD): Literal[2]\n"
        "  k (KEYWORD_ONLY): Literal[None]\n"
        "Output Type:\n"
        f"  Dict[['a', {VECTOR}], ['b', TensorSpec(shape=(), dtype=tf.int32, name=None)]]\n"
        "Captures:\n"
        "  None",
    ),
    (
        of_any,
        (sw.TensorSpec([2]), sw.TensorSpec([3])),
        {"a": sw.TensorSpec([])},
        "ConcreteFunction Input Parameters:\n"
        f"  xs_0 (POSITIONAL_ONLY): {VECTOR}\n"
        "  xs_1 (POSITIONAL_ONLY): TensorSpec(shape=(3,), dtype=tf.float32, name=None)\n"
        "  a (KEYWORD_ONLY): TensorSpec(shape=(), dtype=tf.float32, name=None)\n"
        f"Output Type:\n  {VECTOR}\nCaptures:\n  None",
    ),
    (
        of_nothing,
        (sw.TensorSpec([2]),),
        {},
        f"ConcreteFunction Input Parameters:\n  x (POSITIONAL_OR_KEYWORD): {VECTOR}\n"
        "Output Type:\n  Literal[None]\nCaptures:\n  None",
    ),
    (
        of_values,
        (sw.TensorSpec([2], name="q"), "fast", (1, 2.5, True)),
        {},
        f"ConcreteFunction Input Parameters:\n  x (POSITIONAL_OR_KEYWORD): {VECTOR}\n"
        "  mode (POSITIONAL_OR_KEYWORD): Literal['fast']\n"
        "  t (POSITIONAL_OR_KEYWORD): Tuple[Literal[1], Literal[2.5], Literal[True]]\n"
        f"Output Type:\n  Tuple[{VECTOR}, List[{VECTOR}]]\nCaptures:\n  None",
    ),
]


@pytest.mark.parametrize(("function", "args", "kwargs", "text"), TEXTS)
def test_texts(function, args, kwargs, text):
    f = sw.function(function)
    concrete = f.get_concrete_function(*args, **kwargs)
    assert str(concrete) == text
    assert f.pretty_printed_concrete_signatures() == text.removeprefix("ConcreteFunction ")
    assert f.experimental_get_tracing_count() == 1 and f.name == function.__name__


def test_representation():
    concrete = sw.function(of_a_structure).get_concrete_function({"x": sw.TensorSpec([2])}, [sw.TensorSpec([])])
    shown = repr(concrete).partition(" at 0x")[0]
    scalar = "TensorSpec(shape=(), dtype=tf.float32, name=None)"
    assert shown == (
        f"<ConcreteFunction (d: Dict[['x', {VECTOR}]], l: List[{scalar}], n: Literal[2], *, k: Literal[None]) -> "
        f"Dict[['a', {VECTOR}], ['b', {scalar}]]"
    )


def test_structures():
    v = sw.Variable(1.0)

    @sw.function
    def f(d, n=2, *, k=None):
        return {"a": d["x"] * v, "n": n}

    concrete = f.get_concrete_function({"x": sw.TensorSpec([None, 2])})
    args, kwargs = concrete.structured_input_signature
    assert args == ({"x": sw.TensorSpec([None, 2], name="d_x")}, 2) and kwargs == {"k": None}
    assert concrete.output_shapes == {"a": [None, 2], "n": []} and concrete.output_dtypes["a"] == sw.float32
    assert [x.shape for x in concrete.inputs] == [[None, 2]] and [x.shape for x in concrete.outputs] == [[None, 2], []]
    assert concrete.structured_outputs["a"].shape == [None, 2]
    assert concrete.variables[0] is concrete.trainable_variables[0] is concrete.captured_inputs[0] is v
    assert "dtype=tf.resource" in str(concrete)


class TestCallsOfTraces:
    def test_as_the_function_is_called(self):
        f = sw.function(lambda x, y, n=3: x + y * n)
        concrete = f.get_concrete_function(sw.TensorSpec([]), sw.TensorSpec([]))
        assert float(concrete(1.0, 2.0)) == float(concrete(1.0, y=2.0)) == float(concrete(x=1.0, y=2.0, n=3)) == 7.0
        with pytest.raises(TypeError, match="expected 3, got 4"):
            concrete(1.0, 2.0, 4)

    def test_with_structures(self):
        f = sw.function(lambda d, mode: d["a"][0] + d["b"])
        concrete = f.get_concrete_function({"a": [sw.TensorSpec([])], "b": sw.TensorSpec([])}, "fast")
        assert float(concrete({"a": [sw.constant(1.0)], "b": sw.constant(2.0)}, "fast")) == 3.0
        assert float(concrete(1.0, 2.0)) == 3.0
        with pytest.raises(TypeError, match="structure"):
            concrete({"a": sw.constant(1.0)}, "fast")
