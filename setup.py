"""Installs `stepwell_keras.pth`, by which `KERAS_BACKEND=stepwell` needs no import of stepwell; see pyproject.toml."""

from __future__ import annotations

from pathlib import Path
from shutil import copy

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildPy(build_py):
    """Puts the file beside the packages: into a wheel, or where an editable installation has its links."""

    def run(self) -> None:
        """Build, and put the file there."""
        super().run()
        target = self.get_finalized_command("install").install_lib if self.editable_mode else self.build_lib
        copy(Path(__file__).with_name("stepwell_keras.pth"), target)


setup(cmdclass={"build_py": BuildPy})
