"""The `stepwell` command, `ir` and `opt`: what they print and write; one line and an exit code for what is wrong."""

import io
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.command import BUMP, PROGRAM, TWICE, failure, output, program_folder, stepwell

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.named import PIPELINES, STEPS
from stepwell.compiler.pipeline.registry import pass_names
from stepwell.dialects.levels import LEVELS
from stepwell.tools.files import write_text


@pytest.fixture
def folder(tmp_path):
    """A folder with a program and texts, which is the current one."""
    with program_folder(tmp_path):
        yield tmp_path


# ir


@pytest.mark.parametrize("level", [*LEVELS, "asm"])
def test_ir_prints_each_level(folder, level):
    text = output("ir", "program.py:collatz", "27", "--level", level)
    if level == "asm":
        assert "collatz" in text and "ret" in text
    else:
        module = parse_module(text, "x.mlir")
        assert next(LEVELS[level].illegal_ops(module), None) is None
        assert print_module(module) == text


def test_ir_shows_the_users_lines(folder):
    text = output("ir", "program.py:affine", "f32[?]", "f32[]", "--locations")
    line = PROGRAM.splitlines().index("    return 2.0 * x + y") + 1
    assert f'program.py":{line}:' in text
    assert "tensor<?xf32>" in text


def test_ir_takes_specs_files_numbers_and_values(folder):
    np.save("x.npy", np.zeros((3, 2), np.float64))
    np.savez("both.npz", first=np.zeros(2, np.float32), second=np.ones((), np.float32))
    assert "%x: tensor<3x2xf64>" in output("ir", "program.py:plain", "x.npy")
    assert "%x: tensor<2xf32>, %y: tensor<f32>" in output("ir", "program.py:affine", "both.npz")
    assert "%x: tensor<2xf32>, %y: tensor<f32>" in output("ir", "program.py:affine", "[1.0, 2.0]", "-1.5")
    assert "%x: tensor<?x4xf64>" in output("ir", "program.py:plain", "float64[?, 4]")
    assert "tensor<?x2xi32>" in output("ir", "program.py:signed")


def test_ir_of_a_method_and_of_a_plain_function(folder):
    assert "state.read" in output("ir", "program.py:model.call", "1.0")
    assert "hl.sum" in output("ir", "program.py:plain", "f32[2,?]")


def test_what_a_program_prints_is_not_in_the_ir(folder):
    done = stepwell("ir", "program.py:affine", "1.0", "2.0")
    assert done.stdout.startswith("builtin.module")
    assert done.stderr == "loading\ntracing\n"


def test_ir_to_a_file(folder):
    assert output("ir", "program.py:affine", "1.0", "2.0", "-o", "out.mlir") == ""
    assert Path("out.mlir").read_text() == output("ir", "program.py:affine", "1.0", "2.0")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["program.py"], 2, "expected program.py:function or a .onnx file, got 'program.py'"),
        (["absent.py:f"], 2, "absent.py: no such file"),
        (["program.py:afine"], 2, "program.py: there is no function 'afine'; did you mean 'affine'?"),
        (["program.py:number"], 2, "program.py: 'number' is not a function but a int"),
        (["program.py:affine", "1.0"], 2, "affine: missing a required argument: 'y'"),
        (["program.py:affine", "1.0", "2.0", "3.0"], 2, "affine: too many positional arguments"),
        (["program.py:affine", "g32[2]", "1.0"], 2, "'g32[2]': there is no dtype 'g32'; dtypes are i1, "),
        (["program.py:affine", "f32[-1]", "1.0"], 2, "'f32[-1]': sizes are numbers, ? for any size, or names of sizes"),
        (["program.py:affine", "one", "1.0"], 2, "'one' is neither a file (.npy, .npz) nor a Python literal"),
        (["program.py:affine", "[[1], 2]", "1.0"], 2, "'[[1], 2]': "),
        (["program.py:affine", "absent.npy", "1.0"], 2, "absent.npy: no such file or directory"),
        (["program.py:affine", "1.0", "2.0", "--lvl"], 2, "there is no option '--lvl'"),
        (["program.py:affine", "1.0", "2.0", "--level", "low"], 2, "ir: level: expected one of hl, linalg, "),
        (["program.py:affine", "1.0", "2.0", "-o", "absent/x"], 2, "cannot write absent/x: no such file or directory"),
    ],
)
def test_ir_says_what_is_wrong(folder, arguments, code, message):
    found = failure("ir", *arguments)
    assert found[0] == code
    assert found[1].startswith(message)
    assert "\n" not in found[1]


