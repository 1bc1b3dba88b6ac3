"""Classes of errors, most of them also a class of Python: `InvalidArgumentError` is a `ValueError`."""

from stepwell._names import hinting
from stepwell.compiler.frontend.control_flow_values import ControlFlowError
from stepwell.compiler.frontend.tracer import ScopeError
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
from stepwell.runtime.replay import ControlFlowGradientError
from stepwell.runtime.tensor import SymbolicTensorError

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
