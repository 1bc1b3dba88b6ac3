"""Modules as text."""