def test_errors_of_the_users_program_name_the_users_line(folder):
    line = PROGRAM.splitlines().index("    return sw.matmul(y, y)") + 1
    code, message = failure("ir", "program.py:broken", "f32[2,3]")
    assert (code, message.split(": ")[0]) == (1, f"program.py:{line}")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n1 / 0\n", "bad.py:2: ZeroDivisionError: division by zero"),
        ("def f(:\n", "bad.py:1: SyntaxError: invalid syntax"),
        ("import absent_module\n", "bad.py:1: ModuleNotFoundError: No module named 'absent_module'"),
        ("import sys\nsys.exit(3)\n", "bad.py:2: SystemExit: 3"),
        ("def f():\n    raise KeyError('a\\nb')\nf()\n", "bad.py:2: KeyError: 'a\\nb'"),
    ],
)
def test_programs_that_do_not_load(folder, text, message):
    Path("bad.py").write_text(text)
    assert failure("ir", "bad.py:f") == (1, message)


@pytest.mark.parametrize("same_size", [True, False])
def test_a_program_that_changed_is_read_anew(folder, same_size, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    first = "def f(x):\n    if x > 0.0:\n        x = x + 2.0\n    return x\n"
    second = first.replace("+", "-") if same_size else "\n" + first.replace("+", "- 3.0 *")
    Path("model.py").write_text(first)
    before = output("ir", "model.py:f", "1.0")
    assert "hl.add" in before and "hl.sub" not in before
    written = os.stat("model.py").st_mtime
    Path("model.py").write_text(second)
    os.utime("model.py", (written, written))
    after = output("ir", "model.py:f", "1.0")
    assert "hl.sub" in after and "hl.add" not in after
    assert not Path("__pycache__").exists()


# opt


def test_opt_runs_passes_in_order(folder):
    text = "func.func @f() -> tensor<i32> {\n  %0 = arith.constant dense<2> : tensor<i32>\n" + (
        "  %1 = hl.add %0, %0 : (tensor<i32>, tensor<i32>) -> tensor<i32>\n  func.return %1 : tensor<i32>\n}\n"
    )
    folded = output("opt", "-p", "fold-constants,dce", stdin=text)
    assert "dense<4>" in folded and "dense<2>" not in folded
    assert output("opt", "-", "-p", "fold-constants", "-p", "dce", stdin=text) == folded
    assert output("opt", "-p", "fold-constants{max-elements=0}", stdin=text) == output("opt", stdin=text)
    assert output("opt", "-p", " fold-constants { max-elements = 0 } , O1 ", stdin=text) == output("opt", stdin=text)


@pytest.mark.parametrize("level", LEVELS)
def test_opt_goes_down_to_a_level_and_on_from_there(folder, level):
    def lowered(*arguments):
        """The text at the llvm level, without the places in the files, that its checks name."""
        return re.sub(
            r'file = "\w+.mlir", line = \d+ : i64, column = \d+', "", output("opt", *arguments, "--to", "llvm")
        )

    straight = lowered("twice.mlir", "--verify-each")
    Path("half.mlir").write_text(output("opt", "twice.mlir", "--to", level))
    assert lowered("half.mlir", "--from", level, "--verify-each") == straight
    assert lowered("half.mlir") == straight


def test_opt_keeps_lines_and_names_its_own(folder):
    assert 'loc("twice.mlir":2:3)' in output("opt", "twice.mlir", "--locations")
    Path("lines.mlir").write_text(output("ir", "program.py:affine", "1.0", "2.0", "--locations"))
    text = output("opt", "lines.mlir", "--to", "cfg", "--locations")
    assert "program.py" in text and "lines.mlir" not in text and "unknown" not in text


def test_opt_lists_what_there_is(folder):
    names = [line.split()[0] for line in output("opt", "--list-passes").splitlines()]
    assert names == list(pass_names())
    listed = output("opt", "--list-pipelines")
    assert all(any(line.startswith(name) for line in listed.splitlines()) for name in PIPELINES)
    assert all(f"to {level}" in listed for level in STEPS)
    text = output("opt", "--help-pass", "fold-constants")
    assert "max-elements=int (default 1024)" in text and "Requires level: hl." in text and "hl.add" in text
    assert output("opt", "--help-pass", "convert-scf-to-openmp").startswith("convert-scf-to-openmp\n")


def test_opt_tells_the_time_of_each_pass_beside_the_result(folder):
    done = stepwell("opt", "twice.mlir", "-p", "canonicalize,cse", "--timing")
    assert done.stdout == TWICE_IN_A_MODULE
    assert {"canonicalize", "cse", "total"} <= {line.split()[2] for line in done.stderr.splitlines()}


TWICE_IN_A_MODULE = "builtin.module {\n" + "".join(f"  {line}\n" for line in TWICE.splitlines()) + "}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.mlir"], "absent.mlir: no such file or directory"),
        (["."], ".: is a directory"),
        (["twice.mlir", "-p", "canonicalise"], "there is no pass 'canonicalise'; did you mean 'canonicalize'?"),
        (["twice.mlir", "-p", "zzz"], "there is no pass 'zzz'; `stepwell opt --list-passes` shows all"),
        (["--help-pass", "ces"], "there is no pass 'ces'; did you mean '"),
        (["twice.mlir", "-p", "cse{a=1}"], "pass 'cse' has no option 'a'; it has none"),
        (
            ["twice.mlir", "-p", "fold-constants{max-element=1}"],
            "pass 'fold-constants' has no option 'max-element'; did you mean 'max-elements'?",
        ),
        (
            ["twice.mlir", "-p", "fold-constants{max-elements=many}"],
            "pass 'fold-constants': option 'max-elements': expected int, got many",
        ),
        (["twice.mlir", "-p", "O1{a=1}"], "'O1' is a named pipeline and takes no options"),
        (
            ["twice.mlir", "-p", "cse 1"],
            "cannot read the pipeline: expected a comma or pass arguments\ncse 1\n   ^",
        ),
        (["twice.mlir", "-p", "cse,"], "cannot read the pipeline: a pass is missing after the comma\ncse,\n    ^"),
        (["twice.mlir", "-p", "cse{a="], "cannot read the pipeline: unknown argument value, "),
        (["twice.mlir", "-p", "bufferize"], "twice.mlir:2:3: pass 'bufferize' needs a module at level linalg, which "),
        (["twice.mlir", "--to", "low"], "there is no level 'low'; levels are hl, linalg, loops, cfg, llvm"),
        (["twice.mlir", "--from", "low"], "there is no level 'low'; levels are hl, linalg, loops, cfg, llvm"),
        (["bump.mlir", "--to", "hl"], "a module at level 'loops' cannot be raised to level 'hl'"),
        (["twice.mlir", "--from", "loops", "--to", "llvm"], "twice.mlir:2:3: 'hl.add' is not of level loops"),
        (["twice.mlir", "-o", "absent/x"], "cannot write absent/x: no such file or directory"),
        (["twice.mlir", "-o", "."], "cannot write .: is a directory"),
        (["twice.mlir", "--verify"], "No such option: --verify"),
    ],
)
def test_opt_says_what_is_wrong(folder, arguments, message):
    code, found = failure("opt", *arguments)
    assert code == 2
    assert found.startswith(message)


