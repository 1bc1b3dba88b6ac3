"""The commands of pages print what the pages say."""

from pathlib import Path

import pytest
from support.documents import Command, File, Shell, missing_tools, read_page

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for path in sorted(DOCS.glob("*.md")) if "```console" in path.read_text()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_says(page, tmp_path):
    if missing := missing_tools(page.read_text()):
        pytest.skip(f"needs {', '.join(missing)}")
    shell, wrong = Shell(tmp_path), []
    items = read_page(page.read_text())
    assert any(isinstance(item, Command) for item in items)
    for item in items:
        printed = shell.run(item)
        if isinstance(item, Command) and not item.matches(printed):
            wrong.append(f"{page.name}:{item.line}: $ {item.text}\n{printed}")
    assert not wrong, "\n".join(["what is printed is not what is shown:", *wrong])


def test_the_pages_on_commands_are_tested():
    assert {DOCS / "opt.md", DOCS / "wrong-results.md"} <= set(PAGES)


PAGE = """
```mlir a.mlir
func.func @f() {
}
```

```text
not a file
```

```console
$ cat a.mlir | wc -l
2
$ stepwell opt absent.mlir
error: absent.mlir: ... file or directory
$ printf '1\\n2\\n3\\n'
1
...
```
"""


def test_files_and_commands_are_read_and_run(tmp_path):
    items = read_page(PAGE)
    assert [type(item) for item in items] == [File, Command, Command, Command]
    assert items[0] == File("a.mlir", "func.func @f() {\n}\n")
    assert [item.line for item in items[1:]] == [12, 14, 16]
    shell = Shell(tmp_path)
    printed = [shell.run(item) for item in items]
    assert all(command.matches(text) for command, text in zip(items[1:], printed[1:], strict=True))
    assert not items[1].matches("3\n")
    assert not items[2].matches("error: absent.mlir: no such thing\n")
    assert not items[3].matches("0\n2\n")
    assert Command("x", "", 1).matches("") and not Command("x", "", 1).matches("y\n")


@pytest.mark.parametrize(("text", "same"), [("stepwell opt --timing", True), ("stepwell opt", False)])
def test_times_are_not_compared_and_other_numbers_are(text, same):
    assert Command(text, "   1.50   20.0%  cse 3\n", 1).matches("  12.25  100.0%  cse 3\n") == same
    assert not Command(text, "   1.50   20.0%  cse 3\n", 1).matches("  12.25  100.0%  cse 4\n")
