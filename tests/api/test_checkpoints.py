"""`train.Checkpoint`: what is restored into what, and what the status says of it, as recorded from TensorFlow 2.21."""

import copy
import gc
import logging
import os
from collections import namedtuple

import numpy as np
import pytest

import stepwell as sw

PASSES, RAISES = True, False


def module(**attributes):
    made = sw.Module()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def says(status):
    """Which of the assertions of a status pass."""
    found = []
    for name in ("assert_consumed", "assert_existing_objects_matched", "assert_nontrivial_match"):
        try:
            assert getattr(status, name)() is status
            found.append(PASSES)
        except AssertionError:
            found.append(RAISES)
    status.expect_partial()
    return found


def variables(names):
    return {name: sw.Variable(0.0) for name in names}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("ab", [PASSES, PASSES, PASSES]),
        ("a", [RAISES, PASSES, PASSES]),
        ("abc", [RAISES, RAISES, PASSES]),
        ("x", [RAISES, RAISES, PASSES]),
        ("", [RAISES, PASSES, PASSES]),
    ],
)
def test_assertions_on_other_objects_than_were_saved(tmp_path, names, expected):
    path = sw.train.Checkpoint(a=sw.Variable(1.0), b=sw.Variable(2.0)).save(tmp_path / "ckpt")
    made = variables(names)
    assert says(sw.train.Checkpoint(**made).restore(path)) == expected
    assert {name: float(made[name]) for name in names if name in "ab"} == {
        name: value for name, value in (("a", 1.0), ("b", 2.0)) if name in names
    }


def test_restoring_none_restores_nothing():
    status = sw.train.Checkpoint(**variables("a")).restore(None)
    assert says(status) == [RAISES, RAISES, RAISES]
    with pytest.raises(AssertionError, match="save_path is None"):
        status.run_restore_ops()


def test_write_and_read_do_not_count(tmp_path):
    written = sw.train.Checkpoint(a=sw.Variable(1.0)).write(tmp_path / "w")
    assert says(sw.train.Checkpoint(**variables("a")).read(written)) == [PASSES, PASSES, PASSES]
    assert says(sw.train.Checkpoint(**variables("a")).restore(written)) == [RAISES, RAISES, PASSES]
    saved = sw.train.Checkpoint(a=sw.Variable(1.0)).save(tmp_path / "s")
    assert says(sw.train.Checkpoint(**variables("a")).read(saved)) == [RAISES, PASSES, PASSES]
    assert sw.train.latest_checkpoint(tmp_path) == saved


def test_the_counter_goes_on(tmp_path):
    first = sw.train.Checkpoint(a=sw.Variable(1.0))
    assert [os.path.basename(first.save(tmp_path / "c")) for _ in range(2)] == ["c-1", "c-2"]
    other = sw.train.Checkpoint(a=sw.Variable(1.0))
    other.restore(tmp_path / "c-2")
    assert int(other.save_counter) == 2
    assert os.path.basename(other.save(str(tmp_path / "c").encode())) == "c-3"
    read = sw.train.Checkpoint(a=sw.Variable(1.0))
    read.read(tmp_path / "c-2").expect_partial()
    assert int(read.save_counter) == 2


def test_one_object_under_two_names(tmp_path, caplog):
    shared = sw.Variable(1.0)
    path = sw.train.Checkpoint(x=shared, y=shared).save(tmp_path / "shared")
    assert [key for key, _ in sw.train.list_variables(path)] == [
        "save_counter/.ATTRIBUTES/VARIABLE_VALUE",
        "x/.ATTRIBUTES/VARIABLE_VALUE",
    ]
    two = variables("xy")
    assert says(sw.train.Checkpoint(**two).restore(path)) == [RAISES, RAISES, PASSES]
    assert [float(two["x"]), float(two["y"])] == [1.0, 0.0]
    assert "is two here" in caplog.text
    one, path = sw.Variable(0.0), sw.train.Checkpoint(x=sw.Variable(1.0), y=sw.Variable(2.0)).save(tmp_path / "two")
    assert says(sw.train.Checkpoint(x=one, y=one).restore(path)) == [PASSES, PASSES, PASSES]
    assert float(one) == 1.0


def test_cycles(tmp_path):
    def looped(value):
        made = module(a=sw.Variable(value))
        made.me, made.list = made, [made]
        return made

    path = sw.train.Checkpoint(m=looped(3.0)).save(tmp_path / "cycle")
    other = looped(0.0)
    sw.train.Checkpoint(m=other).restore(path).assert_consumed()
    assert float(other.a) == 3.0


def test_the_root_has_attributes_of_its_own(tmp_path):
    path = sw.train.Checkpoint(module(a=sw.Variable(1.0)), b=sw.Variable(2.0)).save(tmp_path / "r")
    assert [key.split("/")[0] for key, _ in sw.train.list_variables(path)] == ["a", "b", "save_counter"]
    root, b = module(a=sw.Variable(0.0)), sw.Variable(0.0)
    checkpoint = sw.train.Checkpoint(root, b=b)
    assert says(checkpoint.restore(path)) == [PASSES, PASSES, PASSES]
    assert [float(root.a), float(b), int(checkpoint.save_counter)] == [1.0, 2.0, 1]
    assert says(sw.train.Checkpoint(a=root.a).restore(path)) == [RAISES, PASSES, PASSES]
    sw.train.Checkpoint(root, a=root.a)
    with pytest.raises(ValueError, match="a: expected a name that the root does not have"):
        sw.train.Checkpoint(root, a=sw.Variable(2.0))


