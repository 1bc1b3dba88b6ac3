"""Strategies that draw modules at the levels below `hl` directly, not by lowering: what users and plug-ins may write.

A module is drawn statement by statement. Each statement is a span of its own for hypothesis, whose simplest choice is
no statement at all; each op has a line of its own. Programs end, and do nothing undefined on the inputs they come with.
"""
