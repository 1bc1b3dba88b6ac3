"""The public functions of images, one file a family."""
