"""The text that LLVM gets: what each op of the llvm level is written as computes what the interpreter does."""

import re

import numpy as np
import pytest
from xdsl.dialects import llvm

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.lowering.llvm.text import ModuleText
from stepwell.compiler.lowering.llvm.text.instructions import HANDLERS
from stepwell.dialects.diagnostics import UnsupportedError
from stepwell.runtime.engines.interpreter import run_text
from stepwell.runtime.engines.native.executable import compile_module

TYPES = {"float16": "f16", "float32": "f32", "float64": "f64", "bool": "i1"} | {
    f"int{w}": f"i{w}" for w in (8, 16, 32, 64)
}


def kernel(body, arrays, outside=""):
    """A kernel that may write to all of its arguments, which are pointers %x0, %x1, …"""
    types = ", ".join(f"memref<{a.size}x{TYPES[a.dtype.name]}>" for a in arrays)
    written = ", ".join(f"{n} : i64" for n in range(len(arrays)))
    attributes = f"stepwell.arguments = [{types}], stepwell.results = [], stepwell.written = [{written}], "
    attributes += "stepwell.arena = 64 : i64, stepwell.assertions = [], stepwell.sites = []"
    params = "".join(f", %x{n}: !llvm.ptr" for n in range(len(arrays)))
    return f"""{outside}
llvm.func @main(%frame: !llvm.ptr, %arena: !llvm.ptr{params}) -> i32 attributes {{{attributes}}} {{
{body}
  %ok = llvm.mlir.constant(0 : i32) : i32
  llvm.return %ok : i32
}}"""


def check(body, *arrays, outside=""):
    """Run a kernel natively and on the interpreter; returns what it left in its arguments, which is the same."""
    text = kernel(body, arrays, outside)
    native, interpreted = [array.copy() for array in arrays], [array.copy() for array in arrays]
    compile_module(parse_module(text, "text")).run(*native)
    run_text(text, interpreted)
    for got, expected in zip(native, interpreted, strict=True):
        assert got.tobytes() == expected.tobytes(), (got, expected)
    return native


def written(body, arrays=(), outside=""):
    """The text of a kernel."""
    return ModuleText(parse_module(kernel(body, arrays, outside), "text")).text


def of(instruction, source, result=None, operands="ab"):
    """A body that loads %a and %b from the first arguments, and stores %r to the last."""
    loads = [
        f"%{name} = llvm.load %x{n} {{alignment = 1 : i64}} : !llvm.ptr -> {source}" for n, name in enumerate(operands)
    ]
    store = f"llvm.store %r, %x{len(operands)} {{alignment = 1 : i64}} : {result or source}, !llvm.ptr"
    return "\n".join([*loads, f"%r = {instruction}", store])


