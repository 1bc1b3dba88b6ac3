"""The interpreter on memory above the llvm level: memrefs alias as memory does, and each wrong access is an error."""

import io

import numpy as np
import pytest

from stepwell.dialects.diagnostics import ParseError
from stepwell.dialects.printing import summary
from stepwell.runtime.engines.interpreter import InterpreterError, run_text

X = np.arange(12, dtype=np.float32).reshape(3, 4)


def run(body, inputs=(X,), types="%x: memref<3x4xf32>", result="", outside="", **options):
    """Run the ops of a body, in which %c0 to %c4 are indices."""
    constants = "\n".join(f"  %c{n} = arith.constant {n} : index" for n in range(5))
    arrow = f" -> {result}" if result else ""
    text = f"{outside}\nfunc.func @main({types}){arrow} {{\n{constants}\n{body}\n}}"
    return run_text(text, [np.array(value) if isinstance(value, np.ndarray) else value for value in inputs], **options)


def test_a_store_is_seen_through_every_view():
    (result,) = run(
        """
  %part = memref.subview %x[1, 1][2, 2][1, 2] : memref<3x4xf32> to memref<2x2xf32, strided<[4, 2], offset: 5>>
  %row = memref.subview %x[2, 0][1, 4][1, 1] : memref<3x4xf32> to memref<4xf32, strided<[1], offset: 8>>
  %flat = memref.collapse_shape %x [[0 : i64, 1 : i64]] : memref<3x4xf32> into memref<12xf32>
  %again = memref.reinterpret_cast %flat to offset: [2], sizes: [2, 5], strides: [5, 1] : memref<12xf32> to memref<2x5xf32, strided<[5, 1], offset: 2>>
  %v = arith.constant 100.0 : f32
  memref.store %v, %part[%c1, %c0] : memref<2x2xf32, strided<[4, 2], offset: 5>>
  %a = memref.load %row[%c1] : memref<4xf32, strided<[1], offset: 8>>
  %b = memref.load %again[%c1, %c2] : memref<2x5xf32, strided<[5, 1], offset: 2>>
  %c = memref.load %x[%c2, %c1] : memref<3x4xf32>
  %ab = arith.addf %a, %b : f32
  %abc = arith.addf %ab, %c : f32
  func.return %abc : f32""",  # noqa: E501
        result="f32",
    )
    assert result == 300


def test_dynamic_sizes_and_expanded_shapes_are_views_too():
    x = np.arange(6, dtype=np.int32)
    run_text(
        """
func.func @main(%x: memref<?xi32>) {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %n = memref.dim %x, %0 : memref<?xi32>
  %rows = arith.divui %n, %2 : index
  %y = memref.expand_shape %x [[0 : i64, 1 : i64]] output_shape [%rows, 2] : memref<?xi32> into memref<?x2xi32>
  %v = arith.constant -1 : i32
  memref.store %v, %y[%2, %0] : memref<?x2xi32>
  func.return
}""",
        [x],
    )
    assert x.tolist() == [0, 1, 2, 3, -1, 5]


def test_a_copy_between_overlapping_parts_copies_what_was_there():
    x = np.arange(5, dtype=np.float32)
    run_text(
        """
func.func @main(%x: memref<5xf32>) {
  %a = memref.subview %x[0][4][1] : memref<5xf32> to memref<4xf32, strided<[1]>>
  %b = memref.subview %x[1][4][1] : memref<5xf32> to memref<4xf32, strided<[1], offset: 1>>
  "memref.copy"(%a, %b) : (memref<4xf32, strided<[1]>>, memref<4xf32, strided<[1], offset: 1>>) -> ()
  func.return
}""",
        [x],
    )
    assert x.tolist() == [0, 0, 1, 2, 3]


def test_memory_of_rank_0_and_empty_memory():
    (result,) = run(
        """
  %cell = memref.alloca() : memref<i32>
  %v = arith.constant 7 : i32
  memref.store %v, %cell[] : memref<i32>
  %w = memref.load %cell[] : memref<i32>
  %empty = memref.alloc(%c0) : memref<?x3xf32>
  %flat = memref.collapse_shape %empty [[0 : i64, 1 : i64]] : memref<?x3xf32> into memref<?xf32>
  %n = memref.dim %flat, %c0 : memref<?xf32>
  %m = arith.index_cast %n : index to i32
  memref.dealloc %empty : memref<?x3xf32>
  %sum = arith.addi %w, %m : i32
  func.return %sum : i32""",
        result="i32",
    )
    assert result == 7


