"""Random numbers of distributions that are drawn until one is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, pi
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import TensorType, f64, i64
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def

from ..dtypes import INT64, WIDE_FLOATS, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of
from .normal import waves
from .random import RandomOp
from .rules.base import InferenceError, Types, not_differentiable, not_exportable
from .rules.facets import Attrs, Sample, Sampler
from .rules.float_formulas import log1p
from .rules.formula import Number, on_numpy, on_scalars
from .rules.index_lowering import loops
from .rules.linalg_builder import dims, empty
from .rules.movement_lowering import check_equal, product, reshaped
from .rules.philox import ScalarBlocks
from .rules.rejection import Machine, Numbers

_FLOAT64 = WIDE_FLOATS[1]


def _all(*truths: Number) -> Number:
    """Whether all hold."""
    found = truths[0]
    for truth in truths[1:]:
        found = found.where(truth.where(1.0, 0.0), 0.0) > 0.5
    return found


def _any(*truths: Number) -> Number:
    """Whether one holds."""
    found = truths[0]
    for truth in truths[1:]:
        found = found.where(1.0, truth.where(1.0, 0.0)) > 0.5
    return found


def _not(truth: Number) -> Number:
    return truth.where(0.0, 1.0) > 0.5


def _same(x: Number) -> Number:
    """True: `x` has no say."""
    return (x * 0.0).equals(x * 0.0)


def _counted(number: Number) -> Numbers:
    """What an int64 can be; -1 for what is no number, of parameters that are none."""
    return [(abs(number) < 2.0**63).where(number, -1.0)]


class _RejectionOp(RandomOp):
    """Numbers with parameters of their own. A subclass has `MACHINES`, and says by `choice` which to use.

    The last axes of the result are those of the parameters. All numbers of one element of the parameters follow each
    other, each with a stream of its own.
    """

    CONSTRAINTS: ClassVar[dict[str, str]] = {
        **RandomOp.CONSTRAINTS,
        "C4": "the parameters are of dtype float64, and vectors of one size, which divides the number of results.",
    }
    DTYPES: ClassVar[tuple[DType, ...]] = (INT64,)
    EXACT: ClassVar[bool] = False
    SAME_BITS: ClassVar[tuple[DType, ...]] = ()
    MACHINES: ClassVar[tuple[Machine, Machine]]
    STRIDES: ClassVar[tuple[int, int]] = (256, 256)
    """How many blocks are between the streams that the machines draw from."""
    USED: ClassVar[int] = 1
    """How many of the parameters the machines are given."""

    gradient = not_differentiable("its values are integers")
    onnx = not_exportable("how many random bits a number takes depends on their values")

    @classmethod
    def choice(cls, parameters: Numbers) -> Number:
        """Whether the first machine draws."""
        raise TypeError(f"{cls.name} does not say which machine draws")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`shape` and `dtype`."""
        given = types[1 : 1 + cls.PARAMETERS]
        for type_ in given:
            if dtype_of(type_) != _FLOAT64 or len(shape_of(type_)) != 1:
                raise InferenceError("C4", f"expected a vector of float64, got {type_}")
        if len({shape_of(type_) for type_ in given if shape_of(type_) != (DYNAMIC,)}) > 1:
            raise InferenceError("C4", f"expected vectors of one size, got {', '.join(map(str, given))}")
        return super().infer(types, attrs)

    @classmethod
    def draw(cls, state: np.ndarray, parameters: Sequence[np.ndarray], count: int, dtype: DType) -> np.ndarray:
        """The machines on arrays, each on the numbers that are its own."""
        size = len(parameters[0])
        if any(len(parameter) != size for parameter in parameters):
            raise InferenceError("C4", f"expected vectors of one size, got {[len(each) for each in parameters]}")
        if count % size if size else count:
            raise InferenceError("C4", f"{count} results are not divided by {size} parameters")
        if count == 0:
            return np.zeros(count, dtype.as_numpy_dtype)
        index = np.arange(count)
        stream = (index % size * (count // size) + index // size).astype(np.uint64)
        (chosen,) = on_numpy(lambda *numbers: [cls.choice(numbers)], *parameters)
        result, mine = np.zeros(count), np.broadcast_to(chosen, parameters[0].shape)[index % size]
        for machine, stride, these in zip(cls.MACHINES, cls.STRIDES, (mine, ~mine), strict=True):
            given = [parameter[index[these] % size] for parameter in parameters[: cls.USED]]
            result[these] = machine.on_arrays(state, stream[these] * np.uint64(stride), given)
        return result if dtype == _FLOAT64 else on_numpy(_counted, result)[0].astype(dtype.as_numpy_dtype)

    @classmethod
    def lowered(
        cls,
        e: Emitter,
        blocks: ScalarBlocks,
        parameters: Sequence[SSAValue],
        sizes: Sequence[SSAValue],
        result: TensorType[Attribute],
    ) -> SSAValue:
        """A loop over the numbers, and in it one of the machines."""
        count, (size,) = product(e, sizes), dims(e, parameters[0])
        name = cls.name.removeprefix("hl.")
        for parameter in parameters[1:]:
            check_equal(e, dims(e, parameter)[0], size, f"{name}: expected vectors of one size, got {{0}} and {{1}}")
        each = e.value(arith.DivUIOp(count, e.value(arith.MaxUIOp(size, e.index(1)))))
        covered = e.value(arith.MuliOp(each, size))
        check_equal(e, covered, count, f"{name}: {{1}} results are not divided by the parameters")
        line = TensorType(
            result.element_type, [DYNAMIC if DYNAMIC in shape_of(result) else int(np.prod(shape_of(result)))]
        )

        def body(inner: Emitter, here: list[SSAValue], out: SSAValue) -> SSAValue:
            mine = inner.value(arith.RemUIOp(here[0], size))
            before = inner.value(arith.MuliOp(mine, each))
            stream = inner.value(arith.AddiOp(before, inner.value(arith.DivUIOp(here[0], size))))
            stream = inner.value(arith.IndexCastOp(stream, i64))
            given = [inner.value(tensor.ExtractOp(parameter, [mine], f64)) for parameter in parameters]
            number = cls._number(inner, blocks, stream, given)
            if result.element_type != f64:
                (whole,) = on_scalars(inner, _counted, number)
                number = inner.value(arith.FPToSIOp(whole, i64))
            return inner.value(tensor.InsertOp(number, out, here))

        return reshaped(e, loops(e, [count], empty(e, line, [count]), body), result, sizes)

    @classmethod
    def _number(cls, e: Emitter, blocks: ScalarBlocks, stream: SSAValue, parameters: Sequence[SSAValue]) -> SSAValue:
        """One number: an `scf.if` between the machines."""
        (chosen,) = on_scalars(e, lambda *numbers: [cls.choice(numbers)], *parameters)
        branches = []
        for machine, stride in zip(cls.MACHINES, cls.STRIDES, strict=True):
            block = Block()
            inner = e.at_end(block)
            place = inner.value(arith.MuliOp(stream, inner.constant(stride, i64)))
            inner.add(scf.YieldOp(machine.on_scalars(inner, blocks, place, parameters[: cls.USED])))
            branches.append([block])
        return e.value(scf.IfOp(chosen, [f64], *branches))

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Some parameters, and a few numbers of each."""
        size, each = s.integer(1, 4), s.integer(0, 5)
        given = cls.sample_numbers(s, size)
        return Sample((s.array((3,), INT64), *given), {"shape": (each, size), "dtype": cls.DTYPES[0]})

    @classmethod
    def sample_numbers(cls, s: Sampler, size: int) -> list[np.ndarray]:
        """Valid parameters."""
        raise TypeError(f"{cls.name} does not say what its parameters are")


def _exponential(first: Number, second: Number, parameters: Numbers, values: Numbers) -> tuple[Number, Number, Numbers]:
    done = _same(second)
    return _not(done), done, [-log1p(-second)]


NORMAL, TEST, POWER = 0.0, 1.0, 2.0
"""What the next number of `_gamma` is for: a normal one, a uniform one for the test, one for the power."""


def _gamma(first: Number, second: Number, parameters: Numbers, values: Numbers) -> tuple[Number, Number, Numbers]:
    """Marsaglia and Tsang's method; of a pair of numbers the second is taken first, and the first kept."""
    (alpha,) = parameters
    result, phase, x, has_normal, normal, has_uniform, uniform = values
    is_small, wants_normal, wants_power = alpha < 1.0, phase.equals(NORMAL), phase.equals(POWER)
    kept = wants_normal.where(has_normal, has_uniform) > 0.5
    sine, cosine = waves(first, second, _FLOAT64)
    # 1. A normal number gives a candidate, if it is not too small.
    drawn = kept.where(normal, cosine)
    d = alpha + is_small.where(2.0 / 3.0, -1.0 / 3.0)
    c = 1.0 / 3.0 / d.sqrt()
    x = wants_normal.where(drawn, x)
    root = c * x + 1.0
    v = root * root * root
    # 2. A uniform number accepts it or not; small parameters are raised by 1, which a power makes up for.
    u = kept.where(uniform, second)
    squeezed = u < 1.0 - 0.0331 * (x * x) * (x * x)
    accepted = _any(squeezed, _not(0.5 * x * x + d * (1.0 - v + v.log()) < u.log()))
    powered = result * (u.log() / alpha).exp()
    result = wants_power.where(powered, d * v)
    after_test = accepted.where(is_small.where(POWER, 3.0), NORMAL)
    too_small = _any(root < 0.0, root.equals(0.0))
    next_phase = wants_normal.where(too_small.where(NORMAL, TEST), wants_power.where(3.0, after_test))
    # 3. What was not kept is fetched, and half of it kept.
    left = kept.where(0.0, 1.0)
    has_normal = wants_normal.where(left, has_normal)
    has_uniform = wants_normal.where(has_uniform, left)
    normal = _all(wants_normal, _not(kept)).where(sine, normal)
    uniform = _all(_not(wants_normal), _not(kept)).where(first, uniform)
    return next_phase < 2.5, _not(kept), [result, next_phase, x, has_normal, normal, has_uniform, uniform]


@irdl_op_definition
class RandomGammaOp(_RejectionOp):
    """Numbers of the gamma distribution with scale 1, for each element of `alpha`, which is greater than 0.

    Definition: TensorFlow `StatelessRandomGammaV3`; Marsaglia and Tsang, "A Simple Method for Generating Gamma
    Variables", 2000. Where `alpha` is 1, minus the logarithm of a uniform number.
    """

    name = "hl.random_gamma"
    DTYPES: ClassVar[tuple[DType, ...]] = (_FLOAT64,)
    PARAMETERS: ClassVar[int] = 1
    MACHINES: ClassVar[tuple[Machine, Machine]] = (Machine((0.0,), _exponential), Machine((0.0,) * 7, _gamma))

    alpha = operand_def(TensorType[Attribute])

    gradient = not_differentiable("the derivative of the incomplete gamma function by `alpha` is not here")

    @classmethod
    def choice(cls, parameters: Numbers) -> Number:
        """Where `alpha` is 1."""
        return parameters[0].equals(1.0)

    @classmethod
    def sample_numbers(cls, s: Sampler, size: int) -> list[np.ndarray]:
        """Small ones, large ones and 1."""
        return [np.array([s.choice([0.3, 1.0, 1.5, 40.0]) for _ in range(size)])]


def _knuth(first: Number, second: Number, parameters: Numbers, values: Numbers) -> tuple[Number, Number, Numbers]:
    """Uniform numbers are multiplied until the product is less than the probability of 0 (Knuth, TAOCP 3.4.1)."""
    (rate,) = parameters
    count, product_ = values
    least = (-rate).exp()
    once = product_ * second
    twice = once * first
    goes_on = once > least
    return (
        _all(goes_on, twice > least),
        _same(first),
        [count + goes_on.where((twice > least).where(2.0, 1.0), 0.0), twice],
    )


_TAIL = (
    0.0810614667953272,
    0.0413406959554092,
    0.0276779256849983,
    0.02079067210376509,
    0.0166446911898211,
    0.0138761288230707,
    0.0118967099458917,
    0.0104112652619720,
    0.00925546218271273,
    0.00833056343336287,
)
"""What Stirling's formula for the logarithm of a factorial leaves out, of 0 to 9."""


def _tail(k: Number) -> Number:
    """The same of any integer: a series for those from 10 on."""
    one = k + 1.0
    square = one * one
    found = (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / one
    for number, value in enumerate(_TAIL):
        found = k.equals(float(number)).where(value, found)
    return found


def _log_factorial(k: Number) -> Number:
    one = k + 1.0
    return (k + 0.5) * one.log() - one + 0.5 * log(2 * pi) + _tail(k)


def _ptrs(first: Number, second: Number, parameters: Numbers, values: Numbers) -> tuple[Number, Number, Numbers]:
    """Hörmann's transformed rejection with squeeze, of the Poisson distribution."""
    (rate,) = parameters
    b = 0.931 + 2.53 * rate.sqrt()
    a = -0.059 + 0.02483 * b
    u, v = second - 0.5, first
    shifted = 0.5 - abs(u)
    k = ((2.0 * a / shifted + b) * u + rate + 0.43).floor()
    inside = _all(_not(shifted < 0.07), _not(v > 0.9277 - 3.6224 / (b - 2.0)))
    outside = _any(k < 0.0, _all(shifted < 0.013, v > shifted))
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    score = (v * inverse / (a / (shifted * shifted) + b)).log()
    bound = k * rate.log() - rate - _log_factorial(k)
    accepted = _any(inside, _all(_not(outside), _not(score > bound)))
    return _not(accepted), _same(first), [k]


@irdl_op_definition
class RandomPoissonOp(_RejectionOp):
    """Numbers of the Poisson distribution, for each element of `rate`, which is 0 or more and finite.

    Definition: TensorFlow `RandomPoissonV2`; below 10 D. Knuth's multiplication of uniform numbers, else W. Hörmann,
    "The Transformed Rejection Method for Generating Poisson Random Variables", 1993.
    """

    name = "hl.random_poisson"
    PARAMETERS: ClassVar[int] = 1
    MACHINES: ClassVar[tuple[Machine, Machine]] = (Machine((0.0, 1.0), _knuth), Machine((0.0,), _ptrs))

    rate = operand_def(TensorType[Attribute])

    @classmethod
    def choice(cls, parameters: Numbers) -> Number:
        """Where the rate is less than 10."""
        return parameters[0] < 10.0

    @classmethod
    def sample_numbers(cls, s: Sampler, size: int) -> list[np.ndarray]:
        """Small ones, large ones and 0."""
        return [np.array([s.choice([0.0, 0.3, 4.0, 12.5, 400.0]) for _ in range(size)])]


def _inversion(first: Number, second: Number, parameters: Numbers, values: Numbers) -> tuple[Number, Number, Numbers]:
    """Geometric numbers are added up until the sum is greater than `counts`."""
    counts, probs = parameters
    successes, total = values
    scale = log1p(-probs)
    proper = _all(scale < 0.0, scale > -inf)
    once = total + _ceil(second.log() / scale)
    twice = once + _ceil(first.log() / scale)
    goes_on = _all(proper, _not(once > counts), once < inf)
    further = _all(_not(twice > counts), twice < inf)
    return _all(goes_on, further), _same(first), [successes + goes_on.where(further.where(2.0, 1.0), 0.0), twice]


def _ceil(x: Number) -> Number:
    return -(-x).floor()


def _btrs(first: Number, second: Number, parameters: Numbers, values: Numbers) -> tuple[Number, Number, Numbers]:
    """Hörmann's transformed rejection with squeeze, of the binomial distribution."""
    counts, probs = parameters
    deviation = (counts * probs * (1.0 - probs)).sqrt()
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * probs
    u, v = second - 0.5, first
    shifted = 0.5 - abs(u)
    k = ((2.0 * a / shifted + b) * u + (counts * probs + 0.5)).floor()
    inside = _all(_not(shifted < 0.07), _not(v > 0.92 - 4.2 / b))
    outside = _any(k < 0.0, k > counts)
    score = (v * ((2.83 + 5.1 / b) * deviation) / (a / (shifted * shifted) + b)).log()
    odds, mode = probs / (1.0 - probs), ((counts + 1.0) * probs).floor()
    bound = (
        (mode + 0.5) * ((mode + 1.0) / (odds * (counts - mode + 1.0))).log()
        + (counts + 1.0) * ((counts - mode + 1.0) / (counts - k + 1.0)).log()
        + (k + 0.5) * (odds * (counts - k + 1.0) / (k + 1.0)).log()
        + _tail(mode)
        + _tail(counts - mode)
        - _tail(k)
        - _tail(counts - k)
    )
    accepted = _any(inside, _all(_not(outside), _not(score > bound)))
    return _not(accepted), _same(first), [k]


@irdl_op_definition
class RandomBinomialOp(_RejectionOp):
    """Numbers of the binomial distribution, for each element of `counts` and `probs`, of at most a half.

    W. Hörmann's method draws where `large` is not 0, as it is for products of both of 10 or more, or the product is
    greater than 20.

    Definition: TensorFlow `StatelessRandomBinomial`; sums of geometric numbers, and W. Hörmann, "The Generation of
    Binomial Random Variates", 1993.
    """

    name = "hl.random_binomial"
    PARAMETERS: ClassVar[int] = 3
    USED: ClassVar[int] = 2
    MACHINES: ClassVar[tuple[Machine, Machine]] = (Machine((0.0,), _btrs), Machine((0.0, 0.0), _inversion))
    STRIDES: ClassVar[tuple[int, int]] = (256, 42)

    counts = operand_def(TensorType[Attribute])
    probs = operand_def(TensorType[Attribute])
    large = operand_def(TensorType[Attribute])

    @classmethod
    def choice(cls, parameters: Numbers) -> Number:
        """Where `large` says so, or there would be many sums."""
        counts, probs, large = parameters
        return _any(_not(large.equals(0.0)), counts * probs > 20.0)

    @classmethod
    def sample_numbers(cls, s: Sampler, size: int) -> list[np.ndarray]:
        """Few trials and many."""
        pairs = [s.choice([(0.0, 0.5), (3.0, 0.0), (20.0, 0.1), (100.0, 0.25), (1000.0, 0.4)]) for _ in range(size)]
        counts, probs = map(np.array, zip(*pairs))
        return [counts, probs, np.array(counts * probs >= 10, np.float64)]
