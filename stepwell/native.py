"""Export to machine code with an interface for C, and to packages for JavaScript: programs without Python."""

from stepwell._names import load_when_used

load_when_used(globals())
