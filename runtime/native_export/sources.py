"""The C header and the C source of an exported library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType

from ...compiler.lowering.llvm import abi
from ...dialects.diagnostics import failed_check_class, location_text
from ...dialects.dtypes import DType, dtype_of
from ...dialects.version import GIT_VERSION
from ..engines.native.owner import static_count
from .interface import MOST_AXES, Entry, Held, Item, Library
from .object_code import data_name, kernel_name

_TEMPLATES = Path(__file__).parent / "template"


@cache
def template(name: str) -> str:
    """A file of what all libraries have in common."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def header(library: Library) -> str:
    """What programs include."""
    guard = f"STEPWELL_LIBRARY_{library.name.upper()}"
    parts = [
        f"/* {library.name}: functions compiled by {GIT_VERSION} for {library.target.triple}. */",
        f"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n",
        template("interface.h"),
        '#ifdef __cplusplus\nextern "C" {\n#endif\n',
    ]
    if library.state:
        parts.append(_state_struct(library))
    for entry in library.entries:
        parts.append(f"{_comment(library, entry)}\n{prototype(library, entry)};\n")
    parts.append(
        f"/* Frees the elements of a result. */\nvoid {library.name}_free(sw_tensor *tensor);\n\n"
        "#ifdef __cplusplus\n}\n#endif\n\n#endif\n"
    )
    return "\n".join(parts)


def _state_struct(library: Library) -> str:
    name = library.name
    fields = "".join(f"    sw_tensor {held.item.name}; /* {type_text(held.item)} */\n" for held in library.state)
    return (
        f"/* The Variables that functions assign: one set of them, which belongs to the caller. Calls with different\n"
        f" * states are independent of each other; a call that assigns a Variable needs its state for itself. */\n"
        f"typedef struct {name}_state {{\n{fields}}} {name}_state;\n\n"
        f"/* Makes a state of the values that the Variables had when they were exported. */\n"
        f"int32_t {name}_init({name}_state *state, sw_error *error);\n\n"
        f"/* Frees the memory of a state. */\n"
        f"void {name}_destroy({name}_state *state);\n"
    )


def _comment(library: Library, entry: Entry) -> str:
    lines = [f"{entry.name}, from {entry.location or 'a program'}."]
    lines += [f"  {item.name}: {type_text(item)}" for item in entry.inputs]
    lines += [f"  {item.name}: a result, {type_text(item)}" for item in entry.results]
    written = [library.held[index].item.name for index in sorted(entry.written)]
    if written:
        lines.append(f"  It assigns {', '.join(written)}.")
    return "/* " + "\n * ".join(lines) + " */"


def type_text(item: Item) -> str:
    """The dtype and sizes of a tensor, for people."""
    return f"{item.dtype.name} [{', '.join('?' if size is None else str(size) for size in item.named_shape)}]"


def prototype(library: Library, entry: Entry) -> str:
    """The declaration of a function."""
    parameters = [f"const sw_tensor *{item.name}" for item in entry.inputs]
    parameters += [f"sw_tensor *{item.name}" for item in entry.results]
    if library.takes_state(entry):
        const = "" if entry.written else "const "
        parameters.insert(0, f"{const}{library.name}_state *state")
    return f"int32_t {library.name}_{entry.name}({', '.join([*parameters, 'sw_error *error'])})"


def source(library: Library) -> str:
    """What is compiled and linked with the object file and the program."""
    operands = [len(entry.inputs) + len(entry.held) for entry in library.entries]
    sizes = [sum(map(_free, entry.text.info.arguments)) for entry in library.entries]
    parts = [
        f"/* {library.name}: the support code of {library.name}.o; compiled by any compiler of C99 and later. */",
        f'#include "{library.name}.h"\n\n#include <stddef.h>\n#include <stdlib.h>\n#include <string.h>\n',
        f"#define NAME(part) {library.name}__##part\n#define PUBLIC(part) {library.name}_##part",
        f"enum {{ MOST_OPERANDS = {max([1, *operands])}, MOST_SIZES = {max([1, *sizes])}, "
        f"MOST_NAMES = {max([1, *(len(_size_names(entry)) for entry in library.entries)])}, "
        f"MOST_RESULTS = {max([1, *(len(entry.results) for entry in library.entries)])} }};\n",
        template("support.c"),
        *(f"extern const unsigned char {data_name(library, number)}[];" for number in range(len(library.held))),
        "",
        *(_definition(library, entry) for entry in library.entries),
    ]
    if library.state:
        parts.append(_state_functions(library))
    return "\n".join(parts)


def _free(type_: MemRefType) -> int:
    return sum(size == DYNAMIC_INDEX for size in type_.get_shape())


def _state_functions(library: Library) -> str:
    name = library.name
    makes = "".join(
        f"    if (status == SW_OK) status = keep(&state->{held.item.name}, {data_name(library, number)}, "
        f"{_dtype(held.item.dtype)}, {len(held.item.shape)}, {_sizes(held.item.shape)}, error);\n"
        for number, held in enumerate(library.held)
        if held.in_state
    )
    frees = "".join(f"    {name}_free(&state->{held.item.name});\n" for held in library.state)
    return (
        f"{template('state.c')}\n"
        f"int32_t {name}_init({name}_state *state, sw_error *error) {{\n"
        f"    int32_t status = SW_OK;\n    memset(state, 0, sizeof *state);\n{makes}"
        f"    if (status != SW_OK) {name}_destroy(state);\n    return status;\n}}\n\n"
        f"void {name}_destroy({name}_state *state) {{\n{frees}}}\n"
    )


