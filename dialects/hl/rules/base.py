"""What an `hl` op is: one class that holds everything there is to say about it.

A subclass states, in one block: its docstring (meaning, shapes, dtypes, numbered constraints `C1` …, source of the
definition), `infer` (result types, raising `InferenceError`), `evaluate` (its meaning, on numpy), `CANONICALIZATIONS`,
`gradient`, `lower` (to `linalg`), `onnx` and `sample` (valid instances for tests). Where a rule does not exist the
block says why, with `Because`: `gradient = not_differentiable("it counts")`. A test fails on silence.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

import numpy as np
from xdsl.dialects.builtin import ComplexType, DictionaryAttr, FunctionType, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation, traits_def
from xdsl.parser import Parser
from xdsl.pattern_rewriter import RewritePattern
from xdsl.printer import Printer
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from ...debug import INVALID_INDEX
from ...dtypes import COMPLEX, NUMBERS, DType, dtype_of
from ...emitter import Emitter
from ...memory import check_memory
from ...types import DYNAMIC, is_too_large, shape_of, tensor_type
from .attributes import decode, encode_all
from .batching import BatchCall, Results
from .constraints import with_constraints
from .facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .functions import Functions, Gradients, Value
from .widening import lower_widened

if TYPE_CHECKING:
    from .pairs import Part

Types = Sequence[TensorType[Attribute]]


class InferenceError(Exception):
    """Operand types or attributes that break a constraint of an op.

    Attributes:
        kind: which error it is for users: a kind of `debug.assert`, or `"dtype"`.
        constraint: the number of the constraint in the op's docstring, such as `"C2"`.
        message: what was expected and what was given.
    """

    kind: ClassVar[str] = ""

    def __init__(self, constraint: str, message: str):
        super().__init__(message)
        self.constraint = constraint
        self.message = message


class DTypeError(InferenceError):
    """An operand of a dtype that an op does not take."""

    kind = "dtype"


class IndexRangeError(InferenceError):
    """An index that is out of range."""

    kind = INVALID_INDEX


def check_shape(shape: Sequence[int], dtype: DType) -> None:
    """Check that a result of this shape can exist: `InferenceError` if not, MemoryError if not on this machine."""
    _check_extent(shape, dtype)
    check_memory([None if size == DYNAMIC else size for size in shape], dtype)


def _check_extent(shape: Sequence[int], dtype: DType) -> None:
    if is_too_large(shape, dtype):
        shown = ", ".join("?" if size == DYNAMIC else str(size) for size in shape)
        raise InferenceError(TOO_LARGE, f"a tensor of shape [{shown}] of {dtype.name} is too large")


def _refuse_complex(types: Types) -> None:
    for type_ in types:
        if isinstance(type_.element_type, ComplexType):
            raise DTypeError("C2", f"expected a dtype that is not complex, got {dtype_of(type_).name}")


TOO_LARGE = "size"
"""The constraint of all ops that no result has more than `MAX_BYTES`."""


class HLOp(IRDLOperation):
    """The base of all `hl` ops: tensors in, tensors out, no effects, attributes that are plain Python values."""

    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = ()
    DTYPES: ClassVar[tuple[DType, ...]] = NUMBERS
    """The dtypes that the op computes with or converts to; `{dtypes}` in its docstring becomes their names."""
    CONSTRAINTS: ClassVar[Mapping[str, str]] = {}
    """Constraints of all ops of a family, by number; the docstring of each op gets those that it does not state."""
    EXACT: ClassVar[bool] = True
    """Whether every engine returns the same floats; a test compares the results of those that say so bit by bit."""
    ADDS: ClassVar[str] = ""
    """What the op adds up in an order that is not defined: `"terms"`, `"products"`, or nothing."""
    CHOOSES: ClassVar[bool] = False
    """Whether ONNX Runtime may return 0 for -0, or -0 for 0, where the op chooses among zeros."""
    KEEPS_VALUES: ClassVar[bool] = False
    """Whether results hold nothing but elements of the operands, or their opposites."""
    SIZED_BY_VALUES: ClassVar[bool] = False
    """Whether values of operands decide sizes: generated programs leave them as they are."""
    READS_BITS: ClassVar[bool] = False
    """Whether the bits of a NaN, which engines may choose, decide the result: generated programs leave such ops out."""
    ON_HOST: ClassVar[bool] = False
    """Whether the op takes complex numbers as they are, since it is a host call."""
    COMPLEX: ClassVar[bool] = False
    """Whether operands or results are complex whatever the dtype is: generated programs leave such ops out."""
    STRUCTURED: ClassVar[bool] = False
    """Whether operands are matrices with properties that others have not: tests take samples as they are."""
    TAKES_STRINGS: ClassVar[bool] = False
    """Whether elements may also be strings, which the op moves, as it computes nothing from them."""
    WIDENS: ClassVar[bool] = True
    """Whether float16 and bfloat16 are computed with in float32, and results rounded once, unless it `KEEPS_VALUES`."""
    CHEAP: ClassVar[bool] = False
    """Whether gradients compute results again rather than keep them: it takes about as long as to read them."""
    COMMON: ClassVar[bool] = False
    """Whether most programs of users have the op: generated programs draw these more often."""

    traits = traits_def(Pure())

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__doc__ and isinstance(vars(cls).get("name"), str):
            cls.__doc__ = with_constraints(cls.__doc__, cls.CONSTRAINTS, cls.accepted(), cls._dtype_of_results())

    @classmethod
    def accepted(cls) -> Sequence[DType]:
        """The dtypes that the op takes."""
        takes_complex = cls.has_complex_rule() or cls.ON_HOST
        if not takes_complex or set(COMPLEX) <= set(cls.DTYPES):
            return cls.DTYPES
        return *cls.DTYPES, *COMPLEX

    @classmethod
    def takes(cls, dtype: DType) -> bool:
        """Whether elements may be of that dtype."""
        return dtype in _accepted(cls) or (cls.TAKES_STRINGS and dtype.is_string)

    @classmethod
    def _dtype_of_results(cls) -> DType | None:
        """The one dtype that all results have, whatever the operands have; `None` where there is none."""
        return None

    @classmethod
    @abstractmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The result types for operand types and attributes. Raises `InferenceError`."""

    @classmethod
    def checked_types(cls, types: Types, attrs: Attrs) -> Types:
        """What `infer` says, if tensors can be as large. Raises `InferenceError`."""
        results = cls.infer(types, attrs)
        if not cls.has_complex_rule() and not cls.ON_HOST:
            _refuse_complex(types)
        for result in results:
            _check_extent(shape_of(result), dtype_of(result))
        return results

    @classmethod
    @abstractmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The meaning of the op on concrete arrays of the right dtypes."""

    @classmethod
    def computes_in(cls, dtype: DType) -> DType:
        """The dtype with which the op computes for operands of `dtype`; results are converted once, if that differs."""
        return dtype.accumulates_in if cls.WIDENS and not cls.KEEPS_VALUES else dtype

    @classmethod
    def computed(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The results of `evaluate` for arrays of any dtypes that the op takes: see `computes_in`."""
        dtypes = [dtype_of(x) for x in operands]
        wide = [cls.computes_in(dtype) for dtype in dtypes]
        if wide == dtypes:
            return cls.evaluate(operands, attrs)
        results = cls.evaluate([x.astype(dtype, copy=False) for x, dtype in zip(operands, wide, strict=True)], attrs)
        wanted = [dtype_of(type_) for type_ in cls.infer([tensor_type(x.shape, x.dtype) for x in operands], attrs)]
        with np.errstate(all="ignore"):
            return tuple(x.astype(dtype, copy=False) for x, dtype in zip(results, wanted, strict=True))

    @classmethod
    def wide_types(cls, types: Types) -> list[TensorType[Attribute]] | None:
        """The operand types with which the op computes; `None` where these are `types`."""
        dtypes = [dtype_of(type_) for type_ in types]
        wide = [cls.computes_in(dtype) for dtype in dtypes]
        if wide == dtypes:
            return None
        return [tensor_type(shape_of(type_), dtype) for type_, dtype in zip(types, wide, strict=True)]

    @classmethod
    def compiled_gain(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> float:
        """How many microseconds an eager call with these operands takes less in compiled code than in NumPy.

        Where both round differently it is 0 or infinite, by the operands alone: calls that are equal give equal values.
        """
        return 0.0

    @classmethod
    @abstractmethod
    def gradient(cls, m: Functions, call: OpCall, *grads: Value | None) -> Gradients:
        """Gradients with respect to the operands (`None` where there is none), given those of the results.

        `m` has the public functions by name, so that the rule serves the eager tape, the traced tape and the IR pass.
        """

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """The results for a batch of operands; None where they take a loop over the examples."""
        del b
        return None

    @classmethod
    @abstractmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """Emit the op on the `linalg` level and return the values that replace its results."""

    @classmethod
    def lowering(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """What `lower` emits, on operands of the dtypes that the op computes with."""
        types: Any = [operand.type for operand in op.operands]
        wide = cls.wide_types(types)
        if wide is None:
            return cls.lower(e, op)
        narrow: Any = [result.type for result in op.results]
        inferred = cls.infer(wide, op.attrs())  # pyright: ignore[reportAttributeAccessIssue]
        results = [tensor_type(shape_of(t), dtype_of(i)) for t, i in zip(narrow, inferred, strict=True)]
        return lower_widened(e, op, wide, results, cls.lower)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]] | None:
        """The sizes of the results of an op that is not lowered; `None` where all are those of the first operand."""
        return None

    @staticmethod
    def decompose(e: Emitter, op: Any, operands: Sequence[Part], /) -> Sequence[Part]:
        """What replaces the op where operands are complex: ops on their real and imaginary parts.

        A block that does not say it is of an op that takes no complex numbers.
        """
        raise NoRuleError(f"{op.name} takes no complex numbers")

    @classmethod
    def has_complex_rule(cls) -> bool:
        """Whether the block says `decompose`."""
        return cls.decompose is not HLOp.decompose

    @classmethod
    @abstractmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """Add ONNX nodes for a call whose inputs are names in the graph; return the names of the results."""

    @classmethod
    @abstractmethod
    def sample(cls, s: Sampler) -> Sample:
        """Draw valid operands and attributes for a test."""

    @classmethod
    def build(cls, operands: Sequence[SSAValue], attrs: Attrs | None = None) -> Self:
        """The op on `operands`, its result types inferred. Raises `InferenceError`."""
        attrs = attrs or {}
        types = cls.checked_types([operand.type for operand in operands], attrs)  # pyright: ignore[reportArgumentType]
        return cls.create(operands=operands, result_types=types, properties=encode_all(attrs))

    @classmethod
    def build_for(cls, replaced: Operation, operands: Sequence[SSAValue], attrs: Attrs) -> Self:
        """The op on `operands`, to replace another: its result types stay, for their users, as little as they say."""
        types = [result.type for result in replaced.results]
        inferred = cls.infer([operand.type for operand in operands], attrs)  # pyright: ignore[reportArgumentType]
        assert all(map(compatible, inferred, types)), f"{cls.name}: {inferred} instead of {types}"
        return cls.create(operands=operands, result_types=types, properties=encode_all(attrs))

    def attrs(self) -> dict[str, Any]:
        """The op's attributes as Python values; an absent optional one is not in it."""
        return {name: decode(attr) for name, attr in self.properties.items()}

    def verify_(self) -> None:
        """Check that the result types are compatible with those inferred from the operands."""
        try:
            inferred = self.checked_types([operand.type for operand in self.operands], self.attrs())  # pyright: ignore[reportArgumentType]
        except InferenceError as error:
            raise VerifyException(f"[{self.name} {error.constraint}] {error.message}") from error
        for index, (expected, result) in enumerate(zip(inferred, self.results, strict=True)):
            if not compatible(expected, result.type):
                raise VerifyException(f"[{self.name}] result {index} has type {result.type}, inferred is {expected}")

    def print(self, printer: Printer) -> None:
        """Print `%a, %b {attributes} : (types) -> types`."""
        printer.print_string(" ")
        printer.print_list(self.operands, printer.print_ssa_value)
        shown = self.properties | self.attributes
        if shown:
            printer.print_string(" ")
            printer.print_attribute(DictionaryAttr(shown))
        printer.print_string(" : ")
        printer.print_attribute(FunctionType.from_lists(self.operand_types, self.result_types))

    @property
    def operand_types(self) -> list[Attribute]:
        """The types of the operands."""
        return [operand.type for operand in self.operands]

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        """Parse what `print` prints."""
        start = parser.pos
        unresolved = parser.parse_optional_undelimited_comma_separated_list(
            parser.parse_optional_unresolved_operand, parser.parse_unresolved_operand
        )
        attributes = parser.parse_optional_dictionary_attr_dict()
        parser.parse_punctuation(":")
        type_ = parser.parse_attribute()
        if not isinstance(type_, FunctionType):
            parser.raise_error(f"expected the type of {cls.name} as '(types) -> types'", start)
        operands = parser.resolve_operands(unresolved or [], type_.inputs.data, start)
        known = cls.get_irdl_definition().properties
        return cls.create(
            operands=operands,
            result_types=type_.outputs.data,
            properties={name: attr for name, attr in attributes.items() if name in known},
            attributes={name: attr for name, attr in attributes.items() if name not in known},
        )


