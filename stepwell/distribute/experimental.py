"""More strategies, and how workers would communicate."""

from stepwell._names import load_when_used

load_when_used(globals())
