"""The `stepwell` command, a file a subcommand.

It starts light: what a subcommand needs is imported inside its function, when it runs.
"""
