"""`if` and `while` statements of converted code: run as Python, or staged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..control_flow.branch import Branch, conditional
from ..control_flow.containers import CapturedObjects, Snapshot, copied, in_place
from ..control_flow.loop import LoopState, Program, detached, splice
from ..control_flow.loop import while_loop as stage_while
from ..control_flow.ranges import staged
from ..control_flow.values import CONTROL, hold, is_traced, predicate
from ..tracing.tracer import Tracer, current_tracer
from ..values.tensor import traced_value
from .lines import assignment_place
from .logic import conjuncts, negated

State = tuple[object, ...]
GetState = Callable[[], State]
SetState = Callable[[State], None]


def if_stmt(
    cond: object,
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

    def branch(label: str, run: Callable[[], None], known: Mapping[int, bool], guarded: bool = False) -> Branch:
        def values() -> Sequence[object]:
            set_state(tuple(known.get(number, value) for number, value in enumerate(initial)))
            try:
                run()
                return [copied(value) for value in get_state()]
            finally:
                saved.restore()

        return Branch(label, values, lambda name: assignment_place(run, name), run, guarded)

    branches = [branch("the if branch", body, true, guarded), branch("the else branch", orelse, false)]
    try:
        merged = conditional(tracer, condition, branches, symbol_names)
    except BaseException:
        set_state(initial)
        raise
    outputs = [new if number < nouts else old for number, (new, old) in enumerate(zip(merged, initial))]
    set_state(tuple(in_place(old, new) for old, new in zip(initial, outputs)))
    for name, value in zip(symbol_names, merged):
        hold(tracer, name, value, partial(assignment_place, body, name))


def facts(names: Sequence[str], values: Sequence[object], condition: object) -> tuple[dict[int, bool], dict[int, bool]]:
    """Which of the flags that represent `return`, `break` and `continue` a condition settles: if it holds, if not."""
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
    """An `if` that represents what follows a `break`, `continue` or `return`."""
    if_stmt(*arguments, guarded=True)


def while_stmt(
    test: Callable[[], object],
    body: Callable[[], None],
    get_state: GetState,
    set_state: SetState,
    symbol_names: Sequence[str],
    opts: Mapping[str, object],
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
    block, (finished, at_least_once) = detached(tracer, lambda: _run_while(test, body))
    if finished:
        splice(tracer, block)
        return
    saved.restore()
    captured.restore()
    set_state(initial)
    program = loop_program("a while loop", symbol_names, test, lambda _: body(), get_state, set_state, body)
    values = stage_loop(tracer, program, initial, set_state, at_least_once)
    set_state(tuple(in_place(old, new) for old, new in zip(initial, values)))
    for name, value in zip(symbol_names, values):
        hold(tracer, name, value, partial(assignment_place, body, name))


def _run_while(test: Callable[[], object], body: Callable[[], None]) -> tuple[bool, bool]:
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
    test: Callable[[], object] | None,
    body: Callable[[object], None],
    get_state: GetState,
    set_state: SetState,
    code: Callable[..., object],
) -> Program:
    """A loop over variables that are read and written together."""

    def enter(values: Sequence[object]) -> None:
        set_state(tuple(values))

    def known(values: Sequence[object], condition: object) -> tuple[dict[int, bool], dict[int, bool]]:
        return facts(names, values, condition)

    place = lambda name: assignment_place(code, name)  # noqa: E731
    return Program(what, names, enter, test, body, get_state, place, known, (code,) if test is None else (test, code))


def stage_loop(
    tracer: Tracer, program: Program, initial: State, set_state: SetState, at_least_once: bool = False
) -> list[object]:
    """Stage a `while`; when that fails the variables are as before."""
    try:
        return stage_while(tracer, program, LoopState(program, initial), at_least_once)
    except BaseException:
        set_state(initial)
        raise