def test_objects_that_are_made_later(tmp_path):
    saved = module(a=sw.Variable(1.0), l=[sw.Variable(2.0), sw.Variable(3.0)], d={"k": sw.Variable(4.0)})
    saved.inner = module(x=sw.Variable(5.0))
    path = sw.train.Checkpoint(m=saved).save(tmp_path / "m")
    late = module()
    status = sw.train.Checkpoint(m=late).restore(path)
    with pytest.raises(AssertionError, match=r"5 values of the checkpoint: \(root\)\.m\.a"):
        status.assert_consumed()
    late.a, late.l, late.d = sw.Variable(0.0), [], {}
    late.l.append(sw.Variable(0.0))
    late.l += [sw.Variable(0.0), sw.Variable(9.0)]
    late.d["k"] = sw.Variable(0.0)
    late.inner = module()
    late.inner.x = sw.Variable(0.0)
    found = [float(late.a), *map(float, late.l), float(late.d["k"]), float(late.inner.x)]
    assert found == [1.0, 2.0, 3.0, 9.0, 4.0, 5.0]
    assert len(late.variables) == 6  # what waits is seen as the list and dict that it is
    late.l.pop()
    status.assert_consumed()


def test_a_list_that_was_there_gets_more(tmp_path):
    path = sw.train.Checkpoint(m=module(l=[sw.Variable(1.0), [sw.Variable(2.0)]])).save(tmp_path / "m")
    late = module(l=[sw.Variable(0.0), []])
    status = sw.train.Checkpoint(m=late).restore(path)
    late.l[1].append(sw.Variable(0.0))
    assert float(late.l[1][0]) == 2.0
    status.assert_consumed()


def test_values_wait_for_one_object_once(tmp_path):
    path = sw.train.Checkpoint(m=module(a=sw.Variable(10.0))).save(tmp_path / "q")
    late = module()
    sw.train.Checkpoint(m=late).restore(path)
    late.a = 3  # which is nothing to restore into
    late.a = sw.Variable(0.0)
    assert float(late.a) == 10.0
    late.a = sw.Variable(7.0)
    assert float(late.a) == 7.0


def test_the_later_restoration_prevails(tmp_path):
    paths = [sw.train.Checkpoint(m=module(a=sw.Variable(v))).save(tmp_path / f"{v}") for v in (1.0, 10.0)]
    for order in (paths, paths[::-1]):
        late = module()
        checkpoint = sw.train.Checkpoint(m=late)
        statuses = [checkpoint.restore(path) for path in order]
        late.a = sw.Variable(0.0)
        assert float(late.a) == (10.0 if order is paths else 1.0)
        for status in statuses:
            status.assert_consumed()


def test_what_waits_is_copied_without_the_wait(tmp_path):
    path = sw.train.Checkpoint(m=module(a=sw.Variable(10.0))).save(tmp_path / "q")
    late = module()
    sw.train.Checkpoint(m=late).restore(path).expect_partial()
    other = copy.deepcopy(late)
    other.a = sw.Variable(1.0)
    assert float(other.a) == 1.0


def test_attributes_of_the_checkpoint_itself(tmp_path):
    checkpoint = sw.train.Checkpoint()
    checkpoint.a = sw.Variable(2.0)
    path = checkpoint.save(tmp_path / "late")
    other = sw.train.Checkpoint()
    status = other.restore(path)
    other.a = sw.Variable(0.0)
    status.assert_consumed()
    assert float(other.a) == 2.0
    with pytest.raises(ValueError, match="save_counter"):
        checkpoint.save_counter = 3
    nested = sw.train.Checkpoint(inner=other)
    assert "inner/a/.ATTRIBUTES/VARIABLE_VALUE" in dict(sw.train.list_variables(nested.save(tmp_path / "nested")))


def test_namedtuples_have_the_names_of_their_fields(tmp_path):
    pair = namedtuple("pair", "u v")(sw.Variable(1.0), sw.Variable(2.0))
    path = sw.train.Checkpoint(n=pair).write(tmp_path / "n")
    assert [key.split("/.")[0] for key, _ in sw.train.list_variables(path)] == ["n/u", "n/v"]


def test_values_of_another_shape_or_dtype_change_nothing(tmp_path):
    path = sw.train.Checkpoint(a=sw.Variable(1.0), b=sw.Variable(2.0)).save(tmp_path / "ab")
    for wrong, message in ((sw.Variable([0.0]), r"shape \(1,\)"), (sw.Variable(0), "dtype int32")):
        a = sw.Variable(0.0)
        with pytest.raises(ValueError, match=rf"ab-1.*b/.ATTRIBUTES/VARIABLE_VALUE.*expected .*{message}"):
            sw.train.Checkpoint(a=a, b=wrong).restore(path)
        assert float(a) == 0.0
    sizes = sw.Variable(np.zeros(2, np.float32), shape=[None])
    path = sw.train.Checkpoint(a=sw.Variable([1.0, 2.0, 3.0])).write(tmp_path / "sizes")
    sw.train.Checkpoint(a=sizes).read(path).assert_consumed()
    assert sizes.numpy().tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("value", [3, object(), sw.constant(1), None, "text"])