def test_opt_shows_where_text_is_not_ir(folder):
    text = TWICE.replace("hl.add %x, %x :", "hl.add %x, :")
    caret = " " * text.splitlines()[1].index(":") + "^"
    expected = f"<stdin>:2:{len(caret)}: operand expected\n{text.splitlines()[1]}\n{caret}"
    assert failure("opt", stdin=text) == (2, expected)
    wrong = TWICE.replace("hl.add", "hl.equal")
    code, message = failure("opt", stdin=wrong)
    assert code == 2 and message.startswith("<stdin>:2:3: 'hl.equal' is not valid: ") and "\n" not in message
    Path("noise.mlir").write_bytes(b"\xff\xfe\x00")
    assert failure("opt", "noise.mlir") == (2, "noise.mlir: this is not text")


def test_a_module_of_two_levels_names_the_op_that_does_not_fit(folder):
    mixed = TWICE + BUMP
    code, message = failure("opt", "--to", "llvm", stdin=mixed)
    assert code == 2
    assert message == "<stdin>:2:3: the module is at no one level: most of it is of level loops, 'hl.add' is not"


# files


def test_files_appear_whole_and_keep_their_permissions(folder):
    target = Path("out.mlir")
    target.write_text("old")
    target.chmod(0o640)
    output("opt", "twice.mlir", "-o", "out.mlir")
    assert target.read_text() == TWICE_IN_A_MODULE
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    output("opt", "twice.mlir", "-o", "new.mlir")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(Path("new.mlir").stat().st_mode) == 0o666 & ~umask
    target.write_text("old")
    failure("opt", "twice.mlir", "-p", "bufferize", "-o", "out.mlir")
    assert target.read_text() == "old"
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_link_keeps_leading_to_its_file_and_a_device_stays_one(folder):
    Path("real.mlir").write_text("old")
    Path("link.mlir").symlink_to("real.mlir")
    output("opt", "twice.mlir", "-o", "link.mlir")
    assert Path("link.mlir").is_symlink() and Path("real.mlir").read_text() == TWICE_IN_A_MODULE
    output("opt", "twice.mlir", "-o", os.devnull)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


