"""The texts of values are TensorFlow's; the expected ones are recorded from TensorFlow 2.21."""

import collections
import logging
import sys

import numpy as np
import pytest

import stepwell as sw

MATRIX = [[1, 2], [3, 4]]
TEXTS = [
    (lambda: sw.constant(1.0), "tf.Tensor(1.0, shape=(), dtype=float32)", "shape=(), dtype=float32, numpy=1.0", "1.0"),
    (lambda: sw.constant(True), "tf.Tensor(True, shape=(), dtype=bool)", "shape=(), dtype=bool, numpy=True", "True"),
    (lambda: sw.constant(3), "tf.Tensor(3, shape=(), dtype=int32)", "shape=(), dtype=int32, numpy=3", "3"),
    (
        lambda: sw.constant([1.0, 2.0]),
        "tf.Tensor([1. 2.], shape=(2,), dtype=float32)",
        "shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)",
        "[1. 2.]",
    ),
    (
        lambda: sw.constant(MATRIX),
        "tf.Tensor(\n[[1 2]\n [3 4]], shape=(2, 2), dtype=int32)",
        "shape=(2, 2), dtype=int32, numpy=\narray([[1, 2],\n       [3, 4]], dtype=int32)",
        "[[1 2]\n [3 4]]",
    ),
    (
        lambda: sw.zeros([0, 3]),
        "tf.Tensor([], shape=(0, 3), dtype=float32)",
        "shape=(0, 3), dtype=float32, numpy=array([], shape=(0, 3), dtype=float32)",
        "[]",
    ),
    (
        lambda: sw.range(2000),
        "tf.Tensor([   0    1    2 ... 1997 1998 1999], shape=(2000,), dtype=int32)",
        "shape=(2000,), dtype=int32, numpy=\narray([   0,    1,    2, ..., 1997, 1998, 1999],\n"
        "      shape=(2000,), dtype=int32)",
        "[   0    1    2 ... 1997 1998 1999]",
    ),
    (
        lambda: sw.constant([float("nan"), float("inf")]),
        "tf.Tensor([nan inf], shape=(2,), dtype=float32)",
        "shape=(2,), dtype=float32, numpy=array([nan, inf], dtype=float32)",
        "[nan inf]",
    ),
    (
        lambda: sw.constant([True, False]),
        "tf.Tensor([ True False], shape=(2,), dtype=bool)",
        "shape=(2,), dtype=bool, numpy=array([ True, False])",
        "[ True False]",
    ),
    (
        lambda: sw.constant(0.1, sw.float64),
        "tf.Tensor(0.1, shape=(), dtype=float64)",
        "shape=(), dtype=float64, numpy=0.1",
        "0.1",
    ),
    (
        lambda: sw.constant(0.1),
        "tf.Tensor(0.1, shape=(), dtype=float32)",
        "shape=(), dtype=float32, numpy=0.10000000149011612",
        "0.10000000149011612",
    ),
    (
        lambda: sw.constant(1e10),
        "tf.Tensor(1e+10, shape=(), dtype=float32)",
        "shape=(), dtype=float32, numpy=10000000000.0",
        "10000000000.0",
    ),
    (lambda: sw.constant("a"), "tf.Tensor(b'a', shape=(), dtype=string)", "shape=(), dtype=string, numpy=b'a'", "b'a'"),
]


@pytest.mark.parametrize(("make", "text", "represented", "formatted"), TEXTS)
def test_tensors(make, text, represented, formatted):
    value = make()
    assert str(value) == text
    assert repr(value) == f"<tf.Tensor: {represented}>"
    assert f"{value}" == formatted
    assert repr(value.ref()) == f"<Reference wrapping <tf.Tensor: {represented}>>"


def test_formats():
    assert f"{sw.constant(1.0):.2f} {sw.constant(3):03d}" == "1.00 003"
    assert "%s %.2f" % (sw.constant(1.0), sw.constant(1.0)) == "tf.Tensor(1.0, shape=(), dtype=float32) 1.00"  # noqa: UP031
    with pytest.raises(TypeError):
        f"{sw.constant([1.0]):.2f}"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: sw.Variable([1.0, 2.0]),
            "'Variable:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)",
        ),
        (lambda: sw.Variable(3, name="w"), "'w:0' shape=() dtype=int32, numpy=3"),
        (lambda: sw.Variable(True, trainable=False), "'Variable:0' shape=() dtype=bool, numpy=True"),
        (
            lambda: sw.Variable(MATRIX),
            "'Variable:0' shape=(2, 2) dtype=int32, numpy=\narray([[1, 2],\n       [3, 4]], dtype=int32)",
        ),
    ],
)
def test_variables(make, text):
    variable = make()
    assert str(variable) == repr(variable) == f"{variable}" == f"<tf.Variable {text}>"


