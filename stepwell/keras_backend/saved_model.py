"""Layers, models and Keras's ExportArchive as saved models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keras.src import tree
from keras.src.backend.common import KerasVariable, standardize_dtype
from keras.src.utils import io_utils

import stepwell as sw

from .preprocessing import tables_of

_COLLECTIONS = ("variables", "trainable_variables", "non_trainable_variables")


def parts_of_layer(layer: Any) -> Mapping[str, Any]:
    """What is saved of a layer: lists of its Variables; of a model that is built also its call, as compiled functions.

    `__call__` has a trace for inference and one for training.
    """
    parts: dict[str, Any] = {name: list(getattr(layer, name)) for name in _COLLECTIONS}
    parts |= _tables([layer])
    signature = _signature_of(layer)
    if signature is None:
        return parts

    def call(*inputs: Any, training: bool = False) -> Any:
        return layer(*inputs, training=training)

    call.__name__ = layer.name
    function = sw.function(call, autograph=False)
    function.get_concrete_function(*signature, training=True)
    inference = function.get_concrete_function(*signature, training=False)
    return {**parts, "__call__": function, "_default_save_signature": inference}


def _tables(layers: list[Any]) -> Mapping[str, Any]:
    """The lookup tables of layers, under a name of their own, if there are any."""
    found = tables_of(layers)
    return {"_tables": found} if found else {}


def _signature_of(layer: Any) -> Any:
    """The specs of the inputs of a model; None for what is no model, or was not built."""
    from keras.src.export.export_utils import get_input_signature  # which imports models, whose base imports this

    try:
        return tree.map_structure(_spec, get_input_signature(layer))
    except (TypeError, ValueError):
        return None


def _spec(of: Any) -> sw.TensorSpec:
    """The spec of an InputSpec, a tensor of Keras, or what else has a shape and a dtype."""
    return sw.TensorSpec(of.shape, standardize_dtype(of.dtype or "float32"), name=getattr(of, "name", None))


class StepwellExportArchive:
    """What Keras's ExportArchive is with this backend: endpoints and Variables of layers, written as a saved model."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Any] = {}
        self._collections: dict[str, list[Any]] = {name: [] for name in _COLLECTIONS}
        self._tracked: list[Any] = []

    @property
    def variables(self) -> list[Any]:
        """The Variables of the layers that are tracked."""
        return self._collections["variables"]

    @property
    def trainable_variables(self) -> list[Any]:
        """Those that are trainable."""
        return self._collections["trainable_variables"]

    @property
    def non_trainable_variables(self) -> list[Any]:
        """Those that are not trainable."""
        return self._collections["non_trainable_variables"]

    def track(self, resource: Any) -> None:
        """Save the Variables of a layer, and list them; or save an object that stepwell can save."""
        from keras.src.layers import Layer  # whose base imports this module

        if not isinstance(resource, Layer | sw.Module):
            raise ValueError(f"ExportArchive.track: resource: expected a layer or a sw.Module, got {resource!r}")
        if isinstance(resource, Layer) and not resource.built:
            raise ValueError("ExportArchive.track: resource: expected a layer that is built, got one that is not")
        self._tracked.append(resource)
        for name, known in self._collections.items():
            if name in _COLLECTIONS:
                seen = set(map(id, known))
                known += [variable for variable in getattr(resource, name) if id(variable) not in seen]

    def add_endpoint(self, name: str, fn: Callable[..., Any], input_signature: Any = None, **kwargs: Any) -> Any:
        """Save a function under a name.

        Args:
            name: the name.
            fn: the function: a `sw.function` that was called or has an `input_signature`, where none is given here.
            input_signature: for each argument what has a shape and a dtype, or a structure of that.
            **kwargs: none, with this backend.

        Returns the compiled function.
        """
        if kwargs:
            raise ValueError(f"ExportArchive.add_endpoint: expected no {', '.join(kwargs)} with this backend")
        if name in self._endpoints:
            raise ValueError(f"ExportArchive.add_endpoint: name: {name!r} is taken")
        if input_signature is not None:
            specs: Any = tree.map_structure(_spec, input_signature)
            fn = sw.function(fn, input_signature=list(specs), autograph=False, name=name)
        elif not isinstance(fn, sw.types.Function):
            raise ValueError(
                "ExportArchive.add_endpoint: fn: expected a sw.function; of others an input_signature is needed"
            )
        elif fn.input_signature is None and not _traces(fn):
            raise ValueError(
                "ExportArchive.add_endpoint: fn: expected a function that was called, or an input_signature"
            )
        self._endpoints[name] = fn
        return fn

    def track_and_add_endpoint(self, name: str, resource: Any, input_signature: Any, **kwargs: Any) -> Any:
        """Track a layer, and save its call under a name."""
        self.track(resource)
        return self.add_endpoint(name, resource.__call__, input_signature, **kwargs)

    def add_variable_collection(self, name: str, variables: Any) -> None:
        """Save a list of Variables under a name."""
        if not isinstance(variables, list | tuple | set):
            raise ValueError(f"ExportArchive.add_variable_collection: variables: expected a list, got {variables!r}")
        wrong = [each for each in variables if not isinstance(each, sw.Variable | KerasVariable)]
        if wrong:
            raise ValueError(f"ExportArchive.add_variable_collection: variables: expected Variables, got {wrong[0]!r}")
        self._collections[name] = list(variables)

    def write_out(self, filepath: Any, options: sw.saved_model.SaveOptions | None = None, verbose: bool = True) -> None:
        """Write the saved model. Each endpoint is a signature; the first one is `serving_default`, too."""
        if not self._endpoints:
            raise ValueError("ExportArchive.write_out: there are no endpoints; add_endpoint adds one")
        signatures = {name: self._signature(function) for name, function in self._endpoints.items()}
        signatures.setdefault("serving_default", next(iter(signatures.values())))
        sw.saved_model.save(self, filepath, signatures, options)
        if verbose:
            names = ", ".join(self._endpoints)
            io_utils.print_msg(f"Saved artifact at '{filepath}', with the endpoints {names}.")

    @staticmethod
    def _signature(function: Any) -> Any:
        return function if function.input_signature is not None else _traces(function)[0]

    def __stepwell_children__(self) -> Mapping[str, Any]:
        used = {id(v): v for f in self._endpoints.values() for c in _traces(f) for v in c.variables}
        others = {"_used_variables": list(used.values()), "_tracked_modules": self._modules()}
        layers = [each for each in self._tracked if not isinstance(each, sw.Module)]
        return {**self._collections, **self._endpoints, **others, **_tables(layers)}

    def _modules(self) -> list[Any]:
        return [each for each in self._tracked if isinstance(each, sw.Module)]


def _traces(function: Any) -> list[Any]:
    return function._traces.concretes()
