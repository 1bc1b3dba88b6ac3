"""Elements in files: what `cache`, `save` and `snapshot` write, and how it is read."""
