"""A tour: from a dataset to programs without Python."""
