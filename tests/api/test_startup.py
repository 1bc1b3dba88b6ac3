"""What a program loads: what it needs, and no more."""

import subprocess
import sys

import pytest

FIRST_TENSOR = "import stepwell as sw; x = sw.constant(1.0)\n"
FIRST_CALL = FIRST_TENSOR + "f = sw.function(lambda x: x * 2.0 + 1.0); assert float(f(x)) == 3.0\n"
"""Nothing in this function is to be converted."""

UNUSED = {
    "the compiler": ("stepwell.runtime", "llvmlite", "stepwell.compiler.passes", "stepwell.compiler.lowering"),
    "plug-ins": ("importlib.metadata", "email"),
    "AutoGraph": ("malt", "unittest", "stepwell.compiler.frontend.autograph.transpile"),
    "masked arrays": ("numpy.ma",),
    "formats of ops": ("xdsl.irdl.declarative_assembly_format_parser",),
    "other tools": ("onnx", "onnxruntime", "hypothesis", "rich", "typer", "xdsl.interpreters", "xdsl.tools"),
}


def loaded(program):
    code = program + "import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def first_call():
    return loaded(FIRST_CALL)


@pytest.mark.parametrize("what", [what for what in UNUSED if what != "the compiler"])
def test_the_first_compiled_call_loads_what_it_needs(what, first_call):
    assert "stepwell.compiler.lowering" in first_call
    assert not first_call.intersection(UNUSED[what])


def test_the_first_eager_operation_loads_no_compiler():
    modules = loaded(FIRST_TENSOR + "assert float(x + 1.0) == 2.0\n")
    assert not modules.intersection(name for names in UNUSED.values() for name in names)


def test_the_package_loads_its_names_only():
    modules = loaded("import stepwell\n")
    assert not {name.split(".")[0] for name in modules} & {"numpy", "xdsl", "llvmlite", "typing_extensions"}
    assert not {
        name for name in modules if name.startswith(("stepwell.compiler", "stepwell.dialects", "stepwell.runtime"))
    }
