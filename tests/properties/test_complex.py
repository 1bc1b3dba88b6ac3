"""Complex numbers: the same on every engine as in NumPy, and with TensorFlow's gradients."""

import numpy as np
import onnxruntime
import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.testing import assert_same_on_all_engines

RANDOM = np.random.default_rng(5)
FUNCTIONS = {
    "add": (np.add, sw.add),
    "sub": (np.subtract, sw.subtract),
    "mul": (np.multiply, sw.multiply),
    "div": (np.divide, sw.divide),
    "pow": (np.power, sw.pow),
    "neg": (lambda x, _: -x, lambda x, _: -x),
    "exp": (lambda x, _: np.exp(x), lambda x, _: sw.exp(x)),
    "log": (lambda x, _: np.log(x), lambda x, _: sw.math.log(x)),
    "sqrt": (lambda x, _: np.sqrt(x), lambda x, _: sw.sqrt(x)),
    "rsqrt": (lambda x, _: 1 / np.sqrt(x), lambda x, _: sw.math.rsqrt(x)),
    "expm1": (lambda x, _: np.expm1(x), lambda x, _: sw.math.expm1(x)),
    "log1p": (lambda x, _: np.log1p(x), lambda x, _: sw.math.log1p(x)),
    "sin": (lambda x, _: np.sin(x), lambda x, _: sw.sin(x)),
    "cos": (lambda x, _: np.cos(x), lambda x, _: sw.cos(x)),
    "tan": (lambda x, _: np.tan(x), lambda x, _: sw.math.tan(x)),
    "sinh": (lambda x, _: np.sinh(x), lambda x, _: sw.math.sinh(x)),
    "cosh": (lambda x, _: np.cosh(x), lambda x, _: sw.math.cosh(x)),
    "tanh": (lambda x, _: np.tanh(x), lambda x, _: sw.tanh(x)),
    "sigmoid": (lambda x, _: 1 / (1 + np.exp(-x)), lambda x, _: sw.sigmoid(x)),
    "sign": (lambda x, _: x / np.abs(x), lambda x, _: sw.sign(x)),
    "abs": (lambda x, _: np.abs(x), lambda x, _: sw.abs(x)),
    "angle": (lambda x, _: np.angle(x), lambda x, _: sw.math.angle(x)),
    "equal": (lambda x, _: x == x[:1], lambda x, _: sw.equal(x, x[:1])),
    "not_equal": (lambda x, _: x != x[:1], lambda x, _: sw.not_equal(x, x[:1])),
    "matmul": (lambda x, y: x @ y.conj().T, lambda x, y: sw.matmul(x, y, adjoint_b=True)),
    "sum": (lambda x, _: x.sum(0), lambda x, _: sw.reduce_sum(x, 0)),
    "mean": (lambda x, _: x.mean(1), lambda x, _: sw.reduce_mean(x, 1)),
    "prod": (lambda x, _: x.prod(), lambda x, _: sw.reduce_prod(x)),
    "cumsum": (lambda x, _: x.cumsum(1), lambda x, _: sw.cumsum(x, 1)),
    "cumprod": (lambda x, _: x.cumprod(0), lambda x, _: sw.math.cumprod(x, 0)),
    "parts": (lambda x, y: x.real + 1j * y.imag, lambda x, y: sw.complex(sw.math.real(x), sw.math.imag(y))),
    "transpose": (lambda x, _: x.conj().T, lambda x, _: sw.transpose(x, conjugate=True)),
    "concat": (lambda x, y: np.concatenate([x, y]), lambda x, y: sw.concat([x, y], 0)),
    "stack": (lambda x, y: np.stack([x, y]), lambda x, y: sw.stack([x, y])),
    "gather": (lambda x, _: x[:, [1, 0]], lambda x, _: sw.gather(x, [1, 0], axis=1)),
    "pad": (lambda x, _: np.pad(x, ((1, 0), (0, 2))), lambda x, _: sw.pad(x, [[1, 0], [0, 2]])),
    "tile": (lambda x, _: np.tile(x, (2, 1)), lambda x, _: sw.tile(x, [2, 1])),
    "where": (lambda x, y: np.where(abs(x) > 1, x, y), lambda x, y: sw.where(sw.abs(x) > 1, x, y)),
    "cast": (lambda x, _: x.real, lambda x, _: sw.cast(x, sw.math.real(x).dtype)),
    "norm": (lambda x, _: np.linalg.norm(x) + 0j, lambda x, _: sw.norm(x)),
    "empty": (lambda x, _: x[:0] * 2, lambda x, _: x[:0] * 2),
}