I32 = np.array([7, -7, 2**30, 12], np.int32), np.array([3, 2, 5, 4], np.int32), np.zeros(4, np.int32)
F32 = np.array([1.5, -2.25, 1e30, 0.1], np.float32), np.array([0.5, 3, 1e10, -0.3], np.float32), np.zeros(4, np.float32)
V32, W32 = "vector<4xi32>", "vector<4xf32>"
BOOLS = "vector<4xi1>"
INT_OPS = ["add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "shl", "lshr", "ashr", "and", "or", "xor"]
FLOAT_OPS = ["fadd", "fsub", "fmul", "fdiv", "frem"]
UNARY = {"fabs": 0, "ceil": 0, "floor": 0, "sqrt": 1, "exp": 1, "exp2": 1, "log": 1, "log2": 1, "sin": 1, "cos": 1}
"""Intrinsics of one operand; 1: of positive numbers, here."""
POSITIVE = np.array([0.5], np.float32), np.zeros(1, np.float32)
ONE = np.array([-1.75], np.float32), np.zeros(1, np.float32)
INDEX = "%i = llvm.mlir.constant({} : i64) : i64\n"

CASES = {name: (of(f"llvm.{name} %a, %b : {V32}", V32), I32) for name in INT_OPS}
CASES |= {f"scalar {name}": (of(f"llvm.{name} %a, %b : i32", "i32"), [x[:1] for x in I32]) for name in INT_OPS}
CASES |= {name: (of(f"llvm.{name} %a, %b : {W32}", W32), F32) for name in FLOAT_OPS}
CASES |= {
    f"icmp {flag}": (of(f'llvm.icmp "{flag}" %a, %b : {V32}\n%r = llvm.zext %c : {BOOLS} to {V32}', V32), I32)
    for flag in llvm.ICmpPredicateFlag
}
NANS = np.array([1, np.nan, 2, -0.0], np.float32), np.array([2, 1, 2, 0.0], np.float32), np.zeros(4, np.int32)
CASES |= {
    f"fcmp {flag}": (of(f'llvm.fcmp "{flag}" %a, %b : {W32}\n%r = llvm.zext %c : {BOOLS} to {V32}', W32, V32), NANS)
    for flag in llvm.FCmpPredicateFlag
}
for name in [name for name in CASES if "cmp" in name]:  # the comparison is %c
    CASES[name] = (CASES[name][0].replace("%r = llvm", "%c = llvm", 1), CASES[name][1])
CASES |= {
    f"intr.{name}": (of(f"llvm.intr.{name}(%a) : (f32) -> f32", "f32", operands="a"), POSITIVE if positive else ONE)
    for name, positive in UNARY.items()
}
CASES |= {
    f"intr.{name}": (of(f"llvm.intr.{name}(%a, %b) : (f32, f32) -> f32", "f32"), [abs(x[:1]) for x in F32])
    for name in ("maxnum", "minnum", "copysign")
}
CASES["intr.pow"] = (
    of("llvm.intr.pow(%a, %b) : (f32, f32) -> f32", "f32"),
    [np.array([number], np.float32) for number in (2, 3, 0)],
)
CAST_CASES = [
    ("trunc", np.int32, "i32", np.int8, "i8", 300),
    ("zext", np.int8, "i8", np.int32, "i32", -1),
    ("sext", np.int8, "i8", np.int32, "i32", -1),
    ("sitofp", np.int32, "i32", np.float32, "f32", -5),
    ("uitofp", np.int8, "i8", np.float64, "f64", -1),
    ("fptosi", np.float32, "f32", np.int32, "i32", -2.75),
    ("fptoui", np.float64, "f64", np.int8, "i8", 200.5),
    ("fpext", np.float16, "f16", np.float64, "f64", 0.1),
    ("fptrunc", np.float64, "f64", np.float32, "f32", 0.1),
    ("bitcast", np.float32, "f32", np.int32, "i32", 1.5),
]
CASES |= {
    name: (of(f"llvm.{name} %a : {a} to {b}", a, b, "a"), [np.array([value], source), np.zeros(1, target)])
    for name, source, a, target, b, value in CAST_CASES
}
CASES |= {
    "fneg": (of(f"llvm.fneg %a : {W32}", W32, operands="a"), [F32[0], F32[2]]),
    "fma": (of(f"llvm.intr.fma(%a, %b, %a) : ({W32}, {W32}, {W32}) -> {W32}", W32), F32),
    "select": (
        of(f"llvm.select %c, %a, %b : {BOOLS}, {V32}", V32).replace(
            "%r", f'%c = llvm.icmp "slt" %a, %b : {V32}\n%r', 1
        ),
        I32,
    ),
    "elements": (
        INDEX.format(2)
        + of(f"llvm.insertelement %e, %a[%i : i64] : {V32}", V32).replace(
            "%r", f"%e = llvm.extractelement %b[%i : i64] : {V32}\n%r", 1
        ),
        I32,
    ),
    "shuffle": (of(f"llvm.shufflevector %a, %b [7, 0, 5, 2] : {V32}", V32), I32),
    "shuffle to one": (of(f"llvm.shufflevector %a, %b [5, 5, 5, 5] : {V32}", V32), I32),
    "reduce": (
        of(
            "llvm.fmul %s, %p : f32",
            W32,
            "f32",
        ).replace(
            "%r",
            "%z = llvm.mlir.constant(1.5 : f32) : f32\n"
            f'%s = "llvm.intr.vector.reduce.fadd"(%z, %a) : (f32, {W32}) -> f32\n'
            f'%p = "llvm.intr.vector.reduce.fmul"(%z, %b) : (f32, {W32}) -> f32\n'
            "%r",
            1,
        ),
        F32,
    ),
    "masked store": (
        of(f"llvm.fadd %a, %b : {W32}", W32)
        + f"""
  %mask = llvm.mlir.constant(dense<[true, false, false, true]> : {BOOLS}) : {BOOLS}
  llvm.intr.masked.store %a, %x2, %mask {{alignment = 4 : i32}} : {W32}, {BOOLS} into !llvm.ptr""",
        F32,
    ),
    "addresses": (
        INDEX.format(1)
        + """
  %p = llvm.getelementptr inbounds %x0[%i, 1] : (!llvm.ptr, i64) -> !llvm.ptr, !llvm.array<2 x i32>
  %q = llvm.getelementptr %p[-1] : (!llvm.ptr) -> !llvm.ptr, i32
  %v = llvm.load %q {alignment = 4 : i64} : !llvm.ptr -> i32
  %n = llvm.ptrtoint %p : !llvm.ptr to i64
  %o = llvm.inttoptr %n : i64 to !llvm.ptr
  llvm.store %v, %o {alignment = 4 : i64} : i32, !llvm.ptr""",
        I32[:1],
    ),
    "locals": (
        INDEX.format(3)
        + """
  %cell = llvm.alloca %i x i32 {alignment = 32 : i64} : (i64) -> !llvm.ptr
  %v = llvm.load %x0 : !llvm.ptr -> i32
  llvm.store %v, %cell : i32, !llvm.ptr
  %null = llvm.mlir.zero : !llvm.ptr
  %some = llvm.icmp "ne" %cell, %null : !llvm.ptr
  %w = llvm.load %cell : !llvm.ptr -> i32
  %r = llvm.select %some, %w, %v : i1, i32
  llvm.store %r, %x1 : i32, !llvm.ptr""",
        I32[:2],
    ),
    "loop": (
        """
  %zero = llvm.mlir.constant(0 : i32) : i32
  %one = llvm.mlir.constant(1 : i32) : i32
  %n = llvm.load %x0 : !llvm.ptr -> i32
  llvm.br ^head(%zero, %n : i32, i32)
^head(%sum: i32, %i: i32):
  %more = llvm.icmp "sgt" %i, %zero : i32
  llvm.cond_br %more, ^body, ^end(%sum : i32)
^body:
  %s = llvm.add %sum, %i : i32
  %j = llvm.sub %i, %one : i32
  llvm.br ^head(%s, %j : i32, i32)
^end(%r: i32):
  llvm.store %r, %x1 : i32, !llvm.ptr""",
        I32[:2],
    ),
    "blocks in another order": (
        """
  %v = llvm.load %x0 : !llvm.ptr -> i32
  llvm.br ^first
^second:
  %r = llvm.add %w, %six : i32
  llvm.br ^end(%r : i32)
^first:
  %six = llvm.mlir.constant(6 : i32) : i32
  %w = llvm.mul %v, %v : i32
  llvm.br ^second
^end(%s: i32):
  llvm.store %s, %x1 : i32, !llvm.ptr""",
        [x[:1] for x in I32[:2]],
    ),
    "one block on both sides": (
        """
  %a = llvm.load %x0 : !llvm.ptr -> i32
  %b = llvm.load %x1 : !llvm.ptr -> i32
  %less = llvm.icmp "slt" %a, %b : i32
  llvm.cond_br %less, ^end(%a, %b : i32, i32), ^end(%b, %a : i32, i32)
^never(%n: i32):
  %m = llvm.add %n, %a : i32
  llvm.cond_br %less, ^end(%m, %m : i32, i32), ^lost
^lost:
  llvm.unreachable
^end(%r: i32, %s: i32):
  %d = llvm.sub %s, %r : i32
  llvm.store %d, %x2 : i32, !llvm.ptr""",
        [x[:1] for x in I32],
    ),
    "intrinsic": (
        of('llvm.call_intrinsic "llvm.smax.v4i32"(%a, %b) : (vector<4xi32>, vector<4xi32>) -> vector<4xi32>', V32)
        + """
  %n = llvm.mlir.constant(8 : i64) : i64
  %no = llvm.mlir.constant(false) : i1
  llvm.call_intrinsic "llvm.memmove.p0.p0.i64"(%x0, %x1, %n, %no) : (!llvm.ptr, !llvm.ptr, i64, i1) -> ()
  %c = llvm.call_intrinsic "llvm.smax.v4i32"(%b, %b) : (vector<4xi32>, vector<4xi32>) -> vector<4xi32>""",
        I32,
    ),
}

AROUND = """
llvm.func fastcc @"a \\22quoted\\22 name"(%a: f32 {llvm.noundef}, %b: f32) -> (f32 {llvm.noundef}) {
  %r = llvm.fadd %a, %b : f32
  llvm.return %r : f32
}
llvm.func @tanhf(f32) -> f32
llvm.func internal @nothing() {
  llvm.return
}
llvm.mlir.global internal constant @few(dense<[1, 2, 3]> : tensor<3xi32>) : !llvm.array<3 x i32>
llvm.mlir.global internal constant @flags(dense<[true, false, true]> : tensor<3xi1>) : !llvm.array<3 x i8>
llvm.mlir.global internal constant @many(dense<2.5> : tensor<100xf32>) : !llvm.array<100 x f32>"""
OUTSIDE = {
    "calls": (
        of("llvm.fadd %s, %t : f32", "f32").replace(
            "%r",
            """%s = llvm.call fastcc @"a \\22quoted\\22 name"(%a, %b) : (f32, f32) -> f32
  %t = llvm.call tail @tanhf(%a) {fastmathFlags = #llvm.fastmath<nnan>} : (f32) -> f32
  llvm.call @nothing() : () -> ()
  %r""",
            1,
        ),
        [x[:1] for x in F32],
    ),
    "globals": (
        """
  %few = llvm.mlir.addressof @few : !llvm.ptr
  %p = llvm.getelementptr %few[0, 2] : (!llvm.ptr) -> !llvm.ptr, !llvm.array<3 x i32>
  %a = llvm.load %p : !llvm.ptr -> i32
  llvm.store %a, %x0 : i32, !llvm.ptr
  %flags = llvm.mlir.addressof @flags : !llvm.ptr
  %b = llvm.load %flags : !llvm.ptr -> i8
  %w = llvm.sext %b : i8 to i32
  llvm.store %w, %x1 : i32, !llvm.ptr
  %many = llvm.mlir.addressof @many : !llvm.ptr
  %q = llvm.getelementptr %many[0, 99] : (!llvm.ptr) -> !llvm.ptr, !llvm.array<100 x f32>
  %c = llvm.load %q : !llvm.ptr -> i32
  llvm.store %c, %x2 : i32, !llvm.ptr""",
        I32,
    ),
}


STRUCTS = of("llvm.add %v, %w : i32", "i32").replace(
    "%r",
    """%u = llvm.mlir.undef : !llvm.struct<(i32, struct<(i32, i8)>)>
  %s = llvm.insertvalue %a, %u[0] : !llvm.struct<(i32, struct<(i32, i8)>)>
  %t = llvm.insertvalue %b, %s[1, 0] : !llvm.struct<(i32, struct<(i32, i8)>)>
  %v = llvm.extractvalue %t[0] : !llvm.struct<(i32, struct<(i32, i8)>)>
  %w = llvm.extractvalue %t[1, 0] : !llvm.struct<(i32, struct<(i32, i8)>)>
  %r""",
    1,
)


@pytest.mark.parametrize("name", CASES)
def test_an_op_computes_what_it_means(name):
    body, arrays = CASES[name]
    check(body, *arrays)


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_called_and_what_lies_in_memory(name):
    body, arrays = OUTSIDE[name]
    check(body, *arrays, outside=AROUND)


def test_fields_of_structures():
    """The interpreter has no values of structures."""
    arrays = [x[:1].copy() for x in I32]
    compile_module(parse_module(kernel(STRUCTS, arrays), "text")).run(*arrays)
    assert arrays[2] == arrays[0] + arrays[1]


def test_every_op_that_is_written_has_a_case():
    texts = [kernel(*case) for case in (*CASES.values(), (STRUCTS, I32))]
    texts += [kernel(*case, AROUND) for case in OUTSIDE.values()]
    met = {op.name for text in texts for op in parse_module(text, "text").walk()}
    assert {op.name for op in HANDLERS} - met == {"llvm.inline_asm"}  # which is refused


FLAGS = [
    ("llvm.add %a, %b overflow<nsw, nuw> : i32", "add nsw nuw i32"),
    ("llvm.shl %a, %b overflow<nuw> : i32", "shl nuw i32"),
    ("llvm.sub %a, %b : i32", "sub i32"),
    ("llvm.sdiv exact %a, %b : i32", "sdiv exact i32"),
    ("llvm.lshr exact %a, %b : i32", "lshr exact i32"),
    ("llvm.or disjoint %a, %b : i32", "or disjoint i32"),
    ("llvm.trunc %a overflow<nsw> : i32 to i8", "trunc nsw i32"),
    ("llvm.zext nneg %a : i32 to i64", "zext nneg i32"),
    ("llvm.fadd %f, %f {fastmathFlags = #llvm.fastmath<nnan,contract>} : f32", "fadd contract nnan float"),
    ("llvm.fneg %f {fastmathFlags = #llvm.fastmath<nsz>} : f32", "fneg nsz float"),
    ("llvm.getelementptr inbounds %x0[1] : (!llvm.ptr) -> !llvm.ptr, i8", "getelementptr inbounds i8"),
    ("llvm.call notail @tanhf(%f) : (f32) -> f32", "notail call float"),
    ('llvm.call fastcc @"a \\22quoted\\22 name"(%f, %f) : (f32, f32) -> f32', "call fastcc float @stepwell_"),
]
HEAD = """%a = llvm.load %x0 : !llvm.ptr -> i32
  %b = llvm.load %x0 : !llvm.ptr -> i32
  %f = llvm.load %x0 : !llvm.ptr -> f32
  """


@pytest.mark.parametrize("op,expected", FLAGS)
def test_flags_are_written(op, expected):
    assert f" = {expected}" in written(f"{HEAD}%r = {op}", I32[:1], AROUND)


BITS = [
    (np.uint16, "f16", [0x0001, 0x8000, 0x3C01, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0xFE00]),
    (np.uint32, "f32", [1, 0x80000000, 0x3DCCCCCD, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7FC12345, 0xFFC00001]),
    (
        np.uint64,
        "f64",
        [1, 1 << 63, 0x3FB999999999999A, 0x7FEFFFFFFFFFFFFF, 0x7FF << 52, 0xFFF << 52, 0x7FF8 << 48 | 5, 3],
    ),
]


@pytest.mark.parametrize("dtype,type_,bits", BITS, ids=[case[1] for case in BITS])
def test_floats_are_written_to_the_last_bit(dtype, type_, bits):
    expected = np.array(bits, dtype)
    items = ", ".join(f"0x{item:0{expected.itemsize * 2}X}" for item in bits)
    body = f"""%v = llvm.mlir.constant(dense<[{items}]> : vector<8x{type_}>) : vector<8x{type_}>
  llvm.store %v, %x0 {{alignment = 1 : i64}} : vector<8x{type_}>, !llvm.ptr"""
    out = np.zeros(8, type_.replace("f", "float"))
    compile_module(parse_module(kernel(body, [out]), "text")).run(out)
    assert out.view(dtype).tolist() == bits


@pytest.mark.parametrize("dtype,type_,bits", BITS, ids=[case[1] for case in BITS])
def test_a_float_alone_is_written_to_the_last_bit(dtype, type_, bits):
    for item in bits:
        digits = np.dtype(dtype).itemsize * 2
        body = (
            f"%v = llvm.mlir.constant(0x{item:0{digits}X} : {type_}) : {type_}\nllvm.store %v, %x0 : {type_}, !llvm.ptr"
        )
        out = np.zeros(1, type_.replace("f", "float"))
        compile_module(parse_module(kernel(body, [out]), "text")).run(out)
        if not np.isnan(out):  # Python's floats, which the attribute is made of, keep no payload of an f16
            assert out.view(dtype).tolist() == [item]
        assert np.isnan(out) == np.isnan(np.array([item], dtype).view(out.dtype))


def test_constants_are_operands():
    body = """%t = llvm.mlir.constant(true) : i1
  %v = llvm.mlir.constant(dense<[1, -2]> : vector<2xi32>) : vector<2xi32>
  %s = llvm.mlir.constant(dense<3> : vector<2xi32>) : vector<2xi32>
  %u = llvm.mlir.undef : vector<2xi32>
  %r = llvm.select %t, %v, %s : i1, vector<2xi32>
  %q = llvm.add %r, %u : vector<2xi32>"""
    text = written(body, I32[:1])
    assert "%3 = select i1 true, <2 x i32> <i32 1, i32 -2>, <2 x i32> splat (i32 3)\n" in text
    assert "%4 = add <2 x i32> %3, undef\n" in text


REFUSED = [
    ('llvm.inline_asm "nop", "" : () -> ()', "'llvm.inline_asm' 'llvm' has no native form"),
    ('llvm.call_intrinsic "llvm.x()\\0Aret void"() : () -> ()', "has no native form"),
    ("%s = llvm.intr.stacksave : !llvm.ptr", "'llvm.intr.stacksave' has no native form"),
    ("%s = llvm.mlir.undef : vector<2x2xf32>\n%t = llvm.fneg %s : vector<2x2xf32>", "type 'vector<2x2xf32>' has no"),
    ("%s = llvm.mlir.undef : bf16\n%t = llvm.fneg %s : bf16", "type 'bf16' has no native form"),
    (
        "%f = llvm.load %x0 : !llvm.ptr -> f32\n"
        "%s = llvm.intr.fma(%f, %f, %f) {fastmathFlags = #llvm.fastmath<nnan>} : (f32, f32, f32) -> f32",
        "'llvm.intr.fma' with fast-math flags has no native form",
    ),
    (
        '%f = llvm.load %x0 : !llvm.ptr -> f32\n%s = llvm.call_intrinsic "llvm.fabs.f32"(%f) : (f32) -> f32\n'
        '%t = llvm.call_intrinsic "llvm.fabs.f32"(%x0) : (!llvm.ptr) -> f32',
        r"expected 'float @llvm.fabs.f32\(float\)', got 'float @llvm.fabs.f32\(ptr\)'",
    ),
]


@pytest.mark.parametrize("body,message", REFUSED)
def test_what_has_no_native_form_is_refused_where_it_stands(body, message):
    with pytest.raises(UnsupportedError, match=rf"^text:\d+:\d+: .*{message}"):
        written(body, I32[:1], AROUND)


def test_names_of_the_program_are_no_text():
    text = written('llvm.call @"f() {\\0A evil"() : () -> ()', I32[:1], 'llvm.func @"f() {\\0A evil"() { llvm.return }')
    assert re.search(r"^define void @stepwell_0_f_+evil\(\) nounwind \{$", text, re.MULTILINE)
    with pytest.raises(UnsupportedError, match="is no name of a function outside the program"):
        written("", I32[:1], 'llvm.func @"f()"()')
