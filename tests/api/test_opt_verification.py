"""`stepwell opt` verifies after every pass: one that leaves garbage is named, and nothing is written."""

from pathlib import Path

import pytest
import typer
from support.command import program_folder, stepwell
from xdsl.dialects import func

from stepwell.compiler.passes import cse
from stepwell.dialects.hl.arithmetic import SubOp

TEXT = """func.func @f(%x: tensor<?x3xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %0 = hl.sub %x, %y : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  func.return %0 : tensor<?x3xf32>
}
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a text, which is the current one."""
    with program_folder(tmp_path):
        Path("t.mlir").write_text(TEXT)
        yield tmp_path


@pytest.fixture
def wrong(monkeypatch):
    """Makes `cse` do something wrong."""

    def plant(apply):
        monkeypatch.setattr(cse.CsePass, "apply", lambda self, ctx, op: apply(ctx, op))

    return plant


def _erases_what_is_used(ctx, op):
    sub = next(inner for inner in op.walk() if isinstance(inner, SubOp))
    sub.parent.erase_op(sub, safe_erase=False)


def _detaches_what_is_used(ctx, op):
    next(inner for inner in op.walk() if isinstance(inner, SubOp)).detach()


def _moves_below_its_use(ctx, op):
    sub = next(inner for inner in op.walk() if isinstance(inner, SubOp))
    block, end = sub.parent, sub.parent.last_op
    sub.detach()
    block.insert_op_after(sub, end)


def _drops_the_return(ctx, op):
    end = next(inner for inner in op.walk() if inner.name == "func.return")
    end.detach()
    end.erase()


def _renames_what_it_calls(ctx, op):
    function = next(inner for inner in op.walk() if inner.name == "func.func")
    block = function.body.block
    block.insert_op_before(func.CallOp("nowhere", [], []), block.last_op)


def _ends_the_process_well(ctx, op):
    raise SystemExit(0)


def _leaves_by_the_command_line(ctx, op):
    raise typer.Exit(0)


def _recurs(ctx, op):
    _recurs(ctx, op)


@pytest.mark.parametrize(
    "apply",
    [
        _erases_what_is_used,
        _detaches_what_is_used,
        _moves_below_its_use,
        _drops_the_return,
        _renames_what_it_calls,
        _ends_the_process_well,
        _leaves_by_the_command_line,
        _recurs,
    ],
)
def test_a_pass_that_leaves_garbage_is_named_and_nothing_is_written(folder, wrong, apply):
    wrong(apply)
    Path("out.mlir").write_text("as it was")
    for options in ((), ("--split-input-file",), ("-o", "out.mlir")):
        done = stepwell("opt", "t.mlir", "-p", "dce,cse", *options)
        assert done.exit_code == 1 and done.stdout == ""
        assert "pass 'cse': " in done.stderr and "internal error" not in done.stderr
    assert Path("out.mlir").read_text() == "as it was" and not list(folder.glob(".*"))
