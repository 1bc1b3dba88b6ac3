"""Rewriting of ONNX graphs: to the standard operators that other tools run well and recognise."""
