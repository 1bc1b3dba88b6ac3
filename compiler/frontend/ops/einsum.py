"""Einstein's sums: any product of tensors whose axes have names, as transposes, products and sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..values.dispatch import as_tensors
from ..values.tensor import Tensor, TensorLike
from .arguments import Size, check, int64_of, product, size_along, times
from .index import gather
from .index import range as counting
from .linear import matmul
from .logic import equal
from .math import add, multiply
from .reduce import reduce_sum
from .shape import expand_dims, reshape, transpose

_OPTIONS = ("greedy", "optimal", "branch-2", "branch-all", "auto")


@dataclass(frozen=True)
class _Term:
    """A tensor and the names of its axes: letters, and numbers from the last one for axes of an ellipsis."""

    tensor: Tensor
    names: tuple[str, ...]


@public("linalg", top=True)
def einsum(equation: str, *inputs: TensorLike, optimize: str = "greedy", name: str | None = None) -> Tensor:
    """The product of tensors, added up along all axes whose letters are not among those of the result.

    Args:
        equation: letters for the axes of each tensor, and those of the result: `"ij,jk->ik"` is the matrix product.
            Without `->` the result has the letters that occur once, in alphabetical order. `...` represents axes
            that are batches, which broadcast. A letter twice in one tensor is its diagonal.
        inputs: the tensors, of one dtype.
        optimize: not used; products are made from the left to the right.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.einsum("ij,j->i", [[1, 2], [3, 4]], [1, 10]).numpy().tolist()
        [21, 43]
        >>> int(sw.einsum("ii->", [[1, 2], [3, 4]]))
        5
    """
    if optimize not in _OPTIONS:
        raise InvalidArgumentError(f"einsum: optimize: expected one of {', '.join(_OPTIONS)}, got {optimize!r}")
    parts, result = _parsed(equation)
    if len(parts) != len(inputs):
        raise InvalidArgumentError(
            f"einsum: expected {len(parts)} tensors for equation {equation!r}, got {len(inputs)}"
        )
    tensors = as_tensors("einsum", *inputs)
    terms = [_diagonal(_named(equation, part, tensor)) for part, tensor in zip(parts, tensors)]
    batches = max((sum(name.isdigit() for name in term.names) for term in terms), default=0)
    if batches and "..." not in result:
        raise InvalidArgumentError(f"einsum: equation: expected ... in the result of {equation!r}, for {batches} axes")
    wanted = _with_ellipsis(result, batches)
    _check_sizes(terms)
    return _product(terms, wanted)


def _parsed(equation: object) -> tuple[list[str], str]:
    """What stands for each tensor, and for the result."""
    if not isinstance(equation, str):
        raise TypeError(f"einsum: equation: expected a text, got {equation!r}")
    text = "".join(equation.split())
    left, arrow, result = text.partition("->")
    parts = left.split(",")
    for part in [*parts, result]:
        letters = part.replace("...", "", 1)
        if letters and not (letters.isascii() and letters.isalpha()):
            raise InvalidArgumentError(f"einsum: equation: expected letters, commas, ... and ->, got {equation!r}")
    used = "".join(parts).replace("...", "")
    if not arrow:
        result = ("..." if "..." in left else "") + "".join(sorted(c for c in set(used) if used.count(c) == 1))
    letters = result.replace("...", "")
    if len(set(letters)) < len(letters):
        raise InvalidArgumentError(f"einsum: equation: expected each letter once in the result, got {equation!r}")
    unknown = sorted(set(letters) - set(used))
    if unknown:
        raise InvalidArgumentError(f"einsum: equation: no tensor of {equation!r} has {unknown[0]!r}")
    return parts, result


def _with_ellipsis(part: str, count: int) -> tuple[str, ...]:
    """The names of axes, where an ellipsis stands for so many."""
    before, ellipsis, behind = part.partition("...")
    return (*before, *[str(number) for number in range(count, 0, -1) if ellipsis], *behind)


def _named(equation: str, part: str, tensor: Tensor) -> _Term:
    letters = len(part.replace("...", ""))
    if tensor.ndim < letters or (tensor.ndim > letters and "..." not in part):
        text = f"expected {letters} axes for {part!r} in {equation!r}, got shape {tensor.shape}"
        raise InvalidArgumentError(f"einsum: {text}")
    return _Term(tensor, _with_ellipsis(part, tensor.ndim - letters))


def _diagonal(term: _Term) -> _Term:
    """The term with each name once: where two axes have one name, their diagonal."""
    twice = next((name for name in term.names if term.names.count(name) > 1), None)
    if twice is None:
        return term
    first = term.names.index(twice)
    second = term.names.index(twice, first + 1)
    rest = [axis for axis in range(len(term.names)) if axis not in (first, second)]
    _check_equal(twice, size_along(term.tensor, first), size_along(term.tensor, second))
    x = transpose(term.tensor, [*rest, first, second])
    sizes = [size_along(x, axis) for axis in range(x.ndim)]
    places = counting(int64_of(sizes[-1]))
    places = multiply(places, add(int64_of(sizes[-1]), int64_of(1)))
    taken = gather(reshape(x, [*sizes[:-2], times(sizes[-2], sizes[-1])]), places, axis=x.ndim - 2)
    return _diagonal(_Term(taken, (*[term.names[axis] for axis in rest], twice)))


def _check_equal(name: str, a: Size, b: Size) -> None:
    if isinstance(a, int) and isinstance(b, int):
        if a != b:
            raise InvalidArgumentError(f"einsum: {name!r} has the sizes {a} and {b}")
        return
    x, y = int64_of(a), int64_of(b)
    check(equal(x, y), f"einsum: {name!r} has the sizes {{0}} and {{1}}", x, y)


def _check_sizes(terms: Sequence[_Term]) -> None:
    """Axes of one letter have one size; those of an ellipsis broadcast."""
    sizes: dict[str, Size] = {}
    for term in terms:
        for axis, name in enumerate(term.names):
            if name.isdigit():
                continue
            own = size_along(term.tensor, axis)
            if name in sizes:
                _check_equal(name, sizes[name], own)
            if name not in sizes or isinstance(own, int):
                sizes[name] = own


def _product(terms: Sequence[_Term], wanted: Sequence[str]) -> Tensor:
    """The product of all terms, from the left to the right; what no other term has is added up before."""
    reduced = []
    for number, term in enumerate(terms):
        others = {name for other in (*terms[:number], *terms[number + 1 :]) for name in other.names}
        lost = [axis for axis, name in enumerate(term.names) if name not in others and name not in wanted]
        names = tuple(name for axis, name in enumerate(term.names) if axis not in lost)
        reduced.append(_Term(reduce_sum(term.tensor, lost) if lost else term.tensor, names))
    total = reduced[0]
    for number, term in enumerate(reduced[1:], 2):
        later = {name for other in reduced[number:] for name in other.names}
        total = _contracted(total, term, later | set(wanted))
    order = [total.names.index(name) for name in wanted]
    return total.tensor if order == sorted(order) else transpose(total.tensor, order)


def _contracted(a: _Term, b: _Term, kept: set[str]) -> _Term:
    """The product of two terms, added up along the axes of both that are not kept."""
    common = [name for name in a.names if name in b.names]
    batch = [name for name in common if name in kept]
    summed = [name for name in common if name not in kept]
    own, other = [name for name in a.names if name not in common], [name for name in b.names if name not in common]
    if not summed or not (own or other):
        names = [*batch, *own, *other, *summed]
        result = multiply(_spread(a, names), _spread(b, names))
        kept_names = tuple(names[: len(names) - len(summed)])
        return _Term(reduce_sum(result, list(range(len(kept_names), len(names)))) if summed else result, kept_names)
    left, left_turned = _matrices(a, batch, own, summed)
    right, right_turned = _matrices(b, batch, summed, other)
    result = matmul(left, right, transpose_a=left_turned, transpose_b=right_turned)
    sizes = [size_along(result, axis) for axis in range(len(batch))]
    sizes += [_size_of(a, name) for name in own] + [_size_of(b, name) for name in other]
    return _Term(reshape(result, sizes), (*batch, *own, *other))


def _size_of(term: _Term, name: str) -> Size:
    return size_along(term.tensor, term.names.index(name))


def _spread(term: _Term, names: Sequence[str]) -> Tensor:
    """The tensor with its axes in the order of `names`, and of size 1 where it has none."""
    order = [term.names.index(name) for name in names if name in term.names]
    x = term.tensor if order == sorted(order) else transpose(term.tensor, order)
    for axis, name in enumerate(names):
        if name not in term.names:
            x = expand_dims(x, axis)
    return x


def _matrices(term: _Term, batch: Sequence[str], rows: Sequence[str], columns: Sequence[str]) -> tuple[Tensor, bool]:
    """Matrices of all axes that are rows and all that are columns; transposed ones if the axes are in that order."""
    turned = list(term.names) == [*batch, *columns, *rows] and list(term.names) != [*batch, *rows, *columns]
    names = [*batch, *(columns if turned else rows), *(rows if turned else columns)]
    sizes = [_size_of(term, name) for name in batch]
    for group in (columns, rows) if turned else (rows, columns):
        sizes.append(product([_size_of(term, name) for name in group]))
    return reshape(_spread(term, names), sizes), turned
