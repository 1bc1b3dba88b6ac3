"""Values of the language, and the one way by which ops are run on them or emitted."""
