"""What knows the processes of a cluster."""

from stepwell._names import load_when_used

load_when_used(globals())
