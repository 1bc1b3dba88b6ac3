"""What `restore` returns: what can be asked of a restoration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from ...dialects.diagnostics import FailedAssertionError
from ...dialects.public import public
from .keras_objects import is_seed_generator
from .objects import count_of, walk
from .restoration import Restoration
from .values import values_of

_SHOWN = 10


@public("train")
class LoadStatus(ABC):
    """What `Checkpoint.restore` and `read` return.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> path = sw.train.Checkpoint(w=sw.Variable(1.0)).save(tempfile.mkdtemp() + "/ckpt")
        >>> status = sw.train.Checkpoint(v=sw.Variable(0.0)).restore(path).expect_partial()
        >>> status.assert_consumed()
        Traceback (most recent call last):
        AssertionError: ... no value in the checkpoint for 1 object: (root).v
    """

    @abstractmethod
    def assert_consumed(self) -> Self:
        """Raise AssertionError unless all values were restored, and all objects were in the checkpoint."""

    @abstractmethod
    def assert_existing_objects_matched(self) -> Self:
        """Raise AssertionError if an object that is there now was not in the checkpoint."""

    @abstractmethod
    def assert_nontrivial_match(self) -> Self:
        """Raise AssertionError if nothing but the root was in the checkpoint."""

    def expect_partial(self) -> Self:
        """Say nothing about values that are not restored in the end."""
        return self

    def run_restore_ops(self, session: object = None) -> None:
        """Nothing: values are restored at once."""
        del session

    def initialize_or_restore(self, session: object = None) -> None:
        """Nothing: Variables have their values since they were made, and are restored at once."""
        del session


class NothingRestored(LoadStatus):
    """The status where no checkpoint was given."""

    def assert_consumed(self) -> Self:
        """Raise AssertionError."""
        raise FailedAssertionError("train.Checkpoint.restore: save_path is None: nothing was restored")

    assert_existing_objects_matched = assert_consumed
    assert_nontrivial_match = assert_consumed

    def run_restore_ops(self, session: object = None) -> None:
        """Raise AssertionError."""
        self.assert_consumed()


class Restored(LoadStatus):
    """The status of a restoration.

    Args:
        restoration: what was restored.
        root: the object that holds all others.
        children: what an object holds.
    """

    def __init__(self, restoration: Restoration, root: object, children: Callable[[object], Mapping[str, object]]):
        self._restoration, self._root, self._children = restoration, root, children

    def assert_consumed(self) -> Self:
        """Raise AssertionError unless all values were restored, and all objects were in the checkpoint."""
        self.assert_existing_objects_matched()
        graph, bound = self._restoration.graph, self._restoration.bound
        missing = [
            graph.names[number] for number, node in enumerate(graph.nodes) if node.values and number not in bound
        ]
        if missing:
            raise self._failed(f"no object here for {count_of(missing, 'value')} of the checkpoint: {_listed(missing)}")
        unused = [
            f"{graph.names[number]}: {name}" for number, names in self._restoration.unused.items() for name in names
        ]
        if unused:
            raise self._failed(f"objects do not have {count_of(unused, 'value')} of the checkpoint: {_listed(unused)}")
        return self

    def assert_existing_objects_matched(self) -> Self:
        """Raise AssertionError if an object that is there now was not in the checkpoint."""
        matched = {id(thing) for thing in self._restoration.bound.values()}
        found, skipped = walk(self._root, self._children), set[int]()
        if self._restoration.file.by_tensorflow:  # which has no seed generators of Keras
            generators = [each.thing for each in found if is_seed_generator(each.thing)]
            skipped = {id(each.thing) for generator in generators for each in walk(generator)}
        missing = [
            ".".join(["(root)", *each.path])
            for each in found
            if values_of(each.thing) and id(each.thing) not in matched and id(each.thing) not in skipped
        ]
        if missing:
            raise self._failed(f"no value in the checkpoint for {count_of(missing, 'object')}: {_listed(missing)}")
        return self

    def assert_nontrivial_match(self) -> Self:
        """Raise AssertionError if nothing but the root was in the checkpoint."""
        if len(self._restoration.bound) <= 1:
            raise self._failed("nothing but the root is in the checkpoint")
        return self

    def expect_partial(self) -> Self:
        """Say nothing about values that are not restored in the end."""
        self._restoration.expect_partial = True
        return self

    def _failed(self, why: str) -> FailedAssertionError:
        return FailedAssertionError(f"train.Checkpoint.restore: {self._restoration.file.path}: {why}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
