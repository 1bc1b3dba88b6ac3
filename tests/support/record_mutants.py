"""Damaged files of records, examples and tables: reading them gives what was written, or an error that says where.

`python -m support.record_mutants [count]` runs as many mutations as `make mutated-files` says.
"""

from __future__ import annotations

import gzip
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np

import stepwell as sw

SECONDS = 20
"""How long reading one file may take: all have less than 10 KB."""
MEGABYTES = 1000
"""How much memory reading may add."""


def check_mutants(folder: Path, random: Random, count: int) -> dict[str, int]:
    """Damage files, `count` times, and read them. Returns how many of each kind were refused.

    Raises AssertionError for an exception that is none of stepwell's, a message without the file, an element that was
    never written, and for time or memory that no such file needs.
    """
    kinds = list(KINDS.items())
    refused = dict.fromkeys(KINDS, 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(count):
        name, (make, read, whole) = kinds[number % len(kinds)]
        path = folder / f"{name}.file"
        path.write_bytes(mutated(make(random), random))
        began = time.monotonic()
        refused[name] += _is_refused(str(path), read, whole)
        assert time.monotonic() - began < SECONDS, name
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert added < MEGABYTES, f"reading damaged files added {added:.0f} MB"
    return refused


def _is_refused(path: str, read: Callable[[str], list[object]], whole: bool) -> bool:
    try:
        found = read(path)
    except sw.errors.StepwellError as error:
        assert not whole or path in str(error), f"no name of a file: {error}"
        return True
    known = {b"".join(parts) for parts in _PARTS} | set(_PARTS[0])
    assert not whole or all(element in known for element in found), found
    return False


def mutated(data: bytes, random: Random) -> bytes:
    """Data with one to three changes: bits, bytes, numbers, pieces left out, doubled or cut off."""
    out = bytearray(data)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(out) + 1)
        match random.randrange(6):
            case 0 if out:
                out[place % len(out)] ^= 1 << random.randrange(8)
            case 1:
                del out[place:]
            case 2:
                out[place:place] = random.randbytes(random.randint(1, 9))
            case 3:
                del out[place : place + random.randint(1, 9)]
            case 4:
                out[place : place + 8] = random.choice([b"\xff" * 8, bytes(8), b"\xff\xff\xff\xff\x07\0\0\0"])
            case 5:
                out[place:place] = out[place : place + random.randint(1, 40)]
    return bytes(out)


_PARTS = [[b"", b"a", b"some bytes " * 20, bytes(range(256))]]
"""The records of files."""


def _records(random: Random) -> bytes:
    from stepwell.runtime.data.files.framing import framed

    return b"".join(framed(random.choice(_PARTS[0])) for _ in range(random.randint(1, 6)))


def _read_records(kind: str) -> Callable[[str], list[object]]:
    return lambda path: [record.numpy() for record in sw.data.TFRecordDataset(path, kind)]


def _example(random: Random) -> bytes:
    features = {
        "x": sw.train.Feature(float_list=sw.train.FloatList(value=[random.random() for _ in range(3)])),
        "n": sw.train.Feature(int64_list=sw.train.Int64List(value=[random.getrandbits(40)])),
        "s": sw.train.Feature(bytes_list=sw.train.BytesList(value=[b"text", random.randbytes(20)])),
    }
    return sw.train.Example(features=sw.train.Features(feature=features)).SerializeToString()


def _read_example(path: str) -> list[object]:
    features = {
        "x": sw.io.FixedLenFeature([3], sw.float32),
        "n": sw.io.FixedLenFeature([], sw.int64, 0),
        "s": sw.io.VarLenFeature(sw.string),
    }
    return [sw.io.parse_example([Path(path).read_bytes()], features)]


def _sequence(random: Random) -> bytes:
    steps = [sw.train.Feature(int64_list=sw.train.Int64List(value=[k, k])) for k in range(random.randint(0, 5))]
    lists = sw.train.FeatureLists(feature_list={"k": sw.train.FeatureList(feature=steps)})
    return sw.train.SequenceExample(feature_lists=lists).SerializeToString()


def _read_sequence(path: str) -> list[object]:
    features = {"k": sw.io.FixedLenSequenceFeature([2], sw.int64, allow_missing=True)}
    return [sw.io.parse_single_sequence_example(Path(path).read_bytes(), sequence_features=features)]


def _tensor(random: Random) -> bytes:
    return sw.io.serialize_tensor(random.choice([[1, 2], [[1.5, 2.5]], ["a", "bc"], [True]])).numpy()  # pyright: ignore


def _read_tensor(path: str) -> list[object]:
    return [sw.io.parse_tensor(Path(path).read_bytes(), sw.int32)]


def _table(random: Random) -> bytes:
    names = ["a", '"b,c"', '"d""e"', '"f\ng"']
    return "".join(f"{random.random()},{k},{random.choice(names)}\n" for k in range(random.randint(1, 6))).encode()


def _read_table(path: str) -> list[object]:
    return list(sw.data.experimental.CsvDataset(path, [sw.float32, 0, ""]).as_numpy_iterator())


def _array(random: Random) -> bytes:
    out = BytesIO()
    array = np.arange(random.randint(0, 60)).reshape(-1, 1)
    if random.random() < 0.5:
        np.save(out, array)
    else:
        random.choice([np.savez, np.savez_compressed])(out, x=array, y=array.astype("U3"))
    return out.getvalue()


def _read_array(path: str) -> list[object]:
    return list(sw.data.experimental.NumpyDataset(path).as_numpy_iterator())


KINDS: dict[str, tuple[Callable[[Random], bytes], Callable[[str], list[object]], bool]] = {
    "records": (_records, _read_records(""), True),
    "gzip": (lambda random: gzip.compress(_records(random)), _read_records("GZIP"), True),
    "zlib": (lambda random: zlib.compress(_records(random)), _read_records("ZLIB"), True),
    "example": (_example, _read_example, False),
    "sequence": (_sequence, _read_sequence, False),
    "tensor": (_tensor, _read_tensor, False),
    "table": (_table, _read_table, False),
    "array": (_array, _read_array, False),
}
"""How a file is made, how it is read, and whether it is checked as a whole: each record has a checksum."""


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as name:
        print(check_mutants(Path(name), Random(time.time_ns()), number))
