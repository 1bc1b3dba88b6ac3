"""`saved_model.save`: writes an object as a folder that loads without its code."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...compiler.frontend.tables.table import Table
from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.errors import NotFoundError
from ...dialects.files import path_text
from ...dialects.public import public
from ..functions.concrete import ConcreteFunction
from ..functions.function import Function
from .asset import Asset
from .folder import complete_folder
from .graphs import Graphs, tensor_record
from .index import own_files, write_index
from .objects import Children, Objects, is_saved, walk_and_trace
from .options import SaveOptions
from .signatures import chosen_signatures
from .specs import encode_spec
from .tables import tensors_of
from .tensors import FILE, TensorWriter
from .values import Json

ASSETS = "assets"


@public("saved_model")
def save(
    obj: object,
    export_dir: str | os.PathLike[str],
    signatures: Function[..., Any] | ConcreteFunction | Mapping[str, Any] | None = None,
    options: SaveOptions | None = None,
) -> None:
    """Write an object with its Variables and compiled functions as a folder, which `load` reads without its code.

    Saved is what is reached from `obj` by attributes, in lists, tuples and dicts, too: Variables, each once, modules,
    functions with the traces that they have, lookup tables and assets. A function that has an `input_signature` is
    traced if it was not called. Attributes of other types are not saved, and such elements of lists are None when they
    are loaded.

    The folder has `saved_model.json`, the objects and signatures; `variables.safetensors`, all tensors; `functions/`,
    the `hl` text of each trace; and for each signature an ONNX model with the same weights, which ONNX Runtime runs.
    `saved_model.json` says why a signature has none. The models do not print.

    Args:
        obj: a `sw.Module`, or another object whose Variables stepwell knows, such as a model of Keras.
        export_dir: the folder. It appears, or is replaced, when everything is written; another folder that has files
            is not touched.
        signatures: a function with an `input_signature`, or one of its concrete functions; or a dict of several by
            name. One alone is named `"serving_default"`, and so is, where none is given, the only function that `obj`
            has, if it has an `input_signature`. Each returns a tensor, a sequence of tensors or a dict of them.
        options: see `SaveOptions`.

    Raises ValueError for an object or a signature that cannot be saved, AssertionError for a function that uses a
    Variable that is not part of `obj`, UnsupportedError for one that calls Python.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> class Scale(sw.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.factor = sw.Variable(2.0)
        ...     @sw.function(input_signature=[sw.TensorSpec([None])])
        ...     def __call__(self, x):
        ...         return x * self.factor
        >>> path = tempfile.mkdtemp() + "/scale"
        >>> sw.saved_model.save(Scale(), path)
        >>> sw.saved_model.load(path)(sw.constant([1.0, 2.0])).numpy().tolist()
        [2.0, 4.0]
    """
    target = Path(path_text(export_dir, "saved_model.save: export_dir"))
    options = _checked_options(options)
    if not is_saved(obj):
        raise InvalidArgumentError(
            "saved_model.save: obj: expected a sw.Module, or another object whose Variables are known, "
            f"got {obj!r} of type {type(obj).__name__}"
        )
    children = Children()
    chosen = chosen_signatures(obj, signatures, children)
    objects = walk_and_trace(obj, children)
    with complete_folder(target, own_files, "saved_model.save: export_dir") as folder:
        _write(folder, objects, chosen, options)


def _checked_options(options: object) -> SaveOptions:
    if options is None:
        return SaveOptions()
    if not isinstance(options, SaveOptions):
        raise InvalidTypeError(f"saved_model.save: options: expected SaveOptions, got {options!r}")
    return options


def _write(folder: Path, objects: Objects, signatures: Mapping[str, ConcreteFunction], options: SaveOptions) -> None:
    """Write all files."""
    tensors = TensorWriter()
    graphs = Graphs(objects, tensors)
    for number, variable in objects.of_type(Variable):
        objects.records[number] |= _variable(variable, objects.paths[number] or "value", tensors)
    for number, table in objects.of_type(Table):
        record = objects.records[number]
        for name, array in tensors_of(table, "file" in record).items():
            record[name] = tensor_record(array, tensors.add(f"{objects.paths[number] or 'table'}.{name}", array))
    _copy_assets(folder, objects)
    for number, function in objects.of_type(Function):
        objects.records[number] |= graphs.function(function)
    for number, concrete in objects.of_type(ConcreteFunction):
        objects.records[number] |= graphs.concrete(concrete)
    records = {name: _signature(concrete, graphs) for name, concrete in signatures.items()}
    for name, text in graphs.texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    tensors.write(folder / FILE)
    if options.onnx and signatures:
        from .onnx_files import write_onnx  # loads a library

        for name, found in write_onnx(folder, signatures, tensors.arrays).items():
            records[name]["onnx"] = found
    content = {"objects": objects.records, "graphs": graphs.records, "signatures": records}
    write_index(folder, content, [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()])


def _variable(variable: Variable, name: str, tensors: TensorWriter) -> dict[str, Json]:
    """What the saved model says of a Variable."""
    array = variable._value_now()
    record = {"name": variable._name, "trainable": variable.trainable}
    record["tensor"] = tensor_record(array, tensors.add(name, array))
    record["synchronization"], record["aggregation"] = variable.synchronization.name, variable.aggregation.name
    if variable._varying is not None:
        varying = variable._varying
        record["varying"] = {"shape": None if varying.rank is None else list(varying)}
    return record


def _copy_assets(folder: Path, objects: Objects) -> None:
    """Copy the files that are assets, each under a name of its own."""
    names: dict[str, str] = {}
    for number, asset in objects.of_type(Asset):
        source = os.path.realpath(asset._path)
        if source not in names:
            if not os.path.isfile(source):
                raise NotFoundError(f"saved_model.save: {objects.paths[number]}: there is no file {asset._path}")
            names[source] = _fresh(os.path.basename(asset._path), set(names.values()))
            (folder / ASSETS).mkdir(exist_ok=True)
            shutil.copyfile(source, folder / ASSETS / names[source])
        objects.records[number]["file"] = f"{ASSETS}/{names[source]}"


def _fresh(name: str, taken: set[str]) -> str:
    stem, suffix = os.path.splitext(name)
    found, count = name, 1
    while found.lower() in {each.lower() for each in taken}:
        found, count = f"{stem}_{count}{suffix}", count + 1
    return found


def _signature(concrete: ConcreteFunction, graphs: Graphs) -> dict[str, Json]:
    """What the saved model says of a signature."""
    plan = concrete.output_plan
    names = [path[0] for path in plan.structure.paths()]
    return {
        "graph": graphs.number(concrete),
        "engine": concrete.engine,
        "inputs": [encode_spec(spec) for spec in concrete.specs],
        "outputs": [[name, slot] for name, slot in zip(names, plan.slots, strict=True)],
    }
