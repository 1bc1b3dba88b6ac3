"""RaggedTensors in functions, loops, branches, gradients, datasets and saved models."""

import numpy as np
import pytest

import stepwell as sw

ENGINES = ["native", "interpreter"]
ROWS = [[3, 1, 4, 1], [], [5], [9, 2]]
SPEC = sw.RaggedTensorSpec([None, None], sw.int32)


@pytest.fixture
def x():
    return sw.ragged.constant(ROWS)


@pytest.mark.parametrize("engine", ENGINES)
def test_functions_of_any_number_of_rows(engine, x):
    @sw.function(input_signature=[SPEC], engine=engine)
    def run(rows):
        traced.append(rows.shape.as_list())
        return {
            "sum": sw.reduce_sum(rows, 1),
            "across": sw.reduce_max(rows, 0),
            "twice": sw.concat([rows, rows * 2], 1),
            "dense": rows.to_tensor(-1),
            "first": rows[:, :1],
            "last": rows[-1],
            "kept": sw.ragged.boolean_mask(rows, rows > 2),
            "words": sw.strings.split(sw.strings.reduce_join(sw.strings.as_string(rows), 1, separator=" ")),
            "mapped": sw.map_fn(lambda row: row[::-1], rows),
            "totals": sw.map_fn(sw.reduce_sum, rows, fn_output_signature=sw.int32),
            "cells": sw.ragged.stack([rows, rows])[1, 0],
        }

    traced = []
    for rows in (x, x[1:], x[2:3], x[:0].__class__.from_row_splits([7], [0, 0, 1])):
        found, own = run(rows), rows.to_list()
        assert found["sum"].numpy().tolist() == list(map(sum, own))
        width = max(map(len, own))
        assert found["across"].numpy().tolist() == [max(r[i] for r in own if i < len(r)) for i in range(width)]
        assert found["twice"].to_list() == [row + [2 * v for v in row] for row in own]
        assert found["dense"].numpy().tolist() == [row + [-1] * (width - len(row)) for row in own]
        assert found["first"].to_list() == [row[:1] for row in own]
        assert found["last"].numpy().tolist() == own[-1] and found["cells"].numpy().tolist() == own[0]
        assert found["kept"].to_list() == [[v for v in row if v > 2] for row in own]
        assert found["words"].to_list() == [[str(v).encode() for v in row] for row in own]
        assert found["mapped"].to_list() == [row[::-1] for row in own]
        assert found["totals"].numpy().tolist() == list(map(sum, own))
    assert traced == [[None, None]]


@pytest.mark.parametrize("engine", ENGINES)
def test_loops_and_branches(engine, x):
    @sw.function(engine=engine)
    def run(rows, count, flag):
        found = rows
        for step in sw.range(count):
            if step % 2 == 0:
                found = found + 1
            else:
                found = sw.concat([found, rows], 1)
        chosen = sw.cond(flag, lambda: found[1:], lambda: sw.RaggedTensor.from_tensor([[1, 2], [3, 4]]))
        total = 0
        for index in sw.range(rows.nrows()):
            total += sw.reduce_sum(rows[index])
        return found, chosen, total

    found, chosen, total = run(x, 3, True)
    wanted = [[v + 2 for v in row] + [v + 1 for v in row] for row in ROWS]
    assert found.to_list() == wanted and chosen.to_list() == wanted[1:] and total.numpy() == 25
    assert run(x, 0, False)[1].to_list() == [[1, 2], [3, 4]]


def test_invalid_rows_are_errors_when_the_function_runs():
    @sw.function(input_signature=[sw.TensorSpec([None], sw.int64)])
    def run(splits):
        return sw.RaggedTensor.from_row_splits([1, 2, 3], splits)

    assert run(np.int64([0, 1, 3])).to_list() == [[1], [2, 3]]
    for wrong, text in (([1, 3], "expected 0 first"), ([0, 2, 1, 3], "ascending"), ([0, 2], "as many values as 2")):
        with pytest.raises(sw.errors.InvalidArgumentError, match=text):
            run(np.int64(wrong))


