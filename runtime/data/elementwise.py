"""Methods of datasets: functions of elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from ...dialects.diagnostics import InvalidArgumentError
from .compiled import Compiled, compiled_to_dataset
from .nodes.mapping import Map, scan
from .nodes.nested import Interleave
from .nodes.transforms import Filter
from .nodes.unique import Unique
from .parameters import DatasetBase, dataset_of
from .resampling import resampled
from .settings import AUTOTUNE, processors
from .structure import structured

if TYPE_CHECKING:
    from .dataset import Dataset


class Elementwise(DatasetBase):
    """Functions of elements, and choices by their values."""

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """A function of each element, which is compiled.

        Args:
            map_func: given the element; its parts one by one, if it is a tuple.
            num_parallel_calls: how many calls run at a time; `AUTOTUNE` is the number of processors.
            deterministic: whether elements stay in order; what the options of the dataset say if None, which is True.
            synchronous: accepted as in TensorFlow.
            use_unbounded_threadpool: accepted as in TensorFlow.
            name: accepted as in TensorFlow.

        Example:
            >>> import stepwell as sw
            >>> list(sw.data.Dataset.range(3).map(lambda x: x * 10).as_numpy_iterator())
            [np.int64(0), np.int64(10), np.int64(20)]
        """
        compiled = Compiled("Dataset.map", map_func, self._node.structure)
        return dataset_of(Map(self._node, compiled, _threads("Dataset.map", num_parallel_calls), deterministic))

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function says True."""
        return dataset_of(Filter(self._node, Compiled("Dataset.filter", predicate, self._node.structure)))

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements before the first for which a function says False."""
        return dataset_of(
            Filter(self._node, Compiled("Dataset.take_while", predicate, self._node.structure), ends=True)
        )

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the datasets that a function returns for each element, one dataset after the other.

        The function is traced once: datasets that it makes of its arguments are made anew for each element.

        Example:
            >>> import stepwell as sw
            >>> windows = sw.data.Dataset.range(5).window(3, shift=2, drop_remainder=True)
            >>> [x.tolist() for x in windows.flat_map(lambda w: w.batch(3)).as_numpy_iterator()]
            [[0, 1, 2], [2, 3, 4]]
        """
        return dataset_of(
            Interleave(self._node, compiled_to_dataset("Dataset.flat_map", map_func, self._node.structure))
        )

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements of the datasets that a function returns for each element, several of which are open at a time.

        Args:
            map_func: given the element, returns a dataset.
            cycle_length: how many datasets are open; the number of processors, if it is left out.
            block_length: how many elements are taken of each in turn; 1 if it is left out.
            num_parallel_calls: where it is given, threads make the next elements of each open dataset.
            deterministic: accepted as in TensorFlow; the order is that of one thread.
            name: accepted as in TensorFlow.
        """
        nested = compiled_to_dataset("Dataset.interleave", map_func, self._node.structure)
        _threads("Dataset.interleave", num_parallel_calls)
        cycle = processors() if cycle_length is None or cycle_length == AUTOTUNE else cycle_length
        block = 1 if block_length is None else block_length
        return dataset_of(Interleave(self._node, nested, cycle, block, num_parallel_calls is not None))

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """What a function of a state and each element returns, besides the next state.

        Example:
            >>> import stepwell as sw
            >>> sums = sw.data.Dataset.range(4).scan(np.int64(0), lambda total, x: (total + x, total + x))
            >>> list(map(int, sums))
            [0, 1, 3, 6]
        """
        return dataset_of(scan(self._node, *structured("Dataset.scan: initial_state", initial_state), scan_func))

    def rejection_resample(
        self,
        class_func: Callable[..., Any],
        target_dist: Any,
        initial_dist: Any = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Pairs of a class and an element, of which some are left out: so classes have the frequencies asked for.

        Args:
            class_func: returns the class of an element, of int32, counted from 0.
            target_dist: the frequency of each class in the result.
            initial_dist: that in this dataset; that of the elements so far if it is left out.
            seed: of the choice, which is not TensorFlow's for the same seed.
            name: accepted as in TensorFlow.

        Example:
            >>> import stepwell as sw
            >>> numbers = sw.data.Dataset.range(8).rejection_resample(lambda x: x % 2, [0.0, 1.0], [0.5, 0.5])
            >>> [(int(label), int(x)) for label, x in numbers]
            [(1, 1), (1, 3), (1, 5), (1, 7)]
        """
        return resampled(self, class_func, target_dist, initial_dist, seed)

    def unique(self, name: str | None = None) -> Dataset:
        """The first of equal elements, which are one component of int32, int64 or string."""
        return dataset_of(Unique(self._node))

    def apply(self, transformation_func: Callable[[Self], Any]) -> Any:
        """What a function returns for this dataset."""
        return transformation_func(self)


def _threads(what: str, num_parallel_calls: int | None) -> int:
    threads = 1 if num_parallel_calls is None else int(num_parallel_calls)
    if threads < 1 and threads != AUTOTUNE:
        raise InvalidArgumentError(f"{what}: num_parallel_calls: expected at least 1, got {threads}")
    return threads
