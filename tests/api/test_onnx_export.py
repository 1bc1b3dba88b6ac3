"""`sw.onnx.export`: what is in the file, and when there is one."""

import inspect
import json
import os
import stat

import numpy as np
import onnx
import pytest
from support.onnx_models import nodes

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.interchange.onnx_export.export import export_module
from stepwell.dialects.diagnostics import ExecutionError, ExportError, UnsupportedError
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because


@pytest.fixture
def path(tmp_path):
    """Where a model is to be written: the only file of its folder."""
    return tmp_path / "model.onnx"


def sizes(values):
    """For each input or output, by name, its sizes: numbers or names."""
    return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}


def op_types(path):
    return {node.op_type for node in nodes(onnx.load(path).graph)}


class Classifier(sw.Module):
    """A perceptron with one hidden layer."""

    def __init__(self):
        random = np.random.default_rng(0)
        self.w1 = sw.Variable(random.normal(size=(4, 8)).astype(np.float32), name="w1")
        self.b1 = sw.Variable(random.normal(size=8).astype(np.float32), name="b1")
        self.w2 = sw.Variable(random.normal(size=(8, 3)).astype(np.float32), name="w2")

    def logits(self, x):
        return sw.matmul(sw.nn.relu(sw.matmul(x, self.w1) + self.b1), self.w2)


IMAGES = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
LABELS = np.array([0, 2, 1, 1, 0], np.int32)


def predictor(model):
    @sw.function(input_signature=[sw.TensorSpec([None, 4], np.float32)])
    def predict(images):
        return sw.nn.softmax(model.logits(images))

    return predict


def trainer(model):
    @sw.function
    def train(images, labels):
        with sw.GradientTape() as tape:
            losses = sw.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=model.logits(images))
            loss = sw.reduce_mean(losses)
        variables = model.trainable_variables
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(0.1 * gradient)
        return {"loss": loss}

    return train


class TestModels:
    def test_a_classifier_keeps_its_weights(self, path):
        predict = predictor(Classifier())
        assert sw.onnx.export(predict, path, sample_inputs=[IMAGES]) == path
        model = onnx.load(path)
        assert {"w1", "b1", "w2"} <= {tensor.name for tensor in model.graph.initializer}
        assert sizes(model.graph.input) == {"images": ["images_0", 4]}
        assert sizes(model.graph.output) == {"output": ["images_0", 3]}
        for images in (IMAGES, IMAGES[:1], IMAGES[:0]):
            np.testing.assert_allclose(sw.onnx.run(path, images)[0], predict(sw.constant(images)).numpy(), rtol=1e-5)

    def test_opset_and_checker(self, path):
        sw.onnx.export(predictor(Classifier()), path)
        model = onnx.load(path)
        assert [(entry.domain, entry.version >= 21) for entry in model.opset_import] == [("", True)]
        onnx.checker.check_model(model, full_check=True)

    def test_a_training_step_gives_its_state_back(self, path):
        model = Classifier()
        step = trainer(model)
        before = {variable.name: variable.numpy().copy() for variable in model.trainable_variables}
        sw.onnx.export(step, path, IMAGES, LABELS)
        for variable in model.trainable_variables:
            np.testing.assert_array_equal(variable.numpy(), before[variable.name])
        proto = onnx.load(path)
        names = json.loads({entry.key: entry.value for entry in proto.metadata_props}["stepwell.state"])
        assert names == {"w1": "w1_new", "b1": "b1_new", "w2": "w2_new"}
        outputs, state = list(sizes(proto.graph.output)), {}
        assert set(outputs) == {"loss", *names.values()}
        for _ in range(3):
            found = dict(zip(outputs, sw.onnx.run(path, IMAGES, LABELS, state=state), strict=True))
            state = {name: found[new] for name, new in names.items()}
            loss = step(sw.constant(IMAGES), sw.constant(LABELS))["loss"]
            np.testing.assert_allclose(found["loss"], loss.numpy(), rtol=1e-5)
        for variable in model.trainable_variables:
            np.testing.assert_allclose(state[variable.name.removesuffix(":0")], variable.numpy(), rtol=1e-4, atol=1e-6)

    def test_state_that_is_not_given_is_that_of_the_export(self, path):
        count = sw.Variable(5, name="count")

        @sw.function
        def bump(by):
            count.assign_add(by)
            return count * 2

        sw.onnx.export(bump, path, sw.TensorSpec([], np.int32))
        count.assign(100)
        assert [int(value) for value in sw.onnx.run(path, 2)] == [14, 7]
        assert [int(value) for value in sw.onnx.run(path, 2, state={"count": 10})] == [24, 12]
        assert int(count) == 100


