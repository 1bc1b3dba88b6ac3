"""The dialect `poly`."""

from xdsl.dialects.builtin import DenseArrayBase, TensorType, i64
from xdsl.ir import Dialect
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException


@irdl_op_definition
class EvalOp(IRDLOperation):
    """A polynomial with integer coefficients at each element of a tensor; the lowest power comes first.

    C1: there are at least two coefficients.
    C2: the result has the type of the operand.

    ```mlir
    %y = poly.eval %x {coefficients = array<i64: 1, 0, 2>} : tensor<?xf32> -> tensor<?xf32>
    ```
    """

    name = "poly.eval"

    x = operand_def(TensorType)
    y = result_def(TensorType)
    coefficients = prop_def(DenseArrayBase.constr(i64))

    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$x attr-dict `:` type($x) `->` type($y)"

    @property
    def powers(self) -> tuple[int, ...]:
        """The coefficients."""
        return self.coefficients.get_values()

    def verify_(self) -> None:
        """Check C1 and C2."""
        if len(self.powers) < 2:
            raise VerifyException("[poly.eval C1] there are at least two coefficients")
        if self.x.type != self.y.type:
            raise VerifyException("[poly.eval C2] the result has the type of the operand")


Poly = Dialect("poly", [EvalOp])