@cache
def _accepted(op: type[HLOp]) -> frozenset[DType]:
    return frozenset(op.accepted())


def compatible(a: Attribute, b: Attribute) -> bool:
    """Whether two types agree in dtype and rank, and in each size that both know."""
    if not (isinstance(a, TensorType) and isinstance(b, TensorType)) or a.element_type != b.element_type:
        return False
    sizes_a, sizes_b = shape_of(a), shape_of(b)
    return len(sizes_a) == len(sizes_b) and all(x == y or DYNAMIC in (x, y) for x, y in zip(sizes_a, sizes_b))


@dataclass(frozen=True)
class Because:
    """A rule that an op does not have, and why; calling it raises."""

    what: str
    reason: str

    def __call__(self, *args: object) -> NoReturn:
        """Raise `NoRuleError`: there is no such rule."""
        raise NoRuleError(f"{self.what} because {self.reason}")


class NoRuleError(Exception):
    """An op was asked for a rule that it says it does not have."""


def _because(what: str) -> Callable[[str], staticmethod[..., NoReturn]]:
    return lambda reason: staticmethod(Because(what, reason))


not_differentiable = _because("not differentiable")
"""`gradient = not_differentiable("reason")` in an op's block."""
not_lowered = _because("not lowered")
"""`lower = not_lowered("reason")` in an op's block: the op becomes a host call."""
not_exportable = _because("not exportable")
"""`onnx = not_exportable("reason")` in an op's block."""