class TestControlFlow:
    def test_branches_are_if(self, path):
        @sw.function
        def absolute(x):
            if sw.reduce_sum(x) > 0.0:
                y = x
            else:
                y = -x
            return y

        sw.onnx.export(absolute, path, sw.TensorSpec([None]), sample_inputs=[np.array([-1, -2], np.float32)])
        assert "If" in op_types(path)
        assert sw.onnx.run(path, [-3.0, 1.0])[0].tolist() == [3.0, -1.0]
        assert sw.onnx.run(path, [3.0, -1.0])[0].tolist() == [3.0, -1.0]

    def test_loops_are_loop(self, path):
        @sw.function
        def collatz(n):
            steps = 0
            while n != 1:
                if n % 2 == 0:
                    n = n // 2
                else:
                    n = 3 * n + 1
                steps += 1
            return steps

        sw.onnx.export(collatz, path, sw.TensorSpec([], np.int32), sample_inputs=[np.array(27, np.int32)])
        assert {"Loop", "If"} <= op_types(path)
        assert [int(sw.onnx.run(path, n)[0]) for n in (1, 2, 27)] == [0, 1, 111]

    def test_carried_sizes_may_change(self, path):
        @sw.function
        def squares(n):
            found = sw.zeros([0], np.int32)
            for i in sw.range(n):
                found = sw.concat([found, [i * i]], 0)
            return found

        sw.onnx.export(squares, path, sw.TensorSpec([], np.int32))
        assert sizes(onnx.load(path).graph.output) == {"output": ["output_0"]}
        assert [sw.onnx.run(path, n)[0].tolist() for n in (0, 1, 4)] == [[], [0], [0, 1, 4, 9]]

    def test_variables_are_assigned_in_branches_and_loops(self, path):
        total = sw.Variable(0, name="total")

        @sw.function
        def accumulate(n):
            for i in sw.range(n):
                if i % 2 == 0:
                    total.assign_add(i)
            return total + 0

        sw.onnx.export(accumulate, path, np.array(5, np.int32))
        assert [int(value) for value in sw.onnx.run(path, 7)] == [12, 12]


class TestNames:
    def test_nested_arguments_and_results(self, path):
        @sw.function
        def mix(x, params):
            return {"sum": x + params["b"], "parts": (x, [params["c"][0]])}

        specs = {"b": sw.TensorSpec([2]), "c": (sw.TensorSpec([None]),)}
        sw.onnx.export(mix, path, sw.TensorSpec([None, 2]), specs)
        graph = onnx.load(path).graph
        assert sizes(graph.input) == {"x": ["x_0", 2], "params_b": [2], "params_c_0": ["params_c_0_0"]}
        assert sizes(graph.output) == {"parts_0": ["x_0", 2], "parts_1_0": ["params_c_0_0"], "sum": ["x_0", 2]}

    def test_a_spec_has_the_last_word(self, path):
        @sw.function
        def double(x):
            return x + x

        sw.onnx.export(double, path, sw.TensorSpec([None], name="signal"))
        assert sizes(onnx.load(path).graph.input) == {"signal": ["signal_0"]}

    def test_sizes_that_an_operation_requires_to_agree_have_one_name(self, path):
        @sw.function
        def product(x, y, z):
            return sw.concat([sw.matmul(x, y), z], 0)

        sw.onnx.export(product, path, *[sw.TensorSpec([None, None])] * 3)
        graph = onnx.load(path).graph
        assert sizes(graph.input) == {"x": ["x_0", "x_1"], "y": ["x_1", "y_1"], "z": ["z_0", "y_1"]}
        assert sizes(graph.output)["output"][1] == "y_1"

    def test_sizes_that_may_differ_have_two(self, path):
        @sw.function
        def add(x, y):
            return x + y

        sw.onnx.export(add, path, *[sw.TensorSpec([None])] * 2)
        graph = onnx.load(path).graph
        assert sizes(graph.input) == {"x": ["x_0"], "y": ["y_0"]}
        assert sizes(graph.output) == {"output": ["output_0"]}
        assert sw.onnx.run(path, [1.0], [1.0, 2.0])[0].tolist() == [2.0, 3.0]


def everything(x, n):
    """Lines of all kinds, for the test below."""
    y = sw.nn.softmax(x)
    for i in sw.range(n):
        if i > 1:
            y = y * 2.0
        else:
            y = y - 1.0
    sw.debugging.Assert(n > 0, [n])
    return y[0], sw.reduce_sum(y)


