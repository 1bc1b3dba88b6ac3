"""Keras's name scopes, which are those of stepwell too: summaries that a layer writes have its path in their tags."""

from __future__ import annotations

from typing import Any, Self

from keras.src.backend.common.name_scope import name_scope as base_name_scope

import stepwell as sw


class name_scope(base_name_scope):
    """A context in which the paths of Keras's variables, and the names of stepwell, begin with `name`."""

    def __init__(self, name: str, **options: Any):
        super().__init__(name, **options)
        self._scope = sw.name_scope(name)

    def __enter__(self) -> Self:
        super().__enter__()
        if self._pop_on_exit:
            self._scope.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        if self._pop_on_exit:
            self._scope.__exit__(*error)
