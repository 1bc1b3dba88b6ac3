"""The interpreter at the llvm level: instructions, a memory in which every wrong access is an error, and kernels."""

import io

import numpy as np
import pytest

from stepwell.dialects.diagnostics import StepwellError
from stepwell.runtime.engines.interpreter import InterpreterError, run_text

PTR = "!llvm.ptr"


def run(body, inputs=(), types="", result="i32", outside="", **options):
    """Run the instructions of a function, which ends by returning %r."""
    end = f"llvm.return %r : {result}" if result else "llvm.return"
    arrow = f" -> {result}" if result else ""
    return run_text(f"{outside}\nllvm.func @main({types}){arrow} {{\n{body}\n{end}\n}}", list(inputs), **options)


def wrong(message, body, inputs=(), types="", **options):
    """Run what must fail with a message."""
    with pytest.raises(InterpreterError, match=message):
        run(body, inputs, types, **options)


BINARY = [
    ("add", "i8", 100, 100, -56),
    ("sub", "i8", -100, 100, 56),
    ("mul", "i32", 1 << 20, 1 << 12, 0),
    ("sdiv", "i32", -7, 2, -3),
    ("srem", "i32", -7, 2, -1),
    ("udiv", "i8", -2, 3, 84),
    ("urem", "i8", -2, 7, 2),
    ("shl", "i8", 3, 7, -128),
    ("lshr", "i8", -128, 7, 1),
    ("ashr", "i8", -128, 7, -1),
    ("and", "i32", 12, 10, 8),
    ("or", "i32", 12, 10, 14),
    ("xor", "i32", 12, 10, 6),
]


@pytest.mark.parametrize("name,type_,a,b,expected", BINARY)
def test_instruction_on_integers(name, type_, a, b, expected):
    assert run(f"%r = llvm.{name} %a, %b : {type_}", [a, b], f"%a: {type_}, %b: {type_}", type_) == [expected]


@pytest.mark.parametrize("name,expected", [("fadd", 1.0), ("fsub", -8.0), ("fmul", -15.75), ("fdiv", -3.5 / 4.5)])
def test_instruction_on_floats(name, expected):
    (result,) = run(f"%r = llvm.{name} %a, %b : f64", [-3.5, 4.5], "%a: f64, %b: f64", "f64")
    assert result == expected


def test_comparisons_and_selections_by_lanes():
    (result,) = run(
        """
  %u = llvm.mlir.undef : vector<4xi32>
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.insertelement %a, %u[%zero : i64] : vector<4xi32>
  %all = llvm.shufflevector %one, %u [0, 0, 0, 0] : vector<4xi32>
  %n = llvm.mlir.constant(dense<[1, 2, 3, -4]> : vector<4xi32>) : vector<4xi32>
  %s = llvm.icmp "slt" %n, %all : vector<4xi32>
  %g = llvm.icmp "ugt" %n, %all : vector<4xi32>
  %b = llvm.select %s, %n, %all : vector<4xi1>, vector<4xi32>
  %c = llvm.select %g, %all, %b : vector<4xi1>, vector<4xi32>
  %d = llvm.call_intrinsic "llvm.vector.reduce.add.v4i32"(%c) : (vector<4xi32>) -> i32
  %last = llvm.mlir.constant(3 : i64) : i64
  %e = llvm.extractelement %c[%last : i64] : vector<4xi32>
  %r = llvm.add %d, %e : i32""",
        [2],
        "%a: i32",
    )
    assert result == 1 + 2 + 2 + 2 + 2


