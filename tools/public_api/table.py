"""`stepwell/_table.py`: where each public name is defined."""

from __future__ import annotations

from itertools import groupby

from ...dialects.dtypes import DTYPE_NAMES
from .definitions import Definition, namespaces

_HEAD = '''"""The public names, and where they are defined. Written by `python -m stepwell.tools.public_api --write`."""

from __future__ import annotations

'''
_FOOT = '''

def names_in(namespace: str) -> dict[str, tuple[str, str]]:
    """The public names of a namespace (`""` is the package itself): the module of each, and its name there."""
    found: dict[str, tuple[str, str]] = {}
    for module, names in PUBLIC.items():
        for name, paths in names.items():
            for path in paths.split():
                inside, _, last = path.rpartition(".")
                if inside == namespace:
                    found[last] = module, name
    return found


def modules_in(namespace: str) -> list[str]:
    """The modules of a namespace."""
    inside = f"{namespace}." if namespace else ""
    found = [path.removeprefix(inside) for path in NAMESPACES if path.startswith(inside)]
    return [name for name in found if "." not in name]
'''
UNLISTED = ("compat.v2", "initializers", "keras", "losses", "metrics", "optimizers", "testing")
"""Modules that have tables of their own."""


def table(found: list[Definition]) -> str:
    """The text of the table."""
    lines = [_tuple("DTYPES", [*DTYPE_NAMES])]
    lines += [_tuple("NAMESPACES", sorted([*namespaces(found), *UNLISTED])), "", "PUBLIC = {"]
    for module, group in groupby(found, lambda each: each.source.module):
        lines.append(f'    "{module}": {{')
        lines += [f'        "{each.name}": "{" ".join(each.paths)}",' for each in group]
        lines.append("    },")
    lines += ["}", '"""By module: names of definitions, and the public names of each."""', ""]
    return _HEAD + "\n".join(lines) + _FOOT


def _tuple(name: str, items: list[str]) -> str:
    return "\n".join([f"{name} = (", *(f'    "{item}",' for item in items), ")"])
