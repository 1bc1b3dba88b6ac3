"""`TFRecordWriter`: writes files of records in TensorFlow's format."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ClassVar, Self

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.errors import FailedPreconditionError
from ....dialects.files import file_errors, path_text
from ....dialects.public import public
from ....dialects.strings import as_bytes
from .framing import framed
from .streams import BUFFER, GZIP, WINDOW, ZLIB, compression_named


class TFRecordCompressionType:
    """The numbers that TensorFlow 1 had for compressions."""

    NONE, ZLIB, GZIP = 0, 1, 2


@public("io")
@dataclass(frozen=True)
class TFRecordOptions:
    """How the records of a file are compressed.

    Args:
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` or None for none.
        flush_mode: how zlib flushes when the writer does; `zlib.Z_SYNC_FLUSH` if None.
        input_buffer_size: not used.
        output_buffer_size: how many bytes are written at once; 256 KiB if None.
        window_bits: the logarithm of the size of zlib's window, from 9 to 15.
        compression_level: from 0 to 9, how much is compressed; zlib's choice if None.
        compression_method: zlib's method; `zlib.DEFLATED` if None.
        mem_level: from 1 to 9, how much memory zlib uses.
        compression_strategy: zlib's strategy.

    Raises InvalidArgumentError for another compression.

    Example:
        >>> import stepwell as sw
        >>> options = sw.io.TFRecordOptions(compression_type="GZIP", compression_level=9)
        >>> with sw.io.TFRecordWriter("/tmp/stepwell_compressed.tfrecord", options) as writer:
        ...     writer.write(b"record")
        >>> dataset = sw.data.TFRecordDataset("/tmp/stepwell_compressed.tfrecord", compression_type="GZIP")
        >>> [record.numpy() for record in dataset]
        [b'record']
    """

    compression_type_map: ClassVar[dict[int, str]] = {
        TFRecordCompressionType.NONE: "",
        TFRecordCompressionType.ZLIB: ZLIB,
        TFRecordCompressionType.GZIP: GZIP,
    }

    compression_type: Any = None
    flush_mode: int | None = None
    input_buffer_size: int | None = None
    output_buffer_size: int | None = None
    window_bits: int | None = None
    compression_level: int | None = None
    compression_method: int | None = None
    mem_level: int | None = None
    compression_strategy: int | None = None

    def __post_init__(self):
        self.get_compression_type_string(self.compression_type)
        if self.window_bits is not None and not 9 <= abs(self.window_bits) <= 15:
            raise InvalidArgumentError(f"TFRecordOptions: window_bits: expected 9 to 15, got {self.window_bits}")
        if self.compression_level is not None and not -1 <= self.compression_level <= 9:
            text = f"expected 0 to 9, got {self.compression_level}"
            raise InvalidArgumentError(f"TFRecordOptions: compression_level: {text}")
        if self.mem_level is not None and not 1 <= self.mem_level <= 9:
            raise InvalidArgumentError(f"TFRecordOptions: mem_level: expected 1 to 9, got {self.mem_level}")

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """The name of the compression that options, or a name, say; empty for none."""
        kind = options.compression_type if isinstance(options, TFRecordOptions) else options
        if isinstance(kind, TFRecordOptions):
            return cls.get_compression_type_string(kind)
        if isinstance(kind, int) and kind in cls.compression_type_map:
            return cls.compression_type_map[kind]
        return compression_named("TFRecordOptions", kind)

    def compressor(self) -> Any:
        """What zlib compresses with; None for no compression."""
        kind = self.get_compression_type_string(self)
        if not kind:
            return None
        bits = WINDOW[kind] if self.window_bits is None else abs(self.window_bits) + (16 if kind == GZIP else 0)
        return zlib.compressobj(
            zlib.Z_DEFAULT_COMPRESSION if self.compression_level is None else self.compression_level,
            zlib.DEFLATED if self.compression_method is None else self.compression_method,
            bits,
            zlib.DEF_MEM_LEVEL if self.mem_level is None else self.mem_level,
            zlib.Z_DEFAULT_STRATEGY if self.compression_strategy is None else self.compression_strategy,
        )


@public("io")
class TFRecordWriter:
    """Writes records to a file, in TensorFlow's format.

    Use it in a `with` statement, which closes the file.

    Args:
        path: the name of the file, which is replaced if there is one.
        options: a `TFRecordOptions`, or the name of a compression: `"GZIP"`, `"ZLIB"` or `""`.

    Raises NotFoundError for a folder that is not there.

    Example:
        >>> import stepwell as sw
        >>> with sw.io.TFRecordWriter("/tmp/stepwell_written.tfrecord") as writer:
        ...     writer.write(b"abc")
        >>> len(sw.io.read_file("/tmp/stepwell_written.tfrecord").numpy())
        19
    """

    def __init__(self, path: str | os.PathLike[str], options: TFRecordOptions | str | None = None):
        given = options if isinstance(options, TFRecordOptions) else TFRecordOptions(options)
        self._path = path_text(path, "TFRecordWriter: path")
        self._compress = given.compressor()
        self._flush_mode = zlib.Z_SYNC_FLUSH if given.flush_mode is None else given.flush_mode
        with file_errors(self._path):
            self._file = open(self._path, "wb", buffering=max(given.output_buffer_size or BUFFER, 2))  # noqa: SIM115

    def write(self, record: bytes | str) -> None:
        """Write one record; text is encoded in UTF-8.

        Raises InvalidTypeError for what is no string, and FailedPreconditionError after `close`.
        """
        if not isinstance(record, bytes | str):
            raise InvalidTypeError(f"TFRecordWriter.write: record: expected bytes or text, got {record!r}")
        self._check_open("write")
        self._put(framed(as_bytes(record)))

    def flush(self) -> None:
        """Hand all records to the system, so that a reader of the file sees them."""
        self._check_open("flush")
        with file_errors(self._path):
            if self._compress is not None:
                self._file.write(self._compress.flush(self._flush_mode))
            self._file.flush()

    def close(self) -> None:
        """Write what is left, and close the file; once more does nothing."""
        if self._file.closed:
            return
        with file_errors(self._path):
            try:
                if self._compress is not None:
                    self._file.write(self._compress.flush(zlib.Z_FINISH))
            finally:
                self._file.close()

    def _put(self, data: bytes) -> None:
        with file_errors(self._path):
            self._file.write(data if self._compress is None else self._compress.compress(data))

    def _check_open(self, method: str) -> None:
        if self._file.closed:
            raise FailedPreconditionError(f"TFRecordWriter.{method}: writer is closed, of {self._path}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.close()
