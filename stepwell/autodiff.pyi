# Written by `python -m stepwell.tools.public_api --write`.

from typing import Any
from stepwell import UnconnectedGradients

class ForwardAccumulator:
    """Records operations inside its `with` block, to compute the products of their Jacobians with vectors."""
    def __init__(self, primals: object, tangents: object) -> None: ...
    def __enter__(self) -> ForwardAccumulator: ...
    def __exit__(self, *details: object) -> None: ...
    def jvp(self, primals: object, unconnected_gradients: UnconnectedGradients | str = ...) -> Any:
        """The derivatives of tensors along the tangents, in the structure of `primals`."""
