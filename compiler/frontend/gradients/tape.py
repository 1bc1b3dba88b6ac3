"""Automatic differentiation by recording: eager and traced programs alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import optree
from xdsl.dialects import scf

from ....dialects.diagnostics import InvalidTypeError
from ....dialects.dtypes import dtype_of
from ....dialects.public import public
from ..control_flow.containers import CarriedObject
from ..control_flow.recorded import Staged
from ..ops import namespace
from ..tracing.tracebacks import trim
from ..values.composite import Composite
from ..values.dispatch import as_tensor
from ..values.module import Module
from ..values.recording import Backward, Whole, record_on, state, tape_key
from ..values.tensor import Tensor
from ..values.variable import Variable, represented_by
from .branches import branch_gradient
from .jacobians import Pullback, batch_jacobian, check_examples, jacobian
from .loops import loop_gradient
from .sums import Sums

if TYPE_CHECKING:
    from ....dialects.hl.rules.functions import Value


@dataclass(frozen=True)
class _Record:
    inputs: Sequence[Value]
    outputs: Sequence[Value]
    backward: Backward | Whole | Staged
    name: str


@public(top=True)
class UnconnectedGradients(StrEnum):
    """What the gradient is with respect to a source that the target does not depend on."""

    NONE = "none"
    ZERO = "zero"


@public(top=True)
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
        self._followed: dict[int, Value] = {}
        self._watched: dict[int, Value] = {}

    def __enter__(self) -> GradientTape:
        if self in state.tapes:
            raise ValueError("GradientTape: this tape is already recording")
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self) -> None:
        record_on([*state.tapes, self])

    def _stop(self) -> None:
        record_on([tape for tape in state.tapes if tape is not self])

    def watch(self, tensor: object) -> None:
        """Follow a tensor, a Variable, or a structure of them."""
        for leaf in _flat(tensor)[0]:
            self.follow(_known("GradientTape.watch", leaf, "a tensor or Variable"))

    def follow(self, thing: Value) -> None:
        """Record from now on what is computed from `thing`, a tensor or Variable, if it has a gradient."""
        if dtype_of(thing).is_inexact:
            self._followed[tape_key(thing)] = thing
            self._watched[tape_key(thing)] = thing

    def follows(self, thing: Value) -> bool:
        """Whether what is computed from `thing` is recorded."""
        return tape_key(thing) in self._followed

    def watched_variables(self) -> tuple[Variable, ...]:
        """The Variables watched so far, in the order they were first read."""
        return tuple(thing for thing in self._watched.values() if isinstance(thing, Variable))

    def reset(self) -> None:
        """Forget everything recorded."""
        self._records, self._followed, self._watched = [], {}, {}

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """This tape does not record inside the `with` block. Raises RuntimeError for one that is not recording."""
        if self not in state.tapes:
            raise RuntimeError("GradientTape.stop_recording: this tape is not recording")
        self._stop()
        try:
            yield
        finally:
            self._start()

    def record(
        self, inputs: Sequence[Value], outputs: Sequence[Value], backward: Backward | Whole | Staged, name: str
    ) -> None:
        """Note that `outputs` were computed from `inputs`, if one of these is followed."""
        if self._records is None or not any(self.follows(thing) for thing in inputs):
            return
        followed = [output for output in outputs if dtype_of(output).is_inexact]
        if not followed:
            return
        if isinstance(backward, Staged):
            backward.tapes.add(self)
            outputs = backward.outputs
        self._records.append(_Record(inputs, outputs, backward, name))
        for output in followed:
            self._followed[tape_key(output)] = output

    def follow_output(self, tensor: Tensor) -> None:
        """Know `tensor` as another result of a branch or loop that is recorded."""
        if tensor.dtype.is_inexact:
            self._followed[tape_key(tensor)] = tensor

    def reached(self, keys: set[int]) -> None:
        """Add to `keys` those of all that was computed from what has one of them."""
        for record in self._records or ():
            if any(tape_key(thing) in keys for thing in record.inputs):
                keys.update(tape_key(output) for output in record.outputs if dtype_of(output).is_inexact)

    def sweep(self, sums: Sums, wants: Callable[[Value], bool]) -> None:
        """Reverse accumulation: after it, `sums` has the gradients of all that is wanted, by those that it has."""
        for record in reversed(self._records or ()):
            grads = [sums.get(output) for output in record.outputs]
            if any(grad is not None for grad in grads):
                for thing, grad in zip(record.inputs, _backward(record, grads, wants), strict=True):
                    if grad is not None and dtype_of(thing).is_inexact and wants(thing):
                        sums.add(thing, grad)

    def gradient(
        self,
        target: object,
        sources: object,
        output_gradients: object = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradient of the sum of `target` with respect to `sources`.

        Args:
            target: a tensor or a structure of tensors.
            sources: a tensor, a Variable, or a structure of them; the result has the same structure.
            output_gradients: what to start from instead of ones, in the structure of `target`.
            unconnected_gradients: for a source that `target` does not depend on, `"none"` returns None, `"zero"` zeros.
        """
        if self._records is None:
            raise RuntimeError("GradientTape.gradient: a tape that is not persistent computes gradients only once")
        if unconnected_gradients not in ("none", "zero"):
            raise ValueError(
                "GradientTape.gradient: unconnected_gradients: expected 'none' or 'zero', "
                f"got {unconnected_gradients!r}"
            )
        leaves, structure = _flat(sources)
        wholes, leaves = leaves, [self._source(leaf) for leaf in leaves]
        was_recording = self in state.tapes
        self._stop()
        try:
            sums = _seed(target, output_gradients)
            self.sweep(sums, self.follows)
        except Exception as error:
            trim(error)
            raise
        finally:
            if was_recording and self.persistent:
                self._start()
        if not self.persistent:
            self._records = None
        found = [_found(sums, leaf, unconnected_gradients == "zero") for leaf in leaves]
        return optree.tree_unflatten(structure, list(map(_whole, wholes, found)))

    def _source(self, leaf: object) -> Tensor | Variable:
        """What the tape knows a source by; an error where there is nothing, for which None would not be the answer."""
        thing = _known("GradientTape.gradient: sources", leaf)
        if (
            not isinstance(leaf, Composite)
            and thing is not leaf
            and isinstance(thing, Tensor)
            and not self.follows(thing)
        ):
            raise InvalidTypeError(
                f"GradientTape.gradient: sources: the tensor that {type(leaf).__qualname__}.__stepwell_tensor__() "
                "returns is not one that the tape follows; let it return a Variable, or always the same tensor"
            )
        return thing

    def jacobian(
        self,
        target: Tensor,
        sources: object,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivatives of all elements of `target` with respect to `sources`, in the structure of `sources`.

        Args:
            target: a tensor.
            sources: a tensor, a Variable, or a structure of them.
            unconnected_gradients: as of `gradient`.
            parallel_iterations: accepted as in TensorFlow; unused.
            experimental_use_pfor: whether they are computed at once, or one after the other, with less memory.

        The axes of each result are those of `target`, and then those of the source.

        Example:
            >>> import stepwell as sw
            >>> x = sw.constant([1.0, 2.0])
            >>> with sw.GradientTape() as tape:
            ...     tape.watch(x)
            ...     y = x * x
            >>> tape.jacobian(y, x).numpy().tolist()
            [[2.0, 0.0], [0.0, 4.0]]
        """
        del parallel_iterations
        leaves, structure = _flat(sources)
        known = [_known("GradientTape.jacobian: sources", leaf) for leaf in leaves]
        value = as_tensor(_known("GradientTape.jacobian: target", target))
        with self._kept():
            pullback = self._pullback(value, known, unconnected_gradients)
            found = jacobian(value, known, pullback, experimental_use_pfor)
        return optree.tree_unflatten(structure, found)

    def batch_jacobian(
        self,
        target: Tensor,
        source: Tensor | Variable,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """The derivatives of each example of `target` with respect to the same example of `source`, as one tensor.

        Both have the examples along their first axis, and an example of `target` depends on no other one of `source`.
        For a source that `target` does not depend on the result is zeros.

        Args:
            target, source: tensors of as many examples.
            unconnected_gradients: as of `gradient`.
            parallel_iterations: accepted as in TensorFlow; unused.
            experimental_use_pfor: whether they are computed at once, or one after the other, with less memory.

        Example:
            >>> import stepwell as sw
            >>> x = sw.constant([[1.0, 2.0], [3.0, 4.0]])
            >>> with sw.GradientTape() as tape:
            ...     tape.watch(x)
            ...     y = x * x
            >>> tape.batch_jacobian(y, x).numpy().tolist()
            [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]]
        """
        del parallel_iterations
        value = as_tensor(_known("GradientTape.batch_jacobian: target", target))
        known = _known("GradientTape.batch_jacobian: source", source, "a tensor or Variable")
        check_examples(value, known)
        with self._kept():
            pullback = self._pullback(value, [known], unconnected_gradients)
            return batch_jacobian(value, known, pullback, experimental_use_pfor)

    def _pullback(self, target: Tensor, sources: Sequence[Tensor | Variable], unconnected: Any) -> Pullback:
        return lambda grad: self.gradient(target, list(sources), grad, unconnected)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Let `gradient` be called several times, as one call is for those who do not know."""
        if self._records is None:
            raise RuntimeError("GradientTape.jacobian: a tape that is not persistent computes gradients only once")
        persistent, self.persistent = self.persistent, True
        recording_ = self in state.tapes
        self._stop()
        try:
            yield
        finally:
            self.persistent = persistent
            if recording_ and persistent:
                self._start()
            if not persistent:
                self._records = None


