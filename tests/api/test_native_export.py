"""Functions as object files: what C and C++ programs get of them."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from support.native_library import (
    STRICT,
    CallFailed,
    NativeLibrary,
    ProgramLibrary,
    Tensor,
    compile_c,
    cpp_compiler,
    host_compiler,
)

import stepwell as sw
from stepwell.dialects.dtypes import NUMERIC_DTYPES

pytestmark = pytest.mark.skipif(not host_compiler(), reason="there is no C compiler")
ASAN = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g")


def weights(*shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def ran(folder: Path, main: str, name: str, *, cpp: bool = False) -> str:
    """What a program prints, checked by the address sanitizer for errors and leaks."""
    file = folder / ("main.cpp" if cpp else "main.c")
    file.write_text(main)
    flags = ["-Wall", "-Wextra", "-Werror", *ASAN] if cpp else [*STRICT, *ASAN]
    compiler = list(host_compiler())
    if cpp:
        compile_c(compiler, folder, [f"{name}.c"], folder / "support.o", ["-c", *STRICT, *ASAN])
        compile_c(cpp_compiler(), folder, [file.name, "support.o", f"{name}.o"], folder / "program", flags)
    else:
        compile_c(compiler, folder, [file.name, f"{name}.c", f"{name}.o"], folder / "program", flags)
    done = subprocess.run([folder / "program"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mlp():
    layers = [
        (sw.Variable(weights(4, 8)), sw.Variable(weights(8))),
        (sw.Variable(weights(8, 3)), sw.Variable(weights(3))),
    ]

    @sw.function(input_signature=[sw.TensorSpec([None, 4])])
    def predict(x):
        (w0, b0), (w1, b1) = layers
        return sw.nn.softmax(sw.nn.relu(x @ w0 + b0) @ w1 + b1)

    return predict


MLP_MAIN = """
#include <stdio.h>
#include "mlp.h"

int main(void) {
    float pixels[8] = {0, 0.25f, 0.5f, 0.75f, 1, 1.25f, 1.5f, 1.75f};
    sw_tensor x = {pixels, SW_FLOAT32, 2, {2, 4}}, output;
    sw_error error;
    int i;
    if (mlp_predict(&x, &output, &error) != SW_OK) return 1;
    printf("%d %d %d %d\\n", output.dtype, output.rank, (int)output.sizes[0], (int)output.sizes[1]);
    for (i = 0; i < 6; i++) printf("%.9g ", (double)((float *)output.data)[i]);
    mlp_free(&output);
    x.sizes[1] = 3;
    printf("\\n%d %s\\n", mlp_predict(&x, &output, &error), error.message);
    return 0;
}
"""


@pytest.mark.parametrize("cpp", [False, True], ids=["c", "c++"])
def test_a_program_without_python_runs_an_mlp(tmp_path, cpp):
    predict = mlp()
    assert sw.native.export(predict, tmp_path, name="mlp") == tmp_path
    first, second, refusal = ran(tmp_path, MLP_MAIN, "mlp", cpp=cpp).splitlines()
    assert first == "1 2 2 3"
    expected = predict(np.arange(8, dtype=np.float32).reshape(2, 4) / 4).numpy()
    np.testing.assert_allclose([float(word) for word in second.split()], expected.ravel(), rtol=1e-5)
    assert refusal == "3 predict: argument x: expected shape [?, 4], got [2, 3]"


def trained():
    w, b = sw.Variable(weights(4, 3), name="w"), sw.Variable(np.zeros(3, np.float32), name="b")

    def logits(x):
        return x @ w + b

    @sw.function(input_signature=[sw.TensorSpec([None, 4]), sw.TensorSpec([None], sw.int32)])
    def step(x, y):
        with sw.GradientTape() as tape:
            loss = sw.reduce_mean(sw.nn.sparse_softmax_cross_entropy_with_logits(y, logits(x)))
        for variable, gradient in zip([w, b], tape.gradient(loss, [w, b])):
            variable.assign_sub(0.5 * gradient)
        return loss

    @sw.function(input_signature=[sw.TensorSpec([None, 4])])
    def predict(x):
        return sw.argmax(logits(x), axis=1)

    return step, predict, (w, b)


TRAIN_MAIN = """
#include <stdio.h>
#include "net.h"

