"""Automatic differentiation by recording: eager and traced programs alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import optree

from ..tracing import modes
from ..tracing.tracebacks import trim

if TYPE_CHECKING:
    from ..values.tensor import Tensor
    from ..values.variable import Variable

Backward = Callable[..., Sequence[Any]]
"""Gradients with respect to the inputs, given those of the outputs (zeros where nothing flowed)."""


@dataclass(frozen=True)
class _Record:
    inputs: Sequence[Any]
    outputs: Sequence[Any]
    backward: Backward
    name: str


def _key(thing: Any) -> int:
    """What a tape knows a tensor or Variable by: in traces, all tensors that stand for one value are that value."""
    value = getattr(thing, "_ssa", None)
    if value is None:
        return id(thing)
    around = thing._tracer.outside(value)
    return id(value) if around is None else _key(around)


class _State(threading.local):
    def __init__(self) -> None:
        self.tapes: list[GradientTape] = []


_state = _State()


def _record_on(tapes: list[GradientTape]) -> None:
    """Let exactly these tapes record in this thread."""
    was = bool(_state.tapes)
    if tapes:
        modes.switch("tape", was, True)
        _state.tapes = tapes
    else:
        _state.tapes = tapes
        modes.switch("tape", was, False)


def is_recording() -> bool:
    """Whether any tape in this thread is recording."""
    return bool(_state.tapes)


def is_watched(thing: Any) -> bool:
    """Whether a recording tape follows `thing`, a tensor or a Variable."""
    return any(_key(thing) in tape._followed for tape in _state.tapes) or (
        is_recording() and getattr(thing, "trainable", False)
    )


def record(inputs: Sequence[Any], outputs: Sequence[Any], backward: Backward, name: str) -> None:
    """Tell the recording tapes that `outputs` were computed from `inputs`."""
    for tape in _state.tapes:
        tape._record(inputs, outputs, backward, name)


def record_again(records: Sequence[tuple[Sequence[Any], Sequence[Any], Backward, str]]) -> None:
    """Tell the recording tapes what was computed while a function was traced, each of them once."""
    for tape in _state.tapes:
        for inputs, outputs, backward, name in records:
            if not any(_key(output) in tape._followed for output in outputs):
                tape._record(inputs, outputs, backward, name)


def follow_accessed(variables: Sequence[Variable]) -> None:
    """Tell the recording tapes that `variables` were read."""
    for tape in _state.tapes:
        for variable in variables:
            if tape.watch_accessed_variables and variable.trainable:
                tape._follow(variable)


def foreign_error(what: str) -> TypeError:
    """The error for `what`, an object of another library that became a constant where a tape records."""
    return TypeError(
        f"{what} is an object of another library, through which a GradientTape cannot follow gradients; "
        "convert it explicitly, outside of the tape, for a constant: sw.constant(numpy.asarray(x))"
    )


def record_read(variable: Variable, value: Tensor) -> None:
    """Tell the recording tapes that `value` is what `variable` holds."""
    follow_accessed([variable])
    for tape in _state.tapes:
        tape._record([variable], [value], lambda grad: [grad], "read")


@contextmanager
def stop_recording() -> Iterator[None]:
    """Nothing is recorded inside the `with` block, by any tape."""
    saved = _state.tapes
    _record_on([])
    try:
        yield
    finally:
        _record_on(saved)


class GradientTape:
    """Records operations inside its `with` block, to differentiate them afterwards.

    Args:
        persistent: whether `gradient` may be called more than once.
        watch_accessed_variables: whether every trainable Variable that is read is watched.

    Tapes nest: what an inner tape's `gradient` computes is recorded by the outer one.

    Example:
        >>> import stepwell as sw
        >>> x = sw.constant(3.0)
        >>> with sw.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> float(tape.gradient(y, x))
        6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self.persistent = persistent
        self.watch_accessed_variables = watch_accessed_variables
        self._records: list[_Record] | None = []
        self._followed: dict[int, Any] = {}
        self._watched: dict[int, Any] = {}

    def __enter__(self) -> GradientTape:
        if self in _state.tapes:
            raise ValueError("GradientTape: this tape is already recording")
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self) -> None:
        _record_on([*_state.tapes, self])

    def _stop(self) -> None:
        _record_on([tape for tape in _state.tapes if tape is not self])

    def watch(self, tensor: Any) -> None:
        """Follow a tensor, a Variable, or a structure of them."""
        for leaf in _flat(tensor)[0]:
            self._follow(_known("GradientTape.watch", leaf, "a tensor or Variable"))

    def _follow(self, thing: Any) -> None:
        if thing.dtype.kind == "f":
            self._followed[_key(thing)] = thing
            self._watched[_key(thing)] = thing

    def watched_variables(self) -> tuple[Any, ...]:
        """The Variables watched so far, in the order they were first read."""
        return tuple(thing for thing in self._watched.values() if hasattr(thing, "trainable"))

    def reset(self) -> None:
        """Forget everything recorded."""
        self._records, self._followed, self._watched = [], {}, {}

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """This tape does not record inside the `with` block."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def _record(self, inputs: Sequence[Any], outputs: Sequence[Any], backward: Backward, name: str) -> None:
        if self._records is None or not any(_key(thing) in self._followed for thing in inputs):
            return
        followed = [output for output in outputs if output.dtype.kind == "f"]
        if not followed:
            return
        self._records.append(_Record(inputs, outputs, backward, name))
        for output in followed:
            self._followed[_key(output)] = output

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None, unconnected_gradients: str = "none"
    ) -> Any:
        """The gradient of the sum of `target` with respect to `sources`.

        Args:
            target: a tensor or a structure of tensors.
            sources: a tensor, a Variable, or a structure of them; the result has the same structure.
            output_gradients: what to start from instead of ones, in the structure of `target`.
            unconnected_gradients: `"none"` gives None for a source that `target` does not depend on, `"zero"` zeros.
        """
        if self._records is None:
            raise RuntimeError("GradientTape.gradient: a tape that is not persistent gives gradients only once")
        if unconnected_gradients not in ("none", "zero"):
            raise ValueError(
                "GradientTape.gradient: unconnected_gradients: expected 'none' or 'zero', "
                f"got {unconnected_gradients!r}"
            )
        leaves, structure = _flat(sources)
        for leaf in leaves:
            _known("GradientTape.gradient: sources", leaf)
        records = self._records
        was_recording = self in _state.tapes
        self._stop()
        try:
            grads = _seed(target, output_gradients)
            _sweep(records, grads)
        except Exception as error:
            trim(error)
            raise
        finally:
            if was_recording and self.persistent:
                self._start()
        if not self.persistent:
            self._records = None
        found = [_found(grads, leaf, unconnected_gradients == "zero") for leaf in leaves]
        return optree.tree_unflatten(structure, found)


def _flat(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of a structure; a TensorArray is one, although what it holds are tensors."""
    from ..tensor_array.array import TensorArray

    return optree.tree_flatten(tree, lambda thing: isinstance(thing, TensorArray), none_is_leaf=True)  # pyright: ignore


