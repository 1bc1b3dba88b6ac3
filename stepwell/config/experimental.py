"""Older names of devices and settings."""

from stepwell._names import load_when_used

load_when_used(globals())
