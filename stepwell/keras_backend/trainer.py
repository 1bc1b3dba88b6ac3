"""Training, evaluation and prediction of Keras models: one compiled call a batch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keras.src import callbacks as callbacks_module
from keras.src import optimizers, tree
from keras.src.backend import config
from keras.src.trainers import trainer as base_trainer
from keras.src.trainers.data_adapters import array_slicing, data_adapter_utils
from keras.src.trainers.epoch_iterator import EpochIterator
from keras.src.utils import traceback_utils
from keras.src.utils.python_utils import pythonify_logs

import stepwell as sw

from .ops.core import convert_to_numpy, shape, tensors
from .steps import CompiledSteps, Predictions, Steps, joined


class StepwellTrainer(base_trainer.Trainer):
    """The base of Keras's Model.

    Attributes:
        train_function, test_function, predict_function: what runs the steps; None before they are made.
    """

    history: Any
    optimizer: Any
    trainable_weights: Any
    _call_has_training_arg: bool
    _eval_epoch_iterator: EpochIterator | None
    _loss_tracker: Any

    if TYPE_CHECKING:  # it is a Layer too

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...  # noqa: D102

    def __init__(self) -> None:
        super().__init__()
        self.train_function: Any = None
        self.test_function: Any = None
        self.predict_function: Any = None

    # The steps, which users override.

    def train_step(self, data: Any) -> Any:
        """Forward, loss, gradients, optimizer and metrics for one batch; returns logs."""
        x, y, sample_weight = data_adapter_utils.unpack_x_y_sample_weight(data)
        with sw.GradientTape() as tape:
            y_pred = self(x, training=True) if self._call_has_training_arg else self(x)
            loss = self._compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True)
            self._loss_tracker.update_state(loss, sample_weight=_batch_size(x))
            if self.optimizer is not None:
                loss = self.optimizer.scale_loss(loss)
        weights = self.trainable_weights
        if weights:
            _apply(self.optimizer, tape.gradient(loss, weights), weights)
        else:
            warnings.warn("The model does not have any trainable weights.", stacklevel=2)
        return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def test_step(self, data: Any) -> Any:
        """Forward, loss and metrics for one batch; returns logs."""
        x, y, sample_weight = data_adapter_utils.unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False) if self._call_has_training_arg else self(x)
        loss = self._compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False)
        self._loss_tracker.update_state(loss, sample_weight=_batch_size(x))
        return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Predictions for one batch."""
        x, _, _ = data_adapter_utils.unpack_x_y_sample_weight(data)
        return self(x, training=False) if self._call_has_training_arg else self(x)

    # What runs them.

    def make_train_function(self, force: bool = False) -> None:
        """Make `train_function`, unless it is made and `force` is False."""
        if self.train_function is None or force:
            self.train_function = self._steps(self.train_step)

    def make_test_function(self, force: bool = False) -> None:
        """Make `test_function`, unless it is made and `force` is False."""
        if self.test_function is None or force:
            self.test_function = self._steps(self.test_step)

    def make_predict_function(self, force: bool = False) -> None:
        """Make `predict_function`, unless it is made and `force` is False."""
        if self.predict_function is None or force:
            self.predict_function = Predictions(self._steps(self.predict_step))

    def _steps(self, step: Callable[[Any], Any]) -> Steps:
        return Steps(step) if self.run_eagerly else CompiledSteps(step)

    @traceback_utils.filter_traceback
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> Any:
        """Train for some epochs, as `keras.Model.fit`; returns the History callback."""
        self._assert_compile_called("fit")
        if validation_split and validation_data is None:
            split: Any = array_slicing.train_validation_split((x, y, sample_weight), validation_split)
            (x, y, sample_weight), validation_data = split
        validation = None
        if validation_data is not None:
            validation = Validation(
                self, validation_data, validation_batch_size or batch_size, validation_steps, validation_freq
            )
        epochs = _limited(epochs)
        batches = self._batches(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight)
        self._build_from(batches)
        callbacks = self._callbacks(callbacks, batches, verbose, epochs, add_history=True)
        self._train(initial_epoch, epochs, batches, callbacks, validation)
        return self.history

    def _train(
        self, first: int, end: int, batches: EpochIterator, callbacks: Any, validation: Validation | None
    ) -> None:
        """The epochs from `first`, or from the one that a callback sets as training begins, up to `end`."""
        self.stop_training = False
        self.make_train_function()
        _tell(self.train_function, batches)
        self._eval_epoch_iterator = None
        callbacks.on_train_begin()
        logs = None
        for epoch in range(self._initial_epoch or first, end):
            logs = self._fit_epoch(epoch, batches, callbacks, validation)
            if self.stop_training:
                break
        if isinstance(self.optimizer, optimizers.Optimizer) and end > 0:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        self._eval_epoch_iterator = None
        callbacks.on_train_end(logs=logs)

    def _fit_epoch(self, epoch: int, batches: EpochIterator, callbacks: Any, validation: Validation | None) -> Any:
        self.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        logs = {}
        for begin_step, end_step, data in batches:
            callbacks.on_train_batch_begin(begin_step)
            logs = self.train_function(data)
            callbacks.on_train_batch_end(end_step, logs)
            if self.stop_training:
                break
        epoch_logs = dict(self._get_metrics_result_or_logs(logs))
        if validation is not None and self._should_eval(epoch, validation.freq):
            epoch_logs.update(validation.run(callbacks))
        callbacks.on_epoch_end(epoch, epoch_logs)
        return epoch_logs

    @traceback_utils.filter_traceback
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics of data, as `keras.Model.evaluate`."""
        self._assert_compile_called("evaluate")
        use_cached = kwargs.pop("_use_cached_eval_dataset", False)
        if kwargs:
            raise ValueError(f"Arguments not recognized: {kwargs}")
        batches = self._eval_epoch_iterator if use_cached else None
        if batches is None:
            batches = self._batches(x, y, sample_weight, batch_size, steps)
        self._build_from(batches)
        callbacks = self._callbacks(callbacks, batches, verbose, 1)
        self.make_test_function()
        _tell(self.test_function, batches)
        self.stop_evaluating = False
        callbacks.on_test_begin()
        logs = {}
        self.reset_metrics()
        for begin_step, end_step, data in batches:
            callbacks.on_test_batch_begin(begin_step)
            logs = self.test_function(data)
            callbacks.on_test_batch_end(end_step, logs)
            if self.stop_evaluating:
                break
        logs = pythonify_logs(self._get_metrics_result_or_logs(logs))
        callbacks.on_test_end(logs)
        return logs if return_dict else self._flatten_metrics_in_order(logs)

    @traceback_utils.filter_traceback
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Predictions as arrays, as `keras.Model.predict`."""
        batches = self._batches(x, None, None, batch_size, steps)
        callbacks = self._callbacks(callbacks, batches, verbose, 1)
        self.make_predict_function()
        _tell(self.predict_function, batches)
        self.stop_predicting = False
        callbacks.on_predict_begin()
        outputs = []
        for begin_step, end_step, data in batches:
            callbacks.on_predict_batch_begin(begin_step)
            outputs.append(self.predict_function(data))
            callbacks.on_predict_batch_end(end_step, {"outputs": outputs[-1]})
            if self.stop_predicting:
                break
        callbacks.on_predict_end()
        return tree.map_structure(convert_to_numpy, joined(outputs))

    @traceback_utils.filter_traceback
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """One training step, as `keras.Model.train_on_batch`."""
        self._assert_compile_called("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError(
                    "Arguments `sample_weight` and `class_weight` cannot be specified at the same time. "
                    f"Received: sample_weight={sample_weight}, class_weight={class_weight}"
                )
            sample_weight = data_adapter_utils.class_weight_to_sample_weights(y, class_weight)
        self.make_train_function()
        return self._on_batch(self.train_function, (x, y, sample_weight), return_dict)

    @traceback_utils.filter_traceback
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch, as `keras.Model.test_on_batch`."""
        self._assert_compile_called("test_on_batch")
        self.make_test_function()
        return self._on_batch(self.test_function, (x, y, sample_weight), return_dict)

    @traceback_utils.filter_traceback
    def predict_on_batch(self, x: Any) -> Any:
        """Predictions for one batch, as arrays."""
        self.make_predict_function()
        return tree.map_structure(convert_to_numpy, self.predict_function([(tensors(x),)]))

    def _on_batch(self, function: Callable[[Any], Any], batch: Any, return_dict: bool) -> Any:
        batch = tensors(batch)
        self._symbolic_build(data_batch=batch)
        self.reset_metrics()
        logs = pythonify_logs(function([batch]))
        return logs if return_dict else self._flatten_metrics_in_order(logs)

    # Data and callbacks.

    def _batches(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        batch_size: int | None,
        steps: int | None,
        shuffle: bool = False,
        class_weight: Any = None,
    ) -> EpochIterator:
        return EpochIterator(
            x=x,
            y=y,
            sample_weight=sample_weight,
            batch_size=batch_size,
            steps_per_epoch=steps,
            shuffle=shuffle,
            class_weight=class_weight,
            steps_per_execution=self.steps_per_execution,
        )

    def _build_from(self, batches: EpochIterator) -> None:
        self._symbolic_build(iterator=batches)
        batches.reset()

    def _callbacks(
        self, callbacks: Any, batches: EpochIterator, verbose: Any, epochs: int, add_history: bool = False
    ) -> Any:
        if isinstance(callbacks, callbacks_module.CallbackList):
            return callbacks
        return callbacks_module.CallbackList(
            callbacks,
            add_history=add_history,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=batches.num_batches,
            model=self,
        )


class Validation:
    """Evaluation between epochs; the data are prepared once.

    Attributes:
        freq: after how many epochs, or after which.
    """

    def __init__(self, model: StepwellTrainer, data: Any, batch_size: int | None, steps: int | None, freq: Any):
        self._model = model
        self._data = data_adapter_utils.unpack_x_y_sample_weight(data)
        self._batch_size, self._steps = batch_size, steps
        self.freq = freq

    def run(self, callbacks: Any) -> dict[str, Any]:
        """The logs of an evaluation, by names that begin with `val_`."""
        model = self._model
        x, y, sample_weight = self._data
        if model._eval_epoch_iterator is None:
            model._eval_epoch_iterator = model._batches(x, y, sample_weight, self._batch_size, self._steps)
        logs = model.evaluate(
            x=x,
            y=y,
            sample_weight=sample_weight,
            batch_size=self._batch_size,
            steps=self._steps,
            callbacks=callbacks,
            return_dict=True,
            _use_cached_eval_dataset=True,
        )
        return {f"val_{name}": value for name, value in logs.items()}


def _tell(function: Any, batches: EpochIterator) -> None:
    """Let compiled steps know that the last batch is smaller, if it is known to be."""
    steps = function.steps if isinstance(function, Predictions) else function
    if isinstance(steps, Steps):
        steps.varies = bool(batches.data_adapter.num_batches and batches.data_adapter.has_partial_batch)


def _apply(optimizer: Any, gradients: Any, weights: Any) -> None:
    optimizer.apply_gradients(zip(gradients, weights, strict=True))


def _limited(epochs: int) -> int:
    most = config.max_epochs()
    if most and most < epochs:
        warnings.warn(f"Limiting epochs to {most}", stacklevel=2)
        return most
    return epochs


def _batch_size(x: Any) -> Any:
    return shape(next(leaf for leaf in tree.flatten(x) if leaf is not None))[0]
