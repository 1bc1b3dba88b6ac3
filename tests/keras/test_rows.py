"""RaggedTensors given to Keras."""

import stepwell as sw


def test_keras_takes_rows():
    """As on TensorFlow: a RaggedTensor stays one, unless its rows are to be filled up."""
    x, convert = sw.ragged.constant([[3, 1], [], [5]]), sw.keras.ops.convert_to_tensor
    assert convert(x) is x and convert(x, "float32").dtype == sw.float32
    assert convert(x, ragged=False).numpy().tolist() == [[3, 1], [0, 0], [5, 0]]
