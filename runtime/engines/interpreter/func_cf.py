"""The meaning of `func` and `cf`: calls, returns and branches between blocks."""

from __future__ import annotations

from xdsl.dialects import cf, func
from xdsl.interpreter import InterpreterFunctions, PythonValues, Successor, register_impls
from xdsl.interpreters import cf as xdsl_cf
from xdsl.interpreters import func as xdsl_func

from .errors import InterpreterError
from .machine import Machine, impl, impl_callable, impl_terminator

MAX_DEPTH = 100
"""How deep calls may nest."""


@register_impls
class FuncFunctions(xdsl_func.FuncFunctions):
    """xDSL's `func`, with a frame for each call."""

    @impl(func.CallOp)
    def run_call(self, machine: Machine, op: func.CallOp, args: PythonValues) -> PythonValues:
        """The results of the called function."""
        for candidate in machine.module.body.block.ops:
            if isinstance(candidate, func.FuncOp) and candidate.sym_name.data == op.callee.string_value():
                return machine.call_op(candidate, args)
        raise InterpreterError(f"there is no function @{op.callee.string_value()}")

    @impl_callable(func.FuncOp)
    def call_func(self, machine: Machine, op: func.FuncOp, args: PythonValues) -> PythonValues:
        """The body, run in a new frame."""
        if not op.body.blocks:
            raise InterpreterError(f"function @{op.sym_name.data} has no body")
        machine.depth += 1
        if machine.depth > MAX_DEPTH:
            raise InterpreterError(f"calls nest deeper than {MAX_DEPTH}")
        with machine.new_frame():
            results = machine.run_ssacfg_region(op.body, args)
        machine.depth -= 1
        return results

    @impl(func.FuncOp)
    def run_func(self, machine: Machine, op: func.FuncOp, args: PythonValues) -> PythonValues:
        """A definition does nothing by itself."""
        return ()


@register_impls
class CfFunctions(xdsl_cf.CfFunctions):
    """xDSL's `cf`, with `cf.assert` and `cf.switch`."""

    @impl(cf.AssertOp)
    def run_assert(self, machine: Machine, op: cf.AssertOp, args: PythonValues) -> PythonValues:
        """Stops the program unless the condition holds."""
        machine.check(args[0], op.msg.data, "")
        return ()

    @impl_terminator(cf.SwitchOp)
    def run_switch(self, machine: Machine, op: cf.SwitchOp, args: PythonValues) -> object:
        """The block of the case, or the default one."""
        values = op.case_values.get_values() if op.case_values is not None else ()
        for number, value in enumerate(values):
            if value == int(args[0]):
                return Successor(op.case_blocks[number], machine.get_values(op.case_operand[number])), ()
        return Successor(op.default_block, machine.get_values(op.default_operands)), ()


FUNCTIONS: tuple[InterpreterFunctions, ...] = (FuncFunctions(), CfFunctions())
