"""Activations: what formulas of `nn` are, as the operators that ONNX has for them.

ONNX Runtime has most of them for float32 only, so others stay formulas.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .....dialects.dtypes import FLOAT32
from .matching import Found, Number, Op, matches
from .rewriting import PatternRule, Rule, Site


def _positive(x: str) -> Op:
    return Op("Greater", x, 0.0)


def _expm1(x: Op | str, name: str) -> Op:
    """What `hl.expm1` of `x`, which is also called `name`, becomes, by its outermost choice."""
    return Op("Where", Op("Equal", Op("Exp", x), 1.0), name, "_")


class Float32Rule(PatternRule):
    """A rule for values of float32."""

    def rewrite(self, site: Site) -> str | None:
        """Replace the first match that fits."""
        return super().rewrite(site) if site.dtype == FLOAT32 else None


class ToRelu(PatternRule):
    """`max(x, 0)`."""

    OPS: ClassVar[tuple[str, ...]] = ("Max",)
    PATTERNS: ClassVar[tuple[Op, ...]] = (Op("Max", "x", 0.0),)

    def replace(self, site: Site, found: Found) -> str | None:
        """`Relu`, where the result has the shape of `x`."""
        dtype, rank = site.dtype, site.model.rank(site.output)
        if dtype is None or not dtype.is_floating or site.model.rank(found["x"]) != rank or rank is None:
            return None
        zero = next(name for name in site.inputs if name != found["x"])
        array = site.model.array(zero)
        return site.emit("Relu", [found["x"]]) if array is not None and array.size == 1 else None


class ToClip(Rule):
    """`min(max(x, low), high)`, for scalars; the same of a `Relu`; and what `relu6` is."""

    OPS: ClassVar[tuple[str, ...]] = ("Min", "Max", "Where")
    _PATTERNS = (
        Op("Min", Op("Max", "x", "low"), "high"),
        Op("Max", Op("Min", "x", "high"), "low"),
        Op("Min", Op("Relu", "x"), "high"),
        Op("Where", Op("GreaterOrEqual", "x", "high"), "high", Op("Relu", "x")),
    )

    def rewrite(self, site: Site) -> str | None:
        """`Clip`."""
        for pattern in self._PATTERNS:
            for found in matches(site.model, pattern, site.output):
                value = self._clipped(site, found)
                if value is not None:
                    return value
        return None

    def _clipped(self, site: Site, found: Found) -> str | None:
        rank = site.model.rank(site.output)
        names = [found.get("low") or site.constant(0, site.dtype), found["high"]]
        low, high = (site.model.array(name) for name in names)
        if low is None or high is None or low.size != 1 or high.size != 1 or not low.item() <= high.item():
            return None
        if rank is None or site.model.rank(found["x"]) != rank:
            return None
        return site.emit("Clip", [found["x"], *(site.constant(bound.item(), bound.dtype) for bound in (low, high))])


class ToLeakyRelu(Float32Rule):
    """`x` where it is positive, else `alpha * x`."""

    OPS: ClassVar[tuple[str, ...]] = ("Where",)
    PATTERNS: ClassVar[tuple[Op, ...]] = (Op("Where", _positive("x"), "x", Op("Mul", "x", Number("alpha"))),)

    def replace(self, site: Site, found: Found) -> str | None:
        """`LeakyRelu`."""
        return site.emit("LeakyRelu", [found["x"]], alpha=found["alpha"])


class ToElu(Float32Rule):
    """`x` where it is positive, else `alpha * (exp(x) - 1)`."""

    OPS: ClassVar[tuple[str, ...]] = ("Where",)
    _TESTS = (_positive("x"), Op("GreaterOrEqual", "x", 0.0))
    PATTERNS: ClassVar[tuple[Op, ...]] = tuple(
        Op("Where", test, "x", low)
        for test in _TESTS
        for expm1 in (_expm1(Op("Where", test, 0.0, "x", name="low"), "low"), _expm1("x", "x"))
        for low in (expm1, Op("Mul", expm1, Number("alpha")))
    )

    def replace(self, site: Site, found: Found) -> str | None:
        """`Elu`."""
        return site.emit("Elu", [found["x"]], alpha=found.get("alpha", 1.0))


class ToSelu(Float32Rule):
    """A multiple of an `Elu`."""

    OPS: ClassVar[tuple[str, ...]] = ("Mul",)
    PATTERNS: ClassVar[tuple[Op, ...]] = (Op("Mul", Op("Elu", "x", alpha="alpha"), Number("gamma")),)

    def replace(self, site: Site, found: Found) -> str | None:
        """`Selu`, for its own two numbers."""
        if not np.allclose((found["alpha"], found["gamma"]), (1.6732632, 1.0507010), rtol=1e-6):
            return None
        return site.emit("Selu", [found["x"]])


class ToSoftplus(Float32Rule):
    """`relu(x) + log1p(exp(-|x|))`."""

    OPS: ClassVar[tuple[str, ...]] = ("Add",)
    _POWER = Op("Exp", Op("Where", _positive("x"), Op("Neg", "x"), "x"), name="power")
    _LOG1P = Op("Where", Op("Equal", Op("Add", _POWER, 1.0), 1.0), "power", "_")
    PATTERNS: ClassVar[tuple[Op, ...]] = (Op("Add", Op("Relu", "x"), _LOG1P),)

    def replace(self, site: Site, found: Found) -> str | None:
        """`Softplus`."""
        return site.emit("Softplus", [found["x"]])


class ToSoftsign(Float32Rule):
    """`x / (|x| + 1)`."""

    OPS: ClassVar[tuple[str, ...]] = ("Div",)
    PATTERNS: ClassVar[tuple[Op, ...]] = (Op("Div", "x", Op("Add", Op("Abs", "x"), 1.0)),)

    def replace(self, site: Site, found: Found) -> str | None:
        """`Softsign`."""
        return site.emit("Softsign", [found["x"]])


class ToGelu(Float32Rule):
    """`x / 2 * (1 + erf(x / sqrt(2)))`, and the approximation by `tanh`."""

    OPS: ClassVar[tuple[str, ...]] = ("Mul",)
    _CUBIC = Op("Mul", Op("Mul", Op("Mul", "x", "x"), "x"), 0.044715)
    _EXACT = Op("Add", Op("Erf", Op("Mul", "x", 0.5**0.5)), 1.0)
    _BY_TANH = Op("Add", Op("Tanh", Op("Mul", Op("Add", "x", _CUBIC), (2 / np.pi) ** 0.5), name="tanh"), 1.0)
    PATTERNS: ClassVar[tuple[Op, ...]] = tuple(
        pattern
        for inner in (_EXACT, _BY_TANH)
        for pattern in (Op("Mul", Op("Mul", "x", 0.5), inner), Op("Mul", "x", Op("Mul", inner, 0.5)))
    )

    def replace(self, site: Site, found: Found) -> str | None:
        """`Gelu`."""
        return site.emit("Gelu", [found["x"]], approximate="tanh" if "tanh" in found else None)


class ToHardSigmoid(Float32Rule):
    """`relu6(x + 3) / 6`."""

    OPS: ClassVar[tuple[str, ...]] = ("Div", "Mul")
    _INNER = Op("Clip", Op("Add", "x", 3.0), 0.0, 6.0)
    PATTERNS: ClassVar[tuple[Op, ...]] = (Op("Div", _INNER, 6.0), Op("Mul", _INNER, 1 / 6))

    def replace(self, site: Site, found: Found) -> str | None:
        """`HardSigmoid`."""
        return site.emit("HardSigmoid", [found["x"]], alpha=1 / 6, beta=0.5)


class ToHardSwish(Float32Rule):
    """`x * hard_sigmoid(x)`."""

    OPS: ClassVar[tuple[str, ...]] = ("Mul", "Div")
    _INNER = Op("Clip", Op("Add", "x", 3.0), 0.0, 6.0)
    PATTERNS: ClassVar[tuple[Op, ...]] = (
        Op("Mul", "x", Op("HardSigmoid", "x", alpha=1 / 6, beta=0.5)),
        Op("Div", Op("Mul", "x", _INNER), 6.0),
    )

    def replace(self, site: Site, found: Found) -> str | None:
        """`HardSwish`."""
        return site.emit("HardSwish", [found["x"]])


RULES: tuple[Rule, ...] = (
    *(ToClip(), ToRelu(), ToLeakyRelu(), ToElu(), ToSelu(), ToSoftplus(), ToSoftsign(), ToGelu()),
    *(ToHardSigmoid(), ToHardSwish()),
)
