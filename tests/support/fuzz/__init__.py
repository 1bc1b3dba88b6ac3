"""Fuzzing: generated programs on every engine and at every level, for as long as one likes, with a corpus that is kept.

`make fuzz MINUTES=30`. One worker is guided by coverage (HypoFuzz), the others draw fresh programs.
"""
