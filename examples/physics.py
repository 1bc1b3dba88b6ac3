"""Solve a differential equation by a neural net that is trained on the equation alone, without any data.

A spring with friction obeys u'' + 2 d u' + w² u = 0, with u(0) = 1 and u'(0) = 0. The net's u(t) is differentiated
twice by nested tapes, and the loss, which says how far it is from obeying the equation, a third time by the weights
(Raissi and others, 2019). `1 + t² net(t)` has the right start whatever the net is (Lagaris and others, 1998).
"""

from __future__ import annotations

import numpy as np
from digits_raw import Adam, Dense
from report import Run, main

import stepwell as tf

FRICTION, FREQUENCY, END = 0.5, 4.0, 2.0


class Solution(tf.Module):
    """A net with two hidden layers that starts at 1, at rest."""

    def __init__(self, units):
        super().__init__()
        self.layers = [
            Dense(1, units, tf.tanh, seed=[2, 1]),
            Dense(units, units, tf.tanh, seed=[2, 2]),
            Dense(units, 1, tf.identity, seed=[2, 3]),
        ]

    def __call__(self, t):
        x = 2 * t / END - 1
        for layer in self.layers:
            x = layer(x)
        return 1 + t**2 * x


def exact(t):
    """The solution from the textbook."""
    w = np.sqrt(FREQUENCY**2 - FRICTION**2)
    return np.exp(-FRICTION * t) * (np.cos(w * t) + FRICTION / w * np.sin(w * t))


def residual(solution, t):
    """What u'' + 2 d u' + w² u is at the times t; 0 for the exact solution."""
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            u = solution(t)
        velocity = inner.gradient(u, t)
    acceleration = outer.gradient(velocity, t)
    return acceleration + 2 * FRICTION * velocity + FREQUENCY**2 * u


def train(run: Run, epochs: int = 60, steps: int = 200, units: int = 32) -> None:
    """Train on the equation at 64 times; each epoch is some steps in one compiled loop."""
    solution = Solution(units)
    variables = solution.trainable_variables
    optimizer = Adam(variables)
    times = tf.reshape(tf.linspace(0.0, END, 64), [-1, 1])

    @tf.function
    def train_steps(count):
        loss = tf.constant(0.0)
        for _ in tf.range(count):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(residual(solution, times) ** 2)
            optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    for epoch in run.phase("equation", epochs):
        optimizer.rate.assign(0.003 * (1 - epoch / epochs))
        loss = train_steps(tf.constant(steps))
        error = np.abs(solution(times).numpy() - exact(times.numpy())).max()
        run.log(equation_loss=loss, largest_error=error)
    run.panel("u(t)", lambda axes: show(axes, times.numpy(), solution(times).numpy()))


def show(axes, times, found):
    """Draw the solution that the net found, and the exact one."""
    axes.plot(times, found, color="#1f6fb4", linewidth=2.4, label="net")
    axes.plot(times, exact(times), color="black", linewidth=1, linestyle=(0, (2, 2)), label="exact")
    axes.set_xlabel("t")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)


if __name__ == "__main__":
    main(train)
