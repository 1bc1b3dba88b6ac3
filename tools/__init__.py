"""The `stepwell` command, a file a subcommand."""
