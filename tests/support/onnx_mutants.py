"""Damaged and hostile ONNX files: `python -m support.onnx_mutants [COUNT]` loads that many of them, made at random.

Each has to load or to be an error of stepwell's, within seconds and a gigabyte. Files are loaded in a process of its
own, since one that ends it, or does not end, is what is looked for.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SECONDS = 20
"""How long a file may take."""
MEMORY = 2**30
"""How many bytes more than before the process may use."""
_BATCH = 200
_NUMBERS = [0, 1, -1, 2, 3, 7, 2**31 - 1, -(2**31), 2**31, 2**40, 2**62, 2**63 - 1, -(2**63)]


def seeds() -> list[onnx.ModelProto]:
    """Small models with all kinds of what a file can have."""
    return [_dense(), _convolutional(), _loop(), _branch(), _shapes(), _quantized(), _function(), _recurrent()]


def _model(nodes: list[Any], inputs: list[Any], outputs: list[str], stored: dict[str, Any], **more: Any) -> Any:
    graph = helper.make_graph(
        nodes,
        "g",
        inputs,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in stored.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10, **more)


def _float(name: str, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def _dense() -> Any:
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["a"], "dense", transB=1, alpha=0.5),
        helper.make_node("Softmax", ["a"], ["y"], axis=-1),
    ]
    return _model(nodes, [_float("x", ["n", 4])], ["y"], {"w": _ones(3, 4), "b": _ones(3)})


def _convolutional() -> Any:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], strides=[2, 2], pads=[1, 1, 1, 1], dilations=[1, 1], group=1),
        helper.make_node("MaxPool", ["a"], ["b"], kernel_shape=[2, 2], ceil_mode=1),
        helper.make_node("Pad", ["b", "pads"], ["c"], mode="reflect"),
        helper.make_node("Resize", ["c", "", "scales"], ["d"], mode="cubic"),
        helper.make_node("ConvTranspose", ["d", "t"], ["e"], strides=[2, 2], output_padding=[1, 1]),
        helper.make_node("LRN", ["e"], ["y"], size=3),
    ]
    stored = {
        "w": _ones(2, 1, 3, 3),
        "t": _ones(2, 1, 3, 3),
        "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1]),
        "scales": np.array([1, 1, 2, 2], np.float32),
    }
    return _model(nodes, [_float("x", [1, 1, 9, 9])], ["y"], stored)


def _loop() -> Any:
    body = helper.make_graph(
        [helper.make_node("Add", ["v", "x"], ["w"]), helper.make_node("Identity", ["c"], ["d"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            _float("v", [2]),
        ],
        [helper.make_tensor_value_info("d", TensorProto.BOOL, []), _float("w", [2]), _float("w", [2])],
    )
    nodes = [helper.make_node("Loop", ["m", "", "x"], ["y", "rows"], body=body)]
    return _model(nodes, [_float("x", [2])], ["y", "rows"], {"m": np.int64(5)})


def _branch() -> Any:
    def one(op: str) -> Any:
        return helper.make_graph([helper.make_node(op, ["x"], [op])], op, [], [_float(op, [2])])

    nodes = [
        helper.make_node("ReduceSum", ["x", "axes"], ["s"], keepdims=0),
        helper.make_node("Greater", ["s", "zero"], ["p"]),
        helper.make_node("If", ["p"], ["y"], then_branch=one("Exp"), else_branch=one("Neg")),
    ]
    return _model(nodes, [_float("x", [2])], ["y"], {"axes": np.array([0]), "zero": np.float32(0)})


def _shapes() -> Any:
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "first"], ["n"]),
        helper.make_node("ConstantOfShape", ["shape"], ["z"], value=numpy_helper.from_array(_ones(1))),
        helper.make_node("Expand", ["z", "wide"], ["e"]),
        helper.make_node("Slice", ["e", "first1", "ends", "first1"], ["p"]),
        helper.make_node("Tile", ["p", "ends"], ["t"]),
        helper.make_node("Range", ["first", "n", "step"], ["r"]),
        helper.make_node("Split", ["x"], ["y", "u"], axis=1, num_outputs=2),
        helper.make_node("TopK", ["y", "ends"], ["best", "which"]),
        helper.make_node("Transpose", ["u"], ["v"], perm=[1, 0]),
    ]
    stored = {
        "first": np.int64(0), "first1": np.array([0]), "shape": np.array([2]), "wide": np.array([3, 2]),
        "ends": np.array([1]), "step": np.int64(1),
    }  # fmt: skip
    return _model(nodes, [_float("x", ["n", 4])], ["best", "v", "t", "r"], stored)


def _quantized() -> Any:
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], axis=1),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"], axis=1),
        helper.make_node("Cast", ["d"], ["c"], to=TensorProto.FLOAT8E4M3FN),
        helper.make_node("Cast", ["c"], ["y"], to=TensorProto.FLOAT),
    ]
    return _model(nodes, [_float("x", [2, 3])], ["y"], {"scale": _ones(3), "zero": np.zeros(3, np.uint8)})


def _function() -> Any:
    body = [helper.make_node("Mul", ["a", "a"], ["b"])]
    square = helper.make_function("own", "Square", ["a"], ["b"], body, [helper.make_opsetid("", 21)])
    nodes = [helper.make_node("Square", ["x"], ["y"], domain="own")]
    proto = _model(nodes, [_float("x", [2])], ["y"], {}, functions=[square])
    proto.opset_import.append(helper.make_opsetid("own", 1))
    return proto


def _recurrent() -> Any:
    nodes = [
        helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=2, direction="bidirectional"),
        helper.make_node("Einsum", ["y", "y"], ["z"], equation="abcd,abcd->ac"),
    ]
    return _model(nodes, [_float("x", [3, 1, 2])], ["z"], {"w": _ones(2, 8, 2), "r": _ones(2, 8, 2)})


def mutant(seed: int) -> bytes:
    """A file that is one of the small models, changed at random; the same one for the same seed."""
    random = Random(seed)
    proto = random.choice(_SEEDS)
    kind = random.choice([_flip, _truncate, _splice, _numbers, _names, _numbers, _names])
    return kind(random, proto)


_SEEDS = seeds()


def _flip(random: Random, proto: Any) -> bytes:
    data = bytearray(proto.SerializeToString())
    for _ in range(random.randint(1, 8)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(data)


def _truncate(random: Random, proto: Any) -> bytes:
    data = proto.SerializeToString()
    return data[: random.randrange(len(data))]


def _splice(random: Random, proto: Any) -> bytes:
    data = proto.SerializeToString()
    start, at = random.randrange(len(data)), random.randrange(len(data))
    return data[:at] + data[start : start + random.randint(1, 60)] + data[at:]


def _messages(message: Any) -> list[Any]:
    """A message and all that it holds."""
    found = [message]
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for each in value if field.is_repeated else [value]:
                found += _messages(each)
    return found


def _numbers(random: Random, proto: Any) -> bytes:
    """A number of the file is another one: a size, an axis, a type, a version."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    for _ in range(random.randint(1, 3)):
        places: list[Callable[[], None]] = []
        for message in _messages(copy):
            for field, value in message.ListFields():
                if field.type in (field.TYPE_INT64, field.TYPE_INT32, field.TYPE_ENUM):
                    places.append(lambda m=message, f=field, v=value: _set_number(random, m, f, v))
        random.choice(places)()
    return copy.SerializeToString()