def test_what_cannot_be_saved(value):
    with pytest.raises(ValueError, match=r"train\.Checkpoint: a: expected a Variable, .* got "):
        sw.train.Checkpoint(a=value)


def test_keys_of_dicts_are_strings(tmp_path):
    with pytest.raises(ValueError, match="expected strings as the keys of a dict that is saved, got 1"):
        sw.train.Checkpoint(a={1: [sw.Variable(1.0)]}).save(tmp_path / "k")
    checkpoint = sw.train.Checkpoint(a={1: [2]})
    checkpoint.save(tmp_path / "k")
    assert int(checkpoint.save_counter) == 1


def test_missing_files_say_what_there_is(tmp_path):
    checkpoint = sw.train.Checkpoint(**variables("a"))
    with pytest.raises(sw.errors.NotFoundError, match=r"nothing-1\.safetensors"):
        checkpoint.restore(tmp_path / "nothing-1")
    path = checkpoint.save(tmp_path / "there")
    with pytest.raises(sw.errors.NotFoundError, match=r"latest checkpoint is '.*there-1'"):
        checkpoint.restore(tmp_path)
    with pytest.raises(sw.errors.NotFoundError, match=r"leave out '\.safetensors'"):
        checkpoint.restore(f"{path}.safetensors")
    with pytest.raises(TypeError, match=r"train\.Checkpoint\.restore: save_path: expected a path, got 3"):
        checkpoint.restore(3)


def test_what_was_not_restored_is_logged(tmp_path, caplog):
    path = sw.train.Checkpoint(a=sw.Variable(1.0), b=sw.Variable(2.0)).save(tmp_path / "ab")
    with caplog.at_level(logging.WARNING, "stepwell"):
        status = sw.train.Checkpoint(**variables("a")).restore(path)
        del status
        gc.collect()
    assert "no object for 1 value of the checkpoint: (root).b" in caplog.text
    caplog.clear()
    sw.train.Checkpoint(**variables("a")).restore(path).expect_partial()
    sw.train.Checkpoint(**variables("ab")).restore(path)
    gc.collect()
    assert not caplog.text


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_compiled_functions_see_what_is_restored(tmp_path, engine):
    v = sw.Variable([1.0, 2.0])

    @sw.function(engine=engine)
    def doubled():
        v.assign_add([1.0, 1.0])
        return v * 2.0

    checkpoint = sw.train.Checkpoint(v=v)
    path = checkpoint.save(tmp_path / "v")
    assert doubled().numpy().tolist() == [4.0, 6.0]
    checkpoint.restore(path).assert_consumed()
    assert doubled().numpy().tolist() == [4.0, 6.0]
    assert v.numpy().tolist() == [2.0, 3.0]


def test_variables_that_a_function_makes_are_restored_then(tmp_path):
    path = sw.train.Checkpoint(m=module(v=sw.Variable(5.0))).save(tmp_path / "v")
    late = module(v=None)

    @sw.function
    def add():
        if late.v is None:
            late.v = sw.Variable(1.0)
        late.v.assign_add(1.0)
        return late.v

    status = sw.train.Checkpoint(m=late).restore(path)
    assert [float(add()), float(add())] == [6.0, 7.0]
    status.assert_consumed()


def test_functions_that_are_traced_cannot_save(tmp_path):
    checkpoint = sw.train.Checkpoint(**variables("a"))

    @sw.function
    def saves():
        checkpoint.save(str(tmp_path / "c"))

    with pytest.raises(sw.errors.UnsupportedError, match=r"train\.Checkpoint\.save: expected a call outside"):
        saves()


def test_generators_go_on(tmp_path):
    generator = sw.random.Generator.from_seed(7)
    generator.normal([3])
    path = sw.train.Checkpoint(g=generator).save(tmp_path / "g")
    expected = generator.normal([5]).numpy()
    other = sw.random.Generator.from_seed(1)
    sw.train.Checkpoint(g=other).restore(path).assert_consumed()
    assert np.array_equal(other.normal([5]).numpy(), expected)


def test_callbacks_are_called_when_a_checkpoint_is_complete(tmp_path):
    seen = []
    options = sw.train.CheckpointOptions(
        experimental_write_callbacks=[
            lambda path: seen.append(os.path.exists(f"{path}.safetensors")),
            lambda: seen.append(1),
        ]
    )
    sw.train.Checkpoint(a=sw.Variable(1.0)).save(tmp_path / "c", options)
    assert seen == [True, 1]
    with pytest.raises(TypeError, match="experimental_write_callbacks"):
        sw.train.CheckpointOptions(experimental_write_callbacks=[lambda a, b: None])
