"""Random numbers that are drawn until one is accepted: each from a stream of blocks of its own.

A `Machine` says in one formula what a step does with two uniform numbers, those of a block. It is run on arrays, whose
elements leave when they are done, and as a loop on scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import f64, i1, i64
from xdsl.ir import Block, SSAValue

from ...emitter import Emitter
from .formula import Number, on_numpy, on_scalars
from .philox import ScalarBlocks, blocks_at

Numbers = Sequence[Number]


MOST_STEPS = 256
"""After as many steps a number is taken as it is: of valid parameters one in four at least is accepted."""


@dataclass(frozen=True)
class Machine:
    """A way to draw one number.

    Attributes:
        start: the values that a step finds at first; the first of them becomes the result.
        step: given two numbers of [0, 1), the parameters and the values of the step before, returns whether to go on,
            whether the two were used, and the new values.
    """

    start: tuple[float, ...]
    step: Callable[[Number, Number, Numbers, Numbers], tuple[Number, Number, Numbers]]

    def _formula(self, parameters: int) -> Callable[..., Sequence[Number]]:
        def step(first: Number, second: Number, *rest: Number) -> Sequence[Number]:
            going, used, values = self.step(first, second, rest[:parameters], rest[parameters:])
            return [going, used, *values]

        return step

    def on_arrays(self, state: np.ndarray, places: np.ndarray, parameters: Sequence[np.ndarray]) -> np.ndarray:
        """A number for each element of the parameters, from the block in `places` on."""
        result, active, steps = np.zeros(len(places)), np.arange(len(places)), 0
        values = [np.full(len(places), value) for value in self.start]
        step = self._formula(len(parameters))
        while len(active):
            words = blocks_at(state, places)
            uniform = [_fraction(*words[at : at + 2]) for at in (0, 2)]
            going, used, *values = on_numpy(step, *uniform, *parameters, *values)
            steps += 1
            going, used = (np.broadcast_to(truth, places.shape) for truth in (going & (steps < MOST_STEPS), used))
            values = [np.broadcast_to(value, places.shape) for value in values]
            result[active[~going]] = values[0][~going]
            active, places = active[going], (places + used.astype(np.uint64))[going]
            values, parameters = ([value[going] for value in each] for each in (values, parameters))
        return result

    def on_scalars(self, e: Emitter, blocks: ScalarBlocks, place: SSAValue, parameters: Sequence[SSAValue]) -> SSAValue:
        """A number, from the block `place` on: an `scf.while`."""
        start = [place, e.constant(0, i64), e.constant(True, i1), *(e.constant(value, f64) for value in self.start)]
        types = [value.type for value in start]
        before, after = Block(arg_types=types), Block(arg_types=types)
        e.at_end(before).add(scf.ConditionOp(before.args[2], *before.args))
        inner = e.at_end(after)
        words = blocks.at(inner, after.args[0])
        uniform = [_scalar_fraction(inner, *words[at : at + 2]) for at in (0, 2)]
        found = on_scalars(inner, self._formula(len(parameters)), *uniform, *parameters, *after.args[3:])
        going, used, *values = found
        place = inner.value(arith.AddiOp(after.args[0], inner.value(arith.ExtUIOp(used, i64))))
        steps = inner.value(arith.AddiOp(after.args[1], inner.constant(1, i64)))
        few = inner.value(arith.CmpiOp(steps, inner.constant(MOST_STEPS, i64), "ult"))
        inner.add(scf.YieldOp(place, steps, inner.value(arith.AndIOp(going, few)), *values))
        return e.add(scf.WhileOp(start, types, [before], [after])).results[3]


def _fraction(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Two words as a float64 of [0, 1)."""
    return ((high << 32 | low) & (2**52 - 1)).astype(np.float64) * 2.0**-52


def _scalar_fraction(e: Emitter, high: SSAValue, low: SSAValue) -> SSAValue:
    wide = e.value(arith.OrIOp(e.value(arith.ShLIOp(high, e.constant(32, i64))), low))
    whole = e.value(arith.SIToFPOp(e.value(arith.AndIOp(wide, e.constant(2**52 - 1, i64))), f64))
    return e.value(arith.MulfOp(whole, e.constant(2.0**-52, f64)))
