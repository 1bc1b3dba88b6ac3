"""`train.experimental.PythonState`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ...dialects.public import public


@public("train.experimental")
class PythonState(ABC):
    """A base for objects of Python that checkpoints save: subclasses say how they are written and read.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> class Position(sw.train.experimental.PythonState):
        ...     line = 0
        ...     def serialize(self):
        ...         return str(self.line)
        ...     def deserialize(self, string_value):
        ...         self.line = int(string_value)
        >>> position = Position()
        >>> position.line = 7
        >>> path = sw.train.Checkpoint(position=position).save(tempfile.mkdtemp() + "/ckpt")
        >>> restored = Position()
        >>> _ = sw.train.Checkpoint(position=restored).restore(path).assert_consumed()
        >>> restored.line
        7
    """

    @abstractmethod
    def serialize(self) -> str | bytes:
        """What is saved."""

    @abstractmethod
    def deserialize(self, string_value: bytes) -> None:
        """Become what was saved."""