CASTS = [
    ("trunc", "i32", "i8", 300, 44),
    ("trunc", "i32", "i1", 2, False),
    ("zext", "i8", "i32", -1, 255),
    ("sext", "i8", "i32", -1, -1),
    ("sext", "i1", "i32", True, -1),
    ("zext", "i1", "i32", True, 1),
    ("sitofp", "i8", "f32", -1, -1.0),
    ("uitofp", "i8", "f32", -1, 255.0),
    ("fptosi", "f32", "i32", -2.75, -2),
    ("fptoui", "f32", "i8", 200.5, -56),
    ("fpext", "f32", "f64", 0.5, 0.5),
    ("fptrunc", "f64", "f32", 0.1, float(np.float32(0.1))),
    ("bitcast", "f32", "i32", 1.0, 0x3F800000),
]


@pytest.mark.parametrize("name,source,target,value,expected", CASTS)
def test_conversion(name, source, target, value, expected):
    (result,) = run(f"%r = llvm.{name} %a : {source} to {target}", [value], f"%a: {source}", target)
    assert result == expected


INTRINSICS = [
    ("smax.i32", "i32", [3, -5], 3),
    ("umax.i32", "i32", [3, -5], -5),
    ("smin.i32", "i32", [3, -5], -5),
    ("umin.i32", "i32", [3, -5], 3),
    ("ctpop.i32", "i32", [255], 8),
    ("maximum.f32", "f32", [1.0, np.nan], np.nan),
    ("maxnum.f32", "f32", [1.0, np.nan], 1.0),
    ("minimum.f32", "f32", [0.0, -0.0], -0.0),
    ("minnum.f32", "f32", [np.nan, 2.0], 2.0),
    ("fma.f64", "f64", [1 + 2**-52, 1 + 2**-52, -1 - 2**-51], 2**-104),
    ("fabs.f32", "f32", [-1.5], 1.5),
    ("copysign.f32", "f32", [1.5, -0.0], -1.5),
    ("floor.f32", "f32", [-1.5], -2.0),
    ("ceil.f32", "f32", [-1.5], -1.0),
    ("trunc.f32", "f32", [-1.5], -1.0),
    ("round.f32", "f32", [2.5], 3.0),
    ("roundeven.f32", "f32", [2.5], 2.0),
    ("sqrt.f64", "f64", [2.0], np.sqrt(2.0)),
]


@pytest.mark.parametrize("name,type_,values,expected", INTRINSICS)
def test_intrinsic(name, type_, values, expected):
    names = [f"%a{n}" for n in range(len(values))]
    types = ", ".join(f"{n}: {type_}" for n in names)
    call = (
        f'%r = llvm.call_intrinsic "llvm.{name}"({", ".join(names)}) : ({", ".join([type_] * len(names))}) -> {type_}'
    )
    (result,) = run(call, values, types, type_)
    np.testing.assert_array_equal(result, expected)
    assert np.signbit(result) == np.signbit(expected)


@pytest.mark.parametrize("value,expected", [(1e10, 2**31 - 1), (-1e10, -(2**31)), (np.nan, 0), (-2.75, -2)])
def test_saturating_conversion(value, expected):
    call = '%r = llvm.call_intrinsic "llvm.fptosi.sat.i32.f32"(%a) : (f32) -> i32'
    assert run(call, [value], "%a: f32") == [expected]


def test_absolute_value_of_the_least_integer():
    call = '%p = llvm.mlir.constant({}) : i1\n%r = llvm.call_intrinsic "llvm.abs.i32"(%a, %p) : (i32, i1) -> i32'
    assert run(call.format("false"), [-(2**31)], "%a: i32") == [-(2**31)]
    wrong("absolute value of the least integer", call.format("true"), [-(2**31)], "%a: i32")


