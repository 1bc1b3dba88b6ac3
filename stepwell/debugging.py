"""A look into programs, and checks of tensors, at once or when a compiled function runs."""

from stepwell._names import hinting
from stepwell.compiler.frontend.ops.checks import (
    assert_all_finite,
    assert_equal,
    assert_greater,
    assert_greater_equal,
    assert_integer,
    assert_less,
    assert_less_equal,
    assert_near,
    assert_negative,
    assert_non_negative,
    assert_non_positive,
    assert_none_equal,
    assert_positive,
    assert_rank,
    assert_rank_at_least,
    assert_scalar,
    assert_type,
    check_numerics,
    is_numeric_tensor,
)
from stepwell.compiler.frontend.ops.effects import Assert, print
from stepwell.compiler.frontend.tracing.tracebacks import (
    disable_traceback_filtering,
    enable_traceback_filtering,
    is_traceback_filtering_enabled,
)
from stepwell.compiler.reducer import reduce
from stepwell.runtime.bisection import bisect
from stepwell.runtime.explorer import explore
from stepwell.runtime.observe.breakpoints import Breakpoint, breakpoint, set_breakpoint_handler
from stepwell.runtime.observe.nan_guard import nan_guard

__all__ = [
    "Assert",
    "Breakpoint",
    "assert_all_finite",
    "assert_equal",
    "assert_greater",
    "assert_greater_equal",
    "assert_integer",
    "assert_less",
    "assert_less_equal",
    "assert_near",
    "assert_negative",
    "assert_non_negative",
    "assert_non_positive",
    "assert_none_equal",
    "assert_positive",
    "assert_rank",
    "assert_rank_at_least",
    "assert_scalar",
    "assert_type",
    "bisect",
    "breakpoint",
    "check_numerics",
    "disable_traceback_filtering",
    "enable_traceback_filtering",
    "explore",
    "is_numeric_tensor",
    "is_traceback_filtering_enabled",
    "nan_guard",
    "print",
    "reduce",
    "set_breakpoint_handler",
]

__getattr__ = hinting(__name__)
