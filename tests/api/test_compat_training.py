"""Optimizers of TensorFlow 1: values and classes of errors are recorded from TensorFlow 2.21."""

import numpy as np
import pytest
from support.effort import some

import stepwell as sw

train = sw.compat.v1.train
STEPS = {
    "GradientDescent": [
        [0.8, 0.8, -7.2, 3.0],
        [1.55519998, 1.55519998, 133.459183, 11.8239994],
    ],  # the third step amplifies last bits
    "Momentum": [
        [0.8, 0.8, -7.2, 3.0],
        [1.37520003, 4.07520008, 124.279175, 14.0739994],
        [8.59440804, 2.89346886, -766870.063, 3108.35864],
    ],
    "Nesterov": [
        [0.620000005, 3.31999969, -16.3799992, 5.25],
        [2.75067091, -8.97691441, 3250.06934, 107.580246],
        [212.662628, -197.318878, -26090774528.0, 4013984.0],
    ],
    "Adagrad": [
        [0.901227057, -1.90000641, 2.90000057, 0.599992037],
        [0.865883529, -1.8367393, 2.83359313, 0.666160822],
        [0.852625668, -1.78853917, 2.78140926, 0.718175709],
    ],
    "RMSProp": [
        [0.824588418, -1.68557191, 2.68390894, 0.813975215],
        [0.86512118, -1.54154122, 2.50108457, 0.994179308],
        [0.944666743, -1.45084834, 2.36712980, 1.12727487],
    ],
    "Centered": [
        [0.83339119, -1.75079441, 2.75006008, 0.749004722],
        [0.766611814, -1.47751808, 2.44883966, 1.0479145],
        [0.85142076, -1.27219343, 2.17281199, 1.31676543],
    ],
    "Adam": [
        [0.900000036, -1.89999998, 2.9000001, 0.600000024],
        [0.811003923, -1.80102611, 2.80048347, 0.699480057],
        [0.746390224, -1.70389557, 2.70180392, 0.798037648],
    ],
    "Adam2": [
        [0.910056055, -1.90079224, 2.90021873, 0.599113524],
        [0.835404277, -1.80416168, 2.80188203, 0.69686079],
        [0.794096410, -1.71200287, 2.70590925, 0.792151630],
    ],
}
"""The weights after each step on `sum((w * w - b) ** 2)`."""

MAKERS = {
    "GradientDescent": lambda: train.GradientDescentOptimizer(0.1),
    "Momentum": lambda: train.MomentumOptimizer(0.1, 0.9),
    "Nesterov": lambda: train.MomentumOptimizer(lambda: 0.1, 0.9, use_nesterov=True),
    "Adagrad": lambda: train.AdagradOptimizer(0.1),
    "RMSProp": lambda: train.RMSPropOptimizer(sw.constant(0.1)),
    "Centered": lambda: train.RMSPropOptimizer(0.1, decay=0.8, momentum=0.5, epsilon=1e-3, centered=True),
    "Adam": lambda: train.AdamOptimizer(0.1),
    "Adam2": lambda: train.AdamOptimizer(0.1, beta1=0.5, beta2=lambda: 0.8, epsilon=0.1),
}
SLOTS = {
    "GradientDescent": [],
    "Momentum": ["momentum"],
    "Nesterov": ["momentum"],
    "Adagrad": ["accumulator"],
    "RMSProp": ["momentum", "rms"],
    "Centered": ["mg", "momentum", "rms"],
    "Adam": ["m", "v"],
    "Adam2": ["m", "v"],
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("name", some(STEPS))
def test_steps(name, compiled):
    optimizer, w, b = MAKERS[name](), sw.Variable([1.0, -2.0, 3.0]), sw.Variable(0.5)
    steps = sw.Variable(0, dtype=sw.int64)

    def step():
        optimizer.minimize(lambda: sw.reduce_sum((w * w - b) ** 2.0), global_step=steps)

    step = sw.function(step) if compiled else step
    for expected in STEPS[name]:
        step()
        np.testing.assert_allclose([*w.numpy(), float(b)], expected, rtol=2e-6)
    assert int(steps) == len(STEPS[name]) and optimizer.get_slot_names() == SLOTS[name]
    slots = [optimizer.get_slot(w, slot) for slot in SLOTS[name]]
    assert all(slot is not None and slot.shape == [3] for slot in slots) and optimizer.get_slot(w, "q") is None
    powers = 2 * name.startswith("Adam")
    assert len(optimizer.variables()) == 2 * len(slots) + powers


def test_rows_of_gradients_are_added():
    e, optimizer = sw.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), train.AdamOptimizer(0.1)
    for rows in ([0, 2, 0], [1, 1, 1]):
        gradient = sw.IndexedSlices(2.0 * sw.gather(e, rows), rows, [3, 2])
        optimizer.apply_gradients([(gradient, e)])
    expected = [[0.83299446, 1.8329943], [2.9255865, 3.9255865], [4.8329945, 5.8329945]]
    np.testing.assert_allclose(e.numpy(), expected, rtol=1e-6)


def test_losses_are_functions_or_tensors_of_a_program():
    w, other, optimizer = sw.Variable(2.0), sw.Variable(1.0), train.GradientDescentOptimizer(0.25)
    assert [float(gradient) for gradient, _ in optimizer.compute_gradients(lambda: w * w, [w])] == [4.0]
    assert optimizer.compute_gradients(lambda: w * w, [w, other])[1] == (None, other)
    step = sw.function(lambda: optimizer.minimize(w * w, var_list=[w], grad_loss=sw.constant(2.0)))
    step()
    assert float(w) == 0.0
    with pytest.raises(RuntimeError, match="expected a function of nothing"):
        optimizer.minimize(w * w)
    with pytest.raises(ValueError, match="var_list: expected Variables"):
        sw.function(lambda: optimizer.minimize(w * w))()


def test_gradients_that_do_not_fit():
    w, count, optimizer = sw.Variable(2.0), sw.Variable(2), train.AdamOptimizer()
    for pairs, error in (
        ([], "expected gradients, got none"),
        ([(None, w)], "expected gradients, got none"),
        ([(sw.constant([1.0, 2.0]), w)], r"a gradient of shape \(\) for 'Variable:0', got one of shape \(2,\)"),
        ([(count, count)], "one floating-point dtype, got int32"),
        ([(1.0, 3)], "expected Variables with gradients, got 3"),
    ):
        with pytest.raises(ValueError, match=error):
            optimizer.apply_gradients(pairs)
    assert float(w) == 2.0 and not optimizer.variables()


def test_checkpoints_refuse_them_by_name():
    with pytest.raises(ValueError, match="AdamOptimizer"):
        sw.train.Checkpoint(optimizer=train.AdamOptimizer())


def test_the_steps_of_the_program(tmp_path):
    step = train.get_or_create_global_step()
    assert train.get_global_step() is step and step.dtype == sw.int64 and step.name == "global_step:0"
    with pytest.raises(ValueError, match="expected no global step, found one"):
        train.create_global_step()
    path = sw.train.Checkpoint(w=sw.Variable(1.0)).save(str(tmp_path / "ckpt"))
    assert train.checkpoint_exists(path) and not train.checkpoint_exists(tmp_path / "ckpt")
