"""`for` in converted code: over Python iterables as Python, over tensors and ranges of tensors staged."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.ir import SSAValue

from ....dialects.dtypes import INT32, dtype_of
from ....dialects.hl.arithmetic import MinimumOp
from ....dialects.hl.counting import RangeOp
from ....dialects.hl.index import GatherOp
from ....dialects.hl.shape import DimOp
from ....dialects.types import array_of
from ..control_flow.containers import in_place
from ..control_flow.ranges import Integer, Range, stage_range, staged
from ..control_flow.values import hold
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import apply, as_tensors, from_ssa, value_to_ssa
from ..values.tensor import Tensor, TensorObject, is_tensor, represented, traced_value
from .lines import assignment_place
from .logic import and_
from .statements import GetState, SetState, State, if_stmt, loop_program, stage_loop

Body = Callable[[Any], None]
"""An iteration, given the element."""


@dataclass(frozen=True)
class Enumerated:
    """`enumerate` of something staged."""

    iterable: StagedIterable
    start: Integer


@dataclass(frozen=True)
class Zipped:
    """`zip` of iterables of which one is staged."""

    iterables: Sequence[StagedIterable]


StagedIterable: TypeAlias = "Range | Enumerated | Zipped | Tensor | TensorObject"
"""What a `for` loop in the IR iterates over."""


class Elements(Protocol):
    """One way through a source, in the IR."""

    def next(self) -> Sequence[Tensor]:
        """Whether there is another element, and its components: tensors of some content if there is none."""
        ...

    def pack(self, components: Sequence[object]) -> object:
        """An element of its components."""
        ...

    def close(self) -> None:
        """The loop is over."""
        ...


class IndexedElements(Protocol):
    """Elements in the memory of a program, which it takes by their index."""

    count: int

    def begin(self) -> None:
        """A loop begins."""
        ...

    def element(self, index: Any, /) -> Sequence[Tensor]:
        """The components of the element at an index."""
        ...


@runtime_checkable
class Source(Protocol):
    """What a `for` loop in the IR asks for one element after the other, such as a dataset."""

    def indexed(self) -> tuple[IndexedElements, Callable[[Sequence[Tensor]], object]] | None:
        """The elements and how to pack the components of one, if the program that is traced has them in memory."""
        ...

    def staged(self) -> Elements:
        """Begin, in the program that is traced."""
        ...


def is_staged_iterable(value: object) -> TypeGuard[StagedIterable]:
    """Whether a `for` over `value` becomes a loop in the IR: a tensor, a range of tensors, or made of those."""
    if current_tracer() is None:
        return False
    return is_tensor(value) or isinstance(value, Range | Enumerated | Zipped)


def length_of(value: StagedIterable) -> Integer:
    """How many elements there are: an int, or a tensor."""
    if isinstance(value, Range):
        return value.length()
    if isinstance(value, Enumerated):
        return length_of(value.iterable)
    if isinstance(value, Zipped):
        return _shortest([length_of(part) for part in value.iterables])
    if not value.ndim:
        raise TypeError("iteration over a tensor without dimensions")
    size: int | None = value.shape[0]
    return size if size is not None else _dynamic_length(value)


def _dynamic_length(value: Tensor | TensorObject) -> Tensor:
    tracer = current_tracer()
    assert tracer is not None
    size = tracer.emit(DimOp, [value_to_ssa(value)], {"axis": 0, "dtype": INT32})
    return from_ssa(size.results[0])


def _shortest(lengths: Sequence[Integer]) -> Integer:
    return functools.reduce(_shorter, lengths)


def _shorter(a: Integer, b: Integer) -> Integer:
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return apply(MinimumOp, *as_tensors("zip", a, b))


def element(value: StagedIterable, index: Tensor) -> object:
    """The element at `index`, a tensor."""
    if isinstance(value, Range):
        return value.number(index)
    if isinstance(value, Enumerated):
        number = index if type(value.start) is int and value.start == 0 else index + value.start
        return number, element(value.iterable, index)
    if isinstance(value, Zipped):
        return tuple(element(part, index) for part in value.iterables)
    return apply(GatherOp, value, index, axis=0, batch_dims=0)


def _as_range(value: Range | Tensor | TensorObject) -> Range | None:
    """A tensor of integers at equal distances, as a range: a concrete one, or one that `sw.range` gave."""
    if isinstance(value, Range):
        return value
    if staged(value) is not None:
        return _range_of(traced_value(value))
    if len(value.shape) != 1 or not dtype_of(value).is_integer or value.shape[0] == 0:
        return None
    array = np.asarray(value)
    step = int(array[1] - array[0]) if len(array) > 1 else 1
    if step == 0 or not np.array_equal(array, array[0] + step * np.arange(len(array))):
        return None
    found = Range(int(array[0]), int(array[0]) + step * len(array), step)
    found.dtype = dtype_of(array)
    return found


def _range_of(ssa: SSAValue | None) -> Range | None:
    """The range that an `hl.range` gives, if its step is known not to be 0."""
    op = ssa.owner if isinstance(ssa, SSAValue) else None
    if not isinstance(op, RangeOp) or not dtype_of(op.start.type).is_integer:
        return None
    start, limit, step = (_number(bound) for bound in (op.start, op.limit, op.delta))
    if not isinstance(step, int) or step == 0:
        return None
    found = Range(start, limit, step)
    found.dtype = dtype_of(op.start.type)
    return found


def _number(bound: SSAValue) -> Integer:
    """A scalar as an int, if it is a constant, or as a tensor."""
    op = bound.owner
    if isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr):
        return int(array_of(op.value))
    return from_ssa(bound)


def for_stmt(
    iter_: Any,
    extra_test: Callable[[], object] | None,
    body: Body,
    get_state: GetState,
    set_state: SetState,
    symbol_names: Sequence[str],
    opts: Mapping[str, object],
) -> None:
    """A `for` statement; `extra_test` is whether no `break` or `return` has happened."""
    tracer, iter_ = current_tracer(), represented(iter_)
    if tracer is not None and isinstance(iter_, Source):
        _over_dataset(tracer, iter_, extra_test, body, get_state, set_state, symbol_names)
        return
    if tracer is None or not is_staged_iterable(iter_):
        _python_for(iter_, extra_test, body, get_state, set_state, symbol_names)
        return
    _staged_for(tracer, iter_, extra_test, body, get_state, set_state, symbol_names)


def _python_for(
    iter_: Iterable[object],
    extra_test: Callable[[], object] | None,
    body: Body,
    get_state: GetState,
    set_state: SetState,
    names: Sequence[str],
) -> None:
    """Unrolled: once a `break` depends on a tensor, each further iteration is under a condition."""
    if extra_test is None:
        for item in iter_:
            body(item)
        return
    going = extra_test()
    for item in iter_ if staged(going) is not None or going else ():
        going = extra_test()
        if staged(going) is not None:
            if_stmt(going, lambda item=item: body(item), lambda: None, get_state, set_state, names, len(names))
            continue
        if not going:
            break
        body(item)


def _staged_for(
    tracer: Tracer,
    iter_: StagedIterable,
    extra_test: Callable[[], object] | None,
    body: Body,
    get_state: GetState,
    set_state: SetState,
    names: Sequence[str],
) -> None:
    numbers = _as_range(iter_) if not isinstance(iter_, Enumerated | Zipped) else None
    at: Callable[[Any], object] = lambda index: index  # noqa: E731
    if numbers is None:
        numbers = Range(0, length_of(iter_), 1)
        at = lambda index: element(iter_, index)  # noqa: E731
    _over_numbers(tracer, numbers, at, extra_test, body, get_state, set_state, names)


def _over_numbers(
    tracer: Tracer,
    numbers: Range,
    at: Callable[[Any], object],
    extra_test: Callable[[], object] | None,
    body: Body,
    get_state: GetState,
    set_state: SetState,
    names: Sequence[str],
) -> None:
    """A loop over numbers, with the element that `at` gives for each."""
    initial = get_state()

    def stage() -> Sequence[object]:
        if extra_test is None:
            program = loop_program("a for loop", names, None, lambda i: body(at(i)), get_state, set_state, body)
            return stage_range(tracer, numbers, program, initial)
        return _with_exit(tracer, numbers, lambda i: body(at(i)), extra_test, get_state, set_state, names, body)

    _leave(tracer, stage, initial, set_state, names, body)


def _leave(
    tracer: Tracer,
    stage: Callable[[], Sequence[object]],
    initial: State,
    set_state: SetState,
    names: Sequence[str],
    code: Body,
) -> None:
    """Stage a loop, and give the variables their values after it; those before it, if it cannot be staged."""
    try:
        values = stage()
    except BaseException:
        set_state(initial)
        raise
    set_state(tuple(in_place(old, new) for old, new in zip(initial, values)))
    for name, value in zip(names, values):
        hold(tracer, name, value, partial(assignment_place, code, name))


def _over_dataset(
    tracer: Tracer,
    source: Source,
    extra_test: Callable[[], object] | None,
    body: Body,
    get_state: GetState,
    set_state: SetState,
    names: Sequence[str],
) -> None:
    """A loop over indices, where the program has the elements in memory, or one that asks for each element."""
    found = source.indexed()
    if found is None:
        _over_source(tracer, source.staged(), extra_test, body, get_state, set_state, names)
        return
    elements, pack = found
    elements.begin()
    numbers = Range(0, elements.count, 1)
    _over_numbers(tracer, numbers, lambda i: pack(elements.element(i)), extra_test, body, get_state, set_state, names)


class _NextElement:
    """The next element of a source, which a loop carries: whether there is one, and its components."""

    def __init__(self, elements: Elements):
        self._elements = elements
        self.values: list[Any] = list(elements.next())
        self.names = ["the next element"] * len(self.values)

    def get(self) -> State:
        """What the loop carries."""
        return tuple(self.values)

    def set(self, values: State) -> None:
        """Take what the loop carries."""
        self.values[:] = values

    def packed(self) -> object:
        """The element itself."""
        return self._elements.pack(self.values[1:])

    def advance_if(self, going: object) -> None:
        """Ask for the one behind it, but not after a `break`: an iterator has it still."""

        def advance() -> None:
            self.values[:] = self._elements.next()

        if_stmt(going, advance, lambda: None, self.get, self.set, self.names, len(self.values))


def _over_source(
    tracer: Tracer,
    elements: Elements,
    extra_test: Callable[[], object] | None,
    body: Body,
    get_state: GetState,
    set_state: SetState,
    names: Sequence[str],
) -> None:
    """A `while` that carries the next element."""
    following = _NextElement(elements)
    count = len(following.values)

    def get() -> State:
        return (*following.get(), *get_state())

    def set_(values: State) -> None:
        following.set(values[:count])
        set_state(values[count:])

    def step(_: object) -> None:
        body(following.packed())
        following.advance_if(True if extra_test is None else extra_test())

    def test() -> object:
        return following.values[0] if extra_test is None else and_(lambda: following.values[0], extra_test)

    program = loop_program("a for loop over a dataset", [*following.names, *names], test, step, get, set_, body)

    def stage() -> Sequence[object]:
        return stage_loop(tracer, program, get(), set_, False)[count:]

    _leave(tracer, stage, get_state(), set_state, names, body)
    elements.close()


def _with_exit(
    tracer: Tracer,
    numbers: Range,
    body: Callable[[Tensor], None],
    extra_test: Callable[[], object],
    get_state: GetState,
    set_state: SetState,
    names: Sequence[str],
    code: Callable[..., object],
) -> list[object]:
    """A loop that may be left early: a `while` with a counter."""
    length = numbers.length()
    counter: Any = from_ssa(tracer.constant(np.zeros((), numbers.dtype)))

    def get() -> State:
        return (counter, *get_state())

    def set_(values: State) -> None:
        nonlocal counter
        counter = values[0]
        set_state(values[1:])

    def step(_: object) -> None:
        nonlocal counter
        index = counter
        body(numbers.number(index))
        counter = index + 1

    def test() -> object:
        return and_(lambda: counter < length, extra_test)

    program = loop_program("a for loop", ["the counter", *names], test, step, get, set_, code)
    at_least_once = type(length) is int and length > 0 and extra_test() is True
    return stage_loop(tracer, program, get(), set_, at_least_once)[1:]
