"""Names around operations: contexts, devices, settings, older names; expected values are TensorFlow's."""

import importlib
import logging
from importlib import metadata

import numpy as np
import pytest

import stepwell as sw


class TestContexts:
    def test_order_and_devices(self):
        v = sw.Variable(1.0)

        @sw.function
        def f(x):
            with sw.device("/GPU:0"), sw.name_scope("inside"), sw.control_dependencies([v.assign(x)]):
                y = v * 2.0
            sw.group(v.assign_add(1.0), sw.no_op())
            return y

        assert float(f(sw.constant(3.0))) == 6.0 and float(v) == 4.0
        assert sw.group(1, 2) is None and sw.no_op() is None

    def test_what_is_eager(self):
        found = []

        @sw.function
        def f(x):
            with sw.init_scope():
                found.append((sw.executing_eagerly(), sw.constant(1.0).numpy() + 1.0))
            found.append(sw.executing_eagerly())
            return x

        f(sw.constant(1.0))
        assert found == [(True, 2.0), False] and sw.executing_eagerly()

    def test_tapes_do_not_record_in_an_init_scope(self):
        x = sw.Variable(3.0)
        with sw.GradientTape() as tape:
            with sw.init_scope():
                inside = x * x
            y = x * 2.0 + inside
        assert float(tape.gradient(y, x)) == 2.0

    def test_what_is_known_while_tracing(self):
        found = []

        @sw.function
        def f(x):
            found.extend([sw.get_static_value(x), sw.get_static_value(sw.constant([1.0, 2.0]) * 2.0)])
            return x

        f(sw.constant(1))
        assert found[0] is None and found[1].tolist() == [2.0, 4.0]
        assert sw.get_static_value(sw.Variable(2.0)) == 2.0 and sw.get_static_value("a") == "a"

    def test_time_axes_and_logs(self):
        assert sw.timestamp().dtype == sw.float64 and float(sw.timestamp()) > 1.7e9
        with pytest.raises(sw.errors.UnsupportedError, match="no clock"):
            sw.function(lambda: sw.timestamp())()
        assert sw.newaxis is None and sw.zeros([2])[:, sw.newaxis].shape == [2, 1]
        assert sw.get_logger() is logging.getLogger("stepwell")


class TestDevices:
    def test_there_is_one_cpu(self):
        [cpu] = sw.config.list_physical_devices()
        assert repr(cpu) == "PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')"
        assert repr(sw.config.list_logical_devices("CPU")) == (
            "[LogicalDevice(name='/device:CPU:0', device_type='CPU')]"
        )
        for list_devices in (sw.config.list_physical_devices, sw.config.experimental.list_logical_devices):
            assert list_devices("GPU") == list_devices("TPU") == []
        for gpu in sw.config.experimental.list_physical_devices("GPU"):
            sw.config.experimental.set_memory_growth(gpu, True)
        sw.config.set_visible_devices([], "GPU")
        sw.config.set_visible_devices(cpu)
        assert sw.config.get_visible_devices() == [cpu]

    def test_refused(self):
        [cpu] = sw.config.list_physical_devices()
        for refused in (
            lambda: sw.config.experimental.set_memory_growth(cpu, True),
            lambda: sw.config.set_visible_devices(["GPU:0"]),
            lambda: sw.config.set_visible_devices([], "CPU"),
            lambda: sw.config.set_logical_device_configuration(cpu, [sw.config.LogicalDeviceConfiguration()] * 2),
        ):
            with pytest.raises(ValueError):
                refused()

    def test_settings_are_told_again(self):
        [cpu] = sw.config.list_physical_devices()
        limit = sw.config.experimental.VirtualDeviceConfiguration(memory_limit=1024)
        assert repr(limit).startswith("LogicalDeviceConfiguration(memory_limit=1024, experimental_priority=None")
        sw.config.set_logical_device_configuration(cpu, [limit])
        assert sw.config.get_logical_device_configuration(cpu) == [limit]
        sw.config.threading.set_intra_op_parallelism_threads(2)
        assert sw.config.threading.get_intra_op_parallelism_threads() == 2
        sw.config.optimizer.set_experimental_options({"constant_folding": True})
        assert sw.config.optimizer.get_experimental_options()["constant_folding"]
        sw.config.set_soft_device_placement(False)
        assert not sw.config.get_soft_device_placement()
        sw.debugging.set_log_device_placement(False)
        assert not sw.config.functions_run_eagerly()


