"""`data.Dataset`: elements from memory, files and generators, transformed on their way to a program."""
