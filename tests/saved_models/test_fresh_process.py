"""What is saved runs in a process that knows nothing of its code, with the same results, gradients and assignments."""

import filecmp
from pathlib import Path

import numpy as np
import pytest
from support.saved_programs import PROGRAMS, in_fresh_processes, values_of

import stepwell as sw


def saved(program, path):
    """Make and save a program. Returns the object."""
    thing = program.make()
    for call in program.before:
        values_of(thing, call)
    sw.saved_model.save(thing, path)
    return thing


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """For each program the results of its calls, as saved and as loaded."""
    folder = tmp_path_factory.mktemp("models")
    paths = {name: str(folder / str(i)) for i, name in enumerate(PROGRAMS)}
    things = {name: saved(program, paths[name]) for name, program in PROGRAMS.items()}
    found = in_fresh_processes({paths[name]: list(program.calls) for name, program in PROGRAMS.items()})
    expected = {name: [values_of(things[name], call) for call in PROGRAMS[name].calls] for name in PROGRAMS}
    return {name: (expected[name], found[paths[name]]) for name in PROGRAMS}


@pytest.mark.parametrize("name", PROGRAMS)
def test_results_are_the_same(name, results):
    expected, found = results[name]
    for call, want, got in zip(PROGRAMS[name].calls, expected, found, strict=True):
        assert len(want) == len(got), call
        for a, b in zip(want, got, strict=True):
            np.testing.assert_array_equal(b, a, err_msg=call, strict=True)


def files_of(folder):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_loaded_is_saved_as_it_was(name, tmp_path):
    saved(PROGRAMS[name], tmp_path / "a")
    sw.saved_model.save(sw.saved_model.load(tmp_path / "a"), tmp_path / "b")
    names = files_of(tmp_path / "a")
    assert names == files_of(tmp_path / "b")
    assert filecmp.cmpfiles(tmp_path / "a", tmp_path / "b", names, shallow=False)[0] == names
