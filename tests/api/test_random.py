"""Random numbers: those of TensorFlow 2.21 for the same seeds, eagerly and in functions."""

import numpy as np
import pytest

import stepwell as sw
from stepwell import random

ENGINES = ["native", "interpreter", "onnx"]

STATELESS = {
    ("uniform", "float32", (1, 2)): [
        0.8440604209899902,
        0.19204533100128174,
        0.9962232112884521,
        0.16038739681243896,
        0.27199018001556396,
    ],
    ("normal", "float32", (1, 2)): [
        0.544110119342804,
        0.20738030970096588,
        0.0735643208026886,
        0.04643455147743225,
        -1.301589846611023,
    ],
    ("uniform", "float64", (1, 2)): [
        0.7524837538451801,
        0.9697857725627486,
        0.17592233912897481,
        0.8555556648693279,
        0.514811871731222,
    ],
    ("normal", "float64", (1, 2)): [
        -0.1423118100189212,
        0.7406072461585091,
        -1.469047669443883,
        1.147747453689489,
        -0.7218813856153005,
    ],
    ("full", "int32", (1, 2)): [1105988140, 1738052849, -335576002, 370444179, 10670227],
    ("int", "int32", (1, 2)): [1105988133, 1738052842, 1811907633, 370444172, 10670220],
    ("full", "int64", (1, 2)): [
        7464880146280614444,
        1591045637757961278,
        -1057468755545501549,
        2524363516007002203,
        6884554327646026923,
    ],
    ("int", "int64", (1, 2)): [1724190485, 1661544793, 817720282, 455711102, 1706428582],
    ("uniform", "float32", (-5, 2147483647)): [
        0.5050629377365112,
        0.8586729764938354,
        0.45183122158050537,
        0.6619908809661865,
        0.8535939455032349,
    ],
    ("normal", "float64", (-5, 2147483647)): [
        -1.6704804801300233,
        -1.903210685071734,
        -0.610551751662293,
        0.05379682565576217,
        0.17517435208141577,
    ],
    ("int", "int32", (-5, 2147483647)): [1228973536, 1617815800, 1664734606, 735362071, 1508721290],
    ("full", "int64", (-5, 2147483647)): [
        6948465983245821415,
        3158356079540819355,
        -1128805613918403951,
        -4500802742189803190,
        -617883648626484181,
    ],
}
"""What TensorFlow's stateless functions give for a distribution, a dtype and a seed."""


def _stateless(distribution, seed, dtype, count=5):
    match distribution:
        case "normal":
            return random.stateless_normal([count], seed, dtype=dtype)
        case "uniform":
            return random.stateless_uniform([count], seed, dtype=dtype)
        case "full":
            return random.stateless_uniform([count], seed, None, None, dtype)
        case _:
            return random.stateless_uniform([count], seed, -7, 2**31 - 1, dtype)


def _same(found, expected, distribution="uniform", units=2):
    """Equal, but for the functions that normal numbers are made of."""
    found = np.asarray(found)
    if distribution == "normal":
        np.testing.assert_array_max_ulp(found, np.array(expected, found.dtype), units)
    else:
        assert found.tolist() == expected


@pytest.mark.parametrize("case", STATELESS, ids=str)
def test_stateless_numbers_are_those_of_tensorflow(case):
    distribution, dtype, seed = case
    _same(_stateless(distribution, list(seed), dtype), STATELESS[case], distribution)


@pytest.mark.parametrize("engine", ENGINES)
def test_stateless_numbers_of_seeds_known_at_run_time(engine):
    cases = [case for case in STATELESS if case[2] == (1, 2)]

    @sw.function(engine=engine)
    def draw(seed, count):
        return [_stateless(distribution, seed, dtype, count) for distribution, dtype, _ in cases]

    for case, found in zip(cases, draw(sw.constant([1, 2]), sw.constant(5)), strict=True):
        assert found.dtype == case[1]
        coarse = engine == "onnx" and case[1] == "float64"  # ONNX Runtime's own sine and cosine
        _same(found, STATELESS[case], case[0], 16 if coarse else 2)


NARROW = {
    ("uniform", "float16"): [0.54296875, 0.2353515625, 0.060546875, 0.8935546875, 0.1435546875],
    ("uniform", "bfloat16"): [0.34375, 0.8828125, 0.484375, 0.1484375, 0.1484375],
    ("normal", "float16"): [0.5439453125, 0.2073974609375, 0.07354736328125, 0.04644775390625, -1.3017578125],
    ("normal", "bfloat16"): [0.54296875, 0.20703125, 0.07373046875, 0.04638671875, -1.3046875],
    ("full", "uint32"): [1105988140, 1738052849, 3959391294, 370444179, 10670227],
    ("full", "uint64"): [
        7464880146280614444,
        1591045637757961278,
        17389275318164050067,
        2524363516007002203,
        6884554327646026923,
    ],
}