def test_what_llvm_leaves_undefined_is_an_error():
    two = "%a: i32, %b: i32"
    least = -(2**31)
    wrong(r"division by zero \[llvm.srem\]", "%r = llvm.srem %a, %b : i32", [1, 0], two)
    wrong("overflow of the division of -2147483648 by -1", "%r = llvm.sdiv %a, %b : i32", [least, -1], two)
    wrong("shift by 32 of an integer of 32 bits", "%r = llvm.shl %a, %b : i32", [1, 32], two)
    wrong("does not fit into int32", "%r = llvm.fptosi %a : f32 to i32", [3e9], "%a: f32")
    wrong("does not fit into int32", "%r = llvm.fptosi %a : f32 to i32", [np.nan], "%a: f32")
    wrong("signed overflow of 2147483647 and 1", "%r = llvm.add %a, %b overflow<nsw> : i32", [2**31 - 1, 1], two)
    wrong("unsigned overflow of 0 and 1", "%r = llvm.sub %a, %b overflow<nuw> : i32", [0, 1], two)
    assert run("%r = llvm.add %a, %b overflow<nsw, nuw> : i32", [5, 6], two) == [11]


def test_addresses_of_elements():
    x = np.arange(12, dtype=np.int32).reshape(3, 4)
    body = """
  %p = llvm.getelementptr inbounds %x[%i, 2] : (!llvm.ptr, i64) -> !llvm.ptr, !llvm.array<4 x i32>
  %q = llvm.getelementptr %p[-1] : (!llvm.ptr) -> !llvm.ptr, i32
  %a = llvm.load %q : !llvm.ptr -> i32
  %b = llvm.load %p {alignment = 4 : i64} : !llvm.ptr -> vector<2xi32>
  %c = llvm.call_intrinsic "llvm.vector.reduce.add.v2i32"(%b) : (vector<2xi32>) -> i32
  %r = llvm.add %a, %c : i32"""
    assert run(body, [x, 1], "%x: !llvm.ptr, %i: i64") == [x[1, 1] + x[1, 2] + x[1, 3]]


def test_fields_of_structures_are_padded():
    struct = "!llvm.struct<(i8, i32, i8, i64)>"
    memory = np.zeros(6, np.int64)
    run(
        f"""
  %p = llvm.getelementptr %x[1, 3] : (!llvm.ptr) -> !llvm.ptr, {struct}
  llvm.store %v, %p : i64, !llvm.ptr
  %q = llvm.getelementptr %x[0, 1] : (!llvm.ptr) -> !llvm.ptr, {struct}
  llvm.store %w, %q : i32, !llvm.ptr""",
        [memory, 1, 2],
        "%x: !llvm.ptr, %v: i64, %w: i32",
        result="",
    )
    assert np.flatnonzero(memory.view(np.uint8)).tolist() == [4, 24 + 16]


def test_pointers_lie_in_memory_and_compare():
    body = """
  %one = llvm.mlir.constant(1 : i64) : i64
  %cell = llvm.alloca %one x i64 : (i64) -> !llvm.ptr
  llvm.store %x, %cell : !llvm.ptr, !llvm.ptr
  %p = llvm.load %cell : !llvm.ptr -> !llvm.ptr
  %number = llvm.ptrtoint %p : !llvm.ptr to i64
  %q = llvm.inttoptr %number : i64 to !llvm.ptr
  %null = llvm.mlir.zero : !llvm.ptr
  %same = llvm.icmp "eq" %p, %q : !llvm.ptr
  %some = llvm.icmp "ne" %p, %null : !llvm.ptr
  %ok = llvm.and %same, %some : i1
  %v = llvm.load %q : !llvm.ptr -> i32
  %w = llvm.sext %ok : i1 to i32
  %r = llvm.add %v, %w : i32"""
    assert run(body, [np.array([7], np.int32)], "%x: !llvm.ptr") == [6]


X = np.arange(4, dtype=np.int32)


@pytest.mark.parametrize(
    "at,message",
    [
        (4, r"4 bytes at byte 16 of argument 0, which has 16 bytes \[llvm.load\]"),
        (-1, "4 bytes at byte -4 of argument 0"),
        (2**30, "4 bytes at byte 4294967296 of argument 0"),
    ],
)
def test_an_access_that_misses_its_memory(at, message):
    body = "%p = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, i32\n%r = llvm.load %p : !llvm.ptr -> i32"
    wrong(message, body, [X, X, at], "%x: !llvm.ptr, %y: !llvm.ptr, %i: i64")


