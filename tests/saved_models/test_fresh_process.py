"""What is saved runs in a process that knows nothing of its code, with the same results, gradients and assignments."""

import filecmp
from pathlib import Path

import numpy as np
import pytest
from support.saved_programs import PROGRAMS, in_fresh_processes, values_of

import stepwell as sw


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """For each program the object, and the folder in which it is saved."""
    folder, found = tmp_path_factory.mktemp("models"), {}
    for number, (name, program) in enumerate(PROGRAMS.items()):
        found[name] = program.make(), folder / str(number)
        for call in program.before:
            values_of(found[name][0], call)
        sw.saved_model.save(*found[name], options=sw.saved_model.SaveOptions(onnx=number == 0))
    return found


@pytest.fixture(scope="module")
def results(models):
    """For each program the results of its calls, as saved and as loaded."""
    found = in_fresh_processes({str(path): list(PROGRAMS[name].calls) for name, (_, path) in models.items()})
    return {
        name: ([values_of(thing, call) for call in PROGRAMS[name].calls], found[str(path)])
        for name, (thing, path) in models.items()
    }


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
def test_what_is_loaded_is_saved_as_it_was(name, models, tmp_path):
    path = models[name][1]
    has_models = any(path.glob("*.onnx"))
    sw.saved_model.save(sw.saved_model.load(path), tmp_path, options=sw.saved_model.SaveOptions(onnx=has_models))
    names = files_of(path)
    assert names == files_of(tmp_path)
    assert filecmp.cmpfiles(path, tmp_path, names, shallow=False)[0] == names
