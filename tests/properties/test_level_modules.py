"""Modules drawn at a level: valid, the same at every lower level and natively; passes keep what they mean."""

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from support.effort import examples, is_thorough

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.dialects.levels import LEVELS
from stepwell.runtime.outcomes import Tolerance, difference, observe
from stepwell.testing import cfg_modules, linalg_modules, loops_modules, validate
from stepwell.testing.engines import Descent
from stepwell.testing.provider import register

STRATEGIES = {"linalg": linalg_modules, "loops": loops_modules, "cfg": cfg_modules}
PASSES = {
    "linalg": ("canonicalize", "cse", "dce", "detensorize", "fuse-elementwise", "bufferize"),
    "loops": ("canonicalize", "cse", "dce", "vectorize", "expand-math", "convert-scf-to-cf"),
    "cfg": ("canonicalize", "cse", "dce", "convert-cfg-to-llvm"),
}


def _draws(level, count, check):
    """Run a check on programs of a level."""

    @seed(0)
    @settings(
        max_examples=examples(count),
        backend=register(),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(STRATEGIES[level]())
    def run(case):
        check(case)

    run()


@pytest.mark.parametrize("level", STRATEGIES)
def test_drawn_modules_are_valid_and_run(level):
    kinds = set()

    def check(case):
        case.module.verify()
        assert not list(LEVELS[level].illegal_ops(case.module))
        assert observe(case.module, case.inputs).failure is None
        text = print_module(case.module)
        assert print_module(parse_module(text, "again.mlir")) == text
        kinds.update(op.name for op in case.module.walk())

    _draws(level, 60, check)
    assert len(kinds) > (60 if is_thorough() else 40)


@pytest.mark.parametrize("level", STRATEGIES)
def test_they_mean_the_same_at_every_lower_level_and_natively(level):
    def check(case):
        program = Descent(case.module, verify_each=True)
        expected = program.observe(program.ways[0], case.inputs)
        for way in [way for way in program.ways[1:] if way != "onnx"]:
            found = difference(program.observe(way, case.inputs), expected, Tolerance(1e-4))
            assert found is None, f"{way}: {found}\n{print_module(case.module)}"

    _draws(level, 25, check)


@pytest.mark.parametrize(("level", "name"), [(level, name) for level, names in PASSES.items() for name in names])
def test_passes_keep_their_meaning(level, name):
    report = validate(name, STRATEGIES[level](), max_examples=examples(16))
    assert report.changed >= 1, f"{name} has changed none of {report.programs} programs"


def test_what_is_dead_goes_whatever_the_order_of_blocks():
    text = """
    func.func @main() -> index {
      cf.br ^defines
    ^uses:
      %0 = arith.addi %1, %1 : index
      %2 = arith.constant 2 : index
      func.return %2 : index
    ^defines:
      %1 = arith.constant 1 : index
      cf.br ^uses
    }
    """
    module = parse_module(text, "blocks.mlir")
    PassManager(make_context()).run(module, "dce")
    assert [op.name for op in module.walk() if op.name.startswith("arith.")] == ["arith.constant"]
