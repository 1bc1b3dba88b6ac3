"""Programs that are drawn statement by statement: `hl` modules, and modules at the levels below.

What both share is here: where choices come from, what is at hand in a block, statements with weights. Each statement is
a span of its own for hypothesis, whose simplest choice is no statement at all; each op has a line of its own.
"""
