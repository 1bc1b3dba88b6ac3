# Written by `python -m stepwell.tools.public_api --write`.

from abc import ABC

class PythonState(ABC):
    """A base for objects of Python that checkpoints save: subclasses say how they are written and read."""
    def serialize(self) -> str | bytes:
        """What is saved."""
    def deserialize(self, string_value: bytes) -> None:
        """Become what was saved."""
