"""`stepwell opt`: what its options watch, check and split."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import failure, output, program_folder, stepwell
from xdsl.dialects.builtin import TensorType, f64

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.passes import cse
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import PIPELINES, STEPS
from stepwell.compiler.pipeline.pipelines import parse, pipeline_text
from stepwell.dialects.context import make_context
from stepwell.dialects.hl.arithmetic import SubOp

TEXT = """func.func @f(%x: tensor<?x3xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<?x3xf32>) -> tensor<3x?xf32>
  %1 = hl.transpose %0 {perm = array<i64: 1, 0>} : (tensor<3x?xf32>) -> tensor<?x3xf32>
  %2 = hl.sub %1, %y : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %c = arith.constant dense<3.0> : tensor<f32>
  %3 = hl.div %2, %c : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  func.return %3 : tensor<?x3xf32>
}
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a text, which is the current one."""
    with program_folder(tmp_path):
        Path("t.mlir").write_text(TEXT)
        yield tmp_path


def after(pipeline, text=TEXT):
    """The text after a pipeline."""
    module = parse_module(text, "t.mlir")
    PassManager(make_context()).run(module, pipeline)
    return print_module(module)


def told(*arguments, stdin=None):
    """What a command that succeeds tells beside its result."""
    done = stepwell("opt", *arguments, stdin=stdin)
    assert done.exit_code == 0, done.stderr
    return done.stderr


# pipelines


def test_pipelines_nest(folder):
    assert output("opt", "t.mlir", "-p", "func.func(canonicalize,cse)") == after("canonicalize,cse")
    assert output("opt", "t.mlir", "--pass-pipeline", "builtin.module(O1)") == after("O1")


@pytest.mark.parametrize("name", PIPELINES)
def test_named_pipelines_print_themselves(folder, name):
    passes = pipeline_text(parse(name))
    assert told("t.mlir", "-p", name, "--dump-pass-pipeline") == f"builtin.module({passes})\n"
    text = output("opt", "--help", name)
    assert text.startswith(f"{name}\n\nA named pipeline: {passes or '(no pass)'}\n")
    assert [line.split()[0] for line in text.splitlines()[4:]] == [pass_.name for pass_ in parse(name)]
    line = next(line for line in output("opt", "--list-pipelines").splitlines() if line.split()[0] == name)
    assert line.split(maxsplit=1)[1] == (PIPELINES[name] or "(no pass)")


def test_the_passes_on_the_way_to_a_level_are_printed_too(folder):
    ran = told("t.mlir", "-p", "cse", "--to", "linalg", "--dump-pass-pipeline")
    assert ran == f"builtin.module({pipeline_text(parse('cse,' + STEPS['linalg']))})\n"
    done = stepwell("opt", "t.mlir", "-p", "cse,bufferize,dce", "--dump-pass-pipeline")
    assert done.stderr.startswith("builtin.module(cse)\nerror: ")


def test_help_may_be_followed_by_a_pass(folder):
    assert output("opt", "--help", "cse") == output("opt", "--help-pass", "cse")
    assert "opt [OPTIONS] [[FILE]]" in output("opt", "--help")
    assert "opt [OPTIONS] [[FILE]]" in output("opt", "t.mlir", "--help", "-p", "cse")
    assert failure("opt", "--help", "csee") == (2, "there is no pass 'csee'; did you mean 'cse'?")


# printing


def dumps(*arguments):
    """When the IR was printed, and the texts."""
    text = told("t.mlir", *arguments)
    parts = re.split(r"^// -----// IR Dump (.*) //----- //\n", text, flags=re.MULTILINE)
    assert parts[0] == ""
    return list(zip(parts[1::2], (part.removesuffix("\n") for part in parts[2::2]), strict=True))


def test_ir_is_printed_around_passes(folder):
    start, end = after(""), after("canonicalize")
    assert dumps("-p", "canonicalize,cse", "--print-ir-before", "--print-ir-after=cse") == [
        ("Before canonicalize", start),
        ("Before cse", end),
        ("After cse", end),
    ]
    assert dumps("-p", "O1", "--print-ir-after-change") == [("After canonicalize", end)]
    assert dumps("-p", "O1", "--print-ir-after", "--print-ir-after-change") == [("After canonicalize", end)]
    assert dumps("-p", "O1", "--print-ir-after=cse", "--print-ir-after-change") == []
    assert [when for when, _ in dumps("-p", "O1", "--print-ir-after=cse,dce")] == ["After cse", "After dce"]


def test_an_option_without_a_value_does_not_take_the_file_for_one(folder):
    done = stepwell("opt", "-p", "cse", "--print-ir-after", "t.mlir")
    assert done.stdout == after("cse") and done.stderr.count("IR Dump") == 1


def test_printed_ir_has_locations_where_the_result_has(folder):
    ((_, text),) = dumps("-p", "cse", "--print-ir-after", "--locations")
    assert 'loc("t.mlir":4:3)' in text


def test_the_ir_before_a_pass_that_fails_is_printed(folder):
    done = stepwell("opt", "t.mlir", "-p", "bufferize", "--print-ir-before")
    assert done.exit_code == 2 and "IR Dump" not in done.stderr
    done = stepwell("opt", "t.mlir", "-p", "convert-hl-to-linalg,bufferize,bufferize", "--print-ir-before=bufferize")
    assert done.exit_code == 2 and done.stderr.count("IR Dump Before bufferize") == 1


# timing and statistics


def test_times_of_parsing_passes_patterns_and_printing(folder):
    rows = [line.split() for line in told("t.mlir", "-p", "canonicalize,cse", "--timing").splitlines()]
    assert rows[0] == ["ms", "%", "name"]
    names = [row[2] for row in rows[1:]]
    assert names == ["parse", "canonicalize", "_Canonicalize", *names[3:-3], "cse", "print", "total"]
    assert {"RemoveDead", "ComposeTransposes"} <= set(names)
    assert all(float(row[0]) >= 0 and row[1].endswith("%") for row in rows[1:])


def test_statistics(folder):
    assert told("t.mlir", "-p", "canonicalize,simplify-algebra", "--stats").splitlines() == [
        "canonicalize: 7 -> 5 ops",
        "  ComposeTransposes: rewrote 2",
        "  RemoveDead: rewrote 1",
        "simplify-algebra: 5 -> 5 ops",
        "  DivideByPowerOfTwo: refused 1",
    ]


def test_times_and_statistics_of_a_pipeline_that_fails(folder):
    done = stepwell("opt", "t.mlir", "-p", "cse,bufferize", "--timing", "--stats")
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert lines[0] == "cse: 7 -> 7 ops"
    assert [line.split()[2] for line in lines[2:-1]] == ["name", "parse", "cse", "total"]
    assert lines[-1].startswith("error: t.mlir:2:3: pass 'bufferize' needs")


# why not


REMARK = "t.mlir:6:3: remark: simplify-algebra leaves 'hl.div': the reciprocal is not exact [DivideByPowerOfTwo]\n"


def test_why_a_pass_refused_a_match(folder):
    assert told("t.mlir", "--why-not", "simplify-algebra") == REMARK
    assert told("t.mlir", "-p", "O2", "--to", "loops", "--why-not", "simplify-algebra") == REMARK
    exact = TEXT.replace("dense<3.0>", "dense<4.0>")
    nothing = "remark: 'simplify-algebra' gave no reason to leave anything\n"
    assert told("--why-not", "simplify-algebra", stdin=exact) == nothing


def test_why_not_names_the_users_line(folder):
    Path("halves.py").write_text("import stepwell as sw\n\ndef thirds(x):\n    y = x / 3.0\n    return y\n")
    Path("lines.mlir").write_text(output("ir", "halves.py:thirds", "f32[?]", "--locations"))
    text = told("lines.mlir", "--to", "loops", "-p", "O2", "--why-not", "cse,simplify-algebra")
    assert re.fullmatch(r".*halves.py:4:\d+: remark: simplify-algebra leaves 'hl.div': the reciprocal .*\n", text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "cse", "--why-not", "dce"], "--why-not: 'dce' is not among the passes that ran"),
        (["-p", "cse", "--why-not", "dse"], "there is no pass 'dse'; did you mean 'dce'?"),
        (["-p", "cse", "--print-ir-after=dse"], "there is no pass 'dse'; did you mean 'dce'?"),
        (["-p", "cse", "--input", "1.0"], "--input and --runs say what to --validate on, which is not asked for"),
        (["-p", "cse", "--runs", "3"], "--input and --runs say what to --validate on, which is not asked for"),
        (["-p", "cse", "--validate", "--input", "[[1,2,3]]"], "@f takes 2 inputs (tensor<?x3xf32>, tensor<?x3xf32>), "),
        (["-p", "cse", "--validate", "--input", "1", "--input", "2"], "input 0 (1): expected float32[?, 3], got float"),
    ],
)
def test_options_that_cannot_be_followed(folder, arguments, message):
    code, found = failure("opt", "t.mlir", *arguments)
    assert code == 2 and found.startswith(message)


# checks


def _swaps(ctx, op):
    """In the place of a pass: takes what is subtracted for what it is subtracted from."""
    for inner in op.walk():
        if isinstance(inner, SubOp):
            inner.operands = list(inner.operands)[::-1]


def _adds_a_double(ctx, op):
    """In the place of a pass: an op whose types do not fit."""
    for inner in list(op.walk()):
        if isinstance(inner, SubOp):
            inner.results[0]._type = TensorType(f64, [-1, 3])


@pytest.fixture
def wrong(monkeypatch):
    """Makes `cse` do something wrong."""

    def plant(apply):
        monkeypatch.setattr(cse.CsePass, "apply", lambda self, ctx, op: apply(ctx, op))

    return plant


def test_validation_of_passes_that_are_right(folder):
    count = len(parse("O2"))
    assert told("t.mlir", "-p", "O2", "--validate") == f"validated {count} passes: @f on 6 sets of inputs\n"
    alone = told("t.mlir", "-p", "canonicalize", "--validate", "--runs", "1")
    assert alone == "validated 1 pass: @f on 1 set of inputs\n"
    given = ["--input", "[[1, 2, 3]]", "--input", "[[4, nan, inf]]"]
    assert told("t.mlir", "--to", "llvm", "--validate", *given).endswith(" passes: @f on 1 set of inputs\n")


def test_nothing_is_validated_where_no_pass_changes_anything(folder):
    code, message = failure("opt", "t.mlir", "-p", "cse,dce", "--validate")
    assert code == 2 and message == (
        "--validate: no pass changed the program, so that nothing was validated; --allow-unchanged to accept that"
    )
    told_so = told("t.mlir", "-p", "cse,dce", "--validate", "--allow-unchanged")
    assert told_so == "validated 2 passes: @f on 6 sets of inputs\n"


def test_validation_names_the_pass_the_result_and_the_users_line(folder, wrong):
    wrong(_swaps)
    code, message = failure("opt", "t.mlir", "-p", "canonicalize,cse,dce", "--validate", "--runs", "1")
    lines = message.splitlines()
    assert code == 1
    where = "t.mlir:6:3: pass 'cse': changes the result of @f: result 0[1, 2] is 2.5833333, expected -2.5833333"
    assert lines[0] == f"{where} (off by 5.17)"
    assert [line.split(":")[0] for line in lines[1:3]] == ["input 0", "input 1"]
    assert lines[3] == "expected:" and "got:" in lines
    equal = ["--input", "[[1, 2, 3]]", "--input", "[[1, 2, 3]]"]
    assert "hl.sub %y" in output("opt", "t.mlir", "-p", "cse", "--validate", *equal)
    other = ["--input", "[[1, 2, 3]]", "--input", "[[1, 2, 4]]"]
    assert failure("opt", "t.mlir", "-p", "dce,cse", "--validate", *other)[0] == 1


def test_a_failed_validation_is_replayed_on_the_inputs_that_showed_it(folder, wrong):
    wrong(_swaps)
    done = stepwell("opt", "t.mlir", "-p", "canonicalize,cse", "--validate", "--crash-reproducer", "crash.mlir")
    assert done.exit_code == 1 and done.stderr.endswith("\n`stepwell opt --run-reproducer crash.mlir` shows it again\n")
    command = Path("crash.mlir").read_text().splitlines()[0].removeprefix("// stepwell ").split()
    again = stepwell(*command)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == done.stderr.split("`stepwell")[0]


def test_validation_of_what_fails_or_does_not_end(folder):
    fails = TEXT.replace(
        "dense<3.0> : tensor<f32>",
        'dense<3.0> : tensor<f32>\n  %no = arith.constant false\n  debug.assert %no, "never" () : i1, ()',
    )
    text = told("-p", "canonicalize", "--validate", stdin=fails)
    assert "note: @f fails on every input; the first failure: " in text and "never" in text
    endless = """func.func @g(%x: tensor<i32>) -> tensor<i32> {
      %r = scf.while (%a = %x) : (tensor<i32>) -> tensor<i32> {
        %c = arith.constant true
        scf.condition(%c) %a : tensor<i32>
      } do {
      ^bb0(%b: tensor<i32>):
        scf.yield %b : tensor<i32>
      }
      func.return %r : tensor<i32>
    }"""
    text = told("-p", "cse", "--validate", "--allow-unchanged", "--runs", "2", stdin=endless)
    assert text == (
        "validated 1 pass: @g on 0 sets of inputs\nnote: @g does not end on any input; give some on which it does\n"
    )


def test_what_nobody_needs_may_fail_before_a_pass_and_not_after_but_checks_stay(folder, wrong):
    text = """func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>, %p: tensor<i1>) -> tensor<?xf32> {
      %0 = hl.add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
      %s = tensor.extract %p[] : tensor<i1>
      debug.assert %s, "never" () : i1, ()
      func.return %x : tensor<?xf32>
    }"""
    given = ["--input", "[1, 2]", "--input", "[1, 2, 3]", "--input", "True"]
    assert "validated 1 pass" in told("-p", "dce", "--validate", *given, stdin=text)

    def loses_checks(ctx, op):
        for inner in list(op.walk()):
            if inner.name == "debug.assert":
                inner.detach()
                inner.erase()

    wrong(loses_checks)
    given = ["--input", "[1, 2]", "--input", "[1, 2]", "--input", "False"]
    code, message = failure("opt", "-p", "dce,cse", "--validate", *given, stdin=text)
    assert code == 1 and message.startswith("pass 'cse': changes the result of @f: does not fail, expected ")


def test_validation_follows_variables_into_results(folder):
    text = """func.func @f(%v: !state.variable<tensor<?xf32>>, %x: tensor<?xf32>) -> tensor<?xf32> {
      state.assign_add %v, %x : !state.variable<tensor<?xf32>>, tensor<?xf32>
      func.return %x : tensor<?xf32>
    }"""
    given = ["--input", "[1.0, 2.0]", "--input", "[3.0, 4.0]"]
    assert "validated 1 pass" in told("-p", "functionalize-state", "--validate", *given, stdin=text)
    assert "@f on 1 set of inputs" in told("-p", "O2", "--to", "llvm", "--validate", *given, stdin=text)


def test_validation_leaves_parameters_out_that_a_pass_adds(folder):
    ran = told("bump.mlir", "-p", "insert-timers", "--to", "llvm", "--validate")
    assert ran == "validated 3 passes: @bump on 6 sets of inputs\n"


def test_a_module_that_is_not_valid_after_a_pass(folder, wrong):
    wrong(_adds_a_double)
    for option in ((), ("--verify-each",), ("--validate",), ("--no-verify-each", "--validate")):
        code, message = failure("opt", "t.mlir", "-p", "cse", *option)
        assert code == 1 and re.match(r"t.mlir:\d:3: pass 'cse': leaves a 'hl.\w+' that is not valid: ", message)
    assert "xf64" in output("opt", "t.mlir", "-p", "cse", "--no-verify-each")


def test_validation_needs_no_package_for_tests():
    code = "import sys; sys.modules.update(hypothesis=None, pytest=None, filecheck=None)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import stepwell.testing.translation"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


# parts of a file


PARTS = f"""{TEXT}// -----
func.func @wrong(%x: tensor<2xf32>) -> tensor<3xf32> {{
  func.return %x : tensor<2xf32>
}}
// -----