def test_pointers_that_point_to_nothing():
    load = "%r = llvm.load %p : !llvm.ptr -> i32"
    wrong("null pointer", "%p = llvm.mlir.zero : !llvm.ptr\n" + load)
    wrong("points to no memory", "%p = llvm.mlir.undef : !llvm.ptr\n" + load)
    local = """
llvm.func @local() -> !llvm.ptr {
  %one = llvm.mlir.constant(1 : i64) : i64
  %p = llvm.alloca %one x i32 : (i64) -> !llvm.ptr
  llvm.return %p : !llvm.ptr
}"""
    wrong(
        "a use of stack memory after it was freed", "%p = llvm.call @local() : () -> !llvm.ptr\n" + load, outside=local
    )


def test_an_access_that_is_not_aligned():
    body = "%p = llvm.getelementptr %x[1] : (!llvm.ptr) -> !llvm.ptr, i8\n%r = llvm.load %p {} : !llvm.ptr -> i32"
    wrong("4 bytes at byte 1 of argument 0 are not aligned to 4 bytes", body.replace("{}", ""), [X], "%x: !llvm.ptr")
    assert run(body.replace("{}", "{alignment = 1 : i64}"), [X], "%x: !llvm.ptr") == [1 << 24]
    wide = "%v = llvm.load %x : !llvm.ptr -> vector<4xi32>\n%r = llvm.mlir.constant(0 : i32) : i32"
    wrong("16 bytes at byte 0 of argument 0 are not aligned to 16", wide, [X], "%x: !llvm.ptr")


def test_globals():
    table = "llvm.mlir.global internal constant @table(dense<[1, 2, 3]> : tensor<3xi32>) : !llvm.array<3 x i32>"
    head = "%p = llvm.mlir.addressof @table : !llvm.ptr\n"
    head += "%q = llvm.getelementptr %p[0, 2] : (!llvm.ptr) -> !llvm.ptr, !llvm.array<3 x i32>\n"
    assert run(head + "%r = llvm.load %q : !llvm.ptr -> i32", outside=table) == [3]
    store = head + "llvm.store %a, %q : i32, !llvm.ptr\n%r = llvm.load %p : !llvm.ptr -> i32"
    wrong("a write to global @table, which must not change", store, [1], "%a: i32", outside=table)
    with pytest.raises(StepwellError, match="there is no symbol @table"):
        run(head + "%r = llvm.load %q : !llvm.ptr -> i32")


def test_bytes_are_moved_filled_and_masked():
    x = np.arange(6, dtype=np.int32)
    body = """
  %n = llvm.mlir.constant(8 : i64) : i64
  %no = llvm.mlir.constant(false) : i1
  %p = llvm.getelementptr %x[1] : (!llvm.ptr) -> !llvm.ptr, i32
  llvm.call_intrinsic "llvm.memmove.p0.p0.i64"(%p, %x, %n, %no) : (!llvm.ptr, !llvm.ptr, i64, i1) -> ()
  %mask = llvm.mlir.constant(dense<[false, true, false, true]> : vector<4xi1>) : vector<4xi1>
  %else = llvm.mlir.constant(dense<[-1, -2, -3, -4]> : vector<4xi32>) : vector<4xi32>
  %q = llvm.getelementptr %x[2] : (!llvm.ptr) -> !llvm.ptr, i32
  %v = llvm.call_intrinsic "llvm.masked.load.v4i32.p0"(%q, %mask, %else) : (!llvm.ptr, vector<4xi1>, vector<4xi32>) -> vector<4xi32>
  llvm.call_intrinsic "llvm.masked.store.v4i32.p0"(%v, %x, %mask) : (vector<4xi32>, !llvm.ptr, vector<4xi1>) -> ()
  %far = llvm.getelementptr %x[3] : (!llvm.ptr) -> !llvm.ptr, i32
  %w = llvm.call_intrinsic "llvm.masked.load.v4i32.p0"({}, %mask, %else) : (!llvm.ptr, vector<4xi1>, vector<4xi32>) -> vector<4xi32>
  %r = llvm.call_intrinsic "llvm.vector.reduce.add.v4i32"(%w) : (vector<4xi32>) -> i32"""  # noqa: E501
    assert run(body.replace("{}", "%q"), [x], "%x: !llvm.ptr") == [-1 + 5 - 3 + 5]
    assert x.tolist() == [0, 3, 1, 5, 4, 5]
    wrong("4 bytes at byte 24 of argument 0, which has 24", body.replace("{}", "%far"), [x], "%x: !llvm.ptr")


