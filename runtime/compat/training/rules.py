"""The optimizers of TensorFlow 1, by what they subtract from a Variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ....compiler.frontend.ops.contexts import init_scope
from ....compiler.frontend.ops.math import sqrt, square
from ....compiler.frontend.values.tensor import Tensor
from ....compiler.frontend.values.variable import Variable
from ....dialects.public import public
from .optimizer import Optimizer, Rate, number


@public("compat.v1.train")
class GradientDescentOptimizer(Optimizer):
    """Gradient descent.

    Args:
        learning_rate: by what gradients are multiplied.
        use_locking: accepted as in TensorFlow; unused.
        name: the optimizer's name.

    Example:
        >>> import stepwell as sw
        >>> w = sw.Variable(2.0)
        >>> sw.compat.v1.train.GradientDescentOptimizer(0.25).minimize(lambda: w * w)
        >>> float(w)
        1.0
    """

    def __init__(self, learning_rate: Rate, use_locking: bool = False, name: str = "GradientDescent"):
        super().__init__(use_locking, name)
        self._rate = learning_rate

    def _change(self, gradient: Tensor, slots: Mapping[str, Variable]) -> Tensor:
        return number(self._rate, gradient) * gradient


@public("compat.v1.train")
class MomentumOptimizer(Optimizer):
    """Gradient descent with momentum.

    Args:
        learning_rate: by what gradients are multiplied.
        momentum: how much of the previous step remains.
        use_locking: accepted as in TensorFlow; unused.
        name: the optimizer's name.
        use_nesterov: whether to use Nesterov's momentum.
    """

    _SLOTS: ClassVar = {"momentum": 0.0}

    def __init__(
        self,
        learning_rate: Rate,
        momentum: Rate,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ):
        super().__init__(use_locking, name)
        self._rate, self._momentum, self._nesterov = learning_rate, momentum, use_nesterov

    def _change(self, gradient: Tensor, slots: Mapping[str, Variable]) -> Tensor:
        rate, momentum = number(self._rate, gradient), number(self._momentum, gradient)
        total = slots["momentum"].assign(slots["momentum"] * momentum + gradient).read_value()
        return gradient * rate + total * momentum * rate if self._nesterov else total * rate


@public("compat.v1.train")
class AdagradOptimizer(Optimizer):
    """Adagrad: steps get smaller with the sum of squared gradients.

    Args:
        learning_rate: by what gradients are multiplied.
        initial_accumulator_value: where the sums begin, above 0.
        use_locking: accepted as in TensorFlow; unused.
        name: the optimizer's name.
    """

    def __init__(
        self,
        learning_rate: Rate,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ):
        super().__init__(use_locking, name)
        self._rate, self._initial = learning_rate, initial_accumulator_value

    def _slot_values(self) -> Mapping[str, float]:
        return {"accumulator": self._initial}

    def _change(self, gradient: Tensor, slots: Mapping[str, Variable]) -> Tensor:
        total = slots["accumulator"].assign_add(square(gradient)).read_value()
        return gradient * number(self._rate, gradient) / sqrt(total)


@public("compat.v1.train")
class RMSPropOptimizer(Optimizer):
    """RMSProp: steps are divided by a moving root mean square of gradients.

    Args:
        learning_rate: by what gradients are multiplied.
        decay: how much of the mean square remains.
        momentum: how much of the previous step remains.
        epsilon: is added to the mean square.
        use_locking: accepted as in TensorFlow; unused.
        centered: whether to subtract the square of the mean gradient: the variance.
        name: the optimizer's name.
    """

    def __init__(
        self,
        learning_rate: Rate,
        decay: Rate = 0.9,
        momentum: Rate = 0.0,
        epsilon: Rate = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ):
        super().__init__(use_locking, name)
        self._rate, self._decay, self._momentum, self._epsilon = learning_rate, decay, momentum, epsilon
        self._centered = centered

    def _slot_values(self) -> Mapping[str, float]:
        return {"rms": 1.0, **({"mg": 0.0} if self._centered else {}), "momentum": 0.0}

    def _change(self, gradient: Tensor, slots: Mapping[str, Variable]) -> Tensor:
        new = number(1.0, gradient) - number(self._decay, gradient)
        scale = slots["rms"].assign_add((square(gradient) - slots["rms"]) * new) + number(self._epsilon, gradient)
        if self._centered:
            scale -= square(slots["mg"].assign_add((gradient - slots["mg"]) * new).read_value())
        step = gradient * number(self._rate, gradient) / sqrt(scale)
        return slots["momentum"].assign(slots["momentum"] * number(self._momentum, gradient) + step).read_value()


@public("compat.v1.train")
class AdamOptimizer(Optimizer):
    """Adam: moving means of gradients, divided by the root of moving means of their squares.

    Args:
        learning_rate: how large steps are.
        beta1: how much of the mean remains.
        beta2: how much of the mean of squares remains.
        epsilon: is added to the root.
        use_locking: accepted as in TensorFlow; unused.
        name: the optimizer's name.
        use_own_namescope_for_non_slot_vars: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> w = sw.Variable(2.0)
        >>> optimizer = sw.compat.v1.train.AdamOptimizer(0.5)
        >>> optimizer.apply_gradients([(sw.constant(3.0), w)])
        >>> print(round(float(w), 5), optimizer.get_slot_names())
        1.5 ['m', 'v']
    """

    _SLOTS: ClassVar = {"m": 0.0, "v": 0.0}

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta1: Rate = 0.9,
        beta2: Rate = 0.999,
        epsilon: Rate = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
        use_own_namescope_for_non_slot_vars: bool = False,
    ):
        super().__init__(use_locking, name)
        del use_own_namescope_for_non_slot_vars
        self._rate, self._epsilon, self._betas = learning_rate, epsilon, (beta1, beta2)
        self._powers: tuple[Variable, Variable] | None = None

    def variables(self) -> list[Variable]:
        """All Variables that are kept: two a Variable, and the powers of beta1 and beta2."""
        return [*super().variables(), *(self._powers or ())]

    def _slots_of(self, variable: Variable) -> dict[str, Variable]:
        if self._powers is None:
            with init_scope():
                first, second = (float(beta() if callable(beta) else beta) for beta in self._betas)  # pyright: ignore
                self._powers = (
                    Variable(first, dtype=variable.dtype, trainable=False, name="beta1_power"),
                    Variable(second, dtype=variable.dtype, trainable=False, name="beta2_power"),
                )
        return super()._slots_of(variable)

    def _change(self, gradient: Tensor, slots: Mapping[str, Variable]) -> Tensor:
        assert self._powers is not None
        one = number(1.0, gradient)
        power1, power2 = (number(power, gradient) for power in self._powers)
        beta1, beta2 = (number(beta, gradient) for beta in self._betas)
        mean = slots["m"].assign_add((gradient - slots["m"]) * (one - beta1)).read_value()
        squares = slots["v"].assign_add((square(gradient) - slots["v"]) * (one - beta2)).read_value()
        rate = number(self._rate, gradient) * sqrt(one - power2) / (one - power1)
        return mean * rate / (sqrt(squares) + number(self._epsilon, gradient))

    def _finish(self) -> None:
        for power, beta in zip(self._powers or (), self._betas, strict=True):
            power.assign(power * number(beta, power.read_value()))
