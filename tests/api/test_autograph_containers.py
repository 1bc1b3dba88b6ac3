"""Programs that keep state in objects, lists and dicts, compiled and as plain Python: the same results."""

from __future__ import annotations

import collections
import dataclasses

import pytest
from support.beside_python import INTS, Programs

program = Programs()


class Holder:
    def __init__(self, total):
        self.total = total


@program(INTS)
def attribute_in_branch(x):
    holder = Holder(x)
    if x > 2:
        holder.total = holder.total * 3
    return holder.total


@program(INTS)
def attribute_in_loop(n):
    holder = Holder(n)
    for i in range(n):
        holder.total = holder.total + i
        if holder.total > 10:
            break
    return holder.total


@program(INTS)
def dict_element_in_loop(n):
    state = {"a": 0, "b": n}
    for i in range(n):
        state["a"] = state["a"] + i
        if i > 2:
            state["b"] = state["b"] - 1
    return state["a"] * 100 + state["b"]


@program(INTS)
def tuple_variable(n):
    pair = (0, n)
    for i in range(n):
        pair = (pair[0] + i, pair[1] - 1)
    return pair


@program(INTS)
def dict_variable(n):
    state = {"sum": 0, "rest": [n, 1]}
    while state["rest"][0] > 0:
        state = {"sum": state["sum"] + state["rest"][0], "rest": [state["rest"][0] - 1, 1]}
    return state


@program(INTS)
def appends_to_list(x):
    values = []
    for k in range(3):
        values.append(x + k)
    return values


@program(INTS)
def appends_in_branch(x):
    values = [x]
    if x > 2:
        values.append(x * 2)
    else:
        values.append(-x)
    return values


@program(INTS)
def starred(x):
    a, *rest = [x, x + 1, x + 2]
    if x > 2:
        a, *rest = rest + [a]
    return a, rest


@dataclasses.dataclass
class State:
    total: object
    n: object = 0


@program(INTS)
def dataclass_state(n):
    s = State(n * 0)
    for i in range(n):
        s.total += i
        s.n = s.n + 1
        if s.total > 5:
            break
    return s.total, s.n


@program(INTS)
def namedtuple_state(n):
    T = collections.namedtuple("T", "a b")
    t = T(0, n)
    while t.b > 0:
        t = T(t.a + t.b, t.b - 1)
    return t.a


@program(INTS)
def aug_subscript(n):
    d = {"x": n}
    values = [n, 0]
    for i in range(n):
        d["x"] += i
        values[1] -= 1
        values[0] *= 2
    return d["x"] % 1000, values[0] % 1000, values[1]


@program(INTS)
def set_state(x):
    seen = set()
    for k in range(3):
        seen.add(k)
    if x > 2:
        x = x + len(seen)
    return x


@program(INTS)
def deque_state(x):
    d = collections.deque([x, 1])
    if x > 2:
        d.append(x)
    else:
        d.append(0)
    return list(d)


@program(INTS)
def list_extend_in_branch(x):
    values = [x]
    if x > 2:
        values.extend([x, x])
    else:
        values += [0, 1]
    return values


@program(INTS)
def list_pop_in_loop(x):
    values = [x, x + 1, x + 2]
    s = 0
    while values:
        s = s + values.pop()
    return s


@program(INTS)
def slice_assign(x):
    values = [0, 0, 0]
    values[1:] = [x, x]
    if x > 2:
        values[0] = x
    return values


@program(INTS)
def aug_tensor_attr(x):
    s = State([x])
    if x > 2:
        s.total[0] = x * 2
    return s.total[0]


@program(INTS)
def complex_target(n):
    values = [[0, 0], [0, 0]]
    for i in range(n):
        values[0][1] = values[0][1] + i
        values[1][0] += 1
    return values


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