def _sizes(shape: Sequence[int | None]) -> str:
    """A compound literal of sizes."""
    return f"(const int64_t[]){{{', '.join(str(size) for size in shape) or '0'}}}"


def _definition(library: Library, entry: Entry) -> str:
    """A function that checks its arguments and calls a kernel."""
    info, symbol = entry.text.info, kernel_name(library, entry)
    held = [library.held[index] for index in entry.held]
    kernel_types = info.arguments[len(entry.inputs) :]
    known = [
        size
        for each, type_ in zip(held, kernel_types, strict=True)
        for size, expected in zip(each.array.shape, type_.get_shape())
        if expected == DYNAMIC_INDEX
    ]
    names = _size_names(entry)
    tables = [
        _Array("static const spec", "specs", [_spec(item, names) for item in (*entry.inputs, *entry.results)]),
        _Array("static const check", "checks", [_check(site) for site in info.assertions]),
        _Array("static const char *const", "size_names", list(map(_quoted, names))),
        _Array("static const int64_t", "captured_sizes", [str(size) for size in known]),
    ]
    operands = [
        _Array("const sw_tensor *const", "inputs", [item.name for item in entry.inputs]),
        _Array("sw_tensor *const", "outputs", [item.name for item in entry.results]),
        _Array("const captured", "held", _held(library, entry)),
    ]
    values = ", ".join(table.value for table in tables)
    callee = (
        f"    static const function callee = {{{_quoted(entry.name)}, {symbol}, {len(entry.inputs)}, "
        f"{len(entry.results)}, {len(held)}, {values}, {len(known)}, {info.arena}}};\n"
    )
    body = "".join(each.text for each in tables) + callee + "".join(each.text for each in operands)
    call = f"    return run(&callee, {', '.join(each.value for each in operands)}, error);\n"
    return (
        f"void {symbol}(int64_t *call, void *arena, void *const *data, const int64_t *sizes);\n\n"
        f"{prototype(library, entry)} {{\n{body}{call}}}\n"
    )


@dataclass(frozen=True)
class _Array:
    """An array of C, which has no declaration where it is empty."""

    type: str
    name: str
    items: Sequence[str]

    @property
    def text(self) -> str:
        """The declaration."""
        if not self.items:
            return ""
        return (
            f"    {self.type} {self.name}[] = {{\n" + "".join(f"        {item},\n" for item in self.items) + "    };\n"
        )

    @property
    def value(self) -> str:
        """What represents the array in an expression."""
        return self.name if self.items else "NULL"


def _size_names(entry: Entry) -> list[str]:
    """The names of sizes, each once."""
    return list(dict.fromkeys(name for item in entry.inputs for name in item.named_shape if isinstance(name, str)))


def _spec(item: Item, names: Sequence[str]) -> str:
    numbers = [-2 - names.index(size) if isinstance(size, str) else size for size in item.named_shape]
    sizes = ", ".join("-1" if size is None else str(size) for size in numbers) or "0"
    return f"{{{_quoted(item.name)}, {_dtype(item.dtype)}, {len(item.shape)}, {{{sizes}}}}}"


def _dtype(dtype: DType) -> str:
    return f"SW_{dtype.name.upper()}"


def _held(library: Library, entry: Entry) -> list[str]:
    found = []
    for index in entry.held:
        held: Held = library.held[index]
        data = f"state->{held.item.name}.data" if held.in_state else f"(void *){data_name(library, index)}"
        found.append(f"{{{data}, {held.array.nbytes}, {int(index in entry.written)}}}")
    return found


def _check(site: abi.Site) -> str:
    """A check: the code of its error, its message behind the place in the program, and the kinds of its values."""
    place = location_text(site.location).rpartition("/")[2].replace("{", "{{").replace("}", "}}")
    message = f"{place}: {site.text}" if place else site.text
    values: list[str] = []
    left = abi.MAX_VALUES
    for type_ in site.types[: abi.MAX_VALUES]:
        elements = -1 if left > 0 else -2
        used = 1
        if isinstance(type_, MemRefType) and type_.get_num_dims() > 0:
            count = static_count(type_)
            elements, used = (-2, 0) if count is None or count > left else (count, count)
        left -= used
        values.append(f"{{{_dtype(dtype_of(type_))}, {elements}}}")
    kinds = ", ".join(values) or "{0, 0}"
    return f"{{{failed_check_class(site.error).error_code}, {_quoted(message)}, {len(values)}, {{{kinds}}}}}"


def _quoted(text: str) -> str:
    """A literal of C: what is not printable ASCII as octal bytes of UTF-8."""
    found = ""
    for byte in text.encode("utf-8", "backslashreplace"):
        char = chr(byte)
        found += char if 32 <= byte < 127 and char not in '"\\?' else f"\\{byte:03o}"
    return f'"{found}"'


assert MOST_AXES == 8, "the interface's header has SW_MAX_RANK"
