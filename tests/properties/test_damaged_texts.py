"""Damaged and odd texts: `stepwell opt` and `stepwell run` say what is wrong, and where, in little time."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command import stepwell
from support.effort import examples

GOLDEN = sorted((Path(__file__).parent.parent / "golden").rglob("*.mlir"))
SECONDS = 30.0
"""Far over what any of these takes, and far under what exponential time takes."""

STRAIGHT = {
    "hl": """func.func @f(%x: tensor<2x3xf32>, %y: tensor<3xf32>) -> tensor<f32> {
  %c = arith.constant dense<[1.5, 0x7FC00000, -2.0]> : tensor<3xf32>
  %0 = hl.mul %x, %y : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %1 = hl.add %0, %c : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %2 = hl.reduce_sum %1 {axes = array<i64: 0, 1>, keepdims = false} : (tensor<2x3xf32>) -> tensor<f32>
  func.return %2 : tensor<f32>
}
""",
    "linalg": """#map = affine_map<(i, j) -> (i, j)>
func.func @f(%x: tensor<2x3xf32>, %y: tensor<3xf32>) -> tensor<2x3xf32> {
  %0 = tensor.empty() : tensor<2x3xf32>
  %1 = linalg.generic {indexing_maps = [#map, affine_map<(i, j) -> (j)>, #map],
      iterator_types = ["parallel", "parallel"]} ins(%x, %y : tensor<2x3xf32>, tensor<3xf32>)
      outs(%0 : tensor<2x3xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<2x3xf32>
  func.return %1 : tensor<2x3xf32>
}
""",
    "scalars": """func.func @f(%x: i32, %y: i32) -> i32 {
  %c = arith.constant 3 : i32
  %0 = arith.divsi %x, %c : i32
  %1 = arith.shli %0, %y : i32
  %2 = arith.cmpi slt, %1, %y : i32
  cf.cond_br %2, ^bb1(%1 : i32), ^bb2
^bb1(%3: i32):
  func.return %3 : i32
^bb2:
  func.return %y : i32
}
""",
}
INPUTS = {"hl": ["[[1, 2, 3], [4, 5, 6]]", "[1, 2, 3]"], "scalars": ["7", "2"]}
INPUTS["linalg"] = INPUTS["hl"]

PIECES = ['"', "\\", "{", "}", "(", ")", "[", "<", ">", "%", "@", "#", "!", "^", "0", "9", "-", "0x", "//", "\n", "\0"]
PIECES += ["é", "½", "\u202e", "\U0001f600", "tensor<", "dense<", "?", "x", "i1", "f64", "->", "::", "...", "loc("]


@st.composite
def damaged(draw, text):
    """The text with a few edits: something deleted, inserted, doubled, exchanged, or the end cut off."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.sampled_from([1, 1, 2, 5, 30])))
        match draw(st.sampled_from(["delete", "insert", "double", "exchange", "cut", "character"])):
            case "delete":
                text = text[:at] + text[end:]
            case "insert":
                text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
            case "double":
                text = text[:end] + text[at:]
            case "exchange":
                other = draw(st.integers(0, len(text)))
                text = text[:at] + text[other : other + end - at] + text[end:]
            case "cut":
                text = text[:at] if at > len(text) // 2 else text
            case "character":
                text = text[:at] + chr(draw(st.integers(0, 0x2FF))) + text[at + 1 :]
    return text


def told(*arguments, stdin):
    """What a command says; it says it as an error of the text, and in time."""
    start = time.process_time()
    done = stepwell(*arguments, stdin=stdin)
    spent = time.process_time() - start
    assert isinstance(done.exception, SystemExit | None), repr(done.exception)
    assert done.exit_code in (0, 1, 2)
    assert "internal error" not in done.stderr and "Recursion" not in done.stderr, done.stderr
    assert bool(done.exit_code) == done.stderr.startswith("error: "), (done.exit_code, done.stderr)
    assert spent < SECONDS
    return done


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
@settings(max_examples=examples(8), deadline=None)
@given(data=st.data())
def test_damaged_programs_are_refused_or_valid(path, data):
    parts = path.read_text().split("// -----\n")
    text = data.draw(damaged(data.draw(st.sampled_from(parts))))
    done = told("opt", stdin=text)
    if done.exit_code == 0:
        assert told("opt", stdin=done.stdout).stdout == done.stdout
    else:
        assert done.stderr.startswith("error: <stdin>:") and not done.stdout


@pytest.mark.parametrize("name", STRAIGHT)
@settings(max_examples=examples(40), deadline=None)
@given(data=st.data())
def test_damaged_programs_run_or_say_why_not(name, data):
    text = data.draw(damaged(STRAIGHT[name]))
    told("run", "-", *INPUTS[name], stdin=text)
    told("opt", "-p", "canonicalize,cse,dce", stdin=text)


N = 4000
ATTRIBUTE = "func.func @f() attributes {{a = {}}} {{ func.return }}"
TYPE = "func.func @f(%x: {}) {{ func.return }}"
DOUBLING = "\n".join(f"{{0}}a{i} = {{1}}{{0}}a{i - 1}, {{0}}a{i - 1}{{2}}" for i in range(1, 50))
REFUSED = {
    "a string that is not closed": (ATTRIBUTE.format('"' + "a" * N), ":1:32: the string is not closed on its line"),
    "a string over two lines": (ATTRIBUTE.format('"a\nb"'), ":1:32: the string is not closed on its line\n"),
    "a string of escapes that is not closed": ('"' + r"\n" * N, ":1:1: the string is not closed"),
    "an unknown escape": (ATTRIBUTE.format('"' + r"\t\q" * N + '"'), ":1:35: a backslash in a string is followed by"),
    "an op whose name is not closed": ('"arith.addf(%x, %y) : f32', ":1:1: the string is not closed"),
    "a symbol that is not closed": ('func.func @"' + "f" * N, ":1:12: the string is not closed"),
    "arrays": (ATTRIBUTE.format("[" * N + "]" * N), "nested too deeply"),
    "arrays that are not closed": (ATTRIBUTE.format("[" * N), "nested too deeply"),
    "dictionaries": (ATTRIBUTE.format("{a = " * N + "1" + "}" * N), "nested too deeply"),
    "tuples": (TYPE.format("tuple<" * N + "i32" + ">" * N), "nested too deeply"),
    "regions": ('"builtin.module"() ({' * N + "}) : () -> ()" * N, "nested too deeply"),
    "modules": ("builtin.module {" * N + "}" * N, "nested too deeply"),
    "branches": ("func.func @f(%c: i1) {" + "scf.if %c {" * N + "}" * N + " func.return }", "nested too deeply"),
    "affine expressions": (ATTRIBUTE.format(f"affine_map<(i) -> ({'(' * 4 * N}i{')' * 4 * N})>"), "nested too deeply"),
    "affine sums": (ATTRIBUTE.format(f"affine_map<(i) -> (i{' mod 7' * N})>"), "nested too deeply"),
    "elements": (ATTRIBUTE.format(f"dense<{'[' * N}1{']' * N}> : tensor<1xi32>"), "nested too deeply"),
    "locations": (f"func.func @f() {{ func.return loc({'fused[' * N}unknown{']' * N}) }}", "nested too deeply"),
    "functions": (f"func.func private @f({'(() -> (' * N})", "nested too deeply"),
    "parentheses": ("(" * N, ":1:1: "),
    "quotes": ('"' * N, ":1:1: there is no op ''"),
    "an integer": (ATTRIBUTE.format("9" * N), ":1:32: a number of 4000 characters"),
    "a hexadecimal integer": (ATTRIBUTE.format("0x" + "F" * N), ":1:32: a number of 4002 characters"),
    "a float": (ATTRIBUTE.format("1." + "9" * N), ":1:32: a number of 4002 characters"),
    "a size": (TYPE.format(f"tensor<{'9' * N}xf32>"), "a number of 4000 characters"),
    "signs": (ATTRIBUTE.format("-" * N + "9"), "Expected integer"),
    "a constant": (ATTRIBUTE.format("dense<1.0> : tensor<99999999999xf32>"), "the constant has 399999999996 bytes"),
    "a name": ("a" * N + ".b", ":1:1: there is no op 'aaa"),
    "a long line": ("func.func @f() { " + "%x = arith.constant 1 : i32 " * N + "}", "SSA value %x is already defined"),
    "a NUL": ("func.func @f() {\0 func.return }", ":1:17: Unexpected character: �\nfunc.func @f() {� func"),
    "a fraction": (ATTRIBUTE.format("½"), ":1:32: unexpected character"),
    "digits that are not ASCII": (ATTRIBUTE.format("٣"), ":1:32: unexpected character"),
    "a command to the terminal": ("func.func @f() { \x1b[31m }", ":1:18: Unexpected character: �"),
    "aliases that double": ("#a0 = 1\n" + DOUBLING.format("#", "[", "]"), "written out, the aliases are more than"),
    "types that double": ("!a0 = i32\n" + DOUBLING.format("!", "tuple<", ">"), "written out, the aliases are more"),
    "an alias of itself": ("#a = #a", "undefined symbol alias '#a'"),
    "a comment": ("//" + '"' * N, "the text ends too early"),
    "a comment after a string": ('func.func @f() attributes {a = "//"} { oops } // "', ":1:40: there is no op 'oops'"),
    "an open block": ("func.func @f() {", ":1:17: the text ends too early"),
    "an op whose name has an escape": (
        r'"a\09rith.addf"() : () -> ()',
        "there is no op 'a�rith.addf'".replace("�", "\t"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_texts_are_refused_with_their_place(name):
    text, message = REFUSED[name]
    done = told("opt", stdin=text)
    assert done.exit_code in (1, 2) and message in done.stderr, done.stderr
    assert len(done.stderr) < 2000


FINE = {
    "names": f"func.func @{'f' * N}(%{'x' * N}: i32) {{ func.return }}",
    "unicode": 'func.func @f() attributes {a = "日本 \U0001f600"} { func.return }',
    "comments": '// "\n' * N + 'func.func @f() { func.return } // "',
    "strings": ATTRIBUTE.format("[" + ", ".join([r'"a\n\\\"\t\41"'] * N) + "]"),
    "sizes": TYPE.format("tensor<" + "9x" * N + "f32>"),
    "space": " " * 100 * N + "func.func @f() { func.return }",
    "line ends": "func.func @f() {\r\n  func.return\r\n}\r\n",
    "aliases": "\n".join(f"#a{i} = [{i}, {i}]" for i in range(500))
    + "\n"
    + ATTRIBUTE.format("[" + "#a7, " * N + "#a8]"),
}


@pytest.mark.parametrize("name", FINE)
def test_odd_texts_that_are_fine(name):
    first = told("opt", stdin=FINE[name]).stdout
    assert first and told("opt", stdin=first).stdout == first


@pytest.mark.parametrize("unit", ["builtin.module {{ {} }}", "scf.if %c {{{}}}", "tuple<{}>", "[{}]"])
def test_any_depth_is_fine_or_refused_by_all_that_reads_and_writes(unit):
    around = {"t": TYPE, "[": ATTRIBUTE, "s": "func.func @f(%c: i1) {{ {} func.return }}", "b": "{}"}[unit[0]]
    inner = {"t": "i32", "[": "1"}.get(unit[0], "")
    codes = []
    for depth in (4, 30, 90, 200, 4000):
        text = inner
        for _ in range(depth):
            text = unit.format(text)
        for options in ((), ("-p", "canonicalize,cse,dce", "--locations")):
            codes.append(told("opt", *options, stdin=around.format(text)).exit_code)
    assert codes[:8] == [0] * 8 and all(codes[-2:])
