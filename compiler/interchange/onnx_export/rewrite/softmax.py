"""`Softmax` and `LogSoftmax`, from the greatest element, differences, exponentials and their sum."""

from __future__ import annotations

from typing import ClassVar

from .matching import Found, Op, matches
from .rewriting import Rule, Site


def _shifted(name: str) -> Op:
    return Op("Sub", "x", Op("ReduceMax", "x", "axis", keepdims=1), name=name)


class ToSoftmax(Rule):
    """`exp(x - max)`, divided by its sum; the difference less the logarithm of the sum; the logarithm of a softmax."""

    OPS: ClassVar[tuple[str, ...]] = ("Div", "Mul", "Sub", "Log")
    _POWERS = Op("Exp", _shifted("shifted"), name="powers")
    _SUM = Op("ReduceSum", "powers", "axis", keepdims=1)
    _PATTERNS: ClassVar[tuple[tuple[str, Op], ...]] = (
        ("Softmax", Op("Div", _POWERS, _SUM)),
        ("Softmax", Op("Mul", _POWERS, Op("Reciprocal", _SUM))),
        (
            "LogSoftmax",
            Op("Sub", _shifted("shifted"), Op("Log", Op("ReduceSum", Op("Exp", "shifted"), "axis", keepdims=1))),
        ),
    )

    def rewrite(self, site: Site) -> str | None:
        """The operator, along one axis."""
        for op, pattern in self._PATTERNS:
            for found in matches(site.model, pattern, site.output):
                axis = _axis(site, found)
                if axis is not None:
                    return site.emit(op, [found["x"]], axis=axis)
        return None


def _axis(site: Site, found: Found) -> int | None:
    """The axis as ONNX's operators want it."""
    axes, rank = site.model.array(found["axis"]), site.model.rank(found["x"])
    if axes is None or axes.size != 1 or rank is None:
        return None
    axis = int(axes[0])
    return -1 if axis == rank - 1 else axis


RULES: tuple[Rule, ...] = (ToSoftmax(),)
