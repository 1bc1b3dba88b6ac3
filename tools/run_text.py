"""Running the text of IR: which function, what its arguments are, and on which engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp

from ..compiler.interchange.mlir.entries import Entry, find_entry, keep_only
from ..compiler.interchange.mlir.text import parse_module
from ..compiler.pipeline.manager import PassManager, require_level
from ..compiler.pipeline.named import STEPS
from ..compiler.pipeline.pipelines import checked_steps, steps_between
from ..dialects.context import make_context
from ..runtime.engines.complex import ComplexArrays
from ..runtime.engines.interpreter import run_module
from ..runtime.text_inputs import Given, arrays_for
from .errors import CommandError


def run_text(
    text: str,
    name: str,
    inputs: Sequence[Given],
    level: str | None,
    engine: str,
    function: str | None,
    trusted: bool = False,
) -> dict[str, np.ndarray]:
    """The results by name: `result 0`, and `argument 0` for an argument whose contents the program changed.

    Natively, text below `hl` gets run-time checks unless it is `trusted`; CommandError for text of level llvm then.
    """
    module = parse_module(text, name)
    level = require_level(module, level)
    if engine == "native" and level == "llvm" and not trusted:
        raise CommandError(
            f"{name}: text of level llvm can call any function and write to any memory of the process; "
            "run it with --engine interpreter, or with --trusted if you know where it comes from"
        )
    entry = find_entry(module, name, function)
    arrays = arrays_for(entry, inputs)
    before = [array.tobytes() for array in arrays]
    if engine == "native":
        results = _run_native(module, entry, level, arrays, trusted)
    else:
        results = run_module(module, arrays, function=entry.sym_name.data)
    found = {f"result {number}": np.asarray(result) for number, result in enumerate(results)}
    for number, (array, old) in enumerate(zip(arrays, before, strict=True)):
        if array.tobytes() != old:
            found[f"argument {number}"] = array
    return found


def _run_native(
    module: ModuleOp, entry: Entry, level: str, arrays: Sequence[np.ndarray], trusted: bool
) -> Sequence[np.ndarray]:
    from ..runtime.engines.native import compile_module

    keep_only(module, entry)
    complex_arrays = ComplexArrays.of_function(entry) if isinstance(entry, func.FuncOp) else None
    manager = PassManager(make_context(), verify_each=True)
    if level == "hl":
        manager.run(module, STEPS["hl"])
    manager.run(module, steps_between(level, "llvm") if trusted or level == "hl" else checked_steps(level))
    run = compile_module(module).run
    return complex_arrays.run(run, *arrays) if complex_arrays is not None and complex_arrays.any else run(*arrays)
