"""`data.Options`, and what becomes of them: see each attribute for whether it changes anything here."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache, reduce
from typing import Any, get_args, get_type_hints

from ...dialects.diagnostics import InvalidTypeError
from ...dialects.public import public
from .indexed import Indexed
from .node import Iteration, Node
from .settings import Settings, using


@public("data.experimental")
class AutoShardPolicy(enum.IntEnum):
    """How a dataset would be divided between machines; not used, as there is one.

    Example:
        >>> import stepwell as sw
        >>> sw.data.experimental.AutoShardPolicy.OFF.value
        -1
    """

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


@public("data.experimental")
class ExternalStatePolicy(enum.Enum):
    """The treatment of state outside of a dataset that is written to a file; not used.

    Example:
        >>> import stepwell as sw
        >>> sw.data.experimental.ExternalStatePolicy.WARN.value
        0
    """

    WARN = 0
    IGNORE = 1
    FAIL = 2


@public("data.experimental")
class AutotuneAlgorithm(enum.Enum):
    """How numbers of threads would be found; not used.

    Example:
        >>> import stepwell as sw
        >>> sw.data.experimental.AutotuneAlgorithm.DEFAULT.value
        0
    """

    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3
    STAGE_BASED = 4


class _Group:
    """Attributes of given types, each None until it is set."""

    def __setattr__(self, name: str, value: Any) -> None:
        allowed, owner = _kinds(type(self)).get(name), type(self).__name__
        if allowed is None:
            raise AttributeError(f"Cannot set the property {name} on {owner}.")
        if type(value) not in allowed:
            raise InvalidTypeError(f"{owner}: {name}: expected {allowed[0].__name__}, got {value!r}")
        super().__setattr__(name, value)

    def merged(self, other: Any) -> Any:
        """A copy, with what is set in another one."""
        made = type(self)()
        for each in fields(self):  # pyright: ignore[reportArgumentType]
            one, two = getattr(self, each.name), getattr(other, each.name)
            setattr(made, each.name, one.merged(two) if isinstance(one, _Group) else one if two is None else two)
        return made


@cache
def _kinds(group: type[_Group]) -> dict[str, tuple[type, ...]]:
    """The classes that each attribute may be of."""
    return {name: get_args(kind) or (kind,) for name, kind in get_type_hints(group).items()}


@public("data", "data.experimental")
@dataclass
class ThreadingOptions(_Group):
    """Threads of a dataset.

    Attributes:
        private_threadpool_size: the most threads of a `map`, and how many `AUTOTUNE` is.
        max_intra_op_parallelism: changes nothing here: a function of an element runs in one thread.

    Example:
        >>> import stepwell as sw
        >>> options = sw.data.Options()
        >>> options.threading.private_threadpool_size = 2
        >>> sw.data.Dataset.range(3).with_options(options).options().threading.private_threadpool_size
        2
    """

    max_intra_op_parallelism: int | None = None
    private_threadpool_size: int | None = None


@public("data.experimental")
@dataclass
class OptimizationOptions(_Group):
    """Rewrites of pipelines. None of them changes anything here: functions of elements are compiled one by one.

    Example:
        >>> import stepwell as sw
        >>> sw.data.experimental.OptimizationOptions().map_fusion is None
        True
    """

    apply_default_optimizations: bool | None = None
    filter_fusion: bool | None = None
    filter_parallelization: bool | None = None
    inject_prefetch: bool | None = None
    map_and_batch_fusion: bool | None = None
    map_and_filter_fusion: bool | None = None
    map_fusion: bool | None = None
    map_parallelization: bool | None = None
    noop_elimination: bool | None = None
    parallel_batch: bool | None = None
    seq_interleave_prefetch: bool | None = None
    shuffle_and_repeat_fusion: bool | None = None


@public("data.experimental")
@dataclass
class DistributeOptions(_Group):
    """How a dataset is divided between machines; changes nothing here, as there is one.

    Example:
        >>> import stepwell as sw
        >>> options = sw.data.Options()
        >>> options.experimental_distribute.auto_shard_policy = sw.data.experimental.AutoShardPolicy.OFF
    """

    auto_shard_policy: AutoShardPolicy | None = None
    num_devices: int | None = None


@public("data.experimental")
@dataclass
class AutotuneOptions(_Group):
    """How numbers of threads are found. Changes nothing here: `AUTOTUNE` is the number of processors.

    Example:
        >>> import stepwell as sw
        >>> sw.data.experimental.AutotuneOptions().enabled is None
        True
    """

    autotune_algorithm: AutotuneAlgorithm | None = None
    cpu_budget: int | None = None
    enabled: bool | None = None
    initial_parallelism: int | None = None
    min_parallelism: int | None = None
    ram_budget: int | None = None


@public("data")
@dataclass
class Options(_Group):
    """Options of a dataset, for `Dataset.with_options`. What is not set is None.

    Attributes:
        deterministic: False lets a `map` of several threads give elements as they are done; such an iteration has no
            state that checkpoints keep.
        threading: a `ThreadingOptions`.
        autotune: changes nothing here.
        dataset_name: changes nothing here.
        experimental_distribute: changes nothing here.
        experimental_external_state_policy: changes nothing here.
        experimental_optimization: changes nothing here.
        experimental_slack: changes nothing here.
        experimental_symbolic_checkpoint: changes nothing here.
        experimental_warm_start: changes nothing here.
        framework_type: changes nothing here.

    Setting an attribute raises AttributeError for one that there is not, and InvalidTypeError for a value of another
    type.

    Example:
        >>> import stepwell as sw
        >>> options = sw.data.Options()
        >>> options.deterministic = False
        >>> squares = sw.data.Dataset.range(4).map(lambda x: x * x, num_parallel_calls=2).with_options(options)
        >>> sorted(int(x) for x in squares)
        [0, 1, 4, 9]
    """

    autotune: AutotuneOptions = field(default_factory=AutotuneOptions)
    dataset_name: str | None = None
    deterministic: bool | None = None
    experimental_distribute: DistributeOptions = field(default_factory=DistributeOptions)
    experimental_external_state_policy: ExternalStatePolicy | None = None
    experimental_optimization: OptimizationOptions = field(default_factory=OptimizationOptions)
    experimental_slack: bool | None = None
    experimental_symbolic_checkpoint: bool | None = None
    experimental_warm_start: bool | None = None
    framework_type: list[str] | None = None
    threading: ThreadingOptions = field(default_factory=ThreadingOptions)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(_OLD_NAMES.get(name, name), value)

    def __getattr__(self, name: str) -> Any:
        if name in _OLD_NAMES:
            return getattr(self, _OLD_NAMES[name])
        raise AttributeError(f"Options has no property {name}.")

    def merge(self, options: Options) -> Options:
        """Options with what is set in these, and in others, which prevail."""
        return self.merged(options)


_OLD_NAMES = {"experimental_deterministic": "deterministic", "experimental_threading": "threading"}


@dataclass(eq=False)
class WithOptions(Node):
    """The same elements, with options."""

    source: Node
    options: Options

    def __post_init__(self) -> None:
        self.structure = self.source.structure

    def indexed(self) -> Indexed | None:
        return self.source.indexed()

    def text(self) -> str:
        return self.source.text()

    def start(self) -> Iteration:
        return self.source.start()


def options_of(node: Node) -> Options:
    """The options of a dataset: those that were set last prevail."""
    return reduce(Options.merge, _set_in(node), Options())


def _set_in(node: Node) -> Iterator[Options]:
    for source in node.inputs:
        yield from _set_in(source)
    if isinstance(node, WithOptions):
        yield node.options


def started(node: Node) -> Iteration:
    """A new iteration, with the options of the dataset."""
    options = options_of(node)
    threads = options.threading.private_threadpool_size
    with using(Settings(options.deterministic is not False, threads if threads and threads > 0 else None)):
        return node.start()
