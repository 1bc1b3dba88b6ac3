"""The meaning of `scf`: structured control flow, on one lane or on many.

Where a condition or a bound is one value per lane, both sides of an `scf.if` run, each for its lanes, and a loop runs
until the last lane has left it.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from xdsl.dialects import scf
from xdsl.interpreter import PythonValues, ReturnedValues, register_impls
from xdsl.interpreters import scf as xdsl_scf

from .errors import InterpreterError
from .machine import Machine, choose, impl, impl_terminator, is_lanes
from .values import Value


def merge(condition: Value, then: PythonValues, otherwise: PythonValues) -> PythonValues:
    """`then` in the lanes where `condition` holds, else `otherwise`."""
    return tuple(choose(condition, a, b) for a, b in zip(then, otherwise, strict=True))


@register_impls
class ScfFunctions(xdsl_scf.ScfFunctions):
    """xDSL's `scf`, with lanes, `scf.parallel` and loop bounds that are checked."""

    @impl(scf.IfOp)
    def run_if(self, machine: Machine, op: scf.IfOp, args: PythonValues) -> PythonValues:
        """One of the branches; both, where lanes disagree."""
        (condition,) = args
        if not is_lanes(condition):
            return machine.run_ssacfg_region(op.true_region if condition else op.false_region, ())
        if not machine.any_active(condition):
            with machine.lanes(~condition):
                return machine.run_ssacfg_region(op.false_region, ())
        with machine.lanes(condition):
            then = machine.run_ssacfg_region(op.true_region, ())
        if not machine.any_active(~condition):
            return then
        with machine.lanes(~condition):
            return merge(condition, then, machine.run_ssacfg_region(op.false_region, ()))

    @impl(scf.ForOp)
    def run_for(self, machine: Machine, op: scf.ForOp, args: PythonValues) -> PythonValues:
        """The body for each value of the counter."""
        lower, upper, step, *values = args
        machine.check(step > 0, "the step of a loop is not positive")
        if is_lanes(lower) or is_lanes(upper) or is_lanes(step):
            return self._for_with_lanes(machine, op, args)
        carried: PythonValues = tuple(values)
        dtype = lower.dtype.type
        for counter in range(int(lower), int(upper), int(step)):
            carried = machine.run_ssacfg_region(op.body, (dtype(counter), *carried))
        return carried

    def _for_with_lanes(self, machine: Machine, op: scf.ForOp, args: PythonValues) -> PythonValues:
        counter, upper, step, *values = args
        carried: PythonValues = tuple(values)
        while machine.any_active(running := counter < upper):
            with machine.lanes(running):
                after = machine.run_ssacfg_region(op.body, (counter, *carried))
            carried = merge(running, after, carried)
            counter = counter + step
        return carried

    @impl(scf.WhileOp)
    def run_while(self, machine: Machine, op: scf.WhileOp, args: PythonValues) -> PythonValues:
        """The body as long as the condition holds."""
        carried = args
        while True:
            condition, *forwarded = machine.run_ssacfg_region(op.before_region, carried)
            if is_lanes(condition):
                return self._while_with_lanes(machine, op, condition, tuple(forwarded))
            if not condition:
                return tuple(forwarded)
            carried = machine.run_ssacfg_region(op.after_region, tuple(forwarded))

    def _while_with_lanes(
        self, machine: Machine, op: scf.WhileOp, running: Value, results: PythonValues
    ) -> PythonValues:
        forwarded = results
        while machine.any_active(running):
            with machine.lanes(running):
                carried = machine.run_ssacfg_region(op.after_region, forwarded)
                condition, *rest = machine.run_ssacfg_region(op.before_region, carried)
            forwarded = tuple(rest)
            results = merge(running, forwarded, results)
            running = running & condition
        return results

    @impl(scf.ParallelOp)
    def run_parallel(self, machine: Machine, op: scf.ParallelOp, args: PythonValues) -> PythonValues:
        """The body for each point, in row-major order; reductions one after the other."""
        rank = len(op.lowerBound)
        bounds, totals = args[: 3 * rank], list(args[3 * rank :])
        machine.check(np.all(np.array(bounds[2 * rank :]) > 0), "the step of a loop is not positive")
        ranges = [
            range(int(bounds[axis]), int(bounds[rank + axis]), int(bounds[2 * rank + axis])) for axis in range(rank)
        ]
        reduce = op.body.block.last_op
        assert isinstance(reduce, scf.ReduceOp)
        for point in product(*ranges):
            parts = machine.run_ssacfg_region(op.body, tuple(map(np.int64, point)))
            for number, (region, part) in enumerate(zip(reduce.reductions, parts, strict=True)):
                (totals[number],) = machine.run_ssacfg_region(region, (totals[number], part))
        return tuple(totals)

    @impl_terminator(scf.ReduceOp)
    def run_reduce(self, machine: Machine, op: scf.ReduceOp, args: PythonValues) -> object:
        """Leaves the body with what is to be combined."""
        return ReturnedValues(args), ()

    @impl_terminator(scf.ReduceReturnOp)
    def run_reduce_return(self, machine: Machine, op: scf.ReduceReturnOp, args: PythonValues) -> object:
        """Leaves a reduction with its result."""
        return ReturnedValues(args), ()

    @impl(scf.ExecuteRegionOp)
    def run_execute_region(self, machine: Machine, op: scf.ExecuteRegionOp, args: PythonValues) -> PythonValues:
        """The region, once."""
        return machine.run_ssacfg_region(op.region, ())

    @impl(scf.IndexSwitchOp)
    def run_index_switch(self, machine: Machine, op: scf.IndexSwitchOp, args: PythonValues) -> PythonValues:
        """The region of the case, or the default's."""
        (index,) = args
        if is_lanes(index):
            raise InterpreterError("scf.index_switch on one index per element is not supported in a linalg body")
        regions = dict(zip(op.cases.get_values(), op.case_regions, strict=True))
        return machine.run_ssacfg_region(regions.get(int(index), op.default_region), ())


FUNCTIONS = (ScfFunctions(),)
