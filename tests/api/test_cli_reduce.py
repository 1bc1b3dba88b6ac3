"""`stepwell reduce`: the smallest text for which a command succeeds."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from support.command import failure, stepwell

TEXT = """func.func @main(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = hl.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = hl.sub %0, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = hl.abs %1 : (tensor<4xf32>) -> tensor<4xf32>
  func.return %2 : tensor<4xf32>
}
"""

SMALL = """builtin.module {
  func.func @main(%x: tensor<1xf32>) {
    %0 = hl.sub %x, %x : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    func.return
  }
}
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.mlir"
    path.write_text(TEXT)
    return str(path)


@pytest.mark.parametrize(
    "command", ["grep -q hl.sub", "cat {} | grep -q hl.sub", "test -s {} && grep -q 'hl.su[b]' {}"]
)
def test_result_and_counts(program: str, command: str):
    ran = stepwell("reduce", program, "--test", command)
    assert ran.exit_code == 0
    assert ran.stdout == SMALL
    words = ran.stderr.split()
    assert words[:5] == ["5", "ops", "reduced", "to", "3,"]
    assert words[6:] == ["calls", "of", "the", "test"]


def test_result_in_a_file_which_is_whole_at_all_times(program: str, tmp_path: Path):
    target, seen = tmp_path / "small.mlir", tmp_path / "seen"
    command = f"grep -q hl.sub {{}} && {{ tail -qn 1 {target} >> {seen} || true; }}"
    ran = stepwell("reduce", program, "--test", command, "-o", str(target))
    assert ran.exit_code == 0 and ran.stdout == ""
    assert target.read_text() == SMALL
    assert set(seen.read_text().splitlines()) == {"}"}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["program.mlir", "seen", "small.mlir"]


def test_locations_are_kept_where_asked_for(program: str):
    ran = stepwell("reduce", program, "--locations", "--test", "grep -q 'program.mlir.:3:'")
    assert ran.exit_code == 0
    assert 'program.mlir":3:3)' in ran.stdout
    assert "loc(" not in stepwell("reduce", program, "--test", "grep -q hl.sub").stdout


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("grep -q hl.exp", r"exit code 1 after \d+\.\d s"),
        ("echo one; echo 'two words' >&2; exit 3; cat", r"exit code 3 after \d+\.\d s; it said: two words"),
        ("./no-such-script.sh", r"the shell does not find it.* \(exit code 127\); it said: .*no-such-script.sh"),
        ("./script.sh", r"it cannot be executed.*chmod \+x.*\(exit code 126\)"),
        ("sleep 60; cat", r"it was ended after 0\.5 s \(--timeout\)"),
        ("kill -9 $$; cat", r"it was ended by signal 9 after \d+\.\d s"),
    ],
)
def test_a_command_that_fails_on_the_file_itself(program: str, monkeypatch, command: str, why: str):
    monkeypatch.chdir(Path(program).parent)
    Path("script.sh").write_text("exit 0\n")
    code, message = failure("reduce", program, "--test", command, "--timeout", "0.5" if "sleep" in command else "60")
    start = f"the command does not succeed on {program} itself: {command}: "
    assert code == 2 and message.startswith(start)
    assert re.match(why, message.removeprefix(start)), message


def test_a_text_that_is_not_valid(tmp_path: Path):
    path = tmp_path / "bad.mlir"
    path.write_text("func.func @f( {")
    code, message = failure("reduce", str(path), "--test", "true")
    assert code == 2 and message.startswith(f"{path}:1:")


def test_a_command_that_takes_too_long_has_failed_and_is_ended(program: str, tmp_path: Path):
    late = tmp_path / "late"
    started = time.monotonic()
    command = f"grep -q hl.neg {{}} || {{ sleep 1.5; touch {late}; }}"
    ran = stepwell("reduce", program, "--test", command, "--timeout", "0.3")
    assert ran.exit_code == 0
    assert [line.split()[2] for line in ran.stdout.splitlines() if "=" in line] == ["hl.neg"]
    time.sleep(max(0.0, 2.0 - (time.monotonic() - started)))
    assert not late.exists()


def test_number_of_runs_can_be_limited(program: str):
    ran = stepwell("reduce", program, "--test", "grep -q hl.sub", "--max-calls", "2")
    assert ran.exit_code == 0
    assert "stopped before every step was tried" in ran.stderr