def test_signatures(x):
    @sw.function(input_signature=[SPEC])
    def run(rows):
        return rows + 1

    assert run(sw.RaggedTensor.from_tensor([[1, 2], [3, 4]])).to_list() == [[2, 3], [4, 5]]
    with pytest.raises(TypeError, match="argument rows: expected the structure of its input_signature"):
        run(sw.constant([[1]]))
    with pytest.raises(TypeError, match="expected dtype int32, got float32"):
        run(sw.ragged.constant([[1.0]]))

    @sw.function
    def free(rows):
        return rows * 2

    assert free.get_concrete_function(SPEC)(x).to_list() == (x * 2).to_list()
    assert sw.type_spec_from_value(x) == sw.RaggedTensorSpec([4, None], sw.int32)
    assert SPEC.is_compatible_with(x) and not SPEC.is_compatible_with(sw.cast(x, sw.float32))
    assert sw.nest.flatten(x, expand_composites=True)[1] is x.row_splits and sw.nest.flatten([x]) == [x]


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients(compiled):
    def run(values, table):
        with sw.GradientTape() as tape:
            tape.watch([values, table])
            rows = sw.RaggedTensor.from_row_lengths(values, [2, 0, 3])
            sums = sw.reduce_sum(rows * rows, 1)
            found = sw.nn.embedding_lookup(table, sw.ragged.constant([[0, 2], [], [1]]))
            total = sw.reduce_sum(sums**2) + sw.reduce_sum(rows.to_tensor()[:, :1]) + sw.reduce_sum(found.flat_values)
        return tape.gradient(total, [values, table])

    call = sw.function(run) if compiled else run
    values = np.float32([1, 2, 3, 4, 5])
    of_values, of_table = call(sw.constant(values), sw.ones([3, 2]))
    squares = np.float32([5, 5, 50, 50, 50])
    np.testing.assert_allclose(of_values, 4 * values * squares + [1, 0, 1, 0, 0])
    np.testing.assert_allclose(sw.convert_to_tensor(of_table), np.ones((3, 2)))


def test_the_gradient_with_respect_to_rows_has_the_rows():
    rows = sw.ragged.constant([[1.0, 2.0], [], [3.0]])
    with sw.GradientTape() as tape:
        tape.watch(rows)
        cubes = rows * rows * rows
    assert tape.gradient(cubes, rows).to_list() == [[3, 12], [], [27]]


def test_printing(x, capsys):
    sw.print(x, {"a": sw.ragged.constant([["it's"], []])}, sw.ragged.constant([list(range(9)), [1.5]]))
    numbers = "[[0.000000, 1.000000, 2.000000, ..., 6.000000, 7.000000, 8.000000], [1.500000]]"
    text = f"[[3, 1, 4, 1], [], [5], [9, 2]] {{'a': [['it\\'s'], []]}} {numbers}\n"
    assert capsys.readouterr().err == text
    run = sw.function(lambda rows: sw.print(rows))
    run(x[2:])
    assert capsys.readouterr().err == "{'flat_values': [5 9 2], 'nested_row_splits': ([0 1 3],)}\n"
    assert sw.strings.format("{}!", x[2:]).numpy() == b"[[5], [9, 2]]!"


def test_saved(x, tmp_path):
    class Model(sw.Module):
        @sw.function(input_signature=[SPEC])
        def call(self, rows):
            return {"rows": rows * 2, "cells": sw.RaggedTensor.from_uniform_row_length(rows, 2)}

    model = Model()
    one = sw.function(lambda number: number, input_signature=[sw.TensorSpec([], sw.int32)])
    sw.saved_model.save(model, tmp_path / "model", signatures=one.get_concrete_function())
    found = sw.saved_model.load(tmp_path / "model").call(x)
    assert found["rows"].to_list() == (x * 2).to_list() and found["cells"].to_list() == [ROWS[:2], ROWS[2:]]
    assert found["cells"].shape.as_list()[1:] == [2, None]


def test_datasets_of_rows(x):
    data = sw.data.Dataset.from_tensor_slices({"rows": x, "label": np.arange(4)})
    batches = list(data.map(lambda e: {**e, "size": sw.size(e["rows"])}).take(1))
    assert batches[0]["size"].numpy() == 4
    iterator = iter(data.batch(2).map(lambda e: sw.reduce_sum(e["rows"], 1)))
    assert next(iterator).numpy().tolist() == [9, 0] and next(iterator).numpy().tolist() == [5, 11]

    @sw.function
    def total(dataset):
        found = 0
        for element in dataset:
            found += sw.reduce_sum(element["rows"])
        return found

    assert total(data.batch(3)).numpy() == 25
    arrays = next(iter(data.batch(4).as_numpy_iterator()))["rows"]
    assert [row.tolist() for row in arrays] == ROWS
    with pytest.raises(sw.errors.UnsupportedError, match="padded_batch: expected elements of tensors"):
        data.batch(2).padded_batch(2)


