"""Random trees of modules, lists, dicts and tuples, with shared objects: saved, and restored into others.

The oracle is copies of the arrays.
"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw

NAMES = st.sampled_from(["a", "b", "_c", "w/x", "é.f", "0"])
LEAVES = st.one_of(
    st.tuples(
        st.just("variable"), st.integers(0, 3), st.sampled_from(["float32", "int64", "bool", "string", "bfloat16"])
    ),
    st.tuples(st.just("shared"), st.integers(0, 2)),
    st.just(("python", 3)),
    st.just(("generator", 0)),
)


def nested(inner):
    return st.one_of(
        st.tuples(st.just("module"), st.dictionaries(NAMES, inner, max_size=3)),
        st.tuples(st.just("dict"), st.dictionaries(NAMES, inner, max_size=3)),
        st.tuples(st.just("list"), st.lists(inner, max_size=3)),
        st.tuples(st.just("tuple"), st.lists(inner, max_size=2)),
    )


TREES = st.tuples(st.just("module"), st.dictionaries(NAMES, st.recursive(LEAVES, nested, max_leaves=10), max_size=4))


class Maker:
    """Makes the objects that a tree describes, with values from a seed; keeps what was made, in order."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.variables = []
        self.shared = [self.variable(3, "float32") for _ in range(3)]

    def variable(self, size, dtype):
        array = self.random.integers(0, 100, size)
        if dtype == "string":
            array = np.array([f"é{value}".encode() for value in array], object)
        self.variables.append(
            sw.Variable(array if dtype == "string" else array.astype(getattr(sw, dtype).as_numpy_dtype))
        )
        return self.variables[-1]

    def made(self, tree):
        kind, value, *rest = tree
        match kind:
            case "variable":
                return self.variable(value, *rest)
            case "shared":
                return self.shared[value]
            case "generator":
                generator = sw.random.Generator.from_seed(int(self.random.integers(1000)))
                self.variables.append(generator.state)
                return generator
            case "list" | "tuple":
                return {"list": list, "tuple": tuple}[kind](map(self.made, value))
            case "dict":
                return {name: self.made(each) for name, each in value.items()}
            case "module":
                return self.filled(sw.Module(), value)
        return value

    def filled(self, module, attributes):
        """A module that gets its attributes one by one."""
        for name, each in attributes.items():
            setattr(module, name, self.made(each))
        return module

    def added(self, module, attributes):
        """A module that gets its attributes empty, and what is in them later."""
        for name, (kind, value, *rest) in attributes.items():
            match kind:
                case "module":
                    setattr(module, name, sw.Module())
                    self.added(getattr(module, name), value)
                case "list":
                    setattr(module, name, [])
                    for each in value:
                        getattr(module, name).append(self.made(each))
                case "dict":
                    setattr(module, name, {})
                    for key, each in value.items():
                        getattr(module, name)[key] = self.made(each)
                case _:
                    setattr(module, name, self.made((kind, value, *rest)))


def arrays(maker, module):
    """The values of what was made, in this order, but of shared ones that are not in the module."""
    lone = [variable for variable in maker.shared if not any(variable is each for each in module.variables)]
    return [variable.numpy() for variable in maker.variables if not any(variable is each for each in lone)]


@settings(max_examples=examples(120), deadline=None)
@given(TREES)
def test_trees_are_restored(tmp_path_factory, tree):
    first = Maker(1)
    module = first.made(tree)
    path = sw.train.Checkpoint(tree=module).save(tmp_path_factory.mktemp("trees") / "c")
    expected = arrays(first, module)
    for variable in first.variables:
        variable.assign(sw.zeros_like(variable) if variable.dtype != sw.string else [""] * variable.shape[0])

    fresh = Maker(2)
    made = fresh.made(tree)
    sw.train.Checkpoint(tree=made).restore(path).assert_consumed()
    check(arrays(fresh, made), expected)

    for way in ("filled", "added"):
        late, maker = sw.Module(), Maker(3)
        status = sw.train.Checkpoint(tree=late).restore(path)
        getattr(maker, way)(late, tree[1])
        status.assert_consumed()
        check(arrays(maker, late), expected)


def check(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype and np.array_equal(one, other)
