"""Every op of `hl` says everything about itself: "no, because" is an answer, silence is not."""

import ast
import inspect
import re
import textwrap

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from xdsl.pattern_rewriter import RewritePattern

import stepwell as sw
from stepwell.compiler.frontend.ops import namespace
from stepwell.dialects.hl.registry import ALL_OPS as OPS
from stepwell.dialects.hl.registry import FAMILIES, HL, STRING_FAMILIES
from stepwell.dialects.hl.rules.base import Because, HLOp
from stepwell.dialects.hl.rules.constraints import dtype_names
from stepwell.dialects.hl.rules.facets import OpCall
from stepwell.testing.sampling import samples

FACETS = ("infer", "evaluate", "gradient", "lower", "onnx", "sample")
MAY_REFUSE = ("gradient", "lower", "onnx")


def _declared(op, facet):
    """Where in the op's family (below HLOp itself) a facet is said, or None."""
    for class_ in op.__mro__:
        if class_ is HLOp:
            return None
        if facet in vars(class_):
            return getattr(op, facet)
    return None


@pytest.mark.parametrize("name", sorted(OPS))
@pytest.mark.parametrize("facet", FACETS)
def test_facet_is_declared(name, facet):
    found = _declared(OPS[name], facet)
    assert found is not None, f"{name} is silent about {facet}"
    if isinstance(found, Because):
        assert facet in MAY_REFUSE, f"{name} has to say {facet}"
        assert len(found.reason.split()) > 1, f"{name}: why not {facet}?"
    else:
        assert inspect.getdoc(found), f"{name}: {facet} has no docstring"


@pytest.mark.parametrize("name", sorted(OPS))
def test_docstring_says_meaning_constraints_and_source(name):
    op = OPS[name]
    text = inspect.cleandoc(vars(op).get("__doc__") or "")
    assert text, f"{name} has no docstring of its own"
    assert re.search(r"^C\d+: ", text, re.MULTILINE), f"{name} numbers no constraint"
    assert "Definition: " in text, f"{name} does not say where its definition is from"


@pytest.mark.parametrize("name", sorted(OPS))
def test_constraints_raised_are_in_the_docstring(name):
    op = OPS[name]
    raised = set(re.findall(r'InferenceError\(\s*"(C\d+)"', inspect.getsource(op)))
    documented = set(re.findall(r"^\s*(C\d+): ", op.__doc__ or "", re.MULTILINE))
    assert raised <= documented, f"{name} raises {sorted(raised - documented)}, which its docstring does not explain"


@pytest.mark.parametrize("name", sorted(OPS))
def test_canonicalizations_are_documented_patterns(name):
    for pattern in OPS[name].CANONICALIZATIONS:
        assert issubclass(pattern, RewritePattern)
        assert inspect.getdoc(pattern)


@pytest.mark.parametrize("name", sorted(OPS))
def test_samples_are_valid(name):
    op = OPS[name]

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(samples(op))
    def check(sample):
        assert len(op.evaluate(sample.operands, sample.attrs)) >= 1

    check()


def test_the_dialect_has_the_ops_of_the_families():
    assert {op.name for op in HL.operations} == set(OPS)
    assert len({family.__name__ for family in (*FAMILIES, *STRING_FAMILIES)}) == len(FAMILIES) + len(STRING_FAMILIES)


@pytest.mark.parametrize("name", sorted(OPS))
def test_dtypes_in_the_docstring_are_those_of_the_op(name):
    op = OPS[name]
    node = ast.parse(textwrap.dedent(inspect.getsource(op))).body[0]
    names = dtype_names(op.accepted())
    assert " or " not in names or names not in ast.get_docstring(node), f"{name}: write {{dtypes}} for {names}"
    assert "{dtypes}" not in op.__doc__
    (stated,) = re.findall(r"^C\d+: the dtype is (.*?)(?:; the result is \w+)?\.$", op.__doc__, re.MULTILINE) or [names]
    assert stated == names


def test_adapters_are_the_rules_they_stand_for():
    assert OPS["hl.exp"].compute is np.exp
    grads = OPS["hl.sub"].gradient(
        namespace(), OpCall((sw.ones([2, 3]), sw.ones([3])), ("z",), {}, (), ()), sw.ones([2, 3])
    )
    assert [grad.numpy().tolist() for grad in grads] == [[[1.0] * 3] * 2, [-2.0] * 3]
