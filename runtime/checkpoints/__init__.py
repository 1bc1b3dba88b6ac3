"""Checkpoints: values of objects in files, matched by the names of attributes when they are restored."""
