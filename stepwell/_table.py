"""The public names, and where they are defined. Written by `python -m stepwell.tools.public_api --write`."""

from __future__ import annotations

DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)
NAMESPACES = (
    "autograph",
    "autograph.experimental",
    "bitwise",
    "config",
    "debugging",
    "errors",
    "linalg",
    "math",
    "nn",
    "onnx",
    "plugins",
    "random",
    "random.experimental",
    "testing",
    "types",
)

PUBLIC = {
    "compiler.frontend.autograph": {
        "do_not_convert": "autograph.do_not_convert autograph.experimental.do_not_convert",
        "to_code": "autograph.to_code",
    },
    "compiler.frontend.control_flow.recorded": {
        "ControlFlowGradientError": "errors.ControlFlowGradientError",
    },
    "compiler.frontend.control_flow.values": {
        "ControlFlowError": "errors.ControlFlowError",
    },
    "compiler.frontend.gradients.tape": {
        "GradientTape": "GradientTape",
    },
    "compiler.frontend.ops.arithmetic": {
        "add_n": "add_n math.add_n",
        "divide_no_nan": "math.divide_no_nan",
        "multiply_no_nan": "math.multiply_no_nan",
        "scalar_mul": "scalar_mul math.scalar_mul",
        "truediv": "truediv math.truediv",
        "xlogy": "math.xlogy",
    },
    "compiler.frontend.ops.checks": {
        "assert_all_finite": "debugging.assert_all_finite",
        "assert_equal": "debugging.assert_equal",
        "assert_greater": "debugging.assert_greater",
        "assert_greater_equal": "debugging.assert_greater_equal",
        "assert_integer": "debugging.assert_integer",
        "assert_less": "debugging.assert_less",
        "assert_less_equal": "debugging.assert_less_equal",
        "assert_near": "debugging.assert_near",
        "assert_negative": "debugging.assert_negative",
        "assert_non_negative": "debugging.assert_non_negative",
        "assert_non_positive": "debugging.assert_non_positive",
        "assert_none_equal": "debugging.assert_none_equal",
        "assert_positive": "debugging.assert_positive",
        "assert_rank": "debugging.assert_rank",
        "assert_rank_at_least": "debugging.assert_rank_at_least",
        "assert_scalar": "debugging.assert_scalar",
        "assert_type": "debugging.assert_type",
        "check_numerics": "debugging.check_numerics",
        "is_numeric_tensor": "debugging.is_numeric_tensor",
    },
    "compiler.frontend.ops.clipping": {
        "clip_by_global_norm": "clip_by_global_norm",
        "clip_by_norm": "clip_by_norm",
        "global_norm": "linalg.global_norm",
    },
    "compiler.frontend.ops.control_flow": {
        "case": "case",
        "cond": "cond",
        "switch_case": "switch_case",
        "while_loop": "while_loop",
    },
    "compiler.frontend.ops.counts": {
        "bincount": "math.bincount",
        "confusion_matrix": "math.confusion_matrix",
        "count_nonzero": "math.count_nonzero",
        "histogram_fixed_width": "histogram_fixed_width",
        "histogram_fixed_width_bins": "histogram_fixed_width_bins",
        "in_top_k": "math.in_top_k nn.in_top_k",
        "zero_fraction": "math.zero_fraction",
    },
    "compiler.frontend.ops.creation": {
        "constant": "constant",
        "convert_to_tensor": "convert_to_tensor",
        "is_tensor": "is_tensor",
    },
    "compiler.frontend.ops.effects": {
        "Assert": "Assert debugging.Assert",
        "print": "print debugging.print",
    },
    "compiler.frontend.ops.index": {
        "gather": "gather",
        "gather_nd": "gather_nd",
        "one_hot": "one_hot",
        "range": "range",
    },
    "compiler.frontend.ops.linalg": {
        "eye": "eye linalg.eye",
        "matrix_transpose": "linalg.matrix_transpose",
        "matvec": "linalg.matvec",
        "norm": "norm linalg.norm",
        "tensordot": "tensordot linalg.tensordot",
    },
    "compiler.frontend.ops.linear": {
        "matmul": "matmul linalg.matmul",
    },
    "compiler.frontend.ops.logic": {
        "bitcast": "bitcast",
        "bitwise_and": "bitwise.bitwise_and",
        "bitwise_not": "bitwise.invert",
        "bitwise_or": "bitwise.bitwise_or",
        "bitwise_xor": "bitwise.bitwise_xor",
        "equal": "equal math.equal",
        "greater": "greater math.greater",
        "greater_equal": "greater_equal math.greater_equal",
        "is_finite": "math.is_finite",
        "is_inf": "math.is_inf",
        "is_nan": "math.is_nan",
        "left_shift": "bitwise.left_shift",
        "less": "less math.less",
        "less_equal": "less_equal math.less_equal",
        "logical_and": "logical_and math.logical_and",
        "logical_not": "logical_not math.logical_not",
        "logical_or": "logical_or math.logical_or",
        "logical_xor": "logical_xor math.logical_xor",
        "not_equal": "not_equal math.not_equal",
        "population_count": "bitwise.population_count",
        "right_shift": "bitwise.right_shift",
    },
    "compiler.frontend.ops.masks": {
        "boolean_mask": "boolean_mask",
    },
    "compiler.frontend.ops.math": {
        "abs": "abs math.abs",
        "add": "add math.add",
        "ceil": "ceil math.ceil",
        "clip_by_value": "clip_by_value",
        "cos": "cos math.cos",
        "divide": "divide math.divide",
        "erf": "erf math.erf",
        "exp": "exp math.exp",
        "expm1": "math.expm1",
        "floor": "floor math.floor",
        "floordiv": "math.floordiv",
        "floormod": "math.floormod math.mod",
        "log": "math.log",
        "log1p": "math.log1p",
        "maximum": "maximum math.maximum",
        "minimum": "minimum math.minimum",
        "multiply": "multiply math.multiply",
        "negative": "negative math.negative",
        "pow": "pow math.pow",
        "reciprocal": "math.reciprocal",
        "relu": "nn.relu",
        "round": "round math.round",
        "rsqrt": "math.rsqrt",
        "sigmoid": "sigmoid math.sigmoid nn.sigmoid",
        "sign": "sign math.sign",
        "sin": "sin math.sin",
        "sqrt": "sqrt math.sqrt",
        "square": "square math.square",
        "squared_difference": "math.squared_difference",
        "subtract": "subtract math.subtract",
        "tanh": "tanh math.tanh nn.tanh",
    },
    "compiler.frontend.ops.movement": {
        "concat": "concat",
        "pad": "pad",
        "repeat": "repeat",
        "reverse": "reverse",
        "split": "split",
        "stack": "stack",
        "tile": "tile",
        "unstack": "unstack",
    },
    "compiler.frontend.ops.nn.activations": {
        "batch_normalization": "nn.batch_normalization",
        "bias_add": "nn.bias_add",
        "dropout": "nn.dropout",
        "elu": "nn.elu",
        "gelu": "nn.gelu",
        "l2_loss": "nn.l2_loss",
        "l2_normalize": "linalg.l2_normalize math.l2_normalize nn.l2_normalize",
        "leaky_relu": "nn.leaky_relu",
        "log_sigmoid": "math.log_sigmoid",
        "log_softmax": "math.log_softmax nn.log_softmax",
        "moments": "nn.moments",
        "relu6": "nn.relu6",
        "selu": "nn.selu",
        "silu": "nn.silu nn.swish",
        "softmax": "math.softmax nn.softmax",
        "softplus": "math.softplus nn.softplus",
        "softsign": "math.softsign nn.softsign",
    },
    "compiler.frontend.ops.nn.convolution": {
        "conv1d": "nn.conv1d",
        "conv2d": "nn.conv2d",
        "conv2d_transpose": "nn.conv2d_transpose",
        "conv3d": "nn.conv3d",
        "conv_transpose": "nn.conv_transpose",
        "convolution": "nn.convolution",
        "depthwise_conv2d": "nn.depthwise_conv2d",
        "separable_conv2d": "nn.separable_conv2d",
    },
    "compiler.frontend.ops.nn.cross_entropy": {
        "sigmoid_cross_entropy_with_logits": "nn.sigmoid_cross_entropy_with_logits",
        "softmax_cross_entropy_with_logits": "nn.softmax_cross_entropy_with_logits",
        "sparse_softmax_cross_entropy_with_logits": "nn.sparse_softmax_cross_entropy_with_logits",
        "weighted_cross_entropy_with_logits": "nn.weighted_cross_entropy_with_logits",
    },
    "compiler.frontend.ops.nn.pooling": {
        "avg_pool": "nn.avg_pool",
        "avg_pool1d": "nn.avg_pool1d",
        "avg_pool2d": "nn.avg_pool2d",
        "avg_pool3d": "nn.avg_pool3d",
        "max_pool": "nn.max_pool",
        "max_pool1d": "nn.max_pool1d",
        "max_pool2d": "nn.max_pool2d",
        "max_pool3d": "nn.max_pool3d",
    },
    "compiler.frontend.ops.partition": {
        "dynamic_partition": "dynamic_partition",
        "dynamic_stitch": "dynamic_stitch",
    },
    "compiler.frontend.ops.random.algorithm": {
        "Algorithm": "random.Algorithm random.experimental.Algorithm",
    },
    "compiler.frontend.ops.random.generator": {
        "Generator": "random.Generator random.experimental.Generator",
        "create_rng_state": "random.create_rng_state random.experimental.create_rng_state",
        "get_global_generator": "random.get_global_generator random.experimental.get_global_generator",
        "set_global_generator": "random.set_global_generator random.experimental.set_global_generator",
    },
    "compiler.frontend.ops.random.seeds": {
        "set_seed": "random.set_seed",
    },
    "compiler.frontend.ops.random.stateful": {
        "normal": "random.normal",
        "uniform": "random.uniform",
    },
    "compiler.frontend.ops.random.stateless": {
        "stateless_fold_in": "random.fold_in random.experimental.stateless_fold_in",
        "stateless_normal": "random.stateless_normal",
        "stateless_split": "random.split random.experimental.stateless_split",
        "stateless_uniform": "random.stateless_uniform",
    },
    "compiler.frontend.ops.reduce": {
        "argmax": "argmax math.argmax",
        "argmin": "argmin math.argmin",
        "reduce_all": "reduce_all math.reduce_all",
        "reduce_any": "reduce_any math.reduce_any",
        "reduce_max": "reduce_max math.reduce_max",
        "reduce_mean": "reduce_mean math.reduce_mean",
        "reduce_min": "reduce_min math.reduce_min",
        "reduce_prod": "reduce_prod math.reduce_prod",
        "reduce_sum": "reduce_sum math.reduce_sum",
    },
    "compiler.frontend.ops.scan": {
        "cummax": "math.cummax",
        "cumprod": "math.cumprod",
        "cumsum": "cumsum math.cumsum",
    },
    "compiler.frontend.ops.scatter": {
        "scatter_nd": "scatter_nd",
        "tensor_scatter_nd_add": "tensor_scatter_nd_add",
        "tensor_scatter_nd_max": "tensor_scatter_nd_max",
        "tensor_scatter_nd_min": "tensor_scatter_nd_min",
        "tensor_scatter_nd_sub": "tensor_scatter_nd_sub",
        "tensor_scatter_nd_update": "tensor_scatter_nd_update",
    },
    "compiler.frontend.ops.search": {
        "searchsorted": "searchsorted",
    },
    "compiler.frontend.ops.segments": {
        "segment_max": "math.segment_max",
        "segment_mean": "math.segment_mean",
        "segment_min": "math.segment_min",
        "segment_prod": "math.segment_prod",
        "segment_sum": "math.segment_sum",
        "unsorted_segment_max": "math.unsorted_segment_max",
        "unsorted_segment_mean": "math.unsorted_segment_mean",
        "unsorted_segment_min": "math.unsorted_segment_min",
        "unsorted_segment_prod": "math.unsorted_segment_prod",
        "unsorted_segment_sqrt_n": "math.unsorted_segment_sqrt_n",
        "unsorted_segment_sum": "math.unsorted_segment_sum",
    },
    "compiler.frontend.ops.select": {
        "cast": "cast",
        "identity": "identity",
        "stop_gradient": "stop_gradient",
        "where": "where",
    },
    "compiler.frontend.ops.sequences": {
        "invert_permutation": "math.invert_permutation",
        "reverse_sequence": "reverse_sequence",
        "roll": "roll",
        "sequence_mask": "sequence_mask",
    },
    "compiler.frontend.ops.shape": {
        "broadcast_to": "broadcast_to",
        "expand_dims": "expand_dims",
        "fill": "fill",
        "ones": "ones",
        "ones_like": "ones_like",
        "rank": "rank",
        "reshape": "reshape",
        "shape": "shape",
        "size": "size",
        "squeeze": "squeeze",
        "transpose": "transpose",
        "zeros": "zeros",
        "zeros_like": "zeros_like",
    },
    "compiler.frontend.ops.slicing": {
        "slice": "slice",
    },
    "compiler.frontend.ops.sort": {
        "argsort": "argsort",
        "sort": "sort",
        "top_k": "math.top_k nn.top_k",
    },
    "compiler.frontend.ops.spacing": {
        "linspace": "linspace",
        "meshgrid": "meshgrid",
    },
    "compiler.frontend.ops.static_shape": {
        "broadcast_dynamic_shape": "broadcast_dynamic_shape",
        "broadcast_static_shape": "broadcast_static_shape",
        "ensure_shape": "ensure_shape",
    },
    "compiler.frontend.ops.statistics": {
        "reduce_euclidean_norm": "math.reduce_euclidean_norm",
        "reduce_logsumexp": "reduce_logsumexp math.reduce_logsumexp",
        "reduce_std": "math.reduce_std",
        "reduce_variance": "math.reduce_variance",
    },
    "compiler.frontend.ops.trigonometry": {
        "acos": "acos math.acos",
        "acosh": "acosh math.acosh",
        "asin": "asin math.asin",
        "asinh": "asinh math.asinh",
        "atan": "atan math.atan",
        "atan2": "atan2 math.atan2",
        "atanh": "atanh math.atanh",
        "cosh": "cosh math.cosh",
        "digamma": "math.digamma",
        "erfc": "math.erfc",
        "erfinv": "math.erfinv",
        "lgamma": "math.lgamma",
        "sinh": "sinh math.sinh",
        "tan": "tan math.tan",
    },
    "compiler.frontend.ops.unique": {
        "Unique": "types.Unique",
        "UniqueWithCounts": "types.UniqueWithCounts",
        "unique": "unique",
        "unique_with_counts": "unique_with_counts",
    },
    "compiler.frontend.tensor_array.array": {
        "TensorArray": "TensorArray",
    },
    "compiler.frontend.tracing.explain": {
        "Explanation": "types.Explanation",
    },
    "compiler.frontend.tracing.signature": {
        "TensorSpec": "TensorSpec",
    },
    "compiler.frontend.tracing.tensor_shape": {
        "TensorShape": "TensorShape",
    },
    "compiler.frontend.tracing.tracebacks": {
        "disable_traceback_filtering": "debugging.disable_traceback_filtering",
        "enable_traceback_filtering": "debugging.enable_traceback_filtering",
        "is_traceback_filtering_enabled": "debugging.is_traceback_filtering_enabled",
    },
    "compiler.frontend.tracing.tracer": {
        "ScopeError": "errors.ScopeError",
    },
    "compiler.frontend.values.module": {
        "Module": "Module",
    },
    "compiler.frontend.values.tensor": {
        "NestedSequence": "types.NestedSequence",
        "ShapeLike": "types.ShapeLike",
        "SupportsArray": "types.SupportsArray",
        "SupportsTensor": "types.SupportsTensor",
        "SymbolicTensorError": "errors.SymbolicTensorError",
        "Tensor": "Tensor",
        "TensorLike": "types.TensorLike",
        "TensorReference": "types.TensorReference",
    },
    "compiler.frontend.values.variable": {
        "Variable": "Variable",
    },
    "compiler.pipeline.base": {
        "Pass": "plugins.Pass",
    },
    "compiler.pipeline.reproducer": {
        "set_crash_reproducer": "config.set_crash_reproducer",
    },
    "compiler.reducer.reduce": {
        "Reduction": "types.Reduction",
        "reduce": "debugging.reduce",
    },
    "compiler.rewriting.limit": {
        "Rewrite": "types.Rewrite",
    },
    "compiler.rewriting.patterns": {
        "Pattern": "plugins.Pattern",
        "apply_patterns": "plugins.apply_patterns",
        "refuse": "plugins.refuse",
    },
    "dialects.diagnostics": {
        "ExecutionError": "errors.ExecutionError",
        "ExportError": "errors.ExportError",
        "FailedAssertionError": "errors.FailedAssertionError",
        "InvalidArgumentError": "errors.InvalidArgumentError",
        "InvalidIndexError": "errors.InvalidIndexError",
        "ParseError": "errors.ParseError",
        "PassError": "errors.PassError",
        "PipelineError": "errors.PipelineError",
        "ResourceExhaustedError": "errors.ResourceExhaustedError",
        "StepwellError": "errors.StepwellError",
        "UnboundVariableError": "errors.UnboundVariableError",
        "UnknownPassError": "errors.UnknownPassError",
        "UnsupportedError": "errors.UnsupportedError",
    },
    "dialects.emitter": {
        "Emitter": "plugins.Emitter",
    },
    "dialects.levels": {
        "Level": "plugins.Level",
    },
    "dialects.plugins": {
        "Plugin": "plugins.Plugin",
        "PluginError": "plugins.PluginError",
    },
    "dialects.types": {
        "DTypeLike": "types.DTypeLike",
    },
    "runtime.bisection.bisect": {
        "bisect": "debugging.bisect",
    },
    "runtime.bisection.culprit": {
        "Culprit": "types.Culprit",
        "FoundRewrite": "types.FoundRewrite",
    },
    "runtime.explorer.make": {
        "explore": "debugging.explore",
    },
    "runtime.functions.concrete": {
        "ConcreteFunction": "types.ConcreteFunction",
    },
    "runtime.functions.function": {
        "Function": "types.Function",
        "function": "function",
        "run_functions_eagerly": "config.run_functions_eagerly",
    },
    "runtime.functions.inspect_ir": {
        "ir": "ir",
    },
    "runtime.observe.breakpoints": {
        "Breakpoint": "debugging.Breakpoint",
        "breakpoint": "debugging.breakpoint",
        "set_breakpoint_handler": "debugging.set_breakpoint_handler",
    },
    "runtime.observe.nan_guard": {
        "NanGuard": "types.NanGuard",
        "nan_guard": "debugging.nan_guard",
    },
    "runtime.observe.profile": {
        "Profile": "types.Profile",
        "ProfileRow": "types.ProfileRow",
    },
    "runtime.onnx_export": {
        "export": "onnx.export",
    },
    "runtime.onnx_run": {
        "run": "onnx.run",
    },
}
"""By module: names of definitions, and the public names of each."""


def names_in(namespace: str) -> dict[str, tuple[str, str]]:
    """The public names of a namespace (`""` is the package itself): the module of each, and its name there."""
    found: dict[str, tuple[str, str]] = {}
    for module, names in PUBLIC.items():
        for name, paths in names.items():
            for path in paths.split():
                inside, _, last = path.rpartition(".")
                if inside == namespace:
                    found[last] = module, name
    return found


def modules_in(namespace: str) -> list[str]:
    """The modules of a namespace."""
    inside = f"{namespace}." if namespace else ""
    found = [path.removeprefix(inside) for path in NAMESPACES if path.startswith(inside)]
    return [name for name in found if "." not in name]
