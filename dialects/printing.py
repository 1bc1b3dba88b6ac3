"""How a program prints tensors: the text of `debug.print`, which is that of `tf.print`, and where it goes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from xdsl.dialects.builtin import IntegerAttr, StringAttr, i64
from xdsl.ir import Attribute

from .packing import unpacked

STANDARD_OUTPUT = "stdout"
STANDARD_ERROR = "stderr"
FILE = "file://"
LOG = "log:"
"""Streams: these, a path with `FILE` before it, and the name of a level with `LOG` before it."""


@dataclass(frozen=True)
class PrintOptions:
    """How a line is printed.

    Attributes:
        summarize: how many elements at each end of an axis are printed; all if negative.
        end: what follows the text.
        stream: where it goes.
        packed: the indices, with commas between them, of values that are complex numbers whose parts lie along a last
            axis.
    """

    summarize: int = 3
    end: str = "\n"
    stream: str = STANDARD_OUTPUT
    packed: str = ""

    @staticmethod
    def of(attributes: Mapping[str, Attribute]) -> PrintOptions:
        """The options in the properties of `debug.print`."""
        found: dict[str, Any] = {}
        for name, attribute in attributes.items():
            if name in _OPTIONS:
                found[name] = attribute.value.data if isinstance(attribute, IntegerAttr) else attribute.data  # pyright: ignore[reportAttributeAccessIssue]
        return PrintOptions(**found)

    def attributes(self) -> dict[str, Attribute]:
        """Those that are not the default, as properties of `debug.print`."""
        values = {name: getattr(self, name) for name in _OPTIONS}
        changed = {name: value for name, value in values.items() if value != getattr(PrintOptions, name)}
        return {
            name: IntegerAttr(value, i64) if isinstance(value, int) else StringAttr(value)
            for name, value in changed.items()
        }


_OPTIONS = "summarize", "end", "stream", "packed"


def print_values(text: str, values: Iterable[Any], options: PrintOptions, file: IO[str] | None = None) -> None:
    """Print `text`, in which `{0}`, `{1}` … refer to the values; to `file`, where given, in place of the stream."""
    packed = options.packed.split(",")
    shown = (unpacked(value) if str(place) in packed else value for place, value in enumerate(values))
    line = text.format(*(summary(value, options.summarize) for value in shown)) + options.end
    if file is not None:
        file.write(line)
    elif options.stream.startswith(FILE):
        with open(options.stream.removeprefix(FILE), "a", encoding="utf-8") as out:
            out.write(line)
    elif options.stream.startswith(LOG):
        level = options.stream.removeprefix(LOG)
        logging.getLogger("stepwell").log(logging.getLevelNamesMapping()[level], line.removesuffix("\n"))
    else:
        print(line, end="", file=sys.stderr if options.stream == STANDARD_ERROR else sys.stdout)


def summary(value: object, summarize: int = 3) -> str:
    """The elements of an array, or a scalar, as `tf.print` has them.

    Example:
        >>> summary(np.arange(10.0)), summary(np.array([True, False])), summary(np.float32(0.1))
        ('[0 1 2 ... 7 8 9]', '[1 0]', '0.1')
    """
    array = np.full((), value, object) if isinstance(value, bytes) else np.asarray(value)
    size = array.size
    return _axis(array, 0, size if summarize < 0 else min(summarize, size))


def _axis(array: np.ndarray | bytes, depth: int, ends: int) -> str:
    """The elements below `depth` axes of a larger array, of each axis at most `ends` at its begin and end."""
    if isinstance(array, bytes):
        return element_text(array, quoted=True)
    if not array.ndim:
        return element_text(array[()], quoted=True)
    count = len(array)
    first, last = array[: min(ends, count)], array[max(ends, count - ends) :]
    parts = [_axis(item, depth + 1, ends) for item in first]
    if count > 2 * ends:
        parts += ["..."]
    parts += [_axis(item, depth + 1, ends) for item in last]
    between = "\n" * (array.ndim - 1) + " " * (depth + 1) if array.ndim > 1 else " "
    opening = between if not ends and count else ""
    return f"[{opening}{between.join(parts)}]"


def element_text(item: Any, quoted: bool = False) -> str:
    """One element: floats with the fewest of 6 or 9 (float64: 15 or 17) digits that are exact, booleans as 1 and 0."""
    if isinstance(item, np.float64):
        return _shortest(float(item), 15, 17, np.float64)
    if isinstance(item, bool | np.bool_):
        return str(int(item))
    if isinstance(item, np.complexfloating) or np.issubdtype(type(item), np.integer):
        return str(item)
    if isinstance(item, bytes | str):
        text = item.decode(errors="backslashreplace") if isinstance(item, bytes) else item
        return f'"{text}"' if quoted else text
    return _shortest(float(item), 6, 9, np.float32)


def _shortest(value: float, short: int, exact: int, kind: type[np.floating]) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    text = f"{value:.{short}g}"
    with np.errstate(over="ignore"):
        return text if kind(text) == kind(value) else f"{value:.{exact}g}"
