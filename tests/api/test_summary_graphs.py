"""Programs as graphs: every edge of the graph is one of the program, and TensorBoard's plug-in reads it."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from support.effort import examples
from support.events import events_in
from tensorboard.compat.proto.config_pb2 import RunMetadata
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.plugins.graph import graph_util

import stepwell as sw
from stepwell.runtime.summaries.graphs.convert import graph_def
from stepwell.testing import hl_modules


def layer(x, w):
    return sw.nn.relu(x @ w)


def graph_of(function, *args):
    concrete = sw.function(function).get_concrete_function(*args)
    return GraphDef.FromString(concrete.graph.as_graph_def().SerializeToString())


def nodes_of(graph):
    return {node.name: node for node in graph.node}


def check(graph):
    """Names are unique and legal, and inputs exist."""
    names = [node.name for node in graph.node]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9.][A-Za-z0-9_.\\\-/]*", name) for name in names)
    boxes = {name.rsplit("/", depth)[0] for name in names for depth in range(1, name.count("/") + 1)}
    assert not boxes & set(names)
    for node in graph.node:
        assert {each.split(":")[0] for each in node.input} <= set(names)


def test_nodes_are_operations_in_the_boxes_of_their_functions():
    w = sw.Variable(np.ones((3, 2), np.float32), name="w")

    def model(x):
        x = layer(x, w)
        y = x * 2.0
        w.assign_add(w)
        return layer(sw.transpose(y), w), y

    graph = graph_of(model, sw.TensorSpec([None, 3]))
    check(graph)
    edges = {node.name: (node.op, list(node.input)) for node in graph.node if node.op != "Const"}
    assert edges == {
        "x": ("Placeholder", []),
        "w": ("Variable", []),
        "layer/matmul": ("matmul", ["x", "w"]),
        "layer/relu": ("relu", ["layer/matmul"]),
        "mul": ("mul", ["layer/relu", "constant"]),
        "assign_add": ("assign_add", ["w"]),
        "transpose": ("transpose", ["mul"]),
        "layer_1/matmul": ("matmul", ["transpose", "assign_add"]),
        "layer_1/relu": ("relu", ["layer_1/matmul"]),
        "output": ("Result", ["layer_1/relu"]),
        "output_1": ("Result", ["mul"]),
    }
    node = nodes_of(graph)["layer/matmul"]
    assert [dim.size for dim in node.attr["_output_shapes"].list.shape[0].dim] == [-1, 2]
    assert node.attr["dtype"].type == 1
    line = layer.__code__.co_firstlineno + 1
    assert node.attr["line"].s.decode().endswith(f"test_summary_graphs.py:{line}")


def test_loops_and_branches_are_boxes():
    v = sw.Variable(1.0, name="v")

    def f(n):
        total = sw.constant(0.0)
        for i in sw.range(n):
            if i % 2 == 0:
                total += v
            else:
                v.assign(total)
        while total > 1.0:
            total = total / 2.0
        return total * v

    graph = graph_of(f, sw.TensorSpec([], sw.int32))
    check(graph)
    nodes = nodes_of(graph)
    assert nodes["for/body/if/then/add"].input == ["for/body/carried", "v"]
    assert nodes["for/body/if/result"].input[1:] == ["for/body/if/then/next", "for/body/if/else/next"]
    assert nodes["for/body/if/else/assign"].input == ["v", "for/body/carried"]
    assert nodes["for/body/next"].input == ["for/body/if/result"]
    assert nodes["for/result"].input == ["for/body/next"]
    assert nodes["while/condition/greater"].input[0] == "while/condition/carried"
    assert nodes["while/condition/carried"].input == ["for/result"]
    assert nodes["mul"].input == ["while/result", "for/body/if/else/assign"]


def test_summaries_have_their_picture(tmp_path):
    with sw.summary.create_file_writer(tmp_path).as_default(step=0):
        graph = graph_of(lambda x: sw.summary.scalar("x", x), sw.TensorSpec([]))
    check(graph)
    assert nodes_of(graph)["summary.scalar"].op == "scalarSummary"


@settings(max_examples=examples(60), deadline=None)
@given(case=hl_modules())
def test_generated_programs_are_graphs(case):
    function = case.module.body.block.first_op
    graph = GraphDef.FromString(graph_def(function).SerializeToString())
    check(graph)
    kinds = {node.op for node in graph.node}
    assert {op.name.removeprefix("hl.") for op in function.walk() if op.name.startswith("hl.")} <= kinds | {
        "string_constant"
    }


def test_a_graph_is_written_and_read(tmp_path):
    f = sw.function(lambda x: sw.sin(x) * 2.0)
    concrete = f.get_concrete_function(sw.TensorSpec([None]))
    assert not sw.summary.graph(concrete.graph)
    with sw.summary.create_file_writer(tmp_path).as_default():
        for data in (concrete.graph, concrete, concrete.graph.as_graph_def()):
            assert sw.summary.graph(data)
        with sw.summary.record_if(False):
            assert not sw.summary.graph(concrete.graph)
        for data in (f, 3, "graph"):
            with pytest.raises(ValueError, match="graph_data: expected the graph of a concrete function"):
                sw.summary.graph(data)
        with pytest.raises(ValueError, match="not inside a function"):
            sw.function(lambda: sw.summary.graph(concrete.graph))()
    graphs = [GraphDef.FromString(event.graph_def) for event in events_in(tmp_path) if event.graph_def]
    assert [[node.op for node in graph.node] for graph in graphs] == [
        ["Placeholder", "sin", "Const", "mul", "Result"]
    ] * 3


def exported(folder):
    """The graphs of each export."""
    values = [value for event in events_in(folder) for value in event.summary.value]
    assert {value.metadata.plugin_data.plugin_name for value in values} == {"graph_run_metadata_graph"}
    runs = [(value.tag, RunMetadata.FromString(value.tensor.string_val[0])) for value in values]
    return [(tag, [each.pre_optimization_graph for each in run.function_graphs]) for tag, run in runs]


def test_graphs_of_what_runs_are_exported(tmp_path):
    f, g, h = sw.function(sw.sin), sw.function(lambda x: sw.cos(x) + 1.0), sw.function(sw.tan)
    x = sw.constant(1.0)
    f(x), f(x), h(x)
    sw.summary.trace_on()
    for function in (f, g, f):
        function(x)
    f(sw.constant([1.0, 2.0]))
    with sw.summary.create_file_writer(tmp_path).as_default(step=3), sw.name_scope("run"):
        sw.summary.trace_export("part")
        h(x)
        sw.summary.trace_on()
        sw.summary.trace_export("nothing", step=4)
    (tag, graphs), (_, nothing) = exported(tmp_path)
    assert tag == "run/part" and nothing == []
    assert [[node.op for node in graph.node][1] for graph in graphs] == ["sin", "cos", "sin"]
    check(graph_util.merge_graph_defs(graphs))


def test_tracing_that_is_off_or_unwanted(tmp_path, caplog):
    with pytest.raises(ValueError, match="trace_on"):
        sw.summary.trace_export("x", step=0)
    sw.summary.trace_on()
    sw.summary.trace_on()
    assert "it is on already" in caplog.text
    sw.function(lambda: sw.summary.trace_export("x"))()
    assert "does nothing inside a function" in caplog.text
    with sw.summary.create_file_writer(tmp_path).as_default(), pytest.raises(ValueError, match="step"):
        sw.summary.trace_export("x")
    sw.summary.trace_off()
    sw.summary.trace_off()
    with pytest.raises(ValueError, match="trace_on"):
        sw.summary.trace_export("x", step=0)
    with pytest.raises(sw.errors.UnsupportedError, match="profiler"):
        sw.summary.trace_on(profiler=True)


def test_calls_that_are_differentiated_are_exported_too(tmp_path):
    f, x = sw.function(lambda x: x * x), sw.constant(3.0)
    sw.summary.trace_on()
    with sw.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert tape.gradient(y, x) == 6.0
    with sw.summary.create_file_writer(tmp_path).as_default():
        sw.summary.trace_export("f", step=0)
    [(_, graphs)] = exported(tmp_path)
    assert [[node.op for node in graph.node if node.op == "mul"] for graph in graphs] == [["mul"], ["mul", "mul"]]
