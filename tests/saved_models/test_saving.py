"""What is saved and what is refused, and that a folder is there whole or as it was."""

import os
import stat
from collections import OrderedDict, namedtuple
from pathlib import Path

import numpy as np
import pytest

import stepwell as sw
from stepwell.runtime.saved_models import folder as folders

SPEC = sw.TensorSpec([None])
Point = namedtuple("Point", "x y")


def module(**attributes):
    made = sw.Module()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def saved(thing, path):
    sw.saved_model.save(thing, path, options=sw.saved_model.SaveOptions(onnx=False))
    return sw.saved_model.load(path)


def test_containers_are_of_their_types(tmp_path):
    v = sw.Variable(1.0)
    held = [v, 2, "s", None, lambda: 1, [3]]
    thing = module(list=held, tuple=(v, (v,)), point=Point(v, 4), plain=[1, 2], named=OrderedDict(b=v, a=5), number=6)
    thing.cycle = [thing, {"self": thing}]
    loaded = saved(thing, tmp_path / "m")
    assert loaded.list == [loaded.list[0], 2, "s", None, None, [3]] and loaded.list[0] is loaded.tuple[1][0]
    assert (loaded.point.x is loaded.list[0], loaded.point.y, loaded.point._fields) == (True, 4, ("x", "y"))
    assert list(loaded.named) == ["b", "a"] and isinstance(loaded.named, OrderedDict)
    assert loaded.cycle[0] is loaded and loaded.cycle[1]["self"] is loaded
    assert not hasattr(loaded, "plain") and not hasattr(loaded, "number")
    assert len(loaded.variables) == 1 and isinstance(loaded, sw.Module)


def test_a_variable_is_as_it_was(tmp_path):
    v = sw.Variable(
        [[1.0]], trainable=False, name="v", shape=[None, 1], aggregation=sw.VariableAggregation.SUM, dtype="float64"
    )
    loaded = saved(
        module(v=v, f=sw.function(lambda x: v + x, input_signature=[sw.TensorSpec([], "float64")])), tmp_path
    )
    assert repr(loaded.v) == repr(v) and loaded.v.shape == [None, 1] and not loaded.v.trainable
    assert loaded.v.aggregation is sw.VariableAggregation.SUM
    loaded.v.assign([[1.0], [2.0]])
    np.testing.assert_array_equal(loaded.f(1.0), [[2], [3]])


def test_arguments_are_matched_as_they_were(tmp_path):
    @sw.function
    def f(point, *args, scale=1.0, **others):
        return Point(point.x * scale + sum(args), {"others": others, "none": None})

    f(Point(sw.ones([2]), sw.ones([2])), sw.ones([2]), scale=3.0, key=sw.ones([1]))
    loaded = saved(module(f=f), tmp_path)
    Other = namedtuple("Point", "x y")  # the class of another program
    for kind in (Point, Other):
        found = loaded.f(kind(np.ones([2], np.float32), [0.0, 0.0]), sw.ones([2]), key=[5.0], scale=3.0)
        assert found.x.numpy().tolist() == [4, 4] and found._fields == ("x", "y")
        assert float(found.y["others"]["key"][0]) == 5.0 and found.y["none"] is None
    for call, text in (
        (lambda: loaded.f(Point(sw.ones([2]), sw.ones([2])), sw.ones([2]), scale=2.0, key=[5.0]), "scale=2.0"),
        (lambda: loaded.f(Point(sw.ones([2]), sw.ones([2]))), "args=\\(\\)"),
        (lambda: loaded.f(sw.ones([2])), r"no trace of the saved model fits the arguments \(point=TensorSpec"),
        (lambda: loaded.f(), "missing a required argument: 'point'"),
    ):
        with pytest.raises((ValueError, TypeError), match=text):
            call()


def test_lost_traces_are_explained(tmp_path):
    @sw.function
    def f(thing, x):
        return x

    f(object(), sw.ones([2]))
    f(None, sw.ones([2]))
    loaded = saved(module(f=f, g=sw.function(lambda: 1)), tmp_path)
    assert loaded.f(None, [1.0, 1.0]).shape == (2,)
    with pytest.raises(ValueError, match=r"(?s)there are:\n  \(thing: .*not saved were .*argument thing is an? object"):
        loaded.f(object(), sw.ones([2]))
    with pytest.raises(ValueError, match="no trace of it: it was not called before it was saved"):
        loaded.g()


def test_functions_of_any_rank_have_a_trace_for_each(tmp_path):
    thing = module(f=sw.function(lambda x: x + 1.0, input_signature=[sw.TensorSpec(None)]))
    thing.f(sw.ones([2]))
    thing.f(sw.ones([]))
    loaded = saved(thing, tmp_path)
    assert float(loaded.f(2.0)) == 3.0 and loaded.f([1.0, 2.0, 3.0][:2]).shape == (2,)


def test_sparse_arguments_are_saved(tmp_path):
    @sw.function
    def f(s):
        return sw.sparse.to_dense(s) * 2.0

    sparse = sw.SparseTensor([[0, 1]], [3.0], [2, 2])
    f(sparse)
    np.testing.assert_array_equal(saved(module(f=f), tmp_path).f(sparse), [[0, 6], [0, 0]])