def _known(what: str, thing: Any, expected: str = "tensors and Variables") -> Any:
    """`thing`, if a tape can follow it: TypeError for all but tensors and Variables."""
    from ..values.module import Module
    from ..values.tensor import Tensor
    from ..values.variable import Variable

    if isinstance(thing, Tensor | Variable):
        return thing
    class_ = type(thing)
    name = class_.__name__ if class_.__module__ == "builtins" else f"{class_.__module__}.{class_.__qualname__}"
    remedy = "; give its trainable_variables" if isinstance(thing, Module) else ""
    raise TypeError(f"{what}: expected {expected}, got {name}{remedy}")


def _ops() -> Any:
    from ..ops import namespace

    return namespace()


def _seed(target: Any, output_gradients: Any) -> dict[int, Any]:
    from ..values.dispatch import as_tensor

    m = _ops()
    targets = [_known("GradientTape.gradient: target", leaf) for leaf in _flat(target)[0]]
    given = (
        [None] * len(targets) if output_gradients is None else optree.tree_leaves(output_gradients, none_is_leaf=True)
    )
    if len(given) != len(targets):
        raise ValueError(
            f"GradientTape.gradient: output_gradients: expected {len(targets)} tensors as in target, got {len(given)}"
        )
    grads: dict[int, Any] = {}
    for tensor, start in zip(targets, given, strict=True):
        if tensor.dtype.kind != "f":
            continue
        grad = m.ones_like(tensor) if start is None else as_tensor(start, tensor.dtype, "output_gradients")
        _add(m, grads, tensor, grad)
    return grads


def _add(m: Any, grads: dict[int, Any], thing: Any, grad: Any) -> None:
    known = grads.get(_key(thing))
    grads[_key(thing)] = grad if known is None else m.add(known, grad)


def _sweep(records: Sequence[_Record], grads: dict[int, Any]) -> None:
    """Reverse accumulation: after it, `grads` has the gradient of everything the targets depend on, by key."""
    m = _ops()
    for record_ in reversed(records):
        incoming = [grads.get(_key(output)) for output in record_.outputs]
        if all(grad is None for grad in incoming):
            continue
        full = [
            m.zeros_like(output) if grad is None else grad
            for grad, output in zip(incoming, record_.outputs, strict=True)
        ]
        for thing, grad in zip(record_.inputs, record_.backward(*full), strict=True):
            if grad is not None and thing.dtype.kind == "f":
                _add(m, grads, thing, grad)


def _found(grads: dict[int, Any], source: Any, zero: bool) -> Any:
    grad = grads.get(_key(source))
    return _ops().zeros_like(source) if grad is None and zero else grad
