"""Passes by name. One pass is one file, so the file names are the registry: nothing is imported until it is used.

Names that are neither stepwell's nor xDSL's are looked for among plug-ins.
"""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

from xdsl.passes import ModulePass

from ...dialects.diagnostics import UnknownPassError
from ...dialects.plugins import Contribution, contributions
from .. import differentiation, lowering, passes
from .named import PIPELINES

_FOLDERS = (passes, lowering, differentiation)


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-")) + "Pass"


@cache
def _modules() -> dict[str, str]:
    """For each file that may hold a pass, by the pass's name: the module to import."""
    found = {}
    for folder in _FOLDERS:
        for module in pkgutil.iter_modules(folder.__path__):
            found[module.name.replace("_", "-")] = f"{folder.__name__}.{module.name}"
    return found


@cache
def pass_class(name: str) -> type[ModulePass]:
    """The class of the pass called `name`; `UnknownPassError` with the nearest name where there is none."""
    module = _modules().get(name)
    if module is not None:
        found = getattr(import_module(module), _class_name(name), None)
        if isinstance(found, type) and issubclass(found, ModulePass):
            return found
    foreign = _xdsl_passes().get(name)
    if foreign is not None:
        return foreign()
    added = added_passes().get(name)
    if added is not None:
        return _load_added(added)
    near = difflib.get_close_matches(name, (*pass_names(), *added_passes()), n=1)
    raise UnknownPassError(name, near[0] if near else None)


@cache
def pass_names() -> tuple[str, ...]:
    """The names of stepwell's own passes, in alphabetical order."""
    return tuple(sorted(name for name, module in _modules().items() if _defines_pass(name, module)))


def _defines_pass(name: str, module: str) -> bool:
    """Whether a file beside the passes is one, rather than a helper of one."""
    return hasattr(import_module(module), _class_name(name))


def is_own_pass(name: str) -> bool:
    """Whether stepwell, or xDSL, has a pass of that name; plug-ins are not looked at."""
    module = _modules().get(name)
    return (module is not None and _defines_pass(name, module)) or name in _xdsl_passes()


def added_passes() -> dict[str, Contribution]:
    """The passes of plug-ins, by name."""
    return {name: item for name, item in _added().items() if item.kind == "pass"}


def added_pipelines() -> dict[str, str]:
    """The named pipelines of plug-ins."""
    return {name: item.value for name, item in _added().items() if item.kind == "pipeline"}


def _added() -> dict[str, Contribution]:
    """What plug-ins add that may stand in a pipeline; no two things in pipelines have one name."""
    return contributions(["pass", "pipeline"], {*pass_names(), *_xdsl_passes(), *PIPELINES})


def _load_added(item: Contribution) -> type[ModulePass]:
    """The class of a plug-in's pass."""
    found = item.load()
    if not (isinstance(found, type) and issubclass(found, ModulePass)):
        kind = found.__name__ if isinstance(found, type) else type(found).__name__
        raise item.error(f"is a {kind}, expected a class of passes")
    if found.name != item.name:
        raise item.error(f"calls itself '{found.name}'")
    return found


@cache
def _xdsl_passes() -> dict[str, Callable[[], type[ModulePass]]]:
    from xdsl.transforms import get_all_passes

    return dict(get_all_passes())
