"""Strategies with one replica: expected values and classes of errors are recorded from TensorFlow 2.21 on one CPU."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.effort import examples

import stepwell as sw

distribute = sw.distribute
MAKERS = [
    distribute.MirroredStrategy,
    lambda: distribute.MirroredStrategy(["GPU:0"], cross_device_ops=distribute.HierarchicalCopyAllReduce(num_packs=2)),
    lambda: distribute.OneDeviceStrategy("/job:localhost/replica:0/task:0/device:CPU:0"),
    distribute.experimental.CentralStorageStrategy,
    distribute.MultiWorkerMirroredStrategy,
    distribute.get_strategy,
]


@pytest.fixture(params=range(len(MAKERS)))
def strategy(request, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    return MAKERS[request.param]()


class TestContexts:
    def test_outside_of_scopes(self):
        context = distribute.get_replica_context()
        assert context is not None and context.strategy is distribute.get_strategy()
        assert int(context.replica_id_in_sync_group) == 0 and context.num_replicas_in_sync == 1
        assert not distribute.has_strategy() and not distribute.in_cross_replica_context()

    def test_in_a_scope_and_in_a_replica(self):
        strategy = distribute.MirroredStrategy()

        def seen():
            context = distribute.get_replica_context()
            return distribute.in_cross_replica_context(), distribute.get_strategy(), context and context.strategy

        with strategy.scope() as entered:
            assert entered is strategy and seen() == (True, strategy, None) and distribute.has_strategy()
            with strategy.scope():
                assert strategy.run(seen) == (False, strategy, strategy)
        assert strategy.run(seen) == (False, strategy, strategy) and not distribute.has_strategy()

    def test_the_scope_of_the_default_strategy_changes_nothing(self):
        with distribute.get_strategy().scope():
            assert distribute.get_replica_context() is not None and not distribute.in_cross_replica_context()

    def test_strategies_are_not_mixed(self):
        one, other = distribute.MirroredStrategy(), distribute.MirroredStrategy()
        with one.scope():
            for mix in (lambda: other.scope().__enter__(), lambda: other.run(int)):
                with pytest.raises(RuntimeError, match="one strategy at a time"):
                    mix()

    def test_replicas_do_not_run_replicas(self):
        strategy = distribute.MirroredStrategy()
        inside = (
            lambda: strategy.run(int),
            lambda: strategy.reduce("SUM", 1.0, axis=None),
            lambda: strategy.gather(sw.ones([2]), axis=0),
            lambda: strategy.scope().__enter__(),
            lambda: strategy.extended.reduce_to("SUM", 1.0, destinations=None),
        )
        for call in inside:
            with pytest.raises(RuntimeError, match="outside of replicas"):
                strategy.run(call)
        assert not distribute.has_strategy()

    def test_a_failure_leaves_the_scope(self):
        strategy = distribute.MirroredStrategy()
        with pytest.raises(ZeroDivisionError), strategy.scope():
            strategy.run(lambda: 1 // 0)
        assert not distribute.has_strategy()

    def test_merge_call_is_outside_of_replicas(self):
        strategy = distribute.MirroredStrategy()

        def merged(given, x, scale):
            return given is strategy, distribute.in_cross_replica_context(), float(given.reduce("SUM", x, None)) * scale

        def step():
            return distribute.get_replica_context().merge_call(merged, args=(sw.constant(2.0),), kwargs={"scale": 3})

        assert strategy.run(step) == (True, True, 6.0)

    def test_the_strategy_outside_of_scopes_can_be_set(self):
        strategy = distribute.OneDeviceStrategy("/cpu:0")
        distribute.experimental_set_strategy(strategy)
        try:
            assert distribute.get_strategy() is strategy and distribute.in_cross_replica_context()
        finally:
            distribute.experimental_set_strategy(None)
        assert not distribute.has_strategy()
        with strategy.scope(), pytest.raises(RuntimeError, match="in a scope"):
            distribute.experimental_set_strategy(None)


class TestValues:
    def test_run_returns_what_the_function_does(self, strategy):
        assert float(strategy.run(lambda x, y: x * y, args=(sw.constant(3.0),), kwargs={"y": 2.0})) == 6.0
        assert strategy.run(lambda: None) is None and strategy.run(lambda x: [x], args=(3,)) == [3]
        assert strategy.num_replicas_in_sync == 1 and strategy.experimental_local_results(5) == (5,)

    @settings(max_examples=examples(20), deadline=None)
    @given(st.data())
    def test_reductions(self, data):
        shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=3, max_side=4))
        dtype = data.draw(st.sampled_from([np.float32, np.float64, np.int32]))
        x = data.draw(arrays.arrays(dtype, shape, elements=st.integers(-50, 50)))
        axis = data.draw(st.none() | arrays.valid_tuple_axes(len(shape), min_size=1) | st.integers(-len(shape), 0))
        name = data.draw(st.sampled_from(["SUM", "MEAN"]))
        operation = data.draw(st.sampled_from([name, name.lower(), distribute.ReduceOp[name]]))
        of = {"SUM": np.sum, "MEAN": np.mean}[name]
        expected = x if axis is None else np.asarray(of(x, axis=axis))
        if axis is not None and dtype is np.int32:
            expected = expected.astype(np.int32 if name == "SUM" else np.float64)
        for strategy in (distribute.MirroredStrategy(), distribute.get_strategy()):
            eager = strategy.reduce(operation, {"a": x}, axis=axis)["a"]
            traced = sw.function(lambda x, s=strategy: s.reduce(operation, x, axis=axis))(x)
            for found in (eager, traced):
                np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)
                assert found.dtype == expected.dtype

    def test_all_replicas_are_one(self):
        strategy = distribute.MirroredStrategy()

        def step(x):
            context = distribute.get_replica_context()
            total = context.all_reduce("SUM", {"x": x, "y": [x * 2.0]})
            return total, context.all_gather(x, axis=0), context.all_reduce(distribute.ReduceOp.MEAN, x)

        (total, gathered, mean), x = strategy.run(step, args=(sw.constant([1.0, 2.0]),)), [1.0, 2.0]
        assert total["x"].numpy().tolist() == gathered.numpy().tolist() == mean.numpy().tolist() == x
        assert total["y"][0].numpy().tolist() == [2.0, 4.0]
        assert strategy.gather(sw.constant([x]), axis=0).numpy().tolist() == [x]

    def test_all_reduce_has_the_gradient_of_a_sum(self):
        def step(x):
            with sw.GradientTape() as tape:
                tape.watch(x)
                y = distribute.get_replica_context().all_reduce("SUM", x * x)
            return tape.gradient(y, x)

        strategy = distribute.MirroredStrategy()
        assert float(strategy.run(step, args=(sw.constant(3.0),))) == 6.0
        assert float(sw.function(lambda x: strategy.run(step, args=(x,)))(sw.constant(3.0))) == 6.0

    def test_values_of_replicas(self):
        strategy = distribute.MirroredStrategy()
        found = strategy.experimental_distribute_values_from_function(
            lambda context: (sw.constant(context.replica_id_in_sync_group), context.num_replicas_in_sync)
        )
        text = "PerReplica:{\n  0: <tf.Tensor: shape=(), dtype=int32, numpy=0>\n}"
        assert repr(found[0]) == text and found[1].values == (1,)
        add = sw.function(lambda pair: strategy.run(lambda x, y: x + y, args=pair))
        assert int(strategy.run(lambda x, y: x + y, args=found)) == int(add(found)) == 1
        assert strategy.experimental_local_results(found[1]) == (1,)
        assert int(strategy.reduce("SUM", found[0], axis=None)) == 0

    def test_the_functions_of_a_step_are_converted(self):
        strategy = distribute.MirroredStrategy()

        def step(x):
            if x > 0.0:
                y = x * 2.0
            else:
                y = -x
            return y

        run = sw.function(lambda x: strategy.run(step, args=(x,)))
        assert [float(run(sw.constant(x))) for x in (3.0, -3.0)] == [6.0, 3.0]
        assert run.experimental_get_tracing_count() == 1

    @pytest.mark.parametrize("operation", ["MAX", 3, None])
    def test_other_reductions_are_refused(self, operation):
        with pytest.raises(ValueError, match="expected 'SUM', 'MEAN' or a ReduceOp"):
            distribute.MirroredStrategy().reduce(operation, 1.0, axis=None)

    def test_axes_out_of_range_are_refused(self):
        with pytest.raises(ValueError):
            distribute.MirroredStrategy().reduce("MEAN", sw.ones([2]), axis=1)


class TestInputs:
    def test_the_replica_gets_all_batches(self, strategy):
        dataset = sw.data.Dataset.range(5).batch(2)
        batches = strategy.experimental_distribute_dataset(dataset)
        made = strategy.distribute_datasets_from_function(
            lambda context: dataset.shard(context.num_input_pipelines, context.input_pipeline_id)
        )

        @sw.function
        def total(given):
            found = sw.constant(0, sw.int64)
            for batch in given:
                found += strategy.reduce("SUM", strategy.run(sw.reduce_sum, args=(batch,)), axis=None)
            return found

        for each in (batches, made):
            assert [batch.numpy().tolist() for batch in each] == [[0, 1], [2, 3], [4]]
            assert int(total(each)) == 10
        assert batches.element_spec == dataset.element_spec
        assert isinstance(batches, distribute.DistributedDataset) == (strategy is not distribute.get_strategy())

    def test_iterators(self):
        strategy = distribute.MirroredStrategy()
        iterator = iter(strategy.experimental_distribute_dataset(sw.data.Dataset.range(3)))

        @sw.function
        def step(given):
            return strategy.run(lambda x: x + 1, args=(next(given),))

        assert isinstance(iterator, distribute.DistributedIterator)
        assert [int(step(iterator)), int(iterator.get_next()), int(next(iterator))] == [1, 1, 2]
        with pytest.raises(sw.errors.OutOfRangeError):
            iterator.get_next()
        other = strategy.make_dataset_iterator(sw.data.Dataset.range(3))
        assert int(strategy.experimental_run(lambda x: x * 10, other)) == 0
        assert int(strategy.experimental_run(lambda x: x * 10, other)) == 10

    def test_sizes(self):
        batches = distribute.MirroredStrategy().experimental_distribute_dataset(sw.data.Dataset.range(5).batch(2))
        assert batches.cardinality == 3
        with pytest.raises(TypeError):
            len(batches)

    def test_loops_of_python_are_refused_in_programs(self):
        batches = distribute.MirroredStrategy().experimental_distribute_dataset(sw.data.Dataset.range(5).batch(2))
        with pytest.raises(sw.errors.UnsupportedError, match="a `for` loop over the dataset"):
            sw.function(lambda: list(iter(batches)), autograph=False)()

    def test_contexts_of_inputs(self):
        context = distribute.InputContext(num_replicas_in_sync=4)
        assert context.get_per_replica_batch_size(8) == 2
        with pytest.raises(ValueError, match="a multiple of num_replicas_in_sync=4, got 9"):
            context.get_per_replica_batch_size(9)
        assert str(distribute.InputContext(2, 1, 4)) == "tf.distribute.InputContext(input pipeline id 1, total: 2)"

    def test_refusals(self):
        strategy = distribute.MirroredStrategy()
        with pytest.raises(TypeError, match="expected a Dataset, got"):
            strategy.experimental_distribute_dataset([1, 2])
        with pytest.raises(TypeError, match="expected a Dataset, got 3"):
            strategy.distribute_datasets_from_function(lambda context: 3)
        with pytest.raises(TypeError, match="expected a tuple of arguments"):
            strategy.run(lambda x: x, args=sw.constant([1.0]))
        each = distribute.InputOptions(experimental_replication_mode=distribute.InputReplicationMode.PER_REPLICA)
        with pytest.raises(sw.errors.UnsupportedError, match="PER_REPLICA"):
            strategy.experimental_distribute_dataset(sw.data.Dataset.range(3), each)


class TestDevices:
    def test_names_of_devices(self):
        name = "/job:localhost/replica:0/task:0/device:CPU:0"
        assert distribute.MirroredStrategy().extended.worker_devices == (name,)
        assert distribute.OneDeviceStrategy("cpu:0").extended.parameter_devices == (name,)

    @pytest.mark.parametrize("devices", [["foo"], [""], ["/cpu:x"], [3]])
    def test_what_is_no_device(self, devices):
        with pytest.raises(ValueError, match="the name of a device"):
            distribute.MirroredStrategy(devices)

    def test_one_device(self):
        with pytest.raises(
            sw.errors.UnsupportedError, match=r"expected one device, the CPU, got \['/gpu:0', '/gpu:1'\]"
        ):
            distribute.MirroredStrategy(["/gpu:0", "/gpu:1"])
        with pytest.raises(sw.errors.UnsupportedError, match="compute_devices: expected one device"):
            distribute.experimental.CentralStorageStrategy(["/gpu:0", "/gpu:1"])

    def test_what_is_not_there(self):
        with pytest.raises(ValueError, match="expected a TPU, got 'local'"):
            distribute.cluster_resolver.TPUClusterResolver(tpu="local")
        cluster = distribute.cluster_resolver.SimpleClusterResolver(sw.train.ClusterSpec({"ps": ["a:1"]}))
        absent = (
            distribute.TPUStrategy,
            lambda: distribute.ParameterServerStrategy(cluster),
            lambda: distribute.Server(cluster.cluster_spec(), job_name="ps", task_index=0),
        )
        for make in absent:
            with pytest.raises(sw.errors.UnsupportedError, match=r"expected a (TPU|program of one process)"):
                make()


class TestClusters:
    CONFIG = {"cluster": {"worker": ["a:1", "b:2"], "ps": ["c:3"]}, "task": {"type": "worker", "index": "1"}}

    def test_the_environment(self, monkeypatch):
        monkeypatch.setenv("TF_CONFIG", json.dumps(self.CONFIG | {"rpc_layer": "grpc"}))
        resolver = distribute.cluster_resolver.TFConfigClusterResolver()
        assert (resolver.task_type, resolver.task_id, resolver.rpc_layer) == ("worker", 1, "grpc")
        assert resolver.cluster_spec().as_dict() == self.CONFIG["cluster"]
        assert (resolver.master(), resolver.master("worker", 0)) == ("grpc://b:2", "grpc://a:1")
        with pytest.raises(sw.errors.UnsupportedError, match=r"one worker, got 2: \['a:1', 'b:2'\]"):
            distribute.MultiWorkerMirroredStrategy()

    def test_one_worker(self, monkeypatch):
        monkeypatch.setenv("TF_CONFIG", '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}}')
        strategy = distribute.experimental.MultiWorkerMirroredStrategy()
        assert strategy.num_replicas_in_sync == 1 and strategy.cluster_resolver.task_type == "worker"

    @pytest.mark.parametrize("text", ["{", "[]", '"a"'])
    def test_what_is_no_description(self, monkeypatch, text):
        monkeypatch.setenv("TF_CONFIG", text)
        with pytest.raises(ValueError, match="TF_CONFIG: expected"):
            distribute.MultiWorkerMirroredStrategy()

    @settings(max_examples=examples(40), deadline=None)
    @given(
        st.dictionaries(
            st.text("abc", min_size=1),
            st.lists(st.text("xy:1"), min_size=1) | st.dictionaries(st.integers(0, 9), st.text("xy:1"), min_size=1),
        )
    )
    def test_descriptions(self, jobs):
        spec = sw.train.ClusterSpec(jobs)
        assert spec == sw.train.ClusterSpec(spec.as_dict()) == sw.train.ClusterSpec(spec)
        assert spec.jobs == list(jobs) and bool(spec) == bool(jobs)
        for job, tasks in jobs.items():
            by_index = dict(enumerate(tasks)) if isinstance(tasks, list) else tasks
            assert spec.num_tasks(job) == len(tasks) and spec.task_indices(job) == sorted(by_index)
            assert {n: spec.task_address(job, n) for n in by_index} == by_index
            assert spec.job_tasks(job) == [by_index.get(n) for n in range(max(by_index) + 1)]

    def test_text(self):
        spec = sw.train.ClusterSpec({"worker": ["a:1", "b:2"], "ps": ["c:3"], "x": {1: "d:4"}})
        assert str(spec) == "ClusterSpec({'ps': ['c:3'], 'worker': ['a:1', 'b:2'], 'x': {1: 'd:4'}})"

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            (lambda spec: spec.num_tasks("q"), "one of the jobs"),
            (lambda spec: spec.task_address("a", 7), r"one of \[0\], got 7"),
            (lambda spec: sw.train.ClusterSpec(3), "a dict of jobs"),
            (lambda spec: sw.train.ClusterSpec({"a": 3}), "a list or a dict"),
            (lambda spec: sw.train.ClusterSpec({"a": [3]}), "the address of task 0"),
            (lambda spec: distribute.cluster_resolver.SimpleClusterResolver({"a": 1}), "expected a ClusterSpec"),
        ],
    )
    def test_refusals(self, call, error):
        with pytest.raises(ValueError, match=error):
            call(sw.train.ClusterSpec({"a": ["b"]}))
