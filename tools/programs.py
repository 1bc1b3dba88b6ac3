"""`program.py:function`: loading a user's program, and the function in it."""

from __future__ import annotations

import contextlib
import difflib
import importlib.machinery
import importlib.util
import linecache
import os
import sys
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from .errors import CommandError, users_program
from .models import is_model, load_model, load_saved_model, signature_of


def load_function(reference: str) -> Any:
    """The `sw.function` that `program.py:function` names; a plain Python function is made one.

    What the program prints while it is loaded goes to standard error. A method is named through its object:
    `program.py:model.predict`. The file of an ONNX model is a function, too.
    """
    if is_model(reference):
        return load_model(reference).function
    path, name = _path_and_name(reference)
    return _function(_load(path), path, name)


def load_functions(reference: str) -> dict[str, Any]:
    """As `load_function`, for `program.py:first,second`: functions of one program, by name.

    The folder of a saved model has its signatures: `folder:first,second`, or `serving_default` for `folder` alone.
    """
    if is_model(reference):
        return {Path(reference).stem: load_model(reference).function}
    folder, _, signatures = (reference, "", "") if os.path.isdir(reference) else reference.rpartition(":")
    if os.path.isdir(folder):
        loaded = load_saved_model(folder)
        return {name: signature_of(loaded, folder, name) for name in (signatures or "serving_default").split(",")}
    path, names = _path_and_name(reference)
    module = _load(path)
    return {name: _function(module, path, name) for name in names.split(",")}


def _path_and_name(reference: str) -> tuple[str, str]:
    path, separator, name = reference.rpartition(":")
    if not separator or not path or not name:
        raise CommandError(f"expected program.py:function or a .onnx file, got '{reference}'")
    if not os.path.isfile(path):
        raise CommandError(f"{path}: {'this is a folder' if os.path.isdir(path) else 'no such file'}")
    return path, name


def _function(module: ModuleType, path: str, name: str) -> Any:
    import stepwell as sw

    from ..runtime.functions.function import Function

    found = _attribute(module, path, name)
    if isinstance(found, Function):
        return found
    if isinstance(found, type) or not callable(found):
        raise CommandError(f"{path}: '{name}' is not a function but a {type(found).__name__}")
    return sw.function(found)


def _load(path: str) -> ModuleType:
    """Run a program as a module, its folder first among those that imports search, as Python does with a script.

    A program that has changed since it was loaded last is read anew.
    """
    name = os.path.splitext(os.path.basename(path))[0]
    if name in sys.modules:
        name = f"_program_{name}"
    linecache.cache.pop(path, None)  # AutoGraph and reports take lines from there
    spec = importlib.util.spec_from_loader(name, _Script(name, path))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    with contextlib.redirect_stdout(sys.stderr), users_program():
        spec.loader.exec_module(module)
    return module


class _Script(importlib.machinery.SourceFileLoader):
    """Compiles the file as it is now: bytecode that is kept beside it is of the second in which it was made."""

    def get_code(self, fullname: str) -> CodeType:
        """The code of the whole file."""
        return self.source_to_code(self.get_data(self.path), self.path)


def _attribute(module: ModuleType, path: str, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, _functions(found), n=1)
            remedy = f"; did you mean '{near[0]}'?" if near else ""
            raise CommandError(f"{path}: there is no function '{name}'{remedy}")
        found = getattr(found, part)
    return found


def _functions(holder: Any) -> list[str]:
    return [name for name in dir(holder) if not name.startswith("_") and callable(getattr(holder, name, None))]