def _flat(tree: object) -> tuple[list[object], optree.PyTreeSpec]:
    """The leaves of a structure; a TensorArray or RaggedTensor is one, although what it holds are tensors."""
    wholes = CarriedObject, Composite
    return optree.tree_flatten(tree, lambda thing: isinstance(thing, wholes), none_is_leaf=True)  # pyright: ignore


def _known(what: str, thing: object, expected: str = "tensors and Variables") -> Tensor | Variable:
    """What a tape follows for `thing`: TypeError for all but tensors, Variables, and objects that represent these."""
    thing = thing.differentiated() if isinstance(thing, Composite) else represented_by(thing)
    if isinstance(thing, Tensor | Variable):
        return thing
    class_ = type(thing)
    name = class_.__name__ if class_.__module__ == "builtins" else f"{class_.__module__}.{class_.__qualname__}"
    remedy = "; give its trainable_variables" if isinstance(thing, Module) else ""
    raise InvalidTypeError(f"{what}: expected {expected}, got {name}{remedy}")


def _tensor(leaf: Any) -> Any:
    """The tensor of a RaggedTensor that has gradients."""
    return leaf.differentiated() if isinstance(leaf, Composite) else leaf


def _whole(source: object, gradient: Any) -> Any:
    """The gradient with respect to a source: a RaggedTensor for one."""
    return source.with_gradient(gradient) if isinstance(source, Composite) else gradient