def numbers(*shape, dtype=np.complex64):
    return (RANDOM.normal(size=shape) + 1j * RANDOM.normal(size=shape)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_functions_are_those_of_numpy(dtype):
    x, y = numbers(3, 3, dtype=dtype), numbers(3, 3, dtype=dtype)
    tolerance = 2e-5 if dtype == np.complex64 else 1e-12
    for name, (theirs, ours) in FUNCTIONS.items():
        expected, got = theirs(x, y), ours(sw.constant(x), sw.constant(y)).numpy()
        assert got.dtype == expected.dtype.type(0).astype(got.dtype).dtype, name
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance, err_msg=name)


FORMULAS = (
    *("mul", "div", "pow", "exp", "log", "sqrt", "expm1", "log1p", "sin", "cosh", "tan", "tanh", "sigmoid"),
    *("abs", "angle", "not_equal", "matmul", "prod", "cumprod", "parts", "where", "cast", "gather", "tile", "empty"),
)


def test_engines_agree():
    def f(x, y):
        return {name: FUNCTIONS[name][1](x, y) for name in FORMULAS}

    engines = ["native", "onnx"]
    assert_same_on_all_engines(f, numbers(3, 3), numbers(3, 3), rtol=1e-4, atol=1e-5, ways=engines)


def test_levels_agree():
    def f(x, y):
        return [FUNCTIONS[name][1](x, y) for name in ("mul", "matmul", "sum", "concat")]

    assert_same_on_all_engines(f, numbers(2, 2), numbers(2, 2))


UNKNOWN = (
    "mul",
    "exp",
    "equal",
    "matmul",
    "mean",
    "prod",
    "parts",
    "transpose",
    "concat",
    "pad",
    "where",
    "norm",
    "empty",
)


@pytest.mark.parametrize("engine", ["native", "onnx"])
def test_sizes_may_be_unknown(engine):
    def f(x, y):
        return [FUNCTIONS[name][1](x, y) for name in UNKNOWN]

    spec = sw.TensorSpec([None, None], sw.complex128)
    compiled = sw.function(f, engine=engine, input_signature=[spec, spec])
    x, y = numbers(3, 3, dtype=np.complex128), numbers(3, 3, dtype=np.complex128)
    for name, got, expected in zip(UNKNOWN, compiled(x, y), f(sw.constant(x), sw.constant(y)), strict=True):
        np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-9, atol=1e-9, err_msg=name)


SPECIAL = [0, -0.0, 1, -1, np.inf, -np.inf, 1e30, 1e-30]


@pytest.mark.parametrize("name", ["mul", "div", "abs", "exp", "sqrt", "log", "tanh", "angle"])
def test_special_numbers(name):
    z = np.array([complex(a, b) for a in SPECIAL for b in SPECIAL], np.complex64)
    one = np.array([1j, 2 - 1j], np.complex64)[:, None] * np.ones_like(z)
    theirs, ours = FUNCTIONS[name]
    with np.errstate(all="ignore"):
        expected = np.asarray(theirs(np.broadcast_to(z, one.shape) if name in ("mul", "div") else z, one))
    got = sw.function(ours)(z, one).numpy()
    finite = np.isfinite(expected)
    if name == "tanh":  # NumPy's is NaN for some large numbers
        finite &= np.isfinite(got)
    np.testing.assert_allclose(got[finite], expected[finite], rtol=1e-5, atol=1e-35)
    assert name == "tanh" or not np.isfinite(got[~finite]).any()


def test_control_flow_and_variables():
    total, turned = sw.Variable(numbers(3)), sw.Variable(1 + 1j)

    def f(z, n):
        for i in sw.range(n):
            if sw.reduce_sum(sw.math.real(z)) > 0:
                z = z * 1j
            else:
                z = z + sw.complex(sw.cast(i, sw.float32), 1.0)
        while sw.abs(z[0]) < 9.0:
            z = z * 2
        total.assign_add(z)
        turned.assign(turned * 1j)
        return z, total[0]

    assert_same_on_all_engines(f, numbers(3), sw.constant(4), rtol=1e-4, atol=1e-5, ways=["native", "onnx"])


def test_arguments_in_any_layout_and_variables_are_not_copied():
    v = sw.Variable(np.zeros([2, 3], np.complex64))

    @sw.function
    def f(z):
        v.assign_add(z)
        return z * 2

    z = numbers(3, 2).T
    assert f(z).numpy().tolist() == (z * 2).tolist()
    assert f(sw.constant(z)).numpy().tolist() == (z * 2).tolist()
    np.testing.assert_allclose(v.numpy(), 2 * z)


