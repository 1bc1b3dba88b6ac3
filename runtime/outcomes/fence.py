"""Arrays between known bytes: whoever writes outside of one is found out."""

from __future__ import annotations

import numpy as np

WIDTH = 512
"""How many known bytes stand on each side of an array: eight of the widest vectors of a machine."""

_KNOWN = 0xA5


class Fenced:
    """A copy of an array, in row-major order, with known bytes before and behind it; strings have none around them.

    Attributes:
        array: the copy, which may be written to.

    Example:
        >>> fenced = Fenced(np.float32([1, 2]))
        >>> fenced.array[0] = 3.0
        >>> fenced.is_whole()
        True
    """

    def __init__(self, array: np.ndarray) -> None:
        self._memory = np.full(array.nbytes + 2 * WIDTH, _KNOWN, np.uint8)
        if array.dtype.hasobject:
            self.array = np.array(array, order="C")
            return
        self.array = self._memory[WIDTH : WIDTH + array.nbytes].view(array.dtype).reshape(array.shape)
        self.array[...] = array

    def is_whole(self) -> bool:
        """Whether the known bytes are still there."""
        before, behind = self._memory[:WIDTH], self._memory[self._memory.size - WIDTH :]
        return bool((before == _KNOWN).all() and (behind == _KNOWN).all())
