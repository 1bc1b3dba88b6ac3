"""What the entry point of native code takes: arrays that fit exactly; one that is written to is no other one too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.runtime.engines.native.from_hl import compile_hl

DTYPES = {"f32": "float32", "f64": "float64", "i8": "int8", "i1": "bool"}
KINDS = st.tuples(
    st.booleans(), st.sampled_from(sorted(DTYPES)), st.lists(st.sampled_from([0, 1, 2, 3, None]), max_size=3)
)
"""Of an argument: whether it is a Variable, its element type, its sizes, None where they are not known."""


def executable(kinds):
    """A function of such arguments that writes each Variable's own value to it, and returns all arguments."""
    types, lines = [], []
    for number, (variable, element, sizes) in enumerate(kinds):
        tensor = f"tensor<{''.join('?x' if size is None else f'{size}x' for size in sizes)}{element}>"
        types.append((tensor, f"!state.variable<{tensor}>" if variable else tensor))
        name = f"%a{number}"
        if variable:
            lines.append(f"%r{number} = state.read {name} : !state.variable<{tensor}> -> {tensor}")
            lines.append(f"state.assign {name}, %r{number} : !state.variable<{tensor}>, {tensor}")
    parameters = ", ".join(f"%a{number}: {type_}" for number, (_, type_) in enumerate(types))
    values = ", ".join(f"%{'r' if kind[0] else 'a'}{number}" for number, kind in enumerate(kinds))
    results = ", ".join(tensor for tensor, _ in types)
    body = "\n".join(lines)
    end = f"func.return {values} : {results}" if kinds else "func.return"
    return compile_hl(parse_module(f"func.func @main({parameters}) -> ({results}) {{\n{body}\n{end}\n}}", "arguments"))


def array_of(kind, size):
    _, element, sizes = kind
    return np.ones([size if known is None else known for known in sizes], DTYPES[element])


def fits(kinds, arrays):
    """What is expected, from what NumPy says of the arrays."""
    addresses = [array.ctypes.data for array in arrays]
    for (variable, element, sizes), array in zip(kinds, arrays, strict=True):
        if array.dtype != DTYPES[element] or array.ndim != len(sizes):
            return False
        if any(known not in (None, size) for known, size in zip(sizes, array.shape, strict=True)):
            return False
        if not array.flags.c_contiguous or not array.flags.aligned or (variable and not array.flags.writeable):
            return False
        if variable and addresses.count(array.ctypes.data) > 1:
            return False
    return True


def readonly(array):
    array = array.copy()
    array.flags.writeable = False
    return array


CHANGES = [
    lambda array: array,
    lambda array: array.astype("float16"),
    lambda array: array[None],
    lambda array: np.concatenate([array, array]) if array.ndim else array,
    lambda array: np.repeat(array[..., None], 2, -1)[..., 0],
    readonly,
]
"""What is done to an array before it is passed."""


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(KINDS, max_size=5), st.data())
def test_arrays_that_fit_are_taken_and_no_others(kinds, data):
    compiled = executable(kinds)
    for _ in range(6):
        arrays = [array_of(kind, data.draw(st.integers(0, 3))) for kind in kinds]
        if kinds:
            at = data.draw(st.integers(0, len(kinds) - 1))
            arrays[at] = data.draw(st.sampled_from(CHANGES))(arrays[at])
        if len(kinds) > 1 and data.draw(st.booleans()):
            one, other = data.draw(st.permutations(range(len(kinds))))[:2]
            arrays[one] = arrays[other].reshape(arrays[other].shape)
        assert (compiled.entry(*arrays) is not NotImplemented) == fits(kinds, arrays)
    assert compiled.entry(*arrays, np.ones(2)) is NotImplemented


def test_hundreds_of_variables_are_told_apart():
    count = 300
    kinds = [(True, "f32", [2])] * count
    compiled = executable(kinds)
    arrays = [np.full(2, number, np.float32) for number in range(count)]
    results = compiled.entry(*arrays)
    assert [result[0] for result in results] == list(range(count))
    for first, second in ((0, 1), (0, count - 1), (17, 203)):
        shared = list(arrays)
        shared[first] = arrays[second]
        assert compiled.entry(*shared) is NotImplemented


@pytest.mark.parametrize("other", [False, True])
def test_empty_arrays_at_one_address_are_taken(other):
    compiled = executable([(True, "f32", [0]), (other, "f32", [0])])
    whole = np.zeros(3, np.float32)
    assert compiled.entry(whole[:0], whole[:0]) is NotImplemented
    assert [result.shape for result in compiled.run(whole[:0], whole[:0])] == [(0,), (0,)]
