"""Generated calls, function by function: arguments as programs have them, and some that are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from . import calls_of_matrices, calls_of_models, calls_of_signals, calls_of_sparse, calls_of_strings
from .recipes import Draw, array, axis_of, choice, dtype, flag, floats, ints, shape, whole


@dataclass(frozen=True)
class Call:
    """A call of a public function, by name."""

    name: str
    args: list[Any]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        given = [*map(_shown, self.args), *(f"{name}={_shown(value)}" for name, value in self.options.items())]
        return f"{self.name}({', '.join(given)})"


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype.name}{np.array2string(value, separator=', ', threshold=12)}".replace("\n", "")
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return value.removeprefix("dtype:") if isinstance(value, str) and value.startswith("dtype:") else repr(value)


Recipe = Callable[[Draw], tuple[list[Any], dict[str, Any]]]


def _unary(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, dtype(draw), shape(draw))], {}


def _unary_float(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, floats(draw), shape(draw))], {}


def _binary(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = dtype(draw)
    first, second = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4)).input_shapes
    if flag(draw, 12):
        second = shape(draw)
    other = dtype(draw) if flag(draw, 12) else kind
    return [array(draw, kind, first), array(draw, other, second)], {}


def _logical(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    sizes = shape(draw)
    return [array(draw, "bool", sizes), array(draw, "bool", sizes)], {}


def _bits(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = ints(draw), shape(draw)
    return [array(draw, kind, sizes), array(draw, kind, sizes)], {}


def _reduced(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw))
    axis = draw(st.one_of(st.none(), st.just(axis_of(draw, x)), st.just([axis_of(draw, x)])))
    return [x], {"axis": axis, "keepdims": flag(draw, 2)}


def _truths(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, "bool", shape(draw))
    return [x], {"axis": draw(st.one_of(st.none(), st.just(axis_of(draw, x)))), "keepdims": flag(draw, 2)}


def _arg_reduced(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    return [x], {"axis": axis_of(draw, x), "output_type": f"dtype:{choice(draw, 'int32', 'int64')}"}


def _scanned(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    return [x], {"axis": axis_of(draw, x), "exclusive": flag(draw, 2), "reverse": flag(draw, 2)}


def _reshaped(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw))
    sizes = list(x.shape[::-1])
    if sizes and flag(draw, 2):
        sizes[0] = -1
    return [x, [*sizes, *([1] if flag(draw, 3) else []), *([3] if flag(draw, 10) else [])]], {}


def _with_axis(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw))
    return [x, axis_of(draw, x)], {}


def _squeezed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), (1, *shape(draw)))
    return [x], {"axis": draw(st.one_of(st.none(), st.just([0]), st.just([axis_of(draw, x)])))}


def _transposed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw))
    permutation = draw(st.permutations(range(x.ndim)))
    return [x, *([list(permutation)] if flag(draw, 2) else [])], {}


def _reversed(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    return [x, [axis_of(draw, x)]], {}


def _tiled(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw))
    return [x, [whole(draw, 0, 3) for _ in range(x.ndim + flag(draw, 12))]], {}


def _rolled(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    return [x, whole(draw, -5, 5), axis_of(draw, x)], {}


def _joined(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = dtype(draw), shape(draw, least=1)
    parts = [array(draw, kind, sizes) for _ in range(whole(draw, 1, 3))]
    return [parts, axis_of(draw, parts[0])], {}


def _split(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    return [x, whole(draw, 1, 3)], {"axis": axis_of(draw, x)}


def _unstacked(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    return [x], {"axis": axis_of(draw, x)}


def _padded(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    amounts = [[whole(draw, 0, 2), whole(draw, 0, 2)] for _ in range(x.ndim)]
    return [x, amounts], {"mode": choice(draw, "CONSTANT", "CONSTANT", "REFLECT", "SYMMETRIC")}


def _sliced(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    begin = [whole(draw, 0, max(size, 0)) for size in x.shape]
    return [x, begin, [choice(draw, -1, 0, 1, 2) for _ in x.shape]], {}


def _gathered(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    axis = axis_of(draw, x)
    size = x.shape[axis] if -x.ndim <= axis < x.ndim else 1
    indices = draw(hnp.arrays(choice(draw, np.int32, np.int64), shape(draw), elements=st.integers(0, max(size - 1, 0))))
    return [x, indices], {"axis": axis}


def _broadcast(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw))
    sizes = [whole(draw, 1, 3) if size == 1 else size for size in x.shape]
    return [x, [*([2] if flag(draw, 2) else []), *sizes]], {}


def _product(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = dtype(draw)
    rows, inner, columns = (whole(draw, 0, 4) for _ in range(3))
    batch = () if flag(draw, 2) else (whole(draw, 1, 2),)
    first, second = flag(draw, 3), flag(draw, 3)
    x = array(draw, kind, (*batch, *((inner, rows) if first else (rows, inner))))
    y = array(draw, kind, (*batch, *((columns, inner) if second else (inner, columns + flag(draw, 12)))))
    return [x, y], {"transpose_a": first, "transpose_b": second}


def _einsum(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = floats(draw)
    sizes = {name: whole(draw, 0, 3) for name in "abcdij"}
    equation = choice(draw, "ab,bc->ac", "abc,acd->abd", "ab->ba", "ab,ab->a", "ij,j", "aij,aj->ai", "ii->i", "a,b->ab")
    operands = [array(draw, kind, [sizes[n] for n in part]) for part in equation.split("->")[0].split(",")]
    return [equation, *operands], {}


def _chosen(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = dtype(draw), shape(draw)
    return [array(draw, "bool", sizes), array(draw, kind, sizes), array(draw, kind, sizes)], {}


def _where(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, choice(draw, "bool", "float32", "int32"), shape(draw, least=1))], {}


def _masked(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1))
    return [x, array(draw, "bool", x.shape[: whole(draw, 1, x.ndim)])], {}


def _one_hot(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, ints(draw), shape(draw), small=True), whole(draw, 0, 4)], {"axis": choice(draw, -1, 0)}


def _range(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [whole(draw, -5, 5), whole(draw, -5, 9), choice(draw, 1, 2, -1, 3)], {}


def _linspace(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [float(whole(draw, -9, 9)), float(whole(draw, -9, 9)) / 4, whole(draw, 1, 7)], {}


def _sorted(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1), special=False)
    return [x], {"axis": axis_of(draw, x), "direction": choice(draw, "ASCENDING", "DESCENDING")}


def _top_k(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), shape(draw, least=1), special=False)
    return [x, whole(draw, 0, x.shape[-1] + flag(draw, 12))], {}


def _searched(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind = dtype(draw)
    rows = np.sort(array(draw, kind, (whole(draw, 0, 6),), special=False))
    return [rows, array(draw, kind, (whole(draw, 0, 4),), special=False)], {"side": choice(draw, "left", "right")}


def _unique(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, dtype(draw), (whole(draw, 0, 8),), small=True)], {}


def _segments(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), (whole(draw, 0, 5), *shape(draw)[:1]))
    ids = np.sort(draw(hnp.arrays(choice(draw, np.int32, np.int64), x.shape[:1], elements=st.integers(0, 3))))
    return [x, ids], {}


def _unsorted_segments(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, dtype(draw), (whole(draw, 0, 5), *shape(draw)[:1]))
    ids = draw(hnp.arrays(np.int32, x.shape[:1], elements=st.integers(-1, 2)))
    return [x, ids, 3], {}


def _clipped(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, dtype(draw), shape(draw)), whole(draw, -3, 0), whole(draw, 1, 4)], {}


def _clipped_norm(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, floats(draw), shape(draw), special=False), float(whole(draw, 1, 4))], {}


def _cast(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, dtype(draw), shape(draw)), f"dtype:{dtype(draw)}"], {}


def _mask_of_lengths(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, "int32", shape(draw), small=True), whole(draw, 0, 5)], {}


def _filled(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [[whole(draw, 0, 3) for _ in range(whole(draw, 0, 3))], array(draw, dtype(draw), ())], {}


def _eye(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [whole(draw, 0, 4)], {"num_columns": whole(draw, 0, 4)}


def _softmax(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    x = array(draw, floats(draw), shape(draw, least=1))
    return [x], {"axis": axis_of(draw, x)}


def _entropy(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    kind, sizes = floats(draw), shape(draw, least=1)
    return [], {
        "labels": np.abs(array(draw, kind, sizes, special=False)),
        "logits": array(draw, kind, sizes, special=False),
    }


def _uniform(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    seed = [whole(draw, -(2**31), 2**31 - 1), whole(draw, 0, 2**31 - 1)]
    return [[whole(draw, 0, 3), whole(draw, 0, 5)], seed], {"dtype": f"dtype:{floats(draw)}"}


def _matrix(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [array(draw, floats(draw), (*shape(draw)[:1], whole(draw, 1, 3), whole(draw, 1, 3)))], {}


def _image(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    return [
        np.abs(array(draw, "float32", (*shape(draw)[:1], whole(draw, 1, 4), whole(draw, 1, 4), 3), special=False))
    ], {}


def _resized(draw: Draw) -> tuple[list[Any], dict[str, Any]]:
    methods = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "gaussian", "mitchellcubic", "lanczos5")
    (image,), _ = _image(draw)
    return [image, [whole(draw, 1, 6), whole(draw, 1, 6)]], {
        "method": choice(draw, *methods),
        "antialias": flag(draw, 2),
    }


RECIPES: dict[Recipe, str] = {
    _unary: "abs negative sign square zeros_like ones_like identity shape size rank math.is_nan nn.relu round "
    "stop_gradient math.zero_fraction math.count_nonzero transpose",
    _unary_float: "acos acosh asin asinh atan atanh math.ceil cos cosh exp math.expm1 floor math.log math.log1p "
    "math.reciprocal math.rsqrt sigmoid sin sinh sqrt tan tanh math.erf math.erfc math.erfinv math.lgamma math.digamma "
    "math.softplus math.softsign math.log_sigmoid nn.relu6 nn.elu nn.selu nn.gelu nn.silu nn.leaky_relu math.is_inf "
    "math.is_finite nn.l2_loss",
    _binary: "add subtract multiply divide math.floordiv math.floormod truediv maximum minimum pow math.atan2 "
    "math.squared_difference math.divide_no_nan math.multiply_no_nan math.xlogy equal not_equal less less_equal "
    "greater greater_equal",
    _logical: "logical_and logical_or math.logical_xor",
    _bits: "bitwise.bitwise_and bitwise.bitwise_or bitwise.bitwise_xor bitwise.left_shift bitwise.right_shift",
    _reduced: "reduce_sum reduce_mean reduce_max reduce_min reduce_prod reduce_logsumexp math.reduce_variance "
    "math.reduce_std math.reduce_euclidean_norm",
    _truths: "reduce_any reduce_all",
    _arg_reduced: "argmax argmin",
    _scanned: "cumsum math.cumprod",
    _reshaped: "reshape",
    _with_axis: "expand_dims",
    _squeezed: "squeeze",
    _transposed: "transpose",
    _reversed: "reverse",
    _tiled: "tile",
    _rolled: "roll",
    _joined: "concat stack",
    _split: "split",
    _unstacked: "unstack",
    _padded: "pad",
    _sliced: "slice",
    _gathered: "gather",
    _broadcast: "broadcast_to",
    _product: "matmul",
    _einsum: "einsum",
    _chosen: "where",
    _where: "where",
    _masked: "boolean_mask",
    _one_hot: "one_hot",
    _range: "range",
    _linspace: "linspace",
    _sorted: "sort argsort",
    _top_k: "math.top_k",
    _searched: "searchsorted",
    _unique: "unique unique_with_counts",
    _segments: "math.segment_sum math.segment_mean math.segment_max math.segment_min math.segment_prod",
    _unsorted_segments: "math.unsorted_segment_sum math.unsorted_segment_mean math.unsorted_segment_max "
    "math.unsorted_segment_min math.unsorted_segment_prod math.unsorted_segment_sqrt_n",
    _clipped: "clip_by_value",
    _clipped_norm: "clip_by_norm",
    _cast: "cast",
    _mask_of_lengths: "sequence_mask",
    _filled: "fill",
    _eye: "eye",
    _softmax: "nn.softmax nn.log_softmax math.l2_normalize",
    _entropy: "nn.softmax_cross_entropy_with_logits nn.sigmoid_cross_entropy_with_logits",
    _uniform: "random.stateless_uniform random.stateless_normal random.stateless_truncated_normal",
    _matrix: "linalg.diag_part linalg.trace linalg.matrix_transpose linalg.adjoint norm linalg.diag",
    _image: "image.flip_left_right image.flip_up_down image.rgb_to_grayscale image.transpose image.rot90 "
    "image.rgb_to_hsv image.per_image_standardization",
    _resized: "image.resize",
}
"""The functions of each recipe; a function can have several."""


def recipes() -> list[tuple[str, Recipe]]:
    """Each function with each of its recipes."""
    families = (calls_of_models, calls_of_signals, calls_of_matrices, calls_of_strings, calls_of_sparse)
    everything = [RECIPES, *(family.RECIPES for family in families)]
    return [(name, recipe) for found in everything for recipe, names in found.items() for name in names.split()]


@st.composite
def calls(draw: Draw, name: str, recipe: Recipe) -> Call:
    """Calls of one function."""
    args, options = recipe(draw)
    return Call(name, args, options)