# the command itself


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_is_shown_the_same_text_in_colour(monkeypatch):
    text = "%long = " + "x" * 500 + '\n  %y = hl.add %x, %x : tensor<?x[1]f32> loc("[red]a.py":1:2)\n'
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", Terminal())
    write_text(None, text)
    shown = sys.stdout.getvalue()
    assert re.sub(r"\x1b\[[\d;]*m", "", shown) == text
    assert "\x1b[1mhl.add\x1b[0m" in shown


def test_help_is_shown(folder):
    text = output("--help")
    assert all(name in text for name in ("demo", "ir", "opt", "run", "export"))
    assert stepwell().exit_code == 2
    assert failure("foo") == (2, "No such command 'foo'.")
    for command in ("demo", "ir", "opt", "run", "export"):
        assert "Usage" in output(command, "--help")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "not enough memory"),
        (MemoryError("Unable to allocate 6 EiB"), "not enough memory: unable to allocate 6 EiB"),
        (RecursionError("stack"), "the program is nested too deeply; `stepwell --traceback …` shows where"),
    ],
)
def test_what_the_machine_cannot_do_is_no_internal_error(folder, monkeypatch, error, message):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr("stepwell.tools.run_text.run_module", fails)
    assert failure("run", "twice.mlir", "[1.0, 2.0]") == (1, message)


def test_memory_that_a_program_asks_for_and_does_not_get(folder):
    n = 2**40
    Path("big.mlir").write_text(
        f"""func.func @f(%x: tensor<1xf64>) -> tensor<{n}xf64> {{
          %0 = hl.broadcast_to %x {{shape = array<i64: {n}>}} : (tensor<1xf64>) -> tensor<{n}xf64>
          %1 = hl.exp %0 : (tensor<{n}xf64>) -> tensor<{n}xf64>
          func.return %1 : tensor<{n}xf64>
        }}"""
    )
    for engine in ("interpreter", "native"):
        code, message = failure("run", "big.mlir", "[1.0]", "--engine", engine)
        assert code == 1 and re.match(r"big.mlir:[23]:11: .*1099511627776", message) and "memory" in message


def test_internal_errors_are_told_in_one_line_and_shown_on_request(folder, monkeypatch):
    from stepwell.tools import files

    def fails(path):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(files, "read_text", fails)
    done = stepwell("opt", "twice.mlir")
    assert done.exit_code == 1
    assert done.stderr == "error: internal error, RuntimeError: two lines; `stepwell --traceback …` shows where\n"
    shown = stepwell("--traceback", "opt", "twice.mlir")
    assert isinstance(shown.exception, RuntimeError)
    assert stepwell("opt", "twice.mlir").exception.__class__ is SystemExit


def installed(*arguments, **options):
    """The command as it is installed, in a process of its own."""
    command = [str(Path(sys.executable).parent / "stepwell"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_the_installed_command(folder):
    done = installed("opt", "twice.mlir", "-p", "canonicalise")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: there is no pass 'canonicalise'; did you mean 'canonicalize'?\n"
    done = installed("opt", "-p", "O1", input=TWICE)
    assert (done.returncode, done.stdout, done.stderr) == (0, TWICE_IN_A_MODULE, "")


def test_a_reader_that_stops_reading_is_no_error(folder):
    command = (
        f"{Path(sys.executable).parent / 'stepwell'} opt twice.mlir --to llvm | head -c 0; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("", "")