def test_branches_carry_values():
    body = """
  %zero = llvm.mlir.constant(0 : i32) : i32
  %one = llvm.mlir.constant(1 : i32) : i32
  llvm.br ^head(%zero, %n : i32, i32)
^head(%sum: i32, %i: i32):
  %more = llvm.icmp "sgt" %i, %zero : i32
  llvm.cond_br %more, ^body, ^end(%sum : i32)
^body:
  %s = llvm.add %sum, %i : i32
  %j = llvm.sub %i, %one : i32
  llvm.br ^head(%s, %j : i32, i32)
^end(%r: i32):"""
    assert run(body, [10], "%n: i32") == [55]


def test_calls_of_the_c_library_and_of_nobody():
    declaration = "llvm.func @tanhf(f32) -> f32"
    (result,) = run("%r = llvm.call @tanhf(%a) : (f32) -> f32", [0.5], "%a: f32", "f32", outside=declaration)
    assert result == np.tanh(np.float32(0.5))
    wrong("there is no function @nobody", "%r = llvm.call @nobody() : () -> i32", outside="llvm.func @nobody() -> i32")
    wrong(
        "no meaning .* llvm.bswap.i32", '%r = llvm.call_intrinsic "llvm.bswap.i32"(%a) : (i32) -> i32', [1], "%a: i32"
    )
    recursive = "llvm.func @f(%a: i32) -> i32 {\n %r = llvm.call @f(%a) : (i32) -> i32\n llvm.return %r : i32\n}"
    wrong("calls nest deeper than", "%r = llvm.call @f(%a) : (i32) -> i32", [1], "%a: i32", outside=recursive)


def test_an_error_has_the_users_line():
    body = '%p = llvm.mlir.zero : !llvm.ptr loc(unknown)\n%r = llvm.load %p : !llvm.ptr -> i32 loc("user.py":7:3)'
    wrong(r"^user.py:7:3: a use of the null pointer \[llvm.load\]", body)


SITE = '{{kind = "{}", text = "{}", types = [{}], inputs = {} : i64, file = "user.py", line = 3 : i64, '
SITE += "column = 4 : i64{}}}"


def kernel(body, arguments="", results="", written="", params="", assertions="", sites="", outside=""):
    """A module with one kernel, as the engines run it."""
    attributes = f"stepwell.arguments = [{arguments}], stepwell.results = [{results}], stepwell.written = [{written}], "
    attributes += f"stepwell.arena = 64 : i64, stepwell.assertions = [{assertions}], stepwell.sites = [{sites}]"
    return f"""
llvm.func @main(%frame: !llvm.ptr, %arena: !llvm.ptr{params}) -> i32 attributes {{{attributes}}} {{
  %ok = llvm.mlir.constant(0 : i32) : i32
  %failed = llvm.mlir.constant(1 : i32) : i32
{body}
}}
{outside}"""


