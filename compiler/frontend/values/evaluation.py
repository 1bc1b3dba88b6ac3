"""Ops on concrete arrays: checked, and computed by NumPy or by compiled code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from ....dialects.dtypes import dtype_of
from ....dialects.hl.rules.base import HLOp
from ....dialects.hl.rules.facets import Attrs
from ....dialects.memory import check_memory
from ....dialects.types import extent, shape_of, tensor_type
from .refusals import REFUSALS, refused

run_compiled: Callable[[type[HLOp], Sequence[np.ndarray], Attrs], Sequence[np.ndarray]] | None = None
"""Runs an op whose block says that NumPy is too slow; set by the package, as the language knows no engine."""

_SMALL_BYTES = 2**20
"""Results of at most this size are made without asking again whether they fit into memory."""

_KNOWN_CALLS = 2**13

_COMPILING = 50_000.0
"""How many microseconds a function of one op takes to compile, about."""

_lost: defaultdict[Hashable, float] = defaultdict(float)
"""How many microseconds calls have taken longer than compiled ones would have, by op and dtype."""

_Computes = Callable[[Sequence[np.ndarray], Attrs], Sequence[np.ndarray]]

_known: dict[Hashable, _Computes] = {}
"""What computes the results, for calls of small results whose op, types and attributes were checked before.

The check takes ten times as long as NumPy does for a short array, and depends on nothing else.
"""


def evaluated(op_class: type[HLOp], arrays: Sequence[np.ndarray], attrs: Attrs) -> Sequence[np.ndarray]:
    """The results of an op. Raises what it refuses, and InferenceError."""
    key = _call_key(op_class, arrays, attrs)
    computes = _known.get(key) or _checked(key, op_class, arrays, attrs)
    try:
        gain = op_class.compiled_gain(arrays, attrs)
        if gain and run_compiled is not None and _is_worth_compiling(op_class, attrs, gain):
            return run_compiled(op_class, arrays, attrs)
        with np.errstate(all="ignore"):
            return computes(arrays, attrs)
    except REFUSALS as error:
        raise refused(op_class, error) from None


def _is_worth_compiling(op_class: type[HLOp], attrs: Attrs, gain: float) -> bool:
    """Whether calls like this one have lost as much time as compiling takes.

    With this rule (of the "ski rental problem") a program takes at most twice what it would, had it known its calls.
    """
    key = op_class, attrs.get("dtype")
    _lost[key] += gain
    return _lost[key] > _COMPILING


def _call_key(op_class: type[HLOp], arrays: Sequence[np.ndarray], attrs: Attrs) -> Hashable:
    """The key of a call: calls with equal keys pass the same checks. None where attributes cannot be hashed.

    True, 1 and 1.0 are equal, but not the same attribute.
    """
    operands = tuple([(array.shape, array.dtype) for array in arrays])
    if not attrs:
        return op_class, operands
    given = tuple([(name, type(value), value) for name, value in attrs.items()])
    inner = tuple([tuple(map(type, value)) for value in attrs.values() if type(value) is tuple])
    key = op_class, operands, given, inner
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _checked(key: Hashable, op_class: type[HLOp], arrays: Sequence[np.ndarray], attrs: Attrs) -> _Computes:
    """Check a call and return what computes it; remember that where the results are small."""
    types = [tensor_type(array.shape, array.dtype) for array in arrays]
    results = op_class.checked_types(types, attrs)
    try:
        for result in results:
            check_memory(shape_of(result), dtype_of(result))
    except MemoryError as error:
        raise refused(op_class, error) from None
    computes = op_class.evaluate if op_class.wide_types(types) is None else op_class.computed
    if key is not None and sum(extent(shape_of(type_), dtype_of(type_)) for type_ in results) <= _SMALL_BYTES:
        if len(_known) >= _KNOWN_CALLS:
            _known.clear()
        _known[key] = computes
    return computes
