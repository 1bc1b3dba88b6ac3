"""Plug-ins: packages of users that add dialects, passes, levels and pipelines.

A package names a `Plugin` in an entry point of the group `stepwell.plugins`. Nothing is looked for before a name comes
up that stepwell itself does not have, and what a plug-in adds is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .levels import LEVELS, STAGES, Level
from .public import public

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "stepwell.plugins"
"""The group of entry points."""


@public("plugins")
class PluginError(Exception):
    """A plug-in that cannot be loaded, that is not what it says, or that adds a name which exists already."""


@public("plugins")
@dataclass(frozen=True)
class Plugin:
    """What a package adds to stepwell. Objects are named as entry points name them: `"package.module:attribute"`.

    Attributes:
        dialects: dialects of xDSL (`xdsl.ir.Dialect`) by name.
        passes: classes of passes (`stepwell.plugins.Pass`, or any `ModulePass` of xDSL) by the names of the passes.
        levels: levels of abstraction in addition to stepwell's own.
        steps: for two levels, at least one of them the plug-in's, the pipeline that leads from the first to the second:
            `{("poly", "hl"): "convert-poly-to-hl"}`.
        pipelines: named pipelines.
        interpreter: implementations of ops, `InterpreterFunctions` of xDSL, so that the interpreter can run them.

    Example:
        >>> Plugin(
        ...     dialects={"poly": "stepwell_poly.dialect:Poly"},
        ...     passes={"convert-poly-to-hl": "stepwell_poly.passes:ConvertPolyToHlPass"},
        ... ).pipelines
        {}
    """

    dialects: Mapping[str, str] = field(default_factory=dict)
    passes: Mapping[str, str] = field(default_factory=dict)
    levels: Sequence[Level] = ()
    steps: Mapping[tuple[str, str], str] = field(default_factory=dict)
    pipelines: Mapping[str, str] = field(default_factory=dict)
    interpreter: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """Where something comes from.

    Attributes:
        name: the name of the entry point.
        package: the package that has it, with its version.
    """

    name: str
    package: str

    def __str__(self) -> str:
        return f"plug-in '{self.name}' ({self.package})"


@dataclass(frozen=True)
class Contribution:
    """Something that a plug-in adds.

    Attributes:
        source: the plug-in.
        kind: what it is: `"pass"`.
        name: its name.
        value: the text or object that the plug-in provides for it.
    """

    source: Source
    kind: str
    name: str
    value: Any

    def load(self) -> Any:
        """The object that the value names; PluginError where there is none."""
        module, separator, attribute = self.value.partition(":")
        try:
            if not separator:
                raise ValueError(f"expected 'module:attribute', got '{self.value}'")
            return getattr(import_module(module), attribute)
        except Exception as error:
            raise self.error(f"cannot be loaded: {type(error).__name__}: {error}") from error

    def error(self, what: str) -> PluginError:
        """The error that says what is wrong with it."""
        return PluginError(f"{self.source}: the {self.kind} '{self.name}' {what}")


@cache
def installed() -> tuple[tuple[Source, Plugin], ...]:
    """The plug-ins of the packages that are installed, by name."""
    from importlib import metadata  # brings the parser of e-mail headers along: not before it is needed

    points = sorted(metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    return tuple((source_of(point), _load(point)) for point in points)


def source_of(point: EntryPoint) -> Source:
    """The plug-in's name, and its package's name and version."""
    package = point.dist
    return Source(point.name, f"{package.name} {package.version}" if package is not None else "of no package")


def _load(point: EntryPoint) -> Plugin:
    try:
        found = point.load()
    except Exception as error:
        raise PluginError(f"{source_of(point)} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(found, Plugin):
        raise PluginError(
            f"{source_of(point)}: {point.value} is a {type(found).__name__}, expected a stepwell.plugins.Plugin"
        )
    return found


def _contributions(source: Source, plugin: Plugin) -> Iterator[Contribution]:
    tables: dict[str, Mapping[Any, Any]] = {
        "dialect": plugin.dialects,
        "pass": plugin.passes,
        "level": {level.name: level for level in plugin.levels},
        "pipeline": plugin.pipelines,
        "step": {f"{start} to {end}": (start, end, text) for (start, end), text in plugin.steps.items()},
        "implementation": {text: text for text in plugin.interpreter},
    }
    for kind, table in tables.items():
        yield from (Contribution(source, kind, name, value) for name, value in table.items())


def contributions(kinds: Iterable[str], own: Collection[str] = ()) -> dict[str, Contribution]:
    """What plug-ins add, by name; `kinds` share their names (a pass and a pipeline of one name are ambiguous).

    Args:
        kinds: some of `dialect`, `pass`, `level`, `pipeline`, `step`, `implementation`.
        own: the names that exist without plug-ins.

    Raises:
        PluginError: where two plug-ins add one name, or a plug-in adds one that exists.
    """
    found: dict[str, Contribution] = {}
    for source, plugin in installed():
        for item in _contributions(source, plugin):
            if item.kind not in kinds:
                continue
            if item.name in own:
                raise item.error("exists already: it is stepwell's own")
            if item.name in found:
                raise item.error(f"exists already: it comes from {found[item.name].source}")
            found[item.name] = item
    return found


def all_levels() -> dict[str, Level]:
    """Stepwell's own levels from the highest down, then those of plug-ins."""
    return {**LEVELS, **{name: item.value for name, item in contributions(["level"], STAGES).items()}}


def find_stage(name: str) -> Level | None:
    """The level of that name, or what lies between two of them; None where there is none."""
    return STAGES.get(name) or all_levels().get(name)


def steps() -> dict[tuple[str, str], str]:
    """The pipelines of plug-ins that lead from one level to another.

    Raises:
        PluginError: where a level does not exist, or both are stepwell's own: its own ways do not depend on plug-ins.
    """
    known, found = all_levels(), {}
    for item in contributions(["step"]).values():
        start, end, text = item.value
        for name in (start, end):
            if name not in known:
                raise item.error(f"is of a level that does not exist: '{name}'")
        if start in LEVELS and end in LEVELS:
            raise item.error("is between two of stepwell's own levels")
        found[start, end] = text
    return found
