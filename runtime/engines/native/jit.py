"""LLVM: from its text to code in memory for this CPU. LLVM is set up when the first function is compiled."""

from __future__ import annotations

import ctypes
import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import llvmlite.binding as llvm
import numpy as np

from ....compiler.targets import HOST, VARIABLE, Target, find_target, runs_here
from ....dialects.diagnostics import UnsupportedError
from .entry import ENTRY, WORKSPACE
from .numpy_layout import symbols
from .single_lanes import without_single_lanes

_names = itertools.count()


class Workspace:
    """The word in which compiled code keeps its scratch memory between calls, and that memory.

    It is not part of the code's own memory: the two may be freed in any order.
    """

    def __init__(self) -> None:
        self._word = ctypes.c_void_p(None)

    @property
    def address(self) -> int:
        """Where the word is."""
        return ctypes.addressof(self._word)

    def __del__(self) -> None:
        if self._word.value:
            _free(self._word)
            self._word.value = None


_free = ctypes.CDLL(None).free
_free.argtypes, _free.restype = [ctypes.c_void_p], None


@dataclass
class Code:
    """Machine code in memory, freed with this object.

    Attributes:
        tracker: keeps the code in memory.
        linker: what the code was loaded by; it has to outlive the tracker.
        workspace: its scratch memory.
        constants: the arrays the code refers to.
        ir: the optimised text.
        timings: seconds spent, by step.
    """

    tracker: llvm.ResourceTracker
    linker: llvm.LLJIT
    workspace: Workspace
    constants: Mapping[str, np.ndarray]
    ir: str
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def entry(self) -> int:
        """The address of the entry point."""
        return self.tracker[ENTRY]


def host() -> Target:
    """The CPU this runs on; UnsupportedError where the environment names another one, whose code does not run here."""
    target = find_target(HOST)
    if not runs_here(target):
        raise UnsupportedError(
            f"{VARIABLE}: code for '{target.name}' does not run on this CPU",
            remedy="sw.ir(…, level='asm', target=…) shows it",
        )
    return target


@cache
def target_machine(target: Target, optimised: bool = True) -> llvm.TargetMachine:
    """Code generation for a CPU; in a fifth of the time if it is not to be `optimised`."""
    if runs_here(target):
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    else:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu,
        features=",".join(target.features),
        opt=2 if optimised else 0,
        reloc="static" if target.architecture == "wasm32" else "pic",
        codemodel="medium" if target.architecture == "riscv64" else "small",
        abiname="lp64d" if target.architecture == "riscv64" else "",
    )


class _Linkers:
    """Gives out linkers, each for a number of libraries.

    A linker keeps some 10 KB for each library that it ever loaded, until it goes itself. So there are several: each
    goes when the last code that it loaded does.
    """

    LIBRARIES = 32
    """How many libraries a linker loads; to make one takes 0.7 ms."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = 0
        self._current: llvm.LLJIT | None = None

    def next(self) -> llvm.LLJIT:
        """The linker for one more library."""
        with self._lock:
            if self._current is None or self._left == 0:
                self._current, self._left = llvm.create_lljit_compiler(target_machine(host())), self.LIBRARIES
            self._left -= 1
            return self._current


_linkers = _Linkers()


@cache
def _optimiser(target: Target) -> tuple[llvm.ModulePassManager, llvm.PassBuilder]:
    """What pays for code that is vectorised already: clean values and memory, then loops.

    No simplification of the control flow: it would turn branches that the user wrote into selections, which compute
    both sides and wait for the condition. A program that wants that says `where`. No pass that can abort on legal input
    either, as `new-gvn` does on long chains of equal layers: nothing could catch that.

    It is made once for a target: llvmlite never frees a pass.
    """
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(target_machine(target), tuning)
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_loop_rotate_pass()
    passes.add_instruction_combine_pass()
    passes.add_dead_store_elimination_pass()
    passes.add_dead_code_elimination_pass()
    return passes, builder


def module_of(text: str, target: Target) -> llvm.ModuleRef:
    """The module of a text of LLVM's, for a target."""
    module = llvm.parse_assembly(text)
    module.triple = target_machine(target).triple
    module.data_layout = str(target_machine(target).target_data)
    return module


def optimised(kernel: str, entry: str, target: Target) -> tuple[llvm.ModuleRef, dict[str, float]]:
    """A kernel and what is around it as one module, and the seconds that took."""
    started = time.perf_counter()
    module = module_of(kernel, target)
    module.link_in(module_of(entry, target))
    module.verify()
    parsed = time.perf_counter()
    passes, builder = _optimiser(target)
    passes.run(module, builder)
    ir = str(module)
    if (changed := without_single_lanes(ir)) != ir:
        module = module_of(changed, target)
        module.verify()
    return module, {"parse": parsed - started, "optimise": time.perf_counter() - parsed}


def compile_text(kernel: str, entry: str, constants: Mapping[str, np.ndarray]) -> Code:
    """Compile the text of a kernel and of what is around it, and load the code."""
    target = host()
    module, timings = optimised(kernel, entry, target)
    started = time.perf_counter()
    workspace = Workspace()
    linker = _linkers.next()
    addresses = {name: array.ctypes.data for name, array in constants.items()}
    addresses[WORKSPACE] = workspace.address
    tracker = _load(target_machine(target).emit_object(module), ENTRY, addresses, linker)
    timings["emit"] = time.perf_counter() - started
    return Code(tracker, linker, workspace, constants, str(module), timings)


def load_text(text: str, name: str, imported: Mapping[str, int]) -> tuple[int, object]:
    """Compile text quickly, as it is, and load the code, by a linker of its own.

    Args:
        text: a module.
        name: the function in it to look up.
        imported: the addresses of what it uses and is neither Python's nor NumPy's.

    Returns the function's address, and what keeps the code in memory.
    """
    target = host()
    module = module_of(text, target)
    module.verify()
    linker = llvm.create_lljit_compiler(target_machine(target))
    tracker = _load(target_machine(target, optimised=False).emit_object(module), name, imported, linker)
    return tracker[name], (tracker, linker)


def _load(image: bytes, exported: str, imported: Mapping[str, int], linker: llvm.LLJIT) -> llvm.ResourceTracker:
    library = llvm.JITLibraryBuilder().add_object_img(image).add_current_process()
    for name, address in {**symbols(), **imported}.items():
        library.import_symbol(name, address)
    library.export_symbol(exported)
    return library.link(linker, f"stepwell{next(_names)}")


def assembly(kernel: str, entry: str, target: Target) -> str:
    """The machine code for a kernel and what is around it, on any CPU, as text."""
    module, _ = optimised(kernel, entry, target)
    return target_machine(target).emit_assembly(module)
