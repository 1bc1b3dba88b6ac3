"""From a function, or a module, to its page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optree
from xdsl.dialects import func
from xdsl.dialects.builtin import MemRefType, ModuleOp, TensorType, VectorType
from xdsl.ir import Attribute
from xdsl.passes import ModulePass

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ...compiler.pipeline.manager import PassManager, require_level
from ...compiler.pipeline.named import STEPS
from ...compiler.pipeline.pipelines import parse, steps_between
from ...compiler.pipeline.recording import Recorder, Snapshot
from ...dialects.context import make_context
from ...dialects.public import public
from ...dialects.state import VariableType
from ...dialects.types import DYNAMIC
from ..functions.concrete import ConcreteFunction
from ..functions.function import Function
from .page import write_page
from .payload import make_payload
from .sample import Sample, run_sample

Progress = Callable[[str], None]
"""Is told in words what is done next."""
SECONDS = 30.0
"""How long the sample runs of a page may take together."""
SHORT_SHARE, LONG_SHARE = 1 / 60, 1 / 4
"""No sample run may take more than this part of the time for all, in the first and in the second round."""


@public("debugging")
def explore(
    function: Callable[..., object],
    *args: object,
    path: str | os.PathLike[str] = "explore.html",
    level: str = "llvm",
    seconds: float = SECONDS,
    progress: Progress | None = None,
    **kwargs: object,
) -> Path:
    """Write a page that shows a function at every level and after every pass, with the user's lines.

    The page is one file, needs no network, and shows for each op what its values were when the function was
    interpreted on these arguments. Variables are not changed by that.

    Args:
        function: a `sw.function` or one of its concrete functions.
        args: arguments, or `TensorSpec`s for them; with specs there is no sample run.
        path: the file to write.
        level: how far down to go.
        seconds: how long the sample runs may take together; 0 for none.
        progress: told in words what is done next.

    Returns:
        The path of the file.

    Raises:
        StepwellError: what a pass raises; the page is written all the same, and shows what came before it.

    Example:
        >>> import stepwell as sw, tempfile, pathlib
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> folder = tempfile.TemporaryDirectory()
        >>> page = sw.debugging.explore(double, sw.constant([1.0, 2.0]), path=pathlib.Path(folder.name, "double.html"))
        >>> page.name
        'double.html'
    """
    progress = progress or _silent
    progress("tracing")
    concrete, inputs = _traced(function, args, kwargs)
    passes = passes_down(concrete.module, level)
    options = {"title": concrete.name, "seconds": seconds, "progress": progress}
    return explore_module(concrete.module, passes, path=path, inputs=inputs, **options)


def _traced(
    function: Callable[..., object], args: Sequence[object], kwargs: dict[str, object]
) -> tuple[ConcreteFunction, list[np.ndarray] | None]:
    """The trace for these arguments, and all its inputs where they have values."""
    leaves = optree.tree_leaves((args, kwargs))  # pyright: ignore[reportArgumentType]
    if isinstance(function, ConcreteFunction):
        concrete, tensors = function, [as_tensor(leaf) for leaf in leaves if not isinstance(leaf, TensorSpec)]
    elif not isinstance(function, Function):
        raise TypeError(f"explore: function: expected a sw.function, got {type(function).__name__}")
    elif any(isinstance(leaf, TensorSpec) for leaf in leaves) or not leaves:
        concrete, tensors = function.get_concrete_function(*args, **kwargs), []
    else:
        concrete, tensors = function._concrete_for(args, kwargs)
    if len(tensors) != len(concrete.specs):
        return concrete, None
    return concrete, [_contents(thing) for thing in (*tensors, *concrete.captures)]


def _contents(thing: Variable | Tensor) -> np.ndarray:
    """What a Variable or tensor holds now."""
    return np.array(thing.numpy())


def explore_module(
    module: ModuleOp,
    passes: Sequence[ModulePass] | None = None,
    *,
    path: str | os.PathLike[str],
    inputs: Sequence[np.ndarray] | None = None,
    title: str | None = None,
    function: str | None = None,
    seconds: float = SECONDS,
    progress: Progress | None = None,
) -> Path:
    """Write a page that shows a module before and after each of `passes`.

    Args:
        module: a program; it is not changed.
        passes: what is done to it; without them, all that leads from its level down to machine code.
        path: the file to write.
        inputs: arrays for a sample run after each pass; without them there is none.
        title: the name of the program; by default that of its first function.
        function: which function the sample run is of.
        seconds: how long the sample runs may take together; 0 for none.
        progress: told in words what is done next.

    Raises:
        StepwellError: what a pass raises; the page is written all the same, and shows what came before it.
    """
    progress = progress or _silent
    if passes is None:
        passes = passes_down(module)
    recorder, failure = Recorder(keep_modules=inputs is not None and seconds > 0), None
    copy = module.clone()
    recorder.record(copy)
    try:
        PassManager(make_context(), instruments=[recorder, _Told(progress, len(passes))]).run(copy, passes)
    except Exception as error:
        failure = error
    samples = _samples(recorder.snapshots, inputs, function, seconds, progress)
    progress("writing the page")
    payload = make_payload(
        title or _name(module), _signature(module), recorder.snapshots, samples, str(failure) if failure else None
    )
    written = write_page(payload, path)
    if failure is not None:
        failure.add_note(f"{written} shows the program up to there")
        raise failure
    return written


def _silent(_: str) -> None:
    """Tell nobody."""


@dataclass
class _Told:
    """An instrument that tells of each pass before it runs."""

    progress: Progress
    count: int
    number: int = 0

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        self.number += 1
        self.progress(f"pass {self.number} of {self.count}: {pass_.name}")

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        pass


def passes_down(module: ModuleOp, level: str = "llvm") -> Sequence[ModulePass]:
    """The passes that lead from the level that a module is at down to `level`."""
    start = require_level(module)
    return parse(",".join(filter(None, (STEPS["hl"] if start == "hl" else "", steps_between(start, level)))))


def _samples(
    snapshots: Sequence[Snapshot],
    inputs: Sequence[np.ndarray] | None,
    function: str | None,
    seconds: float,
    progress: Progress,
) -> dict[int, Sample]:
    """The sample runs: a short one after each pass, then longer ones as far as the time goes, ends of levels first."""
    if inputs is None or seconds <= 0:
        why = "no values were given for the arguments" if inputs is None else "no time was given for it"
        return {snapshot.number: Sample(f"not run: {why}") for snapshot in snapshots}
    samples: dict[int, Sample] = {}
    end = time.perf_counter() + seconds
    for share in (SHORT_SHARE, LONG_SHARE):
        for snapshot in _by_importance([snapshot for snapshot in snapshots if snapshot.changed]):
            before, left = samples.get(snapshot.number), end - time.perf_counter()
            if before is not None and not before.out_of_time:
                continue
            if left > 0 and snapshot.module is not None:
                progress(f"sample run {len(samples) + 1}, after pass {snapshot.number}; {left:.0f} s are left")
                samples[snapshot.number] = run_sample(snapshot.module, inputs, min(left, seconds * share), function)
            elif before is None:
                samples[snapshot.number] = Sample(f"not run: the {seconds:g} s for sample runs were used up")
    return samples


def _by_importance(snapshots: Sequence[Snapshot]) -> Iterator[Snapshot]:
    """The last snapshot of each level, then the others."""
    ends = {snapshot.level: snapshot for snapshot in snapshots}
    yield from ends.values()
    yield from (snapshot for snapshot in snapshots if ends[snapshot.level] is not snapshot)


def _entry(module: ModuleOp) -> func.FuncOp | None:
    return next((op for op in module.ops if isinstance(op, func.FuncOp) and op.body.blocks), None)


def _name(module: ModuleOp) -> str:
    entry = _entry(module)
    return entry.sym_name.data if entry is not None else "module"


def _signature(module: ModuleOp) -> str:
    """Arguments and results of the module's first function, its Variables counted: `(x: f32[?, 64]) → f32[?]`."""
    entry = _entry(module)
    if entry is None:
        return ""
    parameters = entry.body.blocks[0].args
    variables = sum(isinstance(a.type, VariableType) for a in parameters)
    named = (a for a in parameters if not isinstance(a.type, VariableType))
    arguments = ", ".join(f"{a.name_hint or f'arg{a.index}'}: {_type(a.type)}" for a in named)
    results = ", ".join(map(_type, entry.function_type.outputs.data)) or "nothing"
    counted = f" · {variables} Variable{'s' if variables > 1 else ''}" if variables else ""
    return f"({arguments}) → {results}{counted}"


def _type(type_: Attribute) -> str:
    inner = getattr(type_, "value_type", type_)
    if isinstance(inner, TensorType | MemRefType | VectorType):
        sizes = ", ".join("?" if size == DYNAMIC else str(size) for size in inner.get_shape())
        return f"{inner.element_type}[{sizes}]"
    return str(inner)
