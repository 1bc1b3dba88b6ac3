"""One function on its way from the cfg level to the llvm level: its values, blocks and exits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    DictionaryAttr,
    IndexType,
    IntegerType,
    LocationAttr,
    MemRefType,
    UnitAttr,
    i32,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from ....dialects.diagnostics import ResourceExhaustedError, UnsupportedError
from ....dialects.signs import argument_types, result_types
from ...targets import Target
from ..loops.memory_use import MemoryUse
from . import abi
from .builder import PTR, Index, LlvmBuilder, storage_type, value_type
from .cfg_loops import reverse_postorder
from .descriptor import MemRef, from_parts, part_types
from .loop_polls import LoopPolls, Span
from .memory_plan import MemoryPlan, plan

Handler = Callable[["FunctionLowering", Operation], None]
"""Lowers one op."""


class Declarations:
    """What the functions of a module share when they are lowered.

    Attributes:
        target: the CPU that code is made for.
        ops: the functions outside the module that lowered code calls, each declared once.
        assertions: the assertions met so far.
        sites: the prints and host calls met so far.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.ops: dict[str, llvm.FuncOp] = {}
        self.assertions: list[abi.Site] = []
        self.sites: list[abi.Site] = []

    def declare(self, name: str, inputs: Sequence[Attribute], output: Attribute | None, fresh: bool = False) -> str:
        """Declare a function; `fresh`: the pointer it returns is to memory without other pointers."""
        if name not in self.ops:
            type_ = llvm.LLVMFunctionType(list(inputs), output)
            props: dict[str, Attribute | None] = {}
            if fresh:
                props["res_attrs"] = ArrayAttr([DictionaryAttr({"llvm.noalias": UnitAttr()})])
            self.ops[name] = llvm.FuncOp(name, type_, llvm.LinkageAttr("external"), other_props=props)
        return name


