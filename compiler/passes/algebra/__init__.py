"""The laws that `simplify-algebra` applies: one file a kind of values, one class a law."""
