# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ContextDecorator
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Protocol, TypeAlias, TypeVar, overload
from xdsl.dialects import func
from xdsl.dialects.builtin import LocationAttr, ModuleOp
from stepwell import Tensor, TensorSpec, Variable
from stepwell.dtypes import DType

Element = TypeVar('Element', covariant=True)
Object = TypeVar('Object')
P = ParamSpec('P')
R = TypeVar('R')
Rest = ParamSpec('Rest')
Target = TypeVar('Target')

class AccidentalHits(NamedTuple):
    """The result of `nn.compute_accidental_hits`."""
    indices: Tensor
    ids: Tensor
    weights: Tensor

class CombinedNonMaxSuppression(NamedTuple):
    """The result of `image.combined_non_max_suppression`."""
    nmsed_boxes: Tensor
    nmsed_scores: Tensor
    nmsed_classes: Tensor
    valid_detections: Tensor

class ConcreteFunction:
    """One trace of a function."""
    module: ModuleOp
    @property
    def function(self) -> func.FuncOp:
        """The graph's function."""
    @property
    def name(self) -> str:
        """The function's name in the IR."""
    @property
    def captures(self) -> list[Tensor | Variable]:
        """The captured Variables and tensors."""
    def own_captures(self) -> list[Tensor | Variable]:
        """The captures for a graph that this one becomes part of, which has states of its own."""
    def keep_captures(self) -> None:
        """Keep the Variables that it uses alive, as a function does that is all that is left of a program."""
    def takes(self, variable: Variable) -> bool:
        """Whether the function takes `variable` from around it."""
    def bound(self, variables: Sequence[Variable]) -> ConcreteFunction:
        """The same graph for other Variables among the arguments: it is compiled once for all of them."""
    def with_captures(self, captures: Sequence[Tensor | Variable]) -> ConcreteFunction:
        """The same graph for other Variables and tensors of the outside, in their order."""
    @property
    def is_closed(self) -> bool:
        """Whether it can run by itself: it uses no tensor of a function around it that is being traced."""
    @property
    def specs(self) -> list[TensorSpec]:
        """The specs of the tensor arguments, in order."""
    @property
    def writes(self) -> frozenset[int]:
        """Which parameters of the graph are Variables that it assigns."""
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call with the tensor arguments of the trace, in order; what is convertible is converted and checked."""
    @property
    def structured_input_signature(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The positional arguments, and those by name; specs represent tensors."""
    @property
    def inputs(self) -> list[Tensor]:
        """The tensor arguments, as values of the trace, which have names, shapes and dtypes."""
    @property
    def outputs(self) -> list[Tensor]:
        """The results, as values of the trace, which have names, shapes and dtypes."""
    @property
    def structured_outputs(self) -> Any:
        """What the function returns; values of the trace represent tensors."""
    @property
    def output_shapes(self) -> Any:
        """The shapes of what the function returns."""
    @property
    def output_dtypes(self) -> Any:
        """The dtypes of what the function returns."""
    @property
    def graph(self) -> FunctionGraph:
        """The graph, which `sw.summary.graph` writes for TensorBoard."""
    @property
    def variables(self) -> tuple[Variable, ...]:
        """The Variables that the function uses."""
    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are trainable."""
    @property
    def captured_inputs(self) -> list[Tensor | Variable]:
        """The Variables and tensors of the outside that the function uses."""
    def pretty_printed_signature(self) -> str:
        """The types of the parameters, of what is returned, and of what is captured, as text."""
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    def call(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The flat results for flat arguments that fit: run, inlined into a trace, or recorded on tapes."""
    def run(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The flat results for concrete arguments, unseen by tapes."""
    @property
    def direct(self) -> Callable[..., object] | None:
        """What a plain call returns for arguments that are just the tensors of this trace; NotImplemented for others."""

@dataclass(frozen=True)
class Culprit:
    """The first step at which the results of a function are not what they are to be. False where there is none."""
    stage: str
    name: str = ...
    step: int = ...
    steps: int = ...
    rewrite: FoundRewrite | None = ...
    op: str | None = ...
    location: LocationAttr | None = ...
    failure: str | None = ...
    exact: bool = ...
    notes: tuple[str, ...] = ...
    runs: int = ...
    def __bool__(self) -> bool: ...
    @property
    def line(self) -> str | None:
        """`file:line:column` of the op in the user's program."""
    def __str__(self) -> str: ...

DTypeLike: TypeAlias = DType | np.dtype | type | str
"""What represents a dtype: one such as `sw.float32`, one of NumPy's, a scalar type, or a name."""

class DatasetIterator(Iterator[Any]):
    """One way through the elements of a dataset."""
    def __iter__(self) -> DatasetIterator: ...
    def indexed(self) -> None:
        """None: the program asks for each element."""
    def __next__(self) -> Any: ...
    @property
    def element_spec(self) -> Any:
        """The shape and dtype of each component of an element."""
    def get_next(self) -> Any:
        """The next element; raises OutOfRangeError at the end."""
    def get_next_as_optional(self) -> Any:
        """The next element as an `Optional`, which has no value at the end."""
    def __del__(self) -> None: ...

class DecodedWav(NamedTuple):
    """A sound."""
    audio: Tensor
    sample_rate: Tensor

class DistortedBoundingBox(NamedTuple):
    """The result of `image.sample_distorted_bounding_box`."""
    begin: Tensor
    size: Tensor
    bboxes: Tensor

@dataclass(frozen=True)
class Explanation:
    """All traces of a function and why each was made; `print` it."""
    function: str
    def __str__(self) -> str: ...

@dataclass(frozen=True)
class FoundRewrite:
    """The application of a pattern that made the difference."""
    rewrite: Rewrite
    number: int
    of: int
    first: int
    def __str__(self) -> str: ...

class Function(Generic[P, R]):
    """A Python function that is traced and compiled when called; made by `sw.function`."""
    engine: str
    input_signature: Sequence[TensorSpec | Sequence[object] | Mapping[str, object]] | None
    def __init__(
        self,
        python_function: Callable[P, R],
        *,
        input_signature: Sequence[TensorSpec | Sequence[object] | Mapping[str, object]] | None = None,
        autograph: bool = True,
        engine: str = 'native',
        name: str | None = None,
        reduce_retracing: bool = True,
        instance: weakref.ref[object] | None = None,
    ) -> None:
        ...
    @property
    def python_function(self) -> Callable[P, R]:
        """The function as written; for a method, bound to its object."""
    @overload
    def __get__(self, instance: None, owner: type) -> Function[P, R]: ...
    @overload
    def __get__(self: Function[Concatenate[Object, Rest], R], instance: Object, owner: type) -> Function[Rest, R]: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the compiled function, tracing it first when no trace fits the arguments."""
    def get_concrete_function(self, *args: object, **kwargs: object) -> ConcreteFunction:
        """The trace for arguments like these; `TensorSpec`s represent tensors of any value."""
    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The types of the parameters, results and captures of each trace, as text."""
    def experimental_get_tracing_count(self) -> int:
        """How many traces were made."""
    @property
    def name(self) -> str:
        """The name of the function in the IR."""
    def explain(self) -> Explanation:
        """Why each trace was made: the argument that differed, where the call was, and what avoids it."""
    def profile(self, *args: object, repeat: int | None = None, **kwargs: object) -> Profile:
        """How long each part of a call with these arguments takes, and which lines of the program it is."""
    def __repr__(self) -> str: ...

@dataclass(frozen=True)
class FunctionGraph:
    """The graph of a traced function: `f.get_concrete_function(…).graph`, which `sw.summary.graph` writes."""
    function: ConcreteFunction
    @property
    def name(self) -> str:
        """The function's name in the IR."""
    @property
    def inputs(self) -> list[Tensor]:
        """The tensor arguments, as values of the trace, which have names, shapes and dtypes."""
    @property
    def outputs(self) -> list[Tensor]:
        """The results, as values of the trace, which have names, shapes and dtypes."""
    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> Any:
        """The graph as a message of `tensorflow.GraphDef`, which TensorBoard draws; TensorFlow cannot run it."""

class LogMatrixDeterminant(NamedTuple):
    """The result of `linalg.slogdet`."""
    sign: Tensor
    log_abs_determinant: Tensor

class Lu(NamedTuple):
    """The result of `linalg.lu`."""
    lu: Tensor
    p: Tensor

class MaxPoolWithArgmax(NamedTuple):
    """The result of `max_pool_with_argmax`."""
    output: Tensor
    argmax: Tensor

class NanGuard(ContextDecorator):
    """What is looked for; made by `nan_guard`."""
    def __init__(self, nan: bool, inf: bool) -> None: ...
    def __enter__(self) -> NanGuard:
        """Look from now on, in this thread."""
    def __exit__(self, *error: object) -> None:
        """Do again as before."""
    def check(self, op_name: str, operands: Sequence[np.ndarray], results: Sequence[np.ndarray]) -> None:
        """Stop if a result of an eager op has such a value and no operand has one."""
    def checked(self, module: ModuleOp) -> ModuleOp:
        """A copy of a traced module that stops likewise."""

class NestedSequence(Protocol[Element]):
    """Lists, tuples and ranges of elements, or of such again; a text is none, since `in` looks for texts only."""
    def __len__(self, /) -> int: ...
    def __getitem__(self, index: int, /) -> Element | NestedSequence[Element]: ...
    def __contains__(self, item: object, /) -> bool: ...
    def __iter__(self, /) -> Iterator[Element | NestedSequence[Element]]: ...
    def count(self, value: Any, /) -> int:
        """How often it has a value."""
    def index(self, value: Any, /) -> int:
        """Where it has a value first."""

@dataclass(frozen=True)
class Profile:
    """Where a function spends its time; printed as a table."""
    name: str
    rows: tuple[ProfileRow, ...]
    seconds: float
    plain_seconds: float
    repeat: int
    def __str__(self) -> str:
        """A line about the whole, and the table, as text."""
    def __rich__(self) -> object:
        """A line about the whole, and the table, for rich."""

@dataclass(frozen=True)
class ProfileRow:
    """A part of a function."""
    what: str
    ops: tuple[str, ...]
    seconds: float
    calls: float

class Qr(NamedTuple):
    """The result of `linalg.qr`."""
    q: Tensor
    r: Tensor

@dataclass(frozen=True)
class Reduction:
    """The result of a reduction."""
    module: ModuleOp
    calls: int
    ops_before: int
    ops_after: int
    is_minimal: bool
    def __str__(self) -> str: ...

@dataclass(frozen=True)
class Rewrite:
    """One application of a pattern."""
    pattern: str
    op: str
    location: LocationAttr
    text: str

class SampledCandidates(NamedTuple):
    """The result of a function that samples classes."""
    sampled_candidates: Tensor
    true_expected_count: Tensor
    sampled_expected_count: Tensor

ShapeLike: TypeAlias = Tensor | SupportsTensor | np.ndarray | int | Sequence[int | Tensor | None]
"""A shape: its sizes, where one may be a tensor, or a tensor of all sizes."""

class SupportsArray(Protocol):
    """An object that NumPy makes an array of."""
    def __array__(self) -> np.ndarray:
        """The array."""

class SupportsTensor(Protocol):
    """An object that represents a tensor, such as a Variable."""
    def __stepwell_tensor__(self) -> Tensor:
        """The tensor that it is used as."""

TensorLike: TypeAlias = Tensor | SupportsTensor | np.ndarray | SupportsArray | (bool | int | float | complex | np.generic) | (str | bytes) | NestedSequence[Tensor | SupportsTensor | np.ndarray | (bool | int | float | complex | np.generic) | (str | bytes)]
"""What functions on tensors accept: tensors, Variables, arrays, numbers, strings, and lists of these."""

class TensorReference(Generic[Target]):
    """A hashable stand-in for one tensor or Variable; equal only to references to the same object."""
    def __init__(self, target: Target) -> None: ...
    def deref(self) -> Target:
        """The tensor or Variable."""
    def __repr__(self) -> str: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...

class TopKV2(NamedTuple):
    """The result of `top_k`."""
    values: Tensor
    indices: Tensor

class Unique(NamedTuple):
    """The result of `unique`."""
    y: Tensor
    idx: Tensor

class UniqueWithCounts(NamedTuple):
    """The result of `unique_with_counts`."""
    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]
