"""`train.CheckpointManager`, as recorded from TensorFlow 2.21: which checkpoints are kept, and when one is saved."""

import os
import time

import pytest

import stepwell as sw


def manager(folder, max_to_keep=2, **options):
    checkpoint = sw.train.Checkpoint(v=sw.Variable(0.0))
    return sw.train.CheckpointManager(checkpoint, folder, max_to_keep, **options)


def names(paths):
    return [os.path.basename(path) for path in paths]


def files(folder):
    return sorted(file.name.removesuffix(".safetensors") for file in folder.glob("*.safetensors"))


def test_old_checkpoints_are_deleted(tmp_path):
    kept = manager(tmp_path)
    assert kept.latest_checkpoint is None and kept.checkpoints == []
    for number in range(1, 5):
        kept.checkpoint.v.assign(float(number))
        assert kept.save() == str(tmp_path / f"ckpt-{number}")
    assert names(kept.checkpoints) == files(tmp_path) == ["ckpt-3", "ckpt-4"]
    assert kept.latest_checkpoint == sw.train.latest_checkpoint(tmp_path) == str(tmp_path / "ckpt-4")
    assert kept.directory == str(tmp_path)


def test_another_manager_takes_over(tmp_path):
    first = manager(tmp_path)
    for _ in range(3):
        first.save()
    second = manager(tmp_path)
    assert second.checkpoints == first.checkpoints
    assert second.restore_or_initialize() == first.latest_checkpoint
    second.save()
    assert names(second.checkpoints) == files(tmp_path) == ["ckpt-3", "ckpt-4"]


def test_some_are_kept_for_good(tmp_path, monkeypatch):
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])
    kept = manager(tmp_path, 1, keep_checkpoint_every_n_hours=1.0)
    for _ in range(6):
        now[0] += 1800.0
        kept.save()
    assert names(kept.checkpoints) == ["ckpt-6"]
    assert files(tmp_path) == ["ckpt-2", "ckpt-4", "ckpt-6"]
    again = manager(tmp_path, 1)
    again.restore_or_initialize()
    now[0] += 1800.0
    again.save()
    assert files(tmp_path) == ["ckpt-2", "ckpt-4", "ckpt-7"]


def test_all_are_kept(tmp_path):
    kept = manager(tmp_path, None)
    for _ in range(3):
        kept.save()
    assert files(tmp_path) == names(kept.checkpoints) == ["ckpt-1", "ckpt-2", "ckpt-3"]


def test_steps_between_checkpoints(tmp_path):
    step = sw.Variable(0)
    kept = manager(tmp_path, step_counter=step, checkpoint_interval=2)
    saved = []
    for _ in range(5):
        step.assign_add(1)
        saved.append(kept.save())
    assert [path is not None for path in saved] == [True, False, True, False, True]
    assert kept.save(check_interval=False) is None  # this step is saved
    step.assign_add(1)
    assert kept.save() is None and names([kept.save(check_interval=False)]) == ["ckpt-4"]
    assert kept.checkpoint_interval == 2
    with pytest.raises(ValueError, match="step_counter"):
        manager(tmp_path, checkpoint_interval=2)


def test_numbers_of_ones_own(tmp_path):
    kept = manager(tmp_path)
    assert names([kept.save(checkpoint_number=30), kept.save(sw.Variable(31)), kept.save()]) == [
        "ckpt-30",
        "ckpt-31",
        "ckpt-3",
    ]
    assert int(kept.checkpoint.save_counter) == 3
    with pytest.raises(TypeError, match="checkpoint_number: expected an integer, got 'x'"):
        kept.save("x")
    assert int(kept.checkpoint.save_counter) == 3


def test_the_first_values_come_from_a_function(tmp_path):
    kept = manager(tmp_path, init_fn=lambda: kept.checkpoint.v.assign(7.0))
    assert kept.restore_or_initialize() is None and float(kept.checkpoint.v) == 7.0
    kept.save()
    kept.checkpoint.v.assign(0.0)
    assert kept.restore_or_initialize() is not None and float(kept.checkpoint.v) == 7.0


@pytest.mark.parametrize("count", [0, -1])
def test_at_least_one_is_kept(tmp_path, count):
    with pytest.raises(ValueError, match="max_to_keep: expected a positive integer or None"):
        manager(tmp_path, count)


def test_the_folder_may_be_moved(tmp_path):
    kept = manager(tmp_path / "one")
    kept.save()
    os.rename(tmp_path / "one", tmp_path / "two")
    assert sw.train.latest_checkpoint(tmp_path / "two") == str(tmp_path / "two" / "ckpt-1")
    assert manager(tmp_path / "two").restore_or_initialize() is not None


def test_a_damaged_state_file_is_ignored(tmp_path, caplog):
    manager(tmp_path).save()
    (tmp_path / "checkpoint").write_text("model_checkpoint_path: \n")
    assert sw.train.latest_checkpoint(tmp_path) is None
    assert "the file is ignored" in caplog.text
    (tmp_path / "checkpoint").write_text("")
    with pytest.raises(ValueError, match="expected the path of a checkpoint, got none"):
        sw.train.get_checkpoint_state(tmp_path)


def test_a_checkpoint_that_is_gone_is_not_the_latest(tmp_path, caplog):
    manager(tmp_path).save()
    os.remove(tmp_path / "ckpt-1.safetensors")
    assert sw.train.latest_checkpoint(tmp_path) is None
    assert "is not there any more" in caplog.text
    with pytest.raises(ValueError, match="there is no checkpoint in the folder"):
        sw.train.load_checkpoint(tmp_path)
    assert sw.train.latest_checkpoint(tmp_path / "nowhere") is None


def test_an_evaluation_sees_each_latest_checkpoint(tmp_path):
    kept, asked = manager(tmp_path), []

    def save_twice():
        asked.append(kept.save() if len(asked) < 2 else None)
        return asked[-1] is None

    found = list(sw.train.checkpoints_iterator(tmp_path, timeout=0, timeout_fn=save_twice))
    assert names(found) == ["ckpt-1", "ckpt-2"]


def test_managers_of_one_folder_know_of_one_another(tmp_path):
    one, two = manager(tmp_path, checkpoint_name="one"), manager(tmp_path, checkpoint_name="two")
    for _ in range(3):
        one.save()
        two.save()
    state = sw.train.get_checkpoint_state(tmp_path)
    assert names(state.all_model_checkpoint_paths) == ["one-2", "one-3", "two-2", "two-3"]
    assert names([state.model_checkpoint_path, one.latest_checkpoint]) == ["two-3", "one-3"]
    one.save()
    assert names(sw.train.get_checkpoint_state(tmp_path).all_model_checkpoint_paths)[-2:] == ["one-3", "one-4"]
    assert files(tmp_path) == ["one-3", "one-4", "two-2", "two-3"]
