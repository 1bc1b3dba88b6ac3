"""Gradients that programs define themselves: what a tape uses in place of the rules of the ops that compute a value."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DenseArrayBase, StringAttr, TensorType, i64
from xdsl.ir import Attribute, Block, Dialect, Region, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.traits import HasCanonicalizationPatternsTrait, HasParent, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

__all__ = ["CustomOp", "Gradient", "YieldOp"]


class _Canonicalization(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        """What is computed no longer needs to say how it would be differentiated."""
        return (_DropGradient(),)


@irdl_op_definition
class CustomOp(IRDLOperation):
    """`values`, whose gradients with respect to `inputs` are what the region computes.

    The region has an argument for the gradient of each value, and yields the gradients of those inputs that are in
    `connected`; the others have none. Where `refusal` is given there is no gradient, and it says why. Tapes read the
    region when they differentiate; `canonicalize` replaces the op by its values.

    C1: the results have the types of the values, and so have the arguments of the region.
    C2: `connected` are indices of inputs, one for each gradient that is yielded.

    ```mlir
    %r = gradient.custom "clip" values(%y) inputs(%x) connected [0] { ^bb0(%dy: tensor<f32>): gradient.yield %dy }
    ```
    """

    name = "gradient.custom"

    label = prop_def(StringAttr)
    connected = prop_def(DenseArrayBase.constr(i64))
    refusal = opt_prop_def(StringAttr)
    values = var_operand_def(TensorType)
    inputs = var_operand_def(TensorType)
    res = var_result_def(TensorType)
    body = region_def("single_block")

    traits = traits_def(Pure(), _Canonicalization())
    irdl_options = (AttrSizedOperandSegments(as_property=True),)

    def __init__(
        self,
        label: str,
        values: Sequence[SSAValue],
        inputs: Sequence[SSAValue],
        body: Block,
        connected: Sequence[int],
        refusal: str | None = None,
    ):
        super().__init__(
            operands=[list(values), list(inputs)],
            result_types=[[value.type for value in values]],
            properties={
                "label": StringAttr(label),
                "connected": DenseArrayBase.from_list(i64, list(connected)),
                "refusal": None if refusal is None else StringAttr(refusal),
            },
            regions=[Region(body)],
        )

    def verify_(self) -> None:
        """C1 and C2."""
        types = [value.type for value in self.values]
        if types != [result.type for result in self.res] or types != [arg.type for arg in self.body.block.args]:
            raise VerifyException(f"[{self.name} C1] results and arguments have the types of the values")
        connected, last = self.connected.get_values(), self.body.block.last_op
        yielded = len(last.operands) if isinstance(last, YieldOp) else -1
        if yielded != len(connected) or not all(0 <= index < len(self.inputs) for index in connected):
            raise VerifyException(f"[{self.name} C2] expected one gradient for each of {connected}, got {yielded}")


class _DropGradient(RewritePattern):
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CustomOp, rewriter: PatternRewriter) -> None:
        """The values themselves."""
        rewriter.replace(op, (), list(op.values))


@irdl_op_definition
class YieldOp(IRDLOperation):
    """The gradients that the region of a `gradient.custom` computes.

    ```mlir
    gradient.yield %dx : tensor<f32>
    ```
    """

    name = "gradient.yield"

    gradients = var_operand_def(Attribute)

    traits = traits_def(IsTerminator(), HasParent(CustomOp), Pure())
    assembly_format = "attr-dict ($gradients^ `:` type($gradients))?"

    def __init__(self, *gradients: SSAValue):
        super().__init__(operands=[list(gradients)])


Gradient = Dialect("gradient", [CustomOp, YieldOp], [])
