"""Functions that sample classes, and the losses of them: TensorFlow 2.21's numbers, eagerly and on every engine."""

import itertools

import numpy as np
import pytest
from support.effort import by_turns, is_thorough

import stepwell as sw
from stepwell import random

ENGINES = ["native", "interpreter", "onnx"]
UNIGRAMS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


@pytest.fixture(autouse=True)
def seeded():
    random.set_seed(5)


# What TensorFlow gives for these calls, one after the other, after set_seed(5).
CALLS = {
    "uniform": (
        lambda true: random.uniform_candidate_sampler(true, 2, 5, True, 10, seed=1),
        [([0, 7, 2, 1, 6], [0.5, 0.5]), ([7, 6, 0, 4, 9], [0.468559, 0.468559])],
    ),
    "uniform, of a power of 2": (
        lambda true: random.uniform_candidate_sampler(true, 2, 5, False, 16, seed=1),
        [([4, 13, 0, 5, 12], [0.3125, 0.3125])],
    ),
    "log-uniform": (
        lambda true: random.log_uniform_candidate_sampler(true, 2, 5, True, 10, seed=1),
        [([0, 1, 4, 5, 2], [0.9833290576934814, 0.6128565669059753])],
    ),
    "log-uniform, some twice": (
        lambda true: random.log_uniform_candidate_sampler(true, 2, 5, False, 1000, seed=1),
        [([0, 13, 5, 0, 2], [0.5016440749168396, 0.13194964826107025])],
    ),
    "fixed": (
        lambda true: random.fixed_unigram_candidate_sampler(true, 2, 4, True, 6, unigrams=UNIGRAMS, seed=1),
        [([1, 5, 2, 4], [0.28931868076324463, 0.850959300994873])],
    ),
    "fixed, distorted": (
        lambda true: random.fixed_unigram_candidate_sampler(
            true, 2, 8, False, 7, distortion=0.75, num_reserved_ids=1, unigrams=UNIGRAMS, seed=1
        ),
        [([5, 6, 4, 6, 4, 5, 6, 5], [0.0, 1.5118117332458496])],
    ),
    "fixed, of a shard": (
        lambda true: random.fixed_unigram_candidate_sampler(
            true // 4, 2, 5, False, 2, num_reserved_ids=1, num_shards=2, shard=1, unigrams=UNIGRAMS[:4], seed=1
        ),
        [([1, 1, 1, 0, 1], [1.6666667461395264, 3.3333334922790527])],
    ),
    "all": (lambda true: random.all_candidate_sampler(true, 2, 5, True, seed=1), [([0, 1, 2, 3, 4], [1.0, 1.0])]),
}


@pytest.mark.parametrize("name", CALLS)
def test_eager_classes_are_those_of_tensorflow(name):
    call, wanted = CALLS[name]
    for classes, counts in wanted:
        found = call(np.array([[0, 4]]))
        assert found.sampled_candidates.numpy().tolist() == classes
        np.testing.assert_allclose(found.true_expected_count, [counts], rtol=1e-6)


@pytest.mark.parametrize(("name", "engine"), by_turns(CALLS, ENGINES))
def test_classes_of_a_function_are_the_same_on_every_engine(name, engine):
    call, wanted = CALLS[name]
    f = sw.function(call, engine=engine, input_signature=[sw.TensorSpec([None, 2], sw.int64)])
    for classes, counts in wanted:
        found = f(np.array([[0, 4]]))
        assert found.sampled_candidates.numpy().tolist() == classes
        np.testing.assert_allclose(found.true_expected_count, [counts], rtol=1e-6)


def _learned(seed):
    return random.learned_unigram_candidate_sampler([[0, 4], [4, 4]], 2, 5, True, 7, seed=seed)