class TestOlderNames:
    def test_texts_and_sizes(self):
        assert (sw.compat.as_str(b"abc"), sw.compat.as_bytes("abc"), sw.compat.as_str_any(5)) == ("abc", b"abc", "5")
        assert sw.compat.dimension_value(sw.TensorShape([3])[0]) == 3
        assert sw.compat.dimension_value(sw.compat.v1.Dimension(None)) is None
        with pytest.raises(TypeError):
            sw.compat.as_text(5)

    def test_variables_and_scopes(self):
        v = sw.Variable(1.0)
        assert float(sw.compat.v1.assign_add(sw.compat.v1.assign(v, 2.0), 1.0)) == 3.0
        assert sw.compat.v1.global_variables_initializer() is None
        with sw.compat.v1.name_scope(None, "scope", [v]) as scope:
            assert scope == "scope/" and sw.Variable(1.0, name="w").name == "scope/w:0"
        sw.compat.v1.enable_v2_behavior()
        with pytest.raises(sw.errors.UnsupportedError, match="graphs and sessions"):
            sw.compat.v1.disable_eager_execution()

    def test_logging(self, caplog):
        level = sw.get_logger().level
        try:
            sw.compat.v1.logging.set_verbosity(sw.compat.v1.logging.ERROR)
            assert sw.compat.v1.logging.get_verbosity() == 40
            sw.compat.v1.logging.warning("no")
            sw.compat.v1.logging.error("yes %d", 1)
        finally:
            sw.get_logger().setLevel(level)
        assert [record.getMessage() for record in caplog.records] == ["yes 1"]

    def test_the_package_as_version_2(self):
        assert importlib.import_module("stepwell.compat.v2").add is sw.add is sw.compat.v2.add


def test_the_version_is_tensorflows_and_stepwells():
    assert sw.__version__ == sw.version.VERSION == f"2.21.0+stepwell.{metadata.version('stepwell')}"
    assert int(sw.__version__.split(".")[0]) >= 2


class TestUnitTests:
    case = sw.test.TestCase()
    PASS = [
        lambda t: t.assertAllEqual([1, 2], sw.constant([1, 2])),
        lambda t: t.assertAllEqual(sw.constant([1.0, float("nan")]), [1.0, float("nan")]),
        lambda t: t.assertAllEqual([], []),
        lambda t: t.assertAllClose([1.0, 2.0], [1.0, 2.0000001]),
        lambda t: t.assertAllClose({"a": sw.constant([1.0])}, {"a": [1.0]}),
        lambda t: t.assertAllClose([[1.0], [1.0, 2.0]], [[1.0], [1.0, 2.0]]),
        lambda t: t.assertAllClose((sw.constant([1.0]), sw.zeros([2])), (np.array([1.0]), np.zeros(2))),
        lambda t: t.assertNotAllClose([1.0], [2.0]),
        lambda t: t.assertNotAllEqual([1.0], [2.0]),
        lambda t: t.assertShapeEqual(np.zeros([2, 3]), sw.zeros([2, 3])),
        lambda t: t.assertDTypeEqual(sw.zeros([2]), np.float32),
        lambda t: t.assertAllGreater([1, 2], 0),
        lambda t: t.assertAllInRange([1, 2], 1, 2),
        lambda t: t.assertAllInSet([1, 2], [1, 2, 3]),
        lambda t: t.assertAllCloseAccordingToType(sw.constant([1.0], sw.float16), [1.0005]),
        lambda t: t.assertNear(1.0, 1.05, 0.1),
        lambda t: t.assertLen([1], 1),
    ]
    FAIL = [
        lambda t: t.assertAllEqual([1, 2], [1, 3]),
        lambda t: t.assertAllEqual([1, 2], [[1, 2]]),
        lambda t: t.assertAllClose([1.0, 2.0], [1.0, 2.1]),
        lambda t: t.assertAllClose([1.0], [1.0, 1.0]),
        lambda t: t.assertAllClose({"a": 1.0}, {"b": 1.0}),
        lambda t: t.assertNotAllClose([1.0], [1.0]),
        lambda t: t.assertShapeEqual(np.zeros([2, 3]), sw.zeros([3, 2])),
        lambda t: t.assertDTypeEqual(sw.zeros([2]), np.float64),
        lambda t: t.assertAllInRange([1, 2], 0, 1),
        lambda t: t.assertAllInSet([5], [1]),
        lambda t: t.assertArrayNear([1.0], [1.5], 0.1),
        lambda t: t.assertEmpty([1]),
    ]

    @pytest.mark.parametrize("check", PASS)
    def test_what_holds_passes(self, check):
        check(self.case)

    @pytest.mark.parametrize("check", FAIL)
    def test_what_does_not_hold_fails(self, check):
        with pytest.raises(AssertionError):
            check(self.case)

    def test_errors_and_values(self):
        t = self.case
        with t.assertRaisesOpError("division by zero"):
            _ = sw.constant(1) // 0
        with pytest.raises(AssertionError), t.assertRaisesOpError("another"):
            _ = sw.constant(1) // 0
        with pytest.raises(AssertionError, match="was not raised"), t.assertRaisesOpError("x"):
            pass
        assert t.evaluate({"a": sw.constant([1, 2]), "b": [sw.Variable(1.0)]})["a"].tolist() == [1, 2]
        with t.assertRaisesRegex(ValueError, "reshape"):
            sw.reshape([1, 2], [3])

    def test_seeds_are_set_before_each_test(self):
        found = []

        class Case(sw.test.TestCase):
            def runTest(self):
                found.append((float(sw.random.uniform([])), np.random.random(), self.get_temp_dir()))

        assert Case().run().wasSuccessful() and Case().run().wasSuccessful()
        assert found[0][:2] == found[1][:2]

    def test_there_is_no_gpu(self):
        assert not sw.test.is_gpu_available() and sw.test.gpu_device_name() == "" and not sw.test.is_built_with_cuda()
