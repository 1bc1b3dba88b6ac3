"""Programs that keep state in objects, lists and dicts, compiled and as plain Python: the same results."""

from __future__ import annotations

import pytest

from stepwell.testing.beside_python import INTS, Programs

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


@pytest.mark.parametrize("case", program.cases, ids=str)
def test_compiled_is_python(case, engine):
    case.check(engine)
