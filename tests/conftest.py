"""Tests in `.mlir` files are collected, too."""

pytest_plugins = ["stepwell.testing.pytest_plugin"]
