"""Files of events: when they are written, and what is in them where something fails."""

import errno
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from support.events import events_in, points_in, summaries_in

import stepwell as sw


def run(program, *arguments):
    code = textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_a_file_begins_as_tensorflow_begins_it(tmp_path):
    folder = tmp_path / "new" / "folder"
    writer = sw.summary.create_file_writer(folder)
    [name] = os.listdir(folder)
    assert name.startswith("events.out.tfevents.") and f".{os.getpid()}." in name and name.endswith(".v2")
    assert [event.file_version for event in events_in(folder)] == ["brain.Event:2"]
    writer.init()
    writer.close()


def test_writers_of_one_folder_have_their_own_files(tmp_path):
    writers = [sw.summary.create_file_writer(tmp_path, filename_suffix=".mine") for _ in range(3)]
    for index, writer in enumerate(writers):
        with writer.as_default(step=index):
            sw.summary.scalar("x", float(index))
    assert len(os.listdir(tmp_path)) == 3
    assert sorted(points_in(tmp_path)) == [(0, "x", 0.0), (1, "x", 1.0), (2, "x", 2.0)]


@pytest.mark.parametrize(
    "options, written",
    [
        ({}, 0),
        ({"max_queue": 2}, 3),
        ({"max_queue": 0}, 4),
        ({"flush_millis": -1}, 4),
        ({"max_queue": sw.constant(1)}, 4),
    ],
)
def test_summaries_wait_for_others(tmp_path, options, written):
    with sw.summary.create_file_writer(tmp_path, **options).as_default(step=0) as writer:
        for index in range(4):
            sw.summary.scalar("x", float(index))
        assert len(summaries_in(tmp_path)) == written
        writer.flush()
        assert len(summaries_in(tmp_path)) == 4
        sw.summary.scalar("x", 4.0)
    assert len(summaries_in(tmp_path)) == 5


