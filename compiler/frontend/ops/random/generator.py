"""Generators: random numbers from a state that the program holds."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT32, INTS, UINT64, DTypeLike
from .....dialects.hl.truncated_normal import RandomTruncatedNormalOp
from .....dialects.public import public
from ...tracing.tracer import tracing
from ...values.dispatch import as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike, is_tensor
from ...values.variable import Variable
from ..arguments import size_of, times
from ..movement import concat, stack, unstack
from ..select import cast
from ..shape import reshape
from ..slicing import slice
from .algorithm import Algorithm, algorithm_of
from .draws import BLOCKS_EACH, Normal, Request, Uniform, taken, unpredictable
from .rejection import Binomial

_FLOAT32, _INT64 = FLOAT32, INTS[1]
_WORDS = 3


@public("random", "random.experimental")
class Generator:
    """A source of random numbers: a state, whose counter each draw moves on by 256 for each number.

    Args:
        copy_from: a generator to begin like.
        state: what another one's `state` was.
        alg: `"philox"`.

    Attributes:
        state: the Variable with the counter, of two int64, the low half first, and the key.
        algorithm: the number of the algorithm.

    Inside a `function` the state is updated in place, as any Variable.

    Example:
        >>> import stepwell as sw
        >>> sw.random.Generator.from_seed(1234).uniform([2], maxval=100, dtype=sw.int32).numpy().tolist()
        [59, 26]
    """

    def __init__(
        self,
        copy_from: Generator | None = None,
        state: TensorLike | None = None,
        alg: Algorithm | str | int | None = None,
    ):
        if copy_from is not None:
            if state is not None or alg is not None:
                raise InvalidArgumentError("random.Generator: expected copy_from, or state and alg, got both")
            state, alg = copy_from.state.read_value(), copy_from.algorithm
        if state is None or alg is None:
            raise InvalidArgumentError("random.Generator: expected copy_from, or state and alg")
        self.algorithm = algorithm_of("random.Generator", alg)
        self.state = Variable(lambda: _words("random.Generator: state", state), trainable=False, name="generator_state")

    @classmethod
    def from_state(cls, state: TensorLike, alg: Algorithm | str | int) -> Generator:
        """A generator that goes on where the one whose `state` it was would."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_seed(cls, seed: TensorLike, alg: Algorithm | str | int | None = None) -> Generator:
        """A generator of numbers that depend on `seed` alone, an integer of any size or a vector of them."""
        return cls(state=_seeded(seed), alg=Algorithm.PHILOX if alg is None else alg)

    @classmethod
    def from_key_counter(cls, key: TensorLike, counter: TensorLike, alg: Algorithm | str | int) -> Generator:
        """A generator with this key and this counter of two integers."""
        return cls(state=_joined(key, counter), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Algorithm | str | int | None = None) -> Generator:
        """A generator with a state from the operating system."""
        return cls(state=unpredictable(), alg=Algorithm.PHILOX if alg is None else alg)

    @property
    def key(self) -> Tensor:
        """The key of the state."""
        return reshape(slice(self.state, [_WORDS - 1], [1]), [])

    def reset(self, state: TensorLike) -> None:
        """Go on from another state."""
        self.state.assign(_words("Generator.reset: state", state))

    def reset_from_seed(self, seed: TensorLike) -> None:
        """Begin again, as a generator of `seed` does."""
        self.state.assign(_seeded(seed))

    def reset_from_key_counter(self, key: TensorLike, counter: TensorLike) -> None:
        """Go on with another key and counter."""
        self.state.assign(_joined(key, counter))

    def skip(self, delta: TensorLike) -> Tensor:
        """Leave out `delta` numbers. Returns the state before."""
        return taken(self.state, times(size_of("Generator.skip", delta, "delta"), BLOCKS_EACH))

    def _take(self, request: Request) -> Tensor:
        return taken(self.state, times(request.count, BLOCKS_EACH))

    def uniform(
        self,
        shape: ShapeLike,
        minval: TensorLike | None = 0,
        maxval: TensorLike | None = None,
        dtype: DTypeLike = _FLOAT32,
        name: str | None = None,
    ) -> Tensor:
        """Numbers from `minval` up to, without, `maxval` (1 for floats), each as likely; rounding may give `maxval`.

        With None for both, integers have any bits.
        """
        request, distribution = (
            Request.of("Generator.uniform", shape),
            Uniform.of("Generator.uniform", minval, maxval, dtype),
        )
        return distribution.draw(self._take(request), request)

    def uniform_full_int(self, shape: ShapeLike, dtype: DTypeLike = UINT64, name: str | None = None) -> Tensor:
        """Integers of any bits."""
        return self.uniform(shape, None, None, dtype)

    def normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: DTypeLike = _FLOAT32,
        name: str | None = None,
    ) -> Tensor:
        """Numbers of a normal distribution."""
        request, distribution = (
            Request.of("Generator.normal", shape),
            Normal.of("Generator.normal", mean, stddev, dtype),
        )
        return distribution.draw(self._take(request), request)

    def truncated_normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: DTypeLike = _FLOAT32,
        name: str | None = None,
    ) -> Tensor:
        """Numbers of a normal distribution that differ from `mean` by less than two standard deviations."""
        function = "Generator.truncated_normal"
        request = Request.of(function, shape)
        distribution = Normal.of(function, mean, stddev, dtype, RandomTruncatedNormalOp)
        return distribution.draw(self._take(request), request)

    def binomial(
        self,
        shape: ShapeLike,
        counts: TensorLike,
        probs: TensorLike,
        dtype: DTypeLike = INTS[0],
        name: str | None = None,
    ) -> Tensor:
        """How many of `counts` trials succeed, each with the probability `probs`; `shape` ends with that of both."""
        distribution = Binomial("Generator.binomial", shape, counts, probs, dtype)
        return distribution.draw(taken(self.state, distribution.blocks))

    def make_seeds(self, count: int = 1) -> Tensor:
        """Seeds for functions without a state, the columns of a matrix of shape `[2, count]`."""
        keys = self.uniform_full_int([count], _INT64)
        return stack([keys, keys * 0])

    def split(self, count: int = 1) -> list[Generator]:
        """`count` generators of numbers of their own, with new keys."""
        keys = unstack(self.uniform_full_int([count], _INT64), count)
        return [Generator(state=[0, 0, key], alg=self.algorithm) for key in keys]


