"""Bugs planted on purpose, one at a time, and what has to notice or name each of them.

Wrong rewrites are noticed by `validate` or by tests; failures of large modules are reduced to a few ops; bugs in passes
and engines are named by `bisect`. `python -m support.bugs [WORD …]` plants them and prints one table.
"""
