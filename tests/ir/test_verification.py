"""What a valid module is: undefined values, types at borders, terminators, symbols."""

import pytest
from xdsl.dialects import cf, func
from xdsl.ir import Block

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.verification import first_invalid
from stepwell.dialects.diagnostics import ParseError

INVALID = {
    "subview-elements": (
        "type of elements: expected (f32), got (i32)",
        """
    func.func @f(%x: memref<4xf32>) {
      %0 = "memref.subview"(%x) <{operandSegmentSizes = array<i32: 1, 0, 0, 0>, static_offsets = array<i64: 0>,
        static_sizes = array<i64: 3>, static_strides = array<i64: 1>}> : (memref<4xf32>) -> memref<3xi32>
      func.return
    }
    """,
    ),
    "insert-elements": (
        "type of elements: expected (f32), got (i32)",
        """
    func.func @f(%x: tensor<4xf32>, %y: tensor<2xi32>) {
      %0 = "tensor.insert_slice"(%y, %x) <{operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>,
        static_offsets = array<i64: 0>, static_sizes = array<i64: 2>, static_strides = array<i64: 1>}>
        : (tensor<2xi32>, tensor<4xf32>) -> tensor<4xf32>
      func.return
    }
    """,
    ),
    "if-yield-types": (
        "then yields: expected (tensor<f32>), got (tensor<i32>)",
        """
    func.func @f(%c: i1, %x: tensor<f32>, %y: tensor<i32>) -> tensor<f32> {
    %0 = "scf.if"(%c) ({
    "scf.yield"(%y) : (tensor<i32>) -> ()
    }, { "scf.yield"(%x) : (tensor<f32>) -> ()
    }) : (i1) -> tensor<f32>
    func.return %0 : tensor<f32>
    }
    """,
    ),
    "if-yield-count": (
        "then yields",
        """
    func.func @f(%c: i1, %x: tensor<f32>) -> tensor<f32> {
    %0 = "scf.if"(%c) ({
    "scf.yield"() : () -> ()
    }, { "scf.yield"(%x) : (tensor<f32>) -> ()
    }) : (i1) -> tensor<f32>
    func.return %0 : tensor<f32>
    }
    """,
    ),
    "if-no-else": (
        "results and no else",
        """
    func.func @f(%c: i1, %x: tensor<f32>) -> tensor<f32> {
    %0 = "scf.if"(%c) ({
    "scf.yield"(%x) : (tensor<f32>) -> ()
    }, {
    }) : (i1) -> tensor<f32>
    func.return %0 : tensor<f32>
    }
    """,
    ),
    "for-result": (
        "types of results",
        """
    func.func @f(%n: index, %x: tensor<f32>, %y: tensor<i32>) -> tensor<i32> {
    %0 = "scf.for"(%n, %n, %n, %x) ({
    ^bb0(%i: index, %a: tensor<f32>): "scf.yield"(%a) : (tensor<f32>) -> ()
    }) : (index, index, index, tensor<f32>) -> tensor<i32>
    func.return %0 : tensor<i32>
    }
    """,
    ),
    "while-cond": (
        "scf.condition passes on",
        """
    func.func @f(%c: i1, %x: tensor<f32>, %y: tensor<i32>) -> tensor<f32> {
    %0 = "scf.while"(%x) ({
    ^bb0(%a: tensor<f32>): "scf.condition"(%c, %y) : (i1, tensor<i32>) -> ()
    }, { ^bb0(%a: tensor<f32>): "scf.yield"(%a) : (tensor<f32>) -> ()
    }) : (tensor<f32>) -> tensor<f32>
    func.return %0 : tensor<f32>
    }
    """,
    ),
    "while-yield": (
        "second region yields",
        """
    func.func @f(%c: i1, %x: tensor<f32>, %y: tensor<i32>) -> tensor<f32> {
    %0 = "scf.while"(%x) ({
    ^bb0(%a: tensor<f32>): "scf.condition"(%c, %a) : (i1, tensor<f32>) -> ()
    }, { ^bb0(%a: tensor<f32>): "scf.yield"(%y) : (tensor<i32>) -> ()
    }) : (tensor<f32>) -> tensor<f32>
    func.return %0 : tensor<f32>
    }
    """,
    ),
    "while-term": (
        "does not end in scf.condition",
        """
    func.func @f(%c: i1, %x: tensor<f32>, %y: tensor<i32>) -> tensor<f32> {
    %0 = "scf.while"(%x) ({
    ^bb0(%a: tensor<f32>): "scf.yield"(%a) : (tensor<f32>) -> ()
    }, { ^bb0(%a: tensor<f32>): "scf.yield"(%a) : (tensor<f32>) -> ()
    }) : (tensor<f32>) -> tensor<f32>
    func.return %0 : tensor<f32>
    }
    """,
    ),
    "br-types": (
        "successor 0: expected (i32), got (f32)",
        """
    func.func @f(%x: f32) { "cf.br"(%x) [^bb1] : (f32) -> ()
    ^bb1(%a: i32):
    func.return
    }
    """,
    ),
    "br-count": (
        "successor 0",
        """
    func.func @f(%x: f32) { "cf.br"() [^bb1] : () -> ()
    ^bb1(%a: i32):
    func.return
    }
    """,
    ),
    "condbr-types": (
        "successor 0",
        """
    func.func @f(%x: f32, %c: i1) { "cf.cond_br"(%c, %x) [^bb1, ^bb2]
      {operandSegmentSizes = array<i32: 1, 1, 0>} : (i1, f32) -> ()
    ^bb1(%a: i32):
    func.return
    ^bb2:
    func.return
    }
    """,
    ),
    "global-missing": (
        "there is no symbol @nope",
        """
    func.func @f() {
    %0 = memref.get_global @nope : memref<4xf32>
    func.return
    }
    """,
    ),
    "generic-yield": (
        "the body yields",
        """
    #m = affine_map<(i) -> (i)>
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = "linalg.generic"(%x, %x) ({
    ^bb0(%a: f32, %b: f32): "linalg.yield"() : () -> ()
    })
      {indexing_maps = [#m, #m], iterator_types = [#linalg.iterator_type<parallel>],
      operandSegmentSizes = array<i32: 1, 1>} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    func.return %0 : tensor<4xf32>
    }
    """,
    ),
    "generic-result": (
        "types of results",
        """
    #m = affine_map<(i) -> (i)>
    func.func @f(%x: tensor<4xf32>) -> tensor<5xf32> {
    %0 = "linalg.generic"(%x, %x) ({
    ^bb0(%a: f32, %b: f32): "linalg.yield"(%a) : (f32) -> ()
    })
      {indexing_maps = [#m, #m], iterator_types = [#linalg.iterator_type<parallel>],
      operandSegmentSizes = array<i32: 1, 1>} : (tensor<4xf32>, tensor<4xf32>) -> tensor<5xf32>
    func.return %0 : tensor<5xf32>
    }
    """,
    ),
    "exec-region": (
        "the region yields",
        """
    func.func @f(%x: f32) -> i32 {
    %0 = "scf.execute_region"() ({
    "scf.yield"(%x) : (f32) -> ()
    }) : () -> i32
    func.return %0 : i32
    }
    """,
    ),
    "llvm-br": (
        "successor 0",
        """
    "llvm.func"() ({
    ^bb0(%x: f32): "llvm.br"(%x) [^bb1] : (f32) -> ()
    ^bb1(%a: i32): "llvm.return"() : () -> ()
    })
      {sym_name = "f", function_type = !llvm.func<void (f32)>,
      CConv = #llvm.cconv<ccc>, linkage = #llvm.linkage<"external">, visibility_ = 0} : () -> ()
    """,
    ),
    "llvm-args": (
        "entry block",
        """
    "llvm.func"() ({
    ^bb0(%x: i32): "llvm.return"() : () -> ()
    })
      {sym_name = "f", function_type = !llvm.func<void (f32)>,
      CConv = #llvm.cconv<ccc>, linkage = #llvm.linkage<"external">, visibility_ = 0} : () -> ()
    """,
    ),
    "llvm-ret": (
        "llvm.return returns",
        """
    "llvm.func"() ({
    ^bb0(%x: f32): "llvm.return"(%x) : (f32) -> ()
    })
      {sym_name = "f", function_type = !llvm.func<void (f32)>,
      CConv = #llvm.cconv<ccc>, linkage = #llvm.linkage<"external">, visibility_ = 0} : () -> ()
    """,
    ),
    "extract-rank": (
        "takes 1 indices, 0 are given",
        """
    func.func @f(%x: tensor<4xf32>) -> f32 {
    %0 = "tensor.extract"(%x) : (tensor<4xf32>) -> f32
    func.return %0: f32
    }
    """,
    ),
    "empty-dims": (
        "has 0 sizes of run time, 1 are given",
        """
    func.func @f(%i: index) -> tensor<4xf32> {
    %0 = "tensor.empty"(%i) : (index) -> tensor<4xf32>
    func.return %0: tensor<4xf32>
    }
    """,
    ),
    "elements": (
        "tensor<2xf32> has 2 elements, 1 are given",
        """
    func.func @f(%x: f32) -> tensor<2xf32> {
    %0 = tensor.from_elements %x : tensor<2xf32>
    func.return %0: tensor<2xf32>
    }
    """,
    ),
    "elements of unknown number": (
        "tensor<?xf32> has sizes of run time",
        """
    func.func @f(%x: f32) -> tensor<?xf32> {
    %0 = tensor.from_elements %x : tensor<?xf32>
    func.return %0: tensor<?xf32>
    }
    """,
    ),
    "self-use": (
        "used where it is not defined",
        """
    func.func @f(%x: f32) -> f32 {
    %0 = arith.addf %0, %x : f32
    func.return %0 : f32
    }
    """,
    ),
    "call-types": (
        "operand type mismatch",
        """
    func.func private @g(%x: i32) -> i32 {
    func.return %x : i32
    }
    func.func @f(%x: f32) -> f32 {
    %0 = func.call @g(%x) : (f32) -> f32
    func.return %0 : f32
    }
    """,
    ),
    "call-missing": (
        "could not be found",
        """
    func.func @f(%x: f32) -> f32 {
    %0 = func.call @nope(%x) : (f32) -> f32
    func.return %0 : f32
    }
    """,
    ),
    "dup-symbol": (
        "Redefinition",
        """
    func.func @f(%x: f32) {
    func.return
    }
    func.func @f(%x: f32) {
    func.return
    }
    """,
    ),
    "no-term": (
        "not a terminator",
        """
    func.func @f(%x: f32) {
    %y = arith.addf %x, %x : f32
    }
    """,
    ),
    "mid-term": (
        "must be the last",
        """
    func.func @f(%x: f32) { "func.return"() : () -> () "func.return"() : () -> ()
    }
    """,
    ),
    "br-out": (
        "expected a single block",
        """
    func.func @f(%c: i1) { "scf.if"(%c) ({
    "cf.br"() [^bb1] : () -> ()
    ^bb1: "scf.yield"() : () -> ()
    }, {}) : (i1) -> ()
    func.return
    }
    """,
    ),
    "isolated": (
        "out of its IsolatedFromAbove",
        """
    func.func @f(%x: f32) { "func.func"() ({
    %y = arith.addf %x, %x : f32 "func.return"() : () -> ()
    }) {sym_name = "g", function_type = () -> ()} : () -> ()
    func.return
    }
    """,
    ),
    "foreign-terminator": (
        "expects parent op",
        """
    func.func @f(%x: f32) -> f32 { "scf.yield"(%x) : (f32) -> ()
    }
    """,
    ),
}


@pytest.mark.parametrize("name", INVALID)
def test_texts_that_are_not_valid(name):
    message, text = INVALID[name]
    with pytest.raises(ParseError) as caught:
        parse_module(text, "t.mlir")
    assert message in " ".join(str(caught.value).split()) and str(caught.value).startswith("t.mlir:")


def _two_blocks():
    text = """func.func @f(%x: f32) -> f32 {
      cf.br ^bb1(%x : f32)
    ^bb1(%y: f32):
      func.return %y : f32
    }"""
    module = parse_module(text, "t.mlir")
    return module, *next(op for op in module.walk() if isinstance(op, func.FuncOp)).body.blocks


def test_a_branch_back_to_the_entry_block_is_not_valid():
    module, first, second = _two_blocks()
    assert first_invalid(module) is None
    end = second.last_op
    end.detach()
    end.erase()
    second.add_op(cf.BranchOp(first, second.args[0]))
    assert "entry block" in first_invalid(module).message


def test_a_value_of_an_op_that_was_taken_out_is_not_defined():
    module, first, second = _two_blocks()
    second.last_op.operands[0] = Block(arg_types=[first.args[0].type]).args[0]
    assert first_invalid(module).op.name in ("func.func", "func.return")