int main(void) {
    float pixels[12] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    int32_t labels[3] = {2, 0, 1};
    sw_tensor x = {pixels, SW_FLOAT32, 2, {3, 4}}, y = {labels, SW_INT32, 1, {3}}, loss, found;
    net_state first, second;
    sw_error error;
    int i;
    if (net_init(&first, &error) != SW_OK || net_init(&second, &error) != SW_OK) return 1;
    for (i = 0; i < 20; i++) {
        if (net_step(&first, &x, &y, &loss, &error) != SW_OK) return 1;
        printf("%.9g\\n", (double)*(float *)loss.data);
        net_free(&loss);
    }
    if (net_predict(&first, &x, &found, NULL) != SW_OK) return 1;
    for (i = 0; i < 3; i++) printf("%d ", (int)((int64_t *)found.data)[i]);
    net_free(&found);
    if (net_step(&second, &x, &y, &loss, &error) != SW_OK) return 1;
    printf("\\n%.9g\\n", (double)*(float *)loss.data);
    net_free(&loss);
    x.data = first.w.data;
    printf("%d %s\\n", net_step(&first, &x, &y, NULL, &error), error.message);
    net_destroy(&first);
    net_destroy(&second);
    return 0;
}
"""


def test_a_training_step_updates_the_state_it_is_given(tmp_path):
    step, predict, _ = trained()
    sw.native.export({"step": step, "predict": predict}, tmp_path, name="net")
    *losses, labels, again, refusal = ran(tmp_path, TRAIN_MAIN, "net").splitlines()
    x, y = np.eye(3, 4, dtype=np.float32), np.array([2, 0, 1], np.int32)
    expected = [float(step(x, y)) for _ in range(20)]
    np.testing.assert_allclose([float(loss) for loss in losses], expected, rtol=1e-5)
    assert labels.split() == ["2", "0", "1"]
    assert float(again) == pytest.approx(expected[0], rel=1e-5)
    assert refusal == (
        "3 step: argument x: expected memory of its own, got that of a Variable which the function assigns"
    )


def test_a_loop_over_sequences_of_any_length(tmp_path):
    w, u = sw.constant(weights(3, 5)), sw.constant(weights(5, 5))

    @sw.function(input_signature=[sw.TensorSpec([None, None, 3])])
    def rnn(x):
        h = sw.zeros([sw.shape(x)[1], 5])
        outputs = sw.TensorArray(sw.float32, size=sw.shape(x)[0])
        for t in sw.range(sw.shape(x)[0]):
            h = sw.tanh(x[t] @ w + h @ u)
            outputs = outputs.write(t, h)
        return outputs.stack(), h

    sw.native.export(rnn, tmp_path)
    library = NativeLibrary(tmp_path, "rnn")
    for length, batch in [(7, 2), (1, 3), (0, 2), (12, 1)]:
        x = weights(length, batch, 3)
        for got, want in zip(library.call("rnn", [x], 2), rnn(x), strict=True):
            np.testing.assert_allclose(got, want.numpy(), rtol=1e-5, atol=1e-6)


def test_errors_name_the_line_of_the_program(tmp_path):
    @sw.function(input_signature=[sw.TensorSpec([None]), sw.TensorSpec([], sw.int32)])
    def pick(x, i):
        sw.debugging.assert_greater(x[0], 0.0, "the first is not positive")
        return sw.gather(x, i) / 2

    sw.native.export(pick, tmp_path)
    library = NativeLibrary(tmp_path, "pick")
    x = np.array([1.5, 2], np.float32)
    assert library.call("pick", [x, np.int32(1)], 1)[0] == 1
    for arrays in ([x, np.int32(7)], [-x, np.int32(0)], [x[:0], np.int32(0)]):
        with pytest.raises(sw.errors.OpError) as expected:
            pick(*arrays)
        with pytest.raises(CallFailed) as found:
            library.call("pick", [np.asarray(array) for array in arrays], 1)
        assert found.value.code == expected.value.error_code
        line = str(expected.value).rpartition("/")[2]
        assert found.value.message == line


def test_sizes_of_one_name_are_equal(tmp_path):
    @sw.function(input_signature=[sw.TensorSpec(["batch", 2]), sw.TensorSpec(["batch"]), sw.TensorSpec(["other"])])
    def each(x, y, z):
        return sw.reduce_sum(x, axis=1), y, z

    sw.native.export(each, tmp_path)
    assert "x: float32 [batch, 2]" in (tmp_path / "each.h").read_text()
    library = NativeLibrary(tmp_path, "each")
    assert len(library.call("each", [weights(3, 2), weights(3), weights(5)], 3)) == 3
    with pytest.raises(CallFailed) as found:
        library.call("each", [weights(3, 2), weights(4), weights(5)], 3)
    assert found.value.message == ("each: argument y: expected size 3 in dimension 0, as batch has elsewhere, got 4")


@pytest.mark.parametrize("dtype", [d.name for d in NUMERIC_DTYPES])
def test_every_dtype_goes_in_and_out(tmp_path, dtype):
    @sw.function(input_signature=[sw.TensorSpec([None, 3], dtype)])
    def turned(x):
        return sw.transpose(x)

    sw.native.export(turned, tmp_path)
    x = (np.arange(6).reshape(2, 3) % 2).astype(sw.as_dtype(dtype).as_numpy_dtype)
    (found,) = NativeLibrary(tmp_path, "turned").call("turned", [x], 1)
    assert found.dtype == x.dtype and np.array_equal(found, x.T)


def test_values_in_messages_are_written_as_python_does(tmp_path):
    values = [0.1, 1e-5, 123456.75, 3.4e38, 1e-45, 2.5, 1.0, -7.25, 0.333333343, 1e16, 9.999999e22, np.inf, np.nan]

    @sw.function(input_signature=[sw.TensorSpec([]), sw.TensorSpec([], sw.float64), sw.TensorSpec([], sw.int64)])
    def refused(x, y, n):
        sw.debugging.Assert(x > np.inf, [x, y, n])
        return x

    sw.native.export(refused, tmp_path)
    library = NativeLibrary(tmp_path, "refused")
    for value in values:
        given = [np.float32(value), np.float64(value), np.int64(-(2**63))]
        with pytest.raises(sw.errors.InvalidArgumentError) as expected:
            refused(*given)
        with pytest.raises(CallFailed) as found:
            library.call("refused", [np.asarray(each) for each in given], 1)
        assert found.value.message == str(expected.value).rpartition("/")[2]


def test_a_call_that_fails_frees_what_it_has_allocated(tmp_path):
    @sw.function(input_signature=[sw.TensorSpec([40, 40]), sw.TensorSpec([None]), sw.TensorSpec([], sw.int32)])
    def fails_late(x, y, i):
        product = sw.tanh(x @ x) @ x  # temporaries of known size are in the arena, the others on the heap
        running = y
        for _ in sw.range(i):
            running = sw.concat([running, y], 0)
        sw.debugging.assert_none_equal(product[0, 0], 0.0)  # when the result is written
        return product, running, sw.gather(running, i)

    sw.native.export(fails_late, tmp_path)
    source = (tmp_path / "fails_late.c").read_text()
    arena = int(re.findall(r"static const function callee = .*, (\d+)\};", source)[0])
    assert arena > 0
    counts = {"fails_late": (3, 3)}
    library = ProgramLibrary(tmp_path, "fails_late", counts, host_compiler(), flags=ASAN)
    x, y, count = weights(40, 40), weights(2), np.array(3, np.int32)
    for got, want in zip(library.call("fails_late", [x, y, count], 3), fails_late(x, y, count)):
        np.testing.assert_allclose(got, want.numpy(), rtol=1e-4, atol=1e-5)
    for arrays, message in [([x, y[:0], count], "index"), ([0 * x, y, count], "expected x != y")]:
        with pytest.raises(CallFailed, match=message):
            library.call("fails_late", arrays, 3)


def test_variables_whose_sizes_the_type_does_not_have(tmp_path):
    scale = sw.Variable(weights(5), shape=[None], name="scale")
    total = sw.Variable(np.zeros([2, 3], np.float32), shape=[None, 3], name="total")

    @sw.function(input_signature=[sw.TensorSpec([None, 3])])
    def add(x):
        total.assign_add(x)
        return sw.reduce_sum(total, axis=1), scale + 1

    sw.native.export(add, tmp_path)
    library, state = NativeLibrary(tmp_path, "add"), (Tensor * 1)()
    assert library.start(state) == 0
    x = weights(2, 3)
    for _ in range(2):
        for got, want in zip(library.call("add", [x], 2, state), add(x), strict=True):
            np.testing.assert_allclose(got, want.numpy(), rtol=1e-6)
    np.testing.assert_allclose(state[0].array(), 2 * x, rtol=1e-6)
    with pytest.raises(CallFailed) as found:
        library.call("add", [weights(4, 3)], 2, state)
    with pytest.raises(sw.errors.InvalidArgumentError) as expected:
        add(weights(4, 3))
    assert found.value.message == str(expected.value).rpartition("/")[2]
    library.end(state)


TWO_MAIN = """
#include <stdio.h>
#include "first.h"
#include "second.h"

