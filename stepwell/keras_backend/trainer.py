"""Training, evaluation and prediction of Keras models: one compiled call a batch."""

from __future__ import annotations

from keras.src.trainers import trainer as base_trainer


class StepwellTrainer(base_trainer.Trainer):
    """The base of Keras's Model."""
