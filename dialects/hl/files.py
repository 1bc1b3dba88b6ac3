"""Files as strings, and tensors as the messages that TensorFlow keeps them in."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, result_def

from ..diagnostics import OpError
from ..dtypes import ALL, STRING
from ..emitter import Emitter
from ..errors import FailedPreconditionError, NotFoundError, PermissionDeniedError
from ..files import file_errors, path_text
from ..strings import as_text, of_list
from ..types import shape_of, tensor_type
from .rules.base import InferenceError, Types
from .rules.elementwise import shape_text
from .rules.facets import Attrs, Sample, Sampler
from .rules.strings import StringOp, sample_strings, static_sizes
from .rules.tensor_proto import serialized


class FileRefusal(InferenceError):
    """A file that cannot be read."""


class _NotFound(FileRefusal):
    kind: ClassVar[str] = NotFoundError.code


class _NotAllowed(FileRefusal):
    kind: ClassVar[str] = PermissionDeniedError.code


class _NoFile(FileRefusal):
    kind: ClassVar[str] = FailedPreconditionError.code


_REFUSALS = {error.kind: error for error in (_NotFound, _NotAllowed, _NoFile)}


@irdl_op_definition
class ReadFileOp(StringOp):
    """The contents of the file that `filename` names.

    C1: `filename` is one string.
    C2: there is such a file, which may be read; checked at run time.

    Definition: TensorFlow `io.read_file`.
    """

    name = "hl.read_file"

    filename = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """One string."""
        cls.check_strings(types)
        if shape_of(types[0]) != ():
            raise InferenceError("C1", f"filename: expected one string, got shape {shape_text(shape_of(types[0]))}")
        return [tensor_type((), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Python's `read`."""
        try:
            path = path_text(as_text(operands[0].item()), "read_file: filename")
            with file_errors(path):
                return (of_list([Path(path).read_bytes()], ()),)
        except OpError as error:
            raise _REFUSALS.get(error.code, FileRefusal)("C2", str(error)) from None

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A file that every system has."""
        return Sample((sample_strings(s, (), [tempfile.__file__.encode()]),), {})


@irdl_op_definition
class SerializeTensorOp(StringOp):
    """`x` as the bytes of a message `TensorProto`.

    C1: `x` is of any dtype.

    Definition: TensorFlow `io.serialize_tensor`.
    """

    name = "hl.serialize_tensor"

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """One string."""
        return [tensor_type((), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The message."""
        return (of_list([serialized(operands[0])], ()),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """None."""
        return static_sizes(e, op)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Numbers and strings."""
        shape = s.shape(max_side=3)
        return Sample((sample_strings(s, shape) if s.boolean() else s.array(shape, s.choice(ALL)),), {})
