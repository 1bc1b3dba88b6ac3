"""`decode_json_example`: messages `Example` from their JSON form."""

from __future__ import annotations

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor, TensorLike
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import STRING
from ....dialects.public import public
from ....dialects.strings import of_list
from .calls import host_call
from .messages import Example


@public("io")
def decode_json_example(json_examples: TensorLike, name: str | None = None) -> Tensor:
    """Serialized messages `Example`, of their JSON form: the strings that `parse_example` parses.

    Raises InvalidArgumentError for what is no JSON, or none of an `Example`.

    Example:
        >>> import stepwell as sw
        >>> text = '{"features": {"feature": {"n": {"int64List": {"value": [3]}}}}}'
        >>> features = {"n": sw.io.FixedLenFeature([], sw.int64)}
        >>> int(sw.io.parse_single_example(sw.io.decode_json_example(text), features)["n"])
        3
    """
    what = "decode_json_example"
    texts = as_tensor(json_examples, STRING, f"{what}: json_examples")

    def run(given: np.ndarray) -> list[np.ndarray]:
        items = enumerate(given.reshape(-1).tolist())
        return [of_list([_message(f"{what}: index {index}", item) for index, item in items], given.shape)]

    return host_call(what, run, [texts], [TensorSpec(texts.shape, STRING)])[0]


def _message(where: str, text: bytes) -> bytes:
    from google.protobuf import json_format  # rarely used

    try:
        return json_format.Parse(text.decode(), Example()).SerializeToString(deterministic=True)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidArgumentError(f"{where}: expected an Example in JSON: {error}") from None
