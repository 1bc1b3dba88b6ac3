"""Files and folders: values and errors as TensorFlow 2.21 has them."""

import os
from pathlib import Path

import numpy as np
import pytest

import stepwell as sw

G = sw.io.gfile


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "a.txt").write_text("hello\nwörld\n", encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(b"\xff\x00x")
    (tmp_path / "sub" / "c.txt").write_text("c")
    return str(tmp_path)


@pytest.mark.parametrize("engine", ["eager", "native", "interpreter"])
def test_files_are_strings(folder, engine):
    def read(path):
        return sw.io.read_file(path)

    run = read if engine == "eager" else sw.function(read, engine=engine)
    assert run(sw.constant(f"{folder}/b.bin")).numpy() == b"\xff\x00x"
    with pytest.raises(sw.errors.NotFoundError, match="nothing; No such file or directory"):
        run(sw.constant(f"{folder}/nothing"))
    with pytest.raises(sw.errors.FailedPreconditionError, match="Is a directory"):
        run(sw.constant(folder))
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected one string"):
        run(sw.constant([folder]))


def test_a_function_reads_a_file_each_time_that_it_runs(folder):
    path = f"{folder}/new/file.txt"
    read = sw.function(lambda: sw.io.read_file(path))
    sw.io.write_file(path, "first")
    assert read().numpy() == b"first"
    sw.io.write_file(path, b"second\0")
    assert read().numpy() == b"second\0"


def test_files_that_match(folder):
    found = sw.io.matching_files([f"{folder}/*.txt", f"{folder}/sub/*"]).numpy().tolist()
    assert found == [f"{folder}/{name}".encode() for name in ("a.txt", "sub/c.txt", "sub/deep")]
    assert sw.io.matching_files(f"{folder}/none*").shape == (0,)


MESSAGES = [
    ([1, 2, 3], b'\x08\x03\x12\x04\x12\x02\x08\x03"\x0c\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00'),
    ([[1.5]], b'\x08\x01\x12\x08\x12\x02\x08\x01\x12\x02\x08\x01"\x04\x00\x00\xc0?'),
    (["ab", "c"], b"\x08\x07\x12\x04\x12\x02\x08\x02B\x02abB\x01c"),
    (True, b'\x08\n\x12\x00"\x01\x01'),
    (np.zeros((0, 2), np.float32), b"\x08\x01\x12\x06\x12\x00\x12\x02\x08\x02"),
    (np.array([1.5], np.float16), b'\x08\x13\x12\x04\x12\x02\x08\x01"\x02\x00>'),
]


@pytest.mark.parametrize(("value", "message"), MESSAGES)
def test_messages_are_tensorflows(value, message):
    tensor = sw.convert_to_tensor(value)
    assert sw.io.serialize_tensor(tensor).numpy() == message
    again = sw.io.parse_tensor(message, tensor.dtype)
    assert (again.dtype, again.shape) == (tensor.dtype, tensor.shape)
    assert again.numpy().tolist() == tensor.numpy().tolist()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"\x08\x03\x12\x04\x12\x02\x08\x02\x3a\x03\x05\xff\x01", [5, 255]),  # int_val, packed
        (b"\x08\x03\x12\x04\x12\x02\x08\x03\x38\x07", [7, 7, 7]),  # the last value stands for the others
        (b"\x08\x01\x12\x04\x12\x02\x08\x01\x2d\x00\x00\xc0\x3f", [1.5]),  # float_val
        (b"\x08\x13\x12\x04\x12\x02\x08\x01\x6a\x02\x80\x7c", [1.5]),  # half_val, the bits 0x3e00
    ],
)
def test_values_of_messages_in_other_fields(message, expected):
    dtype = {3: sw.int32, 1: sw.float32, 0x13: sw.float16}[message[1]]
    assert sw.io.parse_tensor(message, dtype).numpy().tolist() == expected


@pytest.mark.parametrize("message", [b"junk", b"", b"\x08\x03\x12\x04\x12\x02\x08\x03", b"\x08\x03\x12\xff"])
def test_what_is_no_message(message):
    with pytest.raises(sw.errors.InvalidArgumentError, match="is no TensorProto"):
        sw.io.parse_tensor(message, sw.int32)


def test_messages_of_another_dtype_or_in_functions():
    message = sw.io.serialize_tensor([1, 2])
    with pytest.raises(sw.errors.InvalidArgumentError, match="expected int32, got float32"):
        sw.io.parse_tensor(message, sw.float32)
    parse = sw.function(lambda text: sw.io.parse_tensor(text, sw.int32))
    assert parse(message).numpy().tolist() == [1, 2]
    texts = sw.data.Dataset.from_tensors(message)
    with pytest.raises(sw.errors.InvalidArgumentError, match="rank of a result of the Python function 'parse_tensor'"):
        texts.map(lambda text: sw.io.parse_tensor(text, sw.int32) + 1)
    rows = texts.map(lambda text: sw.ensure_shape(sw.io.parse_tensor(text, sw.int32), [None]) + 1)
    assert [row.numpy().tolist() for row in rows] == [[2, 3]]
    assert sw.function(lambda x: sw.io.serialize_tensor(x))(sw.constant([1, 2])).numpy() == message.numpy()


