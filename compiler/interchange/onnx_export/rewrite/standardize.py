"""From an exported graph to one of ONNX's standard operators, which runtimes, converters and quantisers recognise."""

from __future__ import annotations

import onnx

from . import activations, constants, normalization, products, sizes, softmax, transposes
from .graph import Model
from .results import name_results
from .rewriting import apply_rules

PATTERNS = (*softmax.RULES, *activations.RULES, *normalization.RULES, *products.RULES)
"""What makes one operator of several."""


def standardize(proto: onnx.ModelProto) -> None:
    """Rewrite a model, in place, so that it has as few nodes as may be, all of them standard operators.

    The result computes the same but for the rounding of the operators, and for NaN and the sign of zero where these
    treat them differently.
    """
    model = Model(proto)
    constants.hoist_constants(model)
    apply_rules(model, (*constants.RULES, *sizes.RULES, *PATTERNS))
    apply_rules(model, (*constants.RULES, *sizes.RULES, *PATTERNS, *transposes.RULES))
    apply_rules(model, (*constants.RULES, *normalization.LATE_RULES))
    name_results(model)
    proto.graph.CopyFrom(model.graph.to_proto())