func.func @g(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {{
  %0 = hl.add %x, %x : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %1 = hl.add %x, %x : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %2 = hl.sub %0, %1 : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  func.return %2 : tensor<?x3xf32>
}}
// -----
"""


def test_parts_of_a_file_are_files_of_their_own(folder):
    Path("parts.mlir").write_text(PARTS)
    done = stepwell("opt", "parts.mlir", "-p", "O1", "--split-input-file", "--locations")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: parts.mlir:11:3: 'func.return' is not valid: ")
    first, second = done.stdout.split("// -----\n")
    assert "@f" in first and "@g" in second and "@wrong" not in done.stdout
    assert 'loc("parts.mlir":16:3)' in second
    failed = stepwell("opt", "parts.mlir", "--split-input-file", "-o", "out.mlir")
    assert failed.exit_code == 2 and not Path("out.mlir").exists()


def test_what_is_told_of_several_parts(folder):
    text = f"{TEXT}// -----\n{TEXT}"
    rows = [line.split() for line in told("-p", "cse", "--split-input-file", "--timing", stdin=text).splitlines()]
    assert [row[2] for row in rows] == ["name", "parse", "cse", "print", "total"]
    assert told("-p", "cse", "--split-input-file", "--stats", stdin=text).splitlines() == ["cse: 7 -> 7 ops"] * 2


# expected diagnostics


def check(text, *arguments):
    """Exit code and complaints about what was expected."""
    Path("d.mlir").write_text(text)
    done = stepwell("opt", "d.mlir", "--verify-diagnostics", *arguments)
    assert done.stdout == ""
    return done.exit_code, done.stderr


WRONG = """func.func @f(%x: tensor<2xf32>) -> tensor<3xf32> {{
  {0}
  func.return %x : tensor<2xf32>{1}
  {2}
}}
"""
SAID = "is not valid"


@pytest.mark.parametrize(
    "comments",
    [
        (f"// expected-error@+1 {{{{{SAID}}}}}", "", ""),
        ("", f"  // expected-error {{{{{SAID}}}}}", ""),
        ("", "", f"// expected-error@-1 {{{{{SAID}}}}}"),
        ("", "", f"// expected-error@above {{{{{SAID}}}}}"),
        (f"// expected-error@below {{{{{SAID}}}}}", "", ""),
        ("", "", f"// expected-error@3 {{{{{SAID}}}}}"),
        ("// expected-error-re@+1 {{func.{{[a-z]+}}' is not}}", "", ""),
    ],
)
def test_errors_that_are_expected(folder, comments):
    assert check(WRONG.format(*comments)) == (0, "")


@pytest.mark.parametrize(
    ("comments", "complaints"),
    [
        (("", "", ""), ["d.mlir:3: error: unexpected error: 'func.return' is not valid: "]),
        (
            ("// expected-error@+1 {{something else}}", "", ""),
            [
                'd.mlir:2: error: expected error "something else" was not produced',
                "d.mlir:3: error: unexpected error: ",
            ],
        ),
        (
            (f"// expected-error@+2 {{{{{SAID}}}}}", "", ""),
            [f'd.mlir:2: error: expected error "{SAID}" was not produced', "d.mlir:3: error: unexpected error: "],
        ),
        (
            (f"// expected-error@+1 {{{{{SAID}}}}}", "", f"// expected-error@-1 {{{{{SAID}}}}}"),
            [f'd.mlir:4: error: expected error "{SAID}" was not produced'],
        ),
        (
            (f"// expected-warning@+1 {{{{{SAID}}}}}", "", ""),
            [f'd.mlir:2: error: expected warning "{SAID}" was not produced', "d.mlir:3: error: unexpected error: "],
        ),
        (
            (f"// expected-error@unknown {{{{{SAID}}}}}", "", ""),
            [f'd.mlir:2: error: expected error "{SAID}" was not produced', "d.mlir:3: error: unexpected error: "],
        ),
        (
            ("// expected-error-re@+1 {{func.{{[0-9]+}}' is not}}", "", ""),
            ['d.mlir:2: error: expected error "func.{{[0-9]+}}\' is not" was not produced', "d.mlir:3: error: unexpec"],
        ),
    ],
)
def test_errors_that_are_not_expected(folder, comments, complaints):
    code, found = check(WRONG.format(*comments))
    assert code == 1
    assert len(found.splitlines()) == len(complaints)
    assert all(line.startswith(start) for line, start in zip(found.splitlines(), complaints, strict=True))


def test_a_text_without_errors_expects_none(folder):
    assert check(TEXT, "-p", "O1") == (0, "")
    code, found = check(TEXT + "// expected-error@1 {{anything}}\n", "-p", "O1")
    assert (code, found) == (1, 'd.mlir:9: error: expected error "anything" was not produced\n')


def test_errors_of_passes_and_of_other_files_and_remarks(folder):
    needs = TEXT.replace("  %0 =", "  // expected-error@+1 {{pass 'bufferize' needs a module at level linalg}}\n  %0 =")
    assert check(needs, "-p", "bufferize") == (0, "")
    elsewhere = "// expected-error@unknown {{pass 'bufferize' needs}}\n" + output("opt", "t.mlir", "--locations")
    assert check(elsewhere, "-p", "bufferize") == (0, "")
    remark = TEXT.replace("  func.ret", "  // expected-remark@above {{the reciprocal is not exact}}\n  func.ret")
    assert check(remark, "--why-not", "simplify-algebra") == (0, "")
    code, found = check(TEXT, "--why-not", "simplify-algebra")
    assert code == 1 and found.startswith("d.mlir:6: error: unexpected remark: simplify-algebra leaves 'hl.div': ")


def test_diagnostics_of_parts_of_a_file(folder):
    expected = WRONG.format(f"// expected-error@+1 {{{{{SAID}}}}}", "", "")
    assert check(f"{expected}// -----\n{TEXT}// -----\n{expected}", "--split-input-file") == (0, "")
    code, found = check(f"{expected}// -----\n{TEXT}// -----\n{WRONG.format('', '', '')}", "--split-input-file")
    assert code == 1 and found.startswith("d.mlir:18: error: unexpected error: ")


def test_syntax_errors_are_diagnostics(folder):
    assert check("// expected-error@below {{there is no op 'hl.ad'}}\n%0 = hl.ad\n") == (0, "")


def test_internal_errors_are_not_diagnostics(folder, monkeypatch):
    monkeypatch.setattr("stepwell.tools.opt_session.print_module", lambda *args, **options: 1 / 0)
    done = stepwell("opt", "t.mlir", "--verify-diagnostics")
    assert done.exit_code == 1 and "internal error, ZeroDivisionError" in done.stderr
