"""Records checkpoints that TensorFlow writes, and what it reads from them.

Run with a Python that has TensorFlow and Keras, from the project's folder:
`PYTHONPATH=tests python -m support.checkpoints.record`.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "api" / "tensorflow_checkpoints"


def main() -> None:
    """Write the files."""
    import keras
    import tensorflow as tf

    from support.checkpoints import programs

    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    model = programs.sequential(keras)
    saved = {
        "tree": tf.train.Checkpoint(tree=programs.tree(tf)),
        "numbers": tf.train.Checkpoint(programs.numbers(tf)),
        "sequential": tf.train.Checkpoint(model=model, optimizer=model.optimizer),
        "functional": tf.train.Checkpoint(model=programs.functional(keras)),
    }
    values = {"names": _values(tf, _names_alone(tf))}
    for name, checkpoint in saved.items():
        path = str(FOLDER / name)
        path = _in_three_files(tf, checkpoint, path) if name == "tree" else checkpoint.save(path)
        values[name] = _values(tf, path)
    (FOLDER / "values.json").write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n")


def _in_three_files(tf: Any, checkpoint: Any, path: str) -> str:
    """A checkpoint with three files of data."""
    with tempfile.TemporaryDirectory() as folder:
        reader = tf.train.load_checkpoint(checkpoint.write(f"{folder}/whole"))
        keys, parts = sorted(reader.get_variable_to_shape_map()), [f"{folder}/{number}" for number in range(3)]
        for number, part in enumerate(parts):
            own = keys[number::3]
            tensors = [reader.get_tensor(key) for key in own]
            tf.raw_ops.SaveV2(prefix=part, tensor_names=own, shape_and_slices=[""] * len(own), tensors=tensors)
        tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=parts, destination_prefix=path)
    return path


def _names_alone(tf: Any) -> str:
    """A checkpoint of version 1, without objects."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        variable = v1.get_variable("w", initializer=[1.0, 2.0])
        session.run(variable.initializer)
        return v1.train.Saver().save(session, str(FOLDER / "names"), write_meta_graph=False)


def _values(tf: Any, path: str) -> dict[str, Any]:
    """The dtype and elements of each tensor, as TensorFlow reads it."""
    reader = tf.train.load_checkpoint(path)
    found = {}
    for key in sorted(reader.get_variable_to_shape_map()):
        if key != "_CHECKPOINTABLE_OBJECT_GRAPH":
            tensor = tf.constant(reader.get_tensor(key))
            array = tensor.numpy() if tensor.dtype != tf.string else tf.strings.unicode_decode(tensor, "UTF-8")
            found[key] = [tensor.dtype.name, tensor.shape.as_list(), _plain(tf, tensor, array)]
    return found


def _plain(tf: Any, tensor: Any, array: Any) -> Any:
    if tensor.dtype == tf.string:
        return [text.decode() for text in tensor.numpy().ravel().tolist()]
    if tensor.dtype.is_complex:
        return [[value.real, value.imag] for value in array.ravel().tolist()]
    return array.astype("float64" if tensor.dtype.is_floating else array.dtype).ravel().tolist()


if __name__ == "__main__":
    main()
