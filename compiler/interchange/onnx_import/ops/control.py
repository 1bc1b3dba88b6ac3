"""Branches and loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64, DType
from ....frontend.control_flow.loop import detached
from ....frontend.control_flow.values import ControlFlowError
from ....frontend.tensor_array.array import TensorArray
from ....frontend.tracing.tracer import current_tracer
from ....frontend.values.dispatch import as_tensor
from ....frontend.values.tensor import Tensor
from ..rules import MOST_UNROLLED, Call, axis_in, rule
from ..values import Narrow, Value, dtype_of_code, known, m, tensor_of


@rule("If", takes_values=True)
def _if(call: Call, condition: Value) -> tuple[Value, ...]:
    def branch(name: str) -> Callable[[], list[Value]]:
        return lambda: call.evaluation.subgraph(call.graph(name), [], call.scope)

    chosen = known(condition)
    if chosen is not None:
        return tuple(branch("then_branch" if chosen.reshape(-1)[0] else "else_branch")())
    types: list[list[Any]] = []

    def plain(name: str) -> Callable[[], list[Tensor]]:
        def run() -> list[Tensor]:
            values = branch(name)()
            if any(value is None or isinstance(value, list) for value in values):
                raise call.not_known(0, "the condition has to be known, as results are sequences or optional values")
            types.append([value.type if isinstance(value, Narrow) else None for value in values])
            return [tensor_of(value) for value in values]

        return run

    try:
        found = m.cond(_scalar(condition), plain("then_branch"), plain("else_branch"))
    except ControlFlowError as error:
        raise call.not_known(0, f"the condition has to be known: {error.message}") from None
    return tuple(Narrow(each, kind) if kind else each for each, kind in zip(found, types[0]))


def _scalar(value: Value) -> Tensor:
    tensor = tensor_of(value)
    return tensor if tensor.ndim == 0 else m.reshape(tensor, [])


@rule("Loop", takes_values=True)
def _loop(call: Call, limit: Value, condition: Value, *initial: Value) -> tuple[Value, ...]:
    body = call.graph("body")
    if len(body.input) != 2 + len(initial) or len(body.output) < 1 + len(initial):
        raise InvalidArgumentError(f"the body takes {len(body.input)} values, expected {2 + len(initial)}")
    if any(value is None or isinstance(value, list) for value in initial):
        return _unrolled(call, body, limit, condition, initial)
    return _staged(call, body, limit, condition, [tensor_of(value) for value in initial])


def _unrolled(
    call: Call, body: onnx.GraphProto, limit: Value, condition: Value, initial: Sequence[Value]
) -> tuple[Value, ...]:
    """A loop whose iterations are known: it may carry sequences."""
    count = None if limit is None else int(call.fixed(0, "M").reshape(-1)[0])
    goes_on = True if condition is None else bool(call.fixed(1, "cond").reshape(-1)[0])
    values, rows, index = list(initial), [[] for _ in body.output[1 + len(initial) :]], 0
    while goes_on and (count is None or index < count):
        if index >= MOST_UNROLLED:
            raise NotImplementedError(f"loops with sequences and more than {MOST_UNROLLED} iterations")
        given = [as_tensor(np.int64(index)), as_tensor(np.bool_(True)), *values]
        again, *results = call.evaluation.subgraph(body, given, call.scope)
        found = known(again)
        if found is None:
            raise NotImplementedError("loops with sequences that end by what is known only when the model runs")
        goes_on = bool(found.reshape(-1)[0])
        values = results[: len(initial)]
        for row, each in zip(rows, results[len(initial) :]):
            row.append(tensor_of(each))
        index += 1
    return (*values, *(_stacked(row, declared) for row, declared in zip(rows, body.output[1 + len(initial) :])))


def _stacked(row: list[Tensor], declared: onnx.ValueInfoProto) -> Tensor:
    return m.stack(row) if row else m.zeros([0, *_sizes(declared)], _dtype(declared))


def _dtypes(declared: Sequence[onnx.ValueInfoProto], try_once: Callable[[], Sequence[Tensor]]) -> list[DType]:
    """The dtypes of results of the body of a loop; where they are not declared, of those of one iteration."""
    if all(each.type.tensor_type.elem_type for each in declared):
        return [_dtype(each) for each in declared]
    tracer = current_tracer()
    found = try_once() if tracer is None else detached(tracer, try_once)[1]
    return [each.dtype for each in found[len(found) - len(declared) :]]


def _dtype(declared: onnx.ValueInfoProto) -> DType:
    dtype = dtype_of_code(declared.type.tensor_type.elem_type, f"onnx.load: {declared.name!r}")
    return dtype if isinstance(dtype, DType) else dtype.wide


def _sizes(declared: onnx.ValueInfoProto) -> list[int]:
    """The sizes that a result is declared to have; 0 for those that are not known."""
    return [dim.dim_value if dim.HasField("dim_value") else 0 for dim in declared.type.tensor_type.shape.dim]


def _element_shape(declared: onnx.ValueInfoProto) -> list[int | None] | None:
    type_ = declared.type.tensor_type
    if not type_.HasField("shape"):
        return None
    return [dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else None for dim in type_.shape.dim]


def _staged(
    call: Call, body: onnx.GraphProto, limit: Value, condition: Value, initial: list[Tensor]
) -> tuple[Value, ...]:
    scans = body.output[1 + len(initial) :]
    count = None if limit is None else m.cast(_scalar(limit), INT64)
    constant = _goes_on_always(body)
    starts = as_tensor(np.bool_(True)) if condition is None else _scalar(condition)
    first = known(starts)
    is_counted = count is not None and constant and first is not None
    if is_counted and not bool(first.reshape(-1)[0]):  # pyright: ignore[reportOptionalMemberAccess]
        count = as_tensor(np.int64(0))
    size: Any = m.cast(m.maximum(count, np.int64(0)), np.int32) if is_counted else 0
    steps = _Steps(call, body, len(initial))
    dtypes = _dtypes(scans, lambda: steps.try_once(initial))
    arrays = [
        TensorArray(dtype, size, not is_counted, element_shape=_element_shape(each))
        for dtype, each in zip(dtypes, scans)
    ]
    if is_counted:
        found = m.for_range(as_tensor(np.int64(0)), count, 1, steps.counted, [*initial, *arrays])
    else:

        def goes_on(index: Tensor, again: Tensor, *rest: object) -> Tensor:
            return again if count is None else m.logical_and(again, m.less(index, count))

        _, _, *found = m.while_loop(goes_on, steps.tested, [as_tensor(np.int64(0)), starts, *initial, *arrays])
    after = found[: len(initial)]
    return (*after, *(array.stack() for array in found[len(initial) :]))


def _goes_on_always(body: onnx.GraphProto) -> bool:
    """Whether the condition that the body returns is the one that it was given, or a constant that is true."""
    name, given = body.output[0].name, body.input[1].name
    while name != given:
        node = next((node for node in body.node if name in node.output), None)
        if node is None:
            stored = next((each for each in body.initializer if each.name == name), None)
            return stored is not None and _is_true(stored)
        if node.op_type == "Constant" and not node.domain:
            value = next((each for each in node.attribute if each.name == "value"), None)
            return value is not None and _is_true(value.t)
        if node.op_type != "Identity" or node.domain:
            return False
        name = node.input[0]
    return True


def _is_true(tensor: onnx.TensorProto) -> bool:
    try:
        array = onnx.numpy_helper.to_array(tensor)
    except Exception:
        return False
    return array.size == 1 and bool(array.reshape(-1)[0])


class _Steps:
    """An iteration of a loop, as a function of what the loop carries."""

    def __init__(self, call: Call, body: onnx.GraphProto, carried: int):
        self._call, self._body, self._carried = call, body, carried

    def _run(self, index: Tensor, again: Tensor, rest: Sequence[Any]) -> tuple[Tensor, list[Any]]:
        values, arrays = rest[: self._carried], rest[self._carried :]
        goes_on, *results = self._call.evaluation.subgraph(self._body, [index, again, *values], self._call.scope)
        after = [tensor_of(each) for each in results]
        place = m.cast(index, np.int32)
        rows = [array.write(place, each) for array, each in zip(arrays, after[self._carried :])]
        return _scalar(goes_on), [*after[: self._carried], *rows]

    def try_once(self, initial: Sequence[Tensor]) -> list[Tensor]:
        """The results of an iteration."""
        given = [as_tensor(np.int64(0)), as_tensor(np.bool_(True)), *initial]
        return [tensor_of(each) for each in self._call.evaluation.subgraph(self._body, given, self._call.scope)]

    def counted(self, index: Any, *rest: Any) -> list[Any]:
        """An iteration of a loop whose count is known when it starts."""
        number = m.cast(as_tensor(index), INT64)
        return self._run(number, as_tensor(np.bool_(True)), rest)[1]

    def tested(self, index: Tensor, again: Tensor, *rest: Any) -> list[Any]:
        """An iteration of a loop that goes on as long as a condition holds."""
        goes_on, after = self._run(index, again, rest)
        return [index + np.int64(1), goes_on, *after]


@rule("Scan", since=9, takes_values=True)
def _scan(call: Call, *inputs: Value) -> tuple[Value, ...]:
    body, scanned = call.graph("body"), call.int("num_scan_inputs")
    states = len(inputs) - scanned
    return _scanned(call, body, [tensor_of(each) for each in inputs], states, batched=False)


@rule("Scan", takes_values=True)
def _old_scan(call: Call, lengths: Value, *inputs: Value) -> tuple[Value, ...]:
    """Before version 9 all values had a first axis of examples."""
    if lengths is not None:
        raise NotImplementedError("lengths of the sequences of each example")
    body, scanned = call.graph("body"), call.int("num_scan_inputs")
    tensors, states = [tensor_of(each) for each in inputs], len(inputs) - scanned
    examples = tensors[0].shape[0]
    if examples is None:
        raise call.not_known(1, "the number of examples has to be known", by_shape=True)
    if examples > MOST_UNROLLED:
        raise InvalidArgumentError(f"{examples} examples; expected at most {MOST_UNROLLED}")
    rows = [_scanned(call, body, [each[i] for each in tensors], states, batched=True) for i in range(examples)]
    return tuple(m.stack([tensor_of(value) for value in column]) for column in zip(*rows))


def _scanned(call: Call, body: onnx.GraphProto, inputs: list[Tensor], states: int, batched: bool) -> tuple[Value, ...]:
    scanned = len(inputs) - states
    outputs = body.output[states:]
    axes = call.ints("scan_input_axes", [0] * scanned)
    backwards = call.ints("scan_input_directions", call.ints("directions", [0] * scanned))
    rows = []
    for each, axis, back in zip(inputs[states:], axes, backwards):
        axis = axis_in(axis, each.ndim)
        row = m.transpose(each, [axis, *(other for other in range(each.ndim) if other != axis)])
        rows.append(m.reverse(row, [0]) if back else row)
    count = m.cast(m.int64_of(m.size_along(rows[0], 0)), np.int32)

    def try_once() -> list[Tensor]:
        after = call.evaluation.subgraph(body, [*inputs[:states], *(row[0] for row in rows)], call.scope)
        return [tensor_of(each) for each in after]

    dtypes = _dtypes(outputs, try_once)
    arrays: list[Any] = [
        TensorArray(dtype, count, element_shape=_element_shape(each)) for dtype, each in zip(dtypes, outputs)
    ]

    def step(index: Any, *rest: Any) -> list[Any]:
        parts = [row[index] for row in rows]
        after = call.evaluation.subgraph(body, [*rest[:states], *parts], call.scope)
        tensors = [tensor_of(each) for each in after]
        written = [a.write(m.cast(as_tensor(index), np.int32), t) for a, t in zip(rest[states:], tensors[states:])]
        return [*tensors[:states], *written]

    found = m.for_range(as_tensor(np.int64(0)), m.int64_of(count), 1, step, [*inputs[:states], *arrays])
    results = []
    places = call.ints("scan_output_axes", [0] * len(outputs))
    turned = call.ints("scan_output_directions", [0] * len(outputs))
    for array, axis, back in zip(found[states:], places, turned):
        stacked = array.stack()
        stacked = m.reverse(stacked, [0]) if back else stacked
        axis = axis_in(axis, stacked.ndim)
        order = list(range(1, stacked.ndim))
        order.insert(axis, 0)
        results.append(m.transpose(stacked, order))
    return (*found[:states], *results)
