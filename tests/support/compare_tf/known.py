"""Differences from TensorFlow that are known, each with its reason: everything else fails the comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .calls import Call


@dataclass(frozen=True)
class Known:
    """A kind of difference.

    Attributes:
        reason: why it is there.
        function: a regular expression of the names of functions.
        what: one of what is different, as `difference` says it.
        given: one of the call, as text.
    """

    reason: str
    function: str = ".*"
    what: str = ".*"
    given: str = ".*"

    def explains(self, call: Call, found: str) -> bool:
        """Whether a difference is of this kind."""
        texts = ((self.function, call.name), (self.what, found), (self.given, str(call)))
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in texts)


NARROW = r"(?:int8|int16|uint8|uint16|uint32|uint64|float16|bfloat16)"

KNOWN = (
    Known(
        "few functions take int8, int16, unsigned integers, float16 and bfloat16 so far",
        what=rf"raises \w+.*(?:got {NARROW}|expected a dtype of ).*",
        given=rf".*{NARROW}.*",
    ),
    Known(
        "TensorFlow rounds constants of these functions to float32",
        r"nn\.(?:gelu|leaky_relu)",
        "values .*",
        ".*float64.*",
    ),
    Known(
        "stepwell computes what TensorFlow has no kernel for",
        r"math\.(?:multiply_no_nan|unsorted_segment_sqrt_n)",
        "returns a value; TensorFlow raises InvalidArgumentError: Value for attr 'T' of .*",
    ),
    Known(
        "stepwell computes what TensorFlow has no kernel for",
        what="returns a value; TensorFlow raises NotFoundError: Could not find device for node: .*",
    ),
    Known(
        "the product of booleans is whether both are true, as in NumPy",
        "multiply",
        "returns a value; TensorFlow raises InvalidArgumentError: Value for attr 'T' of bool .*",
    ),
    Known(
        "floats that integers do not reach become the nearest one; TensorFlow wraps what is converted by way of int32",
        "cast",
        "values .*",
        r"cast\(float.*(?:-|inf|nan|[0-9]{3}).*, (?:uint\d+|int8|int16)\)",
    ),
    Known(
        "shifts by less than 0, or by the width or more, are undefined in TensorFlow",
        r"bitwise\.(?:left|right)_shift",
        "values .*",
    ),
    Known("the norm of integers has no floats to be exact in", r"math\.reduce_euclidean_norm", given=".*u?int.*"),
    Known("a range that ends before it starts is empty, as in Python", "range", ".*start [<>]= limit.*"),
    Known(
        "booleans are not searched, in TensorFlow neither", "searchsorted", "raises InvalidTypeError, .*", ".*bool.*"
    ),
    Known(
        "what NaN does to the extremes of segments depends on their order in TensorFlow",
        r"math\.(?:unsorted_)?segment_(?:max|min)",
        "values .*",
        ".*nan.*",
    ),
    Known(
        "TensorFlow halves matrices once too few before it approximates their exponentials: errors of 1e-4 in float32",
        r"linalg\.expm",
        "values .*",
    ),
    Known(
        "the Bessel function of the second kind is -inf at 0; TensorFlow has NaN for float32",
        r"math\.special\.bessel_y1",
        "values .*nan.*",
        ".*float32.*0.*",
    ),
    Known(
        "TensorFlow's exponential integral of float32 is infinite where the exponential is",
        r"math\.special\.expint",
        "values .* not inf",
    ),
    Known(
        "TensorFlow takes no batch of no matrices here",
        r"linalg\.(?:lu_reconstruct|lu_matrix_inverse|lu_solve|banded_triangular_solve)",
        r"returns a value; TensorFlow raises InvalidArgumentError: .*(?:\.shape = \[0,|must not be an empty).*",
    ),
    Known(
        "TensorFlow does not solve least squares of complex numbers with a regularizer",
        r"linalg\.lstsq",
        "returns a value; TensorFlow raises NotImplementedError: .*",
    ),
    Known(
        "what does not fit, or is out of range, is an invalid argument",
        r"linalg\.cross|nn\.ctc_greedy_decoder|sparse\.reduce_sum",
        "raises InvalidArgumentError, not (?:FailedPreconditionError|InternalError): .*",
    ),
    Known(
        "TensorFlow does not pad empty batches for a transform",
        r"signal\..*",
        "returns a value; TensorFlow raises InvalidArgumentError: .*Input dimension . must have length of at least .*",
    ),
    Known(
        "TensorFlow does not check indices along the axes that it sums over",
        r"sparse\.reduce_sum",
        "raises InvalidArgumentError: sparse.reduce_sum: sp_input: expected indices within shape .*",
    ),
    Known("erf of -inf is -1", r"math\.erf", "values .*", r".*float64.*-inf.*"),
    Known("an index into an axis without elements is out of range", "gather", "raises InvalidIndexError.*size of 0 .*"),
    Known(
        "TensorFlow refuses to reshape what is empty",
        r"nn\.softmax_cross_entropy_with_logits",
        "returns a value; TensorFlow raises InvalidArgumentError: .*Input to reshape is a tensor with [0-9]+ values.*",
    ),
    Known("-1 beside a size of 0 has no meaning", "reshape", "raises InvalidArgumentError: reshape: the 0 elements .*"),
)


def reason_of(call: Call, found: str) -> str | None:
    """The reason of a difference; None where it is not known."""
    return next((known.reason for known in KNOWN if known.explains(call, found)), None)
