"""What the optimizers of TensorFlow 1 share: gradients, the Variables kept for others, one update a Variable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from ....compiler.frontend.gradients.symbolic import gradients
from ....compiler.frontend.gradients.tape import GradientTape
from ....compiler.frontend.ops.contexts import init_scope
from ....compiler.frontend.ops.creation import fill
from ....compiler.frontend.ops.select import cast
from ....compiler.frontend.tracing.conversion import convert_inside, runs_others
from ....compiler.frontend.tracing.tracer import current_tracer
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor, TensorLike
from ....compiler.frontend.values.variable import Variable, represented_by
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.errors import FailedPreconditionError
from ....dialects.public import public

Rate = TensorLike | Callable[[], TensorLike]
"""A number, or a function that is called for each step."""

Pairs = Sequence[tuple[Tensor | None, Any]]
"""Gradients and their Variables."""


@public("compat.v1.train")
class Optimizer:
    """The base of the optimizers of TensorFlow 1, for loops that call them; Keras's are in `sw.optimizers`.

    A gradient is a tensor of the shape of its Variable, that of an embedding too: all of its rows are updated.
    """

    _SLOTS: ClassVar[Mapping[str, float]] = {}
    """The Variables that are kept for each one that is trained: their names and initial values."""

    def __init__(self, use_locking: bool, name: str):
        del use_locking
        self._name = name
        self._slots: dict[int, tuple[Variable, dict[str, Variable]]] = {}

    def get_name(self) -> str:
        """The name."""
        return self._name

    def get_slot_names(self) -> list[str]:
        """The names of what is kept for each Variable."""
        return sorted(self._slot_values())

    def get_slot(self, var: Any, name: str) -> Variable | None:
        """What is kept for a Variable; None if there is nothing of this name, or no step has been taken."""
        found = self._slots.get(id(_variable(var)))
        return None if found is None else found[1].get(name)

    def variables(self) -> list[Variable]:
        """All Variables that are kept."""
        return [slot for _, slots in self._slots.values() for slot in slots.values()]

    @runs_others
    def minimize(
        self,
        loss: Any,
        global_step: Variable | None = None,
        var_list: Sequence[Any] | None = None,
        gate_gradients: int = 1,
        aggregation_method: object = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> None:
        """Compute the gradients of a loss and take a step.

        Args:
            loss: a function of nothing that returns the loss; in an `sw.function` also a tensor.
            global_step: a Variable that counts steps.
            var_list: what to train; None is what the function reads.
            gate_gradients, aggregation_method, colocate_gradients_with_ops, name: accepted as in TensorFlow; unused.
            grad_loss: the gradient of the loss; None is 1.
        """
        pairs = self.compute_gradients(loss, var_list, grad_loss=grad_loss)
        self.apply_gradients(pairs, global_step, name)

    @runs_others
    def compute_gradients(
        self,
        loss: Any,
        var_list: Sequence[Any] | None = None,
        gate_gradients: int = 1,
        aggregation_method: object = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Tensor | None, Any]]:
        """The gradients of a loss, each with its Variable; the arguments are those of `minimize`.

        Raises FailedPreconditionError for a loss that is a tensor outside of an `sw.function`.
        """
        if not callable(loss):
            return self._of_tensor(loss, var_list, grad_loss)
        with GradientTape() as tape:
            value = convert_inside(loss)()
        variables = list(tape.watched_variables() if var_list is None else var_list)
        return list(zip(tape.gradient(value, variables, grad_loss), variables, strict=True))

    def _of_tensor(self, loss: Any, var_list: Sequence[Any] | None, grad_loss: Any) -> list[tuple[Tensor | None, Any]]:
        what = f"{type(self).__name__}.compute_gradients"
        if current_tracer() is None:
            raise FailedPreconditionError(f"{what}: loss: expected a function of nothing, got {loss!r}")
        if var_list is None:
            raise InvalidArgumentError(f"{what}: var_list: expected Variables for a loss that is a tensor, got None")
        return list(zip(gradients(loss, list(var_list), grad_loss), var_list, strict=True))

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Any]],
        global_step: Variable | None = None,
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
    ) -> None:
        """Take a step.

        Args:
            grads_and_vars: a gradient and its Variable, for each; those of which the gradient is None stay.
            global_step: a Variable that counts steps.
            name, skip_gradients_aggregation: accepted as in TensorFlow; unused.

        Raises InvalidArgumentError if there is no gradient, or one has another shape than its Variable.
        """
        del name, skip_gradients_aggregation
        given = [(gradient, _variable(variable)) for gradient, variable in grads_and_vars]
        pairs = [(as_tensor(gradient), variable) for gradient, variable in given if gradient is not None]
        if not pairs:
            names = [variable.name for _, variable in given]
            raise InvalidArgumentError(
                f"{type(self).__name__}.apply_gradients: expected gradients, got none for {names}"
            )
        for gradient, variable in pairs:
            _check(type(self).__name__, gradient, variable)
            self._slots_of(variable)
        for gradient, variable in pairs:
            variable.assign_sub(self._change(gradient, self._slots_of(variable)))
        self._finish()
        if global_step is not None:
            global_step.assign_add(as_tensor(1, global_step.dtype))

    def _slot_values(self) -> Mapping[str, float]:
        return self._SLOTS

    def _slots_of(self, variable: Variable) -> dict[str, Variable]:
        if id(variable) not in self._slots:
            with init_scope():
                made = {
                    name: Variable(fill(variable.shape, as_tensor(value, variable.dtype)), trainable=False)
                    for name, value in self._slot_values().items()
                }
            self._slots[id(variable)] = variable, made
        return self._slots[id(variable)][1]

    def _change(self, gradient: Tensor, slots: Mapping[str, Variable]) -> Tensor:
        """What to subtract from a Variable; updates what is kept for it."""
        raise NotImplementedError

    def _finish(self) -> None:
        """Update what is kept for all Variables, after a step."""


def number(given: Rate, like: Tensor) -> Tensor:
    """A setting as a tensor of a gradient's dtype."""
    return cast(given() if callable(given) else given, like.dtype)


def _variable(given: Any) -> Variable:
    found = represented_by(given)
    if not isinstance(found, Variable):
        raise InvalidTypeError(f"Optimizer: expected Variables with gradients, got {given!r}")
    return found


def _check(what: str, gradient: Tensor, variable: Variable) -> None:
    if not variable.dtype.is_floating or gradient.dtype != variable.dtype:
        raise InvalidTypeError(
            f"{what}.apply_gradients: expected a gradient and a Variable of one floating-point dtype, got "
            f"{gradient.dtype.name} for {variable.name!r} of {variable.dtype.name}"
        )
    if not gradient.shape.is_compatible_with(variable.shape):
        raise InvalidArgumentError(
            f"{what}.apply_gradients: expected a gradient of shape {tuple(variable.shape)} for {variable.name!r}, got "
            f"one of shape {tuple(gradient.shape)}"
        )
