"""Methods of datasets: elements put together, and taken apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...compiler.frontend.ops.ragged.splits import splits_dtype
from ...compiler.frontend.values.dispatch import as_tensor
from ...dialects.dtypes import INT64, DTypeLike
from .nodes.batching import Batch, Rebatch, Rows, Unbatch, padded_batch
from .nodes.groups import GroupByWindow, by_functions, by_length
from .nodes.windows import Window
from .parameters import DatasetBase, dataset_of

if TYPE_CHECKING:
    from .dataset import Dataset


class Grouping(DatasetBase):
    """Elements put together to others, and taken apart."""

    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis; the last batch has the rest, unless that is dropped."""
        return dataset_of(Batch(self._node, batch_size, bool(drop_remainder)))

    def ragged_batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        row_splits_dtype: DTypeLike = INT64,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis, as rows of a RaggedTensor where sizes are not known.

        Args:
            batch_size: how many.
            drop_remainder: whether a last batch that is smaller is left out.
            row_splits_dtype: int32 or int64.
            name: accepted as in TensorFlow.

        Example:
            >>> import stepwell as sw
            >>> rows = sw.data.Dataset.range(4).map(lambda n: sw.range(n))
            >>> list(rows.ragged_batch(2))
            [<tf.RaggedTensor [[], [0]]>, <tf.RaggedTensor [[0, 1], [0, 1, 2]]>]
        """
        splits = splits_dtype("Dataset.ragged_batch", row_splits_dtype)
        return dataset_of(Batch(Rows(self._node, splits), batch_size, bool(drop_remainder)))

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """So many elements along a new first axis, each filled up to one shape.

        Args:
            batch_size: how many.
            padded_shapes: what elements are filled up to, in the structure of elements; a size of None or -1 is the
                largest in the batch, as are all that are not known where it is left out.
            padding_values: what they are filled with: a scalar for each component, or one for all; zeros, or empty
                strings, if it is left out.
            drop_remainder: whether a last batch that is smaller is left out.
            name: accepted as in TensorFlow.

        Example:
            >>> import stepwell as sw
            >>> rows = sw.data.Dataset.range(1, 4).map(lambda n: sw.fill([n], n))
            >>> next(iter(rows.padded_batch(3, padding_values=np.int64(-1)))).numpy().tolist()
            [[1, -1, -1], [2, 2, -1], [3, 3, 3]]
        """
        return dataset_of(padded_batch(self._node, batch_size, padded_shapes, padding_values, bool(drop_remainder)))

    def unbatch(self, name: str | None = None) -> Dataset:
        """The parts of each element along its first axis."""
        return dataset_of(Unbatch(self._node))

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """The rows of all batches, in batches of another size, or of several sizes in turn."""
        sizes = as_tensor(batch_size, name="Dataset.rebatch: batch_size").numpy().reshape(-1)
        return dataset_of(Rebatch(self._node, list(sizes), bool(drop_remainder)))

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: bool = False, name: str | None = None
    ) -> Dataset:
        """Elements that follow each other, as datasets: one for each component of the elements.

        Args:
            size: how many elements a window has.
            shift: how many elements after a window the next one begins; `size`, if it is left out.
            stride: at which distance the elements of a window are.
            drop_remainder: whether windows that would be shorter are left out.
            name: accepted as in TensorFlow.

        Example:
            >>> import stepwell as sw
            >>> windows = sw.data.Dataset.range(5).window(3, shift=2)
            >>> [[int(x) for x in window] for window in windows]
            [[0, 1, 2], [2, 3, 4], [4]]
        """
        shift = size if shift is None else shift
        return dataset_of(Window(self._node, size, shift, stride, bool(drop_remainder)))

    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: Any = None,
        window_size_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements of datasets that a function returns for groups of elements of one key.

        Args:
            key_func: returns the key of an element, of int64.
            reduce_func: given a key and the dataset of a group's elements, returns a dataset.
            window_size: how many elements make a group; smaller ones come at the end.
            window_size_func: returns it for a key, where that is given instead.
            name: accepted as in TensorFlow.

        Example:
            >>> import stepwell as sw
            >>> numbers = sw.data.Dataset.range(6)
            >>> pairs = numbers.group_by_window(lambda x: x % 2, lambda key, group: group.batch(2), window_size=2)
            >>> [x.tolist() for x in pairs.as_numpy_iterator()]
            [[0, 2], [1, 3], [4], [5]]
        """
        functions = by_functions(key_func, reduce_func, window_size, window_size_func, self._node.structure)
        return dataset_of(GroupByWindow(self._node, functions))

    def bucket_by_sequence_length(
        self,
        element_length_func: Callable[..., Any],
        bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int],
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Batches of elements of similar length, so that little is filled up.

        Args:
            element_length_func: returns the length of an element, of int32.
            bucket_boundaries: lengths, upwards, at which buckets end; the last bucket has what is as long as the last.
            bucket_batch_sizes: how many elements a batch has, for each bucket: one more than boundaries.
            padded_shapes: as for `padded_batch`.
            padding_values: as for `padded_batch`.
            pad_to_bucket_boundary: whether elements are filled up to one less than the end of their bucket.
            no_padding: whether elements are batched as they are.
            drop_remainder: whether last batches that are smaller are left out.
            name: accepted as in TensorFlow.
        """
        buckets = by_length(
            self._node.structure,
            element_length_func,
            bucket_boundaries,
            bucket_batch_sizes,
            padded_shapes,
            padding_values,
            filled=pad_to_bucket_boundary,
            plain=no_padding,
            drop=bool(drop_remainder),
        )
        return dataset_of(GroupByWindow(self._node, buckets))