SUM = kernel(
    """
  %0 = llvm.mlir.constant(0 : i64) : i64
  %1 = llvm.mlir.constant(1 : i64) : i64
  %4 = llvm.mlir.constant(4 : i64) : i64
  %bytes = llvm.mul %n, %4 : i64
  %copy = llvm.call @stepwell_allocate(%frame, %bytes) : (!llvm.ptr, i64) -> !llvm.ptr
  %no = llvm.mlir.constant(false) : i1
  llvm.call_intrinsic "llvm.memmove.p0.p0.i64"(%copy, %x, %bytes, %no) : (!llvm.ptr, !llvm.ptr, i64, i1) -> ()
  %out = llvm.call @stepwell_result_0(%frame, %n) : (!llvm.ptr, i64) -> !llvm.ptr
  llvm.br ^head(%0 : i64)
^head(%i: i64):
  %more = llvm.icmp "slt" %i, %n : i64
  llvm.cond_br %more, ^body, ^end
^body:
  %p = llvm.getelementptr inbounds %copy[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %v = llvm.load %p : !llvm.ptr -> f32
  %t = llvm.load %total : !llvm.ptr -> f32
  %s = llvm.fadd %t, %v : f32
  llvm.store %s, %total : f32, !llvm.ptr
  %q = llvm.getelementptr inbounds %out[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  llvm.store %s, %q : f32, !llvm.ptr
  %j = llvm.add %i, %1 overflow<nsw> : i64
  llvm.br ^head(%j : i64)
^end:
  %two = llvm.mlir.constant(2 : i32) : i32
  %last = llvm.getelementptr %copy[1] : (!llvm.ptr) -> !llvm.ptr, f32
  llvm.call @stepwell_free(%frame, %copy) : (!llvm.ptr, !llvm.ptr) -> ()
  llvm.return %ok : i32""",
    "memref<?xf32>, memref<f32>",
    "memref<?xf32>",
    "1 : i64",
    ", %x: !llvm.ptr, %n: i64, %total: !llvm.ptr",
    outside="""
llvm.func @stepwell_allocate(!llvm.ptr, i64) -> !llvm.ptr
llvm.func @stepwell_free(!llvm.ptr, !llvm.ptr)
llvm.func @stepwell_result_0(!llvm.ptr, i64) -> !llvm.ptr""",
)


def test_a_kernel_takes_and_gives_arrays():
    total = np.array(10, np.float32)
    (sums,) = run_text(SUM, [np.array([1, 2, 3], np.float32), total])
    assert sums.tolist() == [11, 13, 16] and total == 16 and sums.dtype == np.float32
    (sums,) = run_text(SUM, [np.zeros(0, np.float32), total])
    assert sums.shape == (0,)
    (sums,) = run_text(SUM, [np.arange(6, dtype=np.float32)[::-2], total])
    assert sums.tolist() == [21, 24, 25]


def test_a_kernel_checks_what_it_is_given():
    x, total = np.zeros(2, np.float32), np.array(0, np.float32)
    with pytest.raises(InterpreterError, match="@main takes 2 arguments, got 1"):
        run_text(SUM, [x])
    with pytest.raises(InterpreterError, match=r"argument 0: expected float32\[\?\], got float32\[1, 2\]"):
        run_text(SUM, [x[None], total])
    with pytest.raises(InterpreterError, match="argument 1 is written to: expected a writeable numpy array, got float"):
        run_text(SUM, [np.ones(2, np.float32), 0.0])


def test_mistakes_of_a_kernel_are_errors():
    x, total = np.ones(2, np.float32), np.array(0, np.float32)

    def broken(old, new, message):
        assert old in SUM
        with pytest.raises(InterpreterError, match=message):
            run_text(SUM.replace(old, new), [x, total])

    broken("stepwell.written = [1 : i64]", "stepwell.written = []", "a write to argument 1, which must not change")
    broken("(%frame, %bytes) :", "(%frame, %4) :", "8 bytes at byte 0 of heap memory, which has 4 bytes")
    free = "llvm.call @stepwell_free(%frame, %copy) : (!llvm.ptr, !llvm.ptr) -> ()"
    broken(free, f"{free}\n{free}", "heap memory is freed twice")
    broken(
        "^end:\n", f"^end:\n{free}\n%w = llvm.load %copy : !llvm.ptr -> f32", "a use of heap memory after it was freed"
    )
    broken("(%frame, %copy) :", "(%frame, %last) :", "heap memory is freed at its byte 4, not at its start")
    broken(
        "%out = llvm.call @stepwell_result_0(%frame, %n) : (!llvm.ptr, i64) -> !llvm.ptr",
        "%out = llvm.mlir.zero : !llvm.ptr",
        "null pointer",
    )
    broken("llvm.return %ok", "llvm.return %two", "the kernel ended with status 2")


