"""Saved models: folders with the functions, Variables and structure of an object, which load without its code."""
