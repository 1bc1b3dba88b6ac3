"""What packages need that add dialects, passes, levels and pipelines; `docs/opt.md` shows how.

A package has a `Plugin`, and an entry point of the group `stepwell.plugins` that names it.
"""

from stepwell._names import load_when_used

load_when_used(globals())
