"""The files of checkpoints: any dtype, complete or not there, damaged ones, and what the system refuses."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.checkpoints import kills
from support.effort import examples, some

import stepwell as sw
from stepwell.runtime.checkpoints.files import StepwellFile, write_file
from stepwell.runtime.checkpoints.graph import ObjectGraph, SavedObject

NAMES = ("int4", "uint4", "float8_e5m2", "float8_e4m3fn", "bfloat16")
DTYPES = [np.dtype(getattr(ml_dtypes, name)) for name in NAMES]
DTYPES += [np.dtype(name) for name in ["?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d", "F", "D"]]
SHAPES = st.lists(st.integers(0, 3), max_size=3).map(tuple)


@st.composite
def arrays(draw):
    """An array of any dtype and shape, with any bits, or strings."""
    shape, size = (shape := draw(SHAPES)), int(np.prod(shape))
    if draw(st.integers(0, 4)) == 0:
        strings = np.empty(size, object)
        strings[:] = draw(st.lists(st.binary(max_size=5), min_size=size, max_size=size))
        return strings.reshape(shape)
    dtype = draw(st.sampled_from(DTYPES))
    raw = np.frombuffer(draw(st.binary(min_size=size * dtype.itemsize, max_size=size * dtype.itemsize)), np.uint8)
    used = {"bool": 2, "int4": 16, "uint4": 16}.get(dtype.name)  # of the values of a byte
    array = (raw if used is None else raw % used).view(dtype).reshape(shape)
    return array.T if draw(st.booleans()) else array


def bits(array):
    return array.tolist() if array.dtype == object else np.ascontiguousarray(array).tobytes()


@settings(max_examples=examples(120), deadline=None)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), arrays(), max_size=5))
def test_arrays_have_the_bits_that_they_had(tmp_path_factory, named):
    prefix = str(tmp_path_factory.mktemp("arrays") / "имя")
    write_file(prefix, ObjectGraph([SavedObject({}, {})]), named)
    file = StepwellFile(prefix)
    assert file.shapes() == {name: array.shape for name, array in named.items()}
    for name, array in named.items():
        found = file.read(name)
        assert (found.dtype, found.shape, bits(found)) == (array.dtype, array.shape, bits(array))


def test_any_reader_of_safetensors_finds_the_weights(tmp_path):
    from safetensors.numpy import load_file

    path = sw.train.Checkpoint(w=sw.Variable([1.5, 2.0], dtype=sw.bfloat16)).write(tmp_path / "w")
    assert load_file(f"{path}.safetensors")["w/.ATTRIBUTES/VARIABLE_VALUE"].astype(float).tolist() == [1.5, 2.0]


def test_the_file_has_the_permissions_that_the_folder_gives(tmp_path):
    path = sw.train.Checkpoint(w=sw.Variable(1.0)).save(tmp_path / "new" / "folder" / "w")
    mode = stat.S_IMODE(os.stat(f"{path}.safetensors").st_mode)
    assert mode == stat.S_IMODE(os.stat(tmp_path / "new" / "folder").st_mode) & 0o666
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == ["checkpoint", "w-1.safetensors"]


def test_a_file_is_replaced_and_not_changed(tmp_path):
    checkpoint = sw.train.Checkpoint(v=sw.Variable([1.0, 2.0]))
    file = Path(f"{checkpoint.write(tmp_path / 'c')}.safetensors")
    before = file.read_bytes()
    with file.open("rb") as old:
        checkpoint.v.assign([3.0, 4.0])
        checkpoint.write(tmp_path / "c")
        assert old.read() == before and os.stat(file).st_ino != os.fstat(old.fileno()).st_ino
    assert file.read_bytes() != before and os.listdir(tmp_path) == ["c.safetensors"]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_write_that_ends_anywhere_leaves_the_old_file(tmp_path, monkeypatch, step):
    checkpoint = sw.train.Checkpoint(v=sw.Variable([1.0, 2.0]))
    path = checkpoint.save(tmp_path / "c")

    def ends(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(os, step, ends)
        checkpoint.v.assign([3.0, 4.0])
        checkpoint.save(tmp_path / "c")
    assert sorted(os.listdir(tmp_path)) == ["c-1.safetensors", "checkpoint"]
    checkpoint.restore(sw.train.latest_checkpoint(tmp_path)).assert_consumed()
    assert path.endswith("c-1") and checkpoint.v.numpy().tolist() == [1.0, 2.0]


def saved(tmp_path, value=1.0):
    checkpoint = sw.train.Checkpoint(v=sw.Variable(np.full((40,), value, np.float32)), text=sw.Variable("abc"))
    return checkpoint, checkpoint.save(tmp_path / "c")


@pytest.mark.parametrize("seed", some(range(400), 60))
def test_damaged_files_are_errors_or_equal(tmp_path, seed):
    random = np.random.default_rng(seed)
    _, path = saved(tmp_path)
    file = Path(f"{path}.safetensors")
    data = bytearray(file.read_bytes())
    place = int(random.integers(len(data)))
    match seed % 4:
        case 0:
            del data[place:]
        case 1:
            data[place : place + 8] = bytes(len(data[place : place + 8]))
        case 2:
            data[place:place] = bytes(random.integers(0, 256, 3, np.uint8))
        case _:
            data[place] ^= 1 << int(random.integers(8))
    file.write_bytes(data)
    checkpoint, text = sw.train.Checkpoint(v=sw.Variable(np.zeros((40,), np.float32)), text=sw.Variable("")), b""
    try:
        checkpoint.restore(path).assert_consumed()
        text = b"abc"
    except sw.errors.DataLossError as error:
        assert f"{path}.safetensors" in str(error)
    assert checkpoint.v.numpy().tolist() == [float(bool(text))] * 40
    assert checkpoint.text.numpy() == text


def test_files_of_others_are_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"w": np.zeros(2)}, tmp_path / "w.safetensors")
    with pytest.raises(sw.errors.DataLossError, match="without an index of objects"):
        sw.train.Checkpoint(w=sw.Variable(0.0)).restore(tmp_path / "w")
    (tmp_path / "t.index").write_bytes(b"no table" * 10)
    with pytest.raises(sw.errors.DataLossError, match=r"t\.index: the checkpoint is damaged"):
        sw.train.Checkpoint(w=sw.Variable(0.0)).restore(tmp_path / "t")


def test_a_checkpoint_that_cannot_be_written_leaves_all_as_it_was(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.safetensors").mkdir()
    checkpoint, path = saved(tmp_path)
    for folder in (str(tmp_path / "file"), "/proc"):
        with pytest.raises(sw.errors.OpError, match="c-2"):
            checkpoint.save(f"{folder}/c")
        with pytest.raises(sw.errors.OpError, match="c-2"):
            sw.train.CheckpointManager(checkpoint, folder, 1, checkpoint_name="c").save()
    with pytest.raises(sw.errors.FailedPreconditionError, match="folder"):
        checkpoint.write(tmp_path / "folder")
    assert int(checkpoint.save_counter) == 1
    checkpoint.restore(path).assert_consumed()


LIMITED = """
import os, resource, signal, sys
import numpy as np
import stepwell as sw
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, kind = sys.argv[1:]
v = sw.Variable(np.ones(1000, np.float32))
checkpoint = sw.train.Checkpoint(v=v)
path = checkpoint.save(folder + "/c")
v.assign(v * 2)
if kind == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
else:
    os.chmod(folder, 0o555)
    if os.geteuid() == 0:
        os.setuid(65534)