def test_what_waits_is_written_at_the_end_of_the_writer_and_of_the_program(tmp_path):
    program = """
        import sys
        import stepwell as sw
        sw.summary.create_file_writer(sys.argv[1] + "/end").set_as_default(step=1)
        sw.summary.scalar("x", 1.0)
        writer = sw.summary.create_file_writer(sys.argv[1] + "/dropped")
        sw.summary.experimental.set_step(2)
        def drop():
            writer = sw.summary.create_file_writer(sys.argv[1] + "/dropped")
            context = writer.as_default()
            context.__enter__()
            sw.summary.scalar("x", 2.0)
            sw.summary.create_file_writer(sys.argv[1] + "/other").set_as_default()
        drop()
    """
    result = run(program, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert points_in(tmp_path / "end") == [(1, "x", 1.0)]
    assert points_in(tmp_path / "dropped") == [(2, "x", 2.0)]


@pytest.mark.skipif(sys.platform == "win32", reason="it needs SIGKILL")
def test_of_a_killed_program_what_was_flushed_is_there(tmp_path):
    program = """
        import os, signal, sys
        import stepwell as sw
        with sw.summary.create_file_writer(sys.argv[1]).as_default() as writer:
            for step in range(15):
                sw.summary.scalar("x", float(step), step=step)
                if step == 12:
                    writer.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    assert run(program, tmp_path).returncode == -signal.SIGKILL
    assert points_in(tmp_path) == [(step, "x", float(step)) for step in range(13)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it needs fork")
def test_a_fork_writes_to_a_file_of_its_own(tmp_path):
    program = """
        import os, sys
        import stepwell as sw
        writer = sw.summary.create_file_writer(sys.argv[1])
        writer.set_as_default()
        sw.summary.scalar("before", 1.0, step=0)
        child = os.fork()
        sw.summary.scalar("after", 2.0, step=int(child == 0))
        if child:
            os.waitpid(child, 0)
        writer.flush()
    """
    result = run(program, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(os.listdir(tmp_path)) == 2
    assert sorted(points_in(tmp_path)) == [(0, "after", 2.0), (0, "before", 1.0), (1, "after", 2.0)]


def test_a_full_disk_leaves_a_readable_file_and_loses_nothing(tmp_path, monkeypatch):
    real = os.write

    def half(file, content):
        if len(content) > 4:
            return real(file, bytes(content[: len(content) // 2]))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with sw.summary.create_file_writer(tmp_path).as_default(step=0) as writer:
        sw.summary.scalar("x", 1.0)
        writer.flush()
        size = os.path.getsize(writer.path)
        sw.summary.scalar("x", 2.0)
        monkeypatch.setattr(os, "write", half)
        with pytest.raises(sw.errors.ResourceExhaustedError, match="No space left"):
            writer.flush()
        monkeypatch.setattr(os, "write", real)
        assert os.path.getsize(writer.path) == size
        assert points_in(tmp_path) == [(0, "x", 1.0)]
        sw.summary.scalar("x", 3.0)
    assert points_in(tmp_path) == [(0, "x", 1.0), (0, "x", 2.0), (0, "x", 3.0)]


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted")
def test_a_deleted_file_is_begun_again(tmp_path, caplog):
    with sw.summary.create_file_writer(tmp_path / "run").as_default(step=0) as writer:
        sw.summary.scalar("x", 1.0)
        writer.flush()
        os.remove(writer.path)
        os.rmdir(tmp_path / "run")
        sw.summary.scalar("x", 2.0)
    assert points_in(tmp_path / "run") == [(0, "x", 2.0)]
    assert "has been deleted" in caplog.text


def test_a_closed_writer_takes_nothing(tmp_path):
    writer = sw.summary.create_file_writer(tmp_path)
    with writer.as_default(step=0):
        sw.summary.scalar("x", 1.0)
        writer.close()
        with pytest.raises(sw.errors.NotFoundError, match=r"summary.scalar: <SummaryWriter of .*> is closed"):
            sw.summary.scalar("x", 2.0)
    writer.close()
    writer.flush()
    for use in (writer.as_default, writer.set_as_default, writer.init):
        with pytest.raises(RuntimeError, match="is already closed"):
            use()
    assert points_in(tmp_path) == [(0, "x", 1.0)]


@pytest.mark.parametrize(
    "arguments, kind, text",
    [
        ((None,), ValueError, "logdir: expected a path, got None"),
        ((5,), TypeError, "logdir: expected a path, got 5"),
        (("gs://bucket/logs",), sw.errors.UnimplementedError, "file system 'gs'"),
        (("logs", 1.5), TypeError, "max_queue: expected an int, got 1.5"),
        (("logs", None, "x"), TypeError, "flush_millis: expected an int, got 'x'"),
        (("logs", None, None, 3), TypeError, "filename_suffix: expected a text, got 3"),
    ],
)
def test_what_no_writer_is_made_of(arguments, kind, text):
    with pytest.raises(kind, match=text):
        sw.summary.create_file_writer(*arguments)


def test_where_no_file_can_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(sw.errors.OpError, match="file; "):
        sw.summary.create_file_writer(tmp_path / "file")
    with pytest.raises(sw.errors.FailedPreconditionError, match="Not a directory"):
        sw.summary.create_file_writer(tmp_path / "file" / "below")


def test_a_folder_that_one_may_not_write_to(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("builtins.open", refused)
    with pytest.raises(PermissionError, match=r"events.out.tfevents.*Permission denied"):
        sw.summary.create_file_writer(tmp_path)


def test_without_a_writer_nothing_is_loaded():
    program = """
        import sys
        import stepwell as sw
        sw.summary.scalar("x", 1.0, step=1)
        sw.summary.hparams({"a": 1})
        f = sw.function(lambda x: (sw.summary.histogram("x", x, step=1), x + x)[1])
        assert "host" not in str(sw.ir(f, sw.constant(1.0)))
        assert "tensorboardX" not in sys.modules
    """
    result = run(program)
    assert (result.returncode, result.stderr) == (0, "")


def test_threads_write_whole_summaries(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    writer = sw.summary.create_file_writer(tmp_path, max_queue=3)

    def work(thread):
        with writer.as_default():
            for step in range(20):
                sw.summary.write(f"{thread}", np.full(100, thread), step=step)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    found = summaries_in(tmp_path)
    assert sorted((each.tag, each.step) for each in found) == [(str(t), s) for t in range(4) for s in range(20)]
    assert all((each.array == int(each.tag)).all() for each in found)
