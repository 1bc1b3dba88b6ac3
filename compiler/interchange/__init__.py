"""Text and file formats in and out: one format a file."""
