"""What can be called: the functions of a module, and LLVM's intrinsics, each declared once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import llvm
from xdsl.dialects.builtin import DictionaryAttr, LocationAttr

from .....dialects.diagnostics import UnsupportedError
from .. import abi
from .types import TypeTexts

IDENTIFIER = re.compile(r"[A-Za-z_.][A-Za-z0-9_.]*")
"""Names that LLVM cannot take for anything else."""

_FLAGS = {"llvm.noalias": "noalias", "llvm.nonnull": "nonnull", "llvm.noundef": "noundef"}


@dataclass(frozen=True)
class Signature:
    """A function that can be called.

    Attributes:
        name: its name in LLVM's text.
        convention: its calling convention with a space behind it, empty for that of C.
        result: the type of its result.
        arguments: those of its arguments.
        variadic: whether more arguments may follow.
    """

    name: str
    convention: str
    result: str
    arguments: tuple[str, ...]
    variadic: bool = False

    def __str__(self) -> str:
        rest = ("...",) if self.variadic else ()
        return f"{self.convention}{self.result} @{self.name}({', '.join(self.arguments + rest)})"


class Signatures:
    """What can be called.

    Attributes:
        functions: the functions of the module, by their names in the program.
    """

    def __init__(self, types: TypeTexts) -> None:
        self.functions: dict[str, Signature] = {}
        self._types = types
        self._external: dict[str, str] = {}
        self._intrinsics: dict[str, str] = {}

    def add(self, op: llvm.FuncOp, name: str) -> None:
        """Note a function, whose name in LLVM's text is `name`."""
        type_, convention = op.function_type, calling_convention(op.CConv, op.location)
        if convention and abi.ARGUMENTS in op.attributes:
            raise UnsupportedError(f"a kernel called as '{convention}' has no native form", location=op.location)
        arguments = tuple(self._types.of(argument, op.location) for argument in type_.inputs)
        result = self._types.of(type_.output, op.location)
        found = Signature(name, convention, result, arguments, type_.is_variadic)
        self.functions[op.sym_name.data] = found
        if not op.body.blocks:
            self._external[name] = str(found)

    def head(self, op: llvm.FuncOp) -> str:
        """How LLVM's text declares or begins a function."""
        found, location = self.functions[op.sym_name.data], op.location
        arguments = list(found.arguments)
        for number, attrs in enumerate(op.arg_attrs or ()):
            arguments[number] += "".join(f" {flag}" for flag in _flags(attrs, location))
        if op.body.blocks:
            arguments = [f"{argument} %{number}" for number, argument in enumerate(arguments)]
        if found.variadic:
            arguments.append("...")
        front = "define" if op.body.blocks else "declare"
        if op.linkage.linkage.data == "internal":
            front += " internal"
        result = "".join(f"{flag} " for attrs in op.res_attrs or () for flag in _flags(attrs, location)) + found.result
        return f"{front} {found.convention}{result} @{found.name}({', '.join(arguments)}) nounwind"

    def intrinsic(self, name: str, result: str, arguments: Sequence[str], location: LocationAttr) -> None:
        """Declare one of LLVM's functions, whose name tells its types."""
        text = str(Signature(name, "", result, tuple(arguments)))
        known = self._external.get(name) or self._intrinsics.setdefault(name, text)
        if known != text:
            raise UnsupportedError(f"expected '{known}', got '{text}'", location=location)

    def intrinsics(self) -> list[str]:
        """The declarations of LLVM's functions."""
        return [f"declare {text}" for text in self._intrinsics.values()]


def calling_convention(attribute: llvm.CallingConventionAttr, location: LocationAttr) -> str:
    """A calling convention with a space behind it; that of C is not written."""
    name = attribute.cconv_name
    if name not in llvm.LLVM_CALLING_CONVS:
        raise UnsupportedError(f"calling convention {name!r} has no native form", location=location)
    return "" if name == "ccc" else f"{name} "


def _flags(attrs: DictionaryAttr, location: LocationAttr) -> list[str]:
    unknown = [name for name in attrs.data if name not in _FLAGS]
    if unknown:
        raise UnsupportedError(f"attribute '{unknown[0]}' has no native form", location=location)
    return [_FLAGS[name] for name in attrs.data]