def _set_number(random: Random, message: Any, field: Any, value: Any) -> None:
    number = random.choice(_NUMBERS)
    try:
        if field.is_repeated:
            value[random.randrange(len(value))] = number
        else:
            setattr(message, field.name, number)
    except ValueError:  # it does not fit the field
        return


def _names(random: Random, proto: Any) -> bytes:
    """A name is another one of the file: an input, a result, an operator, an attribute."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    words = {name for node in copy.graph.node for name in [*node.input, *node.output, node.op_type]}
    words |= {"", "Loop", "Scan", "If", "Gather", "Concat", "y", "\ud7ff", "a" * 5000}
    for _ in range(random.randint(1, 3)):
        places: list[Callable[[], None]] = []
        for message in _messages(copy):
            for field, value in message.ListFields():
                if field.type == field.TYPE_STRING:
                    places.append(lambda m=message, f=field, v=value: _set_word(random, m, f, v, sorted(words)))
        random.choice(places)()
    return copy.SerializeToString()


def _set_word(random: Random, message: Any, field: Any, value: Any, words: list[str]) -> None:
    if field.is_repeated:
        value[random.randrange(len(value))] = random.choice(words)
    else:
        setattr(message, field.name, random.choice(words))


def load_all(count: int, first: int = 0) -> tuple[Counter[str], list[str]]:
    """How many files had which outcome, and those that are no clear error: what each did."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    at, end = first, first + count
    context = multiprocessing.get_context("fork")
    while at < end:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_load_some, args=(theirs, at, min(at + _BATCH, end)))
        process.start()
        theirs.close()
        at = _collect(ours, at, min(at + _BATCH, end), counts, wrong)
        process.join(SECONDS)
        process.kill()
    return counts, wrong


def _collect(pipe: Connection, at: int, end: int, counts: Counter[str], wrong: list[str]) -> int:
    """Note what a process tells; the number of the next file."""
    while at < end:
        try:
            if not pipe.poll(2 * SECONDS):
                wrong.append(f"{at}: it does not end")
                return at + 1
            outcome, text = pipe.recv()
        except EOFError:
            wrong.append(f"{at}: it ends the process")
            return at + 1
        counts[outcome] += 1
        if outcome == "wrong":
            wrong.append(f"{at}: {text}")
        at += 1
    return at


def _load_some(pipe: Connection, first: int, end: int) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    for number in range(first, end):
        pipe.send(_outcome(mutant(number)))
    pipe.close()


def _outcome(data: bytes) -> tuple[str, str]:
    import stepwell as sw

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        sw.onnx.load(data)
    except sw.errors.StepwellError as error:
        if isinstance(error.__cause__, MemoryError):
            return "wrong", f"it takes too much memory: {error}"
        return type(error).__name__, str(error)
    except KeyboardInterrupt:
        return "wrong", f"it takes more than {SECONDS} seconds"
    except BaseException as error:
        return "wrong", f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.alarm(0)
    return "loads", ""


def main() -> int:
    """Load files, and print what they were."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    import stepwell as sw

    sw.onnx.load(_SEEDS[0])  # so that processes need not load the modules
    start = time.time()
    counts, wrong = load_all(count)
    for outcome, number in counts.most_common():
        print(f"{outcome:28} {number:6}")
    print("\n".join(wrong))
    print(f"{count} files in {time.time() - start:.0f} s, {len(wrong)} of them are no clear error")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
