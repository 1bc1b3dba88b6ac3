"""A pass that fails says which, where, and leaves a file that shows it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.passes import fold_constants
from stepwell.compiler.pipeline import Pass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.pipeline.reproducer import VARIABLE, parse_reproducer, set_crash_reproducer
from stepwell.compiler.rewriting import apply_patterns
from stepwell.dialects.context import make_context
from stepwell.dialects.diagnostics import ParseError, PassError
from stepwell.dialects.hl.transcendental import ExpOp
from stepwell.tools.main import app

TEXT = """func.func @main(%x: tensor<f32>) -> tensor<f32> {
  %c = arith.constant dense<1.0> : tensor<f32>
  %y = hl.neg %x : (tensor<f32>) -> tensor<f32>
  %z = hl.exp %c : (tensor<f32>) -> tensor<f32>
  %w = hl.add %y, %z : (tensor<f32>, tensor<f32>) -> tensor<f32>
  func.return %w : tensor<f32>
}
"""


class ChokesOnExp(RewritePattern):
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if isinstance(op, ExpOp):
            _helper(op.operands[0].owner)  # what a helper is given is not what is being rewritten


def _helper(op: object) -> None:
    raise IndexError("no such thing")


@dataclass(frozen=True)
class ByPatternPass(Pass):
    """Fails in a pattern."""

    name = "by-pattern"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_patterns(op, [ChokesOnExp()])


@dataclass(frozen=True)
class ByHandPass(Pass):
    """Fails in a walk of its own, two calls down."""

    name = "by-hand"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in op.ops:
            self._convert(function)

    def _convert(self, function: Operation) -> None:
        for block in function.regions[0].blocks:
            for nested in block.ops:
                if isinstance(nested, ExpOp):
                    _helper(nested)


@dataclass(frozen=True)
class InTheLoopPass(Pass):
    """Fails where only a local variable holds the op."""

    name = "in-the-loop"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for nested in op.walk():
            if isinstance(nested, ExpOp):
                raise AssertionError


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    yield
    set_crash_reproducer(None)


@pytest.mark.parametrize(
    ("pass_", "message"),
    [
        (
            ByPatternPass(),
            "program.mlir:4:3: pass 'by-pattern': failed with IndexError: no such thing "
            "(while rewriting 'hl.exp', by pattern ChokesOnExp)",
        ),
        (
            ByHandPass(),
            "program.mlir:4:3: pass 'by-hand': failed with IndexError: no such thing (while rewriting 'hl.exp')",
        ),
        (
            InTheLoopPass(),
            "program.mlir:4:3: pass 'in-the-loop': failed with AssertionError (while rewriting 'hl.exp')",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Pass) else "",
)
def test_failure_names_pass_op_and_line(pass_: Pass, message: str):
    with pytest.raises(PassError) as caught:
        PassManager(make_context()).run(parse_module(TEXT, "program.mlir"), [pass_])
    assert str(caught.value) == message
    assert caught.value.op == "hl.exp"


@dataclass
class _Broken(RewritePattern):
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if isinstance(op, ExpOp):
            raise ZeroDivisionError("division by zero")


@pytest.fixture
def broken_pass(monkeypatch):
    """`fold-constants` fails on `hl.exp`."""
    monkeypatch.setattr(fold_constants, "_ExtractConstant", _Broken)


@pytest.mark.parametrize("how", ["argument", "setting", "variable"])
def test_reproducer_shows_the_failure_again(how: str, broken_pass, tmp_path: Path, monkeypatch):
    path = str(tmp_path / "crash.mlir")
    manager = PassManager(make_context(), crash_reproducer=path)
    if how == "setting":
        set_crash_reproducer(path)
        manager = PassManager(make_context())
    elif how == "variable":
        monkeypatch.setenv(VARIABLE, path)
        manager = PassManager(make_context())
    monkeypatch.setattr(fold_constants.FoldConstantsPass, "max_elements", 7)
    with pytest.raises(PassError) as caught:
        manager.run(parse_module(TEXT, "program.mlir"), "canonicalize,fold-constants{max-elements=0},cse")
    assert str(caught.value).endswith(f"; `stepwell opt --run-reproducer {path}` shows it again")
    text = Path(path).read_text()
    assert text.startswith(f"// stepwell opt --run-reproducer {path}\n")
    again = parse_reproducer(text, path)
    assert again.pipeline == "fold-constants{max_elements=0}"
    assert "ZeroDivisionError" in again.message
    with pytest.raises(PassError, match=r"program\.mlir:4:3: pass 'fold-constants': failed with ZeroDivisionError"):
        PassManager(make_context()).run(parse_module(again.ir, path), parse(again.pipeline))
    assert [file.name for file in tmp_path.iterdir()] == ["crash.mlir"]


def test_reproducer_has_the_module_before_the_pass_that_failed(tmp_path: Path):
    path = str(tmp_path / "crash.mlir")
    module = parse_module(TEXT.replace("add %y, %z", "add %z, %z"), "program.mlir")
    with pytest.raises(PassError):
        PassManager(make_context(), crash_reproducer=path).run(module, [*parse("dce"), InTheLoopPass()])
    again = parse_reproducer(Path(path).read_text(), path)
    assert again.pipeline == "in-the-loop"
    assert [op.name for op in parse_module(again.ir, path).walk()] == [
        *("builtin.module", "func.func", "arith.constant", "hl.exp", "hl.add", "func.return")
    ]


@pytest.mark.parametrize(("text", "message"), [(TEXT, "this is no reproducer"), ("// reproducer: {", "cannot be read")])
def test_what_is_no_reproducer_is_refused(text: str, message: str):
    with pytest.raises(ParseError, match=message):
        parse_reproducer(text, "program.mlir")


def test_command_writes_and_replays(broken_pass, tmp_path: Path):
    program, path = tmp_path / "program.mlir", tmp_path / "crash.mlir"
    program.write_text(TEXT)
    passes = "dce,fold-constants{max-elements=0}"
    run = CliRunner().invoke(app, ["opt", str(program), "-p", passes, "--crash-reproducer", str(path)])
    assert run.exit_code == 1
    assert "program.mlir:4:3: pass 'fold-constants': failed with ZeroDivisionError" in run.stderr
    command = path.read_text().split("\n")[0].removeprefix("// stepwell ")
    again = CliRunner().invoke(app, command.split())
    assert again.exit_code == 1
    assert again.stderr == run.stderr.split(";")[0] + "\n"


def test_nothing_is_written_where_nothing_fails(tmp_path: Path):
    path = tmp_path / "crash.mlir"
    PassManager(make_context(), crash_reproducer=str(path)).run(parse_module(TEXT, "program.mlir"), "O2")
    assert not path.exists()
