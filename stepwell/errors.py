"""Classes of errors, most of them also a class of Python: `InvalidArgumentError` is a `ValueError`."""

from stepwell._names import hinting
from stepwell.compiler.frontend.control_flow.recorded import ControlFlowGradientError
from stepwell.compiler.frontend.control_flow.values import ControlFlowError
from stepwell.compiler.frontend.tracing.tracer import ScopeError
from stepwell.compiler.frontend.values.tensor import SymbolicTensorError
from stepwell.dialects.diagnostics import (
    ExecutionError,
    ExportError,
    FailedAssertionError,
    InvalidArgumentError,
    InvalidIndexError,
    ParseError,
    PassError,
    PipelineError,
    ResourceExhaustedError,
    StepwellError,
    UnboundVariableError,
    UnknownPassError,
    UnsupportedError,
)

__all__ = [
    "ControlFlowError",
    "ControlFlowGradientError",
    "ExecutionError",
    "ExportError",
    "FailedAssertionError",
    "InvalidArgumentError",
    "InvalidIndexError",
    "ParseError",
    "PassError",
    "PipelineError",
    "ResourceExhaustedError",
    "ScopeError",
    "StepwellError",
    "SymbolicTensorError",
    "UnboundVariableError",
    "UnknownPassError",
    "UnsupportedError",
]

__getattr__ = hinting(__name__)
