"""Export of Keras models."""

from __future__ import annotations


class StepwellExportArchive:
    """The base of Keras's ExportArchive."""
