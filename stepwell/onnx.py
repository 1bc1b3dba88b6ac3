"""Export to ONNX, and running what was exported."""

from stepwell.runtime.onnx_export import export as export
from stepwell.runtime.onnx_run import run as run
