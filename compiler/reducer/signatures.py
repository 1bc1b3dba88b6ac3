"""What functions take and give: fewer results, earlier ones, fewer parameters."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import ArrayAttr, FunctionType, ModuleOp
from xdsl.ir import Block, Operation, OpResult, SSAValue

from .edits import Attempts, Edit, OneAtATime, Ops, Strategy, is_in
from .operations import is_named
from .rebuild import drop_block_argument, drop_operand, rebuilt, without
from .values import callers, in_scope, zero


def _functions(module: ModuleOp) -> list[tuple[int, func.FuncOp]]:
    return [(number, op) for number, op in enumerate(module.walk()) if isinstance(op, func.FuncOp) and op.body.blocks]


def _returns(function: func.FuncOp) -> list[func.ReturnOp]:
    return [block.last_op for block in function.body.blocks if isinstance(block.last_op, func.ReturnOp)]


def _set_results(function: func.FuncOp) -> None:
    """Give the function the result types of what it returns."""
    last = _returns(function)[0]
    inputs = function.function_type.inputs.data
    function.function_type = FunctionType.from_lists(inputs, [operand.type for operand in last.operands])
    function.res_attrs = None


class DropResults(Strategy):
    """Removes results of functions."""

    name = "drop results"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each result, the last one of a function first."""
        return [
            _DropResult(number, result)
            for number, function in _functions(module)
            for result in reversed(range(len(function.function_type.outputs.data)))
        ]


@dataclass(frozen=True)
class _DropResult:
    function: int
    result: int

    def __call__(self, ops: Ops) -> bool:
        function = ops[self.function]
        assert isinstance(function, func.FuncOp)
        if not is_in(function, ops) or not _returns(function):
            return False
        for call in callers(function):
            if not _release(call, self.result):
                return False
        for call in callers(function):
            rebuilt(call, range(len(call.operands)), without(len(call.results), self.result))
        for last in _returns(function):
            drop_operand(last, self.result)
        _set_results(function)
        return True


def _release(op: Operation, number: int) -> bool:
    """Let the uses of a result use something else; tell whether there is anything."""
    result = op.results[number]
    if result.first_use is None:
        return True
    value = next(in_scope(op, result.type), None) or zero(op, result.type)
    if value is None:
        return False
    result.replace_all_uses_with(value)
    return True


class ReturnOperands(OneAtATime):
    """Returns, instead of a result, one of the values that it was computed from."""

    name = "return operands"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """For each result of a function that is not called one for each operand of what computes it."""
        found: list[Edit] = []
        for number, function in _functions(module):
            if callers(function) or len(_returns(function)) != 1:
                continue
            for result, value in enumerate(_returns(function)[0].operands):
                if isinstance(value, OpResult):
                    operands = range(len(value.op.operands))
                    found += [_ReturnOperand(number, result, operand) for operand in operands]
        return found


@dataclass(frozen=True)
class _ReturnOperand:
    function: int
    result: int
    operand: int

    def __call__(self, ops: Ops) -> bool:
        function = ops[self.function]
        assert isinstance(function, func.FuncOp)
        last = _returns(function)[0]
        last.operands[self.result] = last.operands[self.result].owner.operands[self.operand]  # pyright: ignore
        _set_results(function)
        return True


class ReturnEarly(Strategy):
    """Returns nothing but the results of one op, as early as possible."""

    name = "return early"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each op with results at the top of a function that is not called, in order."""
        return [_ReturnOnly(number) for number, op in enumerate(module.walk()) if op.results and _is_top(op)]

    def run(self, reduction: Attempts) -> bool:
        """Look for the first op that is enough by bisection: what comes later usually holds what came before."""
        progress, low = False, 0
        edits = self.edits(reduction.module)
        high = len(edits)
        while low < high:
            middle = (low + high) // 2
            if reduction.attempt([edits[middle]]):
                progress = True
                edits = self.edits(reduction.module)
                high = min(middle, len(edits))
            else:
                low = middle + 1
        return progress


def _is_top(op: Operation) -> bool:
    function = op.parent_op()
    return isinstance(function, func.FuncOp) and not callers(function) and len(function.body.blocks) == 1


@dataclass(frozen=True)
class _ReturnOnly:
    number: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        function = op.parent_op()
        assert isinstance(function, func.FuncOp)
        last = _returns(function)[0]
        if list(last.operands) == list(op.results):
            return False
        last.operands = list(op.results)
        _set_results(function)
        return True


class DropArguments(Strategy):
    """Removes parameters of functions; what used one uses another of its type."""

    name = "drop arguments"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each parameter, the last one of a function first."""
        return [
            _DropArgument(number, argument)
            for number, op in enumerate(module.walk())
            if isinstance(op, func.FuncOp | llvm.FuncOp) and op.body.blocks
            for argument in reversed(range(len(op.body.blocks[0].args)))
        ]


@dataclass(frozen=True)
class _DropArgument:
    function: int
    argument: int

    def __call__(self, ops: Ops) -> bool:
        function = ops[self.function]
        assert isinstance(function, func.FuncOp | llvm.FuncOp)
        if not is_in(function, ops):
            return False
        block = function.body.blocks[0]
        value = _instead(block, self.argument)
        if value is None or (isinstance(function, llvm.FuncOp) and is_named(function)):
            return False
        if isinstance(function, func.FuncOp):
            for call in callers(function):
                rebuilt(call, without(len(call.operands), self.argument), range(len(call.results)))
        drop_block_argument(block, self.argument, value)
        types = [argument.type for argument in block.args]
        if isinstance(function, func.FuncOp):
            function.function_type = FunctionType.from_lists(types, function.function_type.outputs.data)
        else:
            old = function.function_type
            function.function_type = llvm.LLVMFunctionType(types, old.output, old.is_variadic)
        if function.arg_attrs is not None:
            kept = [attrs for n, attrs in enumerate(function.arg_attrs) if n != self.argument]
            function.arg_attrs = ArrayAttr(kept)
        return True


def _instead(block: Block, number: int) -> SSAValue | None:
    """What to use instead of a parameter: another one of its type, or the parameter itself if nobody uses it."""
    argument = block.args[number]
    if argument.first_use is None:
        return argument
    others = (other for other in block.args if other is not argument and other.type == argument.type)
    return next(others, None)
