"""Differentiation as a pass: the one room that knows both the language, whose tapes it uses, and the compiler of IR."""
