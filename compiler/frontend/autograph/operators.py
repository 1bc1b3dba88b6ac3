"""What converted code calls (as `ag__.…`): each statement and logical operator, as Python or staged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from malt.core.converter import STANDARD_OPTIONS as STD
from xdsl.ir import SSAValue

from ....dialects.debug import FAILED_ASSERTION
from ..control_flow.branch import Side, branch
from ..control_flow.containers import CapturedObjects, Snapshot, copied, in_place
from ..control_flow.loop import LoopState, Program, detached, splice
from ..control_flow.loop import while_loop as stage_while
from ..control_flow.ranges import staged
from ..control_flow.values import CONTROL, Maybe, Undefined, add_check, hold, is_traced, predicate
from ..tracing.source import user_place
from ..tracing.tracer import Tracer, current_tracer
from ..values.tensor import traced_value
from .calls import FunctionScope, autograph_artifact, converted_call, with_function_scope
from .iterate import for_stmt
from .lines import assignment_place
from .logic import and_, conjuncts, negated, not_, or_, truth

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


def ld(value: Any) -> Any:
    """Read a variable."""
    if type(value) is Undefined or type(value) is Maybe:
        return value.read()
    return value


def ldu(load: Callable[[], Any], name: str) -> Any:
    """Read an attribute or element that may not exist."""
    try:
        return load()
    except (KeyError, AttributeError, NameError, IndexError):
        return Undefined(name)


keywords = dict
"""Makes the keyword arguments of a call."""

State = tuple[Any, ...]
GetState = Callable[[], State]
SetState = Callable[[State], None]


def if_stmt(
    cond: Any,
    body: Callable[[], None],
    orelse: Callable[[], None],
    get_state: GetState,
    set_state: SetState,
    symbol_names: Sequence[str],
    nouts: int,
    guarded: bool = False,
) -> None:
    """An `if` statement; `guarded`: one that goes on where no `break`, `continue` or `return` has happened."""
    tracer = staged(cond)
    if tracer is None:
        body() if cond else orelse()
        return
    condition = predicate(tracer, cond, "an if statement")
    initial = get_state()
    saved = Snapshot(initial)
    true, false = facts(symbol_names, initial, cond)

    def side(label: str, run: Callable[[], None], known: Mapping[int, bool], guarded: bool = False) -> Side:
        def values() -> Sequence[Any]:
            set_state(tuple(known.get(number, value) for number, value in enumerate(initial)))
            try:
                run()
                return [copied(value) for value in get_state()]
            finally:
                saved.restore()

        return Side(label, values, lambda name: assignment_place(run, name), run, guarded)

    sides = [side("the if side", body, true, guarded), side("the else side", orelse, false)]
    try:
        merged = branch(tracer, condition, sides, symbol_names)
    except BaseException:
        set_state(initial)
        raise
    outputs = [new if number < nouts else old for number, (new, old) in enumerate(zip(merged, initial))]
    set_state(tuple(in_place(old, new) for old, new in zip(initial, outputs)))
    for name, value in zip(symbol_names, merged):
        hold(tracer, name, value, partial(assignment_place, body, name))


def stored(value: Any, name: str) -> Any:
    """What is assigned to an attribute, an element or a variable of an outer scope, which may outlive the tensor."""
    tracer = current_tracer()
    if tracer is not None:
        place = user_place()
        hold(tracer, name, value, lambda: place)
    return value


def facts(names: Sequence[str], values: Sequence[Any], condition: Any) -> tuple[dict[int, bool], dict[int, bool]]:
    """Which of the flags that stand for `return`, `break` and `continue` a condition settles: if it holds, if not."""
    holds: dict[int, bool] = {}
    fails: dict[int, bool] = {}
    parts = conjuncts(condition)
    for number, (name, value) in enumerate(zip(names, values)):
        if not is_traced(value) or not CONTROL.fullmatch(name):
            continue
        for part in parts:
            if part is traced_value(value):
                holds[number] = True
            elif negated(part) is traced_value(value):
                holds[number] = False
        if len(parts) == 1 and number in holds:
            fails[number] = not holds[number]
    return holds, fails


def guard_stmt(*arguments: Any) -> None:
    """An `if` that stands for what follows a `break`, `continue` or `return`."""
    if_stmt(*arguments, guarded=True)


def while_stmt(
    test: Callable[[], Any],
    body: Callable[[], None],
    get_state: GetState,
    set_state: SetState,
    symbol_names: Sequence[str],
    opts: Mapping[str, Any],
) -> None:
    """A `while` statement.

    While its condition is a Python value it runs as Python. If the condition turns into a tensor (a `break` that
    depends on one) the iterations are forgotten and the loop is staged.
    """
    tracer = current_tracer()
    if tracer is None:
        while test():
            body()
        return
    initial = get_state()
    saved, captured = Snapshot(initial), CapturedObjects((test, body))
    block, (finished, surely) = detached(tracer, lambda: _run_while(test, body))
    if finished:
        splice(tracer, block)
        return
    saved.restore()
    captured.restore()
    set_state(initial)
    program = loop_program("a while loop", symbol_names, test, lambda _: body(), get_state, set_state, body)
    values = stage_loop(tracer, program, initial, set_state, surely)
    set_state(tuple(in_place(old, new) for old, new in zip(initial, values)))
    for name, value in zip(symbol_names, values):
        hold(tracer, name, value, partial(assignment_place, body, name))


def _run_while(test: Callable[[], Any], body: Callable[[], None]) -> tuple[bool, bool]:
    """Run the loop as Python; whether it came to its end before its condition turned into a tensor, and began."""
    began = False
    while True:
        going = test()
        if staged(going) is not None:
            return False, began
        if not going:
            return True, began
        body()
        began = True


def loop_program(
    what: str,
    names: Sequence[str],
    test: Callable[[], Any] | None,
    body: Callable[[Any], None],
    get_state: GetState,
    set_state: SetState,
    code: Callable[..., Any],
) -> Program:
    """A loop over variables that are read and written together."""

    def enter(values: Sequence[Any]) -> None:
        set_state(tuple(values))

    def known(values: Sequence[Any], condition: Any) -> tuple[dict[int, bool], dict[int, bool]]:
        return facts(names, values, condition)

    place = lambda name: assignment_place(code, name)  # noqa: E731
    return Program(what, names, enter, test, body, get_state, place, known, (code,) if test is None else (test, code))


def stage_loop(
    tracer: Tracer, program: Program, initial: State, set_state: SetState, surely: bool = False
) -> list[Any]:
    """Stage a `while`; when that fails the variables are as before."""
    try:
        return stage_while(tracer, program, LoopState(program, initial), surely)
    except BaseException:
        set_state(initial)
        raise


def if_exp(cond: Any, if_true: Callable[[], Any], if_false: Callable[[], Any], expr_repr: str) -> Any:
    """`a if cond else b`."""
    tracer = staged(cond)
    if tracer is None:
        return if_true() if cond else if_false()
    place = user_place()
    sides = [
        Side("the if side", lambda: [if_true()], lambda _: place, if_true),
        Side("the else side", lambda: [if_false()], lambda _: place, if_false),
    ]
    name = f"… if {expr_repr} else …"
    return ld(branch(tracer, predicate(tracer, cond, "a conditional expression"), sides, [name])[0])


def assert_stmt(test: Any, message: Callable[[], Any]) -> None:
    """An `assert` statement: on a tensor it is checked when the program runs."""
    tracer = staged(test)
    if tracer is None:
        assert test, message()
        return
    text = message()
    text = "assertion failed" if text is None else str(text).replace("{", "{{").replace("}", "}}")
    condition: SSAValue = predicate(tracer, test, "an assert statement")
    add_check(tracer, condition, text, kind=FAILED_ASSERTION)