def test_a_learned_sampler_counts_true_classes_of_calls_before():
    first, second = _learned(1), _learned(1)
    assert first.sampled_candidates.numpy().tolist() == [4, 6, 2, 0, 1]
    np.testing.assert_allclose(first.true_expected_count, np.full((2, 2), 0.6600833535194397), rtol=1e-6)
    assert second.sampled_candidates.numpy().tolist() == [0, 6, 4, 5, 1]
    counts = [[0.7545580863952637, 0.9577392339706421], [0.9577392339706421, 0.9577392339706421]]
    np.testing.assert_allclose(second.true_expected_count, counts, rtol=1e-6)
    np.testing.assert_allclose(second.sampled_expected_count[1], 0.4868418574333191, rtol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_learned_sampler_of_a_function_counts_its_own_calls(engine):
    _learned(3)
    f = sw.function(lambda: _learned(3), engine=engine)
    first, second = f(), f()
    assert first.sampled_candidates.numpy().tolist() == [4, 3, 5, 2, 1]
    assert second.sampled_candidates.numpy().tolist() == [5, 0, 1, 4, 6]
    counts = [0.4355260729789734, 0.7000154256820679, 0.4355260729789734, 0.9335901737213135, 0.4355260729789734]
    np.testing.assert_allclose(second.sampled_expected_count, counts, rtol=1e-6)


def test_set_seed_lets_a_learned_sampler_forget():
    first = _learned(1)
    random.set_seed(5)
    assert _learned(1).sampled_candidates.numpy().tolist() == first.sampled_candidates.numpy().tolist()
    _learned(None)
    own = _learned(None).true_expected_count.numpy()
    assert own.min() == own.max()  # each call without a seed has one of its own, and a memory of its own


def _summary(found):
    classes = found.sampled_candidates.numpy()
    return int(classes.sum()), classes[-3:].tolist()


def test_rejected_random_words_are_not_used(tmp_path):
    """Among so many words some are rejected; each shifts all that follow. The numbers are TensorFlow's."""
    learned = random.learned_unigram_candidate_sampler([[0]], 1, 20000, False, 3000000, seed=1)
    assert _summary(learned) == (30016249247, [2002893, 2139024, 958095])
    file = tmp_path / "words.csv"
    file.write_text("".join(f"word,{index % 7 + 1}\n" for index in range(200000)))
    fixed = random.fixed_unigram_candidate_sampler([[0]], 1, 200000, False, 200000, vocab_file=str(file), seed=1)
    assert _summary(fixed) == (20008753311, [151552, 143223, 51430])


KINDS = {
    "uniform": np.full(8, 1 / 8),
    "log_uniform": np.log(np.arange(2, 10) / np.arange(1, 9)) / np.log(9),
    "fixed_unigram": np.arange(1, 9) / 36,
}


COUNT = 1000 if is_thorough() else 300
"""How often classes are sampled."""


def _inclusion(probabilities, number):
    """How likely each class is among the first `number` different ones, by all their orders."""
    found = np.zeros(len(probabilities))
    for order in itertools.permutations(range(len(probabilities)), number):
        likely, left = 1.0, 1.0
        for index in order:
            likely *= probabilities[index] / left
            left -= probabilities[index]
        found[list(order)] += likely
    return found


@pytest.mark.parametrize(("kind", "unique"), by_turns(KINDS, [False, True]))
def test_classes_are_sampled_as_often_as_their_probabilities_say(kind, unique):
    extra = {"unigrams": [float(index + 1) for index in range(8)]} if kind == "fixed_unigram" else {}
    sampler = getattr(random, f"{kind}_candidate_sampler")
    f = sw.function(lambda: sampler([list(range(8))], 8, 3, unique, 8, seed=3, **extra))
    runs = [f() for _ in range(COUNT)]
    counts = [np.bincount(found.sampled_candidates.numpy(), minlength=8) for found in runs]
    wanted = _inclusion(KINDS[kind], 3) if unique else 3 * KINDS[kind]
    np.testing.assert_allclose(np.mean(counts, 0), wanted, atol=4 * np.sqrt(wanted.max() / COUNT))
    assert not unique or np.max(counts) == 1
    if not unique:
        np.testing.assert_allclose(runs[0].true_expected_count, [wanted], rtol=1e-6)


def test_a_vocabulary_has_weights_behind_the_last_commas(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("a,b,1.5\nb,2\n\n4\n")
    found = random.fixed_unigram_candidate_sampler([[0, 1]], 2, 5, False, 3, vocab_file=str(file), seed=1)
    assert found.sampled_candidates.numpy().tolist() == [1, 1, 2, 2, 1]
    np.testing.assert_allclose(found.true_expected_count, [[1.0, 1.3333333730697632]])
    file.write_text("a,1\nb,x\n")
    with pytest.raises(sw.errors.InvalidArgumentError, match=r"vocab_file: expected a number .* of line 2, got 'b,x'"):
        random.fixed_unigram_candidate_sampler([[0, 1]], 2, 5, False, 3, vocab_file=str(file))
    with pytest.raises(sw.errors.NotFoundError, match=r"vocab_file: .*none\.csv"):
        random.fixed_unigram_candidate_sampler([[0, 1]], 2, 5, False, 3, vocab_file=str(tmp_path / "none.csv"))


TRUE = [[0, 4]]
REFUSED = {
    r"num_sampled: expected at most range_max=4 different classes, got 5": ("uniform", (TRUE, 2, 5, True, 4), {}),
    r"true_classes: expected int64, got dtype int32": ("uniform", (sw.constant(TRUE), 2, 5, True, 9), {}),
    r"true_classes: cannot convert \[\[0\.5\]\] to int64": ("uniform", ([[0.5]], 1, 5, True, 9), {}),
    r"true_classes: expected a matrix of num_true=2 columns, got shape \(2,\)": (
        "uniform",
        ([0, 4], 2, 5, True, 9),
        {},
    ),
    r"true_classes: expected a matrix of num_true=3 columns": ("uniform", (TRUE, 3, 5, True, 9), {}),
    r"num_sampled: expected a number of 1 or more": ("uniform", (TRUE, 2, 0, True, 9), {}),
    r"range_max: expected a number of 1 or more": ("uniform", (TRUE, 2, 1, True, 0), {}),
    r"range_max: expected at most": ("uniform", (TRUE, 2, 1, True, 2**63 - 1), {}),
    r"true_classes: expected classes from 0 to 9, got some from -1 to 4": (
        "log_uniform",
        ([[-1, 4]], 2, 5, True, 10),
        {},
    ),
    r"vocab_file and unigrams: expected one of them, got '' and 0": ("fixed_unigram", (TRUE, 2, 5, False, 5), {}),
    r"range_max: expected 6": ("fixed_unigram", (TRUE, 2, 5, False, 5), {"unigrams": UNIGRAMS}),
    r"unigrams: expected weights of 0 or more": ("fixed_unigram", ([[0]], 1, 1, True, 2), {"unigrams": [1.0, -1.0]}),
    r"num_sampled: expected at most 1": ("fixed_unigram", ([[0]], 1, 2, True, 2), {"unigrams": [1.0, 0.0]}),
}


@pytest.mark.parametrize("message", REFUSED)
def test_errors(message):
    kind, args, options = REFUSED[message]
    with pytest.raises(sw.errors.InvalidArgumentError, match=f"^random.{kind}_candidate_sampler: {message}"):
        getattr(random, f"{kind}_candidate_sampler")(*args, **options)


def test_classes_out_of_range_are_an_error_of_a_running_function():
    f = sw.function(lambda true: random.uniform_candidate_sampler(true, 2, 5, True, 10)[0])
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected classes from 0 to 9, got some from 4 to 10"):
        f(sw.constant([[10, 4]], sw.int64))


W, B = np.arange(40, dtype="f4").reshape(10, 4) / 40, np.arange(10, dtype="f4") / 10
X = np.array([[1, 2, 3, 4], [0, 1, 0, -1]], "f4")

# The losses of TensorFlow, and the sums of their gradients along the rows of the biases.
LOSSES = {
    ("sampled_softmax_loss", 1): (
        [7.434318542480469, 1.4409031867980957],
        [
            0.06793306022882462,
            -0.9994093775749207,
            0,
            0.15654613077640533,
            0.21483637392520905,
            -0.7632861137390137,
            0,
            1.3233798742294312,
            0,
            0,
        ],
    ),
    ("sampled_softmax_loss", 2): (
        [6.800723075866699, 2.0198166370391846],
        [
            0.06244942918419838,
            -0.9184953570365906,
            -0.4978983402252197,
            0.14446188509464264,
            0.19946348667144775,
            -0.2824398875236511,
            0,
            1.2924587726593018,
            0,
            0,
        ],
    ),
    ("nce_loss", 1): (
        [20.293100357055664, 5.270977020263672],
        [
            1.1329330205917358,
            -0.14073161780834198,
            0,
            1.674147129058838,
            1.7321510314941406,
            -0.22299456596374512,
            0,
            1.8400444984436035,
            0,
            0,
        ],
    ),
    ("nce_loss", 2): (
        [22.782936096191406, 6.596650123596191],
        [
            1.1329330205917358,
            0.4237145483493805,
            0.45608648657798767,
            1.674147129058838,
            1.7321510314941406,
            0.2770054340362549,
            0,
            1.8400444984436035,
            0,
            0,
        ],
    ),
}


@pytest.mark.parametrize(("kind", "engine"), by_turns(LOSSES, [None, "native", "interpreter"]))
def test_losses_and_gradients_are_those_of_tensorflow(kind, engine):
    name, num_true = kind
    labels = np.array([[1, 2], [5, 1]] if num_true == 2 else [[1], [5]])

    def run(weights, biases, true, inputs):
        sampled = random.log_uniform_candidate_sampler(true, num_true, 4, True, 10, seed=7)
        with sw.GradientTape() as tape:
            tape.watch(biases)
            options = {"num_true": num_true, "sampled_values": sampled}
            loss = getattr(sw.nn, name)(weights, biases, true, inputs, 4, 10, **options)
        return loss, tape.gradient(loss, biases)

    call = run if engine is None else sw.function(run, engine=engine)
    args = (sw.constant(x) for x in (W, B, labels, X))
    loss, gradient = call(*args)
    wanted, slope = LOSSES[kind]
    np.testing.assert_allclose(loss, wanted, rtol=1e-6)
    np.testing.assert_allclose(gradient, slope, rtol=1e-5, atol=1e-7)


def test_a_sampled_class_that_is_a_true_one_counts_for_nothing():
    sampled = (np.array([1, 2, 3, 4]), np.ones([2, 1], "f4"), np.ones(4, "f4"))
    loss = sw.nn.sampled_softmax_loss([W[:5], W[5:]], B, [[1], [5]], X, 4, 10, sampled_values=sampled)
    np.testing.assert_allclose(loss, [3.6924188137054443, 1.4194163084030151], rtol=1e-6)
    loss = sw.nn.nce_loss([W[:5], W[5:]], B, [[1], [5]], X, 4, 10, sampled_values=sampled)
    np.testing.assert_allclose(loss, [13.462388038635254, 3.6919870376586914], rtol=1e-6)


def test_a_softmax_over_all_classes_is_the_whole_one():
    sampled = random.all_candidate_sampler([[1], [5]], 1, 10, True)
    loss = sw.nn.sampled_softmax_loss(W, B, [[1], [5]], X, 10, 10, sampled_values=sampled)
    logits = X @ W.T + B
    whole = np.log(np.exp(logits).sum(1)) - logits[[0, 1], [1, 5]]
    np.testing.assert_allclose(loss, whole, rtol=1e-5)


def test_accidental_hits():
    hits = sw.nn.compute_accidental_hits([[1, 2], [3, 1]], [3, 1, 1], 2)
    assert hits.indices.numpy().tolist() == [0, 1, 1]
    assert hits.ids.numpy().tolist() == [2, 0, 2]
    assert hits.weights.numpy().tolist() == [np.finfo(np.float32).min] * 3
    with pytest.raises(
        sw.errors.InvalidArgumentError, match="compute_accidental_hits: true_classes: expected a matrix"
    ):
        sw.nn.compute_accidental_hits([[1, 2], [3, 1]], [3, 1, 1], 3)
    with pytest.raises(sw.errors.InvalidArgumentError, match="nce_loss: labels and inputs: expected matrices"):
        sw.nn.nce_loss(W, B, [1, 5], X, 4, 10)
