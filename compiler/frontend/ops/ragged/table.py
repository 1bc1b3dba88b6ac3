"""Which public functions take RaggedTensors, and what they do with them: all that dispatch goes by.

Functions are named by their modules in `compiler.frontend.ops`, or in `compiler.frontend`, and their names.
"""

from __future__ import annotations

from functools import cache

_ELEMENTWISE = {
    "arithmetic": """divide_no_nan/2 multiply_no_nan/2 reciprocal_no_nan scalar_mul/2 truediv/2 xdivy/2 xlog1py/2
        xlogy/2""",
    "bessel_functions": """bessel_i0 bessel_i0e bessel_i1 bessel_i1e bessel_j0 bessel_j1 bessel_k0 bessel_k0e bessel_k1
        bessel_k1e bessel_y0 bessel_y1 dawsn expint fresnel_cos fresnel_sin spence""",
    "checks": "check_numerics",
    "complex": "angle complex/2 conj imag real",
    "image.colors": "adjust_brightness adjust_gamma convert_image_dtype",
    "logic": """bitcast bitwise_and/2 bitwise_not bitwise_or/2 bitwise_xor/2 equal/2 greater/2 greater_equal/2 is_finite
        is_inf is_nan left_shift/2 less/2 less_equal/2 logical_and/2 logical_not logical_or/2 logical_xor/2 not_equal/2
        population_count right_shift/2""",
    "math": """abs add/2 ceil clip_by_value/3 cos divide/2 erf exp expm1 floor floordiv/2 floormod/2 log log1p maximum/2
        minimum/2 multiply/2 negative pow/2 reciprocal relu round rsqrt sigmoid sign sin sqrt square
        squared_difference/2 subtract/2 tanh""",
    "nn.cross_entropy": "sigmoid_cross_entropy_with_logits/2",
    "nn.activations": "dropout elu gelu leaky_relu log_sigmoid relu6 selu silu softplus softsign",
    "numeric": "nextafter/2 saturate_cast",
    "quantiles": "erfcinv ndtri",
    "select": "cast identity stop_gradient",
    "shape": "zeros_like ones_like",
    "special_functions": "igamma/2 igammac/2 polygamma/2 zeta/2",
    "strings.codes": """decode_base64 encode_base64 to_hash_bucket to_hash_bucket_fast to_hash_bucket_strong
        unicode_transcode""",
    "strings.elements": "length lower regex_full_match regex_replace strip substr/3 upper",
    "strings.parts": "as_string to_number",
    "trigonometry": "acos acosh asin asinh atan atan2/2 atanh cosh digamma erfc erfinv lgamma sinh tan",
}
"""Functions on each element, with the number of their first arguments that are operands where it is not 1."""

_CHECKS = {
    "checks": """assert_equal/2 assert_greater/2 assert_greater_equal/2 assert_less/2 assert_less_equal/2 assert_near/2
        assert_negative assert_non_negative assert_non_positive assert_none_equal/2 assert_positive""",
}
"""Functions that check each element, likewise."""

_OTHERS = {
    "functions": "partition.dynamic_partition",
    "indexing": "index.gather index.gather_nd index.one_hot masks.boolean_mask nn.blocks.embedding_lookup select.where",
    "joining": "movement.concat movement.reverse movement.split movement.stack movement.tile shape.reshape",
    "counting": "counts.bincount",
    "reductions": """reduce.reduce_all reduce.reduce_any reduce.reduce_max reduce.reduce_mean reduce.reduce_min
        reduce.reduce_prod reduce.reduce_sum segments.unsorted_segment_max segments.unsorted_segment_mean
        segments.unsorted_segment_min segments.unsorted_segment_prod segments.unsorted_segment_sum
        statistics.reduce_std statistics.reduce_variance strings.parts.reduce_join""",
    "shapes": "shape.expand_dims shape.rank shape.size shape.squeeze",
    "texts": """strings.codes.unicode_encode strings.elements.join strings.parts.format strings.parts.ngrams""",
    "values": """arithmetic.add_n creation.is_tensor linear.matmul nn.activations.softmax scan.cumsum
        tracing.signature.type_spec_from_value""",
}
"""Others, by the module of this package that has the function of the same name which takes their arguments."""

_OF_LISTS = frozenset(
    ["arithmetic.add_n", "movement.concat", "movement.stack", "strings.elements.join", "strings.parts.format"]
)
"""Functions of which an argument may be a list with RaggedTensors in it."""


@cache
def handlers() -> dict[str, tuple[str, int]]:
    """For each function the handler, and for those on each element the number of operands."""
    found: dict[str, tuple[str, int]] = {}
    for module, paths in _OTHERS.items():
        found |= {path: (f"{module}.{path.rpartition('.')[2]}", 0) for path in paths.split()}
    for handler, functions in (("elementwise.elementwise", _ELEMENTWISE), ("elementwise.checked", _CHECKS)):
        for module, names in functions.items():
            for text in names.split():
                name, _, count = text.partition("/")
                found[f"{module}.{name}"] = (handler, int(count or 1))
    return found


def path_of(module: str, name: str) -> str:
    """A public function, given the module that defines it."""
    return f"{module.removeprefix('compiler.frontend.').removeprefix('ops.')}.{name}"


def takes_lists(path: str) -> bool:
    """Whether an argument of a function may be a list with RaggedTensors in it."""
    return path in _OF_LISTS