@pytest.mark.parametrize("case", NARROW, ids=str)
def test_numbers_of_other_dtypes_are_those_of_tensorflow(case):
    distribution, dtype = case
    found = _stateless(distribution, [1, 2], dtype)
    assert found.dtype == dtype
    assert found.numpy().tolist() == NARROW[case]


def test_bounds_and_moments_are_tensors():
    found = random.stateless_uniform([2, 3], [3, 4], -2.5, [7.0, 8.0, 100.0])
    assert found.numpy().tolist() == [
        [-0.18876934051513672, 7.826816558837891, 20.092769622802734],
        [1.945241928100586, 5.6255083084106445, 83.13275146484375],
    ]
    found = random.stateless_normal([2, 3], [3, 4], [1.0, 2.0, 3.0], 0.25)
    expected = [
        [0.9565165638923645, 2.418088674545288, 3.0870425701141357],
        [0.5740272998809814, 1.846168875694275, 3.091552495956421],
    ]
    _same(found, expected, "normal")
    found = random.stateless_uniform([3], sw.constant([2**40, -(2**50)], np.int64))
    assert found.numpy().tolist() == [0.8541795015335083, 0.9978330135345459, 0.057328104972839355]


def test_gradients_flow_to_bounds_and_moments():
    low, high = sw.Variable(1.0), sw.Variable(3.0)
    with sw.GradientTape() as tape:
        y = random.stateless_uniform([4], [1, 2], low, high)
    unit = random.stateless_uniform([4], [1, 2]).numpy()
    grads = tape.gradient(y, [low, high])
    np.testing.assert_allclose([g.numpy() for g in grads], [np.sum(1 - unit), np.sum(unit)], rtol=1e-6)


def test_new_seeds_of_seeds():
    expected = [[1105988140, 1738052849], [-335576002, 370444179], [10670227, -246211131]]
    assert random.split([1, 2], 3).numpy().tolist() == expected
    assert random.experimental.stateless_split([1, 2], 3).numpy().tolist() == expected
    assert random.fold_in([1, 2], 3).numpy().tolist() == [1105988140, 3]
    folded = random.experimental.stateless_fold_in(sw.constant([1, 2], np.int64), sw.constant(3, np.int64))
    assert folded.numpy().tolist() == [7464880146280614444, 3]


LOGITS = np.log([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]).astype(np.float32)


def test_stateless_choices_are_those_of_tensorflow():
    order = random.experimental.stateless_shuffle(sw.range(10), [1, 2])
    assert order.numpy().tolist() == [0, 3, 8, 1, 5, 4, 9, 7, 6, 2]
    chosen = random.stateless_categorical(LOGITS, 8, [1, 2])
    assert chosen.numpy().tolist() == [[2, 2, 1, 2, 2, 2, 2, 1], [2, 2, 1, 0, 0, 0, 1, 0]]
    inf, nan = np.inf, np.nan
    chosen = random.stateless_categorical([[0.0, -inf, nan, 1.0, inf]], 8, [1, 2], np.int32)
    assert (chosen.dtype, chosen.numpy().tolist()) == (np.int32, [[3, 3, 0, 3, 3, 3, 3, 0]])
    assert random.stateless_categorical([[-inf, -inf]], 4, [1, 2]).numpy().tolist() == [[2] * 4]


def test_stateless_truncated_normal_numbers_are_those_of_tensorflow():
    expected = [
        0.544110119342804,
        0.20738030970096588,
        0.0735643208026886,
        0.04643455147743225,
        0.16820591688156128,
        -1.6850333213806152,
        0.24202857911586761,
        1.703450322151184,
        1.1060677766799927,
        -1.0725637674331665,
    ]
    _same(random.stateless_truncated_normal([10], [1, 2]), expected, "normal")
    expected = [-0.1423118100189212, 0.7406072461585091, -0.552387756244845, -0.734450092480207, -0.39842023956588357]
    _same(random.stateless_truncated_normal([5], [1, 2], dtype=np.float64), expected, "normal")


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_choices_of_tensors_of_unknown_sizes(engine):
    @sw.function(
        engine=engine,
        input_signature=[sw.TensorSpec([None]), sw.TensorSpec([None, None]), sw.TensorSpec([2], sw.int32)],
    )
    def choose(values, logits, seed):
        n = sw.shape(values)[0]
        return (
            random.experimental.stateless_shuffle(values, seed),
            random.stateless_categorical(logits, n, seed),
            random.stateless_truncated_normal([n, 2], seed),
        )

    for size in (1, 6):
        values = np.arange(size, dtype=np.float32)
        found = choose(values, LOGITS, np.int32([1, 2]))
        assert found[0].numpy().tolist() == random.experimental.stateless_shuffle(values, [1, 2]).numpy().tolist()
        assert found[1].numpy().tolist() == random.stateless_categorical(LOGITS, size, [1, 2]).numpy().tolist()
        _same(found[2], random.stateless_truncated_normal([size, 2], [1, 2]).numpy(), "normal")


