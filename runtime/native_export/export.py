"""`sw.native.export`: writes functions as an object file, a C header and a C source file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from ...compiler.targets import HOST, cross_target
from ...dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ...dialects.files import replacing
from ...dialects.public import public
from ...dialects.recursion import deep_recursion
from ..exported import concrete_of
from ..functions.concrete import ConcreteFunction
from .interface import Library, c_name, check_name
from .library import Program, make_library
from .object_code import object_file
from .sources import header, source


@public("native")
def export(
    function: Callable[..., object] | Mapping[str, Callable[..., object]],
    path: str | os.PathLike[str],
    *specs: object,
    name: str | None = None,
    target: str = HOST,
    cpu: str = "",
    drop_prints: bool = False,
) -> Path:
    """Write functions as machine code for any target, with an interface for C: programs without Python.

    Args:
        function: a `sw.function` or one of its concrete functions; or several of them by the names that C has for
            them, which share their Variables.
        path: the folder to write to, which is made where it does not exist. It gets `<name>.o`, `<name>.h` and
            `<name>.c`; a program includes the header, and is linked with the other two and the mathematical library.
        specs: for each argument a `TensorSpec` or an example; none for functions with an `input_signature`, and for
            several functions.
        name: the name of the library, with which all names in C begin; by default the function's.
        target: LLVM's triple of the system that the code is for, such as `aarch64-linux-gnu` or `wasm32-wasi`;
            `host` is this one.
        cpu: the CPU, of those that `stepwell opt --list-targets` prints; `host` is this one. By default code runs on
            all CPUs of the architecture.
        drop_prints: leave out `sw.print`, for which there is nothing in C. Without it, printing is an error.

    Variables that no function assigns, and captured tensors, are constants of the object file. The others are in a
    struct `<name>_state` of the caller's, of which there may be several.

    Returns the folder. Raises `UnsupportedError` naming the op and the user's line for what needs Python, and for
    strings.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> folder = sw.native.export(double, tempfile.mkdtemp(), sw.TensorSpec([None]), target="wasm32-wasi")
        >>> sorted(file.name for file in folder.iterdir())
        ['double.c', 'double.h', 'double.o']
    """
    library = library_of("native.export", function, specs, name, target, cpu, drop_prints)
    files = {
        f"{library.name}.o": object_file(library),
        f"{library.name}.h": header(library).encode(),
        f"{library.name}.c": source(library).encode(),
    }
    return write_files("native.export", path, files)


@deep_recursion()
def library_of(
    where: str,
    function: Callable[..., object] | Mapping[str, Callable[..., object]],
    specs: tuple[object, ...],
    name: str | None,
    target: str,
    cpu: str,
    drop_prints: bool,
) -> Library:
    """What is exported, compiled as far as LLVM's text; `where` is what errors name."""
    found = cross_target(target, cpu)
    functions: dict[str, ConcreteFunction] = {}
    if isinstance(function, Mapping):
        if specs:
            raise InvalidArgumentError(f"{where}: specs: expected none for several functions, got {len(specs)}")
        if not function:
            raise InvalidArgumentError(f"{where}: function: expected at least one function, got none")
        functions |= {check_name(own): concrete_of(where, each, ()) for own, each in function.items()}
        if name is None:
            raise InvalidArgumentError(f"{where}: name: expected the name of the library, which has several functions")
    else:
        concrete = concrete_of(where, function, specs)
        functions[c_name(concrete.name)] = concrete
    programs = [Program.of(own, concrete) for own, concrete in functions.items()]
    library = make_library(check_name(name or programs[0].name), programs, found, drop_prints)
    taken = {"init", "destroy", "free", "state"} & functions.keys()
    if taken:
        raise InvalidArgumentError(f"{where}: function: expected other names than {', '.join(sorted(taken))}")
    for entry in library.entries:
        if not entry.results and not entry.written:
            raise UnsupportedError(f"{where}: {entry.name} returns no tensor and assigns no Variable")
    return library


def write_files(where: str, path: str | os.PathLike[str], files: Mapping[str, bytes]) -> Path:
    """Write files into a folder: all under temporary names, which are then replaced."""
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{where}: path: {folder} is a file")
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as written:
        for name, data in files.items():
            written.enter_context(replacing(folder / name)).write_bytes(data)
    return folder
