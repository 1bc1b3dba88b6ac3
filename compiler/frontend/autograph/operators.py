"""What converted code calls (as `ag__.…`): each statement and logical operator, as Python or staged."""

from __future__ import annotations

from collections.abc import Callable

from malt.core.converter import STANDARD_OPTIONS as STD
from xdsl.ir import SSAValue

from ....dialects.debug import FAILED_ASSERTION
from ..control_flow.branch import Branch, conditional
from ..control_flow.ranges import staged
from ..control_flow.values import Maybe, Undefined, add_check, hold, predicate
from ..tracing.source import user_place
from ..tracing.tracer import current_tracer
from .calls import FunctionScope, autograph_artifact, converted_call, with_function_scope
from .iterate import for_stmt
from .logic import and_, not_, or_, truth
from .statements import guard_stmt, if_stmt, while_stmt

__all__ = [
    "STD",
    "FunctionScope",
    "Undefined",
    "UndefinedReturnValue",
    "and_",
    "assert_stmt",
    "autograph_artifact",
    "converted_call",
    "for_stmt",
    "guard_stmt",
    "if_exp",
    "if_stmt",
    "keywords",
    "ld",
    "ldu",
    "not_",
    "or_",
    "stored",
    "truth",
    "while_stmt",
    "with_function_scope",
]


def UndefinedReturnValue() -> Undefined:
    """What a function returns before it reaches a `return`."""
    return Undefined("the return value")


def ld(value: object) -> object:
    """Read a variable."""
    if type(value) is Undefined or type(value) is Maybe:
        return value.read()
    return value


def ldu(load: Callable[[], object], name: str) -> object:
    """Read an attribute or element that may not exist."""
    try:
        return load()
    except (KeyError, AttributeError, NameError, IndexError):
        return Undefined(name)


keywords = dict
"""Makes the keyword arguments of a call."""


def stored(value: object, name: str) -> object:
    """What is assigned to an attribute, an element or a variable of an outer scope, which may outlive the tensor."""
    tracer = current_tracer()
    if tracer is not None:
        place = user_place()
        hold(tracer, name, value, lambda: place)
    return value


def if_exp(cond: object, if_true: Callable[[], object], if_false: Callable[[], object], expr_repr: str) -> object:
    """`a if cond else b`."""
    tracer = staged(cond)
    if tracer is None:
        return if_true() if cond else if_false()
    place = user_place()
    branches = [
        Branch("the if branch", lambda: [if_true()], lambda _: place, if_true),
        Branch("the else branch", lambda: [if_false()], lambda _: place, if_false),
    ]
    name = f"… if {expr_repr} else …"
    return ld(conditional(tracer, predicate(tracer, cond, "a conditional expression"), branches, [name])[0])


def assert_stmt(test: object, message: Callable[[], object]) -> None:
    """An `assert` statement: on a tensor it is checked when the program runs."""
    tracer = staged(test)
    if tracer is None:
        assert test, message()
        return
    text = message()
    text = "assertion failed" if text is None else str(text).replace("{", "{{").replace("}", "}}")
    condition: SSAValue = predicate(tracer, test, "an assert statement")
    add_check(tracer, condition, text, kind=FAILED_ASSERTION)
