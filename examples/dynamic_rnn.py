"""Add numbers by a recurrent net of your own, on sequences whose lengths are known at run time only.

Each sequence has a number at each step, and marks at two of them; its target is the sum of the marked numbers
(Hochreiter and Schmidhuber, 1997). A batch is as long as its longest sequence. The loop over the steps is part of the
compiled function, with its gradient, and one compiled function serves all lengths.
"""

from __future__ import annotations

import numpy as np
from digits_raw import Adam, Dense
from report import Run, main

import stepwell as tf

SIGNATURE = [  # None is a size that is known at run time only
    tf.TensorSpec([None, None, 2], tf.float32),
    tf.TensorSpec([None], tf.int32),
    tf.TensorSpec([None], tf.float32),
]


class GRUCell(tf.Module):
    """A gated recurrent unit: the gates choose how much of the state is kept (Cho and others, 2014)."""

    def __init__(self, inputs, units):
        super().__init__()
        self.units = units
        self.gates = Dense(inputs + units, 2 * units, tf.sigmoid, seed=[1, 1])
        self.candidate = Dense(inputs + units, units, tf.tanh, seed=[1, 2])

    def __call__(self, x, state):
        keep, read = tf.split(self.gates(tf.concat([x, state], axis=1)), 2, axis=1)
        candidate = self.candidate(tf.concat([x, read * state], axis=1))
        return keep * state + (1 - keep) * candidate


def run_cell(cell, x, lengths):
    """The states of the cell after each step, `[time, batch, units]`; after its end, a sequence keeps its state."""
    steps, batch = tf.shape(x)[0], tf.shape(x)[1]
    states = tf.TensorArray(tf.float32, size=steps)
    state = tf.zeros([batch, cell.units])
    for t in tf.range(steps):
        state = tf.where((t < lengths)[:, tf.newaxis], cell(x[t], state), state)
        states = states.write(t, state)
    return states.stack()


def make_batch(random: np.random.Generator, count: int, longest: int):
    """Sequences `[time, count, 2]` of numbers and marks, their lengths, and the sums of the marked numbers."""
    lengths = random.integers(2, longest + 1, count).astype(np.int32)
    x = np.zeros((lengths.max(), count, 2), np.float32)
    for each, length in enumerate(lengths):
        x[:length, each, 0] = random.uniform(0, 1, length)
        x[random.choice(length, 2, replace=False), each, 1] = 1
    return x, lengths, (x[..., 0] * x[..., 1]).sum(0)


def train(run: Run, epochs: int = 30, batches: int = 50, units: int = 32) -> None:
    """Train on new sequences all the time: each epoch is some batches of 64, of up to 30 steps."""
    cell = GRUCell(2, units)
    readout = Dense(units, 1, tf.identity, seed=[1, 3])
    variables = [*cell.trainable_variables, *readout.trainable_variables]
    optimizer = Adam(variables, rate=0.01)

    @tf.function(input_signature=SIGNATURE)
    def train_step(x, lengths, sums):
        with tf.GradientTape() as tape:
            states = run_cell(cell, x, lengths)
            answers = readout(states[-1])[:, 0]
            loss = tf.reduce_mean((answers - sums) ** 2)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 1.0)
        optimizer.apply(gradients, variables)
        return loss

    random = np.random.default_rng(0)
    lengths_seen = set()
    for _ in run.phase("recurrent net", epochs):
        losses = []
        for _ in range(batches):
            x, lengths, sums = make_batch(random, 64, longest=random.integers(5, 31))
            losses.append(train_step(tf.constant(x), tf.constant(lengths), tf.constant(sums)))
            lengths_seen.add(len(x))
        run.log(loss=np.mean(losses))
    run.result(batch_lengths=len(lengths_seen), traces=train_step.experimental_get_tracing_count())


if __name__ == "__main__":
    main(train)