def _words(what: str, state: TensorLike) -> Tensor:
    """A state as an int64 tensor of three words."""
    words = cast(as_tensor(state if is_tensor(state) else _wrapped(state), name=what), _INT64)
    if words.shape != (_WORDS,):
        raise InvalidArgumentError(f"{what}: expected shape ({_WORDS},), got {words.shape}")
    return words


def _wrapped(value: object) -> object:
    """Ints, in lists or not, as the int64 with the same bits; others as they are."""
    if isinstance(value, list | tuple):
        return [_wrapped(item) for item in value] if not any(map(is_tensor, value)) else value
    if isinstance(value, int) and not isinstance(value, bool):
        return np.array(value & (2**64 - 1), np.uint64).view(np.int64)
    return value


def _seeded(seed: TensorLike) -> Tensor:
    """The state of a seed: an int's 64-bit words, the lowest first; a vector's last words, with zeros before."""
    if isinstance(seed, int):
        seed = [seed >> 64 * word & (2**64 - 1) for word in range(_WORDS)]
    words = cast(as_tensor(seed if is_tensor(seed) else _wrapped(seed), name="from_seed: seed"), _INT64)
    words = reshape(words, [-1])
    size = words.shape[0]
    assert size is not None
    words = slice(words, [0], [min(size, _WORDS)])
    return concat([as_tensor(np.zeros(_WORDS - min(size, _WORDS), np.int64)), words], 0)


def _joined(key: TensorLike, counter: TensorLike) -> Tensor:
    parts = [
        reshape(
            cast(as_tensor(part if is_tensor(part) else _wrapped(part), name=f"from_key_counter: {name}"), _INT64), [-1]
        )
        for name, part in (("counter", counter), ("key", key))
    ]
    for name, part, size in zip(("counter", "key"), parts, (_WORDS - 1, 1)):
        if part.shape != (size,):
            raise InvalidArgumentError(f"from_key_counter: {name}: expected {size} integers, got shape {part.shape}")
    return concat(parts, 0)


@public("random", "random.experimental")
def create_rng_state(seed: TensorLike, alg: Algorithm | str | int) -> Tensor:
    """The state that `Generator.from_seed` begins with.

    Example:
        >>> import stepwell as sw
        >>> sw.random.create_rng_state(1234, "philox").numpy().tolist()
        [1234, 0, 0]
    """
    algorithm_of("create_rng_state", alg)
    return _seeded(seed)


_global: list[Generator] = []


@public("random", "random.experimental")
def get_global_generator() -> Generator:
    """The generator of the process, at first one with a state from the operating system.

    Example:
        >>> import stepwell as sw
        >>> sw.random.set_global_generator(sw.random.Generator.from_seed(5))
        >>> sw.random.get_global_generator().state.numpy().tolist()
        [5, 0, 0]
    """
    if not _global:
        with tracing(None):
            _global.append(Generator.from_non_deterministic_state())
    return _global[0]


@public("random", "random.experimental")
def set_global_generator(generator: Generator) -> None:
    """Let `get_global_generator` return another one."""
    if not isinstance(generator, Generator):
        raise InvalidTypeError(f"set_global_generator: generator: expected a Generator, got {generator!r}")
    _global[:] = [generator]
