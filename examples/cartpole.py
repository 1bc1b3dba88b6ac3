"""Balance poles on carts by REINFORCE, with the carts inside the compiled function.

The policy pushes each cart to the left or to the right. `improve` is one compiled function: it plays a game of several
carts until all poles have fallen (a `while` loop on tensors, with random numbers and TensorArrays), computes what each
push was worth (a loop that runs backwards), and moves the policy along the gradient of the whole game, which a tape
takes through the loop (Williams, 1992). The equations of the cart are those of Barto, Sutton and Anderson (1983).
"""

from __future__ import annotations

import numpy as np
from digits_raw import Adam, Dense
from report import Run, main

import stepwell as tf

GRAVITY, CART, POLE, HALF_LENGTH, FORCE, STEP = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
LONGEST, DISCOUNT = 200, 0.98


class Policy(tf.Module):
    """From the states of carts `[carts, 4]` to scores of pushing them to the right `[carts]`."""

    def __init__(self):
        super().__init__()
        self.hidden = Dense(4, 32, tf.tanh, seed=[3, 1])
        self.score = Dense(32, 1, tf.identity, seed=[3, 2])

    def __call__(self, states):
        return self.score(self.hidden(states))[:, 0]


def push(states, right):
    """The states a fiftieth of a second later, when each cart is pushed to the right or to the left."""
    _, speed, angle, turning = tf.unstack(states, axis=1)
    force = tf.where(right, FORCE, -FORCE)
    sine, cosine = tf.sin(angle), tf.cos(angle)
    pull = (force + POLE * HALF_LENGTH * turning**2 * sine) / (CART + POLE)
    swing = (GRAVITY * sine - cosine * pull) / (HALF_LENGTH * (4 / 3 - POLE * cosine**2 / (CART + POLE)))
    slide = pull - POLE * HALF_LENGTH * swing * cosine / (CART + POLE)
    return states + STEP * tf.stack([speed, slide, turning, swing], axis=1)


def standing(states):
    """Which carts are on the track, with their poles within 12 degrees of upright."""
    return (tf.abs(states[:, 0]) < 2.4) & (tf.abs(states[:, 2]) < np.pi / 15)


def play(policy, carts, seed):
    """Play until all poles have fallen: log probabilities of the pushes, and rewards, both `[steps, carts]`."""
    states = tf.random.stateless_uniform([carts, 4], [seed, -1], -0.05, 0.05)
    up = tf.ones([carts], tf.bool)
    log_probabilities = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    rewards = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    t = 0
    while t < LONGEST and tf.reduce_any(up):
        scores = policy(states)
        right = tf.random.stateless_uniform([carts], [seed, t]) < tf.sigmoid(scores)
        log_probabilities = log_probabilities.write(t, tf.math.log_sigmoid(tf.where(right, scores, -scores)))
        rewards = rewards.write(t, tf.cast(up, tf.float32))
        states = push(states, right)
        up = up & standing(states)
        t += 1
    return log_probabilities.stack(), rewards.stack()


def returns_of(rewards):
    """What each cart collects from each step on; a reward counts less by the discount for each step of waiting."""
    steps = tf.shape(rewards)[0]
    returns = tf.TensorArray(tf.float32, size=steps)
    collected = tf.zeros_like(rewards[0])
    for t in tf.range(steps - 1, -1, -1):
        collected = rewards[t] + DISCOUNT * collected
        returns = returns.write(t, collected)
    return returns.stack()


def train(run: Run, games: int = 80, carts: int = 16) -> None:
    """Play games, and improve the policy after each; a pole that is up for 200 steps is balanced."""
    policy = Policy()
    variables = policy.trainable_variables
    optimizer = Adam(variables, rate=0.01)

    @tf.function
    def improve(seed):
        with tf.GradientTape() as tape:
            log_probabilities, rewards = play(policy, carts, seed)
            returns = returns_of(rewards)
            count = tf.reduce_sum(rewards)
            mean = tf.reduce_sum(rewards * returns) / count
            variance = tf.reduce_sum(rewards * (returns - mean) ** 2) / count
            advantages = rewards * (returns - mean) / tf.sqrt(variance + 1e-6)
            loss = -tf.reduce_sum(tf.stop_gradient(advantages) * log_probabilities) / count
        optimizer.apply(tape.gradient(loss, variables), variables)
        return count / carts

    for game in run.phase("policy", games, unit="game"):
        run.log(balanced_steps=improve(tf.constant(game)))


if __name__ == "__main__":
    main(train)
