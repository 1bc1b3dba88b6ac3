"""What `data.experimental` has besides methods of datasets."""
