"""What the public modules share: names that load when they are used, and errors that say what to use instead."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any

import stepwell.compiler.frontend.ops.operators
import stepwell.compiler.frontend.ops.variable_updates  # noqa: F401 - Variables have their updates
from stepwell._table import DTYPES, NAMESPACES, PUBLIC, modules_in, names_in
from stepwell._tensorflow import tensorflow_names
from stepwell.compiler.frontend.ops.ragged.table import handlers, path_of, takes_lists
from stepwell.compiler.frontend.values import evaluation
from stepwell.compiler.frontend.values.composite import dispatching
from stepwell.dialects.dtypes import as_dtype


def _run_compiled(*call: Any) -> Any:
    """Run an op compiled; the engine is loaded when the first one is."""
    evaluation.run_compiled = import_module("stepwell.runtime.engines.eager_ops").run_compiled
    return evaluation.run_compiled(*call)


evaluation.run_compiled = _run_compiled

_NO_GRAPHS = "functions run when they are called, without graphs and sessions"
_NO_COLLECTIONS = "keep Variables as attributes of a sw.Module, which has `variables` and `trainable_variables`"
_EAGER_VARIABLES = "Variables have their values when they are made"

INSTEAD = {
    "Session": f"{_NO_GRAPHS}; decorate one with sw.function to compile it",
    "InteractiveSession": f"{_NO_GRAPHS}; decorate one with sw.function to compile it",
    "Graph": f"{_NO_GRAPHS}; sw.ir(f, *args) shows the program that a function is",
    "get_default_graph": f"{_NO_GRAPHS}; sw.ir(f, *args) shows the program that a function is",
    "placeholder": "arguments of a function; sw.TensorSpec says their shape and dtype",
    "get_variable": "sw.Variable, kept as an attribute of a sw.Module",
    "variable_scope": "a sw.Module that keeps its Variables as attributes",
    "global_variables": _NO_COLLECTIONS,
    "trainable_variables": _NO_COLLECTIONS,
    "get_collection": _NO_COLLECTIONS,
    "add_to_collection": _NO_COLLECTIONS,
    "global_variables_initializer": _EAGER_VARIABLES,
    "local_variables_initializer": _EAGER_VARIABLES,
    "initialize_all_variables": _EAGER_VARIABLES,
    "assign": "the method `assign` of a Variable",
    "assign_add": "the method `assign_add` of a Variable",
    "assign_sub": "the method `assign_sub` of a Variable",
    "set_random_seed": "sw.random.set_seed",
    "random_uniform": "sw.random.uniform",
    "random_normal": "sw.random.normal",
    "to_float": "sw.cast(x, sw.float32)",
    "to_double": "sw.cast(x, sw.float64)",
    "to_int32": "sw.cast(x, sw.int32)",
    "to_int64": "sw.cast(x, sw.int64)",
    "sub": "sw.subtract",
    "mul": "sw.multiply",
    "neg": "sw.negative",
    "div": "sw.divide",
    "mod": "sw.math.floormod",
    "pack": "sw.stack",
    "unpack": "sw.unstack",
    "batch_matmul": "sw.matmul",
    "flags": "arguments of Python functions; argparse or typer read the command line",
    "app": "a Python `if __name__ == '__main__':`",
    "py_func": "Python code outside of the function",
    "estimator": "a Python loop with sw.GradientTape",
    "tpu": "one device: the CPU",
}
"""What replaces names that TensorFlow has or had."""


def load_when_used(module: dict[str, Any]) -> None:
    """Let a public module, given by its `globals()`, load each of its names when it is first used.

    It gets `__all__` from the table of names, and a `__getattr__` whose error says what to use instead of a name that
    is missing.
    """
    namespace = module["__name__"].removeprefix("stepwell.")
    names = sorted({*names_in(namespace), *modules_in(namespace), *(DTYPES if namespace == "dtypes" else ())})

    def attribute(name: str) -> Any:
        value = module[name] = load(namespace, name)
        return value

    module |= {"__all__": names, "__getattr__": attribute, "__dir__": lambda: [*names, "__doc__", "__name__"]}


def load(namespace: str, name: str) -> Any:
    """The value of a public name; an AttributeError that says what to use instead if it is missing.

    Example:
        >>> load("math", "log2")
        Traceback (most recent call last):
        AttributeError: module 'stepwell.math' has no attribute 'log2'; did you mean 'sw.math.log'?
    """
    module = f"stepwell.{namespace}".rstrip(".")
    found = names_in(namespace).get(name)
    if found is not None:
        return _dispatching(*found)
    if name in DTYPES and namespace in ("", "dtypes"):
        return as_dtype(name)
    if name in modules_in(namespace):
        return import_module(f"{module}.{name}")
    hint = "" if name.startswith("_") else hint_for(module, name)
    raise AttributeError(f"module {module!r} has no attribute {name!r}{hint}")


def _dispatching(module: str, name: str) -> Any:
    """What a module defines; a function that is defined on RaggedTensors too looks for them among its arguments."""
    value = getattr(import_module(f"stepwell.{module}"), name)
    path = path_of(module, name)
    return dispatching(value, path, takes_lists(path)) if path in handlers() else value


def hint_for(module: str, name: str) -> str:
    """What to use instead of a name that `module` does not have, as the end of a sentence; empty if nothing is near.

    A name of TensorFlow's is not misspelt: what is spelt likewise is something else.
    """
    path = module.removeprefix("stepwell").lstrip(".")
    if path == "raw_ops":
        return "; instead: the public functions, such as sw.add"
    if name in tensorflow_names().get(path, ()):
        known = ".".join(filter(None, ("tf", path, name)))
        return f"; {known} is not in stepwell (yet)" + (f"; instead: {INSTEAD[name]}" if name in INSTEAD else "")
    public = _public_names()
    same = [path for path in public if path.split(".")[-1] == name and not path.startswith("sw.compat.v1.")]
    if same:
        return f"; use {_joined(same)}"
    if name in INSTEAD:
        return f"; instead: {INSTEAD[name]}"
    own = module.replace("stepwell", "sw", 1)
    near = {path.split(".")[-1]: path for path in public}
    near |= {path.split(".")[-1]: path for path in public if path.rpartition(".")[0] == own}
    found = get_close_matches(name, near, n=1, cutoff=0.7)
    return f"; did you mean {near[found[0]]!r}?" if found else ""


def _joined(paths: list[str]) -> str:
    return " or ".join(sorted(paths, key=len))


def _public_names() -> list[str]:
    """Every public name as users write it, such as `sw.math.add`."""
    paths = [path for names in PUBLIC.values() for text in names.values() for path in text.split()]
    return [f"sw.{path}" for path in (*DTYPES, *NAMESPACES, *sorted(paths))]
