"""Objects with their Variables and functions as folders, which load without the code that made them."""

from stepwell._names import load_when_used

load_when_used(globals())
