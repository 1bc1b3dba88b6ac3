"""`data.experimental.TFRecordWriter`: writes the elements of a dataset to a file of records."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....compiler.frontend.gradients.host_functions import numpy_function
from ....compiler.frontend.tracing.tracer import current_tracer
from ....compiler.frontend.values.dispatch import as_tensor
from ....dialects.diagnostics import InvalidTypeError
from ....dialects.dtypes import STRING
from ....dialects.files import path_text
from ....dialects.public import public
from ....dialects.strings import as_array, as_text
from ..dataset import Dataset
from ..files.streams import compression_named
from ..files.writer import TFRecordWriter as FileWriter
from ..node import Node
from ..options import started
from ..parameters import values_of
from ..structure import is_string_scalar

_WHAT = "data.experimental.TFRecordWriter"


@public("data.experimental")
class TFRecordWriter:
    """Writes the elements of a dataset to a file, in TensorFlow's format of records.

    Args:
        filename: the name of the file, which is replaced if there is one.
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` or None for none.

    Example:
        >>> import stepwell as sw
        >>> numbers = sw.data.Dataset.range(3).map(sw.io.serialize_tensor)
        >>> sw.data.experimental.TFRecordWriter("/tmp/stepwell_numbers.tfrecord").write(numbers)
        >>> records = sw.data.TFRecordDataset("/tmp/stepwell_numbers.tfrecord")
        >>> [int(sw.io.parse_tensor(record, sw.int64)) for record in records]
        [0, 1, 2]
    """

    def __init__(self, filename: Any, compression_type: str | None = None):
        given = path_text(filename, f"{_WHAT}: filename") if hasattr(filename, "__fspath__") else filename
        self._filename = as_tensor(given, STRING, f"{_WHAT}: filename")
        self._compression = compression_named(_WHAT, compression_type)

    def write(self, dataset: Dataset) -> None:
        """Write a dataset, whose elements are scalars of dtype string.

        In a `function` it is written each time that the function runs. Raises InvalidTypeError for what is no dataset,
        and for other elements.
        """
        if not isinstance(dataset, Dataset):
            raise InvalidTypeError(f"{_WHAT}.write: dataset: expected a Dataset, got {dataset!r}")
        spec = dataset.element_spec
        if not is_string_scalar(spec):
            text = f"expected a dataset of scalars of dtype string, got elements {spec}"
            raise InvalidTypeError(f"{_WHAT}.write: dataset: {text}")
        node: Node = dataset._node

        def run(name: object, *values: np.ndarray) -> list[np.ndarray]:
            path = path_text(as_text(as_array(name).item()), f"{_WHAT}: filename")
            with FileWriter(path, self._compression) as file:
                for element in started(node.bound(values_of(node.unbound, values)) if values else node):
                    file.write(element[0].numpy())
            return []

        if current_tracer() is None:
            run(self._filename.numpy())
        else:
            numpy_function(run, [self._filename, *node.unbound], [], name=f"{_WHAT}.write")
