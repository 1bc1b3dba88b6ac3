"""A saved model of version 1 of the format, which later versions read, too.

`PYTHONPATH=tests python -m support.saved_golden` writes one; do so for a new version of the format only, and keep the
old ones.
"""

from pathlib import Path

import numpy as np
import pytest

import stepwell as sw

VERSIONS = sorted((Path(__file__).parent / "versions").iterdir())


@pytest.mark.parametrize("folder", VERSIONS, ids=lambda folder: folder.name)
def test_every_version_is_read(folder):
    loaded = sw.saved_model.load(folder)
    x = np.array([[1.0, 2.0]], np.float32)
    np.testing.assert_array_equal(loaded(x), [[5.5, 11.0]])
    np.testing.assert_array_equal(loaded(x, scale=3.0)["scaled"], [[16.5, 33.0]])
    np.testing.assert_array_equal(loaded.signatures["serving_default"](x=x)["y"], [[5.5, 11.0]])
    with sw.GradientTape() as tape:
        y = loaded(x)
    np.testing.assert_array_equal(tape.gradient(y, loaded.layers[0]), [[1, 1], [2, 2]])
    assert [v.dtype.name for v in loaded.kinds] == ["bfloat16", "complex64", "string", "bool", "int8"]
    assert loaded.kinds[2].numpy().tolist() == [b"a", b"\xff"] and loaded.kinds[1].numpy().tolist() == [1 + 2j]
    assert int(loaded.count(4)) == 4 and int(loaded.count(4)) == 8
    assert loaded.words().numpy() == b"one two\n"
    assert loaded.named["pair"] == (loaded.layers[0], 2.5) and loaded.draw().shape == (3,)


def test_the_newest_version_is_what_is_written(tmp_path):
    loaded = sw.saved_model.load(VERSIONS[-1])
    sw.saved_model.save(loaded, tmp_path / "m", options=sw.saved_model.SaveOptions(onnx=False))
    for path in VERSIONS[-1].rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "m" / path.relative_to(VERSIONS[-1])).read_bytes(), path.name