class TestLines:
    def test_every_node_has_the_users_line(self, path):
        sw.onnx.export(sw.function(everything), path, sw.TensorSpec([None]), sw.TensorSpec([], np.int32))
        lines, first = inspect.getsourcelines(everything)
        seen = set()
        for node in nodes(onnx.load(path).graph):
            properties = {entry.key: entry.value for entry in node.metadata_props}
            file, line, _ = properties["stepwell.source"].rsplit(":", 2)
            assert file == __file__, node.name
            if first <= int(line) < first + len(lines):
                seen.add(lines[int(line) - first].strip())
        assert {"y = sw.nn.softmax(x)", "if i > 1:", "y = y * 2.0", "y = y - 1.0"} <= seen
        assert "sw.debugging.Assert(n > 0, [n])" in seen


class TestEffects:
    def test_assertions_stop_the_model(self, path):
        sw.onnx.export(sw.function(everything), path, sw.TensorSpec([None]), sw.TensorSpec([], np.int32))
        assert sw.onnx.run(path, [1.0, 2.0], 1)[1].shape == ()
        with pytest.raises(ExecutionError, match="assertion failed") as caught:
            sw.onnx.run(path, [1.0, 2.0], 0)
        assert f"{__file__}:" in str(caught.value)

    def test_an_assertion_alone_can_be_exported(self, path):
        @sw.function
        def guard(x):
            sw.debugging.Assert(x > 0, [x])

        sw.onnx.export(guard, path, sw.TensorSpec([], np.int32))
        assert list(sizes(onnx.load(path).graph.output)) == ["checks"]
        assert sw.onnx.run(path, 1)[0].tolist() == [0]

    def test_printing_is_refused_with_its_line(self, path):
        @sw.function
        def shows(x):
            sw.print("x is", x)
            return x + 1

        line = inspect.getsourcelines(shows.python_function)[1] + 2
        with pytest.raises(UnsupportedError, match=r"debug\.print") as caught:
            sw.onnx.export(shows, path, sw.TensorSpec([]))
        assert f"{__file__}:{line}:" in str(caught.value)
        assert "drop_prints=True" in str(caught.value)
        assert not path.exists()

    def test_printing_may_be_dropped(self, path):
        @sw.function
        def shows(x):
            if x > 0.0:
                sw.print("positive", x)
            return x + 1.0

        sw.onnx.export(shows, path, sw.TensorSpec([]), drop_prints=True)
        assert sw.onnx.run(path, 1.0)[0] == 2.0


def replaced_rule(monkeypatch, name, rule):
    monkeypatch.setattr(OPS[name], "onnx", rule)


@sw.function
def doubled(x):
    """What is exported wrongly below."""
    return x * 2.0


SPEC = sw.TensorSpec([None])
EXAMPLE = np.array([1.0, 2.0], np.float32)