def test_variables_have_no_value_while_a_function_is_traced():
    v, texts = sw.Variable([1.0]), []

    @sw.function
    def f():
        texts.append(repr(v))
        return v + 1.0

    f()
    assert texts == ["<tf.Variable 'Variable:0' shape=(1,) dtype=float32>"]


def test_specs():
    assert repr(sw.TensorSpec([None, 3])) == "TensorSpec(shape=(None, 3), dtype=tf.float32, name=None)"
    assert str(sw.TensorSpec([2], sw.int32, name="x")) == "TensorSpec(shape=(2,), dtype=tf.int32, name='x')"


def test_symbolic_tensors():
    texts = []

    @sw.function
    def f(x):
        texts.extend([str(x), repr(x), f"{x}"])
        y = x + x
        z = y + x
        texts.extend([y.name, z.name, repr(sw.shape(x)[0])])
        return z

    f.get_concrete_function(sw.TensorSpec([None, 3]))
    assert texts[:3] == [
        'Tensor("x:0", shape=(None, 3), dtype=float32)',
        "<tf.Tensor 'x:0' shape=(None, 3) dtype=float32>",
        'Tensor("x:0", shape=(None, 3), dtype=float32)',
    ]
    assert texts[3:5] == ["add:0", "add_1:0"]
    with pytest.raises(AttributeError, match="name is undefined"):
        _ = sw.constant(1.0).name


PRINTED = [
    ((sw.constant(True),), "1"),
    ((True, None, "a", 2.5), "True None a 2.5"),
    ((sw.constant([1.0, 2.5, 1e10, 1e-5, 1 / 3, 16777216.0]),), "[1 2.5 1e+10 1e-05 0.333333343 16777216]"),
    (
        (sw.constant([1 / 3, 1e10, 0.1, 123456789.123], sw.float64),),
        "[0.33333333333333331 10000000000 0.1 123456789.123]",
    ),
    ((sw.constant([-0.0, float("nan"), -float("inf")]),), "[-0 nan -inf]"),
    ((sw.range(7),), "[0 1 2 ... 4 5 6]"),
    ((sw.constant([True, False]),), "[1 0]"),
    ((sw.reshape(sw.range(8), [2, 2, 2]),), "[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]"),
    ((sw.zeros([0, 2]), sw.zeros([0])), "[] []"),
    ((sw.zeros([2, 0]),), "[\n ...]"),
    (
        ("a", 1, [1, 2], (1.0,), {"b": 1, "a": sw.constant([1.0, 2.0])}, [sw.constant(1), "x"]),
        "a 1 [1, 2] (1.0,) {'a': [1 2], 'b': 1} [1, 'x']",
    ),
    (("{}", "%d", {"k": sw.Variable(2)}), "{} %d {'k': 2}"),
    ((np.array([1, 2]),), "array([1, 2])"),
]


@pytest.mark.parametrize("engine", [None, "native", "interpreter"])
@pytest.mark.parametrize(("values", "text"), PRINTED)
def test_print(values, text, engine, capfd):
    def f():
        sw.print(*values, summarize=6 if "16777216" in text or "123456789" in text else 3)

    f() if engine is None else sw.function(f, engine=engine)()
    assert capfd.readouterr() == ("", text + "\n")


@pytest.mark.parametrize("engine", [None, "native", "interpreter"])
def test_print_options(engine, capfd, tmp_path, caplog):
    path = tmp_path / "out.txt"

    def f(x):
        sw.print(x, "a", summarize=-1, sep=";", end="!\n")
        sw.print(x, summarize=1, output_stream=sys.stdout)
        sw.print(x, output_stream=f"file://{path}")
        sw.print("logged", x, output_stream=logging.warning)

    run = f if engine is None else sw.function(f, engine=engine)
    run(sw.range(7))
    assert capfd.readouterr() == ("[0 ... 6]\n", "[0 1 2 3 4 5 6];a!\n")
    assert path.read_text() == "[0 1 2 ... 4 5 6]\n"
    assert [record.getMessage() for record in caplog.records] == ["logged [0 1 2 ... 4 5 6]"]


def test_print_refuses_other_streams():
    with pytest.raises(ValueError, match=r"output_stream: expected sys.stderr"):
        sw.print(1, output_stream="nowhere")


def test_print_keeps_named_tuples(capfd):
    Pair = collections.namedtuple("Pair", ["a", "b"])
    sw.print(Pair(sw.constant(1), "x"))
    assert capfd.readouterr().err == "Pair(a=1, b='x')\n"
