"""What is generated from the decorators of public names is what is in the checkout."""

import ast
import re
from pathlib import Path

import pytest

from stepwell.tools.public_api.definitions import PublicNameError, Source, _of_module, definitions, namespaces
from stepwell.tools.public_api.files import generated, stale
from stepwell.tools.public_api.pages import markdown

ROOT = Path(__file__).parents[2]


def test_generated_files_are_up_to_date():
    found = [path.relative_to(ROOT).as_posix() for path in stale(generated(ROOT), ROOT)]
    assert not found, f"run `python -m stepwell.tools.public_api --write`: {found} differ from the decorators"


def test_every_namespace_is_a_module_with_a_docstring():
    for name in namespaces(definitions()):
        path = ROOT.joinpath("stepwell", *name.split("."))
        module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert ast.get_docstring(ast.parse(module.read_text())), name


def public(code):
    return {each.name: each.paths for each in _of_module(Source("compiler.somewhere", ast.parse(code)))}


def test_names_of_a_definition():
    assert public('@public("math", "nn", top=True)\ndef f(): ...') == {"f": ("f", "math.f", "nn.f")}
    assert public('@public(aliases=("a.b.c", "d"))\nclass F: ...') == {"F": ("d", "a.b.c")}
    assert public('@other\n@public("math")\n@dataclass\nclass F: ...\ndef g(): ...') == {"F": ("math.F",)}
    assert public('A = int | str\n"""Meaning."""\npublic_values("types", "A")') == {"A": ("types.A",)}


@pytest.mark.parametrize(
    "code",
    [
        "@public()\ndef f(): ...",
        "@public(top=False)\ndef f(): ...",
        "@public(NAME)\ndef f(): ...",
        '@public("math", to=True)\ndef f(): ...',
        'public_values("types", "A")',
    ],
)
def test_what_cannot_be_read_is_an_error(code):
    with pytest.raises(PublicNameError):
        public(code)


def test_one_name_means_one_thing(monkeypatch):
    module = Source("compiler.somewhere", ast.parse('@public("math")\ndef add(): ...'))
    more = [*definitions(), *_of_module(module)]
    monkeypatch.setattr("stepwell.tools.public_api.definitions._all", lambda: iter(more))
    with pytest.raises(PublicNameError, match=r"sw\.math\.add is both in compiler\.frontend\.ops\.math and"):
        definitions()


def test_links_of_reference_pages_lead_to_entries():
    pages = {path.name: path.read_text() for path in (ROOT / "docs" / "reference").glob("*.md")}
    links = [link for text in pages.values() for link in re.findall(r"\]\(([^)]*)\)", text)]
    assert len(links) > 60
    for link in links:
        page, _, entry = link.partition("#")
        assert page in pages
        assert not entry or entry in re.findall(r"^## (\w+)$", pages[page].lower(), re.MULTILINE), link


def test_a_docstring_as_markdown():
    text = """Meaning.

Args:
    x: what it is,
        in two lines.

More.

Example:
    >>> f(1)
    2"""
    lines = ["Meaning.", "", "**Args**", "", "- `x`: what it is,", "  in two lines.", "", "More."]
    assert list(markdown(text)) == [*lines, "", "```python", ">>> f(1)\n2", "```"]
