"""Damaged saved models: bytes, fields of the index and words of the texts that are not what they were.

`python -m support.damage COUNT SEED` loads so many in one process, and prints what is wrong with any.
"""

from __future__ import annotations

import copy
import json
import random
import re
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import stepwell as sw
from stepwell.dialects.errors import DataLossError, NotFoundError
from stepwell.runtime.saved_models.index import FILE, write_index

from .saved_programs import PROGRAMS, values_of

_VALUES: list[Any] = [None, True, 0, -1, 1, 3, 2**31, 2**63, 2**70, 0.5, "", "x", "../x", "float64", "tuple", [], {}]
_VALUES += [[0], [[]], {"leaf": {}}, {"value": 1}, {"list": []}, [2**62, 2**62], "__class__", "a\0b", "é" * 300]
_WORDS = ["f32", "f64", "i64", "i1", "!hl.string", "tensor<2xf32>", "tensor<?x?xf32>", "tensor<99999999999xf32>", "%x"]
_WORDS += [
    "arith.constant dense<1.0> : tensor<40000000xf32>",
    "hl.add",
    "hl.sum",
    "func.return",
    "scf.if",
    "{",
    "}",
    "",
]
_WORDS += [
    '"llvm.inttoptr"',
    "host.call",
    "memref<?xf32>",
    "0",
    "-1",
    "99999999999999999999",
    '"',
    "#a = 1",
    "builtin.module",
]


def sealed(folder: Path, index: dict[str, Any]) -> None:
    """Write an index with checksums that fit, as somebody does who means it."""
    content = {name: value for name, value in index.items() if name not in ("checksum", "files")}
    version = {name: content.pop(name) for name in ("format", "version") if name in content}
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != FILE]
    try:
        write_index(folder, {**content, **version}, files)
    except (TypeError, ValueError, UnicodeError):
        (folder / FILE).write_text("{}")


def mutate(folder: Path, draw: random.Random) -> str:
    """Damage the saved model of a folder. Returns what was done."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".onnx")
    kind = draw.choice(["bytes", "sealed bytes", "index", "index", "index", "text", "text"])
    if kind == "index":
        return _mutate_index(folder, draw)
    if kind == "text":
        paths = [path for path in paths if path.suffix == ".mlir"]
    path = draw.choice(paths)
    before = path.read_bytes()
    after = _words(before, draw) if kind == "text" else _bytes(before, draw)
    path.write_bytes(after)
    if kind != "bytes" and path.name != FILE:
        sealed(folder, json.loads((folder / FILE).read_text()))
    return f"{kind} of {path.relative_to(folder)}"


def _bytes(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(data) + 1)
    match draw.randrange(4):
        case 0:
            return data[:place]
        case 1:
            return data[:place] + bytes([draw.randrange(256)]) + data[place:]
        case 2:
            return data[:place] + data[place : place + draw.randrange(1, 40)] * 2 + data[place:]
    if not data:
        return b"x"
    changed = bytearray(data)
    for _ in range(draw.choice([1, 1, 8])):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _words(data: bytes, draw: random.Random) -> bytes:
    words = re.findall(r"\s+|[\w.!?%@#]+|.", data.decode(errors="replace"))
    for _ in range(draw.choice([1, 1, 2, 4])):
        place = draw.randrange(len(words))
        words[place] = draw.choice([draw.choice(_WORDS), draw.choice(words)])
    return "".join(words).encode(errors="replace")


def _mutate_index(folder: Path, draw: random.Random) -> str:
    index = json.loads((folder / FILE).read_text())
    places: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key in range(len(node)) if isinstance(node, list) else list(node):
            places.append((node, key))
            if isinstance(node[key], list | dict):
                collect(node[key])

    collect({name: index[name] for name in ("objects", "graphs", "signatures")})
    done = []
    for _ in range(draw.choice([1, 1, 2])):
        owner, key = draw.choice(places)
        value = draw.choice([draw.choice(_VALUES), copy.deepcopy(draw.choice(places)[0]), _near(owner[key], draw)])
        done.append(f"{key!r}: {owner[key]!r} -> {value!r}"[:300])
        if draw.random() < 0.2 and isinstance(owner, dict) and key in owner and owner is not index:
            owner[f"{key}_"] = owner.pop(key)
            break
        owner[key] = value
    sealed(folder, index)
    return f"index: {'; '.join(done)}"


def _near(value: Any, draw: random.Random) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + draw.choice([-1, 1, 7])
    if isinstance(value, str):
        return value[:-1] if draw.random() < 0.5 else value + draw.choice("_x/.")
    if isinstance(value, list):
        return value[:-1] if draw.random() < 0.5 else value * 2
    return {}


def outcome(folder: Path) -> str:
    """What loading a damaged model comes to: `loaded`, `refused`, or what is wrong."""
    try:
        sw.saved_model.load(folder)
    except (DataLossError, NotFoundError) as error:
        return "refused" if str(error).startswith("saved_model.load: ") else f"unclear: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "loaded"


def make_models(folder: Path) -> None:
    """Save each program to a folder in `folder`, without models of ONNX."""
    for name, program in PROGRAMS.items():
        thing = program.make()
        for call in program.before:
            values_of(thing, call)
        sw.saved_model.save(thing, folder / name, options=sw.saved_model.SaveOptions(onnx=False))


def load_damaged(source: Path, count: int, seed: int) -> list[str]:
    """Load damaged copies of saved models. Returns what is wrong: other outcomes than clear errors."""
    models, wrong = sorted(path.parent for path in source.glob(f"*/{FILE}")), []
    for number in range(seed, seed + count):
        draw = random.Random(number)
        with tempfile.TemporaryDirectory() as folder:
            copied = Path(folder) / "m"
            shutil.copytree(draw.choice(models), copied)
            what = mutate(copied, draw)
            found = outcome(copied)
        if found not in ("loaded", "refused"):
            wrong.append(f"{number}: {what}\n  {found}"[:1500])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return wrong + ([f"{memory:.2f} GiB of memory were used"] if memory > 1 else [])


def main(count: int, seed: int) -> int:
    """Load damaged models, and print what is wrong with any."""
    with tempfile.TemporaryDirectory() as folder:
        make_models(Path(folder))
        wrong = load_damaged(Path(folder), count, seed)
    print("\n".join(wrong) or f"{count} damaged models were loaded or refused as they should be")
    return min(1, len(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
