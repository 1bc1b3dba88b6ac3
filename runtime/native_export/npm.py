"""`sw.native.export_npm`: writes functions as a package for JavaScript, in browsers and Node, without Python."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.public import public
from ...dialects.version import GIT_VERSION
from .export import library_of, write_files
from .interface import Entry, Item, Library
from .sources import template, type_text
from .wasm import TRIPLE, wasm_module

_ARRAYS = {
    "float32": "Float32Array",
    "float64": "Float64Array",
    "float16": "Uint16Array",
    "bfloat16": "Uint16Array",
    **{f"int{bits}": f"Int{bits}Array" for bits in (8, 16, 32)},
    **{f"uint{bits}": f"Uint{bits}Array" for bits in (8, 16, 32)},
    "int64": "BigInt64Array",
    "uint64": "BigUint64Array",
    "bool": "Uint8Array",
    "complex64": "Float32Array",
    "complex128": "Float64Array",
}
"""The typed array of each dtype; 16-bit floats are bits, and complex numbers two elements."""


@public("native")
def export_npm(
    function: Callable[..., object] | Mapping[str, Callable[..., object]],
    path: str | os.PathLike[str],
    *specs: object,
    name: str | None = None,
    drop_prints: bool = False,
) -> Path:
    """Write functions as a package for JavaScript: a WebAssembly module, `index.js` with types, `package.json`.

    Args:
        function: a `sw.function` or one of its concrete functions; or several of them by name, which share their
            Variables.
        path: the folder to write to, which is made where it does not exist.
        specs: for each argument a `TensorSpec` or an example; none for functions with an `input_signature`, and for
            several functions.
        name: the name of the package; by default the function's.
        drop_prints: leave out `sw.print`. Without it, printing is an error.

    `load()` returns an object with the functions that use no Variable which is assigned, and `newState()`, whose
    result has the Variables and the other functions. A tensor is `{ data, shape }`, with a typed array. The package
    has no dependencies and the module imports nothing.

    Returns the folder. Raises `UnsupportedError` for what needs Python, for strings, and where the package ziglang,
    which links the module, is not installed.
    """
    library = library_of("native.export_npm", function, specs, _c_like(name), TRIPLE, "", drop_prints)
    _check_methods(library)
    package = name or library.name
    files = {
        f"{library.name}.wasm": wasm_module("native.export_npm", library),
        "index.js": _script(library).encode(),
        "index.d.ts": _types(library).encode(),
        "package.json": _package(package, library).encode(),
    }
    return write_files("native.export_npm", path, files)


def _check_methods(library: Library) -> None:
    methods = [method(entry.name) for entry in library.entries]
    known = {"assign", "constructor", "free", "newState", "variables"}
    for position, own in enumerate(methods):
        if own in known or own in methods[:position]:
            raise InvalidArgumentError(f"native.export_npm: function: expected other names of methods, got '{own}'")


def _c_like(name: str | None) -> str | None:
    """The name of the library for that of a package: `digits` for `@home/digits`."""
    if name is None:
        return None
    if not re.fullmatch(r"(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*", name):
        raise InvalidArgumentError(f"native.export_npm: name: expected the name of an npm package, got {name!r}")
    return re.sub(r"[^a-z0-9]+", "_", name.rpartition("/")[2]).strip("_") or "library"


def _package(name: str, library: Library) -> str:
    content = {
        "name": name,
        "version": "0.1.0",
        "description": f"{library.name}, compiled by {GIT_VERSION}",
        "type": "module",
        "main": "index.js",
        "types": "index.d.ts",
        "exports": {".": {"types": "./index.d.ts", "default": "./index.js"}, "./*.wasm": "./*.wasm"},
        "files": ["index.js", "index.d.ts", f"{library.name}.wasm"],
        "sideEffects": False,
    }
    return json.dumps(content, indent=2) + "\n"


def _script(library: Library) -> str:
    entries = [
        {
            "name": entry.name,
            "method": method(entry.name),
            "symbol": f"{library.name}_{entry.name}",
            "state": library.takes_state(entry),
            "inputs": [_described(item) for item in entry.inputs],
            "results": [_described(item) for item in entry.results],
        }
        for entry in library.entries
    ]
    tables = {
        "FILE": f"{library.name}.wasm",
        "SYMBOLS": {part: f"{library.name}_{part}" for part in ("free", "init", "destroy")},
        "VARIABLES": [_described(held.item) for held in library.state],
        "FUNCTIONS": entries,
    }
    return "\n".join(
        [
            template("index.js"),
            *(f"const {name} = {json.dumps(value, indent=2)};" for name, value in tables.items()),
            "",
        ]
    )


def _described(item: Item) -> dict[str, str]:
    return {"name": item.name, "dtype": item.dtype.name}


def method(name: str) -> str:
    """The name of a method: `trainStep` for `train_step`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest) if first else name


def _types(library: Library) -> str:
    own = [entry for entry in library.entries if not library.takes_state(entry)]
    of_state = [entry for entry in library.entries if library.takes_state(entry)]
    members = "".join(map(_member, own))
    state = ""
    if library.state:
        members += "  /** Variables with the values that they had when they were exported. */\n  newState(): State;\n"
        variables = "".join(
            f"    /** {type_text(held.item)} */\n    {held.item.name}: {_tensor(held.item)};\n"
            for held in library.state
        )
        state = (
            "/** One set of Variables, with the functions that read or assign them. */\nexport interface State {\n"
            f"{''.join(map(_member, of_state))}"
            f"  /** Copies of the values. */\n  readonly variables: {{\n{variables}  }};\n"
            "  /** Set the value of a Variable. */\n"
            "  assign<N extends keyof State['variables']>(name: N, value: Input<State['variables'][N]>): void;\n"
            "  /** Free the memory of the Variables. */\n  free(): void;\n}\n\n"
        )
    return f"{template('index.d.ts')}\n{state}export interface Library {{\n{members}}}\n"


def _member(entry: Entry) -> str:
    """A method with its types, and its shapes in a comment."""
    parameters = ", ".join(f"{item.name}: Input<{_tensor(item)}>" for item in entry.inputs)
    returned = "void"
    if len(entry.results) == 1:
        returned = _tensor(entry.results[0])
    elif entry.results:
        returned = f"{{ {'; '.join(f'{item.name}: {_tensor(item)}' for item in entry.results)} }}"
    shapes = _shapes(entry.inputs) + (f" -> {_shapes(entry.results)}" if entry.results else "")
    return (
        f"  /** {entry.name}, from {entry.location}: {shapes} */\n  {method(entry.name)}({parameters}): {returned};\n"
    )


def _shapes(items: Sequence[Item]) -> str:
    return ", ".join(f"{item.name}: {type_text(item)}" for item in items)


def _tensor(item: Item) -> str:
    return f"Tensor<'{item.dtype.name}', {_ARRAYS[item.dtype.name]}>"
