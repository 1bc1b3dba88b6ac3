"""`train.Checkpoint`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...compiler.frontend.tracing.tracer import current_tracer, tracing
from ...compiler.frontend.values.awaited import Awaiting
from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError, UnsupportedError
from ...dialects.files import path_text
from ...dialects.public import public
from .awaiting import give
from .files import write_file
from .graph import ObjectGraph, SavedObject, key_of
from .objects import KINDS, Holder, as_saved, children_of, is_saved, walk
from .options import CheckpointOptions, run_callbacks
from .reader import open_file
from .restoration import Restoration
from .state_file import Kept, record
from .status import LoadStatus, NothingRestored, Restored
from .values import Array, values_of

Path = str | bytes | os.PathLike[str]

_COUNTER = "save_counter"


@public("train")
class Checkpoint(Awaiting, Holder):
    """Saves the values of objects to files, and restores them.

    Objects are matched by the names of the attributes under which they hold one another, not by the names of Variables:
    a Variable that is restored stays the same object, and compiled functions see its value. What has no object yet
    is restored when the object is assigned to its attribute.

    Args:
        root: an object that is the root itself; None makes the checkpoint the root.
        kwargs: what the root holds besides: Variables, modules, Keras layers, models and optimizers, random generators,
            iterators of datasets, lists, tuples and dicts of these.

    Attributes:
        save_counter: a Variable of int64, the number of checkpoints that `save` has made.

    Checkpoints are safetensors files with the objects in their header (`ckpt-1.safetensors`). They are there as a
    whole or not at all, whatever ends the process. Those of TensorFlow can be restored, too.

    Raises ValueError for an argument that cannot be saved, or that the root has under this name already.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> w = sw.Variable([1.0, 2.0])
        >>> checkpoint = sw.train.Checkpoint(w=w)
        >>> path = checkpoint.save(tempfile.mkdtemp() + "/ckpt")
        >>> _ = w.assign([0.0, 0.0])
        >>> _ = checkpoint.restore(path).assert_consumed()
        >>> w.numpy().tolist()
        [1.0, 2.0]
    """

    _save_counter: Variable | None
    _root_given: Any
    _held_names: list[str]

    def __init__(self, root: Any = None, **kwargs: Any):
        vars(self).update(_save_counter=None, _root_given=None, _held_names=[])
        if root is not None:
            _check_saved("root", root)
            vars(self)["_root_given"] = root
            kwargs["root"] = root
            vars(self)["_save_counter"] = children_of(root).get(_COUNTER)
        for name, value in sorted(kwargs.items()):
            _check_saved(name, value)
            if root is not None:
                own = children_of(root).get(name)
                if own is not None and own is not as_saved(value):
                    raise InvalidArgumentError(
                        f"train.Checkpoint: {name}: expected a name that the root does not have, got one of another "
                        "object of it"
                    )
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == _COUNTER:
            raise InvalidArgumentError("train.Checkpoint: save_counter: the number of checkpoints cannot be assigned")
        if name not in self._held_names:
            self._held_names.append(name)
        super().__setattr__(name, value)

    def _held(self) -> Mapping[str, object]:
        """The objects that it holds, by name."""
        found = {name: vars(self)[name] for name in self._held_names if name in vars(self)}
        if self._save_counter is not None:
            found[_COUNTER] = self._save_counter
        return found

    @property
    def save_counter(self) -> Variable:
        """The number of checkpoints that `save` has made."""
        if self._save_counter is not None:
            return self._save_counter
        with tracing(None):
            counter = vars(self)["_save_counter"] = Variable(np.int64(0), trainable=False, name=_COUNTER)
        owner = self if self._root_given is None else self._root_given
        if hasattr(owner, "__dict__"):
            give(owner, _COUNTER, counter)  # its value may be waiting
        return counter

    def _children(self, thing: object) -> Mapping[str, object]:
        """What an object holds; the root holds what this checkpoint does, too."""
        own = children_of(thing)
        return own if thing is not self._root_given else {**children_of(self), **own}

    @property
    def _top(self) -> object:
        return self if self._root_given is None else as_saved(self._root_given)

    def write(self, file_prefix: Path, options: CheckpointOptions | None = None) -> str:
        """Write a checkpoint at a path, to which `.safetensors` is added; neither counts nor records it.

        Returns the path, as `read` takes it. Raises TensorFlow's errors for those of the system, such as
        `errors.PermissionDeniedError`; then a checkpoint that was there is as it was.
        """
        path = path_text(file_prefix, "train.Checkpoint.write: file_prefix")
        _check_outside("write")
        graph, arrays = self._snapshot()
        write_file(path, graph, arrays)
        run_callbacks(options, path)
        return path

    def save(self, file_prefix: Path, options: CheckpointOptions | None = None) -> str:
        """Write a checkpoint with the next number: `folder/ckpt` becomes `folder/ckpt-1`, then `folder/ckpt-2`.

        The file `checkpoint` of the folder then has it as the latest. Returns the path, as `restore` takes it. Raises
        like `write`.
        """
        path = path_text(file_prefix, "train.Checkpoint.save: file_prefix")
        _check_outside("save")
        counter = self.save_counter
        counter.assign_add(1)
        try:
            path = self.write(f"{path}-{int(counter)}")
        except BaseException:
            counter.assign_sub(1)
            raise
        record(os.path.dirname(path) or ".", Kept(path, {path: 0.0}))
        run_callbacks(options, path)
        return path

    def _snapshot(self) -> tuple[ObjectGraph, dict[str, Array]]:
        """The objects, and their values by key."""
        found = walk(self._top, self._children)
        numbers = {id(each.thing): number for number, each in enumerate(found)}
        nodes, arrays = [], {}
        for each in found:
            keys = {}
            for name, value in values_of(each.thing).items():
                keys[name] = key_of(each.path, name)
                arrays[keys[name]] = value.get()
            children = {name: numbers[id(child)] for name, child in each.children.items()}
            nodes.append(SavedObject(children, keys))
        return ObjectGraph(nodes), arrays

    def read(self, save_path: Path | None, options: CheckpointOptions | None = None) -> LoadStatus:
        """Restore what `write` has written; see `restore`, which expects a `save_counter` besides."""
        return self._restore("read", save_path, counts=False)

    def restore(self, save_path: Path | None, options: CheckpointOptions | None = None) -> LoadStatus:
        """Restore what `save` has written, or TensorFlow: a checkpoint, or a SavedModel's folder.

        Args:
            save_path: what `save` or `latest_checkpoint` returned; None restores nothing.
            options: accepted as in TensorFlow.

        Returns a status: its `assert_consumed()` raises AssertionError unless all values of the checkpoint and all
        objects were matched, `assert_existing_objects_matched()` if an object that is there now was not in the
        checkpoint, `assert_nontrivial_match()` if nothing was. `expect_partial()` silences the warning about values
        that were not restored in the end.

        Raises NotFoundError where there is no checkpoint, DataLossError for a damaged one, and InvalidArgumentError for
        a value of another dtype or shape. Then no object has changed.
        """
        return self._restore("restore", save_path, counts=True)

    def _restore(self, method: str, save_path: Path | None, counts: bool) -> LoadStatus:
        _check_outside(method)
        if save_path is None:
            return NothingRestored()
        where = f"train.Checkpoint.{method}: save_path"
        path = path_text(save_path, where)
        if counts and any(os.path.exists(os.path.join(path, f"saved_model.{end}")) for end in ("pb", "pbtxt")):
            path = os.path.join(path, "variables", "variables")
        file = open_file(path, where)
        graph = file.graph()
        if graph is None:
            raise UnsupportedError(
                f"{where}: {file.path}: expected a checkpoint of objects, got one of names alone, as "
                "tf.compat.v1.train.Saver writes it; read its values with sw.train.load_checkpoint"
            )
        if counts:
            _ = self.save_counter
        restoration = Restoration(file, graph)
        try:
            restoration.restore(0, self._top, self._children)
        except BaseException:
            restoration.expect_partial = True  # nothing of it is restored
            raise
        return Restored(restoration, self._top, self._children)

    def sync(self) -> None:
        """Nothing: a checkpoint is complete when `save` returns."""


def _check_saved(name: str, value: object) -> None:
    if not is_saved(as_saved(value)):
        raise InvalidTypeError(f"train.Checkpoint: {name}: expected {KINDS}, got {value!r}")


def _check_outside(method: str) -> None:
    if current_tracer() is not None:
        raise UnsupportedError(
            f"train.Checkpoint.{method}: expected a call outside of functions, got one in a function that is traced"
        )