def test_assets_move_with_the_model(tmp_path):
    (tmp_path / "words.txt").write_text("a b")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "words.txt").write_text("c")
    thing = module(words=sw.saved_model.Asset(tmp_path / "words.txt"))
    thing.others = [sw.saved_model.Asset(str(tmp_path / "other" / "words.txt")), thing.words]
    thing.read = sw.function(lambda: sw.io.read_file(thing.words.asset_path), input_signature=[])
    sw.saved_model.save(thing, tmp_path / "m")
    (tmp_path / "words.txt").write_text("changed")
    os.rename(tmp_path / "m", tmp_path / "moved")
    loaded = sw.saved_model.load(tmp_path / "moved")
    assert loaded.read().numpy() == b"a b"
    assert Path(loaded.others[0].asset_path.numpy().decode()).read_text() == "c"
    sw.saved_model.save(loaded, tmp_path / "again")
    (tmp_path / "moved" / "assets" / "words.txt").unlink()
    assert sw.saved_model.load(tmp_path / "again").read().numpy() == b"a b"
    thing.words = sw.saved_model.Asset(tmp_path / "none.txt")
    with pytest.raises(FileNotFoundError, match=r"words: there is no file .*none\.txt"):
        sw.saved_model.save(thing, tmp_path / "n")


def _python(x):
    return sw.ensure_shape(sw.py_function(lambda y: y.numpy(), [x], sw.float32), [2])


OUTSIDE = sw.Variable(1.0)


@pytest.mark.parametrize(
    ("thing", "error", "text"),
    [
        (lambda: object(), ValueError, "obj: expected a sw.Module, or another object whose Variables are known"),
        (lambda: [sw.Variable(1.0)], ValueError, "obj: expected a sw.Module"),
        (
            lambda: module(f=sw.function(_python, input_signature=[SPEC])),
            sw.errors.UnsupportedError,
            "calls the Python",
        ),
        (
            lambda: module(f=sw.function(lambda x: x * OUTSIDE, input_signature=[SPEC])),
            AssertionError,
            "uses the Variable 'Variable:0', which is not part of what is saved; make it an attribute",
        ),
    ],
)
def test_what_cannot_be_saved_is_refused(thing, error, text, tmp_path):
    with pytest.raises(error, match=text):
        sw.saved_model.save(thing(), tmp_path / "m")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "call", [lambda p: sw.saved_model.save(module(), p, options=1), lambda p: sw.saved_model.load(p, "gpu")]
)
def test_other_options_are_refused(call, tmp_path):
    sw.saved_model.save(module(), tmp_path / "m")
    with pytest.raises((TypeError, ValueError), match="expected"):
        call(tmp_path / "m")
    sw.saved_model.load(tmp_path / "m", tags=["serve"], options=sw.saved_model.LoadOptions())


def test_another_folder_is_not_touched(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x")
    for name in ("mine", "mine/file"):
        with pytest.raises(FileExistsError, match=r"saved_model\.save: export_dir: "):
            sw.saved_model.save(module(v=sw.Variable(1.0)), tmp_path / name)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "file"]


def test_a_saved_model_is_replaced_and_other_files_stay(tmp_path):
    thing = module(v=sw.Variable(1.0), f=sw.function(lambda x: x, input_signature=[SPEC]))
    (tmp_path / "m").mkdir()  # an empty one is no other folder
    sw.saved_model.save(thing, tmp_path / "m")
    (tmp_path / "m" / "notes").mkdir()
    (tmp_path / "m" / "notes" / "mine.txt").write_text("mine")
    os.symlink("m", tmp_path / "link")
    sw.saved_model.save(module(v=sw.Variable(2.0)), tmp_path / "link")
    assert float(sw.saved_model.load(tmp_path / "m").v) == 2.0
    assert (tmp_path / "m" / "notes" / "mine.txt").read_text() == "mine"
    assert not (tmp_path / "m" / "serving_default.onnx").exists() and not any((tmp_path / "m").glob("functions/*"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "m"]
    assert stat.S_IMODE((tmp_path / "m" / "variables.safetensors").stat().st_mode) == 0o666 & ~_mask()


def _mask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("exchanges", [True, False])
@pytest.mark.parametrize("fails", ["_flush", "write_index", "rename"])
def test_a_failure_leaves_what_was_there(fails, exchanges, tmp_path, monkeypatch):
    sw.saved_model.save(module(v=sw.Variable(1.0)), tmp_path / "m")

    def fail(*args):
        raise OSError("no space left")

    if not exchanges:
        monkeypatch.setattr(folders, "_EXCHANGE", -1)  # which the system refuses
    if fails == "rename":
        calls = []
        real = os.rename
        monkeypatch.setattr(
            os, "rename", lambda *names: fail() if calls.append(names) or len(calls) == 2 else real(*names)
        )
    else:
        owner = folders if fails == "_flush" else sw.runtime.saved_models.save
        monkeypatch.setattr(owner, fails, fail)
    try:
        sw.saved_model.save(module(v=sw.Variable(2.0)), tmp_path / "m")
        assert exchanges and fails == "rename"
    except OSError as error:
        assert "no space left" in str(error)
        assert float(sw.saved_model.load(tmp_path / "m").v) == 1.0
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
