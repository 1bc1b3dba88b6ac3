"""The list of kernels that ONNX Runtime lacks is that of the installed one."""

import onnx.defs
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from stepwell.compiler.interchange.onnx_export.graph import OPSET
from stepwell.compiler.interchange.onnx_export.kernels import MISSING
from stepwell.dialects.dtypes import ALL

KERNELS = [
    kernel
    for kernel in runtime.get_all_opkernel_def()
    if kernel.provider == "CPUExecutionProvider" and kernel.domain in ("", "ai.onnx")
]
NAMES = {"float": "float32", "double": "float64"}


def lacking(op_type, constraint):
    """The dtypes for which no kernel of an operator on the CPU is registered."""
    since = onnx.defs.get_schema(op_type, OPSET).since_version
    found = set()
    for kernel in KERNELS:
        first, last = kernel.version_range
        if kernel.op_name == op_type and first <= since <= last:
            found.update(kernel.type_constraints.get(constraint, ()))
    names = {text.removeprefix("tensor(").removesuffix(")") for text in found}
    return {dtype.name for dtype in ALL} - {NAMES.get(name, name) for name in names}


def test_kernels_are_missing_for_what_the_list_says():
    wrong = [
        (op_type, constraint, sorted(lacking(op_type, constraint)))
        for ops, constraint, dtypes in MISSING
        for op_type in ops.split()
        if lacking(op_type, constraint) != set(dtypes.split())
    ]
    assert not wrong


def test_no_operator_is_twice_in_the_list():
    keys = [(op_type, constraint) for ops, constraint, _ in MISSING for op_type in ops.split()]
    assert len(keys) == len(set(keys))
