"""Datasets of tables and arrays in files, and other sources."""

from stepwell._names import load_when_used

load_when_used(globals())