def test_shuffles_of_rows_and_of_nothing():
    rows = random.experimental.stateless_shuffle(np.arange(12).reshape(4, 3), [1, 2]).numpy()
    assert sorted(rows.tolist()) == np.arange(12).reshape(4, 3).tolist()
    for few in (3.0, [7.0], np.zeros((0, 2)), np.zeros((2, 0))):
        assert random.shuffle(few).numpy().tolist() == np.asarray(few).tolist()


STATEFUL = {
    "uniform": [
        [0.6645621061325073, 0.44100677967071533, 0.3528825044631958],
        [0.6878912448883057, 0.48447883129119873, 0.9309943914413452],
    ],
    "uniform seed": [
        [0.026210665702819824, 0.43446969985961914, 0.2668653726577759],
        [0.22009801864624023, 0.6699419021606445, 0.06836354732513428],
    ],
    "normal": [
        [0.32746851444244385, -0.8426257967948914, 0.31943368911743164],
        [2.252673625946045, -0.5827112197875977, 3.134369134902954],
    ],
    "int32": [[47, 24, 66, 76], [21, 12, 60, 5]],
    "int64": [[556859371981, 173688097512, 727153655971]],
    "shuffle": [[7, 6, 3, 0, 8, 9, 5, 4, 1, 2], [0, 7, 3, 6, 2, 4, 5, 9, 1, 8], [1, 8, 5, 7, 6, 4, 9, 0, 3, 2]],
    "categorical": [
        [[2, 2, 1, 2, 2, 2, 0, 2], [0, 0, 2, 2, 0, 2, 2, 1]],
        [[1, 2, 2, 0, 2, 2, 2, 1], [2, 0, 0, 0, 0, 0, 2, 0]],
        [[2, 2, 1, 2, 1, 2, 2, 2], [2, 1, 2, 0, 2, 0, 2, 0]],
        [[1, 2, 2, 0, 2, 2, 2, 1], [2, 0, 0, 0, 0, 0, 2, 0]],
    ],
    "normal truncated": [
        [0.32746851444244385, -0.8426257967948914, 0.31943368911743164, -1.407551884651184, -0.5677412152290344],
        [0.8021454811096191, 0.5056790113449097, 1.8120126724243164, -0.03189123049378395, 0.36362436413764954],
        [1.2294591665267944, 0.7240396738052368, 1.625717043876648, 0.9499184489250183, 0.9057210087776184],
    ],
    "normal float64": [[-1.3598275767565153, 0.6721227823730763, -0.7719790981854914]],
}
"""What TensorFlow's functions give one after the other after `set_seed(42)`."""


CALLS = {
    "uniform": lambda: [random.uniform([3]), random.uniform([3])],
    "uniform seed": lambda: [random.uniform([3], seed=5), random.uniform([3], seed=5)],
    "normal": lambda: [random.normal([3]), random.normal([3], 2.0, 3.0)],
    "int32": lambda: [
        random.uniform([4], -5, 100, np.int32),
        random.uniform([4], -5, 100, np.int32, seed=9),
    ],
    "int64": lambda: [random.uniform([3], -5, 10**12, np.int64)],
    "shuffle": lambda: [
        random.shuffle(sw.range(10)),
        random.shuffle(sw.range(10), seed=3),
        random.shuffle(sw.range(10), seed=3),
    ],
    "categorical": lambda: [
        random.categorical(LOGITS, 8),
        random.categorical(LOGITS, 8, seed=3),
        random.categorical(LOGITS, 8, seed=3),
        random.categorical(LOGITS, 8, np.int32, seed=3),
    ],
    "normal truncated": lambda: [
        random.truncated_normal([5]),
        random.truncated_normal([5], seed=3),
        random.truncated_normal([5], 1.0, 0.5, seed=3),
    ],
    "normal float64": lambda: [random.normal([3], dtype=np.float64)],
}