class TestFailure:
    @pytest.fixture(params=[None, b"what was there before"], ids=["new", "existing"])
    def untouched(self, request, path):
        """Whatever goes wrong, the file is as before, and no other is left."""
        if request.param is not None:
            path.write_bytes(request.param)
        yield
        assert os.listdir(path.parent) == ([] if request.param is None else [path.name])
        if request.param is not None:
            assert path.read_bytes() == request.param

    def test_wrong_results(self, path, monkeypatch, untouched):
        replaced_rule(monkeypatch, "hl.mul", lambda g, call: [g.node("Add", call.inputs)])
        with pytest.raises(ExportError, match=r"output output of doubled differs .* at \[0\] it is 3.0, expected 2.0"):
            sw.onnx.export(doubled, path, EXAMPLE)
        with pytest.raises(ExportError, match="1 of 2 elements"):
            sw.onnx.export(doubled, path, SPEC, sample_inputs=[EXAMPLE])

    def test_wrong_shape(self, path, monkeypatch, untouched):
        def nothing(g, call):
            return [g.node("Slice", [call.inputs[0], *[g.constant(np.array([0]))] * 2])]

        replaced_rule(monkeypatch, "hl.mul", nothing)
        with pytest.raises(ExportError, match=r"is float32\[0\], the function's own result is float32\[2\]"):
            sw.onnx.export(doubled, path, SPEC, sample_inputs=[EXAMPLE])

    def test_wrong_state(self, path, monkeypatch, untouched):
        total = sw.Variable([1.0, 1.0], name="total")

        @sw.function
        def add(x):
            total.assign(total * x)
            return x

        replaced_rule(monkeypatch, "hl.mul", lambda g, call: [g.node("Add", call.inputs)])
        with pytest.raises(ExportError, match="output total_new of add differs"):
            sw.onnx.export(add, path, EXAMPLE)
        assert total.numpy().tolist() == [1.0, 1.0]

    def test_a_model_that_the_checker_refuses(self, path, monkeypatch, untouched):
        replaced_rule(monkeypatch, "hl.mul", lambda g, call: [g.node("NoSuchOperator", call.inputs)])
        with pytest.raises(ExportError, match=r"does not pass ONNX's checker: .*NoSuchOperator"):
            sw.onnx.export(doubled, path, SPEC)

    def test_an_op_without_a_form(self, path, monkeypatch, untouched):
        replaced_rule(monkeypatch, "hl.mul", Because("not exportable", "this test says so"))
        line = inspect.getsourcelines(doubled.python_function)[1] + 3
        with pytest.raises(UnsupportedError) as caught:
            sw.onnx.export(doubled, path, SPEC)
        assert f"{__file__}:{line}:" in str(caught.value)
        assert "'hl.mul' is not exportable because this test says so" in str(caught.value)

    def test_a_disk_that_fails(self, path, monkeypatch, untouched):
        def fail(*_):
            raise OSError("no space left")

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="no space left"):
            sw.onnx.export(doubled, path, SPEC)

    def test_an_example_on_which_the_function_fails(self, path, untouched):
        with pytest.raises(Exception, match="assertion failed"):
            sw.onnx.export(sw.function(everything), path, EXAMPLE, np.array(0, np.int32))


class TestArguments:
    def test_a_plain_function(self, path):
        with pytest.raises(TypeError, match=r"function: expected a sw\.function, got function"):
            sw.onnx.export(lambda x: x, path, SPEC)

    def test_no_folder(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"the folder .*nowhere does not exist"):
            sw.onnx.export(doubled, tmp_path / "nowhere" / "model.onnx", SPEC)

    def test_a_folder_as_path(self, tmp_path):
        with pytest.raises(IsADirectoryError, match="is a folder"):
            sw.onnx.export(doubled, tmp_path, SPEC)

    def test_nothing_to_export(self, path):
        with pytest.raises(UnsupportedError, match="returns no tensor and assigns no Variable"):
            sw.onnx.export(sw.function(lambda x: None), path, SPEC)

    @pytest.mark.parametrize("samples", [[], [EXAMPLE, EXAMPLE], [SPEC]])
    def test_wrong_number_of_samples(self, path, samples):
        with pytest.raises(TypeError, match="sample_inputs: expected 1 arrays or tensors for x"):
            sw.onnx.export(doubled, path, SPEC, sample_inputs=samples)

    def test_samples_of_another_dtype(self, path):
        with pytest.raises(TypeError, match="doubled: argument x: expected dtype float32, got int32"):
            sw.onnx.export(doubled, path, SPEC, sample_inputs=[sw.constant([1])])

    def test_python_values_are_part_of_the_function(self, path):
        @sw.function
        def scaled(x, factor):
            return x * factor

        sw.onnx.export(scaled, path, EXAMPLE, 3.0)
        assert list(sizes(onnx.load(path).graph.input)) == ["x"]
        assert sw.onnx.run(path, EXAMPLE)[0].tolist() == [3.0, 6.0]

    def test_a_concrete_function(self, path):
        sw.onnx.export(doubled.get_concrete_function(SPEC), path)
        assert sw.onnx.run(path, EXAMPLE)[0].tolist() == [2.0, 4.0]

    def test_a_method(self, path):
        class Scale:
            def __init__(self):
                self.factor = sw.Variable(3.0, name="factor")

            @sw.function
            def __call__(self, x):
                return x * self.factor

        scale = Scale()
        sw.onnx.export(scale.__call__, path, EXAMPLE)
        assert sw.onnx.run(path, EXAMPLE)[0].tolist() == [3.0, 6.0]

    def test_the_file_has_the_usual_permissions(self, path):
        sw.onnx.export(doubled, path, SPEC)
        (path.parent / "other").touch()
        assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((path.parent / "other").stat().st_mode)


def test_parameters_that_are_no_tensors_are_an_error():
    text = "func.func @main(%n: index) -> index {\n  func.return %n : index\n}"
    with pytest.raises(UnsupportedError, match=r"ONNX has tensors only: '.*' is of type index"):
        export_module(parse_module(text, "main.mlir"), {})
