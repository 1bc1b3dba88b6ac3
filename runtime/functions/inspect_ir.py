"""`sw.ir`: the text of a function at any level."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...compiler.interchange.mlir.text import print_module
from ...compiler.targets import HOST, find_target
from ...dialects.levels import LEVELS
from ...dialects.plugins import all_levels
from ...dialects.public import public
from ..engines.lower import lowered
from .concrete import ConcreteFunction
from .function import Function

_BELOW = ("asm",)


@public(top=True)
def ir(
    function: Callable[..., object],
    *args: object,
    level: str = "hl",
    locations: bool = False,
    target: str = HOST,
    **kwargs: object,
) -> str:
    """The text of the trace of `function` for arguments like these.

    Args:
        function: a `sw.function`, one of its concrete functions, or a plain Python function.
        args: arguments, or `TensorSpec`s for them.
        level: `"hl"`, `"linalg"`, `"loops"`, `"cfg"`, `"llvm"`, a level that a plug-in leads to from one of these, or
            `"asm"` for machine code.
        locations: whether each op shows the user's file and line.
        target: the name of the CPU that vectors, tiles and machine code are for, such as `"haswell"`; by default the
            one this runs on. `stepwell opt --list-targets` lists the names.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> "hl.add" in sw.ir(double, sw.TensorSpec([None]))
        True
    """
    if level not in (*LEVELS, *_BELOW) and level not in all_levels():
        raise ValueError(f"ir: level: expected one of {', '.join((*all_levels(), *_BELOW))}, got {level!r}")
    if target != HOST:
        find_target(target)
    if not isinstance(function, ConcreteFunction):
        function = _traced(function, args, kwargs)
    if level in _BELOW:
        from ..engines.native.from_hl import assembly_of_hl  # loads LLVM

        return assembly_of_hl(function.module, target)
    return print_module(lowered(function.module, level, verify_each=True, target=target), locations=locations)


def _traced(function: Callable[..., object], args: Sequence[object], kwargs: dict[str, object]) -> ConcreteFunction:
    if not isinstance(function, Function):
        if isinstance(function, type) or not callable(function):
            raise TypeError(f"ir: function: expected a function, got {type(function).__name__}")
        function = Function(function)
    return function.get_concrete_function(*args, **kwargs)
