"""Convolutions: sums of products over windows, and their transposes, which are each other's gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..dtypes import INTS, NUMBERS, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import BatchCall, Results, over_examples
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.float_sums import float_matmul
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import type_of
from .rules.movement_lowering import check_equal
from .rules.sizes.arithmetic import IndexSizes
from .rules.sizes.run_time import check_sizes, indices_of, sizes_given
from .rules.windows.convolution_lowering import convolve, correlate, joined, split, spread, zero_of
from .rules.windows.convolution_onnx import onnx_convolution, onnx_correlation, onnx_spread
from .rules.windows.geometry import add_windows, check_windows, count_windows, sample_windows, window_view
from .rules.windows.lowering import Placement, Size, place_windows, with_border


def _check_ranks(constraint: str, shapes: Sequence[Sequence[int]], attrs: Attrs) -> int:
    """Check that tensors have one rank that convolutions have; how many axes windows move over."""
    rank = len(shapes[0]) - 2
    if not 1 <= rank <= 3 or any(len(shape) != rank + 2 for shape in shapes):
        shown = " and ".join(shape_text(shape) for shape in shapes)
        raise InferenceError(constraint, f"expected tensors of one rank from 3 to 5, got shapes {shown}")
    if attrs["groups"] < 1:
        raise InferenceError(constraint, f"expected 1 group or more, got {attrs['groups']}")
    return rank


def _check_channels(constraint: str, inputs: int, filters: Sequence[int], groups: int) -> None:
    """Check that filters fit a number of input channels, and that groups share the outputs."""
    if DYNAMIC not in (inputs, filters[-2]) and inputs != filters[-2] * groups:
        text = f"{filters[-2]} channels of filters and {groups} groups do not go with {inputs} channels"
        raise InferenceError(constraint, text)
    if filters[-1] != DYNAMIC and filters[-1] % groups:
        raise InferenceError(constraint, f"expected outputs that {groups} groups can share, got {filters[-1]}")


def _check_dtypes(constraint: str, types: Types) -> DType:
    a, b = map(dtype_of, types)
    if a != b or a not in NUMBERS:
        allowed = ", ".join(d.name for d in NUMBERS)
        raise DTypeError(constraint, f"expected one dtype of {allowed}, got {a.name} and {b.name}")
    return a


def _merged(constraint: str, a: Sequence[int], b: Sequence[int], what: str) -> tuple[int, ...]:
    """Sizes known from either of two sources, which agree."""
    if any(m != n and DYNAMIC not in (m, n) for m, n in zip(a, b, strict=True)):
        raise InferenceError(constraint, f"expected {what} of shape {shape_text(b)}, got {shape_text(a)}")
    return tuple(n if m == DYNAMIC else m for m, n in zip(a, b))


def _by_group(filters: np.ndarray, groups: int) -> np.ndarray:
    """Filters `[k, c, g * f]` as matrices `[g, k * c, f]`."""
    shape = (-1, filters.shape[-2], groups, filters.shape[-1] // groups)
    looks = int(np.prod(filters.shape[:-2]))
    moved = np.moveaxis(filters.reshape(looks, *shape[1:]), 2, 0)
    return moved.reshape(groups, looks * shape[1], shape[3])


def _columns(x: np.ndarray, window: Sequence[int], attrs: Attrs) -> tuple[np.ndarray, tuple[int, ...]]:
    """What all windows look at as matrices `[g, n * places, k * c]`, and the sizes `[n, places]`."""
    groups, rank = attrs["groups"], x.ndim - 2
    view = window_view(x, window, attrs, 0)
    lead, looks = view.shape[: 1 + rank], int(np.prod(window))
    places, inputs = int(np.prod(lead)), x.shape[-1] // groups
    columns = np.moveaxis(view.reshape(places, looks, groups, inputs), 2, 0)
    return columns.reshape(groups, places, looks * inputs), lead


def _outputs(y: np.ndarray, groups: int) -> np.ndarray:
    """Outputs `[n, places, g * f]` as matrices `[g, n * places, f]`."""
    places = int(np.prod(y.shape[:-1]))
    return np.moveaxis(y.reshape(places, groups, y.shape[-1] // groups), 1, 0)


def _place(e: Emitter, totals: Sequence[Size], window: Sequence[Size], op: HLOp) -> Placement:
    return place_windows(e, totals, window, op.attrs(), op.name.removeprefix("hl."))


def _emit_channel_checks(e: Emitter, inputs: Size, filters: SSAValue, op: HLOp) -> None:
    """Stop the program unless channels and groups fit, as far as that is not known."""
    sizes, groups, what = IndexSizes(e), op.attrs()["groups"], op.name.removeprefix("hl.")
    rank = type_of(filters).get_num_dims()
    wanted = sizes.mul(sizes.along(filters, rank - 2), groups)
    if not (isinstance(inputs, int) and isinstance(wanted, int)):
        message = f"{what}: the input has {{0}} channels, filters and groups go with {{1}}"
        check_equal(e, sizes.value(inputs), sizes.value(wanted), message)
    outputs = sizes.along(filters, rank - 1)
    shared = sizes.mul(sizes.floordiv(outputs, groups), groups)
    if groups > 1 and not isinstance(outputs, int):
        check_equal(e, sizes.value(outputs), sizes.value(shared), f"{what}: {groups} groups cannot share {{0}} outputs")


def _emit_count_checks(e: Emitter, y: SSAValue, placement: Placement, op: HLOp) -> None:
    """Stop the program unless outputs have as many places as there are windows, as far as that is not known."""
    sizes, what = IndexSizes(e), op.name.removeprefix("hl.")
    for axis, count in enumerate(placement.counts, 1):
        own = sizes.along(y, axis)
        if not (isinstance(own, int) and isinstance(count, int)):
            message = f"{what}: axis {axis} of the outputs has size {{0}}, expected {{1}}"
            check_equal(e, sizes.value(own), sizes.value(count), message)


def _sample(s: Sampler, asked: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Whole numbers of the shapes of a convolution, and attributes; sizes of what is asked for partly at run time."""
    groups, dtype = s.choice([1, 1, 2]), s.choice(NUMBERS)
    totals, window, attrs = sample_windows(s, s.choice([1, 2, 2]), dtype)
    inputs, outputs = s.integer(1, 2), s.integer(1, 2) * groups
    lead = s.integer(0, 2)
    counts = count_windows("C3", totals, window, attrs)
    shapes = {
        "x": (lead, *totals, inputs * groups),
        "filters": (*window, inputs, outputs),
        "y": (lead, *counts, outputs),
    }
    arrays = {name: s.whole(shape, dtype) for name, shape in shapes.items() if name != asked}
    return arrays, attrs | {"groups": groups, "window": tuple(window), "totals": tuple(totals)}


