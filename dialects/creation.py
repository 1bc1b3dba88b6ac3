"""The ops that lowering creates most, without their constructors, which sort arguments that may be given in many ways.

A training step has thousands of each: `Operation.create` takes a third of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from xdsl.dialects import memref, scf, tensor, vector
from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    DenseArrayBase,
    IntegerAttr,
    MemRefType,
    VectorType,
    i32,
    i64,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import Attribute, Region, SSAValue


def load(source: SSAValue, indices: Sequence[SSAValue]) -> memref.LoadOp:
    """`memref.load`: an element of a memref."""
    element = cast(MemRefType, source.type).element_type
    return memref.LoadOp.create(operands=[source, *indices], result_types=[element])


def store(value: SSAValue, target: SSAValue, indices: Sequence[SSAValue]) -> memref.StoreOp:
    """`memref.store`: write an element of a memref."""
    return memref.StoreOp.create(operands=[value, target, *indices])


def vector_load(source: SSAValue, indices: Sequence[SSAValue], type_: VectorType) -> vector.LoadOp:
    """`vector.load`: elements of a memref that follow each other."""
    return vector.LoadOp.create(operands=[source, *indices], result_types=[type_])


def vector_store(value: SSAValue, target: SSAValue, indices: Sequence[SSAValue]) -> vector.StoreOp:
    """`vector.store`: write elements of a memref that follow each other."""
    return vector.StoreOp.create(operands=[value, target, *indices])


def fma(a: SSAValue, b: SSAValue, total: SSAValue) -> vector.FMAOp:
    """`vector.fma`: `a * b + total`, rounded once."""
    return vector.FMAOp.create(operands=[a, b, total], result_types=[total.type])


def empty_tensor(type_: Attribute, sizes: Sequence[SSAValue]) -> tensor.EmptyOp:
    """`tensor.empty`: a tensor of which nothing is known but its sizes, the dynamic ones of which are given."""
    return tensor.EmptyOp.create(operands=sizes, result_types=[type_])


def collapse_shape(source: SSAValue, type_: Attribute, groups: Sequence[Sequence[int]]) -> memref.CollapseShapeOp:
    """`memref.collapse_shape`: a view in which each group of axes is one."""
    properties = {"reassociation": reassociation(groups)}
    return memref.CollapseShapeOp.create(operands=[source], result_types=[type_], properties=properties)


def for_(bounds: Sequence[SSAValue], inits: Sequence[SSAValue], body: Region) -> scf.ForOp:
    """`scf.for` over `bounds` (from, to, step), which carries `inits`."""
    return scf.ForOp.create(operands=[*bounds, *inits], result_types=[init.type for init in inits], regions=[body])


def scf_yield(*values: SSAValue) -> scf.YieldOp:
    """`scf.yield`: what a region gives."""
    return scf.YieldOp.create(operands=values)


def linalg_yield(*values: SSAValue) -> linalg.YieldOp:
    """`linalg.yield`: what the body of a structured op gives."""
    return linalg.YieldOp.create(operands=values)


def generic_op(
    inputs: Sequence[SSAValue],
    outputs: Sequence[SSAValue],
    body: Region,
    maps: ArrayAttr[AffineMapAttr],
    iterators: ArrayAttr[IteratorTypeAttr],
    results: Sequence[Attribute],
) -> linalg.GenericOp:
    """`linalg.generic`."""
    properties: dict[str, Attribute] = {
        "indexing_maps": maps,
        "iterator_types": iterators,
        "operandSegmentSizes": segment_sizes(len(inputs), len(outputs)),
    }
    operands = [*inputs, *outputs]
    return linalg.GenericOp.create(operands=operands, result_types=results, properties=properties, regions=[body])


@lru_cache(maxsize=256)
def segment_sizes(*sizes: int) -> DenseArrayBase:
    """The attribute that says which operands belong together."""
    return DenseArrayBase.from_list(i32, sizes)


def reassociation(groups: Sequence[Sequence[int]]) -> ArrayAttr[ArrayAttr[IntegerAttr]]:
    """The attribute that says which axes belong together."""
    return _reassociation(tuple(map(tuple, groups)))


@lru_cache(maxsize=1024)
def _reassociation(groups: tuple[tuple[int, ...], ...]) -> ArrayAttr[ArrayAttr[IntegerAttr]]:
    return ArrayAttr([ArrayAttr([IntegerAttr(axis, i64) for axis in group]) for group in groups])
