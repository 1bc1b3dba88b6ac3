"""Each pass does what its docstring shows, on its own ops; its name is its file's; it declares levels."""

import inspect
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.documentation import help_text, summary
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import PIPELINES, STEPS
from stepwell.compiler.pipeline.options import options_of
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.pipeline.registry import pass_class, pass_names
from stepwell.dialects.context import make_context
from stepwell.dialects.levels import LEVELS, STAGES

BLOCK = re.compile(r"^(Before|After)(?: \(`(?P<pipeline>[^`]+)`\))?:\n\n(?P<text>(?:(?: {4}.*)?\n)+)", re.MULTILINE)


def blocks(class_):
    """The IR a docstring shows: pairs of pipeline, before and after."""
    found = list(BLOCK.finditer(inspect.cleandoc(class_.__doc__) + "\n"))
    assert [match[1] for match in found] == ["Before", "After"] * (len(found) // 2)
    texts = [inspect.cleandoc(match["text"]) + "\n" for match in found]
    pipelines = [match["pipeline"] or class_.name for match in found[1::2]]
    return list(zip(pipelines, texts[::2], texts[1::2], strict=True))


@pytest.mark.parametrize("name", pass_names())
def test_pass_does_what_its_docstring_shows(name):
    shown = blocks(pass_class(name))
    assert shown, "the docstring shows no IR before and after"
    for pipeline, before, after in shown:
        module = parse_module(before, "before.mlir")
        PassManager(make_context(), verify_each=True).run(module, pipeline)
        assert print_module(module) == print_module(parse_module(after, "after.mlir"))


OWN_OPS = {
    "block-sums": "-> arith.subf arith.select scf.for",
    "bufferize": "tensor.empty tensor.extract tensor.insert_slice -> memref.alloc memref.load memref.subview",
    "canonicalize": "hl.transpose ->",
    "convert-cfg-to-llvm": "cf.cond_br memref.load arith.addf -> llvm.cond_br llvm.load llvm.fadd",
    "convert-hl-to-linalg": "hl.exp -> linalg.generic",
    "convert-linalg-to-loops": "linalg.generic -> scf.for memref.load memref.store",
    "convert-scf-to-cf": "scf.for scf.yield -> cf.br cf.cond_br",
    "cse": "hl.exp ->",
    "differentiate": "-> func.func hl.exp hl.mul",
    "dce": "hl.exp ->",
    "decompose-complex": "hl.real -> hl.slice hl.squeeze hl.sub",
    "detensorize": "linalg.generic -> tensor.extract tensor.from_elements",
    "expand-math": "math.exp -> math.fma",
    "fold-constants": "hl.add -> arith.constant",
    "forward-reads": "state.read ->",
    "functionalize-state": "state.assign_add -> hl.add",
    "fuse-elementwise": "linalg.generic ->",
    "hoist-loop-invariants": "scf.for/hl.exp -> func.func/hl.exp",
    "infer-shapes": "hl.exp:tensor<?x3xf32> -> hl.exp:tensor<2x3xf32>",
    "inline": "func.call ->",
    "insert-nan-checks": "-> hl.isnan debug.assert",
    "insert-runtime-checks": "-> debug.assert",
    "insert-timers": "-> debug.lap",
    "lower-contractions": "linalg.matmul -> func.call vector.fma",
    "sink-assignments": "bufferization.materialize_in_destination ->",
    "simplify-algebra": "hl.mod hl.neg hl.sub -> hl.bitwise_and hl.add",
    "vectorize": "memref.load memref.store -> vector.load vector.store",
}
"""For each pass, ops that its docstring shows it removing, and inserting: also with their parents or result types."""


def ops_of(text):
    """How often each op is in a module: by its name, with the op it is nested in, and with its result's type."""
    counts = Counter()
    for op in parse_module(text, "shown.mlir").walk():
        parent = op.parent_op()
        counts.update([op.name, f"{parent.name if parent else ''}/{op.name}"])
        counts.update(f"{op.name}:{result.type}" for result in op.results)
    return counts


@pytest.mark.parametrize("name", pass_names())
def test_docstring_shows_the_ops_of_the_pass(name):
    removed, inserted = (part.split() for part in OWN_OPS[name].split("->"))
    (_, before, after), *_ = blocks(pass_class(name))
    gone, new = ops_of(before) - ops_of(after), ops_of(after) - ops_of(before)
    assert set(removed) <= set(gone) and set(inserted) <= set(new)
    class_ = pass_class(name)
    if class_.requires != class_.ensures:
        lowered = {op.name for op in STAGES[class_.ensures].illegal_ops(parse_module(before, "before.mlir"))}
        assert lowered & set(removed)


@pytest.mark.parametrize("name", pass_names())
def test_pass_leaves_its_own_result_alone_where_it_says_so(name):
    class_ = pass_class(name)
    if not class_.idempotent or class_.requires != class_.ensures:
        pytest.skip("says that it changes its own result, or leads to another level")
    for pipeline, _, after in blocks(class_):
        module = parse_module(after, "after.mlir")
        shown = print_module(module)
        PassManager(make_context(), verify_each=True).run(module, pipeline)
        assert print_module(module) == shown


@pytest.mark.parametrize("name", pass_names())
def test_pass_is_called_what_its_file_is_called(name):
    class_ = pass_class(name)
    assert issubclass(class_, Pass)
    assert class_.name == name
    assert Path(inspect.getfile(class_)).name == name.replace("-", "_") + ".py"
    assert class_.__name__ == "".join(word.capitalize() for word in name.split("-")) + "Pass"


@pytest.mark.parametrize("name", pass_names())
def test_pass_says_what_it_needs_and_leaves(name):
    class_ = pass_class(name)
    assert {class_.requires, class_.ensures} <= {None, *STAGES}
    if class_.requires is not None and class_.ensures is not None:
        order = ["hl", "linalg", "buffers", "loops", "cfg", "llvm"]
        assert set(order) == set(STAGES)
        assert order.index(class_.requires) <= order.index(class_.ensures)
    assert class_.exact == (not class_.inexact_because)
    assert summary(class_).endswith(".")
    text = help_text(class_)
    assert all(f"    {option.name}=" in text for option in options_of(class_))


def test_no_file_defines_a_pass_under_another_name():
    for folder in ("passes", "lowering"):
        package = import_module(f"stepwell.compiler.{folder}")
        for file in Path(package.__path__[0]).glob("*.py"):
            module = import_module(f"stepwell.compiler.{folder}.{file.stem}")
            defined = [
                thing.name
                for thing in vars(module).values()
                if inspect.isclass(thing) and issubclass(thing, Pass) and thing.__module__ == module.__name__
            ]
            assert defined in ([], [file.stem.replace("_", "-")])


@pytest.mark.parametrize("text", [*PIPELINES.values(), *STEPS.values()])
def test_named_pipelines_are_pipelines(text):
    parse(text)


def test_the_steps_lead_from_each_level_to_the_next():
    previous = None
    for level, text in STEPS.items():
        at = previous
        for pass_ in parse(text):
            assert pass_.requires in (None, at if at is not None else level), f"{pass_.name} on the way to {level}"
            at = pass_.ensures or at
        assert at == level and level in LEVELS
        previous = level
