# Written by `python -m stepwell.tools.public_api --write`.

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from stepwell import Tensor, Variable
from stepwell.types import TensorLike

class AdagradOptimizer(Optimizer):
    """Adagrad: steps get smaller with the sum of squared gradients."""
    def __init__(
        self,
        learning_rate: TensorLike | Callable[[], TensorLike],
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = 'Adagrad',
    ) -> None:
        ...

class AdamOptimizer(Optimizer):
    """Adam: moving means of gradients, divided by the root of moving means of their squares."""
    def __init__(
        self,
        learning_rate: TensorLike | Callable[[], TensorLike] = 0.001,
        beta1: TensorLike | Callable[[], TensorLike] = 0.9,
        beta2: TensorLike | Callable[[], TensorLike] = 0.999,
        epsilon: TensorLike | Callable[[], TensorLike] = 1e-08,
        use_locking: bool = False,
        name: str = 'Adam',
        use_own_namescope_for_non_slot_vars: bool = False,
    ) -> None:
        ...
    def variables(self) -> list[Variable]:
        """All Variables that are kept: two a Variable, and the powers of beta1 and beta2."""

class GradientDescentOptimizer(Optimizer):
    """Gradient descent."""
    def __init__(
        self,
        learning_rate: TensorLike | Callable[[], TensorLike],
        use_locking: bool = False,
        name: str = 'GradientDescent',
    ) -> None:
        ...

class MomentumOptimizer(Optimizer):
    """Gradient descent with momentum."""
    def __init__(
        self,
        learning_rate: TensorLike | Callable[[], TensorLike],
        momentum: TensorLike | Callable[[], TensorLike],
        use_locking: bool = False,
        name: str = 'Momentum',
        use_nesterov: bool = False,
    ) -> None:
        ...

class Optimizer:
    """The base of the optimizers of TensorFlow 1, for loops that call them; Keras's are in `sw.optimizers`."""
    def __init__(self, use_locking: bool, name: str) -> None: ...
    def get_name(self) -> str:
        """The name."""
    def get_slot_names(self) -> list[str]:
        """The names of what is kept for each Variable."""
    def get_slot(self, var: Any, name: str) -> Variable | None:
        """What is kept for a Variable; None if there is nothing of this name, or no step has been taken."""
    def variables(self) -> list[Variable]:
        """All Variables that are kept."""
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
        """Compute the gradients of a loss and take a step."""
    def compute_gradients(
        self,
        loss: Any,
        var_list: Sequence[Any] | None = None,
        gate_gradients: int = 1,
        aggregation_method: object = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Tensor | None, Any]]:
        """The gradients of a loss, each with its Variable; the arguments are those of `minimize`."""
    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Any]],
        global_step: Variable | None = None,
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
    ) -> None:
        """Take a step."""

class RMSPropOptimizer(Optimizer):
    """RMSProp: steps are divided by a moving root mean square of gradients."""
    def __init__(
        self,
        learning_rate: TensorLike | Callable[[], TensorLike],
        decay: TensorLike | Callable[[], TensorLike] = 0.9,
        momentum: TensorLike | Callable[[], TensorLike] = 0.0,
        epsilon: TensorLike | Callable[[], TensorLike] = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = 'RMSProp',
    ) -> None:
        ...

def checkpoint_exists(checkpoint_prefix: str | bytes | os.PathLike[str]) -> bool:
    """Whether there is a checkpoint of stepwell or TensorFlow of this path, which is given without the suffix."""

def create_global_step(graph: Any = None) -> Variable:
    """Make the Variable that counts the steps of the program, an int64 of 0; InvalidArgumentError if there is one."""

def get_global_step(graph: Any = None) -> Variable | None:
    """The Variable that counts the steps of the program; None if it is not made."""

def get_or_create_global_step(graph: Any = None) -> Variable:
    """The Variable that counts the steps of the program, which is made if there is none."""
