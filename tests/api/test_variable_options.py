"""What a Variable is made with, and the names of modules and Variables; expected values are TensorFlow's."""

import copy

import numpy as np
import pytest

import stepwell as sw

ENGINES = ["native", "interpreter", "onnx"]


def test_arguments():
    v = sw.Variable(1.0, None, True, None, "v", None, sw.float64)
    assert (v.name, v.trainable, v.dtype == sw.float64, v.constraint) == ("v:0", True, True, None)
    v = sw.Variable(
        lambda: sw.ones([2]),
        trainable=False,
        constraint=sw.nn.relu,
        synchronization=sw.VariableSynchronization.ON_READ,
        aggregation=sw.VariableAggregation.MEAN,
        shape=sw.TensorShape([2]),
        experimental_enable_variable_lifting=False,
    )
    assert v.constraint is sw.nn.relu and v.aggregation.value == 2 and v.synchronization.name == "ON_READ"
    assert (v.name, v.initializer, bool(v.is_initialized())) == ("Variable:0", None, True)
    assert v.device.endswith("CPU:0") and sw.constant(1.0).device.endswith("CPU:0")


def test_assignments_take_tensorflows_arguments():
    v = sw.Variable(1.0)
    assert v.assign(2.0, use_locking=True, name="x", read_value=False) is None
    assert v.assign(3.0).assign_add(1.0).assign_sub(0.5, read_value=True) is v and float(v) == 3.5


def test_copies_are_others():
    v = sw.Variable([1.0, 2.0], name="q", shape=[None])
    w = copy.deepcopy(v)
    w.assign([3.0])
    assert (v.numpy().tolist(), w.name, w.shape) == ([1.0, 2.0], "q:0", [None])


@pytest.mark.parametrize(
    "make", [lambda: sw.Variable(), lambda: sw.Variable(1.0, shape=[2]), lambda: sw.Variable(None)]
)
def test_refused(make):
    with pytest.raises(ValueError):
        make()


class TestVaryingShapes:
    def test_eagerly(self):
        v = sw.Variable([1.0], shape=sw.TensorShape(None))
        v.assign([[1.0, 2.0]])
        assert v.shape.rank is None and v.numpy().tolist() == [[1.0, 2.0]] and "shape=<unknown>" in repr(v)
        w = sw.Variable([1.0], shape=[None])
        w.assign([1.0, 2.0, 3.0])
        assert w.shape == [None] and len(w) == 3
        for wrong in ([[1.0]], 1.0):
            with pytest.raises(ValueError):
                w.assign(wrong)
        w.assign_add([1.0, 1.0, 1.0])
        with pytest.raises(ValueError):
            w.assign_add([1.0])

    @pytest.mark.parametrize("engine", ENGINES)
    def test_one_trace_reads_all_sizes(self, engine):
        v, traces = sw.Variable([1.0], shape=[None]), []

        @sw.function(engine=engine)
        def total(x):
            traces.append(v.read_value().shape)
            return sw.reduce_sum(v * x)

        for size in (1, 4, 2):
            v.assign(np.ones(size, np.float32))
            assert float(total(sw.constant(2.0))) == 2.0 * size
        assert traces == [[None]]
        v.assign([1.0, 2.0])

    @pytest.mark.parametrize("engine", ENGINES)
    def test_functions_assign_the_same_size_only(self, engine):
        v = sw.Variable([1.0, 2.0], shape=[None])

        @sw.function(engine=engine, input_signature=[sw.TensorSpec([None])])
        def f(x):
            v.assign(x)
            v.assign_add(x)

        f([5.0, 6.0])
        assert v.numpy().tolist() == [10.0, 12.0]
        with pytest.raises(sw.errors.InvalidArgumentError, match=r"cannot change the size of axis 0, from . to ."):
            f([1.0, 2.0, 3.0])
        assert v.numpy().tolist() == [10.0, 12.0]


class TestInitialValuesInTheFirstCall:
    @pytest.mark.parametrize("engine", ENGINES)
    def test_of_arguments(self, engine):
        class Model(sw.Module):
            v = None

            @sw.function(engine=engine)
            def __call__(self, x):
                if self.v is None:
                    self.v = sw.Variable(x * 2.0 + sw.cast(sw.shape(x)[0], sw.float32))
                self.v.assign_add(x)
                return self.v + 0.0

        model = Model()
        assert [model(sw.constant([1.0, 2.0])).numpy().tolist() for _ in range(2)] == [[5.0, 8.0], [6.0, 10.0]]
        other = Model()
        with pytest.raises(ValueError, match="symbolic"):
            other.__call__.get_concrete_function(sw.TensorSpec([2]))

    def test_of_variables_among_the_arguments(self):
        made = []

        @sw.function
        def f(v):
            if not made:
                made.append(sw.Variable(v * 3.0))
            return made[0] + v

        assert float(f(sw.Variable(2.0))) == 8.0 and float(f(sw.Variable(1.0))) == 7.0

    def test_of_random_numbers(self):
        made = []

        @sw.function
        def f():
            if not made:
                made.extend(sw.Variable(sw.random.normal([3])) for _ in range(2))
            return made[0] + 0.0

        assert f().numpy().tolist() == f().numpy().tolist() == made[0].numpy().tolist() != made[1].numpy().tolist()


class Inner(sw.Module):
    w = None

    @sw.Module.with_name_scope
    def __call__(self, x):
        if self.w is None:
            self.w = sw.Variable(1.0, name="w")
        return self.w * x if x > 0.0 else x


class OuterLayer(sw.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        with self.name_scope:
            self.b = sw.Variable(2.0, name="b", trainable=False)
            self.inner = Inner("inner")

    @sw.function
    @sw.Module.with_name_scope
    def __call__(self, x):
        return self.inner(x) + (self.b if x > 1.0 else 0.0)


class TestNames:
    def test_of_modules(self):
        HTTPServer2D = type("HTTPServer2D", (sw.Module,), {})
        assert [m.name for m in (sw.Module(), sw.Module(name="a"), OuterLayer(), HTTPServer2D())] == [
            "module", "a", "outer_layer", "http_server2_d",
        ]  # fmt: skip
        for wrong in ("a b", "", "1"):
            with pytest.raises(ValueError, match="identifier"):
                sw.Module(name=wrong)

    def test_scopes_stand_before_those_of_variables(self):
        outer = OuterLayer("top")
        assert outer(sw.constant(2.0)).numpy() == 4.0 and outer(sw.constant(-1.0)).numpy() == -1.0
        assert [v.name for v in outer.variables] == ["top/b:0", "top/inner/w:0"]
        assert [v.name for v in outer.non_trainable_variables] == ["top/b:0"]
        assert [m.name for m in outer.submodules] == ["inner"] and outer.name_scope.name == "top/"

    def test_name_scopes_nest(self):
        with sw.name_scope("a") as a, sw.name_scope("b") as b:
            inside = sw.Variable(1.0).name
            with sw.name_scope(a) as again:
                pass
            with sw.name_scope("") as outside:
                pass
        assert (a, b, inside, again, outside) == ("a/", "a/b/", "a/b/Variable:0", "a/", "")
        assert sw.Variable(1.0, name="w").name == "w:0"
        with pytest.raises(ValueError):
            sw.name_scope(None)