@pytest.mark.parametrize("case", STATEFUL)
def test_numbers_after_set_seed_are_those_of_tensorflow(case):
    for _ in range(2):
        random.set_seed(42)
        for found, expected in zip(CALLS[case](), STATEFUL[case], strict=True):
            _same(found, expected, case.split(" ")[0])


@pytest.mark.parametrize(
    ("seed", "own", "expected"),
    [
        (-3, None, [0.6763781309127808, 0.14947378635406494]),
        (2**40 + 7, None, [0.7026233673095703, 0.10326933860778809]),
        (0, 0, [0.01975703239440918, 0.0070421695709228516]),
    ],
)
def test_seeds_of_any_size(seed, own, expected):
    random.set_seed(seed)
    assert random.uniform([2], seed=own).numpy().tolist() == expected


def test_without_a_seed_numbers_differ(monkeypatch):
    from stepwell.compiler.frontend.ops.random import seeds

    monkeypatch.setattr(seeds, "_seeds", seeds._Seeds())
    draw = sw.function(lambda: random.uniform([3]))
    drawn = [f().numpy().tolist() for f in (lambda: random.uniform([3]), draw) for _ in range(3)]
    assert len(set(map(str, drawn))) == 6
    own = [random.uniform([3], seed=5).numpy().tolist() for _ in range(2)]
    assert own == [
        [0.3883112668991089, 0.6636828184127808, 0.1919107437133789],
        [0.05274152755737305, 0.07105469703674316, 0.8058198690414429],
    ]


FIRST = [0.8354591131210327, 0.9162973165512085]
SECOND = [0.9527033567428589, 0.23137903213500977]
THIRD = [0.7722499370574951, 0.4506187438964844]
"""What a first call without a seed gives, in a function traced after `set_seed(42)`, the first times it runs."""


@pytest.mark.parametrize("engine", ENGINES)
def test_functions_draw_as_tensorflow_functions(engine):
    @sw.function(engine=engine)
    def draw():
        return random.uniform([2]), random.uniform([2]), random.normal([2]), random.uniform([2], seed=5)

    first = [FIRST, [0.15012848377227783, 0.6399253606796265]]
    second = [SECOND, [0.3665804862976074, 0.8912454843521118]]
    normal = [[0.11935383826494217, -0.10138487815856934], [0.7167350053787231, -1.7670727968215942]]
    seeded = [[0.026210665702819824, 0.43446969985961914], [0.20174968242645264, 0.25325071811676025]]
    for seed in (42, 1):  # the trace keeps the seed of its time, and begins again
        random.set_seed(seed)
        for call, expected in enumerate((first, second)):
            found = [x.numpy() for x in draw()]
            assert [x.tolist() for x in found[:2]] == expected
            _same(found[2], normal[call], "normal")
            assert found[3].tolist() == seeded[call]


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_functions_choose_as_tensorflow_functions(engine):
    @sw.function(engine=engine)
    def draw():
        return random.shuffle(sw.range(6)), random.categorical(LOGITS, 3), random.truncated_normal([3])

    random.set_seed(42)
    expected = [
        ([5, 2, 3, 4, 0, 1], [[1, 2, 2], [1, 1, 1]], [0.11935383826494217, -0.10138487815856934, 0.529117226600647]),
        ([1, 5, 3, 0, 2, 4], [[1, 2, 1], [1, 1, 1]], [-0.499941885471344, -1.1848788261413574, 0.9323095083236694]),
    ]
    for order, classes, numbers in expected:
        found = draw()
        assert [x.numpy().tolist() for x in found[:2]] == [order, classes]
        _same(found[2], numbers, "normal")


def test_branches_and_loops_of_functions_draw_as_those_of_tensorflow():
    @sw.function
    def draw(n):
        if n > 0:
            a = random.uniform([2])
        else:
            a = random.uniform([2], seed=8)
        b = random.uniform([2])
        for _ in sw.range(2):
            b = random.uniform([2])
        return a, b

    random.set_seed(42)
    calls = [[x.numpy().tolist() for x in draw(sw.constant(n))] for n in (1, 1, -1)]
    assert calls[:2] == [[FIRST, SECOND], [SECOND, THIRD]]
    assert calls[2] == [
        [0.6766066551208496, 0.034766197204589844],
        [0.1419006586074829, 0.30870485305786133],
    ]


def test_functions_in_functions_have_numbers_of_their_own():
    inner = sw.function(lambda: random.uniform([2]))
    outer = sw.function(lambda: (inner(), inner(), random.uniform([2])))
    random.set_seed(42)
    drawn = [inner().numpy().tolist()]
    for expected in (FIRST, SECOND):
        assert [x.numpy().tolist() for x in outer()] == [expected] * 3
    drawn.append(inner().numpy().tolist())
    assert drawn == [FIRST, SECOND]


