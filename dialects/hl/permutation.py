"""Random orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import IntegerType, TensorType, i32, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import INTS, DType
from ..emitter import Emitter
from .random import RandomOp, scalar_words
from .rules.base import InferenceError, Types, not_differentiable, not_exportable
from .rules.facets import Attrs, Sample, Sampler
from .rules.index_lowering import element, loops
from .rules.linalg_builder import PARALLEL, empty, generic, identity
from .rules.philox import ScalarBlocks, numpy_blocks

_INT32, _INT64 = INTS


@irdl_op_definition
class RandomPermutationOp(RandomOp):
    """The integers from 0 up to the size, in an order that is as likely as any other.

    One after the other each is swapped with one of those that are not before it: a word modulo their number says which.

    C2: `dtype` is {dtypes}.
    C4: `shape` has one size.

    Definition: TensorFlow `RandomShuffle`; Fisher and Yates, as R. Durstenfeld's Algorithm 235, forwards.
    """

    name = "hl.random_permutation"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS

    gradient = not_differentiable("its values are integers")
    onnx = not_exportable("the elements are swapped one after the other")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """A vector."""
        if len(attrs["shape"]) != 1:
            raise InferenceError("C4", f"expected one size, got {list(attrs['shape'])}")
        return super().infer(types, attrs)

    @classmethod
    def draw(cls, state: np.ndarray, parameters: Sequence[np.ndarray], count: int, dtype: DType) -> np.ndarray:
        """Swaps in a list, which are quicker than in an array."""
        words = numpy_blocks(state, -(-count // 4)).ravel()[:count]
        others = (words % np.arange(count, 0, -1, dtype=np.int64) + np.arange(count)).tolist()
        order = list(range(count))
        for place, other in enumerate(others):
            order[place], order[other] = order[other], order[place]
        return np.array(order, dtype)

    @classmethod
    def lowered(
        cls,
        e: Emitter,
        blocks: ScalarBlocks,
        parameters: Sequence[SSAValue],
        sizes: Sequence[SSAValue],
        result: TensorType[Attribute],
    ) -> SSAValue:
        """A loop that computes what each is swapped with, and one that swaps."""
        (count,), type_ = sizes, result.element_type
        assert isinstance(type_, IntegerType)
        end = e.value(arith.IndexCastOp(count, i64))

        def other(inner: Emitter, _: SSAValue) -> SSAValue:
            place = inner.value(arith.IndexCastOp(inner.value(linalg.IndexOp(0)), i64))
            (word,) = scalar_words(inner, blocks, place, _INT32)
            left = inner.value(arith.TruncIOp(inner.value(arith.SubiOp(end, place)), i32))
            rest = inner.value(arith.RemUIOp(inner.value(arith.TruncIOp(word, i32)), left))
            found = inner.value(arith.AddiOp(inner.value(arith.ExtUIOp(rest, i64)), place))
            return found if type_ == i64 else inner.value(arith.TruncIOp(found, i32))

        def start(inner: Emitter, _: SSAValue) -> SSAValue:
            return inner.value(arith.IndexCastOp(inner.value(linalg.IndexOp(0)), type_))

        others, order = (
            generic(e, [], [empty(e, result, sizes)], [identity(1)], [PARALLEL], body)[0] for body in (other, start)
        )

        def swap(inner: Emitter, here: list[SSAValue], order: SSAValue) -> SSAValue:
            target = element(inner, others, here)
            mine = inner.value(tensor.ExtractOp(order, here, type_))
            its = inner.value(tensor.ExtractOp(order, [target], type_))
            order = inner.value(tensor.InsertOp(its, order, here))
            return inner.value(tensor.InsertOp(mine, order, [target]))

        return loops(e, [count], order, swap)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any state, and a size."""
        shape = s.shape(min_rank=1, max_rank=1, max_side=20)
        return Sample((s.array((3,), _INT64),), {"shape": shape, "dtype": s.choice(INTS)})
