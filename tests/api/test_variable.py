"""Variables: objects with memory that go when the last reference goes."""

import gc
import weakref

import numpy as np
import pytest

import stepwell as sw


def test_assignment():
    v = sw.Variable([1.0, 2.0], name="v")
    assert v.assign_add([1.0, 1.0]) is v
    v.assign_sub(sw.constant([0.5, 0.5]))
    assert v.numpy().tolist() == [1.5, 2.5]
    v.assign([7, 8])
    assert v.numpy().tolist() == [7.0, 8.0]


@pytest.mark.parametrize("engine", ["native", "interpreter", "onnx"])
def test_a_value_read_before_an_assignment_stays(engine):
    v = sw.Variable([1.0, 2.0])
    before = v.read_value()

    @sw.function(engine=engine)
    def update():
        old = v.read_value()
        v.assign_add([10.0, 10.0])
        return old, v.read_value()

    old, new = update()
    assert before.numpy().tolist() == [1.0, 2.0]
    assert old.numpy().tolist() == [1.0, 2.0]
    assert new.numpy().tolist() == [11.0, 12.0]
    assert v.numpy().tolist() == [11.0, 12.0]


def test_the_native_engine_updates_in_place():
    v = sw.Variable(np.zeros(1000, np.float32))

    @sw.function
    def update(x):
        v.assign_sub(0.5 * x)

    x = sw.constant(np.ones(1000, np.float32))
    update(x)
    address = v._memory.ctypes.data
    update(x)
    assert v._memory.ctypes.data == address
    assert v._memory[0] == -1.0


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ([1.0, 2.0, 3.0], ValueError, r"assign.*'v'.*expected shape \(2,\), got \(3,\)"),
        (sw.constant([1, 2]), TypeError, r"assign.*'v'.*float32.*int32"),
    ],
)
def test_another_shape_or_dtype_is_refused(value, error, text):
    v = sw.Variable([1.0, 2.0], name="v")
    with pytest.raises(error, match=text):
        v.assign(value)
    assert v.numpy().tolist() == [1.0, 2.0]


def test_unreferenced_variables_are_garbage():
    v = sw.Variable(1.0)
    gone = weakref.ref(v)
    v.assign_add(1.0)
    del v
    gc.collect()
    assert gone() is None


def test_a_module_with_a_compiled_method_is_garbage_with_its_variables():
    class Counter(sw.Module):
        def __init__(self):
            self.count = sw.Variable(0.0)

        @sw.function
        def add(self, x):
            self.count.assign_add(x)
            return self.count.read_value()

    counter = Counter()
    assert float(counter.add(sw.constant(2.0))) == 2.0
    assert float(counter.add(sw.constant(3.0))) == 5.0
    other = Counter()
    assert float(other.add(sw.constant(1.0))) == 1.0
    gone = weakref.ref(counter.count)
    del counter
    gc.collect()
    assert gone() is None


def test_a_model_given_as_an_argument_is_garbage():
    class Model(sw.Module):
        def __init__(self):
            self.w = sw.Variable(2.0)

    @sw.function
    def apply(model, x):
        return model.w * x

    model = Model()
    assert float(apply(model, sw.constant(3.0))) == 6.0
    gone = weakref.ref(model.w)
    del model
    gc.collect()
    assert gone() is None


def test_a_variable_made_in_a_function_is_made_once():
    class Lazy(sw.Module):
        def __init__(self):
            self.v = None

        @sw.function
        def __call__(self, x):
            if self.v is None:
                self.v = sw.Variable(10.0)
            self.v.assign_add(x)
            return self.v.read_value()

    lazy = Lazy()
    assert float(lazy(sw.constant(1.0))) == 11.0
    assert float(lazy(sw.constant(1.0))) == 12.0


def test_modules_collect_variables_recursively():
    class Layer(sw.Module):
        def __init__(self):
            self.w = sw.Variable(1.0, name="w")
            self.b = sw.Variable(2.0, name="b", trainable=False)

    class Net(sw.Module):
        def __init__(self):
            self.layers = [Layer(), {"deep": Layer()}]
            self.scale = sw.Variable(3.0, name="scale")
            self.again = self.layers[0]

    net = Net()
    assert [v.name for v in net.variables] == ["scale:0", "b:0", "w:0", "b:0", "w:0"]
    assert [v.name for v in net.trainable_variables] == ["scale:0", "w:0", "w:0"]
    assert len(net.submodules) == 2
