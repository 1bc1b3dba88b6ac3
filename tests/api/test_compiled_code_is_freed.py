"""Functions that are gone leave nothing behind, neither in Python nor in LLVM."""

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

import stepwell as sw
from stepwell.runtime.engines.native import executable, jit

STATM = Path("/proc/self/statm")


def _compiled(number):
    function = sw.function(lambda x: x * float(number) + 1.0, autograph=False)
    function(sw.constant(np.ones((4, 3), np.float32)))
    return function


def test_linkers_go_with_the_code_that_they_loaded():
    linkers = []
    for number in range(3):
        function = _compiled(number)
        (concrete,) = function._traces._concretes.values()
        linkers.append(weakref.ref(concrete.executable._code.linker))
        jit._linkers._left = 0  # the next function gets a linker of its own
        del function, concrete
    _compiled(3)
    gc.collect()
    assert all(linker() is None for linker in linkers)


@pytest.mark.skipif(not STATM.exists(), reason="only Linux says how much memory a process holds")
def test_compiling_again_and_again_takes_no_more_memory(monkeypatch):
    texts = []
    compile_text = jit.compile_text

    def keep(*args):
        texts.append(args)
        return compile_text(*args)

    monkeypatch.setattr(executable.jit, "compile_text", keep)
    _compiled(2)

    def resident():
        gc.collect()
        return int(STATM.read_text().split()[1]) * 4

    for _ in range(2 * jit._Linkers.LIBRARIES):
        compile_text(*texts[0])
    before, count = resident(), 4 * jit._Linkers.LIBRARIES
    for _ in range(count):
        compile_text(*texts[0])
    assert (resident() - before) / count < 4, "KB that are kept for each function"
