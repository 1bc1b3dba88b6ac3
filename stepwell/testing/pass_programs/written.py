"""Programs that are written down beside a pass, a little changed: its docstring's *Before*, and its `.mlir` files."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp, StringAttr, SymbolRefAttr
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import VerifyException

from stepwell.compiler.interchange.mlir.entries import argument_types, find_entry
from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.compiler.pipeline.verification import first_invalid
from stepwell.dialects.diagnostics import StepwellError
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import InferenceError
from stepwell.dialects.hl.rules.elementwise import BinaryOp, ComparisonOp
from stepwell.dialects.levels import LEVELS
from stepwell.runtime.outcomes import observe

from ..generation.program import Case
from ..inputs import UnsupportedTypeError, generate_inputs
from ..mlir_files import MlirFile, MlirTestError

_MOST_FILES = 200
"""Further `.mlir` files are not looked at."""

_MAX_OPS = 5_000
"""A program that takes more ops than this is left out."""

_SETS = 9
"""How many sets of inputs there are for a program."""

_BEFORE = re.compile(r"^Before(?: [^\n]*)?:\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)

_ADDS = r"reduction|matmul|iter_args"
"""What programs below `hl` have that add up."""

_ERRORS = (StepwellError, VerifyException, InferenceError, ValueError, KeyError, AssertionError)
"""What text that is no program may raise."""


def written_programs(pass_: ModulePass) -> tuple[str, ...]:
    """The text of each function that the docstring and the `.mlir` files of a pass show before it, with what it calls.

    Files are those beside the pass's module and in the `tests` of its project whose `RUN` lines name the pass.

    Example:
        >>> from stepwell.compiler.pipeline.pipelines import parse
        >>> print(written_programs(parse("dce")[0])[0])
        builtin.module {
          func.func @f(%x: tensor<f32>) -> tensor<f32> {
            %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
            func.return %x : tensor<f32>
          }
        }
        <BLANKLINE>
    """
    return _written(type(pass_))


@cache
def _written(class_: type[ModulePass]) -> tuple[str, ...]:
    texts = [inspect.cleandoc(text) + "\n" for text in _BEFORE.findall(inspect.cleandoc(class_.__doc__ or "") + "\n")]
    level = getattr(class_, "requires", None)
    found = dict.fromkeys(each for text in (*texts, *_files(class_)) for each in _functions(text, level))
    return tuple(found)


def _files(class_: type[ModulePass]) -> Iterator[str]:
    """The texts of the `.mlir` files that run the pass."""
    try:
        source = Path(inspect.getfile(class_)).resolve()
    except (TypeError, OSError):  # typed in by hand
        return
    project = next((folder for folder in source.parents if (folder / "pyproject.toml").exists()), None)
    paths = [*source.parent.glob("*.mlir"), *((project / "tests").rglob("*.mlir") if project else ())]
    named = re.compile(rf"-p\s+\S*(?<![\w-]){re.escape(class_.name)}(?![\w-])")
    for path in sorted(paths)[:_MOST_FILES]:
        try:
            file = MlirFile.read(path)
        except (MlirTestError, OSError, UnicodeDecodeError):
            continue
        if any(named.search(run.command) for run in file.runs):
            yield from re.split(r"^// -----.*$", file.text, flags=re.MULTILINE)


def _functions(text: str, level: str | None) -> Iterator[str]:
    """Each public function of a text with what it calls, if it is a program of the level."""
    try:
        module = parse_module(text, "written.mlir")
        names = [op.sym_name.data for op in module.ops if isinstance(op, func.FuncOp) and op.sym_visibility is None]
        if level in LEVELS and list(LEVELS[level].illegal_ops(module)):
            return
    except Exception:  # whatever is written there, it is no program
        return
    for name in names:
        alone = print_module(_alone(module, name))
        if _case(alone, 0) is not None:
            yield alone


def _alone(module: ModuleOp, name: str) -> ModuleOp:
    """The module without what a function does not need."""
    found = module.clone()
    symbols = {op.attributes.get("sym_name", op.properties.get("sym_name")): op for op in found.ops}
    needed, waiting = set(), [StringAttr(name)]
    while waiting:
        op = symbols.get(waiting.pop())
        if op is not None and op not in needed:
            needed.add(op)
            attributes = [a for inner in op.walk() for a in (*inner.attributes.values(), *inner.properties.values())]
            waiting += [each.root_reference for each in attributes if isinstance(each, SymbolRefAttr)]
    for symbol, op in symbols.items():
        if op not in needed:
            op.detach()
            op.erase(safe_erase=False)
        elif isinstance(op, func.FuncOp) and symbol != StringAttr(name):
            op.sym_visibility = StringAttr("private")
    return found


def _case(text: str, number: int) -> Case | None:
    """The program with a set of inputs, if it is one that ends soon, and does nothing undefined on the way."""
    try:
        module = parse_module(text, "written.mlir")
        if first_invalid(module) is not None:
            return None
        inputs = generate_inputs(argument_types(find_entry(module, "the text", None)), number)
    except (*_ERRORS, UnsupportedTypeError):
        return None
    ran = observe(module, inputs, max_ops=_MAX_OPS, any_failure=True)
    if ran.unfinished or ran.undefined:
        return None
    return Case(module, inputs, Counter(op.name for op in module.walk() if op.name.startswith("hl.")))


@st.composite
def grown_modules(draw: Any, texts: Sequence[str], any_order: bool = False) -> Case:
    """One of some programs, of which up to three things are changed; as it is, where none can be.

    Args:
        texts: the programs.
        any_order: whether inputs of programs with sums are small quarters: these sums are exact in any order.
    """
    text = draw(st.sampled_from(list(texts)))
    adds = any_order and re.search(_ADDS, text) is not None
    number = draw(st.sampled_from((0, 2))) if adds else draw(st.integers(0, _SETS - 1))
    case = _case(text, number)
    for _ in range(draw(st.integers(0, 3))):
        changed = draw(st.sampled_from(_CHANGES))(draw, text)
        other = _case(changed, number) if changed != text else None
        if other is not None:
            text, case = changed, other
    found = case or _case(text, 0)
    assert found is not None, "a program that ends on the first set of inputs"
    return found


_NUMBER = re.compile(r"(?<=dense<)-?[\d.]+(?:e[+-]?\d+)?(?=>)|(?<=arith.constant )-?[\d.]+(?:e[+-]?\d+)?(?= :)")
_SIZE = re.compile(r"(?<=[<x])\d+(?=x)")
_BINARY = re.compile(r"hl\.\w+(?= %[\w#]+, %[\w#]+ :)")
_PAIR = re.compile(r"(?<=hl\.)(\w+ )(%[\w#]+), (%[\w#]+)(?= :)")


def _one_of(draw: Any, pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return draw(st.sampled_from(found)) if found else None


def _replaced(text: str, match: re.Match[str] | None, new: str) -> str:
    return text if match is None else text[: match.start()] + new + text[match.end() :]


def _another_number(draw: Any, text: str) -> str:
    """Another constant."""
    match = _one_of(draw, _NUMBER, text)
    is_float = match is not None and "." in match[0]
    options = ("0.0", "-0.0", "1.0", "2.0", "-1.0", "0.5", "3.0") if is_float else ("0", "1", "2", "-1", "3", "4", "7")
    return _replaced(text, match, draw(st.sampled_from(options)))


def _another_dtype(draw: Any, text: str) -> str:
    """Another type in the place of one everywhere."""
    old, new = draw(st.sampled_from([("f32", "f64"), ("i32", "i64"), ("f32", "i32"), ("i32", "f32"), ("i64", "i32")]))
    return re.sub(rf"(?<=[<x (]){old}\b", new, text)


def _another_size(draw: Any, text: str) -> str:
    """Another size in the place of one everywhere, known or not."""
    match = _one_of(draw, _SIZE, text)
    new = draw(st.sampled_from(("?", "1", "2", "0", "5")))
    return text if match is None else re.sub(rf"(?<=[<x]){match[0]}(?=x)", new, text)


def _another_op(draw: Any, text: str) -> str:
    """Another op of two operands in the place of one."""
    match = _one_of(draw, _BINARY, text)
    old = OPS.get(match[0]) if match is not None else None
    if old is None or not issubclass(old, BinaryOp):
        return text
    alike = issubclass(old, ComparisonOp)
    same = [name for name, op in OPS.items() if issubclass(op, BinaryOp) and issubclass(op, ComparisonOp) == alike]
    return _replaced(text, match, draw(st.sampled_from(same)))


def _swapped(draw: Any, text: str) -> str:
    """The operands of an op in the other order."""
    match = _one_of(draw, _PAIR, text)
    return text if match is None else _replaced(text, match, f"{match[1]}{match[3]}, {match[2]}")


_CHANGES: tuple[Callable[[Any, str], str], ...] = (
    _another_number,
    _another_dtype,
    _another_size,
    _another_op,
    _swapped,
)