class FunctionLowering:
    """Walks a function's blocks and hands each op to its handler.

    Attributes:
        b: inserts llvm ops.
        functions: the functions of the module, by name.
        is_private: whether other functions of the module call this one, rather than the engine.
        frame: the record of the running call.
        arena: scratch memory.
        plan: where allocations live.
        declarations: what is called outside the module.
        memory: how the functions of the module use memory.
        polls: where the functions of the module poll.
        outs: in a private function, for each result the addresses where its parts are stored.
    """

    def __init__(
        self,
        function: func.FuncOp,
        functions: Mapping[str, func.FuncOp],
        declarations: Declarations,
        memory: MemoryUse,
        polls: LoopPolls,
        handlers: Mapping[type[Operation], Handler],
    ):
        self.function, self.functions, self.declarations, self._handlers = function, functions, declarations, handlers
        self.memory, self.polls = memory, polls
        self.is_private = function.sym_visibility is not None and function.sym_visibility.data == "private"
        self.plan: MemoryPlan = plan(function, with_arena=not self.is_private)
        self.region = Region(Block(arg_types=[PTR, PTR]))
        self.b = LlvmBuilder(self.region.block)
        self.b.location = function.location
        self.frame, self.arena = self.region.block.args
        self.outs: list[list[SSAValue]] = []
        self._separate: list[SSAValue] = [self.frame, self.arena]
        self._values: dict[SSAValue, SSAValue | MemRef] = {}
        self._blocks: dict[Block, Block] = {}
        self._exit: Block | None = None
        self._failures: list[Block] = []
        self._budget: SSAValue | None = None

    @property
    def assertions(self) -> list[abi.Site]:
        """The assertions of the module met so far."""
        return self.declarations.assertions

    @property
    def sites(self) -> list[abi.Site]:
        """The prints and host calls of the module met so far."""
        return self.declarations.sites

    def run(self) -> None:
        """Lower the body."""
        self._arguments()
        self._take_budget()
        order = reverse_postorder(self.function.body.blocks[0])
        for block in order[1:]:
            self._declare_block(block)
        for position, block in enumerate(order):
            if position:
                self._open_block(block)
            for op in block.ops:
                self._lower(op)
        self.region.add_block(self._failures)
        if self._exit is not None:  # a function may never be left
            self.region.add_block(self._exit)
        self.b.finish()

    def _lower(self, op: Operation) -> None:
        handler = self._handlers.get(type(op))
        if handler is None:
            raise UnsupportedError(f"'{op.name}' has no native form", location=op.location)
        self.b.location = op.location
        if op in self.polls.weights:
            self.poll(self.b.i64(self.polls.weights[op]))
        if op in self.polls.spans:
            self._charge(self.polls.spans[op])
        handler(self, op)

    def _take_budget(self) -> None:
        """Keep the work that is left in a local of a function that polls, so that it is in a register."""
        name = self.function.sym_name.data
        if self.polls.polls_itself(self.function):
            self._budget = self.stack(i64, 1, abi.WORD)
            self.receive_budget()
            if name in self.polls.at_entry:
                self.poll(self.b.i64(self.polls.at_entry[name]))

    def receive_budget(self) -> None:
        """What a caller, a function that was called or a poll says is left of the budget."""
        if self._budget is not None:
            self.b.store(self.b.load(self.word(abi.FRAME_BUDGET), i64), self._budget)

    def hand_budget_over(self) -> None:
        """Leave what is left of the budget to a function that is called, or to the caller."""
        if self._budget is not None:
            self.b.store(self.b.load(self._budget, i64), self.word(abi.FRAME_BUDGET))

    def _charge(self, span: Span) -> None:
        """Take what a loop over `span` costs off the budget."""
        b = self.b
        length = b.binary(llvm.SubOp, self.get(span.end), self.get(span.start))
        length = b.select(b.icmp("sgt", length, b.i64(0)), length, b.i64(0))
        cost = b.binary(llvm.MulOp, length, b.i64(span.cost))
        if span.polls:
            self.poll(cost)
        else:
            self._spend(cost)

    def _spend(self, cost: SSAValue) -> SSAValue:
        """Take `cost` off the budget; what was left before."""
        assert self._budget is not None
        left = self.b.load(self._budget, i64)
        self.b.store(self.b.binary(llvm.SubOp, left, cost), self._budget)
        return left

    def poll(self, cost: SSAValue) -> None:
        """Take `cost` off the budget; where it is spent, look up, and leave if the program is to stop."""
        b = self.b
        left = self._spend(cost)
        go_on, spent = Block(), Block()
        b.branch_if(b.icmp("slt", left, cost), spent, go_on)
        b.block = spent
        assert self._budget is not None
        over = b.load(self._budget, i64)
        status = b.call(self.declarations.declare(abi.POLL, [PTR, i64], i32), [self.frame, over], i32)
        assert status is not None
        self.receive_budget()
        b.branch_with(b.icmp("eq", status, b.constant(abi.OK, i32)), go_on, [], self._way_out(), [status])
        self._failures.append(spent)
        self.open(go_on)

    def word(self, number: int) -> SSAValue:
        """The address of a word of the frame."""
        return self.b.gep(self.frame, i64, number)

    def _arguments(self) -> None:
        self.frame.name_hint, self.arena.name_hint = "frame", "arena"
        separate = self.memory.separate[self.function.sym_name.data]
        for number, argument in enumerate(self.function.body.blocks[0].args):
            type_ = argument.type
            if self.is_private and not isinstance(type_, MemRefType):
                self.set(argument, self._argument(value_type(type_)))
                continue
            parts = [self._argument(part) for part in part_types(_as_memref(type_))]
            if number in separate or not self.is_private:
                self._separate.append(parts[0])
            if isinstance(type_, MemRefType):
                self.set(argument, from_parts(self.b, parts, type_))
            else:
                self.set(argument, self.load_element(parts[0], type_))
        for type_ in self.function.function_type.outputs if self.is_private else ():
            self.outs.append([self._argument(PTR) for _ in result_parts(type_)])
            self._separate += self.outs[-1]

    def _argument(self, type_: Attribute) -> SSAValue:
        block = self.region.block
        return block.insert_arg(type_, len(block.args))

    def _declare_block(self, block: Block) -> None:
        new = self._blocks[block] = Block()
        for argument in block.args:
            types = part_types(argument.type) if isinstance(argument.type, MemRefType) else [value_type(argument.type)]
            for part in types:
                new.insert_arg(part, len(new.args)).location = argument.location

    def _open_block(self, block: Block) -> None:
        new = self._blocks[block]
        self.open(new)
        rest = list(new.args)
        for argument in block.args:
            if isinstance(argument.type, MemRefType):
                count = len(part_types(argument.type))
                self.set(argument, from_parts(self.b, rest[:count], argument.type))
                rest = rest[count:]
            else:
                self.set(argument, rest.pop(0))

    def result_op(self) -> llvm.FuncOp:
        """The llvm function, once the bodies of all functions are lowered."""
        arguments = self.region.blocks[0].args
        inputs = [argument.type for argument in arguments]
        noalias = DictionaryAttr({"llvm.noalias": UnitAttr()})
        attrs = [noalias if argument in self._separate else DictionaryAttr({}) for argument in arguments]
        result = llvm.FuncOp(
            self.function.sym_name,
            llvm.LLVMFunctionType(inputs, i32),
            llvm.LinkageAttr("internal" if self.is_private else "external"),
            body=self.region,
            other_props={"arg_attrs": ArrayAttr(attrs)},
            extra_attrs={} if self.is_private else self._info().to_attributes(),
        )
        result.location = self.function.location
        return result

    def _info(self) -> abi.KernelInfo:
        types = self.function.function_type
        return abi.KernelInfo(
            tuple(map(_as_memref, argument_types(self.function, types.inputs.data))),
            tuple(map(_as_memref, result_types(self.function, types.outputs.data))),
            tuple(sorted(self.memory.written[self.function.sym_name.data])),
            self.plan.arena,
            tuple(self.assertions),
            tuple(self.sites),
        )

    def block(self, block: Block) -> Block:
        """The block that represents `block`."""
        return self._blocks[block]

    def open(self, block: Block) -> None:
        """Go on in a new block."""
        self.region.add_block(block)
        self.b.block = block

    def get(self, value: SSAValue) -> SSAValue:
        """What a scalar or vector became."""
        found = self._values[value]
        assert type(found) is not MemRef
        return found

    def memref(self, value: SSAValue) -> MemRef:
        """What a memref became."""
        found = self._values[value]
        assert type(found) is MemRef
        return found

    def set(self, value: SSAValue, new: SSAValue | MemRef) -> None:
        """Note what a value became."""
        self._values[value] = new
        named = new if isinstance(new, SSAValue) else new.pointer
        if value.name_hint is not None and named.name_hint is None:
            named.name_hint = value.name_hint

    def load_element(self, pointer: SSAValue, type_: Attribute) -> SSAValue:
        """A scalar from memory."""
        stored = storage_type(type_)
        value = self.b.load(pointer, stored)
        if type_ == IntegerType(1):
            return self.b.icmp("ne", value, self.b.constant(0, stored))
        return value

    def store_element(self, value: SSAValue, pointer: SSAValue, type_: Attribute) -> None:
        """A scalar to memory."""
        if type_ == IntegerType(1):
            value = self.b.convert(llvm.ZExtOp, value, storage_type(type_))
        self.b.store(value, pointer)

    def leave(self, status: SSAValue) -> None:
        """Leave the function with a status."""
        self.b.branch(self._way_out(), status)

    def _way_out(self) -> Block:
        """The block that returns the status it is given."""
        if self._exit is None:
            self._exit, here = Block(arg_types=[i32]), self.b.block
            self.b.block = self._exit
            if self.is_private:
                self.hand_budget_over()
            self.b.add(llvm.ReturnOp(self._exit.args[0]))
            self.b.block = here
        return self._exit

    def leave_unless(self, ok: SSAValue, on_failure: Callable[[], SSAValue]) -> None:
        """Go on if `ok` holds; otherwise do `on_failure` and return the status of that."""
        go_on, failed = Block(), Block()
        self.b.branch_if(ok, go_on, failed)
        self.b.block = failed
        self.leave(on_failure())
        self._failures.append(failed)
        self.open(go_on)

    def unless_null(self, pointer: SSAValue, element: Attribute, sizes: Sequence[Index]) -> SSAValue:
        """`pointer`; if it is null, leaves with the error that there is not enough memory for such a buffer."""
        b, location = self.b, self.b.location
        null = b.at_start(llvm.ZeroOp.create(result_types=[PTR]))
        self.leave_unless(b.icmp("ne", pointer, null), lambda: self._no_memory(element, sizes, location))
        return pointer

    def _no_memory(self, element: Attribute, sizes: Sequence[Index], location: LocationAttr) -> SSAValue:
        """Note the check that failed and its values in the frame; gives the status."""
        values = [size for size in sizes if isinstance(size, SSAValue)][: abi.MAX_VALUES]
        places = iter(range(len(sizes)))
        shown = ", ".join(str(size) if isinstance(size, int) else f"{{{next(places)}}}" for size in sizes)
        text = f"there is not enough memory for shape [{shown}] of {element}"
        types = tuple(IndexType() for size in sizes if isinstance(size, SSAValue))
        self.assertions.append(abi.Site("assert", text, types, location, error=ResourceExhaustedError.code))
        for word, value in enumerate([self.b.i64(len(self.assertions) - 1), *values], abi.FRAME_ASSERTION):
            self.b.store(value, self.b.gep(self.frame, i64, word), 8)
        return self.b.constant(abi.FAILED, i32)

    def stack(self, type_: Attribute, count: int, alignment: int) -> SSAValue:
        """Memory on the stack, for the whole function."""
        size = self.b.constant(count, IntegerType(64))
        op = llvm.AllocaOp(size, type_, alignment)
        return self.b.at_start(op)

    def result(self, number: int, type_: MemRefType, sizes: Sequence[SSAValue]) -> SSAValue:
        """Memory for a result with these dynamic sizes.

        It is not declared as fresh: what LLVM takes for memory of the function's own it may leave unwritten at the end.
        """
        inputs = [PTR, *(size.type for size in sizes)]
        name = self.declarations.declare(f"{abi.RESULT}{number}", inputs, PTR)
        pointer = self.b.call(name, [self.frame, *sizes], PTR)
        assert pointer is not None
        given = iter(sizes)
        shape = [next(given) if size == DYNAMIC_INDEX else size for size in type_.get_shape()]
        return self.unless_null(pointer, type_.element_type, shape)


def result_parts(type_: Attribute) -> list[Attribute]:
    """The types of the values that represent a result of a private function."""
    return part_types(type_) if isinstance(type_, MemRefType) else [value_type(type_)]


def _as_memref(type_: Attribute) -> MemRefType:
    return type_ if isinstance(type_, MemRefType) else MemRefType(type_, [])
