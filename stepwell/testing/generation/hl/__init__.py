"""Drawn `hl` modules: each op on values that its own `sample` rule could have drawn."""