def test_failed_assertions_of_a_kernel():
    site = SITE.format("assert", "expected {0} of {1}, got {2}", "i32, memref<2xf32>, memref<?xi32>", 0, "")
    text = kernel(
        """
  %number = llvm.mlir.constant(0 : i64) : i64
  %p = llvm.getelementptr %frame[1] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %number, %p : i64, !llvm.ptr
  %q = llvm.getelementptr %frame[2] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %failed, %q : i32, !llvm.ptr
  %f = llvm.mlir.constant(2.5 : f32) : f32
  %s = llvm.getelementptr %frame[3] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %f, %s : f32, !llvm.ptr
  %t = llvm.getelementptr %frame[4] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %f, %t : f32, !llvm.ptr
  llvm.return %failed : i32""",
        assertions=site,
    )
    with pytest.raises(InterpreterError, match=r"^user.py:3:4: expected 1 of \[2.5 2.5\], got … \[debug.assert\]"):
        run_text(text, [])


TABLE = """
  %four = llvm.mlir.constant(4 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %two = llvm.mlir.constant(2 : i64) : i64
  %table = llvm.alloca %four x i64 : (i64) -> !llvm.ptr
  llvm.store %x, %table : !llvm.ptr, !llvm.ptr
  %p = llvm.getelementptr %table[1] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %two, %p : i64, !llvm.ptr
  %q = llvm.getelementptr %table[2] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %two, %q : i64, !llvm.ptr
  %s = llvm.getelementptr %table[3] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %y, %s : !llvm.ptr, !llvm.ptr
  %status = llvm.call @stepwell_host(%frame, %ok, %table) : (!llvm.ptr, i32, !llvm.ptr) -> i32
  llvm.return %status : i32"""
STRIDED = "memref<2xf32, strided<[2]>>"
HOST = "llvm.func @stepwell_host(!llvm.ptr, i32, !llvm.ptr) -> i32"


def hosted(site, written="1 : i64"):
    return kernel(
        TABLE, "memref<4xf32>, memref<f32>", "", written, ", %x: !llvm.ptr, %y: !llvm.ptr", sites=site, outside=HOST
    )


def test_prints_and_host_calls_of_a_kernel():
    x, y = np.arange(4, dtype=np.float32), np.array(7, np.float32)
    out = io.StringIO()
    run_text(hosted(SITE.format("print", "{0} and {1}", f"{STRIDED}, memref<f32>", 0, "")), [x, y], stdout=out)
    assert out.getvalue() == "[0 2] and 7\n"
    attrs = ", attrs = {axes = array<i64: 0>, keepdims = false}"
    call = SITE.format("call", "hl.sum", f"{STRIDED}, memref<f32>", 1, attrs)
    run_text(hosted(call), [x, y])
    assert y == 2
    with pytest.raises(InterpreterError, match=r"^user.py:3:4: hl.sum writes to memory that must not change"):
        run_text(hosted(call, written=""), [x, y])
    with pytest.raises(InterpreterError, match=r"^user.py:3:4: 20 bytes at byte 0 of argument 0"):
        run_text(
            hosted(call.replace("strided<[2]>", "strided<[4]>")).replace("store %two, %q", "store %four, %q"), [x, y]
        )
