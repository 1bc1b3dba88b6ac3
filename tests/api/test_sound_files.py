"""Sounds in WAV files: values that TensorFlow returns for the same files, and files of the standard library."""

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

import stepwell as sw
from stepwell import keras

SOUND = [[0.0, 1.0], [-1.0, 0.5], [0.25, -0.3], [2.0, -2.0]]
FILE = (  # what TensorFlow 2.21 writes of it
    b"RIFF4\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0@\x1f\0\0\0}\0\0\x04\0\x10\0data\x10\0\0\0"
    b"\0\0\xff\x7f\0\x80\0@\0 \x9a\xd9\xff\x7f\0\x80"
)
ROWS = [[0.0, 0.999969482421875], [-1.0, 0.5], [0.25, -0.29998779296875], [0.999969482421875, -1.0]]
"""What TensorFlow reads."""


def test_files_are_those_of_tensorflow():
    assert sw.audio.encode_wav(SOUND, 8000).numpy() == FILE
    odd = [[float("nan")], [1 / 65536], [3 / 65536], [-1 / 65536], [0.99999], [-0.99999], [-1.5]]
    data = sw.audio.encode_wav(odd, 8000).numpy()[44:]
    assert data == b"\0\0\x01\0\x02\0\xff\xff\xff\x7f\0\x80\0\x80"
    assert sw.audio.encode_wav(np.zeros([0, 1], np.float32), sw.constant(8000, sw.int64)).numpy()[40:] == b"\0" * 4


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("channels", "samples"), [(-1, -1), (1, -1), (2, 2), (-1, 6), (3, -1), (1, 6)])
def test_channels_and_samples_are_as_desired(channels, samples, compiled):
    def decode(contents):
        return sw.audio.decode_wav(contents, channels, samples)

    function = sw.function(decode) if compiled else decode
    audio, rate = function(sw.constant(FILE))
    expected = np.array(ROWS, np.float32)[:, np.minimum(np.arange(2 if channels < 0 else channels), 1)]
    if samples > 0:
        expected = np.pad(expected, [[0, max(samples - 4, 0)], [0, 0]])[:samples]
    np.testing.assert_array_equal(audio, expected, strict=True)
    assert rate.dtype == sw.int32 and int(rate) == 8000


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.integers(-(2**15), 2**15 - 1), max_size=6), st.integers(1, 3), st.integers(1, 48000))
def test_files_of_others_are_read(values, channels, rate):
    values = np.array(values, "<i2")[: len(values) // channels * channels]
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(values.tobytes())
    audio, found = sw.audio.decode_wav(content.getvalue())
    np.testing.assert_array_equal(audio, (values / np.float32(2**15)).reshape(-1, channels))
    assert int(found) == rate
    assert sw.audio.encode_wav(audio, found).numpy() == content.getvalue()


def made(kind=1, channels=1, bits=16, speed=200, size=16, extra=b"", name=b"data", data=b"\x01\x02\x03\x04"):
    """A file with one thing changed."""
    form = struct.pack("<HHIIHH", kind, channels, 100, speed, channels * bits // 8, bits) + bytes(size - 16)
    body = b"WAVEfmt " + struct.pack("<I", size) + form + extra + name + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_other_chunks_are_skipped():
    for file in (made(), made(size=18), made(extra=b"LIST\x05\0\0\0abcde")):
        assert sw.audio.decode_wav(file).audio.numpy().tolist() == [[0.015655517578125], [0.031341552734375]]


BAD = [
    (made(extra=b"LIST\x05\0\0\0abcde\0"), "expected a chunk of samples, got none"),  # as TensorFlow has it
    (b"", "expected b'RIFF' at byte 0, got b''"),
    (b"XXXX" + FILE[4:], "expected b'RIFF' at byte 0, got b'XXXX'"),
    (FILE[:8] + b"WAVX" + FILE[12:], "expected b'WAVE' at byte 8, got b'WAVX'"),
    (FILE[:20], "expected a format chunk of 16 or 18 bytes"),
    (FILE[:-3], "expected 16 bytes of samples, got 13"),
    (made(bits=8), "expected samples of 16 bits, got 8 bits in format 1"),
    (made(kind=3, bits=32), "got 32 bits in format 3"),
    (made(size=40), "expected a format chunk of 16 or 18 bytes, got b'fmt ' of 40"),
    (made(speed=100), "expected 200 bytes in a second, got 100"),
    (made(channels=0), "expected blocks of all channels, got 0 bytes, 0 channels"),
    (made(name=b"tada"), "expected a chunk of samples, got none"),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_what_is_no_such_file_is_an_error(case):
    contents, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        sw.audio.decode_wav(contents)


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"decode_wav: desired_samples: expected 1 or more, or -1, got 0"):
        sw.audio.decode_wav(FILE, desired_samples=0)
    with pytest.raises(ValueError, match="contents: expected one string"):
        sw.audio.decode_wav([FILE])
    for audio, rate, message in (
        ([1.0], 8000, "audio: expected two axes"),
        ([[]], 8000, "expected 1 to 65535 channels"),
        ([[1.0]], 0, "sample_rate: expected 1 or more, got 0"),
        ([[1.0]], [8000], "sample_rate: expected a scalar"),
    ):
        with pytest.raises(ValueError, match=message):
            sw.audio.encode_wav(audio, rate)


def test_keras_reads_folders_of_sounds(tmp_path):
    for number in range(4):
        folder = tmp_path / "ab"[number % 2]
        folder.mkdir(exist_ok=True)
        sw.io.write_file(str(folder / f"{number}.wav"), sw.audio.encode_wav([[number / 8]] * (2 + number), 8000))
    read = keras.utils.audio_dataset_from_directory
    [(sounds, labels)] = read(tmp_path, batch_size=4, output_sequence_length=3, shuffle=False, verbose=False)
    assert labels.numpy().tolist() == [0, 0, 1, 1]
    assert sounds[..., 0].numpy().tolist() == [[0, 0, 0], [0.25] * 3, [0.125] * 3, [0.375] * 3]
