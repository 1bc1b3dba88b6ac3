"""What arguments and results are: aliases and classes to annotate one's own functions with."""

from stepwell._names import load_when_used

load_when_used(globals())