int main(void) {
    float number = 3;
    sw_tensor x = {&number, SW_FLOAT32, 0, {0}}, y, z;
    if (first_f(&x, &y, NULL) != SW_OK || second_f(&y, &z, NULL) != SW_OK) return 1;
    printf("%g %g\\n", (double)*(float *)y.data, (double)*(float *)z.data);
    first_free(&y);
    second_free(&z);
    return 0;
}
"""


def test_two_libraries_in_one_program(tmp_path):
    scalar = [sw.TensorSpec([])]
    table = sw.constant(np.arange(100, dtype=np.float32))  # a constant that is not part of the kernel's text
    add = sw.function(lambda x: x + table[1], input_signature=scalar)
    square = sw.function(lambda x: x * x + table[0], input_signature=scalar)
    sw.native.export({"f": add}, tmp_path, name="first")
    sw.native.export({"f": square}, tmp_path, name="second")
    (tmp_path / "main.c").write_text(TWO_MAIN)
    files = ["main.c", *(f"{name}.{kind}" for name in ("first", "second") for kind in ("c", "o"))]
    compile_c(host_compiler(), tmp_path, files, tmp_path / "program", [*STRICT, *ASAN])
    assert subprocess.run([tmp_path / "program"], capture_output=True, text=True).stdout == "4 16\n"
