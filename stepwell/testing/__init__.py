"""Tools for those who write passes and ops: generated programs, translation validation, checks on every engine.

They need hypothesis and nothing else beyond stepwell's own dependencies. Each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NAMES = {
    "Case": "modules",
    "hl_modules": "modules",
    "modules_at": "modules",
    "modules_before": "modules",
    "programs_for": "pass_programs.mixture",
    "validate": "validation",
    "replay": "validation",
    "Validation": "validation",
    "ValidationError": "validation",
    "samples": "sampling",
    "assert_same_on_all_engines": "everywhere",
    "check_gradients": "gradient_checks",
    "opcheck": "op_report",
    "linalg_modules": "generation.levels.linalg",
    "loops_modules": "generation.levels.loops",
    "cfg_modules": "generation.levels.cfg",
    "python_programs": "python_programs",
    "tensors": "tensor_strategies",
}
"""Public names and the files they are defined in."""


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'stepwell.testing' has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_NAMES)
