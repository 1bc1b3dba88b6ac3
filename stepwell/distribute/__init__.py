"""Strategies of distributed training, on one device: one replica."""

from stepwell._names import load_when_used

load_when_used(globals())
