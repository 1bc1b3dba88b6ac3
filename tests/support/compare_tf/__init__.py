"""stepwell beside TensorFlow: generated calls of the same functions, with what either returns or raises.

`make compare-tf` installs TensorFlow in an environment of its own and runs `python -m support.compare_tf`.
"""
