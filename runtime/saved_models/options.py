"""Options of saving and loading, as TensorFlow has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...dialects.public import public


@public("saved_model")
@dataclass(frozen=True)
class SaveOptions:
    """How `saved_model.save` writes. Most options are accepted as in TensorFlow, where they concern devices and graphs.

    Attributes:
        namespace_whitelist: unused.
        save_debug_info: unused: each operation is saved with the line of the program that it comes from.
        function_aliases: unused.
        experimental_debug_stripper: unused.
        experimental_io_device: unused.
        experimental_variable_policy: unused.
        experimental_custom_gradients: unused: custom gradients are always saved.
        experimental_image_format: unused.
        experimental_skip_saver: unused.
        experimental_sharding_callback: unused.
        extra_tags: unused.
        onnx: whether each signature is written as an ONNX model, too; not in TensorFlow.
    """

    namespace_whitelist: Sequence[str] | None = None
    save_debug_info: bool = False
    function_aliases: Mapping[str, object] | None = None
    experimental_debug_stripper: bool = False
    experimental_io_device: str | None = None
    experimental_variable_policy: object = None
    experimental_custom_gradients: bool = True
    experimental_image_format: bool = False
    experimental_skip_saver: bool = False
    experimental_sharding_callback: object = None
    extra_tags: Sequence[str] | None = None
    onnx: bool = True


@public("saved_model")
@dataclass(frozen=True)
class LoadOptions:
    """How `saved_model.load` reads. The options are accepted as in TensorFlow, and none has an effect here.

    Attributes:
        allow_partial_checkpoint: unused: a model without some of its tensors is an error.
        experimental_io_device: unused.
        experimental_skip_checkpoint: unused: Variables always have their values.
        experimental_variable_policy: unused.
        experimental_load_function_aliases: unused.
    """

    allow_partial_checkpoint: bool = False
    experimental_io_device: str | None = None
    experimental_skip_checkpoint: bool = False
    experimental_variable_policy: object = None
    experimental_load_function_aliases: bool = False