def _some_at_run_time(s: Sampler, sizes: Sequence[int]) -> tuple[tuple[int, ...], list[np.ndarray]]:
    static, operands = [], []
    for size in sizes:
        if s.boolean():
            operands.append(np.array(size, s.choice(INTS)))
            size = DYNAMIC
        static.append(size)
    return tuple(static), operands


def _grouped(b: BatchCall) -> Results:
    """`batch`: all images of all examples; with filters of each, groups of channels for the examples."""
    if not b.batched[1]:
        return over_examples(b)
    if not b.size or any(b.batched[2:]):
        return None
    parts = [b.channels_in(b.full(0)), b.channels_in(b.full(1))]
    return [b.channels_out(b.apply(*parts, *b.operands[2:], groups=b.size * b.attrs["groups"])[0])]


_in_groups: staticmethod[..., Results] = staticmethod(_grouped)


@irdl_op_definition
class ConvolutionOp(HLOp):
    """The sums of products of filters with what windows of their size look at.

    `x` is `[n, sizes, c]`, `filters` are `[window, c / groups, f]`, the result is `[n, places, f]`. With `groups`, each
    of as many equal shares of the outputs sees only its share of the channels. Integers wrap around.

    C1: `x` and `filters` have one rank from 3 to 5; there is 1 group or more.
    C2: `strides`, `dilations` and `padding` describe windows over the axes between.
    C3: the window has elements, and fits into what is padded; checked at run time where unknown before.
    C4: `c` is `groups` times the channels of the filters, and `f` a multiple of `groups`; checked at run time where
        unknown before.
    C5: `x` and `filters` have one dtype: {dtypes}.

    Definition: TensorFlow `nn.convolution`. The order in which floats are added is not defined.
    """

    name = "hl.convolution"
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "products"

    x = operand_def(TensorType[Attribute])
    filters = operand_def(TensorType[Attribute])
    strides = prop_def(Attribute)
    dilations = prop_def(Attribute)
    padding = prop_def(Attribute)
    groups = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = _in_groups

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The examples, the places, the outputs."""
        x, filters = map(shape_of, types)
        check_windows("C2", attrs, _check_ranks("C1", (x, filters), attrs))
        _check_channels("C4", x[-1], filters, attrs["groups"])
        dtype = _check_dtypes("C5", types)
        return [tensor_type((x[0], *count_windows("C3", x[1:-1], filters[:-2], attrs), filters[-1]), dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A product of matrices for each group."""
        cls.infer([tensor_type(array.shape, array.dtype) for array in operands], attrs)
        x, filters = operands
        columns, lead = _columns(x, filters.shape[:-2], attrs)
        with np.errstate(all="ignore"):
            result = float_matmul(columns, _by_group(filters, attrs["groups"]))
        return (np.moveaxis(result, 0, 1).reshape(*lead, filters.shape[-1]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The transposes with respect to each operand."""
        x, filters = call.inputs
        return [
            m.convolution_backprop_input(dy, filters, x, call.attrs),
            m.convolution_backprop_filter(x, dy, filters, call.attrs),
        ]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A border around the input, and one `linalg.generic` that adds products."""
        assert isinstance(op, ConvolutionOp)
        sizes, groups, rank = IndexSizes(e), op.attrs()["groups"], type_of(op.x).get_num_dims() - 2
        _emit_channel_checks(e, sizes.along(op.x, rank + 1), op.filters, op)
        totals = [sizes.along(op.x, axis + 1) for axis in range(rank)]
        placement = _place(e, totals, [sizes.along(op.filters, axis) for axis in range(rank)], op)
        padded = with_border(e, op.x, placement.low, placement.high, zero_of(e, type_of(op.x)))
        result = convolve(e, split(e, padded, groups), split(e, op.filters, groups), placement, groups)
        return [joined(e, result, groups, type_of(op.result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Conv` with channels first; of other dtypes than float32, for which runtimes have none, `MatMul`."""
        return [onnx_convolution(g, call)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Windows over one or two axes, one or two groups."""
        arrays, attrs = _sample(s, "y")
        names = ("strides", "dilations", "padding", "groups")
        return Sample((arrays["x"], arrays["filters"]), {name: attrs[name] for name in names})


@irdl_op_definition
class ConvolutionBackpropInputOp(HLOp):
    """The transpose of `hl.convolution` as a function of its input: `y`, spread by the filters over where windows look.

    `y` is `[n, places, f]`, `filters` are `[window, c / groups, f]`, the result is `[n, sizes, c]`.

    C1: `y` and `filters` have one rank from 3 to 5, and one number of outputs `f` (checked at run time where unknown
        before); there is 1 group or more.
    C2: `strides`, `dilations` and `padding` describe windows over the axes between; `totals` has their sizes.
    C3: the window has elements, fits into what is padded, and there are as many windows as `y` has places; checked at
        run time where unknown before.
    C4: `f` is a multiple of `groups`.
    C5: `y` and `filters` have one dtype: {dtypes}.
    C6: `sizes` has one int32 or int64 scalar for each `?` in `totals`.

    Definition: TensorFlow `conv2d_backprop_input`. The order in which floats are added is not defined.
    """

    name = "hl.convolution_backprop_input"
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "products"

    y = operand_def(TensorType[Attribute])
    filters = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    totals = prop_def(Attribute)
    strides = prop_def(Attribute)
    dilations = prop_def(Attribute)
    padding = prop_def(Attribute)
    groups = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = _in_groups

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The examples, `totals`, the channels of all groups."""
        y, filters = map(shape_of, types[:2])
        totals, groups = attrs["totals"], attrs["groups"]
        rank = _check_ranks("C1", (y, filters), attrs)
        check_windows("C2", attrs, rank)
        if len(totals) != rank or any(size < 0 and size != DYNAMIC for size in totals):
            raise InferenceError("C2", f"expected {rank} sizes of 0 or more, got {shape_text(totals)}")
        check_sizes("C6", totals, types[2:])
        _merged("C3", y[1:-1], count_windows("C3", totals, filters[:-2], attrs), "places")
        _merged("C1", y[-1:], filters[-1:], "outputs")
        _check_channels("C4", DYNAMIC, filters, groups)
        channels = DYNAMIC if filters[-2] == DYNAMIC else filters[-2] * groups
        return [tensor_type((y[0], *totals, channels), _check_dtypes("C5", types[:2]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A product of matrices for each group, added up look by look."""
        cls.infer([tensor_type(array.shape, array.dtype) for array in operands], attrs)
        y, filters, *sizes = operands
        totals, groups, window = sizes_given("C2", attrs["totals"], sizes), attrs["groups"], filters.shape[:-2]
        _merged("C3", y.shape[1:-1], count_windows("C3", totals, window, attrs), "places")
        matrices = np.swapaxes(_by_group(filters, groups), 1, 2)
        with np.errstate(all="ignore"):
            parts = float_matmul(_outputs(y, groups), matrices)
        parts = parts.reshape(groups, parts.shape[1], int(np.prod(window)), filters.shape[-2])
        parts = np.moveaxis(parts, 0, 2).reshape(*y.shape[:-1], *window, filters.shape[-2] * groups)
        return (add_windows(parts, totals, attrs),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dx: Value) -> Gradients:
        """A convolution, and the transpose with respect to the filters."""
        y, filters, *sizes = call.inputs
        dy = m.convolution_of(dx, filters, call.attrs)
        return [dy, m.convolution_backprop_filter(dx, y, filters, call.attrs), *[None] * len(sizes)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """Of single steps, a convolution with mirrored filters; else one sum of products for each look."""
        assert isinstance(op, ConvolutionBackpropInputOp)
        sizes, attrs, rank = IndexSizes(e), op.attrs(), type_of(op.y).get_num_dims() - 2
        outputs, own = sizes.along(op.filters, rank + 1), sizes.along(op.y, rank + 1)
        if not (isinstance(outputs, int) and isinstance(own, int)):
            message = "convolution_backprop_input: expected {1} outputs, as the filters have, got {0}"
            check_equal(e, sizes.value(own), sizes.value(outputs), message)
        channels = sizes.mul(sizes.along(op.filters, rank), attrs["groups"])
        _emit_channel_checks(e, channels, op.filters, op)
        given = indices_of(e, attrs["totals"], op.sizes)
        totals = [n if known == DYNAMIC else known for n, known in zip(given, attrs["totals"], strict=True)]
        placement = _place(e, totals, [sizes.along(op.filters, axis) for axis in range(rank)], op)
        _emit_count_checks(e, op.y, placement, op)
        groups = attrs["groups"]
        result = spread(e, split(e, op.y, groups), split(e, op.filters, groups), placement, groups)
        return [joined(e, result, groups, type_of(op.result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ConvTranspose` with channels first; where runtimes have none, `MatMul` and `ScatterElements` that adds."""
        return [onnx_spread(g, call)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Windows over one or two axes, one or two groups; some sizes at run time."""
        arrays, attrs = _sample(s, "x")
        totals, operands = _some_at_run_time(s, attrs["totals"])
        named = {name: attrs[name] for name in ("strides", "dilations", "padding", "groups")}
        return Sample((arrays["y"], arrays["filters"], *operands), {"totals": totals, **named})


@irdl_op_definition
class ConvolutionBackpropFilterOp(HLOp):
    """The transpose of `hl.convolution` as a function of its filters: what windows look at, times `y`, over all places.

    `x` is `[n, sizes, c]`, `y` is `[n, places, f]`, the result is `[window, c / groups, f]`.

    C1: `x` and `y` have one rank from 3 to 5, and one number of examples (checked at run time where unknown before);
        there is 1 group or more.
    C2: `strides`, `dilations` and `padding` describe windows over the axes between; `window` has the sizes of one.
    C3: the window has elements, fits into what is padded, and there are as many windows as `y` has places; checked at
        run time where unknown before.
    C4: `c` and `f` are multiples of `groups`; checked at run time where unknown before.
    C5: `x` and `y` have one dtype: {dtypes}.
    C6: `sizes` has one int32 or int64 scalar for each `?` in `window`.

    Definition: TensorFlow `conv2d_backprop_filter`. The order in which floats are added is not defined.
    """

    name = "hl.convolution_backprop_filter"
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "products"

    x = operand_def(TensorType[Attribute])
    y = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    window = prop_def(Attribute)
    strides = prop_def(Attribute)
    dilations = prop_def(Attribute)
    padding = prop_def(Attribute)
    groups = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`window`, the channels of a group, the outputs."""
        x, y = map(shape_of, types[:2])
        window, groups = attrs["window"], attrs["groups"]
        rank = _check_ranks("C1", (x, y), attrs)
        check_windows("C2", attrs, rank)
        if len(window) != rank:
            raise InferenceError("C2", f"expected {rank} sizes of a window, got {shape_text(window)}")
        check_sizes("C6", window, types[2:])
        _merged("C3", y[1:-1], count_windows("C3", x[1:-1], window, attrs), "places")
        _merged("C1", y[:1], x[:1], "examples")
        if any(n != DYNAMIC and n % groups for n in (x[-1], y[-1])):
            text = f"expected channels and outputs that {groups} groups can share, got {x[-1]} and {y[-1]}"
            raise InferenceError("C4", text)
        channels = DYNAMIC if x[-1] == DYNAMIC else x[-1] // groups
        return [tensor_type((*window, channels, y[-1]), _check_dtypes("C5", types[:2]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A product of matrices for each group."""
        cls.infer([tensor_type(array.shape, array.dtype) for array in operands], attrs)
        x, y, *sizes = operands
        window, groups = sizes_given("C2", attrs["window"], sizes), attrs["groups"]
        _merged("C3", y.shape[1:-1], count_windows("C3", x.shape[1:-1], window, attrs), "places")
        columns, _ = _columns(x, window, attrs)
        with np.errstate(all="ignore"):
            result = float_matmul(np.swapaxes(columns, 1, 2), _outputs(y, groups))
        shape = (groups, int(np.prod(window)), x.shape[-1] // groups, y.shape[-1] // groups)
        result = np.moveaxis(result.reshape(shape), 0, 2)
        return (result.reshape(*window, shape[2], y.shape[-1]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dfilters: Value) -> Gradients:
        """The transpose with respect to the input, and a convolution."""
        x, y, *sizes = call.inputs
        dx = m.convolution_backprop_input(y, dfilters, x, call.attrs)
        return [dx, m.convolution_of(x, dfilters, call.attrs), *[None] * len(sizes)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A border around the input, and one `linalg.generic` that adds products."""
        assert isinstance(op, ConvolutionBackpropFilterOp)
        sizes, attrs, rank = IndexSizes(e), op.attrs(), type_of(op.x).get_num_dims() - 2
        groups, given = attrs["groups"], indices_of(e, attrs["window"], op.sizes)
        _emit_share_checks(e, op, groups)
        window = [n if known == DYNAMIC else known for n, known in zip(given, attrs["window"], strict=True)]
        placement = _place(e, [sizes.along(op.x, axis + 1) for axis in range(rank)], window, op)
        _emit_count_checks(e, op.y, placement, op)
        padded = with_border(e, op.x, placement.low, placement.high, zero_of(e, type_of(op.x)))
        result = correlate(e, split(e, padded, groups), split(e, op.y, groups), placement, groups)
        return [joined(e, result, groups, type_of(op.result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`MatMul` on what windows look at."""
        return [onnx_correlation(g, call)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Windows over one or two axes, one or two groups; some sizes at run time."""
        arrays, attrs = _sample(s, "filters")
        window, operands = _some_at_run_time(s, attrs["window"])
        named = {name: attrs[name] for name in ("strides", "dilations", "padding", "groups")}
        return Sample((arrays["x"], arrays["y"], *operands), {"window": window, **named})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """Groups of channels for the examples, or more outputs where all see the same images."""
        if not b.size or any(b.batched[2:]):
            return None
        x, groups = b.operands[0], b.attrs["groups"]
        if b.batched[0] or groups > 1:
            x, groups = b.channels_in(b.full(0)), b.size * groups
        return [b.channels_out(b.apply(x, b.channels_in(b.full(1)), *b.operands[2:], groups=groups)[0])]


def _emit_share_checks(e: Emitter, op: ConvolutionBackpropFilterOp, groups: int) -> None:
    """Stop the program unless examples agree and groups can share channels and outputs, as far as not known."""
    sizes, last, what = IndexSizes(e), type_of(op.x).get_num_dims() - 1, "convolution_backprop_filter"
    first = sizes.along(op.x, 0), sizes.along(op.y, 0)
    if not all(isinstance(size, int) for size in first):
        check_equal(e, sizes.value(first[1]), sizes.value(first[0]), f"{what}: expected {{1}} examples, got {{0}}")
    for value in (op.x, op.y) if groups > 1 else ():
        size = sizes.along(value, last)
        if not isinstance(size, int):
            shared = sizes.mul(sizes.floordiv(size, groups), groups)
            check_equal(e, size, sizes.value(shared), f"{what}: {groups} groups cannot share {{0}} channels")
