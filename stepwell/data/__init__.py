"""Datasets: elements from memory, files and generators, transformed on their way to a program."""

from stepwell._names import load_when_used

load_when_used(globals())
