"""Generated programs, exported and run without stepwell: the interpreter's values and errors, on every machine."""

import shutil
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.native_library import CallFailed, NativeLibrary, ProgramLibrary, WasmLibrary, host_compiler, zig

from stepwell.compiler.targets import cross_target
from stepwell.dialects.diagnostics import ExecutionError, UnsupportedError
from stepwell.runtime.engines import compile_for
from stepwell.runtime.native_export.export import write_files
from stepwell.runtime.native_export.interface import Library
from stepwell.runtime.native_export.library import Program, make_library
from stepwell.runtime.native_export.object_code import object_file
from stepwell.runtime.native_export.sources import header, source
from stepwell.runtime.native_export.wasm import wasm_module
from stepwell.testing import hl_modules
from stepwell.testing.engines import assert_close

PROGRAMS = st.lists(hl_modules(max_statements=10, effects=False, exact=True, control_flow=3), min_size=4, max_size=4)
PROPERTY = settings(
    phases=(Phase.explicit, Phase.generate),  # an example takes seconds: shrinking would take an hour
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
MACHINES = {
    "aarch64": ("aarch64-linux-musl", "qemu-aarch64"),
    "arm": ("armv7-linux-musleabihf", "qemu-arm"),
    "riscv64": ("riscv64-linux-musl", "qemu-riscv64"),
}


def exported(cases, triple):
    """A library of those of the programs that need no Python, and which they are."""
    programs, kept = [], []
    for number, case in enumerate(cases):
        function = case.module.body.block.first_op
        inputs, outputs = function.function_type.inputs.data, function.function_type.outputs.data
        program = Program(
            f"f{number}",
            case.module,
            tuple(f"x{i}" for i in range(len(inputs))),
            tuple(f"y{i}" for i in range(len(outputs))),
        )
        try:
            make_library("lib", [program], cross_target(triple))
        except UnsupportedError:
            continue
        programs.append(program)
        kept.append((program, case))
    assume(programs)
    return make_library("lib", programs, cross_target(triple)), kept


def files(library: Library, folder):
    contents = {"lib.o": object_file(library), "lib.h": header(library), "lib.c": source(library)}
    return write_files("test", folder, {n: c if isinstance(c, bytes) else c.encode() for n, c in contents.items()})


def check(made, kept, exact=True):
    """Compare a library with the interpreter."""
    for program, case in kept:
        count = len(program.results)
        try:
            expected = compile_for("interpreter", case.module).run(*case.fresh_inputs())
        except ExecutionError as error:
            with pytest.raises(CallFailed) as found:
                made.call(program.name, case.inputs, count)
            assert found.value.code == error.error_code
            assert found.value.message.split(" ")[0] == str(error).split(" ")[0]
            continue
        for number, (got, want) in enumerate(zip(made.call(program.name, case.inputs, count), expected, strict=True)):
            tolerance = 0.0 if exact else 1e-6
            assert_close(got, np.asarray(want), f"{program.name}: result {number}", tolerance, tolerance)


@pytest.mark.skipif(not host_compiler(), reason="there is no C compiler")
@settings(PROPERTY, max_examples=examples(20))
@given(cases=PROGRAMS)
def test_a_shared_object_returns_what_the_interpreter_does(tmp_path_factory, cases):
    library, kept = exported(cases, "host")
    folder = files(library, tmp_path_factory.mktemp("library"))
    check(NativeLibrary(folder, "lib"), kept)


@pytest.mark.skipif(not (zig() and find_spec("wasmtime")), reason="ziglang or wasmtime is not installed")
@settings(PROPERTY, max_examples=examples(20))
@given(cases=PROGRAMS)
def test_webassembly_returns_what_the_interpreter_does(cases):
    library, kept = exported(cases, "wasm32-wasi")
    check(WasmLibrary(wasm_module("test", library), "lib"), kept)


@pytest.mark.parametrize("machine", MACHINES)
@settings(PROPERTY, max_examples=examples(10))
@given(cases=PROGRAMS)
def test_another_machine_returns_what_the_interpreter_does(tmp_path_factory, machine, cases):
    triple, emulator = MACHINES[machine]
    if not zig() or not shutil.which(emulator):
        pytest.skip(f"ziglang or {emulator} is not installed")
    library, kept = exported(cases, triple)
    folder = files(library, tmp_path_factory.mktemp("library"))
    counts = {program.name: (len(program.inputs), len(program.results)) for program, _ in kept}
    compiler = [*zig(), "-target", triple.replace("armv7", "arm"), "-static"]
    check(ProgramLibrary(folder, "lib", counts, compiler, [emulator]), kept)
