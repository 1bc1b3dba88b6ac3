"""Tests in `.mlir` files are collected, too; examples drawn are the same each time; garbage is collected seldom."""

import gc
import os

from support.effort import load_profile

load_profile()
pytest_plugins = ["stepwell.testing.pytest_plugin"]


def pytest_collection_finish(session):
    """Leave what was loaded out of collections, and collect seldom: a seventh of the tests' time goes there else.

    IR is full of cycles, and large modules of it are built in most tests.
    """
    os.environ.pop("KERAS_BACKEND", None)  # set by `stepwell.keras`; processes that tests start are to find it alone
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