def test_globals_are_shared_and_constants_cannot_change():
    table = '"memref.global"() <{sym_name = "table", sym_visibility = "private", type = memref<3xf32>, '
    table += "initial_value = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>, constant}> : () -> ()"
    read = """
  %t = memref.get_global @table : memref<3xf32>
  %v = memref.load %t[%c2] : memref<3xf32>
  func.return %v : f32"""
    assert run(read, result="f32", outside=table) == [3]
    write = """
  %t = memref.get_global @table : memref<3xf32>
  %v = arith.constant 0.0 : f32
  memref.store %v, %t[%c0] : memref<3xf32>
  func.return"""
    with pytest.raises(InterpreterError, match=r"constant memory \[memref.store\]"):
        run(write, outside=table)


WRONG = {
    "read outside": (
        "%v = memref.load %x[%c3, %c0] : memref<3x4xf32>",
        r"index 3 is out of range for axis 0 of shape \[3, 4\] \[memref.load\]",
    ),
    "write outside": (
        "%v = arith.constant 0.0 : f32\nmemref.store %v, %x[%c0, %c4] : memref<3x4xf32>",
        r"index 4 is out of range for axis 1",
    ),
    "use after free": (
        "%m = memref.alloc() : memref<2xf32>\nmemref.dealloc %m : memref<2xf32>\n"
        "%v = memref.load %m[%c0] : memref<2xf32>",
        r"has been freed \[memref.load\]",
    ),
    "use of a view after free": (
        "%m = memref.alloc() : memref<2x2xf32>\n"
        "%f = memref.collapse_shape %m [[0 : i64, 1 : i64]] : memref<2x2xf32> into memref<4xf32>\n"
        "%r = memref.reinterpret_cast %f to offset: [1], sizes: [2], strides: [1] : memref<4xf32> to "
        "memref<2xf32, strided<[1], offset: 1>>\n"
        "memref.dealloc %m : memref<2x2xf32>\n"
        "%v = vector.load %r[%c0] : memref<2xf32, strided<[1], offset: 1>>, vector<2xf32>",
        "has been freed",
    ),
    "free twice": (
        "%m = memref.alloc() : memref<2xf32>\nmemref.dealloc %m : memref<2xf32>\nmemref.dealloc %m : memref<2xf32>",
        "freed twice",
    ),
    "free an argument": ("memref.dealloc %x : memref<3x4xf32>", "not allocated"),
    "a part outside": (
        "%p = memref.subview %x[2, 0][2, 4][1, 1] : memref<3x4xf32> to memref<2x4xf32, strided<[4, 1], offset: 8>>",
        "2 elements from 2 are out of range for axis 0",
    ),
    "a view outside": (
        "%p = memref.reinterpret_cast %x to offset: [4], sizes: [3, 4], strides: [4, 1] : memref<3x4xf32> to "
        "memref<3x4xf32, strided<[4, 1], offset: 4>>",
        "reach out of 12 elements",
    ),
    "a view that needs a copy": (
        "%p = memref.subview %x[0, 0][3, 2][1, 1] : memref<3x4xf32> to memref<3x2xf32, strided<[4, 1]>>\n"
        "%q = memref.collapse_shape %p [[0 : i64, 1 : i64]] : memref<3x2xf32, strided<[4, 1]>> into memref<6xf32>",
        r"strides \[4, 1\] cannot be seen as \[6\] without a copy",
    ),
    "a cast to other sizes": (
        '%d = "memref.cast"(%x) : (memref<3x4xf32>) -> memref<?x?xf32>\n'
        '%p = "memref.cast"(%d) : (memref<?x?xf32>) -> memref<3x5xf32>',
        r"expected a memref of shape \[3, 5\], got \[3, 4\]",
    ),
    "a cast to other strides": (
        "%p = memref.subview %x[0, 0][3, 2][1, 1] : memref<3x4xf32> to memref<3x2xf32, strided<[4, 1]>>\n"
        '%q = "memref.cast"(%p) : (memref<3x2xf32, strided<[4, 1]>>) -> memref<3x2xf32, strided<[2, 1]>>',
        r"strides \(2, 1\), got \[4, 1\]",
    ),
    "copy to another shape": (
        '%d = "memref.cast"(%x) : (memref<3x4xf32>) -> memref<?x?xf32>\n%m = memref.alloc(%c2, %c4) : memref<?x?xf32>\n'
        '"memref.copy"(%d, %m) : (memref<?x?xf32>, memref<?x?xf32>) -> ()',
        r"shape \[3, 4\] is copied to \[2, 4\]",
    ),
    "an axis that is not there": ("%d = memref.dim %x, %c2 : memref<3x4xf32>", "index 2 is out of range"),
    "no such global": ("%t = memref.get_global @table : memref<3xf32>", "there is no symbol @table"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_access(name):
    body, message = WRONG[name]
    with pytest.raises(ParseError if name == "no such global" else InterpreterError, match=message):
        run(body + "\nfunc.return")


def test_fresh_memory_holds_what_shows():
    body = "%m = memref.alloc() : memref<2xf32>\n%v = memref.load %m[%c0] : memref<2xf32>\nfunc.return %v : f32"
    assert np.isnan(run(body, result="f32")[0])


def test_inputs_are_the_programs_own_memory():
    """Overlapping inputs do not overlap for the program; those it writes to are updated, those it reads need not be."""
    x = np.arange(4, dtype=np.float32)
    text = """
func.func @main(%a: memref<4xf32>, %b: memref<4xf32>) -> f32 {
  %0 = arith.constant 0 : index
  %v = arith.constant 9.0 : f32
  memref.store %v, %a[%0] : memref<4xf32>
  %w = memref.load %b[%0] : memref<4xf32>
  func.return %w : f32
}"""
    assert run_text(text, [x, x]) == [0]
    assert x.tolist() == [9, 1, 2, 3]
    reversed_ = np.arange(8, dtype=np.float32)[::-2]
    fixed = np.zeros(4, np.float32)
    fixed.flags.writeable = False
    assert run_text(text, [reversed_, fixed]) == [0]
    assert reversed_.tolist() == [9, 5, 3, 1]
    with pytest.raises(
        InterpreterError, match="argument 0 is written to: expected a writeable numpy array, got a read"
    ):
        run_text(text, [fixed, x])
    with pytest.raises(InterpreterError, match=r"argument 1: expected float32\[4\], got float64\[4\]"):
        run_text(text, [x, x.astype(np.float64)])


def test_bufferization_keeps_values_and_memory_apart():
    variable = np.array([1, 2], np.float32)
    (before, after) = run_text(
        """
func.func @main(%v: memref<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %old = bufferization.to_tensor %v restrict : memref<2xf32> to tensor<2xf32>
  %new = hl.add %old, %old : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  "bufferization.materialize_in_destination"(%new, %v) <{writable}> : (tensor<2xf32>, memref<2xf32>) -> ()
  %now = bufferization.to_tensor %v restrict : memref<2xf32> to tensor<2xf32>
  func.return %old, %now : tensor<2xf32>, tensor<2xf32>
}""",
        [variable],
    )
    assert before.tolist() == [1, 2]
    assert after.tolist() == variable.tolist() == [2, 4]


def test_alloc_tensor_and_clone():
    (copied, size) = run_text(
        """
func.func @main(%x: tensor<2xf32>, %n: index, %m: memref<2xf32>) -> (f32, index) {
  %0 = arith.constant 0 : index
  %c = bufferization.alloc_tensor() copy(%x) : tensor<2xf32>
  %e = bufferization.alloc_tensor(%n) : tensor<?xf32>
  %d = tensor.dim %e, %0 : tensor<?xf32>
  %k = bufferization.clone %m : memref<2xf32> to memref<2xf32>
  %v = tensor.extract %c[%0] : tensor<2xf32>
  memref.store %v, %k[%0] : memref<2xf32>
  %w = memref.load %m[%0] : memref<2xf32>
  memref.dealloc %k : memref<2xf32>
  func.return %w, %d : f32, index
}""",
        [np.array([5, 6], np.float32), 3, np.array([1, 2], np.float32)],
    )
    assert (copied, size) == (1, 3)


def test_prints_and_checks_look_at_memory():
    out = io.StringIO()
    body = 'debug.print "{0} at {1}" (%x, %c2) : (memref<3x4xf32>, index)\nfunc.return'
    run(body, stdout=out)
    assert out.getvalue() == f"{summary(X)} at 2\n"
    body = """
  %ok = memref.alloca() : memref<i1>
  %f = arith.constant false
  memref.store %f, %ok[] : memref<i1>
  debug.assert %ok, "expected less, got {0}" (%c2) : memref<i1>, (index)
  func.return"""
    with pytest.raises(InterpreterError, match=r"expected less, got 2 \[debug.assert\]"):
        run(body)


def test_host_calls_are_the_numpy_meaning_of_an_op():
    call = '"host.call"(%a, %b) <{callee = "hl.sum", attrs = {axes = array<i64: 1>, keepdims = false}, '
    call += "operandSegmentSizes = array<i32: 1, 1>}>"
    (result,) = run_text(
        f"""
func.func @main(%a: tensor<3x4xf32>) -> tensor<3xf32> {{
  %b = tensor.empty() : tensor<3xf32>
  %r = {call} : (tensor<3x4xf32>, tensor<3xf32>) -> tensor<3xf32>
  func.return %r : tensor<3xf32>
}}""",
        [X],
    )
    assert result.tolist() == X.sum(1).tolist()
    out = np.zeros(3, np.float32)
    text = """
func.func @main(%a: memref<3x4xf32>, %b: memref<3xf32>) {{
  {}: (memref<3x4xf32>, memref<3xf32>) -> ()
  func.return
}}"""
    run_text(text.format(call), [X, out])
    assert out.tolist() == X.sum(1).tolist()
    with pytest.raises(InterpreterError, match=r"there is no op hl.nothing to call on the host \[host.call\]"):
        run_text(text.format(call).replace("hl.sum", "hl.nothing"), [X, out])


def test_an_error_of_a_program_in_text_names_its_line():
    text = """func.func @main(%x: memref<2xf32>) -> f32 {
  %c2 = arith.constant 2 : index
  %v = memref.load %x[%c2] : memref<2xf32>
  func.return %v : f32
}"""
    with pytest.raises(InterpreterError, match=r"^text:3:\d+: index 2 is out of range"):
        run_text(text, [np.zeros(2, np.float32)])
    with pytest.raises(ParseError, match="text:3"):
        run_text(text.replace("memref.load", "memref.lode"), [np.zeros(2, np.float32)])


def test_a_generic_that_reads_what_it_writes_runs_point_by_point():
    (result,) = run(
        """
  %to = memref.subview %x[0, 1][1, 3][1, 1] : memref<3x4xf32> to memref<3xf32, strided<[1], offset: 1>>
  %from = memref.subview %x[0, 0][1, 3][1, 1] : memref<3x4xf32> to memref<3xf32, strided<[1], offset: 0>>
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%from : memref<3xf32, strided<[1], offset: 0>>) outs(%to : memref<3xf32, strided<[1], offset: 1>>) {
  ^bb0(%in: f32, %out: f32):
    %sum = arith.addf %in, %out : f32
    linalg.yield %sum : f32
  }
  %last = memref.load %x[%c0, %c3] : memref<3x4xf32>
  func.return %last : f32""",  # noqa: E501
        result="f32",
    )
    assert result == 0 + 1 + 2 + 3


@pytest.mark.parametrize("layout", ["strided<[4, 1], offset: 5>", "strided<[4, 2], offset: 4>"])
def test_a_part_lies_where_its_type_says(layout):
    text = f"""
  %part = memref.subview %x[1, 1][2, 2][1, 2] : memref<3x4xf32> to memref<2x2xf32, {layout}>
  %v = memref.load %part[%c1, %c0] : memref<2x2xf32, {layout}>
  func.return %v : f32"""
    assert run(text.replace(layout, "strided<[4, 2], offset: 5>"), result="f32") == [9]
    with pytest.raises(InterpreterError, match=r"expected a memref of (strides|offset)"):
        run(text, result="f32")
