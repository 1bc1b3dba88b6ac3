"""Checkpoints that TensorFlow wrote (`tests/support/checkpoints/record.py`), restored into the same objects."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from support.checkpoints import programs
from support.effort import some

import stepwell as sw

FOLDER = Path(__file__).parent / "tensorflow_checkpoints"
VALUES = json.loads((FOLDER / "values.json").read_text())
PATHS = {name: FOLDER / (name if name in ("names", "tree") else f"{name}-1") for name in VALUES}


def expected(name):
    """The arrays that TensorFlow reads, by key."""
    found = {}
    for key, (dtype, shape, elements) in VALUES[name].items():
        if dtype == "string":
            array = np.array([text.encode() for text in elements], object)
        elif dtype.startswith("complex"):
            array = np.array([complex(*pair) for pair in elements], dtype)
        else:
            array = np.array(elements).astype(getattr(sw, dtype).as_numpy_dtype)
        found[key] = array.reshape(shape)
    return found


@pytest.mark.parametrize("name", VALUES)
def test_tensors_by_key(name):
    reader, arrays = sw.train.load_checkpoint(PATHS[name]), expected(name)
    assert reader.get_variable_to_shape_map().keys() - arrays.keys() <= {"_CHECKPOINTABLE_OBJECT_GRAPH"}
    for key, array in arrays.items():
        found = np.asarray(reader.get_tensor(key), None if array.dtype != object else object)
        assert found.dtype == array.dtype and found.shape == array.shape and np.array_equal(found, array), key
        assert reader.get_variable_to_dtype_map()[key] == VALUES[name][key][0]


def test_the_latest_of_a_folder():
    assert sw.train.latest_checkpoint(FOLDER) == str(PATHS["functional"])
    assert dict(sw.train.list_variables(FOLDER))["save_counter/.ATTRIBUTES/VARIABLE_VALUE"] == []


def test_a_tree_of_containers():
    assert len(list(FOLDER.glob("tree.data-*"))) > 2  # it is in several files
    tree, arrays = programs.tree(sw), expected("tree")
    for variable in tree.variables:
        variable.assign(sw.zeros_like(variable) if variable.dtype != sw.string else ["", "", ""])
    tree.generator.reset_from_seed(1)
    sw.train.Checkpoint(tree=tree).read(PATHS["tree"]).assert_consumed()
    assert (
        tree.generator.state.numpy().tolist() == arrays["tree/generator/_state_var/.ATTRIBUTES/VARIABLE_VALUE"].tolist()
    )
    assert tree.text.numpy().tolist() == [b"one", b"", "zwölf".encode()]
    assert tree.w.numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert [int(tree.layers[0]), int(tree.layers[1][0])] == [1, 2]
    assert {key: float(v) for key, v in tree.by_name.items()} == {"a": 3.0, "b/c.d": 4.0, "ключ": 5.0}
    assert [float(tree.pair[0]), float(tree.pair[2]["x"])] == [6.0, 8.0]


def test_every_dtype():
    module = programs.numbers(sw)
    for variable in module.variables:
        variable.assign(sw.zeros_like(variable))
    sw.train.Checkpoint(module).restore(PATHS["numbers"]).assert_consumed()
    for name in programs.DTYPES:
        array = expected("numbers")[f"{name}/.ATTRIBUTES/VARIABLE_VALUE"]
        assert np.array_equal(getattr(module, name).numpy(), array), name


def test_a_keras_model_and_its_optimizer():
    from stepwell import keras

    model = programs.sequential(keras)
    for variable in [*model.variables, *model.optimizer.variables]:
        if variable.dtype == "float32":
            variable.assign(variable * 0 + 77)
    checkpoint = sw.train.Checkpoint(model=model, optimizer=model.optimizer)
    checkpoint.restore(PATHS["sequential"]).assert_consumed()
    arrays = expected("sequential")
    weights = {f"optimizer/_trainable_variables/{n}": v for n, v in enumerate(model.trainable_variables)}
    weights |= {f"optimizer/_variables/{n}": v for n, v in enumerate(model.optimizer.variables) if n > 1}
    weights["model/_functional/_operations/2/moving_mean"] = model.layers[1].moving_mean
    weights["model/_functional/_operations/2/moving_variance"] = model.layers[1].moving_variance
    assert len(weights) == len(arrays) - 3  # the counter, and two numbers of the optimizer
    for key, variable in weights.items():
        assert np.array_equal(variable.numpy(), arrays[f"{key}/.ATTRIBUTES/VARIABLE_VALUE"]), key
    assert int(model.optimizer.iterations) == 2


def test_a_keras_model_that_is_built_later():
    from stepwell import keras

    layers = keras.layers
    model = keras.Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("adam", "mse", run_eagerly=True)
    status = sw.train.Checkpoint(model=model, optimizer=model.optimizer).restore(PATHS["sequential"])
    with pytest.raises(AssertionError, match="no object here for"):
        status.assert_consumed()
    x = np.ones((4, 2), np.float32)
    model.fit(x, x[:, :1], batch_size=4, verbose=0)  # the Variables get their values as they are made
    status.assert_consumed()
    assert int(model.optimizer.iterations) == 3
    start = expected("sequential")["optimizer/_trainable_variables/0/.ATTRIBUTES/VARIABLE_VALUE"]
    assert 0 < abs(model.layers[0].kernel.numpy() - start).max() < 0.002  # a step of Adam from there


def test_a_functional_keras_model():
    from stepwell import keras

    model = programs.functional(keras)
    for variable in model.weights:
        variable.assign(variable * 0)
    status = sw.train.Checkpoint(model=model).restore(PATHS["functional"])
    status.assert_consumed()
    arrays = {tuple(array.ravel().tolist()) for array in expected("functional").values()}
    found = {tuple(variable.numpy().ravel().tolist()) for variable in model.weights}
    assert found <= arrays and len(found) == len({a for a in arrays if len(a) > 1})


def test_the_folder_of_a_saved_model(tmp_path):
    (tmp_path / "variables").mkdir()
    (tmp_path / "saved_model.pb").touch()
    for file in FOLDER.glob("tree.*"):
        shutil.copy(file, tmp_path / "variables" / file.name.replace("tree", "variables"))
    tree = programs.tree(sw)
    tree.w.assign(tree.w * 0)
    sw.train.Checkpoint(tree=tree).restore(tmp_path).assert_nontrivial_match()
    assert tree.w.numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_names_alone_are_not_restored():
    with pytest.raises(sw.errors.UnsupportedError, match="got one of names alone"):
        sw.train.Checkpoint(w=sw.Variable([0.0, 0.0])).restore(PATHS["names"])
    assert sw.train.load_variable(PATHS["names"], "w:0").tolist() == [1.0, 2.0]
    with pytest.raises(sw.errors.NotFoundError, match="there is no tensor 'x'"):
        sw.train.load_variable(PATHS["names"], "x")


def test_a_missing_file_of_data(tmp_path):
    for file in FOLDER.glob("tree.*"):
        shutil.copy(file, tmp_path)
    sorted(tmp_path.glob("tree.data-*"))[1].unlink()
    with pytest.raises(sw.errors.NotFoundError, match=r"tree\.data-00001-of-.* missing"):
        sw.train.Checkpoint(tree=programs.tree(sw)).read(tmp_path / "tree")


def test_checkpoints_are_saved_beside_those_of_tensorflow(tmp_path):
    for file in (*FOLDER.glob("sequential-1.*"), FOLDER / "checkpoint"):
        shutil.copy(file, tmp_path)
    text = (tmp_path / "checkpoint").read_text().replace("functional-1", "sequential-1")
    (tmp_path / "checkpoint").write_text(text)
    checkpoint = sw.train.Checkpoint(w=sw.Variable(1.0))
    manager = sw.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=1, checkpoint_name="sequential")
    assert manager.latest_checkpoint == str(tmp_path / "sequential-1")
    manager.save(checkpoint_number=2)
    assert sw.train.latest_checkpoint(tmp_path) == str(tmp_path / "sequential-2")


def changed(data, random):
    """Bytes with a bit flipped, cut off, or with a part that is zero."""
    data, place = bytearray(data), random.integers(len(data))
    match random.integers(4):
        case 0:
            return bytes(data[:place])
        case 1:
            data[place : place + 8] = bytes(len(data[place : place + 8]))
        case _:
            data[place] ^= 1 << random.integers(8)
    return bytes(data)


@pytest.mark.parametrize("seed", some(range(400), 60))
def test_damaged_files_are_errors_or_equal(tmp_path, seed):
    random = np.random.default_rng(seed)
    name = ("tree", "numbers")[seed % 2]
    files = list(FOLDER.glob(f"{PATHS[name].name}.*"))
    for file in files:
        shutil.copy(file, tmp_path)
    victim = tmp_path / sorted(file.name for file in files)[-1 if seed % 4 < 2 else 0]
    victim.write_bytes(changed(victim.read_bytes(), random))
    made = getattr(programs, name)(sw)
    checkpoint = sw.train.Checkpoint(tree=made) if name == "tree" else sw.train.Checkpoint(made)
    before = [variable.numpy() for variable in made.variables]
    try:
        checkpoint.restore(tmp_path / PATHS[name].name).expect_partial()
    except (sw.errors.DataLossError, sw.errors.UnimplementedError) as error:
        assert str(tmp_path) in str(error)
    for variable, array in zip(made.variables, before, strict=True):
        assert np.array_equal(variable.numpy(), array)