def _seed(target: object, output_gradients: Any) -> Sums:
    m = namespace()
    targets = [_known("GradientTape.gradient: target", leaf) for leaf in _flat(target)[0]]
    given = [None] * len(targets) if output_gradients is None else list(map(_tensor, _flat(output_gradients)[0]))
    if len(given) != len(targets):
        raise ValueError(
            f"GradientTape.gradient: output_gradients: expected {len(targets)} tensors as in target, got {len(given)}"
        )
    sums = Sums(m)
    for tensor, start in zip(targets, given, strict=True):
        if not tensor.dtype.is_inexact:
            continue
        grad = m.ones_like(tensor) if start is None else as_tensor(start, tensor.dtype, "output_gradients")
        sums.add(tensor, grad)
    return sums


def _backward(
    record: _Record, grads: Sequence[Tensor | None], wants: Callable[[Value], bool]
) -> Sequence[Tensor | None]:
    """The gradients of a record's inputs; branches and loops are differentiated as wholes."""
    m, backward = namespace(), record.backward
    if isinstance(backward, Staged):
        differentiate = branch_gradient if isinstance(backward.op, scf.IfOp) else loop_gradient
        return differentiate(backward, grads, wants, _body_recorder)
    if isinstance(backward, Whole):
        return backward.gradients(grads)
    pairs = zip(grads, record.outputs, strict=True)
    return backward(m, *[m.zeros_like(output) if grad is None else grad for grad, output in pairs])


def _body_recorder() -> GradientTape:
    return GradientTape(persistent=True, watch_accessed_variables=False)


def _found(sums: Sums, source: object, zero: bool) -> Tensor | None:
    grad = sums.get(source)
    return namespace().zeros_like(source) if grad is None and zero else grad