try:
    checkpoint.save(folder + "/c")
except sw.errors.OpError as error:
    print(type(error).__name__, error.message)
assert int(checkpoint.save_counter) == 1 and sw.train.latest_checkpoint(folder) == path
checkpoint.restore(path).assert_consumed()
assert set(v.numpy()) == {1.0}
print(sorted(os.listdir(folder)))
"""


@pytest.mark.parametrize(("kind", "expected"), [("full", "File too large"), ("locked", "PermissionDeniedError")])
def test_full_disks_and_folders_that_are_read_only(kind, expected):
    with tempfile.TemporaryDirectory() as folder:  # which another user can reach, other than pytest's own
        os.chmod(folder, 0o777)
        command = [sys.executable, "-c", LIMITED, folder, kind]
        done = subprocess.run(command, capture_output=True, text=True)
        os.chmod(folder, 0o755)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout and "c-2.safetensors" in done.stdout
    assert done.stdout.splitlines()[-1] == "['c-1.safetensors', 'checkpoint']"


def test_processes_that_are_killed_leave_complete_checkpoints():
    command = [sys.executable, "-m", "support.checkpoints.kills", "5"]
    environment = {**os.environ, "PYTHONPATH": str(Path(kills.__file__).parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "5 processes were killed" in done.stdout


def test_two_writers_lose_nothing(tmp_path):
    errors = []

    def write(name):
        try:
            manager = sw.train.CheckpointManager(
                sw.train.Checkpoint(v=sw.Variable(name)), tmp_path, 3, checkpoint_name=name
            )
            for _ in range(6):
                manager.save()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    names = {path.name for path in tmp_path.iterdir()}
    assert {f"{name}-{number}.safetensors" for name in ("one", "two") for number in (4, 5, 6)} <= names
    assert not [name for name in names if "incomplete" in name]
    state = sw.train.get_checkpoint_state(tmp_path)
    assert {str(tmp_path / f"one-{number}") for number in (4, 5, 6)} <= set(state.all_model_checkpoint_paths)
    for path in state.all_model_checkpoint_paths:
        name = path.rpartition("/")[2].partition("-")[0].encode()
        checkpoint = sw.train.Checkpoint(v=sw.Variable(""))
        checkpoint.restore(path).assert_consumed()
        assert checkpoint.v.numpy() == name


def test_what_is_open_outlives_its_file(tmp_path):
    late = sw.Module()
    path = sw.train.Checkpoint(m=sw.train.Checkpoint(v=sw.Variable([1.0, 2.0]))).save(tmp_path / "c")
    status = sw.train.Checkpoint(m=late).restore(path)
    os.remove(f"{path}.safetensors")
    late.v = sw.Variable([0.0, 0.0])
    status.assert_consumed()
    assert late.v.numpy().tolist() == [1.0, 2.0]
