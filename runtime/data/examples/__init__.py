"""Examples as messages: TensorFlow's `Example` and `SequenceExample`, and the tensors that they are parsed to."""
