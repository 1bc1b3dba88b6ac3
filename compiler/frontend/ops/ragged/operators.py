"""Python's operators on RaggedTensors, each the public function of the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...tracing.tracebacks import trim
from ...values.composite import Composite
from ...values.tensor import is_tensor
from ..operators import BINARY, COMPARISONS, UNARY, path_for, public_function
from .dispatch import applied

if TYPE_CHECKING:
    from .tensor import RaggedTensor


class Operators(Composite):
    """Operators of `RaggedTensor`, elementwise, and its subscripts."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> RaggedTensor: ...
        def __radd__(self, other: Any) -> RaggedTensor: ...
        def __sub__(self, other: Any) -> RaggedTensor: ...
        def __rsub__(self, other: Any) -> RaggedTensor: ...
        def __mul__(self, other: Any) -> RaggedTensor: ...
        def __rmul__(self, other: Any) -> RaggedTensor: ...
        def __truediv__(self, other: Any) -> RaggedTensor: ...
        def __rtruediv__(self, other: Any) -> RaggedTensor: ...
        def __floordiv__(self, other: Any) -> RaggedTensor: ...
        def __mod__(self, other: Any) -> RaggedTensor: ...
        def __pow__(self, other: Any) -> RaggedTensor: ...
        def __matmul__(self, other: Any) -> RaggedTensor: ...
        def __and__(self, other: Any) -> RaggedTensor: ...
        def __or__(self, other: Any) -> RaggedTensor: ...
        def __xor__(self, other: Any) -> RaggedTensor: ...
        def __lt__(self, other: Any) -> RaggedTensor: ...
        def __le__(self, other: Any) -> RaggedTensor: ...
        def __gt__(self, other: Any) -> RaggedTensor: ...
        def __ge__(self, other: Any) -> RaggedTensor: ...
        def __neg__(self) -> RaggedTensor: ...
        def __pos__(self) -> RaggedTensor: ...
        def __abs__(self) -> RaggedTensor: ...
        def __invert__(self) -> RaggedTensor: ...

    def __eq__(self, other: object) -> Any:
        return _compared("logic.equal", self, other, False)

    def __ne__(self, other: object) -> Any:
        return _compared("logic.not_equal", self, other, True)

    __hash__: Any = None

    def __getitem__(self, key: Any) -> Any:
        from .subscript import getitem  # makes RaggedTensors, whose class is made of this one

        try:
            return getitem(self, key)  # pyright: ignore[reportArgumentType]
        except Exception as error:
            trim(error)
            raise


def _call(path: str, *operands: Any) -> Any:
    try:
        return applied(path, public_function(path), operands, {})
    except Exception as error:
        trim(error)
        raise


def _compared(path: str, ragged: Any, other: object, otherwise: bool) -> Any:
    """Elementwise; what is no tensor, or of another kind of dtype, is simply not equal."""
    known = isinstance(other, Composite | bool | int | float | complex | list | tuple | str | bytes)
    if not (known or is_tensor(other) or hasattr(other, "__array__")):
        return otherwise
    if isinstance(other, str | bytes) != ragged.dtype.is_string and not (
        isinstance(other, Composite) or is_tensor(other)
    ):
        return otherwise
    return _call(path, ragged, other)


def _binary(operator: str, path: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: Any, other: Any) -> Any:
        return _call(path_for(operator, path, self), self, other)

    def reflected(self: Any, other: Any) -> Any:
        return _call(path_for(operator, path, self), other, self)

    return forward, reflected


def _install() -> None:
    """Give RaggedTensors their operators."""
    for operator, path in BINARY.items():
        forward, reflected = _binary(operator, path)
        setattr(Operators, f"__{operator}__", forward)
        setattr(Operators, f"__r{operator}__", reflected)
    for operator, path in COMPARISONS.items():
        setattr(Operators, f"__{operator}__", _binary(operator, path)[0])
    for operator, path in UNARY.items():
        setattr(Operators, f"__{operator}__", lambda self, path=path: _call(path, self))
    inverted = ("logic.bitwise_not", "logic.logical_not")
    Operators.__invert__ = lambda self: _call(inverted[self.dtype.is_bool], self)  # pyright: ignore


_install()
