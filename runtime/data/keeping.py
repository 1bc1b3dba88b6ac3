"""Methods of datasets: elements kept in memory and in files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError, UnsupportedError
from ...dialects.files import path_text
from ...dialects.public import public
from ...dialects.strings import as_text
from .compiled import compiled_to_integer, integer_of
from .files.streams import compression_named
from .kept.cache import FileCache
from .kept.encoding import agreed
from .kept.folder import FolderWriter, Shard, ShardOf, shards, write_all
from .kept.snapshot import Snapshot
from .node import Node
from .nodes.ahead import Cache
from .nodes.sources import Kept
from .parameters import DatasetBase, dataset_of
from .structure import DatasetSpec, single

if TYPE_CHECKING:
    from .dataset import Dataset


class Keeping(DatasetBase):
    """Elements kept in memory and in files."""

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """Keep all elements, in memory or in a file, once an iteration has reached the end.

        Args:
            filename: where; in memory if it is empty. The file appears when it is complete, and is read from then on,
                also by other programs; it is in a format of stepwell's. Delete it when the dataset has changed.
            name: accepted as in TensorFlow.

        Iterating raises InvalidTypeError for a file whose elements are of another spec, and DataLossError, with the
        file and the record, for one that is damaged.

        Example:
            >>> import os
            >>> import stepwell as sw
            >>> if os.path.exists("/tmp/stepwell_cache"):
            ...     os.remove("/tmp/stepwell_cache")
            >>> dataset = sw.data.Dataset.range(3).map(lambda x: x * x).cache("/tmp/stepwell_cache")
            >>> [int(x) for x in dataset], os.path.exists("/tmp/stepwell_cache")
            ([0, 1, 4], True)
        """
        path = _path("Dataset.cache: filename", filename)
        return dataset_of(FileCache(self._node, path) if path else Cache(self._node))

    def save(
        self,
        path: Any,
        compression: str | None = None,
        shard_func: Callable[..., Any] | None = None,
        checkpoint_args: Any = None,
    ) -> None:
        """Write all elements to a folder, which `load` reads; what was saved there before is replaced at once.

        Args:
            path: the folder, which is made where it is not there.
            compression: `"GZIP"`, or None for none.
            shard_func: returns the number of the file for an element, of int64; all are in one file if it is None.
            checkpoint_args: not supported; saving begins anew.

        Raises UnsupportedError for elements that are not of tensors in tuples and dicts.

        Example:
            >>> import stepwell as sw
            >>> sw.data.Dataset.range(3).save("/tmp/stepwell_saved")
            >>> [int(x) for x in sw.data.Dataset.load("/tmp/stepwell_saved")]
            [0, 1, 2]
        """
        if checkpoint_args is not None:
            raise UnsupportedError("Dataset.save: checkpoint_args: expected None, got checkpoints while it is saved")
        what, node = "Dataset.save", self._node
        kind = compression_named(what, None if compression in (None, "NONE") else compression)
        writer = FolderWriter(
            _path(f"{what}: path", path), node.structure, what, kind, _shard_of(what, node, shard_func)
        )
        write_all(writer, node.start())

    @staticmethod
    def load(
        path: Any,
        element_spec: Any = None,
        compression: str | None = None,
        reader_func: Callable[..., Any] | None = None,
        wait: bool = False,
    ) -> Dataset:
        """The elements that `save` has written to a folder.

        Args:
            path: the folder.
            element_spec: what elements are expected to be; InvalidTypeError is raised for others.
            compression: how they were saved; what the folder says is used.
            reader_func: given a dataset with a dataset for each file, returns the dataset of all elements; they are
                read by turns where it is left out.
            wait: whether to wait until there is something saved.
        """
        what, folder = "Dataset.load", _path("Dataset.load: path", path)
        structure, kind, nodes = shards(folder, wait)
        if compression not in (None, "NONE", "", kind):
            raise InvalidArgumentError(
                f"{what}: compression: expected {kind or None!r}, as it was saved, got {compression!r}"
            )
        if element_spec is not None:
            agreed(structure, DatasetSpec(element_spec).structure, f"{what}: {folder}")
        return dataset_of(_joined(what, nodes, reader_func, structure.element_spec))

    def snapshot(
        self,
        path: Any,
        compression: str | None = "AUTO",
        reader_func: Callable[..., Any] | None = None,
        shard_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Write the elements to a folder when an iteration reaches their end; later iterations and programs read them.

        Args:
            path: the folder, which may have snapshots of several pipelines, told apart by their transformations and
                specs. Delete it when what a function computes has changed.
            compression: `"GZIP"`, or `"AUTO"` or None for none.
            reader_func: as of `load`.
            shard_func: as of `save`.
            name: accepted as in TensorFlow.
        """
        what, node = "Dataset.snapshot", self._node
        kind = compression_named(what, None if compression in (None, "AUTO", "NONE") else compression)
        spec = node.structure.element_spec

        def joined(nodes: Sequence[Shard]) -> Node:
            return _joined(what, nodes, reader_func, spec)

        folder = _path(f"{what}: path", path)
        return dataset_of(Snapshot(node, folder, kind, _shard_of(what, node, shard_func), joined))


def _path(what: str, value: Any) -> str:
    """A path that is text, or a tensor of it."""
    return path_text(as_text(bytes(value.numpy())) if isinstance(value, Tensor) else value, what)


def _shard_of(what: str, node: Node, shard_func: Callable[..., Any] | None) -> ShardOf | None:
    if shard_func is None:
        return None
    compiled = compiled_to_integer(f"{what}: shard_func", shard_func, node.structure)

    def shard_of(element: Any) -> int:
        found = integer_of(compiled, element)
        if found < 0:
            raise InvalidArgumentError(f"{what}: shard_func: expected at least 0, got {found}")
        return found

    return shard_of


def _joined(what: str, nodes: Sequence[Shard], reader_func: Callable[..., Any] | None, spec: Any) -> Node:
    """The node of the elements of all files."""
    if reader_func is None and len(nodes) == 1:
        return nodes[0]
    files = Kept([[dataset_of(node)] for node in nodes], single(DatasetSpec(spec)))
    dataset = dataset_of(files)
    found = dataset.interleave(lambda each: each) if reader_func is None else reader_func(dataset)
    if not isinstance(found, DatasetBase):
        raise InvalidTypeError(f"{what}: reader_func: expected a function that returns a Dataset, got {found!r}")
    return found._node


@public("data.experimental")
def save(
    dataset: Dataset,
    path: Any,
    compression: str | None = None,
    shard_func: Callable[..., Any] | None = None,
    checkpoint_args: Any = None,
) -> None:
    """`Dataset.save`, as a function.

    Example:
        >>> import stepwell as sw
        >>> sw.data.experimental.save(sw.data.Dataset.range(2), "/tmp/stepwell_saved_2")
        >>> [int(x) for x in sw.data.experimental.load("/tmp/stepwell_saved_2")]
        [0, 1]
    """
    dataset.save(path, compression, shard_func, checkpoint_args)


@public("data.experimental")
def load(
    path: Any,
    element_spec: Any = None,
    compression: str | None = None,
    reader_func: Callable[..., Any] | None = None,
) -> Dataset:
    """`Dataset.load`, as a function.

    Example:
        >>> import stepwell as sw
        >>> sw.data.Dataset.range(2).save("/tmp/stepwell_saved_3")
        >>> len(sw.data.experimental.load("/tmp/stepwell_saved_3"))
        2
    """
    return Keeping.load(path, element_spec, compression, reader_func)