GRADIENTS = {
    "abs": ([0.4472136 + 0.8944272j, 0.6 - 0.8j], sw.abs),
    "angle": ([-0.4 + 0.2j, 0.16 + 0.12j], sw.math.angle),
    "real": ([1, 1], sw.math.real),
    "imag": ([1j, 1j], sw.math.imag),
    "conj": ([1, 1], sw.math.conj),
    "exp": ([-1.1312044 - 2.4717267j, -13.128783 - 15.200784j], sw.exp),
}


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_are_those_of_tensorflow(name, compiled):
    expected, f = GRADIENTS[name]
    z = sw.constant([1 + 2j, 3 - 4j], sw.complex64)
    with sw.GradientTape() as tape:
        tape.watch(z)
        y = sw.function(f)(z) if compiled else f(z)
    np.testing.assert_allclose(tape.gradient(y, z).numpy(), expected, rtol=1e-5)


def test_gradients_of_holomorphic_functions_are_conjugates_of_slopes():
    z, step = numbers(3, dtype=np.complex128), 1e-6
    for name in (
        "exp",
        "log",
        "sqrt",
        "rsqrt",
        "expm1",
        "log1p",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "sigmoid",
    ):
        f = FUNCTIONS[name][1]
        x = sw.constant(z)
        with sw.GradientTape() as tape:
            tape.watch(x)
            y = f(x, x)
        slope = (f(sw.constant(z + step), x).numpy() - f(sw.constant(z - step), x).numpy()) / (2 * step)
        np.testing.assert_allclose(tape.gradient(y, x).numpy(), slope.conj(), rtol=1e-6, err_msg=name)


def test_values():
    assert repr(sw.constant(1 + 2j)) == "<tf.Tensor: shape=(), dtype=complex128, numpy=(1+2j)>"
    assert str(sw.constant([1j], sw.complex64)) == "tf.Tensor([0.+1.j], shape=(1,), dtype=complex64)"
    assert sw.complex64.is_complex and sw.complex64.real_dtype == sw.float32 and sw.complex128.size == 16
    assert complex(sw.constant(1j)) == 1j and sw.as_dtype("complex64") is sw.complex64
    assert sw.constant(2, sw.complex64).numpy() == 2 and (sw.constant(1j) == 1j).numpy()


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_printing(engine, capfd):
    @sw.function(engine=engine)
    def f(z):
        sw.print(z, sw.abs(z))
        return z

    f(np.array([3 + 4j, 0], np.complex64))
    assert capfd.readouterr().err == "[(3+4j) 0j] [5 0]\n"


def test_text_of_the_ir():
    f = sw.function(lambda z: z * sw.constant(1 - 2j, sw.complex64))
    spec = sw.TensorSpec([2], sw.complex64)
    text = sw.ir(f, spec)
    assert "dense<(1.000000e+00,-2.000000e+00)> : tensor<complex<f32>>" in text
    assert print_module(parse_module(text, "text")) == text
    assert "complex" not in sw.ir(f, spec, level="linalg") and "%z: tensor<2x2xf32>" in sw.ir(f, spec, level="linalg")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda z: sw.maximum(z, z),
        lambda z: z < 1j,
        lambda z: sw.reduce_max(z),
        lambda z: sw.argmax(z),
        lambda z: sw.sort(z),
        lambda z: sw.floor(z),
        lambda z: sw.nn.relu(z),
        lambda z: sw.complex(1, 2),
        lambda z: sw.complex(1.0, sw.constant(2.0, sw.float64)),
        lambda z: z + sw.constant(1.0),
        lambda z: sw.constant(1j, sw.float32),
        lambda z: sw.constant(1.0) * 1j,
        lambda z: sw.math.conj(sw.constant(True)),
    ],
)
def test_refusals(wrong):
    with pytest.raises(TypeError):
        wrong(sw.constant([1j]))
    with pytest.raises(TypeError):
        sw.function(wrong)(sw.constant([1j]))


def test_exported_models_have_an_axis_for_the_parts(tmp_path):
    v = sw.Variable([1j, 2], dtype=sw.complex64)

    @sw.function
    def f(z):
        v.assign_add(z)
        return v * sw.math.conj(z)

    path = sw.onnx.export(f, tmp_path / "f.onnx", np.array([1 + 2j, 3], np.complex64))
    session = onnxruntime.InferenceSession(path)
    result, new = session.run(None, {"z": np.array([[1, 2], [3, 0]], np.float32)})
    assert result.tolist() == [[7, 1], [15, 0]] and new.tolist() == [[1, 3], [5, 0]]


@pytest.mark.parametrize("engine", ["interpreter", "native"])
def test_products_are_those_of_rounded_parts(engine):
    """NumPy fuses multiplications and additions on some CPUs: its products are not the same on all of them."""
    a, b, c, d = RANDOM.standard_normal((4, 1000)).astype(np.float32)
    x, y = (a + 1j * b).astype(np.complex64), (c + 1j * d).astype(np.complex64)
    found = sw.function(lambda x, y: x * y, engine=engine)(x, y).numpy()
    np.testing.assert_array_equal(found.real, a * c - b * d)
    np.testing.assert_array_equal(found.imag, a * d + b * c)
