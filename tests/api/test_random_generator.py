"""Generators: those of TensorFlow 2.21, in functions and in threads."""

import threading

import numpy as np
import pytest

import stepwell as sw
from stepwell import random


def _same(found, expected):
    """Equal, but for the functions that normal numbers are made of."""
    np.testing.assert_array_max_ulp(found.numpy(), np.array(expected, found.dtype.name), 2)


def test_a_generator_is_that_of_tensorflow():
    g = random.Generator.from_seed(1234)
    assert (g.state.numpy().tolist(), int(g.key), g.algorithm) == ([1234, 0, 0], 0, 1)
    expected = [
        [0.9356608986854553, 1.0854305028915405, -0.937883734703064],
        [-0.5061547160148621, 1.3169702291488647, 0.7137578725814819],
    ]
    _same(g.normal([2, 3]), expected)
    assert g.state.numpy().tolist() == [2770, 0, 0]
    assert g.uniform([3]).numpy().tolist() == [0.6512613296508789, 0.9295905828475952, 0.508733868598938]
    assert g.uniform([3], 0, 10, np.int32).numpy().tolist() == [2, 4, 7]
    full = g.uniform_full_int([3]).numpy()
    assert full.tolist() == [6684997737015905965, 17874969876196819646, 7017644057421106535]
    g.skip(3)
    seeds = g.make_seeds(2)
    assert seeds.numpy().tolist() == [[-1723169384922343483, 2721854723098062781], [0, 0]]
    keys = [each.state.numpy().tolist() for each in g.split(3)]
    assert keys == [[0, 0, -1370393447118669425], [0, 0, -3898437217468601739], [0, 0, 556505008530348446]]
    assert g.skip(5).numpy().tolist() == [7122, 0, 0]
    assert g.state.numpy().tolist() == [8402, 0, 0]


def test_a_generator_draws_truncated_numbers():
    g = random.Generator.from_seed(7)
    expected = [-1.3240395784378052, 0.28785666823387146, -0.8757901191711426]
    _same(g.truncated_normal([3]), expected)
    expected = [0.7532581361365135, -0.6166665501190058, 3.2091031619053956]
    _same(g.truncated_normal([3], 1.0, 2.0, np.float64), expected)
    assert g.state.numpy().tolist() == [1543, 0, 0]


@pytest.mark.parametrize(
    ("seed", "state"),
    [
        (-1, [-1, -1, -1]),
        (2**64 + 5, [5, 1, 0]),
        (2**130 + 7, [7, 0, 4]),
        ([1, 2, 3], [1, 2, 3]),
        ([1, 2], [0, 1, 2]),
        ([1, 2, 3, 4], [1, 2, 3]),
        (5, [5, 0, 0]),
    ],
)
def test_states_of_seeds(seed, state):
    assert random.Generator.from_seed(seed).state.numpy().tolist() == state
    assert random.create_rng_state(seed, "philox").numpy().tolist() == state


def test_generators_are_made_and_reset():
    assert random.Generator.from_key_counter(5, [1, 2], "philox").state.numpy().tolist() == [1, 2, 5]
    g = random.Generator.from_state([-1, 5, 3], random.Algorithm.PHILOX)
    g.uniform([3])
    assert g.state.numpy().tolist() == [767, 6, 3]
    copy = random.Generator(copy_from=g)
    assert copy.uniform([3]).numpy().tolist() == g.uniform([3]).numpy().tolist()
    g.reset_from_seed(9)
    assert g.state.numpy().tolist() == [9, 0, 0]
    g.reset_from_key_counter(1, [2, 3])
    assert g.state.numpy().tolist() == [2, 3, 1]
    g.reset([4, 5, 6])
    assert g.state.numpy().tolist() == [4, 5, 6]
    states = [random.Generator.from_non_deterministic_state().state.numpy().tolist() for _ in range(2)]
    assert states[0] != states[1]


@pytest.mark.parametrize("engine", ["native", "interpreter", "onnx"])
def test_a_generator_goes_on_in_functions(engine):
    made, eager = (random.Generator.from_state([-300, 5, 3], "philox") for _ in range(2))

    @sw.function(engine=engine)
    def draw(n):
        x = made.uniform([n])
        for _ in sw.range(2):
            x = made.uniform([n])
        return x

    for n in (2, 5):
        expected = [eager.uniform([n]) for _ in range(3)][2]
        assert draw(sw.constant(n)).numpy().tolist() == expected.numpy().tolist()
        assert made.state.numpy().tolist() == eager.state.numpy().tolist()


def test_no_two_threads_draw_the_same_numbers():
    g, drawn = random.Generator.from_seed(3), []
    compiled = sw.function(lambda: g.uniform_full_int([1], np.int64))

    def draw():
        for _ in range(40):
            drawn.append(int(g.uniform_full_int([1], np.int64)[0]))
            drawn.append(int(compiled()[0]))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == len(drawn) == 320
    assert g.state.numpy().tolist() == [3 + 320 * 256, 0, 0]


def test_the_generator_of_the_process():
    known = random.get_global_generator()
    assert random.get_global_generator() is known
    random.set_global_generator(random.Generator.from_seed(5))
    assert random.experimental.get_global_generator().state.numpy().tolist() == [5, 0, 0]
    random.set_global_generator(known)
