"""Datasets of files: records, lines, tables and arrays, read while the program goes on."""