def test_what_is_there(folder):
    assert [G.exists(f"{folder}/{name}") for name in ("a.txt", "no", "sub")] == [True, False, True]
    assert G.exists(folder.encode())
    assert G.exists(Path(folder))
    assert [G.isdir(f"{folder}/{name}") for name in ("a.txt", "no", "sub")] == [False, False, True]
    assert G.listdir(folder) == ["a.txt", "b.bin", "sub"]
    assert G.glob([f"{folder}/*.txt", f"{folder}/*/*.txt"]) == [f"{folder}/a.txt", f"{folder}/sub/c.txt"]
    assert [(top[len(folder) :], *rest) for top, *rest in G.walk(f"{folder}/sub", topdown=False)] == [
        ("/sub/deep", [], []),
        ("/sub", ["deep"], ["c.txt"]),
    ]
    found = G.stat(f"{folder}/a.txt")
    assert (found.length, found.is_directory, type(found.mtime_nsec)) == (13, False, int)


def test_what_is_changed(folder):
    G.makedirs(f"{folder}/x/y")
    G.makedirs(f"{folder}/x/y")
    G.mkdir(f"{folder}/x/z")
    G.copy(f"{folder}/a.txt", f"{folder}/x/copy")
    G.rename(f"{folder}/x/copy", f"{folder}/x/moved")
    G.copy(f"{folder}/b.bin", f"{folder}/x/moved", overwrite=True)
    assert Path(folder, "x", "moved").read_bytes() == b"\xff\x00x"
    G.remove(f"{folder}/x/moved")
    assert sorted(os.listdir(f"{folder}/x")) == ["y", "z"]
    G.rmtree(f"{folder}/x")
    assert not G.exists(f"{folder}/x")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda f: G.listdir(f"{f}/no"), sw.errors.NotFoundError),
        (lambda f: G.listdir(f"{f}/a.txt"), sw.errors.NotFoundError),
        (lambda f: G.mkdir(f"{f}/no/x"), sw.errors.NotFoundError),
        (lambda f: G.copy(f"{f}/a.txt", f"{f}/b.bin"), sw.errors.AlreadyExistsError),
        (lambda f: G.copy(f"{f}/no", f"{f}/b.bin"), sw.errors.NotFoundError),
        (lambda f: G.rename(f"{f}/a.txt", f"{f}/b.bin"), sw.errors.AlreadyExistsError),
        (lambda f: G.remove(f"{f}/no"), sw.errors.NotFoundError),
        (lambda f: G.remove(f"{f}/sub"), sw.errors.FailedPreconditionError),
        (lambda f: G.rmtree(f"{f}/no"), sw.errors.NotFoundError),
        (lambda f: G.stat(f"{f}/no"), sw.errors.NotFoundError),
        (lambda f: G.exists(3), TypeError),
        (lambda f: G.exists("gs://bucket/x"), sw.errors.UnimplementedError),
        (lambda f: G.GFile(f"{f}/a.txt", "z"), sw.errors.InvalidArgumentError),
        (lambda f: G.GFile(f"{f}/no").read(), sw.errors.NotFoundError),
        (lambda f: G.GFile(f"{f}/a.txt").write("x"), sw.errors.PermissionDeniedError),
        (lambda f: G.GFile(f"{f}/w", "w").read(), sw.errors.PermissionDeniedError),
        (lambda f: G.GFile(f"{f}/w", "w").write(3), TypeError),
        (lambda f: G.GFile(f"{f}/no/w", "w").write("x"), sw.errors.NotFoundError),
    ],
)
def test_refusals(folder, call, error):
    with pytest.raises(error):
        call(folder)


def test_reading_files(folder):
    path = f"{folder}/a.txt"
    with G.GFile(path) as file:
        assert (file.read(7), file.tell(), file.seek(0), file.read(8), file.size()) == (
            "hello\nw",
            7,
            None,
            "hello\nwö",
            13,
        )
    with G.GFile(path, "rb") as file:
        assert (file.read(1), file.seek(-2, 2), file.read()) == (b"h", None, b"d\n")
    assert list(G.GFile(path)) == G.GFile(path).readlines() == ["hello\n", "wörld\n"]
    assert list(G.GFile(path, "rb")) == [b"hello\n", "wörld\n".encode()]
    assert next(G.GFile(path)) == "hello\n"


def test_writing_files(folder):
    path = f"{folder}/w"
    for mode, texts, expected in (
        ("w", ["ab", "cé"], "abcé".encode()),
        ("a", ["d"], "abcéd".encode()),
        ("wb", [b"\xff", "s"], b"\xffs"),
        ("w", [], b""),
    ):
        with G.GFile(path, mode) as file:
            for text in texts:
                file.write(text)
        assert Path(path).read_bytes() == expected
    with G.GFile(path, "w+") as file:
        file.write("abc")
        file.flush()
        file.seek(1)
        assert file.read() == "bc"
