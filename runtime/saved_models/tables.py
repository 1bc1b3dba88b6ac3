"""Lookup tables in a saved model: what they are made of, and the calls of them in graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from ...compiler.frontend.tables.calls import METHODS, TableCall
from ...compiler.frontend.tables.entries import Entries
from ...compiler.frontend.tables.files import TextFileInitializer
from ...compiler.frontend.tables.initializers import KeyValueTensorInitializer
from ...compiler.frontend.tables.mutable import DenseHashTable, Mutable, MutableHashTable
from ...compiler.frontend.tables.static import StaticHashTable, StaticVocabularyTable
from ...compiler.frontend.tables.table import Table
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import FailedAssertionError, StepwellError, UnsupportedError
from ...dialects.dtypes import DType
from ...dialects.errors import DataLossError
from ...dialects.host import PythonFunctionAttr, PythonOp
from .asset import Asset
from .checked import Fields, damaged, index
from .specs import read_dtype
from .values import Json

_CLASSES = {each.__name__: each for each in (StaticHashTable, MutableHashTable, DenseHashTable)}
_FILE_FIELDS = ("key_index", "value_index", "vocab_size", "delimiter", "value_index_offset")


def table_record(table: Table | StaticVocabularyTable, path: str, add: Callable[[object, str], int]) -> dict[str, Json]:
    """What the saved model says of a table but its tensors; `add` numbers the objects that it has."""
    if isinstance(table, StaticVocabularyTable):
        inner = None if table.table is None else add(table.table, f"{path}.table")
        record: dict[str, Json] = {"kind": "vocabulary_table", "table": inner, "buckets": table.num_oov_buckets}
        return record | {"dtype": table.key_dtype.name, "name": table.name}
    record = {"kind": "table", "class": type(table).__name__, "name": table.name}
    record["key"], record["value"] = {"dtype": table.key_dtype.name}, {"dtype": table.value_dtype.name}
    if isinstance(table, Mutable):
        record["checkpoint"] = table.is_saved
    elif isinstance(table.initializer, TextFileInitializer):  # pyright: ignore[reportAttributeAccessIssue]
        lines: Any = table.initializer  # pyright: ignore[reportAttributeAccessIssue]
        asset = add(Asset(lines.path), f"{path}.file")
        record["file"] = {"asset": asset, **{name: getattr(lines, name) for name in _FILE_FIELDS}}
    return record


def tensors_of(table: Table, is_from_file: bool) -> dict[str, np.ndarray]:
    """The tensors of a table, by name."""
    found = {"default": table.default._concrete("saved_model.save")}
    if isinstance(table, DenseHashTable):
        found |= {"empty_key": table.empty_key._array, "deleted_key": table.deleted_key._array}
    if not is_from_file:
        found |= {"keys": table.entries.keys(), "values": table.entries.values()}
    return found


def read_table(record: Fields, tensor: Callable[[Fields], np.ndarray], made: Callable[[int], Any], count: int) -> Any:
    """The table of a record: `tensor` reads what it refers to, `made` returns one of `count` objects by its number."""
    try:
        if record.text("kind") == "vocabulary_table":
            return _vocabulary(record, made, count)
        return _table(record, lambda name: Tensor(tensor(record.object(name))), made, count)
    except DataLossError:
        raise
    except (StepwellError, TypeError, ValueError, OverflowError) as error:
        raise damaged(record.where, "a lookup table", str(error)) from None


def _vocabulary(record: Fields, made: Callable[[int], Any], count: int) -> StaticVocabularyTable:
    inner = None if record.get("table") is None else made(record.number("table", count))
    if not isinstance(inner, StaticHashTable | None):
        raise damaged(record.at("table"), "a static table", inner)
    buckets = record.number("buckets", 2**63)
    dtype = read_dtype(record)
    return StaticVocabularyTable(inner and inner.initializer, buckets, dtype, _name(record)).around(inner)


def _table(record: Fields, tensor: Callable[[str], Tensor], made: Callable[[int], Any], count: int) -> Table:
    kind, name = _CLASSES.get(record.text("class")), _name(record)
    key_dtype, value_dtype = (read_dtype(record.object(part)) for part in ("key", "value"))
    default = tensor("default")
    if kind is StaticHashTable:
        if "file" in record:
            return StaticHashTable(_lines(record.object("file"), key_dtype, value_dtype, made, count), default, name)
        initializer = KeyValueTensorInitializer(tensor("keys"), tensor("values"), key_dtype, value_dtype)
        return StaticHashTable(initializer, default, name)
    is_saved = record.flag("checkpoint")
    if kind is MutableHashTable:
        table: Mutable = MutableHashTable(key_dtype, value_dtype, default, name, is_saved)
    elif kind is DenseHashTable:
        refused = tensor("empty_key"), tensor("deleted_key")
        table = DenseHashTable(key_dtype, value_dtype, default, *refused, name=name, checkpoint=is_saved)
    else:
        raise damaged(record.at("class"), f"one of {', '.join(_CLASSES)}", record.text("class"))
    table.insert(tensor("keys"), tensor("values"))
    return table


def _lines(
    record: Fields, key_dtype: DType, value_dtype: DType, made: Callable[[int], Any], count: int
) -> TextFileInitializer:
    asset = made(record.number("asset", count))
    if not isinstance(asset, Asset):
        raise damaged(record.at("asset"), "a file", asset)
    options = {name: record.get(name) for name in ("vocab_size", "delimiter", "value_index_offset")}
    return TextFileInitializer(
        asset._path, key_dtype, record.get("key_index"), value_dtype, record.get("value_index"), **options
    )


def _name(record: Fields) -> str | None:
    return None if record.get("name") is None else record.text("name")


def saved_calls(module: ModuleOp, number: Callable[[Entries], int | None], name: str) -> list[Json]:
    """For each call of Python in a graph, in order, the number of the table that it is of, and the method.

    Raises UnsupportedError for a function of Python's, FailedAssertionError for a table that is not saved; `name` is
    that of the graph.
    """
    found: list[Json] = []
    for op in module.walk():
        if not isinstance(op, PythonOp):
            continue
        call = op.callee.data
        if not isinstance(call, TableCall):
            raise UnsupportedError(
                f"saved_model.save: {name} calls the Python function {call.label!r}, which cannot be saved",
                location=op.location,
                remedy="save functions of operations of stepwell only",
            )
        table = number(call.table)
        if table is None:
            raise FailedAssertionError(
                f"saved_model.save: {name} uses a lookup table, which is not part of what is saved",
                location=op.location,
                remedy="make it an attribute of a module that is saved",
            )
        found.append([table, call.method])
    return found


def bind_calls(module: ModuleOp, record: Fields, made: Callable[[int], Any], count: int) -> None:
    """Let the calls of a graph that was read be those of tables, which `made` returns by their numbers."""
    calls, where = record.items("tables") if "tables" in record else [], record.at("tables")
    ops = [op for op in module.walk() if op.name.startswith("host.")]
    if len(calls) != len(ops):
        raise damaged(where, f"{len(ops)} calls of tables", calls)
    for op, item in zip(ops, calls, strict=True):
        if not isinstance(item, list) or len(item) != 2 or item[1] not in list(METHODS):  # it may be no string
            raise damaged(where, "a table and a method", item)
        table = made(index(item[0], count, where))
        if not isinstance(table, Table) or not isinstance(op, PythonOp):
            raise damaged(where, "a table", item)
        if item[1] in ("insert", "remove") and not isinstance(table, Mutable):
            raise damaged(where, "a table that can be changed", item)
        call = TableCall(table.entries, item[1])
        if not call.fits(op.operand_types, op.result_types):
            raise damaged(where, f"a call whose types are those of {call.label}", str(op))
        op.properties["callee"] = PythonFunctionAttr(call)
