"""Calls out of compiled code into Python: what the native engine cannot lower is visible here, never silent."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DictionaryAttr, StringAttr
from xdsl.ir import Attribute, Dialect, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    traits_def,
    var_operand_def,
    var_result_def,
)

from .debug import WRITES_OUTSIDE

__all__ = ["CallOp", "Host"]


@irdl_op_definition
class CallOp(IRDLOperation):
    """Calls the numpy meaning of op `callee` (such as `"hl.svd"`) on the host, writing into `outs`.

    On tensors the results are the new values of `outs`; on memrefs `outs` are written in place, without results.

    ```mlir
    %r = host.call "hl.svd" ins(%x) outs(%init) : (tensor<4x4xf32>), (tensor<4xf32>) -> (tensor<4xf32>)
    ```
    """

    name = "host.call"

    callee = prop_def(StringAttr)
    attrs = opt_prop_def(DictionaryAttr)
    ins = var_operand_def(Attribute)
    outs = var_operand_def(Attribute)
    res = var_result_def(Attribute)

    traits = traits_def(WRITES_OUTSIDE)
    irdl_options = (AttrSizedOperandSegments(as_property=True),)

    def __init__(
        self,
        callee: str,
        ins: Sequence[SSAValue],
        outs: Sequence[SSAValue],
        result_types: Sequence[Attribute] = (),
        attrs: DictionaryAttr | None = None,
    ):
        super().__init__(
            operands=[list(ins), list(outs)],
            result_types=[list(result_types)],
            properties={"callee": StringAttr(callee), "attrs": attrs},
        )


Host = Dialect("host", [CallOp], [])
