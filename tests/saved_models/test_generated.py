"""Generated programs: what is loaded does what was saved, to the last bit."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from support.effort import examples
from support.saved_graphs import object_of
from support.saved_programs import in_fresh_processes, values_of

import stepwell as sw
from stepwell.testing.modules import hl_modules
from stepwell.testing.python_programs import INPUTS, python_program

OPTIONS = sw.saved_model.SaveOptions(onnx=False)


def outcome(thing, arguments):
    """The results, or the error, of a call, and the Variables after it."""
    try:
        results = [tensor.numpy() for tensor in thing.f.call([sw.constant(argument) for argument in arguments])]
    except (sw.errors.OpError, ValueError, TypeError) as error:
        return type(error), str(error).split("\n")[0]
    return [*results, *(variable.numpy() for variable in thing.variables_)]


@settings(
    max_examples=examples(60),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(case=hl_modules(max_statements=12))
def test_any_module_is_loaded_as_it_was(case):
    thing, arguments = object_of(case, "interpreter")
    with tempfile.TemporaryDirectory() as folder:
        sw.saved_model.save(thing, f"{folder}/a", options=OPTIONS)
        loaded = sw.saved_model.load(f"{folder}/a")
        sw.saved_model.save(loaded, f"{folder}/b", options=OPTIONS)
        for path in Path(folder, "a").rglob("*.*"):
            assert path.read_bytes() == (Path(folder, "b") / path.relative_to(f"{folder}/a")).read_bytes()
    expected, found = outcome(thing, arguments), outcome(loaded, arguments)
    if isinstance(expected, tuple):
        assert found == expected
    else:
        for want, got in zip(expected, found, strict=True):
            assert got.dtype == want.dtype
            np.testing.assert_array_equal(comparable(got), comparable(want), strict=True)


def comparable(array):
    """The array, of a dtype whose NaN NumPy's own test takes for equal."""
    return array.astype(np.float32) if array.dtype == sw.bfloat16 else array


def test_any_program_runs_in_a_fresh_process(tmp_path):
    calls = [f"m.f(*map(sw.constant, {args!r}))" for args in INPUTS]
    programs = {str(tmp_path / str(seed)): python_program(seed) for seed in range(examples(24))}
    expected = {}
    for path, program in programs.items():
        module = sw.Module()
        with program.loaded() as function:
            module.f = sw.function(function, engine="interpreter")
            expected[path] = [values_of(module, call) for call in calls]
        sw.saved_model.save(module, path, options=OPTIONS)
    found = in_fresh_processes(dict.fromkeys(programs, calls))
    for path, program in programs.items():
        for want, got in zip(expected[path], found[path], strict=True):
            for a, b in zip(want, got, strict=True):
                np.testing.assert_array_equal(b, a, err_msg=repr(program), strict=True)
