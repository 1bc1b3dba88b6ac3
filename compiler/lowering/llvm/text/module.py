"""The text of a module: its constants, what it declares, and its functions."""

from __future__ import annotations

import re

import numpy as np
from xdsl.dialects import llvm
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp

from .....dialects.diagnostics import UnsupportedError
from ....targets import ALIGNMENT
from .constants import dense_array, element_texts
from .function import FunctionText
from .instructions import HANDLERS
from .signatures import IDENTIFIER, Signatures
from .types import TypeTexts

INLINE_CONSTANT = 64
"""Constants with more elements than this are not part of the text; the engine gives their address."""


class ModuleText:
    """A module in LLVM's language.

    What the program defines has names of ours, made of letters and digits; so no name that a user chose can be taken
    for anything else, or for a function of the runtime.

    Attributes:
        text: the text.
        constants: the arrays of the constants that are not in the text, by name.
        symbols: the names in the text of what has a name in the program.
    """

    def __init__(self, module: ModuleOp) -> None:
        self.constants: dict[str, np.ndarray] = {}
        self.symbols: dict[str, str] = {}
        self._types = TypeTexts()
        self._signatures = Signatures(self._types)
        globals_ = [op for op in module.ops if isinstance(op, llvm.GlobalOp)]
        functions = [op for op in module.ops if isinstance(op, llvm.FuncOp)]
        for op in module.ops:
            if isinstance(op, llvm.GlobalOp | llvm.FuncOp):
                self._name(op)
        for op in functions:
            self._signatures.add(op, self.symbols[op.sym_name.data])
        parts = [self._global(op) for op in globals_]
        parts += [self._function(op) for op in functions]
        self.text = "\n".join(parts + self._signatures.intrinsics()) + "\n"

    def _name(self, op: llvm.GlobalOp | llvm.FuncOp) -> None:
        symbol, symbols = op.sym_name.data, self.symbols
        if isinstance(op, llvm.GlobalOp) or op.body.blocks:
            symbols[symbol] = f"stepwell_{len(symbols)}_{re.sub('[^A-Za-z0-9_]', '_', symbol)[:64]}"
        elif IDENTIFIER.fullmatch(symbol):
            symbols[symbol] = symbol
        else:
            raise UnsupportedError(f"{symbol!r} is no name of a function outside the program", location=op.location)

    def _global(self, op: llvm.GlobalOp) -> str:
        type_, value = op.global_type, op.value
        if not isinstance(type_, llvm.LLVMArrayType) or not isinstance(value, DenseIntOrFPElementsAttr):
            raise UnsupportedError(f"'{op.name}' of anything but numbers has no native form", location=op.location)
        name, count, array = self.symbols[op.sym_name.data], type_.size.data, self._types.of(type_, op.location)
        if count > INLINE_CONSTANT:
            self.constants[name] = dense_array(value, count)
            return f"@{name} = external constant {array}"
        texts = element_texts(value, type_.type, op)
        lane = self._types.of(type_.type, op.location)
        items = ", ".join(f"{lane} {text}" for text in (texts * count if len(texts) == 1 else texts))
        return f"@{name} = internal constant {array} [{items}], align {ALIGNMENT}"

    def _function(self, op: llvm.FuncOp) -> str:
        head = self._signatures.head(op)
        if not op.body.blocks:
            return head
        function = FunctionText(self._types, self.symbols, self._signatures)
        for argument in op.body.blocks[0].args:
            function.define(argument)
        function.write(op, op.body.blocks, HANDLERS)
        return "\n".join((head + " {", *function.lines, "}"))
