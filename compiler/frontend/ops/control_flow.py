"""`cond`, `while_loop`, `case`, `switch_case`: branches and loops as functions of functions.

Where the condition is known while tracing, or nothing is traced, they run as Python; otherwise they become `scf` ops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeAlias, TypeVar

from ....dialects.diagnostics import InvalidTypeError
from ....dialects.public import public
from ..autograph import convert_inside
from ..control_flow.branch import Branch, conditional
from ..control_flow.loop import LoopState, Program
from ..control_flow.loop import while_loop as stage_while
from ..control_flow.ranges import Integer, Range, place_of_function, stage_range, staged
from ..control_flow.values import ControlFlowError, predicate
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import as_tensor
from ..values.tensor import TensorLike
from .arguments import shown

P = ParamSpec("P")
Result = TypeVar("Result")
Cond: TypeAlias = Callable[..., TensorLike]
"""Whether a loop goes on, given its variables."""
Body: TypeAlias = Callable[..., object]
"""An iteration: the variables after it, given those before."""


@public(top=True)
def cond(
    pred: TensorLike, true_fn: Callable[[], Result], false_fn: Callable[[], Result], name: str | None = None
) -> Result:
    """What `true_fn()` returns if `pred` holds, else what `false_fn()` returns.

    Both return the same structure, with tensors of the same dtypes and ranks. Only one of them runs.

    Example:
        >>> import stepwell as sw
        >>> sw.cond(sw.constant(True), lambda: sw.constant(1), lambda: sw.constant(2)).numpy().item()
        1
    """
    tracer = staged(pred)
    if tracer is None:
        return true_fn() if pred else false_fn()
    branches = [
        Branch("true_fn", lambda: [_converted(true_fn)()], place_of_function(true_fn), true_fn),
        Branch("false_fn", lambda: [_converted(false_fn)()], place_of_function(false_fn), false_fn),
    ]
    return conditional(tracer, predicate(tracer, pred, "cond"), branches, [name or "the result"])[0]


@public(top=True)
def case(
    pred_fn_pairs: Sequence[tuple[TensorLike, Callable[[], Result]]],
    default: Callable[[], Result] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Result:
    """The result of the first function whose predicate holds, else of `default`, else of the last function."""
    del exclusive, strict
    pairs = list(pred_fn_pairs)
    if not pairs:
        raise ValueError("case: pred_fn_pairs: expected at least one pair")
    rest = default
    if rest is None:
        _, rest = pairs.pop()
    for pred, function in reversed(pairs):
        rest = partial(cond, pred, function, rest, name)
    return rest()


@public(top=True)
def switch_case(
    branch_index: TensorLike,
    branch_fns: Mapping[int, Callable[[], Result]] | Sequence[Callable[[], Result] | tuple[int, Callable[[], Result]]],
    default: Callable[[], Result] | None = None,
    name: str = "switch_case",
) -> Result:
    """The result of the function at index `branch_index`, else of `default`, else of the last function.

    `branch_fns` are functions, or a dict or pairs of numbers and functions.
    """
    items: Sequence[Any] = list(branch_fns.items() if isinstance(branch_fns, dict) else branch_fns)
    if not all(isinstance(item, tuple) for item in items):
        items = list(enumerate(items))
    pairs = sorted(items, key=lambda pair: pair[0])
    if not pairs:
        raise ValueError("switch_case: branch_fns: expected at least one function")
    last = default or pairs[-1][1]
    index = as_tensor(branch_index, name="switch_case: branch_index")
    if not index.dtype.is_integer or index.ndim:
        raise InvalidTypeError(f"switch_case: branch_index: expected one integer, got {shown(branch_index)}")
    return case([(index == number, function) for number, function in pairs], last, name=name)


@public(top=True)
def while_loop(
    cond: Cond,
    body: Body,
    loop_vars: object,
    shape_invariants: object = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: TensorLike | None = None,
    name: str | None = None,
) -> Any:
    """Repeat `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds; the variables after it.

    Sizes that change from one iteration to the next become unknown by themselves; `shape_invariants` is not needed.

    Example:
        >>> import stepwell as sw
        >>> [n] = sw.while_loop(lambda n: n < 100, lambda n: [n * 2], [sw.constant(1)])
        >>> n.numpy().item()
        128
    """
    del shape_invariants, parallel_iterations, back_prop, swap_memory
    single = not isinstance(loop_vars, list | tuple)
    values = [loop_vars] if single else list(loop_vars)
    if maximum_iterations is not None:
        return _limited(cond, body, values, maximum_iterations, loop_vars, name)
    tracer = current_tracer()
    after = _python_while(cond, body, values) if tracer is None else _staged_while(tracer, cond, body, values, name)
    return after[0] if single else type(loop_vars)(after) if type(loop_vars) in (list, tuple) else after


def _limited(cond: Cond, body: Body, values: list[object], limit: TensorLike, like: object, name: str | None) -> object:
    def go_on(number: Any, *rest: object) -> TensorLike:
        below = number < limit
        if staged(below) is None:
            return cond(*rest) if below else False
        branches = (lambda: cond(*rest)), (lambda: False)
        return globals()["cond"](below, *branches)

    def step(number: Any, *rest: object) -> list[object]:
        return [number + 1, *_as_list(body(*rest), len(rest))]

    _, *after = while_loop(go_on, step, [0, *values], name=name)
    return after if isinstance(like, list) else tuple(after) if isinstance(like, tuple) else after[0]


def _as_list(result: object, count: int) -> list[object]:
    """What a body returned, as one value per variable."""
    values = list(result) if isinstance(result, list | tuple) and not (count == 1 and len(result) != 1) else [result]
    if len(values) != count:
        raise ControlFlowError(f"while_loop: body returned {len(values)} values for {count} loop_vars")
    return values


def _python_while(cond: Cond, body: Body, values: list[object]) -> list[object]:
    while cond(*values):
        values = _as_list(body(*values), len(values))
    return values


def _staged_while(tracer: Tracer, cond: Cond, body: Body, values: list[object], name: str | None) -> list[object]:
    current = values
    test, step = _converted(cond), _converted(body)

    def enter(new: Sequence[object]) -> None:
        nonlocal current
        current = list(new)

    def run(_: object) -> None:
        nonlocal current
        current = _as_list(step(*current), len(current))

    names = [f"loop_vars[{number}]" for number in range(len(values))]
    place = place_of_function(body)
    code = (cond, body)
    program = Program(
        name or "while_loop", names, enter, lambda: test(*current), run, lambda: current, place, code=code
    )
    return stage_while(tracer, program, LoopState(program, values, carried=True))


def for_range(
    start: Integer, stop: Integer, step: Integer, body: Body, loop_vars: Sequence[object], code: Body | None = None
) -> list[Any]:
    """Repeat `loop_vars = body(i, *loop_vars)` for each `i` of a range; the variables after it.

    `code` is the user's function that the body calls, where it is not that itself.
    """
    current = list(loop_vars)
    tracer = current_tracer()
    if tracer is None:
        for number in range(int(start), int(stop), int(step)):
            current = _as_list(body(number, *current), len(current))
        return current

    def enter(new: Sequence[object]) -> None:
        nonlocal current
        current = list(new)

    def run(counter: object) -> None:
        nonlocal current
        current = _as_list(_converted(body)(counter, *current), len(current))

    names = [f"loop_vars[{number}]" for number in range(len(current))]
    own = code or body
    program = Program("for_range", names, enter, None, run, lambda: current, place_of_function(own), code=(own,))
    return stage_range(tracer, Range(start, stop, step), program, current, carried=True)


def _converted(function: Callable[P, Result]) -> Callable[P, Result]:
    """User functions given to converted code are converted too."""
    return convert_inside(function)
