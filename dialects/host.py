"""Calls out of compiled code into Python: what the native engine cannot lower is visible here, never silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from xdsl.dialects.builtin import DictionaryAttr, StringAttr
from xdsl.ir import Attribute, Data, Dialect, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    irdl_attr_definition,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from .debug import WRITES_OUTSIDE
from .diagnostics import UnsupportedError

__all__ = ["PYTHON_CALL", "PYTHON_RESULTS", "CallOp", "Host", "PythonFunction", "PythonFunctionAttr", "PythonOp"]

PYTHON_CALL, PYTHON_RESULTS = "python.call", "python.results"
"""What a `host.python` becomes: a call, whose result has a ticket and the sizes of all results; and one for these."""


class PythonFunction(Protocol):
    """A Python function of a program, for arrays.

    Attributes:
        label: what people call it.
        observes: whether it only looks at values, such as to print them: the program's results do not depend on it.
    """

    label: str
    observes: bool

    def run(self, arrays: Sequence[np.ndarray], ranks: Sequence[int]) -> list[np.ndarray]:
        """The results, checked to have these ranks."""
        ...

    def begin(self, arrays: Sequence[np.ndarray], ranks: Sequence[int]) -> np.ndarray:
        """Run it, and keep the results: a ticket for them, and then their sizes, of int64."""
        ...

    def results(self, ticket: int) -> list[np.ndarray]:
        """The results that are kept, once."""
        ...


class _Gone:
    """A Python function in a text that was read, which has its name only."""

    observes = False

    def __init__(self, label: str):
        self.label = label

    def run(self, arrays: Sequence[np.ndarray], ranks: Sequence[int]) -> list[np.ndarray]:
        """An error."""
        del arrays, ranks
        raise UnsupportedError(f"the Python function '{self.label}' cannot be read from the text of a program")

    def begin(self, arrays: Sequence[np.ndarray], ranks: Sequence[int]) -> np.ndarray:
        """An error."""
        return self.run(arrays, ranks)[0]

    def results(self, ticket: int) -> list[np.ndarray]:
        """An error."""
        return self.run([], [ticket])


@irdl_attr_definition
class PythonFunctionAttr(Data[PythonFunction]):
    """A Python function. A text of the program has its name, and no more: what is read from it cannot call it."""

    name = "host.function"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> PythonFunction:
        """The name."""
        with parser.in_angle_brackets():
            return _Gone(parser.parse_str_literal())

    def print_parameter(self, printer: Printer) -> None:
        """The name."""
        with printer.in_angle_brackets():
            printer.print_string_literal(self.data.label)


@irdl_op_definition
class PythonOp(IRDLOperation):
    """Calls a function of the program that stays Python, on concrete tensors.

    It runs whenever the program comes here, in order with other effects. The sizes of its results are those that it
    returns; their ranks are checked.

    ```mlir
    %r = "host.python"(%x) <{callee = #host.function<"f">}> : (tensor<4xf32>) -> tensor<?xf32>
    ```
    """

    name = "host.python"

    callee = prop_def(PythonFunctionAttr)
    ins = var_operand_def(Attribute)
    res = var_result_def(Attribute)

    traits = traits_def(WRITES_OUTSIDE)

    def __init__(self, callee: PythonFunction, ins: Sequence[SSAValue], result_types: Sequence[Attribute]):
        super().__init__(
            operands=[list(ins)],
            result_types=[list(result_types)],
            properties={"callee": PythonFunctionAttr(callee)},
        )


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


Host = Dialect("host", [CallOp, PythonOp], [PythonFunctionAttr])