def test_functions_under_a_tape_have_numbers_of_their_own():
    """TensorFlow runs another graph there, with states of its own."""
    v = sw.Variable([1.0, 2.0])
    draw = sw.function(lambda: v * random.uniform([2]))
    random.set_seed(42)
    for expected in (FIRST, SECOND):
        with sw.GradientTape() as tape:
            y = draw()
        assert tape.gradient(y, v).numpy().tolist() == expected
    assert (draw() / v).numpy().tolist() == FIRST


def test_dropout_keeps_the_same_elements_as_tensorflow():
    random.set_seed(42)
    kept = sw.nn.dropout(sw.ones([3]), 0.5).numpy()
    assert kept.tolist() == [2.0 if x >= 0.5 else 0.0 for x in STATEFUL["uniform"][0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: random.uniform([-1]), ValueError, "shape: expected sizes of 0 or more, got -1"),
        (lambda: random.uniform(["a"]), TypeError, "shape: expected an integer, got 'a'"),
        (lambda: random.uniform([1], dtype=np.int32), ValueError, "maxval: expected a number for dtype int32"),
        (lambda: random.uniform([1], 5, 5, np.int32), ValueError, "expected minval < maxval, got 5 >= 5"),
        (lambda: random.uniform([1], [1, 2], 5, np.int32), ValueError, r"minval: expected a scalar, got shape \(2,\)"),
        (lambda: random.uniform([1], dtype=bool), ValueError, "dtype: expected one of .*, got bool"),
        (lambda: random.normal([1], dtype=np.int32), TypeError, "dtype: expected one of .*float32, float64, got int32"),
        (lambda: random.uniform([1], dtype=np.uint32), ValueError, "dtype: expected one of .*, got uint32"),
        (lambda: random.stateless_uniform([1], [1, 2], 0, 3, np.uint32), ValueError, "expected a signed one with min"),
        (lambda: random.stateless_normal([1], [1, 2, 3]), ValueError, "seed: expected two integers"),
        (lambda: random.stateless_normal([1], [1.0, 2.0]), ValueError, "seed: expected integers, got dtype float32"),
        (lambda: random.stateless_uniform([1], [1, 2], None, 3, np.int32), ValueError, "expected both or neither"),
        (lambda: random.categorical([1.0, 2.0], 3), ValueError, r"logits: expected a matrix, got shape \(2,\)"),
        (lambda: random.categorical([[1.0, 2.0]], -1), ValueError, "num_samples: expected 0 or more, got -1"),
        (lambda: random.categorical([[1, 2]], 1), ValueError, "logits: expected floats, got dtype int32"),
        (lambda: random.categorical([[1.0]], 1, np.float32), ValueError, "expected one of int32, int64, got float32"),
        (lambda: random.truncated_normal([1], dtype=np.int32), TypeError, "expected one of .*float32, float64"),
        (lambda: random.set_seed("x"), TypeError, "seed: expected an int, got 'x'"),
        (lambda: random.uniform([1], seed="x"), TypeError, "random.uniform: seed: expected an int, got 'x'"),
        (lambda: random.Generator.from_seed(1, "mt"), ValueError, "alg: expected 'philox' or 'auto_select', got 'mt'"),
        (lambda: random.Generator.from_state([1, 2], "philox"), ValueError, r"expected shape \(3,\), got \(2,\)"),
        (lambda: random.Generator(), ValueError, "expected copy_from, or state and alg"),
        (lambda: random.stateless_uniform([1], [1, 2], alg="threefry"), ValueError, "got 'threefry'"),
    ],
)
def test_wrong_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_bounds_are_compared_when_a_function_runs():
    draw = sw.function(lambda high: random.stateless_uniform([2], [1, 2], 3, high, np.int32))
    assert draw(sw.constant(4)).numpy().tolist() == [3, 3]
    with pytest.raises(ValueError, match="expected minval < maxval, got 3 >= 3"):
        draw(sw.constant(3))


def test_many_numbers_that_are_refused():
    with pytest.raises(ValueError, match="expected minval < maxval, got 5 >= 5"):
        random.uniform([2**17], 5, 5, np.int32)


@pytest.mark.parametrize("count", [10, 2**16])
def test_constant_bounds_scale_as_tensors_do(count):
    found = random.stateless_uniform([count], [1, 2], -3.0, 0.1).numpy()
    bounds = sw.constant(-3.0), sw.constant(0.1)
    assert found.tolist() == random.stateless_uniform([count], [1, 2], *bounds).numpy().tolist()
