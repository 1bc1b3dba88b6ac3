"""`sw.onnx.compare`: how far the results of a model are from those of the function that it was made of."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.public import public
from ..exported import concrete_of, output_names
from .run import load
from .verify import both, samples_of


@public("onnx")
@dataclass(frozen=True)
class Difference:
    """How far an output of a model is from the function's own result.

    Attributes:
        name: the output.
        largest: the largest difference of two elements, in proportion to the largest magnitude of the function's
            result; infinity where only one of them is NaN or infinite.
        mean: the mean difference, in the same proportion.
        same_argmax: the share of rows, along the last axis, whose largest element is at the same index; 1 for results
            with no axis.

    Example:
        >>> import stepwell as sw
        >>> print(sw.onnx.Difference("probabilities", 0.004, 0.0005, 0.997))
        probabilities: at most 0.40%, 0.05% in the mean; same argmax in 99.7% of rows
    """

    name: str
    largest: float
    mean: float
    same_argmax: float

    def __str__(self) -> str:
        """The numbers in percent."""
        return (
            f"{self.name}: at most {self.largest:.2%}, {self.mean:.2%} in the mean; "
            f"same argmax in {self.same_argmax:.1%} of rows"
        )


@public("onnx")
def compare(path: str | os.PathLike[str], function: Callable[..., object], *arguments: object) -> list[Difference]:
    """Compare a model's results in ONNX Runtime with those of a function, for each output.

    Args:
        path: the model, such as one that `sw.onnx.export` has made of the function, with weights of eight bits or not.
        function: a `sw.function` or one of its concrete functions; nothing is assigned to its Variables.
        arguments: one for each input, in order.

    Raises TypeError or ValueError for arguments that neither takes, and ValueError where the model has other outputs.

    Example:
        >>> import os, tempfile
        >>> import numpy as np
        >>> import stepwell as sw
        >>> rng = np.random.default_rng(0)
        >>> w = sw.Variable(rng.normal(size=(64, 16)).astype("float32"))
        >>> layer = sw.function(lambda x: x @ w)
        >>> path = os.path.join(tempfile.mkdtemp(), "layer.onnx")
        >>> x = rng.normal(size=(8, 64)).astype("float32")
        >>> _ = sw.onnx.export(layer, path, sw.TensorSpec([None, 64]), quantize="int8")
        >>> (found,) = sw.onnx.compare(path, layer, x)
        >>> found.name, 0 < found.largest < 0.02, found.same_argmax
        ('output', True, 1.0)
    """
    concrete = concrete_of("onnx.compare", function, arguments)
    samples = samples_of(f"onnx.compare: {concrete.name}", concrete, arguments, required=True)
    assert samples is not None
    session = load(path)
    results = len(output_names(concrete))
    if len(session.inputs) != len(samples) or len(session.outputs) < results:
        raise InvalidArgumentError(
            f"onnx.compare: {path}: expected a model of {concrete.name}, with {len(samples)} inputs and {results} "
            f"outputs, got {len(session.inputs)} and {len(session.outputs)}"
        )
    pairs = both(concrete, session, list(session.inputs), samples, session.outputs[:results], ())
    return [_difference(*pair) for pair in pairs]


def _difference(name: str, got: np.ndarray, want: np.ndarray) -> Difference:
    if got.shape != want.shape:
        raise InvalidArgumentError(f"onnx.compare: output {name}: expected shape {want.shape}, got {got.shape}")
    if not want.size:
        return Difference(name, 0.0, 0.0, 1.0)
    a, b = np.asarray(got, np.float64), np.asarray(want, np.float64)
    with np.errstate(all="ignore"):
        off = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
    off = np.where(np.isnan(off), np.inf, off)
    largest = float(np.max(np.abs(b), initial=0.0, where=np.isfinite(b))) or 1.0
    same = np.mean(a.argmax(-1) == b.argmax(-1)) if b.ndim else 1.0
    return Difference(name, float(off.max()) / largest, float(off.mean()) / largest, float(same))
