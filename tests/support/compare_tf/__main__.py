"""`python -m support.compare_tf [--python PATH] [--calls N] [--seed N] [FUNCTION…]`: compare, and say what differs."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter, defaultdict
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from .calls import Call, calls, recipes
from .compare import TensorFlow, answer, default_python, difference, scale_of
from .known import reason_of
from .messages import encoded

RECORDED = Path(__file__).with_name("recorded.jsonl")
"""What TensorFlow answered to some calls, which the tests make again."""
_SHOWN = 3


def main() -> int:
    """Compare, and print a summary: the exit code is 1 where a difference is not known."""
    parser = argparse.ArgumentParser(prog="python -m support.compare_tf")
    parser.add_argument("functions", nargs="*", help="names of functions; all, where there are none")
    parser.add_argument("--python", default=default_python(), help="the interpreter that has TensorFlow")
    parser.add_argument("--calls", type=int, default=60, help="calls of each function")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", type=int, default=0, help="keep so many answers of each function for the tests")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    made, known, unknown = 0, Counter[str](), defaultdict[str, list[str]](list)
    recorded: list[str] = []
    with TensorFlow(chosen.python) as tensorflow:
        for name, recipe in recipes():
            if chosen.functions and name not in chosen.functions:
                continue
            same: list[str] = []
            for call in drawn(name, recipe, chosen.calls, chosen.seed):
                made += 1
                theirs = tensorflow.answer(call)
                found = difference(answer(call), theirs, scale_of(call))
                reason = reason_of(call, found) if found else None
                if reason is not None:
                    known[reason] += 1
                elif found:
                    unknown[name].append(f"{call} {found}")
                else:
                    same.append(json.dumps(encoded([call.name, call.args, call.options, theirs])))
            recorded += same[max(len(same) - chosen.record, 0) :]
        print(f"{made} calls of {len({name for name, _ in recipes()})} functions, TensorFlow {tensorflow.version}")
    for reason, times in known.most_common():
        print(f"known {times}: {reason}")
    for name, texts in unknown.items():
        print(f"DIFFERENT {name}: {len(texts)}", *(f"    {text}" for text in sorted(texts, key=len)[:_SHOWN]), sep="\n")
    if chosen.record:
        RECORDED.write_text("\n".join([*_others(chosen.functions), *recorded]) + "\n")
    print(f"{sum(map(len, unknown.values()))} differences that are not known, {sum(known.values())} that are")
    return bool(unknown)


def _others(functions: list[str]) -> list[str]:
    """What is recorded of functions other than those that were chosen."""
    lines = RECORDED.read_text().splitlines() if functions else []
    return [line for line in lines if json.loads(line)[0] not in functions]


def drawn(name: str, recipe: object, count: int, seed_: int) -> list[Call]:
    """So many calls of a function."""
    found: list[Call] = []

    @seed(seed_)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=tuple(HealthCheck.__members__.values()),
    )
    @given(calls(name, recipe))  # pyright: ignore[reportArgumentType]
    def collect(call: Call) -> None:
        found.append(call)

    collect()
    return found


if __name__ == "__main__":
    sys.exit(main())
