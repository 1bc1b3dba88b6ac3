"""`func.func(pass)`: on each function by itself it does what the pass does on the module."""

import inspect
import re
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from support.effort import some
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.nested import NestedPass
from stepwell.compiler.pipeline.pipelines import parse, pipeline_text
from stepwell.compiler.pipeline.registry import pass_class, pass_names
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import PassError, PipelineError
from stepwell.testing.modules import modules_before

QUICK = settings(
    max_examples=3,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NESTABLE = [name for name in pass_names() if pass_class(name).nestable]
BEFORE = re.compile(r"^Before:\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)


def run(text_or_module, pipeline):
    """The text after a pipeline, of a module that is valid after each pass."""
    module = parse_module(text_or_module, "t.mlir") if isinstance(text_or_module, str) else text_or_module.clone()
    PassManager(make_context(), verify_each=True).run(module, pipeline)
    return print_module(module)


def shown(name):
    """What the docstring of a pass shows, as two functions."""
    text = inspect.cleandoc(BEFORE.search(inspect.cleandoc(pass_class(name).__doc__))[1])
    (function,) = set(re.findall(r"func.func @(\w+)", text))
    return text + "\n" + text.replace(f"@{function}", "@other")


@pytest.mark.parametrize("name", NESTABLE)
def test_what_a_docstring_shows_is_done_in_each_function(name):
    text = shown(name)
    changed = run(text, name)
    assert changed != run(text, "")
    assert run(text, f"func.func({name})") == changed


@pytest.mark.parametrize("name", some(NESTABLE, 6))
def test_generated_programs_become_the_same(name):
    @settings(QUICK)
    @given(modules_before(name))
    def check(case):
        assert run(case.module, f"func.func({name})") == run(case.module, name)

    check()


CALLS = """
func.func private @g(%x: tensor<f32>) -> tensor<f32> {
  %c = arith.constant dense<1.0> : tensor<f32>
  %d = hl.exp %c : (tensor<f32>) -> tensor<f32>
  func.return %x : tensor<f32>
}
func.func @f(%x: tensor<f32>) -> tensor<f32> {
  %c = hl.exp %x : (tensor<f32>) -> tensor<f32>
  %y = func.call @g(%x) : (tensor<f32>) -> tensor<f32>
  func.return %y : tensor<f32>
}
"""


def test_functions_keep_their_order_their_callers_and_their_places():
    module = parse_module(CALLS, "t.mlir")
    PassManager(make_context(), verify_each=True).run(module, "func.func(canonicalize,cse,dce)")
    assert print_module(module) == run(CALLS, "canonicalize,cse,dce")
    assert [op.sym_name.data for op in module.ops] == ["g", "f"]
    assert [op.location.line.data for op in module.ops] == [2, 7]


def test_nested_modules_are_anchors_too():
    text = "builtin.module {\n" + CALLS + "}\n" + CALLS.replace("@f", "@h").replace("@g", "@i")
    inner, *outer = parse_module(run(text, "builtin.module(builtin.module(dce))"), "t.mlir").ops
    assert "hl.exp" not in str(inner)
    assert all("hl.exp" in str(function) for function in outer)
    assert run(text, "builtin.module(dce)") == run(text, "dce")


@dataclass(frozen=True)
class AddsFunctionPass(Pass):
    """Adds a function; fails where there is one of a name already."""

    name = "adds-function"
    nestable = True

    def apply(self, ctx, op):
        functions = {function.sym_name.data: function for function in op.ops}
        (defined,) = (function for function in functions.values() if not function.is_declaration)
        if defined.sym_name.data == "f":
            raise KeyError(sorted(functions))
        new = func.FuncOp.external(f"new_{defined.sym_name.data}", [], [])
        new.location = defined.location
        op.body.block.add_op(new)


def test_what_a_pass_adds_stays_and_the_module_is_whole_after_a_failure():
    module = parse_module(CALLS, "t.mlir")
    with pytest.raises(PassError, match=re.escape("pass 'func.func(adds-function)': failed with KeyError: ['f', 'g'")):
        PassManager(make_context()).run(module, [NestedPass("func.func", AddsFunctionPass())])
    assert [op.sym_name.data for op in module.ops] == ["g", "new_g", "f"]
    module.verify()


def test_a_nested_pass_needs_and_leaves_what_the_pass_does():
    (nested,) = parse("func.func(convert-scf-to-cf)")
    assert (nested.requires, nested.ensures, nested.exact, nested.idempotent) == ("loops", "cfg", True, True)
    (inexact,) = parse("func.func(vectorize)")
    assert not inexact.exact and inexact.inexact_because == pass_class("vectorize").inexact_because
    with pytest.raises(PipelineError, match=r"t.mlir:4:3: pass 'func.func\(vectorize\)' needs a module at level loops"):
        run(CALLS, "func.func(vectorize)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("func.func(cse,dce)", "func.func(cse),func.func(dce)"),
        (" builtin.module ( cse , func.func ( dce ) ) ", "cse,func.func(dce)"),
        ("func.func(O1),cse", "func.func(canonicalize),func.func(cse),func.func(dce),cse"),
        ("func.func()", ""),
        ("func.func(fold-constants{max-elements=4})", "func.func(fold-constants{max_elements=4})"),
        ("mlir-opt[cse,func.func(dce)]", None),
    ],
)
def test_text_is_read_and_written(text, expected):
    written = pipeline_text(parse(text))
    assert parse(written) == parse(text)
    if expected is not None:
        assert written == expected
    assert all(isinstance(pass_, ModulePass) for pass_ in parse(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cse(", "cannot read the pipeline: there is no ')' for this\ncse(\n   ^"),
        ("a,f(cse", "cannot read the pipeline: there is no ')' for this\na,f(cse\n   ^"),
        ("f(cse))", "cannot read the pipeline: there is no '(' for this\nf(cse))\n      ^"),
        ("f(cse)x,dce", "cannot read the pipeline: expected a comma\nf(cse)x,dce\n      ^"),
        ("f(cse,)", "cannot read the pipeline: a pass is missing after the comma\nf(cse,)\n      ^"),
        (",cse", "cannot read the pipeline: a pass is missing\n,cse\n^"),
        ("cse,,dce", "cannot read the pipeline: a pass is missing after the comma\ncse,,dce\n    ^"),
        ("f(cse 1)", "cannot read the pipeline: expected a comma or pass arguments\nf(cse 1)\n     ^"),
        (
            "func.fun(cse)",
            "passes cannot be nested in 'func.fun': there is no such op; func.func(cse) runs them on each",
        ),
        ("scf.for(cse)", "passes cannot be nested in 'scf.for', which uses values from around it; func.func(cse)"),
        ("func.func(inline)", "pass 'inline' works on whole modules and cannot be nested in 'func.func'"),
    ],
)
def test_what_cannot_be_read_is_shown(text, message):
    with pytest.raises(PipelineError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)


def test_a_plain_module_has_no_ops_to_nest_in():
    module = ModuleOp([])
    PassManager(make_context()).run(module, "func.func(cse)")
    assert not list(module.ops)