@pytest.mark.parametrize(
    ("change", "rank", "expected"),
    [
        (lambda data: data.batch(2), 2, [[[[1]], [[2, 2], [2, 2]]], [[[3] * 3] * 3]]),
        (lambda data: data.ragged_batch(3), 2, [[[[1]], [[2, 2], [2, 2]], [[3] * 3] * 3]]),
        (lambda data: data.unbatch(), 0, [[1], [2, 2], [2, 2], [3] * 3, [3] * 3, [3] * 3]),
        (lambda data: data.batch(2).unbatch(), 1, [[[1]], [[2, 2], [2, 2]], [[3] * 3] * 3]),
    ],
)
def test_batches_of_rows_that_are_equally_long_in_an_element(change, rank, expected):
    """Elements and specs of TensorFlow 2.21."""
    tables = sw.data.Dataset.range(1, 4).map(lambda n: sw.RaggedTensor.from_tensor(sw.fill([n, n], n)))
    data = change(tables)
    assert [np.asarray(each).tolist() if rank == 0 else each.to_list() for each in data] == expected
    assert data.element_spec == sw.RaggedTensorSpec([None] * (rank + 1), sw.int64, rank)


def _example(**features):
    lists = {key: sw.train.Feature(int64_list=sw.train.Int64List(value=value)) for key, value in features.items()}
    return sw.train.Example(features=sw.train.Features(feature=lists)).SerializeToString()


PARTITIONS = {
    "RowSplits": [0, 2, 2, 5],
    "RowLengths": [2, 0, 3],
    "RowStarts": [0, 2, 2],
    "RowLimits": [2, 2, 5],
    "ValueRowIds": [0, 0, 2, 2, 2],
}


@pytest.mark.parametrize("kind", sorted(PARTITIONS))
def test_rows_of_examples(kind):
    """In TensorFlow 2.21 the same, which the values and shapes of 55 calls were compared with."""
    feature = sw.io.RaggedFeature(sw.int64, "v", [getattr(sw.io.RaggedFeature, kind)("p")])
    text = _example(v=[1, 2, 3, 4, 5], p=PARTITIONS[kind])
    one = sw.io.parse_single_example(text, {"x": feature})["x"]
    assert one.to_list() == [[1, 2], [], [3, 4, 5]] and one.row_splits.dtype == sw.int32
    several = sw.io.parse_example([text, _example(), text], {"x": feature})["x"]
    assert several.to_list() == [one.to_list(), [], one.to_list()]
    data = sw.data.Dataset.from_tensor_slices([text]).map(lambda item: sw.io.parse_single_example(item, {"x": feature}))
    assert data.element_spec["x"] == sw.RaggedTensorSpec([None, None], sw.int64, 1, sw.int32)
    assert next(iter(data))["x"].to_list() == one.to_list()
    with pytest.raises(ValueError, match=f"Key: p: expected (a {kind} of|)"):
        sw.io.parse_single_example(_example(v=[1, 2, 3], p=[7]), {"x": feature})


def test_rows_of_one_length_of_examples():
    kinds = sw.io.RaggedFeature
    pairs = kinds(sw.int64, "v", [kinds.RowLengths("p"), kinds.UniformRowLength(2)])
    text = _example(v=[1, 2, 3, 4, 5, 6], p=[1, 2])
    found = sw.io.parse_example([text], {"x": pairs})["x"]
    assert found.to_list() == [[[[1, 2]], [[3, 4], [5, 6]]]] and found.ragged_rank == 2
    assert sw.io.parse_example([text], {"v": kinds(sw.int64)})["v"].to_list() == [[1, 2, 3, 4, 5, 6]]
    with pytest.raises(ValueError, match="expected a multiple of 2 values"):
        sw.io.parse_example([_example(v=[1], p=[1])], {"x": pairs})
